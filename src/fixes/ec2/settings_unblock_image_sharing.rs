//! `ec2.settings.unblock_image_sharing`: disables block public access for AMIs in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, known_object, own_setting, text};
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "image_block_public_access";

const STATE: &str = "image_block_public_access_state";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnblockImageSharing {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<UnblockImageSharing>();

/// The effect that the setting gets this state.
pub(super) fn set_state(scene: &Scene<'_>, state: &str) -> Result<Effect, Refusal> {
    let mut block = known_object(scene, FACT)?;
    own_setting(&block)?;
    // Undoing knows these two only.
    match text(&block, STATE) {
        Some("unblocked" | "block-new-sharing") => {}
        _ => return Err(Refusal::new("the state of the setting is unknown")),
    }
    block.insert(STATE.to_owned(), state.into());
    becomes(scene, FACT, Value::Object(block))
}

impl Fix for UnblockImageSharing {
    const NAME: &'static str = "ec2.settings.unblock_image_sharing";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str = "Allows images in the region to be made public.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 600;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.block_image_sharing"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_state(scene, "unblocked")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.settings.block_image_sharing", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:DisableImageBlockPublicAccess";
        vec![Write { call, permissions: vec![in_region(call, target)] }]
    }
}
