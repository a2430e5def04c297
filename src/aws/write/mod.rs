//! Changes resources: the only part of rolecall that does. It is compiled only with the feature
//! `remediate`, so a scanner cannot change anything, whatever its permissions are.
//!
//! [`remote`] carries actions out for `remediation/apply`, [`table`] has the writer of each action,
//! [`session`] the sessions of the role that writes, [`error`] says what must happen after a failure,
//! and `s3/` and `ec2/` contain the writers, in files that are named after what they change; [`tags`]
//! has that of the tags of both.

mod ec2;
mod error;
mod remote;
mod s3;
mod session;
mod table;
mod tags;

pub use remote::{RemoteWriter, WriteSetup};

#[cfg(test)]
mod tests;
