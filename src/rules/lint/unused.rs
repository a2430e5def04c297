//! Unused functions, parameters and entries of `needs`, and functions that shadow built-in ones.

use super::entries::{Reads, ReadsByFunction};
use super::natives::Natives;
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::facts::{self, Kind};
use crate::rules::language::draft::Draft;
use crate::rules::language::script::{Function, Script, name_position};
use crate::rules::language::source::SourceFile;

/// Functions that are not called from `check` or `fix`, directly or indirectly.
pub(crate) fn functions(
    script: &Script,
    reads: &ReadsByFunction,
    file: &SourceFile,
) -> Vec<Diagnostic> {
    let mut reached = reads.reached_from(script, "check");
    reached.extend(reads.reached_from(script, "fix"));
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

/// Parameters that are never read, and those that only `fix` reads although they are not its own.
pub(crate) fn params(draft: &Draft, reads: &EntryReads, file: &SourceFile) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut report = |position, message: String, help: String| {
        diagnostics.push(file.error_at(position, message).code(Code::UnusedParam).help(help));
    };
    for (name, position, _) in &draft.params {
        if reads.check.reads_param(name) {
            continue;
        }
        if reads.fix.reads_param(name) {
            let message = format!("unused parameter `{name}` in `params`: only `fix` reads it");
            report(*position, message, "move it to `fix.params`".to_owned());
        } else {
            let message = format!("unused parameter `{name}`");
            report(*position, message, format!("remove it, or read `params.{name}`"));
        }
    }
    for (name, position, _) in draft.fix.iter().flat_map(|fix| &fix.params) {
        // A parameter that only `check` reads is reported there.
        if reads.has_fix && !reads.fix.reads_param(name) && !reads.check.params.contains(name) {
            let message = format!("unused parameter `{name}` in `fix.params`");
            report(*position, message, format!("remove it, or read `params.{name}` in `fix`"));
        }
    }
    diagnostics
}

/// What `check` and `fix` read.
pub(crate) struct EntryReads {
    pub(crate) check: Reads,
    pub(crate) fix: Reads,
    /// Whether there is a function `fix`.
    pub(crate) has_fix: bool,
}

/// An entry of `needs`: a kind, or a fact of a kind.
struct Need<'a> {
    kind: &'static Kind,
    fact: Option<&'a str>,
    /// Whether resources of the kind are looked up.
    is_related: bool,
}

impl<'a> Need<'a> {
    /// `None` if it is unknown, which is reported elsewhere.
    fn of(own: &'static Kind, written: &'a str) -> Option<Self> {
        let (kind, fact) = match written.split_once('/') {
            Some((kind, fact)) => (kind, Some(fact)),
            None if written.contains('.') => (written, None),
            None => (own.name, Some(written)),
        };
        let kind = facts::kind(kind)?;
        let is_known = fact.is_none_or(|fact| kind.fact(fact).is_some());
        is_known.then_some(Self { kind, fact, is_related: written.contains('.') })
    }

    fn looks_up_nothing(&self, reads: &Reads) -> bool {
        self.is_related && !reads.looks_up(self.kind.name)
    }

    fn is_read(&self, reads: &Reads) -> bool {
        !self.looks_up_nothing(reads)
            && self.fact.is_none_or(|fact| reads.reads_fact(self.kind.name, fact))
    }

    /// As the subject of a message.
    fn subject(&self, reads: &Reads) -> String {
        match self.fact {
            Some(fact) if !self.looks_up_nothing(reads) => {
                format!("fact `{fact}` of `{}`", self.kind.name)
            }
            _ => format!("kind `{}`", self.kind.name),
        }
    }

    fn help(&self, own: &Kind, reads: &Reads, list: &str) -> String {
        let name = self.kind.name;
        match self.fact {
            Some(fact) if self.looks_up_nothing(reads) && name == own.name => {
                format!("write `\"{fact}\"` for a fact of the resource itself")
            }
            _ if self.looks_up_nothing(reads) => {
                format!("remove it from `{list}`, or call `related(\"{name}\")`")
            }
            _ => format!("remove it from `{list}`"),
        }
    }
}

/// Entries of `needs` that `check` never reads, and of `fix.needs` that `fix` never reads or that `needs`
/// already has. Unknown ones are reported elsewhere.
pub(crate) fn needs(draft: &Draft, reads: &EntryReads, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(own) = draft.kind else { return Vec::new() };
    let mut diagnostics = Vec::new();
    let mut report = |position, message: String, help: String| {
        diagnostics.push(file.error_at(position, message).code(Code::UnusedNeed).help(help));
    };
    for (written, position) in &draft.need_entries {
        let Some(need) = Need::of(own, written) else { continue };
        if need.is_read(&reads.check) {
            continue;
        }
        let subject = need.subject(&reads.check);
        if reads.has_fix && need.is_read(&reads.fix) {
            let message = format!("unused {subject} in `needs`: only `fix` reads it");
            report(*position, message, "move it to `fix.needs`".to_owned());
        } else {
            let message = format!("unused {subject} in `needs`");
            report(*position, message, need.help(own, &reads.check, "needs"));
        }
    }
    let of_fix = draft.fix.iter().flat_map(|fix| &fix.need_entries).filter(|_| reads.has_fix);
    for (written, position) in of_fix {
        let Some(need) = Need::of(own, written) else { continue };
        let subject = need.subject(&reads.fix);
        let is_optional = draft.needs.optional.contains(need.kind.name);
        if draft.need_entries.iter().any(|(known, _)| known == written) && !is_optional {
            let message = format!("`{written}` is in `needs` and in `fix.needs`");
            let help = "remove it from `fix.needs`: `fix` can read what `check` reads".to_owned();
            report(*position, message, help);
        } else if !need.is_read(&reads.fix) && !need.is_read(&reads.check) {
            let message = format!("unused {subject} in `fix.needs`");
            report(*position, message, need.help(own, &reads.fix, "fix.needs"));
        }
    }
    diagnostics
}
