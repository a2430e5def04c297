//! What differs between two states, one line per value.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::output::escape::json_line;

/// How long a line of a diff can be.
const COLUMNS: usize = 160;

/// A value that is only before, or only after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// It is removed or replaced.
    Before(String),
    /// It is new.
    After(String),
}

impl Line {
    /// With the sign of a diff. A long line is continued in further ones, so that nothing of it is out
    /// of sight.
    pub(super) fn signed(&self) -> String {
        let (sign, text) = match self {
            Self::Before(text) => ('-', text),
            Self::After(text) => ('+', text),
        };
        let mut rest: Vec<char> = text.chars().collect();
        let mut lines = String::new();
        while rest.len() > COLUMNS {
            let tail = rest.split_off(COLUMNS);
            lines.push_str(&format!("{sign} {}\n", String::from_iter(&rest)));
            // The indent is not part of the value; a line without one begins the next value.
            rest = "    ".chars().chain(tail).collect();
        }
        lines.push_str(&format!("{sign} {}", String::from_iter(&rest)));
        lines
    }
}

/// The differences, complete and in the order of the keys. Each is one line of printable text.
pub(super) fn lines(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Line> {
    let mut lines = Vec::new();
    objects("", before, after, &mut lines);
    lines
}

fn objects(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    lines: &mut Vec<Line>,
) {
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        values(&member(path, key), before.get(key), after.get(key), lines);
    }
}

/// The path of a member. Keys that are not plain names are quoted, so that no key can look like a path.
fn member(path: &str, key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let key = if !key.is_empty() && key.chars().all(is_plain) {
        key.to_owned()
    } else {
        json_line(&Value::from(key))
    };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn values(path: &str, before: Option<&Value>, after: Option<&Value>, lines: &mut Vec<Line>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            objects(path, before, after, lines);
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            arrays(path, before, after, lines);
        }
        (before, after) => {
            let line = |value: &Value| format!("{path} = {}", json_line(value));
            lines.extend(before.map(|value| Line::Before(line(value))));
            lines.extend(after.map(|value| Line::After(line(value))));
        }
    }
}

/// Items that are only in one of the lists. If only their order differs, both lists are shown.
fn arrays(path: &str, before: &[Value], after: &[Value], lines: &mut Vec<Line>) {
    // By their text, so that long lists are compared in one pass.
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for item in before {
        *left.entry(item.to_string()).or_default() += 1;
    }
    let mut added: Vec<&Value> = Vec::new();
    for item in after {
        match left.get_mut(&item.to_string()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => added.push(item),
        }
    }
    // The last ones of equal items are those that are gone.
    let mut removed: Vec<&Value> = Vec::new();
    for item in before.iter().rev() {
        if let Some(count) = left.get_mut(&item.to_string()).filter(|count| **count > 0) {
            *count -= 1;
            removed.push(item);
        }
    }
    removed.reverse();
    if added.is_empty() && removed.is_empty() {
        let line = |items: &[Value]| format!("{path} = {}", json_line(&items.into()));
        lines.extend([Line::Before(line(before)), Line::After(line(after))]);
        return;
    }
    let line = |item: &Value| format!("{path}[] = {}", json_line(item));
    lines.extend(removed.into_iter().map(|item| Line::Before(line(item))));
    lines.extend(added.into_iter().map(|item| Line::After(line(item))));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn diff(before: Value, after: Value) -> Vec<String> {
        let lines = lines(before.as_object().unwrap(), after.as_object().unwrap());
        lines.iter().map(Line::signed).collect()
    }

    #[test]
    fn nothing_of_a_long_value_is_out_of_sight() {
        let value = format!("{}everybody", "x".repeat(1_000));
        let diff = diff(json!({}), json!({ "a": value })).join("\n");
        assert!(diff.lines().count() > 6, "{diff}");
        for (at, line) in diff.lines().enumerate() {
            assert!(line.chars().count() <= COLUMNS + 2, "{line}");
            assert!(line.starts_with(if at == 0 { "+ a = " } else { "+     " }), "{line}");
        }
        let whole: String = diff.lines().map(|line| line[2..].trim_start()).collect();
        assert_eq!(whole, format!("a = \"{value}\""));
    }

    #[test]
    fn only_what_differs_is_listed() {
        let before = json!({ "a": { "x": 1, "y": true }, "b": [1, 2, 2], "c": null, "d": "same" });
        let after = json!({ "a": { "x": 2, "y": true }, "b": [2, 3], "c": {}, "d": "same" });
        assert_eq!(
            diff(before, after),
            [
                "- a.x = 1",
                "+ a.x = 2",
                "- b[] = 1",
                "- b[] = 2",
                "+ b[] = 3",
                "- c = null",
                "+ c = {}"
            ]
        );
        assert_eq!(
            diff(json!({ "a": [1, 2] }), json!({ "a": [2, 1] })),
            ["- a = [1,2]", "+ a = [2,1]"]
        );
        assert_eq!(diff(json!({}), json!({ "a": 1 })), ["+ a = 1"]);
        assert_eq!(
            diff(json!({ "a": [1, 1, 2] }), json!({ "a": [1, 3] })),
            ["- a[] = 1", "- a[] = 2", "+ a[] = 3"]
        );
        assert!(diff(json!({ "a": [1] }), json!({ "a": [1] })).is_empty());
    }

    #[test]
    fn keys_and_values_cannot_break_out_of_their_line() {
        let hostile = "x = 1\n+ y\u{202e}.z";
        let lines = diff(json!({}), json!({ hostile: hostile }));
        assert_eq!(lines, ["+ \"x = 1\\n+ y\\u202e.z\" = \"x = 1\\n+ y\\u202e.z\""]);
    }
}
