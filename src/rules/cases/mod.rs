//! A rule's cases: what it must say of which facts. They stand beside the rule in
//! `<id>.cases.json`.

mod case;
mod defaults;
mod file;
mod record;
mod run;
mod situation;
mod tester;

pub use case::Case;
pub use defaults::Defaults;
pub use file::{CaseFile, PlacedCase, beside, path_beside, read};
pub use record::{append, effective, evaluate, within, written};
pub use run::run;
pub use situation::DEFAULT_ACCOUNT;
pub use tester::{CaseResult, Coverage, Difference, Missed, RuleTestResult, Tester};

pub(crate) use case::Step;
