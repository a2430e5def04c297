//! `ec2.settings.encrypt_by_default`: enables EBS encryption by default in a region, with the default
//! key that is set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings_stop_encrypting_by_default::{FACT, StopEncryptingByDefault, set_default};
use crate::fixes::edit::known_object;
use crate::fixes::permit::in_region;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EncryptByDefault {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<EncryptByDefault>();

impl Fix for EncryptByDefault {
    const NAME: &'static str = "ec2.settings.encrypt_by_default";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str =
        "Enables EBS encryption by default in the region; the default key stays as it is.";
    // The key decides what breaks, so it must still be the one of the plan.
    const TOUCHES: &'static [&'static str] = &[FACT, "ebs_default_kms_key_id"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.stop_encrypting_by_default"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        known_object(scene, "ebs_default_kms_key_id")?;
        set_default(scene, true)
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&StopEncryptingByDefault {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let call = "ec2:EnableEbsEncryptionByDefault";
        vec![Write { call, permissions: vec![in_region(call, target)] }]
    }
}
