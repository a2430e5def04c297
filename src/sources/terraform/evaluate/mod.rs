//! Values of expressions, as far as they follow from the code and from what a plan knows. A plan has no
//! value for a string of which a part is known only after the change; the code has the rest of it.
//!
//! What is not known, or not supported, is [`NOT_KNOWN`]: an answer is never a guess.

mod functions;

use std::cell::Cell;

use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, UnaryOperator};
use hcl_edit::expr::{Traversal, TraversalOperator};
use hcl_edit::template::{Element, Strip, Template};
use serde_json::{Map, Value};

use functions::{apply, compared};

use super::address::{Address, Key};
use super::code::{Code, DATA_POLICY, Declared, FolderId, Written};
use super::hcl::{Attribute, Block};
use super::modules::{self, Found};
use super::root::Root;
use crate::model::{BlockPosition, KnownValues, NOT_KNOWN};

/// How deep expressions are evaluated, also through locals and variables.
const MAX_DEPTH: usize = 64;
/// How much is evaluated for one argument: a step costs [`STEP`], a value its length, and
/// to parse an expression several times its length.
const MAX_WORK: usize = 1 << 20;
const STEP: usize = 64;

impl Root {
    /// The value of an argument of the resource at an address of a plan; see
    /// [`crate::sources::Source::value`].
    pub(super) fn value(
        &self,
        address: &str,
        blocks: &[BlockPosition],
        argument: &str,
        known: &dyn KnownValues,
    ) -> Option<Value> {
        if !self.has_plan || !self.code.problems.is_empty() || self.code.tolerated > 0 {
            return None;
        }
        let found = modules::find(&self.code, address_of(address)?)?;
        let (folder, declared) = found.block?;
        let mut levels = Vec::new();
        for (call, step) in found.calls.iter().zip(&found.address.modules) {
            // The caller of a module of Terragrunt is no module.
            let folder = call.folder?;
            levels.push(Level { folder, key: step.key.as_ref(), declared: call.declared });
        }
        let key = found.address.resource.as_ref()?.key.as_ref();
        levels.push(Level { folder, key, declared });
        let is_complete = levels.len() == found.address.modules.len() + 1;
        let evaluator =
            Evaluator { code: &self.code, found: &found, levels, known, left: Cell::new(MAX_WORK) };
        let (file, attribute) = within(declared, blocks, argument).filter(|_| is_complete)?;
        let scope = Scope { level: evaluator.levels.len() - 1, bound: Vec::new() };
        let written = self.code.file(file)?.text(&attribute.value.span)?;
        Some(evaluator.text(written, &scope, 0))
    }
}

/// The address of a resource, or of a data source, which has one part more.
fn address_of(text: &str) -> Option<Address> {
    let Some((module, name)) = text.rsplit_once(DATA_POLICY) else { return Address::parse(text) };
    let mut address = Address::parse(&format!("{module}aws_iam_policy_document{name}"))?;
    address.resource.as_mut()?.resource_type = DATA_POLICY.into();
    Some(address)
}

/// The argument of a block, with its file.
fn within<'a>(
    declared: &'a Declared,
    blocks: &[BlockPosition],
    argument: &str,
) -> Option<(usize, &'a Attribute)> {
    if blocks.is_empty() {
        return declared.attribute(argument);
    }
    let mut block = declared.overrides.is_empty().then_some(&declared.block)?;
    for at in blocks {
        // If there are no more of them than these, dynamic blocks add none.
        let plain = block.of_kind(at.kind).filter(|block| block.dynamic.is_none());
        let plain: Vec<&Block> = plain.collect();
        block = plain.get(at.position).filter(|_| plain.len() == at.number)?;
    }
    Some((declared.file, block.attribute(argument)?))
}

/// A module on the way to the resource.
struct Level<'a> {
    /// Its folder.
    folder: FolderId,
    /// The key of the call in it that leads on, or of the resource.
    key: Option<&'a Key>,
    /// That call, or the resource.
    declared: &'a Declared,
}

struct Evaluator<'a> {
    code: &'a Code,
    found: &'a Found<'a>,
    levels: Vec<Level<'a>>,
    known: &'a dyn KnownValues,
    left: Cell<usize>,
}

/// Where an expression is.
#[derive(Clone)]
struct Scope {
    /// The module, from the root module.
    level: usize,
    /// The variables of `for` around it.
    bound: Vec<(String, Value)>,
}

/// A step into a value.
enum Into {
    Name(String),
    Position(usize),
}

fn not_known() -> Value {
    Value::String(NOT_KNOWN.to_string())
}

/// About how many bytes a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| STEP + size(item)).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| STEP + name.len() + size(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

impl Evaluator<'_> {
    /// Whether there is work left, after this.
    fn can_afford(&self, work: usize) -> bool {
        let left = self.left.get().checked_sub(work);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// A value, unless it is too large.
    fn paid(&self, value: Value) -> Value {
        if self.can_afford(size(&value)) { value } else { not_known() }
    }

    fn text(&self, written: &str, scope: &Scope, depth: usize) -> Value {
        if depth > MAX_DEPTH || !self.can_afford(STEP + 8 * written.len()) {
            return not_known();
        }
        match written.trim().parse::<Expression>() {
            Ok(expression) => self.expression(&expression, scope, depth + 1),
            Err(_) => not_known(),
        }
    }

    fn written(&self, written: Option<&Written>, scope: &Scope, depth: usize) -> Value {
        let text = written.and_then(|one| self.code.file(one.file)?.text(&one.value.span));
        text.map_or_else(not_known, |text| self.text(text, scope, depth))
    }

    fn expression(&self, node: &Expression, scope: &Scope, depth: usize) -> Value {
        if depth > MAX_DEPTH || !self.can_afford(STEP) {
            return not_known();
        }
        let inner = |node: &Expression| self.expression(node, scope, depth + 1);
        match node {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(*value.value()),
            Expression::Number(value) => {
                value.value().to_string().parse().map_or_else(|_| not_known(), Value::Number)
            }
            Expression::String(value) => self.paid(Value::String(value.as_str().to_owned())),
            Expression::Array(items) => Value::Array(items.iter().map(inner).collect()),
            Expression::Object(object) => {
                let mut fields = Map::new();
                for (key, value) in object {
                    let name = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => match inner(key) {
                            Value::String(name) if !name.contains(NOT_KNOWN) => name,
                            _ => return not_known(),
                        },
                    };
                    fields.insert(name, inner(value.expr()));
                }
                Value::Object(fields)
            }
            Expression::StringTemplate(template) => self.template(template, scope, depth),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, scope, depth),
            Expression::Parenthesis(parenthesis) => inner(parenthesis.inner()),
            Expression::Variable(name) => bound(scope, name.as_str()),
            Expression::Conditional(choice) => match inner(&choice.cond_expr) {
                Value::Bool(true) => inner(&choice.true_expr),
                Value::Bool(false) => inner(&choice.false_expr),
                _ => not_known(),
            },
            Expression::FuncCall(call) => self.function(call, scope, depth),
            Expression::Traversal(traversal) => self.traversal(traversal, scope, depth),
            Expression::UnaryOp(operation) => {
                match (*operation.operator.value(), inner(&operation.expr)) {
                    (UnaryOperator::Not, Value::Bool(value)) => Value::Bool(!value),
                    _ => not_known(),
                }
            }
            Expression::BinaryOp(operation) => {
                let (a, b) = (inner(&operation.lhs_expr), inner(&operation.rhs_expr));
                compared(*operation.operator.value(), &a, &b).map_or_else(not_known, Value::Bool)
            }
            Expression::ForExpr(iteration) => self.iteration(iteration, scope, depth),
        }
    }

    fn template(&self, template: &Template, scope: &Scope, depth: usize) -> Value {
        let elements: Vec<&Element> = template.iter().collect();
        // One expression and nothing else keeps its type.
        if let [Element::Interpolation(only)] = elements.as_slice() {
            return self.expression(&only.expr, scope, depth + 1);
        }
        let mut text = String::new();
        for element in elements {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(one) if one.strip == Strip::None => {
                    match self.expression(&one.expr, scope, depth + 1) {
                        Value::String(part) => text.push_str(&part),
                        Value::Bool(part) => text.push_str(&part.to_string()),
                        Value::Number(part) => text.push_str(&part.to_string()),
                        _ => text.push(NOT_KNOWN),
                    }
                }
                Element::Interpolation(_) | Element::Directive(_) => return not_known(),
            }
            if text.len() > MAX_WORK {
                return not_known();
            }
        }
        // Parts in a row that are not known are one.
        let twice: String = [NOT_KNOWN, NOT_KNOWN].iter().collect();
        while text.contains(&twice) {
            text = text.replace(&twice, &NOT_KNOWN.to_string());
        }
        self.paid(Value::String(text))
    }

    fn traversal(&self, traversal: &Traversal, scope: &Scope, depth: usize) -> Value {
        let Expression::Variable(root) = &traversal.expr else {
            let value = self.expression(&traversal.expr, scope, depth + 1);
            return match self.steps(&traversal.operators, scope, depth) {
                Some(steps) => go_into(value, &steps),
                None => not_known(),
            };
        };
        let Some(steps) = self.steps(&traversal.operators, scope, depth) else {
            return not_known();
        };
        let value = match (root.as_str(), steps.as_slice()) {
            (name, steps) if scope.bound.iter().any(|(bound, _)| bound == name) => {
                Some(go_into(bound(scope, name), steps))
            }
            ("var", [Into::Name(name), rest @ ..]) => {
                Some(go_into(self.variable(name, scope, depth), rest))
            }
            ("local", [Into::Name(name), rest @ ..]) => self.level(scope).map(|level| {
                let folder = self.code.folder(level.folder);
                let local = folder.and_then(|folder| folder.locals.get(name));
                let scope = Scope { level: scope.level, bound: Vec::new() };
                go_into(self.written(local, &scope, depth + 1), rest)
            }),
            ("each", [Into::Name(name), rest @ ..]) if name == "key" && rest.is_empty() => {
                match self.level(scope).and_then(|level| level.key) {
                    Some(Key::Name(key)) => Some(Value::String(key.to_string())),
                    _ => None,
                }
            }
            ("each", [Into::Name(name), rest @ ..]) if name == "value" => {
                Some(go_into(self.each_value(scope, depth), rest))
            }
            ("count", [Into::Name(name)]) if name == "index" => {
                match self.level(scope).and_then(|level| level.key) {
                    Some(Key::Index(index)) => Some(Value::from(*index)),
                    _ => None,
                }
            }
            ("module" | "path" | "terraform" | "self" | "each" | "count" | "var" | "local", _) => {
                None
            }
            ("data", [Into::Name(type_name), rest @ ..]) => {
                self.attribute(&format!("data.{type_name}"), rest, scope)
            }
            (type_name, steps) => self.attribute(type_name, steps, scope),
        };
        self.paid(value.unwrap_or_else(not_known))
    }

    fn level(&self, scope: &Scope) -> Option<&Level<'_>> {
        self.levels.get(scope.level)
    }

    /// The steps into a value; `None` if one of them is not known, or leads to several values.
    fn steps(
        &self,
        operators: &[hcl_edit::Decorated<TraversalOperator>],
        scope: &Scope,
        depth: usize,
    ) -> Option<Vec<Into>> {
        let step = |operator: &hcl_edit::Decorated<TraversalOperator>| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(Into::Name(name.as_str().to_owned())),
            TraversalOperator::LegacyIndex(index) => {
                usize::try_from(*index.value()).ok().map(Into::Position)
            }
            TraversalOperator::Index(index) => match self.expression(index, scope, depth + 1) {
                Value::String(name) if !name.contains(NOT_KNOWN) => Some(Into::Name(name)),
                Value::Number(number) => number
                    .as_u64()
                    .and_then(|number| usize::try_from(number).ok())
                    .map(Into::Position),
                _ => None,
            },
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => None,
        };
        operators.iter().map(step).collect()
    }

    /// The attribute of a resource in the same module.
    fn attribute(&self, type_name: &str, steps: &[Into], scope: &Scope) -> Option<Value> {
        let [Into::Name(name), rest @ ..] = steps else { return None };
        let mut address = String::new();
        for step in self.found.address.modules.iter().take(scope.level) {
            let one = Address { modules: vec![step.clone()], resource: None };
            address.push_str(&format!("{one}."));
        }
        address.push_str(&format!("{type_name}.{name}"));
        // A name in brackets is a key, and so is one that follows a dot only if no attribute has it.
        let (key, rest) = match rest {
            [Into::Position(index), rest @ ..] => (Some(Key::Index(*index as u64)), rest),
            [Into::Name(key), rest @ ..] if matches!(rest.first(), Some(Into::Name(_))) => {
                (Some(Key::Name(key.as_str().into())), rest)
            }
            rest => (None, rest),
        };
        let [Into::Name(attribute), rest @ ..] = rest else { return None };
        let suffix = key.map(|key| key.to_string()).unwrap_or_default();
        let value = self.known.attribute(&format!("{address}{suffix}"), attribute)?;
        Some(go_into(value, rest))
    }

    fn variable(&self, name: &str, scope: &Scope, depth: usize) -> Value {
        let Some(outer) = scope.level.checked_sub(1) else {
            return self.known.variable(name).unwrap_or_else(not_known);
        };
        let Some(call) = self.levels.get(outer) else { return not_known() };
        let scope = Scope { level: outer, bound: Vec::new() };
        match call.declared.attribute(name) {
            Some((file, argument)) => {
                let text = self.code.file(file).and_then(|file| file.text(&argument.value.span));
                match text.map_or_else(not_known, |text| self.text(text, &scope, depth + 1)) {
                    // A variable that cannot be null has its default then.
                    Value::Null => not_known(),
                    value => value,
                }
            }
            None => {
                let level = self.levels.get(outer + 1).and_then(|one| self.code.folder(one.folder));
                let default = level.and_then(|folder| folder.defaults.get(name));
                self.written(default, &scope, depth + 1)
            }
        }
    }

    fn each_value(&self, scope: &Scope, depth: usize) -> Value {
        let Some(level) = self.level(scope) else { return not_known() };
        let Some(Key::Name(key)) = level.key else { return not_known() };
        let Some((file, all)) = level.declared.attribute("for_each") else { return not_known() };
        let text = self.code.file(file).and_then(|file| file.text(&all.value.span));
        let Some(text) = text else { return not_known() };
        let scope = Scope { level: scope.level, bound: Vec::new() };
        match self.text(text, &scope, depth + 1) {
            Value::Object(mut fields) => fields.remove(&**key).unwrap_or_else(not_known),
            // The elements of a set are their keys.
            Value::Array(_) => Value::String(key.to_string()),
            _ => not_known(),
        }
    }

    fn iteration(&self, node: &ForExpr, scope: &Scope, depth: usize) -> Value {
        let collection = self.expression(&node.intro.collection_expr, scope, depth + 1);
        let items: Vec<(Value, Value)> = match collection {
            Value::Array(items) => {
                let positions = (0_u64..).map(Value::from);
                positions.zip(items).collect()
            }
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (Value::String(name), value)).collect()
            }
            _ => return not_known(),
        };
        if node.grouping {
            return not_known();
        }
        let (mut list, mut object) = (Vec::new(), Map::new());
        for (key, value) in items {
            let mut scope = scope.clone();
            if let Some(name) = &node.intro.key_var {
                scope.bound.push((name.as_str().to_owned(), key));
            }
            scope.bound.push((node.intro.value_var.as_str().to_owned(), value));
            let inner = |node: &Expression| self.expression(node, &scope, depth + 1);
            match node.cond.as_ref().map(|condition| inner(&condition.expr)) {
                None | Some(Value::Bool(true)) => {}
                Some(Value::Bool(false)) => continue,
                Some(_) => return not_known(),
            }
            let value = inner(&node.value_expr);
            match node.key_expr.as_ref().map(inner) {
                None => list.push(value),
                Some(Value::String(name)) if !name.contains(NOT_KNOWN) => {
                    object.insert(name, value);
                }
                Some(_) => return not_known(),
            }
        }
        if node.key_expr.is_some() { Value::Object(object) } else { Value::Array(list) }
    }

    fn function(&self, call: &FuncCall, scope: &Scope, depth: usize) -> Value {
        let mut arguments: Vec<Value> =
            call.args.iter().map(|node| self.expression(node, scope, depth + 1)).collect();
        if call.args.expand_final() {
            match arguments.pop() {
                Some(Value::Array(items)) => arguments.extend(items),
                _ => return not_known(),
            }
        }
        if call.name.is_namespaced() {
            return not_known();
        }
        let value = apply(call.name.name.as_str(), arguments).unwrap_or_else(not_known);
        self.paid(value)
    }
}

/// The value of a variable of a `for` around.
fn bound(scope: &Scope, name: &str) -> Value {
    let found = scope.bound.iter().rev().find(|(bound, _)| bound == name);
    found.map_or_else(not_known, |(_, value)| value.clone())
}

fn go_into(mut value: Value, steps: &[Into]) -> Value {
    for step in steps {
        let inner = match (&mut value, step) {
            (Value::Object(fields), Into::Name(name)) => fields.remove(name),
            (Value::Array(items), Into::Position(position)) => {
                items.get_mut(*position).map(Value::take)
            }
            _ => None,
        };
        value = inner.unwrap_or_else(not_known);
    }
    value
}
