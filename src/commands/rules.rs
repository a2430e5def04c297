//! `rolecall rules`: which rules there are.

pub(super) mod reference;

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::CommandError;
use super::setup::Setup;
use crate::cli::{DocFormat, Global, Narrowing, RulesArgs};
use crate::exit::Exit;
use crate::facts;
use crate::model::{Severity, text};
use crate::rules::Rule;
use crate::rules::SelectedRule;
use crate::rules::{self};
use crate::rules::{DEFAULT_PROFILE, Profile};
use crate::rules::{Framework, Frameworks, Requirement};

/// Rules, and what stands beside them.
pub(super) struct Listing<'a> {
    pub(super) rules: &'a [Arc<SelectedRule>],
    pub(super) frameworks: &'a Frameworks,
    pub(super) profiles: &'a [Profile],
}

impl Listing<'_> {
    /// The first profile that has the rule; those after it have it too.
    pub(super) fn profile(&self, rule: &Rule) -> Option<&str> {
        self.profiles.iter().find(|profile| profile.has(rule)).map(|profile| profile.name.as_str())
    }

    /// The requirements that a rule decides.
    pub(super) fn requirements<'a>(
        &'a self,
        rule: &'a Rule,
    ) -> impl Iterator<Item = (&'a Framework, &'a Requirement)> {
        self.frameworks.values().flat_map(move |framework| {
            let decided = framework
                .requirements
                .iter()
                .filter(|requirement| requirement.rules().contains(&rule.id));
            decided.map(move |requirement| (&**framework, requirement))
        })
    }
}

/// Writes the list to `out`.
pub fn run(global: &Global, args: &RulesArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &Narrowing::default(), &args.rules, false)?;
    let listing =
        Listing { rules: &setup.rules, frameworks: &setup.frameworks, profiles: &setup.profiles };
    match args.format {
        DocFormat::Text => table(&listing, out),
        DocFormat::Json => json(&listing, out),
        DocFormat::Markdown => listing
            .rules
            .iter()
            .try_for_each(|selected| writeln!(out, "{}", reference::page(selected, &listing))),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

fn table(listing: &Listing<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let rules = listing.rules;
    let width = rules.iter().map(|selected| selected.rule.id.width()).max().unwrap_or(0);
    let kinds =
        rules.iter().map(|selected| selected.rule.meta.kind.name.width()).max().unwrap_or(0);
    for selected in rules {
        let rule = &selected.rule;
        let title = text::printable(&rule.meta.title);
        let mark = match (&rule.folder, listing.profile(rule)) {
            (Some(_), _) => "  (yours)".to_owned(),
            (None, Some(profile)) if profile != DEFAULT_PROFILE => format!("  (profile {profile})"),
            (None, _) => String::new(),
        };
        writeln!(
            out,
            "{:width$}  {:8}  {:kinds$}  {title}{mark}",
            rule.id, selected.severity, rule.meta.kind.name
        )?;
    }
    Ok(())
}

/// A rule as `--format json` shows it.
#[derive(Serialize)]
pub(super) struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    default_severity: Severity,
    resource: &'a str,
    needs: Vec<String>,
    /// Kinds whose resources are named in a failure when they use the resource.
    used_by: Vec<&'a str>,
    params: &'a Map<String, Value>,
    aliases: &'a [String],
    /// What it asks of AWS, with the IAM actions that allow it.
    calls: Vec<Call>,
    /// The profiles that have it.
    profiles: Vec<&'a str>,
    /// The requirements that it decides, as `framework/number`.
    frameworks: Vec<String>,
    summary: &'a str,
    help_uri: Option<&'a str>,
    source: String,
    replaces_built_in: bool,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Call {
    call: &'static str,
    action: &'static str,
    /// Whether it only adds to the evidence: the verdict is the same without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    evidence_only: bool,
}

fn json(listing: &Listing<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let listed: Vec<Listed<'_>> =
        listing.rules.iter().map(|selected| describe(selected, listing)).collect();
    serde_json::to_writer_pretty(&mut *out, &listed)?;
    out.write_all(b"\n")
}

/// What a rule reads beyond the list of its kind, as its file writes it.
pub(super) fn needs(rule: &Rule) -> Vec<String> {
    let needs = &rule.meta.needs;
    let own = needs.own.iter().map(|fact| (*fact).to_owned());
    let related = needs.related.iter().flat_map(|(kind, facts)| {
        let facts: Vec<String> = facts.iter().map(|fact| format!("{kind}/{fact}")).collect();
        if facts.is_empty() { vec![(*kind).to_owned()] } else { facts }
    });
    own.chain(related).collect()
}

/// Whose resources a failure names, as a sentence for people; `quote` marks the kinds.
pub(super) fn used_by(rule: &Rule, quote: impl Fn(&str) -> String) -> Option<String> {
    let kinds: Vec<String> = rule.meta.used_by.iter().map(|kind| quote(kind.name)).collect();
    let kinds = (!kinds.is_empty()).then(|| kinds.join(", "))?;
    Some(format!("A failure names which of {kinds} use it; the verdict does not depend on them."))
}

/// All of it for programs.
pub(super) fn describe<'a>(selected: &'a SelectedRule, listing: &'a Listing<'_>) -> Listed<'a> {
    let rule = &selected.rule;
    let meta = &rule.meta;
    let decisive = facts::calls(&meta.decisive_demand());
    let calls = facts::calls(&meta.demand()).into_iter().map(|call| Call {
        call: call.name,
        action: call.action,
        evidence_only: !decisive.iter().any(|other| other.name == call.name),
    });
    Listed {
        id: &rule.id,
        title: &meta.title,
        severity: selected.severity,
        default_severity: meta.severity,
        resource: meta.kind.name,
        needs: needs(rule),
        used_by: meta.used_by.iter().map(|kind| kind.name).collect(),
        params: &selected.params,
        aliases: &meta.aliases,
        calls: calls.collect(),
        profiles: listing
            .profiles
            .iter()
            .filter(|profile| profile.has(rule))
            .map(|profile| profile.name.as_str())
            .collect(),
        frameworks: rules::tags(listing.frameworks, &rule.id),
        summary: &rule.prose.summary,
        help_uri: rule.prose.help_uri.as_deref(),
        source: rule.file.name.clone(),
        replaces_built_in: rule.replaces_built_in,
        sha256: &rule.sha256,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use super::*;
    use crate::rules::EVERY_RULE;
    use crate::rules::Library;
    use crate::rules::RuleFilter;

    #[test]
    fn the_reference_in_docs_is_current() {
        const GENERATED: &str = "<!-- Generated: `UPDATE_DOCS=1 cargo test --lib docs_is_current` writes this page. -->\n";
        let Library { pack, frameworks, profiles } = Library::load(&[]).unwrap();
        let rules = rules::select(&pack, &BTreeMap::new(), &[&RuleFilter::default()]).unwrap();
        let listing = Listing { rules: &rules, frameworks: &frameworks, profiles: &profiles };
        let mut pages = BTreeMap::from([("README.md".to_owned(), reference::index(&listing))]);
        pages.extend(rules.iter().map(|selected| {
            (format!("{}.md", selected.rule.id), reference::page(selected, &listing))
        }));
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
        let there = || -> BTreeSet<String> {
            let entries = fs::read_dir(&dir).into_iter().flatten();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&dir).unwrap();
            there()
                .iter()
                .filter(|name| !pages.contains_key(*name))
                .for_each(|name| fs::remove_file(dir.join(name)).unwrap());
            pages.iter().for_each(|(name, page)| {
                fs::write(dir.join(name), format!("{GENERATED}{page}")).unwrap()
            });
        }
        let stale = |name: &str| {
            format!(
                "docs/rules/{name} is stale: run `UPDATE_DOCS=1 cargo test --lib docs_is_current`"
            )
        };
        for (name, page) in &pages {
            let written = fs::read_to_string(dir.join(name)).unwrap_or_default();
            assert!(written == format!("{GENERATED}{page}"), "{}", stale(name));
        }
        let gone: Vec<String> =
            there().into_iter().filter(|name| !pages.contains_key(name)).collect();
        assert!(gone.is_empty(), "{}", stale(&gone.join(", ")));
    }

    #[test]
    fn the_last_profile_has_every_rule_and_each_has_those_of_the_one_before() {
        let Library { pack, profiles, .. } = Library::load(&[]).unwrap();
        let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["baseline", "strict", EVERY_RULE]);
        for rule in pack.values() {
            assert!(profiles.last().unwrap().has(rule), "{}", rule.id);
            let has: Vec<bool> = profiles.iter().map(|profile| profile.has(rule)).collect();
            assert!(has.is_sorted(), "{}: {has:?}", rule.id);
        }
        assert!(pack.values().filter(|rule| profiles[0].has(rule)).count() >= 10);
    }
}
