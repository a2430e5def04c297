//! `ec2.vpc.create_flow_log` and `ec2.flow_log.delete`. AWS can answer with success and name the
//! resource as unsuccessful.

use aws_sdk_ec2::types::{
    FlowLogsResourceType, LogDestinationType, ResourceType, Tag, TagSpecification, TrafficType,
    UnsuccessfulItem,
};
use aws_types::request_id::RequestId;
use serde_json::Value;

use crate::aws::write::error::{invalid, of_item};
use crate::aws::write::session::{WriteSession, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

const CREATE: &str = "ec2:CreateFlowLogs";
const DELETE: &str = "ec2:DeleteFlowLogs";

/// The tag of flow logs that a plan created.
const TAG: &str = "rolecall:plan";

/// The code for a flow log that is there already: nothing remains to be done.
const EXISTS: &str = "FlowLogAlreadyExists";
/// The code for one that is not there.
const NOT_FOUND: &str = "InvalidFlowLogId.NotFound";

fn parameter<'a>(change: &'a Change, call: &str, name: &str) -> Result<&'a str, WriteError> {
    let value = change.action.parameters().get(name).and_then(Value::as_str);
    value.ok_or_else(|| invalid(call, &format!("no `{name}`")))
}

/// The error for a resource that AWS names as unsuccessful.
fn failure(call: &str, items: &[UnsuccessfulItem], request_id: Option<&str>) -> Option<WriteError> {
    let item = items.first()?;
    let error = item.error();
    let code = error.and_then(|error| error.code()).unwrap_or("Unsuccessful");
    let message = error.and_then(|error| error.message()).unwrap_or_default();
    Some(of_item(call, code, message, request_id))
}

/// The result, if an error of this code means that everything is as it should be.
fn done_if(result: Result<Sent, WriteError>, code: &str) -> Result<Sent, WriteError> {
    match result {
        Err(error) if error.cause.code == code => {
            Ok(Sent { request_id: error.request_id, created: None })
        }
        result => result,
    }
}

/// Creates a flow log of the VPC. The token makes AWS create one only, even if the request is sent
/// again.
pub(in crate::aws::write) async fn create(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let tag = Tag::builder().key(TAG).value(session.plan()).build();
    let tags =
        TagSpecification::builder().resource_type(ResourceType::VpcFlowLog).tags(tag).build();
    let request = session
        .ec2()
        .create_flow_logs()
        .resource_type(FlowLogsResourceType::Vpc)
        .resource_ids(&change.resource)
        .traffic_type(TrafficType::All)
        .log_destination_type(LogDestinationType::S3)
        .log_destination(parameter(change, CREATE, "log_destination")?)
        .tag_specifications(tags)
        .client_token(format!("{}-{}", session.plan(), change.id))
        .dry_run(dry_run);
    let result = session.answer(CREATE, request.send()).await.and_then(|answer| {
        match failure(CREATE, answer.unsuccessful(), answer.request_id()) {
            Some(error) => Err(error),
            None => Ok(Sent {
                request_id: answer.request_id().map(str::to_owned),
                created: answer.flow_log_ids().first().cloned(),
            }),
        }
    });
    done_if(rehearsed(result, dry_run), EXISTS)
}

/// Deletes the flow log that the action names.
pub(in crate::aws::write) async fn delete(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let request = session
        .ec2()
        .delete_flow_logs()
        .flow_log_ids(parameter(change, DELETE, "flow_log_id")?)
        .dry_run(dry_run);
    let result = session.answer(DELETE, request.send()).await.and_then(|answer| {
        match failure(DELETE, answer.unsuccessful(), answer.request_id()) {
            Some(error) => Err(error),
            None => Ok(Sent { request_id: answer.request_id().map(str::to_owned), created: None }),
        }
    });
    done_if(rehearsed(result, dry_run), NOT_FOUND)
}
