//! `s3.bucket.set_ownership`: sets Object Ownership to `BucketOwnerEnforced`, which disables ACLs. S3
//! refuses that while the ACL grants access to anybody but the owner.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::facts::s3::bucket::{Acl, Grant};
use crate::fixes::edit::{becomes, json, known};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
const FACT: &str = "ownership_controls";

/// The setting.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetOwnership {
    /// Object Ownership.
    object_ownership: Ownership,
}

/// The only setting with which ACLs are disabled.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
enum Ownership {
    /// ACLs are disabled.
    BucketOwnerEnforced,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetOwnership>();

impl Fix for SetOwnership {
    const NAME: &'static str = "s3.bucket.set_ownership";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str =
        "Disables ACLs of the bucket, if its ACL grants access to the owner only.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["acl"];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_ownership"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let effect = becomes(scene, FACT, json(self))?;
        if effect == Effect::default() {
            return Ok(effect);
        }
        let acl: Option<Acl> = serde_json::from_value(known(scene, "acl")?.clone())
            .map_err(|_| Refusal::new("`acl` is invalid"))?;
        let Some(acl) = acl else { return Err(Refusal::new("AWS did not return the ACL")) };
        let owner = acl.owner_id.as_deref();
        let is_owner = |grant: &Grant| owner.is_some() && grant.grantee.id.as_deref() == owner;
        match acl.grants.iter().find(|grant| !is_owner(grant)) {
            Some(_) => Err(Refusal::new("the ACL grants access to somebody other than the owner")),
            None => Ok(effect),
        }
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let parameters = json!({ FACT: before.get(FACT) });
        Inverse::Action(Call::named("s3.bucket.restore_ownership", parameters))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutBucketOwnershipControls", target)];
        vec![Write { call: "s3:PutBucketOwnershipControls", permissions }]
    }
}
