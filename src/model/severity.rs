//! The severity of findings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The severity of a rule.
// Sorted as in reports, so `Critical < Info`; `at_least` compares severities.
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
pub enum Severity {
    /// Open to the internet, or a credential is exposed.
    Critical,
    /// One misconfiguration away from critical.
    High,
    /// A safeguard is missing.
    Medium,
    /// Good practice.
    Low,
    /// Worth knowing.
    Info,
}

/// An unknown severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity `{0}`: use `critical`, `high`, `medium`, `low` or `info`")]
pub struct UnknownSeverity(pub String);

impl Severity {
    /// All severities, most severe first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The name in rules, config and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// Whether this is as severe as `threshold` or more severe.
    pub fn at_least(self, threshold: Self) -> bool {
        self <= threshold
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;
    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| UnknownSeverity(super::text::one_line(text, 40)))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
