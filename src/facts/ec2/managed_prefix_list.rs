//! `ec2.managed_prefix_list`: named lists of address ranges: the account's own, shared ones, and
//! AWS's.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.managed_prefix_list",
    doc: "A managed prefix list of the account, of another account that shares it, or of AWS.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeManagedPrefixLists").paged(100).answer("PrefixLists")],
    id: "prefix_list_id",
    // AWS's own lists have `aws` in the place of the account.
    arn: Some("{prefix_list_arn}"),
    name_field: Some("prefix_list_name"),
    shape: Shape::of::<ManagedPrefixList>(),
    facts: &[FactSpec {
        name: "entries",
        // They are the same in every account of a region, and there are about twenty of them.
        doc: "The ranges, as a list.",
        call: ApiCall::new("ec2:GetManagedPrefixListEntries").paged(100),
        shape: Shape::of::<Vec<PrefixListEntry>>(),
    }],
};

shape! { managed_prefix_list_shapes:
    /// What DescribeManagedPrefixLists returns.
    pub struct ManagedPrefixList {
        /// The list's id.
        pub prefix_list_id: String,
        /// Its name.
        pub prefix_list_name: Option<String>,
        /// Its ARN.
        pub prefix_list_arn: Option<String>,
        /// The account that owns it, or `AWS`.
        pub owner_id: Option<String>,
        /// `IPv4` or `IPv6`.
        pub address_family: Option<String>,
        /// `create-complete`, `modify-in-progress`, `delete-failed`, …
        pub state: Option<String>,
        /// More about the state.
        pub state_message: Option<String>,
        /// How many entries it may have; absent for AWS's lists.
        pub max_entries: Option<i64>,
        /// Its version; absent for AWS's lists.
        pub version: Option<i64>,
        /// Whether IPAM keeps the entries up to date.
        pub ipam_prefix_list_resolver_sync_enabled: Option<bool>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One entry of a prefix list.
    pub struct PrefixListEntry {
        /// The range in CIDR notation.
        pub cidr: Option<String>,
        /// Untrusted text.
        pub description: Option<String>,
    }
}
