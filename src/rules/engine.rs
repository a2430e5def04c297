//! The one sandbox: a raw engine with the packages that rules need, every limit set, one per
//! evaluating thread.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{
    AST, ASTNode, CallFnOptions, Dynamic, Engine, EvalAltResult, Expr, OptimizationLevel, Position,
    Scope,
};
use serde_json::Value;

use super::bridge::{self, AccountFacts, Context, Current, Interrupt, Layouts, Object, World};
use super::diagnostic::Diagnostic;
use super::helpers::verdicts::Said;
use super::meta::Needs;
use super::select::SelectedRule;
use super::{forbidden, helpers, load};
use crate::model::{Cause, Verdict, text};

/// Stack of an evaluating thread. The worst script that the limits permit stays within it.
pub const STACK_SIZE: usize = 32 << 20;

const MAX_OPERATIONS: u64 = 250_000;
const MAX_TIME: Duration = Duration::from_millis(500);
/// How many times as long a rule may take that is traced.
const TRACED: u32 = 4;
/// Looking at the clock takes as long as an operation. The slowest operation within the limits
/// takes some milliseconds.
const LOOK_AT_CLOCK: u64 = 16;
/// No text of a script, with all that it is nested in, is longer, in bytes. S3's longest policy has
/// 20 KB.
const MAX_STRING: usize = 64 << 10;
const MAX_ARRAY: usize = 10_000;
/// The engine counts the entries of all maps in a list together. Evidence of a security group, a
/// map for each of its rules, has 10,000: AWS lets a group have 1,000 rules in each direction.
const MAX_MAP: usize = 20_000;
const MAX_VARIABLES: usize = 64;
const MAX_FUNCTIONS: usize = 100;
const MAX_CALLS: usize = 12;
const MAX_DEPTH: usize = 64;

/// What is kept of a message; more is cut, and says so.
const MAX_MESSAGE: usize = 1_000;

thread_local! {
    /// The progress hook gets a counter and no context, so the deadline waits for it here.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What one rule says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why it was skipped, what could not be read, how the rule broke. Empty for a
    /// pass.
    pub message: String,
    /// The values at fault.
    pub evidence: Vec<Value>,
    /// For [`Verdict::Unknown`]: what could not be read.
    pub causes: Vec<Cause>,
}

impl Judgement {
    fn new(verdict: Verdict, message: String) -> Self {
        Self { verdict, message, evidence: Vec::new(), causes: Vec::new() }
    }

    /// The verdict on something of which the causes tell what could not be read.
    pub fn unknown(mut causes: Vec<Cause>) -> Self {
        causes.sort();
        causes.dedup();
        let what: Vec<String> = causes.iter().map(Cause::to_string).collect();
        let message =
            text::one_line(&format!("could not be checked: {}", what.join("; ")), MAX_MESSAGE);
        Self { causes, ..Self::new(Verdict::Unknown, message) }
    }
}

struct Compiled {
    rule: Arc<SelectedRule>,
    needs: Rc<Needs>,
    ast: AST,
    params: Dynamic,
}

/// An engine with its rules and the account under evaluation. It stays on its thread.
pub struct Sandbox {
    engine: Engine,
    context: Rc<Context>,
    layouts: Rc<Layouts>,
    rules: Vec<Compiled>,
    world: Option<Rc<World>>,
}

impl Sandbox {
    /// Compiles the rules for this thread.
    pub fn new(rules: &[Arc<SelectedRule>]) -> Result<Self, Box<Diagnostic>> {
        Self::with(rules, |_, _| ())
    }

    /// The same with something added to the engine.
    pub(super) fn with(
        rules: &[Arc<SelectedRule>],
        add: impl FnOnce(&mut Engine, &Rc<Context>),
    ) -> Result<Self, Box<Diagnostic>> {
        let context = Rc::new(Context::default());
        let mut engine = engine(&context);
        add(&mut engine, &context);
        let compile = |selected: &Arc<SelectedRule>| {
            Ok(Compiled {
                ast: load::compile(&engine, &selected.rule)?,
                needs: Rc::new(selected.rule.meta.needs.clone()),
                params: Object::params(&selected.params),
                rule: selected.clone(),
            })
        };
        let rules = rules.iter().map(compile).collect::<Result<Vec<_>, Box<Diagnostic>>>()?;
        Ok(Self { engine, context, layouts: Rc::default(), rules, world: None })
    }

    /// Takes an account into view; the one before it is forgotten.
    pub fn enter(&mut self, facts: AccountFacts) {
        let world = Rc::new(World::new(facts, self.layouts.clone()));
        self.context.enter(Some(world.clone()));
        self.world = Some(world);
    }

    /// Gives a rule other parameters.
    pub(super) fn set_params(&mut self, rule: usize, params: &serde_json::Map<String, Value>) {
        if let Some(compiled) = self.rules.get_mut(rule) {
            compiled.params = Object::params(params);
        }
    }

    /// What the engine's functions hold.
    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// The account in view, with its script values.
    pub(super) fn world(&self) -> Option<&World> {
        self.world.as_deref()
    }

    /// A rule and its script.
    pub(super) fn compiled(&self, rule: usize) -> Option<(&SelectedRule, &AST)> {
        self.rules.get(rule).map(|compiled| (&*compiled.rule, &compiled.ast))
    }

    /// The account in view.
    pub fn facts(&self) -> Option<&AccountFacts> {
        self.world.as_deref().map(|world| &*world.facts)
    }

    /// Judges one resource of the account in view by one rule; both by position. Whatever the
    /// script does, a verdict comes back.
    pub fn judge(&self, rule: usize, resource: usize) -> Judgement {
        let (Some(compiled), Some(world)) = (self.rules.get(rule), self.world.as_ref()) else {
            return Judgement::new(
                Verdict::Error,
                "no such rule, or no account in view".to_owned(),
            );
        };
        let Some(subject) = world.facts.resources.get(resource) else {
            return Judgement::new(Verdict::Error, "no such resource".to_owned());
        };
        let kind = compiled.rule.rule.meta.kind;
        let mut causes: Vec<Cause> = compiled
            .needs
            .own
            .iter()
            .filter_map(|fact| world.unreadable(resource, kind, fact))
            .collect();
        for related in compiled.needs.related.keys().filter_map(|name| crate::facts::kind(name)) {
            causes.extend((world.facts.list_gap)(
                related.name,
                &bridge::reach(related, &subject.region),
            ));
        }
        if !causes.is_empty() {
            return Judgement::unknown(causes);
        }
        let current =
            Current { kind, needs: compiled.needs.clone(), region: subject.region.clone() };
        self.context.begin(Some(current));
        bridge::take_raised();
        bridge::take_doubts();
        // Keeping a record takes time that is not the rule's.
        let longer = if self.context.is_recorded() { TRACED } else { 1 };
        DEADLINE.set(Some(Instant::now() + MAX_TIME * longer));
        let mut judgement =
            catch_unwind(AssertUnwindSafe(|| self.call(compiled, world.object(resource))))
                .unwrap_or_else(|_| {
                    Judgement::new(Verdict::Error, "the script engine panicked".to_owned())
                });
        DEADLINE.set(None);
        self.context.begin(None);
        if judgement.verdict == Verdict::Fail {
            // In front: who is hit is what a reader of a long list must not miss.
            judgement
                .evidence
                .splice(..0, world.used_by(&compiled.rule.rule.meta.used_by, subject));
        }
        judgement
    }

    fn call(&self, compiled: &Compiled, resource: Dynamic) -> Judgement {
        let options = CallFnOptions::new().eval_ast(false).rewind_scope(true);
        let arguments = (resource, compiled.params.clone());
        let mut result = self.engine.call_fn_with_options::<Dynamic>(
            options,
            &mut Scope::new(),
            &compiled.ast,
            "check",
            arguments,
        );
        if result.is_ok()
            && let Some(interrupt) = bridge::take_raised()
        {
            result = interrupt.raise();
        }
        let doubts = bridge::take_doubts();
        match result {
            Ok(value) => match value.try_cast_result::<Said>() {
                Ok(said) if said.verdict != Verdict::Fail && !doubts.is_empty() => {
                    Judgement::unknown(doubts)
                }
                Ok(said) => Judgement {
                    evidence: said.evidence,
                    ..Judgement::new(said.verdict, text::one_line(&said.message, MAX_MESSAGE))
                },
                Err(other) => {
                    let got = if other.is_unit() { "nothing" } else { other.type_name() };
                    let message = format!(
                        "`check` returned {got}: every path must end in pass(), fail(…) or skip(…)"
                    );
                    Judgement::new(Verdict::Error, message)
                }
            },
            Err(error) => ended(*error, &compiled.ast),
        }
    }
}

/// The judgement on a rule that ended with an error.
fn ended(error: EvalAltResult, ast: &AST) -> Judgement {
    let mut error = error;
    let mut place = error.position();
    // The position of the innermost error is where the script went wrong; the outer ones are call
    // sites.
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = *inner;
        if !error.position().is_none() {
            place = error.position();
        }
    }
    let message = match &error {
        EvalAltResult::ErrorTerminated(token, _) => match token.read_lock::<Interrupt>().as_deref()
        {
            Some(Interrupt::Unreadable(causes)) => return Judgement::unknown(causes.clone()),
            Some(Interrupt::Broken(message)) => message.clone(),
            Some(Interrupt::Field { name, message }) => {
                if place.is_none() {
                    place = first_read_of(name, ast);
                }
                message.clone()
            }
            Some(Interrupt::Deadline) => format!("took longer than {} ms", MAX_TIME.as_millis()),
            None => "terminated".to_owned(),
        },
        EvalAltResult::ErrorTooManyOperations(_) => {
            format!("took more than {MAX_OPERATIONS} operations")
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            format!("functions call each other more than {MAX_CALLS} deep")
        }
        other => {
            let explained = if let EvalAltResult::ErrorFunctionNotFound(call, _) = other {
                renamed(call, ast).or_else(|| misused(call))
            } else {
                None
            };
            explained.unwrap_or_else(|| {
                let text = other.to_string();
                // The engine appends its own "(line …)"; ours stands in front.
                text.split(" (line ").next().unwrap_or_default().to_owned()
            })
        }
    };
    let message = match (place.line(), place.position()) {
        (Some(line), Some(column)) => format!("line {line}:{column}: {message}"),
        _ => message,
    };
    Judgement::new(Verdict::Error, text::one_line(&message, MAX_MESSAGE))
}

/// The new name of the helper in a call such as `own_organization ()`, unless the rule has a
/// function with the old name.
fn renamed(call: &str, ast: &AST) -> Option<String> {
    let (name, _) = call.split_once(" (")?;
    if ast.iter_functions().any(|function| function.name == name) {
        return None;
    }
    helpers::renamed(name)
}

/// What is wrong with a call such as `age_days (())`, where the engine says that there is no such
/// function.
fn misused(call: &str) -> Option<String> {
    let (name, given) = call.split_once(" (")?;
    let helper = helpers::helpers().find(|helper| helper.name == name)?;
    let given = given
        .strip_suffix(')')?
        .replace("&str | ImmutableString | String", "string")
        .replace("i64", "int");
    let usage: Vec<String> = helper.usage().collect();
    let usage = if let [one] = usage.as_slice() {
        format!("`{one}`")
    } else {
        format!("see `rolecall helpers {name}`")
    };
    let absent = given.split(", ").any(|kind| kind == "()");
    let advice =
        if absent { "; test by is_configured(…) first whether the value is there" } else { "" };
    Some(format!("`{name}` does not take ({given}): {usage}{advice}"))
}

/// Where a script first reads a field of that name.
fn first_read_of(field: &str, ast: &AST) -> Position {
    let mut place = Position::NONE;
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Property(property, position)))
                if property.2.as_str() == field =>
            {
                place = *position
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) if text.as_str() == field => {
                place = *position
            }
            _ => return true,
        }
        false
    });
    place
}

/// Every limit, the same in debug and release builds.
pub(super) fn set_limits(engine: &mut Engine) {
    engine.set_max_operations(MAX_OPERATIONS);
    engine.set_max_call_levels(MAX_CALLS);
    engine.set_max_expr_depths(MAX_DEPTH, MAX_DEPTH);
    engine.set_max_string_size(MAX_STRING);
    engine.set_max_array_size(MAX_ARRAY);
    engine.set_max_map_size(MAX_MAP);
    engine.set_max_variables(MAX_VARIABLES);
    engine.set_max_functions(MAX_FUNCTIONS);
    engine.set_max_modules(0);
}

/// An engine with what we take of Rhai and nothing of ours.
pub(super) fn bare() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    set_limits(&mut engine);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    for keyword in forbidden::DISABLED {
        engine.disable_symbol(keyword);
    }
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    engine
}

/// The sandbox's engine with nothing in view, to ask what it has and what it parses.
pub(super) fn idle() -> Engine {
    engine(&Rc::new(Context::default()))
}

/// The whole sandbox.
pub(super) fn engine(context: &Rc<Context>) -> Engine {
    let mut engine = bare();
    engine.on_progress(|operations| match DEADLINE.get() {
        Some(deadline) if operations % LOOK_AT_CLOCK == 0 && Instant::now() > deadline => {
            Some(Dynamic::from(Interrupt::Deadline))
        }
        _ => None,
    });
    bridge::register(&mut engine, context);
    engine.register_type_with_name::<Said>("verdict");
    helpers::register(&mut engine, context);
    engine
}
