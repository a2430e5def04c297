//! Explains a rule: what its documentation page has, and its test cases and file.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::prose::Page;
use crate::cli::{DocFormat, ExplainArgs};
use crate::commands::rules::fixes::Fixes;
use crate::commands::rules::listing::{Listed, Listing, describe, needs, used_by};
use crate::commands::rules::reference;
use crate::config::Config;
use crate::facts;
use crate::model::text::{markdown, one_line, printable};
use crate::model::{Severity, Verdict, series};
use crate::rules::cases::{self, Case, CaseFile};
use crate::rules::{self, Library};
use crate::rules::{Meta, Rule};
use crate::rules::{RuleFilter, SelectedRule};

/// Writes the explanation of a rule in the library, with severity and parameters from the config.
pub(crate) fn explain(
    id: &str,
    config: &Config,
    library: &Library,
    args: &ExplainArgs,
    page: &mut Page<'_>,
) -> io::Result<()> {
    // Commands that run rules report settings that match no rule.
    let selected =
        rules::select(&library.pack, &config.rules, &[&RuleFilter::every(&library.pack)])
            .unwrap_or_default();
    let own = || {
        let rule = library.pack.get(id).or_else(|| rules::find_script(&library.pack, id))?;
        let (rule, severity, params) = (rule.clone(), rule.meta.severity, rule.meta.params.clone());
        Some(Arc::new(SelectedRule {
            rule,
            severity,
            params,
            overrides: Vec::new(),
            fix: Default::default(),
        }))
    };
    // A disabled rule is not selected.
    let Some(selected) = selected.into_iter().find(|one| one.rule.id == id).or_else(own) else {
        return Ok(());
    };
    let rules = [selected];
    let [selected] = &rules;
    let listing =
        Listing { rules: &rules, frameworks: &library.frameworks, profiles: &library.profiles };
    let explained = Explained::new(selected, &listing, args.source);
    match args.format.chosen() {
        DocFormat::Text => text(selected, &listing, &explained, page),
        DocFormat::Markdown => {
            write!(page.out, "{}{}", reference::page(selected, &listing), explained.markdown())
        }
        DocFormat::Json => {
            serde_json::to_writer_pretty(&mut *page.out, &explained)?;
            writeln!(page.out)
        }
    }
}

/// A rule for programs: the fields of `rolecall rules`, and more.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    default_params: &'a Map<String, Value>,
    markdown: &'a str,
    requirements: Vec<Decided<'a>>,
    cases: Cases,
    /// The rules that the script declares.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variants: Vec<VariantOf<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'a str>,
    /// The file, which the list has, too.
    #[serde(skip)]
    source: &'a str,
}

/// A variant of a script.
#[derive(Serialize)]
struct VariantOf<'a> {
    id: &'a str,
    title: &'a str,
    default_severity: Severity,
}

/// A requirement that the rule checks.
#[derive(Serialize)]
struct Decided<'a> {
    framework: &'a str,
    requirement: &'a str,
    title: &'a str,
}

/// The test cases of a rule.
#[derive(Serialize)]
struct Cases {
    file: String,
    number: usize,
    /// Number of cases per expected verdict.
    expect: BTreeMap<Verdict, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl<'a> Explained<'a> {
    fn new(selected: &'a SelectedRule, listing: &'a Listing<'_>, source: bool) -> Self {
        let rule = &selected.rule;
        let decided = listing.requirements(rule).map(|(framework, asked)| Decided {
            framework: &framework.id,
            requirement: &asked.id,
            title: &asked.title,
        });
        Self {
            listed: describe(selected, listing),
            default_params: &rule.meta.params,
            markdown: &rule.prose.markdown,
            requirements: decided.collect(),
            cases: Cases::of(rule),
            variants: variants(&rule.meta).collect(),
            source: &rule.file.name,
            script: source.then_some(&*rule.file.text),
        }
    }

    /// What the page of the rule does not have.
    fn markdown(&self) -> String {
        let file = printable(self.source).into_owned();
        let mut out = String::new();
        if !self.variants.is_empty() {
            out += "\n## Variants\n\n| rule | default severity | |\n|---|---|---|\n";
        }
        for VariantOf { id, title, default_severity } in &self.variants {
            out += &format!("| `{id}` | {default_severity} | {} |\n", markdown(title));
        }
        out += &format!("\n## File\n\n`{file}`, with {}.\n", self.cases.summary());
        if let Some(script) = self.script {
            out += &format!("\n```rust\n{}\n```\n", lines(script).collect::<Vec<_>>().join("\n"));
        }
        out
    }
}

fn variants(meta: &Meta) -> impl Iterator<Item = VariantOf<'_>> {
    meta.variants.iter().map(|variant| VariantOf {
        id: &variant.id,
        title: &variant.title,
        default_severity: variant.severity,
    })
}

impl Cases {
    /// The cases in the file of a rule; of a variant, only its own.
    fn of(rule: &Rule) -> Self {
        let beside = cases::path_beside(rule).map(|path| path.display().to_string());
        let file = beside.unwrap_or_else(|| rule.file.name.replace(".rhai", ".cases.json"));
        let mut all = Self { file, number: 0, expect: BTreeMap::new(), fault: None };
        match cases::beside(rule).map(|file| file.map(|file| CaseFile::read(&file))) {
            Ok(None) => {}
            Ok(Some(Ok(read))) => {
                let cases = read.cases.iter().map(|placed| &placed.case);
                let is_other =
                    |case: &&Case| rule.script.is_some() && case.variant.as_ref() != Some(&rule.id);
                for case in cases.filter(|case| !is_other(case)) {
                    all.number += 1;
                    *all.expect.entry(case.expect).or_default() += 1;
                }
            }
            Ok(Some(Err(faults))) => {
                all.fault = faults.first().map(|fault| one_line(&fault.to_string(), 300))
            }
            Err(error) => all.fault = Some(one_line(&error.to_string(), 300)),
        }
        all
    }

    /// In words.
    fn summary(&self) -> String {
        if let Some(error) = &self.fault {
            return format!("invalid test cases: {error}");
        }
        let expect: Vec<String> =
            self.expect.iter().map(|(verdict, number)| format!("{number} {verdict}")).collect();
        match self.number {
            0 => "no test cases".to_owned(),
            1 => format!("1 test case: {}", expect.join(", ")),
            number => format!("{number} test cases: {}", expect.join(", ")),
        }
    }
}

/// The lines of a script, made printable.
fn lines(script: &str) -> impl Iterator<Item = String> {
    script.lines().map(|line| printable(line).into_owned())
}

fn text(
    selected: &SelectedRule,
    listing: &Listing<'_>,
    explained: &Explained<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let rule = &selected.rule;
    let meta = &rule.meta;
    page.heading(&format!("{}: {}", rule.id, meta.title))?;
    let mut about = vec![format!("severity {}", selected.severity)];
    if selected.severity != meta.severity {
        about.push(format!("default {}", meta.severity));
    }
    about.push(format!("evaluates {}", meta.kind.name));
    let profiles = listing.profiles(rule);
    match profiles.as_slice() {
        [] if meta.opt_in => about.push("opt-in".to_owned()),
        [] => {}
        [only] => about.push(format!("profile: {only}")),
        several => about.push(format!("profiles: {}", several.join(", "))),
    }
    page.wrapped(&about.join(" · "), "", "")?;
    if !rule.prose.markdown.is_empty() {
        writeln!(page.out)?;
        page.markdown(&rule.prose.markdown)?;
    }
    if let Some(variant) = reference::variant(rule) {
        writeln!(page.out)?;
        page.wrapped(&variant.replace('`', ""), "", "")?;
    }
    if let Some(opt_in) = reference::opt_in(rule) {
        writeln!(page.out)?;
        page.wrapped(&opt_in.replace('`', ""), "", "")?;
    }
    if !explained.variants.is_empty() {
        section("Variants", page)?;
        let variants = explained.variants.iter();
        let rows = variants.map(|VariantOf { id, title, default_severity }| {
            [(*id).to_owned(), format!("{title} ({default_severity})")]
        });
        table(rows.collect(), page)?;
    }
    section("What it reads", page)?;
    let needs = needs(rule);
    let beyond = format!(
        "The rule reads the fields of `{}`, plus {}.",
        meta.kind.name,
        series(&needs, "and")
    );
    let alone = format!("The rule reads the fields of `{}`.", meta.kind.name);
    page.wrapped(if needs.is_empty() { &alone } else { &beyond }, "  ", "  ")?;
    if let Some(users) = used_by(rule, str::to_owned) {
        page.wrapped(&users, "  ", "  ")?;
    }
    let calls = facts::calls(&meta.demand());
    let calls =
        calls.iter().map(|call| [call.name.to_owned(), format!("IAM action {}", call.action)]);
    table(calls.collect(), page)?;
    if !selected.params.is_empty() {
        section("Parameters", page)?;
        let default = |name: &String, value: &Value| {
            meta.params.get(name).filter(|default| *default != value)
        };
        let rows = selected.params.iter().map(|(name, value)| {
            let default = default(name, value)
                .map(|default| format!(" (default {default})"))
                .unwrap_or_default();
            let limits =
                meta.limits.get(name).map(|limits| format!("; must {}", limits.requirement()));
            let limits = limits.unwrap_or_default();
            [name.clone(), one_line(&format!("{value}{default}{limits}"), 300)]
        });
        table(rows.collect(), page)?;
    }
    fixes(selected, page)?;
    if !explained.requirements.is_empty() {
        section("Frameworks", page)?;
        let row = |asked: &Decided<'_>| {
            [format!("{} {}", asked.framework, asked.requirement), asked.title.to_owned()]
        };
        table(explained.requirements.iter().map(row).collect(), page)?;
    }
    section("Files and profiles", page)?;
    let replaces = if rule.replaces_built_in { ", which overrides a built-in rule" } else { "" };
    let mut rows = vec![["file".to_owned(), format!("{}{replaces}", rule.file.name)]];
    rows.push([
        "test cases".to_owned(),
        format!("{} ({})", explained.cases.file, explained.cases.summary()),
    ]);
    rows.push([
        "profiles".to_owned(),
        if profiles.is_empty() { "none".to_owned() } else { profiles.join(", ") },
    ]);
    if !meta.terraform.is_empty() {
        rows.push(["Terraform".to_owned(), meta.terraform.join(", ")]);
    }
    if !meta.aliases.is_empty() {
        rows.push(["earlier ids".to_owned(), meta.aliases.join(", ")]);
    }
    table(rows, page)?;
    if let Some(script) = explained.script {
        section("Script", page)?;
        lines(script)
            .try_for_each(|line| writeln!(page.out, "{}", format!("  {line}").trim_end()))?;
    }
    Ok(())
}

/// What can be fixed, and how.
fn fixes(selected: &SelectedRule, page: &mut Page<'_>) -> io::Result<()> {
    let Some(fixes) = Fixes::of(selected) else { return Ok(()) };
    section("Remediation", page)?;
    page.wrapped(&fixes.summary(&selected.rule).replace('`', ""), "  ", "  ")?;
    let actions = fixes.actions.iter().map(|action| {
        let text = format!("{} IAM: {}", action.description, action.iam.join(", "));
        [action.name.to_owned(), text]
    });
    table(actions.collect(), page)?;
    if !fixes.needs.is_empty() {
        let needs = series(&fixes.needs, "and");
        page.wrapped(&format!("To plan a fix, rolecall also reads {needs}."), "  ", "  ")?;
    }
    let calls = fixes.calls.iter();
    let calls = calls.map(|call| [call.call.to_owned(), format!("IAM action {}", call.action)]);
    table(calls.collect(), page)?;
    let params = fixes.params.iter();
    let params = params
        .map(|(name, value)| [format!("parameter {name}"), one_line(&value.to_string(), 300)]);
    table(params.collect(), page)
}

fn section(title: &str, page: &mut Page<'_>) -> io::Result<()> {
    writeln!(page.out)?;
    page.heading(title)
}

/// Two columns, the second wrapped.
fn table(rows: Vec<[String; 2]>, page: &mut Page<'_>) -> io::Result<()> {
    let width = rows.iter().map(|[name, _]| name.width()).max().unwrap_or(0).min(50);
    let rest = " ".repeat(width + 4);
    rows.iter().try_for_each(|[name, text]| {
        page.wrapped(text, &format!("  {:width$}  ", printable(name)), &rest)
    })
}
