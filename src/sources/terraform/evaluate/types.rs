//! Types of variables, to which Terraform converts what they get.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey};

use super::functions::listed;
use super::value::{Order, Value};
use super::{Evaluator, MAX_DEPTH, STEP, Scope, unify};
use crate::sources::terraform::code::Variable;

/// A type.
enum Type {
    Any,
    String,
    Number,
    Bool,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(Vec<Field>),
}

/// An attribute of an object.
struct Field {
    name: String,
    of: Type,
    is_optional: bool,
    default: Option<Value>,
}

impl Type {
    /// Whether it has `any` for what all items have in common.
    fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Number | Self::Bool => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_any(),
            Self::Tuple(all) => all.iter().any(Self::has_any),
            Self::Object(fields) => fields.iter().any(|field| field.of.has_any()),
        }
    }
}

impl<'a> Evaluator<'a> {
    /// What a variable has if this is passed to it.
    pub(super) fn received(
        &self,
        variable: &Variable,
        passed: Option<Value>,
        scope: &Scope<'a, '_>,
        depth: usize,
    ) -> Value {
        let nullable = variable.nullable.as_ref().map(|one| one.value.literal());
        let value = match (passed, nullable) {
            (None, _) | (Some(Value::Null), Some(Some("false"))) => {
                self.written(variable.default.as_ref(), scope, depth + 1)
            }
            (Some(Value::Null), None | Some(Some("true"))) => Value::Null,
            (Some(Value::Null), _) => Value::Unknown,
            (Some(value), _) => value,
        };
        let Some(written) = &variable.type_ else { return value };
        let text = self.code.file(written.file).and_then(|file| file.text(&written.value.span));
        let of = text.and_then(|text| self.type_in(text, scope, depth + 1));
        of.map_or(Value::Unknown, |of| self.converted(value, &of))
    }

    fn type_in(&self, text: &str, scope: &Scope<'a, '_>, depth: usize) -> Option<Type> {
        let can_read = depth <= MAX_DEPTH && self.can_afford(STEP + 8 * text.len());
        let node: Expression = can_read.then(|| text.trim().parse().ok())??;
        self.type_of(&node, scope, depth + 1)
    }

    fn type_of(&self, node: &Expression, scope: &Scope<'a, '_>, depth: usize) -> Option<Type> {
        if depth > MAX_DEPTH || !self.can_afford(STEP) {
            return None;
        }
        let call = match node {
            // In JSON.
            Expression::String(text) => return self.type_in(text, scope, depth),
            Expression::Variable(name) => {
                return Some(match name.as_str() {
                    "any" => Type::Any,
                    "string" => Type::String,
                    "number" => Type::Number,
                    "bool" => Type::Bool,
                    "list" => Type::List(Box::new(Type::Any)),
                    "set" => Type::Set(Box::new(Type::Any)),
                    "map" => Type::Map(Box::new(Type::Any)),
                    _ => return None,
                });
            }
            Expression::FuncCall(call) if !call.name.is_namespaced() => call,
            _ => return None,
        };
        let mut arguments = call.args.iter();
        let (only, None) = (arguments.next()?, arguments.next()) else { return None };
        let of = |node: &Expression| self.type_of(node, scope, depth + 1);
        Some(match (call.name.name.as_str(), only) {
            ("list", node) => Type::List(Box::new(of(node)?)),
            ("set", node) => Type::Set(Box::new(of(node)?)),
            ("map", node) => Type::Map(Box::new(of(node)?)),
            ("tuple", Expression::Array(all)) => {
                Type::Tuple(all.iter().map(of).collect::<Option<_>>()?)
            }
            ("object", Expression::Object(fields)) => {
                let field = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let name = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(Expression::String(name)) => name.to_string(),
                        ObjectKey::Expression(_) => return None,
                    };
                    self.field(name, value.expr(), scope, depth + 1)
                };
                Type::Object(fields.iter().map(field).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// An attribute of an object, which can be `optional(type, default)`.
    fn field(
        &self,
        name: String,
        node: &Expression,
        scope: &Scope<'a, '_>,
        depth: usize,
    ) -> Option<Field> {
        let call = match node {
            Expression::FuncCall(call) if call.name.name.as_str() == "optional" => call,
            node => {
                let of = self.type_of(node, scope, depth)?;
                return Some(Field { name, of, is_optional: false, default: None });
            }
        };
        let mut arguments = call.args.iter();
        let of = self.type_of(arguments.next()?, scope, depth)?;
        let default = arguments.next().map(|node| self.expression(node, scope, depth));
        arguments.next().is_none().then_some(Field { name, of, is_optional: true, default })
    }

    /// A value that Terraform converts to a type. What is not known, and what it rejects, is not known.
    fn converted(&self, value: Value, to: &Type) -> Value {
        if !self.can_afford(STEP) {
            return Value::Unknown;
        }
        match (to, value) {
            (_, Value::Null) => Value::Null,
            (Type::Any, value) => value,
            (Type::String, value @ Value::Json(_)) => value,
            (Type::String, value) => value.text().map_or(Value::Unknown, Value::String),
            (Type::Number, value @ Value::Number(_)) => value,
            (Type::Number, Value::String(text)) => {
                // In the form in which Terraform writes it.
                let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
                number.map_or(Value::Unknown, |number| Value::Number(number.into()))
            }
            (Type::Bool, value) => value.truth().map_or(Value::Unknown, Value::Bool),
            (Type::List(of), Value::List(order, items)) => {
                Value::List(listed(order), self.items(items, of))
            }
            (Type::Set(of), Value::List(_, items)) => unify::set(self.items(items, of)),
            (Type::Map(of), Value::Object(fields)) => {
                let (names, values): (Vec<String>, Vec<Value>) = fields.into_iter().unzip();
                Value::Object(names.into_iter().zip(self.items(values, of)).collect())
            }
            (Type::Tuple(all), Value::List(Order::Tuple | Order::List, items))
                if all.len() == items.len() =>
            {
                let pairs = items.into_iter().zip(all);
                let items = pairs.map(|(item, of)| self.converted(item, of));
                Value::List(Order::Tuple, items.collect())
            }
            (Type::Object(fields), Value::Object(given)) => self.object(given, fields),
            _ => Value::Unknown,
        }
    }

    /// The items of a list, a set or a map of one type.
    fn items(&self, items: Vec<Value>, of: &Type) -> Vec<Value> {
        let items = items.into_iter().map(|item| self.converted(item, of)).collect();
        if of.has_any() { unify::items(items) } else { items }
    }

    fn object(&self, mut given: BTreeMap<String, Value>, fields: &[Field]) -> Value {
        let mut object = BTreeMap::new();
        for Field { name, of, is_optional, default } in fields {
            let value = match (given.remove(name), default) {
                // Also in place of `null`.
                (None | Some(Value::Null), Some(default)) => default.clone(),
                (Some(value), _) => value,
                (None, None) if *is_optional => Value::Null,
                (None, None) => return Value::Unknown,
            };
            if !self.can_afford(name.len() + value.size(STEP)) {
                return Value::Unknown;
            }
            object.insert(name.clone(), self.converted(value, of));
        }
        Value::Object(object)
    }
}
