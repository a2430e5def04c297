//! The sandbox: an engine with all limits and helpers, one per evaluation thread.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Position, Scope};
use serde_json::Value;

use super::locate::{Last, remember};
use super::operands::open_ranges;
use super::outcome::{MAX_MESSAGE, RuleOutcome, from_error};
use crate::diagnostics::Diagnostic;
use crate::facts::Scope as FactScope;
use crate::model::{Cause, Verdict, text};
use crate::rules::helpers;
use crate::rules::helpers::operators::{OpenRanges, set_open_ranges};
use crate::rules::language::engine::{bare, set_list_limits};
use crate::rules::language::meta::Needs;
use crate::rules::pack::load;
use crate::rules::pack::select::SelectedRule;
use crate::rules::values::account::{AccountFacts, reach};
use crate::rules::values::budget;
use crate::rules::values::context::{self, EvalContext};
use crate::rules::values::current::CurrentRule;
use crate::rules::values::interrupt;
use crate::rules::values::json::type_name;
use crate::rules::values::object::{Layouts, Object};
use crate::rules::values::tracking;
use crate::rules::values::verdict::VerdictValue;
use crate::rules::values::view::AccountView;

pub(super) struct CompiledRule {
    pub(super) rule: Arc<SelectedRule>,
    needs: Rc<Needs>,
    evidence: Rc<BTreeSet<String>>,
    /// The variants of a script share it.
    ast: Rc<AST>,
    open_ranges: OpenRanges,
    params: Dynamic,
    /// The parameters of the rule and those of `fix`.
    fix_params: Dynamic,
}

impl CompiledRule {
    pub(super) fn ast(&self) -> &AST {
        &self.ast
    }
}

/// A function of a rule that the sandbox calls.
#[derive(Clone, Copy)]
pub(super) enum Function {
    Check,
    Fix,
}

/// An engine with its compiled rules and the current account. It stays on its thread.
pub struct Sandbox {
    engine: Engine,
    /// Finds the positions of errors that have none.
    locator: OnceCell<(Engine, Last)>,
    context: Rc<EvalContext>,
    layouts: Rc<Layouts>,
    rules: Vec<CompiledRule>,
    view: Option<Rc<AccountView>>,
}

impl Sandbox {
    /// Compiles the rules for this thread.
    pub fn new(rules: &[Arc<SelectedRule>]) -> Result<Self, Box<Diagnostic>> {
        Self::with(rules, |_, _| ())
    }

    /// The same, with additions to the engine.
    pub(crate) fn with(
        rules: &[Arc<SelectedRule>],
        add: impl Fn(&mut Engine, &Rc<EvalContext>),
    ) -> Result<Self, Box<Diagnostic>> {
        let context = Rc::new(EvalContext::default());
        let mut engine = engine(&context);
        add(&mut engine, &context);
        let mut compiled: HashMap<*const str, (Rc<AST>, OpenRanges)> = HashMap::new();
        let compile = |selected: &Arc<SelectedRule>| {
            let (ast, open_ranges) = match compiled.entry(Arc::as_ptr(&selected.rule.file.text)) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => {
                    let ast = load::compile(&engine, &selected.rule)?;
                    let ranges = Rc::new(open_ranges(&ast));
                    place.insert((Rc::new(ast), ranges)).clone()
                }
            };
            Ok(CompiledRule {
                open_ranges,
                ast,
                needs: Rc::new(selected.rule.meta.needs.clone()),
                evidence: Rc::new(selected.rule.meta.evidence.clone()),
                params: Object::params(&selected.params),
                fix_params: Object::params(&selected.fix_params(&selected.params)),
                rule: selected.clone(),
            })
        };
        let rules = rules.iter().map(compile).collect::<Result<Vec<_>, Box<Diagnostic>>>()?;
        Ok(Self {
            engine,
            locator: OnceCell::new(),
            context,
            layouts: Rc::default(),
            rules,
            view: None,
        })
    }

    /// Sets the current account, replacing the previous one.
    pub fn enter(&mut self, facts: impl Into<Arc<AccountFacts>>) {
        let facts = facts.into();
        set_list_limits(&mut self.engine, facts.resources.len());
        self.locator = OnceCell::new();
        let view = Rc::new(AccountView::new(facts, self.layouts.clone()));
        self.context.enter(Some(view.clone()));
        self.view = Some(view);
    }

    /// Leaves the current account, so that its facts can be dropped.
    pub(crate) fn leave(&mut self) {
        self.context.enter(None);
        self.view = None;
    }

    /// Drops the script value of a resource of the current account that no rule will evaluate again.
    pub(crate) fn forget(&self, resource: usize) {
        if let Some(view) = &self.view {
            view.forget(resource);
        }
    }

    /// Replaces the parameters of a rule.
    pub(crate) fn set_params(&mut self, rule: usize, params: &serde_json::Map<String, Value>) {
        if let Some(compiled) = self.rules.get_mut(rule) {
            compiled.params = Object::params(params);
            compiled.fix_params = Object::params(&compiled.rule.fix_params(params));
        }
    }

    /// Replaces the parameters with which `fix` of a rule is called.
    pub(crate) fn set_fix_params(&mut self, rule: usize, params: &serde_json::Map<String, Value>) {
        if let Some(compiled) = self.rules.get_mut(rule) {
            compiled.fix_params = Object::params(params);
        }
    }

    /// Whether the last evaluation on this thread exceeded the time limit. No verdict may depend on
    /// that, so the run must end.
    pub(crate) fn timed_out(&self) -> bool {
        budget::timed_out()
    }

    /// The context shared with the engine's functions.
    pub(crate) fn context(&self) -> &EvalContext {
        &self.context
    }

    /// The current account with its script values.
    pub(crate) fn view(&self) -> Option<&AccountView> {
        self.view.as_deref()
    }

    /// A rule and its compiled script.
    pub(crate) fn compiled(&self, rule: usize) -> Option<(&SelectedRule, &AST)> {
        self.rules.get(rule).map(|compiled| (&*compiled.rule, &*compiled.ast))
    }

    /// The facts of the current account.
    pub fn facts(&self) -> Option<&AccountFacts> {
        self.view.as_deref().map(|view| &*view.facts)
    }

    /// Evaluates a rule for a resource of the current account, both given by index. Always returns a
    /// verdict, whatever the script does.
    pub fn evaluate(&self, rule: usize, resource: usize) -> RuleOutcome {
        let (Some(compiled), Some(view)) = (self.rules.get(rule), self.view.as_ref()) else {
            return RuleOutcome::new(
                Verdict::Error,
                "unknown rule, or no current account".to_owned(),
            );
        };
        let Some(subject) = view.facts.resources.get(resource) else {
            return RuleOutcome::new(Verdict::Error, "unknown resource".to_owned());
        };
        let (needs, evidence) = (&compiled.needs, &compiled.evidence);
        let named = match self.begin(compiled, needs, evidence, resource) {
            Ok(named) => named,
            Err(causes) => return RuleOutcome::unknown(causes),
        };
        let mut outcome =
            catch_unwind(AssertUnwindSafe(|| self.call(compiled, view.object(resource), named)))
                .unwrap_or_else(|_| {
                    RuleOutcome::new(Verdict::Error, "the script engine panicked".to_owned())
                });
        self.end();
        if outcome.verdict == Verdict::Fail {
            // First, since affected resources are the most important evidence in a long list.
            outcome.evidence.splice(..0, view.used_by(&compiled.rule.rule.meta.used_by, subject));
        }
        outcome
    }

    /// Prepares a call for a resource. Returns how many resources the rule names, or what it needs and
    /// could not be read.
    pub(super) fn begin(
        &self,
        compiled: &CompiledRule,
        needs: &Rc<Needs>,
        evidence: &Rc<BTreeSet<String>>,
        resource: usize,
    ) -> Result<usize, Vec<Cause>> {
        let Some(view) = &self.view else { return Err(Vec::new()) };
        let Some(subject) = view.facts.resources.get(resource) else { return Err(Vec::new()) };
        let kind = compiled.rule.rule.meta.kind;
        let required = needs.own.iter().filter(|fact| !needs.optional.contains(*fact));
        let mut causes: Vec<Cause> =
            required.filter_map(|fact| view.unreadable(resource, kind, fact)).collect();
        // What is near a resource whose region could not be read is not known either.
        let lost =
            kind.attribute("region").and_then(|region| kind.value_of(subject.head(), region).err());
        let resources = &view.facts.resources;
        let mut named = resources.of_kind_in(kind, &reach(kind, &subject.about.region)).len();
        for (name, needed) in &needs.related {
            let Some(related) = crate::facts::kind(name) else { continue };
            let region = reach(related, &subject.about.region);
            named += resources.of_kind_in(related, &region).len();
            if needs.optional.contains(related.name) {
                continue;
            }
            let lost = lost.filter(|_| related.scope == FactScope::Regional).cloned();
            let gap = lost.or_else(|| (view.facts.list_gap)(related.name, &region));
            let needed = needed.iter().copied();
            causes.extend(gap.into_iter().flat_map(|gap| related.causes_for(gap, needed.clone())));
        }
        if !causes.is_empty() {
            return Err(causes);
        }
        let current = CurrentRule {
            kind,
            needs: needs.clone(),
            evidence: evidence.clone(),
            region: subject.about.region.clone(),
            lost: lost.cloned(),
        };
        self.context.begin(Some(current));
        interrupt::take_raised();
        interrupt::take_uncertain();
        budget::begin(named);
        set_open_ranges(&compiled.open_ranges);
        Ok(named)
    }

    /// Ends a call.
    pub(super) fn end(&self) {
        self.context.begin(None);
    }

    /// A rule by its index.
    pub(super) fn rule(&self, rule: usize) -> Option<&CompiledRule> {
        self.rules.get(rule)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Calls a function of a rule.
    pub(super) fn call_function(
        &self,
        compiled: &CompiledRule,
        function: Function,
        resource: Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        call(&self.engine, compiled, function, resource)
    }

    fn call(&self, compiled: &CompiledRule, resource: Dynamic, named: usize) -> RuleOutcome {
        let mut result = self.call_function(compiled, Function::Check, resource.clone());
        // What an ignored error caused afterwards is not the reason.
        if let Some(raised) = interrupt::take_raised()
            && !result.as_ref().is_err_and(|error| interrupt::is_interrupt(error))
        {
            result = Err(raised);
        }
        let uncertain = interrupt::take_uncertain();
        match result {
            Ok(value) => match value.try_cast_result::<VerdictValue>() {
                Ok(value) if value.verdict != Verdict::Fail && !uncertain.is_empty() => {
                    RuleOutcome::unknown(uncertain)
                }
                Ok(value) if value.verdict == Verdict::Unknown => {
                    RuleOutcome::undecided(&value.message)
                }
                Ok(value) => RuleOutcome {
                    evidence: value.evidence,
                    ..RuleOutcome::new(value.verdict, text::one_line(&value.message, MAX_MESSAGE))
                },
                Err(other) => {
                    let got = type_name(&other);
                    let message = format!(
                        "`check` returned {got}: every code path must end with `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`"
                    );
                    RuleOutcome::new(Verdict::Error, message)
                }
            },
            Err(error) => {
                let locate = || self.locate(compiled, Function::Check, resource, named);
                from_error(*error, &self.engine, &compiled.ast, locate)
            }
        }
    }

    /// The last position of a rule that exceeds a limit.
    pub(super) fn locate(
        &self,
        compiled: &CompiledRule,
        function: Function,
        resource: Dynamic,
        named: usize,
    ) -> Position {
        let (engine, last) = self.locator.get_or_init(|| {
            let (mut engine, last) = (engine(&self.context), Last::default());
            let resources = self.view.as_ref().map_or(0, |view| view.facts.resources.len());
            set_list_limits(&mut engine, resources);
            remember(&mut engine, &last);
            (engine, last)
        });
        last.set(Position::NONE);
        let recorder = self.context.set_recorder(None);
        budget::begin(named);
        let ended = tracking::without_tracking(|| call(engine, compiled, function, resource));
        interrupt::take_raised();
        interrupt::take_uncertain();
        // This run must not count as one that timed out.
        budget::begin(named);
        self.context.set_recorder(recorder);
        if ended.is_err() { last.get() } else { Position::NONE }
    }
}

/// Calls a rule's function.
fn call(
    engine: &Engine,
    compiled: &CompiledRule,
    function: Function,
    resource: Dynamic,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let options = CallFnOptions::new().eval_ast(false).rewind_scope(true);
    let (name, params) = match function {
        Function::Check => ("check", &compiled.params),
        Function::Fix => ("fix", &compiled.fix_params),
    };
    let arguments = (resource, params.clone());
    engine.call_fn_with_options(options, &mut Scope::new(), &compiled.ast, name, arguments)
}

/// The sandbox's engine without an account, to list its functions and to parse.
pub(crate) fn idle() -> Engine {
    engine(&Rc::new(EvalContext::default()))
}

/// The sandbox's engine with all functions.
pub(crate) fn engine(context: &Rc<EvalContext>) -> Engine {
    let mut engine = bare();
    // The engine's own counter does not include what closures do in native functions.
    engine.on_progress(|_| budget::operation());
    context::register(&mut engine, context);
    engine.register_type_with_name::<VerdictValue>("verdict");
    helpers::register(&mut engine, context);
    engine
}
