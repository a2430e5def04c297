//! `rolecall rules --compare`: the controls of another tool, with the rules that report the same.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{ComparedTool, DocFormat, RuleSource};
use crate::model::text;
use crate::rules::{self, ComparedControl, DEFAULT_PROFILE, Pack, Profile, Rule};
use crate::run::error::CommandError;
use crate::run::setup::{Setup, library, typed_packs};

/// Ids of controls can be very long; wider ones are not aligned.
const MAX_WIDTH: usize = 64;
const NOT_YET: &str = "not in this version of rolecall";

/// A comparison, as `--format json` shows it.
#[derive(Serialize)]
pub(super) struct Report {
    tool: &'static str,
    name: String,
    version: String,
    scope: String,
    controls: Vec<Control>,
    summary: Summary,
    #[serde(skip)]
    noun: String,
}

#[derive(Serialize)]
struct Control {
    id: String,
    rules: Vec<ComparedRule>,
    /// Why there are no rules.
    undecidable: Option<String>,
    not_covered: Option<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct ComparedRule {
    id: String,
    /// Whether a scan would run it.
    selected: bool,
    /// The profiles that contain it.
    profiles: Vec<String>,
    /// Whether it runs only for the resource types of `[[tags.require]]`.
    required_tags: bool,
    /// Why it is not selected, for people.
    #[serde(skip)]
    mark: String,
}

#[derive(Serialize)]
struct Summary {
    controls: usize,
    with_rules: usize,
    with_selected_rules: usize,
}

/// The rules with which controls are compared.
struct Rules<'a> {
    pack: Pack,
    profiles: &'a [Profile],
    /// The profile of the run.
    profile: Option<&'a Profile>,
    selected: BTreeSet<&'a str>,
}

impl Rules<'_> {
    fn describe(&self, rule: &Rule) -> ComparedRule {
        let selected = self.selected.contains(rule.id.as_str());
        let profiles: Vec<String> = self
            .profiles
            .iter()
            .filter(|profile| profile.has(rule))
            .map(|profile| profile.name.clone())
            .collect();
        let required_tags = rule.is_on_required_tags();
        let mark = match profiles.first() {
            _ if selected => String::new(),
            _ if rule.meta.opt_in => "  (opt-in)".to_owned(),
            _ if required_tags => "  (if required by [[tags.require]])".to_owned(),
            Some(first) if !self.profile.is_some_and(|profile| profile.has(rule)) => {
                format!("  (profile {first})")
            }
            _ => "  (not selected)".to_owned(),
        };
        ComparedRule { id: rule.id.clone(), selected, profiles, required_tags, mark }
    }

    fn compare(&self, control: ComparedControl) -> Control {
        let ComparedControl { id, rules, undecidable, not_covered, note } = control;
        let known = rules.iter().filter_map(|rule| self.pack.get(rule));
        let described: Vec<ComparedRule> = known.map(|rule| self.describe(rule)).collect();
        let is_missing = described.is_empty() && !rules.is_empty();
        let not_covered = not_covered.or_else(|| is_missing.then(|| NOT_YET.to_owned()));
        Control { id, rules: described, undecidable, not_covered, note }
    }
}

impl Control {
    /// Why there are no rules.
    fn reason(&self) -> String {
        let reason = self.undecidable.as_ref().or(self.not_covered.as_ref());
        format!("no rule: {}", reason.map_or("", String::as_str))
    }
}

impl Report {
    /// Compares a tool with the rules of a setup.
    pub(super) fn new(
        tool: ComparedTool,
        setup: &Setup,
        source: &RuleSource,
    ) -> Result<Self, CommandError> {
        let compared = rules::comparison(tool.as_str()).ok_or_else(|| {
            CommandError::Usage(format!("no comparison with `{}`", tool.as_str()))
        })?;
        let configured = setup.config.scan.selection.profile.as_deref();
        let chosen = source.rule_profile.as_deref().or(configured).unwrap_or(DEFAULT_PROFILE);
        let rules = Rules {
            // Those on required tags, too, whether or not they run.
            pack: library(&setup.config, &typed_packs(source))?.pack,
            profiles: &setup.profiles,
            profile: setup.profiles.iter().find(|profile| profile.name == chosen),
            selected: setup.rules.iter().map(|selected| selected.rule.id.as_str()).collect(),
        };
        let controls: Vec<Control> =
            compared.controls.into_iter().map(|control| rules.compare(control)).collect();
        let count =
            |wanted: fn(&Control) -> bool| controls.iter().filter(|one| wanted(one)).count();
        let summary = Summary {
            controls: controls.len(),
            with_rules: count(|control| !control.rules.is_empty()),
            with_selected_rules: count(|control| control.rules.iter().any(|rule| rule.selected)),
        };
        Ok(Self {
            tool: tool.as_str(),
            name: compared.name,
            version: compared.version,
            scope: compared.scope,
            controls,
            summary,
            noun: compared.noun,
        })
    }

    /// Writes the comparison.
    pub(super) fn write(&self, format: DocFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            DocFormat::Text => self.text(out),
            DocFormat::Markdown => self.markdown(out),
            DocFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                out.write_all(b"\n")
            }
        }
    }

    fn counts(&self) -> String {
        let Summary { controls, with_rules, with_selected_rules } = self.summary;
        format!(
            "{with_rules} of {controls} {}s of {} have corresponding rules; a scan would run rules for {with_selected_rules} of them.",
            self.noun, self.name
        )
    }

    /// One line for each control and rule.
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} ({}): {}\n", self.name, self.version, self.scope.replace('`', ""))?;
        let widths = self.controls.iter().map(|control| control.id.width());
        let width = widths.filter(|width| *width <= MAX_WIDTH).max().unwrap_or(0);
        for control in &self.controls {
            let id = &control.id;
            for rule in &control.rules {
                writeln!(out, "{id:width$}  {}{}", rule.id, rule.mark)?;
            }
            if control.rules.is_empty() {
                writeln!(out, "{id:width$}  {}", control.reason())?;
            }
            if let Some(note) = &control.note {
                writeln!(out, "{:width$}  {note}", "")?;
            }
        }
        writeln!(out, "\n{}", self.counts())
    }

    fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, version, scope, noun, .. } = self;
        writeln!(out, "# {name}\n\nVersion: {version}. Listed: {scope}.\n")?;
        writeln!(out, "| {noun} | rules |\n|---|---|")?;
        for control in &self.controls {
            let rules: Vec<String> = control
                .rules
                .iter()
                .map(|rule| format!("`{}`{}", rule.id, rule.mark.replacen("  ", " ", 1)))
                .collect();
            let rules = if rules.is_empty() {
                format!("*{}*", text::markdown(&control.reason()))
            } else {
                rules.join(", ")
            };
            let note = control.note.as_ref().map(|note| format!(" – {note}")).unwrap_or_default();
            writeln!(out, "| `{}` | {rules}{note} |", control.id)?;
        }
        writeln!(out, "\n{}\n", self.counts())
    }
}
