//! Kinds of Amazon EC2 and VPC.

use super::shape::shape;

pub mod capacity_reservation;
pub mod fleet;
pub mod image;
pub mod instance;
pub mod key_pair;
pub mod launch_template;
pub mod reserved_instances;
pub mod security_group;
pub mod settings;
pub mod snapshot;
pub mod spot_fleet_request;
pub mod user_data;
pub mod volume;
