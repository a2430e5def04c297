//! `ec2.snapshot.unshare_all`: removes the permission of all AWS accounts on a snapshot. Permissions of single
//! accounts stay.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sharing::shared_state;
use super::snapshot_share_all::{FACT, ShareAll, set_public};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnshareAll {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<UnshareAll>();

impl Fix for UnshareAll {
    const NAME: &'static str = "ec2.snapshot.unshare_all";
    const KINDS: Kinds = Kinds::One("ec2.snapshot");
    const DOC: &'static str = "Removes the permission of all AWS accounts to create volumes from the snapshot; other permissions stay.";
    const TOUCHES: &'static [&'static str] = &[FACT, "public"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.snapshot.share_all"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_public(scene, false)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&ShareAll {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:ModifySnapshotAttribute";
        let permission = on_resource(call, "ec2.snapshot", target).when("ec2:Remove/group", "all");
        vec![Write { call, permissions: vec![permission] }]
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        shared_state(scene, FACT)
    }
}
