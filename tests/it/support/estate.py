"""An estate of about two thousand resources, generated from a fixed seed, and the expected verdicts on each.

The verdicts are computed from the generated values and AWS's documentation, without reading any rule. Where moto lacks a response, the
tests' proxy sends one from `answers`.
"""

import json
import random
from datetime import datetime, timezone

from moto.ec2.models import ec2_backends

import estate_network
from seed import DEFENSES, Account

SEED = 20261124
ACCOUNTS = ["444455556666", "555566667777", "666677778888"]
REGIONS = ["eu-west-1", "us-east-1"]
STRANGER = "999988887777"
TRUSTED = "888877776666"
ORGANIZATION = "o-a1b2c3d4e5"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
ZONES = {"eu-west-1": "euw1-az1", "us-east-1": "use1-az4"}

ADMIN_PORTS = {22, 3389}
HIGH_RISK = {20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300}
AUTHORIZED = {80, 443}
SMB = {445}
LOG_DELIVERY = 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"'
# The verdict on a bucket that receives the access logs of others.
TARGET = "skip"


class Estate:
    def __init__(self, endpoint):
        self.rng = random.Random(SEED)
        # Separate generators, so that drawing from one does not affect the others.
        self.more = random.Random(SEED + 1)
        self.network = random.Random(SEED + 2)
        self.verdicts = []
        self.answers = []
        self.resources = 0
        self.accounts = [Account(endpoint, account, self.verdicts) for account in ACCOUNTS]

    def answer(self, call, account, region, body, bucket=None, code=None, **params):
        """The response to a call, for a bucket if one is named: a body, or "not found" with a code."""
        asked = {"call": call, "account": account, "region": region, "bucket": bucket, "params": params}
        self.answers.append({**asked, "body": body, "code": code})

    def some(self, options):
        return self.rng.choice(options)

    def often(self, share):
        return self.rng.random() < share


def seed(endpoint):
    estate = Estate(endpoint)
    for account, on in zip(estate.accounts, [DEFENSES, ["RestrictPublicBuckets"], None]):
        s3(estate, account, on)
        for region in REGIONS:
            ec2(estate, account, region)
    return {"accounts": ACCOUNTS, "verdicts": estate.verdicts, "answers": estate.answers, "resources": estate.resources}


def yes(true):
    return "pass" if true else "fail"


# --- S3 ---


def s3(estate, account, on):
    if on is not None:
        account.client("s3control", "us-east-1").put_public_access_block(
            AccountId=account.id, PublicAccessBlockConfiguration={name: name in on for name in DEFENSES}
        )
    block = set(on or [])
    account.say("global", account.id, s3_account_public_access_block=yes(block == set(DEFENSES)))
    estate.resources += 1
    iam = account.client("iam", "us-east-1")
    iam.create_instance_profile(InstanceProfileName="app")
    names = [f"estate-{account.id}-{number:02}" for number in range(16)]
    # The first bucket receives the logs of the others in its region.
    logs = {}
    for name in names:
        bucket(estate, account, name, block, logs)
    access_points(estate, account, names[1])
    multi_region_access_points(estate, account, names[1])
    for region in REGIONS:
        directory_buckets(estate, account, region)


# Policy grants: the statement, who gets access, and whether it is public by S3's definition. `{b}` is the bucket.
def allow(principal, action, condition=None, sid="Grant"):
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}
    if condition:
        statement["Condition"] = condition
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
    (allow({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", {"StringEquals": {"aws:SourceAccount": "{a}"}}), False, set(), False),
]

TLS = [
    (None, False),
    ({"Action": "s3:*", "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}, True),
    ({"Action": "*", "Resource": "*"}, True),
    ({"Action": "s3:*", "Resource": "arn:aws:s3:::{b}/*"}, False),
    ({"Action": "s3:GetObject", "Resource": ["arn:aws:s3:::{b}", "arn:aws:s3:::{b}/*"]}, False),
]


def bucket(estate, account, name, account_block, logs):
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
    acl = "log-delivery-write" if keeps_logs and not enforced else "private" if enforced else estate.some(["private", "private", "public-read", "public-write", "authenticated-read", "log-delivery-write"])
    if acl == "public-write":
        client.put_bucket_acl(Bucket=name, GrantWrite='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
    elif acl == "log-delivery-write":
        # moto returns only one of the two permissions of the canned ACL.
        client.put_bucket_acl(Bucket=name, GrantWrite=LOG_DELIVERY, GrantReadACP=LOG_DELIVERY)
    else:
        client.put_bucket_acl(Bucket=name, ACL=acl)
    takes_logs = acl == "log-delivery-write"
    acl_works = not enforced and "IgnorePublicAcls" not in block
    acl_reads = acl_works and acl in ("public-read", "authenticated-read")
    acl_writes = acl_works and acl == "public-write"

    # moto parses the policy of a bucket that receives logs, and fails on some.
    grant, public, may, outside = GRANTS[0] if keeps_logs else estate.some(GRANTS)
    denial, tls = TLS[0] if keeps_logs else estate.some(TLS)
    statements = []
    if grant:
        statements.append(grant)
    if denial:
        statements.append({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}, **denial})
    if statements:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements}).replace("{b}", name).replace("{a}", account.id)
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
    if logged:
        client.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": logs[region], "TargetPrefix": f"{name}/"}})
    lifecycle = estate.some([None, "Enabled", "Disabled"])
    if lifecycle:
        client.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={"Rules": [{"ID": "old", "Status": lifecycle, "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}]},
        )

    # Lifecycle rules and MFA delete are mutually exclusive. moto has no MFA.
    mfa = versioning == "Enabled" and not lifecycle and int(name[-1]) % 2 == 0
    if mfa:
        estate.answer(
            "s3:GetBucketVersioning", account.id, region,
            '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>',
            bucket=name,
        )

    account.say(
        region,
        name,
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


def access_points(estate, account, bucket_name):
    control = account.client("s3control", "eu-west-1")
    for number, on in enumerate([DEFENSES, DEFENSES[:3], []]):
        name = f"point-{number}"
        control.create_access_point(
            AccountId=account.id,
            Name=name,
            Bucket=bucket_name,
            PublicAccessBlockConfiguration={flag: flag in on for flag in DEFENSES},
        )
        estate.resources += 1
        # moto lists it in every region.
        for region in REGIONS:
            account.say(region, name, s3_access_point_public_access_block=yes(len(on) == 4))


def multi_region_access_points(estate, account, bucket_name):
    control = account.client("s3control", "us-west-2")
    for number, on in enumerate([DEFENSES, DEFENSES[1:], DEFENSES[:1], []]):
        name = f"everywhere-{number}"
        control.create_multi_region_access_point(
            AccountId=account.id,
            ClientToken=name,
            Details={
                "Name": name, "Regions": [{"Bucket": bucket_name}],
                "PublicAccessBlock": {flag: flag in on for flag in DEFENSES},
            },
        )
        account.say("global", name, s3_mrap_public_access_block=yes(len(on) == 4))
        estate.resources += 1


# Lifecycle rules of a directory bucket, by status; None if never configured.
LIFECYCLES = [None, ["Enabled"], ["Disabled"], ["Disabled", "Enabled"], ["Disabled", "Disabled"]]


def directory_buckets(estate, account, region):
    """moto has none and returns the other buckets."""
    listed = ""
    for number, lifecycle in enumerate(LIFECYCLES):
        name = f"fast-{number}-{account.id}--{ZONES[region]}--x-s3"
        listed += f"<Bucket><Name>{name}</Name><BucketRegion>{region}</BucketRegion><CreationDate>2026-01-02T03:04:05Z</CreationDate></Bucket>"
        rules = "".join(
            f"<Rule><ID>{index}</ID><Filter><Prefix></Prefix></Filter><Status>{status}</Status><Expiration><Days>14</Days></Expiration></Rule>"
            for index, status in enumerate(lifecycle or [])
        )
        estate.answer(
            "s3express:GetBucketLifecycleConfiguration", account.id, region,
            f'<LifecycleConfiguration xmlns="{S3}">{rules}</LifecycleConfiguration>',
            bucket=name, code=None if lifecycle else "NoSuchLifecycleConfiguration",
        )
        account.say(region, name, s3_directory_bucket_lifecycle=yes(lifecycle and "Enabled" in lifecycle))
        estate.resources += 1
    estate.answer(
        "s3express:ListDirectoryBuckets", account.id, region,
        f'<ListAllMyDirectoryBucketsResult xmlns="{S3}"><Buckets>{listed}</Buckets></ListAllMyDirectoryBucketsResult>',
    )


# --- EC2 ---


def ec2(estate, account, region):
    client = account.client("ec2", region)
    settings(estate, account, region, client)
    vpcs = [client.describe_vpcs()["Vpcs"][0]["VpcId"]]
    vpcs += [client.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in (1, 2)]
    flow_logs(estate, account, region, client, vpcs)
    prefix_lists = lists(client)
    for vpc in vpcs:
        default_group(estate, account, region, client, vpc)
        subnets(estate, account, region, client, vpc)
        acls(estate, account, region, client, vpc)
    for number in range(14):
        group(estate, account, region, client, estate.some(vpcs), number, prefix_lists)
    file_shares(estate, account, region, client, vpcs[1], prefix_lists)
    peering(estate, account, region, client, vpcs)
    gateways(estate, account, region, client)
    storage(estate, account, region, client)
    instances(estate, account, region, client, vpcs[0])
    other_instances(estate, account, region, client, vpcs[0])
    templates(estate, account, region, client)
    volumes = launched_volumes(estate, account, region, client)
    open_templates(estate, account, region, client, vpcs[0], volumes)
    spot_fleets(estate, account, region, volumes)
    estate_network.network(estate, account, region, client, vpcs)
    # Images have their own snapshots.
    said = {verdict["resource"] for verdict in account.verdicts}
    for snapshot in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        if snapshot["SnapshotId"] not in said:
            account.say(region, snapshot["SnapshotId"], ebs_snapshot_public="pass")


def settings(estate, account, region, client):
    # In some regions, snapshots can be public.
    open_to_all = (account.id, region) == (ACCOUNTS[1], REGIONS[0])
    by_default = estate.by_default = estate.often(0.5) and not open_to_all
    if by_default:
        client.enable_ebs_encryption_by_default()
    # The proxy answers what moto does not support.
    snapshots = estate.some(["block-all-sharing", "block-new-sharing", "unblocked"])
    snapshots = "unblocked" if open_to_all else snapshots
    estate.snapshots_blocked = snapshots == "block-all-sharing"
    images = estate.some(["block-new-sharing", "unblocked"])
    tokens = estate.some(["required", "optional", None])
    estate.tokens = tokens
    estate.answer(
        "ec2:GetSnapshotBlockPublicAccessState", account.id, region,
        f'<GetSnapshotBlockPublicAccessStateResponse xmlns="{EC2}"><state>{snapshots}</state><managedBy>account</managedBy></GetSnapshotBlockPublicAccessStateResponse>',
    )
    estate.answer(
        "ec2:GetImageBlockPublicAccessState", account.id, region,
        f'<GetImageBlockPublicAccessStateResponse xmlns="{EC2}"><imageBlockPublicAccessState>{images}</imageBlockPublicAccessState><managedBy>account</managedBy></GetImageBlockPublicAccessStateResponse>',
    )
    level = f"<accountLevel><httpTokens>{tokens}</httpTokens></accountLevel>" if tokens else "<accountLevel/>"
    estate.answer(
        "ec2:GetInstanceMetadataDefaults", account.id, region,
        f'<GetInstanceMetadataDefaultsResponse xmlns="{EC2}">{level}</GetInstanceMetadataDefaultsResponse>',
    )
    account.say(
        region,
        region,
        ec2_ebs_encryption_by_default=yes(by_default),
        ec2_ebs_snapshot_block_public_access=yes(snapshots == "block-all-sharing"),
        ec2_ami_block_public_access=yes(images == "block-new-sharing"),
        ec2_imds_defaults_v2=yes(tokens == "required"),
    )
    estate.resources += 1


def flow_logs(estate, account, region, client, vpcs):
    for vpc in vpcs:
        kind = estate.some([None, "ALL", "REJECT", "ACCEPT"])
        if kind:
            client.create_flow_logs(
                ResourceIds=[vpc], ResourceType="VPC", TrafficType=kind, LogDestinationType="s3",
                LogDestination=f"arn:aws:s3:::estate-{account.id}-00",
            )
        account.say(region, vpc, vpc_flow_logs=yes(kind in ("ALL", "REJECT")))
        estate.resources += 1


def lists(client):
    """Two prefix lists: the whole internet as two halves, and an office network."""
    made = {}
    for name, entries in [("halves", ["0.0.0.0/1", "128.0.0.0/1"]), ("office", ["203.0.113.0/24"])]:
        made[name] = client.create_managed_prefix_list(
            PrefixListName=name, MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": cidr} for cidr in entries]
        )["PrefixList"]["PrefixListId"]
    return made


def default_group(estate, account, region, client, vpc):
    found = client.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [vpc]}]
    )["SecurityGroups"]
    assert len(found) == 1, found
    emptied = estate.often(0.4)
    if emptied:
        if found[0]["IpPermissions"]:
            client.revoke_security_group_ingress(GroupId=found[0]["GroupId"], IpPermissions=found[0]["IpPermissions"])
        client.revoke_security_group_egress(GroupId=found[0]["GroupId"], IpPermissions=found[0]["IpPermissionsEgress"])
    say_group(account, region, found[0]["GroupId"], [], default=yes(emptied))
    estate.resources += 1


# Sources: IPv4 ranges, IPv6 ranges, prefix list, and whether they cover the internet by IPv4, by IPv6, or by a prefix list.
SOURCES = [
    (["0.0.0.0/0"], [], None),
    (["0.0.0.0/0"], ["::/0"], None),
    ([], ["::/0"], None),
    (["0.0.0.0/1", "128.0.0.0/1"], [], None),
    (["0.0.0.0/1"], [], None),
    (["10.0.0.0/8", "203.0.113.7/32"], ["2001:db8::/32"], None),
    ([], [], "halves"),
    ([], [], "office"),
]
PROTOCOLS = [
    ("tcp", 22, 22), ("tcp", 3389, 3389), ("tcp", 443, 443), ("tcp", 80, 80), ("tcp", 0, 65535), ("-1", None, None),
    ("udp", 22, 22), ("udp", 53, 53), ("tcp", 8000, 9000), ("icmp", 8, -1), ("tcp", 1024, 1030), ("tcp", 3306, 3306),
]


class Opening:
    """One random rule of a group, and what it opens to whom."""

    def __init__(self, protocol, low, high, v4, v6, prefix):
        self.protocol, self.low, self.high = protocol, low, high
        self.v4 = v4 == ["0.0.0.0/0"] or v4 == ["0.0.0.0/1", "128.0.0.0/1"]
        self.v6 = "::/0" in v6
        self.list = prefix == "halves"
        self.world = self.v4 or self.v6 or self.list

    def ports(self, protocol):
        if self.protocol == "-1":
            return range(0, 65536)
        return range(self.low, self.high + 1) if self.protocol == protocol else range(0)

    def admits(self, protocol, ports):
        return any(port in self.ports(protocol) for port in ports)


def say_group(account, region, group_id, openings, default="skip"):
    admin = [opening for opening in openings if opening.admits("tcp", ADMIN_PORTS)]
    world = [opening for opening in openings if opening.world]
    account.say(
        region,
        group_id,
        sg_default_closed=default,
        # A prefix list of IPv4 addresses also opens to IPv4.
        sg_ingress_remote_admin_ipv4=yes(not any(opening.v4 or opening.list for opening in admin)),
        sg_ingress_remote_admin_ipv6=yes(not any(opening.v6 for opening in admin)),
        sg_ingress_high_risk_ports=yes(not any(opening.admits("tcp", HIGH_RISK) for opening in world)),
        sg_ingress_authorized_ports=yes(
            all(set(opening.ports("tcp")) <= AUTHORIZED and not opening.ports("udp") for opening in world)
        ),
        sg_ingress_all_ports=yes(
            not any(opening.protocol == "-1" or (opening.low in (0, 1) and opening.high == 65535) for opening in world)
        ),
        sg_prefix_list_internet=yes(not any(opening.list for opening in openings)),
        sg_ingress_smb=yes(not any(opening.admits("tcp", SMB) for opening in world)),
    )


def group(estate, account, region, client, vpc, number, prefix_lists):
    made = client.create_security_group(GroupName=f"group-{number}", Description="of the estate", VpcId=vpc)["GroupId"]
    estate.resources += 1
    openings = []
    for protocol, low, high in estate.rng.sample(PROTOCOLS, estate.some([0, 1, 1, 2])):
        v4, v6, prefix = estate.some(SOURCES)
        ports = {} if low is None else {"FromPort": low, "ToPort": high}
        permission = {
            "IpProtocol": protocol, **ports,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4],
            "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
            "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
        }
        client.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        openings.append(Opening(protocol, low, high, v4, v6, prefix))
    say_group(account, region, made, openings)


# Around the SMB port.
SHARES = [
    ("tcp", 445, 445), ("6", 445, 445), ("tcp", 137, 445), ("tcp", 445, 500), ("tcp", 400, 444), ("tcp", 446, 500), ("udp", 445, 445), ("tcp", 139, 139),
]


def file_shares(estate, account, region, client, vpc, prefix_lists):
    """A group for each of these port ranges, open to the internet or not."""
    for number, (protocol, low, high) in enumerate(SHARES):
        made = client.create_security_group(GroupName=f"share-{number}", Description="of the estate", VpcId=vpc)["GroupId"]
        estate.resources += 1
        v4, v6, prefix = estate.more.choice(SOURCES)
        permission = {
            "IpProtocol": protocol, "FromPort": low, "ToPort": high,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4],
            "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
            "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
        }
        client.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        # Protocol number 6 is TCP.
        say_group(account, region, made, [Opening("tcp" if protocol == "6" else protocol, low, high, v4, v6, prefix)])


def subnets(estate, account, region, client, vpc):
    found = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    if not found:
        block = client.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
        for third in (0, 1):
            client.create_subnet(VpcId=vpc, CidrBlock=block.replace(".0.0/16", f".{third}.0/24"))
    for subnet in client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]:
        public = estate.often(0.5)
        client.modify_subnet_attribute(SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": public})
        account.say(region, subnet["SubnetId"], subnet_auto_public_ip=yes(not public))
        estate.resources += 1


# Entries of an ACL by number: (number, action, protocol, ports, cidr), and whether TCP 22 or 3389 is open to the internet.
ACLS = [
    ([(100, "allow", "-1", None, "0.0.0.0/0")], True),
    ([(50, "deny", "6", (22, 22), "0.0.0.0/0"), (60, "deny", "6", (3389, 3389), "0.0.0.0/0"), (100, "allow", "-1", None, "0.0.0.0/0")], False),
    ([(50, "deny", "6", (22, 22), "0.0.0.0/0"), (100, "allow", "-1", None, "0.0.0.0/0")], True),
    ([(100, "allow", "6", (22, 22), "0.0.0.0/0"), (200, "deny", "6", (22, 22), "0.0.0.0/0")], True),
    ([(100, "allow", "6", (443, 443), "0.0.0.0/0")], False),
    ([(100, "allow", "17", (22, 22), "0.0.0.0/0")], False),
    ([(100, "allow", "6", (22, 22), "10.0.0.0/8")], False),
    ([(100, "allow", "6", (3000, 4000), "0.0.0.0/0")], True),
    ([], False),
]


def acls(estate, account, region, client, vpc):
    default = client.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    for acl in default:
        account.say(region, acl["NetworkAclId"], nacl_ingress_ssh_rdp="fail")
        estate.resources += 1
    for _ in range(2):
        entries, is_open = estate.some(ACLS)
        acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        for number, action, protocol, ports, cidr in entries:
            ranges = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
            client.create_network_acl_entry(
                NetworkAclId=acl, RuleNumber=number, RuleAction=action, Protocol=protocol, CidrBlock=cidr, Egress=False, **ranges
            )
        account.say(region, acl, nacl_ingress_ssh_rdp=yes(not is_open))
        estate.resources += 1


def peering(estate, account, region, client, vpcs):
    """One peering between two VPCs of the account, with a route to the whole peer VPC or part of it."""
    made = client.create_vpc_peering_connection(VpcId=vpcs[1], PeerVpcId=vpcs[2])["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    table = client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpcs[1]]}])["RouteTables"][0]["RouteTableId"]
    to, verdict = estate.some([("10.2.0.0/16", "fail"), ("10.2.1.0/24", "pass"), ("0.0.0.0/0", "fail"), (None, "pass")])
    if to:
        client.create_route(RouteTableId=table, DestinationCidrBlock=to, VpcPeeringConnectionId=made)
    account.say(region, made, vpc_peering_least_route=verdict)
    estate.resources += 1


def gateways(estate, account, region, client):
    for accept in ("enable", "disable"):
        made = client.create_transit_gateway(Options={"AutoAcceptSharedAttachments": accept})["TransitGateway"]["TransitGatewayId"]
        account.say(region, made, tgw_auto_accept=yes(accept == "disable"))
        estate.resources += 1


def storage(estate, account, region, client):
    public = []
    for number in range(6):
        # The first is shared in every possible way.
        encrypted = estate.by_default or (estate.often(0.5) and number > 0)
        volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=encrypted)["VolumeId"]
        account.say(region, volume, ebs_volume_encrypted=yes(encrypted))
        snapshot = client.create_snapshot(VolumeId=volume)["SnapshotId"]
        shared = not encrypted and (estate.often(0.5) or number == 0)
        if shared:
            client.modify_snapshot_attribute(
                SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
            )
            public.append((snapshot, volume))
        # If all sharing is blocked, nobody can restore it, whatever its permissions are.
        account.say(region, snapshot, ebs_snapshot_public="skip" if shared and estate.snapshots_blocked else yes(not shared))
        estate.resources += 2
    # moto returns every snapshot, regardless of who may restore it.
    items = "".join(
        f"<item><snapshotId>{snapshot}</snapshotId><volumeId>{volume}</volumeId><status>completed</status><ownerId>{account.id}</ownerId><volumeSize>1</volumeSize><encrypted>false</encrypted></item>"
        for snapshot, volume in public
    )
    estate.answer(
        "ec2:DescribeSnapshots", account.id, region,
        f'<DescribeSnapshotsResponse xmlns="{EC2}"><snapshotSet>{items}</snapshotSet></DescribeSnapshotsResponse>',
        **{"RestorableBy.1": "all"},
    )
    for number in range(3):
        image = client.register_image(Name=f"estate-{region}-{number}", RootDeviceName="/dev/sda1")["ImageId"]
        shared = estate.often(0.5)
        if shared:
            client.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
        account.say(region, image, ec2_ami_public=yes(not shared))
        estate.resources += 1
    estate.image = image


def instances(estate, account, region, client, vpc):
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    for number in range(6):
        tokens, endpoint = estate.some([("required", "enabled"), ("optional", "enabled"), ("optional", "disabled")])
        public, profile = estate.often(0.5), estate.often(0.5)
        terminated = estate.often(0.2)
        options = {"IamInstanceProfile": {"Arn": f"arn:aws:iam::{account.id}:instance-profile/app"}} if profile else {}
        instance = client.run_instances(
            ImageId=estate.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": endpoint},
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": public}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": True, "DeleteOnTermination": True}}],
            **options,
        )["Instances"][0]["InstanceId"]
        estate.resources += 1
        if terminated:
            client.terminate_instances(InstanceIds=[instance])
        else:
            volumes = client.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
            assert len(volumes) == 1, volumes
            account.say(region, volumes[0]["VolumeId"], ebs_volume_encrypted="pass")
            estate.resources += 1
        account.say(
            region,
            instance,
            ec2_instance_imdsv2="skip" if terminated else yes(tokens == "required" or endpoint == "disabled"),
            ec2_instance_public_ip="skip" if terminated else yes(not public),
            ec2_instance_profile_attached="skip" if terminated else yes(profile),
            ec2_instance_stopped_too_long="skip" if terminated else "pass",
            ec2_instance_single_eni="skip" if terminated else "pass",
            ec2_instance_no_paravirtual="skip" if terminated else "pass",
        )


LONG_AGO = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
LONG_AGO_STOPPED = "User initiated (2024-05-06 07:08:09 GMT)"
# moto treats an instance of an unknown image as paravirtual.
PARAVIRTUAL = "ami-0badbadbadbadbad0"
# State, the reason of its last change if not moto's, when it was launched if not now, subnets of further interfaces (by index), whether it
# is paravirtual, and whether it has been stopped for more than 30 days (None: AWS does not say).
OTHER_INSTANCES = [
    ("running", None, None, [0], False, False),
    ("running", None, None, [1], False, False),
    ("running", None, None, [0, 1], False, False),
    ("running", None, LONG_AGO, [], False, False),
    ("running", None, None, [], True, False),
    ("stopped", None, None, [], False, False),
    ("stopped", None, LONG_AGO, [], False, False),
    ("stopped", LONG_AGO_STOPPED, LONG_AGO, [], False, True),
    ("stopped", LONG_AGO_STOPPED, LONG_AGO, [1], True, True),
    # AWS stopped it itself: the launch time is only a lower bound.
    ("stopped", "Server.InternalError", LONG_AGO, [], False, None),
    ("stopped", "Server.InternalError", None, [], False, False),
    ("stopped", "", LONG_AGO, [], True, None),
    ("terminated", LONG_AGO_STOPPED, LONG_AGO, [], True, False),
]


def other_instances(estate, account, region, client, vpc):
    found = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    subnets = [subnet["SubnetId"] for subnet in found]
    for state, reason, launched, interfaces, paravirtual, too_long in OTHER_INSTANCES:
        instance = client.run_instances(
            ImageId=PARAVIRTUAL if paravirtual else estate.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnets[0], "AssociatePublicIpAddress": False}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": True, "DeleteOnTermination": True}}],
        )["Instances"][0]["InstanceId"]
        estate.resources += 1
        for place, of_subnet in enumerate(interfaces):
            interface = client.create_network_interface(SubnetId=subnets[of_subnet])["NetworkInterface"]["NetworkInterfaceId"]
            client.attach_network_interface(InstanceId=instance, NetworkInterfaceId=interface, DeviceIndex=place + 1)
        if state == "stopped":
            client.stop_instances(InstanceIds=[instance])
        # moto's clock cannot be set back.
        inside = ec2_backends[account.id][region].get_instance(instance)
        if reason is not None:
            inside._reason = reason
        if launched is not None:
            inside.launch_time = launched
        gone = state == "terminated"
        if gone:
            client.terminate_instances(InstanceIds=[instance])
        else:
            volumes = client.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
            assert len(volumes) == 1, volumes
            account.say(region, volumes[0]["VolumeId"], ebs_volume_encrypted="pass")
            estate.resources += 1
        account.say(
            region,
            instance,
            ec2_instance_imdsv2="skip" if gone else "pass",
            ec2_instance_public_ip="skip" if gone else "pass",
            ec2_instance_profile_attached="skip" if gone else "fail",
            ec2_instance_stopped_too_long="skip" if gone else "unknown" if too_long is None else yes(not too_long),
            ec2_instance_single_eni="skip" if gone else yes(not interfaces),
            ec2_instance_no_paravirtual="skip" if gone else yes(not paravirtual),
        )


def templates(estate, account, region, client):
    required, optional = {"HttpTokens": "required"}, {"HttpTokens": "optional"}
    disabled = {"HttpEndpoint": "disabled"}
    for number in range(5):
        # The default is the first version; the latest is the second, if there is one.
        versions = [estate.some([required, optional, disabled, None]) for _ in range(estate.some([1, 2]))]
        data = [{"InstanceType": "t3.micro", **({"MetadataOptions": options} if options else {})} for options in versions]
        made = client.create_launch_template(LaunchTemplateName=f"template-{number}", LaunchTemplateData=data[0])["LaunchTemplate"]
        for more in data[1:]:
            client.create_launch_template_version(LaunchTemplateId=made["LaunchTemplateId"], LaunchTemplateData=more)
        good = [options in (required, disabled) or (options is None and estate.tokens == "required") for options in versions]
        account.say(
            region,
            made["LaunchTemplateId"],
            ec2_launch_template_imdsv2=yes(all(good)),
            # Neither interfaces nor volumes are mentioned.
            ec2_launch_template_public_ip="pass",
            ec2_launch_template_ebs_encrypted="pass",
        )
        estate.resources += 1


def launched_volumes(estate, account, region, client):
    """How a launch can specify its volumes, and whether they are encrypted if the region does not encrypt by default."""
    snapshots = {}
    for wanted in (True, False):
        # The region encrypts volumes that specify nothing.
        encrypted = wanted or estate.by_default
        volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=encrypted)["VolumeId"]
        snapshots[wanted] = client.create_snapshot(VolumeId=volume)["SnapshotId"]
        account.say(region, volume, ebs_volume_encrypted=yes(encrypted))
        account.say(region, snapshots[wanted], ebs_snapshot_public="pass")
        estate.resources += 2

    def ebs(device="/dev/xvda", **options):
        return {"DeviceName": device, "Ebs": options}

    sealed, plain, foreign = snapshots[True], snapshots[False], "snap-0123456789abcdef0"
    return [
        ([], True),
        ([ebs(Encrypted=True, VolumeSize=8)], True),
        ([ebs(Encrypted=False, VolumeSize=8)], False),
        ([ebs(VolumeSize=8)], False),
        ([ebs(Encrypted=True), ebs("/dev/xvdb", VolumeSize=8)], False),
        ([{"DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0"}], True),
        # A volume is encrypted if its snapshot is.
        ([ebs(SnapshotId=sealed)], True),
        ([ebs(SnapshotId=plain)], False),
        ([ebs(SnapshotId=plain, Encrypted=True)], True),
        # Nothing is known about another account's snapshot.
        ([ebs(SnapshotId=foreign)], False),
        ([ebs(SnapshotId=foreign, Encrypted=True)], True),
    ]


def open_templates(estate, account, region, client, vpc, volumes):
    """Templates with interfaces and volumes."""
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    closed, opened = (client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(2))
    address = client.allocate_address(Domain="vpc")["AllocationId"]
    client.associate_address(AllocationId=address, NetworkInterfaceId=opened)

    def interface(**options):
        return {"DeviceIndex": 0, **options}

    # Interfaces, and whether the template gives one a public address.
    networks = [
        ([], False),
        ([interface(AssociatePublicIpAddress=True)], True),
        ([interface(AssociatePublicIpAddress=False)], False),
        ([interface(AssociateCarrierIpAddress=True)], True),
        # The subnet decides.
        ([interface(SubnetId=subnet)], False),
        ([interface(NetworkInterfaceId=closed)], False),
        ([interface(NetworkInterfaceId=opened)], True),
        ([interface(NetworkInterfaceId=closed), interface(DeviceIndex=1, NetworkInterfaceId=opened)], True),
        # It has been deleted.
        ([interface(NetworkInterfaceId="eni-0123456789abcdef0")], False),
    ]
    # Each one in a template with one version; then two of each, as default and latest version.
    singles = [([network], [disks]) for network, disks in zip(networks + networks[:2], volumes)]
    pairs = [(estate.more.sample(networks, 2), estate.more.sample(volumes, 2)) for _ in range(6)]
    for number, (of_network, of_disks) in enumerate(singles + pairs):
        data = [
            {
                "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"},
                **({"NetworkInterfaces": network} if network else {}),
                **({"BlockDeviceMappings": disks} if disks else {}),
            }
            for (network, _), (disks, _) in zip(of_network, of_disks)
        ]
        made = client.create_launch_template(LaunchTemplateName=f"open-{number}", LaunchTemplateData=data[0])["LaunchTemplate"]["LaunchTemplateId"]
        for more in data[1:]:
            client.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=more)
        account.say(
            region,
            made,
            ec2_launch_template_imdsv2="pass",
            ec2_launch_template_public_ip=yes(not any(public for _, public in of_network)),
            ec2_launch_template_ebs_encrypted=yes(estate.by_default or all(encrypted for _, encrypted in of_disks)),
        )
        estate.resources += 1


def spot_fleets(estate, account, region, volumes):
    """moto drops the volumes of a request, so the proxy answers for all of them."""

    def xml(tag, value):
        if isinstance(value, bool):
            value = "true" if value else "false"
        return f"<{tag}>{value}</{tag}>"

    def specification(disks):
        items = ""
        for disk in disks:
            names = {"DeviceName": "deviceName", "VirtualName": "virtualName"}
            item = "".join(xml(name, disk[key]) for key, name in names.items() if key in disk)
            if "Ebs" in disk:
                item += xml("ebs", "".join(xml(key[0].lower() + key[1:], value) for key, value in disk["Ebs"].items()))
            items += xml("item", item)
        return xml("item", xml("instanceType", "m5.large") + xml("blockDeviceMapping", items))

    by_template = "<launchTemplateConfigs><item><launchTemplateSpecification><launchTemplateName>open-0</launchTemplateName><version>$Latest</version></launchTemplateSpecification></item></launchTemplateConfigs>"
    # State, what it launches (None: by template), and whether all of it is encrypted if the region does not encrypt by default.
    fleets = [("active", [disks], encrypted) for disks, encrypted in volumes]
    for state in ("submitted", "modifying", "active"):
        drawn = estate.more.sample(volumes, 2)
        fleets.append((state, [disks for disks, _ in drawn], all(encrypted for _, encrypted in drawn)))
    fleets += [(state, [volumes[2][0]], False) for state in ("cancelled", "cancelled_running", "cancelled_terminating", "failed")]
    fleets.append(("active", None, False))
    items = ""
    for number, (state, launched, encrypted) in enumerate(fleets):
        fleet = f"sfr-{account.id[:8]}-{region.replace('-', '')[:4]}-{number:04}"
        launches = by_template if launched is None else xml("launchSpecifications", "".join(specification(disks) for disks in launched))
        config = f"<iamFleetRole>arn:aws:iam::{account.id}:role/fleet</iamFleetRole><targetCapacity>1</targetCapacity>{launches}"
        items += xml(
            "item",
            f"<spotFleetRequestId>{fleet}</spotFleetRequestId><spotFleetRequestState>{state}</spotFleetRequestState><createTime>2026-01-02T03:04:05.000Z</createTime><spotFleetRequestConfig>{config}</spotFleetRequestConfig>",
        )
        # It launches nothing more, or its own specification does not decide.
        silent = launched is None or state.startswith("cancelled") or state == "failed"
        account.say(region, fleet, ec2_spot_fleet_ebs_encrypted="skip" if silent else yes(estate.by_default or encrypted))
        estate.resources += 1
    estate.answer(
        "ec2:DescribeSpotFleetRequests", account.id, region,
        f'<DescribeSpotFleetRequestsResponse xmlns="{EC2}"><spotFleetRequestConfigSet>{items}</spotFleetRequestConfigSet></DescribeSpotFleetRequestsResponse>',
    )
