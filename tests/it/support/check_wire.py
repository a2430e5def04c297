"""Reads an account of the simulated AWS by boto3, and checks every element of every response against the API models of botocore: an element
that the model does not have is one that AWS would not send.

usage: check_wire.py ENDPOINT ACCOUNT REGION. Prints how many elements were checked.
"""

import sys
import xml.etree.ElementTree as ET

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

LISTS = """
    describe_volumes describe_security_groups describe_instances describe_instance_status describe_snapshots describe_images
    describe_addresses describe_launch_templates describe_spot_fleet_requests describe_managed_prefix_lists describe_vpcs describe_subnets
    describe_route_tables describe_network_acls describe_internet_gateways describe_flow_logs describe_vpc_endpoints
    describe_network_interfaces describe_vpc_peering_connections describe_transit_gateways describe_vpn_connections
    describe_client_vpn_endpoints describe_regions get_ebs_encryption_by_default get_ebs_default_kms_key_id
    get_snapshot_block_public_access_state get_image_block_public_access_state get_instance_metadata_defaults
    get_serial_console_access_status get_allowed_images_settings describe_account_attributes describe_vpc_block_public_access_options
    describe_address_transfers describe_capacity_reservations describe_carrier_gateways describe_customer_gateways describe_dhcp_options
    describe_egress_only_internet_gateways describe_fleets describe_instance_image_metadata describe_instance_types describe_ipam_scopes
    describe_key_pairs describe_locked_snapshots describe_nat_gateways describe_network_insights_access_scope_analyses
    describe_network_insights_access_scopes describe_network_insights_analyses describe_network_insights_paths
    describe_reserved_instances describe_traffic_mirror_filters describe_traffic_mirror_sessions describe_traffic_mirror_targets
    describe_transit_gateway_attachments describe_transit_gateway_multicast_domains describe_transit_gateway_route_tables
    describe_verified_access_instances describe_verified_access_instance_logging_configurations
    describe_vpc_block_public_access_exclusions describe_vpc_encryption_controls describe_vpc_endpoint_service_configurations
    describe_vpn_gateways
""".split()
SETTINGS = """
    get_bucket_location get_bucket_versioning get_bucket_ownership_controls get_public_access_block get_bucket_policy
    get_bucket_policy_status get_bucket_acl get_bucket_encryption get_bucket_logging get_bucket_tagging
    get_bucket_lifecycle_configuration get_object_lock_configuration get_bucket_accelerate_configuration get_bucket_request_payment
    get_bucket_notification_configuration list_bucket_inventory_configurations list_bucket_metrics_configurations
    list_bucket_intelligent_tiering_configurations get_bucket_cors get_bucket_website get_bucket_replication
""".split()


class Checked:
    def __init__(self):
        self.elements = 0
        self.unknown = set()

    def response(self, response_dict, operation_model, **_):
        body = response_dict["body"]
        shape = operation_model.output_shape
        if response_dict["status_code"] >= 300 or shape is None or not body.strip().startswith(b"<"):
            return
        payload = shape.serialization.get("payload")
        root = ET.fromstring(body)
        self.walk(root, shape.members[payload] if payload else shape, operation_model.name)

    def walk(self, element, shape, path):
        self.elements += 1
        names = {name(child) for child in element}
        if shape.type_name == "structure":
            members = dict(self.members(shape))
            for child in element:
                if name(child) in members:
                    self.walk(child, members[name(child)], f"{path}/{name(child)}")
            # EC2 has the id of the request in each response.
            self.unknown |= {f"{path}/{child}" for child in names - members.keys() - {"requestId"}}
        elif shape.type_name == "list":
            item = shape.member.serialization.get("name", "member")
            self.unknown |= {f"{path}[{child}]" for child in names - {item, "item"}}
            for child in element:
                self.walk(child, shape.member, f"{path}[]")
        else:
            self.unknown |= {f"{path}/{child}" for child in names}

    def members(self, shape):
        for key, member in shape.members.items():
            called = member.serialization.get("name", key)
            if member.type_name == "list" and member.serialization.get("flattened"):
                yield called, member.member
                yield member.member.serialization.get("name", called), member.member
            else:
                yield called, member


def name(element):
    return element.tag.rpartition("}")[2]


def main():
    endpoint, account, region = sys.argv[1:]
    sts = boto3.client("sts", endpoint_url=endpoint, region_name=region, aws_access_key_id="own", aws_secret_access_key="own")
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/audit", RoleSessionName="check")["Credentials"]
    checked = Checked()

    def client(service):
        made = boto3.client(
            service, endpoint_url=endpoint, region_name=region, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"],
            # The host of S3 Control does not resolve here; the simulator is its own proxy.
            config=Config(s3={"addressing_style": "path"}, proxies={"http": endpoint}),
        )  # fmt: skip
        made.meta.events.register("before-parse", checked.response)
        return made

    ec2 = client("ec2")
    for call in LISTS:
        getattr(ec2, call)()
    first = lambda answer, field: answer[0][field]  # noqa: E731
    vpc = first(ec2.describe_vpcs()["Vpcs"], "VpcId")
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    snapshot = first(ec2.describe_snapshots()["Snapshots"], "SnapshotId")
    ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    ec2.describe_image_attribute(ImageId=first(ec2.describe_images()["Images"], "ImageId"), Attribute="launchPermission")
    instance = first(ec2.describe_instances()["Reservations"][0]["Instances"], "InstanceId")
    for attribute in ("userData", "disableApiTermination"):
        ec2.describe_instance_attribute(InstanceId=instance, Attribute=attribute)
    ec2.get_managed_prefix_list_entries(PrefixListId=first(ec2.describe_managed_prefix_lists()["PrefixLists"], "PrefixListId"))
    endpoints = ec2.describe_client_vpn_endpoints()["ClientVpnEndpoints"]
    ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=first(endpoints, "ClientVpnEndpointId"))
    ec2.describe_launch_template_versions(Versions=["$Default"])
    ec2.describe_stale_security_groups(VpcId=vpc)
    for table in ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"]:
        active = [{"Name": "state", "Values": ["active"]}]
        ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=table["TransitGatewayRouteTableId"], Filters=active)
    for service in ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]:
        ec2.describe_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"])

    s3 = client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets(MaxBuckets=100)["Buckets"] if bucket["BucketRegion"] == region]
    for bucket in buckets:
        for call in SETTINGS:
            try:
                getattr(s3, call)(Bucket=bucket)
            except ClientError as error:
                # Not every bucket has every setting.
                if not error.response["Error"]["Code"].startswith(("NoSuch", "ObjectLock", "OwnershipControls", "Replication")):
                    raise

    control = client("s3control")
    points = [point["Name"] for point in control.list_access_points(AccountId=account)["AccessPointList"]]
    lambdas = control.list_access_points_for_object_lambda(AccountId=account)["ObjectLambdaAccessPointList"]
    regional = [point["Name"] for point in control.list_multi_region_access_points(AccountId=account)["AccessPoints"]]
    lenses = control.list_storage_lens_configurations(AccountId=account)["StorageLensConfigurationList"]
    assert points and lambdas and regional and lenses, "an empty list"
    assert control.list_access_grants_instances(AccountId=account)["AccessGrantsInstancesList"], "an empty list"
    calls = [(f"get_access_point{fact}", {"Name": name}) for name in points for fact in ("", "_policy", "_policy_status")]
    of_lambda = ("", "_configuration", "_policy", "_policy_status")
    calls += [(f"get_access_point{fact}_for_object_lambda", {"Name": point["Name"]}) for point in lambdas for fact in of_lambda]
    of_regional = ("policy", "policy_status")
    calls += [(f"get_multi_region_access_point_{fact}", {"Name": name}) for name in regional for fact in of_regional]
    calls += [("get_storage_lens_configuration", {"ConfigId": lens["Id"]}) for lens in lenses]
    calls += [("get_access_grants_instance_resource_policy", {}), ("get_public_access_block", {})]
    for call, arguments in calls:
        try:
            getattr(control, call)(AccountId=account, **arguments)
        except ClientError as error:
            if not error.response["Error"]["Code"].startswith(("NoSuch", "AccessGrantsInstanceResourcePolicyNotExists")):
                raise

    assert not checked.unknown, "\n".join(sorted(checked.unknown))
    print(checked.elements)


main()
