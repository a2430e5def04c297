//! The documentation at the top of a rule: `//!` lines in Markdown, used in all outputs.

/// The documentation of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// The complete text as Markdown, without the leading `//!`.
    pub markdown: String,
    /// The first paragraph as one line: what is wrong when the rule fails.
    pub summary: String,
    /// The first URL in `## References`, or in the whole text.
    pub help_uri: Option<String>,
}

impl Prose {
    /// The same with another first paragraph.
    pub fn with_summary(&self, summary: &str) -> Self {
        let rest = self.markdown.split_once("\n\n").map_or("", |(_, rest)| rest);
        let markdown = format!("{summary}\n\n{rest}").trim().to_owned();
        Self { markdown, summary: summary.to_owned(), help_uri: self.help_uri.clone() }
    }

    /// Reads the documentation at the top of a rule's source.
    pub fn read(source: &str) -> Self {
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        let lines: Vec<&str> =
            lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        let paragraph =
            lines.iter().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        let summary = paragraph.copied().collect::<Vec<_>>().join(" ");
        let references =
            lines.iter().position(|line| line.starts_with("## References")).unwrap_or(0);
        let help_uri = lines[references..].iter().chain(&lines).find_map(|line| first_url(line));
        Self { markdown: lines.join("\n").trim().to_owned(), summary, help_uri }
    }
}

fn first_url(line: &str) -> Option<String> {
    let start = line.find("https://")?;
    let url: &str = line[start..]
        .split(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | ']' | '"' | '`'))
        .next()?;
    Some(url.trim_end_matches(['.', ',']).to_owned())
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
        let other = prose.with_summary("Another door is open.");
        assert_eq!(other.summary, "Another door is open.");
        assert!(other.markdown.starts_with("Another door is open.\n\n## Why"));
        assert_eq!(other.help_uri, prose.help_uri);
        assert_eq!(Prose::default().with_summary("Open.").markdown, "Open.");
        assert_eq!(Prose::read("fn check() {}"), Prose::default());
    }
}
