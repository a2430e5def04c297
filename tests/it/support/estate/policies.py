"""Bucket policies: what their statements allow to whom, worked out statement by statement."""

from fnmatch import fnmatchcase

from .base import ORGANIZATION, STRANGER, TRUSTED


def items(value):
    return value if isinstance(value, list) else [value]


def principals(statement):
    """The types and names of the principals. `NotPrincipal` allows everyone else."""
    if "Principal" not in statement:
        return [("AWS", "*")]
    principal = statement["Principal"]
    if principal == "*":
        return [("AWS", "*")]
    return [(kind, name) for kind, names in principal.items() for name in items(names)]


def account_of(name):
    return name.split(":")[4] if name.startswith("arn:") else name


def conditions(statement):
    return [
        (operator.lower(), key.lower(), items(values)) for operator, keys in statement.get("Condition", {}).items() for key, values in keys.items()
    ]


def covers(patterns, action):
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in items(patterns))


def is_external(principal, account):
    kind, name = principal
    return kind != "AWS" or account_of(name) != account


def limits_to(statement, keys, accepted):
    """Whether a condition requires one of the accepted values of one of the keys."""
    return any(
        operator in ("stringequals", "stringlike", "arnequals", "arnlike") and key in keys and all(accepted(value) for value in values)
        for operator, key, values in conditions(statement)
    )


def limits_to_own(statement, account):
    keys = ("aws:principalaccount", "aws:principalarn", "s3:dataaccesspointaccount", "s3:dataaccesspointarn")
    return limits_to(statement, keys, lambda value: account_of(value) == account)


def true_of_policy(statements, account, bucket):
    """The verdicts of the rules that look at each statement on its own."""
    allows = [statement for statement in statements if statement["Effect"] == "Allow"]
    denials = [statement for statement in statements if statement["Effect"] == "Deny"]
    external = [
        statement for statement in allows
        if any(is_external(principal, account) for principal in principals(statement)) and not limits_to_own(statement, account)
    ]
    wildcard = any("Action" in statement and covers(statement["Action"], "s3:*") for statement in external)
    deputies = [statement for statement in allows if any(kind == "Service" for kind, _ in principals(statement))]
    sources = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")
    confused = any(not limits_to(statement, sources, lambda value: "*" not in value) for statement in deputies)
    return {
        "s3_bucket_policy_allow_not_principal": not any("NotPrincipal" in statement for statement in allows),
        "s3_bucket_policy_allow_not_action": not any("NotAction" in statement for statement in allows),
        "s3_bucket_policy_wildcard_action": not wildcard,
        "s3_bucket_policy_service_confused_deputy": not confused,
        "s3_bucket_policy_lockout": not locks_out(denials, account, bucket),
        "s3_bucket_tls_min_version": denies_old_tls(denials, bucket),
        "s3_bucket_policy_grantee_allowlist": all(is_listed(statement, account) for statement in allows),
        "s3_bucket_policy_reference_bound": all(is_agreed(statement, account) for statement in external),
    }


def locks_out(denials, account, bucket):
    """Whether nobody in the account can change or delete the policy."""

    def denies(action):
        return any(
            {("AWS", "*"), ("AWS", account), ("AWS", f"arn:aws:iam::{account}:root")} & set(principals(statement))
            and "Principal" in statement
            and covers(statement["Resource"], f"arn:aws:s3:::{bucket}")
            and covers(statement["Action"], action)
            and all(key == "aws:securetransport" and values == ["true"] for _, key, values in conditions(statement))
            for statement in denials
        )

    return denies("s3:PutBucketPolicy") and denies("s3:DeleteBucketPolicy")


def denies_old_tls(denials, bucket):
    """Whether nobody can use a version before TLS 1.2 for the bucket and for its objects."""
    complete = [
        statement for statement in denials
        if ("AWS", "*") in principals(statement) and covers(statement["Action"], "s3:*")
        and all(
            (operator, key) == ("numericlessthan", "s3:tlsversion") and max(map(float, values)) >= 1.2
            for operator, key, values in conditions(statement)
        )
    ]
    arns = (f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*")
    return all(any(covers(statement["Resource"], arn) for statement in complete) for arn in arns)


# The parameters of two rules: who may be granted access, and what was agreed.
ALLOWLIST = {"allowed_principals": [TRUSTED], "allowed_services": ["cloudtrail.amazonaws.com"], "allowed_organizations": [ORGANIZATION]}
REFERENCE = {"allowed": [f"{TRUSTED}|s3:*", "cloudtrail.amazonaws.com|s3:PutObject", f"{STRANGER}|s3:GetObject"]}


def is_listed(statement, account):
    named = {account, TRUSTED}
    others = [
        (kind, name) for kind, name in principals(statement)
        if not (kind == "Service" and name == "cloudtrail.amazonaws.com") and not (kind == "AWS" and account_of(name) in named)
    ]
    limited = [
        limits_to(statement, ("aws:principalorgid",), lambda value: value == ORGANIZATION),
        limits_to(statement, ("aws:principalaccount", "aws:principalarn"), lambda value: account_of(value) in named),
        # The policies of the account's access points decide.
        limits_to(statement, ("s3:dataaccesspointaccount", "s3:dataaccesspointarn"), lambda value: account_of(value) == account),
    ]
    if any(limited):
        others = [(kind, name) for kind, name in others if kind == "Service"]
    return not others


def is_agreed(statement, account):
    if "NotPrincipal" in statement:
        return False
    # `NotAction` counts as everything.
    actions = items(statement.get("Action", "*"))
    for principal in principals(statement):
        kind, name = principal
        if not is_external(principal, account):
            continue
        for action in actions:
            if kind == "Service":
                agreed = name == "cloudtrail.amazonaws.com" and action.lower() == "s3:putobject"
            elif name == "*":
                agreed = False
            elif account_of(name) == TRUSTED:
                # In a bucket policy, `*` means all S3 actions.
                agreed = action == "*" or action.lower().startswith("s3:")
            else:
                agreed = account_of(name) == STRANGER and action.lower() == "s3:getobject"
            if not agreed:
                return False
    return True
