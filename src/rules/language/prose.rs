//! The prose at the head of a rule: `//!` lines in Markdown, written once, shown everywhere.

/// What a rule says of itself to people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// The whole text as Markdown, without the leading `//!`.
    pub markdown: String,
    /// Its first paragraph on one line: what is wrong when the rule fails.
    pub summary: String,
    /// The first address under `## References`, or anywhere.
    pub help_uri: Option<String>,
}

impl Prose {
    /// Reads the prose at the head of a rule's source.
    pub fn read(source: &str) -> Self {
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        let lines: Vec<&str> =
            lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        let paragraph =
            lines.iter().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        let summary = paragraph.copied().collect::<Vec<_>>().join(" ");
        let references =
            lines.iter().position(|line| line.starts_with("## References")).unwrap_or(0);
        let help_uri =
            lines[references..].iter().chain(&lines).find_map(|line| first_address(line));
        Self { markdown: lines.join("\n").trim().to_owned(), summary, help_uri }
    }
}

fn first_address(line: &str) -> Option<String> {
    let start = line.find("https://")?;
    let address: &str = line[start..]
        .split(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | ']' | '"' | '`'))
        .next()?;
    Some(address.trim_end_matches(['.', ',']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paragraph_is_the_summary() {
        let prose = Prose::read(
            "//! A door is open,\n//! wide.\n//!\n//! ## Why\n//! See <https://a.example/x>.\n//!\n//! ## References\n//! - https://b.example/y.\n\nfn check() {}\n//! not this",
        );
        assert_eq!(prose.summary, "A door is open, wide.");
        assert_eq!(prose.help_uri.as_deref(), Some("https://b.example/y"));
        assert!(
            prose.markdown.starts_with("A door is open,\nwide.\n\n## Why")
                && prose.markdown.ends_with("y.")
        );
        assert_eq!(Prose::read("fn check() {}"), Prose::default());
    }
}
