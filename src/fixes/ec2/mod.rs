//! Actions on Amazon EC2 and VPC.

mod opening;
pub(super) mod security_group_authorize;
pub(super) mod security_group_revoke;
