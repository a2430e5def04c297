//! `ec2.flow_log.delete`: deletes a flow log of a VPC that `ec2.vpc.create_flow_log` created. What it
//! has recorded stays in the bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fixes::edit::{owned, state_of, text};
use crate::fixes::permit::{arn, in_region};
use crate::fixes::policy::{Permission, WriteTarget};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The flow log to delete.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteFlowLog {
    /// Its id.
    flow_log_id: String,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<DeleteFlowLog>();

/// The tag that every created flow log has.
pub(super) const TAG: &str = "rolecall:plan";

/// Whether a flow log records this resource.
pub(super) fn is_of(log: &Map<String, Value>, resource: &str) -> bool {
    text(log, "resource_id") == Some(resource)
}

/// Only flow logs that a plan created can be deleted.
fn delete(target: &WriteTarget<'_>, id: &str) -> Vec<Write> {
    let call = "ec2:DeleteFlowLogs";
    let created_by_plan = Permission::new(call, arn("ec2.flow_log", target, id)).when_op(
        "Null",
        &format!("aws:ResourceTag/{TAG}"),
        "false",
    );
    let delivery = in_region("logs:DeleteLogDelivery", target);
    vec![Write { call, permissions: vec![created_by_plan, delivery] }]
}

impl Fix for DeleteFlowLog {
    const NAME: &'static str = "ec2.flow_log.delete";
    const KINDS: Kinds = Kinds::One("ec2.vpc");
    const DOC: &'static str = "Deletes a flow log that a plan created; its records stay.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[];
    const READS: &'static [&'static str] = &["ec2.flow_log", "owner_id"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &[];

    fn checked(self) -> Result<Self, String> {
        let allowed = |char: char| char.is_ascii_alphanumeric() || char == '-';
        let id = &self.flow_log_id;
        if (1..=64).contains(&id.len()) && id.chars().all(allowed) {
            Ok(self)
        } else {
            Err("`flow_log_id` is not a valid id of a flow log".to_owned())
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        owned(scene)?;
        let logs = (scene.related)("ec2.flow_log");
        let Some(log) = logs.into_iter().find(|log| log.id == self.flow_log_id) else {
            return Ok(Effect::default());
        };
        if !is_of(&log.facts, &scene.resource.id) {
            return Err(Refusal::new("the flow log is not one of this VPC"));
        }
        let deletes = vec![("ec2.flow_log", self.flow_log_id.clone())];
        Ok(Effect { deletes, ..Effect::default() })
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Never("a flow log that was deleted cannot be restored")
    }

    fn writes(&self, target: &WriteTarget<'_>, _: &Facts) -> Vec<Write> {
        delete(target, &self.flow_log_id)
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        delete(target, target.id)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        let logs = (scene.related)("ec2.flow_log");
        let log = logs.into_iter().find(|log| log.id == self.flow_log_id);
        let shown = log.map(|log| {
            let of = |field: &str| text(&log.facts, field);
            json!({ "resource_id": of("resource_id"), "log_destination": of("log_destination") })
        });
        state_of("flow_log", shown.unwrap_or_default())
    }
}
