//! The types that parameters and operators accept.

use super::value::Type;
use crate::rules::helpers;

/// The type that a parameter accepts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExpectedType {
    Any,
    Bool,
    /// An int or a float, with the declared type.
    Number(&'static str),
    Text,
    List(Box<ExpectedType>),
    /// An object or any map.
    Object,
    /// A map: tags, the result of a helper or a map created by the script.
    AnyMap,
    /// What other helpers return, by the name of its shape, or a map like it.
    Result(&'static str),
    /// A map created by the script.
    Map,
    /// An action of a fix.
    Action,
    /// One of several types.
    Either(Vec<ExpectedType>),
    /// A type that inference does not track: a closure, a range, bytes.
    Other,
}

impl ExpectedType {
    /// From a type name in the table of helpers: `string`, `list of object`, `map?`.
    pub(crate) fn of_helper(kind: &str) -> Self {
        if let Some((one, other)) = kind.split_once(" or ") {
            return Self::Either(vec![Self::of_helper(one), Self::of_helper(other)]);
        }
        match kind.trim_end_matches('?') {
            "string" | "time" => Self::Text,
            "int" => Self::Number("int"),
            "float" => Self::Number("float"),
            "bool" => Self::Bool,
            "map" => Self::AnyMap,
            "action" => Self::Action,
            "object" => Self::Object,
            "list" => Self::List(Box::new(Self::Any)),
            "closure" => Self::Other,
            list => list
                .strip_prefix("list of ")
                .map(|item| Self::List(Box::new(Self::of_helper(item))))
                .or_else(|| helpers::result_shape(list).map(|shape| Self::Result(shape.name)))
                .unwrap_or(Self::Any),
        }
    }

    /// From a type name in an engine signature.
    pub(crate) fn of_engine(name: &str) -> Self {
        let name = name.trim().trim_start_matches("mut ").trim_start_matches("&mut ").trim();
        match name.rsplit("::").next().unwrap_or(name) {
            "Dynamic" => Self::Any,
            "bool" => Self::Bool,
            "string" | "String" | "ImmutableString" | "char" => Self::Text,
            "array" | "Array" => Self::List(Box::new(Self::Any)),
            "map" | "Map" => Self::Map,
            "dictionary" => Self::AnyMap,
            "object" => Self::Object,
            number if matches!(number.as_bytes(), [b'i' | b'u' | b'f', digits @ ..] if digits.iter().all(u8::is_ascii_digit)) => {
                Self::Number(if number.starts_with('f') { "float" } else { "int" })
            }
            _ => Self::Other,
        }
    }

    /// Whether a value of the type is never accepted. Unknown types, and types that may be `()`, are
    /// not rejected.
    pub(crate) fn rejects(&self, value: &Type) -> bool {
        match (self, value) {
            (Self::Any, _) | (_, Type::Never | Type::Any | Type::Nil) => false,
            (Self::Bool, Type::Bool)
            | (Self::Number(_), Type::Int | Type::Float)
            | (Self::Text, Type::Text)
            | (Self::Action, Type::Action) => false,
            (Self::AnyMap | Self::Result(_), Type::Map(..)) => false,
            (Self::AnyMap, Type::Dictionary(_)) => false,
            (Self::AnyMap, Type::Object(..)) => !value.is_result(),
            (Self::Result(name), Type::Object(label, _)) => **name != **label,
            (
                Self::Object,
                Type::Map(..)
                | Type::Object(..)
                | Type::Dictionary(_)
                | Type::Resource(_)
                | Type::Params,
            ) => false,
            (Self::Map, Type::Map(..)) => false,
            (Self::Map, Type::Object(..)) => !value.is_result(),
            (Self::List(wanted), Type::List(item)) => wanted.rejects(item),
            (Self::Either(several), value) => several.iter().all(|one| one.rejects(value)),
            _ => true,
        }
    }

    /// Whether `()` is certainly not accepted.
    pub(crate) fn refuses_nil(&self) -> bool {
        match self {
            Self::Any | Self::Other => false,
            Self::Either(several) => several.iter().all(Self::refuses_nil),
            _ => true,
        }
    }

    /// The type's name in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Number(name) | Self::Result(name) => (*name).to_owned(),
            Self::Object => "object".to_owned(),
            Self::Text => "string".to_owned(),
            Self::List(item) if **item == Self::Any => "list".to_owned(),
            Self::List(item) => format!("list of {}", item.name()),
            Self::Map | Self::AnyMap => "map".to_owned(),
            Self::Action => "action".to_owned(),
            Self::Either(several) => {
                several.iter().map(Self::name).collect::<Vec<_>>().join(" or ")
            }
            Self::Other => "closure".to_owned(),
        }
    }
}

/// The parameter types of one overload of a function.
pub(crate) type Overload = Vec<ExpectedType>;

/// The overloads of a helper, from the table of helpers.
pub(crate) fn of_table(name: &str) -> Vec<Overload> {
    let helper = helpers::helpers().find(|helper| helper.name == name);
    let signatures = helper.into_iter().flat_map(|helper| helper.signatures);
    signatures
        .map(|signature| {
            signature.params.iter().map(|param| ExpectedType::of_helper(param.kind)).collect()
        })
        .collect()
}
