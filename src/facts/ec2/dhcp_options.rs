//! `ec2.dhcp_options`: DHCP option sets, which configure the DNS and NTP servers of instances.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.dhcp_options",
    doc: "A DHCP option set; VPCs refer to it in `dhcp_options_id`.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeDhcpOptions")
        .element("dhcpOptionsSet")
        .paged(1_000)
        .always(&["dhcp_configurations", "dhcp_configurations[].values"])],
    id: "dhcp_options_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:dhcp-options/{id}"),
    name_field: None,
    shape: Shape::of::<DhcpOptions>(),
    facts: &[],
};

shape! { dhcp_options_shapes:
    /// What DescribeDhcpOptions returns.
    pub struct DhcpOptions {
        /// The option set's id.
        pub dhcp_options_id: String,
        /// The account that owns the option set.
        pub owner_id: Option<String>,
        /// The options.
        #[serde(default)]
        pub dhcp_configurations: Vec<DhcpConfiguration>,
        /// The option set's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// One option.
    pub struct DhcpConfiguration {
        /// `domain-name-servers`, `domain-name`, `ntp-servers`, `netbios-name-servers`, …
        pub key: Option<String>,
        /// The option's values.
        #[serde(default)]
        pub values: Vec<AttributeValue>,
    }

    /// One value of an option.
    pub struct AttributeValue {
        /// The value; `AmazonProvidedDNS` is the Amazon DNS server.
        pub value: Option<String>,
    }
}
