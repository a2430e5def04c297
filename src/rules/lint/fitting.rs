//! Type checks of arguments, operands, indexes and conditions. At run time, a value of the wrong type
//! makes the verdict `error`.

use rhai::{Expr, Position};

use super::expected::{ExpectedType, Overload};
use super::infer::Infer;
use super::value::{self, Type};
use crate::diagnostics::Code;
use crate::facts::Kind;
use crate::model::{code_series, series};
use crate::rules::helpers;

impl Infer<'_> {
    /// Checks that a function accepts arguments of these types, and returns whether it does.
    /// `places`: the positions of the arguments.
    pub(crate) fn check_arguments(
        &mut self,
        name: &str,
        values: &[Type],
        places: &[Position],
    ) -> bool {
        // The overload with the fewest mismatches was probably intended.
        let mismatches = |overload: &Overload| -> Vec<usize> {
            let pairs = overload.iter().zip(values).enumerate();
            pairs
                .filter(|(_, (expected, value))| expected.rejects(value))
                .map(|(at, _)| at)
                .collect()
        };
        let candidates: Vec<(Vec<usize>, &Overload)> = self
            .natives
            .overloads(name, values.len())
            .map(|overload| (mismatches(overload), overload))
            .collect();
        let Some((first, _)) = candidates.iter().min_by_key(|(at, _)| at.len()) else {
            return true;
        };
        let Some(&at) = first.first() else { return true };
        let mut expected: Vec<String> = Vec::new();
        for (_, overload) in candidates.iter().filter(|(at, _)| at == first) {
            let name = overload.get(at).map(ExpectedType::name).unwrap_or_default();
            if !expected.contains(&name) {
                expected.push(name);
            }
        }
        let found = values.get(at).map(describe).unwrap_or_default();
        let is_tags = matches!(values.get(at), Some(Type::Dictionary(_)));
        if is_tags && expected.len() > 1 {
            // Only maps that the rule created.
            expected.retain(|name| name != "map");
        }
        let expected_list = expected.iter().any(|name| name == "list");
        let message = if is_tags && expected_list && at == 0 {
            format!("cannot apply `{name}` to {found}: expected {}", series(&expected, "or"))
        } else {
            format!(
                "wrong argument type for `{name}`: expected {}, found {found}",
                series(&expected, "or")
            )
        };
        let help = match values.get(at) {
            Some(Type::Resource(kind))
                if has_tags(kind) && expected.iter().any(|name| name == "map") =>
            {
                Some("pass the tags of the resource: `resource.tags`".to_owned())
            }
            Some(Type::Dictionary(_)) if name == "get" => {
                Some("read a value by its key: `map[\"key\"]`".to_owned())
            }
            Some(Type::Dictionary(_)) if expected_list && at == 0 => {
                Some(format!("use `tags.keys().{name}(…)` or `tags.values().{name}(…)`"))
            }
            Some(Type::Dictionary(_)) => Some("use `tags.keys()` or `tags.values()`".to_owned()),
            _ => helpers::helpers()
                .find(|helper| helper.name == name)
                .map(|helper| format!("use {}", code_series(helper.usage(), "or"))),
        };
        let place = places.get(at).copied().unwrap_or(Position::NONE);
        self.report(Code::TypeMismatch, place, message, help);
        false
    }

    /// Checks that an arithmetic operator accepts operands of these types, and returns whether it
    /// does.
    pub(crate) fn check_operands(
        &mut self,
        operator: &str,
        values: &[Type],
        position: Position,
    ) -> bool {
        let fits = |overload: &Overload| {
            overload.iter().zip(values).all(|(expected, value)| !expected.rejects(value))
        };
        let mut overloads = self.natives.overloads(operator, values.len()).peekable();
        if overloads.peek().is_none() || overloads.any(fits) {
            return true;
        }
        let names: Vec<String> = values.iter().map(describe).collect();
        let strings = values.iter().all(|value| matches!(value, Type::Text));
        let help = match operator {
            "-" if strings || matches!(values, [Type::Text, Type::Int | Type::Float]) => {
                "times are strings: use `days_between(earlier, later)`, `age_days(time)` or `is_older_than(time, days)`"
            }
            "-" if matches!(values, [Type::Text, _]) => {
                "read a key that contains `-` in brackets: `tags[\"cost-center\"]`"
            }
            "+" => {
                "use string interpolation in backticks: `${x} and ${y}`; append to a list with `list + [item]`"
            }
            _ => "convert a string with `parse_int(string)`",
        };
        let message = format!("cannot apply `{operator}` to {}", names.join(" and "));
        self.report(Code::TypeMismatch, position, message, Some(help.to_owned()));
        false
    }

    /// Checks that `for` can iterate over a value: a list, range or string.
    pub(crate) fn check_iterable(&mut self, value: &Type, position: Position) {
        let help = match value {
            Type::Never | Type::Any | Type::Nil | Type::List(_) | Type::Text => return,
            Type::Map(..) | Type::Dictionary(_) => {
                "iterate over its keys or values: `for key in map.keys()`"
            }
            Type::Int | Type::Float => "iterate over a range: `for n in 0..number`",
            Type::Bool
            | Type::Verdict
            | Type::Fix
            | Type::Action
            | Type::Object(..)
            | Type::Resource(_)
            | Type::Params => "`for` can iterate over a list, a range or a string",
        };
        let message = format!("cannot iterate over {}", describe(value));
        self.report(Code::TypeMismatch, position, message, Some(help.to_owned()));
    }

    /// Checks the type of an index.
    pub(crate) fn check_index(&mut self, base: &Type, by: &Type, position: Position) {
        let help = match (base, by) {
            (Type::List(_), Type::Text | Type::Bool | Type::Float) => {
                "use an int: `list[0]`; find an item with `list.find(|x| …)`"
            }
            (Type::Map(..) | Type::Dictionary(_), Type::Int | Type::Float | Type::Bool) => {
                "map keys are strings: `map[\"key\"]`"
            }
            (
                Type::Object(..) | Type::Resource(_) | Type::Params,
                Type::Int | Type::Float | Type::Bool,
            ) => "use a field name: `object.field`",
            _ => return,
        };
        let message = format!("cannot index {} with {}", describe(base), describe(by));
        self.report(Code::TypeMismatch, position, message, Some(help.to_owned()));
    }

    /// Checks that a condition is a bool, and returns whether it can be.
    pub(crate) fn check_condition(&mut self, value: &Type, position: Position) -> bool {
        let help = match value {
            Type::Never | Type::Any | Type::Nil | Type::Bool => return true,
            Type::List(_) => "use `!list.is_empty()` or `list.some(|x| …)`",
            Type::Text => {
                "compare it: `string == \"…\"`; to check whether it is set, use `is_configured(x)`"
            }
            Type::Int | Type::Float => "compare it: `number > 0`",
            Type::Verdict => {
                "return the verdict from `check`: `if condition { fail(\"…\") } else { pass() }`"
            }
            Type::Fix | Type::Action => {
                "return the fix from `fix`: `if condition { by_hand(\"…\") } else { safe_fix(action) }`"
            }
            Type::Params
            | Type::Map(..)
            | Type::Object(..)
            | Type::Dictionary(_)
            | Type::Resource(_) => "to check whether it is set, use `is_configured(x)`",
        };
        let message = format!("expected bool, found {}", describe(value));
        self.report(Code::ConditionNotBool, position, message, Some(help.to_owned()));
        false
    }

    /// Checks that the operand of `!` is a bool, and returns whether it can be. `!x > 3` is parsed as
    /// `(!x) > 3`.
    pub(crate) fn check_negation(&mut self, value: &Type, place: &Expr) -> bool {
        let position = place.start_position();
        let before = self.diagnostics.len();
        let decides = self.check_condition(value, position);
        let after = self.file.text.get(self.file.offset(position)..).unwrap_or_default();
        let after = after
            .trim_start_matches(|c: char| c.is_alphanumeric() || "_.?".contains(c))
            .trim_start();
        if ["==", "!=", "<", ">", "in "].iter().any(|operator| after.starts_with(operator))
            && let Some(diagnostic) = self.diagnostics.get_mut(before)
        {
            diagnostic.help = Some(
                "`!` applies only to the next value: write `!(x > 3)` or `!(x in list)`".to_owned(),
            );
        }
        decides
    }

    /// Checks a condition expression.
    pub(crate) fn condition(&mut self, expression: &Expr) {
        let value = self.eval(expression);
        self.check_condition(&value, expression.start_position());
    }
}

fn has_tags(kind: &'static Kind) -> bool {
    value::fields(kind).contains_key("tags") || kind.fact("tags").is_some()
}

/// A type's name, with the item type of lists.
pub(crate) fn describe(value: &Type) -> String {
    match value {
        Type::List(item) => match item.name() {
            Some(name) => format!("list of {name}"),
            None => "list".to_owned(),
        },
        other => other.name().unwrap_or("this type").to_owned(),
    }
}

/// Help for values of different types.
pub(crate) fn advice(a: &Type, b: &Type) -> String {
    let either = |test: fn(&Type) -> bool| test(a) || test(b);
    let object = [a, b].into_iter().find_map(|side| match side {
        Type::Object(_, fields) if !fields.is_empty() && fields.len() <= 6 => Some(fields),
        _ => None,
    });
    if let Some(fields) = object
        && !either(|t| matches!(t, Type::Dictionary(_) | Type::List(_)))
    {
        return match fields.keys().collect::<Vec<_>>().as_slice() {
            [only] => format!("use its only field, `{only}`"),
            several => format!("use one of its fields: {}", code_series(several, "or")),
        };
    }
    let advice = if either(|t| matches!(t, Type::Dictionary(_))) {
        "use one of its values: `tags.Name` or `tags[\"a:b\"]`"
    } else if either(|t| matches!(t, Type::List(_))) {
        "check the items of the list: `x in list` or `list.some(|x| …)`"
    } else if either(|t| matches!(t, Type::Object(..) | Type::Resource(_) | Type::Params)) {
        "use one of its fields"
    } else if either(|t| matches!(t, Type::Int | Type::Float))
        && either(|t| matches!(t, Type::Text))
    {
        "write both values as numbers (`8`) or both as strings (`\"8\"`), or convert with `parse_int(string)` or `number.to_string()`"
    } else if either(|t| matches!(t, Type::Bool)) {
        "write `true` or `false` without quotes"
    } else {
        "compare values of the same type"
    };
    advice.to_owned()
}
