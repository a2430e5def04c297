//! What a script may be: the part of Rhai that rules use, its restrictions, and the metadata and
//! prose at the head of a rule.

pub(crate) mod draft;
pub(crate) mod engine;
pub(crate) mod flow;
pub(crate) mod ids;
pub(crate) mod meta;
pub(crate) mod prose;
pub(crate) mod restrictions;
pub(crate) mod script;
pub(crate) mod source;
pub(crate) mod syntax;
