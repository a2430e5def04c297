//! `s3.multi_region_access_point`: Multi-Region Access Points. There is one list for the whole
//! account, in `us-west-2`. Partitions other than `aws` have none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Settling, Shape};
use crate::facts::time::Time;

/// Error codes that mean "no policy".
const NO_POLICY: &[&str] = &["NoSuchMultiRegionAccessPointPolicy", "NoSuchAccessPointPolicy"];

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.multi_region_access_point",
    doc: "A Multi-Region Access Point: one endpoint for buckets in several regions.",
    scope: Scope::Global,
    list: &[ApiCall::new("s3control:ListMultiRegionAccessPoints")
        .paged(100)
        .action("s3:ListMultiRegionAccessPoints")
        .answer("AccessPoints")],
    id: "name",
    arn: Some("arn:{partition}:s3::{account}:accesspoint/{alias}"),
    name_field: None,
    shape: Shape::of::<MultiRegionAccessPointReport>(),
    facts: &[
        FactSpec {
            name: "policy",
            doc: "The policies of the Multi-Region Access Point; absent if there are none.",
            // Without a policy, the response has none. No error code for that is documented; these
            // codes can only mean that.
            call: ApiCall::new("s3control:GetMultiRegionAccessPointPolicy")
                .action("s3:GetMultiRegionAccessPointPolicy")
                .absent(NO_POLICY)
                .answer("Policy")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<MultiRegionAccessPointPolicy>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 considers the established policy public; absent if there is no policy.",
            call: ApiCall::new("s3control:GetMultiRegionAccessPointPolicyStatus")
                .settled_by(Settling::BY_POLICY)
                .action("s3:GetMultiRegionAccessPointPolicyStatus")
                .absent(NO_POLICY)
                .answer("Established")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<PolicyStatus>(),
        },
    ],
};

/// The policies of a Multi-Region Access Point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MultiRegionAccessPointPolicy {
    /// The established policy, which is in effect.
    pub established: Option<PolicyDocument>,
    /// The proposed policy; it differs from the established policy until all regions have applied
    /// it.
    pub proposed: Option<PolicyDocument>,
}

shape! { multi_region_access_point_shapes:
    /// What ListMultiRegionAccessPoints returns.
    pub struct MultiRegionAccessPointReport {
        /// The Multi-Region Access Point's name, unique in the account.
        pub name: String,
        /// The alias, which is used in requests and in the ARN.
        pub alias: Option<String>,
        /// When the Multi-Region Access Point was created.
        pub created_at: Option<Time>,
        /// The Block Public Access settings; those of the buckets and the account apply as well.
        /// They cannot be changed after creation.
        pub public_access_block: Option<PublicAccessBlock>,
        /// `READY`, `INCONSISTENT_ACROSS_REGIONS`, `CREATING`, `PARTIALLY_CREATED`,
        /// `PARTIALLY_DELETED` or `DELETING`.
        pub status: Option<String>,
        /// The buckets that the Multi-Region Access Point is associated with.
        #[serde(default)]
        pub regions: Vec<RegionReport>,
    }

    /// A bucket of a Multi-Region Access Point.
    pub struct RegionReport {
        /// The bucket.
        pub bucket: Option<String>,
        /// The region of the bucket.
        pub region: Option<String>,
        /// The account that owns the bucket.
        pub bucket_account_id: Option<String>,
    }
}
