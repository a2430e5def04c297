//! Text in HTML. Everything that is not markup of this module's own goes through [`text`], or, if it
//! is data for the script, through [`ScriptSafe`].

use std::io::{self, Write};

use crate::model::text::one_line;

/// The longest text that is shown as part of the page itself. The script shows longer ones.
const TEXT_MAX: usize = 600;

/// A text as HTML: one printable line, with everything escaped that could be markup.
pub(super) fn text(text: &str) -> String {
    escape(&one_line(text, TEXT_MAX))
}

/// Escapes what HTML interprets in texts and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A value in a query of the page's address, such as `#findings?rule=VALUE`.
pub(super) fn query(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// `12,345`.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 account`, `1,200 accounts`.
pub(super) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", number(count)) }
}

/// A number in a table: zeros are dim.
pub(super) fn cell(count: usize) -> String {
    match count {
        0 => "<td class=\"num zero\">0</td>".to_owned(),
        count => format!("<td class=\"num\">{}</td>", number(count)),
    }
}

/// A number in a table that leads to findings. Screen readers hear what `one` of them is.
pub(super) fn linked(count: usize, filter: &str, one: &str) -> String {
    match count {
        0 => cell(0),
        count => format!(
            "<td class=\"num\"><a href=\"#findings?{filter}\">{}<span class=\"sr\"> {}{}</span></a></td>",
            number(count),
            text(one),
            if count == 1 { "" } else { "s" }
        ),
    }
}

/// A table in a region that can be scrolled sideways on narrow screens. Titles that begin with `#`
/// are those of numbers.
pub(super) fn table(label: &str, titles: &[&str], rows: &str) -> String {
    let titles: String = titles
        .iter()
        .map(|title| match title.strip_prefix('#') {
            Some(title) => format!("<th scope=\"col\" class=\"num\">{}</th>", text(title)),
            None => format!("<th scope=\"col\">{}</th>", text(title)),
        })
        .collect();
    let label = text(label);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\"><table><thead><tr>{titles}</tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// A short label, such as a severity.
pub(super) fn tag(class: &str, word: &str) -> String {
    format!("<span class=\"tag {class}\">{}</span>", text(word))
}

/// JSON in an element `<script type="application/json">`. `<`, `>` and `&` occur only in strings of
/// JSON, where they can be escaped, so no data can end the element or begin a comment in it.
/// [`crate::output::write_json`] escapes U+2028 and U+2029 with the other unprintable characters.
pub(super) struct ScriptSafe<'a>(pub(super) &'a mut dyn Write);

impl Write for ScriptSafe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'&')) {
            let (before, after) = rest.split_at(at);
            self.0.write_all(before)?;
            if let [byte, after @ ..] = after {
                write!(self.0, "\\u{byte:04x}")?;
                rest = after;
            }
        }
        self.0.write_all(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("<a href='x'>&\u{202e}\n"), "&lt;a href=&#39;x&#39;&gt;&amp;\u{fffd} ");
        assert_eq!(query("a&b=c d/é"), "a%26b%3Dc%20d%2F%C3%A9");
        for (value, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), shown);
        }
    }

    #[test]
    fn data_cannot_end_its_element() {
        let mut out = Vec::new();
        let data = "</script><!-- <script> &amp; \u{2028}\u{2029} é";
        crate::output::write_json(&mut ScriptSafe(&mut out), data).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), data);
    }
}
