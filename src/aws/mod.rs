//! Collection: the only place that names an `aws_*` crate, behind the feature `aws`. It knows
//! words, facts and snapshots; rules, config and outputs are unknown here.
//!
//! From the outside there are three things: [`BaseSession`] (who we are), [`collect`] (targets and
//! demand in, a snapshot out) and [`Observer`] (what happens meanwhile). Inside, `assume` enters an
//! account, `clients` makes its SDK clients, `collector` is the table of kinds with one file per
//! kind under `collect/`, `account` gathers one account, `failure` turns every SDK error into a
//! cause.

mod account;
mod answer;
mod assume;
mod clients;
mod collect;
mod collector;
mod collectors;
mod connections;
mod descriptors;
mod failure;
mod http;
mod limits;
mod meter;
mod mirror;
mod organization;
mod paging;
mod run;
mod session;
#[cfg(test)]
mod tests;

pub use http::HttpClientError;
pub use meter::{FailedRequest, NoopObserver, Observer, Stats};
pub use organization::{OrganizationError, read_organization};
pub use run::{AccountOutcome, CollectOutcome, CollectRequest, ConcurrencyLimits, collect};
pub use session::{BaseSession, SessionError, SessionSettings};
