//! `ec2.vpn_connection.restore_tunnel_options`: sets options of one tunnel of a VPN connection to
//! recorded values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tunnel::{FACT, Tunnel, modify};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The tunnel, and the options as recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct RestoreTunnelOptions(Tunnel);

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RestoreTunnelOptions>();

impl Fix for RestoreTunnelOptions {
    const NAME: &'static str = "ec2.vpn_connection.restore_tunnel_options";
    const KINDS: Kinds = Kinds::One("ec2.vpn_connection");
    const DOC: &'static str = "Sets the IKE versions or the log options of one tunnel.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 900;
    const UNDONE_BY: &'static [&'static str] = &["ec2.vpn_connection.restore_tunnel_options"];

    fn checked(self) -> Result<Self, String> {
        self.0.checked().map(Self)
    }

    // The other tunnel need not be up: this must be possible when both are down.
    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        self.0.set(scene)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match self.0.recorded(before) {
            Some((recorded, true)) => {
                let note = "the option is set to its default explicitly";
                Inverse::Nearly(Call::of(&Self(recorded)), note)
            }
            Some((recorded, false)) => Inverse::Action(Call::of(&Self(recorded))),
            None => Inverse::Never("the options before were not read"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        self.0.writes(target)
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, true)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        self.0.state(scene)
    }
}
