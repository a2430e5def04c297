//! `ec2.capacity_reservation`: On-Demand Capacity Reservations and Capacity Blocks, also those that
//! others share.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.capacity_reservation",
    doc: "A capacity reservation.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeCapacityReservations").paged(1_000)],
    id: "capacity_reservation_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:capacity-reservation/{id}"),
    name_field: None,
    shape: Shape::of::<CapacityReservation>(),
    facts: &[],
};

shape! { capacity_reservation_shapes:
    /// What DescribeCapacityReservations returns.
    pub struct CapacityReservation {
        /// The reservation's id.
        pub capacity_reservation_id: String,
        /// The account that owns it; another one than the scanned account when it is shared.
        pub owner_id: Option<String>,
        /// `active`, `expired`, `cancelled`, `pending`, `failed`, `scheduled`, `payment-pending`,
        /// `payment-failed`, …
        pub state: Option<String>,
        /// `default` or `capacity-block`.
        pub reservation_type: Option<String>,
        /// `t3.micro`, …
        pub instance_type: Option<String>,
        /// `Linux/UNIX`, `Windows`, …
        pub instance_platform: Option<String>,
        /// How many instances are reserved.
        pub total_instance_count: Option<i64>,
        /// How many of them are not in use.
        pub available_instance_count: Option<i64>,
        /// `open`: instances use it without naming it. `targeted`: only those that name it.
        pub instance_match_criteria: Option<String>,
        /// `default` or `dedicated`.
        pub tenancy: Option<String>,
        /// The availability zone.
        pub availability_zone: Option<String>,
        /// Whether it is optimized for EBS.
        pub ebs_optimized: Option<bool>,
        /// When it was made.
        pub create_date: Option<Time>,
        /// When it began.
        pub start_date: Option<Time>,
        /// When it ends.
        pub end_date: Option<Time>,
        /// `unlimited` or `limited`.
        pub end_date_type: Option<String>,
        /// The account that pays for what is not used.
        pub unused_reservation_billing_owner_id: Option<String>,
        /// The fleet it belongs to.
        pub capacity_reservation_fleet_id: Option<String>,
        /// The placement group it is in.
        pub placement_group_arn: Option<String>,
        /// The Outpost it is on.
        pub outpost_arn: Option<String>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
