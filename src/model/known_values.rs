//! What a plan knows of values that expressions in code refer to.

use serde_json::Value;

/// In values of expressions: in place of a value that is not known, or of a part of a string.
pub const NOT_KNOWN: char = '\u{e000}';
/// Starts a text in place of another one: of this, only the meaning is known.
pub const STAND_IN: char = '\u{e001}';

/// What a plan knows.
pub trait KnownValues {
    /// An attribute of the resource or data source at an address; `None` if it is not known.
    fn attribute(&self, address: &str, name: &str) -> Option<Value>;

    /// A variable of the root module; `None` if it is not known.
    fn variable(&self, name: &str) -> Option<Value>;
}

/// Whether a part of a value is not known.
pub fn is_open(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(NOT_KNOWN),
        Value::Array(items) => items.iter().any(is_open),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains(NOT_KNOWN) || is_open(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A block of a resource in code, such as the second of three blocks `statement`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPosition {
    /// The type of the block.
    pub kind: &'static str,
    /// Its position, from 0.
    pub position: usize,
    /// How many blocks of this type there are.
    pub number: usize,
}
