//! Types of operators, properties and built-in functions, and their checks.

use rhai::{Expr, FnCallExpr, Position};

use super::fitting::describe;
use super::infer::{Held, Infer};
use super::value::{self, Type, arithmetic};
use crate::diagnostics::Code;
use crate::facts::{self, Kind};
use crate::model::{code_series, did_you_mean, series, text};
use crate::rules::helpers::table::LookUp;
use crate::rules::helpers::{self, LOOK_UPS, unknown_function};
use crate::rules::language::restrictions;

impl Infer<'_> {
    pub(crate) fn operator(&mut self, call: &FnCallExpr, position: Position) -> Type {
        let read: Vec<(Type, Option<String>)> =
            call.args.iter().map(|argument| self.eval_field(argument)).collect();
        let (values, fields): (Vec<Type>, Vec<Option<String>>) = read.into_iter().unzip();
        let operator = call.name.as_str();
        if let (true, [a, b], [first, second]) =
            (matches!(operator, "==" | "!="), &call.args[..], fields.as_slice())
        {
            self.check_field_values(first.as_deref(), b);
            self.check_field_values(second.as_deref(), a);
        }
        match (operator, values.as_slice()) {
            ("==" | "!=" | "<" | ">" | "<=" | ">=", [a, b]) => {
                if let Some((one, other)) = a.mismatch(b) {
                    let result = match operator {
                        "==" => "always `false`",
                        "!=" => "always `true`",
                        _ => "an error",
                    };
                    let message = format!("comparing {one} with {other}: `{operator}` is {result}");
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
                if self.check_operands(operator, &values, position) {
                    one.clone()
                } else {
                    Type::Any
                }
            }
            (_, [a, b]) => {
                if self.check_operands(operator, &values, position) {
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
        match base {
            Type::Resource(kind) => self.field_of(kind, name, position),
            Type::Object(label, fields) => match fields.get(name) {
                Some(form) => {
                    let field = format!("{label}.{name}");
                    let value = Type::of(form, &field);
                    self.last_field = Some(field);
                    value
                }
                None => {
                    let label = format!("`{label}`");
                    self.no_field(&label, name, fields.keys().map(String::as_str), position)
                }
            },
            Type::Params => {
                if let Some(known) = self.params.get(name) {
                    self.reads.params.insert(name.to_owned());
                    return known.clone();
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
            Type::List(_) | Type::Text | Type::Int | Type::Float | Type::Bool | Type::Verdict => {
                match self.natives.getter(name) {
                    Some(result) => result,
                    None => {
                        let what = base.name().unwrap_or("value");
                        let help = match base {
                            Type::List(_) => {
                                "access its items: `for x in list`, `list.filter(|x| …)` or `list[0]`"
                            }
                            _ => "values of this type have no fields",
                        };
                        let message = format!("{what} has no field `{}`", text::one_line(name, 60));
                        self.report(Code::UnknownField, position, message, Some(help.to_owned()));
                        Type::Any
                    }
                }
            }
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

    fn no_field<'n>(
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
            self.last_field = Some(field);
            return value;
        }
        let Some(fact) = kind.fact(name) else {
            let names =
                || fields.keys().map(String::as_str).chain(kind.facts.iter().map(|fact| fact.name));
            let meant = did_you_mean(name, names());
            self.reads.facts.extend(meant.map(|meant| (kind.name, meant.to_owned())));
            return self.no_field(&format!("`{}`", kind.name), name, names(), position);
        };
        self.reads.facts.insert((kind.name, name.to_owned()));
        let own = self.draft.kind.is_some_and(|own| own.name == kind.name);
        if !self.draft.kind.is_some_and(|own| self.draft.needs.allows(own.name, kind.name, name))
            && !self.needs_unknown()
        {
            let need = if own { name.to_owned() } else { format!("{}/{name}", kind.name) };
            let help = format!("add `\"{need}\"` to `needs`");
            self.report(
                Code::UndeclaredFact,
                position,
                format!("fact `{name}` of `{}` is not declared in `needs`", kind.name),
                Some(help),
            );
        }
        value::fact(kind, fact.name)
    }

    /// Whether `needs` could not be read.
    fn needs_unknown(&self) -> bool {
        self.draft.kind.is_none()
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
            self.reads.calls.extend(callees.map(|(callee, _)| (self.function, callee)));
            self.report(Code::UnknownFunction, position, unknown.message, Some(unknown.help));
            return;
        }
        for (at, function) in self.script.named.iter().enumerate() {
            if function.name == name {
                self.reads.calls.insert((self.function, at));
            }
        }
        let numbers: Vec<String> = arities.iter().map(ToString::to_string).collect();
        let plural = if arities == [1] { "" } else { "s" };
        let message =
            format!("`{name}` takes {} argument{plural}, not {arity}", series(numbers, "or"));
        let own = self.script.named.iter().filter(|function| function.name == name);
        let mut usage: Vec<String> =
            own.map(|function| format!("`{name}({})`", function.params.join(", "))).collect();
        let helper = helpers::helpers().find(|helper| helper.name == name);
        usage.extend(
            helper.iter().flat_map(|helper| helper.usage()).map(|usage| format!("`{usage}`")),
        );
        let front = method.then(|| "the value before the dot is the first argument".to_owned());
        let usage = (!usage.is_empty()).then(|| format!("use {}", series(usage, "or")));
        let help: Vec<String> = front.into_iter().chain(usage).collect();
        let help = (!help.is_empty()).then(|| help.join("; "));
        self.report(Code::WrongArgumentCount, position, message, help);
    }

    /// The type of a call to a built-in function. `base` is the value before the dot, `held` the
    /// variable that holds it.
    pub(crate) fn native(
        &mut self,
        name: &str,
        base: Option<Type>,
        held: Option<Held>,
        arguments: &[Expr],
        position: Position,
    ) -> Type {
        // `f(x, y)` and `x.f(y)` are equivalent.
        let (first, held, rest) = match (base, arguments) {
            (None, [first, rest @ ..]) if self.script.closure(first).is_none() => {
                let held = self.key_of(first).map(|key| Held { key, whole: true });
                (Some(self.eval(first)), held, rest)
            }
            (base, rest) => (base, held, rest),
        };
        let list = first.clone().unwrap_or(Type::Any);
        if let Some(closure) = rest.iter().find(|argument| self.script.closure(argument).is_some())
        {
            let others: Vec<Type> = rest
                .iter()
                .filter(|other| !std::ptr::eq(*other, closure))
                .map(|other| self.eval(other))
                .collect();
            let all: Vec<Type> =
                std::iter::once(list.clone()).chain(rest.iter().map(|_| Type::Any)).collect();
            let fits = self.check_arguments(name, &all, &[position]);
            let result = self.with_closure(name, &list, closure, &others);
            return if fits { result } else { Type::Any };
        }
        let values: Vec<Type> = rest.iter().map(|argument| self.eval(argument)).collect();
        if !matches!(name, "contains" | "related") {
            let all: Vec<Type> = first.iter().chain(&values).cloned().collect();
            // Errors about the value before the dot are reported at the function name.
            let in_front = (first.is_some() && arguments.len() == rest.len()).then_some(position);
            let places: Vec<Position> =
                in_front.into_iter().chain(arguments.iter().map(Expr::start_position)).collect();
            if !self.check_arguments(name, &all, &places) {
                all.iter().for_each(|value| self.escape(value));
                return Type::Any;
            }
        }
        match (name, values.as_slice()) {
            ("related", _) => return self.related(arguments, &values),
            (name, _) if let Some(look_up) = looked_up_by(name) => {
                let kinds = look_up.kinds.iter().filter_map(|kind| facts::kind(kind));
                let found: Vec<Type> = kinds.map(|kind| self.looked_up(kind, position)).collect();
                if let (true, [found]) = (look_up.returns_resources, found.as_slice()) {
                    return found.clone();
                }
                // Such a helper may read every declared fact of what it looks up.
                first.iter().chain(&values).chain(&found).for_each(|value| self.escape(value));
            }
            ("contains", [asked]) => {
                self.contains(&list, asked, position);
                return Type::Bool;
            }
            ("push" | "insert" | "pad", [.., item]) if matches!(list, Type::List(_)) => {
                self.changes(held, &Type::list(item.clone()));
                return Type::Nil;
            }
            ("append", [items @ Type::List(_)]) if matches!(list, Type::List(_)) => {
                self.changes(held, items);
                return Type::Nil;
            }
            ("append" | "set" | "mixin" | "fill_with" | "splice" | "remove", _)
                if matches!(list, Type::List(_) | Type::Map(..)) =>
            {
                self.changes(held, &Type::Any);
                return Type::Any;
            }
            ("first" | "last" | "pop" | "shift", []) if matches!(list, Type::List(_)) => {
                return list.item();
            }
            ("get", [Type::Int]) if matches!(list, Type::List(_)) => return list.item(),
            ("extract" | "chop" | "drain" | "retain", _) if matches!(list, Type::List(_)) => {
                return list;
            }
            ("values", []) if matches!(list, Type::Dictionary(_)) => {
                return match list {
                    Type::Dictionary(value) => Type::List(value),
                    _ => Type::Any,
                };
            }
            ("keys", []) if matches!(list, Type::Dictionary(_) | Type::Map(..)) => {
                return Type::list(Type::Text);
            }
            ("is_configured" | "len" | "is_empty" | "type_of", _) => {}
            _ => first.iter().chain(&values).for_each(|value| self.escape(value)),
        }
        self.natives.result(name, values.len() + usize::from(first.is_some()))
    }

    /// Adds a type to a variable that holds a value, or marks it as unknown if only a part changes.
    pub(crate) fn changes(&mut self, held: Option<Held>, with: &Type) {
        match held {
            Some(Held { key, whole: true }) => self.join(key, with),
            Some(Held { key, whole: false }) => self.join(key, &Type::Any),
            None => {}
        }
    }

    /// The type of a call to a function that takes a closure.
    fn with_closure(&mut self, name: &str, list: &Type, closure: &Expr, others: &[Type]) -> Type {
        let item = list.item();
        // The second argument is the index of a list item, or the value of a map entry.
        let second = if matches!(list, Type::List(_)) { Type::Int } else { Type::Any };
        match name {
            "reduce" | "reduce_rev" => {
                // The result of each call is an argument of the next.
                let mut sum = others.iter().fold(Type::Nil, |all, other| all.join(other));
                for _ in 0..3 {
                    let result = self.closure(closure, &[sum.clone(), item.clone(), Type::Int]);
                    sum = sum.join(&result);
                }
                sum
            }
            "sort" => {
                self.closure(closure, &[item.clone(), item]);
                Type::Nil
            }
            _ => {
                let result = self.closure(closure, &[item.clone(), second]);
                if matches!(name, "filter" | "find" | "some" | "all" | "none") {
                    self.check_condition(&result, closure.start_position());
                }
                match name {
                    "filter" => list.clone(),
                    "map" => Type::list(result),
                    "find" => item,
                    "some" | "all" | "none" => Type::Bool,
                    _ => Type::Any,
                }
            }
        }
    }

    fn contains(&mut self, container: &Type, value: &Type, position: Position) {
        let Some(name) = value.name() else { return };
        let message = match container {
            Type::List(item) if item.mismatch(value).is_some() => {
                Some(format!("{} never contains {name}", describe(container)))
            }
            Type::Text | Type::Dictionary(_) | Type::Map(..) if !matches!(value, Type::Text) => {
                Some(format!("{} never contains {name}", describe(container)))
            }
            Type::Int
            | Type::Float
            | Type::Bool
            | Type::Verdict
            | Type::Object(..)
            | Type::Resource(_)
            | Type::Params => {
                Some(format!("expected list, range, string or map, found {}", describe(container)))
            }
            _ => None,
        };
        if let Some(message) = message {
            let help = match container {
                Type::List(item) => advice(item, value),
                Type::Object(..) | Type::Resource(_) | Type::Params => {
                    "to check whether a field is set, use `is_configured(object.field)`".to_owned()
                }
                Type::Text => "search a string for another string".to_owned(),
                Type::Map(..) | Type::Dictionary(_) => {
                    "`in` searches the keys of a map, which are strings".to_owned()
                }
                _ => "use `==` to compare values".to_owned(),
            };
            self.report(Code::NeverContains, position, message, Some(help));
        }
    }

    /// The type of `related(kind)` or `related(kind, field, value)`; `values` are the types of the
    /// arguments after the kind.
    fn related(&mut self, arguments: &[Expr], values: &[Type]) -> Type {
        let Some(Expr::StringConstant(name, place)) = arguments.first() else {
            self.reads.any_related = true;
            return Type::Any;
        };
        let known = facts::kind(name);
        let kind = known.or_else(|| facts::suggest_kind(name).and_then(facts::kind));
        if known.is_none() {
            let help = match kind {
                Some(meant) => format!("did you mean `{}`?", meant.name),
                None => "`rolecall facts` lists all kinds".to_owned(),
            };
            let message = format!("unknown kind `{}`", text::one_line(name, 60));
            self.report(Code::UnknownKind, *place, message, Some(help));
        }
        let Some(kind) = kind else { return Type::Any };
        let resources = match known {
            Some(_) => self.looked_up(kind, *place),
            None => {
                self.reads.related.insert(kind.name);
                Type::list(Type::Resource(kind))
            }
        };
        if let ([_, Expr::StringConstant(field, place), value], [_, found]) = (arguments, values) {
            let fields = value::fields(kind);
            match value::form(kind, "")
                .and_then(|form| form.at(field))
                .map(|form| Type::of(form, ""))
            {
                None => {
                    let label = format!("the list of `{}` resources", kind.name);
                    self.no_field(&label, field, fields.keys().map(String::as_str), *place);
                }
                Some(known) => {
                    if let Some((expected, got)) = known.mismatch(found) {
                        let message = format!(
                            "expected {expected} for `{field}`, found {got}: no resource ever matches"
                        );
                        self.report(
                            Code::NeverEqual,
                            value.start_position(),
                            message,
                            Some(advice(&known, found)),
                        );
                    }
                }
            }
        }
        resources
    }

    /// Records a lookup of resources of a kind, by `related` or a helper.
    fn looked_up(&mut self, kind: &'static Kind, place: Position) -> Type {
        self.reads.related.insert(kind.name);
        if !self.draft.needs.related.contains_key(kind.name) {
            let help = format!("add `\"{}\"` to `needs`", kind.name);
            self.report(
                Code::UndeclaredKind,
                place,
                format!("kind `{}` is not declared in `needs`", kind.name),
                Some(help),
            );
        }
        Type::list(Type::Resource(kind))
    }
}

/// The kinds that a helper looks up.
fn looked_up_by(helper: &str) -> Option<&'static LookUp> {
    LOOK_UPS.iter().find(|look_up| look_up.helper == helper)
}

/// Help for values of different types.
fn advice(a: &Type, b: &Type) -> String {
    let either = |test: fn(&Type) -> bool| test(a) || test(b);
    let advice = if either(|t| matches!(t, Type::Dictionary(_))) {
        "use one of its values: `tags.Name` or `tags[\"a:b\"]`"
    } else if either(|t| matches!(t, Type::List(_))) {
        "check its items: `x in list` or `list.some(|x| …)`"
    } else if either(|t| matches!(t, Type::Object(..) | Type::Resource(_) | Type::Params)) {
        "use one of its fields"
    } else if either(|t| matches!(t, Type::Int | Type::Float))
        && either(|t| matches!(t, Type::Text))
    {
        "write numbers without quotes: `8`, not `\"8\"`; convert with `parse_int(string)` or `number.to_string()`"
    } else if either(|t| matches!(t, Type::Bool)) {
        "write `true` or `false` without quotes"
    } else {
        "compare values of the same type"
    };
    advice.to_owned()
}
