//! The three states of a fact.

use serde_json::Value;

use crate::model::{Cause, Resource};

/// A fact about a resource, or why it is not known. Snapshots store it in a [`Resource`]: a known
/// value and an absent one (`null`) in `facts`, the cause of an unreadable one in `unreadable`.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact<T> {
    /// AWS returned a value.
    Known(T),
    /// AWS says that it is not configured.
    Absent,
    /// There is no usable response. It is never replaced by a default.
    Unreadable(Cause),
}

impl<T> Fact<T> {
    /// The same fact, borrowed.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value) => Fact::Known(value),
            Self::Absent => Fact::Absent,
            Self::Unreadable(cause) => Fact::Unreadable(cause.clone()),
        }
    }

    /// Why it could not be read, if it could not.
    pub fn unreadable(self) -> Option<Cause> {
        match self {
            Self::Unreadable(cause) => Some(cause),
            Self::Known(_) | Self::Absent => None,
        }
    }
}

impl From<Value> for Fact<Value> {
    /// `null` is absent.
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            value => Self::Known(value),
        }
    }
}

impl Fact<Value> {
    /// Adds it to a resource.
    pub fn store(self, resource: &mut Resource, name: &str) {
        match self {
            Self::Known(value) => drop(resource.facts.insert(name.to_owned(), value)),
            Self::Absent => drop(resource.facts.insert(name.to_owned(), Value::Null)),
            Self::Unreadable(cause) => drop(resource.unreadable.insert(name.to_owned(), cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::kind;

    #[test]
    fn what_is_stored_is_what_is_read_and_the_rest_was_not_collected() {
        let bucket = kind("s3.bucket").unwrap();
        let mut resource = Resource {
            kind: "s3.bucket".to_owned(),
            id: "b".to_owned(),
            region: "eu-west-1".parse().unwrap(),
            arn: None,
            name: None,
            facts: serde_json::Map::new(),
            unreadable: std::collections::BTreeMap::new(),
        };
        let denied = Cause::new("s3:GetBucketAcl", "AccessDenied", "");
        let states = [
            ("versioning", Fact::Known(json!({ "status": "Enabled" }))),
            ("policy", Fact::from(Value::Null)),
            ("acl", Fact::Unreadable(denied)),
        ];
        for (name, state) in states.clone() {
            state.store(&mut resource, name);
        }
        for (name, state) in &states {
            assert_eq!(bucket.fact_of(&resource, name), state.as_ref(), "{name}");
        }
        let cause = bucket.fact_of(&resource, "encryption").unreadable().unwrap();
        let expected = (Cause::NOT_COLLECTED, "s3:GetBucketEncryption");
        assert_eq!((cause.code.as_str(), cause.call.as_str()), expected);
    }
}
