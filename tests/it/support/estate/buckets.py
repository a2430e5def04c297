"""Buckets with policies, ACLs, encryption and so on."""

import json

from seed import DEFENSES

from .base import ACCOUNTS, ORGANIZATION, REGIONS, S3, STRANGER, TRUSTED, yes
from .policies import ALLOWLIST, REFERENCE, true_of_policy

LOG_DELIVERY = 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"'
# The verdict on a bucket that receives the access logs of others.
TARGET = "skip"


# ACLs, of which two are not canned: everyone may read the ACL, or another account may list the bucket.
ACLS = ["private", "private", "public-read", "public-write", "authenticated-read", "log-delivery-write", "read-acl", "other-account"]
OTHER_USER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
OWNER_ONLY = (
    f'<AccessControlPolicy xmlns="{S3}"><Owner><ID>{OWNER}</ID></Owner><AccessControlList><Grant>'
    f'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>{OWNER}</ID></Grantee>'
    "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"
)


# Policy grants: the statement, who gets access, and whether it is public by S3's definition. `{b}` is the bucket.
def allow(principal, action, condition=None, sid="Grant"):
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}
    if condition:
        statement["Condition"] = condition
    return statement


def but_for(key, value, instead_of, others):
    """A statement that allows everything or everyone but something."""
    statement = allow("*", "*") | others | {key: value}
    del statement[instead_of]
    return statement


READ, WRITE, SENSITIVE = "read", "write", "sensitive"
GRANTS = [
    # (statement, public, what the public or external principals may do, whether untrusted accounts get access)
    (None, False, set(), False),
    (allow("*", "s3:GetObject"), True, {READ}, True),
    (allow({"AWS": "*"}, ["s3:getobject", "S3:LIST*"]), True, {READ}, True),
    (allow("*", "s3:PutObject"), True, {WRITE}, True),
    (allow("*", "s3:Delete*"), True, {WRITE, SENSITIVE}, True),
    (allow("*", "s3:*"), True, {READ, WRITE, SENSITIVE}, True),
    (allow("*", "s3:GetObject", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), True, {READ}, True),
    (allow("*", "s3:GetObject", {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}), True, {READ}, True),
    (allow("*", "s3:GetObject", {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}), True, {READ}, True),
    (allow("*", "s3:GetObject", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}), False, set(), False),
    (allow("*", "s3:GetObject", {"StringEquals": {"aws:PrincipalAccount": TRUSTED}}), False, set(), False),
    (allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, "s3:GetObject"), False, {READ}, True),
    (allow({"AWS": STRANGER}, ["s3:PutBucketPolicy", "s3:GetObject"]), False, {READ, SENSITIVE}, True),
    (allow({"AWS": [f"arn:aws:iam::{STRANGER}:role/deploy"]}, "s3:PutObject*"), False, {WRITE, SENSITIVE}, True),
    (allow({"AWS": f"arn:aws:iam::{TRUSTED}:role/backup"}, "s3:*"), False, set(), False),
    (allow({"AWS": "arn:aws:iam::{a}:role/app"}, "s3:*"), False, set(), False),
    (allow({"Service": "inspector2.amazonaws.com"}, "s3:PutObject"), False, set(), True),
    (allow("*", "s3:*", {"StringEquals": {"s3:DataAccessPointAccount": "{a}"}}), False, set(), False),
    (but_for("NotPrincipal", {"AWS": "arn:aws:iam::{a}:role/app"}, "Principal", {"Action": "s3:GetObject"}), True, {READ}, True),
    (but_for("NotAction", "s3:DeleteBucket", "Action", {"Principal": {"AWS": f"arn:aws:iam::{TRUSTED}:root"}}), False, set(), False),
    (allow({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", {"StringEquals": {"aws:SourceAccount": "{a}"}}), False, set(), False),
]

CUSTOMER_KEYS = "s3:x-amz-server-side-encryption-customer-algorithm"
TLS = [
    (None, False),
    ({"Action": "s3:*", "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}, True),
    ({"Action": "*", "Resource": "*"}, True),
    ({"Action": "s3:*", "Resource": "arn:aws:s3:::{b}/*"}, False),
    ({"Action": "s3:GetObject", "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}, False),
    # Old versions of TLS; all ways to change the policy; keys of callers.
    ({"Action": "s3:*", "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"], "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}, False),
    ({"Action": "s3:*", "Resource": "arn:aws:s3:::{b}/*", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.3"}}}, False),
    ({"Action": ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"], "Resource": "arn:aws:s3:::{b}", "Condition": None}, False),
    ({"Action": "s3:DeleteBucketPolicy", "Resource": "arn:aws:s3:::{b}", "Condition": None}, False),
    ({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::{b}/*", "Condition": {"Null": {CUSTOMER_KEYS: "false"}}}, False),
]


def bucket(estate, account, name, account_block, logs):
    number = int(name[-2:]) + 8 * ACCOUNTS.index(account.id)
    region = estate.some(REGIONS) if logs else REGIONS[0]
    client = account.client("s3", region)
    lock = estate.often(0.2)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock, **where)
    estate.resources += 1

    own = None if estate.often(0.3) else set(flag for flag in DEFENSES if estate.often(0.6))
    if estate.often(0.3):
        own = set(DEFENSES)
    if own is not None:
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={flag: flag in own for flag in DEFENSES})
    block = account_block | (own or set())

    # moto delivers logs only by ACL.
    ownership = "ObjectWriter" if not logs else estate.some([None, "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"])
    if ownership:
        client.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    enforced = ownership == "BucketOwnerEnforced"
    # AWS rejects ACLs for a bucket with enforced ownership.
    keeps_logs = not logs
    acl = "log-delivery-write" if keeps_logs and not enforced else "private" if enforced else estate.some(ACLS)
    if acl == "public-write":
        client.put_bucket_acl(Bucket=name, GrantWrite='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
    elif acl == "read-acl":
        client.put_bucket_acl(Bucket=name, GrantReadACP='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
    elif acl == "other-account":
        client.put_bucket_acl(Bucket=name, GrantRead=f'id="{OTHER_USER}"')
    elif acl == "log-delivery-write":
        # moto returns only one of the two permissions of the canned ACL.
        client.put_bucket_acl(Bucket=name, GrantWrite=LOG_DELIVERY, GrantReadACP=LOG_DELIVERY)
    else:
        client.put_bucket_acl(Bucket=name, ACL=acl)
    takes_logs = acl == "log-delivery-write"
    acl_works = not enforced and "IgnorePublicAcls" not in block
    if not acl_works and acl in ("public-read", "public-write", "authenticated-read", "read-acl"):
        # S3 leaves out the grants that it ignores; moto does not.
        estate.answer("s3:GetBucketAcl", account.id, region, OWNER_ONLY, bucket=name)
    # Reading the ACL counts as well.
    acl_reads = acl_works and acl in ("public-read", "authenticated-read", "read-acl")
    acl_writes = acl_works and acl == "public-write"

    # moto parses the policy of a bucket that receives logs, and fails on some.
    grant, public, may, outside = GRANTS[0] if keeps_logs else GRANTS[number % len(GRANTS)]
    denial, tls = TLS[0] if keeps_logs else TLS[number % len(TLS)]
    statements = []
    if grant:
        statements.append(grant)
    if denial:
        plain_http = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        denial = {key: value for key, value in (plain_http | denial).items() if value is not None}
        statements.append({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", **denial})
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}).replace("{b}", name).replace("{a}", account.id)
    statements = json.loads(text)["Statement"]
    if statements:
        client.put_bucket_policy(Bucket=name, Policy=text)
    policy_works = public and "RestrictPublicBuckets" not in block

    kms = estate.some([None, "AES256", "aws:kms", "aws:kms:dsse"])
    if kms:
        client.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": kms}}]},
        )
    versioning = "Enabled" if lock else estate.some([None, "Enabled", "Suspended"])
    if versioning and not lock:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
    if keeps_logs:
        logs[region] = name
    logged = not keeps_logs and region in logs and estate.often(0.5)
    lost = logged and number % 3 == 0
    if lost:
        # The bucket that received the logs has been deleted.
        answer = f"<LoggingEnabled><TargetBucket>gone-{name}</TargetBucket><TargetPrefix>x</TargetPrefix></LoggingEnabled>"
        estate.answer("s3:GetBucketLogging", account.id, region, f'<BucketLoggingStatus xmlns="{S3}">{answer}</BucketLoggingStatus>', bucket=name)
    if logged:
        client.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": logs[region], "TargetPrefix": f"{name}/"}})
    lifecycle = estate.some([None, "Enabled", "Disabled"])
    noncurrent = estate.buckets.random() < 0.5
    if lifecycle:
        old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}} if noncurrent else {}
        client.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={"Rules": [{"ID": "old", "Status": lifecycle, "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}, **old}]},
        )

    # Lifecycle rules and MFA delete are mutually exclusive. moto has no MFA.
    mfa = versioning == "Enabled" and not lifecycle and int(name[-1]) % 2 == 0
    if mfa:
        estate.answer(
            "s3:GetBucketVersioning", account.id, region,
            '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>',
            bucket=name,
        )

    more_settings(estate, account, client, region, name, versioning == "Enabled", lock, takes_logs)
    by_policy = denial is not None and CUSTOMER_KEYS in json.dumps(denial)
    blocked = number % 5 == 0
    if blocked:
        answer = f"<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>{kms or 'AES256'}</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
        answer += "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>"
        estate.answer(
            "s3:GetBucketEncryption", account.id, region,
            f'<ServerSideEncryptionConfiguration xmlns="{S3}">{answer}</ServerSideEncryptionConfiguration>', bucket=name,
        )
    kept = versioning == "Enabled" or lifecycle == "Enabled"
    account.say(
        region,
        name,
        **{rule: yes(good) for rule, good in true_of_policy(statements, account.id, name).items()},
        s3_bucket_acl_authenticated_users=yes(not (acl_works and acl == "authenticated-read")),
        s3_bucket_acl_external_grantee=yes(acl != "other-account"),
        s3_bucket_acl_readable_by_all=yes(not (acl_works and acl == "read-acl")),
        s3_bucket_allowed_region=yes(region == REGIONS[0]),
        # S3 always has a default, which moto does not return.
        s3_bucket_default_encryption=yes(kms or blocked),
        s3_bucket_sse_c_blocked=yes(blocked or by_policy),
        s3_bucket_log_target_valid=yes(not lost) if logged else "skip",
        s3_log_target_bucket_hardened=yes(kept and not policy_works) if takes_logs else "skip",
        s3_bucket_versioned_lifecycle=yes(lifecycle == "Enabled" and noncurrent) if versioning == "Enabled" else "skip",
        s3_bucket_public_access_block=yes(own == set(DEFENSES)),
        s3_bucket_effective_public_access_block=yes(block == set(DEFENSES)),
        s3_bucket_public_read=yes(not acl_reads and not (policy_works and READ in may)),
        s3_bucket_public_write=yes(not acl_writes and not (policy_works and WRITE in may)),
        s3_bucket_policy_not_public=yes(not public),
        s3_bucket_policy_cross_account=yes(not outside),
        s3_bucket_policy_cross_account_sensitive_actions=yes(not (outside and SENSITIVE in may)),
        s3_bucket_tls_only=yes(tls),
        s3_bucket_acls_disabled=yes(enforced),
        # Access logs cannot be delivered to a bucket encrypted with KMS, and a log bucket does not log to itself.
        s3_bucket_kms_encryption="pass" if kms in ("aws:kms", "aws:kms:dsse") else TARGET if takes_logs else "fail",
        s3_bucket_versioning=yes(versioning == "Enabled"),
        s3_bucket_logging="pass" if logged else TARGET if takes_logs else "fail",
        s3_bucket_mfa_delete="skip" if lifecycle else yes(mfa),
        s3_bucket_object_lock=yes(lock),
        s3_bucket_lifecycle=yes(lifecycle == "Enabled"),
    )


# Destinations of replication, where `{o}` is a bucket in another region and `{s}` one in the same: account that is named, bucket, status, and
# whether the destination can be trusted and whether it is in another region (None: nothing says where it is).
REPLICATION = [
    None, (None, "{o}", "Enabled", True, True), (None, "{s}", "Enabled", True, False), (TRUSTED, "backup-of-trusted", "Enabled", True, None),
    (STRANGER, "backup-of-stranger", "Enabled", False, None), (None, "deleted-and-taken", "Enabled", False, None),
    (STRANGER, "x", "Disabled", None, None),
]


def more_settings(estate, account, client, region, name, versioned, lock, takes_logs):
    """Settings of a bucket that nothing else depends on."""
    draw = estate.buckets.choice
    redirect = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}}
    website = draw([None, None, {"IndexDocument": {"Suffix": "index.html"}}, redirect])
    if website:
        client.put_bucket_website(Bucket=name, WebsiteConfiguration=website)
    notified = draw([False, True])
    if notified:
        queue = {"QueueArn": f"arn:aws:sqs:{region}:{account.id}:changes", "Events": ["s3:ObjectCreated:*"]}
        client.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"QueueConfigurations": [queue]}, SkipDestinationValidation=True
        )
    tagged = draw([False, True])
    if tagged:
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "data"}]})
    retention = draw([None, {"Mode": "GOVERNANCE", "Days": 30}, {"Mode": "COMPLIANCE", "Years": 1}]) if lock else None
    if retention:
        client.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        )
    first = {here: made for here, made in estate.first_buckets[account.id].items()}
    there = next((made for here, made in first.items() if here != region), None)
    # S3 replicates only versioned buckets.
    replication = draw(REPLICATION) if versioned else None
    if replication and replication[1] == "{o}" and there is None:
        replication = None
    trusted = across = None
    enabled = False
    if replication:
        owner, to, status, trusted, across = replication
        to = to.replace("{o}", there or "").replace("{s}", first.get(region, name))
        destination = {"Bucket": f"arn:aws:s3:::{to}", **({"Account": owner} if owner else {})}
        rule = {
            "ID": "copy", "Priority": 1, "Status": status, "Filter": {"Prefix": ""}, "Destination": destination,
            "DeleteMarkerReplication": {"Status": "Disabled"},
        }
        client.put_bucket_replication(
            Bucket=name, ReplicationConfiguration={"Role": f"arn:aws:iam::{account.id}:role/copy", "Rules": [rule]}
        )
        enabled = status == "Enabled"
    estate.first_buckets[account.id].setdefault(region, name)
    account.say(
        region,
        name,
        s3_bucket_static_website_off=yes(not website),
        s3_bucket_event_notifications=yes(notified),
        s3_bucket_tagged=yes(tagged),
        s3_bucket_object_lock_default_retention="skip" if not lock or (not retention and takes_logs) else yes(retention),
        s3_bucket_replication=yes(enabled),
        s3_bucket_replication_destination_trusted=yes(trusted) if enabled else "skip",
        s3_bucket_cross_region_replication="unknown" if enabled and across is None else yes(enabled and across),
    )
    estate.params["s3-bucket-policy-grantee-allowlist"] = ALLOWLIST
    estate.params["s3-bucket-policy-reference-bound"] = REFERENCE
    estate.params["s3-bucket-allowed-region"] = {"regions": REGIONS[:1]}
