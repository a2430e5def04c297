"""Networks of the estate: VPCs with endpoints and route tables, VPNs, network interfaces, and ACLs that are used or not.

Drawn by a generator of its own, so that nothing else of the estate changes. What moto keeps but cannot be asked to set (the state of an
endpoint, the tunnels of a VPN) is set in its models; their names are those of AWS's API.
"""

from datetime import datetime, timezone

from moto.ec2.models import ec2_backends

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
# Who shares a VPC with the accounts.
OWNER = "888877776666"

# Services of interface endpoints, as their names end.
SERVICES = ["ec2", "ecr.api", "ecr.dkr", "ssm", "ssm-contacts", "ssm-incidents"]
# Endpoints of a VPC for a service: what the name ends with beside the service, another region if it is one, and the state; and whether
# calls of the service in the VPC's own region can go by one.
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
    # Services of other names.
    ([("messages", None, "available")], False),
    ([("-fips", "ap-south-1", "available"), (".example", None, "available")], False),
]

# Where a route table leads to, beside the VPC itself, and whether what has no other route leaves the VPC by it and arrives.
WAYS = [
    (None, False),
    ("internet gateway", True),
    ("NAT gateway", True),
    ("transit gateway", True),
    ("egress-only gateway", True),
    # The gateway is gone.
    ("blackhole", False),
    # An office.
    ("part", False),
]

# Endpoints of a VPC for S3 or DynamoDB. A gateway endpoint: its state, and which of the route tables lead to it. An interface endpoint:
# its state, whether the usual name leads to it, and whether it does for resolver endpoints only.
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
    # Those of the VPC itself are meant to go by the gateway.
    [("Interface", "available", True, True), ("Gateway", "available", [0, 1])],
    [("Interface", "available", True, True)],
    [("Interface", "deleted", True, False)],
]


def network(estate, account, region, client, vpcs):
    """All of it, in one region; `vpcs` are those that are there already, the default VPC first."""
    backend = ec2_backends[account.id][region]
    for vpc in vpcs:
        interface_endpoints(estate, account, region, client, backend, vpc, [estate.network.choice(INTERFACES) for _ in SERVICES])
        main = client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        assert len(main) == 1, main
        # In the second, a peering takes everything where it is drawn so. It leads to the peer alone, and to nothing behind it.
        way, out = estate.network.choice(WAYS) if vpc != vpcs[1] else WAYS[0]
        lead(client, backend, vpc, main[0]["RouteTableId"], way)
        # There are subnets, and all use the main table.
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


def yes(true):
    return "pass" if true else "fail"


def becomes(inside, **attributes):
    """Gives one thing of moto's attributes that moto computes."""
    inside.__class__ = type(type(inside).__name__, (type(inside),), attributes)


# --- VPCs and their endpoints ---


def new_vpc(estate, account, region, client, backend, number):
    """A VPC of three subnets and three route tables, the first of which is the main table."""
    vpc = bare_vpc(account, region, client, 20 + number)
    # The first has all that it needs, the second nothing.
    chosen = [estate.network.choice(INTERFACES) if number > 1 else INTERFACES[1 - number] for _ in SERVICES]
    interface_endpoints(estate, account, region, client, backend, vpc, chosen)
    tables = [client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]]
    tables += [client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    # Every way is somebody's main way.
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
        lead(client, backend, vpc, table, way)
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
    """What AWS makes with a VPC: a security group whose members reach each other, and an ACL that lets everything in."""
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
            # One that is gone has no interfaces any more.
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


def lead(client, backend, vpc, table, way):
    """A route of the table."""
    default = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    if way in ("internet gateway", "blackhole"):
        gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
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
    """Endpoints for the service, in a VPC whose subnets use each a table (by its place) that leads out or not."""
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
    """A VPC of another account, of which a subnet is shared with this one; its default security group is not seen."""
    vpc = client.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.250.0.0/24")["Subnet"]["SubnetId"]
    interface = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    backend.get_network_interface(interface)._group_set = []
    backend.groups[vpc].clear()
    for inside in (backend.vpcs[vpc], backend.get_subnet(subnet)):
        becomes(inside, owner_id=OWNER)
    acls = client.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    acls += [client.create_network_acl(VpcId=vpc)["NetworkAcl"]]
    for acl in acls:
        backend.network_acls[acl["NetworkAclId"]].owner_id = OWNER
        account.say(region, acl["NetworkAclId"], nacl_ingress_ssh_rdp="skip", nacl_unused="skip")
    rules = [f"vpc_endpoint_{service.replace('.', '_').replace('-', '_')}" for service in SERVICES]
    rules += ["vpc_endpoint_s3_gateway", "vpc_endpoint_dynamodb_gateway", "vpc_flow_logs"]
    account.say(region, vpc, **{rule: "skip" for rule in rules})
    account.say(region, subnet, subnet_auto_public_ip="skip")
    estate.resources += 5


# Routes over a peering to a VPC with the range 10.{peer}.0.0/16: by ranges and by a prefix list of the estate; and what is true of it, if
# it is accepted.
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
    """Gives subnets of the VPC to its ACLs, or not; a subnet may have lost the one that it had."""
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
    """The interface belongs to a service."""
    inside = backend.get_network_interface(interface)
    inside.interface_type, inside.requester_managed, inside.source_dest_check = kind, True, checks


# Types of interfaces, and whether a service manages them; the users of the rest can turn the check off.
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
    # All of them, those of instances and endpoints too.
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

# States of a connection, whether its tunnels are expected to work, and whether it is there at all.
STATES = [("available", True, True), ("pending", False, True), ("deleting", False, False), ("deleted", False, False)]
# How its tunnels do.
TUNNELS = [["UP", "UP"], ["UP", "DOWN"], ["DOWN", "UP"], ["DOWN", "DOWN"], ["UP"], []]
# IKE versions of a tunnel, and whether it accepts the first.
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
    # The first is as it should be; each way that tunnels can do; each state; and what is drawn.
    drawn = [(STATES[0], TUNNELS[0], [(VERSIONS[0], LOGS[0])] * 2)]
    drawn += [(STATES[0], tunnels, [(draw(VERSIONS), draw(LOGS)) for _ in range(2)]) for tunnels in TUNNELS]
    drawn += [(state, draw(TUNNELS), [(draw(VERSIONS), draw(LOGS)) for _ in range(2)]) for state in STATES[1:]]
    drawn += [(STATES[0], draw(TUNNELS), [(VERSIONS[0], draw(LOGS)), (draw(VERSIONS), LOGS[0])]) for _ in range(4)]
    # moto's own, of whose tunnels nothing is told.
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
            vpn_tunnels_up=yes(tunnels == ["UP", "UP"]) if works else "skip",
            vpn_ikev2_only=yes(modern) if there else "skip",
            vpn_logging=yes(logged) if there else "skip",
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


def client_vpns(estate, account, region):
    """moto has none. Each state with each way to log, which AWS tells with capital letters."""
    items = ""
    ways = [("<Enabled>true</Enabled><CloudwatchLogGroup>vpn</CloudwatchLogGroup>", True), ("<Enabled>false</Enabled>", False)]
    states = ["available", "pending-associate", "pending", "deleting", "deleted"]
    for number, (state, (options, logged)) in enumerate((state, way) for state in states for way in ways):
        endpoint = f"cvpn-endpoint-{account.id[:4]}{region.replace('-', '')[:2].encode().hex()}{number:09}"
        items += (
            f"<item><clientVpnEndpointId>{endpoint}</clientVpnEndpointId><status><code>{state}</code></status>"
            f"<creationTime>2026-01-02T03:04:05</creationTime><clientCidrBlock>10.251.0.0/22</clientCidrBlock>"
            f"<connectionLogOptions>{options}</connectionLogOptions></item>"
        )
        gone = state in ("deleting", "deleted")
        account.say(region, endpoint, client_vpn_logging="skip" if gone else yes(logged))
        estate.resources += 1
    estate.answer(
        "ec2:DescribeClientVpnEndpoints", account.id, region,
        f'<DescribeClientVpnEndpointsResponse xmlns="{EC2}"><clientVpnEndpoint>{items}</clientVpnEndpoint></DescribeClientVpnEndpointsResponse>',
    )


def block_public_access(estate, account, region):
    # Each account has two of them.
    mode = ["off", "block-bidirectional", "block-ingress"][(estate.accounts.index(account) + (region != "eu-west-1")) % 3]
    state = "default-state" if mode == "off" else "update-complete"
    options = f"<awsAccountId>{account.id}</awsAccountId><awsRegion>{region}</awsRegion><state>{state}</state><internetGatewayBlockMode>{mode}</internetGatewayBlockMode>"
    estate.answer(
        "ec2:DescribeVpcBlockPublicAccessOptions", account.id, region,
        f'<DescribeVpcBlockPublicAccessOptionsResponse xmlns="{EC2}"><vpcBlockPublicAccessOptions>{options}</vpcBlockPublicAccessOptions></DescribeVpcBlockPublicAccessOptionsResponse>',
    )
    account.say(region, region, ec2_vpc_block_public_access=yes(mode != "off"))
