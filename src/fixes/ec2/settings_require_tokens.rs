//! `ec2.settings.require_tokens`: makes IMDSv2 the default for new instances in a region. Only
//! `HttpTokens` is sent, so that the other defaults keep their values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings_set_tokens::{FACT, SetTokens, Tokens, modify};
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
    const NAME: &'static str = "ec2.settings.require_tokens";
    const KINDS: Kinds = Kinds::One("ec2.settings");
    const DOC: &'static str = "Makes new instances in the region require IMDSv2 by default.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.settings.set_tokens"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        SetTokens { http_tokens: Tokens::Required }.after(scene)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match SetTokens::from_facts(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the default before was not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, &[Tokens::Required])
    }
}
