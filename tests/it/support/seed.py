"""Three accounts, two regions, and the expected verdict of every rule on everything in them.

Each verdict is next to the code that creates the resource, and follows from AWS's documentation: nothing here reads a rule.
"""

import json

import boto3
from botocore.config import Config

PAYMENTS = "111122223333"
RESEARCH = "222233334444"
SANDBOX = "333344445555"
IRELAND = "eu-west-1"
VIRGINIA = "us-east-1"
REGIONS = [IRELAND, VIRGINIA]

DEFENSES = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


class Account:
    """Clients of one account, using a role in it, and the expected verdicts."""

    def __init__(self, endpoint, account, verdicts):
        self.endpoint = endpoint
        self.id = account
        self.verdicts = verdicts
        sts = boto3.client("sts", endpoint_url=endpoint, region_name=VIRGINIA, aws_access_key_id="seed", aws_secret_access_key="seed")
        role = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/seed", RoleSessionName="seed")
        self.keys = role["Credentials"]

    def client(self, service, region):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=self.keys["AccessKeyId"],
            aws_secret_access_key=self.keys["SecretAccessKey"],
            aws_session_token=self.keys["SessionToken"],
            # S3 Control puts the account in front of the host, which does not resolve here; moto acts as its own proxy.
            config=Config(s3={"addressing_style": "path"}, proxies={"http": self.endpoint}),
        )

    def say(self, region, resource, **verdicts):
        for rule, verdict in verdicts.items():
            rule = rule.replace("_", "-")
            self.verdicts.append(
                {"account": self.id, "region": region, "resource": resource, "rule": rule, "verdict": verdict}
            )


def seed(endpoint):
    verdicts = []
    payments, research, sandbox = (Account(endpoint, account, verdicts) for account in (PAYMENTS, RESEARCH, SANDBOX))
    seed_payments_s3(payments)
    seed_research_s3(research)
    # No buckets, and only default groups in EC2.
    seed_account_block(sandbox, None)
    for account in (payments, research, sandbox):
        for region in REGIONS:
            seed_ec2(account, region)
    return verdicts


# --- S3 ---


def seed_account_block(account, on):
    """`on`: the settings that are on for the whole account; None: never configured, which means all off."""
    if on is not None:
        control = account.client("s3control", VIRGINIA)
        control.put_public_access_block(
            AccountId=account.id, PublicAccessBlockConfiguration={name: name in on for name in DEFENSES}
        )
    verdict = "pass" if on is not None and set(on) == set(DEFENSES) else "fail"
    account.say("global", account.id, s3_account_public_access_block=verdict)


def bucket(account, region, name, policy=None, versioning=None, block=None, **verdicts):
    s3 = account.client("s3", region)
    where = {} if region == VIRGINIA else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    # Buckets created before April 2023 have no such block; AWS adds one to every new bucket, moto to none.
    if block is not None:
        s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration={flag: flag in block for flag in DEFENSES}
        )
    if policy is not None:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    if versioning is not None:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
    account.say(region, name, **verdicts)


def deny_plain_http(name, *resources, **changes):
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}{end}" for end in resources or ("", "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }


def seed_payments_s3(account):
    """Everything is blocked for the whole account, so no bucket needs its own block."""
    seed_account_block(account, DEFENSES)
    name = "payments-ledger"
    bucket(
        account,
        IRELAND,
        name,
        policy=[deny_plain_http(name)],
        versioning="Enabled",
        s3_bucket_effective_public_access_block="pass",
        s3_bucket_policy_not_public="pass",
        s3_bucket_tls_only="pass",
        s3_bucket_versioning="pass",
    )
    s3 = account.client("s3", IRELAND)
    s3.put_bucket_tagging(
        # The content of a tag is data in every report.
        Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "pay [x](1) %0A::error \u202e=cmd()"}]}
    )
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]
        },
    )
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    name = "payments.archive"
    bucket(
        account,
        VIRGINIA,
        name,
        s3_bucket_effective_public_access_block="pass",
        # No policy: nobody else has access, and plain HTTP is not denied.
        s3_bucket_policy_not_public="pass",
        s3_bucket_tls_only="fail",
        s3_bucket_versioning="fail",
    )


def seed_research_s3(account):
    """Half of the settings are on for the account; each bucket decides about the other half."""
    seed_account_block(account, ["BlockPublicAcls", "IgnorePublicAcls"])
    name = "research-website"
    bucket(
        account,
        IRELAND,
        name,
        policy=[
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
        ],
        versioning="Suspended",
        s3_bucket_effective_public_access_block="fail",
        s3_bucket_policy_not_public="fail",
        s3_bucket_tls_only="fail",
        s3_bucket_versioning="fail",
    )
    s3 = account.client("s3", IRELAND)
    s3.put_bucket_acl(Bucket=name, ACL="public-read")

    name = "research-data"
    bucket(
        account,
        VIRGINIA,
        name,
        # Only objects: requests to the bucket itself may use plain HTTP.
        policy=[deny_plain_http(name, "/*")],
        versioning="Enabled",
        block=["BlockPublicPolicy", "RestrictPublicBuckets"],
        s3_bucket_effective_public_access_block="pass",
        s3_bucket_policy_not_public="pass",
        s3_bucket_tls_only="fail",
        s3_bucket_versioning="pass",
    )
    name = "research-exchange"
    bucket(
        account,
        IRELAND,
        name,
        # A named account is not public; the denial is complete, although it is split into two statements.
        policy=[
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS}:root"},
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            },
            deny_plain_http(name, "", Sid="BucketTls"),
            deny_plain_http(name, "/*", Sid="ObjectTls"),
        ],
        versioning="Enabled",
        # All but one of the missing settings.
        block=["BlockPublicPolicy"],
        s3_bucket_effective_public_access_block="fail",
        s3_bucket_policy_not_public="pass",
        s3_bucket_tls_only="pass",
        s3_bucket_versioning="pass",
    )
    name = "research-logs"
    bucket(
        account,
        IRELAND,
        name,
        block=DEFENSES,
        s3_bucket_effective_public_access_block="pass",
        s3_bucket_policy_not_public="pass",
        s3_bucket_tls_only="fail",
        s3_bucket_versioning="fail",
    )
    s3.put_bucket_acl(Bucket=name, ACL="log-delivery-write")
    logging = {"LoggingEnabled": {"TargetBucket": name, "TargetPrefix": "website/"}}
    s3.put_bucket_logging(Bucket="research-website", BucketLoggingStatus=logging)


# --- EC2 ---


def permission(protocol, low=None, high=None, v4=(), v6=()):
    ports = {} if low is None else {"FromPort": low, "ToPort": high}
    return {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": cidr} for cidr in v4],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
    }


ANYWHERE = ["0.0.0.0/0"]

# Name, what it allows, and whether TCP 22 or 3389 is open to every IPv4 address.
GROUPS = [
    ("ssh-world", [permission("tcp", 22, 22, ANYWHERE)], "fail"),
    ("ssh-world-ipv6-only", [permission("tcp", 22, 22, v6=["::/0"])], "pass"),
    ("everything-world", [permission("-1", v4=ANYWHERE)], "fail"),
    ("range-over-rdp", [permission("tcp", 3000, 4000, ANYWHERE)], "fail"),
    ("range-beside-both", [permission("tcp", 23, 3388, ANYWHERE)], "pass"),
    ("rdp-over-udp", [permission("udp", 3389, 3389, ANYWHERE)], "pass"),
    ("ssh-office", [permission("tcp", 22, 22, ["203.0.113.0/24"], ["2001:db8::/32"])], "pass"),
    ("ssh-two-halves", [permission("tcp", 22, 22, ["0.0.0.0/1", "128.0.0.0/1"])], "fail"),
    ("https-world", [permission("tcp", 443, 443, ANYWHERE, ["::/0"])], "pass"),
    ("closed", [], "pass"),
]


def seed_ec2(account, region):
    ec2 = account.client("ec2", region)
    crowded = account.id == PAYMENTS or (account.id == RESEARCH and region == VIRGINIA)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    seed_default_group(account, region, ec2, emptied=(account.id, region) == (PAYMENTS, IRELAND))
    for name, permissions, verdict in GROUPS if crowded else []:
        group = ec2.create_security_group(GroupName=name, Description=f"{name} of the tests", VpcId=vpc)["GroupId"]
        if permissions:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)
        account.say(region, group, sg_ingress_remote_admin_ipv4=verdict, sg_default_closed="skip")
    by_default = account.id == RESEARCH and region == IRELAND
    if by_default:
        ec2.enable_ebs_encryption_by_default()
    account.say(region, region, ec2_ebs_encryption_by_default="pass" if by_default else "fail")
    if crowded:
        seed_volumes(account, region, ec2)
        seed_instances(account, region, ec2)


def seed_default_group(account, region, ec2, emptied):
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    assert len(found) == 1, found
    group = found[0]
    if emptied:
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    account.say(
        region,
        group["GroupId"],
        # As created by AWS: members reach each other, all outbound traffic is allowed, and no inbound traffic from outside.
        sg_ingress_remote_admin_ipv4="pass",
        sg_default_closed="pass" if emptied else "fail",
    )


def seed_volumes(account, region, ec2):
    for encrypted in (True, False):
        volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=encrypted)["VolumeId"]
        account.say(region, volume, ebs_volume_encrypted="pass" if encrypted else "fail")


def seed_instances(account, region, ec2):
    image = ec2.register_image(Name=f"test-{region}", RootDeviceName="/dev/sda1")["ImageId"]
    for options, encrypted, terminate, verdict in [
        ({"HttpTokens": "required", "HttpEndpoint": "enabled"}, True, False, "pass"),
        ({"HttpTokens": "optional", "HttpEndpoint": "enabled"}, False, False, "fail"),
        ({"HttpTokens": "optional", "HttpEndpoint": "disabled"}, True, False, "pass"),
        ({"HttpTokens": "optional", "HttpEndpoint": "enabled"}, False, True, "skip"),
    ]:
        disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": encrypted, "DeleteOnTermination": True}}
        instance = ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            MetadataOptions=options,
            BlockDeviceMappings=[disk],
        )["Instances"][0]["InstanceId"]
        if terminate:
            ec2.terminate_instances(InstanceIds=[instance])
        else:
            attached = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
            assert len(attached) == 1, attached
            account.say(region, attached[0]["VolumeId"], ebs_volume_encrypted="pass" if encrypted else "fail")
        account.say(region, instance, ec2_instance_imdsv2=verdict)
