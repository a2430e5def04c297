//! `ec2.subnet.enable_public_ip`: turns on the automatic assignment of addresses in a subnet again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subnet_addresses::{Attributes, FACTS, possible_writes};
use crate::fixes::edit::json;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The settings to turn on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct EnablePublicIp(Attributes);

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<EnablePublicIp>();

impl Fix for EnablePublicIp {
    const NAME: &'static str = "ec2.subnet.enable_public_ip";
    const KINDS: Kinds = Kinds::One("ec2.subnet");
    const DOC: &'static str =
        "Assigns public IPv4 addresses, or IPv6 addresses, to what is created in the subnet.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = FACTS;
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.subnet.disable_public_ip"];

    fn checked(self) -> Result<Self, String> {
        self.0.checked().map(Self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        self.0.set(scene, true)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match self.0.with_value(before, false) {
            Some(changed) => {
                Inverse::Action(Call::named("ec2.subnet.disable_public_ip", json(&changed)))
            }
            None => Inverse::Never("no setting was changed"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        self.0.writes(target)
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        possible_writes(target)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        self.0.state(scene)
    }
}
