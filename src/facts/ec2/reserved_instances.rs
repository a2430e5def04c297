//! `ec2.reserved_instances`: purchased Reserved Instances.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.reserved_instances",
    doc: "A purchase of Reserved Instances.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeReservedInstances").element("reservedInstancesSet")],
    id: "reserved_instances_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:reserved-instances/{id}"),
    name_field: None,
    shape: Shape::of::<ReservedInstances>(),
    facts: &[],
};

shape! { reserved_instances_shapes:
    /// What DescribeReservedInstances returns.
    pub struct ReservedInstances {
        /// The id of the purchase.
        pub reserved_instances_id: String,
        /// `active`, `payment-pending`, `payment-failed`, `retired`, `queued` or `queued-deleted`.
        pub state: Option<String>,
        /// The instance type: `t3.micro`, …
        pub instance_type: Option<String>,
        /// The number of instances.
        pub instance_count: Option<i64>,
        /// The product platform description: `Linux/UNIX`, `Windows`, …
        pub product_description: Option<String>,
        /// `standard` or `convertible`.
        pub offering_class: Option<String>,
        /// `No Upfront`, `Partial Upfront`, `All Upfront`, …
        pub offering_type: Option<String>,
        /// `Region` or `Availability Zone`.
        pub scope: Option<String>,
        /// The Availability Zone, if that is the scope.
        pub availability_zone: Option<String>,
        /// `default`, `dedicated` or `host`.
        pub instance_tenancy: Option<String>,
        /// When the Reserved Instances start.
        pub start: Option<Time>,
        /// When the Reserved Instances end.
        pub end: Option<Time>,
        /// The term in seconds.
        pub duration: Option<i64>,
        /// The purchase price.
        pub fixed_price: Option<f64>,
        /// The usage price per hour.
        pub usage_price: Option<f64>,
        /// `USD`.
        pub currency_code: Option<String>,
        /// The recurring charges.
        #[serde(default)]
        pub recurring_charges: Vec<RecurringCharge>,
        /// The purchase's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// A recurring charge.
    pub struct RecurringCharge {
        /// The amount of the charge.
        pub amount: Option<f64>,
        /// `Hourly`.
        pub frequency: Option<String>,
    }
}
