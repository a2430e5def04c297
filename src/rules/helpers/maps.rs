//! Maps with free keys (tags, policies as they were written), and the name of an object.

use rhai::{Array, Dynamic};

use super::table::topic;
use crate::rules::values::object::{Dictionary, Object};

topic! {
    /// Free maps such as `tags` have no fixed keys: `tags.Owner` and `tags["a:b"]` are `()` when
    /// there is no such key. These are called as methods: `tags.len()`. Maps that a rule makes
    /// itself, `#{ a: 1 }`, have them too.
    "Maps";

    /// Whether a free map has the key. `"Owner" in tags` says the same.
    fn contains(map: "map", key: "string") -> "bool";
    "related(\"ec2.volume\")[0].tags.contains(\"Owner\")" => "true";
    "\"Cost\" in related(\"ec2.volume\")[0].tags" => "false";
    |engine, _| engine.register_fn("contains", |map: &mut Dictionary, key: &str| map.entries().contains_key(key));

    /// The keys of a free map, sorted.
    fn keys(map: "map") -> "list of string";
    "related(\"ec2.volume\")[0].tags.keys()" => "[\"Name\", \"Owner\"]";
    |engine, _| engine.register_fn("keys", |map: &mut Dictionary| {
        map.entries().keys().map(|key| Dynamic::from(key.clone())).collect::<Array>()
    });

    /// The values of a free map, in the order of its keys.
    fn values(map: "map") -> "list";
    "related(\"ec2.volume\")[0].tags.values()" => "[\"root\", \"web\"]";
    |engine, _| engine.register_fn("values", |map: &mut Dictionary| map.entries().values().cloned().collect::<Array>());

    /// How many entries a free map has.
    fn len(map: "map") -> "int";
    "related(\"ec2.volume\")[0].tags.len()" => "2";
    |engine, _| engine.register_fn("len", |map: &mut Dictionary| i64::try_from(map.entries().len()).unwrap_or(i64::MAX));

    /// Whether a free map has no entries.
    fn is_empty(map: "map") -> "bool";
    "related(\"ec2.volume\")[1].tags.is_empty()" => "true";
    |engine, _| engine.register_fn("is_empty", |map: &mut Dictionary| map.entries().is_empty());

    /// What an object is, for messages; texts in backticks use it: `${volume}`.
    fn to_string(object: "object") -> "string";
    "`${related(\"ec2.volume\")[0]}`" => "\"ec2.volume\"";
    |engine, _| engine.register_fn("to_string", |object: &mut Object| object.label().to_owned());
}
