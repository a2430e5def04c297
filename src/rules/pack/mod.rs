//! Packs: loading rules, frameworks and profiles, and selecting the rules to run; topics of rules, and
//! comparisons with other tools.

pub(crate) mod comparison;
pub(crate) mod files;
pub(crate) mod framework;
pub(crate) mod library;
pub(crate) mod load;
pub(crate) mod overrides;
pub(crate) mod profile;
pub(crate) mod rule;
pub(crate) mod select;
pub(crate) mod templates;
pub(crate) mod topics;
