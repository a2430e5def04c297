"""The Terraform modules on an emulator: the control plane is applied, runs with the real program, is changed and destroyed.

    control_plane_terraform.py PROGRAM
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import control_plane
import lambda_moto
from control_plane import CONFIG, REGION, ROOT, SECRET
from control_plane_stack import execute

MAIN = """
provider "aws" {
  region                      = "%(region)s"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
variable "memory" {
  type = number
}
module "control_plane" {
  source           = "%(root)s/deploy/terraform/control-plane"
  code_bucket      = "code"
  code_key         = "rolecall/1/rolecall.zip"
  external_id      = "%(secret)s"
  target_role_name = "audit"
  shard_size       = 5
  memory           = var.memory
}
module "target_role" {
  source                = "%(root)s/deploy/terraform/target-role"
  central_principal_arn = module.control_plane.function_role_arn
  external_id           = "%(secret)s"
}
output "all" {
  value = module.control_plane
}
"""
# What the emulator does not keep.
FORGOTTEN = {("module.control_plane.aws_lambda_function.scan", "dead_letter_config")}


class Terraform:
    def __init__(self, plane, folder):
        self.plane, self.folder = plane, folder
        # CLI config, mirrors and caches of the caller stay in use; their AWS settings do not.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": plane.url, "AWS_ACCESS_KEY_ID": "central", "AWS_SECRET_ACCESS_KEY": "central",
            "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        with open(f"{folder}/main.tf", "w") as main:
            # A module at an absolute path would be copied without the files beside it.
            main.write(MAIN % {"region": REGION, "root": os.path.relpath(ROOT, os.path.realpath(folder)), "secret": SECRET})

    def run(self, *arguments, codes=(0,)):
        ended = subprocess.run(["terraform", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert ended.returncode in codes, f"terraform {' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def apply(self, memory):
        self.run("apply", "-auto-approve", "-no-color", f"-var=memory={memory}")
        # What was applied is what is there.
        self.run("plan", "-no-color", "-out=plan", f"-var=memory={memory}")
        assert self.planned() <= FORGOTTEN, self.planned()
        outputs = json.loads(self.run("output", "-json", "all"))
        # The emulator does not read conditions, so it denies everything that has no TLS or has it.
        policy = json.loads(self.plane.s3.get_bucket_policy(Bucket=outputs["bucket"])["Policy"])
        assert "aws:SecureTransport" in json.dumps(policy), policy
        self.plane.s3.delete_bucket_policy(Bucket=outputs["bucket"])
        return outputs

    def planned(self):
        """The attributes that would change."""
        changes = [one for one in json.loads(self.run("show", "-json", "plan"))["resource_changes"] if one["change"]["actions"] != ["no-op"]]
        return {
            (one["address"], name) for one in changes for name in one["change"]["after"] or one["change"]["before"]
            if (one["change"]["before"] or {}).get(name) != (one["change"]["after"] or {}).get(name)}


def main():
    plane = control_plane.ControlPlane(sys.argv[1])
    # The modules make these themselves.
    plane.sfn.delete_state_machine(stateMachineArn=plane.machine)
    plane.lambda_.delete_function(FunctionName="rolecall")
    plane.s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    plane.s3.put_object(Bucket="code", Key="rolecall/1/rolecall.zip", Body=plane.package())
    folder = tempfile.mkdtemp(prefix="rolecall-terraform-")
    try:
        terraform = Terraform(plane, folder)
        terraform.run("init", "-no-color")
        outputs = terraform.apply(1024)
        plane.s3.put_object(Bucket=outputs["bucket"], Key="config/rolecall.toml", Body=(CONFIG % "").encode())
        execute(plane, outputs["machine_arn"], "from-terraform")
        assert terraform.apply(2048) == outputs
        memory = plane.lambda_.get_function(FunctionName=outputs["function_arn"])["Configuration"]["MemorySize"]
        assert memory == 2048, memory
        execute(plane, outputs["machine_arn"], "from-the-changed-terraform")
        # The bucket keeps the runs.
        terraform.run("destroy", "-auto-approve", "-no-color", "-var=memory=2048", codes=(1,))
        assert plane.keys("runs/from-terraform/") == [] and plane.s3.list_objects_v2(Bucket=outputs["bucket"])["KeyCount"] > 0
    finally:
        lambda_moto.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    print("ok", flush=True)


control_plane.run(main)
