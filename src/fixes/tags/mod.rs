//! Actions on the tags of any resource. They change only the keys that they name.

pub(super) mod add;
mod permissions;
pub(super) mod remove;
pub(super) mod set;
mod tag_set;
