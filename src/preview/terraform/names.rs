//! What the configuration of a plan says about names: which modules, resources, variables and local values they
//! are.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{Part, parts};
use super::expression::references;
use super::plan::{Plan, PlannedResource};

impl Plan {
    /// The instances of a module that is called in an instance of another one.
    pub(super) fn module_instances(&self, parent: &[Part], call: &str) -> Vec<Vec<Part>> {
        let is_it = |path: &Vec<Part>| {
            let step = path.get(parent.len());
            path.starts_with(parent) && step.is_some_and(|step| step.name == call)
        };
        let instance = |path: &Vec<Part>| path.get(..=parent.len()).map(<[Part]>::to_vec);
        let later = self.read_later().iter().map(|one| &one.module);
        let found: BTreeSet<Vec<Part>> =
            self.modules().chain(later).filter(|path| is_it(path)).filter_map(instance).collect();
        if !found.is_empty() {
            return found.into_iter().collect();
        }
        // One that has no resources.
        let mut path = parent.to_vec();
        path.push(Part { name: call.to_owned(), key: None });
        vec![path]
    }

    /// Whether a resource of the configuration has no instances.
    pub(super) fn has_none(&self, module: &[Part], of: &str, name: &str) -> bool {
        let is_it =
            |one: &PlannedResource| one.module == module && one.type_name == of && one.name == name;
        let is_configured = self.configuration_of(module, of, name, "managed").is_some();
        is_configured && !self.deferred.iter().any(|(one, _)| is_it(one))
    }

    /// The configuration of the resources of a module.
    fn configured_in(&self, module: &[Part]) -> impl Iterator<Item = &Value> {
        let resources = self.module(module).and_then(|module| module.get("resources"));
        resources.and_then(Value::as_array).into_iter().flatten()
    }

    /// Whether a name is a local value that decides how many instances a resource has, so that it is known.
    pub(super) fn is_counted(&self, module: &[Part], name: &str) -> bool {
        name.starts_with("local.")
            && name.matches(['.', '[']).count() == 1
            && self.configured_in(module).any(|one| {
                let count = one.get("count_expression").map(references).unwrap_or_default();
                count.iter().any(|counted| counted == name)
            })
    }

    /// The resources and data sources of a module that refer to a local value, also through each other. The
    /// local value does not depend on them.
    pub(super) fn dependents(&self, module: &[Part], local: &str) -> BTreeSet<String> {
        let all: Vec<(String, BTreeSet<String>)> = self
            .configured_in(module)
            .filter_map(|one| Some((name_of(one)?, needs(one))))
            .collect();
        let mut found = BTreeSet::from([format!("local.{local}")]);
        loop {
            let before = found.len();
            for (name, needs) in &all {
                if !needs.is_disjoint(&found) {
                    found.insert(name.clone());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

/// The name of a resource or data source in its module.
fn name_of(config: &Value) -> Option<String> {
    let text = |name: &str| config.get(name).and_then(Value::as_str);
    let name = format!("{}.{}", text("type")?, text("name")?);
    Some(if text("mode") == Some("data") { format!("data.{name}") } else { name })
}

/// The names of what a resource refers to in its module.
fn needs(config: &Value) -> BTreeSet<String> {
    let explicit = config.get("depends_on").and_then(Value::as_array).into_iter().flatten();
    let explicit = explicit.filter_map(Value::as_str).map(str::to_owned);
    let all = ["expressions", "count_expression", "for_each_expression"];
    let all = all.iter().filter_map(|name| config.get(name)).flat_map(references);
    let name = |reference: String| {
        let parts = parts(&reference)?;
        let number = if parts.first()?.name == "data" { 3 } else { 2 };
        let names: Vec<&str> = parts.get(..number)?.iter().map(|part| part.name.as_str()).collect();
        Some(names.join("."))
    };
    explicit.chain(all).filter_map(name).collect()
}
