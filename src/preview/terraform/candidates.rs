//! Which resources an id that is not known until apply can be of. What is known before is not such an
//! id, and neither is that of a resource without instances, unless something that is not known chooses it:
//! then it can be any.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{Key, Part, parts};
use super::attribute::Attribute;
use super::expression::{outermost, references};
use super::family::{Candidates, Family};
use super::place::Place;
use super::plan::{Action, Plan, PlannedResource};
use crate::preview::item::default_of;

/// The type that stores values.
const STORED: &str = "terraform_data";

/// How many references are followed.
const MAX_STEPS: usize = 20_000;
/// How many of them lead to each other.
const MAX_DEPTH: usize = 64;

/// What a search has found.
struct Search<'p> {
    plan: &'p Plan,
    family: &'static Family,
    /// The resource that has the reference.
    of: &'p PlannedResource,
    /// Those with ids that are not known.
    unknown: BTreeSet<String>,
    /// Whether something else is not known: it can be the id of anything, or a condition that chooses an id
    /// that exists.
    is_open: bool,
    /// Whether it can be anything, also if somebody chooses such ids.
    is_any: bool,
    /// Whether one of them can be of another region or account.
    is_vague: bool,
    /// Whether what is found is all that a module has, and not what an expression mentions.
    is_listed: bool,
    /// The local values whose modules were followed, and the resources.
    locals: BTreeSet<(Vec<Part>, String)>,
    satellites: BTreeSet<String>,
    steps: usize,
}

/// Which instances of several a reference means.
enum Chosen {
    /// The one with this key.
    Key(Key),
    /// The one with the key of the place, if it can be no other one.
    Own,
    /// Any.
    All,
}

impl Chosen {
    fn key<'k>(
        self,
        plan: &Plan,
        place: &Place,
        among: impl Iterator<Item = Option<&'k Key>>,
    ) -> Option<Key> {
        match self {
            Self::Key(key) => Some(key),
            Self::Own => place.chosen(plan, among).cloned(),
            Self::All => None,
        }
    }
}

impl Plan {
    /// Whether an argument of a resource that is not known is the id of the resource at an address.
    pub fn belongs(&self, one: &PlannedResource, argument: &str, address: &str) -> bool {
        match self.referred(one, argument).only(&["id"]) {
            Some(only) => only == address,
            None => match self.candidates(one, argument) {
                Some(Candidates::These(ids)) => ids.len() == 1 && ids.contains(address),
                _ => false,
            },
        }
    }

    /// What an argument of a resource that is not known can be the id of; `None` if nothing is found.
    pub fn candidates(&self, resource: &PlannedResource, argument: &str) -> Option<Candidates> {
        if !resource.after().get(argument).is_unknown() {
            return None;
        }
        let key = (resource.address.clone(), argument.to_owned());
        if let Some(known) = self.candidates.borrow().get(&key) {
            return known.clone();
        }
        let found = self.search(resource, argument);
        self.candidates.borrow_mut().insert(key, found.clone());
        found
    }

    fn search(&self, resource: &PlannedResource, argument: &str) -> Option<Candidates> {
        let family = Family::of(argument)?;
        let config = self.configured(resource)?;
        let expression = config.get("expressions")?.get(argument)?;
        let mut search = Search {
            plan: self,
            family,
            of: resource,
            unknown: BTreeSet::new(),
            is_open: false,
            is_any: false,
            is_vague: false,
            is_listed: false,
            locals: BTreeSet::new(),
            satellites: BTreeSet::from([resource.address.clone()]),
            steps: 0,
        };
        let place = Place::of(resource, config);
        search.follow(&references(expression), &place, 0);
        search.candidates()
    }
}

impl<'p> Search<'p> {
    fn candidates(self) -> Option<Candidates> {
        match (self.unknown.is_empty(), self.is_open) {
            // A name that is computed is hardly that of a bucket that exists.
            (true, true) => {
                (self.is_any || !self.family.has_chosen_ids()).then_some(Candidates::All)
            }
            (true, false) => None,
            (false, true) => Some(Candidates::All),
            (false, false) if self.is_vague => Some(Candidates::Among(self.unknown)),
            (false, false) => Some(Candidates::These(self.unknown)),
        }
    }

    fn follow(&mut self, names: &[String], place: &Place, depth: usize) {
        self.steps += 1;
        if self.steps >= MAX_STEPS || depth >= MAX_DEPTH {
            self.is_open = true;
            return;
        }
        let outermost = outermost(names);
        // A longer expression can turn the key into another one.
        let is_key = |name: &&str| *name == "each.key";
        let is_plain = outermost.len() == 2 && outermost.iter().any(is_key);
        let is_of = |name: &&str| {
            let of = name.split('.').next().unwrap_or(name);
            self.family.is_of(of)
        };
        let has_own = outermost.iter().any(is_of);
        let chosen = |part: &'_ Part| match &part.key {
            Some(key) => Chosen::Key(key.clone()),
            None if is_plain => Chosen::Own,
            None => Chosen::All,
        };
        for name in outermost {
            // Next to what it chooses from, it is a condition, and it is known.
            if has_own && self.plan.is_counted(&place.module, name) {
                continue;
            }
            let Some(parts) = parts(name) else {
                self.is_open = true;
                continue;
            };
            let attribute = || parts.get(2).map(|part| part.name.as_str());
            match parts.as_slice() {
                [root, part, ..] if root.name == "each" && part.name == "value" => {
                    let inner = place.without_each();
                    self.each_value(&place.each, attribute(), &inner, depth + 1);
                }
                [root, ..] if matches!(root.name.as_str(), "each" | "count" | "path") => {}
                [root, ..] if matches!(root.name.as_str(), "terraform" | "self") => {}
                [root, part, ..] if root.name == "var" => self.variable(&part.name, place, depth),
                [root, part, ..] if root.name == "local" => self.local(&part.name, place, depth),
                [root, call, rest @ ..] if root.name == "module" => {
                    let output = rest.first().map(|part| part.name.as_str());
                    self.outputs(&call.name, output, (place, chosen(call)), depth);
                }
                [root, of, name, ..] if root.name == "data" => {
                    self.data(&place.module, &of.name, &name.name);
                }
                [of, part, ..] => {
                    let by = chosen(part);
                    self.instances((&of.name, &part.name), by, attribute(), place, depth);
                }
                _ => self.is_open = true,
            }
        }
    }

    /// The values of `for_each`, or an attribute of the resources that they are.
    fn each_value(
        &mut self,
        each: &[String],
        attribute: Option<&str>,
        place: &Place,
        depth: usize,
    ) {
        let is_resource = |parts: &[Part]| {
            let other = ["var", "local", "module", "each", "data"];
            parts.len() == 2 && parts.first().is_some_and(|one| !other.contains(&&*one.name))
        };
        let names = outermost(each);
        let parts = names.first().and_then(|name| parts(name));
        match (names.as_slice(), parts.as_deref()) {
            ([_], Some([of, part])) if is_resource(&[of.clone(), part.clone()]) => {
                let by = part.key.clone().map_or(Chosen::Own, Chosen::Key);
                self.instances((&of.name, &part.name), by, attribute, place, depth);
            }
            _ => self.follow(each, place, depth),
        }
    }

    fn variable(&mut self, name: &str, place: &Place, depth: usize) {
        // Root variables and defaults are known.
        let Some((part, parent)) = place.module.split_last() else { return };
        let Some(call) = self.plan.call(&place.module) else {
            self.is_open = true;
            return;
        };
        let Some(expression) = call.get("expressions").and_then(|all| all.get(name)) else {
            return;
        };
        let place = Place::of_call(call, part, parent);
        self.follow(&references(expression), &place, depth + 1);
    }

    /// The plan does not have local values: one can be all that is not known in its module, and depend on it.
    fn local(&mut self, name: &str, place: &Place, depth: usize) {
        let module = place.module.clone();
        if !self.locals.insert((module.clone(), name.to_owned())) {
            return;
        }
        match self.plan.local(&module, name) {
            Some(names) => {
                let place = Place::in_module(module);
                self.follow(names, &place, depth + 1);
            }
            // It can be a name that is computed from anything.
            None if self.family.has_chosen_ids() => self.is_open = true,
            None => {
                let was_listed = std::mem::replace(&mut self.is_listed, true);
                self.all_of(&module, name, depth + 1);
                self.is_listed = was_listed;
            }
        }
    }

    /// Everything in a module that is not known, and that a local value of it can depend on: not what depends
    /// on the local value. A local value is not chosen by a group or by its rules, but is the id of one.
    fn all_of(&mut self, module: &[Part], local: &str, depth: usize) {
        if depth >= MAX_DEPTH {
            self.is_open = true;
            return;
        }
        let plan = self.plan;
        let dependents = plan.dependents(module, local);
        let is_before = |of: &str, name: &str| !dependents.contains(&format!("{of}.{name}"));
        self.is_open |= plan.deferred.iter().any(|(one, _)| one.module == module);
        self.is_open |= plan.read_later().iter().any(|one| {
            one.module == module && is_before(&format!("data.{}", one.type_name), &one.name)
        });
        for one in plan.in_module(module).filter(|one| is_there(one)) {
            if !is_before(&one.type_name, &one.name) {
                continue;
            }
            let family = self.family;
            let is_satellite = family.is_satellite(&one.type_name);
            let expressions = plan.configured(one).and_then(|config| config.get("expressions"));
            for attribute in one.after().names() {
                let value = one.after().get(attribute);
                match expressions.and_then(|all| all.get(attribute)) {
                    _ if !value.has_unknown() => {}
                    _ if family.is_of(&one.type_name) => {
                        if family.ids.contains(&attribute) {
                            self.attribute(one, attribute, depth);
                        }
                    }
                    _ if is_satellite && attribute == family.argument => {
                        self.satellite(one, depth);
                    }
                    _ if is_satellite => {}
                    // What an argument is from is followed anyway.
                    Some(argument) => self.is_open |= computes(value, argument, depth),
                    None => self.is_open = true,
                }
            }
        }
        if let (Some((part, parent)), Some(call)) = (module.split_last(), plan.call(module)) {
            let place = Place::of_call(call, part, parent);
            let all = call.get("expressions").and_then(Value::as_object).into_iter().flatten();
            for (_, expression) in all {
                self.follow(&references(expression), &place, depth + 1);
            }
        }
        let calls = plan.module(module).and_then(|module| module.get("module_calls"));
        for call in calls.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
            let place = Place::in_module(module.to_vec());
            self.outputs(call, None, (&place, Chosen::All), depth);
        }
    }

    /// An output of a module, or all of them, of the instance with a key, or of all instances.
    fn outputs(
        &mut self,
        call: &str,
        output: Option<&str>,
        (place, by): (&Place, Chosen),
        depth: usize,
    ) {
        let instances = self.plan.module_instances(&place.module, call);
        let keys = instances.iter().map(|one| one.last()?.key.as_ref());
        let key = by.key(self.plan, place, keys);
        let key = key.as_ref();
        let with_key = |one: &&Vec<Part>| one.last().is_some_and(|part| part.key.as_ref() == key);
        let chosen: Vec<Vec<Part>> =
            match key.is_some() && instances.iter().any(|one| with_key(&one)) {
                true => instances.iter().filter(with_key).cloned().collect(),
                false => instances,
            };
        for module in chosen {
            let Some(outputs) = self.plan.module(&module).and_then(|one| one.get("outputs")) else {
                self.is_open |= !self.is_listed;
                continue;
            };
            let place = Place::in_module(module);
            let all = outputs.as_object().into_iter().flatten();
            for (_, config) in all.filter(|(name, _)| output.is_none_or(|only| only == *name)) {
                let names = config.get("expression").map(references).unwrap_or_default();
                self.follow(&names, &place, depth + 1);
            }
        }
    }

    /// A data source: what was read before is known.
    fn data(&mut self, module: &[Part], of: &str, name: &str) {
        let later = self.plan.read_later();
        let mut later = later.iter().filter(|one| one.module == module && one.type_name == of);
        self.is_open |= later.any(|one| one.name == name) || !self.plan.deferred.is_empty();
    }

    /// The instances of a resource in a module.
    fn instances(
        &mut self,
        (of, name): (&str, &str),
        by: Chosen,
        attribute: Option<&str>,
        place: &Place,
        depth: usize,
    ) {
        let plan = self.plan;
        let is_it =
            |one: &&PlannedResource| one.type_name == of && one.name == name && is_there(one);
        let all: Vec<&PlannedResource> = plan.in_module(&place.module).filter(is_it).collect();
        if all.is_empty() {
            self.is_open |= !plan.has_none(&place.module, of, name);
            return;
        }
        let key = by.key(plan, place, all.iter().map(|one| one.key.as_ref()));
        let key = key.as_ref();
        let with_key = |one: &&&PlannedResource| one.key.as_ref() == key;
        let chosen: Vec<&PlannedResource> =
            match key.is_some() && all.iter().any(|one| with_key(&one)) {
                true => all.iter().filter(with_key).copied().collect(),
                false => all,
            };
        for one in chosen {
            self.attribute(one, attribute.unwrap_or_default(), depth);
        }
    }

    /// An attribute of a resource; of all of it if it is empty.
    fn attribute(&mut self, one: &'p PlannedResource, attribute: &str, depth: usize) {
        let family = self.family;
        let is_id = attribute.is_empty() || family.ids.contains(&attribute);
        if family.is_of(&one.type_name) && is_id {
            return self.resource(one, if attribute.is_empty() { "id" } else { attribute });
        }
        let created = matches!(one.action, Action::Create | Action::Replace);
        if created && one.type_name == "aws_vpc" && family.default == Some(attribute) {
            self.unknown.insert(default_of(&one.address, attribute));
            return;
        }
        let argument = family.argument;
        if family.is_satellite(&one.type_name)
            && (is_id && family.is_known_by_id(&one.type_name) || attribute == argument)
        {
            self.satellite(one, depth);
            return;
        }
        if one.type_name == STORED && matches!(attribute, "" | "output") {
            return self.stored(one, depth);
        }
        let expression = self.plan.argument(one, attribute).filter(|_| !attribute.is_empty());
        if !one.after().get(attribute).has_unknown() && !attribute.is_empty() {
            // What is known is not what is not known.
        } else if let Some(expression) = expression {
            if self.satellites.insert(format!("{}.{attribute}", one.address)) {
                let config = self.plan.configured(one).unwrap_or(&Value::Null);
                self.follow(&references(expression), &Place::of(one, config), depth + 1);
            }
        } else {
            self.other(one, attribute);
        }
    }

    /// The output of a resource that stores values: that is its input.
    fn stored(&mut self, one: &'p PlannedResource, depth: usize) {
        let input = one.after().get("input");
        if let (Ok(Some(id)), false) = (input.text(), input.has_unknown())
            && self.family.is_id(id)
        {
            self.unknown.insert(id.to_owned());
            return;
        }
        // One of several values, a part of the id, a condition, or what is known only then.
        (self.is_open, self.is_any) = (true, true);
        let expression = self.plan.argument(one, "input").filter(|_| input.is_unknown());
        if let Some(expression) = expression
            && self.satellites.insert(format!("{}.input", one.address))
        {
            let config = self.plan.configured(one).unwrap_or(&Value::Null);
            self.follow(&references(expression), &Place::of(one, config), depth + 1);
        }
    }

    /// A resource that can be meant by an attribute.
    fn resource(&mut self, one: &'p PlannedResource, attribute: &str) {
        // One of another region or account cannot be meant.
        self.is_vague |= one.provider != self.of.provider;
        let text = |side: Attribute<'p>| side.get(attribute).text();
        match (text(one.after()), text(one.before())) {
            (Ok(Some(_)), _) => {}
            // It stays the same one.
            (_, Ok(Some(id))) if one.action == Action::Update => {
                self.unknown.insert(id.to_owned());
            }
            _ => drop(self.unknown.insert(one.address.clone())),
        }
    }

    /// A resource that has the id of another one.
    fn satellite(&mut self, one: &'p PlannedResource, depth: usize) {
        if !self.satellites.insert(one.address.clone()) {
            return;
        }
        match one.after().get(self.family.argument).text() {
            // Only its own id is not known.
            Ok(Some(id)) => drop(self.unknown.insert(id.to_owned())),
            Ok(None) => self.is_open = true,
            Err(_) => {
                let config = self.plan.configured(one).unwrap_or(&Value::Null);
                let expression = self.plan.argument(one, self.family.argument);
                let names = expression.map(references).unwrap_or_default();
                // What a module has is followed anyway.
                let is_local = |name: &String| name.starts_with("local.");
                let names: Vec<String> = match self.is_listed {
                    true => names.into_iter().filter(|name| !is_local(name)).collect(),
                    false => names,
                };
                self.follow(&names, &Place::of(one, config), depth + 1);
            }
        }
    }

    /// An attribute that is not known, and that the provider computes.
    fn other(&mut self, one: &PlannedResource, attribute: &str) {
        let is_it = |name: &&str| attribute.is_empty() || *name == attribute;
        let names = one.after().names();
        let mut names = names.into_iter().filter(is_it);
        self.is_open |=
            one.address != self.of.address && names.any(|name| one.after().get(name).has_unknown());
    }
}

/// Whether the provider computes something in a block: what the configuration does not have.
fn computes(block: Attribute<'_>, config: &Value, depth: usize) -> bool {
    if depth >= MAX_DEPTH || block.is_unknown() || !block.has_unknown() {
        return false;
    }
    let items = block.items().unwrap_or_default();
    items.iter().enumerate().any(|(index, item)| {
        let config = config.get(index).or_else(|| config.get(0)).unwrap_or(config);
        item.raw().is_object()
            && item.names().into_iter().any(|name| {
                let value = item.get(name);
                match config.get(name) {
                    Some(inner) => computes(value, inner, depth + 1),
                    None => value.has_unknown(),
                }
            })
    })
}

/// Whether expressions can mention a resource.
fn is_there(one: &PlannedResource) -> bool {
    one.exists_after() && !one.is_deposed
}

#[cfg(test)]
mod tests;
