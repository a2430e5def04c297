//! What `fn fix` returns, and its actions, as script values.

use crate::fixes::{Action, FixClass};

/// What `safe_fix(…)`, `unsafe_fix(…)` and `by_hand(…)` return.
#[derive(Clone)]
pub(crate) struct FixValue {
    pub(crate) class: FixClass,
    /// Why it is not safe; empty for a safe one.
    pub(crate) reason: String,
    pub(crate) actions: Vec<Action>,
}

/// What `action(…)` returns.
#[derive(Clone)]
pub(crate) struct ActionValue(pub(crate) Action);
