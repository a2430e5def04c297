//! `s3.bucket.set_public_access_block`: sets the Block Public Access settings of a bucket to recorded
//! values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fixes::edit::{becomes, json};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "public_access_block";

/// The settings as recorded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPublicAccessBlock {
    /// Rejects new public ACLs.
    block_public_acls: bool,
    /// Ignores all public ACLs.
    ignore_public_acls: bool,
    /// Rejects new public bucket policies.
    block_public_policy: bool,
    /// Restricts access to a bucket with a public policy to AWS services and the owner's account.
    restrict_public_buckets: bool,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetPublicAccessBlock>();

impl SetPublicAccessBlock {
    /// The settings in a state.
    pub(super) fn from_facts(state: &Facts) -> Option<Self> {
        serde_json::from_value(state.get(FACT)?.clone()).ok()
    }
}

/// The call that sets them.
pub(super) fn put(target: &WriteTarget<'_>) -> Vec<Write> {
    vec![Write {
        call: "s3:PutPublicAccessBlock",
        permissions: vec![on_bucket("s3:PutBucketPublicAccessBlock", target)],
    }]
}

impl Fix for SetPublicAccessBlock {
    const NAME: &'static str = "s3.bucket.set_public_access_block";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Sets the Block Public Access settings of the bucket.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.set_public_access_block"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        becomes(scene, FACT, json(self))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Self::from_facts(before).map(|set| Call::of(&set)) {
            Some(call) => Inverse::Action(call),
            None => Inverse::Never("the settings before were not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        put(target)
    }
}
