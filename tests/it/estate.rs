//! The whole pack against an estate of some two thousand resources (`support/estate`), whose
//! truth is computed by what made it; and every rule against every call that it needs and that is
//! denied.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::fault::{Fault, Proxy, Request, when};
use crate::support::moto::{Estate, estate};
use crate::support::report::{About, Verdicts, gaps};
use crate::support::rolecall::Rolecall;

/// Where moto cannot answer, the generator has said what AWS would.
fn answers(estate: &Estate) -> Vec<Fault> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let answer = |answer: &Value| {
        let (call, account, region) =
            (text(&answer["call"]), text(&answer["account"]), text(&answer["region"]));
        let params: BTreeMap<String, String> =
            serde_json::from_value(answer["params"].clone()).unwrap();
        let bucket = answer["bucket"].as_str().map(str::to_owned);
        let path = answer["path"].as_str().map(str::to_owned);
        let asked = when(move |request: &Request| {
            request.is(&call, &account, &region)
                && params.iter().all(|(name, value)| request.param(name) == value)
                && (bucket.is_none() || bucket == request.bucket)
                && path.as_ref().is_none_or(|path| request.is_to("GET", path))
        });
        match answer["code"].as_str() {
            Some(code) => asked.error(404, code, "It is not configured."),
            None => asked.body(&text(&answer["body"])),
        }
    };
    estate.answers.iter().map(answer).collect()
}

/// A config of the accounts of the estate, and of the rules whose truth its generator knows. moto
/// answers one request after the other, so that many requests at a time would wait for long.
fn scan_config(estate: &Estate) -> String {
    let accounts: String =
        estate.accounts.iter().map(|id| format!("[[account]]\nid = \"{id}\"\n")).collect();
    let rules: Vec<String> = estate.truth.rules().iter().map(|rule| format!("{rule:?}")).collect();
    let params: String = estate
        .params
        .iter()
        .map(|(rule, params)| {
            let values: Vec<String> = params
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            format!("[rules.{rule:?}]\nparams = {{ {} }}\n", values.join(", "))
        })
        .collect();
    format!(
        "[role]\nname = \"audit\"\n{accounts}[scan]\nregions = [\"eu-west-1\", \"us-east-1\"]\n\
         [scan.concurrency]\ncalls = 16\n[scan.timeouts]\nattempt = \"3m\"\ncall = \"5m\"\n\
         [scan.selection]\nrules = [{}]\n[trust]\norganization_id = \"o-a1b2c3d4e5\"\naccounts = [\"888877776666\"]\n{params}",
        rules.join(", ")
    )
}

/// How long a scan of the estate may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

/// The program with that config.
fn program_at(proxy: &Proxy, estate: &Estate) -> Rolecall {
    Rolecall::at(proxy).config(&scan_config(estate))
}

/// Rules that are not in the estate, and why.
const NOT_IN_THE_ESTATE: [(&str, &str); 1] = [(
    "vpc-multi-region",
    "it fails only for an account with VPCs in a single region, and the accounts of the estate have \
     the same in both",
)];

#[test]
fn every_rule_is_in_the_estate_or_has_a_reason_not_to_be() {
    let listed = Rolecall::new().run(&["rules", "--rule-profile", "all", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed.assert_code(0).stdout).unwrap();
    let all: BTreeSet<String> =
        listed.iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    let mut here: BTreeSet<String> = estate().truth.rules().into_iter().collect();
    for (rule, reason) in NOT_IN_THE_ESTATE {
        assert!(here.insert(rule.to_owned()), "{rule} is in the estate, although {reason}");
    }
    let missing: Vec<&String> = all.difference(&here).collect();
    assert!(missing.is_empty(), "add these to the estate: {missing:?}");
    let gone: Vec<&String> = here.difference(&all).collect();
    assert!(gone.is_empty(), "these are not rules: {gone:?}");
}

#[test]
fn every_rule_says_of_everything_what_is_true_of_it() {
    let estate = estate();
    assert!(estate.resources >= 2000, "{}", estate.resources);
    let proxy = Proxy::caching(estate.address, answers(estate), &estate.cache);
    let program = program_at(&proxy, estate);
    program.run_within(LIMIT, &["scan", "--output", "json=report.json"]).assert_code(3);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    Verdicts::of_report(&report).assert_is(&estate.truth);
    // A rule that always said the same here would show nothing.
    let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ((_, _, rule, _), verdict) in &estate.truth.0 {
        said.entry(rule).or_default().insert(verdict);
    }
    said.retain(|_, verdicts| !["pass", "fail"].iter().all(|verdict| verdicts.contains(verdict)));
    assert!(said.is_empty(), "these do not both pass and fail: {said:?}");
}

/// Calls on which not every verdict depends, since something else has settled it: no policy, an
/// owner that is enforced, no versioning, no prefix list in a rule, a snapshot that is not shared, a
/// fleet that launches nothing more.
const SETTLED_ELSEWHERE: [&str; 12] = [
    "ec2:DescribeImages",
    "ec2:DescribeManagedPrefixLists",
    "s3:GetBucketPolicyStatus",
    "s3control:GetAccessPointPolicyStatus",
    "s3control:GetAccessPointPolicyStatusForObjectLambda",
    "s3control:GetMultiRegionAccessPointPolicyStatus",
    "s3:GetBucketAcl",
    "s3:GetBucketReplication",
    "s3:GetObjectLockConfiguration",
    "ec2:GetManagedPrefixListEntries",
    "ec2:GetSnapshotBlockPublicAccessState",
    "ec2:GetEbsEncryptionByDefault",
];

/// Rules that skip a resource before they look at what the call returns: a bucket that receives no
/// logs.
const SKIPPED_BEFORE: [(&str, &str); 1] =
    [("s3-log-target-bucket-hardened", "s3control:GetPublicAccessBlock")];

/// Rules, or those whose names begin so, and calls that they need in some cases only, none of which
/// is in the estate.
const OPTIONAL: [(&str, &str); 27] = [
    // Only for a template that leaves the metadata options or the volumes to its image.
    ("ec2-launch-template-imdsv2", "ec2:DescribeImages"),
    ("ec2-launch-template-ebs-encrypted", "ec2:DescribeImages"),
    ("ec2-spot-fleet-ebs-encrypted", "ec2:DescribeImages"),
    // Only for a default route by prefix list.
    ("vpc-endpoint-dynamodb-gateway", "ec2:DescribeManagedPrefixLists"),
    ("vpc-endpoint-dynamodb-gateway", "ec2:GetManagedPrefixListEntries"),
    ("vpc-endpoint-s3-gateway", "ec2:DescribeManagedPrefixLists"),
    ("vpc-endpoint-s3-gateway", "ec2:GetManagedPrefixListEntries"),
    // Only for a prefix list in the routes or groups of an enclave's host or of an endpoint.
    ("ec2-enclave-host-not-exposed", "ec2:DescribeManagedPrefixLists"),
    ("ec2-enclave-host-not-exposed", "ec2:GetManagedPrefixListEntries"),
    ("vpc-endpoint-exposed", "ec2:DescribeManagedPrefixLists"),
    ("vpc-endpoint-exposed", "ec2:GetManagedPrefixListEntries"),
    // All prefix lists here are of IPv4, and say so. In cases of the rule, the family is not known.
    ("sg-ingress-remote-admin-ipv6", "ec2:GetManagedPrefixListEntries"),
    // Only for a default route to an appliance. Routes name the gateways that they lead to.
    ("ec2-instance-exposed-*", "ec2:DescribeInternetGateways"),
    ("ec2-instance-internet-reachable", "ec2:DescribeInternetGateways"),
    // Only for a policy of which no statement is public, but one allows such a request.
    ("s3-bucket-public-read", "s3:GetBucketPolicyStatus"),
    ("s3-bucket-public-write", "s3:GetBucketPolicyStatus"),
    // In both accounts, RestrictPublicBuckets is on, so that no policy matters. Cases of the rules show
    // that it does otherwise.
    ("s3-bucket-public-read", "s3:GetBucketPolicy"),
    ("s3-bucket-public-write", "s3:GetBucketPolicy"),
    ("s3-log-target-bucket-hardened", "s3:GetPublicAccessBlock"),
    ("s3-log-target-bucket-hardened", "s3:GetBucketPolicyStatus"),
    // Only for the message, if no network interfaces are in the VPC.
    ("vpc-unused", "ec2:DescribeSubnets"),
    // Only for a target that is a Gateway Load Balancer endpoint. Cases of the rule have one.
    ("traffic-mirror-session-present", "ec2:DescribeVpcEndpoints"),
    ("traffic-mirror-session-present", "ec2:DescribeVpcEndpointServiceConfigurations"),
    // Only for a grant to these users, which no ACL in these accounts has. Cases of the rule have one.
    ("s3-bucket-acl-authenticated-users", "s3:GetBucketOwnershipControls"),
    // It returns the regions of buckets, and only their names matter.
    ("vpc-endpoint-policy-trusted", "s3:GetBucketLocation"),
    ("vpc-flow-log-destination-trusted", "s3:GetBucketLocation"),
    ("s3-mrap-bucket-trusted", "s3:GetBucketLocation"),
];

/// Whether no verdict of a rule in the estate depends on a call.
fn is_optional(rule: &str, call: &str) -> bool {
    OPTIONAL.iter().any(|(pattern, of)| {
        let prefix = pattern.strip_suffix('*');
        *of == call && prefix.map_or(*pattern == rule, |prefix| rule.starts_with(prefix))
    })
}

/// Whether a rule can reach a verdict without some of what it reads: its script marks these needs
/// with a question mark.
fn has_optional_needs(rule: &Value) -> bool {
    let source = rule["source"].as_str().unwrap().strip_prefix("built-in/").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(source);
    let script = std::fs::read_to_string(path).unwrap();
    ["?\",", "?\"]"].iter().any(|end| script.contains(end))
}

/// The calls in groups, each of which can be denied in one scan: no rule depends on two of them.
fn apart(
    by_call: &BTreeMap<String, BTreeSet<String>>,
    touched: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<BTreeSet<String>> {
    let mut groups: Vec<(BTreeSet<String>, BTreeSet<&String>)> = Vec::new();
    // Those of many rules first, since they fit with the fewest others.
    let mut calls: Vec<&String> = by_call.keys().collect();
    calls.sort_by_key(|call| std::cmp::Reverse(touched[*call].len()));
    for call in calls {
        let rules = &touched[call];
        let fits = |(_, taken): &&mut (BTreeSet<String>, BTreeSet<&String>)| {
            rules.iter().all(|rule| !taken.contains(rule))
        };
        match groups.iter_mut().find(fits) {
            Some((group, taken)) => {
                group.insert(call.clone());
                taken.extend(rules);
            }
            None => groups.push((BTreeSet::from([call.clone()]), rules.iter().collect())),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// The truth about resources by account, rule and id, since their region may not be known.
struct Everywhere<'e>(HashMap<[&'e str; 3], Vec<(&'e str, &'e str)>>);

impl<'e> Everywhere<'e> {
    fn of(estate: &'e Estate) -> Self {
        let mut all = Self(HashMap::new());
        for ((account, region, rule, id), verdict) in &estate.truth.0 {
            all.0.entry([account, rule, id]).or_default().push((region, verdict));
        }
        all
    }

    fn says(&self, (account, region, rule, id): &About, verdict: &str) -> bool {
        let known = self.0.get(&[account.as_str(), rule, id]).map_or(&[][..], Vec::as_slice);
        let is_here = |(one, _): &&(&str, &str)| one == region || region == "global";
        known.iter().find(is_here).is_some_and(|(_, truth)| *truth == verdict)
    }
}

#[test]
fn a_rule_whose_call_is_denied_does_not_know() {
    let estate = estate();
    // In one of these accounts, VPC Block Public Access decides nothing; in the other one, the
    // settings of the account for S3 do not.
    let accounts = estate.accounts[..2].join(",");
    let rules = Rolecall::new().config(&scan_config(estate)).run(&["rules", "--format", "json"]);
    let rules: Vec<Value> = serde_json::from_str(&rules.assert_code(0).stdout).unwrap();
    let optional: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| has_optional_needs(rule))
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let mut by_call: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // The rules for which a call is made, whatever for.
    let mut touched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in &rules {
        // The ownership controls are always read with an ACL, which stands as it is where they
        // cannot be.
        let companion = |call: &str| {
            call == "s3:GetBucketOwnershipControls" && !rule["needs"].as_array().unwrap().contains(&"ownership_controls".into())
                // The account's settings count with a parameter only.
                || call == "s3control:GetPublicAccessBlock" && rule["id"] == "s3-access-point-public-access-block"
        };
        for call in rule["calls"].as_array().unwrap() {
            let name = call["call"].as_str().unwrap().to_owned();
            touched.entry(name).or_default().insert(rule["id"].as_str().unwrap().to_owned());
            // What only adds to the evidence decides nothing.
            if call["evidence_only"] == true {
                continue;
            }
            let call = call["call"].as_str().unwrap();
            if companion(call) {
                continue;
            }
            by_call
                .entry(call.to_owned())
                .or_default()
                .insert(rule["id"].as_str().unwrap().to_owned());
        }
    }
    let truth = Everywhere::of(estate);
    let mut wrong = Vec::new();
    for calls in apart(&by_call, &touched) {
        let denied = calls.clone();
        let mut faults = vec![
            when(move |request| denied.contains(&request.call)).denied("User is not authorized."),
        ];
        faults.extend(answers(estate));
        let proxy = Proxy::caching(estate.address, faults, &estate.cache);
        let program = program_at(&proxy, estate);
        let only: Vec<&str> =
            calls.iter().flat_map(|call| &by_call[call]).map(String::as_str).collect();
        let only = only.join(",");
        let ended = program.run_within(
            LIMIT,
            &["scan", "--account", &accounts, "--rule", &only, "-o", "json=r.json"],
        );
        if ended.code != 3 {
            wrong.push(format!("without {calls:?} the exit code is {}", ended.code));
        }
        let found = Verdicts::of_report(&program.json("r.json"));
        let mut said: BTreeMap<&str, Vec<(&About, &String)>> = BTreeMap::new();
        for (about, verdict) in &found.0 {
            said.entry(&about.2).or_default().push((about, verdict));
        }
        for (call, rule) in
            calls.iter().flat_map(|call| by_call[call].iter().map(move |rule| (call, rule)))
        {
            let said = said.get(rule.as_str()).map_or(&[][..], Vec::as_slice);
            let knows_all = said.iter().all(|(_, verdict)| *verdict != "unknown");
            if knows_all != is_optional(rule, call) {
                let extent =
                    if knows_all { "nothing" } else { "something, although it is in OPTIONAL," };
                wrong.push(format!("{rule} without {call}: {extent} is unknown"));
            }
            for (about, verdict) in said.iter().filter(|(_, verdict)| *verdict != "unknown") {
                let settled = (SETTLED_ELSEWHERE.contains(&call.as_str())
                    || SKIPPED_BEFORE.contains(&(rule.as_str(), call.as_str()))
                    || optional.contains(rule.as_str()))
                    && truth.says(about, verdict);
                if !settled {
                    wrong.push(format!("{about:?} without {call}: {verdict}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
