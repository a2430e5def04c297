//! `ec2.ipam_scope`: IPAM scopes.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.ipam_scope",
    doc: "A scope of Amazon VPC IP Address Manager (IPAM); listed in the home region of its IPAM.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeIpamScopes").paged(1_000)],
    id: "ipam_scope_id",
    // An IPAM operates in several regions, so its ARNs have no region.
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
        /// The scope's ARN.
        pub ipam_scope_arn: Option<String>,
        /// The ARN of the IPAM that the scope belongs to.
        pub ipam_arn: Option<String>,
        /// The home region of the IPAM.
        pub ipam_region: Option<String>,
        /// The account that owns the scope.
        pub owner_id: Option<String>,
        /// `public` or `private`.
        pub ipam_scope_type: Option<String>,
        /// Whether the scope is a default scope of the IPAM.
        pub is_default: Option<bool>,
        /// The description set by the scope's owner.
        pub description: Option<String>,
        /// The number of pools in the scope.
        pub pool_count: Option<i64>,
        /// `create-complete`, `modify-complete`, …
        pub state: Option<String>,
        /// The external authority that manages the scope.
        pub external_authority_configuration: Option<IpamScopeExternalAuthorityConfiguration>,
        /// The scope's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// An external authority that manages a scope.
    pub struct IpamScopeExternalAuthorityConfiguration {
        /// `infoblox`.
        pub r#type: Option<String>,
        /// The identifier of the scope in the external system.
        pub external_resource_identifier: Option<String>,
    }
}
