//! A model of GitHub code scanning: which alerts are open after each upload.
//!
//! It keeps alerts as GitHub's documentation describes it: an alert is identified by category, rule,
//! path and fingerprint; an upload replaces the results of its category, and alerts that are missing
//! from it are closed as fixed. At most 5,000 results of a run are stored, the most severe first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// How many results of a run are stored.
pub const STORED_RESULTS: usize = 5_000;

/// The identity of an alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertKey {
    /// The category of its upload.
    pub category: String,
    /// Its rule.
    pub rule: String,
    /// The path of its location.
    pub path: String,
    /// Its `primaryLocationLineHash`.
    pub fingerprint: String,
}

/// A repository's code scanning.
#[derive(Debug, Default)]
pub struct CodeScanning {
    /// Open alerts, with the level of the last result.
    pub open: BTreeMap<AlertKey, String>,
    /// How often an alert was opened.
    pub opened: usize,
}

/// What an upload changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// Alerts that were closed as fixed.
    pub closed: BTreeSet<AlertKey>,
    /// The categories of the upload.
    pub categories: BTreeSet<String>,
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, String> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer}"))
}

impl CodeScanning {
    /// Processes an upload; an error is what GitHub would reject.
    pub fn upload(&mut self, sarif: &Value) -> Result<Changes, String> {
        let runs = sarif.get("runs").and_then(Value::as_array).ok_or("no runs")?;
        if runs.len() > 20 {
            return Err(format!("{} runs", runs.len()));
        }
        let mut changes = Changes::default();
        for run in runs {
            let id = text(run, "/automationDetails/id")?;
            let category = id.rsplit_once('/').map_or("", |(category, _)| category).to_owned();
            if !changes.categories.insert(category.clone()) {
                return Err(format!("two runs of the category {category}"));
            }
            if run.pointer("/invocations/0/executionSuccessful") == Some(&Value::Bool(false)) {
                return Err("the run was not successful".to_owned());
            }
            let results = run.get("results").and_then(Value::as_array).ok_or("no results")?;
            if results.len() > 25_000 {
                return Err(format!("{} results", results.len()));
            }
            let severity = |result: &Value| -> f64 {
                let index = result.get("ruleIndex").and_then(Value::as_u64).unwrap_or_default();
                let rule = format!("/tool/driver/rules/{index}/properties/security-severity");
                let score = run.pointer(&rule).and_then(Value::as_str);
                score.and_then(|score| score.parse().ok()).unwrap_or_default()
            };
            let mut stored: Vec<&Value> = results.iter().collect();
            stored.sort_by(|a, b| severity(b).total_cmp(&severity(a)));
            let mut now = BTreeMap::new();
            for result in stored.into_iter().take(STORED_RESULTS) {
                let location = "/locations/0/physicalLocation/artifactLocation/uri";
                let key = AlertKey {
                    category: category.clone(),
                    rule: text(result, "/ruleId")?.to_owned(),
                    path: text(result, location)?.to_owned(),
                    fingerprint: text(result, "/partialFingerprints/primaryLocationLineHash")?
                        .to_owned(),
                };
                now.insert(key, text(result, "/level")?.to_owned());
            }
            let before: BTreeSet<AlertKey> =
                self.open.keys().filter(|key| key.category == category).cloned().collect();
            for gone in before.iter().filter(|key| !now.contains_key(key)) {
                self.open.remove(gone);
                changes.closed.insert(gone.clone());
            }
            self.opened += now.keys().filter(|key| !before.contains(key)).count();
            self.open.extend(now);
        }
        Ok(changes)
    }
}
