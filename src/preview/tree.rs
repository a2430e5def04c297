//! Facts of which parts may not be known.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::Cause;
use crate::model::text::one_line;
use crate::model::unreadable::Unreadable;

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is known only after the change.
    Apply,
    /// It is marked as sensitive, so it is not read.
    Sensitive,
    /// It is the value before a change of one that is marked as sensitive.
    SensitiveBefore,
    /// It is not set, so AWS's default applies, which depends on the account, the region or the time.
    Default,
    /// It has no blocks, or those of a dynamic block that are not known: a plan shows both in the same way.
    Blocks,
    /// It is turned off, which does not turn off what AWS turns on by default, or with something else.
    TurnedOff,
    /// It is set by a launch template, of which this version is not known.
    Template,
    /// This version does not convert it.
    NotConverted,
    /// It exists, and there is no snapshot that has it.
    NoSnapshot,
}

/// The cause for what a change of resources makes unknown, by their addresses. `what` is unknown:
/// `which EBS volumes exist`.
pub fn because_of(
    source: &str,
    what: Option<&str>,
    mut addresses: impl Iterator<Item = String>,
) -> Cause {
    let first = addresses.next().map(|address| one_line(&address, 250)).unwrap_or_default();
    let who = match addresses.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    };
    let message = match what {
        Some(what) => format!("{what} is known only after apply, because of {who}"),
        None => format!("known only after apply, because of {who}"),
    };
    Cause::new(source, Cause::NOT_KNOWN_UNTIL_APPLY, &message)
}

impl Why {
    /// The cause, for a value that `source` (`terraform:plan`) does not have.
    pub fn cause(self, source: &str) -> Cause {
        let (code, message) = match self {
            Self::Apply => (Cause::NOT_KNOWN_UNTIL_APPLY, "known only after the change is applied"),
            Self::Sensitive | Self::SensitiveBefore => (
                Cause::NOT_KNOWN_UNTIL_APPLY,
                "marked as sensitive, so it is not read from the plan",
            ),
            Self::Default => (
                Cause::LEFT_TO_DEFAULT,
                "not set, so it depends on the defaults of the account, the region or the image",
            ),
            Self::Blocks => (
                Cause::NOT_KNOWN_UNTIL_APPLY,
                "the plan has no blocks for it, but dynamic blocks that are not known yet look the same (the code decides, with --source)",
            ),
            Self::TurnedOff => (
                Cause::LEFT_TO_DEFAULT,
                "set to false, which does not turn it off where the region or the snapshot of the volume turns it on",
            ),
            Self::Template => (
                Cause::NOT_KNOWN_UNTIL_APPLY,
                "left to the launch template, and neither the plan nor the snapshot says what its version sets",
            ),
            Self::NotConverted => (
                Cause::NOT_KNOWN_UNTIL_APPLY,
                "rolecall does not read this from plans; it is known after the change is applied",
            ),
            Self::NoSnapshot => {
                (Cause::NOT_KNOWN_UNTIL_APPLY, "what exists is not known without --snapshot")
            }
        };
        Cause::new(source, code, message)
    }
}

/// A value, parts of which may not be known. What an object lacks is not described at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A known value, also a list or an object that is kept as it is.
    Known(Value),
    /// An object with fields.
    Object(BTreeMap<String, Tree>),
    /// A list with a known number of items.
    List(Vec<Tree>),
    /// A value that is not known.
    Unknown(Why),
    /// A value that AWS sets by itself, currently to this.
    Default(Value),
}

/// `null`: not configured.
pub const ABSENT: Tree = Tree::Known(Value::Null);

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        Self::Known(value)
    }
}

impl<T: Into<Tree>> From<Result<T, Why>> for Tree {
    fn from(value: Result<T, Why>) -> Self {
        value.map_or_else(Self::Unknown, Into::into)
    }
}

impl From<Option<&str>> for Tree {
    fn from(text: Option<&str>) -> Self {
        Self::Known(text.map_or(Value::Null, Value::from))
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Known(Value::from(text))
    }
}

impl From<Option<bool>> for Tree {
    fn from(value: Option<bool>) -> Self {
        Self::Known(value.map_or(Value::Null, Value::from))
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Self::Known(value.into())
    }
}

impl From<Option<i64>> for Tree {
    fn from(value: Option<i64>) -> Self {
        Self::Known(value.map_or(Value::Null, Value::from))
    }
}

impl From<Vec<Tree>> for Tree {
    fn from(items: Vec<Tree>) -> Self {
        Self::List(items)
    }
}

impl Tree {
    /// An object with these fields.
    pub fn object<const N: usize>(fields: [(&str, Tree); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, tree)| (name.to_owned(), tree)).collect())
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Known(_) => true,
            Self::Object(fields) => fields.values().all(Self::is_known),
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Unknown(_) | Self::Default(_) => false,
        }
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Tree> {
        match self {
            Self::Object(fields) => fields.get(name).cloned(),
            Self::Known(Value::Object(fields)) => fields.get(name).cloned().map(Self::Known),
            _ => None,
        }
    }

    /// The string, if it is one and known.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Known(value) => value.as_str(),
            _ => None,
        }
    }

    /// Whether it is known to be `null`.
    pub fn is_absent(&self) -> bool {
        *self == ABSENT
    }

    /// Whether the change leaves it to a launch template or to AWS.
    pub fn is_left_open(&self) -> bool {
        matches!(self, Self::Unknown(Why::Default | Why::TurnedOff) | Self::Default(_))
    }

    /// Its items, if it is a list.
    pub fn items(&self) -> Option<Vec<Tree>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Known(Value::Array(items)) => {
                Some(items.iter().cloned().map(Self::of_json).collect())
            }
            Self::Known(Value::Null) => Some(Vec::new()),
            _ => None,
        }
    }

    /// A known value in parts.
    pub fn of_json(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self::Object(
                fields.into_iter().map(|(name, value)| (name, Self::of_json(value))).collect(),
            ),
            Value::Array(items) => Self::List(items.into_iter().map(Self::of_json).collect()),
            value => Self::Known(value),
        }
    }

    /// Two trees with the same meaning are equal in this form.
    pub fn normal(self) -> Self {
        match self {
            Self::Known(value) => Self::of_json(value),
            Self::Object(fields) => {
                Self::Object(fields.into_iter().map(|(name, tree)| (name, tree.normal())).collect())
            }
            Self::List(items) => Self::List(items.into_iter().map(Self::normal).collect()),
            other => other,
        }
    }

    /// Replaces ids, wherever they are. Tags and descriptions have none.
    pub fn refer(&mut self, ids: &BTreeMap<String, String>) {
        fn is_free(name: &str) -> bool {
            matches!(name, "tags" | "description" | "policy")
        }
        fn replace(value: &mut Value, ids: &BTreeMap<String, String>) {
            match value {
                Value::String(text) => {
                    if let Some(id) = ids.get(text) {
                        id.clone_into(text);
                    }
                }
                Value::Array(items) => items.iter_mut().for_each(|one| replace(one, ids)),
                Value::Object(fields) => fields
                    .iter_mut()
                    .filter(|(name, _)| !is_free(name))
                    .for_each(|(_, one)| replace(one, ids)),
                _ => {}
            }
        }
        match self {
            Self::Known(known) | Self::Default(known) => replace(known, ids),
            Self::Object(fields) => fields
                .iter_mut()
                .filter(|(name, _)| !is_free(name))
                .for_each(|(_, tree)| tree.refer(ids)),
            Self::List(items) => items.iter_mut().for_each(|tree| tree.refer(ids)),
            Self::Unknown(_) => {}
        }
    }

    /// Adds what `other` describes: the fields of objects, and the items of lists. Other values of
    /// `other` take precedence.
    pub fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::List(mine), Self::List(others)) => mine.extend(others),
            // Nothing that is added makes it known.
            (Self::Unknown(_), Self::List(_)) => {}
            (mine, other) => mine.merge(other, Self::add),
        }
    }

    /// Replaces what `other` describes as well: fields of objects, and whole lists.
    pub fn replace(&mut self, other: Self) {
        self.merge(other, Self::replace);
    }

    /// The fields of both; `both` for those that both have.
    fn merge(&mut self, other: Self, both: fn(&mut Self, Self)) {
        match (self, other) {
            (Self::Object(mine), Self::Object(others)) => {
                for (name, tree) in others {
                    match mine.entry(name) {
                        std::collections::btree_map::Entry::Vacant(place) => {
                            place.insert(tree);
                        }
                        std::collections::btree_map::Entry::Occupied(mut known) => {
                            both(known.get_mut(), tree);
                        }
                    }
                }
            }
            // What AWS sets by itself applies only if nothing else is set.
            (_, Self::Default(_)) => {}
            (mine, other) => *mine = other,
        }
    }
}

/// The values and the unreadable paths that trees become.
#[derive(Debug, Default)]
pub struct Finished {
    /// What could not be determined.
    pub unreadable: Unreadable,
    /// The paths of defaults that were assumed.
    pub assumed: Vec<String>,
}

/// How trees become values.
#[derive(Debug, Clone, Copy)]
pub struct Finishing<'a> {
    /// What the values are from: `terraform:plan`.
    pub source: &'a str,
    /// Whether AWS's current defaults are assumed.
    pub assume_defaults: bool,
}

impl Finishing<'_> {
    /// The value of a tree at a path; `None` if it is not known, or if that makes the whole unknown.
    pub fn value(self, tree: Tree, path: &str, out: &mut Finished) -> Option<Value> {
        let unknown = |out: &mut Finished, why: Why| {
            out.unreadable.insert(path.to_owned(), why.cause(self.source));
            None
        };
        match tree {
            Tree::Known(value) => Some(value),
            Tree::Unknown(why) => unknown(out, why),
            Tree::Default(value) if self.assume_defaults => {
                out.assumed.push(path.to_owned());
                Some(value)
            }
            Tree::Default(_) => {
                let message = "set neither by the plan nor by the snapshot, so AWS's default applies: set it in the code, or assume the current default with --assume-defaults";
                let cause = Cause::new(self.source, Cause::LEFT_TO_DEFAULT, message);
                out.unreadable.insert(path.to_owned(), cause);
                None
            }
            Tree::Object(fields) => {
                let mut object = Map::new();
                for (name, tree) in fields {
                    if let Some(value) = self.value(tree, &format!("{path}.{name}"), out) {
                        object.insert(name, value);
                    }
                }
                Some(Value::Object(object))
            }
            Tree::List(items) => {
                let mut list = Vec::new();
                for (index, tree) in items.into_iter().enumerate() {
                    match self.value(tree, &format!("{path}[{index}]"), out) {
                        Some(value) => list.push(value),
                        // An item that could be anything makes the list unknown.
                        None => {
                            let item = format!("{path}[{index}]");
                            let cause = out.unreadable.remove(&item);
                            let within = format!("{path}[");
                            out.unreadable.retain(|known, _| !known.starts_with(&within));
                            let cause = cause.unwrap_or_else(|| Why::Apply.cause(self.source));
                            out.unreadable.insert(path.to_owned(), cause);
                            return None;
                        }
                    }
                }
                Some(Value::Array(list))
            }
        }
    }
}
