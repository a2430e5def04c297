//! What is on disk: rules, and the frameworks and profiles beside them; and which of them run.

pub(crate) mod files;
pub(crate) mod framework;
pub(crate) mod library;
pub(crate) mod load;
pub(crate) mod profile;
pub(crate) mod rule;
pub(crate) mod select;
