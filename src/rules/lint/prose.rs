//! Checks of a rule's documentation and title.

use rhai::Position;

use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::model::{code_series, did_you_mean};
use crate::rules::language::source::SourceFile;

const SECTIONS: [&str; 3] = ["Why it matters", "How to fix it", "References"];

/// Words at the start of a title that states a requirement.
const REQUIREMENT_VERBS: [&str; 4] = ["ensure ", "check ", "verify ", "make sure "];
/// Words in a title that states a requirement.
const MODAL_VERBS: [&str; 4] = [" should ", " must ", " shall ", " ought to "];

/// Checks the documentation at the top of a rule.
pub(crate) fn check(file: &SourceFile) -> Vec<Diagnostic> {
    let lines: Vec<&str> =
        file.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let at = |line: usize| Position::new(u16::try_from(line + 1).unwrap_or(u16::MAX), 1);
    let mut diagnostics = Vec::new();
    if lines.is_empty() {
        let diagnostic =
            file.error_at(at(0), "the rule has no documentation").code(Code::MissingSummary);
        let help = format!(
            "start the file with `//! ` and a sentence that states what is wrong, followed by the sections {}",
            code_series(SECTIONS.map(|name| format!("## {name}")), "and")
        );
        return vec![diagnostic.help(help)];
    }
    let first = lines.iter().position(|line| !line.is_empty());
    if first.and_then(|first| lines.get(first)).is_none_or(|line| line.starts_with('#')) {
        let diagnostic = file
            .error_at(at(first.unwrap_or(0)), "the documentation has no summary")
            .code(Code::MissingSummary);
        diagnostics.push(diagnostic.help(
            "start the file with `//! ` and a sentence that states what is wrong when the rule fails",
        ));
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
                    let diagnostic = file
                        .error_at(at(line), format!("missing section `## {name}`"))
                        .code(Code::MissingSection);
                    diagnostics
                        .push(diagnostic.help(format!("rename this section to `//! ## {name}`")));
                }
                None => missing.push(format!("## {name}")),
            }
            continue;
        };
        let end = lines
            .iter()
            .skip(start + 1)
            .position(|line| line.starts_with("## "))
            .map_or(lines.len(), |end| start + 1 + end);
        let body = lines.get(start + 1..end).unwrap_or_default();
        let diagnostic =
            |message: &str| file.error_at(at(start), message.to_owned()).code(Code::MissingSection);
        if body.iter().all(|line| line.is_empty()) {
            diagnostics.push(
                diagnostic(&format!("section `## {name}` is empty"))
                    .help("add text: it is shown with every finding"),
            );
        } else if name == "References" && !body.iter().any(|line| line.contains("https://")) {
            diagnostics.push(
                diagnostic("section `## References` has no URL")
                    .help("add a line such as `//! - https://…`"),
            );
        }
    }
    for (line, text) in lines.iter().enumerate() {
        if text.trim_start_matches(['-', '*', ' ']).starts_with("TODO") {
            let diagnostic = file
                .error_at(at(line), "the documentation is not written yet")
                .code(Code::Unwritten);
            diagnostics.push(diagnostic.help("replace this line with your own text; the rule's documentation is shown in findings"));
        }
    }
    if !missing.is_empty() {
        // At the end of the documentation, where the section belongs.
        let place = at(lines.len().saturating_sub(1));
        let (plural, help) = match missing.as_slice() {
            [only] => ("", format!("add the heading `//! {only}`, followed by its text")),
            _ => ("s", "add each heading as `//! ## …`, followed by its text".to_owned()),
        };
        let message = format!("missing section{plural} {}", code_series(&missing, "and"));
        diagnostics.push(file.error_at(place, message).code(Code::MissingSection).help(help));
    }
    diagnostics
}

/// Checks that the title states a problem.
pub(crate) fn title(title: &str, position: Position, file: &SourceFile) -> Option<Diagnostic> {
    let lower = title.to_lowercase();
    let states_requirement = REQUIREMENT_VERBS.iter().any(|word| lower.starts_with(word))
        || MODAL_VERBS.iter().any(|word| lower.contains(word));
    states_requirement.then(|| {
        let diagnostic = file
            .error_at(position, "the title states a requirement instead of the problem")
            .code(Code::TitleStatesRequirement);
        diagnostic.help("state the problem, for example \"Bucket accepts plain HTTP\"")
    })
}
