//! `s3.bucket.restore_lifecycle`: removes the lifecycle rule that was added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket_abort_incomplete_uploads::{FACT, ID, canonical, known_lifecycle, state};
use crate::facts::s3::lifecycle::Lifecycle;
use crate::fixes::edit::{becomes, json};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The recorded configuration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreLifecycle {
    /// The configuration; absent if there was none.
    lifecycle: Option<Lifecycle>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestoreLifecycle>();

/// The calls that set and remove it; S3 has no IAM action of its own for the second one.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["s3:PutBucketLifecycleConfiguration", "s3:DeleteBucketLifecycle"].map(|call| Write {
        call,
        permissions: vec![on_bucket("s3:PutLifecycleConfiguration", target)],
    })
}

impl Fix for RestoreLifecycle {
    const NAME: &'static str = "s3.bucket.restore_lifecycle";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str =
        "Sets the lifecycle configuration to the recorded one, or removes it.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &[];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let now = known_lifecycle(scene)?;
        let recorded = self.lifecycle.clone().map(canonical);
        if now == recorded {
            return Ok(Effect::default());
        }
        let rules = |lifecycle: &Option<Lifecycle>| {
            lifecycle.as_ref().map(|lifecycle| lifecycle.rules.clone()).unwrap_or_default()
        };
        let mut rest = rules(&now);
        rest.retain(|rule| rule.id.as_deref() != Some(ID));
        if rest != rules(&recorded) {
            return Err(Refusal::new("somebody changed the lifecycle configuration meanwhile"));
        }
        becomes(scene, FACT, json(&recorded))
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        state(scene)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Never("the lifecycle rule is added again by the fix of the rule")
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        let [put, delete] = calls(target);
        vec![if self.lifecycle.is_some() { put } else { delete }]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }
}
