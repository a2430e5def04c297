//! VPC Block Public Access: whether it blocks traffic from internet gateways.

use super::check::Check;
use super::interface::Interface;
use super::obstacle::Obstacle;
use super::surroundings::Surroundings;
use crate::facts::ec2::settings::VpcBlockPublicAccessExclusion;
use crate::facts::ec2::subnet::Subnet;
use crate::model::Cause;

const OPTIONS: &str = "ec2:DescribeVpcBlockPublicAccessOptions";

/// Whether inbound traffic of internet gateways reaches the subnet of an interface. Both modes block
/// it, except in VPCs and subnets with an exclusion for both directions. Traffic through an endpoint
/// of a firewall or Gateway Load Balancer is blocked even if subnets are excluded.
pub(super) fn check(
    interface: &Interface,
    around: &Surroundings,
    through_endpoint: bool,
) -> Check<()> {
    if let Some(subnet) = shared(interface, around) {
        return of_owner(subnet);
    }
    let options = match &around.block_public_access {
        Ok(options) => options,
        Err(cause) => return Check::Unknown(vec![cause.clone()]),
    };
    let mode = match options.internet_gateway_block_mode.as_deref() {
        None | Some("off") => return Check::Open(()),
        Some(mode) => mode,
    };
    // Until the update is complete, traffic can still pass.
    if options.state.as_deref() == Some("update-in-progress") {
        return Check::Open(());
    }
    let exclusions = match &around.exclusions {
        Ok(exclusions) => exclusions,
        Err(cause) => return Check::Unknown(vec![cause.clone()]),
    };
    if exclusions.iter().any(|exclusion| admits(exclusion, interface, through_endpoint)) {
        return Check::Open(());
    }
    // The settings of the owner apply to a subnet of another account.
    if let Err(cause) = &around.subnets {
        return Check::Unknown(vec![cause.clone()]);
    }
    let message = format!("VPC Block Public Access ({mode}) blocks traffic from internet gateways");
    Check::Closed(Obstacle::new(Obstacle::BLOCK_PUBLIC_ACCESS, "", &message))
}

/// The subnet, if it belongs to another account, whose settings apply.
fn shared<'a>(interface: &Interface, around: &'a Surroundings) -> Option<&'a Subnet> {
    let mut subnets = around.subnets.iter().flatten();
    let subnet = subnets.find(|subnet| Some(&subnet.subnet_id) == interface.subnet_id.as_ref())?;
    let owner = subnet.owner_id.as_deref().filter(|owner| !owner.is_empty())?;
    (owner != around.account).then_some(subnet)
}

fn of_owner(subnet: &Subnet) -> Check<()> {
    let states = subnet.block_public_access_states.as_ref();
    let mode = states.and_then(|states| states.internet_gateway_block_mode.as_deref());
    if mode == Some("off") {
        return Check::Open(());
    }
    let owner = subnet.owner_id.as_deref().unwrap_or_default();
    let message = format!(
        "subnet {} belongs to account {owner}, whose VPC Block Public Access settings apply",
        subnet.subnet_id
    );
    Check::Unknown(vec![Cause::new(OPTIONS, Cause::NOT_COLLECTED, &message)])
}

/// Whether an exclusion lets inbound traffic through to the interface. One that is being created or
/// deleted counts, because traffic may pass.
fn admits(
    exclusion: &VpcBlockPublicAccessExclusion,
    interface: &Interface,
    through_endpoint: bool,
) -> bool {
    let Some(arn) = exclusion.resource_arn.as_deref() else { return false };
    let id = Some(arn.rsplit('/').next().unwrap_or_default());
    let is_here = id == interface.vpc_id.as_deref()
        || (id == interface.subnet_id.as_deref() && !through_endpoint);
    is_here
        && exclusion.internet_gateway_exclusion_mode.as_deref() == Some("allow-bidirectional")
        && !matches!(
            exclusion.state.as_deref(),
            Some("create-failed" | "delete-complete" | "disable-complete")
        )
}
