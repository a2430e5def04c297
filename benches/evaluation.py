#!/usr/bin/env python3
"""Measures `rolecall evaluate` on large snapshots, and prints the tables of docs/benchmarks.md.

    python3 benches/evaluation.py [--program PATH] [--sizes 1000,10000,100000] [--accounts 10,50,110] [--runs 3]

Without --program, it builds what is published, by `cargo xtask dist`. A snapshot of N resources consists of copies of
an account of fixtures/acme, in which each id has a suffix, so that resources refer to those of the same copy. With
--accounts, it measures snapshots of that many accounts with 1,000 resources each instead. Linux and macOS.
"""
import argparse
import json
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
ACCOUNT = "111122223333"
# One per account or region, or defined by AWS.
NOT_COPIED = {"ec2.settings", "ec2.instance_type", "s3.account"}


def load():
    """The header, lists and resources of the account."""
    header, lists, resources = None, [], []
    with open(f"{ROOT}/fixtures/acme/{ACCOUNT}.jsonl", encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            if value["type"] == "header":
                header = value
            elif value["type"] == "listed":
                lists.append(value)
            elif value["type"] == "resource":
                resources.append((value["kind"], value["region"], value["id"], line))
    return header, lists, resources


def write(folder, size):
    """Writes a snapshot of one account with about that many resources; returns their number."""
    header, lists, resources = load()
    is_copied = lambda one: one[0] not in NOT_COPIED and re.search(r"\d", one[2]) and len(one[2]) >= 8
    copied = [one for one in resources if is_copied(one)]
    ids = sorted({one[2] for one in copied}, key=len, reverse=True)
    in_text = re.compile("|".join(map(re.escape, ids)))
    globals_ = {one["kind"] for one in lists if one["region"] == "global"}
    by_list = {}
    for kind, region, _, line in resources:
        if not is_copied((kind, region, _, line)):
            by_list.setdefault((kind, "global" if kind in globals_ else region), []).append(line)
    fixed = sum(map(len, by_list.values()))
    for number in range(max(1, (size - fixed) // len(copied))):
        suffix = f"{number:x}"
        for kind, region, _, line in copied:
            new = in_text.sub(lambda found: found[0] + suffix, line)
            by_list.setdefault((kind, "global" if kind in globals_ else region), []).append(new)
    count = sum(map(len, by_list.values()))
    os.makedirs(folder)
    with open(f"{folder}/{ACCOUNT}.jsonl", "w", encoding="utf-8") as file:
        file.write(json.dumps(header) + "\n")
        for one in lists:
            lines = by_list.pop((one["kind"], one["region"]), [])
            file.write(json.dumps({**one, "count": len(lines)}) + "\n")
            file.writelines(lines)
        file.write(json.dumps({"type": "end", "resources": count, "gaps": 0}) + "\n")
    with open(f"{ROOT}/fixtures/acme/snapshot.json", encoding="utf-8") as file:
        manifest = json.load(file)
    manifest["targets"] = [one for one in manifest["targets"] if one["account"] == ACCOUNT]
    with open(f"{folder}/snapshot.json", "w", encoding="utf-8") as file:
        json.dump(manifest, file)
    assert not by_list, f"resources without a list: {list(by_list)}"
    return count


def multiply(folder, accounts):
    """Turns a snapshot of one account into one of several accounts that differ in their ids."""
    with open(f"{folder}/{ACCOUNT}.jsonl", encoding="utf-8") as file:
        text = file.read()
    os.remove(f"{folder}/{ACCOUNT}.jsonl")
    with open(f"{folder}/snapshot.json", encoding="utf-8") as file:
        manifest = json.load(file)
    target = json.dumps(manifest["targets"][0])
    ids = [str(100_000_000_000 + number) for number in range(accounts)]
    for account in ids:
        with open(f"{folder}/{account}.jsonl", "w", encoding="utf-8") as file:
            file.write(text.replace(ACCOUNT, account))
    manifest["targets"] = [json.loads(target.replace(ACCOUNT, account)) for account in ids]
    with open(f"{folder}/snapshot.json", "w", encoding="utf-8") as file:
        json.dump(manifest, file)


def measure_accounts(program, counts, runs):
    """Prints the memory for reports of several accounts."""
    print("| accounts | results | wall | user + sys | peak memory | report |")
    print("|---|---|---|---|---|---|")
    for accounts in counts:
        with tempfile.TemporaryDirectory() as folder:
            snapshot, report = f"{folder}/snapshot", f"{folder}/report.json"
            # In a process of its own: a process begins with the memory of the one that started it.
            with multiprocessing.Pool(1) as pool:
                pool.apply(write, (snapshot, 1_000))
                pool.apply(multiply, (snapshot, accounts))
            command = [program, "evaluate", "--snapshot", snapshot, "--rule-profile", "all"]
            wall, processing, memory = median([*command, "--output", f"json={report}"], runs)
            with multiprocessing.Pool(1) as pool:
                results = pool.apply(results_of, (report,))
            print(
                f"| {accounts:,} | {results:,} | {wall:.1f} s | {processing:.1f} s | {memory:.0f} MiB "
                f"| {os.path.getsize(report) / 2**20:.0f} MiB |",
                flush=True,
            )


def results_of(report):
    """The number of results in a report."""
    with open(report, encoding="utf-8") as file:
        return sum(json.load(file)["summary"]["verdicts"].values())


def run(command, cores):
    """Wall time, processing time, and peak memory in MiB of a process on some cores (Linux)."""
    def limit():
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit
    )
    text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    # 1 and 3: findings, incomplete.
    if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
        sys.exit(f"{' '.join(command)} failed: {text.decode()}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def median(command, runs, cores=None):
    results = [run(command, cores) for _ in range(runs)]
    return [statistics.median(column) for column in zip(*results)]


def published():
    """Builds what is published, and returns its path."""
    subprocess.run(["cargo", "xtask", "dist"], cwd=ROOT, check=True)
    return f"{TARGET}/dist/rolecall"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--accounts")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    program = arguments.program or published()
    if arguments.accounts:
        measure_accounts(program, map(int, arguments.accounts.split(",")), arguments.runs)
        return
    cores = os.cpu_count()
    print(f"| resources | rules | wall, {cores} cores | wall, 1 core | user + sys | peak memory | memory per resource |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        _, _, empty = median([program, "--version"], arguments.runs)
        for size in map(int, arguments.sizes.split(",")):
            snapshot = f"{folder}/{size}"
            # In a process of its own: a process begins with the memory of the one that started it.
            with multiprocessing.Pool(1) as pool:
                count = pool.apply(write, (snapshot, size))
            for name, rules in [
                ("all", ["--rule-profile", "all"]),
                ("default profile", []),
                ("`ebs-volume-encrypted`", ["--rule", "ebs-volume-encrypted"]),
            ]:
                command = [program, "evaluate", "--snapshot", snapshot, *rules]
                command += ["--output", f"json={folder}/report.json"]
                wall, processing, memory = median(command, arguments.runs)
                one, _, _ = median(command, arguments.runs, cores=1)
                each = (memory - empty) * 1024 / count
                print(
                    f"| {count:,} | {name} | {wall:.2f} s | {one:.2f} s ({one / wall:.1f} ×) "
                    f"| {processing:.2f} s | {memory:.0f} MiB | {each:.1f} KiB |",
                    flush=True,
                )
        print("\n| command | wall | user + sys | peak memory |\n|---|---|---|---|")
        for name, command in [
            ("`rolecall --version`", ["--version"]),
            ("`rolecall rules`", ["rules"]),
            ("`rolecall evaluate` of the example", ["evaluate", "--snapshot", f"{ROOT}/fixtures/acme"]),
        ]:
            wall, processing, memory = median([program, *command], 10 * arguments.runs)
            print(f"| {name} | {1000 * wall:.1f} ms | {1000 * processing:.1f} ms | {memory:.0f} MiB |")


if __name__ == "__main__":
    main()
