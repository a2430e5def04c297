//! `rolecall frameworks`: lists benchmarks and the rules that check their requirements.

use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{DocFormat, FrameworksArgs, Global};
use crate::config::{self, Config};
use crate::exit::Exit;
use crate::model::{Severity, text};
use crate::rules::{Coverage, Library};
use crate::rules::{Framework, Requirement};
use crate::run::error::CommandError;
use crate::run::setup::{framework_help, library};

/// Writes the list, or one framework, to `out`.
pub fn run(
    global: &Global,
    args: &FrameworksArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let config = Config::load(global.config.as_deref(), &config::without_secrets, &global.files())?;
    let Library { frameworks, .. } = library(&config, &args.rules)?;
    let one = args.id.as_ref().map(|id| {
        frameworks.get(id).ok_or_else(|| {
            let help = framework_help(id, &frameworks);
            CommandError::Usage(format!("unknown framework `{}`: {help}", text::one_line(id, 60)))
        })
    });
    let all: Vec<&Framework> = frameworks.values().map(AsRef::as_ref).collect();
    match (one.transpose()?, args.format.chosen()) {
        (None, DocFormat::Text) => list(&all, out),
        (None, DocFormat::Json) => json(&all.into_iter().map(Listed::new).collect::<Vec<_>>(), out),
        (None, DocFormat::Markdown) => {
            all.into_iter().try_for_each(|framework| markdown(framework, out))
        }
        (Some(framework), DocFormat::Text) => table(framework, out),
        (Some(framework), DocFormat::Json) => json(&Listed::new(framework), out),
        (Some(framework), DocFormat::Markdown) => markdown(framework, out),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

/// Number of requirements that are checked by rules.
fn decided(framework: &Framework) -> usize {
    framework.requirements.iter().filter(|requirement| !requirement.rules().is_empty()).count()
}

fn origin(framework: &Framework) -> &'static str {
    match (&framework.folder, framework.replaces_built_in) {
        (None, _) => "",
        (Some(_), false) => "  (yours)",
        (Some(_), true) => "  (yours, overrides the built-in one)",
    }
}

/// Name and version, as one line for the terminal.
fn title(framework: &Framework) -> String {
    text::printable(&format!("{} {}", framework.name, framework.version)).into_owned()
}

fn list(all: &[&Framework], out: &mut dyn Write) -> io::Result<()> {
    let width = all.iter().map(|framework| framework.id.width()).max().unwrap_or(0);
    for framework in all {
        let (decided, number) = (decided(framework), framework.requirements.len());
        let (name, origin) = (title(framework), origin(framework));
        writeln!(
            out,
            "{:width$}  {decided:3} of {number:3} requirements checked  {name}{origin}",
            framework.id
        )?;
    }
    Ok(())
}

fn table(framework: &Framework, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} ({}){}", title(framework), framework.id, origin(framework))?;
    writeln!(out, "{}", framework.url)?;
    writeln!(out, "Listed: {}", text::printable(&framework.scope))?;
    let width =
        framework.requirements.iter().map(|requirement| requirement.id.width()).max().unwrap_or(0);
    let indent = " ".repeat(width + 2);
    for requirement in &framework.requirements {
        let about = about(requirement).map(|about| format!(" ({about})")).unwrap_or_default();
        writeln!(
            out,
            "\n{:width$}  {}{about}",
            requirement.id,
            text::printable(&requirement.title)
        )?;
        match &requirement.coverage {
            Coverage::Rules(rules) => {
                rules.iter().try_for_each(|rule| writeln!(out, "{indent}{rule}"))?
            }
            Coverage::Undecidable(why) => {
                writeln!(out, "{indent}not assessable: {}", text::printable(why))?
            }
            Coverage::NotCovered(why) => {
                writeln!(out, "{indent}not covered: {}", text::printable(why))?
            }
        }
        if let Some(note) = &requirement.note {
            writeln!(out, "{indent}{}", text::printable(note))?;
        }
    }
    let (decided, number) = (decided(framework), framework.requirements.len());
    writeln!(out, "\n{decided} of {number} requirements are checked by rules.")
}

/// The level or severity of a requirement in the framework.
fn about(requirement: &Requirement) -> Option<String> {
    let level = requirement.level.map(|level| format!("level {level}"));
    let parts: Vec<String> = level
        .into_iter()
        .chain(requirement.severity.map(|severity| severity.to_string()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn markdown(framework: &Framework, out: &mut dyn Write) -> io::Result<()> {
    let cell = |text: &str| text::markdown(text);
    writeln!(out, "# {}\n\n`{}` · <{}>\n", cell(&title(framework)), framework.id, framework.url)?;
    writeln!(
        out,
        "Listed: {}.\n\n| | requirement | checked by |\n|---|---|---|",
        cell(&framework.scope)
    )?;
    for requirement in &framework.requirements {
        let mut by = match &requirement.coverage {
            Coverage::Rules(rules) => {
                rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ")
            }
            Coverage::Undecidable(why) => format!("*not assessable:* {}", cell(why)),
            Coverage::NotCovered(why) => format!("*not covered:* {}", cell(why)),
        };
        if let Some(note) = &requirement.note {
            by.push_str(&format!(" – {}", cell(note)));
        }
        writeln!(out, "| {} | {} | {by} |", cell(&requirement.id), cell(&requirement.title))?;
    }
    writeln!(out)
}

fn json<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

/// A framework as `--format json` shows it.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    url: &'a str,
    scope: &'a str,
    source: &'a str,
    replaces_built_in: bool,
    requirements: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    id: &'a str,
    title: &'a str,
    level: Option<u32>,
    severity: Option<Severity>,
    rules: &'a [String],
    /// Why no rule checks it, under the keys of the file.
    undecidable: Option<&'a str>,
    not_covered: Option<&'a str>,
    note: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn new(framework: &'a Framework) -> Self {
        let asked = |requirement: &'a Requirement| Asked {
            id: &requirement.id,
            title: &requirement.title,
            level: requirement.level,
            severity: requirement.severity,
            rules: requirement.rules(),
            undecidable: match &requirement.coverage {
                Coverage::Undecidable(why) => Some(why),
                _ => None,
            },
            not_covered: match &requirement.coverage {
                Coverage::NotCovered(why) => Some(why),
                _ => None,
            },
            note: requirement.note.as_deref(),
        };
        Self {
            id: &framework.id,
            name: &framework.name,
            version: &framework.version,
            url: &framework.url,
            scope: &framework.scope,
            source: &framework.file,
            replaces_built_in: framework.replaces_built_in,
            requirements: framework.requirements.iter().map(asked).collect(),
        }
    }
}
