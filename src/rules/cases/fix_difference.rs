//! How the fix of a failing case differs, in words.

use serde_json::Value;

use super::expected_fix::ExpectedFix;
use crate::fixes::Action;
use crate::model::Verdict;
use crate::rules::sandbox::fixing::FixOutcome;
use crate::rules::sandbox::outcome::RuleOutcome;
use crate::rules::values::recorder::Read;

/// How the fix of a failing case differs.
#[derive(Debug, Clone)]
pub enum FixDifference {
    /// `fix` returns something else.
    Outcome {
        /// What it returns.
        got: FixOutcome,
        /// What the case expects, if it expects something.
        expected: Option<ExpectedFix>,
        /// What the function read.
        reads: Vec<Read>,
        /// How many more values it read.
        left_out: usize,
    },
    /// One of its actions is not possible.
    Refused {
        /// The action.
        action: Action,
        /// Why not.
        reason: String,
    },
    /// The verdict after its actions is another one.
    After {
        /// The actions.
        actions: Vec<Action>,
        /// The verdict.
        got: RuleOutcome,
        /// The expected verdict.
        expected: Verdict,
    },
}

/// A fix in words: the class with the reason, then a line for each action.
fn described(class: &str, reason: &str, actions: &[Action]) -> Vec<String> {
    let class = match class {
        "by_hand" => "by hand".to_owned(),
        class => format!("{class} fix"),
    };
    let first = if reason.is_empty() { class } else { format!("{class}: {reason}") };
    let actions = actions.iter().map(|action| format!("{action:?}"));
    std::iter::once(first).chain(actions).collect()
}

impl FixOutcome {
    /// In words: the class with the reason, then a line for each action.
    pub fn described(&self) -> Vec<String> {
        match self {
            Self::None => vec!["no fix".to_owned()],
            Self::Proposed { class, reason, actions } => described(class.as_str(), reason, actions),
            Self::Unknown(causes) => {
                let causes: Vec<String> = causes.iter().map(ToString::to_string).collect();
                described("unknown", &causes.join("; "), &[])
            }
            Self::Error(message) => vec![format!("error in `fix`: {message}")],
        }
    }
}

impl FixDifference {
    /// What `fix` read, and how many more values it read.
    pub fn reads(&self) -> (&[Read], usize) {
        match self {
            Self::Outcome { reads, left_out, .. } => (reads, *left_out),
            Self::Refused { .. } | Self::After { .. } => (&[], 0),
        }
    }

    /// The evidence of the verdict after the fix.
    pub fn evidence(&self) -> &[Value] {
        match self {
            Self::After { got, .. } => &got.evidence,
            Self::Outcome { .. } | Self::Refused { .. } => &[],
        }
    }

    /// What the case expects, in words.
    pub fn expected(&self) -> Vec<String> {
        match self {
            Self::Outcome { expected: Some(fix), .. } => {
                let reason = fix.reason.as_deref().unwrap_or_default();
                described(fix.class.as_str(), reason, &fix.actions())
            }
            Self::Outcome { expected: None, .. } => vec!["a fix without an error".to_owned()],
            Self::Refused { action, .. } => vec![format!("{action:?}")],
            Self::After { expected, .. } => vec![format!("{expected} after the fix")],
        }
    }

    /// What happened, in words.
    pub fn got(&self) -> Vec<String> {
        match self {
            Self::Outcome { got, .. } => got.described(),
            Self::Refused { reason, .. } => vec![format!("the action is not possible: {reason}")],
            Self::After { actions, got, .. } => {
                let mut first = format!("{} after the fix", got.verdict);
                if !got.message.is_empty() {
                    first = format!("{first}: {}", got.message);
                }
                let actions = actions.iter().map(|action| format!("{action:?}"));
                std::iter::once(first).chain(actions).collect()
            }
        }
    }
}
