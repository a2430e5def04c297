//! `ec2.ipam_scope`: scopes of the IP address manager.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.ipam_scope",
    doc: "A scope of the VPC IP Address Manager; listed in the region where its IPAM is.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeIpamScopes").paged(1_000)],
    id: "ipam_scope_id",
    // An IPAM works in many regions, and its ARNs name none.
    arn: Some("arn:{partition}:ec2::{account}:ipam-scope/{id}"),
    name_field: None,
    shape: Shape::of::<IpamScope>(),
    facts: &[],
};

shape! { ipam_scope_shapes:
    /// What DescribeIpamScopes returns.
    pub struct IpamScope {
        /// The scope's id.
        pub ipam_scope_id: String,
        /// Its ARN.
        pub ipam_scope_arn: Option<String>,
        /// The IPAM it belongs to.
        pub ipam_arn: Option<String>,
        /// The region of the IPAM.
        pub ipam_region: Option<String>,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// `public` or `private`.
        pub ipam_scope_type: Option<String>,
        /// Whether it came with the IPAM.
        pub is_default: Option<bool>,
        /// What its owner wrote about it.
        pub description: Option<String>,
        /// How many pools it has.
        pub pool_count: Option<i64>,
        /// `create-complete`, `modify-complete`, …
        pub state: Option<String>,
        /// The system outside AWS that manages it, if any.
        pub external_authority_configuration: Option<IpamScopeExternalAuthorityConfiguration>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A system outside AWS that manages a scope.
    pub struct IpamScopeExternalAuthorityConfiguration {
        /// `infoblox`.
        pub r#type: Option<String>,
        /// What the scope is called there.
        pub external_resource_identifier: Option<String>,
    }
}
