//! `s3.bucket.set_encryption`: encrypts new objects with a KMS key. The call sends the whole
//! configuration, with the blocked encryption types as they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::facts::s3::bucket::{Encryption, EncryptionRule};
use crate::fixes::edit::{becomes, json, known};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "encryption";

/// The default encryption.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetEncryption {
    /// `aws:kms` or `aws:kms:dsse`.
    sse_algorithm: Algorithm,
    /// The ARN of the KMS key.
    kms_master_key_id: String,
    /// Whether an S3 Bucket Key is used.
    #[serde(default = "on")]
    bucket_key_enabled: bool,
}

/// Encryption with a KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Algorithm {
    /// With one layer.
    #[serde(rename = "aws:kms")]
    Kms,
    /// With two layers.
    #[serde(rename = "aws:kms:dsse")]
    Dsse,
}

fn on() -> bool {
    true
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetEncryption>();

impl Fix for SetEncryption {
    const NAME: &'static str = "s3.bucket.set_encryption";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Encrypts new objects of the bucket with a KMS key by default; blocked encryption types are kept.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_encryption"];

    fn checked(self) -> Result<Self, String> {
        let key = &self.kms_master_key_id;
        if !(key.starts_with("arn:") && key.contains(":kms:") && key.len() <= 2_048) {
            return Err("`kms_master_key_id` must be the ARN of a KMS key".to_owned());
        }
        if self.sse_algorithm == Algorithm::Dsse && self.bucket_key_enabled {
            return Err("S3 Bucket Keys do not work with `aws:kms:dsse`".to_owned());
        }
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let invalid = |_| Refusal::new("`encryption` is invalid");
        let now: Option<Encryption> =
            serde_json::from_value(known(scene, FACT)?.clone()).map_err(invalid)?;
        let rules = now.map(|encryption| encryption.rules).unwrap_or_default();
        let ([] | [_]) = rules.as_slice() else {
            return Err(Refusal::new("the bucket has several encryption rules"));
        };
        let rule = EncryptionRule {
            sse_algorithm: json(&self.sse_algorithm).as_str().map(str::to_owned),
            kms_master_key_id: Some(self.kms_master_key_id.clone()),
            bucket_key_enabled: Some(self.bucket_key_enabled),
            blocked_encryption_types: rules
                .into_iter()
                .flat_map(|rule| rule.blocked_encryption_types)
                .collect(),
        };
        becomes(scene, FACT, json(&Encryption { rules: vec![rule] }))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let parameters = json!({ FACT: before.get(FACT) });
        let undo = Call::named("s3.bucket.restore_encryption", parameters);
        Inverse::Nearly(undo, "objects written meanwhile stay encrypted with the key")
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutEncryptionConfiguration", target)];
        vec![Write { call: "s3:PutBucketEncryption", permissions }]
    }
}
