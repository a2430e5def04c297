//! The protocols of EC2.

/// EC2 names four protocols and uses IANA's numbers for the others. It accepts names in capitals.
pub fn protocol_number(protocol: &str) -> Option<i64> {
    match protocol.to_ascii_lowercase().as_str() {
        "-1" | "all" => Some(-1),
        "icmp" => Some(1),
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmpv6" => Some(58),
        other => other.parse().ok(),
    }
}

/// Whether a protocol has types instead of ports: ICMP.
pub fn has_types(protocol: i64) -> bool {
    matches!(protocol, 1 | 58)
}

/// The name of a protocol by which users know it: `tcp`, `udp`, `icmp`, `icmpv6` or a number.
pub fn protocol_name(protocol: i64) -> String {
    match protocol {
        -1 => "all".to_owned(),
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        other => other.to_string(),
    }
}
