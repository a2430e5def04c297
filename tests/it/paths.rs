//! `rolecall paths`: paths, what blocks them, and what was not read.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::history::validate;
use crate::program::{Ran, run, text};

const ACCOUNT: &str = "111122223333";
const ACME: &str = "fixtures/acme";

fn paths(snapshot: &str, more: &[&str]) -> Ran {
    run(&[&["paths", "--snapshot", snapshot], more].concat())
}

fn as_json(snapshot: &str, more: &[&str]) -> Value {
    let ran = paths(snapshot, &[more, &["--format", "json"]].concat());
    let value: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    validate("paths/v1.schema.json", &value);
    assert_eq!(ran.code, if value["incomplete"] == json!(true) { 3 } else { 0 }, "{}", ran.stderr);
    value
}

fn results(value: &Value) -> Vec<(String, String)> {
    let accounts = value["accounts"].as_array().unwrap();
    let resources = accounts.iter().flat_map(|account| account["resources"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    resources.map(|one| (text(&one["id"]), text(&one["result"]))).collect()
}

/// Resources in one region, by kind: id and facts.
type Resources = Vec<(&'static str, &'static str, Value)>;

/// A public instance, and the interfaces of a load balancer and of a NAT gateway.
fn network() -> Resources {
    let interface = |id: &str, more: Value| {
        let mut facts = json!({
            "network_interface_id": id, "subnet_id": "subnet-1", "vpc_id": "vpc-1", "status": "in-use",
            "interface_type": "interface", "groups": [{ "group_id": "sg-1" }], "ipv6_addresses": [],
            "private_ip_addresses": [{ "association": { "public_ip": "198.51.100.7" } }],
        });
        facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        facts
    };
    let entry = |egress: bool| json!({ "rule_number": 100, "egress": egress, "rule_action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0" });
    vec![
        (
            "ec2.instance",
            "i-1",
            json!({
                "instance_id": "i-1", "state": { "name": "running" }, "security_groups": [], "block_device_mappings": [],
                "virtualization_type": "hvm",
                "iam_instance_profile": { "arn": "arn:aws:iam::111122223333:instance-profile/web" },
                "network_interfaces": [interface("eni-1", json!({}))],
            }),
        ),
        (
            "ec2.network_interface",
            "eni-1",
            interface("eni-1", json!({ "attachment": { "instance_id": "i-1" } })),
        ),
        (
            "ec2.network_interface",
            "eni-elb",
            interface(
                "eni-elb",
                json!({ "requester_id": "amazon-elb", "requester_managed": true, "description": "ELB app/web/1" }),
            ),
        ),
        (
            "ec2.network_interface",
            "eni-nat",
            interface("eni-nat", json!({ "interface_type": "natGateway" })),
        ),
        (
            "ec2.subnet",
            "subnet-1",
            json!({ "subnet_id": "subnet-1", "vpc_id": "vpc-1", "owner_id": ACCOUNT,
            "map_public_ip_on_launch": true, "cidr_block": "10.0.1.0/24", "ipv6_cidr_block_association_set": [] }),
        ),
        (
            "ec2.route_table",
            "rtb-1",
            json!({
                "route_table_id": "rtb-1", "vpc_id": "vpc-1", "propagating_vgws": [],
                "associations": [{ "main": true }],
                "routes": [{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active" }],
            }),
        ),
        (
            "ec2.internet_gateway",
            "igw-1",
            json!({ "internet_gateway_id": "igw-1", "attachments": [{ "vpc_id": "vpc-1", "state": "available" }] }),
        ),
        (
            "ec2.network_acl",
            "acl-1",
            json!({
                "network_acl_id": "acl-1", "vpc_id": "vpc-1", "is_default": true,
                "associations": [{ "subnet_id": "subnet-1" }], "entries": [entry(false), entry(true)],
            }),
        ),
        (
            "ec2.security_group",
            "sg-1",
            json!({
                "group_id": "sg-1", "group_name": "web", "ip_permissions_egress": [],
                "ip_permissions": [{
                    "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }],
                    "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
                }],
            }),
        ),
        (
            "ec2.settings",
            "eu-west-1",
            json!({
                "region_name": "eu-west-1", "vpc_block_public_access_options": { "internet_gateway_block_mode": "off" },
                "vpc_block_public_access_exclusions": [],
            }),
        ),
    ]
}

/// Writes a snapshot; lists of the kinds in `denied` could not be read.
fn write(dir: &Path, resources: &Resources, denied: &[&str]) {
    const KINDS: [(&str, &[&str]); 9] = [
        ("ec2.instance", &[]),
        ("ec2.internet_gateway", &[]),
        ("ec2.managed_prefix_list", &["entries"]),
        ("ec2.network_acl", &[]),
        ("ec2.network_interface", &[]),
        ("ec2.route_table", &[]),
        ("ec2.security_group", &[]),
        (
            "ec2.settings",
            &["vpc_block_public_access_exclusions", "vpc_block_public_access_options"],
        ),
        ("ec2.subnet", &[]),
    ];
    let demand: serde_json::Map<String, Value> =
        KINDS.iter().map(|(kind, facts)| ((*kind).to_owned(), json!(facts))).collect();
    let target = json!({ "account": ACCOUNT, "name": "prod" });
    let manifest = json!({ "format": 1, "tool": "test", "targets": [target], "demand": demand });
    fs::write(dir.join("snapshot.json"), manifest.to_string()).unwrap();
    let mut lines = vec![json!({
        "type": "header", "account": ACCOUNT, "collected_at": "2026-06-01T00:00:00Z", "entered": true,
        "regions": ["eu-west-1"], "demand": demand,
    })];
    let kept: Vec<_> = resources.iter().filter(|one| !denied.contains(&one.0)).collect();
    for (kind, facts) in KINDS.iter().filter(|(kind, _)| !denied.contains(kind)) {
        let count = kept.iter().filter(|one| one.0 == *kind).count();
        lines.push(json!({ "type": "listed", "kind": kind, "region": "eu-west-1", "facts": facts, "count": count }));
    }
    for (kind, id, facts) in &kept {
        lines.push(json!({ "type": "resource", "kind": kind, "id": id, "region": "eu-west-1", "facts": facts }));
    }
    for kind in denied {
        lines.push(json!({
            "type": "gap", "region": "eu-west-1", "call": "ec2:Describe", "code": "UnauthorizedOperation",
            "message": "no", "extent": { "of": "list", "kind": kind },
        }));
    }
    lines.push(json!({ "type": "end", "resources": kept.len(), "gaps": denied.len() }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(dir.join(format!("{ACCOUNT}.jsonl")), text).unwrap();
}

#[test]
fn each_path_is_a_chain_from_the_internet_to_the_instance_profile() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &network(), &[]);
    let ran = paths(text(dir.path()), &[]);
    let expected = "\
prod (111122223333) · collected 2026-06-01T00:00:00Z
  i-1 in eu-west-1: reachable from the internet
    tcp/22 (IPv4)
      internet → igw-1 → rtb-1 (route 0.0.0.0/0) → acl-1 (rules 100 in, 100 out) → sg-1 (from 0.0.0.0/0) → \
eni-1 (198.51.100.7) → i-1 → instance profile web
  eni-elb in eu-west-1: reached through a load balancer: targets not read
    tcp/22 (IPv4)
      internet → igw-1 → rtb-1 (route 0.0.0.0/0) → acl-1 (rules 100 in, 100 out) → sg-1 (from 0.0.0.0/0) → \
eni-elb (198.51.100.7)
";
    assert_eq!((ran.code, ran.stdout.as_str()), (0, expected), "{}", ran.stderr);
    let all = results(&as_json(text(dir.path()), &[]));
    let of = |id: &str, result: &str| (id.to_owned(), result.to_owned());
    assert_eq!(all, [of("i-1", "reachable"), of("eni-elb", "load_balancer")]);
    let named = as_json(text(dir.path()), &["eni-1", "eni-nat", "eni-elb", "--port", "tcp/80"]);
    assert_eq!(
        results(&named),
        [of("eni-1", "not_reachable"), of("eni-elb", "load_balancer"), of("eni-nat", "managed")]
    );
    let closed = paths(text(dir.path()), &["eni-elb", "--port", "tcp/80"]);
    let expected =
        "  eni-elb in eu-west-1: load balancer not reachable from the internet on tcp/80\n";
    assert!(closed.stdout.contains(expected), "{}", closed.stdout);
}

#[test]
fn what_blocks_a_named_instance_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = network();
    let acl = resources.iter_mut().find(|one| one.0 == "ec2.network_acl").unwrap();
    acl.2["entries"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "rule_number": 90, "egress": false, "rule_action": "deny",
        "protocol": "6", "cidr_block": "0.0.0.0/0", "port_range": { "from": 22, "to": 22 } }));
    write(dir.path(), &resources, &[]);
    let ran = paths(text(dir.path()), &["i-1", "--port", "tcp/22"]);
    let expected = "\
prod (111122223333) · collected 2026-06-01T00:00:00Z
  i-1 in eu-west-1: not reachable from the internet on tcp/22
    IPv4: network ACL acl-1 denies tcp/22 from 0.0.0.0/0 in rule 90
    IPv6: network interface eni-1 has no public IPv6 address
";
    assert_eq!((ran.code, ran.stdout.as_str()), (0, expected), "{}", ran.stderr);
}

#[test]
fn text_is_not_misleading() {
    type Change = fn(&str, &mut Value);
    let cases: [(Change, &str); 8] = [
        (
            |kind, facts| {
                if kind == "ec2.security_group" {
                    let halves = json!([{ "cidr_ip": "0.0.0.0/1" }, { "cidr_ip": "128.0.0.0/1" }]);
                    facts["ip_permissions"][0]["ip_ranges"] = halves;
                }
            },
            "→ sg-1 (from 0.0.0.0/1 and 1 more) →",
        ),
        (
            |kind, facts| {
                if kind == "ec2.route_table" {
                    let half = |cidr: &str| json!({ "destination_cidr_block": cidr, "gateway_id": "igw-1", "state": "active" });
                    facts["routes"] = json!([half("0.0.0.0/1"), half("128.0.0.0/1")]);
                }
            },
            "/1 and 1 more) → acl-1",
        ),
        (
            |kind, facts| {
                if kind == "ec2.instance" {
                    let groups = json!([{ "group_id": "sg-1" }, { "group_id": "sg-2" }]);
                    facts["network_interfaces"][0]["groups"] = groups;
                }
                if kind == "ec2.network_interface" {
                    facts["groups"] = json!([{ "group_id": "sg-1" }, { "group_id": "sg-2" }]);
                }
                if kind == "ec2.security_group" {
                    let half =
                        if facts["group_id"] == "sg-1" { "0.0.0.0/1" } else { "128.0.0.0/1" };
                    facts["ip_permissions"][0]["ip_ranges"] = json!([{ "cidr_ip": half }]);
                }
            },
            "→ sg-1, sg-2 (from 0.0.0.0/1 and 1 more) →",
        ),
        (
            |kind, facts| {
                let address = |last: u8| json!({ "association": { "public_ip": format!("198.51.100.{last}") } });
                let all: Value = (1..=7).map(address).collect();
                match kind {
                    "ec2.instance" => facts["network_interfaces"][0]["private_ip_addresses"] = all,
                    "ec2.network_interface" => facts["private_ip_addresses"] = all,
                    _ => {}
                }
            },
            "(198.51.100.1, 198.51.100.2, 198.51.100.3 and 4 more) → i-1",
        ),
        (
            |kind, facts| {
                if kind == "ec2.internet_gateway" {
                    facts["attachments"] = json!([]);
                }
            },
            "IPv4: internet gateway igw-1 is not attached to the VPC\n",
        ),
        (
            |kind, facts| {
                if kind == "ec2.internet_gateway" {
                    facts["attachments"] = json!([{ "vpc_id": "vpc-2", "state": "available" }]);
                }
            },
            "IPv4: internet gateway igw-1 is not attached to the VPC\n",
        ),
        (
            |kind, facts| {
                if kind == "ec2.network_acl" {
                    facts["associations"] = json!([]);
                }
            },
            "not read ec2:DescribeNetworkAcls: the network ACL of the subnet is not among those of the account\n",
        ),
        (
            |kind, facts| {
                if kind == "ec2.instance" {
                    facts["state"] = json!({ "name": "shutting-down" });
                }
            },
            "i-1 in eu-west-1: shutting down\n",
        ),
    ];
    for (change, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let mut resources = network();
        let mut second = resources.iter().find(|one| one.1 == "sg-1").unwrap().clone();
        second.1 = "sg-2";
        second.2["group_id"] = json!("sg-2");
        resources.push(second);
        resources.iter_mut().for_each(|(kind, _, facts)| change(kind, facts));
        write(dir.path(), &resources, &[]);
        let ran = paths(text(dir.path()), &["i-1"]);
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
}

/// An interface that waits for its attachment, and an appliance.
#[test]
fn interfaces_are_reached_when_they_are_attached() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = network();
    for (_, id, facts) in &mut resources {
        if *id == "eni-1" {
            facts["attachment"] = Value::Null;
            facts["status"] = json!("available");
        }
    }
    write(dir.path(), &resources, &[]);
    let ran = paths(text(dir.path()), &["eni-1"]);
    let expected =
        "eni-1 in eu-west-1: reachable from the internet, when it is attached to an instance\n";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
}

/// The route table of the gateway sends the traffic of the VPC to the instance.
#[test]
fn the_appliance_itself_is_reachable() {
    for (instance, expected) in [("i-1", "reachable"), ("i-9", "not_reachable")] {
        let dir = tempfile::tempdir().unwrap();
        let mut resources = network();
        resources.push((
            "ec2.route_table",
            "rtb-edge",
            json!({
                "route_table_id": "rtb-edge", "vpc_id": "vpc-1", "propagating_vgws": [],
                "associations": [{ "gateway_id": "igw-1", "main": false }],
                "routes": [{ "destination_cidr_block": "10.0.0.0/16", "network_interface_id": "eni-2",
                    "instance_id": instance, "state": "active" }],
            }),
        ));
        write(dir.path(), &resources, &[]);
        let value = as_json(text(dir.path()), &["i-1"]);
        assert_eq!(results(&value), [("i-1".to_owned(), expected.to_owned())], "{instance}");
    }
}

#[test]
fn what_was_not_read_leaves_instances_unknown() {
    for (denied, expected) in [
        ("ec2.network_acl", "unknown"),
        ("ec2.route_table", "unknown"),
        ("ec2.security_group", "unknown"),
        ("ec2.internet_gateway", "reachable"),
        ("ec2.subnet", "reachable"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &network(), &[denied]);
        let value = as_json(text(dir.path()), &["i-1"]);
        assert_eq!(results(&value), [("i-1".to_owned(), expected.to_owned())], "{denied}");
        assert_eq!(value["incomplete"], json!(expected == "unknown"), "{denied}");
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &network(), &["ec2.instance"]);
    let ran = paths(text(dir.path()), &[]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout.contains("not read eu-west-1: ec2:Describe: UnauthorizedOperation"),
        "{}",
        ran.stdout
    );
    let ran = paths(text(dir.path()), &["i-1"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("not found, but not everything could be read: i-1"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_example_has_reachable_instances() {
    let all = as_json(ACME, &["--account", "acme-staging"]);
    let reached = results(&all).into_iter().filter(|(_, result)| result == "reachable").count();
    assert_eq!(reached, 2);
    let ran =
        paths(ACME, &["--account", "acme-staging", "--port", "tcp/22", "--region", "eu-west-*"]);
    assert!(
        ran.stdout.contains("1 instance not reachable from the internet on tcp/22"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("eu-central-1"), "{}", ran.stdout);
}

#[test]
fn invalid_arguments_are_usage_errors() {
    for (more, message) in [
        (&["--port", "ssh"][..], "use a protocol and a port"),
        (&["--port", "22"], "missing protocol: use `tcp/22` or `udp/22`"),
        (&["--port", "tcp/70000"], "is not a range of ports from 0 to 65535"),
        (&["--port", "tcp"], "use a protocol and a port"),
        (&["vpc-1"], "use the id of an instance"),
        (&["--account", "acme-prod", "i-1"], "i-1 not found in the snapshot"),
        (&["--account", "nobody"], "nobody"),
    ] {
        let ran = paths(ACME, more);
        assert_eq!(ran.code, 2, "{more:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(message), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(paths("fixtures", &[]).code, 2);
}

#[test]
fn hostile_snapshots_are_text() {
    let dir = tempfile::tempdir().unwrap();
    let mut resources = network();
    for (kind, _, facts) in &mut resources {
        if *kind == "ec2.security_group" {
            facts["ip_permissions"][0]["ip_ranges"] = json!([
                { "cidr_ip": "\u{1b}[31m0.0.0.0/0" }, { "cidr_ip": "0.0.0.0/0" },
            ]);
        }
        if *kind == "ec2.route_table" {
            facts["routes"][0]["gateway_id"] = json!("igw-\u{1b}]0;x\u{7}\u{202e}::error::");
        }
    }
    write(dir.path(), &resources, &[]);
    let ran = paths(text(dir.path()), &[]);
    assert!(!ran.stdout.chars().any(|c| c.is_control() && c != '\n'), "{:?}", ran.stdout);
    as_json(text(dir.path()), &[]);
}
