"""Addresses, gateways, endpoints and their services, peerings, flow logs and mirrors: more of them, and what is true of all of them."""

import json
from datetime import datetime, timedelta, timezone

from moto.ec2.models import ec2_backends

from .answers import response
from .base import ACCOUNTS, ORGANIZATION, STRANGER, TRUSTED, yes
from .exposed import acl_opens, plain_vpc, public_ipv4
from .shared_storage import TRUST

ENDED = ("deleting", "deleted", "rejected", "failed", "expired")


def statement(principal, action, resource="*", condition=None, effect="Allow"):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


# Endpoint policies: whether everyone may do everything, and whether untrusted principals can use the endpoint to copy data elsewhere.
POLICIES = [
    ([statement("*", "*")], True, True),
    ([statement({"AWS": "*"}, "ec2:*")], True, True),
    ([statement("*", "*", condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})], False, False),
    # The VPC of no endpoint: no request meets the condition.
    ([statement("*", "*", condition={"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}})], False, False),
    ([statement("*", "*", condition={"StringEquals": {"aws:ResourceAccount": TRUSTED}})], False, False),
    ([statement("*", "*", condition={"Bool": {"aws:PrincipalIsAWSService": "true"}})], False, False),
    ([statement({"AWS": f"arn:aws:iam::{TRUSTED}:root"}, "*")], False, False),
    ([statement({"AWS": STRANGER}, "s3:GetObject")], False, True),
    ([statement("*", "*"), statement("*", "*", condition={"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, effect="Deny")], False, False),
    ([statement("*", "s3:GetObject", "arn:aws:s3:::packages-of-others/*")], False, False),
    ([statement("*", "s3:PutObject", "arn:aws:s3:::packages-of-others/*")], False, True),
]
# Principals that an endpoint service admits, and whether all of them are trusted.
PRINCIPALS = [
    ([], True), ([f"arn:aws:iam::{TRUSTED}:root"], True), ([f"arn:aws:iam::{STRANGER}:root"], False), (["*"], False),
    ([f"arn:aws:iam::{TRUSTED}:role/x", f"arn:aws:iam::{STRANGER}:role/x"], False),
]
STRONG = {
    f"Phase{phase}{option}": [{"Value": value} for value in values]
    for phase in (1, 2)
    for option, values in (("EncryptionAlgorithms", ["AES256"]), ("IntegrityAlgorithms", ["SHA2-256", "SHA2-512"]), ("DHGroupNumbers", [14, 20]))
}
# Algorithms of a tunnel, and whether one of them is weak. All are accepted if none is named.
CRYPTO = [
    (STRONG, False), (STRONG, False), ({}, True), (STRONG | {"Phase1IntegrityAlgorithms": [{"Value": "SHA1"}]}, True),
    (STRONG | {"Phase2DHGroupNumbers": [{"Value": 5}, {"Value": 20}]}, True),
]


def connections(estate, account, region, client, vpcs, exposed_vpc, exposed_subnets):
    backend = ec2_backends[account.id][region]
    draw = estate.connections.choice
    addresses(estate, account, region, client)
    settings(estate, account, region)
    public_access_exclusions(estate, account, region, exposed_vpc, exposed_subnets)
    endpoint_services(estate, account, region, client, exposed_subnets)
    mirrors(estate, account, region, client)
    verified_access(estate, account, region)
    transit(estate, account, region, client, backend, exposed_vpc, exposed_subnets)
    # Endpoints in public subnets, and in two zones.
    for subnets in (exposed_subnets[:1], exposed_subnets[6:8], exposed_subnets[7:8]):
        made = client.create_vpc_endpoint(
            VpcId=exposed_vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{region}.logs", SubnetIds=subnets,
            SecurityGroupIds=[draw(estate.new_groups[account.id, region][:20])],
        )["VpcEndpoint"]["VpcEndpointId"]
        for interface in backend.vpc_end_points[made].network_interface_ids:
            inside = backend.get_network_interface(interface)
            inside.interface_type, inside.requester_managed = "vpc_endpoint", True
        estate.resources += 1
    for number, endpoint in enumerate(backend.vpc_end_points.values()):
        statements, everything, untrusted = POLICIES[number % len(POLICIES)]
        endpoint.policy_document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        endpoint.requester_managed = number % 13 == 5
        estate.policies[endpoint.id] = everything, untrusted
    for subnet, (destination, kind) in zip(exposed_subnets, (
        (f"arn:aws:logs:{region}:{account.id}:log-group:flows", "cloud-watch-logs"),
        (f"arn:aws:logs:{region}:{STRANGER}:log-group:flows", "cloud-watch-logs"),
        (f"arn:aws:firehose:{region}:{TRUSTED}:deliverystream/flows", "kinesis-data-firehose"), ("arn:aws:s3:::flows-of-others/x", "s3"),
        (f"arn:aws:s3:::estate-{account.id}-01/flows/", "s3"),
    )):
        made = client.create_flow_logs(
            ResourceIds=[subnet], ResourceType="Subnet", TrafficType="ALL", LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::estate-{account.id}-01",
        )["FlowLogIds"][0]
        inside = backend.flow_logs[made]
        inside.log_destination, inside.log_destination_type = destination, kind
        inside.deliver_logs_status = draw(["SUCCESS", "FAILED"])
        estate.resources += 1
    for number, connection in enumerate(backend.vpn_connections.values()):
        options = getattr(connection, "options", None) or {}
        tunnels = options.get("TunnelOptions", []) if isinstance(options, dict) else []
        drawn = [CRYPTO[0] if number == 0 else draw(CRYPTO) for _ in tunnels]
        for tunnel, (crypto, _) in zip(tunnels, drawn):
            tunnel.update(crypto)
        account.say(
            region, connection.id,
            vpn_strong_crypto="skip" if connection.state in ("deleting", "deleted") else yes(not any(weak for _, weak in drawn)) if tunnels else "unknown",
        )
    peering(estate, account, region, client, vpcs[2], exposed_vpc, exposed_subnets[0])
    # A VPC with a single zone, which nothing uses.
    single = plain_vpc(account, region, client, 61)
    subnet = client.create_subnet(VpcId=single, CidrBlock="10.61.0.0/24", AvailabilityZone=f"{region}a")["Subnet"]["SubnetId"]
    account.say(region, subnet, subnet_auto_public_ip="pass")
    estate.resources += 2
    # A peering with another account, by its owner.
    for owner, code in ((STRANGER, "active"), (STRANGER, "pending-acceptance"), (STRANGER, "deleted"), (TRUSTED, "active")):
        made = client.create_vpc_peering_connection(VpcId=vpcs[0], PeerVpcId=exposed_vpc)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        inside = backend.vpc_pcxs[made]
        becomes_peer(inside, owner, code)
        account.say(region, made, vpc_peering_least_route="pass" if code == "active" else "skip")
        estate.resources += 1


def peering(estate, account, region, client, vpc, exposed_vpc, exposed_subnet):
    """From a public subnet to another VPC, with DNS resolution on one side or on both."""
    made = client.create_vpc_peering_connection(VpcId=exposed_vpc, PeerVpcId=vpc)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    for name, value, to in (("association.subnet-id", exposed_subnet, "10.2.1.0/24"), ("vpc-id", vpc, "10.60.0.0/24")):
        table = client.describe_route_tables(Filters=[{"Name": name, "Values": [value]}])["RouteTables"][0]["RouteTableId"]
        client.create_route(RouteTableId=table, DestinationCidrBlock=to, VpcPeeringConnectionId=made)
    resolve = {"AllowDnsResolutionFromRemoteVpc": True}
    client.modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=made, RequesterPeeringConnectionOptions=resolve,
        **({"AccepterPeeringConnectionOptions": resolve} if region == "eu-west-1" else {}),
    )
    account.say(region, made, vpc_peering_least_route="pass")
    estate.resources += 1


def becomes_peer(inside, owner, code):
    """The other side belongs to another account."""
    inside._status.code = code
    inside.accept_owner = owner
    peer = type(inside.peer_vpc)
    foreign = object.__new__(type("Foreign", (peer,), {"owner_id": owner}))
    foreign.__dict__.update(inside.peer_vpc.__dict__)
    inside.peer_vpc = foreign


def addresses(estate, account, region, client):
    """Transfers, which moto does not have: to whom, in which state, and when the offer expires in days."""
    transfers = []
    offers = [(TRUSTED, "pending", 3), (STRANGER, "pending", 3), (STRANGER, "pending", -1), (STRANGER, "disabled", 3), (STRANGER, "accepted", 3)]
    for to, status, days in offers:
        made = client.allocate_address(Domain="vpc")
        estate.resources += 1
        transfers.append({
            "PublicIp": made["PublicIp"], "AllocationId": made["AllocationId"], "TransferAccountId": to, "AddressTransferStatus": status,
            "TransferOfferExpirationTimestamp": datetime.now(timezone.utc) + timedelta(days=days),
        })
        if (to, status, days) == offers[1]:
            estate.offered.add(made["AllocationId"])
    estate.answer("ec2:DescribeAddressTransfers", account.id, region, response("DescribeAddressTransfers", {"AddressTransfers": transfers}))


def settings(estate, account, region):
    number = ACCOUNTS.index(account.id) + (region == "us-east-1")
    allowed = estate.allowed_images[account.id, region] = ["enabled", "disabled", "audit-mode"][number % 3]
    console = number % 2 == 0
    answer = response("GetAllowedImagesSettings", {"State": allowed, "ManagedBy": "account"})
    estate.answer("ec2:GetAllowedImagesSettings", account.id, region, answer)
    estate.answer(
        "ec2:GetSerialConsoleAccessStatus", account.id, region,
        response("GetSerialConsoleAccessStatus", {"SerialConsoleAccessEnabled": console, "ManagedBy": "account"}),
    )
    account.say(region, region, ec2_allowed_amis_enabled=yes(allowed != "disabled"), ec2_serial_console_disabled=yes(not console))


def public_access_exclusions(estate, account, region, vpc, subnets):
    """In the first account, the exposed VPC is excluded from VPC Block Public Access; elsewhere, one subnet is, or only for outbound traffic."""
    first = account.id == ACCOUNTS[0]
    arn = f"arn:aws:ec2:{region}:{account.id}:"
    exclusions = [
        (f"{arn}vpc/{vpc}" if first else f"{arn}subnet/{subnets[0]}", "allow-bidirectional", "create-complete"),
        (f"{arn}subnet/{subnets[1]}", "allow-egress", "create-complete"),
        (f"{arn}subnet/{subnets[2]}", "allow-bidirectional", "delete-complete"),
    ]
    estate.answer(
        "ec2:DescribeVpcBlockPublicAccessExclusions", account.id, region,
        response("DescribeVpcBlockPublicAccessExclusions", {"VpcBlockPublicAccessExclusions": [
            {"ExclusionId": f"vpcbpa-exclude-0{number:08}", "ResourceArn": resource, "InternetGatewayExclusionMode": way, "State": state}
            for number, (resource, way, state) in enumerate(exclusions)
        ]}),
    )
    estate.excluded[account.id, region] = {vpc} if first else {subnets[0]}


def endpoint_services(estate, account, region, client, subnets):
    balancing = account.client("elbv2", region)
    balancers = balancing.create_load_balancer(Name="service", Type="network", Scheme="internal", Subnets=subnets[:1])["LoadBalancers"]
    balancer = balancers[0]["LoadBalancerArn"]
    for number, (principals, trusted) in enumerate(PRINCIPALS * 2):
        accept = number >= len(PRINCIPALS)
        made = client.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer], AcceptanceRequired=accept)
        name = made["ServiceConfiguration"]["ServiceId"]
        if principals:
            client.modify_vpc_endpoint_service_permissions(ServiceId=name, AddAllowedPrincipals=principals)
        account.say(region, name, vpc_endpoint_service_principals=yes(trusted), vpc_endpoint_service_acceptance=yes(accept or not principals))
        estate.resources += 1


def mirrors(estate, account, region, client):
    interfaces = [one["NetworkInterfaceId"] for one in client.describe_network_interfaces()["NetworkInterfaces"]]
    for number, description in enumerate((None, "  ", "Intrusion detection")):
        text = {"Description": description} if description else {}
        described = yes((description or "").strip())
        filtered = client.create_traffic_mirror_filter(**text)["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        target = client.create_traffic_mirror_target(NetworkInterfaceId=interfaces[number], **text)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        session = client.create_traffic_mirror_session(
            NetworkInterfaceId=interfaces[3 + number], TrafficMirrorTargetId=target, TrafficMirrorFilterId=filtered, SessionNumber=1, **text
        )["TrafficMirrorSession"]["TrafficMirrorSessionId"]
        if number:
            client.create_tags(Resources=[session], Tags=[{"Key": "approved", "Value": "yes"}])
        account.say(region, filtered, traffic_mirror_filter_description=described)
        account.say(region, target, traffic_mirror_target_description=described)
        account.say(region, session, traffic_mirror_session_description=described, traffic_mirror_session_present=yes(number))
        estate.resources += 3
    estate.params["traffic-mirror-session-present"] = {"approved_tags": ["approved=yes"]}


def verified_access(estate, account, region):
    """moto has none. Destinations of the logs, each with the state of its delivery (None: off)."""
    off = {"Enabled": False}
    works, fails = ({"Enabled": True, "DeliveryStatus": {"Code": code}} for code in ("success", "failed"))
    kinds = [(off, off, False), ({"Enabled": True}, off, True), (fails, off, False), (fails, works, True)]
    instances, logs = [], []
    for number, (bucket, group, logged) in enumerate(kinds):
        name = f"vai-{account.id}{region[:2].encode().hex()}{number}"
        instances.append({"VerifiedAccessInstanceId": name, "Description": "of the estate"})
        logs.append({"VerifiedAccessInstanceId": name, "AccessLogs": {"S3": bucket, "CloudWatchLogs": group, "KinesisDataFirehose": off}})
        account.say(region, name, verified_access_logging=yes(logged))
        estate.resources += 1
    answer = response("DescribeVerifiedAccessInstances", {"VerifiedAccessInstances": instances})
    estate.answer("ec2:DescribeVerifiedAccessInstances", account.id, region, answer)
    estate.answer(
        "ec2:DescribeVerifiedAccessInstanceLoggingConfigurations", account.id, region,
        response("DescribeVerifiedAccessInstanceLoggingConfigurations", {"LoggingConfigurations": logs}),
    )


def transit(estate, account, region, client, backend, vpc, subnets):
    gateways = [client.describe_transit_gateways()["TransitGateways"][0]["TransitGatewayId"]]
    for association, propagation in (("enable", "enable"), ("disable", "enable"), ("enable", "disable"), ("disable", "disable")):
        made = client.create_transit_gateway(Options={
            "AutoAcceptSharedAttachments": "disable", "DefaultRouteTableAssociation": association, "DefaultRouteTablePropagation": propagation,
        })["TransitGateway"]["TransitGatewayId"]
        account.say(region, made, tgw_auto_accept="pass")
        gateways.append(made)
        estate.resources += 1
    ends = ((account.id, "available"), (TRUSTED, "available"), (STRANGER, "available"), (STRANGER, "pendingAcceptance"), (STRANGER, "deleted"))
    for gateway, (owner, state) in zip(gateways, ends):
        attachment = client.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=subnets[:1])
        name = attachment["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        inside = backend.transit_gateway_attachments[name]
        inside.resource_owner_id, inside.state = owner, state
        estate.resources += 1


# --- What is true ---


def true_of_network(estate, account, region, client, around):
    for address in client.describe_addresses()["Addresses"]:
        used = address.get("AssociationId") or address.get("InstanceId") or address.get("NetworkInterfaceId")
        account.say(
            region, address["AllocationId"], ec2_eip_unassociated=yes(used), ec2_eip_transfer_pending=yes(address["AllocationId"] not in estate.offered)
        )
    interfaces = around.interfaces
    for interface in interfaces:
        public = "skip" if interface["InterfaceType"] == "nat_gateway" else "fail"
        managed = interface["RequesterManaged"] or interface.get("Operator", {}).get("Managed")
        attached = interface.get("Attachment") or interface["Status"] != "available"
        account.say(
            region, interface["NetworkInterfaceId"],
            ec2_eni_public_ip=public if public_ipv4(interface) else "pass", ec2_eni_unused="pass" if attached else "skip" if managed else "fail",
        )
    vpcs = client.describe_vpcs()["Vpcs"]
    foreign = {vpc["VpcId"] for vpc in vpcs if vpc["OwnerId"] != account.id}
    authorized = sorted(vpc["VpcId"] for vpc in vpcs if vpc["CidrBlock"].startswith("10.6") or vpc["IsDefault"])
    estate.allow("igw-authorized-vpc", "authorized_vpc_ids", *authorized)
    for gateway in client.describe_internet_gateways()["InternetGateways"]:
        account.say(region, gateway["InternetGatewayId"], igw_authorized_vpc=yes(all(one["VpcId"] in authorized for one in gateway["Attachments"])))
    for acl in around.acls:
        entries = sorted(acl["Entries"], key=lambda entry: entry["RuleNumber"])
        other = acl["OwnerId"] != account.id
        whole = [entry for entry in entries if is_whole(entry)]
        account.say(
            region, acl["NetworkAclId"],
            nacl_ingress_ftp="skip" if other else yes(not any(acl_opens(entries, "tcp", port) for port in (20, 21))),
            nacl_ingress_all="skip" if other or acl["IsDefault"] else yes(not acl_opens(whole, "tcp", 443)),
        )
    said = {(verdict["resource"], verdict["rule"]) for verdict in account.verdicts}
    for acl in around.acls:
        if (acl["NetworkAclId"], "nacl-ingress-ssh-rdp") not in said:
            entries = sorted(acl["Entries"], key=lambda entry: entry["RuleNumber"])
            account.say(region, acl["NetworkAclId"], nacl_ingress_ssh_rdp=yes(not any(acl_opens(entries, "tcp", port) for port in (22, 3389))))
    for table in around.tables:
        public = any(around.leads_out(version, table, table["VpcId"]) for version in (4, 6))
        account.say(region, table["RouteTableId"], route_default_to_igw="skip" if table["OwnerId"] != account.id else yes(not public))
    for gateway in client.describe_transit_gateways()["TransitGateways"]:
        options = gateway["Options"]
        account.say(
            region, gateway["TransitGatewayId"],
            tgw_default_route_table=yes(options["DefaultRouteTableAssociation"] == options["DefaultRouteTablePropagation"] == "disable"),
        )
    for attachment in client.describe_transit_gateway_attachments()["TransitGatewayAttachments"]:
        owners = {attachment["ResourceOwnerId"], attachment["TransitGatewayOwnerId"]}
        account.say(
            region, attachment["TransitGatewayAttachmentId"],
            tgw_attachment_trusted="skip" if attachment["State"] == "deleted" else yes(owners <= TRUST),
        )
    subnets = client.describe_subnets()["Subnets"]
    true_of_vpcs(account, region, vpcs, subnets, interfaces, foreign, around)
    true_of_endpoints(estate, account, region, client, around)
    true_of_flow_logs(account, region, client)
    true_of_peerings(account, region, client, subnets, around)


def is_whole(entry):
    ports = entry.get("PortRange")
    return str(entry["Protocol"]) == "-1" or (str(entry["Protocol"]) == "6" and (not ports or (ports["From"] <= 1 and ports["To"] == 65535)))


def true_of_vpcs(account, region, vpcs, subnets, interfaces, foreign, around):
    for vpc in vpcs:
        name = vpc["VpcId"]
        own = [subnet for subnet in subnets if subnet["VpcId"] == name]
        public = [around.is_public(name, subnet["SubnetId"]) for subnet in own]
        zones = {subnet["AvailabilityZone"] for subnet in own}
        used = any(interface["VpcId"] == name for interface in interfaces)
        skipped = name in foreign
        account.say(
            region, name,
            vpc_unused="skip" if skipped else yes(used),
            vpc_subnet_multi_az="skip" if skipped or not own else yes(len(zones) >= 2),
            vpc_subnet_public_and_private="skip" if skipped or not own else yes(not all(public)),
        )


def true_of_endpoints(estate, account, region, client, around):
    for page in client.get_paginator("describe_vpc_endpoints").paginate():
        for endpoint in page["VpcEndpoints"]:
            name, interface = endpoint["VpcEndpointId"], endpoint["VpcEndpointType"] == "Interface"
            ended = endpoint["State"].lower() in ENDED or endpoint.get("RequesterManaged")
            everything, untrusted = estate.policies[name]
            exposed = any(
                around.groups[group["GroupId"]].opens(*probe) for group in endpoint["Groups"] for probe in around.groups[group["GroupId"]].probes()
            ) or any(around.is_public(endpoint["VpcId"], subnet) for subnet in endpoint.get("SubnetIds", []))
            account.say(
                region, name,
                vpc_endpoint_policy_full_access="skip" if ended else yes(not everything),
                vpc_endpoint_policy_trusted="skip" if ended else yes(not untrusted),
                vpc_endpoint_exposed="skip" if ended or not interface else yes(not exposed),
                vpc_endpoint_multi_az="skip" if ended or not interface else yes(len(endpoint.get("SubnetIds", [])) >= 2),
            )


def true_of_flow_logs(account, region, client):
    for log in client.describe_flow_logs()["FlowLogs"]:
        destination = log["LogDestination"]
        owner = destination.split(":")[4]
        mine = destination.split(":")[-1].split("/")[0].startswith(f"estate-{account.id}-")
        account.say(
            region, log["FlowLogId"],
            vpc_flow_log_delivery=yes(log["DeliverLogsStatus"] != "FAILED"),
            vpc_flow_log_destination_trusted=yes(owner in TRUST) if owner else "pass" if mine else "skip",
        )


def true_of_peerings(account, region, client, subnets, around):
    for peering in client.describe_vpc_peering_connections()["VpcPeeringConnections"]:
        name, code = peering["VpcPeeringConnectionId"], peering["Status"]["Code"]
        sides = [peering["RequesterVpcInfo"], peering["AccepterVpcInfo"]]
        owners = {side["OwnerId"] for side in sides}
        active = code == "active"
        ended = code in ("deleting", "deleted", "rejected", "failed", "expired")
        kinds = []
        for side in sides:
            over = [
                subnet["SubnetId"] for subnet in subnets if subnet["VpcId"] == side["VpcId"] and any(
                    route.get("VpcPeeringConnectionId") == name and route["State"] != "blackhole"
                    for route in around.table(side["VpcId"], subnet["SubnetId"])["Routes"]
                )
            ]
            kinds.append({around.is_public(side["VpcId"], subnet) for subnet in over})
        crossing = (True in kinds[0] and False in kinds[1]) or (True in kinds[1] and False in kinds[0])
        own = [side for side in sides if side["OwnerId"] == account.id]
        resolves = [side.get("PeeringOptions", {}).get("AllowDnsResolutionFromRemoteVpc") for side in own]
        account.say(
            region, name,
            vpc_peering_trusted_account="skip" if ended else yes(owners <= TRUST),
            vpc_peering_public_private="skip" if not active or owners != {account.id} else yes(not crossing),
            vpc_peering_dns_resolution="skip" if not active else "fail" if False in resolves else "unknown" if None in resolves else "pass",
        )
