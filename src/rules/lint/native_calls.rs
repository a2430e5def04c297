//! Types of calls to built-in functions, and their checks.

use rhai::{Expr, Position};

use super::fitting::{advice, describe};
use super::formats;
use super::infer::{Held, Infer, Key, numbers};
use super::lookups::looked_up_by;
use super::origin::Origin;
use super::value::Type;
use crate::diagnostics::Code;
use crate::facts;

impl Infer<'_> {
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
            _ => formats::result_of(name).map(|label| Origin::field(label.to_owned())),
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
        self.check_sources(name, &written, &origins, position);
        if let ("is_configured", [origin]) = (name, origins.as_slice()) {
            let checked = written.first().copied().flatten();
            self.check_always_there(checked, *origin, "is_configured(…)", position);
        }
        if let ("contains", [Some(container), asked]) = (name, origins.as_slice()) {
            let asked_expr = written.get(1).copied().flatten();
            self.check_contained(container, *asked, asked_expr, position);
        }
        if let ("contains", [container, Some(asked)]) = (name, origins.as_slice())
            && let Some(Some(list)) = written.first()
            && container.is_none()
        {
            self.check_field_values(Some(asked), list);
        }
        if !matches!(name, "contains" | "related" | "known_related") {
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
        if name == "action" {
            let all: Vec<Type> = first.iter().chain(&values).cloned().collect();
            self.check_action(&written, &all, position);
        }
        self.fix_created(name, position);
        match (name, values.as_slice()) {
            ("related" | "known_related", _) => {
                if let [_, _, Some(value)] = origins.as_slice() {
                    self.check_looked_up(arguments, value);
                }
                return self.related(arguments, &values);
            }
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
            ("tag_problems", _) => {
                // It looks up the kinds that the rule declares.
                let kind = self.draft.kind.map_or("", |kind| kind.name);
                let sources = facts::tag_sources(kind).map(|source| source.to);
                self.reads.related.extend(sources);
                first.iter().for_each(|value| self.escape(value));
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
        let arity = values.len() + usize::from(first.is_some());
        if self.natives.returns_nothing(name, arity, &list) {
            return Type::Nil;
        }
        self.natives.result(name, arity)
    }

    /// Adds a type to a variable that holds a value, or marks it as unknown if only a part changes.
    pub(crate) fn changes(&mut self, held: Option<Held>, with: &Type) {
        match held {
            // What they contain is a copy, which is changed.
            Some(Held { key, whole: false }) if is_read_only(&self.cell(key)) => return,
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
            | Type::Fix
            | Type::Action
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

/// Whether what is read from a value is a copy.
pub(super) fn is_read_only(value: &Type) -> bool {
    matches!(value, Type::Resource(_) | Type::Params | Type::Object(..) | Type::Dictionary(_))
}

/// The type of grouped or counted items.
fn grouped(name: &str, list: &Type, key: Type) -> Type {
    let content = match name {
        "group_by" => ("items".to_owned(), list.clone()),
        _ => ("count".to_owned(), Type::Int),
    };
    Type::list(Type::map([("key".to_owned(), key), content].into_iter()))
}
