//! What the configuration of a plan says about names: which modules, resources, variables and local values they
//! are.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::Part;
use super::plan::{Plan, PlannedResource};
use super::references::references;

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

    /// Whether a variable is a list of rules or the like: several arguments of a resource are those of one item.
    pub(super) fn is_list(&self, module: &[Part], variable: &str) -> bool {
        let name = format!("var.{variable}");
        self.configured_in(module).any(|one| {
            let arguments = one.get("expressions").and_then(Value::as_object);
            let of_item = |argument: &&Value| {
                let names = references(argument);
                names.contains(&name) && names.iter().any(|name| name == "count.index")
            };
            arguments.is_some_and(|all| all.values().filter(of_item).count() > 1)
        })
    }

    /// Whether a variable is the id of something else: resources take it for that.
    pub(super) fn is_other_id(&self, module: &[Part], variable: &str) -> bool {
        const OTHER: [&str; 3] = ["vpc_id", "subnet_id", "subnet_ids"];
        let mut resources = self.configured_in(module);
        let name = format!("var.{variable}");
        OTHER.contains(&variable)
            && resources.any(|one| {
                let argument = one.get("expressions").and_then(|all| all.get(variable));
                argument.is_some_and(|argument| references(argument) == [name.as_str()])
            })
    }
}
