//! What parameters and operators take.

use super::value::Type;
use crate::rules::helpers;

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    Anything,
    Bool,
    Number,
    Text,
    List(Box<Expected>),
    /// A map, or an object of AWS.
    Parts,
    /// A map that the script has made.
    Map,
    /// One of several.
    Either(Vec<Expected>),
    /// What no value that is followed can be: a closure, a range, bytes.
    Other,
}

impl Expected {
    /// By the name of a type in the table of helpers: `string`, `list of object`, `map?`.
    pub(crate) fn of_helper(kind: &str) -> Self {
        if let Some((one, other)) = kind.split_once(" or ") {
            return Self::Either(vec![Self::of_helper(one), Self::of_helper(other)]);
        }
        match kind.trim_end_matches('?') {
            "string" | "time" => Self::Text,
            "int" | "float" => Self::Number,
            "bool" => Self::Bool,
            "map" | "object" => Self::Parts,
            "list" => Self::List(Box::new(Self::Anything)),
            "closure" => Self::Other,
            list => list
                .strip_prefix("list of ")
                .map_or(Self::Anything, |item| Self::List(Box::new(Self::of_helper(item)))),
        }
    }

    /// By the name of a type in a signature of the engine.
    pub(crate) fn of_engine(name: &str) -> Self {
        let name = name.trim().trim_start_matches("mut ").trim_start_matches("&mut ").trim();
        match name.rsplit("::").next().unwrap_or(name) {
            "Dynamic" => Self::Anything,
            "bool" => Self::Bool,
            "string" | "String" | "ImmutableString" | "char" => Self::Text,
            "array" | "Array" => Self::List(Box::new(Self::Anything)),
            "map" | "Map" => Self::Map,
            "dictionary" | "object" => Self::Parts,
            number if matches!(number.as_bytes(), [b'i' | b'u' | b'f', digits @ ..] if digits.iter().all(u8::is_ascii_digit)) => {
                Self::Number
            }
            _ => Self::Other,
        }
    }

    /// Whether a value of the type can never be taken. What is not known, or may be `()`, is not
    /// refused.
    pub(crate) fn refuses(&self, value: &Type) -> bool {
        match (self, value) {
            (Self::Anything, _) | (_, Type::Never | Type::Any | Type::Nil) => false,
            (Self::Bool, Type::Bool)
            | (Self::Number, Type::Int | Type::Float)
            | (Self::Text, Type::Text) => false,
            (
                Self::Parts,
                Type::Map(..)
                | Type::Object(..)
                | Type::Dictionary(_)
                | Type::Resource(_)
                | Type::Params,
            ) => false,
            (Self::Map, Type::Map(..)) => false,
            (Self::List(wanted), Type::List(item)) => wanted.refuses(item),
            (Self::Either(several), value) => several.iter().all(|one| one.refuses(value)),
            _ => true,
        }
    }

    pub(crate) fn word(&self) -> String {
        match self {
            Self::Anything => "any value".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::List(item) => match **item {
                Self::Parts => "a list of objects".to_owned(),
                Self::Text => "a list of texts".to_owned(),
                Self::Number => "a list of numbers".to_owned(),
                _ => "a list".to_owned(),
            },
            Self::Parts => "an object or a map".to_owned(),
            Self::Map => "a map".to_owned(),
            Self::Either(several) => {
                several.iter().map(Self::word).collect::<Vec<_>>().join(" or ")
            }
            Self::Other => "a closure".to_owned(),
        }
    }
}

/// What the parameters of one way to call a function take.
pub(crate) type Overload = Vec<Expected>;

/// What the table of helpers says of a function, if it is one.
pub(crate) fn of_table(name: &str) -> Vec<Overload> {
    let helper = helpers::helpers().find(|helper| helper.name == name);
    let signatures = helper.into_iter().flat_map(|helper| helper.signatures);
    signatures
        .map(|signature| {
            signature.params.iter().map(|param| Expected::of_helper(param.kind)).collect()
        })
        .collect()
}
