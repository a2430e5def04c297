//! Which of the fields that AWS always sends are missing in an item or a fact. This is found while the
//! JSON is parsed, because an evaluation reads each resource of a snapshot.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The paths that a value lacks, in the order of `paths`. For a list, those that any of its items
/// lacks. A field in an object that is itself missing does not count: the object is listed on its own
/// if AWS always sends it. `null` is missing as well.
pub(super) fn in_value(paths: &[&'static str], value: &Value) -> Vec<&'static str> {
    search(paths, value)
}

/// The same for JSON text. Nothing is missing in text that is not valid JSON.
pub(super) fn in_text(paths: &[&'static str], text: &str) -> Vec<&'static str> {
    if paths.is_empty() {
        return Vec::new();
    }
    search(paths, &mut serde_json::Deserializer::from_str(text))
}

fn search<'de>(paths: &[&'static str], json: impl Deserializer<'de>) -> Vec<&'static str> {
    let mut missing = vec![false; paths.len()];
    let wanted = paths.iter().copied().enumerate().collect();
    if (Search { wanted, missing: &mut missing }).deserialize(json).is_err() {
        return Vec::new();
    }
    paths.iter().zip(missing).filter(|(_, missing)| *missing).map(|(path, _)| *path).collect()
}

/// The paths that are looked up in a value, with their numbers.
struct Search<'m> {
    wanted: Vec<(usize, &'static str)>,
    missing: &'m mut [bool],
}

/// The first step of a path, without the mark of a list, and the rest.
fn step(path: &'static str) -> (&'static str, Option<&'static str>) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    (step.trim_end_matches("[]"), rest)
}

impl Search<'_> {
    fn mark(&mut self, number: usize) {
        if let Some(missing) = self.missing.get_mut(number) {
            *missing = true;
        }
    }

    /// A value that is not an object has none of the fields.
    fn scalar<E: Error>(mut self) -> Result<bool, E> {
        for (number, path) in std::mem::take(&mut self.wanted) {
            if step(path).1.is_none() {
                self.mark(number);
            }
        }
        Ok(false)
    }
}

/// Returns whether the value is null.
impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        self.scalar()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        self.scalar()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        self.scalar()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        self.scalar()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<bool, E> {
        self.scalar()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let Search { wanted, missing } = self;
        while items
            .next_element_seed(Search { wanted: wanted.clone(), missing: &mut *missing })?
            .is_some()
        {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<bool, A::Error> {
        let mut present = vec![false; self.wanted.len()];
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let names = |path| step(path).0.split('|').any(|name| name == key);
            let here = self.wanted.iter().map(|(_, path)| names(path));
            let here: Vec<bool> = here.collect();
            if !here.contains(&true) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let inside = self.wanted.iter().zip(&here).filter(|(_, here)| **here);
            let wanted =
                inside.filter_map(|((number, path), _)| Some((*number, step(path).1?))).collect();
            if !map.next_value_seed(Search { wanted, missing: self.missing })? {
                present.iter_mut().zip(here).for_each(|(present, here)| *present |= here);
            }
        }
        for ((number, path), present) in std::mem::take(&mut self.wanted).into_iter().zip(present) {
            if !present && step(path).1.is_none() {
                self.mark(number);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_missing_in_any_item_and_only_where_their_object_is_present() {
        const PATHS: &[&str] =
            &["a", "list", "list[].x|y", "list[].inner", "list[].inner[].z", "object.b"];
        let item = json!({ "x": 1, "inner": [] });
        let whole = json!({ "a": "", "list": [], "object": { "b": false } });
        for (value, missing) in [
            (whole, &[][..]),
            (json!({ "a": 0.5, "list": [item], "object": null }), &[]),
            (json!({ "a": null, "list": [{ "y": 1, "inner": [{ "z": -1 }] }] }), &["a"]),
            (json!({ "a": 1 }), &["list"]),
            (json!({ "a": 1, "list": [item, { "x": 1 }] }), &["list[].inner"]),
            (
                json!({ "a": 1, "list": [{ "inner": [{ "z": 1 }, {}] }] }),
                &["list[].x|y", "list[].inner[].z"],
            ),
            (json!({ "a": 1, "list": [item], "object": {} }), &["object.b"]),
            (json!({ "a": 1, "list": [item], "object": "text" }), &["object.b"]),
            (json!({ "a\"b": 1, "list": [item] }), &["a"]),
        ] {
            assert_eq!(in_value(PATHS, &value), missing, "{value}");
            assert_eq!(in_text(PATHS, &value.to_string()), missing, "{value}");
        }
        let items = json!([{ "a": 1 }, { "b": 1 }]);
        assert_eq!(in_value(&["a"], &items), ["a"], "a fact that is a list");
        assert_eq!(in_text(&["a"], "{\"b\":"), [""; 0], "reported by the parser");
    }
}
