//! What a value that is not known refers to. A plan does not have expressions, but the names that they
//! mention.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{Key, Part, parts, type_of};
use super::expression::{outermost, references};
use super::place::Place;
use super::plan::{Plan, PlannedResource};
use crate::preview::item::ListItems;

/// How many variables, outputs and resources are followed.
const MAX_STEPS: usize = 32;

/// What references lead to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Referred {
    /// The addresses of resources of the plan, with the attribute.
    pub resources: BTreeSet<(String, String)>,
    /// Whether something else may be meant: a local value, a data source, or several instances.
    pub is_uncertain: bool,
    /// Whether it mentions something besides resources, such as a variable, which can be a condition.
    mentions_more: bool,
    /// Whether it mentions the key of the instance, and whether that chose a resource.
    mentions_key: bool,
    chose_by_key: bool,
}

impl Referred {
    /// The only resource whose attribute is one of these, if it is certain.
    pub fn only(&self, attributes: &[&str]) -> Option<&str> {
        let (address, attribute) = self.resources.first().filter(|_| self.is_only())?;
        attributes.contains(&attribute.as_str()).then_some(address.as_str())
    }

    /// Whether it is certain that it is one resource.
    fn is_only(&self) -> bool {
        self.resources.len() == 1 && !self.is_uncertain
    }

    /// The resources whose ARNs are all that is referred to; `None` if it can be something else, or if a
    /// condition could choose something else.
    pub fn arns(&self) -> Option<Vec<&str>> {
        let has_more = self.is_uncertain || self.mentions_more || self.mentions_key;
        let arn = |(_, attribute): &(String, String)| attribute == "arn";
        let are_arns = !self.resources.is_empty() && self.resources.iter().all(arn);
        let addresses = self.resources.iter().map(|(address, _)| address.as_str());
        (are_arns && !has_more).then(|| addresses.collect())
    }

    /// The resources whose attribute is among the items of a list that is not known. The list can have
    /// more items, since plans do not have literals. None if a condition could leave one of them out.
    pub fn among(&self, attribute: &str) -> Option<Vec<&str>> {
        let is_by_key = self.chose_by_key && self.resources.len() == 1;
        let has_condition =
            self.is_uncertain || self.mentions_more || self.mentions_key && !is_by_key;
        let all: Option<Vec<&str>> = self
            .resources
            .iter()
            .map(|(address, name)| (name == attribute).then_some(address.as_str()))
            .collect();
        all.filter(|all| !all.is_empty() && !has_condition)
    }
}

impl Plan {
    /// The configuration of an argument: that of `argument.0.name` is the argument `name` of the first
    /// block `argument`.
    pub fn argument(&self, resource: &PlannedResource, path: &str) -> Option<&Value> {
        argument_of(self.configured(resource)?, path)
    }

    /// The same of a data source.
    pub fn data_argument(&self, data: &PlannedResource, path: &str) -> Option<&Value> {
        argument_of(self.configured_data(data)?, path)
    }

    /// Whether an argument of the resource at an address refers to the resource at another one, so that
    /// Terraform applies it afterwards.
    pub fn refers(&self, address: &str, other: &str) -> bool {
        let Some(resource) = self.at(address) else { return false };
        let config = self.configured(resource).and_then(|config| config.get("expressions"));
        let mut names = config.and_then(Value::as_object).into_iter().flat_map(|all| all.keys());
        names.any(|name| {
            let referred = self.referred(resource, name);
            referred.resources.iter().any(|(referred, _)| referred == other)
        })
    }

    /// Whether an expression of a module is `null`: it says so, or is a variable that is.
    pub fn is_null(&self, module: &[Part], expression: &Value) -> bool {
        let (mut module, mut expression) = (module, expression);
        for _ in 0..MAX_STEPS {
            if let Some(value) = expression.get("constant_value") {
                return value.is_null();
            }
            let references = expression.get("references").and_then(Value::as_array);
            // A longer expression can be anything.
            let Some([Value::String(name)]) = references.map(Vec::as_slice) else { return false };
            let Some(name) = name.strip_prefix("var.") else { return false };
            let Some((_, parent)) = module.split_last() else {
                return self.variable(name).is_some_and(Value::is_null);
            };
            let call = self.call(module);
            match call.and_then(|call| call.get("expressions")?.get(name)) {
                Some(argument) => (module, expression) = (parent, argument),
                None => {
                    let variables = call.and_then(|call| call.get("module")?.get("variables"));
                    let variable = variables.and_then(|all| all.get(name));
                    return variable
                        .is_some_and(|one| one.get("default").is_none_or(Value::is_null));
                }
            }
        }
        false
    }

    /// What the expression of an argument refers to: that of `argument.0.name` is the argument `name`
    /// of the first block `argument`.
    pub fn referred(&self, resource: &PlannedResource, argument: &str) -> Referred {
        self.referred_in(self.configured(resource), resource, argument)
    }

    /// The same of a data source.
    pub fn referred_by_data(&self, data: &PlannedResource, argument: &str) -> Referred {
        self.referred_in(self.configured_data(data), data, argument)
    }

    fn referred_in(
        &self,
        config: Option<&Value>,
        resource: &PlannedResource,
        argument: &str,
    ) -> Referred {
        let mut found = Referred::default();
        let Some(expression) = config.and_then(|config| argument_of(config, argument)) else {
            found.is_uncertain = true;
            return found;
        };
        let place = Place::of(resource, config.unwrap_or(&Value::Null));
        self.follow(&references(expression), &place, MAX_STEPS, &mut found);
        let name = argument.rsplit('.').next().unwrap_or_default();
        found.resources =
            found.resources.into_iter().map(|one| with_attribute(one, name)).collect();
        found
    }

    /// How the code can write the items of a list that is not known: what its expression refers to, or that of
    /// the module call if it is a variable of the module.
    pub fn list_items(&self, resource: &PlannedResource, argument: &str) -> ListItems {
        let mut found = ListItems::default();
        let config = self.configured(resource);
        let Some(expression) = config.and_then(|config| argument_of(config, argument)) else {
            return found;
        };
        let mut place = Place::of(resource, config.unwrap_or(&Value::Null));
        let mut names = references(expression);
        for _ in 0..MAX_STEPS {
            let Some((passed, parent)) = self.passed(&names, &place) else { break };
            let mut referred = Referred::default();
            self.follow(&names, &place, MAX_STEPS, &mut referred);
            if referred.only(&["id"]).is_some() {
                found.variables.extend(names);
            }
            (names, place) = (passed, parent);
        }
        let keys: Vec<&String> =
            names.iter().filter(|name| ["each.key", "count.index"].contains(&&***name)).collect();
        for name in outermost(&names) {
            let all: Vec<String> =
                std::iter::once(name.to_owned()).chain(keys.iter().copied().cloned()).collect();
            let mut referred = Referred::default();
            self.follow(&all, &place, MAX_STEPS, &mut referred);
            let is_output = name.starts_with("module.");
            let attribute = match referred.resources.first() {
                Some((_, attribute)) if referred.is_only() => attribute.as_str(),
                _ => continue,
            };
            match attribute {
                "id" if is_output => drop(found.indirect.insert(name.to_owned())),
                "id" if !name.starts_with("var.") => drop(found.direct.insert(name.to_owned())),
                // A plan does not have the attribute of an instance that a key chooses.
                "" if referred.chose_by_key && !is_output => {
                    found.direct.extend(keys.iter().map(|key| format!("{name}[{key}].id")));
                }
                _ => {}
            }
        }
        found
    }

    /// What the call of a module passes to a variable, if the names are that and nothing else.
    fn passed(&self, names: &[String], place: &Place) -> Option<(Vec<String>, Place)> {
        let [name] = names else { return None };
        let (call_part, parent) = place.module.split_last()?;
        let call = self.call(&place.module)?;
        let expression = call.get("expressions")?.get(name.strip_prefix("var.")?)?;
        Some((references(expression), Place::of_call(call, call_part, parent)))
    }

    fn follow(&self, names: &[String], place: &Place, steps: usize, found: &mut Referred) {
        let has = |root: &str| {
            names.iter().any(|name| {
                name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let uses_key = has("each.key") || has("count.index") || has("each.value");
        if steps == 0 {
            found.is_uncertain = true;
            return;
        }
        found.mentions_more |= names.is_empty();
        for name in outermost(names) {
            let Some(parts) = parts(name) else {
                found.is_uncertain = true;
                continue;
            };
            let first = parts.first().map(|part| part.name.as_str()).unwrap_or_default();
            match (first, parts.get(1)) {
                ("each", Some(part)) if part.name == "value" => {
                    let attribute = parts.get(2).map(|part| part.name.clone());
                    self.each_value(attribute, place, found);
                }
                ("each" | "count", _) => found.mentions_key = true,
                ("path" | "terraform" | "self", _) => found.mentions_more = true,
                ("var", Some(variable)) => self.variable_of(&variable.name, place, steps, found),
                ("module", Some(call)) => {
                    self.output_of(call, parts.get(2), place, uses_key, steps, found);
                }
                // It can turn the key into another one.
                ("local" | "data", _) if uses_key => found.is_uncertain = true,
                ("local", Some(local)) => match self.local(&place.module, &local.name) {
                    Some(names) => {
                        let place = Place::in_module(place.module.clone());
                        self.follow(names, &place, steps - 1, found);
                    }
                    None => found.is_uncertain = true,
                },
                // What was read before is known.
                ("data", Some(of)) if self.is_read_before(&place.module, of, parts.get(2)) => {
                    found.mentions_more = true;
                }
                ("local" | "data" | "", _) => found.is_uncertain = true,
                (type_name, Some(part)) => {
                    let attribute = parts.get(2).map(|part| part.name.clone());
                    self.instance_of(type_name, part, attribute, place, uses_key, found);
                }
                (_, None) => found.is_uncertain = true,
            }
        }
    }

    /// Whether a data source was read before the plan.
    fn is_read_before(&self, module: &[Part], of: &Part, name: Option<&Part>) -> bool {
        let is_it = |one: &PlannedResource| {
            one.module == module
                && one.type_name == of.name
                && name.is_none_or(|name| one.name == name.name)
        };
        let config =
            name.and_then(|name| self.configuration_of(module, &of.name, &name.name, "data"));
        config.is_some() && self.deferred.is_empty() && !self.read_later().iter().any(is_it)
    }

    /// What `each.value` is, if `for_each` is a resource that has the same keys.
    fn each_value(&self, attribute: Option<String>, place: &Place, found: &mut Referred) {
        let names = outermost(&place.each);
        let [name] = names.as_slice() else {
            found.is_uncertain = true;
            return;
        };
        match parts(name).as_deref() {
            Some([type_name, part])
                if part.key.is_none()
                    && !matches!(type_name.name.as_str(), "var" | "local" | "module" | "each") =>
            {
                self.instance_of(&type_name.name, part, attribute, place, true, found);
            }
            _ => found.is_uncertain = true,
        }
    }

    fn variable_of(&self, name: &str, place: &Place, steps: usize, found: &mut Referred) {
        let Some((call_part, parent)) = place.module.split_last() else {
            // Root variables are known, so they are not what is unknown.
            found.mentions_more = true;
            return;
        };
        let Some(call) = self.call(&place.module) else {
            found.is_uncertain = true;
            return;
        };
        let Some(expression) = call.get("expressions").and_then(|all| all.get(name)) else {
            // The default of the variable, which is known.
            found.mentions_more = true;
            return;
        };
        let place = Place::of_call(call, call_part, parent);
        self.follow(&references(expression), &place, steps - 1, found);
    }

    fn output_of(
        &self,
        call: &Part,
        output: Option<&Part>,
        place: &Place,
        uses_key: bool,
        steps: usize,
        found: &mut Referred,
    ) {
        let Some(output) = output else {
            found.is_uncertain = true;
            return;
        };
        let mut module = place.module.clone();
        module.push(Part { name: call.name.clone(), key: None });
        let config = self.module(&module).and_then(|module| module.get("outputs"));
        let Some(expression) =
            config.and_then(|outputs| outputs.get(&output.name)?.get("expression"))
        else {
            found.is_uncertain = true;
            return;
        };
        let call_config = self.call(&module);
        let is_repeated = call_config.is_some_and(|call| {
            call.get("for_each_expression").is_some() || call.get("count_expression").is_some()
        });
        let key = match (&call.key, is_repeated) {
            (Some(key), _) => Some(key.clone()),
            (None, false) => None,
            (None, true) => {
                let instances = self.module_instances(&place.module, &call.name);
                let keys = instances.iter().map(|path| path.last()?.key.as_ref());
                let Some(key) = place.chosen(self, keys).filter(|_| uses_key) else {
                    found.is_uncertain = true;
                    return;
                };
                Some(key.clone())
            }
        };
        if let Some(last) = module.last_mut() {
            last.key = key;
        }
        let place = Place::in_module(module);
        self.follow(&references(expression), &place, steps - 1, found);
    }

    fn instance_of(
        &self,
        type_name: &str,
        part: &Part,
        attribute: Option<String>,
        place: &Place,
        uses_key: bool,
        found: &mut Referred,
    ) {
        let instances: Vec<&PlannedResource> = self
            .instances(&place.module, type_name, &part.name)
            .filter(|one| one.exists_after())
            .collect();
        let with_key = |key: &Key| instances.iter().find(|one| one.key.as_ref() == Some(key));
        let one = match (&part.key, instances.as_slice()) {
            (Some(key), _) => with_key(key),
            (None, [one]) if one.key.is_none() => Some(one),
            // Only one instance of several can be meant by the key that the expression uses.
            (None, _) if uses_key => {
                found.chose_by_key = true;
                place.chosen(self, instances.iter().map(|one| one.key.as_ref())).and_then(with_key)
            }
            (None, [one]) => Some(one),
            (None, _) => None,
        };
        match one {
            Some(one) => {
                let attribute = attribute.unwrap_or_default();
                found.resources.insert((one.address.clone(), attribute));
            }
            // No instance: the expression does not refer to it.
            None if instances.is_empty() => {
                // What the plan does not have at all can be anything.
                let has_none = self.has_none(&place.module, type_name, &part.name);
                found.is_uncertain |= part.key.is_some() && !has_none;
            }
            None => found.is_uncertain = true,
        }
    }
}

/// An argument of a block of the configuration, at a path.
fn argument_of<'c>(config: &'c Value, path: &str) -> Option<&'c Value> {
    let mut expression = config.get("expressions")?;
    for step in path.split('.') {
        expression = match step.parse::<usize>() {
            Ok(index) => expression.get(index)?,
            Err(_) => expression.get(step)?,
        };
    }
    Some(expression)
}

/// Of `aws_s3_bucket.this[each.key].id`, a plan has no attribute. An argument with the name of the type,
/// such as `bucket`, takes the id.
fn with_attribute((address, attribute): (String, String), argument: &str) -> (String, String) {
    let stem = ["_ids", "_id"].iter().find_map(|end| argument.strip_suffix(end));
    let stem = stem.unwrap_or(argument);
    let of_type = type_of(&address);
    let of_type = of_type.as_deref().and_then(|name| name.strip_prefix("aws_"));
    let is_id = attribute.is_empty()
        && of_type.is_some_and(|of_type| {
            of_type.ends_with(stem)
                || stem.ends_with(of_type)
                || stem == "bucket" && of_type.starts_with("s3_bucket_")
                || stem == "allocation" && of_type == "eip"
        });
    (address, if is_id { "id".to_owned() } else { attribute })
}
