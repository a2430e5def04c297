"""Security groups for internal services, wide ranges, groups of other accounts and launch wizards, and what is true of all groups."""

from ipaddress import ip_network

from moto.ec2.models import ec2_backends

from .base import ACCOUNTS, STRANGER, TRUSTED, yes
from .groups import SOURCES
from .internet import RESERVED, cover_internet, within
from .services import SERVICES, probes

NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp"}
# Ranges that are wide, or public, or neither.
RANGES = [
    ["3.0.0.0/8"], ["8.8.8.0/24"], ["8.8.8.0/23"], ["100.64.0.0/10"], ["172.16.0.0/12", "8.8.4.4/32"], ["2600:1f00::/24"],
    ["2600:1f00::/32"], ["fc00::/7"], ["240.0.0.0/4"], ["198.18.0.0/15"], ["10.0.0.0/8"], ["0.0.0.0/2"],
]
# The account of a group that is a source, and the state of the peering to it, if any.
PAIRS = [(ACCOUNTS[0], None), (TRUSTED, "active"), (STRANGER, "active"), (STRANGER, "deleted"), (STRANGER, None)]


def service_groups(estate, account, region, client, vpc, prefix_lists):
    def new(name):
        estate.resources += 1
        return client.create_security_group(GroupName=name, Description="of the estate", VpcId=vpc)["GroupId"]

    def permit(group, protocol, low, high, v4=(), v6=(), prefix=None):
        client.authorize_security_group_ingress(GroupId=group, IpPermissions=[{
            "IpProtocol": protocol, "FromPort": low, "ToPort": high,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4], "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
            "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
        }])

    made = []
    for name, ports in SERVICES.items():
        group = new(f"service-{name}")
        protocol, port = estate.groups.choice(probes(ports))
        near = estate.groups.choice([0, 0, 1, 5])
        permit(group, protocol, port - near, port + near, *estate.groups.choice(SOURCES))
        made.append(group)
    for number, ranges in enumerate(RANGES):
        group = new(f"range-{number}")
        permit(group, "tcp", 8443, 8443, [cidr for cidr in ranges if ":" not in cidr], [cidr for cidr in ranges if ":" in cidr])
        made.append(group)
    # An address of the account is as good as its own group.
    own = client.allocate_address(Domain="vpc")["PublicIp"]
    made.append(new("address"))
    permit(made[-1], "tcp", 8443, 8443, [f"{own}/32"])
    made.append(new("launch-wizard-7"))
    permit(made[-1], "tcp", 22, 22, ["0.0.0.0/0"])
    for number, extra in ((50, 0), (51, 0), (20, 31)):
        group = new(f"long-{number}")
        permit(group, "tcp", 8443, 8443, [f"10.9.{third}.0/24" for third in range(number)])
        if extra:
            client.authorize_security_group_egress(GroupId=group, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": f"10.8.{third}.0/24"} for third in range(50)]}
            ])
        made.append(group)
    backend = ec2_backends[account.id][region]
    for number, (owner, state) in enumerate(PAIRS):
        group = new(f"pair-{number}")
        source = made[number]
        client.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "UserIdGroupPairs": [{"GroupId": source}]}
        ])
        if owner != account.id:
            # moto knows only groups of the same account.
            (rule,) = backend.get_security_group_from_id(group).ingress_rules
            rule.source_group.update(UserId=owner, GroupId=f"sg-0{owner}{number:04}", **({"PeeringStatus": state} if state else {}))
        made.append(group)
    # Interfaces that are meant for the internet, or not, with a group that is open to it.
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    kinds = (("meant", "network_load_balancer", None), ("alb", "interface", "amazon-elb"), ("not-meant", "interface", None))
    for name, kind, requester in kinds:
        group = new(f"open-{name}")
        permit(group, "tcp", 443, 443, ["0.0.0.0/0"])
        interface = client.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
        inside = backend.get_network_interface(interface)
        inside.interface_type = kind
        if requester:
            inside.requester_id, inside.requester_managed = requester, True
        if kind != "interface":
            inside.requester_managed = True
        made.append(group)
    estate.new_groups[account.id, region] = made


class Permissions:
    """What a group allows in, with the entries of prefix lists."""

    def __init__(self, group, entries):
        self.all = []
        for permission in group["IpPermissions"]:
            own = [one["CidrIp"] for one in permission["IpRanges"]] + [one["CidrIpv6"] for one in permission["Ipv6Ranges"]]
            listed = [(one["PrefixListId"], cidr) for one in permission["PrefixListIds"] for cidr in entries[one["PrefixListId"]]]
            protocol = NUMBERS.get(permission["IpProtocol"], permission["IpProtocol"])
            self.all.append((protocol, permission.get("FromPort"), permission.get("ToPort"), own, listed))

    def sources(self, protocol, port, lists=True, own=True):
        """The ranges that may send this. For ICMP, the port is a type."""
        found = []
        for allowed, low, high, cidrs, listed in self.all:
            everything = allowed == "-1" or (allowed == protocol and (low in (None, -1) or low <= port <= (port if high == -1 else high)))
            if everything:
                found += (cidrs if own else []) + ([cidr for _, cidr in listed] if lists else [])
        return found

    def probes(self):
        return [(protocol, low if low is not None else 0) for protocol, low, *_ in self.all]

    def opens(self, protocol, port):
        return cover_internet(self.sources(protocol, port))


def entries_of(client):
    return {
        made["PrefixListId"]: [entry["Cidr"] for entry in client.get_managed_prefix_list_entries(PrefixListId=made["PrefixListId"])["Entries"]]
        for made in client.describe_managed_prefix_lists()["PrefixLists"]
    }


def is_wide(cidr, own):
    network = ip_network(cidr)
    width = network.prefixlen
    if width == 0 or width >= (24 if network.version == 4 else 32):
        return False
    return has_public(network) and not any(network.version == other.version and network.subnet_of(other) for other in own)


def has_public(network):
    """Whether a range has an address that is routed over the internet."""
    first, last, reserved = int(network[0]), int(network[-1]), RESERVED[network.version]
    return any(not within(one, reserved) for one in [first, *(end + 1 for _, end in reserved)] if first <= one <= last)


def true_of_groups(account, region, client, around, old):
    """`old` are the groups about which the older rules have been answered."""
    customer = {made["PrefixListId"] for made in client.describe_managed_prefix_lists()["PrefixLists"] if made["OwnerId"] != "AWS"}
    groups = client.describe_security_groups()["SecurityGroups"]
    interfaces = around.interfaces
    addresses = {address["PublicIp"] for address in client.describe_addresses()["Addresses"]}
    vpcs = client.describe_vpcs()["Vpcs"]
    own = [ip_network(block["CidrBlock"]) for vpc in vpcs for block in vpc["CidrBlockAssociationSet"]]
    own += [ip_network(block["Ipv6CidrBlock"]) for vpc in vpcs for block in vpc.get("Ipv6CidrBlockAssociationSet", [])]
    trusted = {*ACCOUNTS, TRUSTED}
    used = users(client, groups, interfaces)
    for group in groups:
        name = group["GroupId"]
        allowed = around.groups[name]
        ranges = [(None, cidr) for *_, cidrs, _ in allowed.all for cidr in cidrs]
        listed = [pair for *_, pairs in allowed.all for pair in pairs if pair[0] in customer]
        pairs = [pair for permission in group["IpPermissions"] for pair in permission["UserIdGroupPairs"]]
        wide = any(is_wide(cidr, own) for _, cidr in ranges + listed)
        unapproved = any(
            has_public(network)
            and not any(network.version == other.version and network.subnet_of(other) for other in own)
            and not (network.num_addresses == 1 and str(network[0]) in addresses)
            for network in (ip_network(cidr) for _, cidr in ranges)
            if network.prefixlen
        )
        foreign = any(pair["UserId"] not in trusted and pair.get("PeeringStatus") not in ("deleted", "rejected", "expired", "failed") for pair in pairs)
        counts = [
            sum(len(one["IpRanges"]) + len(one["Ipv6Ranges"]) + len(one["PrefixListIds"]) + len(one["UserIdGroupPairs"]) for one in group[way])
            for way in ("IpPermissions", "IpPermissionsEgress")
        ]
        attached = [interface for interface in interfaces if name in [one["GroupId"] for one in interface["Groups"]]]
        exposed = any(not is_for_internet(interface) for interface in attached)
        is_open = any(allowed.opens(*probe) for probe in allowed.probes())
        account.say(
            region,
            name,
            **{
                f"sg_ingress_{service}": yes(not any(allowed.opens(*probe) for probe in probes(ports)))
                for service, ports in SERVICES.items()
            },
            sg_wide_public_cidr=yes(not wide),
            sg_ingress_literal_public_ip=yes(not unapproved),
            sg_ingress_foreign_group=yes(not foreign),
            sg_launch_wizard=yes(not group["GroupName"].startswith("launch-wizard-")),
            sg_too_many_rules=yes(max(counts) <= 50),
            sg_ingress_any_port_internet=yes(not (is_open and exposed)),
            sg_unused="skip" if group["GroupName"] == "default" else yes(name in used),
        )
        if name not in old:
            say_older(account, region, name, allowed)


def is_for_internet(interface):
    kinds = (
        "api_gateway_managed", "gateway_load_balancer", "global_accelerator_managed", "load_balancer", "network_load_balancer", "vpc_endpoint",
    )
    owners = (interface.get("RequesterId"), interface.get("Attachment", {}).get("InstanceOwnerId"))
    return interface["InterfaceType"] in kinds or "amazon-elb" in owners


def users(client, groups, interfaces):
    """The groups that something refers to."""
    used = {one["GroupId"] for interface in interfaces for one in interface["Groups"]}
    for group in groups:
        for permission in group["IpPermissions"] + group["IpPermissionsEgress"]:
            used |= {pair["GroupId"] for pair in permission["UserIdGroupPairs"]} - {group["GroupId"]}
    for endpoint in client.describe_vpc_endpoints()["VpcEndpoints"]:
        if endpoint["State"].lower() not in ("deleted", "rejected", "failed", "expired"):
            used |= {one["GroupId"] for one in endpoint.get("Groups", [])}
    for template in client.describe_launch_templates(MaxResults=200)["LaunchTemplates"]:
        for version in client.describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Default", "$Latest"]
        )["LaunchTemplateVersions"]:
            data = version["LaunchTemplateData"]
            used |= set(data.get("SecurityGroupIds", []))
            used |= {one for interface in data.get("NetworkInterfaces", []) for one in interface.get("Groups", [])}
    return used


def say_older(account, region, name, allowed):
    """The verdicts of the rules that `groups` computes from what it draws, for other groups."""
    from .groups import ADMIN_PORTS, AUTHORIZED, HIGH_RISK

    def open_to(version, port):
        sources = [cidr for cidr in allowed.sources("tcp", port) if ip_network(cidr).version == version]
        return cover_internet(sources)

    is_open = [probe for probe in allowed.probes() if allowed.opens(*probe)]
    wide_open = [
        (low, high)
        for protocol, low, high, *_ in allowed.all
        if allowed.opens(protocol, low or 0) and (protocol == "-1" or (low in (0, 1) and high == 65535))
    ]
    of_tcp = [(low, high) for protocol, low, high, *_ in allowed.all if protocol == "tcp" and allowed.opens(protocol, low)]
    ports = {port for low, high in of_tcp for port in range(low, high + 1)}
    account.say(
        region,
        name,
        sg_default_closed="skip",
        sg_ingress_remote_admin_ipv4=yes(not any(open_to(4, port) for port in ADMIN_PORTS)),
        sg_ingress_remote_admin_ipv6=yes(not any(open_to(6, port) for port in ADMIN_PORTS)),
        sg_ingress_high_risk_ports=yes(not any(allowed.opens("tcp", port) for port in HIGH_RISK)),
        sg_ingress_authorized_ports=yes(
            ports <= AUTHORIZED and not any(protocol in ("udp", "-1") for protocol, _ in is_open)
        ),
        sg_ingress_all_ports=yes(not wide_open),
        sg_prefix_list_internet=yes(
            not any(cover_internet([cidr for other, cidr in listed if other == one]) for *_, listed in allowed.all for one, _ in listed)
        ),
        sg_ingress_smb=yes(not allowed.opens("tcp", 445)),
    )
