"""An account in which every rule with a fix fails, as far as moto has the resources, and what is set in it.

remediation_actions.py ENDPOINT ACCOUNT seed|state: creates the resources; prints what the fixes change, by what it is.
"""

import json
import sys

from seed import DEFENSES, IRELAND, Account, permission


def main():
    endpoint, account, step = sys.argv[1:]
    account = Account(endpoint, account, [])
    if step == "seed":
        seed(account)
    print(json.dumps(state(account), sort_keys=True))


def seed(account):
    s3, ec2 = account.client("s3", IRELAND), account.client("ec2", IRELAND)
    ledger, logs = f"ledger-{account.id}", f"logs-{account.id}"
    for name in (ledger, logs):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": IRELAND})
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
        # AWS encrypts all buckets with SSE-S3 unless it is told otherwise.
        sse = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=sse)
    deliver = {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{logs}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
    }
    s3.put_bucket_policy(Bucket=logs, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deliver]}))
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", AvailabilityZone=f"{IRELAND}a")["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    group = ec2.create_security_group(GroupName="bastion", Description="bastion", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission("tcp", 22, 22, ["0.0.0.0/0", "192.0.2.0/24"], ["::/0"])]
    )
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})
    gateway = ec2.create_transit_gateway(Options={"AutoAcceptSharedAttachments": "enable"})
    assert gateway["TransitGateway"]["State"] == "available", gateway
    image = ec2.register_image(Name="base", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    volume = ec2.create_volume(AvailabilityZone=f"{IRELAND}a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, MetadataOptions={"HttpTokens": "optional"})


def flags(block):
    """The defenses that are on: none of them if there is no block."""
    return sorted(name for name in DEFENSES if (block or {}).get(name))


def state(account):
    s3, ec2 = account.client("s3", IRELAND), account.client("ec2", IRELAND)
    control = account.client("s3control", IRELAND)

    def configured(get, *path, **arguments):
        try:
            found = get(**arguments)
        except get.__self__.exceptions.ClientError:
            return None
        for name in path:
            found = found.get(name) if found else None
        return found

    buckets = {}
    for name in sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]):
        policy = configured(s3.get_bucket_policy, "Policy", Bucket=name)
        buckets[name.partition("-")[0]] = {
            "encryption": configured(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration", "Rules", Bucket=name),
            "lifecycle": configured(s3.get_bucket_lifecycle_configuration, "Rules", Bucket=name),
            "logging": configured(s3.get_bucket_logging, "LoggingEnabled", Bucket=name),
            "ownership": configured(s3.get_bucket_ownership_controls, "OwnershipControls", "Rules", Bucket=name),
            "policy": policy and json.loads(policy)["Statement"],
            "blocked": flags(configured(s3.get_public_access_block, "PublicAccessBlockConfiguration", Bucket=name)),
            "tags": configured(s3.get_bucket_tagging, "TagSet", Bucket=name) or [],
            "versioning": configured(s3.get_bucket_versioning, "Status", Bucket=name),
        }
    image = ec2.describe_images(Owners=["self"])["Images"][0]
    groups = {}
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        rules = [
            [direction, one["IpProtocol"], one.get("FromPort"), *sorted(r.get("CidrIp") or r.get("CidrIpv6") for r in one["IpRanges"] + one["Ipv6Ranges"])]
            for direction, key in (("in", "IpPermissions"), ("out", "IpPermissionsEgress"))
            for one in group[key]
        ]
        groups.setdefault(group["GroupName"], []).append(sorted(rules, key=str))
    return {
        "account": flags(configured(control.get_public_access_block, "PublicAccessBlockConfiguration", AccountId=account.id)),
        "buckets": buckets,
        "encrypted by default": ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "flow logs": [
            [log["ResourceId"][:4], log["TrafficType"], log["LogDestination"]] for log in ec2.describe_flow_logs()["FlowLogs"]
        ],
        "gateway": ec2.describe_transit_gateways()["TransitGateways"][0]["Options"]["AutoAcceptSharedAttachments"],
        "groups": {name: sorted(rules, key=str) for name, rules in groups.items()},
        "image": ec2.describe_image_attribute(ImageId=image["ImageId"], Attribute="launchPermission")["LaunchPermissions"],
        "interfaces": sorted(one["SourceDestCheck"] for one in ec2.describe_network_interfaces()["NetworkInterfaces"]),
        "snapshots": sorted(
            len(ec2.describe_snapshot_attribute(SnapshotId=one["SnapshotId"], Attribute="createVolumePermission")["CreateVolumePermissions"])
            for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        ),
        "subnets": sorted(one["MapPublicIpOnLaunch"] for one in ec2.describe_subnets()["Subnets"]),
        "tags of volumes": sorted(one.get("Tags", []) for one in ec2.describe_volumes()["Volumes"]),
        "tokens": [
            one["MetadataOptions"]["HttpTokens"]
            for reservation in ec2.describe_instances()["Reservations"]
            for one in reservation["Instances"]
        ],
    }


main()
