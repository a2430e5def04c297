//! Which rules run, how severe they are and with which parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::{Demand, Globs, Severity, did_you_mean, text};
use crate::rules::pack::profile::Profile;
use crate::rules::pack::rule::{Pack, Rule};

/// What a site says of one rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSettings {
    /// Whether it runs at all: `true` adds it to the profile, `false` takes it out of every choice.
    pub enabled: Option<bool>,
    /// Its severity, in place of its own.
    pub severity: Option<Severity>,
    /// Parameters, in place of its defaults.
    pub params: Map<String, Value>,
}

/// Which rules a run takes.
#[derive(Debug, Clone, Default)]
pub struct RuleFilter {
    /// Ids to take; `None`: all.
    pub rules: Option<Globs>,
    /// Of those, rules that some framework names; `None`: all.
    pub named: Option<BTreeSet<String>>,
    /// Of those, rules of a profile and rules that the site enables; `None`: all.
    pub profile: Option<Profile>,
    /// Ids to leave out.
    pub exclude: Option<Globs>,
    /// The mildest severity to take, after the site's own severities.
    pub min_severity: Option<Severity>,
}

/// A rule as it will run.
#[derive(Debug, Clone)]
pub struct SelectedRule {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its severity here.
    pub severity: Severity,
    /// Its parameters here: every declared one.
    pub params: Map<String, Value>,
}

/// A setting that fits no rule. Every one is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFault {
    /// The rule id that the setting is for.
    pub rule: String,
    /// The parameter at fault; `None`: the id itself.
    pub param: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Applies the settings and the filters, all of which a rule must pass. Sorted by id.
pub fn select(
    pack: &Pack,
    settings: &BTreeMap<String, RuleSettings>,
    filters: &[&RuleFilter],
) -> Result<Vec<Arc<SelectedRule>>, Vec<SettingFault>> {
    let faults: Vec<_> =
        settings.iter().flat_map(|(id, settings)| faults_of(pack, id, settings)).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let none = RuleSettings::default();
    let selected = pack.values().filter_map(|rule| {
        let settings = settings.get(&rule.id).unwrap_or(&none);
        let severity = settings.severity.unwrap_or(rule.meta.severity);
        let taken = settings.enabled != Some(false)
            && filters.iter().all(|filter| {
                filter.rules.as_ref().is_none_or(|globs| globs.matches(&rule.id))
                    && filter.named.as_ref().is_none_or(|named| named.contains(&rule.id))
                    && (settings.enabled == Some(true)
                        || filter.profile.as_ref().is_none_or(|profile| profile.has(rule)))
                    && !filter.exclude.as_ref().is_some_and(|globs| globs.matches(&rule.id))
                    && filter.min_severity.is_none_or(|least| severity.at_least(least))
            });
        taken.then(|| {
            let mut params = rule.meta.params.clone();
            params
                .extend(settings.params.iter().map(|(name, value)| (name.clone(), value.clone())));
            Arc::new(SelectedRule { rule: rule.clone(), severity, params })
        })
    });
    Ok(selected.collect())
}

/// Everything that the selected rules need.
pub fn demand(rules: &[Arc<SelectedRule>]) -> Demand {
    let mut demand = Demand::default();
    for selected in rules {
        demand.merge(&selected.rule.meta.demand());
    }
    demand
}

fn faults_of(pack: &Pack, id: &str, settings: &RuleSettings) -> Vec<SettingFault> {
    let Some(rule) = pack.get(id) else {
        let renamed = pack.values().find(|rule| rule.meta.aliases.iter().any(|alias| alias == id));
        let help = match (renamed, did_you_mean(id, pack.keys().map(String::as_str))) {
            (Some(rule), _) => Some(format!("it is now called `{}`", rule.id)),
            (None, Some(meant)) => Some(format!("did you mean `{meant}`?")),
            (None, None) => Some("`rolecall rules` lists them".to_owned()),
        };
        let message = format!("there is no rule `{}`", text::one_line(id, 120));
        return vec![SettingFault { rule: id.to_owned(), param: None, message, help }];
    };
    let declared = &rule.meta.params;
    let fault = |name: &String, value: &Value| {
        let (message, help) = match declared.get(name) {
            None => {
                let known: Vec<&str> = declared.keys().map(String::as_str).collect();
                let help = match did_you_mean(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if known.is_empty() => "the rule has no parameters".to_owned(),
                    None => format!("its parameters are {}", known.join(", ")),
                };
                (format!("rule `{id}` has no parameter `{}`", text::one_line(name, 60)), help)
            }
            Some(default) if !same_type(default, value) => (
                format!("parameter `{name}` of `{id}` must be {}", type_of(default)),
                format!("its default is {default}"),
            ),
            Some(_) => return None,
        };
        Some(SettingFault {
            rule: id.to_owned(),
            param: Some(name.clone()),
            message,
            help: Some(help),
        })
    };
    settings.params.iter().filter_map(|(name, value)| fault(name, value)).collect()
}

/// Whether a configured value can stand for a default: the same type, and for lists the same type
/// of every item where the default shows one. A default of `()` says nothing of the type.
fn same_type(default: &Value, value: &Value) -> bool {
    match (default, value) {
        (Value::Null, _) => true,
        (Value::Bool(_), Value::Bool(_)) | (Value::String(_), Value::String(_)) => true,
        (Value::Number(a), Value::Number(b)) => a.is_f64() || !b.is_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.first().is_none_or(|a| b.iter().all(|b| same_type(a, b)))
        }
        (Value::Object(a), Value::Object(b)) => {
            b.iter().all(|(name, value)| a.get(name).is_some_and(|a| same_type(a, value)))
                && a.keys().all(|name| b.contains_key(name))
        }
        _ => false,
    }
}

fn type_of(value: &Value) -> String {
    match value {
        Value::Null => "anything".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) if number.is_f64() => "a number".to_owned(),
        Value::Number(_) => "a whole number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) => format!("a list, each item {}", type_of(first)),
            None => "a list".to_owned(),
        },
        Value::Object(map) => {
            format!("a table with {}", map.keys().cloned().collect::<Vec<_>>().join(", "))
        }
    }
}
