"""An estate of about two thousand resources, generated from a fixed seed, and the expected verdicts on each.

The verdicts are computed from the generated values and AWS's documentation, without reading any rule. Where moto lacks a response, the
tests' proxy sends one from `answers`.
"""

import json

from seed import DEFENSES

from . import network
from .access_points import access_grants, access_points, directory_buckets, multi_region_access_points, object_lambda_access_points
from .base import ACCOUNTS, ORGANIZATION, REGIONS, STRANGER, Estate, yes
from .buckets import bucket
from .exposed import Region, exposed_instances, exposed_network, true_of_exposure
from .groups import default_group, file_shares, group, lists
from .instances import instances, other_instances
from .service_groups import service_groups, true_of_groups
from .instance_settings import answer_images, set_instances, true_of_instances, true_of_templates
from .connections import connections, true_of_network
from .shared_storage import shared_storage, true_of_storage
from .settings import settings
from .storage import launched_volumes, storage
from .templates import open_templates, spot_fleets, templates
from .vpcs import acls, flow_logs, gateways, peering, subnets


def seed():
    estate = Estate()
    for account, on in zip(estate.accounts, [DEFENSES, ["RestrictPublicBuckets"], None]):
        s3(estate, account, on)
        for region in REGIONS:
            ec2(estate, account, region)
    return {"accounts": ACCOUNTS, "verdicts": estate.verdicts, "answers": estate.answers, "params": estate.params, "resources": estate.resources}


def s3(estate, account, on):
    if on is not None:
        account.client("s3control", "us-east-1").put_public_access_block(
            AccountId=account.id, PublicAccessBlockConfiguration={name: name in on for name in DEFENSES}
        )
    block = set(on or [])
    account.say("global", account.id, s3_account_public_access_block=yes(block == set(DEFENSES)))
    estate.resources += 1
    membership(estate, account)
    iam = account.client("iam", "us-east-1")
    iam.create_instance_profile(InstanceProfileName="app")
    names = [f"estate-{account.id}-{number:02}" for number in range(24)]
    # The first bucket receives the logs of the others in its region.
    logs = {}
    for name in names:
        bucket(estate, account, name, block, logs)
    access_points(estate, account, names[1])
    multi_region_access_points(estate, account, names[1])
    for region in REGIONS:
        directory_buckets(estate, account, region)
        object_lambda_access_points(estate, account, region)
        access_grants(estate, account, region)


def membership(estate, account):
    """One account is in the organization of the configuration, one in another, and one in none."""
    organization = {ACCOUNTS[0]: ORGANIZATION, ACCOUNTS[1]: "o-zyxwvutsrq"}.get(account.id)
    if organization:
        manager = f"arn:aws:organizations::{STRANGER}"
        answer = {
            "Id": organization, "Arn": f"{manager}:organization/{organization}", "FeatureSet": "ALL", "MasterAccountId": STRANGER,
            "MasterAccountArn": f"{manager}:account/{organization}/{STRANGER}",
        }
        # At a custom endpoint, the call is signed for the region of the program.
        estate.answer("organizations:DescribeOrganization", account.id, REGIONS[0], json.dumps({"Organization": answer}))
    account.say("global", account.id, account_in_organization=yes(organization == ORGANIZATION))


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
    network.network(estate, account, region, client, vpcs)
    service_groups(estate, account, region, client, vpcs[1], prefix_lists)
    exposed_vpc, exposed_subnets = exposed_network(estate, account, region, client, prefix_lists)
    exposed_instances(estate, account, region, client, exposed_vpc, exposed_subnets, prefix_lists)
    set_instances(estate, account, region, client, exposed_vpc)
    shared_storage(estate, account, region, client)
    connections(estate, account, region, client, vpcs, exposed_vpc, exposed_subnets)
    ec2_truth(estate, account, region, client)


def ec2_truth(estate, account, region, client):
    """The verdicts that depend on several of the resources, now that all of them exist."""
    said = {(verdict["resource"], verdict["rule"]) for verdict in account.verdicts}
    around = Region(client, estate.modes[account.id, region], estate.excluded[account.id, region])
    answer_images(estate, account, region, around, estate.allowed_images[account.id, region])
    true_of_groups(account, region, client, around, {resource for resource, rule in said if rule == "sg-default-closed"})
    true_of_exposure(account, region, around)
    true_of_instances(estate, account, region, client, around)
    true_of_templates(estate, account, region, client)
    true_of_storage(account, region, client)
    true_of_network(estate, account, region, client, around)
    # Images have their own snapshots.
    for snapshot in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        if (snapshot["SnapshotId"], "ebs-snapshot-public") not in said:
            account.say(region, snapshot["SnapshotId"], ebs_snapshot_public="pass")
    for interface in around.interfaces:
        name = interface["NetworkInterfaceId"]
        if (name, "ec2-eni-source-dest-check") not in said:
            account.say(region, name, ec2_eni_source_dest_check="skip" if interface["RequesterManaged"] else yes(interface["SourceDestCheck"]))
