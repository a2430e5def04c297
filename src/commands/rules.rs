//! `rolecall rules`: which rules there are.

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::CommandError;
use super::setup::Setup;
use crate::cli::{Global, ListFormat, Narrowing, RulesArgs};
use crate::exit::Exit;
use crate::facts;
use crate::model::{Severity, text};
use crate::rules::SelectedRule;

/// Writes the list to `out`.
pub fn run(global: &Global, args: &RulesArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &Narrowing::default(), &args.rules, false)?;
    match args.format {
        ListFormat::Text => table(&setup.rules, out),
        ListFormat::Json => json(&setup.rules, out),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

fn table(rules: &[Arc<SelectedRule>], out: &mut dyn Write) -> std::io::Result<()> {
    let width = rules.iter().map(|selected| selected.rule.id.width()).max().unwrap_or(0);
    let kinds = rules.iter().map(|selected| selected.rule.meta.kind.name.width()).max().unwrap_or(0);
    for selected in rules {
        let rule = &selected.rule;
        let title = text::printable(&rule.meta.title);
        let origin = if rule.folder.is_none() { "" } else { "  (yours)" };
        writeln!(out, "{:width$}  {:8}  {:kinds$}  {title}{origin}", rule.id, selected.severity, rule.meta.kind.name)?;
    }
    Ok(())
}

/// A rule as `--format json` shows it.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    default_severity: Severity,
    resource: &'a str,
    needs: Vec<String>,
    params: &'a Map<String, Value>,
    aliases: &'a [String],
    /// What it asks of AWS, with the IAM actions that allow it.
    calls: Vec<Call>,
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
}

fn json(rules: &[Arc<SelectedRule>], out: &mut dyn Write) -> std::io::Result<()> {
    let listed: Vec<Listed<'_>> = rules.iter().map(|selected| describe(selected)).collect();
    serde_json::to_writer_pretty(&mut *out, &listed)?;
    out.write_all(b"\n")
}

fn describe(selected: &SelectedRule) -> Listed<'_> {
    let rule = &selected.rule;
    let meta = &rule.meta;
    let own = meta.needs.own.iter().map(|fact| (*fact).to_owned());
    let related = meta.needs.related.iter().flat_map(|(kind, facts)| {
        let facts: Vec<String> = facts.iter().map(|fact| format!("{kind}/{fact}")).collect();
        if facts.is_empty() { vec![(*kind).to_owned()] } else { facts }
    });
    let calls = facts::calls(&meta.demand()).into_iter().map(|call| Call { call: call.name, action: call.action });
    Listed {
        id: &rule.id,
        title: &meta.title,
        severity: selected.severity,
        default_severity: meta.severity,
        resource: meta.kind.name,
        needs: own.chain(related).collect(),
        params: &selected.params,
        aliases: &meta.aliases,
        calls: calls.collect(),
        summary: &rule.prose.summary,
        help_uri: rule.prose.help_uri.as_deref(),
        source: rule.file.name.clone(),
        replaces_built_in: rule.replaces_built_in,
        sha256: &rule.sha256,
    }
}
