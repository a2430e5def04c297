//! Wording that all formats share.

use crate::facts::{ApiCall, Kind, Scope};

/// The scope of a resource type, in words.
pub(super) fn scope(kind: &Kind) -> &'static str {
    match kind.scope {
        Scope::Global => "account",
        Scope::Regional => "region",
    }
}

/// The call with its IAM action.
pub(super) fn call(call: &ApiCall) -> String {
    let action = if call.name == call.action { "of the same name" } else { call.action };
    format!("{} (IAM action {action})", call.name)
}
