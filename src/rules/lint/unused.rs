//! Unused functions, parameters and entries of `needs`, and functions that shadow built-in ones.

use std::collections::BTreeSet;

use super::infer::Reads;
use super::natives::Natives;
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::facts;
use crate::rules::language::draft::Draft;
use crate::rules::language::script::{Function, Script, name_position};
use crate::rules::language::source::SourceFile;

/// Functions that are not called from `check` or `fix`, directly or indirectly.
pub(crate) fn functions(script: &Script, reads: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    let mut open: Vec<usize> = script.entries().collect();
    let mut reached: BTreeSet<usize> = open.iter().copied().collect();
    while let Some(caller) = open.pop() {
        open.extend(
            reads
                .calls
                .iter()
                .filter(|(from, _)| *from == caller)
                .map(|(_, to)| *to)
                .filter(|to| reached.insert(*to)),
        );
    }
    let dead = script.named.iter().enumerate().filter(|(index, _)| !reached.contains(index));
    dead.map(|(_, function)| {
        let diagnostic = file.error_at(
            name_position(function, file),
            format!("unused function `{}`", function.name),
        );
        diagnostic.code(Code::UnusedFunction).help("remove it, or call it from `check`")
    })
    .collect()
}

/// Functions with the same name and number of parameters as a built-in one.
pub(crate) fn shadowing(script: &Script, natives: &Natives, file: &SourceFile) -> Vec<Diagnostic> {
    let shadows = |function: &&Function| {
        natives
            .arities(&function.name)
            .is_some_and(|arities| arities.contains(&function.params.len()))
    };
    let report = |function: &Function| {
        let message = format!("`{}` shadows a built-in function", function.name);
        let diagnostic =
            file.error_at(name_position(function, file), message).code(Code::ShadowsBuiltin);
        diagnostic.help("remove this function to use the built-in one, or rename it")
    };
    script.named.iter().filter(shadows).map(report).collect()
}

/// Parameters that are never read.
pub(crate) fn params(draft: &Draft, reads: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    if reads.params_escape {
        return Vec::new();
    }
    let unread = draft
        .params
        .iter()
        .filter(|(name, ..)| !reads.params.contains(name) && !reads.properties.contains(name));
    unread
        .map(|(name, position, _)| {
            let diagnostic = file
                .error_at(*position, format!("unused parameter `{name}`"))
                .code(Code::UnusedParam);
            diagnostic.help(format!("remove it, or read `params.{name}`"))
        })
        .collect()
}

/// Entries of `needs` that are never read. Unknown ones are reported elsewhere.
pub(crate) fn needs(draft: &Draft, reads: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(own) = draft.kind else { return Vec::new() };
    let fact_is_read = |kind: &str, fact: &str| {
        reads.facts.iter().any(|(of, name)| *of == kind && name == fact)
            || reads.properties.contains(fact)
            || reads.escaped_kinds.contains(kind)
    };
    let mut diagnostics = Vec::new();
    let mut report = |position, message: String, help: String| {
        diagnostics.push(file.error_at(position, message).code(Code::UnusedNeed).help(help));
    };
    for (need, position) in &draft.need_entries {
        let (kind, fact) = match need.split_once('/') {
            Some((kind, fact)) => (kind, Some(fact)),
            None if need.contains('.') => (need.as_str(), None),
            None => (own.name, Some(need.as_str())),
        };
        let Some(kind) =
            facts::kind(kind).filter(|kind| fact.is_none_or(|fact| kind.fact(fact).is_some()))
        else {
            continue;
        };
        let is_related = need.contains('.');
        if is_related && !reads.related.contains(kind.name) && !reads.any_related {
            let help = match fact {
                Some(fact) if kind.name == own.name => {
                    format!("write `\"{fact}\"` for a fact of the resource itself")
                }
                _ => format!("remove it from `needs`, or call `related(\"{}\")`", kind.name),
            };
            report(*position, format!("unused kind `{}` in `needs`", kind.name), help);
        } else if let Some(fact) = fact
            && !fact_is_read(kind.name, fact)
        {
            report(
                *position,
                format!("unused fact `{fact}` of `{}` in `needs`", kind.name),
                "remove it from `needs`".to_owned(),
            );
        }
    }
    diagnostics
}
