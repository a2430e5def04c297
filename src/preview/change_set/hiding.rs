//! Changes that are not converted: what they concern is not known after them.

use std::collections::BTreeSet;

use super::context::{Context, Named};
use super::kinds::others::Other;
use super::kinds::spec;
use super::kinds::spec::Spec;
use super::resource::{Action, Resource};
use super::stack::Stack;
use crate::facts::{self, Kind, Scope};
use crate::model::Region;
use crate::preview::adoption::DEFAULTS;
use crate::preview::item::{Described, Hidden, ListGap, Location, Unresolved};
use crate::preview::tree::Why;

/// A change set that was saved without values.
const WITHOUT_VALUES: &str =
    "the change set has no property values: save it with --include-property-values";
/// A nested stack.
const NESTED: &str = "a nested stack, which has a change set of its own: preview that as well";

/// The contexts of a resource before and after the change.
pub type Contexts<'c> = (Option<&'c Context>, Option<&'c Context>);

/// A change that is not converted: what it concerns is not known after it.
pub struct Hiding<'c> {
    /// The resource.
    pub resource: &'c Resource,
    /// What it is before and after the change.
    pub contexts: Contexts<'c>,
    /// The stack.
    pub stack: &'c Stack,
    /// Where it is.
    pub location: &'c Location,
    /// Where what is not known is recorded.
    pub described: &'c mut Described,
}

impl Hiding<'_> {
    /// A resource of a type that is converted, but whose change is not known.
    pub fn unknown(&mut self, spec: &Spec) {
        if self.contexts.0.is_none() && self.contexts.1.is_none() {
            self.described.hints.insert(self.resource.address.clone(), WITHOUT_VALUES);
        }
        if let Some(other) = Other::of(spec.name) {
            self.change_of(other);
            if other.own.is_none_or(|own| own == spec.kind) {
                return;
            }
        }
        let Some((property, fields)) = spec.part else {
            self.own_gap(spec.kind);
            if self.resource.action != Action::Add {
                self.hide(spec.kind, self.resource.physical_id.clone(), true, &[]);
            }
            return;
        };
        self.parent(property, spec.kind, fields);
    }

    /// A resource that the stack takes over.
    pub fn imported(&mut self) {
        let own = match spec(&self.resource.type_name) {
            Some(spec) => spec.part.is_none().then_some(spec.kind),
            None => Other::of(&self.resource.type_name).and_then(|other| other.own),
        };
        if let Some(kind) = own {
            self.hide(kind, self.resource.physical_id.clone(), false, &["tags"]);
        }
    }

    /// What a type that is not converted changes.
    pub fn other(&mut self) {
        let name = self.resource.type_name.as_str();
        let known = Other::of(name);
        let is_open = |other: &Other| other.lists == ["*"];
        let is_concerned = name.starts_with("AWS::S3") || name.starts_with("AWS::EC2::");
        if known.is_some_and(is_open) || known.is_none() && is_concerned {
            let first = self.described.unknown_types.entry(name.to_owned());
            first.or_insert_with(|| self.resource.address.clone());
        }
        if name == "AWS::CloudFormation::Stack" {
            self.described.nested.insert(self.resource.address.clone());
            self.described.hints.insert(self.resource.address.clone(), NESTED);
        }
        if let Some(other) = known {
            self.change_of(other);
        }
    }

    /// What a type can change.
    fn change_of(&mut self, other: &Other) {
        // What has network interfaces in a VPC has its own.
        let only_adds =
            self.resource.action == Action::Add && other.lists == ["ec2.network_interface"];
        for kind in other.lists() {
            match other.own == Some(kind) {
                true => self.own_gap(kind),
                false => self.open_list(kind, only_adds),
            }
        }
        if self.resource.action != Action::Add {
            let id = self.resource.physical_id.clone();
            // What has an id of its own is not another one because the snapshot does not have it.
            let is_own = id.as_deref().is_some_and(has_own_id);
            for kind in other.lists() {
                self.hide(kind, id.clone(), other.own == Some(kind) && !is_own, &[]);
            }
        }
        if other.own == Some("ec2.address") && self.resource.action != Action::Add {
            let fields = &["public_ip_address", "network_interfaces"];
            self.hide("ec2.instance", self.resource.physical_id.clone(), false, fields);
        }
        for (property, kind, fields) in other.parents {
            self.parent(property, kind, fields);
        }
        for (kind, fields) in other.anywhere {
            self.hide(kind, None, true, fields);
        }
        if other.is_custom {
            let contexts = [self.contexts.0, self.contexts.1];
            let texts = contexts.into_iter().flatten().flat_map(Context::strings);
            let texts: BTreeSet<String> = texts.cloned().collect();
            let named = (self.location.clone(), texts);
            self.described.named.insert(self.resource.address.clone(), named);
        }
    }

    /// The resource that a property names, before or after the change, changes.
    fn parent(&mut self, property: &str, kind: &'static str, fields: &'static [&'static str]) {
        let (Action::Add | Action::Modify | Action::Remove) = self.resource.action else {
            return self.hide(kind, self.resource.physical_id.clone(), true, fields);
        };
        let (before, after) = self.contexts;
        let (has_before, has_after) =
            (self.resource.action != Action::Add, self.resource.action != Action::Remove);
        for (has, context) in [(has_before, before), (has_after, after)] {
            if !has {
                continue;
            }
            match context.map_or(Named::Any, |context| context.named(property)) {
                // The property is one of several, or something else names the resource.
                Named::Nothing if !is_required(property) => {}
                Named::Ids(ids) => {
                    for id in ids {
                        self.hide(kind, Some(id), false, fields);
                    }
                }
                Named::New if self.stack.creates(kind) => self.unresolved(kind, fields),
                _ if context.is_none() && self.resource.physical_id.is_some() => {
                    self.hide(kind, self.resource.physical_id.clone(), true, fields);
                }
                _ => {
                    self.unresolved(kind, fields);
                    self.hide(kind, None, true, fields);
                }
            }
        }
    }

    /// A resource that the change creates is not known in these fields.
    fn unresolved(&mut self, kind: &'static str, fields: &'static [&'static str]) {
        let address = self.resource.address.clone();
        let location = self.location.clone();
        let is_anywhere = false;
        self.described.after.unresolved.push(Unresolved {
            address,
            kind,
            location,
            fields,
            among: None,
            is_anywhere,
            has_values: false,
        });
    }

    fn hide(&mut self, kind: &'static str, id: Option<String>, is_anywhere: bool, fields: &[&str]) {
        let Some(location) = self.location_of(facts::kind(kind)) else { return };
        let fields: Vec<Option<String>> = match fields {
            [] => vec![None],
            fields => fields.iter().map(|field| Some((*field).to_owned())).collect(),
        };
        for field in fields {
            self.described.hidden.push(Hidden {
                address: self.resource.address.clone(),
                kind,
                location: location.clone(),
                id: id.clone(),
                is_anywhere,
                field,
            });
        }
    }

    /// The list of the kind that the resource is.
    fn own_gap(&mut self, kind: &'static str) {
        self.gap(kind);
        if let Some(id) = self.resource.physical_id.clone().filter(|_| self.resource.is_kept) {
            self.described.kept.insert((kind, self.resource.address.clone()), id);
        }
    }

    fn gap(&mut self, kind: &'static str) {
        self.open_list(kind, false);
    }

    fn open_list(&mut self, kind: &'static str, only_adds: bool) {
        let Some(location) = self.location_of(facts::kind(kind)) else { return };
        self.described.gaps.insert(ListGap {
            kind,
            location,
            address: self.resource.address.clone(),
            why: Why::NotConverted,
            only_adds,
        });
    }

    fn location_of(&self, kind: Option<&Kind>) -> Option<Location> {
        let region = match kind?.scope {
            Scope::Regional => self.location.region.clone(),
            Scope::Global => Region::global(),
            Scope::Account => return None,
        };
        Some(Location { region, ..self.location.clone() })
    }
}

/// Makes unknown what can change the defaults of a new VPC, whose ids are not known yet: CDK removes the
/// rules of the default group by a custom resource.
pub fn hide_defaults(
    (resource, after): (&Resource, Option<&Context>),
    location: &Location,
    described: &mut Described,
) {
    let is_open = Other::of(&resource.type_name).is_some_and(|other| other.lists == ["*"]);
    let can_name = after.is_none_or(Context::has_hidden);
    if !is_open || !can_name || resource.action == Action::Remove {
        return;
    }
    let fields: [(&str, &[&str]); 2] = [
        ("ec2.security_group", &["ip_permissions", "ip_permissions_egress"]),
        ("ec2.network_acl", &["entries"]),
    ];
    let of_kind = |kind: &str| fields.iter().find(|(name, _)| *name == kind);
    let mut hidden = Vec::new();
    for (key, item) in &described.after.items {
        let Some((kind, fields)) = of_kind(key.kind) else { continue };
        let is_default = DEFAULTS.iter().any(|(of, attribute)| {
            let owner = key.id.strip_suffix(attribute).and_then(|rest| rest.strip_suffix('.'));
            of == kind && owner.is_some() && owner == item.declared.as_deref()
        });
        hidden.extend(fields.iter().filter(|_| is_default).map(|field| Hidden {
            address: resource.address.clone(),
            kind,
            location: location.clone(),
            id: Some(key.id.clone()),
            is_anywhere: false,
            field: Some((*field).to_owned()),
        }));
    }
    described.hidden.extend(hidden);
}

/// Whether a resource always has this property. Of the others, it has one of several, or none.
fn is_required(property: &str) -> bool {
    ![
        "AllocationId",
        "EIP",
        "InstanceId",
        "InternetGatewayId",
        "NetworkInterfaceId",
        "RouteTableIds",
        "SecondaryAllocationIds",
        "VpnGatewayId",
    ]
    .contains(&property)
        && !property.contains('.')
}

/// Whether an id is one that AWS generates, such as `i-0123456789abcdef0`.
fn has_own_id(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(_, end)| {
        [8, 17].contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
