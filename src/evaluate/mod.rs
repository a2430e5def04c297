//! Evaluation: facts and rules to findings. A pure function of (snapshot, rules, settings): no
//! network, no clock.
//!
//! Accounts are evaluated concurrently, each thread with its own sandbox, and handed on in sorted
//! order, so that the same snapshot gives the same report whatever the number of threads; only as
//! many accounts as there are threads are in memory.

mod account;
mod evaluation;
mod run;
mod run_info;
mod trace;

pub use account::{AccountEvaluation, Evaluator};
pub use evaluation::{EvaluateError, Evaluation};
pub use run_info::{run_info, with_frameworks};
pub use trace::{TraceError, Traced, Watched};
