//! Collection: the only module that uses the `aws_*` crates, behind the feature `aws`. It builds on
//! `model`, `facts` and `snapshot`, and must not use rules, config or outputs.
//!
//! Its interface: [`BaseSession`] (credentials and settings), [`read_organization`], [`collect`]
//! (takes targets and a demand, and writes a snapshot), [`check_accounts`] (tries the same calls
//! without collecting anything), [`Storage`] (rolecall's own files in S3) and [`Observer`] (receives
//! progress).
//!
//! Inside, from the outermost to the innermost: `run` collects all accounts, `account` one of them,
//! `list` one list of resources with their facts. `collectors` is the table of kinds, with one file
//! per kind under `collect/`; `collector` is the trait that they implement, and `mirror` converts
//! the SDK's types to the shapes of `facts`. `assume` enters an account, `clients` creates its SDK
//! clients, `call_region` sets the region of a call, `response` rejects incomplete responses, and `failure` converts SDK errors to causes.

mod account;
mod assume;
mod call_region;
mod clients;
mod collect;
mod collector;
mod collectors;
mod connections;
mod credentials;
mod descriptors;
mod doctor;
mod due;
mod elements;
mod failure;
mod http;
mod identity;
mod limits;
mod list;
mod meter;
mod mirror;
mod organization;
mod paging;
mod response;
mod run;
mod session;
mod storage;
#[cfg(test)]
mod tests;
mod timing;
mod turns;
mod unreachable;
#[cfg(feature = "remediate")]
mod write;

pub use descriptors::calls_at_once;
pub use doctor::{
    CheckedAccount, Entered, NotTried, Tried, TriedAction, by_action, check_accounts,
};
pub use identity::BaseIdentity;
#[cfg(any(test, feature = "lambda", feature = "remediate"))]
pub use meter::NoopObserver;
pub use meter::{CallRecord, ListRecord, Observer, Outcome, Stats};
pub use organization::{OrganizationError, read_organization};
pub use run::{
    AccountOutcome, CollectError, CollectOutcome, CollectRequest, ConcurrencyLimits, Deadline,
    collect,
};
pub use session::{BaseSession, CredentialSource, SessionError, SessionSettings};
pub use storage::{Existing, Storage, StorageError, Upload};
pub use timing::{StepKind, Wait};
#[cfg(feature = "remediate")]
pub use write::{RemoteWriter, WriteSetup};
