"""Resources for tests of `remediate apply`, and what became of them.

remediation.py ENDPOINT ACCOUNT seed|state|meddle: creates two buckets without Block Public Access and a security group that opens SSH to
everybody; prints the settings of all three; changes one setting of the first bucket, as somebody else would.
"""

import json
import sys

from seed import DEFENSES, IRELAND, Account


def main():
    endpoint, account, step = sys.argv[1:]
    account = Account(endpoint, account, [])
    s3, ec2 = account.client("s3", IRELAND), account.client("ec2", IRELAND)
    names = [f"records-{name}-{account.id}" for name in ("a", "b")]
    if step == "seed":
        for name in names:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": IRELAND})
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        group = ec2.create_security_group(GroupName="bastion", Description="bastion", VpcId=vpc)["GroupId"]
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
        world = {"CidrIp": "0.0.0.0/0", "Description": "temporary"}
        office = {"CidrIp": "192.0.2.0/24", "Description": "office"}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**rule, "IpRanges": [world, office]}])
    if step == "meddle":
        s3.put_public_access_block(
            Bucket=names[0], PublicAccessBlockConfiguration={flag: flag == DEFENSES[0] for flag in DEFENSES}
        )
    print(json.dumps(state(s3, ec2, names), sort_keys=True))


def state(s3, ec2, names):
    blocks = {}
    for name in names:
        try:
            block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            block = {}
        blocks[name[:9]] = sorted(flag for flag in DEFENSES if block.get(flag))
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["bastion"]}])["SecurityGroups"]
    sources = [
        [permission.get("FromPort"), source["CidrIp"], source.get("Description")]
        for group in groups
        for permission in group["IpPermissions"]
        for source in permission["IpRanges"]
    ]
    return {"blocks": blocks, "sources": sorted(sources)}


main()
