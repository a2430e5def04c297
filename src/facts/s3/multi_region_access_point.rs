//! `s3.multi_region_access_point`: one list for the whole account, which `us-west-2` keeps.
//! Partitions other than `aws` have none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Settling, Shape, Silence};
use crate::facts::time::Time;

/// Codes that say "no policy".
const NO_POLICY: &[&str] = &["NoSuchMultiRegionAccessPointPolicy", "NoSuchAccessPointPolicy"];

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.multi_region_access_point",
    doc: "A Multi-Region Access Point: one name for buckets in several regions.",
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
            doc: "Its policy; absent when there is none.",
            // None is an answer without a policy. No code for it is documented; these say it and
            // nothing else.
            call: ApiCall::new("s3control:GetMultiRegionAccessPointPolicy")
                .action("s3:GetMultiRegionAccessPointPolicy")
                .absent(NO_POLICY)
                .answer("Policy")
                .silence(Silence::Absent),
            shape: Shape::of::<MultiRegionAccessPointPolicy>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 itself calls the policy in force public; absent when there is none.",
            call: ApiCall::new("s3control:GetMultiRegionAccessPointPolicyStatus")
                .settled_by(Settling::BY_POLICY)
                .action("s3:GetMultiRegionAccessPointPolicyStatus")
                .absent(NO_POLICY)
                .answer("Established")
                .silence(Silence::Absent),
            shape: Shape::of::<PolicyStatus>(),
        },
    ],
};

/// The policies of a Multi-Region Access Point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MultiRegionAccessPointPolicy {
    /// The one in force.
    pub established: Option<PolicyDocument>,
    /// The last one that somebody asked for; it differs from the other until every region has it.
    pub proposed: Option<PolicyDocument>,
}

shape! { multi_region_access_point_shapes:
    /// What ListMultiRegionAccessPoints returns.
    pub struct MultiRegionAccessPointReport {
        /// Its name, unique in the account.
        pub name: String,
        /// The name by which requests reach it, and the one in its ARN.
        pub alias: Option<String>,
        /// When it was created.
        pub created_at: Option<Time>,
        /// Its Block Public Access; the buckets' and the account's own apply as well. It cannot be
        /// changed later.
        pub public_access_block: Option<PublicAccessBlock>,
        /// `READY`, `INCONSISTENT_ACROSS_REGIONS`, `CREATING`, `PARTIALLY_CREATED`,
        /// `PARTIALLY_DELETED` or `DELETING`.
        pub status: Option<String>,
        /// The buckets behind it.
        #[serde(default)]
        pub regions: Vec<RegionReport>,
    }

    /// A bucket behind a Multi-Region Access Point.
    pub struct RegionReport {
        /// The bucket.
        pub bucket: Option<String>,
        /// Its region.
        pub region: Option<String>,
        /// The account that owns it.
        pub bucket_account_id: Option<String>,
    }
}
