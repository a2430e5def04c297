//! `ec2.settings.set_tokens`: sets the default of `HttpTokens` for new instances in a region to a
//! recorded value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, json, known_object, own_setting};
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "instance_metadata_defaults";

/// Whether new instances require IMDSv2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tokens {
    /// IMDSv1 works too.
    Optional,
    /// Only IMDSv2 works.
    Required,
    /// The account has no default.
    NoPreference,
}

/// The default to set.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetTokens {
    /// The recorded default.
    pub(super) http_tokens: Tokens,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetTokens>();

impl SetTokens {
    /// The default in the facts.
    pub(super) fn from_facts(facts: &Facts) -> Option<Self> {
        let http_tokens = match facts.get(FACT)?.as_object()?.get("http_tokens") {
            None | Some(Value::Null) => Tokens::NoPreference,
            Some(known) => serde_json::from_value(known.clone()).ok()?,
        };
        Some(Self { http_tokens })
    }
}

/// The call that sets one of these values.
pub(super) fn modify(target: &WriteTarget<'_>, values: &[Tokens]) -> Vec<Write> {
    let call = "ec2:ModifyInstanceMetadataDefaults";
    let values = match values {
        [one] => json(one),
        several => json(&several),
    };
    let permission = in_region(call, target).when("ec2:Attribute/HttpTokens", values);
    vec![Write { call, permissions: vec![permission] }]
}

impl Fix for SetTokens {
    const NAME: &'static str = "ec2.settings.set_tokens";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str = "Sets whether new instances in the region require IMDSv2 by default.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.set_tokens"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut defaults = known_object(scene, FACT)?;
        own_setting(&defaults)?;
        // Undoing must be able to set what is there.
        let now = Self::from_facts(&scene.resource.facts);
        match now.ok_or_else(|| Refusal::new("the present default is unknown"))? {
            now if now.http_tokens == self.http_tokens => return Ok(Effect::default()),
            _ if self.http_tokens == Tokens::NoPreference => defaults.remove("http_tokens"),
            _ => defaults.insert("http_tokens".to_owned(), json(&self.http_tokens)),
        };
        becomes(scene, FACT, Value::Object(defaults))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Self::from_facts(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the default before was not read"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        modify(target, &[self.http_tokens])
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, &[Tokens::Optional, Tokens::Required, Tokens::NoPreference])
    }
}
