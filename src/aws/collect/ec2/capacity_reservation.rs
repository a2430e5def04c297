//! `ec2.capacity_reservation`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::capacity_reservation::*;

capacity_reservation_shapes!(mirror, aws_sdk_ec2::types);

describe! { CapacityReservations, KIND, CapacityReservation: describe_capacity_reservations => page.capacity_reservations }
