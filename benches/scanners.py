#!/usr/bin/env python3
"""Measures rolecall beside Prowler and Cloud Custodian on the same account of moto, and prints the table of
docs/benchmarks.md.

    python3 benches/scanners.py [--program PATH] [--buckets 200] [--instances 200] [--runs 3]

Without --program, it builds what is published, by `cargo xtask dist`. The other scanners and moto are installed under
target/scanners, from PyPI. moto runs as a process of its own, whose time is not counted; it serves one request at a
time, so processing time says more than wall time. Each scanner writes its report as JSON. Linux and macOS.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from evaluation import ROOT, TARGET, published

FOLDER = f"{TARGET}/scanners"
PROWLER = "prowler==5.46.0"
CUSTODIAN = "c7n==0.9.53"
ACCOUNT = "123456789012"
REGION = "us-east-1"

# Fills the account at the endpoint argv[1] with argv[2] buckets and argv[3] instances.
FILL = """
import sys, boto3
endpoint, buckets, instances = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s3 = boto3.client("s3", endpoint_url=endpoint)
for number in range(buckets):
    name = f"bucket-{number:05}"
    s3.create_bucket(Bucket=name)
    if number % 2:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if number % 3 == 0:
        settings = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
        configuration = {setting: True for setting in settings}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=configuration)
ec2 = boto3.client("ec2", endpoint_url=endpoint)
image = ec2.register_image(Name="image", RootDeviceName="/dev/sda1")["ImageId"]
for number in range(0, instances, 50):
    count = min(50, instances - number)
    ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, InstanceType="t3.micro")
for number in range(max(1, instances // 10)):
    group = ec2.create_security_group(GroupName=f"group-{number}", Description="group")["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
"""

# What Cloud Custodian has for the same resources; it has no pack of rules of its own.
POLICIES = {
    "policies": [
        {"name": "s3-public-access", "resource": "aws.s3",
         "filters": [{"type": "check-public-block", "BlockPublicAcls": False}]},
        {"name": "s3-versioning", "resource": "aws.s3",
         "filters": [{"not": [{"type": "value", "key": "Versioning.Status", "value": "Enabled"}]}]},
        {"name": "s3-encryption", "resource": "aws.s3",
         "filters": [{"type": "bucket-encryption", "state": False}]},
        {"name": "s3-logging", "resource": "aws.s3", "filters": [{"type": "bucket-logging", "op": "disabled"}]},
        {"name": "sg-ssh", "resource": "aws.security-group",
         "filters": [{"type": "ingress", "Ports": [22], "Cidr": {"value": "0.0.0.0/0"}}]},
        {"name": "ebs-encrypted", "resource": "aws.ebs", "filters": [{"Encrypted": False}]},
        {"name": "ec2-imdsv2", "resource": "aws.ec2", "filters": [{"MetadataOptions.HttpTokens": "optional"}]},
    ]
}


def install(name, *packages):
    """A virtual environment with packages, which stays for the next run."""
    folder = f"{FOLDER}/{name}"
    if not os.path.exists(f"{folder}/installed"):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # pip itself takes many minutes to find versions for Prowler that fit together.
        subprocess.run([*pip, "uv"], check=True)
        uv = [f"{folder}/bin/uv", "pip", "install", "--quiet", "--python", f"{folder}/bin/python"]
        subprocess.run([*uv, *packages], check=True)
        open(f"{folder}/installed", "w", encoding="utf-8").close()
    return f"{folder}/bin"


def environment(endpoint, home):
    """No setting of the user reaches a scanner."""
    return {
        "PATH": os.environ["PATH"], "HOME": home, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
    }


def run(command, folder, env, allowed):
    """Wall time, processing time with that of child processes, and peak memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in allowed:
        sys.exit(f"{' '.join(command)} failed:\n{text.decode()[-3000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program")
    parser.add_argument("--buckets", type=int, default=200)
    parser.add_argument("--instances", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program or published())
    moto = install("moto", "-r", f"{ROOT}/tests/requirements.txt")
    prowler = install("prowler", PROWLER)
    custodian = install("custodian", CUSTODIAN)
    server = subprocess.Popen(
        [f"{moto}/python", f"{ROOT}/tests/it/support/moto_server.py", "blank"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    try:
        endpoint = f"http://127.0.0.1:{json.loads(server.stdout.readline())['port']}"
        with tempfile.TemporaryDirectory() as folder:
            env = environment(endpoint, folder)
            numbers = [str(arguments.buckets), str(arguments.instances)]
            subprocess.run([f"{moto}/python", "-c", FILL, endpoint, *numbers], env=env, check=True)
            with open(f"{folder}/rolecall.toml", "w", encoding="utf-8") as file:
                file.write(f'[role]\nname = "scan"\nexternal_id = {{ env = "ROLECALL_EXTERNAL_ID" }}\n'
                           f'[scan]\nregions = ["{REGION}"]\n[[account]]\nid = "{ACCOUNT}"\n')
            with open(f"{folder}/policies.json", "w", encoding="utf-8") as file:
                json.dump(POLICIES, file)
            env["ROLECALL_EXTERNAL_ID"] = "external-id"
            # What a scanner returns if it finds something is no failure.
            scan = [program, "scan", "--quiet", "--output", "json=report.json"]
            scanners = [
                ("rolecall, all rules", (0, 1, 3), [*scan, "--rule-profile", "all"]),
                ("rolecall, default profile", (0, 1, 3), scan),
                (f"{PROWLER.replace('==', ' ').title()}, services `s3` and `ec2`", (0, 3),
                 [f"{prowler}/prowler", "aws", "--service", "s3", "ec2", "--region", REGION, "--no-banner",
                  "--output-formats", "json-ocsf", "--output-directory", "prowler"]),
                (f"Cloud Custodian {CUSTODIAN.split('==')[1]}, {len(POLICIES['policies'])} policies", (0,),
                 [f"{custodian}/custodian", "run", "--cache-period", "0", "--region", REGION,
                  "--output-dir", "custodian", "policies.json"]),
            ]
            print("| scanner | wall | user + sys | peak memory | user + sys of rolecall, all rules | default profile |")
            print("|---|---|---|---|---|---|")
            own = []
            for name, allowed, command in scanners:
                results = [run(command, folder, env, allowed) for _ in range(arguments.runs)]
                wall, processing, memory = [statistics.median(column) for column in zip(*results)]
                if name.startswith("rolecall"):
                    own.append(processing)
                ratios = " | ".join(f"{processing / rolecall:.1f} ×" for rolecall in own)
                print(f"| {name} | {wall:.1f} s | {processing:.2f} s | {memory:.0f} MiB | {ratios} |", flush=True)
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    main()
