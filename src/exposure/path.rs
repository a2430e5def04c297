//! A path from the internet to a network interface.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protocols::protocol_in_words;

/// A path from the internet to a network interface, component by component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Path {
    /// What is reachable: `tcp/22`, `udp/5000-6000`, `icmp`, `protocol 50`, `all traffic`, or
    /// `all other protocols`, which no rule names.
    pub traffic: String,
    /// The address family.
    #[schemars(extend("enum" = ["ipv4", "ipv6"]))]
    pub ip_version: String,
    /// The protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, `all`, or `other` for all protocols
    /// that no rule names.
    pub protocol: String,
    /// The first reachable port, or the ICMP type; absent for all.
    pub from_port: Option<i64>,
    /// The last reachable port, or the ICMP type; absent for all.
    pub to_port: Option<i64>,
    /// The internet gateway.
    pub internet_gateway_id: String,
    /// The appliance, such as a firewall endpoint, through which the internet gateway's route table
    /// sends the traffic. rolecall does not read its rules.
    pub appliance_id: Option<String>,
    /// The route table of the subnet.
    pub route_table_id: String,
    /// The destination of the route to the internet: a range or a prefix list. If only several routes
    /// cover the internet, that of the widest one.
    pub route: String,
    /// How many more routes are needed to cover the internet; absent for none.
    #[serde(default)]
    pub more_routes: Option<i64>,
    /// The network ACL.
    pub network_acl_id: String,
    /// The number of the inbound rule that allows the traffic; the lowest one of several.
    pub ingress_rule: Option<i64>,
    /// The number of the outbound rule that allows the responses; the lowest one of several.
    pub egress_rule: Option<i64>,
    /// The security group that allows the traffic.
    pub security_group_id: String,
    /// Further security groups that allow a part of the traffic, and without which the internet is not
    /// covered.
    #[serde(default)]
    pub other_security_group_ids: Vec<String>,
    /// The range that the security group allows; the first one of several.
    pub source: String,
    /// How many more ranges are needed to cover the internet, also of other security groups; absent for
    /// none.
    #[serde(default)]
    pub more_sources: Option<i64>,
    /// The prefix list that contains the range.
    pub prefix_list_id: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnet.
    pub subnet_id: String,
    /// The network interface.
    pub network_interface_id: String,
    /// The public addresses of the network interface.
    pub addresses: Vec<String>,
    /// The instance; absent if the network interface is not attached to one.
    pub instance_id: Option<String>,
    /// The name of the instance profile, whose role code on the instance can use.
    pub instance_profile: Option<String>,
}

/// The name in the ARN of an instance profile.
pub fn instance_profile_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl Path {
    /// What is reachable, from the protocol and the ports.
    pub(super) fn traffic_in_words(&self) -> String {
        let range = match (self.from_port, self.to_port) {
            (Some(from), Some(to)) if from == to => from.to_string(),
            (Some(from), Some(to)) => format!("{from}-{to}"),
            _ => {
                return match self.protocol.as_str() {
                    "all" => "all traffic".to_owned(),
                    "other" => "all other protocols".to_owned(),
                    "tcp" | "udp" => format!("{}/0-65535", self.protocol),
                    protocol => protocol_in_words(protocol),
                };
            }
        };
        format!("{}/{range}", self.protocol)
    }

    /// Whether both lead through the same components by the same rules.
    pub(super) fn has_same_components(&self, other: &Self) -> bool {
        let without_ports = |path: &Self| Self {
            from_port: None,
            to_port: None,
            protocol: String::new(),
            traffic: String::new(),
            ..path.clone()
        };
        without_ports(self) == without_ports(other)
    }
}
