//! `rolecall explain`: what a rule evaluates and why, the meaning of a diagnostic of lint with a wrong
//! and a right example, or the code that causes a finding. `docs/diagnostics.md` is generated from the same texts.

mod finding;
mod prose;
mod reported;
mod rule;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use self::prose::Page;
use crate::cli::{ComparedTool, DocFormat, ExplainArgs, Global};
use crate::config::{self, Config};
use crate::diagnostics::{Code, ExampleKind};
use crate::exit::Exit;
use crate::model::{code_series, did_you_mean, text};
use crate::rules::{self, Pack, find_script, known_ids};
use crate::run::error::CommandError;
use crate::run::terminal;

/// Maximum width of text.
const WIDEST: usize = 100;
/// Minimum width of text.
const NARROWEST: usize = 40;

/// Writes the explanation to `out`, or the list of codes if there is no topic.
pub fn run(global: &Global, args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    if let (Some(report), Some(fingerprint)) = (&args.report, &args.topic) {
        let config =
            Config::load(global.config.as_deref(), &config::without_secrets, &global.files())?;
        let library = crate::run::setup::library(&config, &args.rules)?;
        let page = &mut on_terminal(global, &mut *out);
        finding::explain(fingerprint, report, &config, &library, args, page)?;
        out.flush().map_err(CommandError::Write)?;
        return Ok(Exit::Clean);
    }
    match args.topic.as_deref() {
        None => list(args.format.chosen(), out),
        Some(word) => match Code::find(word) {
            Some(code) => explain(code, args.format.chosen(), &mut on_terminal(global, out)),
            None => {
                let is_file = Path::new(word).extension().is_some_and(|ending| ending == "rhai");
                let typed: Vec<PathBuf> = args
                    .rules
                    .iter()
                    .cloned()
                    .chain(is_file.then(|| PathBuf::from(word)))
                    .collect();
                let config = Config::load(
                    global.config.as_deref(),
                    &config::without_secrets,
                    &global.files(),
                )?;
                let library = crate::run::setup::library(&config, &typed)?;
                let id = Path::new(word)
                    .file_stem()
                    .filter(|_| is_file)
                    .and_then(|stem| stem.to_str())
                    .unwrap_or(word);
                let rule = find(id, &library.pack)?;
                rule::explain(&rule, &config, &library, args, &mut on_terminal(global, out))
            }
        },
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

fn on_terminal<'a>(global: &Global, out: &'a mut dyn Write) -> Page<'a> {
    Page {
        out,
        color: terminal::stdout_color(global.color),
        width: terminal::width().clamp(NARROWEST, WIDEST),
    }
}

/// What a control of another tool is here, if there is one with that id.
fn in_other_tools(word: &str) -> Option<String> {
    ComparedTool::value_variants().iter().find_map(|tool| {
        let tool = tool.as_str();
        let compared = rules::comparison(tool)?;
        let control = compared.controls.iter().find(|control| control.id == word)?;
        let (noun, name) = (&compared.noun, &compared.name);
        Some(match control.rules.as_slice() {
            [] => format!("it is a {noun} of {name}, which no rule reports: `rolecall rules --compare {tool}` says why"),
            [rule] => format!("it is a {noun} of {name}, which the rule `{rule}` reports"),
            rules => format!("it is a {noun} of {name}, which the rules {} report", code_series(rules, "and")),
        })
    })
}

/// Finds a rule by its id or an alias, or a script with variants by its id.
fn find(word: &str, pack: &Pack) -> Result<String, CommandError> {
    let earlier = || pack.values().find(|rule| rule.meta.aliases.iter().any(|alias| alias == word));
    if let Some(rule) = pack.get(word).or_else(|| find_script(pack, word)).or_else(earlier) {
        return Ok(rule.id.clone());
    }
    if let Some(help) = in_other_tools(word) {
        let word = text::one_line(word, 60);
        return Err(CommandError::Usage(format!("unknown rule or code `{word}`: {help}")));
    }
    let codes = Code::ALL.iter().map(|code| code.id());
    // All codes are similar, so suggest one only for words of the same length.
    let meant = if word.len() == Code::ALL.first().map_or(0, |code| code.id().len()) {
        did_you_mean(word, codes)
    } else {
        did_you_mean(word, known_ids(pack))
    };
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`rolecall explain` lists all codes, and `rolecall rules --rule-profile all` lists all rules"
            .to_owned(),
    };
    Err(CommandError::Usage(format!("unknown rule or code `{}`: {help}", text::one_line(word, 60))))
}

fn list(format: DocFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        DocFormat::Text => {
            Code::ALL.iter().try_for_each(|code| writeln!(out, "{}  {}", code.id(), code.title()))
        }
        DocFormat::Markdown => Code::ALL
            .iter()
            .try_for_each(|code| writeln!(out, "- `{}` {}", code.id(), code.title())),
        DocFormat::Json => {
            let codes: Vec<_> = Code::ALL
                .iter()
                .map(|code| json!({ "code": code.id(), "title": code.title() }))
                .collect();
            writeln!(out, "{:#}", json!(codes))
        }
    }
}

fn explain(code: Code, format: DocFormat, page: &mut Page<'_>) -> io::Result<()> {
    let (id, title) = (code.id(), code.title());
    match format {
        DocFormat::Markdown => write!(page.out, "# {id} {title}\n\n{}", markdown_of(code)),
        DocFormat::Json => {
            let (explanation, wrong, right) = (code.explanation(), code.wrong(), code.right());
            let all = json!({ "code": id, "title": title, "explanation": explanation, "wrong": wrong, "right": right });
            writeln!(page.out, "{all:#}")
        }
        DocFormat::Text => {
            page.heading(&format!("{id}: {title}"))?;
            writeln!(page.out)?;
            page.wrapped(code.explanation(), "", "")?;
            for (word, example) in [("Wrong", code.wrong()), ("Right", code.right())] {
                writeln!(page.out, "\n{word}:\n")?;
                example.lines().try_for_each(|line| {
                    writeln!(page.out, "{}", format!("    {line}").trim_end())
                })?;
            }
            Ok(())
        }
    }
}

/// Explanation and examples of a code, in Markdown.
pub(crate) fn markdown_of(code: Code) -> String {
    marked(code, |_| String::new())
}

/// The same, with a marker before each example, derived from the word above it.
fn marked(code: Code, mark: impl Fn(&str) -> String) -> String {
    let language = match code.example_kind() {
        ExampleKind::File | ExampleKind::Rule | ExampleKind::Body => "rhai",
        ExampleKind::Cases | ExampleKind::FixCases => "json",
        ExampleKind::Framework => "toml",
        ExampleKind::Name => "text",
    };
    let block = |word: &str, example: &str| {
        format!("{word}:\n\n{}```{language}\n{}\n```\n", mark(word), example.trim_end())
    };
    format!(
        "{}\n\n{}\n{}",
        code.explanation(),
        block("Wrong", code.wrong()),
        block("Right", code.right())
    )
}

/// The documentation page.
#[cfg(test)]
fn page() -> String {
    let mut page = "<!-- Generated: `cargo xtask generate` writes this page. -->\n# Errors in rules\n\n\
         This page explains the errors that `rolecall lint` reports. To print a single explanation, run, for example, `rolecall explain R030`.\n\
         The meaning of a code never changes. The other commands also report errors that prevent a rule from loading.\n\n| code | |\n|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        // The anchor that Markdown generates for the heading.
        let heading = format!("{} {}", code.id(), code.title()).to_lowercase().replace(' ', "-");
        let anchor: String =
            heading.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect();
        page.push_str(&format!("| [{}](#{anchor}) | {} |\n", code.id(), code.title()));
    }
    for code in Code::ALL {
        // `tests/it/readme.rs` compares the marked examples with the output of the program.
        let text = marked(*code, |word| format!("<!-- example: {} {word} -->\n", code.id()));
        page.push_str(&format!("\n## {} {}\n\n{text}", code.id(), code.title()));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diagnostics_page_in_docs_is_current() {
        crate::generated::check("docs/diagnostics.md", &page());
    }

    #[test]
    fn explanations_of_all_codes_fit_the_width() {
        for code in Code::ALL {
            let mut out = Vec::new();
            let found = Code::find(&code.id().to_lowercase()).unwrap();
            explain(found, DocFormat::Text, &mut Page { out: &mut out, color: false, width: 80 })
                .unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.starts_with(&format!("{}: {}\n\n", code.id(), code.title())), "{text}");
            assert!(
                text.lines()
                    .take_while(|line| *line != "Wrong:")
                    .all(|line| line.chars().count() <= 80),
                "{text}"
            );
            assert!(text.contains("\nRight:\n\n    "), "{text}");
        }
    }

    #[test]
    fn unknown_topics_are_rejected_with_a_suggestion() {
        let pack = crate::rules::load(&[]).unwrap();
        for (word, help) in [
            ("R099", "did you mean `R0"),
            ("s3-bucket-versionin", "did you mean `s3-bucket-versioning`?"),
            ("x\u{1b}", "lists all codes"),
        ] {
            let error = find(word, &pack).unwrap_err().to_string();
            assert!(error.contains(help) && !error.contains('\u{1b}'), "{error}");
        }
    }
}
