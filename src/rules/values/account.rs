//! What evaluation knows of one account.

use std::sync::Arc;

use crate::facts::{Kind, Scope};
use crate::model::{AccountId, Cause, Partition, Region, Trust};
use crate::rules::values::resources::Resources;

/// Everything that evaluation knows of one account.
pub struct AccountFacts {
    /// The account.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The time of collection, RFC 3339: `now()` for rules.
    pub now: String,
    /// Whom the site trusts.
    pub trust: Arc<Trust>,
    /// Its resources, in normal form, sorted by kind, region and id.
    pub resources: Resources,
    /// Why the list of a kind in a region is not known; `None` when it is.
    pub list_gap: ListGap,
}

/// Tells why the list of a kind in a region is not known, if it is not.
pub type ListGap = Box<dyn Fn(&str, &Region) -> Option<Cause>>;

/// Where a kind is found from a resource in `region`.
pub(crate) fn reach(kind: &Kind, region: &Region) -> Region {
    match kind.scope {
        Scope::Global => Region::global(),
        Scope::Regional => region.clone(),
    }
}
