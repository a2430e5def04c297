//! Address ranges in CIDR notation.

use std::net::Ipv6Addr;

use ipnet::{IpNet, Ipv6Net};

/// A range in CIDR notation, or one address; host bits are ignored.
pub fn range(text: &str) -> Option<IpNet> {
    let net = text
        .parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    net.map(|net| net.trunc())
}

/// The ranges of private addresses.
pub const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// Whether a range consists of private addresses.
pub fn is_private(net: &IpNet) -> bool {
    PRIVATE.iter().filter_map(|text| range(text)).any(|private| private.contains(net))
}

/// The global unicast block of IPv6: 2000::/3.
pub const GLOBAL_UNICAST: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether a single range is the internet of its family. For IPv4, only /0 is.
pub fn is_world(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() == 0,
        IpNet::V6(net) => net.contains(&GLOBAL_UNICAST),
    }
}
