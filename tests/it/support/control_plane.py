"""The whole control plane on an emulator: the real program as a function, the real state machine, 20 accounts, and one way after the
other in which it can go wrong.

    control_plane.py PROGRAM [SCENARIO…]

PROGRAM is a zip file, or a program that a one-line `bootstrap` starts. Without scenarios, all of them run. Every scenario asks the bucket
for what arrived, because the emulator reports a map run as successful whatever happens in it.
"""

import base64
import hashlib
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import zipfile

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

import boto3
from botocore.config import Config

import lambda_moto

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUCKET, REGION, SECRET = "rolecall-runs", "eu-west-1", "a-secret-external-id"
ACCOUNTS = [f"{100000000000 + 7 * number:012}" for number in range(20)]
B, C = ACCOUNTS[1:3]
TIMEOUT = 12
CONFIG = f"""
[role]
name = "audit"
external_id = {{ env = "ROLECALL_EXTERNAL_ID" }}
[scan]
fail_on = "low"
regions = ["{REGION}"]
max_attempts = 1
[scan.selection]
name = "nightly"
rules = ["s3-bucket-versioning"]
%s
""" + "".join(f'[[account]]\nid = "{account}"\n' for account in ACCOUNTS)
RULE = "s3-bucket-versioning"
OWN_RULE = """//! Always passes.
const RULE = #{ title: "Own", resource: "s3.bucket", severity: "low" };
fn check(bucket, params) { pass() }
"""


class Faults:
    """What happens to requests, by the account that they are about."""

    def __init__(self):
        self.sessions, self.lock, self.puts, self.parts, self.writers, self.owners = {}, threading.Lock(), 0, 0, {}, set()
        self.reset()

    def reset(self, entering=None, calls=None, storage=None, hanging=None):
        """`entering`: one action for each AssumeRole, the last one for all further ones; `calls`: seconds that each call takes;
        `hanging`: an upload whose key ends so has no response; `storage`: for requests for a key, or lists of a prefix, of the bucket: how many of them are throttled."""
        with self.lock:
            self.storage, self.throttled, self.hanging = dict(storage or {}), 0, hanging
            self.entering, self.calls, self.entered = dict(entering or {}), dict(calls or {}), {}

    def layer(self, application):
        def handle(environ, start_response):
            key = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
            key = key and key[1]
            if delay := self.calls.get(self.sessions.get(key)):
                time.sleep(delay)
            if self.throttles(environ):
                start_response("503 Slow Down", [("Content-Type", "application/xml")])
                return [b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"]
            if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].count("/") > 1:
                bucket = environ["PATH_INFO"].split("/")[1]
                self.puts += bucket == BUCKET
                self.parts += bucket == BUCKET and "partNumber=" in environ.get("QUERY_STRING", "")
                self.writers.setdefault(bucket, set()).add(self.sessions.get(key))
                if environ["PATH_INFO"].startswith(f"/{BUCKET}/runs/"):
                    self.owners.add(environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"))
                if self.hanging and environ["PATH_INFO"].endswith(self.hanging):
                    time.sleep(2 * TIMEOUT)
            if environ.get("QUERY_STRING", "").startswith("versioning") and environ["REQUEST_METHOD"] == "GET":
                return self.versioning(application, environ, start_response)
            if "/sts/" not in environ.get("HTTP_AUTHORIZATION", ""):
                return application(environ, start_response)
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            form = urllib.parse.parse_qs(body.decode())
            arn = form.get("RoleArn", [""])[0]
            if not arn:
                return application(environ, start_response)
            account = arn.split(":")[4]
            if not arn.endswith(":role/audit"):
                return self.remember(application(environ, start_response), account)
            if form.get("ExternalId") != [SECRET]:
                start_response("403 Forbidden", [("Content-Type", "text/xml")])
                return [b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>wrong external id</Message></Error></ErrorResponse>"]
            with self.lock:
                self.entered[account] = self.entered.get(account, 0) + 1
                actions = self.entering.get(account) or ["ok"]
                action = actions.pop(0) if len(actions) > 1 else actions[0]
            self.act(action, lambda_moto.environments.get(key))
            return self.remember(application(environ, start_response), account)
        return handle

    def remember(self, answer, account):
        """Whose the credentials in an answer are."""
        answer = list(answer)
        if found := re.search(rb"<AccessKeyId>([^<]+)<", b"".join(answer)):
            self.sessions[found[1].decode()] = account
        return answer

    def throttles(self, environ):
        prefix = urllib.parse.parse_qs(environ.get("QUERY_STRING", "")).get("prefix", [""])[0]
        key = environ["PATH_INFO"].removeprefix(f"/{BUCKET}").strip("/") or prefix
        with self.lock:
            if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith(f"/{BUCKET}") or not self.storage.get(key):
                return False
            self.storage[key] -= 1
            self.throttled += 1
            return True

    @staticmethod
    def versioning(application, environ, start_response):
        """The root element that AWS sends, which is another one in moto."""
        begun = []
        body = b"".join(application(environ, lambda *head: begun.append(head)))
        status, headers, *_ = begun[-1]
        body = body.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration").replace(
            b"GetBucketVersioningResult", b"VersioningConfiguration")
        start_response(status, [one for one in headers if one[0].lower() != "content-length"] + [("Content-Length", str(len(body)))])
        return [body]

    @staticmethod
    def act(action, environment):
        name, _, seconds = action.partition(":")
        time.sleep(float(seconds or 0))
        process = environment and environment.process
        if name == "crash":
            os.killpg(process.pid, signal.SIGKILL)
        elif name == "hang":
            os.killpg(process.pid, signal.SIGSTOP)


class ControlPlane:
    def __init__(self, program):
        self.faults, self.program = Faults(), program
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.serve(port)
        for account in ACCOUNTS:
            self.seed(account)
        self.create({"ROLECALL_EXTERNAL_ID": SECRET}, TIMEOUT)

    def serve(self, port):
        self.url = f"http://127.0.0.1:{port}"
        threading.Thread(target=lambda_moto.serve, args=(port, self.faults.layer), daemon=True).start()
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)
        self.s3, self.lambda_, self.iam, self.sfn, self.sts = (
            self.client(one) for one in ("s3", "lambda", "iam", "stepfunctions", "sts"))

    def create(self, environment, timeout):
        """The bucket, the function and the state machine."""
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        role = self.iam.create_role(RoleName="rolecall-central", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        function = self.lambda_.create_function(
            FunctionName="rolecall", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": self.package()},
            Timeout=timeout, MemorySize=1024,
            Environment={"Variables": {"ROLECALL_BUCKET": BUCKET, "AWS_EC2_METADATA_DISABLED": "true", **environment}})
        text = open(f"{ROOT}/deploy/state-machine.asl.json").read()
        text = text.replace("${Function}", function["FunctionArn"]).replace("${Bucket}", BUCKET)
        self.machine = self.sfn.create_state_machine(name="rolecall", definition=text, roleArn=role)["stateMachineArn"]

    def client(self, service, key="central", secret="central", token=None):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
            aws_session_token=token, config=Config(retries={"total_max_attempts": 1}, read_timeout=300))

    def session(self, account):
        """A client for S3 in an account."""
        role = self.sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/seed", RoleSessionName="seed")["Credentials"]
        return self.client("s3", role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])

    def seed(self, account):
        s3 = self.session(account)
        for number in range(2):
            name = f"data-{account}-{number}"
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
            if number:
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def package(self):
        if self.program.endswith(".zip"):
            return open(self.program, "rb").read()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as package:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            package.writestr(entry, f"#!/bin/sh\nexec {os.path.abspath(self.program)}\n")
        return packed.getvalue()

    # What is in the bucket.

    def put(self, key, text):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def get(self, key):
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def collected(self, run):
        return sorted(key[-18:-6] for key in self.keys(f"runs/{run}/accounts/") if key.endswith(".jsonl"))

    # Runs.

    def execute(self, run, shard_size, config="", **faults):
        """A whole run. Returns how the execution ended."""
        self.faults.reset(**faults)
        self.put("config/rolecall.toml", CONFIG % config)
        return self.start(run, shard_size)

    def start(self, run, shard_size):
        self.s3.delete_object(Bucket=BUCKET, Key="latest.json")
        begun = time.monotonic()
        execution = self.sfn.start_execution(stateMachineArn=self.machine, name=run, input=json.dumps({"shard_size": shard_size}))
        while (state := self.sfn.describe_execution(executionArn=execution["executionArn"]))["status"] == "RUNNING":
            assert time.monotonic() - begun < 1800, f"{run} does not end"
            time.sleep(0.05)
        print(f"{run}: {state['status']} after {time.monotonic() - begun:.1f} s, {len(self.collected(run))} accounts", flush=True)
        return state

    def report(self, run):
        """The report of a run, without its times of collection."""
        report = self.get(f"runs/{run}/report.json")
        for account in report["accounts"]:
            account["collected_at"] = None
        return report

    def complete(self, run, state):
        assert state["status"] == "SUCCEEDED", state
        assert self.collected(run) == ACCOUNTS, self.collected(run)
        assert self.report(run) == self.plain(), f"{run}: not the report of a plain scan"

    def incomplete(self, run, state, missing):
        assert state["status"] == "FAILED" and "ncomplete" in state["error"], state
        report = self.report(run)
        assert [one["account"] for one in report["accounts"] if not one["entered"]] == missing, missing
        assert self.get("latest.json")["exit"] == 3

    def on_a_laptop(self, folder, *arguments):
        """Runs the program as a person does."""
        program = self.program
        if program.endswith(".zip"):
            zipfile.ZipFile(program).extract("bootstrap", folder)
            program = f"{folder}/bootstrap"
            os.chmod(program, 0o755)
        return subprocess.run(
            [os.path.abspath(program), *arguments], cwd=folder, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "central", "AWS_REGION": REGION,
                 "AWS_SECRET_ACCESS_KEY": "central", "AWS_EC2_METADATA_DISABLED": "true", "ROLECALL_EXTERNAL_ID": SECRET})

    def plain(self):
        """The report of `rolecall scan` over the same accounts."""
        if not hasattr(self, "expected"):
            self.faults.reset()
            with tempfile.TemporaryDirectory() as folder:
                with open(f"{folder}/rolecall.toml", "w") as config:
                    config.write(CONFIG % "")
                ended = self.on_a_laptop(folder, "scan", "-q", "-o", "json=report.json")
                assert ended.returncode == 1, (ended.returncode, ended.stderr)
                report = json.load(open(f"{folder}/report.json"))
            for account in report["accounts"]:
                account["collected_at"] = None
            # What the calls of one process took; a report that is merged from shards does not have it.
            del report["summary"]["collection"]
            self.expected = report
        return self.expected


def clean(plane):
    state = plane.execute("clean", 5)
    assert plane.faults.entered == {account: 1 for account in ACCOUNTS}, plane.faults.entered
    plane.complete("clean", state)
    # Only a bucket of the function's own account is written to.
    assert plane.faults.owners == {"123456789012"}, plane.faults.owners
    answer = json.loads(state["output"])
    assert (answer["exit"], answer["accounts"], answer["missing"]) == (1, len(ACCOUNTS), []), answer
    assert f"{len(ACCOUNTS)} failed" in answer["summary"], answer
    names = plane.keys("runs/clean/")
    for name in ("targets.json", "shards.json", "report.json", "report.sarif", "summary.txt", "run.json"):
        assert f"runs/clean/{name}" in names, names
    assert plane.get("latest.json")["run"] == "clean"
    everything = b"".join(plane.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in plane.keys("runs/"))
    assert SECRET.encode() not in everything, "the external id leaks"
    # The accounts of a run are a snapshot once they are merged.
    with tempfile.TemporaryDirectory() as folder:
        place = f"s3://{BUCKET}/runs/clean"
        merged = plane.on_a_laptop(folder, "merge", f"{place}/accounts", "--targets", f"{place}/targets.json", "--into", "first")
        assert merged.returncode == 0, merged
        counted = plane.on_a_laptop(folder, "inventory", "--snapshot", "first", "--count", "--format", "json")
        assert counted.returncode == 0 and counted.stdout.count("s3.bucket") == len(ACCOUNTS), counted
    # Repeating a run collects nothing again.
    plane.faults.reset()
    for shard in plane.get("runs/clean/shards.json"):
        event = {"v": 1, "action": "collect", "run": "clean", **shard, "round": 0, "stalled": 0}
        answer = invoke(plane, event)
        assert (answer["collected"], answer["kept"], answer["accounts"]) == (0, len(shard["accounts"]), []), answer
    assert plane.faults.entered == {}, plane.faults.entered


def crash_once(plane):
    state = plane.execute("crash-once", 1, entering={B: ["crash", "ok"]})
    assert plane.faults.entered[B] == 2, plane.faults.entered
    plane.complete("crash-once", state)


def crash_always(plane):
    state = plane.execute("crash-always", 1, entering={B: ["crash"]})
    assert plane.faults.entered[B] == 3, plane.faults.entered
    plane.incomplete("crash-always", state, [B])


def config_error(plane):
    begun = len(plane.keys("runs/config-error/"))
    state = plane.execute("config-error", 1, config="[scn]")
    assert state["status"] == "FAILED" and state["error"] == "Rolecall.Config", state
    assert "did you mean" in state["cause"] or "scn" in state["cause"], state
    assert len(plane.keys("runs/config-error/")) == begun == 0
    events = plane.sfn.get_execution_history(executionArn=state["executionArn"])["events"]
    assert sum(event["type"] == "TaskScheduled" for event in events) == 1, "tried again"


def storage_error(plane):
    """The rules cannot be read for as long as one invocation tries; the next one reads them."""
    plane.put("config/rules/own-rule.rhai", OWN_RULE)
    for key in ("config/rules/", "config/rolecall.toml"):
        plane.faults.reset(storage={key: 1000})
        plane.put("config/rolecall.toml", CONFIG.replace("[scan]", "[scan]\nrule_folders = [\"rules\"]", 1) % "")
        answer = invoke(plane, {"v": 1, "action": "targets", "run": "storage-error"}, fails=True)
        # The SDK tries again until the invocation has to end.
        assert answer["errorType"] == "Rolecall.Storage" and key.strip("/") in answer["errorMessage"], answer
        assert plane.faults.throttled > 1, plane.faults.throttled
    plane.s3.delete_object(Bucket=BUCKET, Key="config/rules/own-rule.rhai")
    plane.faults.reset()
    for missing in ("config/rules", "config/rolecall.toml"):
        plane.s3.delete_object(Bucket=BUCKET, Key=missing)
        answer = invoke(plane, {"v": 1, "action": "targets", "run": "storage-error"}, fails=True)
        assert answer["errorType"] == "Rolecall.Config" and missing in answer["errorMessage"], answer
    assert plane.keys("runs/storage-error/") == []
    plane.put("config/rolecall.toml", CONFIG % "")


def upload_hangs(plane):
    """An upload without a response ends in an error before the function is killed."""
    plane.faults.reset()
    plane.put("config/rolecall.toml", CONFIG % "")
    invoke(plane, {"v": 1, "action": "targets", "run": "upload-hangs", "shard_size": 2})
    shard = plane.get("runs/upload-hangs/shards.json")[0]
    event = {"v": 1, "action": "collect", "run": "upload-hangs", **shard, "round": 0, "stalled": 0}
    plane.faults.reset(hanging=f"{shard['accounts'][0]}.jsonl")
    answer = invoke(plane, event, fails=True)
    assert answer["errorType"] == "Rolecall.Storage" and "deadline" in answer["errorMessage"], answer
    assert plane.collected("upload-hangs") == sorted(shard["accounts"][1:]), plane.collected("upload-hangs")
    plane.faults.reset()
    answer = invoke(plane, event)
    assert (answer["collected"], answer["kept"], answer["accounts"]) == (1, 1, []), answer


def nameless_selection(plane):
    """A config with which no report can be written is refused before accounts are collected."""
    plane.faults.reset()
    plane.put("config/rolecall.toml", CONFIG.replace('name = "nightly"\n', "") % "")
    answer = invoke(plane, {"v": 1, "action": "scan", "run": "nameless"}, fails=True)
    assert answer["errorType"] == "Rolecall.Config" and "set `name`" in answer["errorMessage"], answer
    assert plane.keys("runs/nameless/") == [] and plane.faults.entered == {}, plane.faults.entered


def hang(plane):
    state = plane.execute("hang", 1, entering={C: ["hang", "ok"]})
    assert plane.faults.entered[C] == 2, plane.faults.entered
    plane.complete("hang", state)


def deadline(plane):
    slow = {account: ["slow:3"] for account in ACCOUNTS}
    state = plane.execute("deadline", 4, config="[scan.concurrency]\naccounts = 1\n", entering=slow)
    assert len(plane.keys("runs/deadline/run/")) > 5, plane.keys("runs/deadline/run/")
    assert max(plane.faults.entered.values()) <= 2, plane.faults.entered
    plane.complete("deadline", state)


def account_too_big(plane):
    state = plane.execute("account-too-big", 4, calls={B: 3.5})
    plane.incomplete("account-too-big", state, [])
    assert plane.collected("account-too-big") == ACCOUNTS
    accounts = {one["account"]: one for one in plane.report("account-too-big")["accounts"]}
    assert [one for one in accounts if not accounts[one]["complete"]] == [B]
    assert "OutOfTime" in json.dumps(accounts[B]), accounts[B]


def crash_within_a_shard(plane):
    state = plane.execute("crash-within-a-shard", 4, entering={C: ["crash:3", "ok"]})
    shard = next(one["accounts"] for one in plane.get("runs/crash-within-a-shard/shards.json") if C in one["accounts"])
    assert {one: plane.faults.entered[one] for one in shard} == {one: 1 + (one == C) for one in shard}, plane.faults.entered
    plane.complete("crash-within-a-shard", state)


def one_function(plane):
    plane.faults.reset()
    plane.put("config/rolecall.toml", CONFIG % "")
    plane.s3.delete_object(Bucket=BUCKET, Key="latest.json")
    answer = invoke(plane, {"v": 1, "action": "scan", "run": "one-function"})
    assert (answer["exit"], answer["missing"]) == (1, []), answer
    assert plane.report("one-function") == plane.plain()
    # The next night is compared with this one.
    invoke(plane, {"v": 1, "action": "scan", "run": "next-night"})
    accounts = plane.get("runs/next-night/report.json")["accounts"]
    states = {finding["state"] for account in accounts for finding in account["findings"] if finding["verdict"] == "fail"}
    assert states == {"unchanged"}, states
    plan(plane)


def plan(plane):
    """The plan of the newest run, and that of a named one, are those that a laptop makes of the same snapshot."""
    before = plane.keys("")
    newest = invoke(plane, {"v": 1, "action": "plan"})
    assert (newest["run"], newest["plan"]) == ("next-night", f"s3://{BUCKET}/runs/next-night/plan.json"), newest
    named = invoke(plane, {"v": 1, "action": "plan", "run": "one-function", "unsafe_fixes": True})
    assert named["run"] == "one-function" and named["findings"] == newest["findings"] > 0, named
    for answer in (newest, named):
        text = plane.s3.get_object(Bucket=BUCKET, Key=f"runs/{answer['run']}/plan.json")["Body"].read()
        assert answer["hash"] == "sha256:" + hashlib.sha256(text).hexdigest(), answer
        assert len(json.loads(text)["items"]) == answer["items"], answer
        settled = answer["fixable"] + answer["hidden"] + answer["by_hand"] + answer["not_planned"]
        assert settled == answer["findings"], answer
        markdown = plane.s3.get_object(Bucket=BUCKET, Key=f"runs/{answer['run']}/plan.md")["Body"].read().decode()
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/plan.json", "wb") as file:
                file.write(text)
            shown = plane.on_a_laptop(folder, "remediate", "show", "plan.json", "--format", "markdown")
            assert (shown.returncode, shown.stdout) == (0, markdown), shown.stderr
    # Nothing else is written.
    written = sorted(set(plane.keys("")) - set(before))
    assert written == [f"runs/{run}/plan.{end}" for run in ("next-night", "one-function") for end in ("json", "md")], written


def bucket_of_another_account(plane):
    """Reports go to a bucket of another account too, through a role of that account; the runs stay in the function's own bucket."""
    account, bucket = "444455556666", "their-reports"
    theirs = plane.session(account)
    theirs.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    config = f"""
[[output]]
format = "json"
path = "s3://{bucket}/{{date}}/report.json"
[storage]
role = "arn:aws:iam::{account}:role/rolecall-sink"
bucket_owner = "{account}"
"""
    plane.faults.reset()
    plane.put("config/rolecall.toml", CONFIG.replace("%s", "") + config)
    plane.s3.delete_object(Bucket=BUCKET, Key="latest.json")
    answer = invoke(plane, {"v": 1, "action": "scan", "run": "another-account"})
    assert (answer["exit"], answer["missing"]) == (1, []), answer
    [written] = theirs.list_objects_v2(Bucket=bucket)["Contents"]
    body = theirs.get_object(Bucket=bucket, Key=written["Key"])["Body"].read()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/report.json", written["Key"]), written
    assert json.loads(body) == plane.get("runs/another-account/report.json")
    assert plane.faults.writers[bucket] == {account} and account not in plane.faults.writers[BUCKET], plane.faults.writers


def killed_at_every_moment(plane):
    """The function is killed at every 50 ms of a shard's life, and the shard is tried again, as the state machine does."""
    plane.faults.reset()
    plane.put("config/rolecall.toml", CONFIG % "")
    plane.s3.delete_object(Bucket=BUCKET, Key="latest.json")

    def begin(run):
        invoke(plane, {"v": 1, "action": "targets", "run": run, "shard_size": 4})
        shard = plane.get(f"runs/{run}/shards.json")[0]
        return sorted(shard["accounts"]), {"v": 1, "action": "collect", "run": run, **shard, "round": 0, "stalled": 0}

    _, event = begin("not-killed")
    lambda_moto.kill_all()  # a cold start is part of a life
    begun = time.monotonic()
    invoke(plane, event)
    life = int((time.monotonic() - begun) * 1000)
    moments = range(0, life + 100, 50)
    for moment in moments:
        run = f"killed-at-{moment}"
        accounts, event = begin(run)
        lambda_moto.kill_all()
        first = threading.Thread(target=plane.lambda_.invoke, kwargs={"FunctionName": "rolecall", "Payload": json.dumps(event)})
        first.start()
        time.sleep(moment / 1000)
        lambda_moto.kill_all()
        first.join()
        whole = plane.collected(run)
        answer = invoke(plane, event)
        assert answer["kept"] >= len(whole) and answer["collected"] + answer["kept"] == len(accounts), (moment, whole, answer)
        assert answer["accounts"] == [] and plane.collected(run) == accounts, (moment, answer)
        answer = invoke(plane, {"v": 1, "action": "report", "run": run})
        assert sorted(answer["missing"]) == sorted(set(ACCOUNTS) - set(accounts)) and answer["exit"] == 3, (moment, answer)
        complete = [one["account"] for one in plane.report(run)["accounts"] if one["complete"]]
        assert complete == accounts, (moment, complete)
        plane.s3.delete_object(Bucket=BUCKET, Key="latest.json")
    print(f"killed at {len(moments)} moments of {life} ms", flush=True)


def cold_start(plane):
    """How long a process takes until it asks for its first event. Nothing is asserted: it depends on the machine."""
    invoke(plane, {"v": 1, "action": "report", "run": "no-such-run"}, fails=True)
    function = next(iter(lambda_moto.environments.values())).function
    times = []
    for _ in range(20):
        environment = lambda_moto.Environment(function)
        assert environment.ready.wait(10), "the function does not ask for an event"
        times.append((time.monotonic() - environment.began) * 1000)
        environment.stop(signal.SIGKILL)
    times.sort()
    print(f"cold start: median {times[10]:.0f} ms, slowest of 20 {times[-1]:.0f} ms", flush=True)


def invalid_events(plane):
    for event, kind in [
        ([], "Rolecall.Event"),
        ({"v": 1, "action": "scan", "acounts": []}, "Rolecall.Event"),
        ({"v": 2, "action": "scan"}, "Rolecall.Event"),
        ({"v": 1, "action": "report", "run": "no-such-run"}, "Rolecall.Event"),
        ({"v": 1, "action": "plan", "run": "no-such-run"}, "Rolecall.Event"),
        ({"v": 1, "action": "plan", "approved": "sha256:0"}, "Rolecall.Event"),
        ({"v": 1, "action": "apply"}, "Rolecall.Event"),
        ({"v": 1, "action": "report", "run": "../x"}, "Rolecall.Event"),
    ]:
        answer = invoke(plane, event, fails=True)
        assert answer["errorType"] == kind and answer["errorMessage"], (event, answer)


def invoke(plane, event, fails=False):
    answer = plane.lambda_.invoke(FunctionName="rolecall", Payload=json.dumps(event), LogType="Tail")
    payload = json.loads(answer["Payload"].read())
    log = base64.b64decode(answer.get("LogResult", "")).decode()
    assert ("FunctionError" in answer) == fails, f"{event}: {payload}\n{log}"
    return payload


SCENARIOS = {
    one.__name__.replace("_", "-"): one
    for one in (clean, crash_once, crash_always, config_error, storage_error, upload_hangs, hang, deadline, account_too_big,
                crash_within_a_shard, one_function, bucket_of_another_account, nameless_selection, invalid_events, cold_start, killed_at_every_moment)
}

# They are about the time limit of the function. The others have more time, so that a slow machine is no error.
SHORT = {storage_error, upload_hangs, hang, deadline, account_too_big}


def main():
    program, names = sys.argv[1], sys.argv[2:] or list(SCENARIOS)
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        sys.exit(f"unknown scenario {unknown[0]}: use one of {', '.join(SCENARIOS)}")
    plane = ControlPlane(program)
    try:
        plane.put("config/rolecall.toml", CONFIG % "")
        for name in names:
            limit = TIMEOUT if SCENARIOS[name] in SHORT else 120
            plane.lambda_.update_function_configuration(FunctionName="rolecall", Timeout=limit)
            SCENARIOS[name](plane)
            print(f"ok {name}", flush=True)
    finally:
        lambda_moto.stop_all()


def run(main):
    """Runs `main` and ends the process, which the server's thread would keep alive."""
    # The emulator logs every error of a state, and that tolerated failures have no effect on it.
    logging.disable(logging.ERROR)
    code = 0
    try:
        main()
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run(main)
