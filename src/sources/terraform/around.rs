//! The block around a line of a file: what a place from a report is in now, and what the block says
//! about changes of an attribute.

use std::ops::Range;

use super::hcl::{self, Attribute, Block, Dynamic, Expr, Value};

/// The outermost blocks of a file.
#[derive(Debug)]
pub struct Blocks {
    /// With the lines of their headers, in order.
    blocks: Vec<(u32, Block)>,
    /// The lines of heredocs, whose text is not code.
    heredocs: Vec<Range<u32>>,
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
        let line = |at: usize| {
            let line = starts.partition_point(|end| *end < at) + 1;
            u32::try_from(line).unwrap_or(u32::MAX)
        };
        let mut heredocs = Vec::new();
        for block in &file.blocks {
            walk(block, &mut Vec::new(), true, &mut |found| {
                let span = &found.attribute.value.span;
                if text.get(span.clone()).is_some_and(|value| value.starts_with("<<")) {
                    heredocs.push(line(span.start) + 1..line(span.end));
                }
            });
        }
        let mut blocks: Vec<(u32, Block)> =
            file.blocks.into_iter().map(|block| (line(block.header.start), block)).collect();
        blocks.sort_by_key(|(_, block)| block.header.start);
        Self { blocks, heredocs }
    }

    /// The block around a line of code: the last one that begins before or on it.
    pub fn at(&self, line: u32) -> Option<Outer<'_>> {
        if self.heredocs.iter().any(|heredoc| heredoc.contains(&line)) {
            return None;
        }
        let after = self.blocks.partition_point(|(header, _)| *header <= line);
        let (line, block) = self.blocks.get(after.checked_sub(1)?)?;
        Some(Outer { line: *line, kind: &block.kind, labels: &block.labels })
    }
}

/// The outermost block around a line, with the blocks of other files that are merged with it.
#[derive(Debug)]
pub struct Around {
    /// All blocks of the resource, the one with the highest precedence first.
    blocks: Vec<Block>,
    /// Which of them is around the line.
    own: usize,
    /// The range of the line in the text.
    line: Range<usize>,
}

/// How many attributes of a resource have a value, and how many have another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// With the value.
    pub right: usize,
    /// With another one, or in a block that may not be generated.
    pub other: usize,
}

impl Settings {
    /// Whether the value is set, and no other one.
    pub fn is_right(self) -> bool {
        self.right > 0 && self.other == 0
    }
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
        let block = before.max_by_key(|block| block.header.start)?;
        Some(Self { blocks: vec![block], own: 0, line })
    }

    /// Adds what other files of the folder say of the same resource. `others`: their texts, and whether
    /// they are JSON; first those with a lower precedence, then those with a higher one.
    pub fn merge(&mut self, [lower, higher]: [Vec<(String, bool)>; 2]) {
        let Some(own) = self.blocks.get(self.own) else { return };
        let (kind, labels) = (own.kind.clone(), own.labels.clone());
        let is_same = |block: &Block| block.kind == kind && block.labels == labels;
        let blocks = |files: Vec<(String, bool)>| {
            let mut found: Vec<Block> = Vec::new();
            for (text, is_json) in files {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                found.extend(hcl::read(text, is_json).0.blocks.into_iter().filter(&is_same));
            }
            found.reverse();
            found
        };
        let higher = blocks(higher);
        self.own += higher.len();
        self.blocks.splice(0..0, higher);
        self.blocks.extend(blocks(lower));
    }

    fn block(&self) -> Option<&Block> {
        self.blocks.get(self.own)
    }

    /// Its type: `resource`, `module`.
    pub fn kind(&self) -> &str {
        self.block().map_or("", |block| &block.kind)
    }

    /// Its labels.
    pub fn labels(&self) -> &[String] {
        self.block().map_or(&[], |block| &block.labels)
    }

    /// Visits all attributes of the block around the line.
    fn walk<'a>(&'a self, visit: Visit<'a, '_>) {
        if let Some(block) = self.block() {
            walk(block, &mut Vec::new(), true, visit);
        }
    }

    /// How many attributes of that name the block around the line contains, in nested blocks and
    /// objects as well.
    pub fn count(&self, name: &str) -> usize {
        let mut count = 0;
        self.walk(&mut |found| count += usize::from(found.attribute.name == name));
        count
    }

    /// Whether the block around the line has an attribute of that name.
    pub fn has(&self, name: &str) -> bool {
        self.block().is_some_and(|block| block.attribute(name).is_some())
    }

    /// The paths of the attributes of that name on the line: `metadata_options.http_tokens`.
    pub fn paths(&self, name: &str) -> Vec<String> {
        let mut paths = Vec::new();
        self.walk(&mut |found| {
            if found.attribute.name == name && self.line.contains(&found.attribute.key.start) {
                paths.push([found.path, &[name]].concat().join("."));
            }
        });
        paths
    }

    /// The attribute of the line whose name begins at a column, from 1, in characters: its name, and
    /// whether its value reads nothing.
    pub fn at_column(&self, text: &str, column: u32) -> Option<(String, bool)> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let index = usize::try_from(column).ok()?.checked_sub(1)?;
        let (at, _) = text.get(self.line.clone())?.char_indices().nth(index)?;
        let mut named = None;
        self.walk(&mut |found| {
            let Attribute { name, key, value } = found.attribute;
            // A quoted key begins with the quotation mark.
            let is_at = key.start.abs_diff(self.line.start + at) <= 1;
            if named.is_none() && is_at {
                named = Some((name.clone(), value.references.is_empty()));
            }
        });
        named
    }

    /// How many attributes of the resource with this path have a literal value, which is without
    /// quotation marks. Blocks and attributes of override files replace those of others.
    pub fn settings(&self, path: &str, value: &str) -> Settings {
        let names: Vec<&str> = path.split('.').collect();
        let mut settings = Settings::default();
        let Some(first) = names.first() else { return settings };
        let has_first = |block: &&Block| {
            block.attribute(first).is_some() || block.of_kind(first).next().is_some()
        };
        let Some(block) = self.blocks.iter().find(has_first) else { return settings };
        walk(block, &mut Vec::new(), true, &mut |found| {
            if [found.path, &[found.attribute.name.as_str()]].concat() == names {
                let is_right = found.is_generated && found.attribute.value.literal() == Some(value);
                settings.right += usize::from(is_right);
                settings.other += usize::from(!is_right);
            }
        });
        settings
    }

    /// Whether a text has a resource of a type whose argument of that name does not refer to another
    /// resource than the argument of the block around the line.
    pub fn has_beside(
        &self,
        text: &str,
        is_json: bool,
        resource_type: &str,
        argument: &str,
    ) -> bool {
        let referred = |block: &Block| {
            let value = &block.attribute(argument)?.value;
            let reference = value.references.first().filter(|_| value.is_reference)?;
            let is_resource = reference.root.starts_with("aws_");
            is_resource.then(|| (reference.root.clone(), reference.name.clone()))
        };
        let own = self.block().and_then(referred);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (file, _) = hcl::read(text, is_json);
        let mut of_type = file.blocks.iter().filter(|block| {
            block.kind == "resource" && block.labels.first().is_some_and(|of| of == resource_type)
        });
        of_type.any(|block| match (&own, referred(block)) {
            (Some(own), Some(other)) => *own == other,
            _ => true,
        })
    }

    /// Whether the line is in a `dynamic` block that may not be generated.
    pub fn is_conditional(&self) -> bool {
        let mut is_conditional = false;
        self.walk(&mut |found| {
            let is_here = self.line.contains(&found.attribute.key.start);
            is_conditional |= is_here && !found.is_generated;
        });
        is_conditional
    }

    /// Whether Terraform ignores changes of the attribute on the line, because `ignore_changes` lists
    /// it or what contains it.
    pub fn is_ignored(&self) -> bool {
        let mut is_ignored = false;
        self.walk(&mut |found| {
            if self.line.contains(&found.attribute.key.start) {
                let path = [found.path, &[found.attribute.name.as_str()]].concat();
                is_ignored |= ignores(&self.blocks, &path);
            }
        });
        is_ignored
    }
}

/// An attribute of a block.
struct Visited<'a, 'p> {
    attribute: &'a Attribute,
    /// The names of what contains it.
    path: &'p [&'a str],
    /// Whether no `dynamic` block around it can be empty.
    is_generated: bool,
}

type Visit<'a, 'v> = &'v mut dyn FnMut(&Visited<'a, '_>);

/// Visits all attributes.
fn walk<'a>(block: &'a Block, path: &mut Vec<&'a str>, is_generated: bool, visit: Visit<'a, '_>) {
    for attribute in &block.attributes {
        walk_attribute(attribute, path, is_generated, visit);
    }
    for inner in &block.blocks {
        path.push(&inner.kind);
        let is_certain = inner.dynamic.as_ref().is_none_or(Dynamic::is_certain);
        walk(inner, path, is_generated && is_certain, visit);
        path.pop();
    }
}

fn walk_attribute<'a>(
    attribute: &'a Attribute,
    path: &mut Vec<&'a str>,
    is_generated: bool,
    visit: Visit<'a, '_>,
) {
    visit(&Visited { attribute, path, is_generated });
    path.push(&attribute.name);
    walk_value(&attribute.value, path, is_generated, visit);
    path.pop();
}

fn walk_value<'a>(
    value: &'a Expr,
    path: &mut Vec<&'a str>,
    is_generated: bool,
    visit: Visit<'a, '_>,
) {
    match &value.value {
        Value::Object(items) => {
            items.iter().for_each(|item| walk_attribute(item, path, is_generated, visit));
        }
        Value::List(items) => {
            items.iter().for_each(|item| walk_value(item, path, is_generated, visit));
        }
        Value::Literal(_) | Value::Other => {}
    }
}

/// Whether `ignore_changes` in the `lifecycle` of these blocks, which are of one resource, contains the
/// attribute at a path. The block with the highest precedence is the first one: its list replaces those of
/// others, unless it is empty.
pub fn ignores<'a>(blocks: impl IntoIterator<Item = &'a Block>, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    // `all`, or names such as `tags["x"]` and `metadata_options[0].http_tokens`. The positions of blocks
    // in the state are not known here.
    let lists = |list: &Expr, is_name: &dyn Fn(&str) -> bool| {
        let referred = list.references.iter().any(|reference| {
            let inner = [&reference.name, &reference.key];
            is_name(&reference.root)
                && inner.into_iter().flatten().all(|name| rest.contains(&name.as_str()))
        });
        // In JSON, and as before Terraform 0.12.
        referred || list.literals().unwrap_or_default().into_iter().any(is_name)
    };
    let is_all = |name: &str| matches!(name, "all" | "*");
    let is_empty = |list: &Expr| matches!(&list.value, Value::List(items) if items.is_empty());
    let all: Vec<&Expr> = blocks.into_iter().flat_map(ignored).collect();
    let counts = all.iter().find(|list| !is_empty(list));
    counts.is_some_and(|list| lists(list, &|name| name == *first))
        || all.iter().any(|list| lists(list, &is_all))
}

/// The `ignore_changes` of a block. In JSON, `lifecycle` is an object.
fn ignored(block: &Block) -> impl Iterator<Item = &Expr> {
    let blocks = block.of_kind("lifecycle");
    let in_blocks = blocks.filter_map(|lifecycle| lifecycle.attribute("ignore_changes"));
    let object = block.attribute("lifecycle").map(|lifecycle| match &lifecycle.value.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&lifecycle.value),
    });
    let objects = object.unwrap_or_default().iter();
    let in_objects = objects.filter_map(|lifecycle| lifecycle.attribute("ignore_changes"));
    in_blocks.chain(in_objects).map(|list| &list.value)
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
