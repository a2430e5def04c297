//! The whole pack against an estate of some two thousand resources (`support/estate.py`), whose
//! truth is computed by what made it; and every rule against every call that it needs and that is
//! denied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::fault::{Fault, Proxy, Request, when};
use crate::support::moto::{Estate, estate};
use crate::support::report::{Verdicts, gaps};
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
        let asked = when(move |request: &Request| {
            request.is(&call, &account, &region)
                && params.iter().all(|(name, value)| request.param(name) == value)
                && (bucket.is_none() || bucket == request.bucket)
        });
        match answer["code"].as_str() {
            Some(code) => asked.error(404, code, "It is not configured."),
            None => asked.body(&text(&answer["body"])),
        }
    };
    estate.answers.iter().map(answer).collect()
}

/// A config of the accounts of the estate, and of the rules whose truth its generator knows.
fn scan_config(estate: &Estate) -> String {
    let accounts: String =
        estate.accounts.iter().map(|id| format!("[[account]]\nid = \"{id}\"\n")).collect();
    let rules: Vec<String> = estate.truth.rules().iter().map(|rule| format!("{rule:?}")).collect();
    format!(
        "[role]\nname = \"audit\"\n{accounts}[scan]\nregions = [\"eu-west-1\", \"us-east-1\"]\n\
         [scan.selection]\nrules = [{}]\n[trust]\norganization_id = \"o-a1b2c3d4e5\"\naccounts = [\"888877776666\"]\n",
        rules.join(", ")
    )
}

/// The program with that config.
fn program_at(proxy: &Proxy, estate: &Estate) -> Rolecall {
    Rolecall::at(proxy).config(&scan_config(estate))
}

#[test]
fn every_rule_says_of_everything_what_is_true_of_it() {
    let estate = estate();
    assert!(estate.resources >= 2000, "{}", estate.resources);
    let proxy = Proxy::to(estate.address, answers(estate));
    let program = program_at(&proxy, estate);
    program.run(&["scan", "--output", "json=report.json"]).assert_code(3);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    Verdicts::of_report(&report).assert_is(&estate.truth);
    // A rule that always said the same here would show nothing.
    let said = |rule: &String| {
        estate.truth.only(|_, _, of, _| of == rule).0.into_values().collect::<BTreeSet<String>>()
    };
    let mut rules = estate.truth.rules();
    rules.retain(|rule| !["pass", "fail"].iter().all(|verdict| said(rule).contains(*verdict)));
    assert!(rules.is_empty(), "these do not both pass and fail: {rules:?}");
}

/// Calls on which not every verdict depends, since something else has settled it: no policy, an
/// owner that is enforced, no prefix list in a rule, a snapshot that nobody shares, a fleet that
/// launches nothing more.
const SETTLED_ELSEWHERE: [&str; 7] = [
    "ec2:DescribeImages",
    "ec2:DescribeManagedPrefixLists",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketAcl",
    "ec2:GetManagedPrefixListEntries",
    "ec2:GetSnapshotBlockPublicAccessState",
    "ec2:GetEbsEncryptionByDefault",
];

/// Rules and calls that they need in some cases only, none of which is in the estate: a template
/// that leaves the metadata options to its image, a default route by prefix list.
const OPTIONAL: [(&str, &str); 5] = [
    ("ec2-launch-template-imdsv2", "ec2:DescribeImages"),
    ("vpc-endpoint-dynamodb-gateway", "ec2:DescribeManagedPrefixLists"),
    ("vpc-endpoint-dynamodb-gateway", "ec2:GetManagedPrefixListEntries"),
    ("vpc-endpoint-s3-gateway", "ec2:DescribeManagedPrefixLists"),
    ("vpc-endpoint-s3-gateway", "ec2:GetManagedPrefixListEntries"),
];

#[test]
fn a_rule_whose_call_is_denied_does_not_know() {
    let estate = estate();
    let account = &estate.accounts[1];
    let rules = Rolecall::new().config(&scan_config(estate)).run(&["rules", "--format", "json"]);
    let rules: Vec<Value> = serde_json::from_str(&rules.assert_code(0).stdout).unwrap();
    let mut by_call: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in &rules {
        // The ownership controls are always read with an ACL, which stands as it is where they
        // cannot be.
        let companion = |call: &str| {
            call == "s3:GetBucketOwnershipControls" && !rule["needs"].as_array().unwrap().contains(&"ownership_controls".into())
                // The account's settings count with a parameter only.
                || call == "s3control:GetPublicAccessBlock" && rule["id"] == "s3-access-point-public-access-block"
        };
        for call in rule["calls"].as_array().unwrap() {
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
    let mut wrong = Vec::new();
    for (call, rules) in by_call {
        let denied = call.clone();
        let mut faults =
            vec![when(move |request| request.call == denied).denied("User is not authorized.")];
        faults.extend(answers(estate));
        let proxy = Proxy::to(estate.address, faults);
        let program = program_at(&proxy, estate);
        let only: Vec<&str> = rules.iter().map(String::as_str).collect();
        let only = only.join(",");
        let ended =
            program.run(&["scan", "--account", account, "--rule", &only, "-o", "json=r.json"]);
        if ended.code != 3 {
            wrong.push(format!("without {call} the exit code is {}", ended.code));
        }
        let found = Verdicts::of_report(&program.json("r.json"));
        for rule in &rules {
            let said = found.only(|_, _, evaluated, _| evaluated == rule);
            let unknown = said.0.values().filter(|verdict| *verdict == "unknown").count();
            if unknown == 0 && !OPTIONAL.contains(&(rule.as_str(), call.as_str())) {
                wrong.push(format!("{rule} without {call}: nothing is unknown"));
            }
            for (about, verdict) in said.0.iter().filter(|(_, verdict)| *verdict != "unknown") {
                let settled = SETTLED_ELSEWHERE.contains(&call.as_str())
                    && estate.truth.0.get(about) == Some(verdict);
                if !settled {
                    wrong.push(format!("{about:?} without {call}: {verdict}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
