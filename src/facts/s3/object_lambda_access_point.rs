//! `s3.object_lambda_access_point`: access points that transform objects with a Lambda function.
//! AWS offers them only to accounts that used them before November 2025; the errors that it returns
//! to other accounts are gaps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Settling, Shape};
use crate::facts::time::Time;

/// The entry in the table of kinds.
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
            doc: "The supporting access point, and the functions that transform objects.",
            call: ApiCall::new("s3control:GetAccessPointConfigurationForObjectLambda")
                .action("s3:GetAccessPointConfigurationForObjectLambda")
                .answer("Configuration"),
            shape: Shape::of::<ObjectLambdaConfiguration>(),
        },
        FactSpec {
            name: "details",
            doc: "The Block Public Access settings of the access point, and other details that the list of access points does not include.",
            call: ApiCall::new("s3control:GetAccessPointForObjectLambda")
                .action("s3:GetAccessPointForObjectLambda"),
            shape: Shape::of::<ObjectLambdaAccessPointDetails>(),
        },
        FactSpec {
            name: "policy",
            doc: "The access point policy; absent if there is none.",
            call: ApiCall::new("s3control:GetAccessPointPolicyForObjectLambda")
                .action("s3:GetAccessPointPolicyForObjectLambda")
                .absent(&["NoSuchAccessPointPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 considers the access point policy public; absent if there is no policy.",
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
    /// The Block Public Access settings.
    pub public_access_block_configuration: Option<PublicAccessBlock>,
    /// When the access point was created.
    pub creation_date: Option<Time>,
}

/// A Lambda function. Its payload is left out, since it is free text that can contain secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsLambdaTransformation {
    /// The ARN of the function.
    pub function_arn: String,
    /// Whether a function payload is configured.
    pub has_function_payload: bool,
}

/// The transformation of objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectLambdaContentTransformation {
    /// The Lambda function.
    pub aws_lambda: Option<AwsLambdaTransformation>,
}

shape! { object_lambda_shapes:
    /// What ListAccessPointsForObjectLambda returns.
    pub struct ObjectLambdaAccessPoint {
        /// The access point's name, unique in the account and region.
        pub name: String,
        /// The access point's ARN.
        pub object_lambda_access_point_arn: Option<String>,
        /// The alias, which can be used instead of a bucket name.
        pub alias: Option<ObjectLambdaAccessPointAlias>,
    }

    /// The alias of an Object Lambda Access Point.
    pub struct ObjectLambdaAccessPointAlias {
        /// The alias.
        pub value: Option<String>,
        /// `PROVISIONING` or `READY`.
        pub status: Option<String>,
    }

    /// The configuration of an Object Lambda Access Point.
    pub struct ObjectLambdaConfiguration {
        /// The ARN of the supporting access point.
        pub supporting_access_point: Option<String>,
        /// Whether CloudWatch metrics are enabled.
        pub cloud_watch_metrics_enabled: Option<bool>,
        /// The features that callers can use: `GetObject-Range`, `GetObject-PartNumber`,
        /// `HeadObject-Range` or `HeadObject-PartNumber`.
        #[serde(default)]
        pub allowed_features: Vec<String>,
        /// The transformations.
        #[serde(default)]
        pub transformation_configurations: Vec<ObjectLambdaTransformationConfiguration>,
    }

    /// One transformation.
    pub struct ObjectLambdaTransformationConfiguration {
        /// The operations that the transformation applies to: `GetObject`, `HeadObject`,
        /// `ListObjects` or `ListObjectsV2`.
        #[serde(default)]
        pub actions: Vec<String>,
        /// The transformation of the content.
        pub content_transformation: Option<ObjectLambdaContentTransformation>,
    }
}
