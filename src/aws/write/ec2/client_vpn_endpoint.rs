//! `ec2.client_vpn_endpoint.set_logging` and `ec2.client_vpn_endpoint.restore_logging`.

use aws_sdk_ec2::types::ConnectionLogOptions;
use serde::Deserialize;

use crate::aws::write::session::{WriteSession, after, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "ec2:ModifyClientVpnEndpoint";

#[derive(Deserialize)]
struct Options {
    enabled: bool,
    cloudwatch_log_group: Option<String>,
    cloudwatch_log_stream: Option<String>,
    include_authorization_policy_context: Option<bool>,
}

/// Sets the connection log options of the state after the change.
pub(in crate::aws::write) async fn set_logging(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let options: Options = after(change, CALL, "connection_log_options")?;
    let options = ConnectionLogOptions::builder()
        .enabled(options.enabled)
        .set_cloudwatch_log_group(options.cloudwatch_log_group)
        .set_cloudwatch_log_stream(options.cloudwatch_log_stream)
        .set_include_authorization_policy_context(options.include_authorization_policy_context);
    let request = session
        .ec2()
        .modify_client_vpn_endpoint()
        .client_vpn_endpoint_id(&change.resource)
        .connection_log_options(options.build())
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
