//! The block around a line of a file: what a place from a report is in now, and what the block says
//! about changes of an attribute.

use std::ops::Range;

use super::hcl::{self, Attribute, Block, Expr, Value};

/// The outermost blocks of a file.
#[derive(Debug)]
pub struct Blocks {
    /// With the lines of their headers, in order.
    blocks: Vec<(u32, Block)>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outer<'a> {
    /// The line of its header, from 1.
    pub line: u32,
    /// Its type: `resource`, `module`.
    pub kind: &'a str,
    /// Its labels.
    pub labels: &'a [String],
}

impl Blocks {
    /// The blocks in the text of a file.
    pub fn read(text: &str, is_json: bool) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let (file, _) = hcl::read(text, is_json);
        let line = |block: &Block| {
            let line = starts.partition_point(|end| *end < block.header.start) + 1;
            u32::try_from(line).unwrap_or(u32::MAX)
        };
        let mut blocks: Vec<(u32, Block)> =
            file.blocks.into_iter().map(|block| (line(&block), block)).collect();
        blocks.sort_by_key(|(_, block)| block.header.start);
        Self { blocks }
    }

    /// The block around a line: the last one that begins before or on it.
    pub fn at(&self, line: u32) -> Option<Outer<'_>> {
        let after = self.blocks.partition_point(|(header, _)| *header <= line);
        let (line, block) = self.blocks.get(after.checked_sub(1)?)?;
        Some(Outer { line: *line, kind: &block.kind, labels: &block.labels })
    }
}

/// The outermost block around a line.
#[derive(Debug)]
pub struct Around {
    block: Block,
    /// The range of the line in the text.
    line: Range<usize>,
}

impl Around {
    /// The block around a line, from 1, in the text of a file.
    pub fn new(text: &str, is_json: bool, line: u32) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let mut lines = text.split_inclusive('\n');
        let start = lines.by_ref().take(index).map(str::len).sum();
        let line = start..start + lines.next()?.len();
        let (file, _) = hcl::read(text, is_json);
        // The last one that begins before the line ends: blocks have no end here.
        let before = file.blocks.into_iter().filter(|block| block.header.start < line.end);
        Some(Self { block: before.max_by_key(|block| block.header.start)?, line })
    }

    /// Its type: `resource`, `module`.
    pub fn kind(&self) -> &str {
        &self.block.kind
    }

    /// Its labels.
    pub fn labels(&self) -> &[String] {
        &self.block.labels
    }

    /// How many attributes of that name it contains, in nested blocks and objects as well.
    pub fn count(&self, name: &str) -> usize {
        let mut count = 0;
        walk(&self.block, &mut Vec::new(), &mut |attribute, _| {
            count += usize::from(attribute.name == name);
        });
        count
    }

    /// The paths of the attributes of that name on the line: `metadata_options.http_tokens`.
    pub fn paths(&self, name: &str) -> Vec<String> {
        let mut paths = Vec::new();
        walk(&self.block, &mut Vec::new(), &mut |attribute, path| {
            if attribute.name == name && self.line.contains(&attribute.key.start) {
                paths.push([path, &[name]].concat().join("."));
            }
        });
        paths
    }

    /// How many attributes of that name it contains with another value than this literal, which is
    /// without quotation marks.
    pub fn count_other(&self, name: &str, value: &str) -> usize {
        let mut count = 0;
        walk(&self.block, &mut Vec::new(), &mut |attribute, _| {
            let is_other = attribute.name == name && attribute.value.literal() != Some(value);
            count += usize::from(is_other);
        });
        count
    }

    /// Whether Terraform ignores changes of the attribute on the line, because `ignore_changes` lists
    /// it or what contains it.
    pub fn is_ignored(&self) -> bool {
        let mut is_ignored = false;
        walk(&self.block, &mut Vec::new(), &mut |attribute, path| {
            if self.line.contains(&attribute.key.start) {
                let path = [path, &[attribute.name.as_str()]].concat();
                is_ignored |= ignores([&self.block], &path);
            }
        });
        is_ignored
    }
}

/// Visits all attributes, with the names of what contains them.
fn walk<'a>(
    block: &'a Block,
    path: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Attribute, &[&'a str]),
) {
    for attribute in &block.attributes {
        walk_attribute(attribute, path, visit);
    }
    for inner in &block.blocks {
        path.push(&inner.kind);
        walk(inner, path, visit);
        path.pop();
    }
}

fn walk_attribute<'a>(
    attribute: &'a Attribute,
    path: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Attribute, &[&'a str]),
) {
    visit(attribute, path);
    path.push(&attribute.name);
    walk_value(&attribute.value, path, visit);
    path.pop();
}

fn walk_value<'a>(
    value: &'a Expr,
    path: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Attribute, &[&'a str]),
) {
    match &value.value {
        Value::Object(items) => {
            items.iter().for_each(|item| walk_attribute(item, path, visit));
        }
        Value::List(items) => items.iter().for_each(|item| walk_value(item, path, visit)),
        Value::Literal(_) | Value::Other => {}
    }
}

/// Whether `ignore_changes` in the `lifecycle` of one of these blocks, which are of one resource,
/// contains the attribute at a path.
pub fn ignores<'a>(blocks: impl IntoIterator<Item = &'a Block>, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let lists = blocks.into_iter().flat_map(|block| block.of_kind("lifecycle"));
    let mut lists = lists.filter_map(|lifecycle| lifecycle.attribute("ignore_changes"));
    lists.any(|list| {
        // `all`, or names such as `tags["x"]` and `metadata_options[0].http_tokens`. The positions of
        // blocks in the state are not known here.
        let is_name = |name: &str| name == *first || matches!(name, "all" | "*");
        let referred = list.value.references.iter().any(|reference| {
            let inner = [&reference.name, &reference.key];
            is_name(&reference.root)
                && inner.into_iter().flatten().all(|name| rest.contains(&name.as_str()))
        });
        // In JSON, and as before Terraform 0.12.
        let literals = list.value.literals().unwrap_or_default();
        referred || literals.into_iter().any(is_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_around_a_line_is_the_last_that_begins_before_it() {
        let text = "\u{feff}resource \"aws_vpc\" \"a\" {\n  x = 1\n  b {\n    x = 2\n  }\n}\nmodule \"m\" {\n  y = { x = 1 }\n}\n";
        for (line, wanted, count) in
            [(1, "aws_vpc a", 2), (4, "aws_vpc a", 2), (6, "aws_vpc a", 2), (8, "m", 1)]
        {
            let around = Around::new(text, false, line).unwrap();
            assert_eq!(around.labels().join(" "), wanted, "{line}");
            assert_eq!(around.count("x"), count, "{line}");
        }
        assert!(Around::new(text, false, 0).is_none() && Around::new(text, false, 99).is_none());
        assert!(Around::new("x = 1\n", false, 1).is_none());
    }

    #[test]
    fn changes_are_ignored_by_name_by_path_and_altogether() {
        for (list, wanted) in [
            ("[metadata_options]", true),
            ("[ami, metadata_options]", true),
            ("[metadata_options[0].http_tokens]", true),
            ("[metadata_options[0].http_endpoint]", false),
            ("[\"metadata_options\"]", true),
            ("all", true),
            ("[\"*\"]", true),
            ("[http_tokens]", false),
            ("[ami]", false),
            ("[]", false),
        ] {
            let text = format!(
                "resource \"aws_instance\" \"a\" {{\n  ami = 1\n  metadata_options {{\n    http_tokens = \"optional\"\n  }}\n  lifecycle {{\n    ignore_changes = {list}\n  }}\n}}\n"
            );
            let around = Around::new(&text, false, 4).unwrap();
            assert_eq!(around.is_ignored(), wanted, "{list}");
            assert!(!Around::new(&text, false, 1).unwrap().is_ignored(), "{list}");
        }
    }
}
