//! Types of operators and properties, and their checks.

use rhai::{FnCallExpr, Position};

use super::fitting::advice;
use super::infer::Infer;
use super::origin::Origin;
use super::value::{self, Type, arithmetic};
use crate::diagnostics::Code;
use crate::facts::{ATTRIBUTES, Kind};
use crate::model::{code_series, did_you_mean, series, text};
use crate::rules::helpers::{self, unknown_function};
use crate::rules::language::restrictions;

impl Infer<'_> {
    pub(crate) fn operator(&mut self, call: &FnCallExpr, position: Position) -> Type {
        let read: Vec<(Type, Option<Origin>)> =
            call.args.iter().map(|argument| self.eval_field(argument)).collect();
        let (values, fields): (Vec<Type>, Vec<Option<Origin>>) = read.into_iter().unzip();
        let operator = call.name.as_str();
        if let ([a, b], [first, second]) = (&call.args[..], fields.as_slice()) {
            if matches!(operator, "==" | "!=") {
                self.check_compared((first.as_ref(), a), (second.as_ref(), b));
            }
            self.check_comparison(operator, (a, first.as_ref()), (b, second.as_ref()), position);
            self.check_division(operator, &values, b, position);
        }
        let result = self.operator_type(operator, call, &values, position);
        let is_quotient = operator == "/" && values.iter().all(|value| *value == Type::Int);
        self.last_field = is_quotient.then(Origin::quotient);
        result
    }

    fn operator_type(
        &mut self,
        operator: &str,
        call: &FnCallExpr,
        values: &[Type],
        position: Position,
    ) -> Type {
        match (operator, values) {
            ("==" | "!=" | "<" | ">" | "<=" | ">=", [a, b]) => {
                if let Some((one, other)) = a.mismatch(b) {
                    let comparing = format!("comparing {one} with {other} using `{operator}`");
                    let message = match operator {
                        "==" => format!("{comparing} is always `false`"),
                        "!=" => format!("{comparing} is always `true`"),
                        _ => format!("cannot compare {one} with {other} using `{operator}`"),
                    };
                    self.report(Code::NeverEqual, position, message, Some(advice(a, b)));
                }
                Type::Bool
            }
            ("!", _) => {
                // Report only one error.
                let decides = values
                    .iter()
                    .zip(&call.args)
                    .all(|(value, place)| self.check_negation(value, place));
                if decides { Type::Bool } else { Type::Any }
            }
            (".." | "..=", _) => Type::list(Type::Int),
            (_, [one]) => {
                if self.check_operands(operator, values, position) {
                    one.clone()
                } else {
                    Type::Any
                }
            }
            (_, [a, b]) => {
                if self.check_operands(operator, values, position) {
                    arithmetic(operator, a, b)
                } else {
                    Type::Any
                }
            }
            _ => Type::Any,
        }
    }

    /// Marks a value as passed to code that inference cannot follow, which may read all of it.
    pub(crate) fn escape(&mut self, value: &Type) {
        match value {
            Type::Params => self.reads.params_escape = true,
            Type::Resource(kind) => drop(self.reads.escaped_kinds.insert(kind.name)),
            Type::List(item) => self.escape(item),
            Type::Map(fields, _) => fields.values().for_each(|value| self.escape(value)),
            _ => {}
        }
    }

    /// The type of a property, written with a dot or in brackets.
    pub(crate) fn property(&mut self, base: &Type, name: &str, position: Position) -> Type {
        self.last_field = None;
        match base {
            Type::Resource(kind) => self.field_of(kind, name, position),
            Type::Object(label, fields) => match fields.get(name) {
                Some(form) => {
                    let field = format!("{label}.{name}");
                    let value = Type::of(form, &field);
                    self.last_field = Some(Origin::field(field));
                    value
                }
                None => {
                    let label = format!("`{label}`");
                    self.no_field(&label, name, fields.keys().map(String::as_str), position)
                }
            },
            Type::Params => {
                if let Some(known) = self.params.get(name).cloned() {
                    self.check_param_declared(name, position);
                    self.reads.params.insert(name.to_owned());
                    self.last_field = Some(Origin::param(name));
                    return known;
                }
                let known: Vec<&str> = self.params.keys().copied().collect();
                let meant = did_you_mean(name, known.iter().copied());
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!(
                        "declare it with a default: `params: #{{ {}: … }}`",
                        text::one_line(name, 60)
                    ),
                };
                self.reads.params.extend(meant.map(str::to_owned));
                let message = format!("undeclared parameter `{}`", text::one_line(name, 60));
                self.report(Code::UndeclaredParam, position, message, Some(help));
                Type::Any
            }
            Type::Dictionary(value) => (**value).clone(),
            Type::Map(fields, _) => match fields.get(name) {
                Some(known) => known.clone(),
                None if self.natives.getter(name).is_some() => Type::Any,
                None => {
                    self.no_field("this map", name, fields.keys().map(String::as_str), position)
                }
            },
            Type::List(_)
            | Type::Text
            | Type::Int
            | Type::Float
            | Type::Bool
            | Type::Verdict
            | Type::Fix
            | Type::Action => match self.natives.getter(name) {
                Some(result) => result,
                None => {
                    let what = base.name().unwrap_or("value");
                    let help = match base {
                        Type::List(_) => {
                            "access its items: `for x in list`, `list.filter(|x| …)` or `list[0]`"
                        }
                        _ => "values of this type have no fields",
                    };
                    let help = match self.natives.arities(name) {
                        Some(_) => format!("to call the function, write `{name}(…)`"),
                        None => help.to_owned(),
                    };
                    let message = format!("{what} has no field `{}`", text::one_line(name, 60));
                    self.report(Code::UnknownField, position, message, Some(help));
                    Type::Any
                }
            },
            Type::Never => {
                self.reads.properties.insert(name.to_owned());
                Type::Never
            }
            Type::Any | Type::Nil => {
                self.reads.properties.insert(name.to_owned());
                Type::Any
            }
        }
    }

    pub(crate) fn no_field<'n>(
        &mut self,
        label: &str,
        name: &str,
        known: impl Iterator<Item = &'n str> + Clone,
        at: Position,
    ) -> Type {
        let help = match did_you_mean(name, known.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => match known.collect::<Vec<_>>().as_slice() {
                [] => "it has no fields".to_owned(),
                [only] => format!("its only field is `{only}`"),
                known => {
                    format!("its fields are {}", text::one_line(&code_series(known, "and"), 600))
                }
            },
        };
        let message = format!("{label} has no field `{}`", text::one_line(name, 60));
        self.report(Code::UnknownField, at, message, Some(help));
        Type::Any
    }

    /// The type of a field or fact of a resource.
    fn field_of(&mut self, kind: &'static Kind, name: &str, position: Position) -> Type {
        let fields = value::fields(kind);
        let field = format!("{}.{name}", kind.name);
        if let Some(form) = fields.get(name) {
            let value = Type::of(form, &field);
            self.last_field = Some(Origin::field(field));
            return value;
        }
        if kind.attribute(name).is_some() {
            self.last_field = Some(Origin::field(field));
            return Type::Text;
        }
        let Some(fact) = kind.fact(name) else {
            let names =
                || fields.keys().map(String::as_str).chain(kind.facts.iter().map(|fact| fact.name));
            let attributes = ATTRIBUTES.iter().map(|attribute| attribute.name);
            let meant = did_you_mean(name, names().chain(attributes));
            if let Some(meant) = meant.and_then(|meant| kind.attribute(meant)) {
                let names = std::iter::once(meant.name);
                return self.no_field(&format!("`{}`", kind.name), name, names, position);
            }
            self.reads.facts.extend(meant.map(|meant| (kind.name, meant.to_owned())));
            return self.no_field(&format!("`{}`", kind.name), name, names(), position);
        };
        self.fact_read(kind, name, position);
        self.last_field = Some(Origin::field(field));
        value::fact(kind, fact.name)
    }

    /// Checks that a function with this number of parameters exists.
    pub(crate) fn check_call(
        &mut self,
        name: &str,
        arity: usize,
        method: bool,
        position: Position,
    ) {
        if restrictions::is_forbidden(name) {
            return;
        }
        let script = self.script.named.iter().filter(|function| function.name == name);
        let mut arities: Vec<usize> = script.map(|function| function.params.len()).collect();
        arities.extend(self.natives.arities(name).unwrap_or_default());
        arities.sort_unstable();
        arities.dedup();
        if arities.contains(&arity) {
            return;
        }
        if arities.is_empty() {
            let names = self.natives.names().filter(|name| !restrictions::is_forbidden(name));
            let own = self.script.named.iter().map(|function| function.name.as_str());
            let unknown = unknown_function(name, names.chain(own));
            let meant = unknown.meant.as_deref();
            let callees = self
                .script
                .named
                .iter()
                .enumerate()
                .filter(|(_, function)| Some(function.name.as_str()) == meant);
            self.reads.calls.extend(callees.map(|(callee, _)| callee));
            let help = match name {
                "first" => "write `list[0]` for the first item".to_owned(),
                "last" => "write `list[-1]` for the last item".to_owned(),
                "flatten" | "flat_map" => {
                    "append the lists in a loop: `for list in lists { all += list; }`".to_owned()
                }
                _ if method && unknown.help.starts_with("`rolecall helpers`") => {
                    format!("{}; Rhai's functions for strings and lists work, too", unknown.help)
                }
                _ => unknown.help,
            };
            self.report(Code::UnknownFunction, position, unknown.message, Some(help));
            return;
        }
        for (at, function) in self.script.named.iter().enumerate() {
            if function.name == name {
                self.reads.calls.insert(at);
            }
        }
        let numbers: Vec<String> = arities.iter().map(ToString::to_string).collect();
        let plural = if arities == [1] { "" } else { "s" };
        let numbers = series(numbers, "or");
        let message = if method {
            format!(
                "`{name}` takes {numbers} argument{plural}, including the value before the dot, but this call has {arity}"
            )
        } else {
            format!("`{name}` takes {numbers} argument{plural}, not {arity}")
        };
        let own = self.script.named.iter().filter(|function| function.name == name);
        let mut usage: Vec<String> =
            own.map(|function| format!("`{name}({})`", function.params.join(", "))).collect();
        let helper = helpers::helpers().find(|helper| helper.name == name);
        usage.extend(
            helper.iter().flat_map(|helper| helper.usage()).map(|usage| format!("`{usage}`")),
        );
        let help = (!usage.is_empty()).then(|| format!("use {}", series(usage, "or")));
        self.report(Code::WrongArgumentCount, position, message, help);
    }
}
