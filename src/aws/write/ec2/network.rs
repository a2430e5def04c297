//! Actions on network interfaces, subnets and transit gateways, which set one or two options. Nothing
//! else is sent, so AWS keeps it.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, AutoAcceptSharedAttachmentsValue, ModifyTransitGatewayOptions,
};

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after, after_first, in_state, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

fn boolean(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

/// Sets whether a network interface checks the source and destination of traffic.
pub(in crate::aws::write) async fn source_dest_check(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifyNetworkInterfaceAttribute";
    let request = session
        .ec2()
        .modify_network_interface_attribute()
        .network_interface_id(&change.resource)
        .source_dest_check(boolean(after(change, CALL, "source_dest_check")?))
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}

/// Sets whether new network interfaces in a subnet get addresses, with one call for each setting that
/// changes.
pub(in crate::aws::write) async fn subnet_addresses(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifySubnetAttribute";
    let changed = |field: &str| {
        let old: Option<bool> = in_state(&change.before, CALL, field)?;
        let new: Option<bool> = after(change, CALL, field)?;
        Ok::<_, WriteError>(new.filter(|_| new != old).map(boolean))
    };
    let ipv4 = changed("map_public_ip_on_launch")?;
    let ipv6 = changed("assign_ipv6_address_on_creation")?;
    let modify = || session.ec2().modify_subnet_attribute().subnet_id(&change.resource);
    let mut sent = None;
    if let Some(value) = ipv4 {
        let request = modify().map_public_ip_on_launch(value);
        sent = Some(session.send(CALL, request.send()).await?);
    }
    if let Some(value) = ipv6 {
        let request = modify().assign_ipv6_address_on_creation(value);
        let result = session.send(CALL, request.send()).await;
        sent = Some(after_first(sent.is_some(), result)?);
    }
    sent.ok_or_else(|| invalid(CALL, "no setting to change"))
}

/// Sets whether a transit gateway accepts attachments of other accounts automatically.
pub(in crate::aws::write) async fn auto_accept(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifyTransitGateway";
    let value: String = after(change, CALL, "auto_accept_shared_attachments")?;
    let value = AutoAcceptSharedAttachmentsValue::from(value.as_str());
    let options = ModifyTransitGatewayOptions::builder().auto_accept_shared_attachments(value);
    let request = session
        .ec2()
        .modify_transit_gateway()
        .transit_gateway_id(&change.resource)
        .options(options.build())
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
