//! `ec2.client_vpn_endpoint.restore_logging`: sets the connection logging of a Client VPN endpoint to
//! recorded options.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, json, known, known_object, state_of};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The field that it changes.
pub(super) const FACT: &str = "connection_log_options";

/// An option that is off if it is absent.
const CONTEXT: &str = "include_authorization_policy_context";

/// The options as recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Recorded {
    /// Whether connections are logged.
    pub(super) enabled: bool,
    /// The name of the log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cloudwatch_log_group: Option<String>,
    /// The name of the log stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cloudwatch_log_stream: Option<String>,
    /// Whether connection logs include the context of authorization decisions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) include_authorization_policy_context: bool,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<Recorded>();

impl Recorded {
    /// The options in a state or in facts.
    pub(super) fn of(facts: &Facts) -> Option<Self> {
        let options = facts.get(FACT)?.as_object()?;
        let text = |field: &str| options.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            enabled: options.get("enabled")?.as_bool()?,
            cloudwatch_log_group: text("cloudwatch_log_group"),
            cloudwatch_log_stream: text("cloudwatch_log_stream"),
            include_authorization_policy_context: options.get(CONTEXT).and_then(Value::as_bool)
                == Some(true),
        })
    }
}

/// The options that can be set.
pub(super) fn logging(scene: &Scene<'_>) -> Facts {
    state_of(FACT, Recorded::of(&scene.resource.facts).map_or(Value::Null, |now| json(&now)))
}

/// Checks the names of a log group and a log stream.
pub(super) fn check_names(group: Option<&str>, stream: Option<&str>) -> Result<(), String> {
    let is_group = |name: &str| {
        let allowed = |char: char| char.is_ascii_alphanumeric() || "_-/.#".contains(char);
        !name.is_empty() && name.len() <= 512 && name.chars().all(allowed)
    };
    let is_stream = |name: &str| {
        let forbidden = |char: char| char.is_control() || ":*".contains(char);
        !name.is_empty() && name.len() <= 512 && !name.contains(forbidden)
    };
    if group.is_some_and(|name| !is_group(name)) {
        return Err("`cloudwatch_log_group` is not a valid name of a log group".to_owned());
    }
    if stream.is_some_and(|name| !is_stream(name)) {
        return Err("`cloudwatch_log_stream` is not a valid name of a log stream".to_owned());
    }
    Ok(())
}

/// The call that sets the options.
pub(super) fn modify(target: &WriteTarget<'_>) -> Vec<Write> {
    let call = "ec2:ModifyClientVpnEndpoint";
    vec![Write { call, permissions: vec![on_resource(call, "ec2.client_vpn_endpoint", target)] }]
}

impl Fix for Recorded {
    const NAME: &'static str = "ec2.client_vpn_endpoint.restore_logging";
    const KINDS: Kinds = Kinds::One("ec2.client_vpn_endpoint");
    const DOC: &'static str = "Sets the connection log options of the endpoint.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["status"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.client_vpn_endpoint.restore_logging"];

    fn checked(self) -> Result<Self, String> {
        let stream = self.cloudwatch_log_stream.as_deref();
        check_names(self.cloudwatch_log_group.as_deref(), stream)?;
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut options = known_object(scene, FACT)?;
        if Self::of(&scene.resource.facts).is_none() {
            return Err(Refusal::new("AWS did not return whether connections are logged"));
        }
        let status = known(scene, "status")?.get("code").and_then(Value::as_str);
        if let Some(status @ ("deleting" | "deleted")) = status {
            return Err(Refusal::new(format!("the endpoint is {status}")));
        }
        options.insert("enabled".to_owned(), self.enabled.into());
        for (field, value) in [
            ("cloudwatch_log_group", &self.cloudwatch_log_group),
            ("cloudwatch_log_stream", &self.cloudwatch_log_stream),
        ] {
            match value {
                Some(value) => options.insert(field.to_owned(), value.as_str().into()),
                None => options.remove(field),
            };
        }
        match self.include_authorization_policy_context {
            true => options.insert(CONTEXT.to_owned(), true.into()),
            false => options.remove(CONTEXT),
        };
        becomes(scene, FACT, Value::Object(options))
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Self::of(before) {
            Some(recorded) => Inverse::Action(Call::of(&recorded)),
            None => Inverse::Never("the options before were not read"),
        }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        logging(scene)
    }
}
