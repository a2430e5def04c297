//! What a rule declares and then leaves: functions that nobody calls, parameters and needs that
//! nobody reads; and what it declares though it is there.

use std::collections::BTreeSet;

use super::infer::Reads;
use super::natives::Natives;
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::facts;
use crate::rules::language::draft::Draft;
use crate::rules::language::script::{Function, Script, place_of};
use crate::rules::language::source::SourceFile;

/// Functions to which no way leads from `check`.
pub(crate) fn functions(
    script: &Script,
    reads: &Reads,
    check: usize,
    file: &SourceFile,
) -> Vec<Diagnostic> {
    let mut reached = BTreeSet::from([check]);
    let mut open = vec![check];
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
        let fault =
            file.fault(place_of(function, file), format!("`{}` is never called", function.name));
        fault.code(Code::DeadFunction).help("remove it, or call it from `check`")
    })
    .collect()
}

/// Functions that stand in the way of one of the sandbox with the same name and as many parameters.
pub(crate) fn hiding(script: &Script, natives: &Natives, file: &SourceFile) -> Vec<Diagnostic> {
    let hides = |function: &&Function| {
        natives
            .arities(&function.name)
            .is_some_and(|arities| arities.contains(&function.params.len()))
    };
    let told = |function: &Function| {
        let message = format!("`{}` hides the function of that name", function.name);
        let fault = file.fault(place_of(function, file), message).code(Code::Hiding);
        fault.help(format!(
            "call that one, or choose another name; `rolecall helpers {}` shows it if it is a helper",
            function.name
        ))
    };
    script.named.iter().filter(hides).map(told).collect()
}

/// Parameters that nobody reads.
pub(crate) fn params(draft: &Draft, reads: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    if reads.params_handed_on {
        return Vec::new();
    }
    let unread = draft
        .params
        .iter()
        .filter(|(name, ..)| !reads.params.contains(name) && !reads.properties.contains(name));
    unread
        .map(|(name, position, _)| {
            let fault = file
                .fault(*position, format!("parameter `{name}` is never read"))
                .code(Code::UnusedParam);
            fault.help(format!("remove it, or read `params.{name}`"))
        })
        .collect()
}

/// Entries of `needs` that nobody reads. Unknown ones have a fault already.
pub(crate) fn needs(draft: &Draft, reads: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(own) = draft.kind else { return Vec::new() };
    let fact_is_read = |kind: &str, fact: &str| {
        reads.facts.iter().any(|(of, name)| *of == kind && name == fact)
            || reads.properties.contains(fact)
            || reads.handed_on.contains(kind)
    };
    let mut faults = Vec::new();
    let mut refuse = |position, message: String, help: String| {
        faults.push(file.fault(position, message).code(Code::UnusedNeed).help(help));
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
                    format!("of the resource itself it is called \"{fact}\"")
                }
                _ => format!("remove it from `needs`, or call related(\"{}\")", kind.name),
            };
            refuse(*position, format!("{} is never looked up", kind.name), help);
        } else if let Some(fact) = fact
            && !fact_is_read(kind.name, fact)
        {
            refuse(
                *position,
                format!("`{fact}` of {} is never read", kind.name),
                "remove it from `needs`".to_owned(),
            );
        }
    }
    faults
}
