//! The two settings of subnets that give new network interfaces addresses by which the internet can
//! reach them. One call changes one of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{all_become, known, owned};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{Facts, Refusal, Write};

/// The fields that can change.
pub(super) const FACTS: &[&str] = &["map_public_ip_on_launch", "assign_ipv6_address_on_creation"];

/// A setting, named as its field.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum Attribute {
    /// Instances get a public IPv4 address.
    MapPublicIpOnLaunch,
    /// Network interfaces get an IPv6 address.
    AssignIpv6AddressOnCreation,
}

impl Attribute {
    const ALL: [Self; 2] = [Self::MapPublicIpOnLaunch, Self::AssignIpv6AddressOnCreation];

    const fn field(self) -> &'static str {
        match self {
            Self::MapPublicIpOnLaunch => "map_public_ip_on_launch",
            Self::AssignIpv6AddressOnCreation => "assign_ipv6_address_on_creation",
        }
    }

    /// As AWS names it.
    const fn name(self) -> &'static str {
        match self {
            Self::MapPublicIpOnLaunch => "MapPublicIpOnLaunch",
            Self::AssignIpv6AddressOnCreation => "AssignIpv6AddressOnCreation",
        }
    }
}

/// The settings to change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Attributes {
    /// `map_public_ip_on_launch`, `assign_ipv6_address_on_creation`, or both.
    attributes: Vec<Attribute>,
}

impl Attributes {
    /// Sorts and deduplicates them.
    pub(super) fn checked(mut self) -> Result<Self, String> {
        if self.attributes.is_empty() {
            return Err("name at least one of `attributes`".to_owned());
        }
        self.attributes.sort_unstable();
        self.attributes.dedup();
        Ok(self)
    }

    /// Those with this value in a state; `None` if there are none.
    pub(super) fn with_value(&self, state: &Facts, value: bool) -> Option<Self> {
        let of = |attribute: &Attribute| {
            state.get(attribute.field()).and_then(Value::as_bool) == Some(value)
        };
        let attributes: Vec<_> = self.attributes.iter().copied().filter(of).collect();
        Some(Self { attributes }).filter(|some| !some.attributes.is_empty())
    }

    /// The effect that they are on or off.
    pub(super) fn set(&self, scene: &Scene<'_>, on: bool) -> Result<Effect, Refusal> {
        owned(scene)?;
        for attribute in &self.attributes {
            let field = attribute.field();
            if !known(scene, field)?.is_boolean() {
                return Err(Refusal::new(format!("AWS did not return `{field}`")));
            }
        }
        let ipv6_only = scene.fact("ipv6_native").and_then(Value::as_bool) == Some(true);
        if ipv6_only && self.attributes.contains(&Attribute::AssignIpv6AddressOnCreation) {
            return Err(Refusal::new("interfaces of an IPv6-only subnet need an IPv6 address"));
        }
        all_become(scene, self.attributes.iter().map(|one| (one.field(), on.into())))
    }

    /// One call for each.
    pub(super) fn writes(&self, target: &WriteTarget<'_>) -> Vec<Write> {
        self.attributes.iter().map(|attribute| modify(*attribute, target)).collect()
    }

    /// The values of the named ones.
    pub(super) fn state(&self, scene: &Scene<'_>) -> Facts {
        let named = self.attributes.iter().map(|attribute| {
            let value = scene.resource.facts.get(attribute.field());
            (attribute.field().to_owned(), value.cloned().unwrap_or_default())
        });
        named.collect()
    }
}

/// The calls for both.
pub(super) fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
    Attribute::ALL.iter().map(|attribute| modify(*attribute, target)).collect()
}

fn modify(attribute: Attribute, target: &WriteTarget<'_>) -> Write {
    let call = "ec2:ModifySubnetAttribute";
    let permission =
        on_resource(call, "ec2.subnet", target).when("ec2:Attribute", attribute.name());
    Write { call, permissions: vec![permission] }
}
