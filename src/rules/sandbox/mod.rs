//! The one engine that runs rules: evaluation with every limit set, and tracing.

pub(crate) mod definitions;
pub(crate) mod evaluation;
pub(crate) mod outcome;
pub(crate) mod statements;
pub(crate) mod tracer;
