//! Rules: prose and metadata, packs, the one sandbox, and how facts become script values.
//!
//! [`load`] reads packs, [`frameworks`] and [`profiles`] what stands beside their rules, [`select`]
//! applies a site's settings, [`Sandbox`] judges. Nothing here knows where facts come from.

mod bridge;
pub mod cases;
mod definitions;
pub mod diagnostic;
mod engine;
mod forbidden;
mod framework;
mod helpers;
pub mod lint;
mod load;
mod meta;
mod observe;
mod profile;
mod prose;
mod resources;
mod select;
mod source;
pub(crate) mod toml_reader;
mod trace;
mod users;

pub use bridge::{AccountFacts, ListGap};
pub use definitions::definitions;
pub use engine::{Judgement, STACK_SIZE, Sandbox};
pub use framework::{Coverage, Framework, Frameworks, Requirement, frameworks, tags};
pub use helpers::table::{Example, Helper, Param, Signature, Topic};
pub use helpers::{TOPICS, fuzz, helpers, renamed};
pub use load::{LoadError, Pack, RULE_ID_FORM, Rule, is_rule_id, load, load_alone};
pub use meta::{Meta, Needs};
pub use observe::Observed;
pub use profile::{DEFAULT_PROFILE, EVERY_RULE, Profile, profiles};
pub use prose::Prose;
pub use resources::Resources;
pub use select::{RuleFilter, RuleSettings, SelectedRule, SettingFault, demand, select};
pub use source::SourceFile;
pub use trace::{Place, Read, Trace, Tracer};

use std::path::PathBuf;

/// Everything that packs hold.
#[derive(Debug)]
pub struct Library {
    /// The rules.
    pub pack: Pack,
    /// The frameworks.
    pub frameworks: Frameworks,
    /// The profiles, each a part of those after it.
    pub profiles: Vec<Profile>,
}

impl Library {
    /// Loads the built-in pack and then the folders.
    pub fn load(folders: &[PathBuf]) -> Result<Self, LoadError> {
        let pack = load(folders)?;
        let frameworks = frameworks(folders, &pack)?;
        let profiles = profiles(&pack)?;
        Ok(Self { pack, frameworks, profiles })
    }
}
