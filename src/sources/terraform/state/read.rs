//! Reading a state as a stream.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::error::StateError;
use super::instance::{Instance, Kept, Scope, State};
use super::kept::{Collect, Found, Sensitive};
use super::scope;
use crate::sources::terraform::address::{Address, Key, Step};
use crate::sources::terraform::relations::INDEX;

/// The largest state that is read.
const MAX_STATE: u64 = 256 * 1024 * 1024;
/// How many values are kept of a state. The largest states have a few ten thousand resources.
const MAX_KEPT: usize = 4_000_000;
/// How many resource instances a state can have.
const MAX_INSTANCES: usize = 1_000_000;
/// The longest name, address or key.
const MAX_NAME: usize = 4096;
/// The version of the raw format.
const RAW_VERSION: u64 = 4;

/// Reads a state.
pub fn read(source: impl Read) -> Result<State, StateError> {
    read_at_most(source, MAX_STATE)
}

/// Reads a state of at most so many bytes.
pub fn read_at_most(source: impl Read, limit: u64) -> Result<State, StateError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => StateError::TooLarge(limit),
        _ => StateError::Io(error),
    };
    let mut source = BufReader::with_capacity(64 * 1024, Limited { source, left: limit });
    skip_mark(&mut source, failed)?;
    let mut document = Document::default();
    document.sink.found.budget = MAX_KEPT;
    document.sink.left = MAX_INSTANCES;
    let mut reader = serde_json::Deserializer::from_reader(source);
    let result = (&mut document).deserialize(&mut reader).and_then(|()| reader.end());
    if document.sink.found.budget == 0 || document.sink.left == 0 {
        return Err(StateError::TooMany);
    }
    result.map_err(|error| failure(error, failed))?;
    document.check()?;
    let mut instances = document.sink.instances;
    scope::complete(&mut instances);
    Ok(State { lineage: document.lineage, instances })
}

/// The text of a JSON error can contain a value of the state, so only its place is used.
fn failure(error: serde_json::Error, failed: impl Fn(io::Error) -> StateError) -> StateError {
    let (line, column) = (error.line(), error.column());
    if error.is_io() {
        failed(error.into())
    } else if error.is_data() {
        StateError::Format(format!(
            "it does not have the structure of a state at line {line}, column {column}"
        ))
    } else {
        StateError::NotJson { line, column }
    }
}

/// Fails after a number of bytes.
struct Limited<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

/// Skips a byte order mark, and recognizes what is not JSON.
fn skip_mark(
    source: &mut impl BufRead,
    failed: impl Fn(io::Error) -> StateError,
) -> Result<(), StateError> {
    let start = source.fill_buf().map_err(failed)?;
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(StateError::Utf16);
    }
    if start.is_empty() {
        return Err(StateError::Empty);
    }
    if start.starts_with(b"version https://git-lfs") {
        return Err(StateError::LfsPointer);
    }
    if start.starts_with(b"PK\x03\x04") {
        return Err(StateError::SavedPlan);
    }
    if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        source.consume(3);
    }
    Ok(())
}

/// What is read of the whole document.
#[derive(Default)]
struct Document {
    version: Option<u64>,
    format_version: Option<String>,
    lineage: Option<String>,
    is_encrypted: bool,
    sink: Sink,
}

impl Document {
    fn check(&self) -> Result<(), StateError> {
        let format = |text: String| Err(StateError::Format(text));
        if self.is_encrypted {
            return Err(StateError::Encrypted);
        }
        match (&self.format_version, self.version) {
            // The output of `show -json`: only the major version counts.
            (Some(version), _) if matches!(version.split('.').next(), Some("0" | "1")) => Ok(()),
            (Some(_), _) => format(
                "it is in an unknown format of `terraform show -json`; rolecall reads version 1"
                    .to_owned(),
            ),
            (None, Some(RAW_VERSION)) => Ok(()),
            (None, Some(version)) => format(format!(
                "it is a state of version {version}, and rolecall reads version {RAW_VERSION}; use the output of `terraform show -json`"
            )),
            (None, None) => format(
                "it is neither a Terraform state nor the output of `terraform show -json`: `version` is missing"
                    .to_owned(),
            ),
        }
    }
}

/// An object of the document that is read into the sink.
trait Part {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, map: A) -> Result<(), A::Error>;
}

/// One object, or `null`.
struct One<'a, P>(&'a mut Sink, PhantomData<P>);

/// A list of objects, or `null`.
struct Many<'a, P>(&'a mut Sink, PhantomData<P>);

impl<'de, P: Part> DeserializeSeed<'de> for One<'_, P> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, P: Part> Visitor<'de> for One<'_, P> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        P::read(self.0, map)
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'de, P: Part> DeserializeSeed<'de> for Many<'_, P> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, P: Part> Visitor<'de> for Many<'_, P> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(One::<P>(&mut *self.0, PhantomData))?.is_some() {}
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Document {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a state")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let sink = &mut self.sink;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "version" => self.version = map.next_value()?,
                "format_version" => self.format_version = map.next_value::<Text>()?.0,
                "lineage" => self.lineage = map.next_value::<Text>()?.0,
                "resources" => map.next_value_seed(Many::<RawResource>(sink, PhantomData))?,
                "values" | "prior_state" => {
                    map.next_value_seed(One::<Values>(sink, PhantomData))?
                }
                name => {
                    self.is_encrypted |= name == "encrypted_data";
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A resource of the raw format: all its instances.
struct RawResource;

impl Part for RawResource {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, mut map: A) -> Result<(), A::Error> {
        let (mut module, mut mode, mut resource_type) = (None, None, None);
        let (mut name, mut provider) = (None, None);
        sink.pending.clear();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "module" => module = map.next_value::<Text>()?.0,
                "mode" => mode = map.next_value::<Text>()?.0,
                "type" => resource_type = map.next_value::<Text>()?.0,
                "name" => name = map.next_value::<Text>()?.0,
                "provider" => provider = map.next_value::<Text>()?.0,
                "instances" => {
                    map.next_value_seed(Many::<RawInstance>(&mut *sink, PhantomData))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let instances = std::mem::take(&mut sink.pending);
        if mode.as_deref() != Some("managed") {
            return Ok(());
        }
        let (Some(resource_type), Some(name)) = (resource_type, name) else { return Ok(()) };
        let modules = match module.filter(|module| !module.is_empty()) {
            Some(module) => match Address::parse(&module) {
                Some(Address { modules, resource: None }) => modules,
                _ => return Ok(()),
            },
            None => Vec::new(),
        };
        let place = sink.place(modules, &resource_type, &name, &provider.unwrap_or_default());
        for pending in instances {
            sink.add(&place, pending);
        }
        Ok(())
    }
}

/// An instance of a resource in the raw format.
struct RawInstance;

impl Part for RawInstance {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, mut map: A) -> Result<(), A::Error> {
        sink.count()?;
        let (mut key, mut is_deposed, mut sensitive) = (None, false, Sensitive::default());
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "index_key" => key = map.next_value::<IndexKey>()?.0,
                "deposed" => is_deposed = map.next_value::<Text>()?.is_set(),
                "attributes" => map.next_value_seed(Collect::into(&mut sink.found))?,
                "sensitive_attributes" => sensitive = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let values = sink.take_values(&sensitive);
        sink.pending.push(Pending { key, is_deposed, values });
        Ok(())
    }
}

/// `values` of `show -json`, or the whole `prior_state`, which contains it.
struct Values;

impl Part for Values {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "values" => map.next_value_seed(One::<Self>(&mut *sink, PhantomData))?,
                "root_module" => map.next_value_seed(One::<Module>(&mut *sink, PhantomData))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A module of `show -json`.
struct Module;

impl Part for Module {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "resources" => {
                    map.next_value_seed(Many::<ShownResource>(&mut *sink, PhantomData))?;
                }
                "child_modules" => map.next_value_seed(Many::<Self>(&mut *sink, PhantomData))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A resource instance of `show -json`.
struct ShownResource;

impl Part for ShownResource {
    fn read<'de, A: MapAccess<'de>>(sink: &mut Sink, mut map: A) -> Result<(), A::Error> {
        sink.count()?;
        let (mut address, mut mode, mut provider) = (None, None, None);
        let (mut is_deposed, mut sensitive) = (false, Sensitive::default());
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "address" => address = map.next_value::<Text>()?.0,
                "mode" => mode = map.next_value::<Text>()?.0,
                "provider_name" => provider = map.next_value::<Text>()?.0,
                "deposed_key" => is_deposed = map.next_value::<Text>()?.is_set(),
                "values" => map.next_value_seed(Collect::into(&mut sink.found))?,
                "sensitive_values" => sensitive = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let values = sink.take_values(&sensitive);
        let address = address.filter(|_| mode.as_deref() == Some("managed"));
        let Some(address) = address.and_then(|address| Address::parse(&address)) else {
            return Ok(());
        };
        let Some(resource) = address.resource else { return Ok(()) };
        let provider = provider.unwrap_or_default();
        let place = sink.place(address.modules, &resource.resource_type, &resource.name, &provider);
        sink.add(&place, Pending { key: resource.key, is_deposed, values });
        Ok(())
    }
}

/// A short string; `None` for `null`, anything else, and long strings.
struct Text(Option<String>);

impl Text {
    fn is_set(&self) -> bool {
        self.0.as_deref().is_some_and(|text| !text.is_empty())
    }
}

/// The key of an instance: a number, a string, or `null`.
struct IndexKey(Option<Key>);

struct Scalar;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = deserializer.deserialize_any(Scalar)?;
        Ok(Self(match key {
            Some(Key::Name(name)) => Some(name.into()),
            Some(Key::Index(_)) | None => None,
        }))
    }
}

impl<'de> Deserialize<'de> for IndexKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar).map(Self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<Key>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<Option<Key>, E> {
        Ok((text.len() <= MAX_NAME).then(|| Key::Name(text.into())))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Option<Key>, E> {
        Ok(Some(Key::Index(value)))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Option<Key>, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Option<Key>, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Option<Key>, E> {
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Option<Key>, E> {
        Ok(None)
    }
}

/// An instance whose resource is not known yet: keys have no fixed order.
struct Pending {
    key: Option<Key>,
    is_deposed: bool,
    values: Vec<Kept>,
}

/// Where instances belong.
struct Home {
    modules: Arc<[Step]>,
    resource_type: Arc<str>,
    name: Arc<str>,
    provider: u32,
}

/// What is kept.
#[derive(Default)]
struct Sink {
    instances: Vec<Instance>,
    pending: Vec<Pending>,
    found: Found,
    /// How many more instances there can be.
    left: usize,
    modules: HashMap<Vec<Step>, Arc<[Step]>>,
    texts: HashMap<Box<str>, Arc<str>>,
    providers: HashMap<Box<str>, u32>,
}

impl Sink {
    /// Counts an instance.
    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { Err(E::custom("too many instances")) } else { Ok(()) }
    }

    /// The values that were found, without sensitive ones.
    fn take_values(&mut self, sensitive: &Sensitive) -> Vec<Kept> {
        let mut values = std::mem::take(&mut self.found.values);
        values.retain(|kept| {
            let name = INDEX.name(kept.path).split('.').next().unwrap_or_default();
            !sensitive.0.contains(&name)
        });
        values
    }

    fn place(
        &mut self,
        modules: Vec<Step>,
        resource_type: &str,
        name: &str,
        provider: &str,
    ) -> Home {
        let modules = match self.modules.get(&modules) {
            Some(known) => Arc::clone(known),
            None => {
                let shared: Arc<[Step]> = modules.clone().into();
                self.modules.insert(modules, Arc::clone(&shared));
                shared
            }
        };
        let next = u32::try_from(self.providers.len()).unwrap_or(u32::MAX);
        let provider = match self.providers.get(provider) {
            Some(known) => *known,
            None => {
                self.providers.insert(provider.into(), next);
                next
            }
        };
        let resource_type = self.shared(resource_type);
        Home { modules, resource_type, name: self.shared(name), provider }
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(text.into(), Arc::clone(&shared));
        shared
    }

    /// Keeps an instance of the provider `aws`, with what the table needs of its type.
    fn add(&mut self, home: &Home, pending: Pending) {
        if !home.resource_type.starts_with("aws_") {
            return;
        }
        let mut values = pending.values;
        values.retain(|kept| INDEX.keeps(&home.resource_type, kept.path));
        values.sort_by_key(|kept| kept.path);
        self.instances.push(Instance {
            modules: Arc::clone(&home.modules),
            resource_type: Arc::clone(&home.resource_type),
            name: Arc::clone(&home.name),
            key: pending.key,
            is_deposed: pending.is_deposed,
            values: values.into(),
            scope: Scope::default(),
            provider: home.provider,
        });
    }
}
