"""Which ranges are the internet, by counting the addresses between the ends of all ranges: AWS's and IANA's definitions, in plain numbers."""

from ipaddress import ip_network

# Special-purpose ranges of IANA, of which nothing reaches AWS over the internet.
NOT_ROUTED = {
    4: [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    ],
    # Only 2000::/3 is assigned.
    6: ["::/3", "4000::/2", "8000::/1", "2001:db8::/32"],
}
BITS = {4: 32, 6: 128}


def spans(version, cidrs):
    """The first and the last address of each range of the IP version, as numbers."""
    networks = [ip_network(cidr, strict=False) for cidr in cidrs]
    return [(int(net[0]), int(net[-1])) for net in networks if net.version == version]


def within(address, ranges):
    return any(first <= address <= last for first, last in ranges)


RESERVED = {version: spans(version, cidrs) for version, cidrs in NOT_ROUTED.items()}


def is_internet(version, ranges, admits):
    """Whether `admits` accepts at least 95 percent of the routed addresses. Nothing may change for it within a range or between two."""
    ends = {0}
    for first, last in [*ranges, *RESERVED[version]]:
        ends |= {first, last + 1}
    ends = sorted(end for end in ends if end < 2 ** BITS[version])
    routed = admitted = 0
    for first, end in zip(ends, [*ends[1:], 2 ** BITS[version]]):
        if within(first, RESERVED[version]):
            continue
        routed += end - first
        if admits(first):
            admitted += end - first
    return admitted >= 0.95 * routed


def cover_internet(cidrs):
    """Whether the ranges together are the IPv4 or the IPv6 internet."""
    cidrs = list(cidrs)
    for version in BITS:
        ranges = spans(version, cidrs)
        if ranges and is_internet(version, ranges, lambda address: within(address, ranges)):
            return True
    return False
