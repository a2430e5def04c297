//! Network ACLs that deny a part of the internet.

use super::*;

/// An entry: number, action, range.
type Entry = (i64, &'static str, &'static str);

/// Whether the internet reaches port 22, or why not, if the entries for IPv4 of one direction are these.
fn result(egress: bool, entries: &[Entry]) -> Result<(), String> {
    let mut network = with(|n| n["interface"]["ipv6_addresses"] = json!([]));
    let all = network["network_acls"][0]["entries"].as_array_mut().unwrap();
    all.retain(|one| one["egress"] != egress || one["rule_number"].as_i64() > Some(32_000));
    all.extend(
        entries
            .iter()
            .map(|&(number, action, cidr)| entry(number, egress, action, "-1", None, cidr)),
    );
    match blocks(&network, &tcp(22)).pop() {
        Some((_, message)) => Err(message),
        None => Ok(()),
    }
}

/// What counts is which addresses are denied, not by which entries.
#[test]
fn equal_network_acls_have_equal_results() {
    let world = "0.0.0.0/0";
    let (allow, deny) = ("allow", "deny");
    let equal: [(&str, bool, &[&[Entry]]); 4] = [
        (
            "half of the internet",
            true,
            &[
                &[(100, allow, "128.0.0.0/1")],
                &[(90, deny, "0.0.0.0/1"), (100, allow, world)],
                &[(90, deny, "0.0.0.0/1"), (100, allow, "128.0.0.0/1")],
                &[(80, allow, "128.0.0.0/1"), (90, deny, world), (100, allow, world)],
                &[(80, allow, "128.0.0.0/2"), (90, deny, "0.0.0.0/1"), (100, allow, world)],
            ],
        ),
        (
            "a sixteenth",
            true,
            &[
                &[(100, allow, "16.0.0.0/4")],
                &[(90, allow, "16.0.0.0/4"), (95, deny, world), (100, allow, world)],
                &[
                    (60, deny, "0.0.0.0/4"),
                    (61, deny, "32.0.0.0/3"),
                    (62, deny, "64.0.0.0/2"),
                    (63, deny, "128.0.0.0/1"),
                    (100, allow, world),
                ],
            ],
        ),
        (
            "a few networks",
            false,
            &[
                &[(100, allow, "16.0.0.0/8")],
                &[(90, allow, "16.0.0.0/8"), (95, deny, world), (100, allow, world)],
                &[
                    (50, deny, "0.0.0.0/4"),
                    (51, deny, "17.0.0.0/8"),
                    (52, deny, "18.0.0.0/7"),
                    (53, deny, "20.0.0.0/6"),
                    (54, deny, "24.0.0.0/5"),
                    (61, deny, "32.0.0.0/3"),
                    (62, deny, "64.0.0.0/2"),
                    (63, deny, "128.0.0.0/1"),
                    (100, allow, world),
                ],
            ],
        ),
        (
            "nothing",
            false,
            &[
                &[],
                &[(100, allow, "10.0.0.0/8")],
                &[(90, deny, world), (100, allow, world)],
                &[(80, deny, "0.0.0.0/1"), (90, deny, "128.0.0.0/1"), (100, allow, world)],
            ],
        ),
    ];
    for (name, is_open, acls) in equal {
        for acl in acls {
            for egress in [false, true] {
                assert_eq!(result(egress, acl).is_ok(), is_open, "{name}: {acl:?} {egress}");
            }
        }
    }
}

#[test]
fn messages_say_how_much_is_denied() {
    let (allow, deny, world) = ("allow", "deny", "0.0.0.0/0");
    let halves = [(80, deny, "0.0.0.0/1"), (90, deny, "128.0.0.0/1"), (100, allow, world)];
    let office = [(80, allow, "16.0.0.0/8"), (90, deny, world)];
    for (egress, entries, expected) in [
        (
            false,
            &halves[..],
            "denies tcp/22 from 0.0.0.0/1 in rule 80 and other addresses in 1 more rule",
        ),
        (
            true,
            &halves,
            "denies responses to TCP ports 1024-65535 at 0.0.0.0/1 in rule 80 and other addresses in 1 more rule",
        ),
        (false, &office, "allows tcp/22 only from a small part of the internet"),
        (
            true,
            &office,
            "allows responses to TCP ports 1024-65535 only at a small part of the internet",
        ),
        (false, &[], "denies tcp/22 from 0.0.0.0/0 in rule *"),
    ] {
        let expected = Err(format!("network ACL acl-1 {expected}"));
        assert_eq!(result(egress, entries), expected);
    }
}
