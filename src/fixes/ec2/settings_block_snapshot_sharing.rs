//! `ec2.settings.block_snapshot_sharing`: blocks all public sharing of EBS snapshots in a region, also
//! of snapshots that are public.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings_set_snapshot_sharing::{FACT, SetSnapshotSharing, Sharing, enable};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockSnapshotSharing {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<BlockSnapshotSharing>();

impl Fix for BlockSnapshotSharing {
    const NAME: &'static str = "ec2.settings.block_snapshot_sharing";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str =
        "Blocks all public sharing of EBS snapshots in the region, including public snapshots.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 600;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.set_snapshot_sharing"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        SetSnapshotSharing { state: Sharing::AllBlocked }.after(scene)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match SetSnapshotSharing::from_facts(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the state before was not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![enable(target)]
    }
}
