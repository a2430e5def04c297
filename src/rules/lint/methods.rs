//! What operators, properties and the functions of the sandbox make of types, and what can be wrong
//! with them.

use rhai::{Expr, FnCallExpr, Position};

use super::infer::{Held, Infer};
use super::value::{self, Type, arithmetic};
use crate::diagnostics::Code;
use crate::facts::{self, Kind};
use crate::model::{did_you_mean, text};
use crate::rules::helpers::table::LookUp;
use crate::rules::helpers::{self, LOOK_UPS};
use crate::rules::language::restrictions;

/// What functions are called in other languages, where the likeness of the words does not tell.
const ELSEWHERE: [(&str, &str); 11] = [
    ("any", "some"),
    ("count", "len"),
    ("every", "all"),
    ("exists", "some"),
    ("forall", "all"),
    ("has", "contains"),
    ("include", "contains"),
    ("includes", "contains"),
    ("is_null", "is_configured"),
    ("length", "len"),
    ("size", "len"),
];

impl Infer<'_> {
    pub(crate) fn operator(&mut self, call: &FnCallExpr, position: Position) -> Type {
        let read: Vec<(Type, Option<String>)> =
            call.args.iter().map(|argument| self.eval_field(argument)).collect();
        let (values, fields): (Vec<Type>, Vec<Option<String>>) = read.into_iter().unzip();
        let operator = call.name.as_str();
        if let (true, [a, b], [first, second]) =
            (matches!(operator, "==" | "!="), &call.args[..], fields.as_slice())
        {
            self.each_must_be_sent(first.as_deref(), b);
            self.each_must_be_sent(second.as_deref(), a);
        }
        match (operator, values.as_slice()) {
            ("==" | "!=" | "<" | ">" | "<=" | ">=", [a, b]) => {
                if let (Some(one), Some(other)) = (a.word(), b.word())
                    && one != other
                {
                    let answer = if operator == "!=" { "true" } else { "false" };
                    let message =
                        format!("{one} is compared with {other}: `{operator}` is always {answer}");
                    self.fault(Code::NeverEqual, position, message, Some(advice(a, b)));
                }
                Type::Bool
            }
            ("!", _) => {
                // What is wrong with it is told once.
                let decides = values
                    .iter()
                    .zip(&call.args)
                    .all(|(value, place)| self.must_negate(value, place));
                if decides { Type::Bool } else { Type::Any }
            }
            (".." | "..=", _) => Type::list(Type::Int),
            (_, [one]) => {
                if self.must_combine(operator, &values, position) {
                    one.clone()
                } else {
                    Type::Any
                }
            }
            (_, [a, b]) => {
                if self.must_combine(operator, &values, position) {
                    arithmetic(operator, a, b)
                } else {
                    Type::Any
                }
            }
            _ => Type::Any,
        }
    }

    /// The value goes where it cannot be followed: whatever it has may be read there.
    pub(crate) fn hand_on(&mut self, value: &Type) {
        match value {
            Type::Params => self.reads.params_handed_on = true,
            Type::Resource(kind) => drop(self.reads.handed_on.insert(kind.name)),
            Type::List(item) => self.hand_on(item),
            Type::Map(fields, _) => fields.values().for_each(|value| self.hand_on(value)),
            _ => {}
        }
    }

    /// A property of a value, in either notation.
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
                None => self.no_field(label, name, fields.keys().map(String::as_str), position),
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
                        "declare it with its default: `params: #{{ {}: … }}`",
                        text::one_line(name, 60)
                    ),
                };
                self.reads.params.extend(meant.map(str::to_owned));
                let message = format!("`params` declares no `{}`", text::one_line(name, 60));
                self.fault(Code::UnknownParam, position, message, Some(help));
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
                        let what = base.word().unwrap_or("the value");
                        let help = match base {
                            Type::List(_) => {
                                "take its items: `for x in list`, `list.filter(|x| …)`, `list[0]`"
                            }
                            _ => "it has no parts",
                        };
                        let message = format!("{what} has no field `{}`", text::one_line(name, 60));
                        self.fault(Code::UnknownField, position, message, Some(help.to_owned()));
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
            None => format!(
                "its fields are {}",
                text::one_line(&known.collect::<Vec<_>>().join(", "), 400)
            ),
        };
        let message = format!("{label} has no field `{}`", text::one_line(name, 60));
        self.fault(Code::UnknownField, at, message, Some(help));
        Type::Any
    }

    /// A field or a fact of a resource.
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
            return self.no_field(kind.name, name, names(), position);
        };
        self.reads.facts.insert((kind.name, name.to_owned()));
        let own = self.draft.kind.is_some_and(|own| own.name == kind.name);
        if !self.draft.kind.is_some_and(|own| self.draft.needs.allows(own.name, kind.name, name))
            && !self.needs_unknown()
        {
            let need = if own { name.to_owned() } else { format!("{}/{name}", kind.name) };
            let help = format!("add \"{need}\" to `needs`");
            self.fault(
                Code::UndeclaredFact,
                position,
                format!("`{name}` of {} is not declared", kind.name),
                Some(help),
            );
        }
        value::fact(kind, fact.name)
    }

    /// Whether `needs` could not be read at all.
    fn needs_unknown(&self) -> bool {
        self.draft.kind.is_none()
    }

    /// The function must be there, with so many arguments.
    pub(crate) fn must_exist(
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
            let elsewhere =
                ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours);
            let meant = elsewhere.or_else(|| {
                did_you_mean(
                    name,
                    names.chain(self.script.named.iter().map(|function| function.name.as_str())),
                )
            });
            let renamed = helpers::renamed(name);
            let meant = meant.filter(|_| renamed.is_none());
            let help = match (renamed, meant) {
                (Some(renamed), _) => renamed,
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => "`rolecall helpers` lists the functions".to_owned(),
            };
            let callees = self
                .script
                .named
                .iter()
                .enumerate()
                .filter(|(_, function)| Some(function.name.as_str()) == meant);
            self.reads.calls.extend(callees.map(|(callee, _)| (self.function, callee)));
            let message = format!("there is no function `{}`", text::one_line(name, 60));
            self.fault(Code::UnknownFunction, position, message, Some(help));
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
            format!("`{name}` takes {} argument{plural}, not {arity}", numbers.join(" or "));
        let own = self.script.named.iter().filter(|function| function.name == name);
        let mut usage: Vec<String> =
            own.map(|function| format!("`{name}({})`", function.params.join(", "))).collect();
        let helper = helpers::helpers().find(|helper| helper.name == name);
        usage.extend(
            helper.iter().flat_map(|helper| helper.usage()).map(|usage| format!("`{usage}`")),
        );
        let front =
            method.then(|| "the value in front of the dot is the first argument".to_owned());
        let usage = (!usage.is_empty()).then(|| usage.join(", "));
        let help: Vec<String> = front.into_iter().chain(usage).collect();
        let help = (!help.is_empty()).then(|| help.join(": "));
        self.fault(Code::WrongArguments, position, message, help);
    }

    /// A call of a function of the sandbox. `base` is the value in front of the dot, `held` the
    /// variable that holds it.
    pub(crate) fn native(
        &mut self,
        name: &str,
        base: Option<Type>,
        held: Option<Held>,
        arguments: &[Expr],
        position: Position,
    ) -> Type {
        // `f(x, y)` and `x.f(y)` are the same call.
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
            let fits = self.must_fit(name, &all, &[position]);
            let result = self.with_closure(name, &list, closure, &others);
            return if fits { result } else { Type::Any };
        }
        let values: Vec<Type> = rest.iter().map(|argument| self.eval(argument)).collect();
        if !matches!(name, "contains" | "related") {
            let all: Vec<Type> = first.iter().chain(&values).cloned().collect();
            // What is wrong with a value in front of the dot is told at the function's name.
            let in_front = (first.is_some() && arguments.len() == rest.len()).then_some(position);
            let places: Vec<Position> =
                in_front.into_iter().chain(arguments.iter().map(Expr::start_position)).collect();
            if !self.must_fit(name, &all, &places) {
                all.iter().for_each(|value| self.hand_on(value));
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
                first.iter().chain(&values).for_each(|value| self.hand_on(value));
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
            _ => first.iter().chain(&values).for_each(|value| self.hand_on(value)),
        }
        self.natives.result(name, values.len() + usize::from(first.is_some()))
    }

    /// A value that a variable holds becomes, or a part of it becomes, also this.
    pub(crate) fn changes(&mut self, held: Option<Held>, with: &Type) {
        match held {
            Some(Held { key, whole: true }) => self.join(key, with),
            Some(Held { key, whole: false }) => self.join(key, &Type::Any),
            None => {}
        }
    }

    /// A function that takes a closure: what comes into it, and what becomes of what it gives.
    fn with_closure(&mut self, name: &str, list: &Type, closure: &Expr, others: &[Type]) -> Type {
        let item = list.item();
        // Behind the item of a list comes its number, behind the key of a map its value.
        let second = if matches!(list, Type::List(_)) { Type::Int } else { Type::Any };
        match name {
            "reduce" | "reduce_rev" => {
                // What it gave before comes into it again.
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
                    self.must_decide(&result, closure.start_position());
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

    fn contains(&mut self, container: &Type, asked: &Type, position: Position) {
        let Some(wanted) = asked.word() else { return };
        let refuse = match container {
            Type::List(item) => match item.word() {
                Some(item) if item != wanted => {
                    Some(format!("a list whose items are each {item} is asked for {wanted}"))
                }
                _ => None,
            },
            Type::Text | Type::Dictionary(_) | Type::Map(..) if wanted != "a text" => {
                Some(format!("{} is asked for {wanted}", container.word().unwrap_or("it")))
            }
            Type::Int | Type::Float | Type::Bool | Type::Verdict => {
                Some(format!("{} contains nothing", container.word().unwrap_or("it")))
            }
            Type::Object(..) | Type::Resource(_) | Type::Params => Some(
                "an object cannot be asked what it contains: its fields are always the same"
                    .to_owned(),
            ),
            _ => None,
        };
        if let Some(message) = refuse {
            let help = match container {
                Type::List(item) => advice(item, asked),
                Type::Object(..) | Type::Resource(_) | Type::Params => "ask `is_configured(object.field)`".to_owned(),
                Type::Text => "a text contains other texts".to_owned(),
                Type::Map(..) | Type::Dictionary(_) => "a map is asked for one of its keys, which are texts".to_owned(),
                _ => "compare it with `==`; on the right of `in` stands a list, a range, a text or a map".to_owned(),
            };
            self.fault(Code::NeverContains, position, message, Some(help));
        }
    }

    /// `related(kind)`, `related(kind, field, value)`; `values` are the types behind the kind.
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
            self.fault(Code::UnknownKind, *place, message, Some(help));
        }
        let Some(kind) = kind else { return Type::Any };
        let found = match known {
            Some(_) => self.looked_up(kind, *place),
            None => {
                self.reads.related.insert(kind.name);
                Type::list(Type::Resource(kind))
            }
        };
        if let ([_, Expr::StringConstant(field, place), value], [_, wanted]) = (arguments, values) {
            let fields = value::fields(kind);
            match fields.get(field.as_str()).map(|form| Type::of(form, "")) {
                None => {
                    let label = format!("the list of {}", kind.name);
                    self.no_field(&label, field, fields.keys().map(String::as_str), *place);
                }
                Some(known) => {
                    if let (Some(one), Some(other)) = (known.word(), wanted.word())
                        && one != other
                    {
                        let message = format!(
                            "`{field}` is {one} and is looked up by {other}: that finds nothing"
                        );
                        self.fault(
                            Code::NeverEqual,
                            value.start_position(),
                            message,
                            Some(advice(&known, wanted)),
                        );
                    }
                }
            }
        }
        found
    }

    /// Resources of a kind are looked up, by `related` or by a helper that does it.
    fn looked_up(&mut self, kind: &'static Kind, place: Position) -> Type {
        self.reads.related.insert(kind.name);
        if !self.draft.needs.related.contains_key(kind.name) {
            let help = format!("add \"{}\" to `needs`", kind.name);
            self.fault(
                Code::UndeclaredKind,
                place,
                format!("{} is not declared", kind.name),
                Some(help),
            );
        }
        Type::list(Type::Resource(kind))
    }
}

/// What a helper looks up by itself.
fn looked_up_by(helper: &str) -> Option<&'static LookUp> {
    LOOK_UPS.iter().find(|look_up| look_up.helper == helper)
}

/// What to do about values that can never be equal.
fn advice(a: &Type, b: &Type) -> String {
    let either = |test: fn(&Type) -> bool| test(a) || test(b);
    let advice = if either(|t| matches!(t, Type::Dictionary(_))) {
        "take one of its values: `tags.Name`, `tags[\"a:b\"]`"
    } else if either(|t| matches!(t, Type::List(_))) {
        "ask for its items: `x in list`, `list.some(|x| …)`"
    } else if either(|t| matches!(t, Type::Object(..) | Type::Resource(_) | Type::Params)) {
        "take one of its fields"
    } else if either(|t| matches!(t, Type::Int | Type::Float))
        && either(|t| matches!(t, Type::Text))
    {
        "numbers have no quotes: `8`, not `\"8\"`; `parse_int(text)` and `number.to_string()` make one of the other"
    } else if either(|t| matches!(t, Type::Bool)) {
        "write `true` or `false` without quotes"
    } else {
        "compare values of one type"
    };
    advice.to_owned()
}
