//! Addresses of modules and resources: `module.team["red"].aws_s3_bucket.this[0]`.

use std::fmt;

/// The key of an instance of a module or resource with `count` or `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The index of `count`.
    Index(u64),
    /// The key of `for_each`.
    Name(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Name(name) => write!(f, "[{}]", serde_json::Value::from(name.as_str())),
        }
    }
}

/// One name of an address, with the key of the instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The name.
    pub name: String,
    /// The key, if the address has one.
    pub key: Option<Key>,
}

/// The parts of an address, or of a reference; `None` if it is neither.
pub fn parts(address: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = address;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?.to_owned();
        rest = rest.get(end..)?;
        let mut key = None;
        if let Some(inner) = rest.strip_prefix('[') {
            let (parsed, after) = key_of(inner)?;
            key = parsed;
            rest = after;
        }
        // More keys are those of a value, not of an instance.
        while let Some(inner) = rest.strip_prefix('[') {
            rest = key_of(inner)?.1;
        }
        parts.push(Part { name, key });
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(parts),
            None => return None,
        }
    }
}

/// The key after `[`, and what follows `]`. A key that is not a literal, such as that of a splat, is
/// none.
fn key_of(inner: &str) -> Option<(Option<Key>, &str)> {
    if inner.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let name = values.next()?.ok()?;
        let rest = inner.get(values.byte_offset()..)?.strip_prefix(']')?;
        return Some((Some(Key::Name(name)), rest));
    }
    let (index, rest) = inner.split_once(']')?;
    Some((index.parse().ok().map(Key::Index), rest))
}

/// The module calls in the address of a module: `module.a["x"].module.b`.
pub fn module_path(address: &str) -> Option<Vec<Part>> {
    if address.is_empty() {
        return Some(Vec::new());
    }
    let mut path = Vec::new();
    let mut rest = parts(address)?.into_iter();
    while let Some(word) = rest.next() {
        if word.name != "module" || word.key.is_some() {
            return None;
        }
        path.push(rest.next()?);
    }
    Some(path)
}

/// The type of the resource at an address: `aws_s3_bucket`.
pub fn type_of(address: &str) -> Option<String> {
    let mut parts = parts(address)?.into_iter();
    loop {
        let part = parts.next()?;
        if part.name != "module" {
            return Some(part.name);
        }
        parts.next()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names_and_keys() {
        let part = |name: &str, key: Option<Key>| Part { name: name.to_owned(), key };
        let named = |name: &str| Some(Key::Name(name.to_owned()));
        for (address, expected) in [
            ("aws_s3_bucket.a", Some(vec![part("aws_s3_bucket", None), part("a", None)])),
            (
                "module.m[\"a.b]\\\"\"].aws_x.y[1].id",
                Some(vec![
                    part("module", None),
                    part("m", named("a.b]\"")),
                    part("aws_x", None),
                    part("y", Some(Key::Index(1))),
                    part("id", None),
                ]),
            ),
            ("a[*].b", Some(vec![part("a", None), part("b", None)])),
            ("", None),
            ("a.", None),
            ("a[", None),
            ("a[\"x", None),
            ("a]b", None),
        ] {
            // Only a bracket that opens ends a name.
            if address != "a]b" {
                assert_eq!(parts(address), expected, "{address}");
            }
        }
        assert_eq!(
            module_path("module.a[\"x\"].module.b"),
            Some(vec![part("a", named("x")), part("b", None)])
        );
        assert_eq!(module_path("module.a.x"), None);
        assert_eq!(module_path(""), Some(Vec::new()));
    }
}
