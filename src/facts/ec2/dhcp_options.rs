//! `ec2.dhcp_options`: sets of DHCP options, which tell instances their DNS and time servers.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.dhcp_options",
    doc: "A set of DHCP options; VPCs name it in `dhcp_options_id`.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeDhcpOptions").element("dhcpOptionsSet").paged(1_000)],
    id: "dhcp_options_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:dhcp-options/{id}"),
    name_field: None,
    shape: Shape::of::<DhcpOptions>(),
    facts: &[],
};

shape! { dhcp_options_shapes:
    /// What DescribeDhcpOptions returns.
    pub struct DhcpOptions {
        /// The set's id.
        pub dhcp_options_id: String,
        /// The account that owns it.
        pub owner_id: Option<String>,
        /// The options.
        #[serde(default)]
        pub dhcp_configurations: Vec<DhcpConfiguration>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One option.
    pub struct DhcpConfiguration {
        /// `domain-name-servers`, `domain-name`, `ntp-servers`, `netbios-name-servers`, …
        pub key: Option<String>,
        /// Its values.
        #[serde(default)]
        pub values: Vec<AttributeValue>,
    }

    /// A value of an option.
    pub struct AttributeValue {
        /// The value; `AmazonProvidedDNS` for AWS's DNS server.
        pub value: Option<String>,
    }
}
