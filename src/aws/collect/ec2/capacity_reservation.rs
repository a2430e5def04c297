//! `ec2.capacity_reservation`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::capacity_reservation::*;

capacity_reservation_shapes!(mirror, aws_sdk_ec2::types);

list_only! {
    CapacityReservations: CapacityReservation,
    describe_pages!(describe_capacity_reservations => page.capacity_reservations)
}
