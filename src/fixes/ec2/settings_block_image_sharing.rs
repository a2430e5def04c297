//! `ec2.settings.block_image_sharing`: enables block public access for AMIs in a region. Images that
//! are public stay public.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings_unblock_image_sharing::{FACT, UnblockImageSharing, set_state};
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockImageSharing {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<BlockImageSharing>();

impl Fix for BlockImageSharing {
    const NAME: &'static str = "ec2.settings.block_image_sharing";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str =
        "Prevents images in the region from being made public; public images stay public.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 600;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.unblock_image_sharing"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_state(scene, "block-new-sharing")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&UnblockImageSharing {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:EnableImageBlockPublicAccess";
        vec![Write { call, permissions: vec![in_region(call, target)] }]
    }
}
