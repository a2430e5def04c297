//! `ec2.network_interface.disable_source_dest_check`: turns source/destination checking off again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, known, owned};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The field that it changes.
pub(super) const FACT: &str = "source_dest_check";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DisableSourceDestCheck {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<DisableSourceDestCheck>();

/// The effect that the interface checks the source and destination of traffic, or not.
pub(super) fn set_check(scene: &Scene<'_>, on: bool) -> Result<Effect, Refusal> {
    owned(scene)?;
    if scene.fact("requester_managed").and_then(Value::as_bool) == Some(true) {
        return Err(Refusal::new("an AWS service manages the interface"));
    }
    if !known(scene, FACT)?.is_boolean() {
        return Err(Refusal::new("AWS did not return `source_dest_check`"));
    }
    becomes(scene, FACT, on.into())
}

/// The call that sets it.
pub(super) fn modify(target: &WriteTarget<'_>) -> Vec<Write> {
    let call = "ec2:ModifyNetworkInterfaceAttribute";
    let permission =
        on_resource(call, "ec2.network_interface", target).when("ec2:Attribute", "SourceDestCheck");
    vec![Write { call, permissions: vec![permission] }]
}

impl Fix for DisableSourceDestCheck {
    const NAME: &'static str = "ec2.network_interface.disable_source_dest_check";
    const KINDS: Kinds = Kinds::One("ec2.network_interface");
    const DOC: &'static str = "Disables source/destination checking of the interface.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.network_interface.enable_source_dest_check"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_check(scene, false)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.network_interface.enable_source_dest_check", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }
}
