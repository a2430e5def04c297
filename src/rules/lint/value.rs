//! The inferred type of a value, and for facts, the field that they come from.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::LazyLock;

use crate::facts::{self, FieldType, Kind};
use crate::rules::helpers::{SHAPES, result_shape};

/// Maximum number of nested types; larger types are treated as unknown.
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

/// The forms of what helpers return, by the names of their shapes.
static RESULTS: LazyLock<HashMap<&'static str, FieldType>> =
    LazyLock::new(|| SHAPES.iter().map(|s| (s.name, FieldType::of(&s.shape))).collect());

/// An inferred type. A value that may also be `()` has its other type, since nearly every fact may be
/// absent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    /// No value: the code is unreachable or has not been visited.
    Never,
    /// Unknown.
    Any,
    /// `()`.
    Nil,
    Bool,
    Int,
    Float,
    /// A string or character.
    Text,
    Verdict,
    /// What `fix` returns.
    Fix,
    Action,
    List(Rc<Type>),
    /// A map created by the script, with the number of nested types.
    Map(Rc<BTreeMap<String, Type>>, usize),
    /// An object in a resource, or the result of a helper: its path and its fields.
    Object(Rc<str>, &'static BTreeMap<String, FieldType>),
    /// A map with user-defined keys, such as tags.
    Dictionary(Rc<Type>),
    Resource(&'static Kind),
    Params,
}

impl Type {
    /// The type of a value in a resource, with `label` as its path.
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

    /// The type of a helper's result, by its name in the table of helpers.
    pub(crate) fn of_result(kind: &str) -> Self {
        match kind.trim_end_matches('?') {
            "string" | "time" => Self::Text,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "verdict" => Self::Verdict,
            "fix" => Self::Fix,
            "action" => Self::Action,
            "list" => Self::list(Self::Any),
            kind => match (kind.strip_prefix("list of "), result_shape(kind)) {
                (Some(item), _) => Self::list(Self::of_result(item)),
                (None, Some(shape)) => {
                    RESULTS.get(shape.name).map_or(Self::Any, |form| Self::of(form, shape.name))
                }
                (None, None) => Self::Any,
            },
        }
    }

    /// Whether this is what `check` or `fix` returns.
    pub(crate) fn is_outcome(&self) -> bool {
        matches!(self, Self::Verdict | Self::Fix)
    }

    /// Whether this is the result of a helper, or an object in one: at run time, these are maps.
    pub(crate) fn is_result(&self) -> bool {
        let Self::Object(label, _) = self else { return false };
        RESULTS.contains_key(label.split('.').next().unwrap_or(label))
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
            // An empty list does not specify the type of configured items.
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

    /// The type of a value that has one of two types.
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

    /// The type of the items, if this is a list.
    pub(crate) fn item(&self) -> Self {
        match self {
            Self::List(item) => (**item).clone(),
            Self::Never => Self::Never,
            _ => Self::Any,
        }
    }

    /// The name in messages; `None` if the type is unknown or `()`.
    pub(crate) fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Never | Self::Any | Self::Nil => return None,
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "string",
            Self::Verdict => "verdict",
            Self::Fix => "fix",
            Self::Action => "action",
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Object(..) if self.is_result() => "map",
            Self::Object(..) | Self::Resource(_) | Self::Params => "object",
            Self::Dictionary(_) => "tag map",
        })
    }

    /// The names of both types, if their values can never be equal.
    pub(crate) fn mismatch(&self, other: &Self) -> Option<(&'static str, &'static str)> {
        let is_number = |value: &Self| matches!(value, Self::Int | Self::Float);
        let (one, other_name) = (self.name()?, other.name()?);
        (one != other_name && !(is_number(self) && is_number(other))).then_some((one, other_name))
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
    fn join_is_symmetric_and_idempotent() {
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
            Type::Fix,
            Type::Action,
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
    fn nested_types_are_limited() {
        let mut deep = Type::Int;
        let mut wide = Type::Int;
        for _ in 0..2_000 {
            deep = Type::list(deep);
            wide = Type::map((0..9).map(|n| (n.to_string(), wide.clone())));
            assert!(deep.size() <= MAX_SIZE && wide.size() <= MAX_SIZE);
        }
    }
}
