//! Evaluation with a trace: every value that a rule read from facts, parameters and related
//! resources, in order and with the line that read it, and the statements that were reached. Tracing
//! uses a separate engine with a debugger callback, so that the normal sandbox has no overhead.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use rhai::Engine;
use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use serde_json::Map;
use serde_json::Value;

use super::evaluation::Sandbox;
use super::fixing::FixOutcome;
use super::outcome::RuleOutcome;
use super::statements::{calls, statements};
use crate::diagnostics::Diagnostic;
use crate::model::Verdict;
use crate::rules::pack::select::SelectedRule;
use crate::rules::values::access::{self, AccessLog, Observed};
use crate::rules::values::account::AccountFacts;
use crate::rules::values::context::EvalContext;
use crate::rules::values::recorder::{Place, Read, Recorder};

/// An outcome with its trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace<T = RuleOutcome> {
    /// The outcome of the rule.
    pub outcome: T,
    /// The values it read, in order.
    pub reads: Vec<Read>,
    /// The number of further reads that were not recorded.
    pub left_out: usize,
    /// The positions of evaluated nodes. A statement was reached if its position is included.
    pub reached: BTreeSet<Place>,
}

/// A sandbox that records traces.
pub struct Tracer {
    sandbox: Sandbox,
}

impl Tracer {
    /// Compiles the rules for this thread.
    pub fn new(rules: &[Arc<SelectedRule>]) -> Result<Self, Box<Diagnostic>> {
        Ok(Self { sandbox: Sandbox::with(rules, listen)? })
    }

    /// Sets the current account, replacing the previous one.
    pub fn enter(&mut self, facts: AccountFacts) {
        self.sandbox.enter(facts);
    }

    /// Evaluates a rule for a resource of the current account, both given by index.
    pub fn trace(&self, rule: usize, resource: usize) -> Trace {
        self.record(rule, resource).0
    }

    /// The same, with the facts that the outcome depends on: only the parts that were read, and all
    /// of each field of which a part was read.
    pub fn observe(&self, rule: usize, resource: usize) -> Option<(Trace, [Observed; 2])> {
        let (trace, seen) = access::complete(|| self.record(rule, resource));
        let (selected, _) = self.sandbox.compiled(rule)?;
        let meta = &selected.rule.meta;
        let observed =
            |whole| seen.gather(self.sandbox.view()?, meta.kind, &meta.needs, resource, whole);
        Some((trace, [observed(false)?, observed(true)?]))
    }

    /// The same, with the facts that the fix depends on, if the resource fails and the rule has a fix.
    pub fn observe_with_fix(&self, rule: usize, resource: usize) -> Option<(Trace, [Observed; 2])> {
        let (trace, observed) = self.observe(rule, resource)?;
        let (selected, _) = self.sandbox.compiled(rule)?;
        let meta = &selected.rule.meta;
        if trace.outcome.verdict != Verdict::Fail || meta.fix.is_none() {
            return Some((trace, observed));
        }
        let both = || {
            self.sandbox.evaluate(rule, resource);
            self.sandbox.fix(rule, resource)
        };
        let (_, seen) = access::complete(|| self.recorded(resource, both));
        let needs = meta.needs_with_fix();
        let observed =
            |whole| seen.gather(self.sandbox.view()?, meta.kind, &needs, resource, whole);
        Some((trace, [observed(false)?, observed(true)?]))
    }

    /// Asks a rule for the fix of a resource that fails, both given by index. The facts are those that
    /// the fix depends on, with all of each field of which a part was read.
    pub fn trace_fix(&self, rule: usize, resource: usize) -> Option<(Trace<FixOutcome>, Observed)> {
        let run = || self.recorded(resource, || self.sandbox.fix(rule, resource));
        let (trace, seen) = access::complete(run);
        let (selected, _) = self.sandbox.compiled(rule)?;
        let meta = &selected.rule.meta;
        let needs = meta.needs_with_fix();
        let observed = seen.gather(self.sandbox.view()?, meta.kind, &needs, resource, true)?;
        Some((trace, observed))
    }

    fn record(&self, rule: usize, resource: usize) -> (Trace, AccessLog) {
        self.recorded(resource, || self.sandbox.evaluate(rule, resource))
    }

    fn recorded<T>(&self, resource: usize, call: impl FnOnce() -> T) -> (Trace<T>, AccessLog) {
        let mut recorder = Recorder::default();
        if let Some(view) = self.sandbox.view() {
            recorder.seen.subject(resource, &view.object(resource));
        }
        self.sandbox.context().set_recorder(Some(recorder));
        let outcome = call();
        let recorder = self.sandbox.context().set_recorder(None).unwrap_or_default();
        let trace = Trace {
            outcome,
            reads: recorder.reads,
            left_out: recorder.left_out,
            reached: recorder.reached,
        };
        (trace, recorder.seen)
    }

    /// The positions of a rule's statements: all in its functions and closures, and the arms of each
    /// `switch`.
    pub fn statements(&self, rule: usize) -> BTreeSet<Place> {
        self.sandbox.compiled(rule).map(|(_, ast)| statements(ast)).unwrap_or_default()
    }

    /// Whether a rule's script contains a call to this function.
    pub(crate) fn calls(&self, rule: usize, name: &str) -> bool {
        self.sandbox.compiled(rule).is_some_and(|(_, ast)| calls(ast, name))
    }

    /// Replaces the parameters of a rule.
    pub(crate) fn set_params(&mut self, rule: usize, params: &Map<String, Value>) {
        self.sandbox.set_params(rule, params);
    }

    /// Replaces the parameters with which `fix` of a rule is called.
    pub(crate) fn set_fix_params(&mut self, rule: usize, params: &Map<String, Value>) {
        self.sandbox.set_fix_params(rule, params);
    }
}

/// Makes the engine report each node before evaluating it.
// Rhai marks the debugging API as deprecated because it is unstable, not because it will be
// removed.
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
