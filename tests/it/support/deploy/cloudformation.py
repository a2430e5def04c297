"""Reads a CloudFormation template as it would be deployed with some parameters: intrinsic functions are
resolved, resources whose condition is false are left out, and references become names and ARNs."""

import re

import yaml

ACCOUNT, REGION, PARTITION = "111122223333", "eu-west-1", "aws"
NOTHING = object()
NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::CloudFormation::StackSet": "StackSetName",
}


def arn(kind, name):
    """The ARN of a resource of a type, by its name."""
    here = f"{REGION}:{ACCOUNT}"
    return {
        "AWS::S3::Bucket": f"arn:{PARTITION}:s3:::{name}",
        "AWS::SQS::Queue": f"arn:{PARTITION}:sqs:{here}:{name}",
        "AWS::Logs::LogGroup": f"arn:{PARTITION}:logs:{here}:log-group:{name}:*",
        "AWS::IAM::Role": f"arn:{PARTITION}:iam::{ACCOUNT}:role/{name}",
        "AWS::Lambda::Function": f"arn:{PARTITION}:lambda:{here}:function:{name}",
        "AWS::StepFunctions::StateMachine": f"arn:{PARTITION}:states:{here}:stateMachine:{name}",
    }[kind]


class Loader(yaml.SafeLoader):
    """Reads `!Sub` and the like as `{"Fn::Sub": …}`."""


def _tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _tag)


def accepts(parameter, value):
    """Whether CloudFormation accepts a value: a pattern must match all of it, and all of each value of a list."""
    pattern = re.compile(parameter.get("AllowedPattern", r"(?s).*"))
    values = value if isinstance(value, list) else [value]
    if not all(pattern.fullmatch(str(one)) for one in values):
        return False
    if parameter["Type"] == "Number":
        return parameter.get("MinValue", value) <= value <= parameter.get("MaxValue", value)
    return "AllowedValues" not in parameter or str(value) in map(str, parameter["AllowedValues"])


class Template:
    def __init__(self, text, parameters):
        self.body = yaml.load(text, Loader)
        declared = self.body.get("Parameters", {})
        unknown = set(parameters) - set(declared)
        assert not unknown, f"unknown parameters {unknown}"
        self.values = {}
        for name, one in declared.items():
            value = parameters.get(name, one.get("Default"))
            assert value is not None, f"parameter {name} is required"
            if one["Type"] == "CommaDelimitedList" and isinstance(value, str):
                value = value.split(",") if value else [""]
            assert accepts(one, value), f"{name}: {value} is not allowed"
            self.values[name] = value
        self.values |= {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": PARTITION,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NOTHING,
        }

    def condition(self, name):
        return self.resolve(self.body["Conditions"][name])

    def reference(self, name):
        if name in self.values:
            return self.values[name]
        one = self.body["Resources"][name]
        named = self.resolve(one["Properties"][NAMES[one["Type"]]])
        # `Ref` of a state machine is its ARN.
        return arn(one["Type"], named) if one["Type"] == "AWS::StepFunctions::StateMachine" else named

    def attribute(self, name, attribute):
        one = self.body["Resources"][name]
        named = self.resolve(one["Properties"][NAMES[one["Type"]]])
        return arn(one["Type"], named) if attribute == "Arn" else named

    def resolve(self, value):
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref":
                return self.reference(argument)
            if function == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if function == "Fn::GetAtt":
                return self.attribute(*argument)
            if function == "Fn::If":
                return self.resolve(argument[1] if self.condition(argument[0]) else argument[2])
            if function == "Fn::Equals":
                left, right = self.resolve(argument)
                return str(left) == str(right)
            if function == "Fn::Not":
                return not self.resolve(argument[0])
            if function == "Fn::Or":
                return any(self.resolve(argument))
            if function == "Fn::And":
                return all(self.resolve(argument))
            if function == "Fn::Split":
                return self.resolve(argument[1]).split(argument[0])
            if function == "Fn::Join":
                return argument[0].join(self.resolve(argument[1]))
            if function == "Fn::Sub":
                return re.sub(r"\$\{([\w:]+)\}", lambda found: str(self.reference(found[1])), argument)
            assert not function.startswith("Fn::"), function
        pairs = ((key, self.resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not NOTHING}

    def resources(self):
        found = {}
        for name, one in self.body["Resources"].items():
            if "Condition" not in one or self.condition(one["Condition"]):
                found[name] = {"Type": one["Type"], "Properties": self.resolve(one["Properties"])}
        return found

    def defaults(self):
        return {name: one.get("Default") for name, one in self.body["Parameters"].items()}
