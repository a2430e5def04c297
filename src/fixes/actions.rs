//! The table of actions.

use super::s3;
use super::spec::ActionSpec;
use crate::model::did_you_mean;

/// Every action, sorted by name.
pub static ACTIONS: &[&ActionSpec] =
    &[&s3::bucket_block_public_access::SPEC, &s3::bucket_set_public_access_block::SPEC];

/// The action of that name.
pub fn action(name: &str) -> Option<&'static ActionSpec> {
    ACTIONS.iter().copied().find(|action| action.name == name)
}

/// The most similar name of an action, for a typo.
pub fn suggest_action(wrong: &str) -> Option<&'static str> {
    did_you_mean(wrong, ACTIONS.iter().map(|action| action.name))
}
