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
