//! `ec2.settings.stop_encrypting_by_default`: disables EBS encryption by default in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, known_object};
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The fact that it changes, and its field of the same name.
pub(super) const FACT: &str = "ebs_encryption_by_default";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StopEncryptingByDefault {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<StopEncryptingByDefault>();

/// The effect that the default is on or off.
pub(super) fn set_default(scene: &Scene<'_>, on: bool) -> Result<Effect, Refusal> {
    let mut setting = known_object(scene, FACT)?;
    setting.insert(FACT.to_owned(), on.into());
    becomes(scene, FACT, Value::Object(setting))
}

impl Fix for StopEncryptingByDefault {
    const NAME: &'static str = "ec2.settings.stop_encrypting_by_default";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str = "Disables EBS encryption by default in the region.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.encrypt_by_default"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_default(scene, false)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.settings.encrypt_by_default", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:DisableEbsEncryptionByDefault";
        vec![Write { call, permissions: vec![in_region(call, target)] }]
    }
}
