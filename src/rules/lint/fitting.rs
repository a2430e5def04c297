//! Which values fit where: what functions and operators take, and what a condition can be. At run
//! time a value that does not fit is an error, so the verdict would be `error` for every resource
//! that comes this way.

use rhai::{Expr, Position};

use super::expected::{Expected, Overload};
use super::infer::Infer;
use super::value::Type;
use crate::diagnostics::Code;
use crate::rules::helpers;

impl Infer<'_> {
    /// The function takes such values; whether it does. `places`: where each of them stands.
    pub(crate) fn must_fit(&mut self, name: &str, values: &[Type], places: &[Position]) -> bool {
        // Who falls short least was probably meant.
        let refused = |overload: &Overload| -> Vec<usize> {
            let pairs = overload.iter().zip(values).enumerate();
            pairs.filter(|(_, (wanted, value))| wanted.refuses(value)).map(|(at, _)| at).collect()
        };
        let ways: Vec<(Vec<usize>, &Overload)> = self
            .natives
            .overloads(name, values.len())
            .map(|overload| (refused(overload), overload))
            .collect();
        let Some((first, _)) = ways.iter().min_by_key(|(refused, _)| refused.len()) else {
            return true;
        };
        let Some(&at) = first.first() else { return true };
        let mut wanted: Vec<String> = Vec::new();
        for (_, overload) in ways.iter().filter(|(refused, _)| refused == first) {
            let word = overload.get(at).map(Expected::word).unwrap_or_default();
            if !wanted.contains(&word) {
                wanted.push(word);
            }
        }
        let got = values.get(at).map(described).unwrap_or_default();
        let message = format!("`{name}` takes {} here, not {got}", wanted.join(" or "));
        let help = match values.get(at) {
            Some(Type::Dictionary(_)) => {
                Some("its keys are `map.keys()`, its values `map.values()`".to_owned())
            }
            _ => helpers::helpers().find(|helper| helper.name == name).map(|helper| {
                let usage: Vec<String> = helper.usage().map(|usage| format!("`{usage}`")).collect();
                usage.join(", ")
            }),
        };
        let place = places.get(at).copied().unwrap_or(Position::NONE);
        self.fault(Code::WrongType, place, message, help);
        false
    }

    /// An arithmetic operator can combine such values; whether it can.
    pub(crate) fn must_combine(
        &mut self,
        operator: &str,
        values: &[Type],
        position: Position,
    ) -> bool {
        let fits = |overload: &Overload| {
            overload.iter().zip(values).all(|(wanted, value)| !wanted.refuses(value))
        };
        let mut overloads = self.natives.overloads(operator, values.len()).peekable();
        if overloads.peek().is_none() || overloads.any(fits) {
            return true;
        }
        let words: Vec<String> = values.iter().map(described).collect();
        let texts = values.iter().all(|value| matches!(value, Type::Text));
        let help = match operator {
            "-" if texts => {
                "times are texts: `days_between(earlier, later)`, `age_days(time)`, `is_older_than(time, days)`"
            }
            "+" => {
                "texts are put together as `${x} and ${y}` in backticks; a list takes an item by `list + [item]`"
            }
            _ => "`parse_int(text)` makes a number of a text",
        };
        let message = match words.as_slice() {
            [one] => format!("there is no `{operator}` of {one}"),
            _ => format!("there is no `{operator}` between {}", words.join(" and ")),
        };
        self.fault(Code::WrongType, position, message, Some(help.to_owned()));
        false
    }

    /// `for` goes through lists, ranges and texts.
    pub(crate) fn must_iterate(&mut self, value: &Type, position: Position) {
        let help = match value {
            Type::Never | Type::Any | Type::Nil | Type::List(_) | Type::Text => return,
            Type::Map(..) | Type::Dictionary(_) => {
                "go through its keys or its values: `for key in map.keys()`"
            }
            Type::Int | Type::Float => "go through a range: `for n in 0..number`",
            Type::Bool | Type::Verdict | Type::Object(..) | Type::Resource(_) | Type::Params => {
                "`for` goes through a list"
            }
        };
        let message = format!("`for` cannot go through {}", described(value));
        self.fault(Code::WrongType, position, message, Some(help.to_owned()));
    }

    /// What stands in brackets fits what stands before them.
    pub(crate) fn must_index(&mut self, base: &Type, by: &Type, position: Position) {
        let help = match (base, by) {
            (Type::List(_), Type::Text | Type::Bool | Type::Float) => {
                "the items of a list are counted: `list[0]`; look for one by `list.find(|x| …)`"
            }
            (Type::Map(..) | Type::Dictionary(_), Type::Int | Type::Float | Type::Bool) => {
                "its keys are texts: `map[\"key\"]`"
            }
            (
                Type::Object(..) | Type::Resource(_) | Type::Params,
                Type::Int | Type::Float | Type::Bool,
            ) => "its fields have names: `object.field`",
            _ => return,
        };
        let message = format!("{} has no item for {}", described(base), described(by));
        self.fault(Code::WrongType, position, message, Some(help.to_owned()));
    }

    /// A condition is true or false; whether it can be.
    pub(crate) fn must_decide(&mut self, value: &Type, position: Position) -> bool {
        let help = match value {
            Type::Never | Type::Any | Type::Nil | Type::Bool => return true,
            Type::List(_) => "ask `list.is_empty()`, or for an item by `list.some(|x| …)`",
            Type::Text => {
                "compare it: `text == \"…\"`; whether it is there at all says `is_configured(x)`"
            }
            Type::Int | Type::Float => "compare it: `number > 0`",
            Type::Verdict => {
                "a verdict is what `check` ends in: `if condition { fail(\"…\") } else { pass() }`"
            }
            Type::Params
            | Type::Map(..)
            | Type::Object(..)
            | Type::Dictionary(_)
            | Type::Resource(_) => "whether it is there at all says `is_configured(x)`",
        };
        let message = format!("{} is neither true nor false", described(value));
        self.fault(Code::NoCondition, position, message, Some(help.to_owned()));
        false
    }

    /// What `!` turns round is true or false; whether it can be. `!x > 3` is `(!x) > 3`.
    pub(crate) fn must_negate(&mut self, value: &Type, place: &Expr) -> bool {
        let position = place.start_position();
        let before = self.faults.len();
        let decides = self.must_decide(value, position);
        let after = self.file.text.get(self.file.offset(position)..).unwrap_or_default();
        let after = after
            .trim_start_matches(|c: char| c.is_alphanumeric() || "_.?".contains(c))
            .trim_start();
        if ["==", "!=", "<", ">", "in "].iter().any(|operator| after.starts_with(operator))
            && let Some(fault) = self.faults.get_mut(before)
        {
            fault.help =
                Some("`!` takes the value next to it only: `!(x > 3)`, `!(x in list)`".to_owned());
        }
        decides
    }

    /// An expression that is a condition.
    pub(crate) fn condition(&mut self, expression: &Expr) {
        let value = self.eval(expression);
        self.must_decide(&value, expression.start_position());
    }
}

fn described(value: &Type) -> String {
    match value {
        Type::List(item) => match item.word() {
            Some("an object" | "a map") => "a list of objects".to_owned(),
            Some("a text") => "a list of texts".to_owned(),
            Some("a number") => "a list of numbers".to_owned(),
            _ => "a list".to_owned(),
        },
        other => other.word().unwrap_or("such a value").to_owned(),
    }
}
