//! Values of expressions, as far as they follow from the code and from what a plan knows. A plan has no
//! value for a string of which a part is known only after the change; the code has the rest of it.
//!
//! What is not known, or not supported, is [`NOT_KNOWN`]: an answer is never a guess.

mod functions;
mod scope;
mod types;
mod unify;
mod value;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, UnaryOperator};
use hcl_edit::expr::{Traversal, TraversalOperator};
use hcl_edit::template::{Element, Strip, Template};
use serde_json::Value as Json;

pub(super) use functions::MAX_WORK;
use functions::{apply, compared};
use scope::{Bound, Into, Module, Scope, part};
use value::{Order, Value, is_certain};

use super::address::{Address, Key};
use super::code::{Code, DATA_POLICY, Declared, Written};
use super::hcl::{Attribute, Block};
use super::modules;
use super::root::Root;
use crate::model::{BlockPosition, KnownValues, NOT_KNOWN};

/// How deep expressions are evaluated, also through locals and variables.
const MAX_DEPTH: usize = 64;
/// What a step costs of [`MAX_WORK`]. To parse an expression costs several times its length.
pub(super) const STEP: usize = 64;

impl Root {
    /// The value of an argument of the resource at an address of a plan; see
    /// [`crate::sources::Source::value`].
    pub(super) fn value(
        &self,
        address: &str,
        blocks: &[BlockPosition],
        argument: &str,
        known: &dyn KnownValues,
    ) -> Option<Json> {
        if !self.has_plan || !self.code.problems.is_empty() || self.code.tolerated > 0 {
            return None;
        }
        evaluated(&self.code, address, blocks, argument, known)
    }
}

/// The same of code.
pub(super) fn evaluated(
    code: &Code,
    address: &str,
    blocks: &[BlockPosition],
    argument: &str,
    known: &dyn KnownValues,
) -> Option<Json> {
    let found = modules::find(code, address_of(address)?)?;
    let (module, own) = Module::of(code, &found)?;
    let (file, attribute) = within(own.declared, blocks, argument)?;
    let written = code.file(file)?.text(&attribute.value.span)?;
    let evaluator = Evaluator { code, known, left: Cell::new(MAX_WORK) };
    let scope = Scope { own: Some(Rc::new(own)), ..module.scope() };
    Some(evaluator.text(written, &scope, 0).into_json())
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

struct Evaluator<'a> {
    code: &'a Code,
    known: &'a dyn KnownValues,
    left: Cell<usize>,
}

fn not_known() -> Value {
    Value::Unknown
}

impl<'a> Evaluator<'a> {
    /// Whether there is work left, after this.
    fn can_afford(&self, work: usize) -> bool {
        let left = self.left.get().checked_sub(work);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// A copy of a value, unless it is too large.
    fn copy(&self, value: Option<&Value>) -> Value {
        match value {
            Some(value) if self.can_afford(value.size(STEP)) => value.clone(),
            _ => not_known(),
        }
    }

    /// A value, unless it is too large.
    fn paid(&self, value: Value) -> Value {
        if self.can_afford(value.size(STEP)) { value } else { not_known() }
    }

    fn text(&self, written: &str, scope: &Scope<'a, '_>, depth: usize) -> Value {
        if depth > MAX_DEPTH || !self.can_afford(STEP + 8 * written.len()) {
            return not_known();
        }
        match with_plain_heredocs(written.trim()).parse::<Expression>() {
            Ok(expression) => self.expression(&expression, scope, depth + 1),
            Err(_) => not_known(),
        }
    }

    fn written(&self, written: Option<&Written>, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let text = written.and_then(|one| self.code.file(one.file)?.text(&one.value.span));
        text.map_or_else(not_known, |text| self.text(text, scope, depth))
    }

    fn expression(&self, node: &Expression, scope: &Scope<'a, '_>, depth: usize) -> Value {
        if depth > MAX_DEPTH || !self.can_afford(STEP) {
            return not_known();
        }
        let inner = |node: &Expression| self.expression(node, scope, depth + 1);
        match node {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(*value.value()),
            Expression::Number(value) => {
                let number = value.value().to_string().parse();
                number.map_or_else(|_| not_known(), |number| Value::number(&number))
            }
            Expression::String(value) => self.paid(Value::String(value.as_str().to_owned())),
            Expression::Array(items) => {
                Value::List(Order::Tuple, items.iter().map(inner).collect())
            }
            Expression::Object(object) => {
                let mut fields = BTreeMap::new();
                for (key, value) in object {
                    let name = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => match inner(key).certain_text() {
                            Some(name) => name,
                            None => return not_known(),
                        },
                    };
                    fields.insert(name, inner(value.expr()));
                }
                Value::Object(fields)
            }
            Expression::StringTemplate(template) => self.template(template, scope, depth),
            Expression::HeredocTemplate(heredoc) => {
                match self.template(&heredoc.template, scope, depth) {
                    // The indentation can be part of the text, or not.
                    Value::String(text)
                        if text.contains('\r')
                            || text.lines().any(|line| line.starts_with(char::is_whitespace)) =>
                    {
                        Value::Json(text)
                    }
                    value => value,
                }
            }
            Expression::Parenthesis(parenthesis) => inner(parenthesis.inner()),
            Expression::Variable(name) => self.copy(scope.bound(name.as_str())),
            Expression::Conditional(choice) => {
                let (chosen, other) = match inner(&choice.cond_expr).truth() {
                    Some(true) => (&choice.true_expr, &choice.false_expr),
                    Some(false) => (&choice.false_expr, &choice.true_expr),
                    None => return not_known(),
                };
                // A null that is written there has no type.
                match (chosen, other) {
                    (Expression::Null(_), _) => Value::Null,
                    (chosen, Expression::Null(_)) => inner(chosen),
                    (chosen, other) => {
                        let is_braces = other.as_object().is_some_and(|all| all.is_empty());
                        unify::chosen(inner(chosen), &inner(other), is_braces)
                    }
                }
            }
            Expression::FuncCall(call) => self.function(call, scope, depth),
            Expression::Traversal(traversal) => self.traversal(traversal, scope, depth),
            Expression::UnaryOp(operation) => {
                match (*operation.operator.value(), inner(&operation.expr).truth()) {
                    (UnaryOperator::Not, Some(value)) => Value::Bool(!value),
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

    fn template(&self, template: &Template, scope: &Scope<'a, '_>, depth: usize) -> Value {
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
                    text.push_str(&self.expression(&one.expr, scope, depth + 1).part());
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

    fn traversal(&self, traversal: &Traversal, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let Expression::Variable(root) = &traversal.expr else {
            let value = self.expression(&traversal.expr, scope, depth + 1);
            return match self.steps(&traversal.operators, scope, depth) {
                Some(steps) => self.copy(part(&value, &steps)),
                None => not_known(),
            };
        };
        let Some(steps) = self.steps(&traversal.operators, scope, depth) else {
            return not_known();
        };
        if let Some(bound) = scope.bound(root.as_str()) {
            return self.copy(part(bound, &steps));
        }
        let inner = |value: Value, steps: &[Into]| match steps {
            [] => value,
            steps => self.copy(part(&value, steps)),
        };
        let value = match (root.as_str(), steps.as_slice()) {
            ("var", [Into::Name(name), rest @ ..]) => {
                Some(inner(self.variable(name, scope, depth), rest))
            }
            ("local", [Into::Name(name), rest @ ..]) => {
                let folder = self.code.folder(scope.module.folder);
                let local = folder.and_then(|folder| folder.locals.get(name));
                Some(inner(self.written(local, &scope.module.scope(), depth + 1), rest))
            }
            ("each", [Into::Name(name)]) if name == "key" => match scope.key() {
                Some(Key::Name(key)) => Some(Value::String(key.to_string())),
                _ => None,
            },
            ("each", [Into::Name(name), rest @ ..]) if name == "value" => {
                Some(inner(self.each_value(scope, depth), rest))
            }
            ("count", [Into::Name(name)]) if name == "index" => match scope.key() {
                Some(Key::Index(index)) => Some(Value::Number((*index).into())),
                _ => None,
            },
            ("module", [Into::Name(name), rest @ ..]) => {
                let (value, rest) = self.output(name, rest, scope, depth);
                Some(inner(value, rest))
            }
            ("module" | "path" | "terraform" | "self" | "each" | "count" | "var" | "local", _) => {
                None
            }
            ("data", [Into::Name(type_name), rest @ ..]) => {
                self.attribute(&format!("data.{type_name}"), rest, scope)
            }
            (type_name, steps) => self.attribute(type_name, steps, scope),
        };
        value.map_or_else(not_known, |value| self.paid(value))
    }

    /// The steps into a value; `None` if one of them is not known, or leads to several values.
    fn steps(
        &self,
        operators: &[hcl_edit::Decorated<TraversalOperator>],
        scope: &Scope<'a, '_>,
        depth: usize,
    ) -> Option<Vec<Into>> {
        let step = |operator: &hcl_edit::Decorated<TraversalOperator>| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(Into::Name(name.as_str().to_owned())),
            TraversalOperator::LegacyIndex(index) => {
                usize::try_from(*index.value()).ok().map(Into::Position)
            }
            TraversalOperator::Index(index) => match self.expression(index, scope, depth + 1) {
                Value::String(name) if is_certain(&name) => Some(Into::Name(name)),
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
        let address = scope.module.address(&format!("{type_name}.{name}"));
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
        part(&Value::of(value, Order::Either), rest).cloned()
    }

    fn variable(&self, name: &str, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let folder = self.code.folder(scope.module.folder);
        let Some(variable) = folder.and_then(|folder| folder.variables.get(name)) else {
            return not_known();
        };
        let passed = match &scope.module.caller {
            None => {
                let value = self.known.variable(name);
                Some(value.map_or_else(not_known, |value| Value::of(value, Order::Tuple)))
            }
            Some((module, call)) => call.declared.attribute(name).map(|(file, argument)| {
                let text = self.code.file(file).and_then(|file| file.text(&argument.value.span));
                let scope = Scope { own: Some(Rc::new(call.clone())), ..module.scope() };
                text.map_or_else(not_known, |text| self.text(text, &scope, depth + 1))
            }),
        };
        self.received(variable, passed, &scope.module.scope(), depth)
    }

    fn each_value(&self, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let Some(own) = &scope.own else { return not_known() };
        let Some(Key::Name(key)) = &own.key else { return not_known() };
        match self.repeated("for_each", own.declared, scope, depth) {
            Value::Object(mut fields) => fields.remove(&**key).unwrap_or_else(not_known),
            // The elements of a set are their keys.
            Value::List(..) => Value::String(key.to_string()),
            _ => not_known(),
        }
    }

    /// The value of `for_each` or `count` of a block in a module.
    fn repeated(
        &self,
        argument: &str,
        declared: &Declared,
        scope: &Scope<'a, '_>,
        depth: usize,
    ) -> Value {
        let written = declared.attribute(argument);
        let text = written.and_then(|(file, all)| self.code.file(file)?.text(&all.value.span));
        let scope = scope.module.scope();
        text.map_or_else(not_known, |text| self.text(text, &scope, depth + 1))
    }

    /// An output of an instance of a module that is called in the same module, and the further steps.
    fn output<'i>(
        &self,
        name: &str,
        steps: &'i [Into],
        scope: &Scope<'a, '_>,
        depth: usize,
    ) -> (Value, &'i [Into]) {
        let declared = self.code.folder(scope.module.folder).and_then(|all| all.calls.get(name));
        let Some(declared) = declared else { return (not_known(), &[]) };
        let is = |argument: &str| declared.attribute(argument).is_some();
        let repeated = |argument: &str| self.repeated(argument, declared, scope, depth);
        let (key, rest) = match (is("count"), is("for_each"), steps) {
            (false, false, rest) => (None, rest),
            (true, false, [Into::Position(at), rest @ ..]) => {
                let index = *at as u64;
                match repeated("count") {
                    Value::Number(count) if count.as_u64().is_some_and(|count| index < count) => {
                        (Some(Key::Index(index)), rest)
                    }
                    _ => return (not_known(), &[]),
                }
            }
            (false, true, [Into::Name(key), rest @ ..]) => {
                let has_it = match repeated("for_each") {
                    Value::Object(fields) => fields.contains_key(key),
                    Value::List(_, items) => items.contains(&Value::String(key.clone())),
                    _ => false,
                };
                if !has_it {
                    return (not_known(), &[]);
                }
                (Some(Key::Name(key.as_str().into())), rest)
            }
            _ => return (not_known(), &[]),
        };
        let module = scope.module.call(self.code, name, declared, key);
        let (Some(module), [Into::Name(output), rest @ ..]) = (module, rest) else {
            return (not_known(), &[]);
        };
        let written = self.code.folder(module.folder).and_then(|all| all.output(output));
        (self.written(written, &module.scope(), depth + 1), rest)
    }

    fn iteration(&self, node: &ForExpr, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let collection = self.expression(&node.intro.collection_expr, scope, depth + 1);
        let mut order = Order::Tuple;
        let items: Vec<(Value, Value)> = match collection {
            Value::List(of, items) => {
                if of == Order::Loose {
                    order = of;
                }
                let key = |(position, item): (u64, &Value)| match of {
                    Order::Tuple | Order::List => Value::Number(position.into()),
                    // The items of a set are their keys.
                    Order::Set => self.copy(Some(item)),
                    Order::Either | Order::Loose => not_known(),
                };
                let keys: Vec<Value> = (0..).zip(&items).map(key).collect();
                keys.into_iter().zip(items).collect()
            }
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (Value::String(name), value)).collect()
            }
            _ => return not_known(),
        };
        if node.grouping {
            return not_known();
        }
        let (mut list, mut object) = (Vec::new(), BTreeMap::new());
        for (key_value, value) in items {
            let outer = scope.bound;
            let key = node.intro.key_var.as_ref();
            let key = key.map(|name| Bound { name: name.as_str(), value: key_value, outer });
            let name = node.intro.value_var.as_str();
            let value = Bound { name, value, outer: key.as_ref().or(outer) };
            let scope = Scope { bound: Some(&value), ..scope.clone() };
            let inner = |node: &Expression| self.expression(node, &scope, depth + 1);
            match node.cond.as_ref().map(|condition| inner(&condition.expr).truth()) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => return not_known(),
            }
            let value = inner(&node.value_expr);
            match node.key_expr.as_ref().map(|key| inner(key).certain_text()) {
                None => list.push(value),
                Some(Some(name)) => drop(object.insert(name, value)),
                Some(None) => return not_known(),
            }
        }
        if node.key_expr.is_some() { Value::Object(object) } else { Value::List(order, list) }
    }

    fn function(&self, call: &FuncCall, scope: &Scope<'a, '_>, depth: usize) -> Value {
        let mut arguments: Vec<Value> =
            call.args.iter().map(|node| self.expression(node, scope, depth + 1)).collect();
        if call.args.expand_final() {
            match arguments.pop() {
                Some(Value::List(order, items)) if order != Order::Loose => arguments.extend(items),
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

/// A text whose heredocs keep their indentation, of which the crate removes another one than Terraform.
fn with_plain_heredocs(text: &str) -> Cow<'_, str> {
    let mut pieces = text.split("<<-");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let word = piece.trim_start_matches(|c: char| c.is_alphanumeric() || "_-".contains(c));
        let is_heredoc =
            word.len() < piece.len() && word.trim_start_matches('\r').starts_with('\n');
        plain.push_str(if is_heredoc { "<<" } else { "<<-" });
        plain.push_str(piece);
    }
    if plain.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(plain) }
}
