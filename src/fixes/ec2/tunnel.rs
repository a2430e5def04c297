//! The options of one tunnel of a VPN connection: the IKE versions or the log options.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fixes::edit::{becomes, in_state, json as to_json, known_list, known_object, text};
use crate::fixes::permit::{in_region, on_resource};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{Facts, Refusal, Write};

/// The field of the connection that changes.
pub(super) const FACT: &str = "options";

/// The field of the address that identifies a tunnel.
const ADDRESS: &str = "outside_ip_address";

/// A tunnel, and exactly one of the two options.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tunnel {
    /// The outside IP address of the tunnel on the AWS side.
    pub(super) outside_ip_address: String,
    /// The IKE versions to allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ike_versions: Option<Vec<IkeVersion>>,
    /// The CloudWatch Logs options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cloud_watch_log_options: Option<LogOptions>,
}

/// An IKE version.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub(super) enum IkeVersion {
    /// IKEv1.
    Ikev1,
    /// IKEv2.
    Ikev2,
}

/// Logging of tunnel activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogOptions {
    /// Whether tunnel activity is logged.
    pub(super) log_enabled: bool,
    /// The ARN of the log group. Its resource policy must allow the delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) log_group_arn: Option<String>,
    /// `json` or `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) log_output_format: Option<Format>,
}

/// The format of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// JSON.
    Json,
    /// Plain text.
    Text,
}

impl LogOptions {
    /// The options in a state; logging is off if AWS returned none.
    fn of(state: &Facts) -> Option<Self> {
        match state.get("cloud_watch_log_options")? {
            Value::Null => {
                Some(Self { log_enabled: false, log_group_arn: None, log_output_format: None })
            }
            options => {
                let mut kept = Map::new();
                for field in ["log_enabled", "log_group_arn", "log_output_format"] {
                    if let Some(value) = options.get(field).filter(|value| !value.is_null()) {
                        kept.insert(field.to_owned(), value.clone());
                    }
                }
                serde_json::from_value(Value::Object(kept)).ok()
            }
        }
    }
}

impl Tunnel {
    /// Checks the values.
    pub(super) fn checked(mut self) -> Result<Self, String> {
        if self.outside_ip_address.parse::<IpAddr>().is_err() {
            return Err("`outside_ip_address` is not a valid IP address".to_owned());
        }
        if self.ike_versions.is_some() == self.cloud_watch_log_options.is_some() {
            return Err("name either `ike_versions` or `cloud_watch_log_options`".to_owned());
        }
        if let Some(versions) = &mut self.ike_versions {
            versions.sort_unstable();
            versions.dedup();
            if versions.is_empty() {
                return Err("name at least one of `ike_versions`".to_owned());
            }
        }
        if let Some(options) = &self.cloud_watch_log_options {
            let group = options.log_group_arn.as_deref();
            let is_group = |arn: &str| {
                let parts: Vec<&str> = arn.splitn(7, ':').collect();
                matches!(parts.as_slice(), ["arn", partition, "logs", _, _, "log-group", name]
                    if partition.starts_with("aws") && !name.is_empty() && arn.len() <= 700
                        && !arn.contains(|char: char| char.is_control() || char == ' '))
            };
            if group.is_some_and(|arn| !is_group(arn)) {
                return Err("`log_group_arn` is not the ARN of a log group".to_owned());
            }
            if options.log_enabled && group.is_none() {
                return Err("logging needs `log_group_arn`".to_owned());
            }
        }
        Ok(self)
    }

    /// The options of the tunnel and the index of it in the list.
    fn find(&self, list: &[Value]) -> Option<(usize, Map<String, Value>)> {
        let is_it = |tunnel: &Map<String, Value>| {
            text(tunnel, ADDRESS) == Some(self.outside_ip_address.as_str())
        };
        let maps = list.iter().enumerate();
        let mut maps = maps.filter_map(|(index, one)| Some((index, one.as_object()?)));
        maps.find(|(_, tunnel)| is_it(tunnel)).map(|(index, tunnel)| (index, tunnel.clone()))
    }

    /// The effect that the tunnel has these options.
    pub(super) fn set(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut options = known_object(scene, FACT)?;
        let list = options.get("tunnel_options").and_then(Value::as_array);
        let mut list = list.cloned().unwrap_or_default();
        let Some((index, mut tunnel)) = self.find(&list) else {
            let reason = format!("the connection has no tunnel {}", self.outside_ip_address);
            return Err(Refusal::new(reason));
        };
        let state = self.state(scene);
        if let Some(versions) = &self.ike_versions
            && versions_of(&state).as_ref() != Some(versions)
        {
            let versions = versions.iter().map(|version| json!({ "value": version }));
            tunnel.insert("ike_versions".to_owned(), versions.collect());
        }
        if let Some(wanted) = &self.cloud_watch_log_options
            && LogOptions::of(&state).as_ref() != Some(wanted)
        {
            // Options of BGP logs stay.
            let mut logs = object(tunnel.get("log_options"));
            let mut group = object(logs.get("cloud_watch_log_options"));
            group.remove("log_group_arn");
            group.remove("log_output_format");
            if let Value::Object(wanted) = to_json(wanted) {
                group.extend(wanted);
            }
            logs.insert("cloud_watch_log_options".to_owned(), Value::Object(group));
            tunnel.insert("log_options".to_owned(), Value::Object(logs));
        }
        if let Some(slot) = list.get_mut(index) {
            *slot = Value::Object(tunnel);
        }
        options.insert("tunnel_options".to_owned(), Value::Array(list));
        let effect = becomes(scene, FACT, Value::Object(options))?;
        if effect != Effect::default() {
            in_state(scene, "VPN connection", "state", "available")?;
        }
        Ok(effect)
    }

    /// The call that sets the option.
    pub(super) fn writes(&self, target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, self.cloud_watch_log_options.is_some())
    }

    /// Refuses to interrupt the tunnel if no other tunnel is up.
    pub(super) fn another_is_up(&self, scene: &Scene<'_>) -> Result<(), Refusal> {
        let tunnels = known_list(scene, "vgw_telemetry")?;
        let field = |tunnel: &Value, name: &str| {
            tunnel.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let is_up = |tunnel: &Value| {
            field(tunnel, ADDRESS).is_some_and(|address| address != self.outside_ip_address)
                && field(tunnel, "status").as_deref() == Some("UP")
        };
        if tunnels.iter().any(is_up) {
            Ok(())
        } else {
            Err(Refusal::new("no other tunnel of the connection is up"))
        }
    }

    /// The options in a state, for undoing. `true` if AWS has a default that cannot be set again.
    pub(super) fn recorded(&self, state: &Facts) -> Option<(Self, bool)> {
        let unset = |field: &str| match state.get(field) {
            Some(Value::Array(list)) => list.is_empty(),
            value => value.is_none_or(Value::is_null),
        };
        let mut recorded =
            Self { ike_versions: None, cloud_watch_log_options: None, ..self.clone() };
        if self.ike_versions.is_some() {
            recorded.ike_versions = Some(versions_of(state)?);
            Some((recorded, unset("ike_versions")))
        } else {
            recorded.cloud_watch_log_options = Some(LogOptions::of(state)?);
            Some((recorded, unset("cloud_watch_log_options")))
        }
    }

    /// The option of the tunnel, and the state of the connection: it is `modifying` until the change is
    /// complete.
    pub(super) fn state(&self, scene: &Scene<'_>) -> Facts {
        let list = scene.fact(FACT).and_then(|options| options.get("tunnel_options"));
        let tunnel = self.find(list.and_then(Value::as_array).map_or(&[], Vec::as_slice));
        let tunnel = tunnel.map(|(_, tunnel)| tunnel);
        let of = |field: &str| tunnel.as_ref().and_then(|tunnel| tunnel.get(field));
        let (name, value) = if self.ike_versions.is_some() {
            ("ike_versions", of("ike_versions"))
        } else {
            let logs = of("log_options").and_then(|logs| logs.get("cloud_watch_log_options"));
            ("cloud_watch_log_options", logs)
        };
        Facts::from_iter([
            (name.to_owned(), value.cloned().unwrap_or_default()),
            ("state".to_owned(), scene.fact("state").cloned().unwrap_or_default()),
        ])
    }
}

/// An object, empty if it is absent.
fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The IKE versions in a state; both if none is named.
fn versions_of(state: &Facts) -> Option<Vec<IkeVersion>> {
    let list = state.get("ike_versions")?.as_array()?;
    let values = list.iter().map(|version| version.get("value").cloned().unwrap_or_default());
    let mut versions: Vec<IkeVersion> =
        serde_json::from_value(Value::Array(values.collect())).ok()?;
    if versions.is_empty() {
        versions = vec![IkeVersion::Ikev1, IkeVersion::Ikev2];
    }
    versions.sort_unstable();
    Some(versions)
}

/// What AWS requires of anyone who changes the log options of a tunnel, also to read log deliveries.
/// The session never has `logs:PutResourcePolicy`, with which AWS would change who can write to the
/// log group.
const LOG_DELIVERY: [&str; 5] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
];

/// The call that changes the options of a tunnel. `logs`: also the log options.
pub(super) fn modify(target: &WriteTarget<'_>, logs: bool) -> Vec<Write> {
    let call = "ec2:ModifyVpnTunnelOptions";
    let mut permissions = vec![on_resource(call, "ec2.vpn_connection", target)];
    if logs {
        permissions.extend(LOG_DELIVERY.map(|action| in_region(action, target)));
    }
    vec![Write { call, permissions }]
}
