//! Selects the rules to run, with their severities and parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::{AccountKeys, Demand, Globs, Severity, code_series, did_you_mean, text};
use crate::rules::language::param_types::{same_type, type_of};
use crate::rules::pack::overrides::ParamOverride;
use crate::rules::pack::profile::Profile;
use crate::rules::pack::rule::{Pack, Rule, known_ids, rules_named};
use crate::rules::pack::templates::kind_of_required_tags;

/// The configuration of one rule, or of all variants of a script.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSettings {
    /// `true` adds it to the selection; `false` never runs it.
    pub enabled: Option<bool>,
    /// Overrides its severity.
    pub severity: Option<Severity>,
    /// Override its parameters.
    pub params: Map<String, Value>,
    /// Override its parameters in some accounts, in the order of the file.
    pub overrides: Vec<ParamOverride>,
    /// The settings for its fixes.
    pub fix: FixSettings,
}

/// The settings for the fixes of one rule, `[rules."x".fix]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FixSettings {
    /// Whether plans can contain its unsafe fixes; by default, they cannot.
    pub allow_unsafe: Option<bool>,
    /// Override the parameters of `fix`.
    pub params: Map<String, Value>,
}

impl FixSettings {
    /// Whether plans can contain the unsafe fixes of the rule.
    pub fn allows_unsafe(&self) -> bool {
        self.allow_unsafe.unwrap_or_default()
    }
}

impl RuleSettings {
    /// The settings of a rule: if it is a variant, those for its script, except where it has its own.
    fn of(rule: &Rule, settings: &BTreeMap<String, Self>) -> Self {
        let own = settings.get(&rule.id).cloned().unwrap_or_default();
        match rule.script_id().and_then(|script| settings.get(script)) {
            Some(script) => own.over(script),
            None => own,
        }
    }

    /// These settings, and others where these have none. Parameters that these set for all accounts also
    /// take precedence over overrides of the others.
    fn over(self, others: &Self) -> Self {
        let merged = |own: Map<String, Value>, others: &Map<String, Value>| {
            let mut params = others.clone();
            params.extend(own);
            params
        };
        let mut overrides = others.overrides.clone();
        for one in &mut overrides {
            one.params.retain(|name, _| !self.params.contains_key(name));
        }
        overrides.extend(self.overrides);
        Self {
            enabled: self.enabled.or(others.enabled),
            severity: self.severity.or(others.severity),
            params: merged(self.params, &others.params),
            overrides,
            fix: FixSettings {
                allow_unsafe: self.fix.allow_unsafe.or(others.fix.allow_unsafe),
                params: merged(self.fix.params, &others.fix.params),
            },
        }
    }
}

/// Filters the rules of a run.
#[derive(Debug, Clone, Default)]
pub struct RuleFilter {
    /// Ids of rules, or of scripts with variants, to include; `None`: all.
    pub rules: Option<Globs>,
    /// Of those, rules that a selected framework refers to; `None`: all.
    pub named: Option<BTreeSet<String>>,
    /// Of those, rules in a profile and rules enabled by the config; `None`: all.
    pub profile: Option<Profile>,
    /// Whether rules enabled by the config are included, whatever the ids and the frameworks.
    pub adds_enabled: bool,
    /// Ids to exclude.
    pub exclude: Option<Globs>,
    /// The lowest severity to include, after severity overrides.
    pub min_severity: Option<Severity>,
}

impl RuleFilter {
    /// Includes every rule of a pack, opt-in rules as well.
    pub fn every(pack: &Pack) -> Self {
        let ids: Vec<&str> = pack.keys().map(String::as_str).collect();
        // Ids of rules have no characters that mean something in a pattern.
        Self { rules: Globs::new(&ids).ok(), ..Self::default() }
    }
}

/// A rule with its configuration.
#[derive(Debug, Clone)]
pub struct SelectedRule {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its effective severity.
    pub severity: Severity,
    /// The effective values of all its parameters, apart from overrides.
    pub params: Map<String, Value>,
    /// Parameters that differ in some accounts.
    pub overrides: Vec<ParamOverride>,
    /// The settings for its fixes.
    pub fix: FixSettings,
}

impl SelectedRule {
    /// The parameters of `fix`: those of the rule, and its own ones.
    pub fn fix_params(&self, params: &Map<String, Value>) -> Map<String, Value> {
        let mut all = params.clone();
        if let Some(fix) = &self.rule.meta.fix {
            all.extend(fix.params.clone());
        }
        all.extend(self.fix.params.clone());
        all
    }

    /// The documentation of the rule, if the values in it are right with its parameters.
    pub fn instructions(&self) -> Option<&str> {
        has_documented_values(&self.rule, &self.params, &self.overrides)
            .then_some(&*self.rule.prose.markdown)
    }

    /// The rule with its parameters in an account. If several overrides apply, later ones take
    /// precedence, parameter by parameter.
    pub fn in_account(self: &Arc<Self>, account: AccountKeys<'_>) -> Arc<Self> {
        let mut params = self.params.clone();
        let applied = self.overrides.iter().filter(|one| one.covers(account));
        applied.for_each(|one| params.extend(one.params.clone()));
        if params == self.params {
            self.clone()
        } else {
            Arc::new(Self { params, ..(**self).clone() })
        }
    }
}

/// The documentation of a rule, if the values in it are right with these settings.
pub fn instructions<'r>(
    rule: &'r Rule,
    settings: &BTreeMap<String, RuleSettings>,
) -> Option<&'r str> {
    let RuleSettings { params, overrides, .. } = RuleSettings::of(rule, settings);
    has_documented_values(rule, &params, &overrides).then_some(&*rule.prose.markdown)
}

/// Whether the values in the documentation of a rule are right: they are chosen for the defaults of
/// its parameters. What is exempt does not change them.
fn has_documented_values(
    rule: &Rule,
    params: &Map<String, Value>,
    overrides: &[ParamOverride],
) -> bool {
    let all = params.iter().chain(overrides.iter().flat_map(|one| &one.params));
    let mut others = all.filter(|(name, _)| !name.starts_with("exempt_"));
    others.all(|(name, value)| rule.meta.params.get(name) == Some(value))
}

/// An invalid rule setting. All of them are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The rule id that the setting is for.
    pub rule: String,
    /// The invalid parameter; `None` if the rule id is invalid.
    pub param: Option<String>,
    /// The index of the override that it is in.
    pub in_override: Option<usize>,
    /// Whether it is in the settings for the fixes of the rule.
    pub in_fix: bool,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// Applies the settings and selects the rules that match all filters, sorted by id. An opt-in rule
/// must also be enabled by the config, or named by its id, not by a pattern or a framework.
/// One that is enabled is then selected like the others.
pub fn select(
    pack: &Pack,
    settings: &BTreeMap<String, RuleSettings>,
    filters: &[&RuleFilter],
) -> Result<Vec<Arc<SelectedRule>>, Vec<SettingError>> {
    let diagnostics: Vec<_> =
        settings.iter().flat_map(|(id, settings)| setting_errors(pack, id, settings)).collect();
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let selected = pack.values().filter_map(|rule| {
        let settings = RuleSettings::of(rule, settings);
        let severity = settings.severity.unwrap_or(rule.meta.severity);
        let is_opted_in = !rule.meta.opt_in
            || settings.enabled == Some(true)
            || filters
                .iter()
                .any(|filter| filter.rules.as_ref().is_some_and(|globs| rule.is_named_by(globs)));
        let is_selected = settings.enabled != Some(false)
            && is_opted_in
            && filters.iter().all(|filter| {
                let is_enabled = settings.enabled == Some(true);
                let is_named = filter.rules.as_ref().is_none_or(|globs| rule.matches(globs))
                    && filter.named.as_ref().is_none_or(|named| named.contains(&rule.id));
                (is_named || is_enabled && filter.adds_enabled)
                    && (is_enabled
                        || filter.profile.as_ref().is_none_or(|profile| profile.has(rule)))
                    && !filter.exclude.as_ref().is_some_and(|globs| rule.matches(globs))
                    && filter.min_severity.is_none_or(|least| severity.at_least(least))
            });
        is_selected.then(|| {
            let mut params = rule.meta.params.clone();
            params.extend(settings.params);
            let RuleSettings { overrides, fix, .. } = settings;
            Arc::new(SelectedRule { rule: rule.clone(), severity, params, overrides, fix })
        })
    });
    Ok(selected.collect())
}

/// Everything that must be collected for the selected rules.
pub fn demand(rules: &[Arc<SelectedRule>]) -> Demand {
    let mut demand = Demand::default();
    for selected in rules {
        demand.merge(&selected.rule.meta.demand());
    }
    demand
}

/// When the built-in rule with that id exists, if it is a rule on required tags.
pub fn when_required(id: &str) -> Option<String> {
    let kind = kind_of_required_tags(id)?;
    Some(format!("it runs only if [[tags.require]] requires tags of `{}`", kind.name))
}

fn setting_errors(pack: &Pack, id: &str, settings: &RuleSettings) -> Vec<SettingError> {
    let rules = rules_named(pack, id);
    if rules.is_empty() {
        let renamed = pack.values().find(|rule| rule.meta.aliases.iter().any(|alias| alias == id));
        let help = match (renamed, did_you_mean(id, known_ids(pack))) {
            (Some(rule), _) => Some(format!("it was renamed to `{}`", rule.id)),
            (None, Some(meant)) => Some(format!("did you mean `{meant}`?")),
            (None, None) => Some("`rolecall rules --rule-profile all` lists all rules".to_owned()),
        };
        let help = when_required(id).or(help);
        let message = format!("unknown rule `{}`", text::one_line(id, 120));
        return vec![SettingError {
            rule: id.to_owned(),
            param: None,
            in_override: None,
            in_fix: false,
            message,
            help,
        }];
    }
    let mut errors: Vec<SettingError> = Vec::new();
    for error in rules.into_iter().flat_map(|rule| rule_setting_errors(rule, id, settings)) {
        // Variants have different defaults, but the same parameters.
        let is_known = |known: &SettingError| {
            SettingError { help: None, ..known.clone() }
                == SettingError { help: None, ..error.clone() }
        };
        if !errors.iter().any(is_known) {
            errors.push(error);
        }
    }
    errors
}

/// Errors in settings for a rule. `id`: its id, or that of its script.
fn rule_setting_errors(rule: &Rule, id: &str, settings: &RuleSettings) -> Vec<SettingError> {
    let declared = &rule.meta.params;
    let setting_error = |in_override: Option<usize>, name: &String, value: &Value| {
        let (message, help) = match declared.get(name) {
            None => {
                let known: Vec<&str> = declared.keys().map(String::as_str).collect();
                let help = match did_you_mean(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if known.is_empty() => "the rule has no parameters".to_owned(),
                    None => format!("valid parameters: {}", code_series(&known, "and")),
                };
                (format!("rule `{id}` has no parameter `{}`", text::one_line(name, 60)), help)
            }
            Some(default) if !same_type(default, value) => (
                format!("parameter `{name}` of `{id}` must be {}", type_of(default)),
                format!("the default is `{default}`"),
            ),
            Some(_) => {
                let limits = rule.meta.limits.get(name)?;
                let wrong = limits.violation(value)?;
                let help = "the rule declares this in `limits`".to_owned();
                (format!("parameter `{name}` of `{id}` {wrong}"), help)
            }
        };
        Some(SettingError {
            rule: id.to_owned(),
            param: Some(name.clone()),
            in_override,
            in_fix: false,
            message,
            help: Some(help),
        })
    };
    let of_rule = settings.params.iter().map(|(name, value)| (None, name, value));
    let overrides = settings.overrides.iter().enumerate();
    let of_accounts = overrides.flat_map(|(index, one)| {
        one.params.iter().map(move |(name, value)| (Some(index), name, value))
    });
    of_rule
        .chain(of_accounts)
        .filter_map(|(index, name, value)| setting_error(index, name, value))
        .chain(fix_errors(rule, id, &settings.fix))
        .collect()
}

/// Errors in the settings for the fixes of a rule.
fn fix_errors(rule: &Rule, id: &str, settings: &FixSettings) -> Vec<SettingError> {
    let error = |param: Option<&String>, message: String, help: String| SettingError {
        rule: id.to_owned(),
        param: param.cloned(),
        in_override: None,
        in_fix: true,
        message,
        help: Some(help),
    };
    let Some(fix) = &rule.meta.fix else {
        if *settings == FixSettings::default() {
            return Vec::new();
        }
        let message = format!("rule `{id}` has no automatic fix");
        return vec![error(None, message, "remove the section".to_owned())];
    };
    let of_param = |(name, value): (&String, &Value)| match fix.params.get(name) {
        None => {
            let known: Vec<&str> = fix.params.keys().map(String::as_str).collect();
            let help = match did_you_mean(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => "the fix has no parameters of its own".to_owned(),
                None => format!("valid parameters: {}", code_series(&known, "and")),
            };
            let name_shown = text::one_line(name, 60);
            let message = format!("the fix of rule `{id}` has no parameter `{name_shown}`");
            Some(error(Some(name), message, help))
        }
        Some(default) if !same_type(default, value) => Some(error(
            Some(name),
            format!("parameter `{name}` of the fix of `{id}` must be {}", type_of(default)),
            format!("the default is `{default}`"),
        )),
        Some(_) => None,
    };
    settings.params.iter().filter_map(of_param).collect()
}
