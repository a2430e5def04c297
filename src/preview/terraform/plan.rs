//! The JSON of a plan (`terraform show -json PLAN`), as far as it is used.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::{Value, json};

use super::address::{Part, parts};
use super::attribute::Attribute;
use super::family::Candidates;
use super::registry::{self, Locals};
use super::resource::{Planned, is_change, planned};
use crate::model::text::one_line;
use crate::preview::error::PreviewError;
use crate::preview::file::STREAM;

pub use super::resource::{Action, Deferral, PlannedResource};

static NULL: Value = Value::Null;

/// Positions in a list of the configuration, by type, name and mode.
type Positions = HashMap<[String; 3], usize>;

/// A plan.
#[derive(Debug)]
pub struct Plan {
    /// The managed resources, in the order of the file.
    pub resources: Vec<PlannedResource>,
    /// How many resources change, as Terraform counts them.
    pub changes: usize,
    /// When it was made, in RFC 3339 format.
    pub timestamp: Option<String>,
    /// The configuration: `root_module` and `provider_config`.
    configuration: Value,
    /// The values of root variables.
    variables: Value,
    /// Values that were read before the plan.
    prior: Value,
    /// Data sources that are read only during the change.
    pub data: Vec<PlannedResource>,
    /// The managed resources whose changes Terraform leaves to a later plan, with the reason.
    pub deferred: Vec<(PlannedResource, Deferral)>,
    /// Whether nothing is left to do when the plan is applied. Only Terraform 1.8 and later say so.
    pub is_complete: bool,
    by_address: HashMap<String, usize>,
    by_name: BTreeMap<(String, String), Vec<usize>>,
    by_module: BTreeMap<Vec<Part>, Vec<usize>>,
    /// What was found for arguments of resources, by address and argument.
    pub(super) candidates: RefCell<HashMap<(String, String), Option<Candidates>>>,
    /// The positions of resources and data sources in the configuration of modules, by the names of the calls.
    configured: RefCell<HashMap<Vec<String>, Positions>>,
    /// What local values refer to, by the names of the module calls and their own, as far as it is known.
    locals: Locals,
    /// Those of which it is not known, and that were asked for.
    open_locals: RefCell<BTreeSet<(Vec<String>, String)>>,
}

impl Plan {
    /// Takes the JSON of a plan.
    pub fn new(path: &Path, mut json: Value) -> Result<Self, PreviewError> {
        let other = |reason: String| Err(PreviewError::other(path, reason));
        match json.as_array().map(Vec::as_slice) {
            Some([first, ..]) if first.get("@level").is_some() => return other(STREAM.to_owned()),
            Some(_) => {
                return other(
                    "this is a list, not a plan: use the whole output of `terraform show -json PLAN`"
                        .to_owned(),
                );
            }
            None => {}
        }
        let version = json.get("format_version").and_then(Value::as_str).map(str::to_owned);
        let is_plan = json.get("resource_changes").is_some()
            || json.get("planned_values").is_some()
            || json.get("errored").is_some();
        let Some(version) = version.filter(|_| is_plan) else {
            let reason = if json.get("values").is_some() || json.get("lineage").is_some() {
                "this is a state, not a plan: use `terraform plan -out PLAN` and `terraform show -json PLAN`"
            } else if json.get("Changes").is_some() {
                "this is a change set, not a plan: use --change-set"
            } else if json.get("Resources").is_some() {
                "this is a CloudFormation template, not a plan: use --change-set with a change set"
            } else {
                "not a plan in JSON: use `terraform plan -out PLAN` and `terraform show -json PLAN`"
            };
            return other(reason.to_owned());
        };
        if !matches!(version.split('.').next(), Some("1" | "0")) {
            let version = one_line(&version, 20);
            return other(format!(
                "unsupported format version `{version}` of the plan: this version of rolecall reads version 1"
            ));
        }
        if json.get("errored") == Some(&Value::Bool(true)) {
            return other(
                "planning failed, so the plan is incomplete: fix the errors that Terraform printed, and plan again".to_owned(),
            );
        }
        // OpenTofu does not say it.
        let is_complete = json.get("complete") != Some(&Value::Bool(false));
        let mut list = |name: &str| match json.get_mut(name).map(Value::take) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(changes)) => Ok(changes),
            Some(_) => Err(PreviewError::other(path, format!("`{name}` is not a list"))),
        };
        let changes = list("resource_changes")?;
        let deferred = list("deferred_changes")?;
        let configuration = json.get_mut("configuration").map(Value::take).unwrap_or_default();
        let locals = configuration.get("root_module").map(registry::locals).unwrap_or_default();
        let variables = json.get_mut("variables").map(Value::take).unwrap_or_default();
        let prior = json.get_mut("prior_state").map(Value::take).unwrap_or_default();
        let timestamp = json.get("timestamp").and_then(Value::as_str);
        let timestamp = timestamp.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let timestamp = timestamp.map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let mut plan = Self {
            changes: changes.iter().filter(|change| is_change(change)).count(),
            timestamp,
            resources: Vec::new(),
            configuration,
            variables,
            prior,
            data: Vec::new(),
            deferred: Vec::new(),
            is_complete,
            by_address: HashMap::new(),
            by_name: BTreeMap::new(),
            by_module: BTreeMap::new(),
            candidates: RefCell::default(),
            configured: RefCell::default(),
            locals,
            open_locals: RefCell::default(),
        };
        for (position, change) in changes.into_iter().enumerate() {
            match planned(change) {
                Ok(Planned::Managed(resource)) => plan.add(resource),
                Ok(Planned::Data(resource)) => plan.data.push(resource),
                Ok(Planned::Other) => {}
                Err(reason) => {
                    return other(format!("`resource_changes[{position}]` {reason}"));
                }
            }
        }
        for (position, mut change) in deferred.into_iter().enumerate() {
            let reason = Deferral::of(change.get("reason").and_then(Value::as_str));
            let change = change.get_mut("resource_change").map(Value::take).unwrap_or_default();
            match planned(change) {
                Ok(Planned::Managed(resource)) => plan.deferred.push((resource, reason)),
                Ok(_) => {}
                Err(reason) => {
                    return other(format!(
                        "`deferred_changes[{position}].resource_change` {reason}"
                    ));
                }
            }
        }
        let mut resources = std::mem::take(&mut plan.resources);
        resources.iter_mut().for_each(|one| one.provider = plan.provider_key(one));
        plan.resources = resources;
        let mut deferred = std::mem::take(&mut plan.deferred);
        deferred.iter_mut().for_each(|(one, _)| one.provider = plan.provider_key(one));
        plan.deferred = deferred;
        Ok(plan)
    }

    fn provider_key(&self, resource: &PlannedResource) -> String {
        let key = self.configured(resource).and_then(|config| config.get("provider_config_key"));
        self.provider_of(key.and_then(Value::as_str).unwrap_or("aws"), resource)
    }

    /// The resources of AWS after the change, as `terraform show -json` prints those of a state.
    pub fn state(&self) -> Value {
        let is_declared = |one: &PlannedResource| {
            one.exists_after() && !one.is_deposed && one.type_name.starts_with("aws")
        };
        let resources: Vec<Value> = self
            .resources
            .iter()
            .filter(|one| is_declared(one))
            .map(PlannedResource::shown)
            .collect();
        json!({ "format_version": "1.0", "values": { "root_module": { "resources": resources } } })
    }

    fn add(&mut self, resource: PlannedResource) {
        let position = self.resources.len();
        if !resource.is_deposed {
            self.by_address.entry(resource.address.clone()).or_insert(position);
            let name = (resource.type_name.clone(), resource.name.clone());
            self.by_name.entry(name).or_default().push(position);
            self.by_module.entry(resource.module.clone()).or_default().push(position);
        }
        self.resources.push(resource);
    }

    /// The resource with an address.
    pub fn at(&self, address: &str) -> Option<&PlannedResource> {
        self.resources.get(*self.by_address.get(address)?)
    }

    /// The instances of a resource in an instance of a module.
    pub fn instances<'s>(
        &'s self,
        module: &'s [Part],
        type_name: &str,
        name: &str,
    ) -> impl Iterator<Item = &'s PlannedResource> {
        let positions = self.by_name.get(&(type_name.to_owned(), name.to_owned()));
        let all = positions.into_iter().flatten();
        all.filter_map(|position| self.resources.get(*position))
            .filter(move |resource| resource.module == module)
    }

    /// The resources in an instance of a module.
    pub fn in_module(&self, module: &[Part]) -> impl Iterator<Item = &PlannedResource> {
        let positions = self.by_module.get(module).into_iter().flatten();
        positions.filter_map(|position| self.resources.get(*position))
    }

    /// The instances of modules that have resources.
    pub fn modules(&self) -> impl Iterator<Item = &Vec<Part>> {
        self.by_module.keys()
    }

    /// The configuration of a module.
    pub fn module(&self, path: &[Part]) -> Option<&Value> {
        let mut module = self.configuration.get("root_module")?;
        for call in path {
            module = module.get("module_calls")?.get(&call.name)?.get("module")?;
        }
        Some(module)
    }

    /// The call of a module in the configuration of its parent.
    pub fn call(&self, path: &[Part]) -> Option<&Value> {
        let (last, parent) = path.split_last()?;
        self.module(parent)?.get("module_calls")?.get(&last.name)
    }

    /// The configuration of a resource.
    pub fn configured(&self, resource: &PlannedResource) -> Option<&Value> {
        self.configured_as(resource, "managed")
    }

    /// The configuration of a data source.
    pub fn configured_data(&self, data: &PlannedResource) -> Option<&Value> {
        self.configured_as(data, "data")
    }

    fn configured_as(&self, resource: &PlannedResource, mode: &str) -> Option<&Value> {
        self.configuration_of(&resource.module, &resource.type_name, &resource.name, mode)
    }

    /// The configuration of a resource or data source of a module.
    pub fn configuration_of(
        &self,
        module: &[Part],
        type_name: &str,
        name: &str,
        mode: &str,
    ) -> Option<&Value> {
        let resources = self.module(module)?.get("resources")?.as_array()?;
        let path: Vec<String> = module.iter().map(|part| part.name.clone()).collect();
        let mut positions = self.configured.borrow_mut();
        let of_module = positions.entry(path).or_insert_with(|| {
            let mut all = HashMap::new();
            for (position, one) in resources.iter().enumerate() {
                let text = |field: &str| one.get(field).and_then(Value::as_str);
                if let (Some(of), Some(name)) = (text("type"), text("name")) {
                    let mode = text("mode").unwrap_or("managed");
                    let key = [of, name, mode].map(str::to_owned);
                    all.entry(key).or_insert(position);
                }
            }
            all
        });
        let key = [type_name, name, mode].map(str::to_owned);
        resources.get(*of_module.get(&key)?)
    }

    /// The configuration of an argument of a resource.
    pub fn expression(&self, resource: &PlannedResource, argument: &str) -> Option<&Value> {
        self.configured(resource)?.get("expressions")?.get(argument)
    }

    /// The data source `aws_iam_policy_document` that an argument refers to, and to nothing else.
    pub fn policy_data(
        &self,
        resource: &PlannedResource,
        argument: &str,
    ) -> Option<&PlannedResource> {
        let references = self.expression(resource, argument)?.get("references")?.as_array()?;
        let mut names = references
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| !matches!(*name, "each.key" | "count.index"));
        let first = names.next()?;
        let parts = parts(first)?;
        let [data, type_name, name, json] = parts.as_slice() else { return None };
        let is_document = data.name == "data"
            && type_name.name == "aws_iam_policy_document"
            && json.name == "json"
            && names.all(|other| first.starts_with(other));
        let mut instances = self.data.iter().filter(|one| {
            is_document
                && one.module == resource.module
                && one.type_name == type_name.name
                && one.name == name.name
        });
        let wanted = name.key.as_ref().or(resource.key.as_ref());
        let (first, second) = (instances.next()?, instances.next());
        match second {
            None if first.key.is_none() || first.key.as_ref() == wanted => Some(first),
            _ => std::iter::once(first)
                .chain(second)
                .chain(instances)
                .find(|one| wanted.is_some() && one.key.as_ref() == wanted),
        }
    }

    /// The data sources that are read only during the change.
    pub fn read_later(&self) -> &[PlannedResource] {
        &self.data
    }

    /// What a local value of a module refers to, if the code was read.
    pub fn local(&self, module: &[Part], name: &str) -> Option<&[String]> {
        let path = module.iter().map(|part| part.name.clone()).collect();
        let key = (path, name.to_owned());
        let known = self.locals.get(&key).map(Vec::as_slice);
        if known.is_none() {
            self.open_locals.borrow_mut().insert(key);
        }
        known
    }

    /// Reads what local values refer to that were asked for, and returns whether something is known now that was
    /// not.
    pub fn read_locals(
        &mut self,
        written: impl Fn(&[String], &str) -> Option<Vec<String>>,
    ) -> bool {
        let mut open = std::mem::take(&mut *self.open_locals.borrow_mut());
        let before = self.locals.len();
        while let Some((calls, name)) = open.pop_first() {
            let Some(names) = written(&calls, &name) else { continue };
            for other in names.iter().filter_map(|name| name.strip_prefix("local.")) {
                let end = other.find(['.', '[']).unwrap_or(other.len());
                let key = (calls.clone(), other.get(..end).unwrap_or(other).to_owned());
                if !self.locals.contains_key(&key) && key.1 != name {
                    open.insert(key);
                }
            }
            self.locals.insert((calls, name), names);
        }
        self.candidates.borrow_mut().clear();
        self.locals.len() > before
    }

    /// The configuration of a provider.
    pub fn provider(&self, key: &str) -> Option<&Value> {
        self.configuration.get("provider_config")?.get(key)
    }

    /// The value of a root variable.
    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)?.get("value")
    }

    /// The variables of the root module that are not sensitive.
    pub fn open_variables(&self) -> HashMap<String, Value> {
        let declared = self.module(&[]).and_then(|root| root.get("variables"));
        let is_open = |name: &str| {
            let sensitive = declared.and_then(|all| all.get(name)?.get("sensitive"));
            declared.is_some() && sensitive != Some(&Value::Bool(true))
        };
        let all = self.variables.as_object().into_iter().flatten();
        all.filter(|(name, _)| is_open(name))
            .filter_map(|(name, one)| Some((name.clone(), one.get("value")?.clone())))
            .collect()
    }

    /// The data sources that were read before the plan, as states have them.
    pub fn prior_data(&self) -> Vec<&Value> {
        let is_data = |one: &&Value| one.get("mode").and_then(Value::as_str) == Some("data");
        self.prior_resources().into_iter().filter(is_data).collect()
    }

    /// The values of what was read before the plan, as far as they are resources of this type, with
    /// their addresses.
    pub fn data(&self, type_name: &str) -> Vec<(&str, &Value)> {
        let all = self.prior(type_name, "data").into_iter();
        all.map(|(address, one)| (address, one.get("values").unwrap_or(&NULL))).collect()
    }

    /// The attributes of data sources of a type that were read before the plan, and are not read again during
    /// the change.
    pub fn read_data(&self, type_name: &str) -> Vec<Attribute<'_>> {
        let is_read_later = |address: &str| self.data.iter().any(|one| one.address == address);
        let all = self.prior(type_name, "data").into_iter();
        all.filter(|(address, _)| !is_read_later(address))
            .map(|(_, one)| {
                let part = |name: &str| one.get(name).unwrap_or(&NULL);
                Attribute::new(part("values"), &NULL, part("sensitive_values"))
            })
            .collect()
    }

    /// The instances of a resource that exist, if it is one of an unknown number of instances. What
    /// becomes of them is not known, so they are as if they were deleted.
    pub fn existing_instances(&self, resource: &PlannedResource) -> Vec<PlannedResource> {
        if !resource.address.contains("[*]") {
            return Vec::new();
        }
        let names = |address: &str| {
            Some(parts(address)?.into_iter().map(|part| part.name).collect::<Vec<String>>())
        };
        let wanted = names(&resource.address);
        self.prior(&resource.type_name, "managed")
            .into_iter()
            .filter(|(address, _)| wanted.is_some() && names(address) == wanted)
            .map(|(address, one)| {
                resource.deleted(address, one.get("values").cloned().unwrap_or_default())
            })
            .collect()
    }

    /// The resources of a type and mode before the change, with their addresses.
    fn prior(&self, type_name: &str, mode: &str) -> Vec<(&str, &Value)> {
        let all = self.prior_resources().into_iter();
        all.filter_map(|one| {
            let text = |name: &str| one.get(name).and_then(Value::as_str);
            let is_wanted = text("type") == Some(type_name) && text("mode") == Some(mode);
            is_wanted.then(|| (text("address").unwrap_or_default(), one))
        })
        .collect()
    }

    fn prior_resources(&self) -> Vec<&Value> {
        let mut found = Vec::new();
        let root = self.prior.get("values").and_then(|values| values.get("root_module"));
        let mut open: Vec<&Value> = root.into_iter().collect();
        while let Some(module) = open.pop() {
            let list =
                |name: &str| module.get(name).and_then(Value::as_array).into_iter().flatten();
            open.extend(list("child_modules"));
            found.extend(list("resources"));
        }
        found
    }

    /// The key of a provider, without the module that it was passed to: `module.a:aws.b` is a provider
    /// of its own, or one of a parent.
    fn provider_of(&self, key: &str, resource: &PlannedResource) -> String {
        let mut key = key.to_owned();
        let mut path = resource.module.as_slice();
        // A provider that a module declares itself has a configuration of its own.
        while self.provider(&key).is_none() {
            let Some((_, parent)) = path.split_last() else { break };
            path = parent;
            let name = key.rsplit_once(':').map_or(key.as_str(), |(_, name)| name).to_owned();
            let names: Vec<&str> = parent.iter().map(|part| part.name.as_str()).collect();
            key = match names.as_slice() {
                [] => name,
                names => format!("module.{}:{name}", names.join(".module.")),
            };
        }
        key
    }
}
