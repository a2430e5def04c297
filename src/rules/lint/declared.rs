//! Whether what a function reads is declared: for `check` in `needs` and `params`, for `fix` also in
//! `fix.needs` and `fix.params`.

use rhai::Position;

use super::infer::Infer;
use super::value::Type;
use crate::diagnostics::Code;
use crate::facts::Kind;
use crate::rules::language::needs::Needs;

impl Infer<'_> {
    /// Records that a fact is read, which must be declared.
    pub(crate) fn fact_read(&mut self, kind: &'static Kind, name: &str, position: Position) {
        self.reads.facts.insert((kind.name, name.to_owned()));
        // Without a kind, `needs` could not be read.
        let Some(own) = self.draft.kind else { return };
        let need =
            if own.name == kind.name { name.to_owned() } else { format!("{}/{name}", kind.name) };
        let subject = format!("fact `{name}` of `{}`", kind.name);
        let declares = |needs: &Needs| needs.allows(own.name, kind.name, name);
        self.check_declared(Code::UndeclaredFact, &subject, &need, position, &declares);
    }

    /// Records a lookup of resources of a kind, by `related` or a helper.
    pub(crate) fn looked_up(&mut self, kind: &'static Kind, place: Position) -> Type {
        self.reads.related.insert(kind.name);
        let subject = format!("kind `{}`", kind.name);
        let declares = |needs: &Needs| needs.related.contains_key(kind.name);
        self.check_declared(Code::UndeclaredKind, &subject, kind.name, place, &declares);
        Type::list(Type::Resource(kind))
    }

    /// Checks that the current function may read what needs this entry.
    pub(crate) fn check_declared(
        &mut self,
        code: Code,
        subject: &str,
        need: &str,
        position: Position,
        declares: &dyn Fn(&Needs) -> bool,
    ) {
        let in_fix = self.draft.fix.as_ref().is_some_and(|fix| declares(&fix.needs));
        let (message, help) = match (declares(&self.draft.needs), in_fix, self.in_fix) {
            (true, ..) | (_, true, true) => return,
            (_, true, false) => (
                format!("{subject} is declared only in `fix.needs`, but `check` reads it"),
                format!("move `\"{need}\"` to `needs`"),
            ),
            (_, _, true) => (
                format!("{subject} is declared neither in `needs` nor in `fix.needs`"),
                format!("add `\"{need}\"` to `fix.needs`"),
            ),
            (_, _, false) => (
                format!("{subject} is not declared in `needs`"),
                format!("add `\"{need}\"` to `needs`"),
            ),
        };
        self.report(code, position, message, Some(help));
    }

    /// Checks that the current function may read a parameter.
    pub(crate) fn check_param_declared(&mut self, name: &str, position: Position) {
        if self.in_fix || self.draft.params.iter().any(|(known, ..)| known == name) {
            return;
        }
        let message =
            format!("parameter `{name}` is declared only in `fix.params`, but `check` reads it");
        let help = format!("move `{name}` to `params`");
        self.report(Code::UndeclaredParam, position, message, Some(help));
    }
}
