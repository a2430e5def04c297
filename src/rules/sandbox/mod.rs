//! The sandbox that runs rules: evaluation with all limits, and tracing.

pub(crate) mod definitions;
pub(crate) mod evaluation;
pub(crate) mod outcome;
pub(crate) mod statements;
pub(crate) mod tracer;
