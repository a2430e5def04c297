//! `rolecall explain FINGERPRINT --report FILE`: a finding, the lines of code that cause it, and a patch
//! if another literal value fixes it.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::prose::Page;
use super::reported::{Reported, read};
use crate::cli::{DocFormat, ExplainArgs};
use crate::config::Config;
use crate::diagnostics::Diagnostic;
use crate::fixes::FixClass;
use crate::model::text::{one_line, printable};
use crate::model::{Place, Placing};
use crate::remediation::{CodeChange, CodeFailure};
use crate::rules::{Library, Rule, causes, instructions};
use crate::run::error::CommandError;
use crate::run::sources;
use crate::sources::{Repository, Sources, Subject};

/// Lines before and after the place.
const CONTEXT: usize = 3;

/// The code of a finding.
struct Code {
    place: Place,
    /// The text of its file, if it can be read.
    text: Option<String>,
    change: Option<CodeChange>,
    /// With a patch: what the rule says of such a change, if it is not safe.
    warning: Option<String>,
}

/// Said of code that is right already.
const DRIFT: &str =
    "The code has the right value already, and AWS has another one: apply the code.";

/// Said of an attribute whose value Terraform does not apply.
const IGNORED: &str = "Terraform ignores changes of this attribute, because `ignore_changes` lists it: remove it from the list before you change the value.";

/// Explains a finding of a report.
pub(super) fn explain(
    fingerprint: &str,
    report: &Path,
    config: &Config,
    library: &Library,
    args: &ExplainArgs,
    page: &mut Page<'_>,
) -> Result<(), CommandError> {
    let found = read(report, fingerprint)?.ok_or_else(|| {
        CommandError::Usage(format!(
            "no finding in `{}` has the fingerprint `{}`: copy the 32 hexadecimal digits of `fingerprint` from the report",
            report.display(),
            one_line(fingerprint, 60)
        ))
    })?;
    let sources = sources::open(config, &[])?;
    let code = code(&found, config, sources.as_deref(), library)?;
    let code = code.as_ref().map_err(String::as_str);
    match args.format.chosen() {
        DocFormat::Json => json(&found, code, page.out),
        DocFormat::Text => text(&found, code, page),
        DocFormat::Markdown => markdown(&found, code, page.out),
    }
    .map_err(CommandError::Write)
}

/// The code that causes a finding, or why it is not known. The code is found again if the config says
/// where it is, because lines move, and else as the report names it, if that still holds.
fn code(
    found: &Reported,
    config: &Config,
    sources: Option<&Sources>,
    library: &Library,
) -> Result<Result<Code, String>, CommandError> {
    let rule = library.pack.get(&found.rule);
    let terraform = rule.map(|rule| rule.meta.terraform.as_slice()).unwrap_or_default();
    let instructions = rule.and_then(|rule| instructions(rule, &config.rules)).unwrap_or_default();
    let placing = sources.map_or(Placing::NotDeclared, |sources| {
        sources.place(&Subject {
            account: &found.account,
            region: &found.resource.region,
            resource: &found.resource,
            tags: None,
            terraform: &causes(terraform, instructions, &found.evidence),
            evidence: &found.evidence,
        })
    });
    let (mut place, is_reported) = match placing {
        Placing::Placed(place) => (place, false),
        Placing::NotFound { address, reason } => {
            return Ok(Err(format!(
                "The code of the resource is not known: declared as {address}, but {reason}."
            )));
        }
        Placing::NotDeclared => match &found.source {
            Some(place) => (place.clone(), true),
            None => return Ok(Err(no_place(sources, found))),
        },
    };
    let own;
    let repository = match sources {
        Some(sources) => sources.repository(),
        None => {
            let start = config.path.as_deref().and_then(Path::parent);
            let start = start.map(Path::to_owned).unwrap_or_default();
            own = Repository::open(&start, config.scan.repository.as_deref())
                .map_err(|error| CommandError::Usage(error.to_string()))?;
            &own
        }
    };
    let text = repository.read(Path::new(&place.file)).ok();
    if is_reported && text.is_some() {
        match repository.current(&place) {
            Some(now) => place = now,
            None => return Ok(Err(gone(&place))),
        }
    }
    let failure = CodeFailure { instructions, terraform, evidence: &found.evidence };
    let change = text
        .as_deref()
        .and_then(|text| CodeChange::proposed(Some(repository), text, &place, &failure));
    let is_patch = matches!(change, Some(CodeChange::Patch(_)));
    let warning = rule.filter(|_| is_patch).and_then(|rule| warning(rule));
    Ok(Ok(Code { place, text, change, warning }))
}

/// What a rule whose fix is not safe says of the change: the first paragraph of how to fix it.
fn warning(rule: &Rule) -> Option<String> {
    let lead = match rule.meta.fix.as_ref()?.most {
        FixClass::Safe => return None,
        FixClass::Unsafe => "the change can break something",
        FixClass::ByHand => "the rule leaves the change to a person",
    };
    let (_, fix) = rule.prose.markdown.split_once("## How to fix it")?;
    let paragraph = fix.trim_start().split("\n\n").next().unwrap_or_default();
    let is_text = !paragraph.is_empty() && !paragraph.starts_with(['-', '#']);
    let text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(if is_text { format!("{lead}. {text}") } else { format!("{lead}.") })
}

/// Why no place is known of what no source declares.
fn no_place(sources: Option<&Sources>, found: &Reported) -> String {
    let Some(sources) = sources else { return NO_PLACE.to_owned() };
    let problem = sources.problem(&found.account);
    let problem = problem.map(|problem| format!(" Some code could not be read: {problem}."));
    format!("{UNDECLARED}{}", problem.unwrap_or_default())
}

/// Said of a place that the report has and the code does not have any more.
fn gone(place: &Place) -> String {
    format!(
        "The code of the resource is not known: the report names {}, but {} does not declare {} there any more.",
        place.position(),
        place.file,
        place.address
    )
}

/// The range of a place in the text of its file, in bytes.
fn range(text: &str, place: &Place) -> Option<Range<usize>> {
    let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(index)?.trim_end_matches(['\n', '\r']);
    let at = |column: u32| {
        let characters = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at)
    };
    Some(start + at(place.column)..start + at(place.end_column))
}

/// The lines around a place, with their numbers.
fn lines<'a>(text: &'a str, place: &Place) -> Vec<(usize, &'a str)> {
    let line = usize::try_from(place.line).unwrap_or(usize::MAX);
    let first = line.saturating_sub(CONTEXT).max(1);
    let lines = (1..).zip(text.lines());
    lines.skip(first - 1).take(line + CONTEXT + 1 - first).collect()
}

fn about(found: &Reported) -> String {
    let account = found.name.as_deref().unwrap_or(found.account.as_str());
    format!(
        "{} ({}, {}): {}",
        one_line(&found.resource.label(), 300),
        one_line(account, 100),
        found.resource.region,
        one_line(&found.message, 1_000)
    )
}

/// Why no place is known, with sources.
const UNDECLARED: &str = "The code of the resource is not known: no `[[source]]` in the config declares it, and the report names no place.";

/// Why no place is known, without sources.
const NO_PLACE: &str = "The code of the resource is not known: `[[source]]` in the config says where it is, and the JSON report of a run with it has the place.";

fn text(found: &Reported, code: Result<&Code, &str>, page: &mut Page<'_>) -> io::Result<()> {
    page.heading(&format!("{} ({}, {})", found.rule, found.severity, found.verdict))?;
    page.wrapped(&about(found), "", "")?;
    writeln!(page.out)?;
    let Code { place, text, change, warning } = match code {
        Ok(code) => code,
        Err(reason) => return page.wrapped(&one_line(reason, 1_000).replace('`', ""), "", ""),
    };
    let note = place.note().map(|note| format!(" ({note})")).unwrap_or_default();
    page.wrapped(&format!("Declared as {}{note}", place.address), "", "  ")?;
    if let Some(call) = &place.call {
        page.wrapped(&format!("Called at {}:{}", call.file, call.line), "", "  ")?;
    }
    writeln!(page.out)?;
    match text.as_deref().and_then(|text| Some((text, range(text, place)?))) {
        Some((text, range)) => {
            let source: Arc<str> = text.into();
            let message = one_line(&found.message, 300);
            let shown = Diagnostic::new(&place.file, &source, range, message).render(page.color);
            writeln!(page.out, "{shown}")?;
        }
        None => page.wrapped(&unread(place), "", "")?,
    }
    match change {
        Some(CodeChange::Patch(patch)) => {
            page.heading("Patch, for git apply")?;
            if let Some(warning) = warning {
                page.wrapped(
                    &format!("Before you apply it: {}", warning.replace('`', "")),
                    "",
                    "",
                )?;
                writeln!(page.out)?;
            }
            patch.lines().try_for_each(|line| writeln!(page.out, "{}", printable(line)))
        }
        Some(CodeChange::None) => page.wrapped(DRIFT, "", ""),
        Some(CodeChange::Ignored) => page.wrapped(&IGNORED.replace('`', ""), "", ""),
        Some(CodeChange::Unpatched(why)) => {
            page.wrapped(&format!("There is no patch: {}.", why.replace('`', "")), "", "")
        }
        None => Ok(()),
    }
}

fn unread(place: &Place) -> String {
    format!("{} cannot be read here: run the command in the repository", place.position())
}

fn markdown(found: &Reported, code: Result<&Code, &str>, out: &mut dyn Write) -> io::Result<()> {
    use crate::model::text::markdown as plain;
    writeln!(out, "# {} ({}, {})\n", plain(&found.rule), found.severity, found.verdict)?;
    writeln!(out, "{}\n", plain(&about(found)))?;
    let Code { place, text, change, warning } = match code {
        Ok(code) => code,
        Err(NO_PLACE) => return writeln!(out, "{NO_PLACE}"),
        Err(reason) => return writeln!(out, "{}", plain(&one_line(reason, 1_000))),
    };
    writeln!(out, "Declared as {} at {}.", plain(&place.address), plain(&place.position()))?;
    if let Some(text) = text {
        let lines = lines(text, place).into_iter();
        let lines = lines.map(|(number, line)| format!("{number:>5} | {}", printable(line)));
        let lines: Vec<String> = lines.collect();
        writeln!(out, "\n{}", fenced("", &lines.join("\n")))?;
    }
    match change {
        Some(CodeChange::Patch(patch)) => {
            let lines: Vec<_> = patch.lines().map(printable).collect();
            writeln!(out, "\n## Patch\n")?;
            if let Some(warning) = warning {
                writeln!(out, "Before you apply it: {warning}\n")?;
            }
            writeln!(out, "{}", fenced("diff", &lines.join("\n")))
        }
        Some(CodeChange::None) => writeln!(out, "\n{DRIFT}"),
        Some(CodeChange::Ignored) => writeln!(out, "\n{IGNORED}"),
        Some(CodeChange::Unpatched(why)) => writeln!(out, "\nThere is no patch: {why}."),
        None => Ok(()),
    }
}

/// A code block, whose fence is longer than any in the text.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{text}\n{fence}")
}

#[derive(Serialize)]
struct Explained<'a> {
    rule: &'a str,
    verdict: &'a str,
    severity: &'a str,
    account: &'a str,
    resource: &'a crate::model::ResourceRef,
    message: &'a str,
    evidence: &'a [Value],
    source: Option<&'a Place>,
    /// Why `source` is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_unknown: Option<&'a str>,
    lines: Vec<Line<'a>>,
    patch: Option<&'a str>,
    /// What to know before the patch is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    /// Why there is no patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_patch: Option<&'a str>,
    /// Whether the code has the right value already.
    is_drift: bool,
    /// Whether Terraform ignores changes of the attribute.
    is_ignored: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    line: usize,
    text: &'a str,
}

fn json(found: &Reported, code: Result<&Code, &str>, out: &mut dyn Write) -> io::Result<()> {
    let reason = code.err();
    let code = code.ok();
    let text = code.and_then(|code| Some((code.text.as_deref()?, &code.place)));
    let lines = text.map(|(text, place)| lines(text, place)).unwrap_or_default();
    let change = code.and_then(|code| code.change.as_ref());
    let explained = Explained {
        rule: &found.rule,
        verdict: found.verdict.as_str(),
        severity: found.severity.as_str(),
        account: found.account.as_str(),
        resource: &found.resource,
        message: &found.message,
        evidence: &found.evidence,
        source: code.map(|code| &code.place),
        source_unknown: reason,
        lines: lines.into_iter().map(|(line, text)| Line { line, text }).collect(),
        patch: match change {
            Some(CodeChange::Patch(patch)) => Some(patch),
            _ => None,
        },
        warning: code.and_then(|code| code.warning.as_deref()),
        no_patch: match change {
            Some(CodeChange::Unpatched(why)) => Some(why),
            _ => None,
        },
        is_drift: change == Some(&CodeChange::None),
        is_ignored: change == Some(&CodeChange::Ignored),
    };
    serde_json::to_writer_pretty(&mut *out, &explained)?;
    writeln!(out)
}
