//! `rolecall doctor`: each defect that would make a scan fail is found, named, and decides the exit
//! code.

#[cfg(feature = "aws")]
mod access;
#[cfg(feature = "aws")]
mod credentials;
mod local;

use serde_json::Value;

use crate::history::validate;

/// A parsed and validated result.
struct Checks(Vec<Value>);

impl Checks {
    #[track_caller]
    fn of(stdout: &str) -> Self {
        let json: Value = serde_json::from_str(stdout).unwrap_or_else(|_| panic!("{stdout}"));
        validate("doctor/v1.schema.json", &json);
        let checks = json["checks"].as_array().unwrap().clone();
        for status in ["ok", "warning", "failed", "not_checked"] {
            let count = checks.iter().filter(|check| check["status"] == status).count();
            assert_eq!(json["summary"][status], count, "{status}");
        }
        for check in &checks {
            // A check that is not in order says what to do.
            assert!(check["status"] == "ok" || check["message"].is_string(), "{check}");
        }
        Self(checks)
    }

    /// The checks with this status in this area.
    fn with(&self, area: &str, status: &str) -> Vec<&Value> {
        let matches = |check: &&Value| check["area"] == area && check["status"] == status;
        self.0.iter().filter(matches).collect()
    }

    /// The only check with this status in this area.
    #[track_caller]
    fn only(&self, area: &str, status: &str) -> &Value {
        let found = self.with(area, status);
        assert_eq!(found.len(), 1, "{area} {status}: {:#?}", self.0);
        found[0]
    }
}

/// Whether the message of a check contains all of these.
#[track_caller]
fn assert_says(check: &Value, words: &[&str]) {
    let message = check["message"].as_str().unwrap_or_default();
    for word in words {
        assert!(message.contains(word), "missing {word} in\n{message}");
    }
}
