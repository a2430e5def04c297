//! Runs `fn fix` of a rule for a resource that fails.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::evaluation::{CompiledRule, Function, Sandbox};
use super::outcome::{MAX_MESSAGE, from_error};
use crate::fixes::{Action, FixClass};
use crate::model::{Cause, text};
use crate::rules::values::fix::FixValue;
use crate::rules::values::interrupt;
use crate::rules::values::json::type_name;

/// What a rule proposes for a failing resource.
#[derive(Debug, Clone, PartialEq)]
pub enum FixOutcome {
    /// Nothing: it has no function `fix`.
    None,
    /// A fix, or a decision for a person.
    Proposed {
        /// Whether it can break something.
        class: FixClass,
        /// Why it is not safe; empty for a safe fix.
        reason: String,
        /// What to do; empty for [`FixClass::ByHand`].
        actions: Vec<Action>,
    },
    /// It depends on something that could not be read.
    Unknown(Vec<Cause>),
    /// The function failed with an error.
    Error(String),
}

impl Sandbox {
    /// Asks a rule for the fix of a resource, both given by index. Call it only for a resource that
    /// fails.
    pub fn fix(&self, rule: usize, resource: usize) -> FixOutcome {
        let Some(compiled) = self.rule(rule) else { return FixOutcome::None };
        let Some(meta) = &compiled.rule.rule.meta.fix else { return FixOutcome::None };
        let needs = Rc::new(compiled.rule.rule.meta.needs_with_fix());
        // A fix depends on everything that it reads.
        let named = match self.begin(compiled, &needs, &Rc::default(), resource) {
            Ok(named) => named,
            Err(mut causes) => {
                causes.sort();
                causes.dedup();
                return FixOutcome::Unknown(causes);
            }
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| self.proposed(compiled, resource, named)))
            .unwrap_or_else(|_| FixOutcome::Error("the script engine panicked".to_owned()));
        self.end();
        match outcome {
            FixOutcome::Proposed { class, .. } if class > meta.most => FixOutcome::Error(format!(
                "`fix` returned a fix of class `{}`, but its metadata allows at most `{}`",
                class.as_str(),
                meta.most.as_str()
            )),
            FixOutcome::Proposed { ref actions, .. }
                if let Some(name) = undeclared(actions, &meta.actions) =>
            {
                FixOutcome::Error(format!(
                    "`fix` proposed `{name}`, which the script does not name: write `action(\"{name}\", …)` with the name as a string literal"
                ))
            }
            outcome => outcome,
        }
    }

    fn proposed(&self, compiled: &CompiledRule, resource: usize, named: usize) -> FixOutcome {
        let Some(object) = self.view().map(|view| view.object(resource)) else {
            return FixOutcome::Error("no current account".to_owned());
        };
        let mut result = self.call_function(compiled, Function::Fix, object.clone());
        if let Some(raised) = interrupt::take_raised()
            && !result.as_ref().is_err_and(|error| interrupt::is_interrupt(error))
        {
            result = Err(raised);
        }
        let uncertain = interrupt::take_uncertain();
        match result {
            Ok(_) if !uncertain.is_empty() => FixOutcome::Unknown(uncertain),
            Ok(value) => match value.try_cast_result::<FixValue>() {
                Ok(fix) => {
                    let kind = compiled.rule.rule.meta.kind.name;
                    let other =
                        fix.actions.iter().find(|action| !action.spec().kinds.contains(kind));
                    if let Some(action) = other {
                        let name = action.spec().name;
                        let of = action.spec().kinds;
                        return FixOutcome::Error(format!(
                            "`{name}` changes {of}, but the rule evaluates `{kind}`"
                        ));
                    }
                    let reason = text::one_line(&fix.reason, MAX_MESSAGE);
                    FixOutcome::Proposed { class: fix.class, reason, actions: fix.actions }
                }
                Err(other) => FixOutcome::Error(format!(
                    "`fix` returned {}: every code path must end with `safe_fix(…)`, `unsafe_fix(…)` or `by_hand(…)`",
                    type_name(&other)
                )),
            },
            Err(error) => {
                let locate = || self.locate(compiled, Function::Fix, object, named);
                let outcome = from_error(*error, self.engine(), compiled.ast(), locate);
                if outcome.causes.is_empty() {
                    FixOutcome::Error(outcome.message)
                } else {
                    FixOutcome::Unknown(outcome.causes)
                }
            }
        }
    }
}

/// The first action that the script does not name.
fn undeclared(actions: &[Action], named: &BTreeSet<&'static str>) -> Option<&'static str> {
    actions.iter().map(|action| action.spec().name).find(|name| !named.contains(name))
}
