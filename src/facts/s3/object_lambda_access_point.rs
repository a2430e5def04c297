//! `s3.object_lambda_access_point`: access points that pass objects through a Lambda function. AWS
//! offers them to accounts that used them before November 2025 only; what it answers to others is
//! theirs to explain, and a gap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Settling, Shape};
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.object_lambda_access_point",
    doc: "An Object Lambda Access Point.",
    scope: Scope::Regional,
    list: &[ApiCall::new("s3control:ListAccessPointsForObjectLambda")
        .paged(1_000)
        .action("s3:ListAccessPointsForObjectLambda")
        .answer("ObjectLambdaAccessPointList")],
    id: "name",
    arn: Some("arn:{partition}:s3-object-lambda:{region}:{account}:accesspoint/{id}"),
    name_field: None,
    shape: Shape::of::<ObjectLambdaAccessPoint>(),
    facts: &[
        FactSpec {
            name: "configuration",
            doc: "The access point behind it, and the functions that objects pass.",
            call: ApiCall::new("s3control:GetAccessPointConfigurationForObjectLambda")
                .action("s3:GetAccessPointConfigurationForObjectLambda")
                .answer("Configuration"),
            shape: Shape::of::<ObjectLambdaConfiguration>(),
        },
        FactSpec {
            name: "details",
            doc: "Its Block Public Access, and what the list leaves out.",
            call: ApiCall::new("s3control:GetAccessPointForObjectLambda")
                .action("s3:GetAccessPointForObjectLambda"),
            shape: Shape::of::<ObjectLambdaAccessPointDetails>(),
        },
        FactSpec {
            name: "policy",
            doc: "Its policy; absent when there is none.",
            call: ApiCall::new("s3control:GetAccessPointPolicyForObjectLambda")
                .action("s3:GetAccessPointPolicyForObjectLambda")
                .absent(&["NoSuchAccessPointPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 itself calls its policy public; absent when there is no policy.",
            call: ApiCall::new("s3control:GetAccessPointPolicyStatusForObjectLambda")
                .settled_by(Settling::BY_POLICY)
                .action("s3:GetAccessPointPolicyStatusForObjectLambda")
                .absent(&["NoSuchAccessPointPolicy"])
                .answer("PolicyStatus"),
            shape: Shape::of::<PolicyStatus>(),
        },
    ],
};

/// What GetAccessPointForObjectLambda returns beyond the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectLambdaAccessPointDetails {
    /// Its Block Public Access.
    pub public_access_block_configuration: Option<PublicAccessBlock>,
    /// When it was created.
    pub creation_date: Option<Time>,
}

/// What a function is called with is left out: it is free text, and secrets have been seen there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsLambdaTransformation {
    /// ARN of the function.
    pub function_arn: String,
    /// Whether the function gets a payload of the configuration's own.
    pub has_function_payload: bool,
}

/// How objects are transformed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectLambdaContentTransformation {
    /// By a Lambda function.
    pub aws_lambda: Option<AwsLambdaTransformation>,
}

shape! { object_lambda_shapes:
    /// What ListAccessPointsForObjectLambda returns.
    pub struct ObjectLambdaAccessPoint {
        /// Its name, unique in the account and region.
        pub name: String,
        /// Its ARN.
        pub object_lambda_access_point_arn: Option<String>,
        /// The name by which it can stand for a bucket.
        pub alias: Option<ObjectLambdaAccessPointAlias>,
    }

    /// The alias of an Object Lambda Access Point.
    pub struct ObjectLambdaAccessPointAlias {
        /// The name itself.
        pub value: Option<String>,
        /// `PROVISIONING` or `READY`.
        pub status: Option<String>,
    }

    /// What it does.
    pub struct ObjectLambdaConfiguration {
        /// ARN of the access point behind it.
        pub supporting_access_point: Option<String>,
        /// Whether it sends metrics to CloudWatch.
        pub cloud_watch_metrics_enabled: Option<bool>,
        /// What callers may use: `GetObject-Range`, `GetObject-PartNumber`, `HeadObject-Range`,
        /// `HeadObject-PartNumber`.
        #[serde(default)]
        pub allowed_features: Vec<String>,
        /// The transformations.
        #[serde(default)]
        pub transformation_configurations: Vec<ObjectLambdaTransformationConfiguration>,
    }

    /// One transformation.
    pub struct ObjectLambdaTransformationConfiguration {
        /// The requests that pass it: `GetObject`, `HeadObject`, `ListObjects`, `ListObjectsV2`.
        #[serde(default)]
        pub actions: Vec<String>,
        /// What happens to them.
        pub content_transformation: Option<ObjectLambdaContentTransformation>,
    }
}
