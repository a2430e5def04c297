//! `s3.bucket.block_public_access`: turns on Block Public Access settings of a bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bucket_set_public_access_block::{FACT, SetPublicAccessBlock, put};
use crate::fixes::edit::{becomes, known_object};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The settings to turn on; the others stay as they are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockPublicAccess {
    /// Rejects new public ACLs.
    #[serde(default)]
    block_public_acls: bool,
    /// Ignores all public ACLs.
    #[serde(default)]
    ignore_public_acls: bool,
    /// Rejects new public bucket policies.
    #[serde(default)]
    block_public_policy: bool,
    /// Restricts access to a bucket with a public policy to AWS services and the owner's account.
    #[serde(default)]
    restrict_public_buckets: bool,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<BlockPublicAccess>();

impl Fix for BlockPublicAccess {
    const NAME: &'static str = "s3.bucket.block_public_access";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str =
        "Turns on Block Public Access settings of the bucket, and keeps those that are already on.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.set_public_access_block"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut block = known_object(scene, FACT)?;
        let flags = [
            ("block_public_acls", self.block_public_acls),
            ("ignore_public_acls", self.ignore_public_acls),
            ("block_public_policy", self.block_public_policy),
            ("restrict_public_buckets", self.restrict_public_buckets),
        ];
        for (name, on) in flags {
            let was_on = block.get(name).and_then(Value::as_bool).unwrap_or(false);
            block.insert(name.to_owned(), Value::Bool(on || was_on));
        }
        becomes(scene, FACT, Value::Object(block))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match SetPublicAccessBlock::from_facts(before).map(|set| Call::of(&set)) {
            Some(call) => Inverse::Action(call),
            None => Inverse::Never("the settings before were not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        put(target)
    }
}
