"""What boto3 returns for the resources of seed_kinds.py, in the form of the AWS API, as JSON.

`python ask_kinds.py ENDPOINT` seeds and prints `kinds`: `{kind: {"failed": code} | {id: {"fields": …, "facts": {fact: … | {"failed":
code}}}}}`. This is a second, handwritten implementation in another language, so that it does not
repeat errors of the first.
"""

import base64
import datetime
import json
import sys

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from seed import IRELAND, Account
from seed_kinds import MIRROR, SECRET, seed_ec2, seed_s3


class Failed(Exception):
    """moto does not support the call, or denies it."""


def ask(call, *path, **parameters):
    """The part of the response at `path`."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        raise Failed(error.response["Error"].get("Code", "")) from error
    except ResponseParserError as error:
        raise Failed("") from error
    answer.pop("ResponseMetadata", None)
    for name in path:
        answer = answer.get(name)
    return answer


def result_or_error(call):
    try:
        return call()
    except Failed as failed:
        return {"failed": str(failed)}


def without(answer, *empty):
    """None if nothing is configured, for which the API returns an empty response."""
    return answer if answer and any(answer.get(name) for name in empty or answer) else None


def ec2_kinds(account):
    """For each kind: how it is listed, which field is the id, and how facts beyond the list are read by id."""
    ec2 = account.client("ec2", IRELAND)

    def attribute(name, part):
        return lambda id: ask(ec2.describe_instance_attribute, part, "Value", InstanceId=id, Attribute=name)

    def instances(**parameters):
        reservations = ask(ec2.describe_instances, "Reservations", **parameters)
        return [instance for reservation in reservations for instance in reservation["Instances"]]

    def status(id):
        found = ask(ec2.describe_instance_status, "InstanceStatuses", InstanceIds=[id], IncludeAllInstances=True)
        return found[0] if found else None

    def user_data(id):
        value = ask(ec2.describe_instance_attribute, "UserData", InstanceId=id, Attribute="userData")
        return (value or {}).get("Value")

    def version(which):
        def read(id):
            return ask(ec2.describe_launch_template_versions, "LaunchTemplateVersions", LaunchTemplateId=id, Versions=[which])[0]

        return read

    def vpc_attributes(id):
        return {
            name[0].upper() + name[1:]: ask(
                ec2.describe_vpc_attribute, name[0].upper() + name[1:], "Value", VpcId=id, Attribute=name
            )
            for name in ("enableDnsSupport", "enableDnsHostnames")
        }

    def public_snapshot(id):
        listed = ask(ec2.describe_snapshots, "Snapshots", OwnerIds=["self"], RestorableByUserIds=["all"])
        return id in [snapshot["SnapshotId"] for snapshot in listed]

    def setting(name, *path):
        # moto does not support calls that botocore does not know.
        return lambda _: ask(getattr(ec2, name), *path)

    def image_metadata(id):
        found = ask(ec2.describe_instance_image_metadata, "InstanceImageMetadata", InstanceIds=[id])
        return found[0] if found else None

    routes_filter = [{"Name": "state", "Values": ["active", "blackhole"]}]
    plain = {
        "ec2.capacity_reservation": ("describe_capacity_reservations", "CapacityReservations", "CapacityReservationId"),
        "ec2.carrier_gateway": ("describe_carrier_gateways", "CarrierGateways", "CarrierGatewayId"),
        "ec2.client_vpn_endpoint": ("describe_client_vpn_endpoints", "ClientVpnEndpoints", "ClientVpnEndpointId"),
        "ec2.customer_gateway": ("describe_customer_gateways", "CustomerGateways", "CustomerGatewayId"),
        "ec2.dhcp_options": ("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
        "ec2.egress_only_internet_gateway": (
            "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"
        ),
        "ec2.fleet": ("describe_fleets", "Fleets", "FleetId"),
        "ec2.flow_log": ("describe_flow_logs", "FlowLogs", "FlowLogId"),
        "ec2.internet_gateway": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        "ec2.ipam_scope": ("describe_ipam_scopes", "IpamScopes", "IpamScopeId"),
        "ec2.key_pair": ("describe_key_pairs", "KeyPairs", "KeyPairId"),
        "ec2.nat_gateway": ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
        "ec2.network_acl": ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
        "ec2.network_insights_access_scope": (
            "describe_network_insights_access_scopes", "NetworkInsightsAccessScopes", "NetworkInsightsAccessScopeId"
        ),
        "ec2.network_insights_access_scope_analysis": (
            "describe_network_insights_access_scope_analyses",
            "NetworkInsightsAccessScopeAnalyses",
            "NetworkInsightsAccessScopeAnalysisId",
        ),
        "ec2.network_insights_analysis": (
            "describe_network_insights_analyses", "NetworkInsightsAnalyses", "NetworkInsightsAnalysisId"
        ),
        "ec2.network_insights_path": ("describe_network_insights_paths", "NetworkInsightsPaths", "NetworkInsightsPathId"),
        "ec2.network_interface": ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        "ec2.reserved_instances": ("describe_reserved_instances", "ReservedInstances", "ReservedInstancesId"),
        "ec2.route_table": ("describe_route_tables", "RouteTables", "RouteTableId"),
        "ec2.security_group": ("describe_security_groups", "SecurityGroups", "GroupId"),
        "ec2.spot_fleet_request": ("describe_spot_fleet_requests", "SpotFleetRequestConfigs", "SpotFleetRequestId"),
        "ec2.subnet": ("describe_subnets", "Subnets", "SubnetId"),
        "ec2.traffic_mirror_filter": ("describe_traffic_mirror_filters", "TrafficMirrorFilters", "TrafficMirrorFilterId"),
        "ec2.traffic_mirror_session": (
            "describe_traffic_mirror_sessions", "TrafficMirrorSessions", "TrafficMirrorSessionId"
        ),
        "ec2.traffic_mirror_target": ("describe_traffic_mirror_targets", "TrafficMirrorTargets", "TrafficMirrorTargetId"),
        "ec2.transit_gateway": ("describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
        "ec2.transit_gateway_attachment": (
            "describe_transit_gateway_attachments", "TransitGatewayAttachments", "TransitGatewayAttachmentId"
        ),
        "ec2.transit_gateway_multicast_domain": (
            "describe_transit_gateway_multicast_domains", "TransitGatewayMulticastDomains", "TransitGatewayMulticastDomainId"
        ),
        "ec2.verified_access_instance": (
            "describe_verified_access_instances", "VerifiedAccessInstances", "VerifiedAccessInstanceId"
        ),
        "ec2.volume": ("describe_volumes", "Volumes", "VolumeId"),
        "ec2.vpc_encryption_control": ("describe_vpc_encryption_controls", "VpcEncryptionControls", "VpcEncryptionControlId"),
        "ec2.vpc_endpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
        "ec2.vpc_peering_connection": (
            "describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"
        ),
        "ec2.vpn_connection": ("describe_vpn_connections", "VpnConnections", "VpnConnectionId"),
        "ec2.vpn_gateway": ("describe_vpn_gateways", "VpnGateways", "VpnGatewayId"),
    }

    def lister(operation, part):
        return lambda: ask(getattr(ec2, operation), part)

    kinds = {kind: (lister(operation, part), id, {}) for kind, (operation, part, id) in plain.items()}
    kinds.update({
        "ec2.address": (lambda: ask(ec2.describe_addresses, "Addresses"), "AllocationId", {
            "transfer": lambda id: ask(ec2.describe_address_transfers, "AddressTransfers", AllocationIds=[id]),
        }),
        "ec2.image": (lambda: ask(ec2.describe_images, "Images", Owners=["self"]), "ImageId", {
            "launch_permission": lambda id: ask(
                ec2.describe_image_attribute, "LaunchPermissions", ImageId=id, Attribute="launchPermission"
            ),
        }),
        "ec2.instance": (instances, "InstanceId", {
            "disable_api_stop": attribute("disableApiStop", "DisableApiStop"),
            "disable_api_termination": attribute("disableApiTermination", "DisableApiTermination"),
            "image_metadata": image_metadata,
            "status": status,
            "user_data": user_data,
        }),
        "ec2.instance_type": (
            lambda: ask(
                ec2.describe_instance_types,
                "InstanceTypes",
                InstanceTypes=sorted({instance["InstanceType"] for instance in instances()}),
            ),
            "InstanceType",
            {},
        ),
        "ec2.launch_template": (lambda: ask(ec2.describe_launch_templates, "LaunchTemplates"), "LaunchTemplateId", {
            "default_version": version("$Default"),
            "latest_version": version("$Latest"),
        }),
        "ec2.managed_prefix_list": (lambda: ask(ec2.describe_managed_prefix_lists, "PrefixLists"), "PrefixListId", {
            "entries": lambda id: ask(ec2.get_managed_prefix_list_entries, "Entries", PrefixListId=id),
        }),
        "ec2.settings": (lambda: [{"RegionName": IRELAND}], "RegionName", {
            "account_attributes": setting("describe_account_attributes", "AccountAttributes"),
            "allowed_images_settings": setting("get_allowed_images_settings"),
            "ebs_default_kms_key_id": setting("get_ebs_default_kms_key_id"),
            "ebs_encryption_by_default": setting("get_ebs_encryption_by_default"),
            "image_block_public_access": setting("get_image_block_public_access_state"),
            "instance_metadata_defaults": setting("get_instance_metadata_defaults", "AccountLevel"),
            "serial_console_access": setting("get_serial_console_access_status"),
            "snapshot_block_public_access": setting("get_snapshot_block_public_access_state"),
            "vpc_block_public_access_exclusions": setting(
                "describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions"
            ),
            "vpc_block_public_access_options": setting(
                "describe_vpc_block_public_access_options", "VpcBlockPublicAccessOptions"
            ),
        }),
        "ec2.snapshot": (lambda: ask(ec2.describe_snapshots, "Snapshots", OwnerIds=["self"]), "SnapshotId", {
            "create_volume_permission": lambda id: ask(
                ec2.describe_snapshot_attribute, "CreateVolumePermissions", SnapshotId=id, Attribute="createVolumePermission"
            ),
            "locked": lambda id: ask(ec2.describe_locked_snapshots, "Snapshots", SnapshotIds=[id]),
            "public": public_snapshot,
        }),
        "ec2.transit_gateway_route_table": (
            lambda: ask(ec2.describe_transit_gateway_route_tables, "TransitGatewayRouteTables"),
            "TransitGatewayRouteTableId",
            {"routes": lambda id: ask(ec2.search_transit_gateway_routes, TransitGatewayRouteTableId=id, Filters=routes_filter)},
        ),
        "ec2.vpc": (lambda: ask(ec2.describe_vpcs, "Vpcs"), "VpcId", {
            "attributes": vpc_attributes,
            "stale_security_groups": lambda id: ask(ec2.describe_stale_security_groups, "StaleSecurityGroupSet", VpcId=id),
        }),
        "ec2.vpc_endpoint_service": (
            lambda: ask(ec2.describe_vpc_endpoint_service_configurations, "ServiceConfigurations"),
            "ServiceId",
            {"permissions": lambda id: ask(ec2.describe_vpc_endpoint_service_permissions, "AllowedPrincipals", ServiceId=id)},
        ),
    })
    return kinds


def s3_kinds(account):
    s3 = account.client("s3", IRELAND)
    control = account.client("s3control", IRELAND)
    far = account.client("s3control", "us-west-2")

    def bucket(operation, *path, empty=None):
        def read(name):
            answer = ask(getattr(s3, operation), *path, Bucket=name)
            return without(answer, *empty) if empty is not None else answer

        return read

    def controlled(client, operation, *path):
        return lambda name: ask(getattr(client, operation), *path, AccountId=account.id, Name=name)

    def listed(client, operation, part):
        return lambda: ask(getattr(client, operation), part, AccountId=account.id)

    def ownership(name):
        return ask(s3.get_bucket_ownership_controls, "OwnershipControls", "Rules", Bucket=name)[0]

    def object_acls(name):
        keys = [found["Key"] for found in ask(s3.list_objects_v2, Bucket=name, MaxKeys=100).get("Contents", [])]
        groups = [f"http://acs.amazonaws.com/groups/global/{group}" for group in ("AllUsers", "AuthenticatedUsers")]
        public = []
        for key in keys:
            grants = [grant for grant in ask(s3.get_object_acl, "Grants", Bucket=name, Key=key) if grant["Grantee"].get("URI") in groups]
            public += [{"Key": key, "Grants": grants}] if grants else []
        return {"Sampled": len(keys), "HasMore": False, "PublicObjects": public}

    def service_buckets(region):
        states = []
        for service, name in [
            ("Amazon Athena", f"aws-athena-query-results-{account.id}-{region}"),
            ("AWS CDK", f"cdk-hnb659fds-assets-{account.id}-{region}"),
            ("AWS CodeStar", f"aws-codestar-{region}-{account.id}"),
            ("AWS Elastic Beanstalk", f"elasticbeanstalk-{region}-{account.id}"),
            ("Amazon EMR", f"aws-logs-{account.id}-{region}"),
            ("Amazon EMR Studio", f"aws-emr-studio-{account.id}-{region}"),
            ("AWS Glue", f"aws-glue-assets-{account.id}-{region}"),
            ("Amazon SageMaker AI", f"sagemaker-{region}-{account.id}"),
        ]:
            try:
                ask(s3.head_bucket, Bucket=name, ExpectedBucketOwner=account.id)
                state = "own"
            except Failed as failed:
                state = {"404": "free", "403": "foreign"}[str(failed)]
            states.append({"Name": name, "Service": service, "State": state})
        return states

    def multi_region_policy(name):
        policies = ask(far.get_multi_region_access_point_policy, "Policy", AccountId=account.id, Name=name)
        return {which: (said or {}).get("Policy") for which, said in policies.items()}

    return {
        "organizations.account": (lambda: [{"AccountId": account.id}], "AccountId", {
            "organization": lambda _: ask(account.client("organizations", "us-east-1").describe_organization, "Organization"),
        }),
        "s3.account": (lambda: [{"AccountId": account.id}], "AccountId", {
            "public_access_block": lambda id: ask(
                control.get_public_access_block, "PublicAccessBlockConfiguration", AccountId=id
            ),
        }),
        "s3.access_grants_instance": (
            listed(control, "list_access_grants_instances", "AccessGrantsInstancesList"), "AccessGrantsInstanceId", {}
        ),
        "s3.access_point": (listed(control, "list_access_points", "AccessPointList"), "Name", {
            "details": controlled(control, "get_access_point"),
            "policy": controlled(control, "get_access_point_policy", "Policy"),
            "policy_status": controlled(control, "get_access_point_policy_status", "PolicyStatus"),
        }),
        "s3.bucket": (lambda: ask(s3.list_buckets, "Buckets"), "Name", {
            "accelerate": bucket("get_bucket_accelerate_configuration", empty=[]),
            "acl": bucket("get_bucket_acl"),
            "cors": bucket("get_bucket_cors"),
            "encryption": bucket("get_bucket_encryption", "ServerSideEncryptionConfiguration"),
            "intelligent_tiering": bucket("list_bucket_intelligent_tiering_configurations"),
            "inventory": bucket("list_bucket_inventory_configurations", empty=["InventoryConfigurationList"]),
            "lifecycle": bucket("get_bucket_lifecycle_configuration"),
            "logging": bucket("get_bucket_logging", "LoggingEnabled"),
            "metrics": bucket("list_bucket_metrics_configurations"),
            "notification": bucket(
                "get_bucket_notification_configuration", empty=["TopicConfigurations", "QueueConfigurations"]
            ),
            "object_acls": object_acls,
            "object_lock": bucket("get_object_lock_configuration", "ObjectLockConfiguration"),
            "ownership_controls": ownership,
            "policy": bucket("get_bucket_policy", "Policy"),
            "policy_status": bucket("get_bucket_policy_status", "PolicyStatus"),
            "public_access_block": bucket("get_public_access_block", "PublicAccessBlockConfiguration"),
            "replication": bucket("get_bucket_replication", "ReplicationConfiguration"),
            "request_payment": bucket("get_bucket_request_payment"),
            "tags": bucket("get_bucket_tagging", "TagSet"),
            "versioning": bucket("get_bucket_versioning"),
            "website": bucket("get_bucket_website"),
        }),
        "s3.directory_bucket": (lambda: ask(s3.list_directory_buckets, "Buckets"), "Name", {}),
        "s3.multi_region_access_point": (listed(far, "list_multi_region_access_points", "AccessPoints"), "Name", {
            "policy": multi_region_policy,
            "policy_status": controlled(far, "get_multi_region_access_point_policy_status", "Established"),
        }),
        "s3.object_lambda_access_point": (
            listed(control, "list_access_points_for_object_lambda", "ObjectLambdaAccessPointList"), "Name", {}
        ),
        "s3.region": (lambda: [{"RegionName": IRELAND}], "RegionName", {"service_buckets": service_buckets}),
        "s3.storage_lens_configuration": (
            listed(control, "list_storage_lens_configurations", "StorageLensConfigurationList"),
            "Id",
            {
                "configuration": lambda id: ask(
                    control.get_storage_lens_configuration, "StorageLensConfiguration", AccountId=account.id, ConfigId=id
                )
            },
        ),
    }


def answers(account):
    out = {}
    for kind, (listed, id, facts) in {**ec2_kinds(account), **s3_kinds(account)}.items():
        resources = result_or_error(listed)
        if isinstance(resources, list):
            resources = {
                fields[id]: {"fields": fields, "facts": {fact: result_or_error(lambda: read(fields[id])) for fact, read in facts.items()}}
                for fields in resources
            }
        out[kind] = resources
    return out


def plain(value):
    """Converts values that JSON does not support."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(value)


if __name__ == "__main__":
    account = Account(sys.argv[1], MIRROR, [])
    seed_s3(account)
    seed_ec2(account)
    # User data is base64: the middle of the secret, at each of the three offsets within a group of three bytes.
    encoded = [base64.b64encode(b"=" * shift + SECRET.encode()).decode()[4:-4] for shift in range(3)]
    kinds = answers(account)
    secrets = [SECRET, *(text for text in encoded if text in json.dumps(kinds, default=plain))]
    decoded = [base64.b64decode(text["facts"]["user_data"] or "").decode() for text in kinds["ec2.instance"].values()]
    print(json.dumps({"account": account.id, "region": IRELAND, "kinds": {**kinds, "decoded": decoded}, "secrets": secrets}, default=plain))
