//! Reads `limits` of a rule's metadata.

use std::collections::BTreeMap;

use rhai::{Expr, Position};
use serde_json::{Number, Value};

use super::draft::MetadataReader;
use super::limits::{KEYS, Limits};
use crate::diagnostics::Code;
use crate::model::{Globs, code_series, did_you_mean};

/// A parameter: its name, the position of its name, and its default.
type Param = (String, Position, Value);

impl MetadataReader<'_> {
    /// `limits: #{ days: #{ min: 1, max: 365 } }`: names of parameters, and what each allows.
    pub(super) fn limits(&mut self, value: &Expr, params: &[Param]) -> BTreeMap<String, Limits> {
        let mut out = BTreeMap::new();
        let Expr::Map(map, _) = value else {
            let help = "write `limits: #{ days: #{ min: 1, max: 365 } }`".to_owned();
            self.reject(value.position(), "`limits` must be a map".to_owned(), Some(help));
            return out;
        };
        for (key, limit) in &map.0 {
            let name = key.as_str();
            let Some((_, at, default)) = params.iter().find(|(known, ..)| known == name) else {
                let names = params.iter().map(|(name, ..)| name.as_str());
                let help = match did_you_mean(name, names.clone()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if params.is_empty() => "the rule has no parameters".to_owned(),
                    None => format!("its parameters are {}", code_series(names, "and")),
                };
                let message = format!("`limits` has `{name}`, which is not a parameter");
                self.reject(key.pos, message, Some(help));
                continue;
            };
            let Some(limits) = self.limit(name, limit, default) else { continue };
            if let Some(wrong) = limits.violation(default) {
                let message = format!("the default of `{name}` {wrong}");
                self.reject(*at, message, Some("change the default or the limits".to_owned()));
            }
            out.insert(name.to_owned(), limits);
        }
        out
    }

    fn reject(&mut self, position: Position, message: String, help: Option<String>) {
        self.report(Code::InvalidMetadataValue, position, message, help);
    }

    /// The limits of one parameter; `None` if they are invalid.
    fn limit(&mut self, name: &str, value: &Expr, default: &Value) -> Option<Limits> {
        let help = || Some(format!("use {}", code_series(KEYS, "and")));
        let Expr::Map(map, _) = value else {
            let message = format!("the limits of `{name}` must be a map");
            self.reject(value.position(), message, help());
            return None;
        };
        if map.0.is_empty() {
            self.reject(value.position(), format!("the limits of `{name}` are empty"), help());
            return None;
        }
        // For a list, the type of its items.
        let of = match default {
            Value::Array(items) => items.first().unwrap_or(&Value::Null),
            other => other,
        };
        let mut limits = Limits::default();
        let mut valid = true;
        for (key, expression) in &map.0 {
            let Some(literal) = self.literal(expression) else {
                valid = false;
                continue;
            };
            let at = expression.position();
            let wrong = match (key.as_str(), literal) {
                ("min" | "max", _) if !(of.is_number() || of.is_null()) => Some(format!(
                    "`{key}` applies only to numbers, but `{name}` is not a number",
                    key = key.name
                )),
                ("like", _) if !(of.is_string() || of.is_null()) => {
                    Some(format!("`like` applies only to strings, but `{name}` is not a string"))
                }
                ("min", Value::Number(number)) => {
                    limits.min = Some(number);
                    None
                }
                ("max", Value::Number(number)) => {
                    limits.max = Some(number);
                    None
                }
                ("one_of", Value::Array(allowed)) if !allowed.is_empty() => {
                    let fits = |value: &Value| {
                        of.is_null() || std::mem::discriminant(value) == std::mem::discriminant(of)
                    };
                    let all_fit = !of.is_object() && allowed.iter().all(fits);
                    limits.one_of = Some(allowed);
                    (!all_fit).then(|| {
                        format!("the values in `one_of` must have the same type as `{name}`")
                    })
                }
                ("like", literal) => {
                    limits.like = patterns(&literal);
                    let invalid = limits.like.is_none();
                    invalid.then(|| {
                        "`like` must be a glob pattern or a list of glob patterns".to_owned()
                    })
                }
                ("min" | "max", _) => Some(format!("`{}` must be a number", key.name)),
                ("one_of", _) => Some("`one_of` must be a list of allowed values".to_owned()),
                (unknown, _) => {
                    let meant = did_you_mean(unknown, KEYS);
                    let help = meant.map(|meant| format!("did you mean `{meant}`?")).or_else(help);
                    let message = format!("unknown key `{unknown}` in the limits of `{name}`");
                    self.reject(key.pos, message, help);
                    valid = false;
                    None
                }
            };
            if let Some(message) = wrong {
                self.reject(at, message, None);
                valid = false;
            }
        }
        let float = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64);
        if let (Some(min), Some(max)) = (float(&limits.min), float(&limits.max))
            && min > max
        {
            let message = format!("`min` is greater than `max` in the limits of `{name}`");
            self.reject(value.position(), message, Some("swap them".to_owned()));
            valid = false;
        }
        valid.then_some(limits)
    }
}

fn patterns(literal: &Value) -> Option<Globs> {
    let patterns: Vec<&str> = match literal {
        Value::String(pattern) => vec![pattern],
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    if patterns.is_empty() { None } else { Globs::new(&patterns).ok() }
}
