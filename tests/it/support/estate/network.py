"""Networks of the estate: VPCs with endpoints and route tables, VPNs, network interfaces, and used and unused ACLs.

A separate random generator keeps the rest of the estate unchanged. What moto stores but has no call to set (the state of an endpoint,
the tunnels of a VPN) is set in its models, whose names are those of the AWS API.
"""

from datetime import datetime, timezone

from moto.ec2.models import ec2_backends

from .answers import response
from .base import EC2, TRUSTED, yes

# Services of interface endpoints, by the end of their names.
SERVICES = ["ec2", "ecr.api", "ecr.dkr", "ssm", "ssm-contacts", "ssm-incidents"]
# Endpoints of a VPC for a service: what the name ends with after the service, another region if any, and the state; and whether calls to
# the service in the VPC's own region can use one.
INTERFACES = [
    ([], False),
    ([("", None, "available")], True),
    ([("", None, "Available")], True),
    ([("-fips", None, "available")], True),
    ([("", None, "pending")], True),
    ([("", None, "rejected"), ("", None, "available")], True),
    ([("", None, "pendingAcceptance")], False),
    ([("", None, "rejected")], False),
    ([("", None, "deleting"), ("", None, "Deleted")], False),
    ([("", None, "failed")], False),
    ([("", None, "expired")], False),
    ([("", "ap-south-1", "available")], False),
    # Services with other names.
    ([("messages", None, "available")], False),
    ([("-fips", "ap-south-1", "available"), (".example", None, "available")], False),
]

# Where a route table leads to, beside the VPC itself, and whether traffic without a more specific route leaves the VPC that way and
# arrives.
WAYS = [
    (None, False),
    ("internet gateway", True),
    ("NAT gateway", True),
    ("transit gateway", True),
    ("egress-only gateway", True),
    # The gateway was deleted.
    ("blackhole", False),
    # An office network.
    ("part", False),
]

# Endpoints of a VPC for S3 or DynamoDB. A gateway endpoint: its state, and which route tables lead to it. An interface endpoint: its state,
# whether it has private DNS, and whether that is for resolver endpoints only.
GATEWAYS = [
    [],
    [("Gateway", "available", [0, 1, 2])],
    [("Gateway", "pending", [0, 1, 2])],
    [("Gateway", "Available", [0])],
    [("Gateway", "available", [1])],
    [("Gateway", "available", [])],
    [("Gateway", "available", [0, 2]), ("Gateway", "available", [1])],
    [("Gateway", "deleted", [0, 1, 2]), ("Gateway", "available", [2])],
    [("Gateway", "deleting", [0, 1, 2])],
    [("Interface", "available", True, False)],
    [("Interface", "available", True, None)],
    [("Interface", "available", False, None)],
    # Traffic from the VPC itself uses the gateway endpoint.
    [("Interface", "available", True, True), ("Gateway", "available", [0, 1])],
    [("Interface", "available", True, True)],
    [("Interface", "deleted", True, False)],
]


def network(estate, account, region, client, vpcs):
    """Creates all of it in one region; `vpcs` are the existing ones, the default VPC first."""
    backend = ec2_backends[account.id][region]
    for vpc in vpcs:
        interface_endpoints(estate, account, region, client, backend, vpc, [estate.network.choice(INTERFACES) for _ in SERVICES])
        main = client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        assert len(main) == 1, main
        # In the second, a peering sometimes has the default route. It leads to the peer only, and to nothing beyond it.
        way, out = estate.network.choice(WAYS) if vpc != vpcs[1] else WAYS[0]
        lead(estate, client, backend, vpc, main[0]["RouteTableId"], way)
        # It has subnets, and all use the main route table.
        subnets = [(0, out)]
        for service in ("s3", "dynamodb"):
            gateways = estate.network.choice(GATEWAYS) if vpc != vpcs[1] else [("Gateway", "available", [])]
            gateway_endpoints(account, region, client, backend, vpc, service, gateways, [main[0]["RouteTableId"]], subnets)
        used_acls(estate, account, region, client, vpc)
    for number in range(len(WAYS) + 2):
        new_vpc(estate, account, region, client, backend, number)
    peerings(estate, account, region, client)
    shared_vpc(estate, account, region, client, backend)
    vpns(estate, account, region, client, backend)
    client_vpns(estate, account, region)
    block_public_access(estate, account, region)
    interfaces(estate, account, region, client, backend)


def becomes(inside, **attributes):
    """Sets attributes of a moto object that moto computes."""
    inside.__class__ = type(type(inside).__name__, (type(inside),), attributes)


# --- VPCs and their endpoints ---


def new_vpc(estate, account, region, client, backend, number):
    """A VPC of three subnets and three route tables, the first of which is the main table."""
    vpc = bare_vpc(account, region, client, 20 + number)
    # The first has everything it needs, the second nothing.
    chosen = [estate.network.choice(INTERFACES) if number > 1 else INTERFACES[1 - number] for _ in SERVICES]
    interface_endpoints(estate, account, region, client, backend, vpc, chosen)
    tables = [client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]]
    tables += [client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    # Every route type is the default route of some VPC.
    ways = [WAYS[number % len(WAYS)], estate.network.choice(WAYS), estate.network.choice(WAYS)]
    subnets = []
    for third in range(3):
        subnet = client.create_subnet(VpcId=vpc, CidrBlock=f"10.{20 + number}.{third}.0/24")["Subnet"]["SubnetId"]
        table = estate.network.choice([0, 0, 1, 2])
        if table:
            client.associate_route_table(RouteTableId=tables[table], SubnetId=subnet)
        account.say(region, subnet, subnet_auto_public_ip="pass")
        subnets.append((table, ways[table][1]))
        estate.resources += 1
    for table, (way, _) in zip(tables, ways):
        lead(estate, client, backend, vpc, table, way)
    for service in ("s3", "dynamodb"):
        gateways = estate.network.choice(GATEWAYS) if number > 1 else GATEWAYS[1 - number]
        gateway_endpoints(account, region, client, backend, vpc, service, gateways, tables, subnets)
    for _ in range(2):
        acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        account.say(region, acl, nacl_ingress_ssh_rdp="pass")
        estate.resources += 1
    used_acls(estate, account, region, client, vpc)
    estate.resources += 1


def bare_vpc(account, region, client, second):
    """What AWS creates with a VPC: a security group whose members reach each other, and an ACL that allows everything."""
    vpc = client.create_vpc(CidrBlock=f"10.{second}.0.0/16")["Vpc"]["VpcId"]
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    groups, acls = client.describe_security_groups(Filters=here)["SecurityGroups"], client.describe_network_acls(Filters=here)["NetworkAcls"]
    assert len(groups) == len(acls) == 1, (groups, acls)
    account.say(region, vpc, vpc_flow_logs="fail")
    account.say(
        region,
        groups[0]["GroupId"],
        sg_default_closed="fail",
        sg_ingress_remote_admin_ipv4="pass",
        sg_ingress_remote_admin_ipv6="pass",
        sg_ingress_high_risk_ports="pass",
        sg_ingress_authorized_ports="pass",
        sg_ingress_all_ports="pass",
        sg_prefix_list_internet="pass",
        sg_ingress_smb="pass",
    )
    account.say(region, acls[0]["NetworkAclId"], nacl_ingress_ssh_rdp="fail")
    return vpc


def interface_endpoints(estate, account, region, client, backend, vpc, chosen):
    subnets = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    for service, (endpoints, served) in zip(SERVICES, chosen):
        for ending, elsewhere, state in endpoints:
            # A deleted endpoint no longer has interfaces.
            gone = state.lower() in ("deleting", "deleted", "rejected", "failed", "expired")
            made = client.create_vpc_endpoint(
                VpcId=vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{elsewhere or region}.{service}{ending}",
                SubnetIds=[subnet["SubnetId"] for subnet in subnets[:1] if not gone], PrivateDnsEnabled=elsewhere is None,
            )["VpcEndpoint"]["VpcEndpointId"]
            inside = backend.vpc_end_points[made]
            inside.state, inside.service_region = state, elsewhere or region
            for interface in inside.network_interface_ids:
                managed(backend, interface, "vpc_endpoint")
            estate.resources += 1
        account.say(region, vpc, **{f"vpc_endpoint_{service.replace('.', '_').replace('-', '_')}": yes(served)})


def lead(estate, client, backend, vpc, table, way):
    """Creates a route in the table."""
    default = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    if way in ("internet gateway", "blackhole"):
        # A VPC has at most one.
        found = client.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])["InternetGateways"]
        gateway = (found or [client.create_internet_gateway()["InternetGateway"]])[0]["InternetGatewayId"]
        if not found:
            client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
            estate.resources += 1
        client.create_route(GatewayId=gateway, **default)
        for route in backend.get_route_table(table).routes:
            if way == "blackhole" and route.destination_cidr_block == "0.0.0.0/0":
                becomes(route, state="blackhole")
    elif way == "NAT gateway":
        subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
        address = client.allocate_address(Domain="vpc")["AllocationId"]
        nat = client.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        client.create_route(NatGatewayId=nat, **default)
        managed(backend, backend.nat_gateways[nat]._eni.id, "nat_gateway", checks=False)
    elif way == "transit gateway":
        gateway = client.describe_transit_gateways()["TransitGateways"][0]["TransitGatewayId"]
        client.create_route(TransitGatewayId=gateway, **default)
    elif way == "egress-only gateway":
        gateway = client.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        client.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId=gateway)
    elif way == "part":
        gateway = client.describe_transit_gateways()["TransitGateways"][0]["TransitGatewayId"]
        client.create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", TransitGatewayId=gateway)


def gateway_endpoints(account, region, client, backend, vpc, service, endpoints, tables, subnets):
    """Endpoints for the service, in a VPC whose subnets each use a route table (by index) with or without a default route."""
    there, led, by_interface = False, set(), False
    for kind, state, *rest in endpoints:
        options = {"VpcId": vpc, "VpcEndpointType": kind, "ServiceName": f"com.amazonaws.{region}.{service}"}
        works = state.lower() in ("available", "pending")
        if kind == "Gateway":
            places = [place for place in rest[0] if place < len(tables)]
            made = client.create_vpc_endpoint(RouteTableIds=[tables[place] for place in places], **options)
            there |= works
            led |= set(places) if works else set()
        else:
            private_dns, resolvers_only = rest
            made = client.create_vpc_endpoint(PrivateDnsEnabled=private_dns, **options)
            by_interface |= works and private_dns and not resolvers_only
        inside = backend.vpc_end_points[made["VpcEndpoint"]["VpcEndpointId"]]
        inside.state = state
        if kind == "Interface" and rest[1] is not None:
            inside.dns_options = {"DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": rest[1]}
    past = any(out and table not in led for table, out in subnets)
    account.say(region, vpc, **{f"vpc_endpoint_{service}_gateway": yes(by_interface or (there and not past))})


def shared_vpc(estate, account, region, client, backend):
    """A VPC of another account that shares a subnet with this one; its default security group is not visible."""
    vpc = client.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.250.0.0/24")["Subnet"]["SubnetId"]
    interface = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    backend.get_network_interface(interface)._group_set = []
    backend.groups[vpc].clear()
    for inside in (backend.vpcs[vpc], backend.get_subnet(subnet)):
        becomes(inside, owner_id=TRUSTED)
    acls = client.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    acls += [client.create_network_acl(VpcId=vpc)["NetworkAcl"]]
    for acl in acls:
        backend.network_acls[acl["NetworkAclId"]].owner_id = TRUSTED
        account.say(region, acl["NetworkAclId"], nacl_ingress_ssh_rdp="skip", nacl_unused="skip")
    rules = [f"vpc_endpoint_{service.replace('.', '_').replace('-', '_')}" for service in SERVICES]
    rules += ["vpc_endpoint_s3_gateway", "vpc_endpoint_dynamodb_gateway", "vpc_flow_logs"]
    account.say(region, vpc, **{rule: "skip" for rule in rules})
    account.say(region, subnet, subnet_auto_public_ip="skip")
    estate.resources += 5


# Routes over a peering to a VPC with the range 10.{peer}.0.0/16, by ranges and by a prefix list of the estate; and the expected verdict, if
# the peering is accepted.
PEERINGS = [
    ([], "halves", "fail"),
    ([], "office", "pass"),
    (["10.{peer}.0.0/17", "10.{peer}.128.0/17"], None, "fail"),
    (["10.{peer}.0.0/17", "10.{peer}.192.0/18"], None, "pass"),
    (["10.{peer}.0.0/16"], None, None),
]


def peerings(estate, account, region, client):
    """From the first of the new VPCs to the others."""
    vpcs = {vpc["CidrBlock"]: vpc["VpcId"] for vpc in client.describe_vpcs()["Vpcs"]}
    lists = {made["PrefixListName"]: made["PrefixListId"] for made in client.describe_managed_prefix_lists()["PrefixLists"]}
    tables = client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpcs["10.20.0.0/16"]]}])["RouteTables"]
    for peer, (ranges, by_list, verdict) in enumerate(PEERINGS, 21):
        made = client.create_vpc_peering_connection(VpcId=vpcs["10.20.0.0/16"], PeerVpcId=vpcs[f"10.{peer}.0.0/16"])
        over = {"RouteTableId": estate.network.choice(tables)["RouteTableId"], "VpcPeeringConnectionId": made["VpcPeeringConnection"]["VpcPeeringConnectionId"]}
        if verdict:
            client.accept_vpc_peering_connection(VpcPeeringConnectionId=over["VpcPeeringConnectionId"])
        for cidr in ranges:
            client.create_route(DestinationCidrBlock=cidr.replace("{peer}", str(peer)), **over)
        if by_list:
            client.create_route(DestinationPrefixListId=lists[by_list], **over)
        account.say(region, over["VpcPeeringConnectionId"], vpc_peering_least_route=verdict or "skip")
        estate.resources += 1


# --- ACLs ---


def used_acls(estate, account, region, client, vpc):
    """Associates subnets of the VPC with its ACLs, or not, which may leave an ACL unused."""
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    acls = client.describe_network_acls(Filters=here)["NetworkAcls"]
    default = next(acl["NetworkAclId"] for acl in acls if acl["IsDefault"])
    own = [acl["NetworkAclId"] for acl in acls if not acl["IsDefault"]]
    associations = {place["NetworkAclAssociationId"] for acl in acls for place in acl["Associations"]}
    used = {}
    for association in sorted(associations, key=lambda name: next(
        place["SubnetId"] for acl in acls for place in acl["Associations"] if place["NetworkAclAssociationId"] == name
    )):
        acl = estate.network.choice([None, *own])
        if acl is None:
            continue
        association = client.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)["NewAssociationId"]
        if estate.network.random() < 0.3:
            client.replace_network_acl_association(AssociationId=association, NetworkAclId=default)
        else:
            used[acl] = True
    for acl in own:
        account.say(region, acl, nacl_unused=yes(acl in used))
    # Nobody can delete it.
    account.say(region, default, nacl_unused="skip")


# --- Interfaces ---


def managed(backend, interface, kind, checks=True):
    """Makes the interface one of a service."""
    inside = backend.get_network_interface(interface)
    inside.interface_type, inside.requester_managed, inside.source_dest_check = kind, True, checks


# Types of interfaces, and whether a service manages them; for the others, users can turn off the check.
KINDS = [
    ("interface", False), ("interface", False), ("interface", False), ("efa", False), ("branch", False), ("quicksight", False),
    # Of a database.
    ("interface", True), ("lambda", True), ("network_load_balancer", True), ("gateway_load_balancer", True), ("transit_gateway", True),
]


def interfaces(estate, account, region, client, backend):
    vpc = next(vpc["VpcId"] for vpc in client.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.20.0.0/16")
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    for kind, by_service in KINDS:
        made = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
        if by_service:
            managed(backend, made, kind, checks=estate.network.random() < 0.5)
        else:
            backend.get_network_interface(made).interface_type = kind
    operated = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    backend.get_network_interface(operated).operator = {"Managed": True, "Principal": "eks.amazonaws.com"}
    # All of them, including those of instances and endpoints.
    for interface in client.describe_network_interfaces()["NetworkInterfaces"]:
        name = interface["NetworkInterfaceId"]
        estate.resources += 1
        if interface["RequesterManaged"] or name == operated:
            account.say(region, name, ec2_eni_source_dest_check="skip")
            continue
        checks = estate.network.random() < 0.7
        if not checks:
            client.modify_network_interface_attribute(NetworkInterfaceId=name, SourceDestCheck={"Value": False})
        account.say(region, name, ec2_eni_source_dest_check=yes(checks))


# --- VPNs ---

# States of a connection, whether its tunnels are expected to work, and whether it still exists.
STATES = [("available", True, True), ("pending", False, True), ("deleting", False, False), ("deleted", False, False)]
# The states of its tunnels.
TUNNELS = [["UP", "UP"], ["UP", "DOWN"], ["DOWN", "UP"], ["DOWN", "DOWN"], ["UP"], []]
# IKE versions of a tunnel, and whether it accepts version 1.
VERSIONS = [(["ikev2"], False), (["ikev2"], False), (["ikev1", "ikev2"], True), (["ikev1"], True), ([], True)]
# Log options of a tunnel, and whether its key exchanges are logged.
LOGS = [
    ({"LogEnabled": True, "LogOutputFormat": "json"}, True),
    ({"LogEnabled": True, "LogOutputFormat": "text", "BgpLogEnabled": False}, True),
    ({"LogEnabled": False}, False),
    ({"LogEnabled": False, "BgpLogEnabled": True}, False),
    (None, False),
]


def vpns(estate, account, region, client, backend):
    customer = client.create_customer_gateway(BgpAsn=65000, Type="ipsec.1", PublicIp="203.0.113.7")["CustomerGateway"]["CustomerGatewayId"]
    private = client.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    transit = client.describe_transit_gateways()["TransitGateways"][0]["TransitGatewayId"]
    draw = estate.network.choice
    # The first is compliant; then each tunnel state; each connection state; and random ones.
    drawn = [(STATES[0], TUNNELS[0], [(VERSIONS[0], LOGS[0])] * 2)]
    drawn += [(STATES[0], tunnels, [(draw(VERSIONS), draw(LOGS)) for _ in range(2)]) for tunnels in TUNNELS]
    drawn += [(state, draw(TUNNELS), [(draw(VERSIONS), draw(LOGS)) for _ in range(2)]) for state in STATES[1:]]
    drawn += [(STATES[0], draw(TUNNELS), [(VERSIONS[0], draw(LOGS)), (draw(VERSIONS), LOGS[0])]) for _ in range(4)]
    # moto's own, without any tunnel data.
    drawn.append((STATES[0], [], []))
    for number, ((state, works, there), tunnels, options) in enumerate(drawn):
        end = {"VpnGatewayId": private} if number % 2 else {"TransitGatewayId": transit}
        made = client.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, **end)["VpnConnection"]["VpnConnectionId"]
        inside = backend.vpn_connections[made]
        inside.state, inside.category = state, "VPN"
        if options:
            inside.options = {
                "StaticRoutesOnly": False, "TunnelInsideIpVersion": "ipv4",
                "TunnelOptions": [tunnel_options(account, region, place, *option) for place, option in enumerate(options)],
            }
        inside.vgw_telemetry = [
            {
                "OutsideIpAddress": f"198.51.100.{place}", "Status": status, "StatusMessage": "" if status == "UP" else "IPSEC IS DOWN",
                "AcceptedRouteCount": 2 if status == "UP" else 0, "LastStatusChange": datetime(2026, 1, 2, tzinfo=timezone.utc),
            }
            for place, status in enumerate(tunnels)
        ]
        modern = options and not any(old for (_, old), _ in options)
        logged = options and all(logs for _, (_, logs) in options)
        account.say(
            region,
            made,
            vpn_tunnels_up="skip" if not works else yes(tunnels == ["UP", "UP"]) if tunnels else "unknown",
            vpn_ikev2_only="skip" if not there else yes(modern) if options else "unknown",
            vpn_logging="skip" if not there else yes(logged) if options else "unknown",
        )
        estate.resources += 1


def tunnel_options(account, region, place, versions, logs):
    options = {"OutsideIpAddress": f"198.51.100.{place}", "TunnelInsideCidr": f"169.254.{place}.0/30"}
    if versions[0]:
        options["IkeVersions"] = [{"Value": version} for version in versions[0]]
    if logs[0]:
        group = {"LogGroupArn": f"arn:aws:logs:{region}:{account.id}:log-group:vpn"} if logs[0]["LogEnabled"] else {}
        options["LogOptions"] = {"CloudWatchLogOptions": {**logs[0], **group}}
    return options


# How clients authenticate, and whether that is only by certificate.
AUTHENTICATION = [
    (["certificate-authentication"], True), (["federated-authentication"], False), (["certificate-authentication", "directory-service-authentication"], False),
]
# Authorization rules: whether for all clients, and the state; and whether all clients have access.
AUTHORIZATION = [
    ([], False), ([(True, "active")], True), ([(False, "active"), (True, "authorizing")], True), ([(False, "active")], False),
    ([(True, "revoking"), (True, "failed")], False),
]


def client_vpns(estate, account, region):
    """moto has none. Every state with every log setting, whose names AWS returns capitalized."""
    endpoints = []
    ways = [({"Enabled": True, "CloudwatchLogGroup": "vpn"}, True), ({"Enabled": False}, False)]
    states = ["available", "pending-associate", "pending", "deleting", "deleted"]
    for number, (state, (options, logged)) in enumerate((state, way) for state in states for way in ways):
        endpoint = f"cvpn-endpoint-{account.id[:4]}{region.replace('-', '')[:2].encode().hex()}{number:09}"
        authentication, only_certificates = AUTHENTICATION[number % len(AUTHENTICATION)]
        rules, everyone = AUTHORIZATION[number % len(AUTHORIZATION)]
        endpoints.append({
            "ClientVpnEndpointId": endpoint, "Status": {"Code": state}, "CreationTime": "2026-01-02T03:04:05", "ClientCidrBlock": "10.251.0.0/22",
            "ConnectionLogOptions": options, "AuthenticationOptions": [{"Type": kind} for kind in authentication],
        })
        estate.answer(
            "ec2:DescribeClientVpnAuthorizationRules", account.id, region,
            response("DescribeClientVpnAuthorizationRules", {"AuthorizationRules": [
                {"ClientVpnEndpointId": endpoint, "DestinationCidr": "10.0.0.0/8", "AccessAll": access, "Status": {"Code": code}}
                for access, code in rules
            ]}),
            ClientVpnEndpointId=endpoint,
        )
        gone = state in ("deleting", "deleted")
        account.say(
            region,
            endpoint,
            client_vpn_logging="skip" if gone else yes(logged),
            client_vpn_strong_auth="skip" if gone else yes(not only_certificates),
            client_vpn_authorize_all="skip" if gone else yes(not everyone),
        )
        estate.resources += 1
    estate.answer(
        "ec2:DescribeClientVpnEndpoints", account.id, region, response("DescribeClientVpnEndpoints", {"ClientVpnEndpoints": endpoints})
    )


def block_public_access(estate, account, region):
    # Each account has two.
    mode = ["off", "block-bidirectional", "block-ingress"][(estate.accounts.index(account) + (region != "eu-west-1")) % 3]
    state = "default-state" if mode == "off" else "update-complete"
    options = f"<awsAccountId>{account.id}</awsAccountId><awsRegion>{region}</awsRegion><state>{state}</state><internetGatewayBlockMode>{mode}</internetGatewayBlockMode>"
    estate.answer(
        "ec2:DescribeVpcBlockPublicAccessOptions", account.id, region,
        f'<DescribeVpcBlockPublicAccessOptionsResponse xmlns="{EC2}"><vpcBlockPublicAccessOptions>{options}</vpcBlockPublicAccessOptions></DescribeVpcBlockPublicAccessOptionsResponse>',
    )
    account.say(region, region, ec2_vpc_block_public_access=yes(mode != "off"))
    estate.modes[account.id, region] = mode
