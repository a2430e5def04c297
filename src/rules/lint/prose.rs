//! Checks of what a rule says to people: the prose at its head and its title.

use rhai::Position;

use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::model::did_you_mean;
use crate::rules::language::source::SourceFile;

const SECTIONS: [&str; 3] = ["Why it matters", "How to fix it", "References"];

/// Words with which a title says what should be.
const WISHES: [&str; 4] = ["ensure ", "check ", "verify ", "make sure "];
const DUTIES: [&str; 4] = [" should ", " must ", " shall ", " ought to "];

/// The prose at the head of a file.
pub(crate) fn check(file: &SourceFile) -> Vec<Diagnostic> {
    let lines: Vec<&str> =
        file.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let at = |line: usize| Position::new(u16::try_from(line + 1).unwrap_or(u16::MAX), 1);
    let mut faults = Vec::new();
    if lines.is_empty() {
        let fault = file.fault(at(0), "the rule says nothing of itself").code(Code::NoSummary);
        let help = format!(
            "begin with `//! ` and a sentence that says what is wrong; then the sections {}",
            SECTIONS.join(", ")
        );
        return vec![fault.help(help)];
    }
    let first = lines.iter().position(|line| !line.is_empty());
    if first.and_then(|first| lines.get(first)).is_none_or(|line| line.starts_with('#')) {
        let fault = file
            .fault(at(first.unwrap_or(0)), "the prose has no first paragraph")
            .code(Code::NoSummary);
        faults.push(
            fault.help(
                "begin with `//! ` and a sentence that says what is wrong when the rule fails",
            ),
        );
    }
    let is_section =
        |line: &str| line.strip_prefix("## ").is_some_and(|title| SECTIONS.contains(&title.trim()));
    let mut missing = Vec::new();
    for name in SECTIONS {
        let Some(start) = lines
            .iter()
            .position(|line| line.strip_prefix("## ").is_some_and(|title| title.trim() == name))
        else {
            let heading = |line: &str| line.starts_with('#') && !is_section(line);
            let title = |line: &str| line.trim_start_matches('#').trim().to_lowercase();
            let meant = lines.iter().position(|line| {
                heading(line)
                    && did_you_mean(&title(line), SECTIONS).is_some_and(|meant| meant == name)
            });
            match meant {
                Some(line) => {
                    let fault = file
                        .fault(at(line), format!("the prose has no `## {name}`"))
                        .code(Code::MissingSection);
                    faults.push(fault.help(format!("call this section `//! ## {name}`")));
                }
                None => missing.push(format!("`## {name}`")),
            }
            continue;
        };
        let end = lines
            .iter()
            .skip(start + 1)
            .position(|line| line.starts_with("## "))
            .map_or(lines.len(), |end| start + 1 + end);
        let body = lines.get(start + 1..end).unwrap_or_default();
        let fault =
            |message: &str| file.fault(at(start), message.to_owned()).code(Code::MissingSection);
        if body.iter().all(|line| line.is_empty()) {
            faults.push(
                fault(&format!("the section `{name}` is empty"))
                    .help("write it, or the finding helps nobody"),
            );
        } else if name == "References" && !body.iter().any(|line| line.contains("https://")) {
            faults
                .push(fault("the references have no address").help("add a line `//! - https://…`"));
        }
    }
    if !missing.is_empty() {
        // Behind the prose, where the section belongs.
        let place = at(lines.len().saturating_sub(1));
        let message = format!("the prose has no {}", missing.join(", no "));
        faults.push(
            file.fault(place, message)
                .code(Code::MissingSection)
                .help("add it as `//! ## …` with its text below"),
        );
    }
    faults
}

/// The title.
pub(crate) fn title(title: &str, position: Position, file: &SourceFile) -> Option<Diagnostic> {
    let lower = title.to_lowercase();
    let wishful = WISHES.iter().any(|word| lower.starts_with(word))
        || DUTIES.iter().any(|word| lower.contains(word));
    wishful.then(|| {
        let fault = file
            .fault(position, "the title says what should be, not what is wrong")
            .code(Code::WishfulTitle);
        fault.help("name the bad thing: \"Bucket accepts plain HTTP\"")
    })
}
