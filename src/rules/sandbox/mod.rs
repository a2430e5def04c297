//! The sandbox that runs rules: evaluation with all limits, and tracing.

pub(crate) mod definitions;
#[cfg(test)]
mod error_table;
mod errors;
pub(crate) mod evaluation;
pub(crate) mod fixing;
#[cfg(test)]
mod hostile;
mod locate;
mod operands;
pub(crate) mod outcome;
pub(crate) mod statements;
pub(crate) mod tracer;
