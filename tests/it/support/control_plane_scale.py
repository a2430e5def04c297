"""A run of the control plane over any number of accounts on a fake of AWS's own hosts, and what it takes.

    control_plane_scale.py PROGRAM PORT CONFIG ACCOUNTS

PROGRAM is a zip file or a program, PORT where moto is to listen, ACCOUNTS how many accounts the config selects. HTTPS_PROXY and
AWS_CA_BUNDLE name the fake, which passes on to moto what concerns the bucket of the runs. The last line is what was measured, as JSON.
"""

import json
import os
import sys
import time

PROXY = {name: os.environ.pop(name) for name in ("HTTPS_PROXY", "AWS_CA_BUNDLE")}

import control_plane
import lambda_moto


class ControlPlane(control_plane.ControlPlane):
    def __init__(self, program, port):
        self.faults, self.program = control_plane.Faults(), program
        self.serve(port)
        # The time limit of a function on AWS.
        self.create(PROXY, 900)


def measure(plane, config, accounts):
    with open(config) as text:
        plane.put("config/rolecall.toml", text.read())
    puts, begun = plane.faults.puts, time.monotonic()
    state = plane.start("scale", 10)
    seconds = time.monotonic() - begun
    assert state["status"] == "SUCCEEDED", state
    assert len(plane.collected("scale")) == accounts, plane.collected("scale")
    with open(os.path.join(os.path.dirname(config), "state-machine.json"), "w") as report:
        json.dump(plane.get("runs/scale/report.json"), report)
    rounds = [plane.get(key) for key in plane.keys("runs/scale/run/")]
    shards = len(plane.get("runs/scale/shards.json"))
    return {
        "accounts": accounts, "shards": shards, "seconds": round(seconds, 1), "invocations": lambda_moto.count_invocations(),
        # ListTargets, Collect, Report, "Complete?" and Reported; for each round of a shard Shard and "Anything left?", and its Done.
        "transitions": 5 + 2 * len(rounds) + shards,
        "puts": plane.faults.puts - puts, "parts": plane.faults.parts, "collect_mib": round(max(one["peak_memory_kib"] for one in rounds) / 1024),
        "largest_mib": round(lambda_moto.largest_process() / 1024),
    }


def main():
    program, port, config, accounts = sys.argv[1:]
    plane = ControlPlane(program, int(port))
    try:
        print(json.dumps(measure(plane, config, int(accounts))))
    finally:
        lambda_moto.stop_all()


control_plane.run(main)
