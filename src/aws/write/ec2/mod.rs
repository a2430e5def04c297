//! Writers of actions on Amazon EC2 and VPC.

pub(super) mod instance;
pub(super) mod security_group;
pub(super) mod settings;
