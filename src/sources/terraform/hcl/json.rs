//! Terraform's JSON syntax (`.tf.json`). The reader is our own because positions are needed, which
//! `serde_json` does not give.

use std::ops::Range;

use super::scan;
use super::syntax::{Attribute, Block, Dynamic, Expr, MAX_DEPTH, Value};

/// Block types with a type and a name, with one name, and without.
const LABELS: [(&str, usize); 9] = [
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("locals", 0),
    ("moved", 0),
    ("removed", 0),
];

/// Reads a file. Returns also whether it was valid; if not, nothing is found.
pub fn read(text: &str) -> (Block, bool) {
    let mut reader = Reader { text, at: 0 };
    let root = reader.value(0);
    reader.blanks();
    let is_valid = root.is_some() && reader.at == text.len();
    let mut file = Block::default();
    if let Some(Expr { value: Value::Object(sections), .. }) = root {
        for section in sections {
            let known = LABELS.iter().find(|(kind, _)| *kind == section.name);
            if let Some((kind, labels)) = known {
                let mut blocks = Blocks { kind, labels: Vec::new(), found: &mut file.blocks };
                blocks.collect(section.value, section.key, *labels);
            }
        }
    }
    (file, is_valid)
}

/// Turns nested objects into blocks.
struct Blocks<'a> {
    kind: &'a str,
    labels: Vec<String>,
    found: &'a mut Vec<Block>,
}

impl Blocks<'_> {
    fn collect(&mut self, value: Expr, header: Range<usize>, missing: usize) {
        match value.value {
            // Several bodies, or several objects of labels.
            Value::List(items) => {
                for item in items {
                    self.collect(item, header.clone(), missing);
                }
            }
            Value::Object(attributes) if missing > 0 => {
                for attribute in attributes {
                    self.labels.push(attribute.name);
                    self.collect(attribute.value, attribute.key, missing - 1);
                    self.labels.pop();
                }
            }
            Value::Object(attributes) => {
                let mut block = Block {
                    kind: self.kind.to_owned(),
                    labels: self.labels.clone(),
                    header,
                    attributes,
                    ..Block::default()
                };
                block.add_dynamic();
                self.found.push(block);
            }
            Value::Literal(_) | Value::Other => {}
        }
    }
}

impl Block {
    /// Turns `"dynamic": {"x": {"content": {}}}` into the block `x` that it generates.
    fn add_dynamic(&mut self) {
        let Some(at) = self.attributes.iter().position(|item| item.name == "dynamic") else {
            return;
        };
        let dynamic = self.attributes.swap_remove(at);
        for named in objects(dynamic.value).into_iter().flatten() {
            for object in objects(named.value) {
                let mut block =
                    Self { kind: named.name.clone(), header: named.key.clone(), ..Self::default() };
                let mut iterator = named.name.clone();
                let mut for_each = Expr::default();
                for item in object {
                    match item.name.as_str() {
                        "content" => {
                            block.attributes.extend(objects(item.value).into_iter().flatten())
                        }
                        "for_each" => for_each = item.value,
                        "iterator" => {
                            iterator = item.value.literal().unwrap_or_default().to_owned()
                        }
                        _ => {}
                    }
                }
                block.dynamic = Some(Dynamic { iterator, for_each });
                block.add_dynamic();
                self.blocks.push(block);
            }
        }
    }
}

/// The attributes of an object, or of each object in a list.
fn objects(value: Expr) -> Vec<Vec<Attribute>> {
    match value.value {
        Value::Object(items) => vec![items],
        Value::List(items) => items.into_iter().flat_map(objects).collect(),
        Value::Literal(_) | Value::Other => Vec::new(),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, expected: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// A string: its text, and where it is between the quotation marks.
    fn string(&mut self) -> Option<(String, Range<usize>)> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let inside = start..self.at;
        self.at += 1;
        let quoted = self.text.get(start - 1..self.at)?;
        Some((serde_json::from_str(quoted).ok()?, inside))
    }

    fn value(&mut self, depth: usize) -> Option<Expr> {
        self.blanks();
        if depth > MAX_DEPTH {
            return None;
        }
        let start = self.at;
        let mut expr = Expr::default();
        expr.value = match self.peek()? {
            b'"' => {
                let (text, _) = self.string()?;
                if text.contains("${") || text.contains("%{") {
                    expr.references = scan::references(&text);
                    let inner = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
                    expr.is_reference = inner.is_some_and(scan::is_reference);
                    Value::Other
                } else {
                    Value::Literal(text)
                }
            }
            b'{' => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.take(b'}') {
                    loop {
                        let (name, key) = self.string()?;
                        if !self.take(b':') {
                            return None;
                        }
                        let value = self.value(depth + 1)?;
                        expr.references.extend(value.references.iter().cloned());
                        items.push(Attribute { name, key, value });
                        if !self.take(b',') {
                            break;
                        }
                    }
                    if !self.take(b'}') {
                        return None;
                    }
                }
                Value::Object(items)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.take(b']') {
                    loop {
                        let value = self.value(depth + 1)?;
                        expr.references.extend(value.references.iter().cloned());
                        items.push(value);
                        if !self.take(b',') {
                            break;
                        }
                    }
                    if !self.take(b']') {
                        return None;
                    }
                }
                Value::List(items)
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                {
                    self.at += 1;
                }
                let word = self.text.get(start..self.at).filter(|word| !word.is_empty())?;
                Value::Literal(word.to_owned())
            }
        };
        expr.span = start..self.at;
        Some(expr)
    }
}
