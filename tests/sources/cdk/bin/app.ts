import { App } from "aws-cdk-lib";
import { DataStack } from "../lib/data-stack";

const app = new App();
new DataStack(app, "Data", { env: { account: "111122223333", region: "eu-west-1" } });
