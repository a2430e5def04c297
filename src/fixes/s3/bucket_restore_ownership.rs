//! `s3.bucket.restore_ownership`: sets Object Ownership to the recorded value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::facts::s3::bucket::OwnershipControls;
use crate::fixes::edit::{becomes, json};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The recorded value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreOwnership {
    /// Object Ownership; absent if it was never set.
    ownership_controls: Option<OwnershipControls>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestoreOwnership>();

/// The calls that set and remove it.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["s3:PutBucketOwnershipControls", "s3:DeleteBucketOwnershipControls"].map(|call| Write {
        call,
        permissions: vec![on_bucket("s3:PutBucketOwnershipControls", target)],
    })
}

impl Fix for RestoreOwnership {
    const NAME: &'static str = "s3.bucket.restore_ownership";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Sets Object Ownership of the bucket, or removes the setting.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &["ownership_controls"];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_ownership"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        becomes(scene, "ownership_controls", json(&self.ownership_controls))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let parameters = json!({ "ownership_controls": before.get("ownership_controls") });
        Inverse::Action(Call::named(Self::NAME, parameters))
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        let [put, delete] = calls(target);
        vec![if self.ownership_controls.is_some() { put } else { delete }]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }
}
