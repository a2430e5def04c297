//! Version 1 of the JSON format of `rolecall paths`. `v1.schema.json` next to this file is generated
//! from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::exposure::{self, Blocked as BlockedFamily, version};
use crate::model::{Cause, DeniedBy};
use crate::output::json::v1::Version;
use crate::paths::{AccountPaths, PathTarget};

/// Paths from the internet to instances and network interfaces.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall paths, version 1")]
#[allow(dead_code, reason = "written account by account; the schema needs the whole")]
pub struct Paths {
    /// Format version.
    pub version: Version,
    /// The accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// Whether something that matters could not be read: exit code 3.
    pub incomplete: bool,
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Account id.
    pub id: String,
    /// Account name.
    pub name: Option<String>,
    /// `collected`, `not_accessible` or `not_collected`.
    pub status: &'static str,
    /// When collection of the account started, in RFC 3339 format.
    pub collected_at: Option<String>,
    /// The instances and network interfaces, sorted by region, kind and id.
    pub resources: Vec<Resource>,
    /// Lists that could not be read, so that there may be more resources.
    pub gaps: Vec<Gap>,
}

/// An instance or a network interface.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Resource {
    /// Region.
    pub region: String,
    /// Kind: `ec2.instance` or `ec2.network_interface`.
    pub kind: &'static str,
    /// Resource id.
    pub id: String,
    /// Value of the `Name` tag.
    pub name: Option<String>,
    /// State of the instance, or type of the network interface.
    pub state: Option<String>,
    /// `reachable`, `not_reachable`, `unknown`, `load_balancer` (reached through a load balancer, whose
    /// targets were not read), `managed` (by AWS; not evaluated) or `terminated`.
    pub result: &'static str,
    /// The paths from the internet.
    pub paths: Vec<Path>,
    /// What blocks the traffic, for each address family without a path.
    pub blocked: Vec<Blocked>,
    /// What could be part of another path and could not be read.
    pub unknown: Vec<Unknown>,
}

/// A path from the internet to a network interface.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Path {
    /// What is reachable, in words: `tcp/22`, `all traffic`.
    pub traffic: String,
    /// `ipv4` or `ipv6`.
    pub ip_version: String,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, `all`, or `other` for all protocols that no
    /// rule names.
    pub protocol: String,
    /// First port, or ICMP type; `null` for all.
    pub from_port: Option<i64>,
    /// Last port, or ICMP type; `null` for all.
    pub to_port: Option<i64>,
    /// Internet gateway.
    pub internet_gateway_id: String,
    /// Appliance, such as a firewall endpoint, that the traffic passes.
    pub appliance_id: Option<String>,
    /// Route table of the subnet.
    pub route_table_id: String,
    /// Destination of the route to the internet.
    pub route: String,
    /// Number of further routes without which the internet is not covered; `null` for none.
    pub more_routes: Option<i64>,
    /// Network ACL.
    pub network_acl_id: String,
    /// Number of the inbound rule that allows the traffic.
    pub ingress_rule: Option<i64>,
    /// Number of the outbound rule that allows the responses.
    pub egress_rule: Option<i64>,
    /// Security group that allows the traffic; empty for a load balancer without security groups.
    pub security_group_id: String,
    /// Further security groups without which the internet is not covered.
    pub other_security_group_ids: Vec<String>,
    /// Range that the security group allows.
    pub source: String,
    /// Number of further ranges without which the internet is not covered; `null` for none.
    pub more_sources: Option<i64>,
    /// Prefix list that contains the range.
    pub prefix_list_id: Option<String>,
    /// VPC.
    pub vpc_id: Option<String>,
    /// Subnet.
    pub subnet_id: String,
    /// Network interface.
    pub network_interface_id: String,
    /// Public addresses of the network interface.
    pub addresses: Vec<String>,
    /// Instance.
    pub instance_id: Option<String>,
    /// Name of the instance profile.
    pub instance_profile: Option<String>,
}

/// What blocks the traffic of an address family.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Blocked {
    /// `ipv4` or `ipv6`.
    pub ip_version: &'static str,
    /// The components that block the traffic.
    pub obstacles: Vec<Obstacle>,
}

/// A component that blocks traffic.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Obstacle {
    /// Explanation code of AWS Reachability Analyzer: `SUBNET_ACL_RESTRICTION`, …
    pub code: &'static str,
    /// Id of the component; empty for VPC Block Public Access.
    pub component: String,
    /// What it blocks, in words.
    pub message: String,
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unknown {
    /// API call.
    pub call: String,
    /// Error code.
    pub code: String,
    /// Error message.
    pub message: String,
    /// Type of policy that denied the call, if known.
    pub denied_by: Option<DeniedBy>,
}

/// A list that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Region, or `global` for the whole account.
    pub region: String,
    /// Why it could not be read.
    pub cause: Unknown,
}

impl From<&Cause> for Unknown {
    fn from(cause: &Cause) -> Self {
        let Cause { call, code, message, denied_by } = cause.clone();
        Self { call, code, message, denied_by }
    }
}

impl From<&exposure::Path> for Path {
    fn from(path: &exposure::Path) -> Self {
        let exposure::Path {
            traffic,
            ip_version,
            protocol,
            from_port,
            to_port,
            internet_gateway_id,
            appliance_id,
            route_table_id,
            route,
            more_routes,
            network_acl_id,
            ingress_rule,
            egress_rule,
            security_group_id,
            other_security_group_ids,
            source,
            more_sources,
            prefix_list_id,
            vpc_id,
            subnet_id,
            network_interface_id,
            addresses,
            instance_id,
            instance_profile,
        } = path.clone();
        Self {
            traffic,
            ip_version,
            protocol,
            from_port,
            to_port,
            internet_gateway_id,
            appliance_id,
            route_table_id,
            route,
            more_routes,
            network_acl_id,
            ingress_rule,
            egress_rule,
            security_group_id,
            other_security_group_ids,
            source,
            more_sources,
            prefix_list_id,
            vpc_id,
            subnet_id,
            network_interface_id,
            addresses,
            instance_id,
            instance_profile,
        }
    }
}

impl From<&BlockedFamily> for Blocked {
    fn from(blocked: &BlockedFamily) -> Self {
        let obstacles = blocked.obstacles.iter().map(|obstacle| Obstacle {
            code: obstacle.code,
            component: obstacle.component.clone(),
            message: obstacle.message.clone(),
        });
        Self { ip_version: version(blocked.family), obstacles: obstacles.collect() }
    }
}

impl From<&PathTarget> for Resource {
    fn from(target: &PathTarget) -> Self {
        Self {
            region: target.region.to_string(),
            kind: target.kind,
            id: target.id.clone(),
            name: target.name.clone(),
            state: target.state.clone(),
            result: target.outcome.as_str(),
            paths: target.exposure.paths.iter().map(Path::from).collect(),
            blocked: target.exposure.blocked.iter().map(Blocked::from).collect(),
            unknown: target.exposure.unknown.iter().map(Unknown::from).collect(),
        }
    }
}

impl From<&AccountPaths> for Account {
    fn from(account: &AccountPaths) -> Self {
        let gap = |gap: &crate::paths::PathGap| Gap {
            region: gap.region.to_string(),
            cause: Unknown::from(&gap.cause),
        };
        Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            status: account.status.as_str(),
            collected_at: account.collected_at.clone(),
            resources: account.targets.iter().map(Resource::from).collect(),
            gaps: account.gaps.iter().map(gap).collect(),
        }
    }
}
