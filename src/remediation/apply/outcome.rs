//! What became of an item.

use serde::{Deserialize, Serialize};

use crate::fixes::Facts;
use crate::model::Cause;

/// The end of an item, as the journal records it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Changed, and verified.
    Done {
        /// The state that was read back.
        left: Facts,
    },
    /// It was so already; nothing was sent.
    Already {
        /// The state that was read.
        left: Facts,
    },
    /// AWS accepted the change, but it did not become visible in time.
    NotVerified {
        /// The state that was read last.
        present: Facts,
    },
    /// It is not what the plan was made for; nothing was sent.
    Changed {
        /// The difference, in words.
        difference: String,
    },
    /// A policy denied the change; nothing was changed.
    Denied {
        /// The call, and the type of policy.
        cause: Cause,
    },
    /// It failed for another reason; nothing was changed.
    Failed {
        /// The reason.
        cause: Cause,
    },
    /// An earlier run was interrupted before the change, so nothing was changed. Plan again.
    Interrupted {},
    /// The state before could not be read; nothing was sent.
    Unread {
        /// The reason.
        cause: Cause,
    },
    /// Sent, but it is not known whether it was carried out.
    Unknown {
        /// The reason.
        cause: Cause,
    },
}

impl Outcome {
    /// `done`, `already so`, `not verified`, …
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Already { .. } => "already so",
            Self::NotVerified { .. } => "not verified",
            Self::Changed { .. } => "changed meanwhile",
            Self::Denied { .. } => "denied",
            Self::Failed { .. } => "failed",
            Self::Interrupted {} => "interrupted",
            Self::Unread { .. } => "not read",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether the state is what the plan wants.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Already { .. })
    }

    /// Whether it is an error that the error budget counts. That a policy denies a change, or that
    /// somebody else made one, is nothing unexpected.
    pub fn is_unexpected(&self) -> bool {
        matches!(
            self,
            Self::NotVerified { .. }
                | Self::Failed { .. }
                | Self::Unread { .. }
                | Self::Unknown { .. }
        )
    }

    /// Whether it is not known if the state is what the plan wants.
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::NotVerified { .. } | Self::Unread { .. } | Self::Unknown { .. })
    }
}

/// The end of an item in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemEnd {
    /// With this outcome, which the journal has.
    Ended(Outcome),
    /// It was not begun, for this reason, and the same command can begin it later.
    NotBegun(String),
}

impl ItemEnd {
    /// Its outcome, if it has one.
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Ended(outcome) => Some(outcome),
            Self::NotBegun(_) => None,
        }
    }
}
