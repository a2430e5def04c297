"""The CloudFormation templates on an emulator: the control plane is created, runs with the real program, and is updated; the target role
reaches the accounts of an OU, and a new member.

    control_plane_stack.py PROGRAM
"""

import json
import logging
import os
import sys
import time
import warnings

import control_plane
import lambda_moto
from control_plane import ACCOUNTS, CONFIG, REGION, ROOT, SECRET

CODE = {"CodeBucket": "code", "CodeKey": "rolecall/1/rolecall.zip", "ExternalId": SECRET, "TargetRoleName": "audit", "ShardSize": "5"}


def template(name):
    return open(f"{ROOT}/deploy/{name}.cloudformation.yaml").read()


def parameters(values):
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def created(plane, cfn):
    """Creates the stack of the control plane. Returns its outputs."""
    cfn.create_stack(
        StackName="rolecall", TemplateBody=template("control-plane"), Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=parameters(CODE))
    stack = cfn.describe_stacks(StackName="rolecall")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def execute(plane, machine, run):
    execution = plane.sfn.start_execution(stateMachineArn=machine, name=run, input=json.dumps({"shard_size": 5}))["executionArn"]
    begun = time.monotonic()
    while (state := plane.sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() - begun < 120, f"{run} does not end"
        time.sleep(0.1)
    assert state["status"] == "SUCCEEDED", state
    answer = json.loads(state["output"])
    assert (answer["accounts"], answer["missing_accounts"], answer["exit"]) == (len(ACCOUNTS), 0, 1), answer
    print(f"{run}: {answer['summary']}", flush=True)


def control_plane_runs(plane, cfn):
    plane.s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    plane.s3.put_object(Bucket="code", Key=CODE["CodeKey"], Body=plane.package())
    outputs = created(plane, cfn)
    plane.s3.put_object(Bucket=outputs["Bucket"], Key="config/rolecall.toml", Body=(CONFIG % "").encode())
    execute(plane, outputs["MachineArn"], "from-the-stack")
    function = plane.lambda_.get_function(FunctionName=outputs["FunctionArn"])["Configuration"]
    assert (function["Timeout"], function["MemorySize"], function["Runtime"]) == (900, 1024, "provided.al2023"), function
    # A new version of the code, and more memory.
    changed = {**CODE, "CodeKey": "rolecall/2/rolecall.zip", "Memory": "2048"}
    plane.s3.put_object(Bucket="code", Key=changed["CodeKey"], Body=plane.package())
    cfn.update_stack(
        StackName="rolecall", TemplateBody=template("control-plane"), Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=parameters(changed))
    stack = cfn.describe_stacks(StackName="rolecall")["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE", stack
    function = plane.lambda_.get_function(FunctionName=outputs["FunctionArn"])["Configuration"]
    assert function["MemorySize"] == 2048, function
    execute(plane, outputs["MachineArn"], "from-the-updated-stack")


def target_role_reaches_members(plane, cfn):
    """The emulator has no stack sets as resources of a stack, so the stack set is created by its API from the same template."""
    organizations = plane.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]

    def member(number, inside):
        account = organizations.create_account(AccountName=f"member-{number}", Email=f"{number}@example.com")["CreateAccountStatus"]["AccountId"]
        if inside:
            organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
        return account

    def has_role(account):
        role = plane.sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="test")["Credentials"]
        iam = plane.client("iam", role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
        return "rolecall" in [one["RoleName"] for one in iam.list_roles()["Roles"]]

    inside, outside = [member(number, True) for number in range(2)], member(2, False)
    cfn.create_stack_set(
        StackSetName="rolecall-target-role", TemplateBody=template("target-role"), PermissionModel="SERVICE_MANAGED",
        AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": False}, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=parameters({"CentralPrincipalArn": "arn:aws:iam::123456789012:role/rolecall", "ExternalId": SECRET}))

    def deploy():
        cfn.create_stack_instances(
            StackSetName="rolecall-target-role", DeploymentTargets={"OrganizationalUnitIds": [unit]}, Regions=[REGION])

    deploy()
    assert [has_role(one) for one in (*inside, outside)] == [True, True, False]
    # AWS deploys to a new member by itself; the emulator has to be told.
    new = member(3, True)
    assert not has_role(new)
    deploy()
    assert has_role(new) and not has_role(outside)
    print("the target role is in the three accounts of the OU, and in no other", flush=True)


def main():
    logging.disable(logging.ERROR)
    # Bucket policies, schedules and alarms are not part of the emulator's CloudFormation.
    warnings.simplefilter("ignore")
    plane = control_plane.ControlPlane(sys.argv[1])
    cfn = plane.client("cloudformation")
    # The stack makes these itself.
    plane.sfn.delete_state_machine(stateMachineArn=plane.machine)
    plane.lambda_.delete_function(FunctionName="rolecall")
    try:
        control_plane_runs(plane, cfn)
        target_role_reaches_members(plane, cfn)
    finally:
        lambda_moto.stop_all()
    print("ok", flush=True)
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        import traceback
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
