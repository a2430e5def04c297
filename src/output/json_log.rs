//! Messages on stderr as JSON, one object per line: log events with their fields, and the lines that
//! commands print for people.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::log_lines::{escape_commands, with_shown_names};

/// Whether stderr has JSON.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// From now on, everything on stderr is JSON.
pub fn log_as_json() {
    IS_ON.store(true, Ordering::Relaxed);
}

/// Whether everything on stderr is JSON.
pub fn logs_as_json() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    message: &'a str,
    fields: &'a Map<String, Value>,
}

/// A log event as a line. No CI system takes a part of it for a command.
pub fn json_line(level: &str, message: &str, fields: &Map<String, Value>) -> String {
    let timestamp = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let message = with_shown_names(message);
    let line = Line { timestamp, level, message: &message, fields };
    let json = serde_json::to_string(&line).unwrap_or_default();
    let mut out = String::with_capacity(json.len() + 1);
    escape_commands(&json, "\\u005b", "\\u003a", &mut out);
    out.push('\n');
    out
}

/// A text for people as a line: the label in front of it, as in `note: …`, is its level.
pub(super) fn line_of_text(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() {
        return String::new();
    }
    let labels = [("error: ", "ERROR"), ("warning: ", "WARN"), ("note: ", "INFO")];
    let labeled = labels
        .iter()
        .find_map(|(label, level)| text.strip_prefix(label).map(|message| (*level, message)));
    let (level, message) = labeled.unwrap_or(("INFO", text));
    json_line(level, message, &Map::new())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_json_and_no_commands() {
        let fields = json!({ "id": "##vso[task.complete] section_start:x" });
        let line = json_line("WARN", "::stop::\n##[group]", fields.as_object().unwrap());
        assert!(!line.contains("##[") && !line.contains("##vso[") && !line.contains("start:x"));
        assert_eq!(line.matches('\n').count(), 1);
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&read["level"], &read["message"]),
            (&json!("WARN"), &json!("::stop::\n##[group]"))
        );
        assert_eq!(read["fields"], fields);
        read["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    }

    #[test]
    fn labels_are_levels() {
        for (text, level, message) in [
            ("note: a\n", "INFO", "a"),
            ("error: b\n  more\n", "ERROR", "b\n  more"),
            ("[1/3] 111122223333: complete\n", "INFO", "[1/3] 111122223333: complete"),
        ] {
            let read: Value = serde_json::from_str(&line_of_text(text)).unwrap();
            assert_eq!((&read["level"], &read["message"]), (&json!(level), &json!(message)));
        }
        assert_eq!(line_of_text("\n"), "");
    }
}
