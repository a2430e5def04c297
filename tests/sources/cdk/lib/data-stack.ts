import { NestedStack, Stack, StackProps } from "aws-cdk-lib";
import { Peer, Port, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

export class DataStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const bucket = new Bucket(this, "Logs", { versioned: false });
    bucket.grantPublicAccess();

    const network = new NestedStack(this, "Network");
    const vpc = new Vpc(network, "Vpc", { maxAzs: 1 });
    const group = new SecurityGroup(network, "Web", { vpc });
    group.addIngressRule(Peer.anyIpv4(), Port.tcp(443));
    group.addIngressRule(Peer.anyIpv4(), Port.tcp(22));

    const raw = new CfnBucket(this, "Raw");
    raw.versioningConfiguration = { status: "Suspended" };
  }
}
