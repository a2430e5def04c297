//! Facts in a compact form: one block of memory for each resource, a fraction of a JSON tree. An account
//! can have a million resources, of which rules read a few fields each.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::encoding::{known_number, name_of, tag, unzigzag};
use super::packer::Packer;

/// The facts of a resource: an object.
#[derive(Debug, Clone, PartialEq)]
pub struct CompactFacts(pub(super) Box<[u8]>);

/// A value in [`CompactFacts`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompactValue<'a>(&'a [u8]);

/// What a [`CompactValue`] is.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(&'a str),
    /// A list.
    List(Items<'a>),
    /// An object.
    Object(Entries<'a>),
}

impl CompactFacts {
    /// The same facts as a JSON object.
    pub fn of(facts: &Map<String, Value>) -> Self {
        let mut packer = Packer::default();
        // JSON has a compact form. A line of a snapshot cannot be as large as the largest value.
        let _ = facts.serialize(&mut packer);
        Self(packer.into_bytes())
    }

    /// The value of a field or fact.
    pub fn get(&self, name: &str) -> Option<CompactValue<'_>> {
        self.value().get(name)
    }

    /// The facts as JSON.
    #[cfg(test)]
    pub fn to_json(&self) -> Value {
        self.value().to_json()
    }

    fn value(&self) -> CompactValue<'_> {
        CompactValue(&self.0)
    }
}

impl<'a> CompactValue<'a> {
    /// What it is.
    pub fn content(self) -> Content<'a> {
        let mut rest = Cursor(self.0);
        let content = match rest.byte() {
            Some(tag::FALSE) => Some(Content::Bool(false)),
            Some(tag::TRUE) => Some(Content::Bool(true)),
            Some(tag::INT) => rest.varint().map(|n| Content::Number(unzigzag(n).into())),
            Some(tag::UINT) => rest.varint().map(|n| Content::Number(n.into())),
            Some(tag::FLOAT) => rest.float().map(Content::Number),
            Some(tag::TEXT) => rest.text().map(Content::Text),
            Some(tag::LIST) => rest.block().map(|block| Content::List(Items(Cursor(block)))),
            Some(kind @ (tag::FIELDS | tag::MAP)) => rest.block().map(|block| {
                let has_fields = kind == tag::FIELDS;
                Content::Object(Entries { rest: Cursor(block), has_fields })
            }),
            _ => None,
        };
        content.unwrap_or(Content::Null)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.content(), Content::Null)
    }

    /// The string, if it is one.
    pub fn as_str(self) -> Option<&'a str> {
        match self.content() {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a name, if it is an object that has it.
    pub fn get(self, name: &str) -> Option<CompactValue<'a>> {
        let Content::Object(entries) = self.content() else { return None };
        if !entries.has_fields {
            return { entries }.find(|(known, _)| *known == name).map(|(_, value)| value);
        }
        let wanted = known_number(name)?;
        let mut rest = entries.rest;
        while let Some((number, value)) = rest.field() {
            if number == wanted {
                return Some(value);
            }
        }
        None
    }

    /// The values at a path of names separated by dots, as for a JSON value
    /// ([`FieldType::values`](super::FieldType::values)).
    pub fn values(self, path: &str) -> Vec<CompactValue<'a>> {
        match self.content() {
            Content::List(items) => items.flat_map(|item| item.values(path)).collect(),
            _ if path.is_empty() => vec![self],
            Content::Object(_) => match self.get(path) {
                Some(value) => value.values(""),
                None => path
                    .split_once('.')
                    .and_then(|(name, rest)| Some((self.get(name)?, rest)))
                    .map_or_else(Vec::new, |(value, rest)| value.values(rest)),
            },
            _ => Vec::new(),
        }
    }

    /// The value as JSON.
    pub fn to_json(self) -> Value {
        match self.content() {
            Content::Null => Value::Null,
            Content::Bool(b) => Value::Bool(b),
            Content::Number(number) => Value::Number(number),
            Content::Text(text) => Value::String(text.to_owned()),
            Content::List(items) => items.map(Self::to_json).collect(),
            Content::Object(entries) => Value::Object(
                entries.map(|(name, value)| (name.to_owned(), value.to_json())).collect(),
            ),
        }
    }
}

/// The items of a list.
#[derive(Debug, Clone)]
pub struct Items<'a>(Cursor<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = CompactValue<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.value()
    }
}

/// The names and values of an object.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    rest: Cursor<'a>,
    has_fields: bool,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, CompactValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_fields {
            let (number, value) = self.rest.field()?;
            return Some((name_of(number), value));
        }
        let name = self.rest.text()?;
        Some((name, self.rest.value()?))
    }
}

/// Reads encoded values. What cannot be read ends the iteration: it would be a bug, but must not end
/// the program.
#[derive(Debug, Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn float(&mut self) -> Option<Number> {
        Number::from_f64(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a str> {
        let count = usize::try_from(self.varint()?).ok()?;
        std::str::from_utf8(self.take(count)?).ok()
    }

    /// The content of a list or an object.
    fn block(&mut self) -> Option<&'a [u8]> {
        let size = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(usize::try_from(size).ok()?)
    }

    fn value(&mut self) -> Option<CompactValue<'a>> {
        let start = self.0;
        match self.byte()? {
            tag::INT | tag::UINT => drop(self.varint()?),
            tag::FLOAT => drop(self.take(8)?),
            tag::TEXT => {
                let count = usize::try_from(self.varint()?).ok()?;
                self.take(count)?;
            }
            tag::LIST | tag::FIELDS | tag::MAP => drop(self.block()?),
            _ => {}
        }
        Some(CompactValue(start.get(..start.len() - self.0.len())?))
    }

    fn field(&mut self) -> Option<(u16, CompactValue<'a>)> {
        let number = u16::from_le_bytes(self.take(2)?.try_into().ok()?);
        Some((number, self.value()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Item {
        name: &'static str,
        none: Option<i64>,
        some: Option<Vec<bool>>,
        tags: Value,
    }

    #[test]
    fn values_of_types_and_of_json_are_the_same_as_json() {
        let tags = json!({ "a.b": "c", "": [1, -1, 1.5, null, u64::MAX, i64::MIN, { "x": {} }], "ü": "ß" });
        let item = Item { name: "n", none: None, some: Some(vec![true, false]), tags };
        let items = vec![&item, &item];
        let mut packer = Packer::default();
        items.serialize(&mut packer).unwrap();
        let bytes = packer.into_bytes();
        let value = CompactValue(&bytes);
        // Fields that are null are left out, but not the values of names in JSON.
        let mut expected = serde_json::to_value(&items).unwrap();
        for item in expected.as_array_mut().unwrap() {
            item.as_object_mut().unwrap().remove("none");
        }
        assert_eq!(value.to_json(), expected);
        assert_eq!(value.values("tags.a.b").len(), 2);
        assert_eq!(value.values("tags.a.b")[0].as_str(), Some("c"));
        assert_eq!(value.values("some").len(), 4);
        assert!(value.values("no such name").is_empty());
        let Content::List(mut list) = value.content() else { panic!() };
        let first = list.next().unwrap();
        assert_eq!(first.get("none"), None);
        assert_eq!(first.get("other"), None);
    }

    #[test]
    fn text_that_is_not_an_encoded_value_is_null() {
        for bytes in [&[][..], &[200], &[tag::TEXT, 5, b'a'], &[tag::LIST, 9, 0], &[tag::INT, 255]]
        {
            assert!(CompactValue(bytes).is_null(), "{bytes:?}");
        }
    }
}
