//! The types that all layers share: identifiers, verdicts, findings, gaps, targets. There is no I/O
//! here.

mod addressing;
mod api_usage;
mod demand;
mod evidence;
mod finding;
mod fingerprint;
mod gap;
mod globs;
mod group;
mod hands_off;
mod ids;
mod json;
mod known_values;
mod organization;
mod origin;
mod patterns;
mod phrases;
mod place;
mod placeholders;
mod planned;
mod regions;
mod resource;
mod severity;
mod storage;
mod suggest;
mod tagging;
mod target;
pub mod text;
mod trust;
pub mod unreadable;
mod verdict;
mod waiver;

pub use addressing::S3Addressing;
pub use api_usage::ApiUsage;
pub use demand::Demand;
pub use evidence::{Evidence, EvidenceList};
pub use finding::{COULD_NOT_CHECK, Details, Finding, ResourceRef, State};
pub use fingerprint::{Fingerprint, hex, sha256_hex, sha256_hex_of};
pub use gap::{AcceptedGap, Cause, DeniedBy, Extent, Gap};
pub use globs::{Globs, InvalidGlob};
pub use group::{Group, GroupBy};
pub use hands_off::HandsOff;
pub use ids::{AccountId, Arn, InvalidId, OrganizationId, OuId, Partition, Region};
pub use json::UniqueKeys;
pub use known_values::{BlockPosition, KnownValues, NOT_KNOWN, STAND_IN, is_open};
pub use organization::{
    DiscoveredAccount, InvalidOrganization, Member, Organization, OrganizationAccess,
    OrganizationFilter, OrganizationRole, OrganizationalUnit, OuPattern, SkippedAccount,
};
pub use origin::Origin;
pub use patterns::{MAX_PATTERN, compile_regex};
pub use phrases::{code_series, counted, describe_serde_error, series};
pub use place::{AlertLocation, CodeLine, Place, PlaceKind, PlaceReason, Placing};
pub use placeholders::Placeholders;
pub use planned::{PlannedAction, PlannedChange, Refusal, ValueChange};
pub use resource::Resource;
pub use severity::{Severity, UnknownSeverity};
pub use storage::{S3Place, StorageAccess};
pub use suggest::did_you_mean;
pub use tagging::{
    MAX_TAG_VALUE, MAX_TAGS, TagDefault, TagRequirement, TagRequirements, TagValues,
    is_reserved_tag,
};
pub use target::{AccountKeys, ExternalId, Hop, Role, Target};
pub use trust::Trust;
pub use verdict::Verdict;
pub use waiver::{Waived, day_of, parse_date};
