//! Where an expression is: a plan has neither expressions nor the keys in them, but the names that they
//! mention, and `each.key` and `count.index` are those of the instance that the expression is for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{Key, Part};
use super::expression::references;
use super::plan::{Plan, PlannedResource};

/// A place in the configuration whose references are resolved.
#[derive(Debug, Clone)]
pub struct Place {
    /// The instance of the module.
    pub module: Vec<Part>,
    /// The key of the instance that the expression is for: `each.key` or `count.index`.
    pub key: Option<Key>,
    /// The references of `for_each`, which `each.value` is from.
    pub each: Vec<String>,
    /// What has instances with these keys.
    of: Repeated,
}

/// What `count` or `for_each` repeats.
#[derive(Debug, Clone)]
enum Repeated {
    /// A resource, by type and name.
    Resource(String, String),
    /// A module call.
    Call(String),
    /// Nothing.
    Nothing,
}

impl Place {
    /// That of the arguments of a resource.
    pub fn of(resource: &PlannedResource, config: &Value) -> Self {
        let each = config.get("for_each_expression").map(references).unwrap_or_default();
        let of = Repeated::Resource(resource.type_name.clone(), resource.name.clone());
        Self { module: resource.module.clone(), key: resource.key.clone(), each, of }
    }

    /// That of the arguments of a module call.
    pub fn of_call(call: &Value, part: &Part, parent: &[Part]) -> Self {
        let each = call.get("for_each_expression").map(references).unwrap_or_default();
        let of = Repeated::Call(part.name.clone());
        Self { module: parent.to_vec(), key: part.key.clone(), each, of }
    }

    /// That of outputs and local values of a module, which have no key.
    pub fn in_module(module: Vec<Part>) -> Self {
        Self { module, key: None, each: Vec::new(), of: Repeated::Nothing }
    }

    /// The same without what `each.value` is from.
    pub fn without_each(&self) -> Self {
        Self { each: Vec::new(), ..self.clone() }
    }

    /// The key of the place, if an expression that mentions it can mean no other one of these: also
    /// `"${each.key}-public"` and `count.index + 1` mention it, but must be keys for all instances.
    pub fn chosen<'k>(
        &self,
        plan: &Plan,
        among: impl Iterator<Item = Option<&'k Key>>,
    ) -> Option<&Key> {
        let own = self.key.as_ref()?;
        let among: BTreeSet<&Key> = among.flatten().collect();
        let others = among.iter().filter(|other| ***other != *own);
        let mut changes = others.filter_map(|other| Change::between(own, other)).peekable();
        if changes.peek().is_none() {
            return Some(own);
        }
        let keys = self.keys(plan);
        let is_there = |key: &Key, change: Change<'_>| {
            change.of(key).is_some_and(|other| among.contains(&other))
        };
        // Two instances hardly mean the same one. Most changes are impossible for the first or last.
        let is_possible = |change: Change<'_>| {
            let ends = [keys.first(), keys.last()];
            if !ends.into_iter().flatten().all(|key| is_there(key, change)) {
                return false;
            }
            let meant: Option<BTreeSet<Key>> = keys.iter().map(|key| change.of(key)).collect();
            meant.is_some_and(|meant| {
                meant.len() == keys.len() && meant.iter().all(|key| among.contains(key))
            })
        };
        (!changes.any(is_possible)).then_some(own)
    }

    /// The keys of all instances that have the expression.
    fn keys(&self, plan: &Plan) -> BTreeSet<Key> {
        match &self.of {
            Repeated::Resource(type_name, name) => {
                let all = plan.instances(&self.module, type_name, name);
                all.filter(|one| one.exists_after()).filter_map(|one| one.key.clone()).collect()
            }
            Repeated::Call(name) => {
                let all = plan.module_instances(&self.module, name);
                all.into_iter().filter_map(|mut path| path.pop()?.key).collect()
            }
            Repeated::Nothing => BTreeSet::new(),
        }
    }
}

/// How an expression can make another key of that of the instance.
#[derive(Clone, Copy)]
enum Change<'k> {
    /// Something before and after it.
    Around(&'k str, &'k str),
    /// The same without something before and after it, where there is that.
    Within(&'k str, &'k str),
    /// Another case.
    Lower,
    Upper,
    /// Another number.
    Shift(i64),
}

impl<'k> Change<'k> {
    fn between(own: &'k Key, other: &'k Key) -> Option<Self> {
        match (own, other) {
            (Key::Index(own), Key::Index(other)) => {
                let [own, other] = [*own, *other].map(|index| i64::try_from(index).ok());
                Some(Self::Shift(other?.checked_sub(own?)?))
            }
            (Key::Name(own), Key::Name(other)) => match other.split_once(own.as_str()) {
                Some((before, after)) => Some(Self::Around(before, after)),
                None if own.contains(other.as_str()) => {
                    let (before, after) = own.split_once(other.as_str())?;
                    Some(Self::Within(before, after))
                }
                None if *other == own.to_lowercase() => Some(Self::Lower),
                None if *other == own.to_uppercase() => Some(Self::Upper),
                None => None,
            },
            _ => None,
        }
    }

    fn of(self, key: &Key) -> Option<Key> {
        match (self, key) {
            (Self::Around(before, after), Key::Name(name)) => {
                Some(Key::Name(format!("{before}{name}{after}")))
            }
            (Self::Within(before, after), Key::Name(name)) => {
                let name = name.strip_prefix(before).unwrap_or(name);
                Some(Key::Name(name.strip_suffix(after).unwrap_or(name).to_owned()))
            }
            (Self::Lower, Key::Name(name)) => Some(Key::Name(name.to_lowercase())),
            (Self::Upper, Key::Name(name)) => Some(Key::Name(name.to_uppercase())),
            (Self::Shift(by), Key::Index(index)) => {
                let index = i64::try_from(*index).ok()?.checked_add(by)?;
                Some(Key::Index(u64::try_from(index).ok()?))
            }
            _ => None,
        }
    }
}
