//! Grammar of messages: lists in sentences, and plurals.

/// The words as a list in a sentence: `a, b and c`. `conjunction` is `and` or `or`.
pub fn series(words: impl IntoIterator<Item = impl Into<String>>, conjunction: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} {conjunction} {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// The same, with each word in backticks.
pub fn code_series(
    words: impl IntoIterator<Item = impl std::fmt::Display>,
    conjunction: &str,
) -> String {
    series(words.into_iter().map(|word| format!("`{word}`")), conjunction)
}

/// A number with its noun: `1 rule`, `2 rules`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The reason of a deserialization error, in the words of JSON instead of those of serde.
pub fn describe_serde_error(reason: &str) -> String {
    if let Some(field) = reason.strip_prefix("missing field ") {
        return format!("missing key {field}");
    }
    if let Some(rest) = reason.strip_prefix("unknown field ") {
        return format!("unknown key {rest}");
    }
    if let Some(rest) = reason.strip_prefix("unknown variant ") {
        return format!("unknown value {rest}");
    }
    let mismatch = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|prefix| reason.strip_prefix(prefix))
        .and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = mismatch else { return reason.to_owned() };
    let value = ["string ", "integer ", "floating point ", "boolean "]
        .into_iter()
        .find_map(|prefix| found.strip_prefix(prefix));
    let found = match (found, value) {
        (_, Some(value)) => format!("`{}`", value.trim_matches('`')),
        ("map", _) => "an object".to_owned(),
        ("sequence", _) => "a list".to_owned(),
        ("null", _) => "`null`".to_owned(),
        (other, _) => other.to_owned(),
    };
    let expected = match expected {
        "a map" => "an object",
        "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "an integer",
        "f32" | "f64" => "a number",
        name if name.starts_with("struct ") => "an object",
        other => other,
    };
    format!("expected {expected}, found {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_as_in_a_sentence() {
        assert_eq!(series([""; 0], "and"), "");
        assert_eq!(series(["a"], "and"), "a");
        assert_eq!(series(["a", "b"], "or"), "a or b");
        assert_eq!(code_series(["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }

    #[test]
    fn nouns_are_in_the_plural_unless_there_is_one() {
        assert_eq!(counted(0, "error"), "0 errors");
        assert_eq!(counted(1, "error"), "1 error");
        assert_eq!(counted(2, "test case"), "2 test cases");
    }

    #[test]
    fn errors_of_serde_are_described_in_the_words_of_json() {
        #[derive(Debug, serde::Deserialize)]
        struct Sample {
            #[serde(rename = "list")]
            _list: Vec<String>,
            #[serde(rename = "number")]
            _number: u32,
        }
        for (json, expected) in [
            ("[]", "expected an object, found a list"),
            ("{}", "missing key `list`"),
            (r#"{ "list": {} }"#, "expected a list, found an object"),
            (r#"{ "list": [null] }"#, "expected a string, found `null`"),
            (r#"{ "list": [true] }"#, "expected a string, found `true`"),
            (r#"{ "list": [], "number": "8" }"#, "expected an integer, found `\"8\"`"),
            (r#"{ "list": [], "number": -1 }"#, "expected an integer, found `-1`"),
        ] {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            let sample = |value: serde_json::Value| match value {
                list @ serde_json::Value::Array(_) => {
                    serde_json::from_value::<serde_json::Map<_, _>>(list).map(|_| ())
                }
                other => serde_json::from_value::<Sample>(other).map(|_| ()),
            };
            let error = sample(value).unwrap_err().to_string();
            assert_eq!(describe_serde_error(&error), expected, "{error}");
        }
    }
}
