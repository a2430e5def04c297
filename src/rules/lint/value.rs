//! What is known of a value before the script runs: its type, and for facts where they come from.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::LazyLock;

use crate::facts::{self, FieldType, Kind};

/// Types with more parts than this are not followed.
const MAX_SIZE: usize = 256;

static FORMS: LazyLock<HashMap<(&'static str, &'static str), FieldType>> = LazyLock::new(|| {
    let of_kind = |kind: &'static Kind| {
        let facts =
            kind.facts.iter().map(move |fact| ((kind.name, fact.name), FieldType::of(&fact.shape)));
        std::iter::once(((kind.name, ""), FieldType::of(&kind.shape))).chain(facts)
    };
    facts::KINDS.iter().copied().flat_map(of_kind).collect()
});

/// The fields that the list of a kind returns.
pub(crate) fn fields(kind: &'static Kind) -> &'static BTreeMap<String, FieldType> {
    static NONE: BTreeMap<String, FieldType> = BTreeMap::new();
    match FORMS.get(&(kind.name, "")) {
        Some(FieldType::Object(fields)) => fields,
        _ => &NONE,
    }
}

/// The form of a fact of a kind.
pub(crate) fn form(kind: &'static Kind, fact: &'static str) -> Option<&'static FieldType> {
    FORMS.get(&(kind.name, fact))
}

/// The type of a fact of a kind.
pub(crate) fn fact(kind: &'static Kind, fact: &'static str) -> Type {
    form(kind, fact).map_or(Type::Any, |form| Type::of(form, &format!("{}.{fact}", kind.name)))
}

/// What a value can be. What may also be `()` has the type that it has otherwise, since nearly
/// every fact may be absent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    /// Nothing comes here: the way ends before, or has not been looked at.
    Never,
    /// Anything.
    Any,
    /// `()`.
    Nil,
    Bool,
    Int,
    Float,
    /// Text or a character.
    Text,
    Verdict,
    List(Rc<Type>),
    /// A map that the script has made, with its size in parts.
    Map(Rc<BTreeMap<String, Type>>, usize),
    /// A part of a resource: what it is called, and its fields.
    Object(Rc<str>, &'static BTreeMap<String, FieldType>),
    /// A map with keys of AWS's user.
    Dictionary(Rc<Type>),
    Resource(&'static Kind),
    Params,
}

impl Type {
    /// The type of a part of a resource, which is called `label`.
    pub(crate) fn of(form: &'static FieldType, label: &str) -> Self {
        match form {
            FieldType::Object(fields) => Self::Object(label.into(), fields),
            FieldType::List(item) => Self::list(Self::of(item, label)),
            FieldType::Map(value) => Self::Dictionary(Rc::new(Self::of(value, label))),
            FieldType::String => Self::Text,
            FieldType::Int => Self::Int,
            FieldType::Float => Self::Float,
            FieldType::Bool => Self::Bool,
            FieldType::Any => Self::Any,
        }
    }

    /// The type of a parameter, by its default.
    pub(crate) fn of_default(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Bool,
            Value::Number(number) if number.is_f64() => Self::Float,
            Value::Number(_) => Self::Int,
            Value::String(_) => Self::Text,
            // A list without items says nothing of those that a site puts in.
            Value::Array(items) if items.is_empty() => Self::list(Self::Any),
            Value::Array(items) => Self::list(
                items.iter().map(Self::of_default).fold(Self::Never, |all, item| all.join(&item)),
            ),
            Value::Object(fields) => Self::map(
                fields.iter().map(|(name, value)| (name.clone(), Self::of_default(value))),
            ),
        }
    }

    pub(crate) fn list(item: Self) -> Self {
        if item.size() >= MAX_SIZE { Self::Any } else { Self::List(Rc::new(item)) }
    }

    pub(crate) fn map(fields: impl Iterator<Item = (String, Self)>) -> Self {
        let fields: BTreeMap<String, Self> = fields.collect();
        let size = fields.values().map(Self::size).fold(1, usize::saturating_add);
        if size > MAX_SIZE { Self::Any } else { Self::Map(Rc::new(fields), size) }
    }

    fn size(&self) -> usize {
        match self {
            Self::List(item) => item.size() + 1,
            Self::Map(_, size) => *size,
            _ => 1,
        }
    }

    /// What a value is that is one of the two.
    pub(crate) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Never, one) | (one, Self::Never) => one.clone(),
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Nil, one) | (one, Self::Nil) => one.clone(),
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            (Self::List(a), Self::List(b)) => Self::list(a.join(b)),
            (Self::Dictionary(a), Self::Dictionary(b)) => Self::Dictionary(Rc::new(a.join(b))),
            (Self::Object(label, a), Self::Object(_, b)) if a == b => {
                Self::Object(label.clone(), a)
            }
            (Self::Map(a, _), Self::Map(b, _)) if a.keys().eq(b.keys()) => {
                Self::map(a.iter().zip(b.values()).map(|((name, a), b)| (name.clone(), a.join(b))))
            }
            _ => Self::Any,
        }
    }

    /// What an item is, if this is a list.
    pub(crate) fn item(&self) -> Self {
        match self {
            Self::List(item) => (**item).clone(),
            Self::Never => Self::Never,
            _ => Self::Any,
        }
    }

    /// What it is in words; values of different words are never equal. `None` where that is not
    /// known, or where it is `()`.
    pub(crate) fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Never | Self::Any | Self::Nil => return None,
            Self::Bool => "true or false",
            Self::Int | Self::Float => "a number",
            Self::Text => "a text",
            Self::Verdict => "a verdict",
            Self::List(_) => "a list",
            Self::Map(..) => "a map",
            Self::Object(..) | Self::Resource(_) | Self::Params => "an object",
            Self::Dictionary(_) => "a map of AWS",
        })
    }
}

/// The result of an arithmetic operator.
pub(crate) fn arithmetic(operator: &str, a: &Type, b: &Type) -> Type {
    match (operator, a, b) {
        (_, Type::Never, _) | (_, _, Type::Never) => Type::Never,
        (_, Type::Int, Type::Int) => Type::Int,
        (_, Type::Float | Type::Int, Type::Float | Type::Int) => Type::Float,
        ("+", Type::List(_), Type::List(_)) => a.join(b),
        ("+", Type::Text, other) | ("+", other, Type::Text)
            if !matches!(other, Type::List(_) | Type::Map(..)) =>
        {
            Type::Text
        }
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_is_symmetric_and_only_forgets() {
        let bucket = facts::kind("s3.bucket").unwrap();
        let types = [
            Type::Never,
            Type::Any,
            Type::Nil,
            Type::Bool,
            Type::Int,
            Type::Float,
            Type::Text,
            Type::Verdict,
            Type::list(Type::Int),
            Type::list(Type::Never),
            Type::map([("a".to_owned(), Type::Int)].into_iter()),
            Type::map([("b".to_owned(), Type::Int)].into_iter()),
            fact(bucket, "versioning"),
            fact(bucket, "tags"),
            Type::Resource(bucket),
        ];
        for a in &types {
            for b in &types {
                assert_eq!(a.join(b), b.join(a), "{a:?} {b:?}");
                assert_eq!(a.join(b).join(b), a.join(b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn types_stay_small() {
        let mut deep = Type::Int;
        let mut wide = Type::Int;
        for _ in 0..2_000 {
            deep = Type::list(deep);
            wide = Type::map((0..9).map(|n| (n.to_string(), wide.clone())));
            assert!(deep.size() <= MAX_SIZE && wide.size() <= MAX_SIZE);
        }
    }
}
