//! `ec2.capacity_reservation`: On-Demand Capacity Reservations and Capacity Blocks, including those
//! shared by other accounts.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.capacity_reservation",
    doc: "A Capacity Reservation, owned by the account or shared with it.",
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
        /// The account that owns the reservation; differs from the scanned account for a shared
        /// reservation.
        pub owner_id: Option<String>,
        /// `active`, `expired`, `cancelled`, `pending`, `failed`, `scheduled`, `payment-pending`,
        /// `payment-failed`, …
        pub state: Option<String>,
        /// `default` or `capacity-block`.
        pub reservation_type: Option<String>,
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The platform: `Linux/UNIX`, `Windows`, …
        pub instance_platform: Option<String>,
        /// The number of instances for which capacity is reserved.
        pub total_instance_count: Option<i64>,
        /// The number of instances that can still be launched.
        pub available_instance_count: Option<i64>,
        /// `open` if any matching instance uses the reservation; `targeted` if only instances that
        /// target it explicitly do.
        pub instance_match_criteria: Option<String>,
        /// `default` or `dedicated`.
        pub tenancy: Option<String>,
        /// The Availability Zone.
        pub availability_zone: Option<String>,
        /// Whether the reservation is EBS-optimized.
        pub ebs_optimized: Option<bool>,
        /// When the reservation was created.
        pub create_date: Option<Time>,
        /// When the reservation started.
        pub start_date: Option<Time>,
        /// When the reservation ends.
        pub end_date: Option<Time>,
        /// `unlimited` or `limited`.
        pub end_date_type: Option<String>,
        /// The account that is billed for unused capacity.
        pub unused_reservation_billing_owner_id: Option<String>,
        /// The Capacity Reservation Fleet that the reservation belongs to.
        pub capacity_reservation_fleet_id: Option<String>,
        /// The cluster placement group that the reservation is in.
        pub placement_group_arn: Option<String>,
        /// The ARN of the Outpost that the reservation is on.
        pub outpost_arn: Option<String>,
        /// The reservation's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
