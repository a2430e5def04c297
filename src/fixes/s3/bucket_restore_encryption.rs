//! `s3.bucket.restore_encryption`: sets the default encryption to recorded values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::facts::s3::bucket::Encryption;
use crate::fixes::edit::{becomes, json};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The recorded value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreEncryption {
    /// The default encryption; absent if there was none.
    encryption: Option<Encryption>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestoreEncryption>();

/// The calls that set and remove it.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["s3:PutBucketEncryption", "s3:DeleteBucketEncryption"].map(|call| Write {
        call,
        permissions: vec![on_bucket("s3:PutEncryptionConfiguration", target)],
    })
}

impl Fix for RestoreEncryption {
    const NAME: &'static str = "s3.bucket.restore_encryption";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str =
        "Sets the default encryption of the bucket, or removes the configuration.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &["encryption"];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_encryption"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        becomes(scene, "encryption", json(&self.encryption))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let parameters = json!({ "encryption": before.get("encryption") });
        Inverse::Action(Call::named(Self::NAME, parameters))
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        let [put, delete] = calls(target);
        vec![if self.encryption.is_some() { put } else { delete }]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }
}
