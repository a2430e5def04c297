//! `ec2.vpc.create_flow_log`: records all traffic of a VPC in an S3 bucket. The session never has
//! `s3:PutBucketPolicy`, with which AWS would write over the policy of the bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::flow_log_delete::{TAG, is_of};
use crate::fixes::edit::{owned, sorted, state_of, text};
use crate::fixes::permit::{arn, in_region, on_resource};
use crate::fixes::policy::{Permission, WriteTarget};
use crate::fixes::scene::{Effect, NewResource, Scene};
use crate::fixes::spec::{ActionSpec, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// Where to record to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateFlowLog {
    /// The ARN of an S3 bucket, with a prefix or without: `arn:aws:s3:::flow-logs/vpc/`. Its policy
    /// must allow the delivery.
    log_destination: String,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<CreateFlowLog>();

/// The kind that it creates.
const KIND: &str = "ec2.flow_log";

fn is_active(log: &Map<String, Value>) -> bool {
    text(log, "flow_log_status") == Some("ACTIVE")
}

fn records(log: &Map<String, Value>) -> bool {
    is_active(log) && text(log, "deliver_logs_status") != Some("FAILED")
}

impl CreateFlowLog {
    fn is_to_destination(&self, log: &Map<String, Value>) -> bool {
        let destination = |text: &str| text.trim_end_matches('/').to_owned();
        text(log, "log_destination").map(destination) == Some(destination(&self.log_destination))
    }
}

impl Fix for CreateFlowLog {
    const NAME: &'static str = "ec2.vpc.create_flow_log";
    const KINDS: Kinds = Kinds::One("ec2.vpc");
    const DOC: &'static str = "Records all traffic of the VPC in an S3 bucket.";
    const TOUCHES: &'static [&'static str] = &[];
    const READS: &'static [&'static str] = &[KIND, "owner_id"];
    const DRY_RUN: bool = true;
    // Delivery begins within 15 minutes, but the flow log is active at once.
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.flow_log.delete"];

    fn checked(self) -> Result<Self, String> {
        let rest = self.log_destination.strip_prefix("arn:").and_then(|rest| rest.split_once(':'));
        let path = rest.and_then(|(partition, rest)| {
            partition.starts_with("aws").then(|| rest.strip_prefix("s3:::")).flatten()
        });
        let (bucket, prefix) = match path {
            Some(path) => path.split_once('/').unwrap_or((path, "")),
            None => ("", ""),
        };
        let in_bucket =
            |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-.".contains(char);
        let in_prefix = |char: char| char.is_ascii_alphanumeric() || "-._/!'()=+".contains(char);
        let valid = (3..=63).contains(&bucket.len())
            && bucket.chars().all(in_bucket)
            && prefix.len() <= 512
            && prefix.chars().all(in_prefix)
            // AWS reserves it.
            && prefix.split('/').next() != Some("AWSLogs");
        if valid {
            Ok(self)
        } else {
            Err("`log_destination` is not the ARN of a bucket, with a prefix or without".to_owned())
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        owned(scene)?;
        let logs = (scene.related)(KIND);
        let of_vpc = logs.iter().filter(|log| is_of(&log.facts, &scene.resource.id));
        for log in of_vpc {
            let all = records(&log.facts) && text(&log.facts, "traffic_type") == Some("ALL");
            match (all, self.is_to_destination(&log.facts)) {
                (true, true) => return Ok(Effect::default()),
                (true, false) => {
                    let reason = format!("{} already records all traffic", log.id);
                    return Err(Refusal::new(reason));
                }
                (false, true) if is_active(&log.facts) => {
                    let reason = format!("{} already has this destination", log.id);
                    return Err(Refusal::new(reason));
                }
                _ => {}
            }
        }
        let facts = json!({
            "resource_id": scene.resource.id,
            "traffic_type": "ALL",
            "flow_log_status": "ACTIVE",
            "deliver_logs_status": "SUCCESS",
            "log_destination_type": "s3",
            "log_destination": self.log_destination,
        });
        let facts = facts.as_object().cloned().unwrap_or_default();
        let creates = vec![NewResource { kind: KIND, facts }];
        Ok(Effect { creates, ..Effect::default() })
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Created { name: "ec2.flow_log.delete", parameter: "flow_log_id" }
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let logs = arn(KIND, target, "*");
        let tag = Permission::new("ec2:CreateTags", logs.clone())
            .when("ec2:CreateAction", "CreateFlowLogs")
            .when_op("ForAllValues:StringEquals", "aws:TagKeys", json!([TAG]));
        let call = "ec2:CreateFlowLogs";
        vec![Write {
            call,
            permissions: vec![
                on_resource(call, "ec2.vpc", target),
                Permission::new(call, logs),
                tag,
                in_region("logs:CreateLogDelivery", target),
            ],
        }]
    }

    /// The flow logs of the VPC that record, without ids: that of a new one is not known before.
    fn state(&self, scene: &Scene<'_>) -> Facts {
        let logs = (scene.related)(KIND);
        let recording =
            logs.iter().filter(|log| is_of(&log.facts, &scene.resource.id) && records(&log.facts));
        let shown: Vec<Value> = recording
            .map(|log| {
                let of = |field: &str| text(&log.facts, field);
                json!({
                    "traffic_type": of("traffic_type"),
                    "log_destination_type": of("log_destination_type"),
                    "log_destination": of("log_destination"),
                })
            })
            .collect();
        state_of("flow_logs", sorted(&Value::Array(shown)))
    }
}
