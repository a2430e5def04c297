//! Remediation: from findings to a plan of fixes, and from an approved plan to changes. Planning is a
//! pure function of the snapshot, the rules and the settings, as evaluation is. Nothing here calls
//! AWS.
//!
//! [`plan`] has the types of a plan file, and [`apply`] carries out approved plans.

pub mod apply;
pub mod plan;
