//! A tolerant reader of HCL, for files that `hcl-edit` rejects although Terraform accepts them, and for
//! files that are being edited. It knows strings, comments, heredocs and brackets, and finds blocks and
//! attributes by their shape. It takes linear time and accepts any text.

use std::ops::Range;

use super::syntax::{Attribute, Block, Expr, MAX_DEPTH, Reference, Value};

/// Reads a file.
pub fn scan(text: &str) -> Block {
    let mut scanner = Scanner { text, at: 0 };
    let mut file = Block::default();
    scanner.body(&mut file, 0);
    file
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, is_part: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    }

    fn skip_line(&mut self) {
        self.skip_while(|c| c != '\n');
    }

    /// Skips blanks on the line, and comments.
    fn skip_blanks(&mut self) {
        loop {
            self.skip_while(|c| c != '\n' && c.is_whitespace());
            if !self.skip_comment() {
                return;
            }
        }
    }

    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with('#') || rest.starts_with("//") {
            self.skip_line();
        } else if rest.starts_with("/*") {
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            return false;
        }
        true
    }

    fn word(&mut self) -> Option<(&'a str, Range<usize>)> {
        if !self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            return None;
        }
        let start = self.at;
        self.skip_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
        self.text.get(start..self.at).map(|word| (word, start..self.at))
    }

    /// Whether the scanner is at the first column, before a block that only a file can contain. If
    /// brackets are not balanced, it resumes there.
    fn at_top_level_block(&self) -> bool {
        let starts_line = self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n');
        let rest = self.rest();
        starts_line
            && ["resource \"", "module \"", "variable \"", "output \"", "data \"", "locals {"]
                .iter()
                .any(|start| rest.starts_with(start))
    }

    /// Blocks and attributes up to the closing brace, which is skipped.
    fn body(&mut self, block: &mut Block, depth: usize) {
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return,
                Some('}') => {
                    if depth > 0 {
                        self.bump();
                        return;
                    }
                    self.bump();
                }
                Some('\n') => self.bump(),
                Some(_) if depth > 0 && self.at_top_level_block() => return,
                Some(_) => self.statement(block, depth),
            }
        }
    }

    fn statement(&mut self, block: &mut Block, depth: usize) {
        let Some((word, key)) = self.word() else {
            // Not the start of anything: go on behind it.
            self.value(true);
            if !matches!(self.peek(), None | Some('\n' | '}')) {
                self.bump();
            }
            return;
        };
        self.skip_blanks();
        if self.rest().starts_with('=') && !self.rest().starts_with("==") {
            self.bump();
            self.skip_blanks();
            let value = self.value(false);
            block.attributes.push(Attribute { name: word.to_owned(), key, value });
            return;
        }
        let mut inner = Block { kind: word.to_owned(), header: key.clone(), ..Block::default() };
        loop {
            self.skip_blanks();
            let label = if self.peek() == Some('"') {
                let start = self.at;
                self.string();
                let inside = self.text.get(start + 1..self.at.saturating_sub(1));
                inside.unwrap_or_default().to_owned()
            } else if let Some((label, _)) = self.word() {
                label.to_owned()
            } else {
                break;
            };
            inner.labels.push(label);
            inner.header.end = self.at;
        }
        if self.peek() != Some('{') {
            return;
        }
        self.bump();
        if depth < MAX_DEPTH {
            self.body(&mut inner, depth + 1);
            block.blocks.push(inner.undynamic());
        } else {
            self.brackets();
        }
    }

    /// Skips a string, with the templates in it, and the strings in those.
    fn string(&mut self) {
        self.bump();
        // How many braces are open in each template around, the innermost one last.
        let mut templates: Vec<usize> = Vec::new();
        let mut is_in_string = true;
        while let Some(c) = self.peek() {
            if !templates.is_empty() && self.at_top_level_block() {
                return;
            }
            match (c, templates.last_mut()) {
                // A string ends on its line, except in a template.
                ('\n', None) => return,
                ('"', None) => {
                    self.bump();
                    return;
                }
                ('\n' | '"', Some(_)) if is_in_string => is_in_string = false,
                ('\\', _) if is_in_string => self.bump(),
                ('$' | '%', _) if is_in_string && self.is_escaped_template() => self.at += 2,
                ('{', _) if is_in_string && self.is_template() => {
                    templates.push(0);
                    is_in_string = false;
                }
                (_, _) if is_in_string => {}
                ('"', _) => is_in_string = true,
                ('{', Some(open)) => *open += 1,
                ('}', Some(0)) => {
                    templates.pop();
                    is_in_string = true;
                }
                ('}', Some(open)) => *open -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Whether `$${` or `%%{` is here, which is text.
    fn is_escaped_template(&self) -> bool {
        ["$${", "%%{"].iter().any(|start| self.rest().starts_with(start))
    }

    /// Whether the brace here starts a template.
    fn is_template(&self) -> bool {
        self.text.get(..self.at).is_some_and(|before| before.ends_with(['$', '%']))
    }

    /// Skips a heredoc, if there is one here.
    fn heredoc(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix("<<") else { return false };
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let Some(delimiter) = rest.get(..end).filter(|word| !word.is_empty()) else { return false };
        self.skip_line();
        while self.at < self.text.len() {
            self.bump();
            let start = self.at;
            self.skip_line();
            if self.text.get(start..self.at).is_some_and(|line| line.trim() == delimiter) {
                return true;
            }
        }
        true
    }

    /// Skips to the end of brackets that are open.
    fn brackets(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 && self.peek().is_some() {
            depth = self.token(depth);
        }
    }

    /// Skips one token, and returns how many brackets are open then.
    fn token(&mut self, depth: usize) -> usize {
        if self.skip_comment() || self.heredoc() {
            return depth;
        }
        match self.peek() {
            Some('"') => self.string(),
            Some('(' | '[' | '{') => {
                self.bump();
                return depth + 1;
            }
            Some(')' | ']' | '}') => {
                self.bump();
                return depth.saturating_sub(1);
            }
            _ => self.bump(),
        }
        depth
    }

    /// An expression, up to the end of the line outside of brackets. Only the skipping matters if
    /// `is_skipped`.
    fn value(&mut self, is_skipped: bool) -> Expr {
        let start = self.at;
        let mut end = start;
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            let closes = matches!(c, '\n' | '}' | ')' | ']');
            if depth == 0 && (closes || (c == '#' || self.rest().starts_with("//"))) {
                break;
            }
            if self.at > start && self.at_top_level_block() {
                break;
            }
            let is_blank = c.is_whitespace();
            depth = self.token(depth);
            if !is_blank {
                end = self.at;
            }
        }
        if is_skipped {
            return Expr::default();
        }
        let text = self.text.get(start..end).unwrap_or_default();
        Expr {
            span: start..end,
            value: literal(text),
            references: references(text),
            is_reference: is_reference(text),
        }
    }
}

/// The value of a literal or a list of literals.
fn literal(text: &str) -> Value {
    if let Some(text) = scalar(text) {
        return Value::Literal(text.to_owned());
    }
    let Some(items) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
        return Value::Other;
    };
    if items.trim().is_empty() {
        return Value::List(Vec::new());
    }
    let items = items.trim().trim_end_matches(',').split(',').map(|item| {
        let value = Value::Literal(scalar(item.trim())?.to_owned());
        Some(Expr { value, ..Expr::default() })
    });
    items.collect::<Option<Vec<_>>>().map_or(Value::Other, Value::List)
}

fn scalar(text: &str) -> Option<&str> {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    if matches!(text, "true" | "false" | "null") || is_number(text) {
        return Some(text);
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\']) && !inner.contains("${") && !inner.contains("%{"))
        .then_some(inner)
}

/// Whether a text is a reference of at most three names.
pub(super) fn is_reference(text: &str) -> bool {
    let found = references(text);
    let [Reference { root, name: Some(name), key }] = found.as_slice() else { return false };
    let start = format!("{root}.{name}");
    text.strip_prefix(&start).is_some_and(|rest| match key {
        None => rest.is_empty(),
        Some(key) => rest == format!(".{key}") || rest == format!("[\"{key}\"]"),
    })
}

/// The references in the text of an expression. Words in strings outside of templates count as well;
/// that is harmless, because they rarely look like one.
pub(super) fn references(text: &str) -> Vec<Reference> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphabetic() || c == '_') {
        let (_, from) = rest.split_at(start);
        let mut parts: Vec<&str> = Vec::new();
        let mut tail = from;
        loop {
            let end = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
            let (word, after) = tail.split_at(end);
            parts.push(word);
            tail = after;
            let next = tail.strip_prefix('.').filter(|next| next.starts_with(is_word));
            // A key ends at the next quotation mark.
            let quoted = tail.strip_prefix("[\"").and_then(|next| next.split_once('"'));
            let quoted = quoted.and_then(|(key, after)| Some((key, after.strip_prefix(']')?)));
            match (next, quoted) {
                (Some(next), _) => tail = next,
                (None, Some((key, after))) => {
                    parts.push(key);
                    tail = after;
                    match tail.strip_prefix('.').filter(|next| next.starts_with(is_word)) {
                        Some(next) => tail = next,
                        None => break,
                    }
                }
                _ => break,
            }
        }
        let is_call = tail.starts_with('(');
        let is_literal = parts.len() == 1 && matches!(parts[0], "true" | "false" | "null");
        if !is_call && !is_literal {
            let part = |at: usize| parts.get(at).map(|part| (*part).to_owned());
            found.push(Reference {
                root: part(0).unwrap_or_default(),
                name: part(1),
                key: part(2),
            });
        }
        rest = tail;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_those_of_terraform_end() {
        for value in [
            r#""a""#,
            r#""a\"}""#,
            r#""$${ } %%{ ""#,
            r#""${f("}")}""#,
            r#""${f("${g("}")}")}""#,
            r#""${f("${g("\"}")}{", { a = "b" })}}""#,
            r#""${f("$${", "%{ if a }${"{"}%{ endif }")}""#,
            r#""%{ for a in ["}"] }${a}%{ endfor }""#,
            "\"${\n  f(\n    \"}\"\n  )\n}\"",
        ] {
            let text = format!("a = {value}\nb {{\n  c = {value}\n  d = 1\n}}\ne = 2\n");
            let file = scan(&text);
            let names: Vec<&str> =
                file.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            assert_eq!(names, ["a", "e"], "{value}");
            let [block] = file.blocks.as_slice() else { panic!("{value}: {:?}", file.blocks) };
            assert_eq!(block.literal("d"), Some("1"), "{value}");
        }
    }
}
