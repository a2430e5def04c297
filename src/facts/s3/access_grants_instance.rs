//! `s3.access_grants_instance`: S3 Access Grants of a region; an account has one per region at
//! most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.access_grants_instance",
    doc: "The S3 Access Grants instance of a region.",
    scope: Scope::Regional,
    list: &[ApiCall::new("s3control:ListAccessGrantsInstances")
        .paged(1_000)
        .action("s3:ListAccessGrantsInstances")
        .answer("AccessGrantsInstancesList")],
    id: "access_grants_instance_id",
    arn: Some("arn:{partition}:s3:{region}:{account}:access-grants/{id}"),
    name_field: None,
    shape: Shape::of::<ListAccessGrantsInstanceEntry>(),
    facts: &[FactSpec {
        name: "resource_policy",
        doc: "With whom the instance is shared; absent when with nobody.",
        call: ApiCall::new("s3control:GetAccessGrantsInstanceResourcePolicy")
            .action("s3:GetAccessGrantsInstanceResourcePolicy")
            .absent(&["AccessGrantsInstanceResourcePolicyNotExists"]),
        shape: Shape::of::<ResourcePolicy>(),
    }],
};

/// The policy that shares an Access Grants instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourcePolicy {
    /// The policy's JSON, with AWS's own key names. The helpers `policy_statements` and
    /// `public_statements` read it.
    pub document: Value,
    /// The organization that the policy shares the instance with.
    pub organization: Option<String>,
    /// When the policy was made.
    pub created_at: Option<Time>,
}

shape! { access_grants_shapes:
    /// What ListAccessGrantsInstances returns.
    pub struct ListAccessGrantsInstanceEntry {
        /// Its id; S3 calls every one `default`.
        pub access_grants_instance_id: String,
        /// Its ARN.
        pub access_grants_instance_arn: Option<String>,
        /// When it was created.
        pub created_at: Option<Time>,
        /// ARN of the IAM Identity Center instance that it trusts, as older answers name it.
        pub identity_center_arn: Option<String>,
        /// ARN of the IAM Identity Center instance that it trusts.
        pub identity_center_instance_arn: Option<String>,
        /// ARN of its application in IAM Identity Center.
        pub identity_center_application_arn: Option<String>,
    }
}
