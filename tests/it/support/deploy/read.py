"""Reads templates and modules for the tests: a JSON list of requests on stdin, a JSON list of answers on stdout."""

import json
import re
import sys
from pathlib import Path

import cfnlint
import yaml

from cloudformation import Loader, Template, accepts
from conversion import convert
from terraform import Module


def policy(document):
    """Statements by id, with lists where IAM accepts a single value, sorted."""

    def items(value):
        return sorted(map(str, value)) if isinstance(value, list) else [str(value)]

    made = {}
    for one in document["Statement"]:
        one = dict(one)
        sid = one.pop("Sid")
        assert sid not in made, f"duplicate {sid}"
        for key in ("Action", "Resource"):
            if key in one:
                one[key] = items(one[key])
        if isinstance(one.get("Principal"), dict):
            one["Principal"] = {kind: items(value) for kind, value in one["Principal"].items()}
        for test in one.get("Condition", {}).values():
            for key, value in test.items():
                test[key] = items(value)
        made[sid] = one
    return made


def normal(resources):
    for one in resources.values():
        for key in ("policy", "assume_role_policy"):
            if key in one:
                one[key] = policy(one[key])
        if "definition" in one:
            one["definition"] = json.loads(one["definition"])
    return json.loads(json.dumps(resources), parse_int=str, parse_float=lambda text: str(float(text)))


def without_nothing(value):
    if isinstance(value, dict):
        return {key: without_nothing(item) for key, item in value.items() if item is not None}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.replace("GitHub", "Github")).lower()


def variables(parameters):
    flags = {"true": True, "false": False}
    return {
        snake(name): flags.get(value, value) if isinstance(value, str) else value
        for name, value in parameters.items()
    }


DATA = Path(cfnlint.__file__).parent / "data"


def handlers(kinds):
    """The actions that CloudFormation needs for resource types, as their schemas say. Listing all resources of a type is no
    part of a deployment."""
    files = json.loads((DATA / "schemas/providers/eu-west-1.json").read_text())
    found = {}
    for kind in kinds:
        schema = json.loads((DATA / f"schemas/resources/{files[kind]}.json").read_text())
        steps = [one["permissions"] for step, one in schema["handlers"].items() if step != "list"]
        found[kind] = sorted({action for step in steps for action in step})
    return found


def supports_resources(action):
    service, name = action.lower().split(":")
    actions = json.loads((DATA / "AdditionalSpecs/Policies.json").read_text())[service]["Actions"]
    return bool(actions[name].get("Resources"))


def answer(request):
    parameters = request.get("parameters", {})
    if "policies" in request:
        found = {}
        for name, one in Template(Path(request["policies"]).read_text(), parameters).resources().items():
            properties = one["Properties"]
            for inline in properties.get("Policies", []):
                found[f"{name}.{inline['PolicyName']}"] = policy(inline["PolicyDocument"])
            if "AssumeRolePolicyDocument" in properties:
                found[f"{name}.trust"] = policy(properties["AssumeRolePolicyDocument"])
            if "PolicyDocument" in properties:
                found[name] = policy(properties["PolicyDocument"])
        return found
    if "policy" in request:
        return policy(request["policy"])
    if "both" in request:
        template, module = request["both"]
        template = Template(Path(template).read_text(), parameters)
        module = Module(module, variables(parameters))
        defaults = {name: value for name, value in variables(template.defaults()).items()}
        return {
            "cloudformation": normal(convert(template.resources())),
            "terraform": normal(without_nothing(module.resources())),
            "parameters": defaults,
            "variables": module.defaults(),
            "allowed": {
                snake(name): one["AllowedPattern"]
                for name, one in template.body["Parameters"].items()
                if "AllowedPattern" in one
            },
            "validated": module.patterns(),
        }
    if "yaml" in request:
        return list(yaml.safe_load_all(Path(request["yaml"]).read_text()))
    if "accepts" in request:
        declared = yaml.load(Path(request["accepts"]).read_text(), Loader)["Parameters"]
        return accepts(declared[request["parameter"]], request["value"])
    if "handlers" in request:
        return handlers(request["handlers"])
    if "unlimited" in request:
        return [action for action in request["unlimited"] if not supports_resources(action)]
    if "resources" in request:
        return Template(Path(request["resources"]).read_text(), parameters).resources()
    raise KeyError(str(request))


json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout, default=str)
