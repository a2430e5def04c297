//! Judgement with a record of it: every value that a rule read from facts, parameters and
//! relations, in order and with the line that read it, and the statements that were reached. An
//! engine of its own pays for that; the ordinary sandbox is the same without a listener.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Position, Stmt};
use serde::Serialize;
use serde_json::{Map, Value};

use super::bridge::{AccountFacts, Context, Dictionary, Object};
use super::diagnostic::Diagnostic;
use super::engine::{Judgement, Sandbox};
use super::observe::{self, Observed, Seen};
use super::select::SelectedRule;
use crate::model::text;

/// Reads beyond these are counted, not kept.
const MAX_READS: usize = 1_000;
/// What is kept of one value, in bytes.
const MAX_VALUE: usize = 1_000;
/// Items of one list of which the place in it is known.
const MAX_ITEMS: usize = 10_000;
const MAX_DEPTH: usize = 16;

/// A place in a rule's file, 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    fn of(position: Position) -> Option<Self> {
        Some(Self { line: position.line()?, column: position.position().unwrap_or(1) })
    }
}

/// One value that a rule read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Read {
    /// The line that read it.
    pub line: Option<usize>,
    /// Where the value stands: `ec2.security_group.ip_permissions[0].from_port`, `params.ports`,
    /// `related("ec2.vpc")`.
    pub path: String,
    /// The value; of a long one its beginning.
    pub value: Value,
}

/// A judgement with its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// What the rule says.
    pub judgement: Judgement,
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

    /// Judges one resource of the account in view by one rule; both by position.
    pub fn trace(&self, rule: usize, resource: usize) -> Trace {
        self.record(rule, resource).0
    }

    /// The same, with what the judgement depends on: cut down to what was read, and with all of
    /// each field of which something was.
    pub fn observe(&self, rule: usize, resource: usize) -> Option<(Trace, [Observed; 2])> {
        let (trace, seen) = observe::taking(|| self.record(rule, resource));
        let (selected, _) = self.sandbox.compiled(rule)?;
        let observed =
            |whole| seen.gather(self.sandbox.world()?, &selected.rule.meta, resource, whole);
        Some((trace, [observed(false)?, observed(true)?]))
    }

    fn record(&self, rule: usize, resource: usize) -> (Trace, Seen) {
        let mut recorder = Recorder::default();
        if let Some(world) = self.sandbox.world() {
            recorder.seen.subject(resource, &world.object(resource));
        }
        self.sandbox.context().set_recorder(Some(recorder));
        let judgement = self.sandbox.judge(rule, resource);
        let recorder = self.sandbox.context().set_recorder(None).unwrap_or_default();
        let trace = Trace {
            judgement,
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
    pub(super) fn calls(&self, rule: usize, name: &str) -> bool {
        self.sandbox.compiled(rule).is_some_and(|(_, ast)| calls(ast, name))
    }

    /// Gives a rule other parameters.
    pub(super) fn set_params(&mut self, rule: usize, params: &Map<String, Value>) {
        self.sandbox.set_params(rule, params);
    }
}

/// Has the engine tell each node before it is evaluated.
// Rhai marks the debugging interface as one that may change, not as one that goes away.
#[allow(deprecated)]
fn listen(engine: &mut Engine, context: &Rc<Context>) {
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

/// What is written down during one judgement.
#[derive(Default)]
pub(super) struct Recorder {
    /// The node that is being evaluated.
    place: Option<Place>,
    reads: Vec<Read>,
    left_out: usize,
    reached: BTreeSet<Place>,
    /// Where the objects stand that the rule has come by.
    paths: HashMap<*const (), String>,
    /// What a case would have to have.
    pub(super) seen: Seen,
}

impl Recorder {
    fn reach(&mut self, position: Position) {
        if let Some(place) = Place::of(position) {
            self.place = Some(place);
            self.reached.insert(place);
        }
    }

    /// A field of an object, or a key of a map, was read. `label` says what the object is, where
    /// its place is not known.
    pub(super) fn read(&mut self, object: *const (), label: &str, name: &str, value: &Dynamic) {
        let path = member(self.paths.get(&object).map_or(label, String::as_str), name);
        self.learn(&path, value);
        self.seen.read(object, name, value);
        self.write(path, |left| brief(value, 0, left));
    }

    /// Resources of another kind were looked up; these were found.
    pub(super) fn related<'a>(
        &mut self,
        kind: &str,
        key: Option<(&str, &Dynamic)>,
        found: impl Iterator<Item = (&'a str, &'a Dynamic)>,
    ) {
        let mut ids = Vec::new();
        for (id, object) in found {
            self.learn(&format!("{kind}[{}]", quoted(id)), object);
            ids.push(Value::String(text::one_line(id, 200)));
        }
        let path = match key {
            None => format!("related({})", quoted(kind)),
            Some((field, value)) => {
                let value = brief(value, 0, &mut MAX_VALUE.clone());
                format!("related({}, {}, {value})", quoted(kind), quoted(field))
            }
        };
        self.write(path, |left| shortened(ids.into_iter(), left, |id, left| take(left, id)));
    }

    fn write(&mut self, path: String, value: impl FnOnce(&mut usize) -> Value) {
        if self.reads.len() < MAX_READS {
            let value = value(&mut MAX_VALUE.clone());
            self.reads.push(Read { line: self.place.map(|place| place.line), path, value });
        } else {
            self.left_out += 1;
        }
    }

    /// Remembers where the objects in a value stand.
    fn learn(&mut self, path: &str, value: &Dynamic) {
        if let Some(object) = value.read_lock::<Object>() {
            self.paths.insert(object.address(), path.to_owned());
        } else if let Some(dictionary) = value.read_lock::<Dictionary>() {
            self.paths.insert(dictionary.address(), path.to_owned());
        } else if let Ok(items) = value.as_array_ref() {
            for (index, item) in items.iter().enumerate().take(MAX_ITEMS) {
                self.learn(&format!("{path}[{index}]"), item);
            }
        }
    }
}

/// The path of a member: `.name`, or `["any text"]`.
fn member(path: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
    if plain { format!("{path}.{name}") } else { format!("{path}[{}]", quoted(name)) }
}

fn quoted(name: &str) -> Value {
    Value::String(text::one_line(name, 200))
}

/// A value as JSON, of which no more is written than `left` bytes allow.
fn brief(value: &Dynamic, depth: usize, left: &mut usize) -> Value {
    let nested = |value: &Dynamic, left: &mut usize| brief(value, depth + 1, left);
    if depth > MAX_DEPTH {
        return cut(left);
    }
    if let Ok(items) = value.as_array_ref() {
        return shortened(items.iter(), left, nested);
    }
    if let Some(object) = value.read_lock::<Object>() {
        return entries(object.fields(), left, nested);
    }
    if let Some(dictionary) = value.read_lock::<Dictionary>() {
        return entries(
            dictionary.0.iter().map(|(key, value)| (key.as_str(), value)),
            left,
            nested,
        );
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return take(left, Value::String(text::one_line(&text, MAX_VALUE.min((*left).max(20)))));
    }
    take(left, super::bridge::to_json(value, depth))
}

fn shortened<T>(
    items: impl Iterator<Item = T>,
    left: &mut usize,
    each: impl Fn(T, &mut usize) -> Value,
) -> Value {
    let mut kept = Vec::new();
    let mut items = items;
    while let Some(item) = items.next() {
        if *left == 0 {
            kept.push(Value::String(format!("… and {} more", items.count() + 1)));
            break;
        }
        kept.push(each(item, left));
    }
    Value::Array(kept)
}

fn entries<'a>(
    items: impl Iterator<Item = (&'a str, &'a Dynamic)>,
    left: &mut usize,
    each: impl Fn(&Dynamic, &mut usize) -> Value,
) -> Value {
    let mut kept = Map::new();
    let mut items = items;
    while let Some((name, value)) = items.next() {
        if *left == 0 {
            kept.insert("…".to_owned(), Value::String(format!("and {} more", items.count() + 1)));
            break;
        }
        let name = text::one_line(name, 200);
        *left = left.saturating_sub(name.len() + 4);
        kept.insert(name, each(value, left));
    }
    Value::Object(kept)
}

fn take(left: &mut usize, value: Value) -> Value {
    let bytes = match &value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    };
    *left = left.saturating_sub(bytes);
    value
}

fn cut(left: &mut usize) -> Value {
    take(left, Value::String("…".to_owned()))
}

fn calls(ast: &AST, name: &str) -> bool {
    let mut found = false;
    ast.walk(&mut |path: &[ASTNode]| {
        found |= match path.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
                | ASTNode::Stmt(Stmt::FnCall(call, _)),
            ) => call.name == name,
            _ => false,
        };
        !found
    });
    found
}

fn statements(ast: &AST) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode]| {
        // What stands outside of functions is `const RULE`: only functions run.
        let Some(ASTNode::Stmt(statement)) = path.last() else { return true };
        if ast.statements().iter().any(|outside| std::ptr::eq(outside, *statement)) {
            return true;
        }
        match statement {
            Stmt::Noop(_) | Stmt::Block(..) | Stmt::Share(_) => {}
            Stmt::Expr(expression) if is_block(expression) => {}
            Stmt::Switch(switch, _) => {
                places.extend(Place::of(statement.position()));
                let arms = switch.1.expressions.iter().map(|arm| &arm.rhs).filter(|arm| !is_block(arm));
                places.extend(arms.filter_map(|arm| Place::of(arm.position())));
            }
            // Made by the parser around a closure that captures.
            Stmt::Expr(expression) if matches!(&**expression, Expr::FnCall(call, _) if call.name == "curry") => {}
            Stmt::FnCall(call, _) if call.name == "curry" => {}
            _ => places.extend(Place::of(statement.position())),
        }
        true
    });
    places
}

/// A block in the place of an expression: its statements are told, not it.
fn is_block(expression: &Expr) -> bool {
    matches!(expression, Expr::Stmt(_))
}
