//! The values that are kept of the attributes of a resource, and which attributes are sensitive. The
//! rest is skipped while reading.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::instance::Kept;
use crate::sources::terraform::relations::{INDEX, Tree};

/// The longest value that is kept. Ids and ARNs are much shorter.
const MAX_VALUE: usize = 1024;
/// How many values of one resource are kept. A security group can refer to a few hundred.
const MAX_VALUES: usize = 4096;

/// Values that are kept, and how many more of a state can be.
#[derive(Debug, Default)]
pub struct Found {
    /// Of the resource that is being read.
    pub values: Vec<Kept>,
    /// How many more can be kept.
    pub budget: usize,
}

/// Collects the kept values of the attributes of one resource.
pub struct Collect<'a> {
    tree: &'a Tree,
    item: u16,
    in_list: bool,
    found: &'a mut Found,
}

impl<'a> Collect<'a> {
    /// Collects into `found`.
    pub fn into(found: &'a mut Found) -> Self {
        Self { tree: &INDEX.tree, item: 0, in_list: false, found }
    }

    fn keep<E: Error>(self, text: &str) -> Result<(), E> {
        let Some(path) = self.tree.path else { return Ok(()) };
        if text.len() > MAX_VALUE || self.found.values.len() >= MAX_VALUES {
            return Ok(());
        }
        if self.found.budget == 0 {
            return Err(E::custom("too many values"));
        }
        self.found.budget -= 1;
        self.found.values.push(Kept { path, item: self.item, text: text.into() });
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Collect<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match self.tree.child(&name) {
                Some(tree) => {
                    let (item, in_list) = (self.item, self.in_list);
                    map.next_value_seed(Collect { tree, item, in_list, found: &mut *self.found })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut position = 0_u16;
        loop {
            let item = if self.in_list { self.item } else { position };
            let inner = Collect { tree: self.tree, item, in_list: true, found: &mut *self.found };
            if list.next_element_seed(inner)?.is_none() {
                return Ok(());
            }
            position = position.saturating_add(1);
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.keep(text)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.keep(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.keep(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.keep(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.keep(&value.to_string())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Names of attributes that are kept otherwise, but are marked as sensitive. An attribute counts as
/// sensitive if any part of it is.
#[derive(Debug, Default)]
pub struct Sensitive(pub Vec<&'static str>);

impl Sensitive {
    fn add(&mut self, name: &str) {
        if let Some(name) = INDEX.tree.name(name)
            && !self.0.contains(&name)
        {
            self.0.push(name);
        }
    }
}

/// Both forms: `sensitive_values` of `show -json`, an object of the same shape as the values with `true`
/// for what is sensitive, and `sensitive_attributes` of format 4, a list of paths.
impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Sensitive;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a list of paths")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sensitive, A::Error> {
                let mut names = Sensitive::default();
                while let Some((name, HasTrue(is_sensitive))) = map.next_entry::<String, _>()? {
                    if is_sensitive {
                        names.add(&name);
                    }
                }
                Ok(names)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut paths: A) -> Result<Sensitive, A::Error> {
                let mut names = Sensitive::default();
                while let Some(FirstName(name)) = paths.next_element()? {
                    name.iter().for_each(|name| names.add(name));
                }
                Ok(names)
            }
            fn visit_unit<E>(self) -> Result<Sensitive, E> {
                Ok(Sensitive::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Sensitive, E> {
                Ok(Sensitive::default())
            }
        }
        deserializer.deserialize_any(Names)
    }
}

/// Whether a value contains `true`.
struct HasTrue(bool);

impl<'de> Deserialize<'de> for HasTrue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(|found| Self(found.has_true))
    }
}

/// The name in the first step of a path: `[{"type": "get_attr", "value": "bucket"}]`.
struct FirstName(Option<String>);

impl<'de> Deserialize<'de> for FirstName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(|found| Self(found.first_value))
    }
}

/// Looks through any value.
struct Any;

#[derive(Default)]
struct Looked {
    has_true: bool,
    /// The first string under a key `value`.
    first_value: Option<String>,
    text: Option<String>,
}

impl<'de> Deserialize<'de> for Looked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Looked;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Looked, A::Error> {
        let mut found = Looked::default();
        while let Some((name, inner)) = map.next_entry::<String, Looked>()? {
            found.has_true |= inner.has_true;
            if name == "value" {
                found.first_value = found.first_value.or(inner.text);
            }
        }
        Ok(found)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Looked, A::Error> {
        let mut found = Looked::default();
        while let Some(inner) = list.next_element::<Looked>()? {
            found.has_true |= inner.has_true;
            found.first_value = found.first_value.or(inner.first_value);
        }
        Ok(found)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Looked, E> {
        Ok(Looked { has_true: value, ..Looked::default() })
    }
    fn visit_str<E>(self, text: &str) -> Result<Looked, E> {
        let text = (text.len() <= 64).then(|| text.to_owned());
        Ok(Looked { text, ..Looked::default() })
    }
    fn visit_i64<E>(self, _: i64) -> Result<Looked, E> {
        Ok(Looked::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Looked, E> {
        Ok(Looked::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Looked, E> {
        Ok(Looked::default())
    }
    fn visit_unit<E>(self) -> Result<Looked, E> {
        Ok(Looked::default())
    }
}
