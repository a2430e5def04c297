"""Access points of all kinds, directory buckets and S3 Access Grants."""

import json

from seed import DEFENSES

from .answers import control_response
from .base import ORGANIZATION, REGIONS, S3, STRANGER, TRUSTED, ZONES, yes


# Policies of access points: the principal and a condition of the statement (None: no policy), whether everyone has access, and whether
# untrusted accounts have.
ANY_POINT = {"StringEquals": {"s3:DataAccessPointAccount": "{a}"}}
POLICIES = [
    (None, None, False, False),
    ("*", None, True, True),
    # Every request through an access point meets this.
    ("*", ANY_POINT, True, True),
    ("*", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, False, False),
    ({"AWS": f"arn:aws:iam::{STRANGER}:root"}, None, False, True),
    ({"AWS": f"arn:aws:iam::{TRUSTED}:root"}, None, False, False),
]
SERVICE = ({"Service": "inspector2.amazonaws.com"}, None, False, True)


def document(principal, condition, account, resource="*", action="s3:GetObject"):
    statement = {"Sid": "Grant", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}).replace("{a}", account)


def access_points(estate, account, bucket_name):
    control = account.client("s3control", "eu-west-1")
    blocks = [DEFENSES, DEFENSES[:3], []]
    points = [(*policy, None) for policy in [*POLICIES, SERVICE]] + [(*POLICIES[1], "vpc-1a2b3c4d"), (*POLICIES[4], "vpc-1a2b3c4d")]
    for number, (principal, condition, public, outside, vpc) in enumerate(points):
        name = f"point-{number}"
        on = blocks[number % len(blocks)]
        control.create_access_point(
            AccountId=account.id,
            Name=name,
            Bucket=bucket_name,
            PublicAccessBlockConfiguration={flag: flag in on for flag in DEFENSES},
            **({"VpcConfiguration": {"VpcId": vpc}} if vpc else {}),
        )
        estate.resources += 1
        if principal:
            control.put_access_point_policy(AccountId=account.id, Name=name, Policy=document(principal, condition, account.id))
        # moto lists it in every region, and says that each policy is public.
        for region in REGIONS:
            if principal:
                estate.answer(
                    "s3control:GetAccessPointPolicyStatus", account.id, region,
                    control_response("GetAccessPointPolicyStatus", {"PolicyStatus": {"IsPublic": public and not vpc}}),
                    path=f"/v20180820/accesspoint/{name}/policyStatus",
                )
            account.say(
                region,
                name,
                s3_access_point_public_access_block=yes(len(on) == 4),
                s3_access_point_policy_not_public=yes(vpc or not public),
                s3_access_point_cross_account=yes(not outside),
                s3_access_point_vpc_only=yes(vpc),
            )


def object_lambda_access_points(estate, account, region):
    """moto has none."""
    listed = []
    for number, (principal, condition, public, _) in enumerate(POLICIES):
        name = f"lambda-{region}-{number}"
        arn = f"arn:aws:s3-object-lambda:{region}:{account.id}:accesspoint/{name}"
        listed.append({"Name": name, "ObjectLambdaAccessPointArn": arn})
        of = f"/v20180820/accesspointforobjectlambda/{name}"
        policy = principal and document(principal, condition, account.id, arn, "s3-object-lambda:GetObject")
        estate.answer(
            "s3control:GetAccessPointPolicyForObjectLambda", account.id, region,
            control_response("GetAccessPointPolicyForObjectLambda", {"Policy": policy}), path=f"{of}/policy",
            code=None if policy else "NoSuchAccessPointPolicy",
        )
        estate.answer(
            "s3control:GetAccessPointPolicyStatusForObjectLambda", account.id, region,
            control_response("GetAccessPointPolicyStatusForObjectLambda", {"PolicyStatus": {"IsPublic": public}}), path=f"{of}/policyStatus",
            code=None if policy else "NoSuchAccessPointPolicy",
        )
        account.say(region, name, s3_olap_policy_not_public=yes(not public))
        estate.resources += 1
    estate.answer(
        "s3control:ListAccessPointsForObjectLambda", account.id, region,
        control_response("ListAccessPointsForObjectLambda", {"ObjectLambdaAccessPointList": listed}),
    )


def access_grants(estate, account, region):
    """moto has none. One account shares its instance with its organization, another one with a stranger; the third does not share it."""
    shared = [ORGANIZATION, STRANGER, None][estate.accounts.index(account)]
    if shared == STRANGER and region != REGIONS[0]:
        shared = "o-z9y8x7w6v5"
    instance = {"AccessGrantsInstanceId": "default", "AccessGrantsInstanceArn": f"arn:aws:s3:{region}:{account.id}:access-grants/default"}
    estate.answer(
        "s3control:ListAccessGrantsInstances", account.id, region,
        control_response("ListAccessGrantsInstances", {"AccessGrantsInstancesList": [instance]}),
    )
    principal, condition = "*", {"StringEquals": {"aws:PrincipalOrgID": shared}}
    if shared == STRANGER:
        principal, condition = {"AWS": f"arn:aws:iam::{STRANGER}:root"}, None
    policy = {"Policy": document(principal, condition, account.id, instance["AccessGrantsInstanceArn"], "s3:ListAccessGrants")}
    estate.answer(
        "s3control:GetAccessGrantsInstanceResourcePolicy", account.id, region,
        control_response("GetAccessGrantsInstanceResourcePolicy", policy | ({} if shared == STRANGER else {"Organization": shared})),
        code=None if shared else "AccessGrantsInstanceResourcePolicyNotExists",
    )
    account.say(region, "default", s3_access_grants_instance_policy=yes(shared in (ORGANIZATION, None)))
    estate.resources += 1


def multi_region_access_points(estate, account, bucket_name):
    control = account.client("s3control", "us-west-2")
    blocks = [DEFENSES, DEFENSES[1:], DEFENSES[:1], []]
    # None: AWS does not say, but the bucket is of the account.
    owners = [account.id, STRANGER, TRUSTED, None]
    owned = {}
    for number, (principal, condition, public, outside) in enumerate(POLICIES):
        name = f"everywhere-{number}"
        on = blocks[number % len(blocks)]
        owned[name] = owners[number % len(owners)]
        control.create_multi_region_access_point(
            AccountId=account.id,
            ClientToken=name,
            Details={
                "Name": name, "Regions": [{"Bucket": bucket_name}],
                "PublicAccessBlock": {flag: flag in on for flag in DEFENSES},
            },
        )
        if principal:
            control.put_multi_region_access_point_policy(
                AccountId=account.id, ClientToken=name, Details={"Name": name, "Policy": document(principal, condition, account.id)}
            )
        estate.answer(
            "s3control:GetMultiRegionAccessPointPolicyStatus", account.id, "us-west-2",
            control_response("GetMultiRegionAccessPointPolicyStatus", {"Established": {"IsPublic": public}}),
            path=f"/v20180820/mrap/instances/{name}/policystatus", code=None if principal else "NoSuchMultiRegionAccessPointPolicy",
        )
        account.say(
            "global",
            name,
            s3_mrap_public_access_block=yes(len(on) == 4),
            s3_mrap_policy_not_public=yes(not public and not outside),
            s3_mrap_bucket_trusted=yes(owned[name] != STRANGER),
        )
        estate.resources += 1
    # moto does not keep the account of a bucket.
    listed = control.list_multi_region_access_points(AccountId=account.id)["AccessPoints"]
    for point in listed:
        if owned[point["Name"]]:
            point["Regions"][0]["BucketAccountId"] = owned[point["Name"]]
    estate.answer(
        "s3control:ListMultiRegionAccessPoints", account.id, "us-west-2",
        control_response("ListMultiRegionAccessPoints", {"AccessPoints": listed}),
    )


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
        principal, condition, _, outside = POLICIES[number]
        arn = f"arn:aws:s3express:{region}:{account.id}:bucket/{name}"
        estate.answer(
            "s3express:GetBucketPolicy", account.id, region,
            document(principal, None if condition is ANY_POINT else condition, account.id, arn, "s3express:CreateSession"),
            bucket=name, code=None if principal else "NoSuchBucketPolicy",
        )
        account.say(
            region,
            name,
            s3_directory_bucket_lifecycle=yes(lifecycle and "Enabled" in lifecycle),
            s3_directory_bucket_policy_cross_account=yes(not outside),
        )
        estate.resources += 1
    estate.answer(
        "s3express:ListDirectoryBuckets", account.id, region,
        f'<ListAllMyDirectoryBucketsResult xmlns="{S3}"><Buckets>{listed}</Buckets></ListAllMyDirectoryBucketsResult>',
    )
