"""Security groups and prefix lists."""

from .base import yes

ADMIN_PORTS = {22, 3389}
HIGH_RISK = {20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300}
AUTHORIZED = {80, 443}
SMB = {445}


def lists(client):
    """Two prefix lists: the whole internet as two halves, and an office network."""
    made = {}
    for name, entries in [("halves", ["0.0.0.0/1", "128.0.0.0/1"]), ("office", ["203.0.113.0/24"])]:
        made[name] = client.create_managed_prefix_list(
            PrefixListName=name, MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": cidr} for cidr in entries]
        )["PrefixList"]["PrefixListId"]
    return made


def default_group(estate, account, region, client, vpc):
    found = client.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [vpc]}]
    )["SecurityGroups"]
    assert len(found) == 1, found
    emptied = estate.often(0.4)
    if emptied:
        if found[0]["IpPermissions"]:
            client.revoke_security_group_ingress(GroupId=found[0]["GroupId"], IpPermissions=found[0]["IpPermissions"])
        client.revoke_security_group_egress(GroupId=found[0]["GroupId"], IpPermissions=found[0]["IpPermissionsEgress"])
    say_group(account, region, found[0]["GroupId"], [], default=yes(emptied))
    estate.resources += 1


# Sources: IPv4 ranges, IPv6 ranges, prefix list, and whether they cover the internet by IPv4, by IPv6, or by a prefix list.
SOURCES = [
    (["0.0.0.0/0"], [], None),
    (["0.0.0.0/0"], ["::/0"], None),
    ([], ["::/0"], None),
    (["0.0.0.0/1", "128.0.0.0/1"], [], None),
    (["0.0.0.0/1"], [], None),
    (["10.0.0.0/8", "203.0.113.7/32"], ["2001:db8::/32"], None),
    ([], [], "halves"),
    ([], [], "office"),
]
PROTOCOLS = [
    ("tcp", 22, 22), ("tcp", 3389, 3389), ("tcp", 443, 443), ("tcp", 80, 80), ("tcp", 0, 65535), ("-1", None, None),
    ("udp", 22, 22), ("udp", 53, 53), ("tcp", 8000, 9000), ("icmp", 8, -1), ("tcp", 1024, 1030), ("tcp", 3306, 3306),
]


class Opening:
    """One random rule of a group, and what it opens to whom."""

    def __init__(self, protocol, low, high, v4, v6, prefix):
        self.protocol, self.low, self.high = protocol, low, high
        self.v4 = v4 == ["0.0.0.0/0"] or v4 == ["0.0.0.0/1", "128.0.0.0/1"]
        self.v6 = "::/0" in v6
        self.list = prefix == "halves"
        self.world = self.v4 or self.v6 or self.list

    def ports(self, protocol):
        if self.protocol == "-1":
            return range(0, 65536)
        return range(self.low, self.high + 1) if self.protocol == protocol else range(0)

    def admits(self, protocol, ports):
        return any(port in self.ports(protocol) for port in ports)


def say_group(account, region, group_id, openings, default="skip"):
    admin = [opening for opening in openings if opening.admits("tcp", ADMIN_PORTS)]
    world = [opening for opening in openings if opening.world]
    account.say(
        region,
        group_id,
        sg_default_closed=default,
        # A prefix list of IPv4 addresses also opens to IPv4.
        sg_ingress_remote_admin_ipv4=yes(not any(opening.v4 or opening.list for opening in admin)),
        sg_ingress_remote_admin_ipv6=yes(not any(opening.v6 for opening in admin)),
        sg_ingress_high_risk_ports=yes(not any(opening.admits("tcp", HIGH_RISK) for opening in world)),
        sg_ingress_authorized_ports=yes(
            all(set(opening.ports("tcp")) <= AUTHORIZED and not opening.ports("udp") for opening in world)
        ),
        sg_ingress_all_ports=yes(
            not any(opening.protocol == "-1" or (opening.low in (0, 1) and opening.high == 65535) for opening in world)
        ),
        sg_prefix_list_internet=yes(not any(opening.list for opening in openings)),
        sg_ingress_smb=yes(not any(opening.admits("tcp", SMB) for opening in world)),
    )


def group(estate, account, region, client, vpc, number, prefix_lists):
    made = client.create_security_group(GroupName=f"group-{number}", Description="of the estate", VpcId=vpc)["GroupId"]
    estate.resources += 1
    openings = []
    for protocol, low, high in estate.rng.sample(PROTOCOLS, estate.some([0, 1, 1, 2])):
        v4, v6, prefix = estate.some(SOURCES)
        ports = {} if low is None else {"FromPort": low, "ToPort": high}
        permission = {
            "IpProtocol": protocol, **ports,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4],
            "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
            "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
        }
        client.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        openings.append(Opening(protocol, low, high, v4, v6, prefix))
    say_group(account, region, made, openings)


# Around the SMB port.
SHARES = [
    ("tcp", 445, 445), ("6", 445, 445), ("tcp", 137, 445), ("tcp", 445, 500), ("tcp", 400, 444), ("tcp", 446, 500), ("udp", 445, 445), ("tcp", 139, 139),
]


def file_shares(estate, account, region, client, vpc, prefix_lists):
    """A group for each of these port ranges, open to the internet or not."""
    for number, (protocol, low, high) in enumerate(SHARES):
        made = client.create_security_group(GroupName=f"share-{number}", Description="of the estate", VpcId=vpc)["GroupId"]
        estate.resources += 1
        v4, v6, prefix = estate.more.choice(SOURCES)
        permission = {
            "IpProtocol": protocol, "FromPort": low, "ToPort": high,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4],
            "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
            "PrefixListIds": [{"PrefixListId": prefix_lists[prefix]}] if prefix else [],
        }
        client.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        # Protocol number 6 is TCP.
        say_group(account, region, made, [Opening("tcp" if protocol == "6" else protocol, low, high, v4, v6, prefix)])
