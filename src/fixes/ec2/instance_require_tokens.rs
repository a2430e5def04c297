//! `ec2.instance.require_tokens`: makes an instance require IMDSv2. Only `HttpTokens` is sent, so that
//! the other metadata options, above all `HttpEndpoint`, keep their values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instance_make_tokens_optional::{
    FACT, MakeTokensOptional, modify, set_tokens, settled_options,
};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequireTokens {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RequireTokens>();

impl Fix for RequireTokens {
    const NAME: &'static str = "ec2.instance.require_tokens";
    const KINDS: Kinds = Kinds::One("ec2.instance");
    const DOC: &'static str = "Makes the instance require IMDSv2.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["ec2.instance.make_tokens_optional"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_tokens(scene, "required")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&MakeTokensOptional {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, "optional", "required")
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        settled_options(scene)
    }
}
