//! `s3.account.block_public_access`: turns on all Block Public Access settings of an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::s3::account::PublicAccessBlock;
use crate::fixes::edit::{becomes, json};
use crate::fixes::policy::{Permission, WriteTarget};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "public_access_block";

/// It has no parameters.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockPublicAccess {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<BlockPublicAccess>();

impl Fix for BlockPublicAccess {
    const NAME: &'static str = "s3.account.block_public_access";
    const KINDS: Kinds = Kinds::One("s3.account");
    const DOC: &'static str = "Turns on all Block Public Access settings of the account.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["s3.account.set_public_access_block"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let all_on = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        becomes(scene, FACT, json(&all_on))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let Some(block) = before.get(FACT).filter(|block| block.is_object()) else {
            return Inverse::Never("the settings before were not read");
        };
        Inverse::Action(Call::named("s3.account.set_public_access_block", block.clone()))
    }

    fn possible_writes(_: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![Permission::new("s3:PutAccountPublicAccessBlock", "*")];
        vec![Write { call: "s3control:PutPublicAccessBlock", permissions }]
    }
}
