//! Remediation: from findings to a plan of fixes, and from an approved plan to changes. Planning is a
//! pure function of the snapshot, the rules and the settings, as evaluation is. Nothing here calls
//! AWS.
//!
//! [`plan`] has the types of a plan file, [`Planner`] makes plans, [`PlanFile`] reads them,
//! [`apply`] carries out approved ones, and [`verify`] says which of their findings pass now. For each account, rules propose actions for what fails; equal
//! ones are merged into drafts, which are applied to a copy of the facts and evaluated again.

mod account;
pub mod apply;
mod code;
mod commands;
mod drafts;
mod file;
mod items;
pub mod plan;
mod planner;
mod replaced;
mod settings;
mod simulation;
mod surroundings;
#[cfg(test)]
mod tests;
mod undecided;
pub mod verify;
mod world;

pub use code::{CodeChange, CodeFailure};
pub use file::{MAX_PLAN, PlanFile, PlanFileError, hash_of};
pub use plan::Plan;
pub use planner::{PlanCounts, Planned, Planner};
pub use settings::PlanSettings;
pub use surroundings::forbidden_by_tags;
