//! Kinds of Amazon EC2 and VPC.

use super::shape::shape;

pub mod instance;
pub mod security_group;
pub mod settings;
pub mod volume;
