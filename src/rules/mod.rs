//! Rules: prose and metadata, rule packs, the sandbox, and the conversion of facts to script
//! values.
//!
//! [`load`] reads packs, [`frameworks`] and [`profiles`] read the files beside their rules,
//! [`select`] applies the configuration, and [`Sandbox`] evaluates. This module is independent of
//! where facts come from.
//!
//! Import order within the module: `language`, `pack`, `values`, `helpers`, `sandbox`, `cases`,
//! `lint`. Files here import from the file that defines an item, never through this facade.

pub mod cases;
mod helpers;
mod language;
pub mod lint;
mod pack;
mod sandbox;
mod values;

#[cfg(fuzzing)]
pub use helpers::fuzz;
pub use helpers::table::{Helper, ResultShape, Signature, Topic};
pub use helpers::{SHAPES, TOPICS, helpers, renamed, result_shape};
pub use language::engine::STACK_SIZE;
pub use language::ids::{RULE_ID_FORM, is_rule_id};
pub use language::meta::Meta;
pub use language::needs::Needs;
pub use language::source::SourceFile;
pub use language::terraform::{causes, has_value, recommended};
pub use pack::comparison::{ComparedControl, comparison};
pub use pack::files::{built_in_sha256, misnamed};
pub use pack::framework::{Coverage, Framework, Frameworks, Requirement, tags};
pub use pack::library::Library;
pub use pack::load::{load, load_alone};
pub use pack::overrides::ParamOverride;
pub use pack::profile::{DEFAULT_PROFILE, EVERY_RULE, Profile};
pub use pack::rule::{LoadError, Pack, Rule, find_script, known_ids, script_of};
pub use pack::select::{
    FixSettings, RuleFilter, RuleSettings, SelectedRule, SettingError, demand, instructions,
    select, when_required,
};
pub use pack::templates::keep_required;
pub use pack::topics::{RuleTopic, topic_of, topics};
pub use sandbox::definitions::definitions;
pub use sandbox::evaluation::Sandbox;
pub use sandbox::fixing::FixOutcome;
pub use sandbox::outcome::RuleOutcome;
pub use sandbox::tracer::{Trace, Tracer};
pub use values::access::Observed;
pub use values::account::AccountFacts;
pub use values::recorder::Read;
pub use values::resources::Resources;
