//! The words that every layer speaks: identifiers, verdicts, findings, gaps, targets. No I/O
//! happens here.

mod addressing;
mod demand;
mod finding;
mod fingerprint;
mod gap;
mod globs;
mod ids;
mod organization;
mod resource;
mod severity;
mod suggest;
mod target;
pub mod text;
mod trust;
mod verdict;

pub use addressing::S3Addressing;
pub use demand::Demand;
pub use finding::{Evidence, Finding, ResourceRef};
pub use fingerprint::{Fingerprint, sha256_hex};
pub use gap::{AcceptedGap, Cause, DeniedBy, Extent, Gap};
pub use globs::{Globs, InvalidGlob};
pub use ids::{AccountId, Arn, InvalidId, OrganizationId, Partition, Region, UnitId};
pub use organization::{
    Discovered, InvalidOrganization, Member, Organization, OrganizationAccess, OrganizationFilter,
    OrganizationRole, SkippedAccount, Unit, UnitPattern, Unmatched,
};
pub use resource::Resource;
pub use severity::{Severity, UnknownSeverity};
pub use suggest::did_you_mean;
pub use target::{ExternalId, Hop, Role, Target};
pub use trust::Trust;
pub use verdict::Verdict;
