//! `terraform` of a rule's metadata: the Terraform resource types in which its failures are fixed.

use std::ops::Range;

use rhai::{Expr, Position};

use super::draft::MetadataReader;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::{Evidence, text};
use crate::rules::language::source::SourceFile;

/// The section of the documentation that must contain the types.
const SECTION: &str = "## How to fix it";
/// Entries of a list; no rule needs more.
const MAX_ENTRIES: usize = 20;

/// The type of an entry: `aws_instance` of `aws_instance.metadata_options.http_tokens`.
pub fn type_of(entry: &str) -> &str {
    entry.split('.').next().unwrap_or(entry)
}

impl MetadataReader<'_> {
    /// A list of resource types, each possibly with the path of an attribute.
    pub(super) fn terraform(&mut self, value: &Expr) -> Vec<(String, Position)> {
        let mut entries = self.unique_strings(value, "terraform");
        if let Some((_, position)) = entries.get(MAX_ENTRIES) {
            self.report(
                Code::InvalidMetadataValue,
                *position,
                format!(
                    "`terraform` can have at most {MAX_ENTRIES} entries, not {}",
                    entries.len()
                ),
                Some("keep the types in which the problem is fixed".to_owned()),
            );
        }
        entries.retain(|(entry, position)| {
            let valid = is_valid(entry);
            if !valid {
                self.report(
                    Code::InvalidMetadataValue,
                    *position,
                    format!("`{}` is not a Terraform resource type", text::one_line(entry, 80)),
                    Some(
                        "write a type such as `aws_s3_bucket_versioning`, or a type with an attribute such as `aws_instance.metadata_options.http_tokens`, without names and indexes"
                            .to_owned(),
                    ),
                );
            }
            valid
        });
        entries
    }
}

/// Whether an entry is a type such as `aws_vpc`, possibly with the path of an attribute.
fn is_valid(entry: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let words = |name: &str| name.split('_').filter(|word| !word.is_empty()).count();
    entry.len() <= 200 && entry.split('.').all(is_name) && words(type_of(entry)) >= 2
}

/// Types that "How to fix it" does not mention: readers would not know what the place that a finding
/// names has to do with it.
pub(crate) fn unmentioned(entries: &[(String, Position)], file: &SourceFile) -> Vec<Diagnostic> {
    let text = section(&file.text);
    let mut missing: Vec<&str> = Vec::new();
    let mut diagnostics = Vec::new();
    for (entry, position) in entries {
        let name = type_of(entry);
        if mentions(text, name) || missing.contains(&name) {
            continue;
        }
        missing.push(name);
        let message = format!("`{SECTION}` does not mention `{name}`");
        let error = file.error_at(*position, message).code(Code::UnmentionedTerraformType);
        diagnostics.push(error.help(
            "show there how the problem is fixed in this resource type, or remove the entry",
        ));
    }
    diagnostics
}

/// The lines of "How to fix it".
fn section(source: &str) -> &str {
    let mut range: Option<Range<usize>> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let end = at + line.len();
        let Some(prose) = line.strip_prefix("//!") else { break };
        let is_heading = prose.trim_start().starts_with("## ");
        match &mut range {
            None if prose.trim() == SECTION => range = Some(end..end),
            Some(_) if is_heading => break,
            Some(range) => range.end = end,
            None => {}
        }
        at = end;
    }
    range.and_then(|range| source.get(range)).unwrap_or_default()
}

/// Whether a text contains a type as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}

/// The literal that the Terraform instructions of a rule set an attribute to, as written in HCL; `None`
/// if they set none, or several.
pub fn recommended<'a>(markdown: &'a str, attribute: &str) -> Option<&'a str> {
    let section = markdown.split("\n## ").find(|part| part.starts_with("How to fix it"))?;
    let start = section.find("\n- Terraform")?;
    let rest = section.get(start + 1..)?;
    let end = rest.find("\n- ").unwrap_or(rest.len());
    let mut found: Option<&str> = None;
    for (at, _) in rest.get(..end)?.match_indices(attribute) {
        let before = rest.get(..at)?.chars().next_back();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let value = rest.get(at + attribute.len()..)?.trim_start_matches(' ').strip_prefix('=');
        let Some(value) = value.filter(|_| !before.is_some_and(is_word)) else { continue };
        let Some(value) = setting(value.trim_start_matches(' ')) else { continue };
        if found.is_some_and(|other| other != value) {
            return None;
        }
        found = Some(value);
    }
    found
}

/// The entries of `terraform` that can be the cause of a failure: if the evidence has a wrong value of an
/// attribute, those whose value is the documented one are not. `instructions`: the documentation of the
/// rule.
pub fn causes(terraform: &[String], instructions: &str, evidence: &[Evidence]) -> Vec<String> {
    let is_right = |entry: &String| {
        let (_, attribute) = entry.rsplit_once('.')?;
        let value = recommended(instructions, attribute)?;
        let is_set = |piece: &&Evidence| piece.get(attribute).is_some_and(|found| !found.is_null());
        let mut pieces = evidence.iter().filter(is_set).peekable();
        pieces.peek()?;
        Some(pieces.all(|piece| has_value(piece, attribute, value)))
    };
    let states: Vec<Option<bool>> = terraform.iter().map(is_right).collect();
    let is_any_wrong = states.contains(&Some(false));
    let entries = terraform.iter().zip(states);
    let causes = entries.filter(|(_, state)| !is_any_wrong || *state != Some(true));
    causes.map(|(entry, _)| entry.clone()).collect()
}

/// Whether evidence has this value, as written in HCL, of a field.
pub fn has_value(piece: &Evidence, name: &str, value: &str) -> bool {
    piece.get(name).is_some_and(|found| match found.as_str() {
        Some(text) => {
            value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) == Some(text)
        }
        None => {
            let written = found.to_string();
            written == value
        }
    })
}

/// A value of a setting at the start of a text: a boolean, a number, or a word in quotes. What else is
/// in examples depends on the resource: names, ARNs and address ranges.
fn setting(text: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
    if let Some(inner) = text.strip_prefix('"') {
        let end = inner.find('"')?;
        let word = inner.get(..end)?;
        let is_setting = word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(is_word)
            && !word.starts_with("arn:")
            && !word.to_ascii_lowercase().contains("example")
            && word.chars().any(|c| c.is_ascii_lowercase());
        return text.get(..end + 2).filter(|_| is_setting);
    }
    let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
    let word = text.get(..end)?;
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (is_number || matches!(word, "true" | "false")).then_some(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_types_with_an_optional_path() {
        for good in [
            "aws_vpc",
            "aws_s3_bucket_public_access_block",
            "aws_instance.metadata_options.http_tokens",
            "awscc_ec2_vpc.cidr_block",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "",
            "aws",
            "aws_",
            "AWS_vpc",
            "aws_vpc.",
            ".aws_vpc",
            "aws_vpc..x",
            "aws_vpc.main[0]",
            "aws_instance.metadata_options[0].http_tokens",
            "aws-vpc",
            "data.aws_vpc",
            "aws_vpc/x",
            "aws_vpc x",
            "1aws_vpc",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn the_recommended_value_is_that_of_the_terraform_instructions() {
        let text = "Open.\n\n## How to fix it\nSet `encrypted = false` first.\n\n- Console: `x = 1`.\n- Terraform: set `http_tokens = \"required\"` or\n  `enabled = true`, and `hops = 1`:\n  ```hcl\n  a {\n    http_tokens   = \"required\"\n    other_http_tokens = \"optional\"\n    bucket = \"my-example\"\n    key = \"arn:aws:x\"\n    range = \"10.0.0.0/8\"\n    id = var.id\n    both = true\n  }\n  ```\n  or `both = false`\n- Other: `x = 2`.\n\n## References\n- `x = 3`";
        for (attribute, wanted) in [
            ("http_tokens", Some("\"required\"")),
            ("enabled", Some("true")),
            ("hops", Some("1")),
            ("encrypted", None),
            ("x", None),
            ("both", None),
            ("bucket", None),
            ("key", None),
            ("range", None),
            ("id", None),
            ("tokens", None),
        ] {
            assert_eq!(recommended(text, attribute), wanted, "{attribute}");
        }
        assert_eq!(recommended("", "x"), None);
        assert_eq!(recommended("## How to fix it\n", "x"), None);
    }

    #[test]
    fn only_the_section_on_fixes_counts() {
        let text = "//! Open.\n//!\n//! ## Why it matters\n//! `aws_vpc`\n//! ## How to fix it\n//! In `aws_subnet`.\n//!   resource \"aws_route_table\" \"x\" {}\n//!\n//! ## References\n//! - aws_instance\n\nconst RULE = #{};\n//! aws_eip\n";
        let section = section(text);
        for (name, wanted) in [
            ("aws_subnet", true),
            ("aws_route_table", true),
            ("aws_route", false),
            ("aws_vpc", false),
            ("aws_instance", false),
            ("aws_eip", false),
        ] {
            assert_eq!(mentions(section, name), wanted, "{name}");
        }
    }

    #[test]
    fn an_attribute_with_the_documented_value_is_not_the_cause_if_another_one_is_wrong() {
        let instructions = "x\n## How to fix it\n\n- Terraform: `public = false`, `ipv6 = false`, `tokens = \"required\"`.\n";
        let entries = ["aws_subnet.public", "aws_subnet.ipv6", "aws_subnet.size", "aws_subnet"];
        let entries = entries.map(str::to_owned);
        for (evidence, wanted) in [
            (vec![json!({ "public": false, "ipv6": true })], &entries[1..]),
            (vec![json!({ "public": true, "ipv6": true })], &entries[..]),
            (vec![json!({ "public": false, "ipv6": false })], &entries[..]),
            (vec![json!({ "public": false, "ipv6": null })], &entries[..]),
            (vec![json!({ "public": false, "size": 1 })], &entries[..]),
            (vec![json!({ "public": false }), json!({ "ipv6": true })], &entries[1..]),
            (
                vec![json!({ "public": false, "ipv6": true }), json!({ "public": true })],
                &entries[..],
            ),
            (vec![], &entries[..]),
            (vec![json!("text")], &entries[..]),
        ] {
            assert_eq!(causes(&entries, instructions, &evidence), wanted, "{evidence:?}");
        }
        // With other values than the documented ones, none is known to be right.
        let evidence = [json!({ "public": false, "ipv6": true })];
        assert_eq!(causes(&entries, "", &evidence), entries);
        assert!(has_value(&json!({ "tokens": "required" }), "tokens", "\"required\""));
    }
}
