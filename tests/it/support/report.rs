//! Reports as maps, so that two reports, or a report and the expected verdicts, can be compared
//! verdict by verdict.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

/// What a verdict is about: account, region, rule, and the resource's id; `*` for a list that is
/// unknown.
pub type About = (String, String, String, String);

/// Verdicts, by what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts(pub BTreeMap<About, String>);

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}")).iter()
}

impl Verdicts {
    /// From the list that `seed.py` prints.
    pub fn of_truth(truth: &Value) -> Self {
        let mut all = Self::default();
        for said in items(truth) {
            let [account, region, rule, resource] =
                ["account", "region", "rule", "resource"].map(|key| text(&said[key]));
            all.insert((account, region, rule, resource), text(&said["verdict"]));
        }
        all
    }

    /// From a JSON report, version 1.
    pub fn of_report(report: &Value) -> Self {
        let mut all = Self::default();
        for account in items(&report["accounts"]) {
            for finding in items(&account["findings"]) {
                let resource = &finding["resource"];
                let id = resource["id"].as_str().unwrap_or("*").to_owned();
                let about = (
                    text(&account["account"]),
                    text(&resource["region"]),
                    text(&finding["rule"]),
                    id,
                );
                all.insert(about, text(&finding["verdict"]));
            }
        }
        all
    }

    fn insert(&mut self, about: About, verdict: String) {
        if let Some(before) = self.0.insert(about.clone(), verdict) {
            panic!("two verdicts on {about:?}, one of them {before}");
        }
    }

    /// Those that `wanted` accepts.
    pub fn only(&self, wanted: impl Fn(&str, &str, &str, &str) -> bool) -> Self {
        let wanted = |(account, region, rule, id): &About| wanted(account, region, rule, id);
        Self(
            self.0
                .iter()
                .filter(|(about, _)| wanted(about))
                .map(|(about, verdict)| (about.clone(), verdict.clone()))
                .collect(),
        )
    }

    /// With another verdict for those that `wanted` accepts, at least one.
    pub fn but(mut self, verdict: &str, wanted: impl Fn(&str, &str, &str, &str) -> bool) -> Self {
        let mut changed = 0;
        for ((account, region, rule, id), old) in &mut self.0 {
            if wanted(account, region, rule, id) {
                verdict.clone_into(old);
                changed += 1;
            }
        }
        assert!(changed > 0, "nothing was changed");
        self
    }

    /// With `unknown` instead of everything that a rule would report for an account and region
    /// whose resources are unknown.
    pub fn list_unknown(self, account: &str, region: &str, rule: &str) -> Self {
        let mut rest = self.only(|a, r, ru, _| (a, r, ru) != (account, region, rule));
        rest.insert(
            (account.to_owned(), region.to_owned(), rule.to_owned(), "*".to_owned()),
            "unknown".to_owned(),
        );
        rest
    }

    /// With `unknown` instead of everything that any rule would report for an account.
    pub fn account_unknown(self, account: &str) -> Self {
        let rules = self.rules();
        let rest = self.only(|a, _, _, _| a != account);
        rules.iter().fold(rest, |rest, rule| rest.list_unknown(account, "global", rule))
    }

    /// The rules that have verdicts.
    pub fn rules(&self) -> Vec<String> {
        let mut rules: Vec<String> = self.0.keys().map(|(_, _, rule, _)| rule.clone()).collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// Fails with the differences only, since the whole is too long to read.
    #[track_caller]
    pub fn assert_is(&self, expected: &Self) {
        let mut differences = String::new();
        for (about, verdict) in &expected.0 {
            match self.0.get(about) {
                Some(found) if found == verdict => {}
                found => writeln!(differences, "{about:?}: {found:?}, expected {verdict}").unwrap(),
            }
        }
        for (about, verdict) in self.0.iter().filter(|(about, _)| !expected.0.contains_key(about)) {
            writeln!(differences, "{about:?}: {verdict}, expected nothing").unwrap();
        }
        assert!(differences.is_empty(), "\n{differences}");
    }
}

/// The gaps of a report, each as `account region call code extent`, sorted, including duplicates;
/// the second value is whether the gap is accepted.
pub fn gaps(report: &Value) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    for account in items(&report["accounts"]) {
        for gap in items(&account["gaps"]) {
            let extent = &gap["unknown"];
            let extent = match text(&extent["of"]).as_str() {
                "list" => format!("list of {}", text(&extent["kind"])),
                "facts" => {
                    let resources: Vec<String> = items(&extent["resources"]).map(text).collect();
                    format!(
                        "{}/{} of {}",
                        text(&extent["kind"]),
                        text(&extent["fact"]),
                        resources.join(" ")
                    )
                }
                other => other.to_owned(),
            };
            let [region, call, code] = ["region", "call", "code"].map(|key| text(&gap[key]));
            all.push((
                format!("{} {region} {call} {code} {extent}", text(&account["account"])),
                !gap["accepted"].is_null(),
            ));
        }
    }
    all.sort();
    all
}

/// The runs of a SARIF file, by account.
pub fn sarif_runs(sarif: &Value) -> BTreeMap<String, &Value> {
    let account = |run: &Value| {
        let category = run["automationDetails"]["id"].as_str().unwrap().to_owned();
        let account = category.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 12);
        account.unwrap_or_else(|| panic!("no account in {category}")).to_owned()
    };
    sarif["runs"].as_array().unwrap().iter().map(|run| (account(run), run)).collect()
}
