//! One evaluation of one resource by rules of different complexity, compared with the same decision
//! in Rust.
//!
//! `cargo bench --no-default-features --bench evaluate`
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark is not part of the program"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use divan::{Bencher, counter::ItemsCount};
use ipnet::Ipv4Net;
use rolecall::internals::{AccountFacts, RuleFilter, Sandbox, SelectedRule, load, select};
use rolecall::internals::{Globs, Resource, Verdict};
use rolecall::internals::{PolicyDocument, ec2, normalize};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A rule of the built-in pack and the resource on which its evaluation takes longest.
#[derive(Debug, Clone, Copy)]
enum Weight {
    Light,
    Middle,
    Heavy,
}

const WEIGHTS: [Weight; 3] = [Weight::Light, Weight::Middle, Weight::Heavy];

impl Weight {
    fn rule(self) -> &'static str {
        match self {
            Self::Light => "ebs-volume-encrypted",
            Self::Middle => "sg-ingress-remote-admin-ipv4",
            Self::Heavy => "s3-bucket-tls-only",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Light => "ec2.volume",
            Self::Middle => "ec2.security_group",
            Self::Heavy => "s3.bucket",
        }
    }

    fn facts(self) -> Value {
        match self {
            Self::Light => {
                json!({ "volume_id": "vol-1", "encrypted": true, "attachments": [{ "instance_id": "i-1" }] })
            }
            Self::Middle => {
                let open = |port: i64, cidrs: &[&str]| {
                    let ranges: Vec<Value> =
                        cidrs.iter().map(|cidr| json!({ "cidr_ip": cidr })).collect();
                    json!({ "ip_protocol": "tcp", "from_port": port, "to_port": port, "ip_ranges": ranges })
                };
                let permissions = [
                    open(443, &["0.0.0.0/0"]),
                    open(22, &["10.0.0.0/8", "192.168.0.0/16"]),
                    open(5432, &["10.1.0.0/16"]),
                    open(3389, &["203.0.113.0/24"]),
                ];
                json!({ "group_id": "sg-1", "group_name": "web", "ip_permissions": permissions })
            }
            Self::Heavy => {
                let allow = |n: usize| {
                    json!({
                        "Sid": format!("Read{n}"), "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::11112222333{n}:root") },
                        "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
                    })
                };
                let deny = json!({
                    "Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                    "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                });
                json!({ "name": "b", "policy": { "document": { "Statement": [allow(1), allow(2), allow(3), deny] } } })
            }
        }
    }
}

fn selected(id: &str) -> Vec<Arc<SelectedRule>> {
    let only = RuleFilter { rules: Some(Globs::new(&[id]).unwrap()), ..RuleFilter::default() };
    select(&load(&[]).unwrap(), &BTreeMap::new(), &[&only]).unwrap()
}

fn resource(weight: Weight) -> Resource {
    let resource = Resource {
        kind: weight.kind().into(),
        id: "one".into(),
        region: "eu-west-1".parse().unwrap(),
        arn: None,
        name: None,
        facts: weight.facts().as_object().unwrap().clone(),
        unreadable: BTreeMap::new(),
    };
    normalize(resource).unwrap().unwrap()
}

fn account(weight: Weight) -> AccountFacts {
    AccountFacts {
        account: "111122223333".parse().unwrap(),
        name: None,
        labels: Default::default(),
        partition: Default::default(),
        now: "2026-01-01T00:00:00Z".into(),
        resources: vec![resource(weight)].into(),
        list_gap: Box::new(|_, _| None),
        trust: Default::default(),
        required_tags: Default::default(),
    }
}

/// As in an evaluation: compiled once, the resource converted once, evaluated by many rules.
#[divan::bench(args = WEIGHTS)]
fn rule(bencher: Bencher, weight: Weight) {
    let mut sandbox = Sandbox::new(&selected(weight.rule())).unwrap();
    sandbox.enter(account(weight));
    assert_eq!(sandbox.evaluate(0, 0).verdict, Verdict::Pass, "{}", sandbox.evaluate(0, 0).message);
    bencher.counter(ItemsCount::new(1u8)).bench_local(|| sandbox.evaluate(0, 0));
}

/// The same decision, handwritten in Rust on the typed facts.
#[divan::bench(args = WEIGHTS)]
fn by_hand(bencher: Bencher, weight: Weight) {
    let facts = resource(weight).facts;
    let bencher = bencher.counter(ItemsCount::new(1u8));
    match weight {
        Weight::Light => {
            let volume: ec2::volume::Volume = serde_json::from_value(Value::Object(facts)).unwrap();
            assert!(volume_passes(&volume));
            bencher.bench_local(|| volume_passes(divan::black_box(&volume)));
        }
        Weight::Middle => {
            let group: ec2::security_group::SecurityGroup =
                serde_json::from_value(Value::Object(facts)).unwrap();
            assert!(group_passes(&group, &[22, 3389]));
            bencher.bench_local(|| group_passes(divan::black_box(&group), &[22, 3389]));
        }
        Weight::Heavy => {
            let policy: PolicyDocument = serde_json::from_value(facts["policy"].clone()).unwrap();
            assert!(bucket_passes("b", &policy));
            bencher.bench_local(|| bucket_passes("b", divan::black_box(&policy)));
        }
    }
}

fn volume_passes(volume: &ec2::volume::Volume) -> bool {
    volume.encrypted == Some(true)
}

fn group_passes(group: &ec2::security_group::SecurityGroup, ports: &[i64]) -> bool {
    !ports.iter().any(|port| {
        let admits = |p: &&ec2::security_group::IpPermission| match p.ip_protocol.as_deref() {
            Some("-1") => true,
            Some("tcp" | "6") => {
                (p.from_port.unwrap_or(0)..=p.to_port.unwrap_or(65_535)).contains(port)
            }
            _ => false,
        };
        let ranges = group.ip_permissions.iter().filter(admits).flat_map(|p| &p.ip_ranges);
        let nets: Vec<Ipv4Net> =
            ranges.filter_map(|range| range.cidr_ip.as_deref()?.parse().ok()).collect();
        Ipv4Net::aggregate(&nets).iter().any(|net| net.prefix_len() == 0)
    })
}

fn bucket_passes(name: &str, policy: &PolicyDocument) -> bool {
    let bucket = format!("arn:aws:s3:::{name}");
    let objects = format!("{bucket}/*");
    let statements = policy.document["Statement"].as_array().map_or(&[][..], Vec::as_slice);
    let denies = |arn: &str| {
        statements
            .iter()
            .any(|statement| denies_plain_http(statement) && has(&statement["Resource"], arn))
    };
    denies(&bucket) && denies(&objects)
}

fn denies_plain_http(statement: &Value) -> bool {
    let everyone = has(&statement["Principal"], "*") || has(&statement["Principal"]["AWS"], "*");
    let tls = |condition: &Value| {
        let mut keys = condition.as_object().into_iter().flatten();
        keys.all(|(key, value)| {
            key.eq_ignore_ascii_case("aws:SecureTransport")
                && (has(value, "false") || value == &json!(false))
        })
    };
    let mut conditions = statement["Condition"].as_object().into_iter().flatten();
    statement["Effect"] == "Deny"
        && everyone
        && has(&statement["Action"], "s3:*")
        && conditions
            .all(|(operator, condition)| operator.eq_ignore_ascii_case("Bool") && tls(condition))
}

/// Whether a policy value is that string, or a list that contains it.
fn has(value: &Value, wanted: &str) -> bool {
    value == wanted || value.as_array().is_some_and(|list| list.iter().any(|item| item == wanted))
}
