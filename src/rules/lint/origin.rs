//! Where values come from: the field of a resource, the field of a helper's result, or a parameter.
//! Checks of values use it, also if the value is in a variable.

use crate::diagnostics::Code;

/// Where a value, or the items of a list, come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The path, as in diagnostics: `ec2.instance.state.name`, `params.states`.
    pub(crate) path: String,
    /// Whether the value is `()` only if the field is absent.
    pub(crate) certain: bool,
}

/// The path of a quotient of integers.
const QUOTIENT: &str = "/";

impl Origin {
    pub(crate) fn field(path: String) -> Self {
        Self { path, certain: true }
    }

    pub(crate) fn param(name: &str) -> Self {
        Self::field(format!("params.{name}"))
    }

    pub(crate) fn quotient() -> Self {
        Self::field(QUOTIENT.to_owned())
    }

    pub(crate) fn is_quotient(&self) -> bool {
        self.path == QUOTIENT
    }

    /// The same, for a value that can be `()` for another reason.
    pub(crate) fn uncertain(self) -> Self {
        Self { certain: false, ..self }
    }

    /// The name of the parameter, if it is one.
    pub(crate) fn as_param(&self) -> Option<&str> {
        self.path.strip_prefix("params.")
    }

    /// The origin of a value that comes from one of two places.
    pub(crate) fn join(one: Option<&Self>, other: Option<&Self>) -> Option<Self> {
        let (one, other) = (one?, other?);
        (one.path == other.path)
            .then(|| Self { path: one.path.clone(), certain: one.certain && other.certain })
    }
}

/// What a parameter is used for, which decides what its values can be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ParamUse {
    /// It is compared with this field.
    Field(String),
    /// It is passed to a helper.
    Argument(Role),
}

impl ParamUse {
    /// The code of a value that does not fit.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Field(_) => Code::NeverReturned,
            Self::Argument(_) => Code::UnsuitableLiteral,
        }
    }
}

/// What a string argument of a helper must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// A string, not a pattern.
    Text,
    /// A glob.
    Glob,
    /// A regular expression.
    Regex,
    /// A range of addresses.
    Cidr,
    /// An IAM action.
    Action,
    /// A pattern for `Key=Value`.
    Tag,
    /// The direction of network ACL entries.
    Direction,
    /// A protocol: a name, or a number as a string.
    Protocol,
    /// A protocol with ports: `tcp` or `udp`.
    PortProtocol,
    /// A port, which is a number.
    Port,
    /// The id of an account.
    Account,
    /// A unit of time.
    Unit,
    /// The key of a tag.
    TagKey,
    /// A message for reports.
    Message,
    /// Why a fix is not safe.
    Reason,
    /// A kind of resources.
    Kind,
}
