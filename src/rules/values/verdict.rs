//! A verdict while it is a script value.

use serde_json::Value;

use crate::model::Verdict;

/// What `pass()`, `fail(…)` and `skip(…)` make.
#[derive(Clone)]
pub(crate) struct VerdictValue {
    pub(crate) verdict: Verdict,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Value>,
}
