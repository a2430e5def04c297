//! The rules of a run for GitHub: all selected rules, with severity, documentation and tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ResultLevel,
};

use super::message::without_markdown;
use crate::model::text::{is_unprintable, one_line};
use crate::model::{COULD_NOT_CHECK, Fingerprint, Severity};
use crate::report::{AccountReport, CouldNotCheck, RuleInfo, RunInfo, What};

/// Longest rule name.
pub(super) const NAME_MAX: usize = 255;
/// Longest short and full description.
pub(super) const DESCRIPTION_MAX: usize = 1_024;
/// Number of tags that GitHub shows.
pub(super) const TAGS_SHOWN: usize = 10;
/// Longest documentation of a rule.
const PROSE_MAX: usize = 20_000;

/// The SARIF level of a severity.
pub(super) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
    }
}

/// GitHub's `security-severity` score, as a string; `info` has none.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// The identity of a gap across runs: its region and API call, or rule.
pub(super) fn gap_fingerprint(gap: &CouldNotCheck<'_>, report: &AccountReport) -> Fingerprint {
    let what = match gap.what {
        What::Call(call) => call,
        What::Rule(rule) => rule,
    };
    Fingerprint::new(COULD_NOT_CHECK, &report.partition, &report.account, &gap.region, what)
}

/// The rule whose results stand for what could not be checked.
pub(super) fn could_not_check() -> ReportingDescriptor {
    const TITLE: &str = "Resources could not be checked";
    const WHAT: &str = "An API call failed or a rule did not reach a verdict, so resources may violate rules without an alert.";
    const HELP: &str = "An API call failed or a rule did not reach a verdict, so resources may violate rules without an alert. \
        Alerts that were open before stay open until the resources can be checked again.\n\n\
        To fix it, grant the missing permission to the role that rolecall assumes (`rolecall permissions` prints the policy), \
        or accept the gap with `[[accepted_gap]]` in `rolecall.toml`. The alert closes when the call succeeds, or when an alert for a call that fails earlier replaces it.";
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let mut help = text(&HELP.replace('`', ""));
    help.markdown = Some(HELP.to_owned());
    let level = ReportingConfiguration::builder().level(json!(ResultLevel::Note)).build();
    ReportingDescriptor::builder()
        .id(COULD_NOT_CHECK)
        .name(COULD_NOT_CHECK)
        .short_description(text(TITLE))
        .full_description(text(WHAT))
        .help(help)
        .default_configuration(level)
        .properties(
            PropertyBag::builder()
                .tags(vec!["security".to_owned(), "coverage".to_owned()])
                .additional_properties(BTreeMap::from([("precision".to_owned(), json!("high"))]))
                .build(),
        )
        .build()
}

/// The rules of the run in the order of the report, sorted by their id for GitHub.
pub(super) fn sorted(run: &RunInfo) -> Vec<&RuleInfo> {
    let mut rules: Vec<&RuleInfo> = run.rules.iter().collect();
    rules.sort_by_key(|rule| (rule.oldest(), rule.id.as_str()));
    rules
}

/// The first text that is not empty, as one line.
fn first_of(texts: [&str; 3], max: usize) -> String {
    texts
        .into_iter()
        .map(|text| one_line(text.trim(), max))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| "rule".to_owned())
}

/// Multi-line text with unprintable characters replaced.
fn prose(text: &str) -> String {
    text.chars()
        .take(PROSE_MAX)
        .map(|c| if is_unprintable(c) && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .collect()
}

/// A link that GitHub can show: `http` or `https`, without spaces.
pub(super) fn link(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let good = !rest.is_empty()
        && uri.len() <= 1_000
        && uri.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    good.then_some(uri)
}

/// A rule.
pub(super) fn descriptor(rule: &RuleInfo) -> ReportingDescriptor {
    let text = |text: String| MultiformatMessageString::builder().text(text).build();
    let markdown = prose(rule.markdown.trim());
    let help = without_markdown(&markdown);
    let help = if help.is_empty() {
        first_of([&rule.summary, &rule.title, &rule.id], DESCRIPTION_MAX)
    } else {
        help
    };
    // The command only: SARIF fixes are edits of files.
    let plan = format!("rolecall remediate plan --rule {}", one_line(&rule.id, NAME_MAX));
    let (plain, formatted) = match rule.is_fixable {
        true => {
            (format!("\n\nTo plan fixes, run: {plan}"), format!("\n\nTo plan fixes, run `{plan}`."))
        }
        false => (String::new(), String::new()),
    };
    let mut help = text(format!("{help}{plain}"));
    if !markdown.is_empty() {
        help.markdown = Some(format!("{markdown}{formatted}"));
    }
    let mut tags = vec!["security".to_owned()];
    for tag in &rule.tags {
        let tag = one_line(tag.trim(), 100);
        if !tag.is_empty() && !tags.contains(&tag) && tags.len() < TAGS_SHOWN {
            tags.push(tag);
        }
    }
    let mut properties: BTreeMap<String, Value> =
        BTreeMap::from([("precision".to_owned(), json!("high"))]);
    if let Some(number) = security_severity(rule.severity) {
        properties.insert("security-severity".to_owned(), json!(number));
    }
    let level = ReportingConfiguration::builder().level(json!(level(rule.severity))).build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.oldest())
        .name(first_of([&rule.id, rule.oldest(), ""], NAME_MAX))
        .short_description(text(first_of([&rule.title, &rule.summary, &rule.id], DESCRIPTION_MAX)))
        .full_description(text(first_of([&rule.summary, &rule.title, &rule.id], DESCRIPTION_MAX)))
        .help(help)
        .default_configuration(level)
        .properties(PropertyBag::builder().tags(tags).additional_properties(properties).build())
        .build();
    descriptor.help_uri = rule.help_uri.as_deref().and_then(link).map(str::to_owned);
    descriptor
}
