//! One file per kind, with the same name as in `facts/`, to be read from top to bottom: the list,
//! then one function per fact, then the conversion of the SDK's types to ours.

pub(super) mod ec2;
pub(super) mod organizations;
pub(super) mod s3;
