//! `ec2.settings.set_snapshot_sharing`: sets block public access for EBS snapshots in a region to a
//! recorded state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, json, known_object, own_setting};
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "snapshot_block_public_access";

/// What is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum Sharing {
    /// No snapshot is public.
    #[serde(rename = "block-all-sharing")]
    AllBlocked,
    /// Snapshots that are public stay public.
    #[serde(rename = "block-new-sharing")]
    NewBlocked,
    /// Snapshots can be public.
    #[serde(rename = "unblocked")]
    Unblocked,
}

/// The state to set.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetSnapshotSharing {
    /// The recorded state.
    pub(super) state: Sharing,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetSnapshotSharing>();

impl SetSnapshotSharing {
    /// The state in the facts.
    pub(super) fn from_facts(facts: &Facts) -> Option<Self> {
        let state = facts.get(FACT)?.get("state")?.clone();
        serde_json::from_value(state).ok().map(|state| Self { state })
    }
}

/// The call that sets one of the two blocking states.
pub(super) fn enable(target: &WriteTarget<'_>) -> Write {
    let call = "ec2:EnableSnapshotBlockPublicAccess";
    Write { call, permissions: vec![in_region(call, target)] }
}

fn disable(target: &WriteTarget<'_>) -> Write {
    let call = "ec2:DisableSnapshotBlockPublicAccess";
    Write { call, permissions: vec![in_region(call, target)] }
}

impl Fix for SetSnapshotSharing {
    const NAME: &'static str = "ec2.settings.set_snapshot_sharing";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str = "Sets block public access for EBS snapshots in the region.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 600;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.set_snapshot_sharing"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut block = known_object(scene, FACT)?;
        own_setting(&block)?;
        // Undoing must be able to set what is there.
        if Self::from_facts(&scene.resource.facts).is_none() {
            return Err(Refusal::new("the state of the setting is unknown"));
        }
        block.insert("state".to_owned(), json(&self.state));
        becomes(scene, FACT, Value::Object(block))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Self::from_facts(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the state before was not read"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        vec![if self.state == Sharing::Unblocked { disable(target) } else { enable(target) }]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![enable(target), disable(target)]
    }
}
