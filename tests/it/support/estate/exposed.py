"""Instances that the internet reaches, or does not, because of one of the components in between; and what is true of all instances.

The truth tries every kind of source address, between the ends of all ranges that matter, against each component.
"""

from moto.ec2.models import ec2_backends

from .base import yes
from .internet import is_internet, spans, within
from .service_groups import NUMBERS, Permissions, entries_of
from .network import SERVICES as ENDPOINT_SERVICES
from .network import bare_vpc
from .services import ON_INSTANCES, probes

# Default routes of a subnet by target, IPv4 and IPv6; None is the main route table, which has no such route.
ROUTES = [
    [("0.0.0.0/0", "gateway"), ("::/0", "gateway")],
    [("0.0.0.0/1", "gateway"), ("128.0.0.0/1", "gateway")],
    [("0.0.0.0/0", "gateway"), ("128.0.0.0/1", "NAT")],
    [("halves", "gateway")],
    [("0.0.0.0/0", "gateway"), ("::/0", "egress-only")],
    [("0.0.0.0/0", "NAT"), ("::/0", "gateway")],
    [("0.0.0.0/0", "blackhole")],
    None,
]
# Entries of an ACL: direction, number, action, protocol, ports, range. None is the default ACL, which allows everything.
EVERYTHING_OUT = ("egress", 120, "allow", "-1", None, "0.0.0.0/0")
ACLS = [
    None,
    [("ingress", 100, "allow", "6", (0, 65535), "0.0.0.0/0"), ("egress", 100, "allow", "6", (1024, 65535), "0.0.0.0/0")],
    [("ingress", 100, "allow", "-1", None, "0.0.0.0/0")],
    [("ingress", 100, "allow", "-1", None, "0.0.0.0/0"), ("egress", 100, "allow", "6", (32768, 65535), "0.0.0.0/0")],
    [("ingress", 90, "deny", "-1", None, "0.0.0.0/1"), ("ingress", 100, "allow", "-1", None, "0.0.0.0/0"), EVERYTHING_OUT],
    [("ingress", 90, "deny", "6", (20, 23), "0.0.0.0/0"), ("ingress", 100, "allow", "-1", None, "0.0.0.0/0"), EVERYTHING_OUT],
    [("ingress", 100, "allow", "17", (0, 65535), "0.0.0.0/0"), ("egress", 100, "allow", "17", (0, 65535), "0.0.0.0/0")],
    [
        ("ingress", 100, "allow", "-1", None, "::/0"), ("egress", 100, "allow", "-1", None, "::/0"),
        ("ingress", 110, "allow", "6", (0, 443), "0.0.0.0/0"), EVERYTHING_OUT,
    ],
]
# Sources of a rule: IPv4, IPv6, prefix list.
SOURCES = [(["0.0.0.0/0"], [], None), (["0.0.0.0/0"], ["::/0"], None), ([], ["::/0"], None), (["0.0.0.0/1"], [], None), ([], [], "halves")]
ADDRESSES = ["public", "public", "elastic", "IPv6", "both", None]
VPC = 60


def plain_vpc(account, region, client, second):
    """A VPC without endpoints and flow logs."""
    vpc = bare_vpc(account, region, client, second)
    acls = client.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    account.say(region, acls[0]["NetworkAclId"], nacl_unused="skip")
    for service in ENDPOINT_SERVICES:
        account.say(region, vpc, **{f"vpc_endpoint_{service.replace('.', '_').replace('-', '_')}": "fail"})
    account.say(region, vpc, vpc_endpoint_s3_gateway="fail", vpc_endpoint_dynamodb_gateway="fail")
    return vpc


def exposed_network(estate, account, region, client, prefix_lists):
    """A VPC with a subnet for each kind of routes, in which each kind of ACL is used. Returns the VPC, and subnets by kind of routes."""
    backend = ec2_backends[account.id][region]
    vpc = plain_vpc(account, region, client, VPC)
    gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    egress_only = client.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    estate.resources += 1
    subnets = []
    nat = None
    for number, routes in enumerate(ROUTES):
        zone = region + "ab"[number % 2]
        subnet = client.create_subnet(VpcId=vpc, CidrBlock=f"10.{VPC}.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        account.say(region, subnet, subnet_auto_public_ip="pass")
        subnets.append(subnet)
        estate.resources += 1
        if number == 0:
            address = client.allocate_address(Domain="vpc")["AllocationId"]
            nat = client.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
            inside = backend.get_network_interface(backend.nat_gateways[nat]._eni.id)
            inside.interface_type, inside.requester_managed, inside.source_dest_check = "nat_gateway", True, False
        if routes is None:
            continue
        table = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        client.associate_route_table(RouteTableId=table, SubnetId=subnet)
        for destination, target in routes:
            key = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock" if "." in destination else "DestinationPrefixListId"
            way = {"NAT": {"NatGatewayId": nat}, "egress-only": {"EgressOnlyInternetGatewayId": egress_only}}.get(target, {"GatewayId": gateway})
            client.create_route(RouteTableId=table, **{key: prefix_lists.get(destination, destination)}, **way)
        if routes[0][1] == "blackhole":
            for route in backend.get_route_table(table).routes:
                if route.destination_cidr_block == "0.0.0.0/0":
                    route.__class__ = type("Blackhole", (type(route),), {"state": "blackhole"})
    # Each kind of ACL guards a subnet whose route is open, so that it alone decides, or one of the others.
    for number, entries in enumerate(ACLS[1:], len(ROUTES)):
        subnet = client.create_subnet(VpcId=vpc, CidrBlock=f"10.{VPC}.{number}.0/24", AvailabilityZone=f"{region}a")["Subnet"]["SubnetId"]
        tables = client.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnets[0]]}])["RouteTables"]
        client.associate_route_table(RouteTableId=tables[0]["RouteTableId"], SubnetId=subnet)
        account.say(region, subnet, subnet_auto_public_ip="pass")
        subnets.append(subnet)
        estate.resources += 1
        acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        for direction, order, action, protocol, ports, cidr in entries:
            client.create_network_acl_entry(
                # For moto, the numbers of both directions are the same.
                NetworkAclId=acl, RuleNumber=order + (1000 if direction == "egress" else 0), RuleAction=action, Protocol=protocol, Egress=direction == "egress",
                **({"Ipv6CidrBlock": cidr} if ":" in cidr else {"CidrBlock": cidr}),
                **({"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}),
            )
        places = client.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][0]["Associations"]
        place = next(place["NetworkAclAssociationId"] for place in places if place["SubnetId"] == subnet)
        client.replace_network_acl_association(AssociationId=place, NetworkAclId=acl)
        account.say(region, acl, nacl_unused="pass")
        estate.resources += 1
    return vpc, subnets


def exposed_instances(estate, account, region, client, vpc, subnets, prefix_lists):
    """One instance for each service, which the internet reaches if nothing in the region prevents it; then one for each subnet."""
    backend = ec2_backends[account.id][region]
    draw = estate.exposed.choice

    def group(name, openings, sources):
        made = client.create_security_group(GroupName=name, Description="of the estate", VpcId=vpc)["GroupId"]
        v4, v6, prefix = sources
        client.authorize_security_group_ingress(GroupId=made, IpPermissions=[
            {
                "IpProtocol": protocol, **({} if port is None else {"FromPort": port, "ToPort": port}),
                "IpRanges": [{"CidrIp": cidr} for cidr in v4], "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
                "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
            }
            for protocol, port in openings
        ])
        estate.resources += 1
        return made

    kinds = []
    for name, ports in ON_INSTANCES.items():
        probe = draw(probes(ports))
        kinds.append((subnets[0], group(f"exposed-{name}", [probe], SOURCES[0]), draw(["public", "elastic"])))
    everything = group("exposed-everything", [("-1", None)], SOURCES[1])
    for number, subnet in enumerate(subnets):
        names = estate.exposed.sample(sorted(ON_INSTANCES), 2)
        some = group(f"some-{number}", [draw(probes(ON_INSTANCES[name])) for name in names], draw(SOURCES))
        kinds.append((subnet, everything if number % 2 else some, draw(ADDRESSES)))
        kinds.append((subnet, some if number % 2 else everything, "both"))
    for number, (subnet, of_group, address) in enumerate(kinds):
        instance = launch(estate, account, region, client, subnet, [of_group], address in ("public", "both"), number)
        inside = backend.get_instance(instance).nics[0]
        if address == "elastic":
            allocation = client.allocate_address(Domain="vpc")["AllocationId"]
            client.associate_address(AllocationId=allocation, InstanceId=instance)
        if address in ("IPv6", "both"):
            inside.ipv6_addresses = [f"2600:1f18:1:{number:x}::7"]


def launch(estate, account, region, client, subnet, groups, public, number):
    """An instance about which the rules on single settings have something to say."""
    instance = client.run_instances(
        ImageId=estate.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": public, "Groups": groups}],
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": True, "DeleteOnTermination": True}}],
        **({"IamInstanceProfile": {"Arn": f"arn:aws:iam::{account.id}:instance-profile/app"}} if number % 3 == 0 else {}),
    )["Instances"][0]["InstanceId"]
    volumes = client.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    account.say(region, volumes[0]["VolumeId"], ebs_volume_encrypted="pass")
    account.say(
        region,
        instance,
        ec2_instance_profile_attached=yes(number % 3 == 0),
        ec2_instance_stopped_too_long="pass",
        ec2_instance_single_eni="pass",
        ec2_instance_no_paravirtual="pass",
    )
    estate.resources += 2
    estate.launched.setdefault((account.id, region), []).append(instance)
    return instance


# --- What is true ---


class Region:
    """What was made in a region, and whether traffic passes."""

    def __init__(self, client, mode, excluded):
        self.mode, self.excluded = mode, excluded
        self.entries = entries_of(client)
        self.groups = {group["GroupId"]: Permissions(group, self.entries) for group in client.describe_security_groups()["SecurityGroups"]}
        self.instances = instances_of(client)
        self.interfaces = [one for page in client.get_paginator("describe_network_interfaces").paginate() for one in page["NetworkInterfaces"]]
        self.acls = client.describe_network_acls()["NetworkAcls"]
        self.tables = client.describe_route_tables()["RouteTables"]
        self.gateways = {
            gateway["InternetGatewayId"]: [one["VpcId"] for one in gateway["Attachments"]]
            for gateway in client.describe_internet_gateways()["InternetGateways"]
        }

    def table(self, vpc, subnet):
        own = [table for table in self.tables if subnet in [one.get("SubnetId") for one in table["Associations"]]]
        main = [table for table in self.tables if table["VpcId"] == vpc and any(one["Main"] for one in table["Associations"])]
        return (own or main)[0]

    def routes(self, version, vpc, subnet):
        return self.routes_of(version, self.table(vpc, subnet), vpc)

    def routes_of(self, version, table, vpc):
        """Ranges, most specific first, and whether they lead to a gateway of the VPC."""
        found = []
        for route in table["Routes"]:
            leads = vpc in self.gateways.get(route.get("GatewayId"), []) and route["State"] == "active"
            cidrs = [route.get("DestinationCidrBlock"), route.get("DestinationIpv6CidrBlock")]
            cidrs = [cidr for cidr in cidrs if cidr] + self.entries.get(route.get("DestinationPrefixListId"), [])
            found += [(span, leads) for span in spans(version, cidrs)]
        return sorted(found, key=lambda route: route[0][1] - route[0][0])

    def acl(self, subnet):
        (acl,) = [acl for acl in self.acls if subnet in [one["SubnetId"] for one in acl["Associations"]]]
        return sorted(acl["Entries"], key=lambda entry: entry["RuleNumber"])

    def blocked(self, vpc, subnet):
        return self.mode != "off" and not self.excluded & {vpc, subnet}

    def is_public(self, vpc, subnet):
        """Whether the subnet's traffic to the internet leaves by an internet gateway."""
        return any(self.leads_out(version, self.table(vpc, subnet), vpc) for version in (4, 6))

    def leads_out(self, version, table, vpc):
        routes = self.routes_of(version, table, vpc)
        return is_internet(version, [span for span, _ in routes], lambda address: first_match(routes, address, False))

    def exposes(self, interface, protocol, port, reply):
        """Whether the internet can send this to the interface, and get a response on one of the ports of `reply`."""
        vpc, subnet = interface["VpcId"], interface["SubnetId"]
        if self.blocked(vpc, subnet):
            return False
        for version, addresses in ((4, public_ipv4(interface)), (6, [one["Ipv6Address"] for one in interface.get("Ipv6Addresses", [])])):
            if not addresses:
                continue
            sources = spans(version, [cidr for group in interface["Groups"] for cidr in self.groups[group["GroupId"]].sources(protocol, port)])
            if not sources:
                continue
            routes, entries = self.routes(version, vpc, subnet), acl_spans(version, self.acl(subnet))
            if not acl_admits(version, entries, False, protocol, port):
                continue
            if not any(acl_admits(version, entries, True, protocol, back) for back in reply):
                continue
            ranges = sources + [span for span, _ in routes]
            if is_internet(version, ranges, lambda address: within(address, sources) and first_match(routes, address, False)):
                return True
        return False


def first_match(routes, address, default):
    return next((leads for (first, last), leads in routes if first <= address <= last), default)


def acl_spans(version, entries):
    """Entries with ranges of the IP version: range, direction, whether they allow, protocol, ports."""
    found = []
    for entry in entries:
        for span in spans(version, [cidr for cidr in (entry.get("CidrBlock"), entry.get("Ipv6CidrBlock")) if cidr]):
            ports = entry.get("PortRange")
            protocol = NUMBERS.get(str(entry["Protocol"]), str(entry["Protocol"]))
            found.append((span, entry["Egress"], entry["RuleAction"] == "allow", protocol, (ports["From"], ports["To"]) if ports else None))
    return found


def acl_admits(version, entries, egress, protocol, port):
    """Whether the entries do not deny the internet: if only a part is denied, the rest gets in. The first that matches decides."""
    matching = [
        (span, allows)
        for span, way, allows, of_protocol, ports in entries
        if way == egress and of_protocol in ("-1", protocol)
        and (of_protocol == "-1" or ports is None or protocol not in ("tcp", "udp") or ports[0] <= port <= ports[1])
    ]
    return not is_internet(version, [span for span, _ in matching], lambda address: not first_match(matching, address, False))


def acl_opens(entries, protocol, port):
    """Whether the ACL admits the IPv4 or IPv6 internet."""
    return any(acl_admits(version, acl_spans(version, entries), False, protocol, port) for version in (4, 6))


def public_ipv4(interface):
    associations = [interface.get("Association")] + [one.get("Association") for one in interface["PrivateIpAddresses"]]
    return {one.get("CarrierIp") or one.get("PublicIp") for one in associations if one} - {None}


# The port of a client, which chooses it itself: where the ACLs of the estate differ.
REPLY = (1024, 32767, 32768, 65535)


def true_of_exposure(account, region, around):
    cache = {}

    def exposes(interface, protocol, port):
        key = (
            interface["SubnetId"], tuple(sorted(group["GroupId"] for group in interface["Groups"])),
            bool(public_ipv4(interface)), bool(interface.get("Ipv6Addresses")), protocol, port,
        )
        if key not in cache:
            cache[key] = around.exposes(interface, protocol, port, REPLY if protocol in ("tcp", "udp") else (0,))
        return cache[key]

    for instance in around.instances:
        gone = instance["State"]["Name"] == "terminated"
        interfaces = [] if gone else instance["NetworkInterfaces"]
        ports = {
            probe
            for interface in interfaces
            for group in interface["Groups"]
            for probe in [*around.groups[group["GroupId"]].probes(), ("tcp", 443), ("udp", 53), ("icmp", 8), ("50", 0)]
            if probe[0] != "-1"
        }
        reachable = any(exposes(interface, *probe) for interface in interfaces for probe in ports)
        account.say(
            region,
            instance["InstanceId"],
            ec2_instance_internet_reachable="skip" if gone else yes(not reachable),
            **{
                f"ec2_instance_exposed_{name}": "skip" if gone else yes(
                    not any(exposes(interface, *probe) for interface in interfaces for probe in probes(services))
                )
                for name, services in ON_INSTANCES.items()
            },
        )


def instances_of(client):
    pages = client.get_paginator("describe_instances").paginate()
    return [instance for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"]]
