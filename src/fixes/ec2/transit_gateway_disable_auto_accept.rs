//! `ec2.transit_gateway.disable_auto_accept`: attachment requests from other accounts must be accepted
//! one by one. Attachments that exist stay.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::transit_gateway_enable_auto_accept::{
    EnableAutoAccept, FACT, accept_state, modify, set_auto_accept,
};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DisableAutoAccept {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<DisableAutoAccept>();

impl Fix for DisableAutoAccept {
    const NAME: &'static str = "ec2.transit_gateway.disable_auto_accept";
    const KINDS: Kinds = Kinds::One("ec2.transit_gateway");
    const DOC: &'static str =
        "Stops the transit gateway from accepting attachments of other accounts automatically.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["ec2.transit_gateway.enable_auto_accept"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_auto_accept(scene, "disable")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&EnableAutoAccept {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        accept_state(scene)
    }
}
