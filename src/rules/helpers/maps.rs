//! Maps with arbitrary keys (tags, policy documents), and the label of an object.

use rhai::{Array, Dynamic};

use super::table::topic;
use crate::rules::values::object::{Dictionary, Object};

topic! {
    /// These functions work on maps with arbitrary keys, such as `tags`, and on maps that a rule
    /// creates, such as `#{ a: 1 }`. They are called as methods: `tags.len()`. Reading a key that
    /// does not exist, as in `tags.Owner` or `tags["a:b"]`, returns `()`.
    "Maps";

    /// Returns whether the map contains the key. `"Owner" in tags` is equivalent.
    fn contains(map: "map", key: "string") -> "bool";
    "related(\"ec2.volume\")[0].tags.contains(\"Owner\")" => "true";
    "\"Cost\" in related(\"ec2.volume\")[0].tags" => "false";
    |engine, _| engine.register_fn("contains", |map: &mut Dictionary, key: &str| map.entries().contains_key(key));

    /// Returns the keys of the map, sorted.
    fn keys(map: "map") -> "list of string";
    "related(\"ec2.volume\")[0].tags.keys()" => "[\"Name\", \"Owner\"]";
    |engine, _| engine.register_fn("keys", |map: &mut Dictionary| {
        map.entries().keys().map(|key| Dynamic::from(key.clone())).collect::<Array>()
    });

    /// Returns the values of the map, in the order of its keys.
    fn values(map: "map") -> "list";
    "related(\"ec2.volume\")[0].tags.values()" => "[\"root\", \"web\"]";
    |engine, _| engine.register_fn("values", |map: &mut Dictionary| map.entries().values().cloned().collect::<Array>());

    /// Returns the number of entries in the map.
    fn len(map: "map") -> "int";
    "related(\"ec2.volume\")[0].tags.len()" => "2";
    |engine, _| engine.register_fn("len", |map: &mut Dictionary| i64::try_from(map.entries().len()).unwrap_or(i64::MAX));

    /// Returns whether the map has no entries.
    fn is_empty(map: "map") -> "bool";
    "related(\"ec2.volume\")[1].tags.is_empty()" => "true";
    |engine, _| engine.register_fn("is_empty", |map: &mut Dictionary| map.entries().is_empty());

    /// Returns a label for an object, for use in messages. String interpolation uses the same
    /// label: `${volume}`.
    fn to_string(object: "object") -> "string";
    "`${related(\"ec2.volume\")[0]}`" => "\"ec2.volume\"";
    |engine, _| engine.register_fn("to_string", |object: &mut Object| object.label().to_owned());
}
