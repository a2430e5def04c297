//! Blocks, attributes and expressions.

use std::ops::Range;

/// How deep blocks and expressions are kept.
pub(super) const MAX_DEPTH: usize = 48;

/// A block, or a whole file, which has no type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Its type: `resource`, `metadata_options`.
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its header, from the type to the last label.
    pub header: Range<usize>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Its blocks. `dynamic "x"` is a block `x` with the content.
    pub blocks: Vec<Block>,
    /// For a `dynamic` block: what it iterates over.
    pub dynamic: Option<Dynamic>,
}

/// What a `dynamic` block iterates over.
#[derive(Debug, Clone, PartialEq)]
pub struct Dynamic {
    /// The name of the iterator, which is that of the block unless it is set.
    pub iterator: String,
    /// `for_each`.
    pub for_each: Expr,
}

impl Dynamic {
    /// Whether it generates at least one block, whatever the values of expressions are.
    pub fn is_certain(&self) -> bool {
        match &self.for_each.value {
            Value::List(items) => !items.is_empty(),
            Value::Object(items) => !items.is_empty(),
            Value::Literal(_) | Value::Other => false,
        }
    }

    /// Whether it generates no block.
    pub fn is_empty(&self) -> bool {
        match &self.for_each.value {
            Value::List(items) => items.is_empty(),
            // An object has more keys than those that are literal.
            Value::Object(items) => items.is_empty() && self.for_each.span.len() == "{}".len(),
            Value::Literal(_) | Value::Other => false,
        }
    }
}

/// An attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Where the name is.
    pub key: Range<usize>,
    /// Its value.
    pub value: Expr,
}

/// An expression.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expr {
    /// Where it is.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
    /// What it reads, in order.
    pub references: Vec<Reference>,
    /// Whether it is one reference and nothing else, so that it has the value of that.
    pub is_reference: bool,
}

/// What an expression is, as far as that is visible without evaluating it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// A string, a number, a boolean or `null`, as text.
    Literal(String),
    /// A list.
    List(Vec<Expr>),
    /// An object: what its keys are, if they are literal.
    Object(Vec<Attribute>),
    /// Anything else.
    #[default]
    Other,
}

/// A reference: `var.versioning["enabled"]` has the root `var`, the name `versioning` and the key
/// `enabled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The first name: `var`, `local`, `each`, a type of resources, an iterator.
    pub root: String,
    /// The second name.
    pub name: Option<String>,
    /// The third name, or the key that follows the second.
    pub key: Option<String>,
}

impl Block {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The literal value of an attribute.
    pub fn literal(&self, name: &str) -> Option<&str> {
        self.attribute(name)?.value.literal()
    }

    /// The blocks of a type.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Self> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// Turns `dynamic "x" { content {} }` into the block `x` that it generates.
    pub(super) fn undynamic(mut self) -> Self {
        let is_dynamic = self.kind == "dynamic" && self.labels.len() == 1;
        let Some(name) = self.labels.first().filter(|_| is_dynamic).cloned() else { return self };
        let at = self.blocks.iter().position(|block| block.kind == "content");
        let content = at.map(|at| self.blocks.swap_remove(at)).unwrap_or_default();
        let iterator = self.attribute("iterator").and_then(|iterator| {
            iterator.value.references.first().map(|reference| reference.root.clone())
        });
        let for_each = self.attribute("for_each").map(|list| list.value.clone());
        Self {
            header: self.header,
            attributes: content.attributes,
            blocks: content.blocks,
            dynamic: Some(Dynamic {
                iterator: iterator.unwrap_or_else(|| name.clone()),
                for_each: for_each.unwrap_or_default(),
            }),
            kind: name,
            labels: Vec::new(),
        }
    }
}

impl Expr {
    /// The value, if it is a literal.
    pub fn literal(&self) -> Option<&str> {
        match &self.value {
            Value::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it consists of literals only.
    pub fn is_literal(&self) -> bool {
        match &self.value {
            Value::Literal(_) => true,
            Value::List(items) => items.iter().all(Self::is_literal),
            Value::Object(items) => items.iter().all(|item| item.value.is_literal()),
            Value::Other => false,
        }
    }

    /// The literal values of a list, or of one value; `None` if one of them is not a literal.
    pub fn literals(&self) -> Option<Vec<&str>> {
        match &self.value {
            Value::Literal(text) if text == "null" => Some(Vec::new()),
            Value::Literal(text) => Some(vec![text]),
            Value::List(items) => items.iter().map(Self::literal).collect(),
            Value::Object(_) | Value::Other => None,
        }
    }

    /// The attribute of an object.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        match &self.value {
            Value::Object(items) => items.iter().find(|item| item.name == name),
            _ => None,
        }
    }
}
