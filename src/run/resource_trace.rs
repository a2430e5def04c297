//! `rolecall evaluate --trace`: the verdicts of one resource, and every value that the rules read.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::error::CommandError;
use super::evaluation::{accounts, check_overrides, evaluation, known_accounts, known_better};
use super::setup::Setup;
use super::terminal;
use crate::cli::{EvaluateArgs, Global};
use crate::evaluate::Traced;
use crate::exit::Exit;
use crate::model::text::{one_line, printable};
use crate::model::{ResourceRef, Severity, Verdict};
use crate::output::{Destination, LogLines, Sink};
use crate::rules::{Read, RuleOutcome, SelectedRule, Trace};
use crate::snapshot::Reader;

/// Values are truncated to keep lines readable; JSON has more.
pub(crate) const WIDEST: usize = 240;

/// Runs the command.
pub(crate) fn run(
    global: &Global,
    args: &EvaluateArgs,
    setup: &Setup,
    reader: &Reader,
    resource: &str,
) -> Result<Exit, CommandError> {
    let mut wanted = Vec::new();
    for output in &args.outputs.output {
        let to = output.path.clone().map_or(Destination::Stdout, Destination::File);
        match output.format.as_str() {
            format @ ("text" | "json") => wanted.push((format, to)),
            other => {
                return Err(CommandError::Usage(format!(
                    "--trace supports the formats `text` and `json`, not `{other}`"
                )));
            }
        }
    }
    if wanted.is_empty() {
        wanted.push(("text", Destination::Stdout));
    }
    Destination::check(wanted.iter().map(|(_, to)| to))?;
    let targets = known_better(&setup.config, reader);
    check_overrides(&setup.config, reader, &targets, global.quiet)?;
    let accounts = accounts(setup, reader, &targets)?;
    let traced = evaluation(setup, Some(accounts), targets, known_accounts(reader))
        .trace(reader, resource)?;
    for (format, to) in &wanted {
        let mut sink = Sink::open(to, args.outputs.mode())?;
        let color = *to == Destination::Stdout && terminal::stdout_color(global.color);
        sink.write_with(|out| match *format {
            "json" => json(&traced, out),
            _ => text(&traced, color, &mut LogLines::new(out)),
        })?;
        sink.commit()?;
    }
    let fail_on = args.evaluation.fail_on.map_or(setup.config.scan.fail_on, |typed| typed.0);
    let verdict = |wanted: &[Verdict], from: Option<Severity>| {
        let mut rules = traced.rules.iter();
        rules.any(|(rule, trace)| {
            wanted.contains(&trace.outcome.verdict)
                && from.is_none_or(|least| rule.severity.at_least(least))
        })
    };
    let failed = fail_on.is_some() && verdict(&[Verdict::Fail], fail_on);
    Ok(Exit::of_run(failed, verdict(&[Verdict::Unknown, Verdict::Error], None)))
}

fn text(traced: &Traced, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let style = anstyle::Style::new().bold();
    let bold = |text: &str| if color { format!("{style}{text}{style:#}") } else { text.to_owned() };
    let about = &traced.resource;
    let who = about.arn.as_deref().or(about.id.as_deref()).unwrap_or_default();
    let name = about.name.as_deref().filter(|name| about.id.as_deref() != Some(*name));
    let name = name.map(|name| format!(" ({})", one_line(name, 100))).unwrap_or_default();
    writeln!(out, "{}{name}", bold(&format!("{} {}", about.kind, one_line(who, 300))))?;
    let account = match &traced.target.name {
        Some(name) => format!("{} ({})", one_line(name, 60), traced.target.account),
        None => traced.target.account.to_string(),
    };
    writeln!(
        out,
        "{account} · {} · collected {}",
        about.region,
        one_line(&traced.collected_at, 40)
    )?;
    for (rule, Trace { outcome, reads, left_out, .. }) in &traced.rules {
        writeln!(
            out,
            "\n{}  {}  {}",
            bold(&rule.rule.id),
            rule.severity,
            printable(&rule.rule.file.name)
        )?;
        lines("verdict", [evaluated(outcome)], out)?;
        lines(
            "evidence",
            outcome.evidence.iter().map(|piece| one_line(&piece.to_string(), WIDEST)),
            out,
        )?;
        let more = (*left_out > 0).then(|| format!("… and {left_out} more"));
        lines("read", reads.iter().map(read).chain(more), out)?;
    }
    Ok(())
}

/// Lines with a label in front of the first one.
pub(crate) fn lines(
    name: &str,
    lines: impl IntoIterator<Item = String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, line) in lines.into_iter().enumerate() {
        writeln!(out, "  {:8}  {line}", if index == 0 { name } else { "" })?;
    }
    Ok(())
}

/// A verdict with its message.
pub(crate) fn evaluated(got: &RuleOutcome) -> String {
    if got.message.is_empty() {
        got.verdict.to_string()
    } else {
        format!("{}: {}", got.verdict, printable(&got.message))
    }
}

/// A value that was read, with its line.
pub(crate) fn read(read: &Read) -> String {
    let line = read.line.map_or_else(|| "line ?".to_owned(), |line| format!("line {line}"));
    format!(
        "{line:8}  {} = {}",
        one_line(&read.path, WIDEST),
        one_line(&read.value.to_string(), WIDEST)
    )
}

#[derive(Serialize)]
struct Document<'a> {
    account: &'a str,
    account_name: Option<&'a str>,
    collected_at: &'a str,
    resource: &'a ResourceRef,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    rule: &'a str,
    severity: Severity,
    file: &'a str,
    verdict: Verdict,
    message: &'a str,
    evidence: &'a [Value],
    reads: &'a [Read],
    reads_left_out: usize,
}

fn json(traced: &Traced, out: &mut dyn Write) -> io::Result<()> {
    fn rule<'a>((selected, trace): &'a (std::sync::Arc<SelectedRule>, Trace)) -> Rule<'a> {
        Rule {
            rule: &selected.rule.id,
            severity: selected.severity,
            file: &selected.rule.file.name,
            verdict: trace.outcome.verdict,
            message: &trace.outcome.message,
            evidence: &trace.outcome.evidence,
            reads: &trace.reads,
            reads_left_out: trace.left_out,
        }
    }
    let document = Document {
        account: traced.target.account.as_str(),
        account_name: traced.target.name.as_deref(),
        collected_at: &traced.collected_at,
        resource: &traced.resource,
        rules: traced.rules.iter().map(rule).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}
