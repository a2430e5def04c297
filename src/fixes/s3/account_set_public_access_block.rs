//! `s3.account.set_public_access_block`: sets the Block Public Access settings of an account to
//! recorded values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fixes::edit::{becomes, json};
use crate::fixes::policy::{Permission, WriteTarget};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "public_access_block";

/// The settings as recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPublicAccessBlock {
    /// Rejects new public ACLs.
    block_public_acls: bool,
    /// Ignores all public ACLs.
    ignore_public_acls: bool,
    /// Rejects new public bucket policies.
    block_public_policy: bool,
    /// Restricts access to buckets with a public policy to AWS services and the owner's account.
    restrict_public_buckets: bool,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetPublicAccessBlock>();

impl Fix for SetPublicAccessBlock {
    const NAME: &'static str = "s3.account.set_public_access_block";
    const KINDS: Kinds = Kinds::One("s3.account");
    const DOC: &'static str = "Sets the Block Public Access settings of the account.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["s3.account.set_public_access_block"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        becomes(scene, FACT, json(self))
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
