//! Required tags: which keys resources must have, which values are allowed, and where a missing value
//! comes from.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::globs::Globs;
use super::patterns::{MAX_PATTERN, compile_regex};
use super::text;

/// How many tags a resource can have. Tags with the prefix `aws:` do not count.
pub const MAX_TAGS: usize = 50;
/// The maximum length of a key, in characters.
pub const MAX_TAG_KEY: usize = 128;
/// The maximum length of a value, in characters.
pub const MAX_TAG_VALUE: usize = 256;

/// Whether only AWS can set a tag with this key.
pub fn is_reserved_tag(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// The allowed values of a tag.
#[derive(Debug, Clone)]
pub enum TagValues {
    /// All values.
    Any,
    /// Values that match one of these globs.
    Globs(Globs),
    /// Values in which this regular expression is found.
    Pattern(Regex),
}

/// Equal patterns allow the same values.
impl PartialEq for TagValues {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Globs(a), Self::Globs(b)) => a == b,
            (Self::Pattern(a), Self::Pattern(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl TagValues {
    /// Whether a value is allowed.
    pub fn allow(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Globs(globs) => globs.matches(value),
            Self::Pattern(regex) => regex.is_match(value),
        }
    }
}

/// Where the value of a missing tag comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagDefault {
    /// The value of this label of the account.
    Label(String),
    /// The path of the organizational unit (OU) of the account.
    Ou(bool),
    /// This value.
    Value(String),
    /// The same tag of a resource of this kind, without its service, to which the resource belongs:
    /// `instance`.
    CopyFrom(String),
}

/// A tag that resources must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TagRequirement {
    /// The key.
    pub key: String,
    /// The kinds of resources; empty for all kinds.
    pub kinds: Vec<String>,
    /// The allowed values.
    pub values: TagValues,
    /// Where a missing value comes from, in this order.
    pub default: Vec<TagDefault>,
    /// Other spellings of the key, which are wrong.
    pub spellings: Vec<String>,
    /// Whether something acts on the tag: a backup plan, a scheduler, an access policy.
    pub acts: bool,
}

/// A requirement as test cases contain it, with the keys of the config.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    default: Vec<TagDefault>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spellings: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    acts: bool,
}

impl TryFrom<Written> for TagRequirement {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { key, values, pattern, default, spellings, acts } = written;
        for key in spellings.iter().chain([&key]) {
            check_key(key)?;
        }
        let values = match (values, pattern) {
            (Some(_), Some(_)) => return Err("`values` and `pattern` are both set".to_owned()),
            (None, None) => TagValues::Any,
            (Some(globs), None) => {
                TagValues::Globs(Globs::new(&globs).map_err(|error| error.to_string())?)
            }
            (None, Some(pattern)) if pattern.len() > MAX_PATTERN => {
                return Err(format!("patterns are limited to {MAX_PATTERN} bytes"));
            }
            (None, Some(pattern)) => TagValues::Pattern(
                compile_regex(&pattern).map_err(|reason| format!("invalid `pattern`: {reason}"))?,
            ),
        };
        Ok(Self { key, kinds: Vec::new(), values, default, spellings, acts })
    }
}

impl From<TagRequirement> for Written {
    fn from(requirement: TagRequirement) -> Self {
        let TagRequirement { key, values, default, spellings, acts, .. } = requirement;
        let (values, pattern) = match values {
            TagValues::Any => (None, None),
            TagValues::Globs(globs) => (Some(globs.patterns().to_vec()), None),
            TagValues::Pattern(regex) => (None, Some(regex.as_str().to_owned())),
        };
        Self { key, values, pattern, default, spellings, acts }
    }
}

/// Why a string cannot be the key of a required tag.
pub(super) fn check_key(key: &str) -> Result<(), String> {
    let shown = text::one_line(key, 60);
    if key.is_empty() {
        Err("the key of a tag cannot be empty".to_owned())
    } else if is_reserved_tag(key) {
        Err(format!("`{shown}` is reserved: only AWS sets tags that start with `aws:`"))
    } else if key.chars().count() > MAX_TAG_KEY {
        Err(format!("`{shown}` is longer than {MAX_TAG_KEY} characters"))
    } else {
        Ok(())
    }
}

impl TagRequirement {
    /// Why a string cannot be the key of a required tag, or one of its spellings.
    pub fn check_key(key: &str) -> Result<(), String> {
        check_key(key)
    }

    /// Whether resources of a kind must have the tag.
    pub fn applies_to(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|known| known == kind)
    }
}

/// All tags that are required.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TagRequirements(pub Vec<TagRequirement>);

impl TagRequirements {
    /// Those for a kind.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a TagRequirement> {
        self.0.iter().filter(move |requirement| requirement.applies_to(kind))
    }
}
