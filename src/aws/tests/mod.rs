//! Tests of whole collections against a fake AWS.

mod accounts;
mod buckets;
mod denials;
pub(in crate::aws) mod fake;
mod hosts;
mod lists;
mod uploads;
