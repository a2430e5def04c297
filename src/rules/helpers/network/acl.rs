//! Network ACLs: numbered entries, of which the first match decides.

use rhai::{Array, Dynamic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lists::certain;
use super::query;
use crate::exposure::{Query, acl_openings};
use crate::facts::Shape;
use crate::facts::ec2::network_acl::NetworkAclEntry;
use crate::rules::helpers::arguments::{Scripted, read, script_value};
use crate::rules::helpers::table::{ResultShape, topic};
use crate::rules::values::interrupt::Interrupt;

topic! {
    /// In a network ACL, for each direction and address family, the matching entry with the lowest
    /// number decides whether traffic is allowed. Traffic that matches no entry is denied.
    "Network ACLs";

    /// Returns the entries of a network ACL that allow traffic from (`"ingress"`) or to
    /// (`"egress"`) the internet on a port, as a list for evidence.
    ///
    /// Traffic from or to the internet counts as denied if the ACL denies it for at least 95 percent
    /// of the globally routable addresses of IPv4 or IPv6, by deny entries or because no entry
    /// matches. An ACL that denies less, even half of the internet, leaves the port open to everyone
    /// else. Only the addresses matter, not how they are split among the entries: to allow only half
    /// of the internet is the same as to deny the other half before everything is allowed.
    fn nacl_internet_openings(entries: "list of object", direction: "string", protocol: "string", port: "int") -> "list of acl_opening";
    "nacl_internet_openings([#{ rule_number: 100, egress: false, rule_action: \"allow\", protocol: \"-1\", cidr_block: \"0.0.0.0/0\" }], \
     \"ingress\", \"tcp\", 22).map(|entry| entry.rule_number)"
        => "[100]";
    "nacl_internet_openings([#{ rule_number: 90, egress: false, rule_action: \"deny\", protocol: \"6\", cidr_block: \"0.0.0.0/0\" }, \
     #{ rule_number: 100, egress: false, rule_action: \"allow\", protocol: \"-1\", cidr_block: \"0.0.0.0/0\" }], \"ingress\", \"tcp\", 22)"
        => "[]";
    "nacl_internet_openings([#{ rule_number: 90, egress: false, rule_action: \"deny\", protocol: \"6\", cidr_block: \"0.0.0.0/1\" }, \
     #{ rule_number: 100, egress: false, rule_action: \"allow\", protocol: \"-1\", cidr_block: \"0.0.0.0/0\" }], \"ingress\", \"tcp\", 22).len()"
        => "1";
    |engine, _| engine.register_fn(
        "nacl_internet_openings",
        |entries: Dynamic, direction: &str, protocol: &str, port: i64| -> Scripted<Array> {
            const NAME: &str = "nacl_internet_openings";
            let egress = match direction {
                "ingress" => false,
                "egress" => true,
                other => {
                    let shown = crate::model::text::one_line(other, 30);
                    return Interrupt::Broken(format!("`{NAME}` expects `\"ingress\"` or `\"egress\"`, got `{shown}`")).raise();
                }
            };
            let entries: Vec<NetworkAclEntry> = read(NAME, "a list of entries, such as `acl.entries`", &entries)?;
            let Query::Ports { protocol, from, .. } = query(NAME, protocol, port, port)? else { return Ok(Array::new()) };
            let found = certain(acl_openings(&entries, egress, protocol, from.into()));
            Ok(found.into_iter().map(|entry| script_value(&shown(entry))).collect())
        }
    );
}

/// What `nacl_internet_openings` returns.
pub(crate) static ACL_OPENING: ResultShape =
    ResultShape { name: "acl_opening", shape: Shape::of::<AclOpening>() };

/// An entry of a network ACL that allows traffic from or to the internet.
#[derive(Serialize, Deserialize, JsonSchema)]
struct AclOpening {
    /// The number of the entry.
    rule_number: Option<i64>,
    /// The protocol number as a string: `6` for TCP, `17` for UDP, `-1` for all.
    protocol: Option<String>,
    /// The range in CIDR notation.
    cidr: Option<String>,
    /// The first port.
    from_port: Option<i64>,
    /// The last port.
    to_port: Option<i64>,
}

fn shown(entry: &NetworkAclEntry) -> AclOpening {
    let ports = entry.port_range.as_ref();
    AclOpening {
        rule_number: entry.rule_number,
        protocol: entry.protocol.clone(),
        cidr: entry.cidr_block.clone().or_else(|| entry.ipv6_cidr_block.clone()),
        from_port: ports.and_then(|ports| ports.from),
        to_port: ports.and_then(|ports| ports.to),
    }
}
