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

/// A protocol in words; a number alone could be taken for a port.
pub(super) fn protocol_in_words(name: &str) -> String {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("protocol {name}") } else { name.to_owned() }
}

/// The last port, or the last ICMP type.
pub(super) fn last(protocol: i64) -> i64 {
    if has_types(protocol) { 255 } else { 65_535 }
}

/// The ports of a protocol in words: `TCP ports`.
pub(super) fn shown_ports(protocol: i64) -> String {
    format!("{} ports", protocol_name(protocol).to_uppercase())
}

/// Traffic in words: `tcp/22`.
pub(super) fn shown(protocol: i64, (from, to): (i64, i64)) -> String {
    let name = protocol_in_words(&protocol_name(protocol));
    match (from, to) {
        (0, to) if to == last(protocol) && matches!(protocol, 6 | 17) => format!("{name}/0-{to}"),
        (0, to) if to == last(protocol) => name,
        (from, to) if from == to => format!("{name}/{from}"),
        (from, to) => format!("{name}/{from}-{to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_in_words() {
        for (protocol, span, expected) in [
            (6, (22, 22), "tcp/22"),
            (6, (0, 65_535), "tcp/0-65535"),
            (17, (8000, 8100), "udp/8000-8100"),
            (1, (0, 255), "icmp"),
            (58, (128, 128), "icmpv6/128"),
            (50, (0, 65_535), "protocol 50"),
        ] {
            assert_eq!(shown(protocol, span), expected);
        }
    }
}
