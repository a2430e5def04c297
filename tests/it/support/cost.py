"""How many calls a scan makes: one account with 200 buckets and 200 instances in one region of moto, and three choices of rules.

`cost.py PROGRAM`, run by `tests/cost.sh`. The numbers are from `calls` in run.json.
"""

import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from seed import IRELAND, Account

ACCOUNT = "111122223333"
BUCKETS = 200
INSTANCES = 200
RULE = """//! A rule that needs everything.
//!
//! ## Why it matters
//! It does not.
//!
//! ## How to fix it
//! Not at all.
//!
//! ## References
//! - https://aws.example

const RULE = #{{ title: "everything", resource: "{kind}", needs: {needs}, severity: "info" }};

fn check(resource, params) {{
    pass()
}}
"""


def serve():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def seed(endpoint):
    account = Account(endpoint, ACCOUNT, [])
    s3, ec2 = account.client("s3", IRELAND), account.client("ec2", IRELAND)
    for number in range(BUCKETS):
        s3.create_bucket(Bucket=f"cost-{number}", CreateBucketConfiguration={"LocationConstraint": IRELAND})
        # Half of them as AWS creates them by default today.
        ownership = "BucketOwnerEnforced" if number % 2 else "ObjectWriter"
        s3.put_bucket_ownership_controls(
            Bucket=f"cost-{number}", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
        )
    image = ec2.register_image(Name="cost", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=INSTANCES, MaxCount=INSTANCES, InstanceType="t3.micro")


def everything(program, folder):
    """A rule for each kind that needs all of its facts, as the program lists them."""
    page = subprocess.run([program, "facts", "--format", "markdown"], check=True, capture_output=True, text=True).stdout
    for kind, facts in re.findall(r"^\| \[`([^`]+)`\]\([^)]*\) \| [^|]* \| ([^|]*) \|", page, re.MULTILINE):
        rule = RULE.format(kind=kind, needs=json.dumps(re.findall(r"`([^`]+)`", facts)))
        name = "all-" + re.sub("[._]", "-", kind)
        (folder / f"{name}.rhai").write_text(rule)


def main():
    program = os.path.abspath(sys.argv[1])
    endpoint = serve()
    seed(endpoint)
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        (place / "all").mkdir()
        everything(program, place / "all")
        (place / "rolecall.toml").write_text(
            f'[role]\nname = "audit"\n[[account]]\nid = "{ACCOUNT}"\n[scan]\nregions = ["{IRELAND}"]\n'
        )
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": IRELAND,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        choices = {
            "the built-in rules": [],
            "every fact of every kind": ["--rules", "all", "--rule", "all-*"],
            "one rule, s3-bucket-versioning": ["--rule", "s3-bucket-versioning"],
        }
        print(f"One account, one region, {BUCKETS} buckets, {INSTANCES} instances.\n")
        for number, (name, arguments) in enumerate(choices.items()):
            command = [program, "collect", "--quiet", "--snapshot", f"snapshot-{number}", *arguments]
            ended = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
            record = place / f"snapshot-{number}" / "run.json"
            if not record.exists():
                sys.exit(ended.stderr)
            calls = json.loads(record.read_text())["calls"]
            print(f"{name}: {sum(calls.values())} calls")
            for call, times in sorted(calls.items(), key=lambda item: (-item[1], item[0])):
                if times > 1:
                    print(f"  {times:5} {call}")
            once = sum(times == 1 for times in calls.values())
            print(f"  {once:5} others, once each\n")
    sys.stdout.flush()
    os._exit(0)


main()
