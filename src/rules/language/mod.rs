//! The rule language: the subset of Rhai that rules can use, its restrictions, and the metadata and
//! documentation at the top of a rule.

pub(crate) mod draft;
mod draft_evidence;
mod draft_fix;
mod draft_limits;
mod draft_variants;
pub(crate) mod engine;
pub(crate) mod fix;
pub(crate) mod flow;
pub(crate) mod ids;
pub(crate) mod limits;
pub(crate) mod meta;
pub(crate) mod needs;
pub(crate) mod param_types;
pub(crate) mod prose;
pub(crate) mod restrictions;
pub(crate) mod script;
pub(crate) mod source;
pub(crate) mod syntax;
pub(crate) mod terraform;
pub(crate) mod variants;
