//! `[rules."<id>"]`: settings of individual rules, and their overrides in some accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::settings::{Config, span_keys};
use super::values;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader::Item;
use crate::model::{AccountKeys, Globs, code_series, did_you_mean, text};
use crate::rules::{FixSettings, ParamOverride, RuleSettings};

type Spans = BTreeMap<String, Range<usize>>;

/// Reads `[rules]`.
pub(super) fn section(item: Item<'_>, spans: &mut Spans) -> Option<BTreeMap<String, RuleSettings>> {
    let table = item.table("[rules]")?;
    let mut rules = BTreeMap::new();
    for (key_span, item) in table.entries() {
        let id = item.key;
        let shown = text::one_line(id, 60);
        if id.trim().is_empty() {
            item.reader.report(item.reader.diagnostic(key_span, "empty rule id"));
            continue;
        }
        if !item.value.get_ref().is_table() {
            let diagnostic =
                item.reader.diagnostic(key_span, format!("`{shown}` in [rules] must be a table"));
            item.reader.report(diagnostic.help(
                "add a section [rules.\"<id>\"] with `enabled`, `severity`, `params` or `fix`",
            ));
            continue;
        }
        let Some(table) = item.table(format!("[rules.\"{shown}\"]")) else { continue };
        let mut settings = RuleSettings {
            enabled: table.get("enabled").and_then(|item| item.boolean()),
            severity: table.get("severity").and_then(values::severity),
            ..RuleSettings::default()
        };
        if let Some(item) = table.get("params") {
            settings.params = params(item, |name, span| {
                spans.insert(span_keys::param(id, name), span);
            });
        }
        if let Some(item) = table.get("override") {
            for item in item.list(&format!("[[rules.\"{shown}\".override]] tables")) {
                let index = settings.overrides.len();
                settings.overrides.extend(param_override(id, index, item, spans));
            }
        }
        if let Some(item) = table.get("fix") {
            settings.fix = fix(id, item, spans);
        }
        table.finish();
        spans.insert(span_keys::rule(id), key_span);
        rules.insert(id.to_owned(), settings);
    }
    Some(rules)
}

/// `[rules."<id>".fix]`.
fn fix(id: &str, item: Item<'_>, spans: &mut Spans) -> FixSettings {
    let mut settings = FixSettings::default();
    let name = format!("[rules.\"{}\".fix]", text::one_line(id, 60));
    let Some(table) = item.table(name) else { return settings };
    settings.allow_unsafe = table.get("unsafe").and_then(|item| item.boolean());
    if let Some(item) = table.get("params") {
        settings.params = params(item, |name, span| {
            spans.insert(span_keys::fix_param(id, name), span);
        });
    }
    table.finish();
    spans.insert(span_keys::fix(id), item.span());
    settings
}

/// Parameters; `each` gets the span of each name.
fn params(item: Item<'_>, mut each: impl FnMut(&str, Range<usize>)) -> Map<String, Value> {
    let mut params = Map::new();
    let Some(table) = item.table("`params`") else { return params };
    for (key_span, item) in table.entries() {
        each(item.key, key_span);
        if let Some(value) = values::json(item, item.value) {
            params.insert(item.key.to_owned(), value);
        }
    }
    params
}

/// One `[[rules."<id>".override]]`.
fn param_override(
    id: &str,
    index: usize,
    item: Item<'_>,
    spans: &mut Spans,
) -> Option<ParamOverride> {
    let table = item.table(format!("[[rules.\"{}\".override]]", text::one_line(id, 60)))?;
    let (accounts, labels) = (table.get("accounts"), table.get("labels"));
    let params_item = table.require("params", "set the parameters that differ: params = { … }");
    if accounts.is_none() && labels.is_none() {
        let help = format!("set `accounts` or `labels`, or move `params` to [rules.\"{id}\"]");
        table.report_error("this override applies to every account", help);
    }
    let mut found = ParamOverride::default();
    if let Some(item) = accounts {
        found.accounts = account_patterns(item);
        // The patterns are valid, so reading the list again reports no errors.
        if let Some(globs) = &found.accounts {
            for (pattern, item) in globs.patterns().iter().zip(item.one_or_many("patterns")) {
                spans.insert(span_keys::override_account(id, index, pattern), item.span());
            }
        }
    }
    if let Some(table) = labels.and_then(|item| item.table("`labels`")) {
        let mut is_empty = true;
        for (key_span, item) in table.entries() {
            is_empty = false;
            spans.insert(span_keys::override_label(id, index, item.key), key_span);
            if let Some(globs) = item.globs() {
                found.labels.insert(item.key.to_owned(), globs);
            }
        }
        if is_empty {
            table.report_error("`labels` is empty", "set a label, or remove the key");
        }
    }
    if let Some(item) = params_item {
        found.params = params(item, |name, span| {
            spans.insert(span_keys::override_param(id, index, name), span);
        });
    }
    table.finish();
    Some(found)
}

/// Patterns for ids and names of accounts.
fn account_patterns(item: Item<'_>) -> Option<Globs> {
    let items = match item.value.get_ref() {
        DeValue::Array(_) => item.list("patterns"),
        _ => vec![item],
    };
    let number = |item: &&Item<'_>| matches!(item.value.get_ref(), DeValue::Integer(_));
    if let Some(number) = items.iter().find(number) {
        number.report_error_with_help(
            number.wrong_type_message("a string"),
            "write account ids as strings: \"012345678901\"",
        );
        return None;
    }
    item.globs()
}

impl Config {
    /// Errors in overrides whose accounts or labels match none of the known accounts: usually typos,
    /// and the parameters would silently not apply.
    pub fn unmatched_overrides(&self, known: &[AccountKeys<'_>]) -> Vec<Diagnostic> {
        let mut errors = Vec::new();
        for (id, settings) in &self.rules {
            for (index, one) in settings.overrides.iter().enumerate() {
                errors.extend(self.unmatched_override(id, index, one, known));
            }
        }
        errors
    }

    fn unmatched_override(
        &self,
        id: &str,
        index: usize,
        one: &ParamOverride,
        known: &[AccountKeys<'_>],
    ) -> Option<Diagnostic> {
        let names: Vec<&str> = known
            .iter()
            .flat_map(|account| [Some(account.id.as_str()), account.name])
            .flatten()
            .collect();
        let did_mean = |meant: Option<&str>| meant.map(|meant| format!("did you mean `{meant}`?"));
        if let Some((pattern, meant)) = one.accounts.as_ref().and_then(|one| one.unmatched(&names))
        {
            let help = did_mean(meant)
                .unwrap_or_else(|| "use the id or the name of an account".to_owned());
            return Some(self.override_diagnostic(
                &span_keys::override_account(id, index, pattern),
                format!("no account matches `{}`", text::one_line(pattern, 80)),
                Some(help),
            ));
        }
        for (key, globs) in &one.labels {
            let at = span_keys::override_label(id, index, key);
            let values: Vec<&str> = known
                .iter()
                .filter_map(|account| account.labels.get(key).map(String::as_str))
                .collect();
            if values.is_empty() {
                let keys = known.iter().flat_map(|account| account.labels.keys());
                let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
                let message = format!("no account has the label `{}`", text::one_line(key, 80));
                let help = did_mean(did_you_mean(key, keys.iter().copied()));
                let help = help.or_else(|| listed("the labels of accounts are", keys));
                return Some(self.override_diagnostic(&at, message, help));
            }
            if let Some((pattern, meant)) = globs.unmatched(&values) {
                let (key, pattern) = (text::one_line(key, 80), text::one_line(pattern, 80));
                let message =
                    format!("no account has a label `{key}` whose value matches `{pattern}`");
                let values: BTreeSet<&str> = values.iter().copied().collect();
                let help = did_mean(meant).or_else(|| listed("its values are", values));
                return Some(self.override_diagnostic(&at, message, help));
            }
        }
        None
    }
}

fn listed(what: &str, values: BTreeSet<&str>) -> Option<String> {
    let series = text::one_line(&code_series(values.iter(), "and"), 300);
    (!values.is_empty()).then(|| format!("{what} {series}"))
}
