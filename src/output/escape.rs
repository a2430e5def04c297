//! JSON that is exact and safe to print: unprintable characters are written as `\u` escapes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::model::text::is_unprintable;

/// Compact JSON with every unprintable character escaped.
struct EscapeUnprintable;

impl Formatter for EscapeUnprintable {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Almost all text is like this.
        if fragment.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unprintable(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Writes a value as one line of JSON.
pub(crate) fn write_json<T: Serialize + ?Sized>(
    writer: &mut dyn Write,
    value: &T,
) -> io::Result<()> {
    value
        .serialize(&mut Serializer::with_formatter(writer, EscapeUnprintable))
        .map_err(io::Error::from)
}

/// A value as one line of JSON, with every unprintable character escaped.
pub(super) fn json_line(value: &serde_json::Value) -> String {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    write_json(&mut out, value).ok();
    String::from_utf8(out).unwrap_or_default()
}

/// A value as indented JSON, with every unprintable character escaped.
pub(super) fn json_block(value: &serde_json::Value) -> String {
    let indented = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(indented.len());
    for c in indented.chars() {
        if c != '\n' && is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unprintable_characters_are_escaped_without_loss() {
        let text = "a\u{1b}[31m\u{9b}\u{7f}\u{202e}\u{e0041}\n\"ä漢\u{feff}";
        let mut out = Vec::new();
        write_json(&mut out, &serde_json::json!({ text: [text] })).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert!(!json.chars().any(is_unprintable), "{json:?}");
        assert!(json.contains("\\udb40\\udc41") && json.contains("ä漢"), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()[text][0], text);
    }
}
