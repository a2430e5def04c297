//! Facts as script values, and the record of which of them a rule reads.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod budget;
pub(crate) mod context;
pub(crate) mod current;
pub(crate) mod evidence;
pub(crate) mod fix;
mod hidden;
pub(crate) mod index;
pub(crate) mod interrupt;
pub(crate) mod json;
pub(crate) mod object;
pub(crate) mod recorder;
pub(crate) mod references;
pub(crate) mod resources;
pub(crate) mod tracking;
pub(crate) mod verdict;
pub(crate) mod view;
