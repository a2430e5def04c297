//! IAM policy documents: their statements in a normalized form, whom they name, which conditions
//! restrict them, what S3 calls public, and what its actions apply to.
//!
//! Everything is a pure function of documents. Rules use it through helpers, and `rolecall who-can`
//! through `access`.

pub mod actions;
mod allowed;
mod denial;
mod document;
mod limits;
mod load_balancers;
mod nobody;
mod principals;
mod public;
mod wildcard;

pub use allowed::allows_service;
pub use denial::{denied_to_everyone, is_every_action};
pub use document::{Condition, Operator, Statement, statements};
pub use limits::{
    KMS_KEY, RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION, account_in, admits_only_services, compares,
    has_begun, is_about_time, is_expired, is_limit, keeps_everyone_out, limits, names_services,
    organization_of, runs_code, unique_id, without_variables,
};
pub use load_balancers::{is_load_balancer_account, log_account};
pub use nobody::{grants_access, is_nobodys};
pub use principals::{
    ANONYMOUS, ANONYMOUS_KEYS, account_of, is_account_id, is_deleted, is_everybody, is_public,
    origin_access_identity, principal_name, public_provider,
};
pub use public::{is_about_callers, key_name, reason};
pub use wildcard::{any_variables, covers, overlaps};
