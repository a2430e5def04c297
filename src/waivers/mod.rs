//! Waivers: problems that somebody accepts for a limited time. This module reads them from TOML,
//! decides which findings they cover, writes new ones, and converts the mute lists of Prowler.
//!
//! A waiver never covers what could not be read, and it compares its last day with the account's
//! time of collection, so that the same snapshot always gives the same report.

mod apply;
mod error;
mod prowler;
mod read;
mod report;
mod waiver;
mod write;

pub use apply::{StaleWaiver, Subject, Tags, UnreadWaiver, Usage, Waivers};
pub use error::WaiverError;
pub use prowler::{Imported, Terms, import};
pub use read::load;
pub(crate) use read::{tables, tag_patterns};
pub use report::Report;
pub use waiver::{Selector, Waiver, latest_expiry};
pub use write::{NewWaiver, append};
