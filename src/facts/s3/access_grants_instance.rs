//! `s3.access_grants_instance`: S3 Access Grants instances; an account has at most one per region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::facts::time::Time;

/// The entry in the table of kinds.
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
        doc: "The resource policy that shares the instance with other accounts; absent if it is not shared.",
        call: ApiCall::new("s3control:GetAccessGrantsInstanceResourcePolicy")
            .action("s3:GetAccessGrantsInstanceResourcePolicy")
            .absent(&["AccessGrantsInstanceResourcePolicyNotExists"]),
        shape: Shape::of::<ResourcePolicy>(),
    }],
};

/// The policy that shares an Access Grants instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourcePolicy {
    /// The JSON of the policy, with AWS's key names. Use the helpers `policy_statements` and
    /// `public_statements` to read it.
    pub document: Value,
    /// The organization that the instance is shared with.
    pub organization: Option<String>,
    /// When the policy was created.
    pub created_at: Option<Time>,
}

shape! { access_grants_shapes:
    /// What ListAccessGrantsInstances returns.
    pub struct ListAccessGrantsInstanceEntry {
        /// The id; always `default`.
        pub access_grants_instance_id: String,
        /// The instance's ARN.
        pub access_grants_instance_arn: Option<String>,
        /// When the instance was created.
        pub created_at: Option<Time>,
        /// The ARN of the associated IAM Identity Center instance, in older responses (deprecated
        /// by AWS).
        pub identity_center_arn: Option<String>,
        /// The ARN of the associated IAM Identity Center instance.
        pub identity_center_instance_arn: Option<String>,
        /// The ARN of the associated IAM Identity Center application.
        pub identity_center_application_arn: Option<String>,
    }
}
