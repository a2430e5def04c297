//! `ec2.vpn_connection.set_tunnel_options`: makes one tunnel of a VPN connection accept only IKEv2, or
//! log. The tunnel is down for minutes, so that another one must be up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tunnel::{FACT, Format, IkeVersion, Tunnel, modify};
use crate::fixes::edit::json;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The tunnel, and what to set: `ikev2`, or where to log to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct SetTunnelOptions(Tunnel);

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetTunnelOptions>();

impl Fix for SetTunnelOptions {
    const NAME: &'static str = "ec2.vpn_connection.set_tunnel_options";
    const KINDS: Kinds = Kinds::One("ec2.vpn_connection");
    const DOC: &'static str =
        "Makes one tunnel accept only IKEv2, or log, while another tunnel is up.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state", "vgw_telemetry"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 900;
    const UNDONE_BY: &'static [&'static str] = &["ec2.vpn_connection.restore_tunnel_options"];

    fn checked(self) -> Result<Self, String> {
        let mut tunnel = self.0.checked()?;
        if tunnel.ike_versions.as_ref().is_some_and(|only| *only != [IkeVersion::Ikev2]) {
            return Err("`ike_versions` must be [\"ikev2\"]".to_owned());
        }
        if let Some(logs) = &mut tunnel.cloud_watch_log_options {
            if !logs.log_enabled {
                return Err("`log_enabled` must be true".to_owned());
            }
            // AWS's default, which it returns.
            logs.log_output_format.get_or_insert(Format::Json);
        }
        Ok(Self(tunnel))
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let effect = self.0.set(scene)?;
        if effect != Effect::default() {
            self.0.another_is_up(scene)?;
        }
        Ok(effect)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let Some((recorded, was_unset)) = self.0.recorded(before) else {
            return Inverse::Never("the options before were not read");
        };
        let call = Call::named("ec2.vpn_connection.restore_tunnel_options", json(&recorded));
        if was_unset {
            Inverse::Nearly(call, "the option is set to its default explicitly")
        } else {
            Inverse::Action(call)
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
