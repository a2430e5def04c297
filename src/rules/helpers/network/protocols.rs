//! The protocols of EC2.

/// EC2 names four protocols and uses IANA's numbers for the others. It accepts names in capitals.
pub(super) fn protocol_number(protocol: &str) -> Option<i64> {
    match protocol.to_ascii_lowercase().as_str() {
        "-1" | "all" => Some(-1),
        "icmp" => Some(1),
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmpv6" => Some(58),
        other => other.parse().ok(),
    }
}
