//! JSON in which no object has a duplicate key. By default, serde_json keeps the last value of such
//! a key, and drops the others without an error.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::text;

/// A JSON value. Reading one with a duplicate key is an error: `duplicate key "KEY"`.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueKeys(pub Value);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

impl UniqueKeys {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str::<Self>(text).map(|read| read.0)
    }

    /// The key that an error is about, if it is that a key is duplicate.
    pub fn duplicate(reason: &str) -> Option<String> {
        let key = reason.strip_prefix("duplicate key ")?;
        let key = key.rsplit_once(" at line ").map_or(key, |(key, _)| key);
        Some(serde_json::from_str(key).unwrap_or_default())
    }

    /// Describes an error of [`Self::parse`], in one line, with its position.
    pub fn describe(error: &serde_json::Error) -> String {
        let reason = error.to_string();
        match Self::duplicate(&reason) {
            Some(key) => format!(
                "duplicate key `{}` at line {} column {}",
                text::one_line(&key, 60),
                error.line(),
                error.column()
            ),
            None => format!("not valid JSON: {}", text::one_line(&reason, 200)),
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<UniqueKeys>()? {
            items.push(item.0);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(Error::custom(format_args!("duplicate key {}", Value::from(key))));
            }
            let value = entries.next_value::<UniqueKeys>()?;
            map.insert(key, value.0);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_by_serde_json_unless_a_key_is_duplicate() {
        for text in [
            r#"{"a": [1, -2, 0.5, 1e300, true, null, "\u00fc\n"], "b": {"a": {}, "A": []}}"#,
            "18446744073709551615",
            "null",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(UniqueKeys::parse(text).unwrap(), expected, "{text}");
        }
        for (text, expected) in [
            ("{\n\"a\": 1, \"a\": 1}", "duplicate key `a` at line 2 column 11"),
            (r#"[{"b": {"c\"": 1, "c\u0022": 2}}]"#, "duplicate key `c\"` at line 1"),
            (r#"{"": 1, "": 2}"#, "duplicate key `` at line 1"),
            ("{\"a\": 1", "not valid JSON: EOF"),
            (r#"{"a": 1} {}"#, "not valid JSON: trailing characters"),
        ] {
            let error = UniqueKeys::describe(&UniqueKeys::parse(text).unwrap_err());
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        let nested = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        let error = UniqueKeys::describe(&UniqueKeys::parse(&nested).unwrap_err());
        assert!(error.contains("recursion limit"), "{error}");
    }
}
