//! Scans of the simulated AWS (`tests/simulator`): everything that the built-in rules read, at AWS's
//! own hosts and at one plain address, in pages of one item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rolecall::internals::KINDS;
use serde_json::Value;

use crate::simulator_calls::calls_of_kinds;
use crate::support::aws::{Estate, FakeAws, Options, Others, Upstream};
use crate::support::moto::{blank, run_script_with};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::Rolecall;

pub const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// A selection of rules, most of which both pass and fail in a seeded estate.
pub const ALL: &str = r#"rules = [
    "client-vpn-logging", "ebs-snapshot-public", "ebs-volume-encrypted", "ec2-ami-block-public-access", "ec2-ami-public",
    "ec2-ebs-encryption-by-default", "ec2-ebs-snapshot-block-public-access", "ec2-eni-source-dest-check",
    "ec2-imds-defaults-v2", "ec2-instance-imdsv2", "ec2-instance-no-paravirtual", "ec2-instance-profile-attached",
    "ec2-instance-public-ip", "ec2-instance-single-eni", "ec2-instance-stopped-too-long",
    "ec2-launch-template-ebs-encrypted", "ec2-launch-template-imdsv2", "ec2-launch-template-public-ip",
    "ec2-spot-fleet-ebs-encrypted", "ec2-vpc-block-public-access", "nacl-ingress-ssh-rdp", "nacl-unused",
    "s3-access-point-public-access-block", "s3-account-public-access-block", "s3-bucket-acls-disabled",
    "s3-bucket-effective-public-access-block", "s3-bucket-kms-encryption", "s3-bucket-lifecycle", "s3-bucket-logging",
    "s3-bucket-mfa-delete", "s3-bucket-object-lock", "s3-bucket-policy-cross-account",
    "s3-bucket-policy-cross-account-sensitive-actions", "s3-bucket-policy-not-public", "s3-bucket-public-access-block",
    "s3-bucket-public-read", "s3-bucket-public-write", "s3-bucket-tls-only", "s3-bucket-versioning",
    "s3-directory-bucket-lifecycle", "s3-mrap-public-access-block", "sg-default-closed", "sg-ingress-all-ports",
    "sg-ingress-authorized-ports", "sg-ingress-high-risk-ports", "sg-ingress-remote-admin-ipv4",
    "sg-ingress-remote-admin-ipv6", "sg-ingress-smb", "sg-prefix-list-internet", "subnet-auto-public-ip",
    "tgw-auto-accept", "vpc-endpoint-dynamodb-gateway", "vpc-endpoint-ec2", "vpc-endpoint-ecr-api",
    "vpc-endpoint-ecr-dkr", "vpc-endpoint-s3-gateway", "vpc-endpoint-ssm", "vpc-endpoint-ssm-contacts",
    "vpc-endpoint-ssm-incidents", "vpc-flow-logs", "vpc-peering-least-route", "vpn-ikev2-only", "vpn-logging",
    "vpn-tunnels-up"
]"#;

/// A config for the accounts of an estate, with a selection of rules; `scan` is added to its `[scan]`
/// section.
pub fn config(estate: &Estate, selection: &str, scan: &str) -> String {
    let accounts: String =
        estate.account_ids().iter().map(|id| format!("[[account]]\nid = \"{id}\"\n")).collect();
    format!(
        "[role]\nname = \"audit\"\n{accounts}[scan]\nregions = {:?}\n{scan}\n[scan.selection]\n{selection}\n",
        estate.regions
    )
}

/// The verdicts of a scan that reads everything.
fn verdicts(program: Rolecall, estate: &Estate) -> Verdicts {
    let program = program.config(&config(estate, ALL, ""));
    program.run(&["scan", "-q", "-o", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    Verdicts::of_report(&report)
}

#[test]
fn both_addresses_and_small_pages_give_the_same_verdicts() {
    let estate = Estate::seeded(17, 4, &REGIONS);
    let fake = FakeAws::start(Options::new(estate.clone()));
    let whole = verdicts(Rolecall::on(&fake), &estate);
    assert_eq!((fake.unknown_hosts(), fake.violations()), (vec![], vec![]));
    // Every rule finds something to evaluate, and most both pass and fail.
    let said = |rule: &String| {
        whole.only(|_, _, of, _| of == rule).0.into_values().collect::<BTreeSet<String>>()
    };
    let mut rules = whole.rules();
    rules.retain(|rule| !["pass", "fail"].iter().all(|verdict| said(rule).contains(*verdict)));
    assert!(rules.len() < 6, "these do not both pass and fail: {rules:?}");
    assert!(!whole.0.values().any(|verdict| verdict == "unknown"), "nothing was hidden");

    verdicts(Rolecall::at_address(&fake), &estate).assert_is(&whole);
    let paged = Estate { page: Some(1), ..estate.clone() };
    let fake = FakeAws::start(Options::new(paged.clone()));
    verdicts(Rolecall::at_address(&fake), &paged).assert_is(&whole);
}

/// The rules whose facts moto has.
const IN_MOTO: &str = "s3-bucket-versioning,s3-bucket-tls-only,s3-bucket-acls-disabled,s3-bucket-public-*,\
    s3-bucket-kms-encryption,s3-bucket-lifecycle,s3-bucket-object-lock,s3-bucket-effective-public-access-block,\
    s3-account-public-access-block,ebs-volume-encrypted,ec2-ebs-encryption-by-default,subnet-auto-public-ip,\
    sg-default-closed,sg-ingress-*";

/// What moto answers differently than AWS, by the end of its place: times, zones, settings that it
/// lacks, owners of buckets, of whom it lists another one than their ACLs have, and the prefix lists of
/// AWS, of which the simulator has none.
const NOT_IN_MOTO: [&str; 9] = [
    "/create_time",
    "/creation_date",
    "ec2.subnet/availability_zone_id",
    "ec2.subnet/default_for_az",
    "ec2.subnet/enable_dns64",
    "ec2.volume/multi_attach_enabled",
    "/object_lock/rule/default_retention/years",
    "s3.bucket/owner_canonical_user_id",
    "ec2.managed_prefix_list/count",
];

/// Everything that an account's file says of its resources: each value by kind, region, id and
/// place.
fn values(
    program: &Rolecall,
    account: &str,
    ids: &BTreeMap<String, String>,
) -> BTreeMap<String, Value> {
    let path = program.path("snapshot").join(format!("{account}.jsonl"));
    let text = fs::read_to_string(path).unwrap();
    let text = ids.iter().fold(text, |text, (id, of_moto)| text.replace(of_moto, id));
    let mut all = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        let about = format!("{} {} {}", name("region"), name("id"), name("kind"));
        match line["type"].as_str().unwrap() {
            "resource" if name("kind") == "ec2.managed_prefix_list" => {}
            "resource" => flatten(&line["facts"], about, &mut all),
            "listed" | "gap" => flatten(&line, about, &mut all),
            _ => {}
        }
    }
    all.retain(|place, value| {
        !value.is_null() && !NOT_IN_MOTO.iter().any(|end| place.ends_with(end))
    });
    all
}

fn flatten(value: &Value, place: String, all: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| flatten(value, format!("{place}/{name}"), all))
        }
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| flatten(value, format!("{place}/{index}"), all)),
        other => drop(all.insert(place, other.clone())),
    }
}

#[test]
fn moto_with_the_same_resources_gives_the_same_snapshot() {
    let estate = Estate {
        buckets: 12,
        others: Others { vpcs: 2, ..Others::default() },
        ..Estate::seeded(31, 1, &REGIONS)
    };
    let account = &estate.account_ids()[0];
    let collect = |fake: &FakeAws| {
        let program = Rolecall::on(fake).config(&config(&estate, ALL, ""));
        program.run(&["collect", "-q", "--rule", IN_MOTO, "--snapshot", "snapshot"]).assert_code(0);
        program
    };
    let of_simulator = collect(&FakeAws::start(Options::new(estate.clone())));

    let moto = blank();
    let description = of_simulator.path("described.json");
    fs::write(&description, estate.describe(0).to_string()).unwrap();
    let printed = run_script_with(
        "seed_described.py",
        &[&format!("http://{}", moto.address), description.to_str().unwrap()],
        &[],
    );
    let ids: BTreeMap<String, String> = serde_json::from_str(&printed).unwrap();
    let of_moto = collect(&FakeAws::start(Options::new(Upstream::new(moto.address))));

    let [simulated, emulated] = [(&of_simulator, &BTreeMap::new()), (&of_moto, &ids)]
        .map(|(program, ids)| values(program, account, ids));
    let mut different = String::new();
    for what in simulated.keys().chain(emulated.keys()).collect::<BTreeSet<_>>() {
        let (ours, theirs) = (simulated.get(what), emulated.get(what));
        if ours != theirs {
            different.push_str(&format!("{what}: {ours:?}, moto: {theirs:?}\n"));
        }
    }
    assert!(different.is_empty(), "{different}");
    assert!(simulated.len() > 500, "{}", simulated.len());
}

/// A folder of rules, one for each kind, that need all of its facts.
fn rules_of_all_facts(program: &Rolecall) {
    fs::create_dir(program.path("rules")).unwrap();
    for kind in KINDS {
        let needs: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
        let rule = format!(
            "//! A rule of a test.\nconst RULE = #{{ title: \"t\", resource: \"{}\", needs: {needs:?}, severity: \"info\" }};\n\
             fn check(resource, params) {{ pass() }}\n",
            kind.name
        );
        let file = format!("rules/all-{}.rhai", kind.name.replace(['.', '_'], "-"));
        fs::write(program.path(&file), rule).unwrap();
    }
}

#[test]
fn all_built_in_rules_decide() {
    let estate = Estate::seeded(17, 2, &REGIONS);
    let fake = FakeAws::start(Options::new(estate.clone()));
    let program = Rolecall::on(&fake).config(&config(&estate, "profile = \"all\"", ""));
    program.run(&["scan", "-q", "-o", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    assert_eq!((gaps(&report), fake.counts().unknown_calls), (vec![], BTreeSet::new()));
    assert_eq!(report["summary"]["verdicts"]["unknown"], 0);
    let rules = report["summary"]["rules"].as_object().unwrap();
    let none = |said: &Value| said.as_object().unwrap().values().all(|count| *count == 0);
    let idle: Vec<&String> =
        rules.iter().filter(|(_, said)| none(said)).map(|(id, _)| id).collect();
    assert!(idle.is_empty(), "no resources for {idle:?}");
}

#[test]
fn all_facts_of_all_kinds_are_collected() {
    for page in [None, Some(1)] {
        let estate = Estate { page, ..Estate::seeded(17, 1, &REGIONS) };
        let fake = FakeAws::start(Options::new(estate.clone()));
        let program = Rolecall::on(&fake).config(&config(&estate, "rules = [\"all-*\"]", ""));
        rules_of_all_facts(&program);
        program.run(&["scan", "-q", "--rules", "rules", "-o", "json=report.json"]).assert_code(0);
        let counts = fake.counts();
        assert_eq!(
            (gaps(&program.json("report.json")), counts.unknown_calls),
            (vec![], BTreeSet::new())
        );
        let made = |call: &&str| counts.calls_by_name.contains_key(*call);
        let missing: Vec<&str> = calls_of_kinds().into_iter().filter(|call| !made(call)).collect();
        // The list has the regions of buckets.
        assert_eq!(missing, ["s3:GetBucketLocation"]);
    }
}

#[test]
fn botocore_knows_every_element_of_every_response() {
    let estate = Estate { buckets: 24, ..Estate::seeded(3, 1, &REGIONS) };
    let fake = FakeAws::start(Options::new(estate.clone()));
    for region in REGIONS {
        let arguments = [&fake.endpoint_url(), &estate.account_ids()[0], region];
        let printed = run_script_with("check_wire.py", &arguments, &[]);
        let elements: u64 = printed.trim().parse().unwrap();
        assert!(elements > 4_000, "{elements}");
    }
}
