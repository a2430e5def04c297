//! Native functions for scripts, one file per topic. They implement semantics that are easy to get
//! wrong, and are a hundred times faster than the same loop in a script. [`table`] declares them
//! all.

mod addresses;
mod arguments;
mod arn;
mod counted;
#[cfg(test)]
pub(in crate::rules) mod examples;
mod facts;
mod fixes;
pub(super) mod floats;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod group_users;
mod lifecycle;
mod lists;
mod maps;
mod network;
pub(super) mod operators;
mod policy;
mod public_access;
mod shown;
mod strings;
pub(super) mod table;
mod tags;
mod texts;
mod time;
mod trust;
pub(super) mod verdicts;
mod vpn;

use std::rc::Rc;

use rhai::Engine;

use crate::model::{did_you_mean, text};
use crate::rules::values::context::EvalContext;
use table::{Helper, LookUp, ResultShape, Topic};

/// Every topic, in the order of the documentation.
pub static TOPICS: &[&Topic] = &[
    &verdicts::TOPIC,
    &fixes::TOPIC,
    &group_users::TOPIC,
    &public_access::TOPIC,
    &facts::TOPIC,
    &trust::TOPIC,
    &network::TOPIC,
    &network::acl::TOPIC,
    &network::routes::TOPIC,
    &network::endpoints::TOPIC,
    &network::exposure::TOPIC,
    &vpn::TOPIC,
    &addresses::TOPIC,
    &policy::TOPIC,
    &policy::access::TOPIC,
    &lifecycle::TOPIC,
    &arn::TOPIC,
    &texts::TOPIC,
    &tags::TOPIC,
    &time::TOPIC,
    &lists::TOPIC,
    &maps::TOPIC,
];

/// Every function that a script can call and that is not built into Rhai.
pub fn helpers() -> impl Iterator<Item = &'static Helper> {
    TOPICS.iter().flat_map(|topic| topic.helpers)
}

/// The shapes of what helpers return, in the order of the documentation.
pub static SHAPES: &[&ResultShape] = &[
    &network::OPENING,
    &network::PORT_RANGE,
    &network::acl::ACL_OPENING,
    &network::routes::INTERNET_ROUTE,
    &network::endpoints::COVERAGE,
    &network::exposure::INTERNET_PATH,
    &policy::STATEMENT,
    &policy::PUBLIC_STATEMENT,
    &policy::access::GRANT,
    &policy::access::SERVICE_GRANT,
    &policy::access::ACL_GRANT,
    &tags::TAG_PROBLEM,
    &public_access::PUBLIC_ACCESS,
];

/// The shape that a type in a signature names: `opening` of `list of opening`.
pub fn result_shape(kind: &str) -> Option<&'static ResultShape> {
    let name = kind.trim_end_matches('?').rsplit(' ').next().unwrap_or(kind);
    SHAPES.iter().copied().find(|shape| shape.name == name)
}

/// Whether a string is an IAM action or a pattern for actions.
pub(super) fn is_action(text: &str) -> bool {
    policy::is_action(text)
}

/// Why a pattern is not a valid regular expression.
pub(super) fn regex_error(pattern: &str) -> Option<String> {
    texts::regex_error(pattern)
}

/// Former names of helpers, each with the current name.
const RENAMED: [(&str, &str); 9] = [
    ("has_tag_like", "has_matching_tag"),
    ("nacl_world_openings", "nacl_internet_openings"),
    ("opens_to_world", "is_open_to_internet"),
    ("outside_grants", "external_grants"),
    ("own_organization", "organization_id"),
    ("unguarded_service_grants", "confused_deputy_grants"),
    ("world_openings", "internet_openings"),
    ("world_openings_ipv4", "internet_openings_ipv4"),
    ("world_openings_ipv6", "internet_openings_ipv6"),
];

/// For the former name of a helper, a sentence that says what it was renamed to.
pub fn renamed(name: &str) -> Option<String> {
    let (old, new) = RENAMED.iter().find(|(old, _)| *old == name)?;
    Some(format!("`{old}` was renamed to `{new}`"))
}

/// Names of functions in other languages that are not similar to their names here.
const OTHER_LANGUAGES: [(&str, &str); 11] = [
    ("any", "some"),
    ("count", "len"),
    ("every", "all"),
    ("exists", "some"),
    ("forall", "all"),
    ("has", "contains"),
    ("include", "contains"),
    ("includes", "contains"),
    ("is_null", "is_configured"),
    ("length", "len"),
    ("size", "len"),
];

/// What is reported for a call to a function that does not exist, by lint and at run time.
pub(super) struct UnknownFunction {
    pub(super) message: String,
    pub(super) help: String,
    /// The function that was probably meant.
    pub(super) meant: Option<String>,
}

/// The report for a function that is not among `known`.
pub(super) fn unknown_function<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> UnknownFunction {
    let message = format!("unknown function `{}`", text::one_line(name, 60));
    if let Some(help) = renamed(name) {
        return UnknownFunction { message, help, meant: None };
    }
    let other_language = OTHER_LANGUAGES.iter().find(|(other, _)| *other == name);
    let meant = other_language.map(|(_, ours)| *ours).or_else(|| did_you_mean(name, known));
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`rolecall helpers` lists all helpers".to_owned(),
    };
    UnknownFunction { message, help, meant: meant.map(str::to_owned) }
}

/// Helpers that look up resources themselves.
pub(super) const LOOK_UPS: &[LookUp] = &[
    network::PREFIX_LISTS,
    network::ROUTE_PREFIX_LISTS,
    network::endpoints::INTERFACE,
    network::endpoints::GATEWAY,
    network::exposure::EXPOSURE,
    group_users::USERS,
    public_access::BLOCKS,
    public_access::IN_USE,
];

/// Registers all helpers with an engine.
pub(super) fn register(engine: &mut Engine, context: &Rc<EvalContext>) {
    counted::register(engine);
    strings::register(engine);
    shown::register(engine);
    floats::register(engine);
    operators::register(engine);
    for helper in helpers() {
        (helper.register)(engine, context);
    }
}
