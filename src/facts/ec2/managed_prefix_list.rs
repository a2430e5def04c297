//! `ec2.managed_prefix_list`: managed prefix lists: the account's own, shared ones, and AWS-managed
//! ones.

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.managed_prefix_list",
    doc: "A managed prefix list, owned by the account, shared with it, or managed by AWS.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeManagedPrefixLists")
        .paged(100)
        .answer("PrefixLists")
        .always(&["owner_id", "prefix_list_arn"])],
    id: "prefix_list_id",
    // AWS-managed lists have `aws` instead of the account.
    arn: Some("{prefix_list_arn}"),
    name_field: Some("prefix_list_name"),
    shape: Shape::of::<ManagedPrefixList>(),
    facts: &[FactSpec {
        name: "entries",
        // AWS-managed lists are the same in all accounts of a region; there are about twenty of
        // them.
        doc: "The entries of the prefix list.",
        call: ApiCall::new("ec2:GetManagedPrefixListEntries").paged(100).always(&["cidr"]),
        shape: Shape::of::<Vec<PrefixListEntry>>(),
    }],
};

shape! { managed_prefix_list_shapes:
    /// What DescribeManagedPrefixLists returns.
    pub struct ManagedPrefixList {
        /// The list's id.
        pub prefix_list_id: String,
        /// The prefix list's name.
        pub prefix_list_name: Option<String>,
        /// The prefix list's ARN.
        pub prefix_list_arn: Option<String>,
        /// The account that owns the prefix list, or `AWS`.
        pub owner_id: Option<String>,
        /// The address family: `IPv4` or `IPv6`.
        pub address_family: Option<String>,
        /// `create-complete`, `modify-in-progress`, `delete-failed`, …
        pub state: Option<String>,
        /// A message about the state.
        pub state_message: Option<String>,
        /// The maximum number of entries; absent for AWS-managed lists.
        pub max_entries: Option<i64>,
        /// The version; absent for AWS-managed lists.
        pub version: Option<i64>,
        /// Whether an IPAM prefix list resolver keeps the entries in sync.
        pub ipam_prefix_list_resolver_sync_enabled: Option<bool>,
        /// The prefix list's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One entry of a prefix list.
    pub struct PrefixListEntry {
        /// The range in CIDR notation.
        pub cidr: Option<String>,
        /// The description (untrusted text).
        pub description: Option<String>,
    }
}
