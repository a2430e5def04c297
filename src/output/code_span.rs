//! Untrusted text in Markdown.

use crate::model::text::one_line;

/// Untrusted text as code, on one line and also within a table: neither links nor mentions nor HTML
/// work there. Empty if the text is blank.
pub(super) fn code(text: &str, max: usize) -> String {
    let text = one_line(text, max);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    // In a table, a vertical bar ends the cell even in code.
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

/// A name, and the id if it differs.
pub(super) fn account(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if name != id => {
            let name = code(name, 60);
            let space = if name.is_empty() { "" } else { " " };
            format!("{name}{space}{}", code(id, 12))
        }
        _ => code(id, 12),
    }
}
