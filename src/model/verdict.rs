//! The verdict of a rule on a resource.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of one rule for one resource. The order is that of reports: what needs attention comes
/// first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The resource violates the rule.
    Fail,
    /// The rule itself failed: it raised an error or returned no verdict.
    Error,
    /// A fact that the rule needs could not be read, or the facts do not say what the rule needs.
    Unknown,
    /// The resource complies with the rule.
    Pass,
    /// The rule does not apply to this resource.
    Skip,
}

impl Verdict {
    /// All verdicts, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Error, Self::Unknown, Self::Pass, Self::Skip];

    /// The name in test cases and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::Skip => "skip",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
