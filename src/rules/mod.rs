//! Rules: prose and metadata, packs, the one sandbox, and how facts become script values.
//!
//! [`load`] reads packs, [`select`] applies a site's settings, [`Sandbox`] judges. Nothing here knows where facts come from.

mod bridge;
pub mod cases;
mod definitions;
pub mod diagnostic;
mod engine;
mod forbidden;
mod helpers;
pub mod lint;
mod load;
mod meta;
mod prose;
mod select;
mod source;
mod trace;

pub use bridge::{AccountFacts, ListGap};
pub use definitions::definitions;
pub use engine::{Judgement, STACK_SIZE, Sandbox};
pub use helpers::table::{Example, Helper, Param, Signature, Topic};
pub use helpers::{TOPICS, fuzz, helpers};
pub use load::{LoadError, Pack, Rule, load, load_alone};
pub use meta::{Meta, Needs};
pub use prose::Prose;
pub use select::{RuleFilter, RuleSettings, SelectedRule, SettingFault, demand, select};
pub use source::SourceFile;
pub use trace::{Place, Read, Trace, Tracer};
