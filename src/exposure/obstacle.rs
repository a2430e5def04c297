//! What blocks traffic from the internet, with the explanation codes of Reachability Analyzer.

use super::address_set::Family;
use crate::model::text::one_line;

/// A component that blocks traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Reachability Analyzer's code for the reason.
    pub code: &'static str,
    /// The id of the component.
    pub component: String,
    /// What it blocks, in words that follow "not reachable: ".
    pub message: String,
}

impl Obstacle {
    /// The code of an interface without a public address.
    pub const NO_PUBLIC_ADDRESS: &'static str = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS";
    /// The code of VPC Block Public Access.
    pub const BLOCK_PUBLIC_ACCESS: &'static str = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED";
    /// The code of a gateway that is not attached.
    pub const BAD_ATTACHMENT: &'static str = "BAD_STATE_ATTACHMENT";
    /// The code of a route whose target does not exist.
    pub const BAD_ROUTE: &'static str = "BAD_STATE_ROUTE";
    /// The code of a route table without a route to the internet.
    pub const NO_ROUTE: &'static str = "NO_ROUTE_TO_DESTINATION";
    /// The code of a route that more specific ones replace.
    pub const MORE_SPECIFIC_ROUTE: &'static str = "MORE_SPECIFIC_ROUTE";
    /// The code of a subnet whose inbound traffic goes to an appliance, but not its outbound traffic.
    pub const REDIRECTED: &'static str = "INGRESS_RTB_TRAFFIC_REDIRECTION";
    /// The code of a network ACL.
    pub const ACL: &'static str = "SUBNET_ACL_RESTRICTION";
    /// The code of security groups.
    pub const GROUPS: &'static str = "ENI_SG_RULES_MISMATCH";
    /// The code of security groups without rules.
    pub const EMPTY_GROUPS: &'static str = "SG_HAS_NO_RULES";

    pub(super) fn new(code: &'static str, component: &str, message: &str) -> Self {
        Self { code, component: one_line(component, 100), message: one_line(message, 300) }
    }

    pub(super) fn no_address(family: Family, interface: &str) -> Self {
        let shown = one_line(interface, 60);
        let message = match family {
            Family::V4 => format!("network interface {shown} has no public IPv4 address"),
            Family::V6 => format!("network interface {shown} has no public IPv6 address"),
        };
        Self::new(Self::NO_PUBLIC_ADDRESS, interface, &message)
    }
}
