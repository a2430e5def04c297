//! The data that outputs receive: the selected rules, then one report per account in sorted order,
//! then the summary. It is the same for every evaluation of the same snapshot, except what the run
//! itself took ([`CollectionUsage`]).

mod account;
pub mod advice;
mod alerts;
mod changes;
mod compliance;
mod concerned;
mod diff;
mod doctor;
mod frameworks;
mod history;
mod preview;
mod previewed;
mod run;
mod sources;
mod states;
mod summary;
mod unchecked;
mod usage;
mod worse;

pub use account::{AccountReport, ReportedGap, StaleGap, missing_action};
pub use alerts::{
    AbsentAccount, Alerts, Category, NeverChecked, OpenFinding, OpenGroup, Part, STORED_RESULTS,
};
pub use changes::{Changes, Reason};
pub use compliance::{RequirementOutcome, Status};
pub use concerned::{Concerned, RuleReads};
pub use diff::{AccountChange, Change, Compared, Diff, GapChange};
pub use doctor::{Access, Area, Check, CheckStatus, CheckedIn, Doctor, Place};
pub use frameworks::{FrameworkInfo, Open, RequirementInfo};
pub use history::{AccountTrend, History, HistoryReport, SkippedFile, Trend};
pub use preview::{Destroyed, Preview, PreviewAccount, Refused};
pub use previewed::Previewed;
pub use run::{ParamOverrideInfo, RuleInfo, RuleOrigin, RunInfo, Selection};
pub use sources::SourceCoverage;
pub use states::StateCounts;
pub use summary::Summary;
pub use unchecked::{CouldNotCheck, What, Why, could_not_check};
pub use usage::CollectionUsage;
