//! `s3.access_point`: access points of general purpose buckets (and of file systems that are
//! attached to access points). The list includes the network origin; Block Public Access takes one
//! call per access point.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Settling, Shape};
use crate::facts::time::Time;

/// The entry in the table of kinds.
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
            doc: "The Block Public Access settings of the access point, and other details that the list of access points does not include.",
            call: ApiCall::new("s3control:GetAccessPoint").action("s3:GetAccessPoint"),
            shape: Shape::of::<AccessPointDetails>(),
        },
        FactSpec {
            name: "policy",
            doc: "The access point policy; absent if there is none.",
            call: ApiCall::new("s3control:GetAccessPointPolicy")
                .action("s3:GetAccessPointPolicy")
                .absent(&["NoSuchAccessPointPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 considers the access point policy public; absent if there is no policy.",
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
    /// The Block Public Access settings of the access point itself; those of the bucket and the
    /// account apply as well. They cannot be changed after creation.
    pub public_access_block_configuration: Option<PublicAccessBlock>,
    /// When the access point was created.
    pub creation_date: Option<Time>,
}

shape! { access_point_shapes:
    /// What ListAccessPoints returns.
    pub struct AccessPoint {
        /// The access point's name, unique in the account and region.
        pub name: String,
        /// The access point's ARN.
        pub access_point_arn: Option<String>,
        /// The alias, which can be used instead of a bucket name.
        pub alias: Option<String>,
        /// `Internet`, or `VPC` if the access point accepts requests from only one VPC.
        pub network_origin: Option<String>,
        /// The VPC, if the network origin is `VPC`.
        pub vpc_configuration: Option<VpcConfiguration>,
        /// The bucket that the access point is associated with.
        pub bucket: Option<String>,
        /// The account that owns the bucket, which can differ from the access point's account.
        pub bucket_account_id: Option<String>,
        /// The id of the data source, if that is not a bucket.
        pub data_source_id: Option<String>,
        /// The type of the data source, if that is not a bucket.
        pub data_source_type: Option<String>,
    }

    /// The VPC configuration of an access point.
    pub struct VpcConfiguration {
        /// The VPC's id.
        pub vpc_id: Option<String>,
    }
}
