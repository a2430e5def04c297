//! Evaluation turns facts and rules into findings. It is a pure function of the snapshot, the rules
//! and the settings: no network, no clock.
//!
//! Accounts, and parts of large ones, are evaluated concurrently, each thread with its own sandbox, and
//! returned in sorted order, so that the report does not depend on the number of threads. Only as many
//! accounts as there are threads are in memory.

mod account;
mod demand;
mod evaluation;
mod placing;
mod pool;
mod run;
mod run_info;
mod trace;

pub use account::Evaluator;
pub use demand::{TAGS, demand, fix_demand, tags_demand};
pub use evaluation::{EvaluateError, Evaluation};
pub use pool::{EvaluationObserver, Work, WorkKind};
pub use run_info::{run_info, with_frameworks};
pub use trace::{TraceError, Traced, Watched};
