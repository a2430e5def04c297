//! YAML as a tree with line numbers. Everything is text, as written: account ids with leading zeros
//! are not numbers. Keys stay in order and are not merged, so that duplicates can be reported.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};

/// The maximum number of nodes, including those that aliases repeat.
const MAX_NODES: usize = 200_000;
/// The maximum depth; mute lists need six levels.
const MAX_DEPTH: usize = 32;

/// A node, and the 1-based line on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Its text, if it is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Text(_) => 0,
            Value::List(items) => items.iter().map(Self::size).sum(),
            Value::Map(entries) => entries.iter().map(|(k, v)| k.size() + v.size()).sum(),
        }
    }
}

/// A list or map that is being read.
struct Open {
    line: usize,
    anchor: usize,
    is_map: bool,
    items: Vec<Node>,
}

/// Parses the only document of a text. An error is a line and what is wrong there.
pub(super) fn parse(text: &str) -> Result<Option<Node>, (usize, String)> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Node> = HashMap::new();
    let mut root = None;
    let mut nodes = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        let too_large = || (line, "the file is too large or too deeply nested".to_owned());
        let finished = match event {
            Event::Scalar(text, _, anchor, _) => {
                Some((anchor, Node { line, value: Value::Text(text.into_owned()) }))
            }
            Event::Alias(id) => {
                let node = anchors
                    .get(&id)
                    .ok_or_else(|| (line, "an alias refers to the node it is in".to_owned()))?;
                nodes = nodes.saturating_add(node.size());
                if nodes > MAX_NODES {
                    return Err(too_large());
                }
                Some((0, Node { line, ..node.clone() }))
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let is_map = matches!(event, Event::MappingStart(..));
                if open.len() >= MAX_DEPTH {
                    return Err(too_large());
                }
                open.push(Open { line, anchor, is_map, items: Vec::new() });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|open| {
                let value = if open.is_map { pairs(open.items) } else { Value::List(open.items) };
                (open.anchor, Node { line: open.line, value })
            }),
            Event::DocumentStart(_) if root.is_some() => {
                return Err((line, "the file has several documents".to_owned()));
            }
            _ => None,
        };
        let Some((anchor, node)) = finished else { continue };
        nodes += 1;
        if nodes > MAX_NODES {
            return Err(too_large());
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            Some(open) => open.items.push(node),
            None => root = Some(node),
        }
    }
    Ok(root)
}

fn pairs(items: Vec<Node>) -> Value {
    let mut entries = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        entries.push((key, value));
    }
    Value::Map(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_text_and_aliases_are_repeated() {
        let node = parse("a: &x [012, yes]\nb: *x\na: {c: }\n").unwrap().unwrap();
        let Value::Map(entries) = node.value else { panic!() };
        let keys: Vec<_> = entries.iter().map(|(key, _)| (key.text().unwrap(), key.line)).collect();
        assert_eq!(keys, [("a", 1), ("b", 2), ("a", 3)]);
        let Value::List(items) = &entries[1].1.value else { panic!() };
        assert_eq!(
            items.iter().map(|item| item.text().unwrap()).collect::<Vec<_>>(),
            ["012", "yes"]
        );
    }

    #[test]
    fn hostile_files_are_errors() {
        let bomb: String = (0..40)
            .map(|n| match n {
                0 => "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(),
                n => {
                    let alias = format!("*a{}", n - 1);
                    format!("a{n}: &a{n} [{}]\n", vec![alias; 10].join(", "))
                }
            })
            .collect();
        let deep = "[".repeat(50_000);
        for text in [bomb.as_str(), &deep, "a: [", "a: *x", "--- a\n--- b\n", "&a [*a]", "\t- x: {"]
        {
            let shown: String = text.chars().take(30).collect();
            assert!(parse(text).is_err(), "{shown}");
        }
        assert_eq!(parse(""), Ok(None));
    }
}
