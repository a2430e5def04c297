//! The limits of parameters that a rule declares: `limits: #{ days: #{ min: 1, max: 365 } }`. For a
//! list, they apply to each item.

use serde_json::{Map, Number, Value};

use crate::model::{Globs, code_series, text};

/// The keys of a limit.
pub(crate) const KEYS: [&str; 4] = ["min", "max", "one_of", "like"];

/// The allowed values of a parameter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// The least number.
    pub min: Option<Number>,
    /// The greatest number.
    pub max: Option<Number>,
    /// The allowed values.
    pub one_of: Option<Vec<Value>>,
    /// Patterns for strings, one of which must match.
    pub like: Option<Globs>,
}

impl Limits {
    /// What a value must be, if it is not.
    pub fn violation(&self, value: &Value) -> Option<String> {
        match value {
            Value::Array(items) => {
                let wrong = items.iter().find_map(|item| self.violation(item))?;
                Some(wrong.replacen("must", "must contain only values that", 1).replacen(
                    "values that be",
                    "values that are",
                    1,
                ))
            }
            // A parameter whose default is `()` can be unset.
            Value::Null => None,
            value => (!self.allows(value)).then(|| self.describe(value)),
        }
    }

    fn allows(&self, value: &Value) -> bool {
        let number = value.as_f64();
        let at_least = |min: &Number| matches!((number, min.as_f64()), (Some(number), Some(min)) if number >= min);
        let at_most = |max: &Number| matches!((number, max.as_f64()), (Some(number), Some(max)) if number <= max);
        self.min.as_ref().is_none_or(at_least)
            && self.max.as_ref().is_none_or(at_most)
            && self.one_of.as_ref().is_none_or(|allowed| allowed.contains(value))
            && self
                .like
                .as_ref()
                .is_none_or(|globs| value.as_str().is_some_and(|text| globs.matches(text)))
    }

    fn describe(&self, value: &Value) -> String {
        let shown = text::one_line(&value.to_string(), 80);
        format!("must {}, not `{shown}`", self.requirement())
    }

    /// The limits in words: `be from 1 to 365`.
    pub fn requirement(&self) -> String {
        let mut words = Vec::new();
        match (&self.min, &self.max) {
            (Some(min), Some(max)) => words.push(format!("be from {min} to {max}")),
            (Some(min), None) => words.push(format!("be at least {min}")),
            (None, Some(max)) => words.push(format!("be at most {max}")),
            (None, None) => {}
        }
        if let Some(allowed) = &self.one_of {
            let shown = allowed.iter().map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            words.push(format!("be {}", code_series(shown, "or")));
        }
        if let Some(globs) = &self.like {
            words.push(format!("match {}", code_series(globs.patterns(), "or")));
        }
        words.join(" and ")
    }

    /// The limits as JSON, as the rule declares them.
    pub fn to_json(&self) -> Value {
        let patterns = self.like.as_ref().map(|globs| Value::from(globs.patterns().to_vec()));
        let entries = [
            ("min", self.min.clone().map(Value::Number)),
            ("max", self.max.clone().map(Value::Number)),
            ("one_of", self.one_of.clone().map(Value::Array)),
            ("like", patterns),
        ];
        let set = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(set.collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_outside_the_limits_are_described() {
        let number = |value: i64| Some(Number::from(value));
        let range = Limits { min: number(1), max: number(365), ..Limits::default() };
        let least = Limits { min: number(0), ..Limits::default() };
        let most = Limits { max: number(9), ..Limits::default() };
        let words =
            Limits { one_of: Some(vec![json!("ALL"), json!("REJECT")]), ..Limits::default() };
        let like = Limits { like: Globs::new(&["s3:*", "*"]).ok(), ..Limits::default() };
        let actions = Limits { like: Globs::new(&["s3:*"]).ok(), ..Limits::default() };
        for (limits, value, expected) in [
            (&range, json!(1), None),
            (&range, json!(365), None),
            (&range, json!(1.5), None),
            (&range, json!(0), Some("must be from 1 to 365, not `0`")),
            (&range, json!(365.5), Some("must be from 1 to 365, not `365.5`")),
            (&range, json!(i64::MIN), Some("must be from 1 to 365, not `-9223372036854775808`")),
            (&range, json!([1, 2]), None),
            (
                &range,
                json!([1, 400]),
                Some("must contain only values that are from 1 to 365, not `400`"),
            ),
            (&range, json!([]), None),
            (&range, json!(null), None),
            (&range, json!("7"), Some("must be from 1 to 365, not `\"7\"`")),
            (&least, json!(-1), Some("must be at least 0, not `-1`")),
            (&most, json!(10), Some("must be at most 9, not `10`")),
            (&words, json!("ALL"), None),
            (&words, json!("all"), Some("must be `ALL` or `REJECT`, not `\"all\"`")),
            (
                &words,
                json!(["x"]),
                Some("must contain only values that are `ALL` or `REJECT`, not `\"x\"`"),
            ),
            (&like, json!(["*", "s3:Get*"]), None),
            (
                &actions,
                json!(["Get*"]),
                Some("must contain only values that match `s3:*`, not `\"Get*\"`"),
            ),
        ] {
            assert_eq!(limits.violation(&value).as_deref(), expected, "{value}");
        }
    }
}
