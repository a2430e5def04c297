//! Compares every kind with an independent client: what is collected from moto must match, field by
//! field, what boto3 returns.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use rolecall::internals::{self, KINDS, Kind};
use serde_json::{Map, Value, json};

use crate::program::Ran;
use crate::support::fault::{Proxy, Request, when};
use crate::support::moto::script;
use crate::support::rolecall::Rolecall;

/// The account of `seed_kinds.py`.
const ACCOUNT: &str = "444455556666";

/// Kinds that moto cannot list: collecting them yields a gap, and nothing else; and the account
/// itself, which is not collected.
const NOT_IN_MOTO: [&str; 15] = [
    "account",
    "ec2.capacity_reservation",
    "ec2.client_vpn_endpoint",
    "ec2.ipam_scope",
    "ec2.network_insights_access_scope",
    "ec2.network_insights_access_scope_analysis",
    "ec2.network_insights_analysis",
    "ec2.network_insights_path",
    "ec2.reserved_instances",
    "ec2.transit_gateway_multicast_domain",
    "ec2.verified_access_instance",
    "ec2.vpc_encryption_control",
    "s3.access_grants_instance",
    // It returns the ordinary buckets.
    "s3.directory_bucket",
    "s3.object_lambda_access_point",
];

/// Facts that moto lacks, of kinds that it can list.
const FACTS_NOT_IN_MOTO: [&str; 15] = [
    "ec2.address/transfer",
    "ec2.instance/image_metadata",
    "ec2.settings/allowed_images_settings",
    "ec2.settings/ebs_default_kms_key_id",
    "ec2.settings/image_block_public_access",
    "ec2.settings/instance_metadata_defaults",
    "ec2.settings/serial_console_access",
    "ec2.settings/snapshot_block_public_access",
    "ec2.settings/vpc_block_public_access_exclusions",
    "ec2.settings/vpc_block_public_access_options",
    "ec2.snapshot/locked",
    "ec2.vpc/stale_security_groups",
    // It returns the objects of the bucket.
    "s3.bucket/intelligent_tiering",
    "s3.bucket/metrics",
    "s3.bucket/request_payment",
];

/// Lists that AWS always returns, and that moto leaves out.
const LISTS_NOT_IN_MOTO: [&str; 2] =
    ["ec2.route_table/propagating_vgws", "ec2.vpn_connection/vgw_telemetry"];

/// Fields that the API names differently than the SDK.
const RENAMED: [(&str, &str); 1] = [("ec2.network_interface.tags", "TagSet")];

/// moto returns no pre-shared key of a tunnel, so one is added to the response.
const PRE_SHARED_KEY: &str = "psk_donotkeep4711";

/// How a value that is not copied unchanged compares with boto3's.
type Compare = fn(ours: &Value, theirs: &Value) -> bool;

/// The end of a path, and the value that replaces AWS's. Indexes are not part of a path.
const NOT_COPIED: &[(&str, Compare)] = &[
    // Secrets: only their presence is kept.
    ("user_data", |ours, theirs| {
        let there = theirs.as_str().is_some_and(|text| !text.is_empty());
        let suspect = ours["looks_like_secret"] == json!(there)
            && (ours["detector"] == json!("password")) == there;
        let known =
            |name: &String| ["present", "looks_like_secret", "detector"].contains(&name.as_str());
        ours["present"] == json!(there)
            && suspect
            && ours.as_object().is_some_and(|fields| fields.keys().all(known))
    }),
    // Added to moto's response by the proxy.
    ("ec2.vpn_connection.options", |ours, _| {
        ours["tunnel_options"][0]["pre_shared_key"] == "present"
    }),
    // The ids of principals are not nested.
    ("s3.bucket/acl.owner_id", |ours, _| ours.is_string()),
    // One level of AWS's answer is left out.
    ("encryption.rules.sse_algorithm", |ours, _| ours == "aws:kms"),
    ("encryption.rules.kms_master_key_id", |ours, _| {
        ours.as_str().is_some_and(|key| key.ends_with("1234567890ab"))
    }),
    // The owner is beside the list.
    ("s3.bucket.owner_canonical_user_id", |ours, _| ours.is_string()),
    // moto's list does not include it; GetBucketLocation does.
    ("s3.bucket.bucket_region", |ours, _| ours == "eu-west-1"),
    // moto writes access logs to the bucket with every request.
    ("s3.bucket/object_acls.sampled", |ours, _| ours.as_u64().is_some_and(|count| count <= 20)),
    ("s3.bucket/object_acls.has_more", |ours, _| ours.is_boolean()),
    // Only whether there is one.
    ("notification.event_bridge", |ours, _| ours.is_boolean()),
];

struct Scanned {
    program: Rolecall,
    ended: Ran,
    requests: Vec<Request>,
    truth: Value,
}

/// One rule for each kind that needs all facts, and one that shows fields that could contain a
/// secret.
fn rules(program: &Rolecall) {
    let folder = program.path("rules");
    fs::create_dir(&folder).unwrap();
    let prose = "//! A rule of a test.\n//!\n//! ## Why it matters\n//! x\n//!\n//! ## How to fix it\n//! x\n//!\n//! ## References\n//! - https://x.example\n\n";
    let write = |id: &str, kind: &str, needs: &[&str], check: &str| {
        let rule = format!(
            "{prose}const RULE = #{{ title: \"t\", resource: \"{kind}\", needs: {needs:?}, severity: \"info\" }};\n\n\
             fn check(resource, params) {{\n    {check}\n}}\n"
        );
        fs::write(folder.join(format!("{id}.rhai")), rule).unwrap();
    };
    for kind in KINDS {
        let needs: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
        write(&format!("all-{}", kind.name.replace(['.', '_'], "-")), kind.name, &needs, "pass()");
    }
    write(
        "secret-instance",
        "ec2.instance",
        &["user_data"],
        "fail(`${resource.user_data}`, [resource])",
    );
    write(
        "secret-template",
        "ec2.launch_template",
        &["default_version", "latest_version"],
        "fail(`${resource.default_version}`, [resource])",
    );
    write("secret-vpn", "ec2.vpn_connection", &[], "fail(`${resource}`, [resource])");
    write("secret-fleet", "ec2.spot_fleet_request", &[], "fail(`${resource}`, [resource])");
}

/// The account, seeded and scanned once.
fn scanned() -> &'static Scanned {
    static SCANNED: OnceLock<Scanned> = OnceLock::new();
    SCANNED.get_or_init(|| {
        let truth = script("ask_kinds.py");
        assert_eq!((&truth["account"], &truth["region"]), (&json!(ACCOUNT), &json!("eu-west-1")));
        let tunnel = format!("<item><preSharedKey>{PRE_SHARED_KEY}</preSharedKey></item>");
        let options = format!("<options><tunnelOptionSet>{tunnel}</tunnelOptionSet></options><vpnConnectionId>");
        let vpn = when(|request| request.call == "ec2:DescribeVpnConnections");
        let proxy = Proxy::start(vec![vpn.rewrite(move |answer| answer.replacen("<vpnConnectionId>", &options, 1))]);
        let config = format!("[role]\nname = \"audit\"\n[[account]]\nid = \"{ACCOUNT}\"\n[scan]\nregions = [\"eu-west-1\"]\n");
        let program = Rolecall::at(&proxy).config(&config);
        rules(&program);
        let outputs = ["--output", "json=r.json", "--output", "text=-"];
        let args = ["scan", "-vvv", "--snapshot", "snapshot", "--rules", "rules", "--rule", "all-*", "--rule", "secret-*"];
        let ended = program.run(&[&args[..], &outputs[..]].concat());
        ended.assert_code(3);
        // SARIF omits accounts with gaps; these kinds have none.
        let sarif = ["--sarif-category", "secrets", "--output", "sarif=r.sarif"];
        let args = ["evaluate", "-vvv", "--snapshot", "snapshot", "--rules", "rules", "--rule", "secret-*"];
        program.run(&[&args[..], &sarif[..]].concat()).assert_code(0);
        Scanned { requests: proxy.requests(), program, ended, truth }
    })
}

/// The lines of the account's file in the snapshot, of one type.
fn lines(program: &Rolecall, wanted: &str) -> Vec<Value> {
    let text =
        fs::read_to_string(program.path("snapshot").join(format!("{ACCOUNT}.jsonl"))).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.filter(|line: &Value| line["type"] == wanted).collect()
}

fn same_name(ours: &str, theirs: &str) -> bool {
    ours.replace('_', "").eq_ignore_ascii_case(theirs)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_nothing),
        _ => false,
    }
}

/// A list of `{Key, Value}` as the map that tags are.
fn as_tags(theirs: &[Value]) -> Option<Map<String, Value>> {
    theirs
        .iter()
        .map(|tag| {
            Some((
                tag.get("Key")?.as_str()?.to_owned(),
                tag.get("Value").cloned().unwrap_or_else(|| json!("")),
            ))
        })
        .collect()
}

fn as_time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok().or_else(|| {
        Some(
            text.parse::<jiff::civil::DateTime>()
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp(),
        )
    })
}

/// What differs between a fact and boto3's answer.
#[derive(Default)]
struct Differences {
    found: Vec<String>,
    compared: usize,
    not_copied: BTreeSet<&'static str>,
}

impl Differences {
    fn compare(&mut self, path: &str, ours: &Value, theirs: &Value) {
        if let Some((end, same)) = NOT_COPIED.iter().find(|(end, _)| path.ends_with(end)) {
            if !is_nothing(ours) {
                self.not_copied.insert(end);
                if !same(ours, theirs) {
                    self.say(path, ours, theirs);
                }
            } else if !is_nothing(theirs) {
                self.say(path, ours, theirs);
            }
            return;
        }
        match (ours, theirs) {
            (ours, theirs) if is_nothing(ours) && is_nothing(theirs) => {}
            // A policy is JSON in facts and a string in boto3.
            (Value::Object(fields), Value::String(text))
                if fields.len() == 1 && fields.contains_key("document") =>
            {
                self.compared += 1;
                if serde_json::from_str::<Value>(text).ok().as_ref() != Some(&fields["document"]) {
                    self.say(path, ours, theirs);
                }
            }
            (Value::Object(tags), Value::Array(list)) if as_tags(list).is_some() => {
                self.compared += 1;
                if Some(tags) != as_tags(list).as_ref() {
                    self.say(path, ours, theirs);
                }
            }
            (Value::Object(fields), Value::Object(_) | Value::Null) => {
                for (name, value) in fields {
                    let path = format!("{path}.{name}");
                    let name = RENAMED
                        .iter()
                        .find(|(ours, _)| *ours == path)
                        .map_or(name.as_str(), |(_, theirs)| theirs);
                    let theirs = theirs.as_object().and_then(|theirs| {
                        theirs.iter().find(|(theirs, _)| same_name(name, theirs))
                    });
                    self.compare(&path, value, theirs.map_or(&Value::Null, |(_, value)| value));
                }
            }
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                ours.iter().zip(theirs).for_each(|(ours, theirs)| self.compare(path, ours, theirs));
            }
            (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => self.compared += 1,
            (Value::String(a), Value::String(b))
                if as_time(a).is_some() && as_time(b).is_some() =>
            {
                self.compared += 1;
                if as_time(a).map(jiff::Timestamp::as_second)
                    != as_time(b).map(jiff::Timestamp::as_second)
                {
                    self.say(path, ours, theirs);
                }
            }
            (ours, theirs) => {
                self.compared += 1;
                if ours != theirs {
                    self.say(path, ours, theirs);
                }
            }
        }
    }

    fn say(&mut self, path: &str, ours: &Value, theirs: &Value) {
        self.found.push(format!("{path}: {ours}, boto3 says {theirs}"));
    }

    /// A fact beyond the list; `theirs` may be an error.
    fn fact(&mut self, kind: &Kind, resource: &Value, name: &str, theirs: &Value) {
        let path = format!("{}/{name}", kind.name);
        let (ours, cause) = (&resource["facts"][name], &resource["unreadable"][name]);
        let failed = theirs.get("failed").and_then(Value::as_str);
        if FACTS_NOT_IN_MOTO.contains(&path.as_str()) {
            if cause["call"] != kind.fact(name).unwrap().call.name {
                self.say(&path, resource, &json!("not in moto"));
            }
            return;
        }
        match failed {
            Some(code) if kind.fact(name).unwrap().call.absent.contains(&code) => {
                // AWS defines absence as four flags that are off.
                let off =
                    |flags: &Map<String, Value>| flags.values().all(|flag| *flag == json!(false));
                let absent = if name == "public_access_block" {
                    ours.as_object().is_some_and(off)
                } else {
                    ours.is_null()
                };
                if !absent || !cause.is_null() {
                    self.say(&path, ours, theirs);
                }
            }
            Some(code) if !cause.is_null() && cause["code"] == code => {}
            _ if !cause.is_null() => self.say(&path, cause, theirs),
            // Access control lists without effect.
            _ if ["s3.bucket/acl", "s3.bucket/object_acls"].contains(&path.as_str())
                && resource["facts"]["ownership_controls"]["object_ownership"]
                    == "BucketOwnerEnforced" =>
            {
                if !ours.is_null() {
                    self.say(&path, ours, &json!("no effect"));
                }
            }
            _ => self.compare(&path, ours, theirs),
        }
    }
}

#[test]
fn every_field_matches_boto3() {
    let scanned = scanned();
    let mut resources: BTreeMap<(String, String), Value> = BTreeMap::new();
    for resource in lines(&scanned.program, "resource") {
        let key = ["kind", "id"].map(|name| resource[name].as_str().unwrap().to_owned());
        resources.insert(key.into(), resource);
    }
    let mut differences = Differences::default();
    for kind in KINDS.iter().filter(|kind| !NOT_IN_MOTO.contains(&kind.name)) {
        let theirs = scanned.truth["kinds"][kind.name].as_object();
        let theirs =
            theirs.unwrap_or_else(|| panic!("ask_kinds.py does not ask for {}", kind.name));
        assert!(!theirs.is_empty(), "seed_kinds.py makes no {}", kind.name);
        for (id, theirs) in theirs {
            let Some(resource) = resources.remove(&(kind.name.to_owned(), id.clone())) else {
                differences.found.push(format!("{} {id} is not in the snapshot", kind.name));
                continue;
            };
            let mut fields = resource["facts"].clone();
            fields.as_object_mut().unwrap().retain(|name, _| kind.fact(name).is_none());
            differences.compare(kind.name, &fields, &theirs["fields"]);
            for fact in kind.facts {
                let theirs = theirs["facts"].get(fact.name);
                let theirs = theirs.unwrap_or_else(|| {
                    panic!("ask_kinds.py does not ask for {}/{}", kind.name, fact.name)
                });
                differences.fact(kind, &resource, fact.name, theirs);
            }
        }
    }
    // The proxy adds what AWS always returns.
    differences
        .found
        .retain(|found| *found != "ec2.instance.virtualization_type: \"hvm\", boto3 says null");
    differences
        .found
        .extend(resources.keys().map(|key| format!("{key:?} is not in boto3's answers")));
    assert!(differences.found.is_empty(), "\n{}", differences.found.join("\n"));
    assert!(differences.compared > 1_000, "only {} values were compared", differences.compared);
    let unused: Vec<&str> = NOT_COPIED
        .iter()
        .map(|(end, _)| *end)
        .filter(|end| !differences.not_copied.contains(end))
        .collect();
    assert!(unused.is_empty(), "exceptions for nothing: {unused:?}");
}

#[test]
fn only_what_moto_does_not_support_is_a_gap() {
    let (mut kinds, mut unread) = (BTreeSet::new(), BTreeSet::new());
    for gap in lines(&scanned().program, "gap") {
        let extent = &gap["extent"];
        let kind = internals::kind(extent["kind"].as_str().unwrap()).unwrap();
        match extent["of"].as_str().unwrap() {
            "list" => {
                assert_eq!(gap["call"], kind.list_call());
                assert!(kinds.insert(kind.name), "two gaps for {}", kind.name);
            }
            _ => {
                unread.insert(format!("{}/{}", kind.name, extent["fact"].as_str().unwrap()));
            }
        }
    }
    // None of the ordinary buckets that it returns is a directory bucket.
    assert!(kinds.insert("s3.directory_bucket"), "ordinary buckets are a gap");
    // The account itself is not listed.
    assert!(kinds.insert("account"), "the account is a gap");
    assert_eq!(kinds, BTreeSet::from(NOT_IN_MOTO));
    let expected = FACTS_NOT_IN_MOTO.iter().chain(&LISTS_NOT_IN_MOTO);
    assert_eq!(unread, expected.map(|fact| (*fact).to_owned()).collect());
}

#[test]
fn an_acl_without_effect_is_not_requested() {
    let asked = |bucket: &str| {
        let requests =
            scanned().requests.iter().filter(|request| request.call == "s3:GetBucketAcl");
        requests.filter(|request| request.bucket.as_deref() == Some(bucket)).count()
    };
    assert_eq!((asked("kinds-locked"), asked("kinds-full")), (0, 1));
}

#[test]
fn secrets_stay_in_aws() {
    let scanned = scanned();
    // AWS's responses contain them, as plain text and in the encoding of user data.
    let kinds = &scanned.truth["kinds"];
    let answers = kinds.to_string();
    let mut secrets: Vec<&str> =
        scanned.truth["secrets"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (_, configuration) = answers.split_once("<pre_shared_key>").unwrap();
    secrets.push(configuration.split('<').next().unwrap());
    for secret in &secrets {
        assert!(
            secret.len() > 15 && answers.contains(secret),
            "{secret} is not in AWS's responses: the search would find nothing"
        );
    }
    secrets.push(PRE_SHARED_KEY);
    assert_eq!(secrets.len(), 4, "{secrets:?}");

    let mut places: Vec<(String, Vec<u8>)> = scanned
        .program
        .files()
        .into_iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    places.push(("stdout".to_owned(), scanned.ended.stdout.clone().into_bytes()));
    places.push(("stderr".to_owned(), scanned.ended.stderr.clone().into_bytes()));
    let holds = |bytes: &[u8], text: &str| {
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    for (place, bytes) in &places {
        for secret in &secrets {
            assert!(!holds(bytes, secret), "{secret} is in {place}");
        }
    }
    // The same search finds a value that is not secret: the rules saw those resources, and their
    // facts were written.
    let (vpn, _) = kinds["ec2.vpn_connection"].as_object().unwrap().iter().next().unwrap();
    for expected in ["r.json", "r.sarif", "444455556666.jsonl", "stdout"] {
        let place = places.iter().find(|(path, _)| path.ends_with(expected));
        assert!(place.is_some_and(|(_, bytes)| holds(bytes, vpn)), "{vpn} is not in {expected}");
    }
    assert!(places.iter().any(|(path, _)| path.ends_with("run.json")));
    assert!(
        scanned.ended.stderr.contains("ec2:DescribeVpnConnections"),
        "the log level is not the most verbose"
    );
    let report = scanned.program.json("r.json");
    for rule in ["secret-instance", "secret-template", "secret-vpn", "secret-fleet"] {
        let findings = report["accounts"][0]["findings"].as_array().unwrap();
        assert!(
            findings.iter().any(|finding| finding["rule"] == rule && finding["verdict"] == "fail"),
            "{rule}"
        );
    }
}
