//! A verdict as a script value.

use serde_json::Value;

use crate::model::Verdict;

/// What `pass()`, `fail(…)`, `skip(…)` and `unknown(…)` return.
#[derive(Clone)]
pub(crate) struct VerdictValue {
    pub(crate) verdict: Verdict,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Value>,
}
