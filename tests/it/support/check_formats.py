"""Validates reports against the schemas of their readers.

Usage: check_formats.py ocsf|asff FILE. Prints the number of findings.

- ocsf: every line against the class Compliance Finding of OCSF 1.8, with the captions of its numbers.
- asff: every line against the input of BatchImportFindings in botocore's model of Security Hub, with
  the patterns, values and lengths of the model and of its documentation.
"""

import json
import pathlib
import re
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


def check_asff():
    import botocore.session
    from botocore.validate import ParamValidator

    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    # What only the documentation of the fields says.
    longest = {
        "Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024, "Text": 512, "Original": 64,
    }
    types = set(model.shape_for("ResourceDetails").members) | {"AwsAccount"}

    def check(shape, value, where):
        if shape.type_name == "structure":
            for name, inner in value.items():
                check(shape.members[name], inner, f"{where}.{name}")
                if isinstance(inner, str) and len(inner) > longest.get(name, 2048):
                    fail(where, f"{name} has {len(inner)} characters")
        elif shape.type_name == "list":
            for index, inner in enumerate(value):
                check(shape.member, inner, f"{where}[{index}]")
        elif shape.type_name == "map":
            if len(value) > 50:
                fail(where, "more than 50 fields")
            for key, inner in value.items():
                check(shape.key, key, f"{where}.{key}")
                check(shape.value, inner, f"{where}.{key}")
                if len(key) > 128 or len(inner) > 1024:
                    fail(where, f"{key} is too long")
        elif shape.type_name == "string":
            if shape.enum and value not in shape.enum:
                fail(where, f"{value!r} is not one of {shape.enum}")
            pattern = shape.metadata.get("pattern")
            if pattern and not re.search(pattern, value):
                fail(where, f"{value!r} does not match {pattern}")

    ids = []
    for number, batch in enumerate(lines, 1):
        where = f"line {number}"
        report = ParamValidator().validate({"Findings": batch}, shape)
        if report.has_errors():
            fail(where, report.generate_report())
        check(shape, {"Findings": batch}, where)
        if not 1 <= len(batch) <= 100:
            fail(where, f"{len(batch)} findings")
        if len({finding["ProductArn"] for finding in batch}) != 1:
            fail(where, "findings of several accounts or regions")
        for finding in batch:
            _, _, _, region, account, product = finding["ProductArn"].split(":")
            if product != f"product/{account}/default" or account != finding["AwsAccountId"]:
                fail(where, finding["ProductArn"])
            [resource] = finding["Resources"]
            if resource["Region"] != region or resource["Type"] not in types:
                fail(where, resource)
            if len(json.dumps(finding).encode()) > 240_000:
                fail(where, "a finding is larger than 240 KB")
            if len(finding["Compliance"].get("RelatedRequirements", [])) > 32:
                fail(where, "more than 32 requirements")
            ids.append(finding["Id"])
    if len(set(ids)) != len(ids):
        fail("report", "an id occurs twice")
    return len(ids)


print({"ocsf": check_ocsf, "asff": check_asff}[kind]())
