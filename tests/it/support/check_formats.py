"""Validates reports against the schemas of their readers.

Usage: check_formats.py ocsf FILE. Prints the number of findings.

- ocsf: every line against the class Compliance Finding of OCSF 1.8, with the captions of its numbers.
"""

import json
import pathlib
import sys

kind, path = sys.argv[1], pathlib.Path(sys.argv[2])
lines = [json.loads(line) for line in path.read_text().splitlines()]


def fail(where, what):
    sys.exit(f"{path.name}: {where}: {what}")


def check_ocsf():
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    raw = get_ocsf_schema("1.8.0")
    schema = OcsfJsonSchemaEmbedded(raw).get_class_schema("compliance_finding", ["cloud"])
    validator = Draft202012Validator(schema)
    attributes = raw["classes"]["compliance_finding"]["attributes"]
    compliance = raw["objects"]["compliance"]["attributes"]

    def check_caption(where, of, value, number, name):
        caption = of[number]["enum"][str(value[number])]["caption"]
        if value[number] != 99 and value[name] != caption:
            fail(where, f"{name} is {value[name]!r}, not {caption!r}")

    uids = []
    for number, event in enumerate(lines, 1):
        for error in validator.iter_errors(event):
            fail(f"line {number}", f"{error.json_path}: {error.message[:500]}")
        for pair in [
            ("activity_id", "activity_name"),
            ("severity_id", "severity"),
            ("status_id", "status"),
        ]:
            check_caption(f"line {number}", attributes, event, *pair)
        check_caption(f"line {number}", compliance, event["compliance"], "status_id", "status")
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            fail(f"line {number}", "type_uid")
        uids.append(event["finding_info"]["uid"])
    return len(uids)


print({"ocsf": check_ocsf}[kind]())
