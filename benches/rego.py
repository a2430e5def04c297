#!/usr/bin/env python3
"""Measures three built-in rules beside the same rules in Rego (regorus), on one core, and prints the table of
docs/benchmarks.md.

    python3 benches/rego.py [--program PATH] [--sizes 10000,100000] [--runs 3]

Without --program, it builds what is published, by `cargo xtask dist`. rolecall also makes messages and evidence, and
writes a report; the program in benches/rego only counts failures. Both must count the same.
"""
import argparse
import json
import subprocess
import sys
import tempfile

from evaluation import ACCOUNT, ROOT, TARGET, median, published, write

RULES = ["ebs-volume-encrypted", "ec2-instance-imdsv2", "s3-bucket-versioning"]


def failures(report):
    """Failures by rule in a report."""
    with open(report, encoding="utf-8") as file:
        findings = [one for account in json.load(file)["accounts"] for one in account["findings"]]
    failed = [one["rule"] for one in findings if one["verdict"] == "fail"]
    return {rule: failed.count(rule) for rule in RULES}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program")
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    program = arguments.program or published()
    rego = f"{TARGET}/rego/release/rolecall-rego"
    build = ["cargo", "build", "--release", "--locked", "--target-dir", f"{TARGET}/rego"]
    subprocess.run(build, cwd=f"{ROOT}/benches/rego", check=True)
    print("| resources | rolecall, user + sys | Rego, user + sys | ratio | memory of rolecall | memory of Rego |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, arguments.sizes.split(",")):
            snapshot = f"{folder}/{size}"
            count = write(snapshot, size)
            command = [program, "evaluate", "--snapshot", snapshot, "--output", f"json={folder}/report.json"]
            command += [part for rule in RULES for part in ("--rule", rule)]
            _, own, own_memory = median(command, arguments.runs, cores=1)
            other = [rego, f"{snapshot}/{ACCOUNT}.jsonl"]
            counted = json.loads(subprocess.run(other, check=True, capture_output=True).stdout)
            if counted != (found := failures(f"{folder}/report.json")):
                sys.exit(f"the failures differ: {found} in rolecall, {counted} in Rego")
            _, processing, memory = median(other, arguments.runs, cores=1)
            print(
                f"| {count:,} | {own:.2f} s | {processing:.2f} s | {own / processing:.2f} "
                f"| {own_memory:.0f} MiB | {memory:.0f} MiB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
