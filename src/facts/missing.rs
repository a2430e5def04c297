//! Which of the fields that AWS always sends are missing in an item or a fact. This is found while the
//! JSON is parsed, because an evaluation reads each resource of a snapshot.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The paths that a value lacks, in the order of `paths`. For a list, those that any of its items
/// lacks. A field in an object that is itself missing does not count: the object is listed on its own
/// if AWS always sends it. `null` is missing as well.
pub(super) fn in_value(paths: &[&'static str], value: &Value) -> Vec<&'static str> {
    paths.chunks(Numbers::MOST).flat_map(|paths| search(paths, value)).collect()
}

/// The same for JSON text. Nothing is missing in text that is not valid JSON.
pub(super) fn in_text(paths: &[&'static str], text: &str) -> Vec<&'static str> {
    // No call has so many paths that the text is parsed more than once.
    let parts = paths.chunks(Numbers::MOST);
    parts.flat_map(|paths| search(paths, &mut serde_json::Deserializer::from_str(text))).collect()
}

fn search<'de>(paths: &[&'static str], json: impl Deserializer<'de>) -> Vec<&'static str> {
    let mut missing = Numbers::default();
    let wanted: Vec<Wanted> =
        paths.iter().enumerate().map(|(number, path)| Wanted::new(number, path)).collect();
    let search = Search { wanted: &wanted, missing: &mut missing };
    if search.deserialize(json).is_err() {
        return Vec::new();
    }
    let missing = paths.iter().enumerate().filter(|(number, _)| missing.has(*number));
    missing.map(|(_, path)| *path).collect()
}

/// Small numbers: a set that needs no memory of its own, because it is made for each object.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Numbers(u64);

impl Numbers {
    /// The number of possible numbers.
    const MOST: usize = 64;

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, number: usize) -> bool {
        self.0 & (1 << number) != 0
    }

    fn add(&mut self, number: usize) {
        self.0 |= 1 << number;
    }
}

/// A path that is looked up in a value.
struct Wanted {
    /// The number of the whole path.
    number: usize,
    /// Its next step, without the mark of a list: a name, or several.
    step: &'static str,
    has_names: bool,
    /// What follows the step.
    rest: Option<&'static str>,
}

impl Wanted {
    fn new(number: usize, path: &'static str) -> Self {
        let (step, rest) =
            path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let step = step.trim_end_matches("[]");
        Self { number, step, has_names: step.contains('|'), rest }
    }

    fn begins_with(&self, name: &str) -> bool {
        self.step == name || (self.has_names && self.step.split('|').any(|one| one == name))
    }
}

/// The search in a value.
struct Search<'m> {
    wanted: &'m [Wanted],
    missing: &'m mut Numbers,
}

impl Search<'_> {
    /// A value that is not an object has none of the fields.
    fn scalar<E: Error>(self) -> Result<bool, E> {
        for path in self.wanted.iter().filter(|path| path.rest.is_none()) {
            self.missing.add(path.number);
        }
        Ok(false)
    }
}

/// Reads the name of a field, and returns which of the paths begin with it, by index.
struct Name<'m>(&'m [Wanted]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Numbers;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Numbers, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Numbers, E> {
        let mut here = Numbers::default();
        for (index, path) in self.0.iter().enumerate() {
            if path.begins_with(name) {
                here.add(index);
            }
        }
        Ok(here)
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
        while items.next_element_seed(Search { wanted, missing: &mut *missing })?.is_some() {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Search { wanted, missing } = self;
        let mut present = Numbers::default();
        while let Some(here) = map.next_key_seed(Name(wanted))? {
            if here.is_empty() {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let paths = wanted.iter().enumerate().filter(|(index, _)| here.has(*index));
            let inside: Vec<Wanted> =
                paths.filter_map(|(_, path)| Some(Wanted::new(path.number, path.rest?))).collect();
            let is_null = if inside.is_empty() {
                map.next_value::<Option<IgnoredAny>>()?.is_none()
            } else {
                map.next_value_seed(Search { wanted: &inside, missing: &mut *missing })?
            };
            if !is_null {
                present.0 |= here.0;
            }
        }
        for (index, path) in wanted.iter().enumerate() {
            if path.rest.is_none() && !present.has(index) {
                missing.add(path.number);
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
        let names: Vec<String> = (0..130).map(|number| format!("n{number}")).collect();
        let many: Vec<&'static str> = names.iter().map(|name| &*name.clone().leak()).collect();
        for count in [1, 63, 64, 65, 128, 130] {
            let value = json!({ "n0": 1, "n64": 1, "n129": 1 });
            let missing: Vec<&str> =
                many[..count].iter().copied().filter(|name| value.get(name).is_none()).collect();
            assert_eq!(in_value(&many[..count], &value), missing, "{count}");
            assert_eq!(in_text(&many[..count], &value.to_string()), missing, "{count}");
        }
        let items = json!([{ "a": 1 }, { "b": 1 }]);
        assert_eq!(in_value(&["a"], &items), ["a"], "a fact that is a list");
        assert_eq!(in_text(&["a"], "{\"b\":"), [""; 0], "reported by the parser");
    }
}
