//! `s3.access_point`: access points of general purpose buckets (and of file systems that S3 gives
//! access to). The list has the network origin; Block Public Access costs a call per access point.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Settling, Shape};
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.access_point",
    doc: "An access point of a bucket.",
    scope: Scope::Regional,
    list: &[ApiCall::new("s3control:ListAccessPoints")
        .element("AccessPointList")
        .paged(1_000)
        .action("s3:ListAccessPoints")
        .answer("AccessPointList")],
    id: "name",
    arn: Some("arn:{partition}:s3:{region}:{account}:accesspoint/{id}"),
    name_field: None,
    shape: Shape::of::<AccessPoint>(),
    facts: &[
        FactSpec {
            name: "details",
            doc: "Block Public Access of the access point, and what the list leaves out.",
            call: ApiCall::new("s3control:GetAccessPoint").action("s3:GetAccessPoint"),
            shape: Shape::of::<AccessPointDetails>(),
        },
        FactSpec {
            name: "policy",
            doc: "The access point's policy; absent when there is none.",
            call: ApiCall::new("s3control:GetAccessPointPolicy")
                .action("s3:GetAccessPointPolicy")
                .absent(&["NoSuchAccessPointPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 itself calls the access point's policy public; absent when there is no policy.",
            call: ApiCall::new("s3control:GetAccessPointPolicyStatus")
                .settled_by(Settling::BY_POLICY)
                .action("s3:GetAccessPointPolicyStatus")
                .absent(&["NoSuchAccessPointPolicy"])
                .answer("PolicyStatus"),
            shape: Shape::of::<PolicyStatus>(),
        },
    ],
};

/// What GetAccessPoint returns beyond the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccessPointDetails {
    /// Block Public Access of the access point alone; the bucket's and the account's own apply as
    /// well. It cannot be changed later.
    pub public_access_block_configuration: Option<PublicAccessBlock>,
    /// When the access point was created.
    pub creation_date: Option<Time>,
}

shape! { access_point_shapes:
    /// What ListAccessPoints returns.
    pub struct AccessPoint {
        /// Its name, unique in the account and region.
        pub name: String,
        /// Its ARN.
        pub access_point_arn: Option<String>,
        /// The name by which it can stand for a bucket.
        pub alias: Option<String>,
        /// `Internet`, or `VPC` when it takes requests from one VPC only.
        pub network_origin: Option<String>,
        /// That VPC.
        pub vpc_configuration: Option<VpcConfiguration>,
        /// The bucket behind it.
        pub bucket: Option<String>,
        /// The account that owns the bucket, which can be another than that of the access point.
        pub bucket_account_id: Option<String>,
        /// Id of the data source, where that is no bucket.
        pub data_source_id: Option<String>,
        /// Type of the data source, where that is no bucket.
        pub data_source_type: Option<String>,
    }

    /// The VPC of an access point.
    pub struct VpcConfiguration {
        /// Its id.
        pub vpc_id: Option<String>,
    }
}
