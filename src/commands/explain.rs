//! `rolecall explain`: what a mistake is that lint has found, with a wrong and a right example. `docs/diagnostics.md` is made of the
//! same.

use std::io::{self, Write};

use super::CommandError;
use crate::cli::ExplainArgs;
use crate::exit::Exit;
use crate::model::{did_you_mean, text};
use crate::rules::lint::{Code, Shows};

/// Something that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Code(Code),
}

/// Writes the explanation to `out`; without a topic the list of codes.
pub fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let topic = args.topic.as_deref().map(find).transpose()?;
    match topic {
        None => list(out),
        Some(Topic::Code(code)) => explain(code, out),
    }
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

fn find(word: &str) -> Result<Topic, CommandError> {
    if let Some(code) = Code::find(word) {
        return Ok(Topic::Code(code));
    }
    let help = match did_you_mean(word, Code::ALL.iter().map(|code| code.id())) {
        Some(meant) if word.len() == meant.len() => format!("did you mean `{meant}`?"),
        _ => "`rolecall explain` lists all codes".to_owned(),
    };
    Err(CommandError::Usage(format!("there is nothing to explain by the name of `{}`; {help}", text::one_line(word, 60))))
}

fn list(out: &mut dyn Write) -> io::Result<()> {
    Code::ALL.iter().try_for_each(|code| writeln!(out, "{}  {}", code.id(), code.title()))
}

fn explain(code: Code, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n", code.id(), code.title())?;
    wrapped(code.explanation(), out)?;
    for (word, example) in [("Wrong", code.wrong()), ("Right", code.right())] {
        writeln!(out, "\n{word}:\n")?;
        example.lines().try_for_each(|line| writeln!(out, "{}", format!("    {line}").trim_end()))?;
    }
    Ok(())
}

fn wrapped(text: &str, out: &mut dyn Write) -> io::Result<()> {
    const WIDTH: usize = 80;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

/// Explanation and examples of a code, in Markdown.
pub(super) fn markdown_of(code: Code) -> String {
    marked(code, |_| String::new())
}

/// The same, with a mark before each example, made of the word above it.
fn marked(code: Code, mark: impl Fn(&str) -> String) -> String {
    let language = match code.shows() {
        Shows::File | Shows::Rule | Shows::Body => "rhai",
        Shows::Cases => "json",
        Shows::Framework => "toml",
        Shows::Name => "text",
    };
    let block = |word: &str, example: &str| format!("{word}:\n\n{}```{language}\n{}\n```\n", mark(word), example.trim_end());
    format!("{}\n\n{}\n{}", code.explanation(), block("Wrong", code.wrong()), block("Right", code.right()))
}

/// The page of the documentation.
#[cfg(test)]
fn page() -> String {
    let mut page = "<!-- Generated: `UPDATE_DOCS=1 cargo test --lib docs_is_current` writes this page. -->\n# Mistakes in rules\n\n\
         What `rolecall lint` finds, by code. `rolecall explain R030` prints the same. Codes do not change their meaning. Those that \
         keep a rule from loading are shown by the other commands too.\n\n| code | |\n|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        // The anchor that Markdown makes of the heading.
        let heading = format!("{} {}", code.id(), code.title()).to_lowercase().replace(' ', "-");
        let anchor: String = heading.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect();
        page.push_str(&format!("| [{}](#{anchor}) | {} |\n", code.id(), code.title()));
    }
    for code in Code::ALL {
        // `tests/it/readme.rs` compares what is marked with what the program prints.
        let text = marked(*code, |word| format!("<!-- example: {} {word} -->\n", code.id()));
        page.push_str(&format!("\n## {} {}\n\n{text}", code.id(), code.title()));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_mistakes_in_docs_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == page(), "docs/diagnostics.md is stale: run `UPDATE_DOCS=1 cargo test --lib docs_is_current`");
    }

    #[test]
    fn a_code_is_explained_and_another_word_refused() {
        let explained = |topic: &str| {
            let mut out = Vec::new();
            run(&ExplainArgs { topic: Some(topic.to_owned()) }, &mut out).map(|_| String::from_utf8(out).unwrap())
        };
        for code in Code::ALL {
            let text = explained(&code.id().to_lowercase()).unwrap();
            assert!(text.starts_with(&format!("{}: {}\n\n", code.id(), code.title())), "{text}");
            assert!(text.lines().take_while(|line| *line != "Wrong:").all(|line| line.chars().count() <= 80), "{text}");
            assert!(text.contains("\nRight:\n\n    "), "{text}");
        }
        assert!(explained("R999").unwrap_err().to_string().contains("R999"));
        assert!(explained("x\u{1b}").unwrap_err().to_string().contains("lists all codes"));
    }
}
