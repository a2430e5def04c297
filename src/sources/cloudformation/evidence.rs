//! Which entry of a list is the one that evidence is about.

use serde_json::{Map, Value};

use super::document::{View, plain_name};
use crate::model::Evidence;

/// Properties that name the other side of a rule of a security group or network ACL, and the
/// destination of a route.
const PEERS: &[&str] = &[
    "cidrip",
    "cidripv6",
    "cidrblock",
    "ipv6cidrblock",
    "sourceprefixlistid",
    "destinationprefixlistid",
    "sourcesecuritygroupid",
    "sourcesecuritygroupname",
    "destinationsecuritygroupid",
    "destinationcidrblock",
    "destinationipv6cidrblock",
];
const CIDRS: &[&str] = &["cidrip", "cidripv6", "cidrblock", "ipv6cidrblock", "cidr"];
const DESTINATIONS: &[&str] =
    &["destinationcidrblock", "destinationipv6cidrblock", "destinationprefixlistid"];
const LISTS: &[&str] = &["sourceprefixlistid", "destinationprefixlistid"];
const GROUPS: &[&str] = &["sourcesecuritygroupid", "destinationsecuritygroupid"];

/// The fields of evidence that identify an entry, the properties that contain the same, and whether
/// an entry without such a property is another one.
const FIELDS: &[(&str, &[&str], bool)] = &[
    ("ip_protocol", &["ipprotocol"], false),
    ("protocol", &["protocol"], false),
    ("from_port", &["fromport"], false),
    ("to_port", &["toport"], false),
    ("cidr", CIDRS, false),
    ("peer", PEERS, true),
    ("prefix_list_id", LISTS, true),
    ("group_id", GROUPS, true),
    ("rule_number", &["rulenumber"], true),
    ("destination", DESTINATIONS, true),
    ("gateway_id", &["gatewayid"], false),
    ("device_name", &["devicename"], true),
    ("device", &["devicename"], true),
    ("sid", &["sid"], true),
    ("id", &["id"], true),
];

/// The entry that a piece of evidence is about: the first piece that is about exactly one decides.
pub(super) fn pick<'d>(entries: &[View<'d>], evidence: &[Evidence]) -> Option<View<'d>> {
    evidence.iter().filter_map(Value::as_object).find_map(|piece| pick_by(entries, piece))
}

fn pick_by<'d>(entries: &[View<'d>], piece: &Map<String, Value>) -> Option<View<'d>> {
    let mut best: Option<(Fit, View<'d>)> = None;
    let mut is_tie = false;
    let mut open = 0;
    for entry in entries {
        let found = fit(*entry, piece).filter(|fit| fit.points > 0 && !fit.is_unlikely);
        let Some(found) = found else { continue };
        open += usize::from(found.is_open);
        match best {
            Some((most, _)) if found.points < most.points => {}
            Some((most, _)) if found.points == most.points => is_tie = true,
            _ => (best, is_tie) = (Some((found, *entry)), false),
        }
    }
    // Of several with values that the template does not contain, each can be the one.
    let is_known = |best: &(Fit, View<'d>)| !is_tie && (!best.0.is_open || open == 1);
    best.filter(is_known).map(|(_, entry)| entry)
}

/// Whether an entry can be one that evidence is about: no property has another value.
pub(super) fn can_be(entry: View<'_>, evidence: &[Evidence]) -> bool {
    fits(entry, evidence, |_| true)
}

/// The same, and no parameter for a port has another value as its default.
pub(super) fn is_likely(entry: View<'_>, evidence: &[Evidence]) -> bool {
    fits(entry, evidence, |fit| !fit.is_unlikely)
}

fn fits(entry: View<'_>, evidence: &[Evidence], is_it: impl Fn(Fit) -> bool) -> bool {
    let mut pieces = evidence.iter().filter_map(Value::as_object).peekable();
    pieces.peek().is_none() || pieces.any(|piece| fit(entry, piece).is_some_and(&is_it))
}

/// How an entry agrees with evidence.
#[derive(Debug, Clone, Copy, Default)]
struct Fit {
    /// How many properties have its values.
    points: u32,
    /// Whether the template does not contain the value of a port or a range of addresses.
    is_open: bool,
    /// Whether a port is a parameter with another default.
    is_unlikely: bool,
}

/// Whether an item of a list is not what any evidence is about, by a literal that differs.
pub(super) fn is_other(item: View<'_>, evidence: &[Evidence]) -> bool {
    let differs = |piece: &Map<String, Value>| {
        FIELDS.iter().any(|(field, names, _)| {
            let wanted = piece.get(*field).and_then(text_of);
            let found = names.iter().find_map(|name| item.get_plain(name)?.value.literal());
            wanted.zip(found).is_some_and(|(wanted, found)| !is_equal(field, found, &wanted))
        })
    };
    let mut pieces = evidence.iter().filter_map(Value::as_object).peekable();
    pieces.peek().is_some() && pieces.all(differs)
}

/// The statement of a policy document: by its `Sid`, by its values, or by its position if none of them is
/// conditional. The policy in AWS can have other statements than the template, so that a statement with
/// other values is never the one at the position.
pub(super) fn statement<'d>(document: View<'d>, evidence: &[Evidence]) -> Option<View<'d>> {
    let list = document.value("Statement")?;
    let all = list.all_items();
    pick(&all, evidence).or_else(|| {
        let mut pieces = evidence.iter().filter_map(Value::as_object);
        let (piece, index) =
            pieces.find_map(|piece| Some((piece, piece.get("index")?.as_u64()?)))?;
        let possible = |item: &View<'d>| item.is_map() && can_be_statement(*item, piece);
        let same: Vec<View<'d>> = all
            .iter()
            .copied()
            .filter(|item| possible(item) && has_actions(*item, piece) == Some(true))
            .collect();
        if let [only] = same.as_slice() {
            return Some(*only);
        }
        let items: Vec<View<'d>> = list.items().collect();
        let has_conditions = items.iter().any(|item| item.function().is_some());
        let position = usize::try_from(index).ok()?.checked_sub(1)?;
        let at = items.get(position).filter(|item| !has_conditions && possible(item)).copied();
        at.filter(|at| same.is_empty() || same.iter().any(|item| item.id() == at.id()))
    })
}

/// Whether a statement can be the one of a piece of evidence, which is about one that allows something,
/// unless it names the actions of one that denies them.
fn can_be_statement(statement: View<'_>, piece: &Map<String, Value>) -> bool {
    let actions = has_actions(statement, piece);
    let is_denial = statement.value("Effect").and_then(View::literal) == Some("Deny");
    if is_denial && (actions != Some(true) || piece.contains_key("principal")) {
        return false;
    }
    let sid = statement.value("Sid").and_then(View::literal);
    let is_to_everyone = piece.get("principal").and_then(Value::as_str) == Some("*");
    actions != Some(false)
        && sid.is_none_or(|sid| sid.is_empty() || !piece.contains_key("sid"))
        && !(is_to_everyone && names_principals(statement))
}

/// Whether a statement has the actions of a piece of evidence, if both are known.
fn has_actions(statement: View<'_>, piece: &Map<String, Value>) -> Option<bool> {
    let sorted = |mut actions: Vec<String>| {
        actions.sort_unstable();
        actions.dedup();
        actions
    };
    let wanted = piece.get("actions")?.as_array()?.iter();
    let wanted = wanted.map(|action| Some(action.as_str()?.to_ascii_lowercase()));
    let wanted = sorted(wanted.collect::<Option<_>>()?);
    let written = literals(statement.value("Action")?)?;
    let written = sorted(written.into_iter().map(str::to_ascii_lowercase).collect());
    (!wanted.is_empty()).then(|| wanted == written)
}

/// Whether a statement is for principals by name, so not for everyone.
fn names_principals(statement: View<'_>) -> bool {
    let Some(principal) = statement.value("Principal") else { return false };
    let named: Option<Vec<&str>> = match principal.is_map() {
        true => {
            let of_types = principal.entries().map(|entry| literals(entry.value));
            of_types.collect::<Option<Vec<_>>>().map(|names| names.concat())
        }
        false => literals(principal),
    };
    named.is_some_and(|names| names.iter().all(|name| !name.contains('*')))
}

/// A literal, or a list of literals.
fn literals(value: View<'_>) -> Option<Vec<&str>> {
    match value.is_list() {
        true => value.items().map(View::literal).collect(),
        false => Some(vec![value.literal()?]),
    }
}

/// How an entry agrees with evidence; `None` if a property has another value. A property whose value the
/// template does not contain, such as a parameter, neither agrees nor disagrees.
fn fit(entry: View<'_>, piece: &Map<String, Value>) -> Option<Fit> {
    let property = |names: &[&str]| {
        let mut entries = entry.entries();
        entries.find(|entry| entry.key.text().is_some_and(|key| names.contains(&&*plain_name(key))))
    };
    let literal = |name: &str| property(&[name]).and_then(|entry| entry.value.literal());
    let is_all_traffic = literal("ipprotocol").or_else(|| literal("protocol")) == Some("-1");
    // Rules check inbound entries of network ACLs, whose numbers outbound ones have as well.
    if piece.contains_key("rule_number") {
        let is_egress = literal("egress").is_some_and(|egress| egress.eq_ignore_ascii_case("true"));
        let wanted = piece.get("egress").and_then(Value::as_bool).unwrap_or(false);
        if is_egress != wanted {
            return None;
        }
    }
    let mut fit = Fit::default();
    for (field, names, is_required) in FIELDS {
        let is_port = field.ends_with("_port");
        if is_port && is_all_traffic {
            continue;
        }
        let Some(wanted) = piece.get(*field) else { continue };
        let found = match property(names) {
            // The ports of network ACLs are in a map.
            None if is_port => {
                let bound = if *field == "from_port" { "from" } else { "to" };
                property(&["portrange"]).and_then(|range| range.value.get_plain(bound))
            }
            found => found,
        };
        match (text_of(wanted), found) {
            (None, None) => {}
            // AWS reports no ports for some protocols.
            (None, Some(_)) if is_port || *field == "cidr" => {}
            (None, Some(_)) => return None,
            (Some(_), None) if *is_required => return None,
            (Some(_), None) if *field == "cidr" => {
                // A rule for another peer, unless the range is of its prefix list.
                let is_list = piece.get("prefix_list_id").is_some_and(|list| !list.is_null());
                if !is_list && property(PEERS).is_some() {
                    return None;
                }
            }
            (Some(_), None) => {}
            (Some(wanted), Some(found)) => match found.value.literal() {
                Some(text) if is_equal(field, text, &wanted) => fit.points += 1,
                Some(_) => return None,
                None => {
                    fit.is_open |= is_port || matches!(*field, "cidr" | "peer" | "prefix_list_id");
                    // Ranges are set for each environment, ports rarely are.
                    let default = found.value.default().filter(|_| is_port);
                    fit.is_unlikely |= default.is_some_and(|text| !is_equal(field, text, &wanted));
                }
            },
        }
    }
    Some(fit)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_equal(field: &str, written: &str, wanted: &str) -> bool {
    let protocol = |text: &str| match text.to_ascii_lowercase().as_str() {
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_owned(),
    };
    let network = |text: &str| text.parse::<ipnet::IpNet>().ok().map(|net| net.trunc());
    match field {
        "ip_protocol" | "protocol" => protocol(written) == protocol(wanted),
        "cidr" | "peer" | "destination" => {
            written == wanted || network(written).is_some_and(|net| network(wanted) == Some(net))
        }
        _ => written == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sources::cloudformation::document::Document;

    /// The line of the entry that is picked from the list in a text.
    fn picked(text: &str, evidence: Value) -> Option<u32> {
        let document = Document::parse(text.to_owned()).unwrap();
        let entries = document.root().unwrap().all_items();
        pick(&entries, &[evidence]).map(|entry| entry.position().line)
    }

    #[test]
    fn evidence_picks_the_only_entry_that_fits() {
        let opening = |protocol: &str, port: i64, cidr: &str| {
            json!({ "port": port, "ip_protocol": protocol, "from_port": port, "to_port": port,
                    "cidr": cidr, "prefix_list_id": null, "description": null })
        };
        let rules = "\
- {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}
- {IpProtocol: '6', FromPort: 22, ToPort: '22', CidrIp: 0.0.0.0/0}
- {IpProtocol: tcp, FromPort: 22, ToPort: 22, SourcePrefixListId: pl-1}
- {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Office}
- !If [Open, {IpProtocol: tcp, FromPort: 3389, ToPort: 3389, CidrIpv6: '::/0'}, !Ref AWS::NoValue]
- {IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: !Ref A}
- {IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: !Ref B}
- {IpProtocol: '-1', FromPort: 0, ToPort: 0, CidrIp: 10.1.2.3/8}
";
        let by_list = json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "0.0.0.0/0",
                              "prefix_list_id": "pl-1" });
        let everything = json!({ "ip_protocol": "-1", "from_port": null, "to_port": null,
                                 "cidr": "10.0.0.0/8", "prefix_list_id": null });
        for (evidence, line) in [
            (opening("tcp", 22, "0.0.0.0/0"), Some(2)),
            (opening("tcp", 22, "10.0.0.0/8"), Some(1)),
            (by_list, Some(3)),
            (opening("tcp", 443, "0.0.0.0/0"), Some(4)),
            (opening("tcp", 3389, "::/0"), Some(5)),
            // Either of two parameters could be the range.
            (opening("tcp", 80, "0.0.0.0/0"), None),
            (everything, Some(8)),
            (opening("udp", 22, "0.0.0.0/0"), None),
            (opening("tcp", 22, "192.0.2.0/24"), None),
            (json!("text"), None),
            (json!({ "unrelated": 1 }), None),
        ] {
            assert_eq!(picked(rules, evidence.clone()), line, "{evidence}");
        }
    }

    #[test]
    fn a_parameter_with_another_default_is_not_the_cause() {
        let port = "{IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0}";
        let office = "{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Office}";
        let evidence = json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
                               "cidr": "0.0.0.0/0", "prefix_list_id": null });
        for (defaults, entries, wanted) in [
            ("Port: {Default: 8080}", vec![port], None),
            ("Port: {Default: 22}", vec![port], Some(port)),
            ("Port: {Type: Number}", vec![port], Some(port)),
            (
                "Port: {Default: 8080}\n  Office: {Default: 10.0.0.0/8}",
                vec![port, office],
                Some(office),
            ),
            ("Port: {Default: 8080}", vec![port, office], Some(office)),
            // Either can be it.
            ("Port: {Type: Number}", vec![port, office], None),
        ] {
            let list = entries.join(", ");
            let text = format!("Parameters:\n  {defaults}\nList: [{list}]\n");
            let document = Document::parse(text.clone()).unwrap();
            let items = document.root().unwrap().value("List").unwrap().all_items();
            let picked = pick(&items, std::slice::from_ref(&evidence));
            let index =
                picked.and_then(|picked| items.iter().position(|item| item.id() == picked.id()));
            assert_eq!(index.map(|index| entries[index]), wanted, "{text}");
        }
    }

    #[test]
    fn entries_of_network_acls_routes_devices_and_lifecycles_are_identified() {
        for (text, evidence, line) in [
            (
                "- {RuleNumber: 100, Egress: true, Protocol: -1, CidrBlock: 0.0.0.0/0}
- {RuleNumber: 100, Egress: false, Protocol: -1, CidrBlock: 0.0.0.0/0}
- {RuleNumber: 110, Protocol: 6, CidrBlock: 0.0.0.0/0, PortRange: {From: 22, To: 22}}",
                json!({ "rule_number": 100, "protocol": "-1", "cidr": "0.0.0.0/0", "from_port": null, "to_port": null }),
                Some(2),
            ),
            (
                "- {RuleNumber: !Ref A, Protocol: 6, CidrBlock: 0.0.0.0/0, PortRange: {From: 22, To: 22}}
- {RuleNumber: !Ref B, Protocol: 6, CidrBlock: 0.0.0.0/0, PortRange: {From: 80, To: 80}}",
                json!({ "rule_number": 110, "protocol": "6", "cidr": "0.0.0.0/0", "from_port": 80, "to_port": 80 }),
                Some(2),
            ),
            (
                "- {DestinationCidrBlock: 10.0.0.0/8}\n- {DestinationIpv6CidrBlock: '::/0'}",
                json!({ "destination": "::/0", "gateway_id": "igw-1" }),
                Some(2),
            ),
            (
                "- {DeviceName: /dev/xvda}\n- {DeviceName: /dev/xvdb}",
                json!({ "instance_id": "i-1", "device": "/dev/xvdb" }),
                Some(2),
            ),
            ("- {Id: old}\n- {Id: new}", json!({ "id": "old", "status": "Disabled" }), Some(1)),
            ("- {Status: Enabled}", json!({ "id": "old", "status": "Disabled" }), None),
        ] {
            assert_eq!(picked(text, evidence), line, "{text}");
        }
    }

    #[test]
    fn statements_are_found_by_id_or_position() {
        let document = Document::parse(
            "Statement:\n  - {Sid: A, Effect: Allow}\n  - {Effect: Allow}\n  - {Sid: C}\n"
                .to_owned(),
        )
        .unwrap();
        let line = |evidence: Value| {
            let root = document.root().unwrap();
            statement(root, &[evidence]).map(|statement| statement.position().line)
        };
        assert_eq!(line(json!({ "index": 3, "sid": "A" })), Some(2));
        assert_eq!(line(json!({ "index": 2, "sid": null })), Some(3));
        assert_eq!(line(json!({ "index": 4 })), None);
        assert_eq!(line(json!({ "index": 0 })), None);
    }

    #[test]
    fn a_statement_with_other_values_is_not_the_one_at_the_position() {
        let allow = |principal: &str, action: &str| {
            format!("{{Effect: Allow, Principal: {principal}, Action: {action}}}")
        };
        let deny = "{Effect: Deny, Principal: '*', Action: 's3:*'}".to_owned();
        let public =
            json!({ "index": 1, "sid": null, "principal": "*", "actions": ["s3:GetObject"] });
        let all = json!({ "index": 1, "sid": null, "principal": "*", "actions": ["s3:*"] });
        let bare = json!({ "index": 1, "sid": null });
        let denial = json!({ "index": 1, "sid": null, "principals": ["*"], "actions": ["s3:*"], "not_actions": [] });
        let second =
            json!({ "index": 2, "sid": "", "principal": "*", "actions": ["s3:GetObject"] });
        let (everyone, read) = ("'*'", "'s3:GetObject'");
        for (statements, evidence, wanted) in [
            // The public statement was added by hand.
            (vec![deny.clone()], &public, None),
            (vec![deny.clone()], &all, None),
            (vec![deny.clone()], &bare, None),
            (vec![deny.clone()], &denial, Some(2)),
            (vec![allow("{AWS: '111122223333'}", read)], &public, None),
            (vec![allow("{AWS: ['*']}", read)], &public, Some(2)),
            (vec![allow("!Ref P", read)], &public, Some(2)),
            (vec![allow(everyone, "'s3:PutObject'")], &public, None),
            (vec![allow(everyone, "['s3:getobject']")], &public, Some(2)),
            (vec![allow(everyone, "!Ref A")], &public, Some(2)),
            (vec!["{Sid: Mine, Effect: Allow}".to_owned()], &public, None),
            // The position differs, or there is none, and only one has the values.
            (vec![deny.clone(), allow(everyone, read)], &public, Some(3)),
            (
                vec![format!("!If [C, {}, !Ref AWS::NoValue]", allow(everyone, read))],
                &public,
                Some(2),
            ),
            (vec![allow(everyone, read), allow(everyone, read)], &second, Some(3)),
            (vec![deny, "!Ref S".to_owned(), allow(everyone, "!Ref A")], &public, None),
        ] {
            let lines: String = statements.iter().map(|text| format!("  - {text}\n")).collect();
            let document = Document::parse(format!("Statement:\n{lines}")).unwrap();
            let found = statement(document.root().unwrap(), std::slice::from_ref(evidence));
            let line = found.map(|statement| statement.position().line);
            assert_eq!(line, wanted, "{lines}{evidence}");
        }
    }
}
