//! What outputs see: the selected rules, then one report per account in sorted order, then the
//! summary. Nothing in it differs between two evaluations of the same snapshot.

mod account;
mod compliance;
mod frameworks;
mod run;
mod summary;

pub use account::{AccountReport, ReportedGap, StaleGap, missing_action};
pub use compliance::{RequirementOutcome, Status};
pub use frameworks::{FrameworkInfo, Open, RequirementInfo};
pub use run::{RuleInfo, RuleOrigin, RunInfo, Selection};
pub use summary::Summary;
