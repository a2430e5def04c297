//! `ec2.image.share_all`: gives all AWS accounts permission to launch instances from an image again. AWS
//! refuses this while the region blocks public sharing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sharing::{set_group_all, shared_state};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "launch_permission";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareAll {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<ShareAll>();

/// The effect that the image is public or not.
pub(super) fn set_public(scene: &Scene<'_>, public: bool) -> Result<Effect, Refusal> {
    set_group_all(scene, FACT, public)
}

impl Fix for ShareAll {
    const NAME: &'static str = "ec2.image.share_all";
    const KINDS: Kinds = Kinds::One("ec2.image");
    const DOC: &'static str = "Allows all AWS accounts to launch instances from the image.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT, "public"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.image.unshare_all"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_public(scene, true)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.image.unshare_all", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:ModifyImageAttribute";
        let permission =
            on_resource(call, "ec2.image", target).when_op("Bool", "ec2:Public", "false");
        vec![Write { call, permissions: vec![permission] }]
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        shared_state(scene, FACT)
    }
}
