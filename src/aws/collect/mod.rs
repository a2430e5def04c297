//! One file per kind, of the same name as in `facts/`, to be read top to bottom: the list, then one
//! function per fact, then the way from the SDK's types to ours.

pub(super) mod ec2;
pub(super) mod s3;
