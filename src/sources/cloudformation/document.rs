//! A YAML or JSON file as a tree in which every node knows its range of bytes. Short tags of
//! CloudFormation (`!Ref`) are kept. An alias is the node that it refers to, not a copy, so that a
//! file takes memory in proportion to its size.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// The maximum number of nodes. The largest template that CloudFormation accepts has 1 MB.
const MAX_NODES: usize = 1_000_000;
/// The maximum depth.
const MAX_DEPTH: usize = 100;
/// How many nodes are compared before two values count as different.
const MAX_COMPARED: usize = 1_000;
/// How many merge keys (`<<`) are followed to find a key.
const MAX_MERGED: usize = 32;
/// How many conditions (`Fn::If`) are followed within one another.
const MAX_CONDITIONS: usize = 8;
/// How many values conditions can lead to.
const MAX_BRANCHES: usize = 1_000;

/// A file.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    /// Where lines start.
    lines: Vec<usize>,
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

/// A position among the nodes of a document.
pub(super) type NodeId = u32;

#[derive(Debug)]
struct Node {
    start: usize,
    end: usize,
    tag: Option<Box<str>>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Scalar(Box<str>, ScalarStyle),
    List(Box<[NodeId]>),
    Map(Box<[(NodeId, NodeId)]>),
}

/// A line and its columns, from 1; columns are in characters, and the last one is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_column: u32,
}

/// Why a file is not YAML, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub(crate) struct Invalid {
    line: usize,
    column: usize,
    message: String,
}

/// A list or map that is being read.
struct Open {
    start: usize,
    anchor: usize,
    tag: Option<Box<str>>,
    is_map: bool,
    items: Vec<NodeId>,
}

impl Document {
    /// Parses a file with one document.
    pub(super) fn parse(text: String) -> Result<Self, Invalid> {
        let source = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let readable = without_surrogates(source);
        let bytes = Bytes::new(&text, text.len() - source.len());
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, NodeId> = HashMap::new();
        let mut nodes: Vec<Node> = Vec::new();
        let mut root = None;
        for event in Parser::new_from_str(readable.as_deref().unwrap_or(source)) {
            let (event, span) = event.map_err(|error| Invalid {
                line: error.marker().line(),
                column: error.marker().col() + 1,
                message: error.info().to_owned(),
            })?;
            let invalid = |message: &str| Invalid {
                line: span.start.line(),
                column: span.start.col() + 1,
                message: message.to_owned(),
            };
            let (start, end) = (bytes.at(span.start.index()), bytes.at(span.end.index()));
            let finished = match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let value = Value::Scalar(text.into(), style);
                    nodes.push(Node { start, end, tag: tag.as_deref().map(short), value });
                    Some((anchor, last(&nodes)))
                }
                Event::Alias(id) => {
                    let node = anchors
                        .get(&id)
                        .ok_or_else(|| invalid("an alias refers to the node that contains it"))?;
                    Some((0, *node))
                }
                Event::SequenceStart(anchor, ref tag) | Event::MappingStart(anchor, ref tag) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(invalid("the file is too deeply nested"));
                    }
                    open.push(Open {
                        start,
                        anchor,
                        tag: tag.as_deref().map(short),
                        is_map: matches!(event, Event::MappingStart(..)),
                        items: Vec::new(),
                    });
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => open.pop().map(|open| {
                    let value = match open.is_map {
                        true => Value::Map(
                            open.items.as_chunks().0.iter().map(|[k, v]| (*k, *v)).collect(),
                        ),
                        false => Value::List(open.items.into()),
                    };
                    let end = end.max(open.start);
                    nodes.push(Node { start: open.start, end, tag: open.tag, value });
                    (open.anchor, last(&nodes))
                }),
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(invalid("the file has several documents"));
                }
                _ => None,
            };
            if nodes.len() > MAX_NODES {
                return Err(invalid("the file is too large"));
            }
            let Some((anchor, node)) = finished else { continue };
            if anchor > 0 {
                anchors.insert(anchor, node);
            }
            match open.last_mut() {
                Some(open) => open.items.push(node),
                None => root = Some(node),
            }
        }
        Ok(Self { text, lines, nodes, root })
    }

    /// Its only node, unless it is empty.
    pub(super) fn root(&self) -> Option<View<'_>> {
        Some(View { document: self, id: self.root? })
    }

    /// The node with that id.
    pub(super) fn view(&self, id: NodeId) -> View<'_> {
        View { document: self, id }
    }

    /// The position of a range of bytes: to its end if that is on the same line, else to the end of
    /// the line.
    fn position(&self, start: usize, end: usize) -> Position {
        let line = self.lines.partition_point(|line| *line <= start).max(1);
        let line_start = self.lines.get(line - 1).copied().unwrap_or(0);
        let next = self.lines.get(line).copied().unwrap_or(self.text.len());
        let whole = self.text.get(line_start..next).unwrap_or_default();
        let line_end = line_start + whole.trim_end_matches(['\n', '\r']).len();
        let column = |to: usize| {
            let before = self.text.get(line_start..to.min(line_end)).unwrap_or_default();
            let count = match before.is_ascii() {
                // Most lines, and the only ones of minified templates, which are long.
                true => before.len(),
                // Editors and GitHub do not count a byte order mark.
                false => before.chars().filter(|c| *c != '\u{feff}').count(),
            };
            u32::try_from(count).unwrap_or(u32::MAX - 1) + 1
        };
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: column(start),
            end_column: column(end).max(column(start)),
        }
    }
}

fn last(nodes: &[Node]) -> NodeId {
    // `MAX_NODES` is far below the limit of the type.
    NodeId::try_from(nodes.len().saturating_sub(1)).unwrap_or(NodeId::MAX)
}

/// A tag without its handle: `Ref` for `!Ref`.
fn short(tag: &Tag) -> Box<str> {
    if tag.is_yaml_core_schema() { "".into() } else { tag.suffix.as_str().into() }
}

/// JSON writes characters beyond 16 bits as two escapes, which YAML refuses. They are replaced by
/// others of the same length, so that positions stay.
fn without_surrogates(text: &str) -> Option<String> {
    let is_surrogate = |at: usize| {
        let digits = text.as_bytes().get(at + 2..at + 6).unwrap_or_default();
        digits.len() == 4
            && matches!(digits[0], b'd' | b'D')
            && matches!(digits[1], b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
            && digits.iter().all(u8::is_ascii_hexdigit)
    };
    let mut found = text.match_indices("\\u").filter(|(at, _)| is_surrogate(*at)).peekable();
    found.peek()?;
    let mut replaced = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in found {
        replaced.push_str(text.get(copied..at).unwrap_or_default());
        replaced.push_str("\\ufffd");
        copied = at + 6;
    }
    replaced.push_str(text.get(copied..).unwrap_or_default());
    Some(replaced)
}

/// Where characters start in bytes.
struct Bytes {
    /// Empty if all characters have one byte.
    starts: Vec<usize>,
    offset: usize,
    length: usize,
}

impl Bytes {
    fn new(text: &str, offset: usize) -> Self {
        let rest = text.get(offset..).unwrap_or_default();
        let starts = match rest.is_ascii() {
            true => Vec::new(),
            false => rest.char_indices().map(|(at, _)| at).collect(),
        };
        Self { starts, offset, length: text.len() }
    }

    fn at(&self, index: usize) -> usize {
        match self.starts.as_slice() {
            [] => (self.offset + index).min(self.length),
            starts => starts.get(index).map_or(self.length, |at| self.offset + at),
        }
    }
}

/// A node of a document.
#[derive(Clone, Copy)]
pub(super) struct View<'d> {
    document: &'d Document,
    id: NodeId,
}

/// A key of a map and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'d> {
    pub(super) key: View<'d>,
    pub(super) value: View<'d>,
}

/// Names of properties and attributes in one spelling: `kms_key_id` and `KMSKeyID` are equal.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

impl<'d> View<'d> {
    fn of(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    /// Its id, with which the document finds it again.
    pub(super) fn id(self) -> NodeId {
        self.id
    }

    fn node(self) -> Option<&'d Node> {
        self.document.nodes.get(self.id as usize)
    }

    fn tag(self) -> Option<&'d str> {
        self.node()?.tag.as_deref().filter(|tag| !tag.is_empty())
    }

    /// The text of a scalar, whatever its tag.
    pub(super) fn text(self) -> Option<&'d str> {
        match &self.node()?.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is not a function.
    pub(super) fn literal(self) -> Option<&'d str> {
        self.text().filter(|_| self.tag().is_none())
    }

    /// The range of bytes of a literal that is on one line, as written.
    pub(super) fn literal_range(self) -> Option<std::ops::Range<usize>> {
        self.literal()?;
        let node = self.node()?;
        let is_block =
            matches!(node.value, Value::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded));
        let written = self.document.text.get(node.start..node.end)?;
        (!is_block && !written.is_empty() && !written.contains('\n'))
            .then_some(node.start..node.end)
    }

    /// The items of a list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let items: &'d [NodeId] = match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        };
        items.iter().map(move |item| self.of(*item))
    }

    /// Whether it is a list.
    pub(super) fn is_list(self) -> bool {
        self.node().is_some_and(|node| matches!(node.value, Value::List(_)))
    }

    /// The entries of a map, without what merge keys add.
    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'d>> {
        let entries: &'d [(NodeId, NodeId)] = match self.node().map(|node| &node.value) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        };
        entries.iter().map(move |(key, value)| Entry { key: self.of(*key), value: self.of(*value) })
    }

    /// Whether it is a map.
    pub(super) fn is_map(self) -> bool {
        self.node().is_some_and(|node| matches!(node.value, Value::Map(_)))
    }

    /// The entry with that key.
    pub(super) fn get(self, key: &str) -> Option<Entry<'d>> {
        self.find(&|text| text == key, &mut MAX_MERGED.clone())
    }

    /// The value of that key.
    pub(super) fn value(self, key: &str) -> Option<Self> {
        self.get(key).map(|entry| entry.value)
    }

    /// The entry whose key has that name in [`plain_name`].
    pub(super) fn get_plain(self, name: &str) -> Option<Entry<'d>> {
        self.find(&|text| plain_name(text) == name, &mut MAX_MERGED.clone())
    }

    fn find(self, is_wanted: &dyn Fn(&str) -> bool, left: &mut usize) -> Option<Entry<'d>> {
        let own = self.entries().find(|entry| entry.key.text().is_some_and(is_wanted));
        own.or_else(|| {
            let merged = self.entries().find(|entry| entry.key.text() == Some("<<"))?.value;
            *left = left.checked_sub(1)?;
            match merged.is_list() {
                true => merged.items().take(MAX_MERGED).find_map(|item| item.find(is_wanted, left)),
                false => merged.find(is_wanted, left),
            }
        })
    }

    /// The name and the argument of an intrinsic function: `!Ref x` and `Ref: x` are (`Ref`, x);
    /// `!Sub x` and `Fn::Sub: x` are (`Sub`, x).
    pub(super) fn function(self) -> Option<(&'d str, Self)> {
        if let Some(tag) = self.tag() {
            return Some((tag, self));
        }
        let mut entries = self.entries();
        let entry = entries.next().filter(|_| entries.next().is_none())?;
        match entry.key.text()? {
            "Ref" => Some(("Ref", entry.value)),
            key => key.strip_prefix("Fn::").map(|name| (name, entry.value)),
        }
    }

    /// The logical id or parameter to which it refers as a whole: `!Ref A`, `!GetAtt A.B`,
    /// `!Sub "${A.B}"`.
    pub(super) fn reference(self) -> Option<&'d str> {
        let (name, argument) = self.function()?;
        let first = |text: &'d str| text.split('.').next();
        match name {
            "Ref" => argument.text(),
            "GetAtt" => match argument.text() {
                Some(text) => first(text),
                None => argument.items().next()?.literal(),
            },
            "Sub" => {
                let inner = argument.text()?.strip_prefix("${")?.strip_suffix('}')?;
                first(inner).filter(|inner| !inner.contains(['$', '{', '!']))
            }
            _ => None,
        }
    }

    /// The default of the parameter to which it refers.
    pub(super) fn default(self) -> Option<&'d str> {
        let name = self.function().filter(|(name, _)| *name == "Ref")?.1.text()?;
        let parameters = self.document.root()?.value("Parameters")?;
        parameters.value(name)?.value("Default")?.literal()
    }

    /// The values that it can have: those of the branches of `Fn::If`, without `AWS::NoValue`, or
    /// itself.
    pub(super) fn branches(self) -> Vec<Self> {
        let mut found = Vec::new();
        self.add_branches(&mut found, MAX_CONDITIONS);
        found
    }

    fn add_branches(self, found: &mut Vec<Self>, followed: usize) {
        match self.function() {
            Some(("If", argument)) if followed > 0 => {
                let branches = argument.items().skip(1).take(2);
                branches.for_each(|branch| branch.add_branches(found, followed - 1));
            }
            Some(("Ref", argument)) if argument.text() == Some("AWS::NoValue") => {}
            _ if found.len() < MAX_BRANCHES => found.push(self),
            _ => {}
        }
    }

    /// Whether a condition can remove it: one of the branches of `Fn::If` is `AWS::NoValue`.
    pub(super) fn is_optional(self) -> bool {
        self.can_be_none(MAX_CONDITIONS)
    }

    fn can_be_none(self, followed: usize) -> bool {
        match self.function() {
            Some(("If", argument)) if followed > 0 => {
                argument.items().skip(1).take(2).any(|branch| branch.can_be_none(followed - 1))
            }
            Some(("Ref", argument)) => argument.text() == Some("AWS::NoValue"),
            _ => false,
        }
    }

    /// The items of a list, with the branches of `Fn::If` in it and around it.
    pub(super) fn all_items(self) -> Vec<Self> {
        let mut found = Vec::new();
        for item in self.branches().into_iter().flat_map(Self::items) {
            if found.len() >= MAX_BRANCHES {
                break;
            }
            item.add_branches(&mut found, MAX_CONDITIONS);
        }
        found
    }

    /// Whether two values of a document are written alike.
    pub(super) fn is_same(self, other: Self) -> bool {
        self.compare(other, &mut MAX_COMPARED.clone())
    }

    fn compare(self, other: Self, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        if self.tag() != other.tag() {
            return false;
        }
        match (self.node().map(|node| &node.value), other.node().map(|node| &node.value)) {
            (Some(Value::Scalar(a, _)), Some(Value::Scalar(b, _))) => a == b,
            (Some(Value::List(a)), Some(Value::List(b))) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| self.of(*a).compare(other.of(*b), left))
            }
            (Some(Value::Map(a)), Some(Value::Map(b))) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| {
                        self.of(a.0).compare(other.of(b.0), left)
                            && self.of(a.1).compare(other.of(b.1), left)
                    })
            }
            _ => false,
        }
    }

    /// Its position.
    pub(super) fn position(self) -> Position {
        let (start, end) = self.node().map_or((0, 0), |node| (node.start, node.end));
        self.document.position(start, end)
    }
}

impl View<'_> {
    /// The last line on which it is. Blocks of YAML can seem to end on the line after them.
    pub(super) fn last_line(self) -> u32 {
        let end = self.node().map_or(0, |node| node.end);
        self.document.position(end, end).line
    }
}

impl Entry<'_> {
    /// The position of the key, with the value if that is on the same line.
    pub(super) fn position(self) -> Position {
        let position = self.key.position();
        let Some(value) = self.value.node() else { return position };
        let value_position = self.value.position();
        let written = self.value.document.text.get(value.start..value.end).unwrap_or_default();
        let is_on_line = value_position.line == position.line
            && value_position.column >= position.end_column
            && !written.trim_end().contains('\n');
        Position {
            end_column: if is_on_line { value_position.end_column } else { position.end_column },
            ..position
        }
    }
}
