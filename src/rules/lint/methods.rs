//! Types of operators, properties and built-in functions, and their checks.

use rhai::{Expr, FnCallExpr, Position};

use super::fitting::{advice, describe};
use super::infer::{Held, Infer, Key, numbers};
use super::lookups::looked_up_by;
use super::origin::Origin;
use super::value::{self, Type, arithmetic};
use crate::diagnostics::Code;
use crate::facts::{self, ATTRIBUTES, Kind};
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
                    let result = match operator {
                        "==" => "always `false`",
                        "!=" => "always `true`",
                        _ => "an error",
                    };
                    let message =
                        format!("comparing {one} with {other} using `{operator}` is {result}");
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
                if let Some(known) = self.params.get(name) {
                    self.reads.params.insert(name.to_owned());
                    self.last_field = Some(Origin::param(name));
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
        self.last_field = Some(Origin::field(field));
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
            let help = match name {
                "first" => "write `list[0]` for the first item".to_owned(),
                "last" => "write `list[-1]` for the last item".to_owned(),
                _ => unknown.help,
            };
            self.report(Code::UnknownFunction, position, unknown.message, Some(help));
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
        base: Option<(Type, Option<Origin>)>,
        held: Option<Held>,
        arguments: &[Expr],
        position: Position,
    ) -> Type {
        let is_method = base.is_some();
        // `f(x, y)` and `x.f(y)` are equivalent.
        let (first, held, rest) = match (base, arguments) {
            (None, [first, rest @ ..]) if self.script.closure(first).is_none() => {
                let held = self.key_of(first).map(|key| Held { key, whole: true });
                (Some(self.eval_field(first)), held, rest)
            }
            (base, rest) => (base, held, rest),
        };
        let (first, origin) = match first {
            Some((first, origin)) => (Some(first), origin),
            None => (None, None),
        };
        let kept = match name {
            "get" | "find" | "pop" | "shift" => origin.clone().map(Origin::uncertain),
            "filter" | "extract" | "distinct" | "sort" | "dedup" | "drain" | "retain" => {
                origin.clone()
            }
            _ => None,
        };
        let result =
            self.native_call(name, (first, origin, is_method), held, arguments, rest, position);
        // The closure of `map` was evaluated last.
        self.last_field = if name == "map" { self.last_field.take() } else { kept };
        result
    }

    /// `base`: the first argument with its origin, and whether it is before the dot.
    fn native_call(
        &mut self,
        name: &str,
        base: (Option<Type>, Option<Origin>, bool),
        held: Option<Held>,
        arguments: &[Expr],
        rest: &[Expr],
        position: Position,
    ) -> Type {
        let (first, origin, is_method) = base;
        let list = first.clone().unwrap_or(Type::Any);
        let is_called = |argument: &&Expr| {
            self.script.closure(argument).is_some() || self.is_named_function(name, argument)
        };
        if let Some(closure) = rest.iter().find(is_called) {
            let others: Vec<Type> = rest
                .iter()
                .filter(|other| !std::ptr::eq(*other, closure))
                .map(|other| self.eval(other))
                .collect();
            let all: Vec<Type> =
                std::iter::once(list.clone()).chain(rest.iter().map(|_| Type::Any)).collect();
            let fits = self.check_arguments(name, &all, &[position]);
            let result = self.with_closure(name, (&list, origin.as_ref()), closure, &others);
            return if fits { result } else { Type::Any };
        }
        let read: Vec<(Type, Option<Origin>)> =
            rest.iter().map(|argument| self.eval_field(argument)).collect();
        let (values, fields): (Vec<Type>, Vec<Option<Origin>>) = read.into_iter().unzip();
        let origins: Vec<Option<&Origin>> = first
            .iter()
            .map(|_| origin.as_ref())
            .chain(fields.iter().map(Option::as_ref))
            .collect();
        let mut written: Vec<Option<&Expr>> = arguments.iter().map(Some).collect();
        if is_method {
            written.insert(0, None);
        }
        self.check_roles(name, &written, &origins);
        if let ("is_configured", [origin]) = (name, origins.as_slice()) {
            self.check_always_there(*origin, "is_configured(…)", position);
        }
        if let ("contains", [Some(container), asked]) = (name, origins.as_slice()) {
            let asked_expr = written.get(1).copied().flatten();
            self.check_contained(container, *asked, asked_expr);
        }
        if let ("contains", [container, Some(asked)]) = (name, origins.as_slice())
            && let Some(Some(list)) = written.first()
            && container.is_none()
        {
            self.check_field_values(Some(asked), list);
        }
        if !matches!(name, "contains" | "related") {
            let all: Vec<Type> = first.iter().chain(&values).cloned().collect();
            // Errors about the value before the dot are reported at the function name.
            let in_front = is_method.then_some(position);
            let places: Vec<Position> =
                in_front.into_iter().chain(arguments.iter().map(Expr::start_position)).collect();
            if !self.check_arguments(name, &all, &places) {
                all.iter().for_each(|value| self.escape(value));
                return Type::Any;
            }
        }
        match (name, values.as_slice()) {
            ("related", _) => return self.related(arguments, &values),
            ("related_in", [_, values @ ..]) if arguments.len() > rest.len() => {
                return self.related_in(arguments, values);
            }
            (name, _) if let Some(look_up) = looked_up_by(name) => {
                let kinds = look_up.kinds.iter().filter_map(|kind| facts::kind(kind));
                let found: Vec<Type> = kinds.map(|kind| self.looked_up(kind, position)).collect();
                if let (true, [found]) = (look_up.returns_resources, found.as_slice()) {
                    return found.clone();
                }
                // Such a helper may read every declared fact of what it looks up.
                first.iter().chain(&values).chain(&found).for_each(|value| self.escape(value));
            }
            ("group_by" | "count_by", [Type::Text]) => {
                let key = self.grouping_key(&list.item(), arguments.last());
                return grouped(name, &list, key);
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
            ("pop" | "shift", []) if matches!(list, Type::List(_)) => {
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
            ("route_table_of", [tables]) => {
                first.iter().chain(&values).for_each(|value| self.escape(value));
                return tables.item();
            }
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
        if let Some(Held { key, .. }) = held {
            self.join_origin(key, &Type::Any, None);
        }
    }

    /// The type of a call to a function that takes a closure.
    fn with_closure(
        &mut self,
        name: &str,
        (list, origin): (&Type, Option<&Origin>),
        closure: &Expr,
        others: &[Type],
    ) -> Type {
        let item = list.item();
        let origin = origin.filter(|_| matches!(list, Type::List(_)));
        // The second argument is the index of a list item, or the value of a map entry.
        let second = if matches!(list, Type::List(_)) { Type::Int } else { Type::Any };
        match name {
            "reduce" | "reduce_rev" => {
                // The result of each call is an argument of the next: passes repeat until its type
                // stays the same.
                let key = Key::Sum(self.site, numbers(closure.position()));
                others.iter().for_each(|other| self.join(key, other));
                if others.is_empty() {
                    self.join(key, &Type::Nil);
                }
                let result = self.closure(closure, &[self.cell(key), item, Type::Int], None);
                self.join(key, &result);
                self.cell(key)
            }
            "sort" => {
                self.closure(closure, &[item.clone(), item], origin);
                Type::Nil
            }
            _ => {
                let result = self.closure(closure, &[item.clone(), second], origin);
                if matches!(name, "filter" | "find" | "some" | "all" | "none") {
                    self.check_condition(&result, closure.start_position());
                }
                match name {
                    "filter" => list.clone(),
                    "map" => Type::list(result),
                    "find" => item,
                    "group_by" | "count_by" => grouped(name, list, result),
                    "some" | "all" | "none" => Type::Bool,
                    _ => Type::Any,
                }
            }
        }
    }

    /// The type of the key that items are grouped by, if it is a path of fields.
    fn grouping_key(&mut self, item: &Type, path: Option<&Expr>) -> Type {
        let Some(Expr::StringConstant(path, position)) = path else {
            self.escape(item);
            return Type::Any;
        };
        let mut key = item.clone();
        let mut rest = Some(path.as_str());
        while let Some(path) = rest {
            if matches!(key, Type::Dictionary(_)) {
                return self.property(&key, path, *position);
            }
            let (name, after) =
                path.split_once('.').map_or((path, None), |(name, after)| (name, Some(after)));
            key = self.property(&key, name, *position);
            rest = after;
        }
        key
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
            | Type::Params
                if !container.is_result() =>
            {
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
}

/// The type of grouped or counted items.
fn grouped(name: &str, list: &Type, key: Type) -> Type {
    let content = match name {
        "group_by" => ("items".to_owned(), list.clone()),
        _ => ("count".to_owned(), Type::Int),
    };
    Type::list(Type::map([("key".to_owned(), key), content].into_iter()))
}
