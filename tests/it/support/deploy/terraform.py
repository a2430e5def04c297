"""Reads a Terraform module as it would be applied with some variables: the expressions that the modules in
`deploy/terraform` use, and nothing else; whatever is new is an error, not an equality."""

import json
import re
from pathlib import Path

import hcl2

from cloudformation import ACCOUNT, PARTITION, REGION, arn

DATA = {
    "data.aws_caller_identity.current.account_id": ACCOUNT,
    "data.aws_partition.current.partition": PARTITION,
    "data.aws_partition.current.dns_suffix": "amazonaws.com",
    "data.aws_region.current.name": REGION,
}
# Type → attribute with the name, and the type in CloudFormation.
NAMES = {
    "aws_s3_bucket": ("bucket", "AWS::S3::Bucket"),
    "aws_sqs_queue": ("name", "AWS::SQS::Queue"),
    "aws_cloudwatch_log_group": ("name", "AWS::Logs::LogGroup"),
    "aws_iam_role": ("name", "AWS::IAM::Role"),
    "aws_lambda_function": ("function_name", "AWS::Lambda::Function"),
    "aws_sfn_state_machine": ("name", "AWS::StepFunctions::StateMachine"),
}
TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\d+|[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*|==|!=|&&|\|\||[?:()\[\]{},=>])')


def unquote(key):
    return key[1:-1] if key.startswith('"') else key


def plain(value):
    """Without the quotes and notes of the parser."""
    if isinstance(value, dict):
        return {unquote(k): plain(v) for k, v in value.items() if not k.startswith("__")}
    return [plain(item) for item in value] if isinstance(value, list) else value


class Module:
    def __init__(self, folder, variables):
        self.folder = Path(folder)
        blocks = {}
        for file in sorted(self.folder.glob("*.tf")):
            for kind, found in plain(hcl2.loads(file.read_text())).items():
                blocks.setdefault(kind, []).extend(found)
        self.variables = {name: one for block in blocks["variable"] for name, one in block.items()}
        self.locals = {name: one for block in blocks.get("locals", []) for name, one in block.items()}
        self.found = {}
        for block in blocks["resource"]:
            for kind, named in block.items():
                for name, one in named.items():
                    self.found[f"{kind}.{name}"] = one
        self.documents = {}
        for block in blocks["data"]:
            self.documents |= block.get("aws_iam_policy_document", {})
        unknown = set(variables) - set(self.variables)
        assert not unknown, f"unknown variables {unknown}"
        self.values = self.defaults() | variables
        missing = [name for name, value in self.values.items() if value is None]
        assert not missing, f"variables {missing} are required"

    def defaults(self):
        return {
            name: self.evaluate(one["default"]) if "default" in one else None
            for name, one in self.variables.items()
        }

    def patterns(self):
        """The regular expressions of validations, by variable."""
        found = {}
        for name, one in self.variables.items():
            for validation in one.get("validation", []):
                if pattern := re.search(r'regex\("((?:[^"\\]|\\.)*)"', validation["condition"]):
                    found[name] = pattern[1].replace("\\\\", "\\")
        return found

    def reference(self, path):
        path = path.replace("[0]", "")
        if path in DATA:
            return DATA[path]
        first, *rest = path.split(".")
        if first == "var":
            return self.values[rest[0]]
        if first == "local":
            return self.evaluate(self.locals[rest[0]])
        if first == "data" and rest[0] == "aws_iam_policy_document":
            return self.document(rest[1])
        if first in NAMES:
            attribute, kind = NAMES[first]
            name = self.evaluate(self.found[f"{first}.{rest[0]}"][attribute])
            # The ARN of a log group has no `:*` here.
            return arn(kind, name).removesuffix(":*") if rest[1] == "arn" else name
        raise KeyError(path)

    def evaluate(self, value):
        if isinstance(value, list):
            return [self.evaluate(item) for item in value]
        if isinstance(value, dict):
            return {key: self.evaluate(item) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        if value.startswith('"'):
            return self.string(value)
        if value.startswith("${") and value.endswith("}"):
            return Expression(self, value[2:-1]).whole()
        return Expression(self, value).whole()

    def string(self, literal):
        text = literal[1:-1]
        whole = re.sub(r"\$\{([^}]*)\}", lambda found: str(Expression(self, found[1]).whole()), text)
        return whole.replace('\\"', '"').replace("\\\\", "\\")

    def document(self, name):
        document = self.documents[name]
        statements = [self.statement(one) for one in document.get("statement", [])]
        # Dynamic statements stand apart in what the parser returns; the order has no meaning.
        for one in document.get("dynamic", []):
            block = one["statement"]
            if self.evaluate(block["for_each"]):
                statements.append(self.statement(block["content"][0]))
        return {"Version": "2012-10-17", "Statement": statements}

    def statement(self, one):
        one = dict(one)
        made = {"Sid": self.evaluate(one.pop("sid")), "Effect": self.evaluate(one.pop("effect"))}
        made["Action"] = self.evaluate(one.pop("actions"))
        if "resources" in one:
            made["Resource"] = self.evaluate(one.pop("resources"))
        for principal in one.pop("principals", []):
            kind, ids = self.evaluate(principal["type"]), self.evaluate(principal["identifiers"])
            made["Principal"] = "*" if kind == "*" else {kind: ids}
        for condition in one.pop("condition", []):
            condition = self.evaluate(condition)
            # The data source writes policy variables like this.
            condition["values"] = [value.replace("&{", "${") for value in condition["values"]]
            test = made.setdefault("Condition", {}).setdefault(condition["test"], {})
            test[condition["variable"]] = condition["values"]
        assert not one, f"unknown in a statement: {one}"
        return made

    def resources(self):
        made = {}
        for name, one in self.found.items():
            one = dict(one)
            if self.evaluate(one.pop("count", 1)) == 0:
                continue
            for ordering in ("depends_on", "lifecycle"):
                one.pop(ordering, None)
            made[name] = {key: value for key, value in self.evaluate(one).items() if value is not None}
        return made


class Expression:
    def __init__(self, module, text):
        self.module, self.tokens = module, []
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            assert found, f"cannot read {text[at:]!r}"
            self.tokens.append(found[1])
            at = found.end()

    def whole(self):
        value = self.choice()
        assert not self.tokens, f"left over: {self.tokens}"
        return value

    def peek(self):
        return self.tokens[0] if self.tokens else None

    def take(self, expected=None):
        token = self.tokens.pop(0)
        assert expected in (None, token), f"expected {expected}, found {token}"
        return token

    def choice(self):
        value = self.comparison()
        if self.peek() != "?":
            return value
        self.take("?")
        left = self.choice()
        self.take(":")
        right = self.choice()
        return left if value else right

    def comparison(self):
        left = self.value()
        if self.peek() in ("==", "!=", ">"):
            operator, right = self.take(), self.value()
            return {"==": left == right, "!=": left != right}.get(operator, operator == ">" and left > right)
        return left

    def items(self, end):
        found = []
        while self.peek() != end:
            found.append(self.choice())
            if self.peek() == ",":
                self.take()
        self.take(end)
        return found

    def value(self):
        token = self.take()
        if token == "[":
            return self.items("]")
        if token == "{":
            made = {}
            while self.peek() != "}":
                key = self.take()
                self.take("=")
                made[key] = self.choice()
                if self.peek() == ",":
                    self.take()
            self.take("}")
            return made
        if token.startswith('"'):
            return self.module.string(token)
        if token.isdigit():
            return int(token)
        if self.peek() == "(":
            self.take()
            return self.call(token, self.items(")"))
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        return token if token == "path.module" else self.module.reference(token)

    def call(self, function, arguments):
        if function == "compact":
            return [item for item in arguments[0] if item not in ("", None)]
        if function == "length":
            return len(arguments[0])
        if function == "replace":
            return arguments[0].replace(arguments[1], arguments[2])
        if function == "templatefile":
            path, values = arguments
            text = (self.module.folder / path.removeprefix("path.module/")).read_text()
            return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), text)
        raise KeyError(function)
