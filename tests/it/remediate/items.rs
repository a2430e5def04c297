//! How fixes of several rules become items: those that another one makes needless are left out, lists
//! of what to change are united, and what manages a resource makes its fixes unsafe.

use std::fs;

use serde_json::{Map, Value, json};

use super::{ACCOUNT, Case, OPEN, bucket, summary};

/// The settings of Block Public Access, all on or all off.
fn block(on: bool) -> Value {
    json!({
        "block_public_acls": on, "ignore_public_acls": on,
        "block_public_policy": on, "restrict_public_buckets": on,
    })
}

/// Replaces the snapshot and the config of a case: resources as kind, id and facts, of kinds that were
/// listed with facts. The rules are built-in ones.
fn replace(
    case: &Case,
    rules: &[&str],
    more: &str,
    kinds: &[(&str, &[&str])],
    resources: &[(&str, &str, Value)],
) {
    let demand: Map<String, Value> =
        kinds.iter().map(|(kind, facts)| ((*kind).to_owned(), json!(facts))).collect();
    let target = json!({ "account": ACCOUNT, "name": "shop" });
    let manifest = json!({ "format": 1, "tool": "t", "targets": [target], "demand": demand });
    fs::write(case.path("snapshot/snapshot.json"), manifest.to_string()).unwrap();
    let mut lines = vec![json!({
        "type": "header", "account": ACCOUNT, "collected_at": "2026-06-01T23:30:00Z", "entered": true,
        "regions": ["eu-west-1"], "demand": demand,
    })];
    for (kind, facts) in kinds {
        let is_global = ["s3.account", "s3.bucket", "s3.multi_region_access_point"].contains(kind);
        let region = if is_global { "global" } else { "eu-west-1" };
        let count = resources.iter().filter(|resource| resource.0 == *kind).count();
        lines.push(json!({
            "type": "listed", "kind": kind, "region": region, "facts": facts, "count": count,
        }));
    }
    for (kind, id, facts) in resources {
        let region = if *kind == "s3.account" { "global" } else { "eu-west-1" };
        lines.push(
            json!({ "type": "resource", "kind": kind, "id": id, "region": region, "facts": facts }),
        );
    }
    lines.push(json!({ "type": "end", "resources": resources.len(), "gaps": 0 }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(case.path(&format!("snapshot/{ACCOUNT}.jsonl")), text).unwrap();
    let config = format!("[scan.selection]\nrules = {}\n{more}", json!(rules));
    fs::write(case.path("rolecall.toml"), config).unwrap();
}

/// What the rules on Block Public Access and their fixes read.
const S3: [(&str, &[&str]); 4] = [
    ("s3.account", &["public_access_block"]),
    ("s3.bucket", &["ownership_controls", "policy_status", "public_access_block", "tags"]),
    ("s3.access_point", &["policy_status"]),
    ("s3.multi_region_access_point", &["policy_status"]),
];

fn account() -> (&'static str, &'static str, Value) {
    let facts = json!({ "account_id": ACCOUNT, "public_access_block": block(false) });
    ("s3.account", ACCOUNT, facts)
}

/// A bucket that blocks nothing. Without `quiet`, its ACLs may be in use.
fn open_bucket(name: &'static str, quiet: bool) -> (&'static str, &'static str, Value) {
    let ownership = if quiet { "BucketOwnerEnforced" } else { "ObjectWriter" };
    let facts = json!({
        "name": name, "bucket_region": "eu-west-1", "creation_date": "2026-01-01T00:00:00Z",
        "public_access_block": block(false), "policy_status": null, "tags": {},
        "ownership_controls": { "object_ownership": ownership },
    });
    ("s3.bucket", name, facts)
}

/// The items as kind, id and rules of their findings.
fn items(plan: &Value) -> Vec<String> {
    let of = |item: &Value| {
        let findings = item["findings"].as_array().unwrap().iter();
        let rules: Vec<&str> = findings.map(|one| one["rule"].as_str().unwrap()).collect();
        let resource = &item["resource"];
        format!(
            "{} {}: {}",
            resource["kind"].as_str().unwrap(),
            resource["id"].as_str().unwrap(),
            rules.join(" ")
        )
    };
    plan["items"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn items_that_another_one_makes_needless_are_left_out() {
    let of_account = "s3-account-public-access-block";
    let effective = "s3-bucket-effective-public-access-block";
    let own = "s3-bucket-public-access-block";
    let hands_off = format!("[[hands_off]]\nresource = \"{ACCOUNT}\"\nreason = \"frozen\"\n");
    let unsafe_account = format!("[rules.\"{of_account}\".fix]\nunsafe = true\n");
    let both = || vec![account(), open_bucket("a", true), open_bucket("b", true)];
    let noisy = || vec![account(), open_bucket("a", true), open_bucket("b", false)];
    for (title, rules, config, resources, flags, wanted) in [
        (
            "the account's settings apply to all of its buckets",
            vec![of_account, effective],
            "",
            both(),
            &[][..],
            vec![format!("s3.account {ACCOUNT}: {of_account} {effective} {effective}")],
        ),
        (
            "a rule on the bucket's own settings needs its own change",
            vec![of_account, effective, own],
            "",
            both(),
            &[],
            vec![
                format!("s3.bucket a: {effective} {own}"),
                format!("s3.bucket b: {effective} {own}"),
                format!("s3.account {ACCOUNT}: {of_account}"),
            ],
        ),
        (
            "without the rule on the account, buckets are changed",
            vec![effective],
            "",
            both(),
            &[],
            vec![format!("s3.bucket a: {effective}"), format!("s3.bucket b: {effective}")],
        ),
        (
            "what is not planned makes nothing needless",
            vec![of_account, effective],
            hands_off.as_str(),
            both(),
            &[],
            vec![format!("s3.bucket a: {effective}"), format!("s3.bucket b: {effective}")],
        ),
        (
            "nor what is unsafe and not allowed",
            vec![of_account, effective],
            "",
            noisy(),
            &[],
            vec![format!("s3.bucket a: {effective}")],
        ),
        (
            "an unsafe change that is allowed makes a safe one needless",
            vec![of_account, effective],
            unsafe_account.as_str(),
            noisy(),
            &["--unsafe-fixes"],
            vec![format!("s3.account {ACCOUNT}: {of_account} {effective}")],
        ),
    ] {
        let case = Case::new(&[], &[]);
        replace(&case, &rules, config, &S3, &resources);
        let plan = case.planned(0, flags);
        assert_eq!(items(&plan), wanted, "{title}: {plan:#}");
        let findings = plan["items"].as_array().unwrap().iter();
        let mut findings = findings.flat_map(|item| item["findings"].as_array().unwrap());
        assert!(findings.all(|finding| finding["after"] == "pass"), "{title}: {plan:#}");
    }
}

/// What the rules on security groups and their fixes read.
const NETWORK: [(&str, &[&str]); 6] = [
    ("ec2.security_group", &[]),
    ("ec2.managed_prefix_list", &["entries"]),
    ("ec2.network_interface", &[]),
    ("ec2.vpc", &[]),
    ("ec2.launch_template", &["default_version", "latest_version"]),
    ("ec2.instance", &[]),
];

/// An unused security group with these inbound permissions.
fn group(permissions: &Value) -> (&'static str, &'static str, Value) {
    let facts = json!({
        "group_id": "sg-1", "group_name": "web", "owner_id": ACCOUNT, "description": "",
        "ip_permissions": permissions, "ip_permissions_egress": [], "tags": {},
    });
    ("ec2.security_group", "sg-1", facts)
}

fn permission(from: u16, to: u16, more: &Value) -> Value {
    let mut permission = json!({
        "ip_protocol": "tcp", "from_port": from, "to_port": to,
        "ip_ranges": [], "ipv6_ranges": [], "prefix_list_ids": [], "user_id_group_pairs": [],
    });
    permission.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    permission
}

#[test]
fn what_several_rules_revoke_is_one_change() {
    let [ipv4, ipv6, smb] =
        ["sg-ingress-remote-admin-ipv4", "sg-ingress-remote-admin-ipv6", "sg-ingress-smb"];
    let world = || json!({ "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] });
    let world6 = || json!({ "ipv6_ranges": [{ "cidr_ipv6": "::/0" }] });
    let office = || json!({ "ip_ranges": [{ "cidr_ip": "192.0.2.0/24" }] });
    let ssh =
        json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0" });
    let ssh6 = json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv6": "::/0" });
    let open_smb =
        json!({ "protocol": "tcp", "from_port": 445, "to_port": 445, "cidr_ipv4": "0.0.0.0/0" });
    let all =
        json!({ "protocol": "tcp", "from_port": 0, "to_port": 65535, "cidr_ipv4": "0.0.0.0/0" });
    for (title, permissions, revoked, rules) in [
        (
            "each rule finds another opening",
            json!([
                permission(
                    22,
                    22,
                    &json!({
                        "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }, { "cidr_ip": "192.0.2.0/24" }],
                        "ipv6_ranges": [{ "cidr_ipv6": "::/0" }],
                    })
                ),
                permission(445, 445, &world()),
            ]),
            json!([ssh6, ssh, open_smb]),
            vec![ipv4, ipv6, smb],
        ),
        (
            "two rules find the same opening",
            json!([permission(0, 65535, &world())]),
            json!([all]),
            vec![ipv4, smb],
        ),
        (
            "one rule finds one opening",
            json!([permission(22, 22, &world6()), permission(445, 445, &office())]),
            json!([ssh6]),
            vec![ipv6],
        ),
    ] {
        let case = Case::new(&[], &[]);
        replace(&case, &[ipv4, ipv6, smb], "", &NETWORK, &[group(&permissions)]);
        let plan = case.planned(0, &[]);
        assert_eq!(
            items(&plan),
            [format!("ec2.security_group sg-1: {}", rules.join(" "))],
            "{title}: {plan:#}"
        );
        let item = &plan["items"][0];
        assert_eq!(item["parameters"]["ingress"], revoked, "{title}: {plan:#}");
        assert_eq!(item["undo"]["parameters"]["ingress"], revoked, "{title}: {plan:#}");
        assert_eq!(item["class"], "safe", "{title}");
    }
}

#[test]
fn tags_that_you_name_make_fixes_unsafe() {
    for (patterns, tags, manager) in [
        (json!(["terraform"]), json!({ "terraform": "yes" }), Some("tag terraform=yes")),
        (json!(["terraform"]), json!({ "Terraform": "yes" }), None),
        (json!(["terraform"]), json!({ "by": "terraform" }), None),
        (json!(["team-*"]), json!({ "team-x": "" }), Some("tag team-x=")),
        (json!(["ManagedBy=*"]), json!({ "ManagedBy": "pulumi" }), Some("tag ManagedBy=pulumi")),
        (json!(["ManagedBy=puppet"]), json!({ "ManagedBy": "pulumi" }), None),
        (
            json!(["no", "B=*", "A=1"]),
            json!({ "B": "2", "A": "1" }),
            // The first tag by its key.
            Some("tag A=1"),
        ),
        (
            json!(["terraform"]),
            json!({ "terraform": "yes", "aws:cloudformation:stack-name": "web" }),
            Some("CloudFormation stack web"),
        ),
        (json!(["terraform"]), json!({}), None),
    ] {
        let mut tagged = bucket("safe");
        tagged["facts"]["tags"] = tags.clone();
        let case = Case::new(&[("bucket-open", OPEN)], &[tagged]);
        case.config(&format!("[remediation]\nmanaged_tags = {patterns}\n"));
        let title = format!("{patterns} {tags}");
        let plan = case.planned(0, &[]);
        let (items, causes) = summary(&plan);
        let Some(manager) = manager else {
            assert_eq!((items.len(), causes.len()), (1, 0), "{title}: {plan:#}");
            assert_eq!(plan["items"][0].get("managed_by"), None, "{title}");
            continue;
        };
        let cause = format!("unsafe: managed by {manager}, so change it there (allowed by");
        assert!(items.is_empty() && causes[0].1.starts_with(&cause), "{title}: {plan:#}");
        case.config(&format!(
            "[remediation]\nmanaged_tags = {patterns}\n[rules.\"bucket-open\".fix]\nunsafe = true\n"
        ));
        let plan = case.planned(0, &["--unsafe-fixes"]);
        let item = &plan["items"][0];
        assert_eq!((&item["managed_by"], &item["class"]), (&json!(manager), &json!("unsafe")));
        assert!(item["reason"].as_str().unwrap().contains(manager), "{title}: {plan:#}");
    }
    // Without the setting, tags mean nothing.
    let mut tagged = bucket("safe");
    tagged["facts"]["tags"] = json!({ "terraform": "yes" });
    let case = Case::new(&[("bucket-open", OPEN)], &[tagged]);
    assert_eq!(summary(&case.planned(0, &[])).0, ["safe"]);
}

#[test]
fn the_permissions_of_a_plan_are_those_of_its_items() {
    let case = Case::new(&[("bucket-open", OPEN)], &[bucket("safe-1"), bucket("safe-2")]);
    let plan = case.plan(&[]).stdout;
    fs::write(case.path("plan.json"), &plan).unwrap();
    let policy = |args: &[&str]| case.run(&[&["permissions"], args].concat());
    let ran = policy(&["remediate", "--plan", "plan.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let policy_of_plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    let statements = policy_of_plan["Statement"].as_array().unwrap();
    let [statement] = statements.as_slice() else { panic!("{policy_of_plan:#}") };
    assert_eq!(statement["Action"], json!(["s3:PutBucketPublicAccessBlock"]));
    assert_eq!(statement["Resource"], json!(["arn:aws:s3:::safe-1", "arn:aws:s3:::safe-2"]));
    assert_eq!(
        statement["Condition"],
        json!({ "StringEquals": { "s3:ResourceAccount": ACCOUNT } })
    );
    // Those of all rules include the undoing, everywhere.
    let all = policy(&["remediate"]);
    assert!(all.code == 0 && all.stdout.contains("arn:aws:s3:::*"), "{}{}", all.stdout, all.stderr);

    fs::write(case.path("edited.json"), plan.replacen("\"version\": 1", "\"version\":  1", 1))
        .unwrap();
    let nothing = Case::new(&[("bucket-open", OPEN)], &[bucket("hand")]);
    fs::write(case.path("nothing.json"), nothing.plan(&[]).stdout).unwrap();
    for (args, message) in [
        (&["remediate", "--plan", "edited.json"][..], "was edited"),
        (&["remediate", "--plan", "missing.json"], "cannot read the plan `missing.json`"),
        (&["remediate", "--plan", "nothing.json"], "the plan `nothing.json` changes nothing"),
        (
            &["target", "--plan", "plan.json"],
            "--plan is an option of `rolecall permissions remediate` only",
        ),
    ] {
        let ran = policy(args);
        assert!(ran.code == 2 && ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
}
