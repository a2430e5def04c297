//! The rules behind openings, in words, if they open more than single ports.

use rhai::Dynamic;
use serde::Deserialize;

use crate::exposure::protocol_number;
use crate::rules::helpers::arguments::{Scripted, read};

/// The name of the helper.
pub(super) const NAME: &str = "opened_by";

/// Ranges that a message names.
const NAMED: usize = 3;

/// An opening of a security group or of a network ACL.
#[derive(Deserialize)]
struct Allowed {
    #[serde(alias = "protocol")]
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
}

impl Allowed {
    /// What it allows, unless that is a single port.
    fn text(&self) -> Option<String> {
        let protocol = self.ip_protocol.as_deref().unwrap_or("-1");
        let name = match protocol_number(protocol) {
            Some(-1) => return Some("all traffic".to_owned()),
            Some(6) => "TCP".to_owned(),
            Some(17) => "UDP".to_owned(),
            _ => return Some(format!("protocol {protocol}")),
        };
        match (self.from_port, self.to_port) {
            (Some(from), Some(to)) if from == to && from >= 0 => None,
            (Some(from), Some(to)) if from >= 0 => Some(format!("{name} {from}-{to}")),
            _ => Some(format!("all {name} ports")),
        }
    }
}

/// The end of a message: ` (by a rule for TCP 0-65535)`. If other openings are single ports, it says
/// that this is not the only rule.
pub(super) fn opened_by(openings: &Dynamic) -> Scripted<String> {
    let openings: Vec<Allowed> = read(NAME, "a list of openings", openings)?;
    let mut texts: Vec<String> = Vec::new();
    for text in openings.iter().filter_map(Allowed::text) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let all = openings.iter().all(|opening| opening.text().is_some());
    let by = if all { "by" } else { "including by" };
    let shown: Vec<&str> = texts.iter().take(NAMED).map(String::as_str).collect();
    let more = match texts.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Ok(match shown.as_slice() {
        [] => String::new(),
        [one] => format!(" ({by} a rule for {one})"),
        shown => format!(" ({by} rules for {}{more})", shown.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_some_ranges_are_named() {
        let openings = json!([
            { "ip_protocol": "tcp", "from_port": 22, "to_port": 22 },
            { "ip_protocol": "tcp", "from_port": 1, "to_port": 100 },
            { "ip_protocol": "tcp", "from_port": 1, "to_port": 100 },
            { "ip_protocol": "tcp", "from_port": 2, "to_port": 200 },
            { "ip_protocol": "udp" },
            { "ip_protocol": "-1" },
            { "ip_protocol": "47" }
        ]);
        let openings = rhai::serde::to_dynamic(openings).unwrap();
        assert_eq!(
            opened_by(&openings).unwrap(),
            " (including by rules for TCP 1-100, TCP 2-200, all UDP ports and 2 more)"
        );
    }
}
