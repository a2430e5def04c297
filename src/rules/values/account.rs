//! The facts of one account, for evaluation.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::{Kind, Scope};
use crate::model::{AccountId, Cause, Partition, Region, TagRequirements, Trust};
use crate::rules::values::resources::Resources;

/// Everything that evaluation knows about one account.
pub struct AccountFacts {
    /// The account.
    pub account: AccountId,
    /// Its name, in the config or the organization.
    pub name: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its partition.
    pub partition: Partition,
    /// The time of collection, RFC 3339: `now()` for rules.
    pub now: String,
    /// The `[trust]` settings.
    pub trust: Arc<Trust>,
    /// The `[[tags.require]]` settings.
    pub required_tags: Arc<TagRequirements>,
    /// Its resources, normalized, sorted by kind, region and id.
    pub resources: Resources,
    /// Why the list of a kind in a region is missing; `None` if it is not.
    pub list_gap: ListGap,
}

/// Returns why the list of a kind in a region is missing, if it is.
pub type ListGap = Box<dyn Fn(&str, &Region) -> Option<Cause> + Send + Sync>;

/// The region in which a kind is looked up from a resource in `region`.
pub(crate) fn reach(kind: &Kind, region: &Region) -> Region {
    match kind.scope {
        Scope::Global | Scope::Account => Region::global(),
        Scope::Regional => region.clone(),
    }
}
