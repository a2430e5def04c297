//! A resource in the JSON of a plan.

use serde_json::{Value, json};

use super::address::{Key, Part, module_path};
use super::attribute::{Attribute, CHANGES};
use crate::model::text::one_line;

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
    /// Whether a replacement is created before what it replaces is deleted.
    pub creates_first: bool,
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

    /// The resource after the change, as `terraform show -json` prints one of a state.
    pub fn shown(&self) -> Value {
        json!({
            "address": self.address,
            "mode": "managed",
            "provider_name": self.provider,
            "values": self.after,
            "sensitive_values": self.after_sensitive,
        })
    }

    /// An instance of the same resource, as if it were deleted.
    pub fn deleted(&self, address: &str, values: Value) -> Self {
        Self {
            address: address.to_owned(),
            module: self.module.clone(),
            type_name: self.type_name.clone(),
            name: self.name.clone(),
            key: None,
            action: Action::Delete,
            creates_first: false,
            provider: self.provider.clone(),
            is_deposed: false,
            has_sensitivity: false,
            replaced_by: Vec::new(),
            before: values,
            before_sensitive: Value::Null,
            after: Value::Null,
            after_unknown: Value::Null,
            after_sensitive: Value::Null,
        }
    }

    /// Whether it is deleted before what replaces it is created.
    pub fn is_deleted_first(&self) -> bool {
        self.action == Action::Replace && !self.creates_first
    }

    /// Whether it can be deleted after others are created: nothing replaces it, or what does is created
    /// first.
    pub fn is_deleted_last(&self) -> bool {
        match self.action {
            Action::Delete => true,
            Action::Replace => self.creates_first,
            _ => false,
        }
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

/// Why a change is left to a later plan: `reason` of `deferred_changes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// `count` or `for_each` is not known.
    InstanceCount,
    /// Arguments are not known.
    ResourceConfig,
    /// Arguments of the provider are not known.
    ProviderConfig,
    /// What it depends on is deferred.
    Prerequisite,
    /// What it needs does not exist yet.
    Absent,
    /// `-exclude` or `-target` leaves it out.
    Excluded,
    /// Terraform does not say why, or gives a reason that this version does not know.
    Other,
}

impl Deferral {
    pub(super) fn of(reason: Option<&str>) -> Self {
        match reason {
            Some("instance_count_unknown") => Self::InstanceCount,
            Some("resource_config_unknown") => Self::ResourceConfig,
            Some("provider_config_unknown") => Self::ProviderConfig,
            Some("deferred_prereq") => Self::Prerequisite,
            Some("absent_prereq") => Self::Absent,
            Some("excluded" | "not_included") => Self::Excluded,
            _ => Self::Other,
        }
    }

    /// In words, after "deferred to a later plan: ".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::InstanceCount => "its `count` or `for_each` is not known yet",
            Self::ResourceConfig => "arguments of the resource are not known yet",
            Self::ProviderConfig => "arguments of its provider are not known yet",
            Self::Prerequisite => "something that it depends on is deferred",
            Self::Absent => "something that it needs does not exist yet",
            Self::Excluded => "the plan leaves it out",
            Self::Other => "Terraform does not say why",
        }
    }
}

/// Whether an entry of the plan is a change, and not a data source that is read.
pub(super) fn is_change(change: &Value) -> bool {
    let actions = change.get("change").and_then(|change| change.get("actions"));
    let mut actions = actions.and_then(Value::as_array).into_iter().flatten();
    change.get("mode").is_none_or(|mode| mode == "managed")
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
        | "aws_ec2_image_block_public_access"
        | "aws_s3control_multi_region_access_point_policy"
        | "aws_vpc_peering_connection_accepter"
        | "aws_vpc_peering_connection_options" => true,
        "aws_default_subnet" | "aws_default_vpc" => !is_on("force_destroy"),
        "aws_s3_bucket_public_access_block" | "aws_volume_attachment" => is_on("skip_destroy"),
        _ => false,
    }
}

/// What is sensitive before the change, with another mark where the value changes.
fn sensitive_before(marks: &Value, before: &Value, after: &Value) -> Value {
    match marks {
        Value::Bool(true) if before != after => Value::from(CHANGES),
        Value::Array(marks) => {
            let mark = |(index, mark): (usize, &Value)| {
                let at = |side: &'_ Value| side.get(index).cloned().unwrap_or_default();
                sensitive_before(mark, &at(before), &at(after))
            };
            Value::Array(marks.iter().enumerate().map(mark).collect())
        }
        Value::Object(marks) => {
            let mark = |(name, mark): (&String, &Value)| {
                let at = |side: &'_ Value| side.get(name).cloned().unwrap_or_default();
                (name.clone(), sensitive_before(mark, &at(before), &at(after)))
            };
            Value::Object(marks.iter().map(mark).collect())
        }
        other => other.clone(),
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

/// An entry of `resource_changes`.
pub(super) enum Planned {
    /// A resource.
    Managed(PlannedResource),
    /// A data source.
    Data(PlannedResource),
    /// What exists only while Terraform or OpenTofu runs, such as an ephemeral resource.
    Other,
}

/// Reads an entry of `resource_changes`; the error says what is wrong with it.
pub(super) fn planned(mut change: Value) -> Result<Planned, String> {
    let text =
        |change: &Value, name: &str| change.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_data = match text(&change, "mode").as_deref() {
        None | Some("managed") => false,
        Some("data") => true,
        Some(_) => return Ok(Planned::Other),
    };
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
    let creates_first = matches!(actions.as_slice(), ["create", "delete"]);
    let has_sensitivity = change.get("after_sensitive").is_some();
    let replaced_by = replaced_by(&change);
    let mut take = |name: &str| change.get_mut(name).map(Value::take).unwrap_or_default();
    let (mut before, after) = (take("before"), take("after"));
    let before_sensitive = sensitive_before(&take("before_sensitive"), &before, &after);
    let action = match action {
        Action::Delete if stays(&type_name, &before) => Action::Forget,
        Action::Replace if stays(&type_name, &before) => Action::Create,
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
        creates_first,
        provider: String::new(),
        is_deposed,
        before,
        before_sensitive,
        after,
        after_unknown: take("after_unknown"),
        after_sensitive: take("after_sensitive"),
    };
    Ok(if is_data { Planned::Data(resource) } else { Planned::Managed(resource) })
}
