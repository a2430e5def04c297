//! Test cases of rules: the expected verdict for given facts. They are in `<id>.cases.json` beside
//! the rule.

mod case;
mod defaults;
mod expected_fix;
mod file;
mod fix_difference;
mod fix_tester;
mod missing;
mod orphans;
mod place;
mod record;
mod run;
mod setup;
mod tester;
mod unreadable;

pub use case::Case;
pub use defaults::Defaults;
pub use expected_fix::{ExpectedAction, ExpectedClass, ExpectedFix};
pub use file::{CaseFile, PlacedCase, beside, path_beside, read};
pub use fix_difference::FixDifference;
pub use orphans::without_rule;
pub use record::{append, effective, evaluate, within, written};
pub use run::run;
pub use setup::DEFAULT_ACCOUNT;
pub use tester::{CaseResult, Coverage, Difference, Missed, RuleTestResult, Tester};

pub(crate) use place::Step;
pub(crate) use setup::{TIME_HELP, invalid_time, is_time};
pub(in crate::rules) use tester::no_case_of_variant;
