"""Creates in moto what the simulated AWS describes of one of its accounts, and prints the ids that moto gave: simulated id to moto's.

usage: seed_described.py ENDPOINT FILE, where FILE has the description as JSON, in the names of AWS's wire formats.
"""

import json
import sys

from seed import DEFENSES, VIRGINIA, Account

NAMES = {"groups": "UserIdGroupPairs"}


def parameters(value):
    """A value of the wire format as a parameter of boto3."""
    if isinstance(value, list):
        return [parameters(item) for item in value]
    if isinstance(value, dict):
        return {NAMES.get(name, name[0].upper() + name[1:]): parameters(item) for name, item in value.items() if item is not None}
    return value


def seed_bucket(account, bucket):
    name, region = bucket["name"], bucket["region"]
    s3 = account.client("s3", region)
    where = {} if region == VIRGINIA else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bucket["object_lock"], **where)
    if bucket["versioning"]:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": bucket["versioning"]})
    if bucket["object_lock"]:
        retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        s3.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
        )
    if bucket["ownership"]:
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": bucket["ownership"]}]}
        )
    if bucket["public_access_block"]:
        flags = dict(zip(DEFENSES, bucket["public_access_block"], strict=True))
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=flags)
    if bucket["policy"]:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(bucket["policy"]))
    key = bucket["kms_key"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(key)}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if bucket["tags"]:
        tags = [{"Key": key, "Value": value} for key, value in bucket["tags"]]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    if bucket["lifecycle_days"]:
        rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": bucket["lifecycle_days"]}}
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    if bucket["acl"] != "private":
        s3.put_bucket_acl(Bucket=name, ACL=bucket["acl"])


def tag(ec2, resource, item):
    if item["tagSet"]:
        ec2.create_tags(Resources=[resource], Tags=parameters(item["tagSet"]))


def remove_default_network(ec2):
    """moto creates a default VPC in each region."""
    for vpc in (vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]):
        of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
        for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
            ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
            ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
        ec2.delete_vpc(VpcId=vpc)


def seed_region(account, described, ids):
    ec2 = account.client("ec2", described["region"])
    remove_default_network(ec2)
    for vpc in described["DescribeVpcs"]:
        created = ec2.create_vpc(CidrBlock=vpc["cidrBlock"])["Vpc"]["VpcId"]
        ids[vpc["vpcId"]] = created
        tag(ec2, created, vpc)
    for subnet in described["DescribeSubnets"]:
        created = ec2.create_subnet(
            VpcId=ids[subnet["vpcId"]], CidrBlock=subnet["cidrBlock"], AvailabilityZone=subnet["availabilityZone"]
        )["Subnet"]["SubnetId"]
        ids[subnet["subnetId"]] = created
        ec2.modify_subnet_attribute(SubnetId=created, MapPublicIpOnLaunch={"Value": subnet["mapPublicIpOnLaunch"]})
        tag(ec2, created, subnet)
    for group in described["DescribeSecurityGroups"]:
        seed_group(ec2, group, ids)
    for volume in described["DescribeVolumes"]:
        key = {"KmsKeyId": volume["kmsKeyId"]} if volume["kmsKeyId"] else {}
        created = ec2.create_volume(
            AvailabilityZone=volume["availabilityZone"], Size=volume["size"], VolumeType=volume["volumeType"],
            Iops=volume["iops"], Throughput=volume["throughput"], Encrypted=volume["encrypted"], **key,
        )["VolumeId"]  # fmt: skip
        ids[volume["volumeId"]] = created
        tag(ec2, created, volume)
    if described["GetEbsEncryptionByDefault"]["ebsEncryptionByDefault"]:
        ec2.enable_ebs_encryption_by_default()


def seed_group(ec2, group, ids):
    vpc, name = ids[group["vpcId"]], group["groupName"]
    if name == "default":
        same = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [name]}]
        found = ec2.describe_security_groups(Filters=same)["SecurityGroups"][0]
        created = found["GroupId"]
        ec2.revoke_security_group_ingress(GroupId=created, IpPermissions=found["IpPermissions"]) if found["IpPermissions"] else None
    else:
        created = ec2.create_security_group(GroupName=name, Description=group["groupDescription"], VpcId=vpc)["GroupId"]
    ids[group["groupId"]] = created
    # All groups are created with a rule that allows everything out.
    if not group["ipPermissionsEgress"]:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=created, IpPermissions=everything)
    if group["ipPermissions"]:
        ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=parameters(group["ipPermissions"]))
    tag(ec2, created, group)


def main():
    endpoint, path = sys.argv[1:]
    with open(path) as file:
        described = json.load(file)
    account = Account(endpoint, described["id"], [])
    ids = {}
    if described["public_access_block"]:
        control = account.client("s3control", VIRGINIA)
        control.put_public_access_block(
            AccountId=account.id, PublicAccessBlockConfiguration=described["public_access_block"]
        )
    for bucket in described["buckets"]:
        seed_bucket(account, bucket)
    for region in described["regions"]:
        seed_region(account, region, ids)
    print(json.dumps(ids))


main()
