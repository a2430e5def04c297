//! The JSON of a plan (`terraform show -json PLAN`), as far as it is used.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Value, json};

use super::address::{Key, Part, module_path, parts};
use super::attribute::Attribute;
use crate::model::text::one_line;
use crate::preview::error::PreviewError;

static NULL: Value = Value::Null;

/// What a plan does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It creates it.
    Create,
    /// It changes it in place.
    Update,
    /// It deletes it.
    Delete,
    /// It deletes it and creates another one.
    Replace,
    /// It stops to manage it; the resource stays as it is.
    Forget,
}

/// A resource of a plan.
#[derive(Debug)]
pub struct PlannedResource {
    /// Its address.
    pub address: String,
    /// The calls of the module that it is in.
    pub module: Vec<Part>,
    /// Its type, such as `aws_s3_bucket`.
    pub type_name: String,
    /// Its name in the configuration.
    pub name: String,
    /// Its key, with `count` or `for_each`.
    pub key: Option<Key>,
    /// What the plan does.
    pub action: Action,
    /// The provider in the configuration: `aws`, `aws.replica`.
    pub provider: String,
    /// An object that a failed replacement left, and that is deleted now.
    pub is_deposed: bool,
    /// Whether the plan says which values are sensitive. That of Terraform before 0.15 does not.
    pub has_sensitivity: bool,
    /// The attributes that cannot be changed in place, if it is replaced.
    pub replaced_by: Vec<String>,
    before: Value,
    before_sensitive: Value,
    after: Value,
    after_unknown: Value,
    after_sensitive: Value,
}

impl PlannedResource {
    /// Its attributes before the change.
    pub fn before(&self) -> Attribute<'_> {
        Attribute::new(&self.before, &NULL, &self.before_sensitive)
    }

    /// Its attributes after the change.
    pub fn after(&self) -> Attribute<'_> {
        Attribute::new(&self.after, &self.after_unknown, &self.after_sensitive)
    }

    /// Whether it exists before the change.
    pub fn exists_before(&self) -> bool {
        !self.before.is_null()
    }

    /// Whether it exists after the change.
    pub fn exists_after(&self) -> bool {
        !matches!(self.action, Action::Delete | Action::Forget)
    }

    /// Whether the plan changes it.
    pub fn is_changed(&self) -> bool {
        !matches!(self.action, Action::NoOp | Action::Forget)
    }
}

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
    data: Vec<PlannedResource>,
    by_address: HashMap<String, usize>,
    by_name: BTreeMap<(String, String), Vec<usize>>,
}

impl Plan {
    /// Takes the JSON of a plan.
    pub fn new(path: &Path, mut json: Value) -> Result<Self, PreviewError> {
        let other = |reason: String| Err(PreviewError::other(path, reason));
        if json.is_array() {
            return other("this is a stream of messages (`terraform plan -json`): use `terraform plan -out PLAN` and `terraform show -json PLAN`".to_owned());
        }
        let version = json.get("format_version").and_then(Value::as_str).map(str::to_owned);
        let is_plan = json.get("resource_changes").is_some()
            || json.get("planned_values").is_some()
            || json.get("errored").is_some();
        let Some(version) = version.filter(|_| is_plan) else {
            let reason = if json.get("values").is_some() || json.get("lineage").is_some() {
                "this is a state, not a plan: use `terraform plan -out PLAN` and `terraform show -json PLAN`"
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
        let changes = match json.get_mut("resource_changes").map(Value::take) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(changes)) => changes,
            Some(_) => return other("`resource_changes` is not a list".to_owned()),
        };
        let configuration = json.get_mut("configuration").map(Value::take).unwrap_or_default();
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
            by_address: HashMap::new(),
            by_name: BTreeMap::new(),
        };
        for (position, change) in changes.into_iter().enumerate() {
            match resource(change) {
                Ok((resource, true)) => plan.data.push(resource),
                Ok((resource, false)) => plan.add(resource),
                Err(reason) => {
                    return other(format!("`resource_changes[{position}]` {reason}"));
                }
            }
        }
        for position in 0..plan.resources.len() {
            let Some(resource) = plan.resources.get(position) else { continue };
            let key = plan.configured(resource).and_then(|config| {
                config.get("provider_config_key").and_then(Value::as_str).map(str::to_owned)
            });
            let key = plan.provider_of(key.as_deref().unwrap_or("aws"), resource);
            if let Some(resource) = plan.resources.get_mut(position) {
                resource.provider = key;
            }
        }
        Ok(plan)
    }

    /// The resources of AWS after the change, as `terraform show -json` prints those of a state.
    pub fn into_state(self) -> Value {
        let is_declared = |one: &PlannedResource| {
            one.exists_after() && !one.is_deposed && one.type_name.starts_with("aws")
        };
        let shown = |one: PlannedResource| {
            json!({
                "address": one.address,
                "mode": "managed",
                "provider_name": one.provider,
                "values": one.after,
                "sensitive_values": one.after_sensitive,
            })
        };
        let resources: Vec<Value> =
            self.resources.into_iter().filter(is_declared).map(shown).collect();
        json!({ "format_version": "1.0", "values": { "root_module": { "resources": resources } } })
    }

    fn add(&mut self, resource: PlannedResource) {
        let position = self.resources.len();
        if !resource.is_deposed {
            self.by_address.entry(resource.address.clone()).or_insert(position);
            let name = (resource.type_name.clone(), resource.name.clone());
            self.by_name.entry(name).or_default().push(position);
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
        let resources = self.module(&resource.module)?.get("resources")?.as_array()?;
        let is_text = |value: &Value, field: &str, text: &str| {
            value.get(field).and_then(Value::as_str) == Some(text)
        };
        resources.iter().find(|one| {
            is_text(one, "type", &resource.type_name)
                && is_text(one, "name", &resource.name)
                && !is_text(one, "mode", "data")
        })
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

    /// The configuration of a provider.
    pub fn provider(&self, key: &str) -> Option<&Value> {
        self.configuration.get("provider_config")?.get(key)
    }

    /// The value of a root variable.
    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)?.get("value")
    }

    /// The values of what was read before the plan, as far as they are resources of this type, with
    /// their addresses.
    pub fn data(&self, type_name: &str) -> Vec<(&str, &Value)> {
        let mut found = Vec::new();
        let root = self.prior.get("values").and_then(|values| values.get("root_module"));
        let mut open: Vec<&Value> = root.into_iter().collect();
        while let Some(module) = open.pop() {
            let list =
                |name: &str| module.get(name).and_then(Value::as_array).into_iter().flatten();
            open.extend(list("child_modules"));
            for one in list("resources") {
                let text = |name: &str| one.get(name).and_then(Value::as_str);
                if text("type") == Some(type_name) && text("mode") == Some("data") {
                    found.push((
                        text("address").unwrap_or_default(),
                        one.get("values").unwrap_or(&NULL),
                    ));
                }
            }
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

/// Whether an entry of the plan is a change, and not a data source that is read.
fn is_change(change: &Value) -> bool {
    let actions = change.get("change").and_then(|change| change.get("actions"));
    let mut actions = actions.and_then(Value::as_array).into_iter().flatten();
    change.get("mode").and_then(Value::as_str) != Some("data")
        && actions.any(|action| !matches!(action.as_str(), Some("no-op" | "read")))
}

/// Whether what is deleted stays in AWS as it is: the provider only stops to manage it.
fn stays(type_name: &str, before: &Value) -> bool {
    let is_on = |name: &str| before.get(name).and_then(Value::as_bool) == Some(true);
    match type_name {
        "aws_default_network_acl"
        | "aws_default_route_table"
        | "aws_default_security_group"
        | "aws_default_vpc_dhcp_options"
        | "aws_ec2_image_block_public_access" => true,
        "aws_default_subnet" => is_on("existing_default_subnet") && !is_on("force_destroy"),
        "aws_default_vpc" => is_on("existing_default_vpc") && !is_on("force_destroy"),
        _ => false,
    }
}

/// The attributes that cannot be changed in place: `replace_paths` has names and positions.
fn replaced_by(change: &Value) -> Vec<String> {
    let paths = change.get("replace_paths").and_then(Value::as_array).into_iter().flatten();
    let text = |path: &Value| {
        let steps = path.as_array()?.iter().filter_map(Value::as_str);
        Some(one_line(&steps.collect::<Vec<_>>().join("."), 100))
    };
    let mut paths: Vec<String> = paths.take(5).filter_map(text).collect();
    paths.dedup();
    paths.retain(|path| !path.is_empty());
    paths
}

/// A resource, and whether it is a data source.
fn resource(mut change: Value) -> Result<(PlannedResource, bool), String> {
    let text =
        |change: &Value, name: &str| change.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_data = text(&change, "mode").as_deref() == Some("data");
    let required = |name: &str| {
        text(&change, name).ok_or_else(|| {
            format!("has no `{name}`: use the whole output of `terraform show -json PLAN`")
        })
    };
    let (address, type_name, name) = (required("address")?, required("type")?, required("name")?);
    let module = text(&change, "module_address").unwrap_or_default();
    let module =
        module_path(&module).ok_or_else(|| "has an invalid `module_address`".to_owned())?;
    let key = match change.get("index") {
        Some(Value::Number(index)) => index.as_u64().map(Key::Index),
        Some(Value::String(name)) => Some(Key::Name(name.clone())),
        _ => None,
    };
    let is_deposed = change.get("deposed").is_some_and(|deposed| !deposed.is_null());
    let mut change = change.get_mut("change").map(Value::take).unwrap_or_default();
    let actions: Vec<&str> = change
        .get("actions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let action = match actions.as_slice() {
        ["no-op"] => Action::NoOp,
        ["create"] => Action::Create,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["delete", "create"] | ["create", "delete"] => Action::Replace,
        ["forget"] => Action::Forget,
        _ if is_data => Action::NoOp,
        // The old object stays.
        ["create", "forget"] | ["forget", "create"] => Action::Create,
        other => {
            return Err(format!(
                "has unknown `actions`: {}; use a version of rolecall that knows them",
                one_line(&other.join(", "), 60)
            ));
        }
    };
    let has_sensitivity = change.get("after_sensitive").is_some();
    let replaced_by = replaced_by(&change);
    let mut take = |name: &str| change.get_mut(name).map(Value::take).unwrap_or_default();
    let (mut before, after) = (take("before"), take("after"));
    let action = match action {
        Action::Delete if stays(&type_name, &before) => Action::Forget,
        action => action,
    };
    if action == Action::Create {
        before = Value::Null;
    }
    let resource = PlannedResource {
        has_sensitivity,
        replaced_by,
        address,
        module,
        type_name,
        name,
        key,
        action,
        provider: String::new(),
        is_deposed,
        before,
        before_sensitive: take("before_sensitive"),
        after,
        after_unknown: take("after_unknown"),
        after_sensitive: take("after_sensitive"),
    };
    Ok((resource, is_data))
}
