//! `ec2.vpn_connection.set_tunnel_options` and `ec2.vpn_connection.restore_tunnel_options`: one option
//! of one tunnel. The log options are sent as a whole, with those of BGP logs, which do not change.

use aws_sdk_ec2::types::{
    CloudWatchLogOptionsSpecification, IkeVersionsRequestListValue,
    ModifyVpnTunnelOptionsSpecification, VpnTunnelLogOptionsSpecification,
};
use serde::Deserialize;
use serde_json::Value;

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after, rehearsed};
use crate::facts::ec2::vpn_connection::CloudWatchLogOptions;
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "ec2:ModifyVpnTunnelOptions";

#[derive(Deserialize)]
struct IkeVersion {
    value: String,
}

fn log_options(options: CloudWatchLogOptions) -> VpnTunnelLogOptionsSpecification {
    let options = CloudWatchLogOptionsSpecification::builder()
        .set_log_enabled(options.log_enabled)
        .set_log_group_arn(options.log_group_arn)
        .set_log_output_format(options.log_output_format)
        .set_bgp_log_enabled(options.bgp_log_enabled)
        .set_bgp_log_group_arn(options.bgp_log_group_arn)
        .set_bgp_log_output_format(options.bgp_log_output_format);
    VpnTunnelLogOptionsSpecification::builder().cloud_watch_log_options(options.build()).build()
}

/// Sets the option of the tunnel that is in the state after the change.
pub(in crate::aws::write) async fn set_tunnel_options(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let address = change.action.parameters().get("outside_ip_address").and_then(Value::as_str);
    let address = address.ok_or_else(|| invalid(CALL, "no `outside_ip_address`"))?;
    let versions: Option<Vec<IkeVersion>> = after(change, CALL, "ike_versions")?;
    let logs: Option<CloudWatchLogOptions> = after(change, CALL, "cloud_watch_log_options")?;
    let mut options = ModifyVpnTunnelOptionsSpecification::builder();
    match (versions, logs) {
        (Some(versions), None) if !versions.is_empty() => {
            for version in versions {
                let version = IkeVersionsRequestListValue::builder().value(version.value);
                options = options.ike_versions(version.build());
            }
        }
        (None, Some(logs)) => options = options.log_options(log_options(logs)),
        _ => return Err(invalid(CALL, "neither IKE versions nor log options")),
    }
    let request = session
        .ec2()
        .modify_vpn_tunnel_options()
        .vpn_connection_id(&change.resource)
        .vpn_tunnel_outside_ip_address(address)
        .tunnel_options(options.build())
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
