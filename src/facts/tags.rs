//! Tags, as rules see them.

use std::collections::BTreeMap;

/// Tag keys and values. AWS returns a list; since keys are unique, rules get a map: `tags.Owner`,
/// `"Owner" in tags`.
pub type Tags = BTreeMap<String, String>;
