"""What the parts of the estate share: accounts, regions, random generators, and the expected verdicts."""

import random

from seed import Account

SEED = 20261124
ACCOUNTS = ["444455556666", "555566667777", "666677778888"]
REGIONS = ["eu-west-1", "us-east-1"]
STRANGER = "999988887777"
TRUSTED = "888877776666"
ORGANIZATION = "o-a1b2c3d4e5"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
ZONES = {"eu-west-1": "euw1-az1", "us-east-1": "use1-az4"}


class Estate:
    def __init__(self):
        self.rng = random.Random(SEED)
        # Separate generators, so that drawing from one does not affect the others.
        self.more = random.Random(SEED + 1)
        self.network = random.Random(SEED + 2)
        self.verdicts = []
        self.answers = []
        self.groups = random.Random(SEED + 3)
        self.exposed = random.Random(SEED + 4)
        # By account and region: groups and instances that were made for the rules on one kind of thing.
        self.new_groups, self.launched = {}, {}
        self.connections = random.Random(SEED + 5)
        self.buckets = random.Random(SEED + 6)
        # The first bucket in each region, by account.
        self.first_buckets = {account: {} for account in ACCOUNTS}
        # What was answered or set by account and region, or by resource.
        self.allowed_images, self.excluded, self.offered, self.policies, self.modes = {}, {}, set(), {}, {}
        # Whether the user data of an instance or of a template contains a secret.
        self.secrets = {}
        # Instances with termination protection.
        self.protected = set()
        # Parameters of rules that decide nothing without them.
        self.params = {}
        self.resources = 0
        self.accounts = [Account(None, account, self.verdicts) for account in ACCOUNTS]

    def answer(self, call, account, region, body, bucket=None, code=None, path=None, **params):
        """The response to a call, for a bucket or a path if one is given: a body, or "not found" with a code."""
        asked = {"call": call, "account": account, "region": region, "bucket": bucket, "path": path, "params": params}
        self.answers.append({**asked, "body": body, "code": code})

    def allow(self, rule, param, *values):
        """Adds values to a parameter of a rule that lists what is allowed."""
        self.params.setdefault(rule, {}).setdefault(param, []).extend(values)

    def some(self, options):
        return self.rng.choice(options)

    def often(self, share):
        return self.rng.random() < share


def all_true(values):
    """The verdict on values that all have to be true: one that AWS does not report is not known."""
    values = list(values)
    if any(value is False for value in values):
        return "fail"
    return "unknown" if any(value is None for value in values) else "pass"


def yes(true):
    return "pass" if true else "fail"
