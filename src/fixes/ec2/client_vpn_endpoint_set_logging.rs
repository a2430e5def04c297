//! `ec2.client_vpn_endpoint.set_logging`: logs the connections of a Client VPN endpoint.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::client_vpn_endpoint_restore_logging::{FACT, Recorded, check_names, logging, modify};
use crate::fixes::edit::known_object;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// Where to log to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetLogging {
    /// The name of the CloudWatch Logs log group, which must exist.
    cloudwatch_log_group: String,
    /// The name of the log stream; without it, AWS creates one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cloudwatch_log_stream: Option<String>,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetLogging>();

impl SetLogging {
    /// The options to set. What logs include stays as it is.
    fn wanted(&self, now: &Recorded) -> Recorded {
        Recorded {
            enabled: true,
            include_authorization_policy_context: now.include_authorization_policy_context,
            cloudwatch_log_group: Some(self.cloudwatch_log_group.clone()),
            cloudwatch_log_stream: self.cloudwatch_log_stream.clone(),
        }
    }

    /// Whether connections are logged as wanted, to any stream if none is named.
    fn is_met_by(&self, now: &Recorded) -> bool {
        let stream = self.cloudwatch_log_stream.as_ref();
        now.enabled
            && now.cloudwatch_log_group.as_ref() == Some(&self.cloudwatch_log_group)
            && (stream.is_none() || now.cloudwatch_log_stream.as_ref() == stream)
    }
}

impl Fix for SetLogging {
    const NAME: &'static str = "ec2.client_vpn_endpoint.set_logging";
    const KINDS: Kinds = Kinds::One("ec2.client_vpn_endpoint");
    const DOC: &'static str = "Logs connections to the named log group, which must exist.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["status"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.client_vpn_endpoint.restore_logging"];

    fn checked(self) -> Result<Self, String> {
        let stream = self.cloudwatch_log_stream.as_deref();
        check_names(Some(&self.cloudwatch_log_group), stream)?;
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        known_object(scene, FACT)?;
        let Some(now) = Recorded::of(&scene.resource.facts) else {
            return Err(Refusal::new("AWS did not return whether connections are logged"));
        };
        if self.is_met_by(&now) {
            return Ok(Effect::default());
        }
        self.wanted(&now).after(scene)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Recorded::of(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the options before were not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        let mut state = logging(scene);
        // The name of a stream that AWS creates is not known before.
        let met = Recorded::of(&state).is_some_and(|now| self.is_met_by(&now));
        if met
            && self.cloudwatch_log_stream.is_none()
            && let Some(options) = state.get_mut(FACT).and_then(|options| options.as_object_mut())
        {
            options.remove("cloudwatch_log_stream");
        }
        state
    }
}
