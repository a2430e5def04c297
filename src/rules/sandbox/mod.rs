//! The sandbox that runs rules: evaluation with all limits, and tracing.

pub(crate) mod definitions;
mod division;
#[cfg(test)]
mod error_table;
mod errors;
pub(crate) mod evaluation;
mod operands;
pub(crate) mod outcome;
pub(crate) mod statements;
pub(crate) mod tracer;
