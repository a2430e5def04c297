//! Lifecycle rules of buckets.

use rhai::Dynamic;
use serde::Deserialize;

use super::arguments::{Scripted, read};
use super::table::topic;
use crate::facts::Tags;
use crate::rules::values::interrupt::broken;
use crate::rules::values::json::type_name;
use crate::rules::values::object::Object;

topic! {
    /// These functions interpret lifecycle rules of buckets and directory buckets, that is, the
    /// items of `lifecycle.rules`.
    "S3 lifecycle";

    /// Returns whether a lifecycle rule applies to all objects of the bucket, that is, whether it
    /// has no condition on prefix, tags or size. AWS reports such a rule in several ways: without a
    /// filter, with a filter without conditions, with an empty prefix in the filter, or with the
    /// empty `prefix` of older rules.
    ///
    /// The function does not take the rule's status into account. For transitions, S3 may skip
    /// small objects; see `transition_default_minimum_object_size`.
    fn applies_to_all_objects(rule: "object") -> "bool";
    "related(\"s3.bucket\")[0].lifecycle.rules.map(|rule| applies_to_all_objects(rule))" => "[true, false]";
    |engine, _| engine.register_fn("applies_to_all_objects", |rule: Dynamic| -> Scripted<bool> {
        let is_rule =
            rule.read_lock::<Object>().is_some_and(|rule| rule.label().ends_with(".lifecycle.rules"));
        if !is_rule {
            return broken(format!(
                "`applies_to_all_objects` expects a rule of `lifecycle.rules`, got {}",
                type_name(&rule)
            ));
        }
        Ok(read::<Rule>("applies_to_all_objects", "a lifecycle rule", &rule)?.is_for_all())
    });
}

/// Where a rule applies. All of it is optional.
#[derive(Default, Deserialize)]
struct Rule {
    prefix: Option<String>,
    filter: Option<Conditions>,
}

/// Conditions for objects, or several of them in `and`.
#[derive(Default, Deserialize)]
struct Conditions {
    prefix: Option<String>,
    tag: Option<serde_json::Value>,
    #[serde(default)]
    tags: Tags,
    object_size_greater_than: Option<i64>,
    object_size_less_than: Option<i64>,
    and: Option<Box<Conditions>>,
}

impl Rule {
    fn is_for_all(&self) -> bool {
        is_empty(self.prefix.as_deref()) && self.filter.as_ref().is_none_or(Conditions::are_none)
    }
}

impl Conditions {
    fn are_none(&self) -> bool {
        is_empty(self.prefix.as_deref())
            && self.tag.is_none()
            && self.tags.is_empty()
            && self.object_size_greater_than.is_none()
            && self.object_size_less_than.is_none()
            && self.and.as_deref().is_none_or(Self::are_none)
    }
}

fn is_empty(prefix: Option<&str>) -> bool {
    prefix.is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_rule_without_conditions_is_for_all_objects() {
        let all = |rule: Value| serde_json::from_value::<Rule>(rule).unwrap().is_for_all();
        for rule in [
            json!({}),
            json!({ "filter": null, "prefix": null }),
            json!({ "filter": {} }),
            json!({ "filter": { "prefix": "" } }),
            json!({ "prefix": "" }),
            json!({ "filter": { "and": { "prefix": "", "tags": {} } } }),
        ] {
            assert!(all(rule.clone()), "{rule}");
        }
        for rule in [
            json!({ "prefix": "logs/" }),
            json!({ "prefix": "/" }),
            json!({ "filter": { "prefix": "logs/" } }),
            json!({ "filter": { "prefix": "", "tag": { "key": "a", "value": "" } } }),
            json!({ "filter": { "object_size_greater_than": 0 } }),
            json!({ "filter": { "object_size_less_than": 500 } }),
            json!({ "filter": { "and": { "tags": { "a": "" } } } }),
            json!({ "filter": { "and": { "prefix": "", "object_size_less_than": 9 } } }),
            json!({ "prefix": "a", "filter": {} }),
        ] {
            assert!(!all(rule.clone()), "{rule}");
        }
    }
}
