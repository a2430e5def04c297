//! RuleOutcome with a record of it: every value that a rule read from facts, parameters and
//! relations, in order and with the line that read it, and the statements that were reached. An
//! engine of its own pays for that; the ordinary sandbox is the same without a listener.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use rhai::Engine;
use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use serde_json::Map;
use serde_json::Value;

use super::evaluation::Sandbox;
use super::outcome::RuleOutcome;
use super::statements::{calls, statements};
use crate::diagnostics::Diagnostic;
use crate::rules::pack::select::SelectedRule;
use crate::rules::values::access::{self, AccessLog, Observed};
use crate::rules::values::account::AccountFacts;
use crate::rules::values::context::EvalContext;
use crate::rules::values::recorder::{Place, Read, Recorder};

/// A outcome with its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// What the rule says.
    pub outcome: RuleOutcome,
    /// What it read, in order.
    pub reads: Vec<Read>,
    /// How many reads more there were than are kept.
    pub left_out: usize,
    /// The nodes of the script that were evaluated. A statement was reached if its place is among
    /// them.
    pub reached: BTreeSet<Place>,
}

/// A sandbox that keeps a record.
pub struct Tracer {
    sandbox: Sandbox,
}

impl Tracer {
    /// Compiles the rules for this thread.
    pub fn new(rules: &[Arc<SelectedRule>]) -> Result<Self, Box<Diagnostic>> {
        Ok(Self { sandbox: Sandbox::with(rules, listen)? })
    }

    /// Takes an account into view; the one before it is forgotten.
    pub fn enter(&mut self, facts: AccountFacts) {
        self.sandbox.enter(facts);
    }

    /// The account in view.
    pub fn facts(&self) -> Option<&AccountFacts> {
        self.sandbox.facts()
    }

    /// Evaluates one resource of the account in view by one rule; both by position.
    pub fn trace(&self, rule: usize, resource: usize) -> Trace {
        self.record(rule, resource).0
    }

    /// The same, with what the outcome depends on: cut down to what was read, and with all of
    /// each field of which something was.
    pub fn observe(&self, rule: usize, resource: usize) -> Option<(Trace, [Observed; 2])> {
        let (trace, seen) = access::complete(|| self.record(rule, resource));
        let (selected, _) = self.sandbox.compiled(rule)?;
        let observed =
            |whole| seen.gather(self.sandbox.view()?, &selected.rule.meta, resource, whole);
        Some((trace, [observed(false)?, observed(true)?]))
    }

    fn record(&self, rule: usize, resource: usize) -> (Trace, AccessLog) {
        let mut recorder = Recorder::default();
        if let Some(view) = self.sandbox.view() {
            recorder.seen.subject(resource, &view.object(resource));
        }
        self.sandbox.context().set_recorder(Some(recorder));
        let outcome = self.sandbox.evaluate(rule, resource);
        let recorder = self.sandbox.context().set_recorder(None).unwrap_or_default();
        let trace = Trace {
            outcome,
            reads: recorder.reads,
            left_out: recorder.left_out,
            reached: recorder.reached,
        };
        (trace, recorder.seen)
    }

    /// Where the statements of a rule stand: every one in its functions, closures included, and the
    /// arms of every `switch`.
    pub fn statements(&self, rule: usize) -> BTreeSet<Place> {
        self.sandbox.compiled(rule).map(|(_, ast)| statements(ast)).unwrap_or_default()
    }

    /// Whether a rule's script calls that function anywhere.
    pub(crate) fn calls(&self, rule: usize, name: &str) -> bool {
        self.sandbox.compiled(rule).is_some_and(|(_, ast)| calls(ast, name))
    }

    /// Gives a rule other parameters.
    pub(crate) fn set_params(&mut self, rule: usize, params: &Map<String, Value>) {
        self.sandbox.set_params(rule, params);
    }
}

/// Has the engine tell each node before it is evaluated.
// Rhai marks the debugging interface as one that may change, not as one that goes away.
#[allow(deprecated)]
fn listen(engine: &mut Engine, context: &Rc<EvalContext>) {
    let cx = context.clone();
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, event, _, _, position| {
            if !matches!(event, DebuggerEvent::End) {
                cx.record(|recorder| recorder.reach(position));
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}
