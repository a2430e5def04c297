//! Addresses of Terraform resources and modules: `module.team["red"].aws_s3_bucket.this[0]`.

use std::fmt::{self, Write};

/// The longest address that is read.
const MAX_ADDRESS: usize = 4096;
/// How deep modules can call each other.
pub const MAX_MODULES: usize = 32;

/// The key of one instance of `count` or `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Of `count`.
    Index(u64),
    /// Of `for_each`.
    Name(Box<str>),
}

/// A module call, possibly with the key of one of its instances.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// The name of the `module` block.
    pub name: Box<str>,
    /// The key of the instance.
    pub key: Option<Key>,
}

/// What an address names in a module: a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceName {
    /// `aws_s3_bucket`.
    pub resource_type: Box<str>,
    /// The name of the `resource` block.
    pub name: Box<str>,
    /// The key of the instance.
    pub key: Option<Key>,
}

/// The address of a module (without a resource) or of a resource, relative to a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The calls through which it is reached, from the outermost.
    pub modules: Vec<Step>,
    /// The resource; `None` for a module.
    pub resource: Option<ResourceName>,
}

impl Address {
    /// Reads an address. `None` if it is not one of a module or a managed resource.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_ADDRESS {
            return None;
        }
        let mut reader = Reader { rest: text.trim() };
        let mut address = Self { modules: Vec::new(), resource: None };
        loop {
            let first = reader.name()?;
            reader.take('.')?;
            let name = reader.name()?.into();
            let key = reader.key()?;
            match first {
                "module" => address.modules.push(Step { name, key }),
                "data" => return None,
                _ => {
                    let resource_type = first.into();
                    address.resource = Some(ResourceName { resource_type, name, key });
                }
            }
            if reader.rest.is_empty() {
                return (address.modules.len() <= MAX_MODULES).then_some(address);
            }
            // Nothing follows a resource.
            if address.resource.is_some() {
                return None;
            }
            reader.take('.')?;
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, expected: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    /// A key in brackets, if one follows; `None` if it is malformed.
    fn key(&mut self) -> Option<Option<Key>> {
        if self.take('[').is_none() {
            return Some(None);
        }
        let key = if self.take('"').is_some() {
            Key::Name(self.quoted()?.into())
        } else {
            let end = self.rest.find(']')?;
            let (number, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest;
            Key::Index(number.trim().parse().ok()?)
        };
        self.take(']')?;
        Some(Some(key))
    }

    /// The rest of a quoted string of HCL, after its first quotation mark.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(match chars.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => unicode(&mut chars, 4)?,
                    'U' => unicode(&mut chars, 8)?,
                    other => other,
                }),
                // `$${` is a literal `${`.
                mark @ ('$' | '%') => {
                    text.push(mark);
                    let rest = chars.as_str();
                    if rest.strip_prefix(mark).is_some_and(|rest| rest.starts_with('{')) {
                        chars.next();
                    }
                }
                other => text.push(other),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

fn unicode(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + chars.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Index(index) => return write!(f, "[{index}]"),
            Self::Name(name) => name,
        };
        f.write_str("[\"")?;
        let mut chars = name.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '$' | '%' if chars.peek() == Some(&'{') => write!(f, "{c}{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_str("\"]")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        self.key.iter().try_for_each(|key| key.fmt(f))
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.resource_type, self.name)?;
        self.key.iter().try_for_each(|key| key.fmt(f))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.modules.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            write!(f, "{dot}{step}")?;
        }
        if let Some(resource) = &self.resource {
            let dot = if self.modules.is_empty() { "" } else { "." };
            write!(f, "{dot}{resource}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in [
            "aws_vpc.main",
            "aws_vpc.main[0]",
            "module.a.aws_vpc.main",
            "module.team[\"red\"].aws_s3_bucket_versioning.this[\"raw\"]",
            "module.a[0].module.b-c[\"x.y[\\\"z\\\"]\"].aws_vpc.größe",
            "module.a[\"$${x}\\\\\"]",
            "module.a",
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), text);
        }
        let address = Address::parse("module.a[\"x.y[\\\"z\\\"]$${q}\"].aws_vpc.m").unwrap();
        assert_eq!(address.modules[0].key, Some(Key::Name("x.y[\"z\"]${q}".into())));
        for bad in [
            "",
            "aws_vpc",
            "aws_vpc.",
            "aws_vpc.main.id",
            "aws_vpc.main[",
            "aws_vpc.main[x]",
            "aws_vpc.main[-1]",
            "aws_vpc.main[\"x]",
            "data.aws_vpc.main",
            "module.a.data.aws_vpc.main",
            "module.a..aws_vpc.main",
            &"module.a.".repeat(40),
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_key_is_read_as_written(name in any::<String>(), index in any::<u64>()) {
            for key in [Key::Name(name.into()), Key::Index(index)] {
                let step = Step { name: "a".into(), key: Some(key) };
                let address = Address { modules: vec![step], resource: None };
                let text = address.to_string();
                prop_assume!(text.len() <= MAX_ADDRESS);
                prop_assert_eq!(Address::parse(&text), Some(address));
            }
        }
    }
}
