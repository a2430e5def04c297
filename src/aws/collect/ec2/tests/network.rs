//! Lists of the network kinds: fields, pages, denials.

use serde_json::{Value, json};

use super::{ACCOUNT, contains};
use crate::aws::tests::fake::*;
use crate::facts;
use crate::model::Extent;

/// The kind, the element that contains the list, an item (`#` is the number of its page), the end of
/// its ARN, and some of its fields.
type Case = (&'static str, &'static str, &'static str, &'static str, Value);

fn cases() -> [Case; 16] {
    [
        (
            "ec2.address",
            "addressesSet",
            "<allocationId>eipalloc-#</allocationId><publicIp>192.0.2.#</publicIp><serviceManaged>alb</serviceManaged><instanceId/>\
             <networkInterfaceOwnerId>222222222222</networkInterfaceOwnerId>",
            ":elastic-ip/eipalloc-1",
            json!({ "public_ip": "192.0.2.1", "service_managed": "alb", "instance_id": null, "network_interface_owner_id": "222222222222" }),
        ),
        (
            "ec2.carrier_gateway",
            "carrierGatewaySet",
            "<carrierGatewayId>cagw-#</carrierGatewayId><vpcId>vpc-1</vpcId><state>available</state><ownerId>111111111111</ownerId>",
            ":carrier-gateway/cagw-1",
            json!({ "vpc_id": "vpc-1", "state": "available" }),
        ),
        (
            "ec2.dhcp_options",
            "dhcpOptionsSet",
            "<dhcpOptionsId>dopt-#</dhcpOptionsId><dhcpConfigurationSet><item><key>domain-name-servers</key>\
             <valueSet><item><value>AmazonProvidedDNS</value></item></valueSet></item></dhcpConfigurationSet>",
            ":dhcp-options/dopt-1",
            json!({ "dhcp_configurations": [{ "key": "domain-name-servers", "values": [{ "value": "AmazonProvidedDNS" }] }] }),
        ),
        (
            "ec2.egress_only_internet_gateway",
            "egressOnlyInternetGatewaySet",
            "<egressOnlyInternetGatewayId>eigw-#</egressOnlyInternetGatewayId>\
             <attachmentSet><item><state>attached</state><vpcId>vpc-1</vpcId></item></attachmentSet>",
            ":egress-only-internet-gateway/eigw-1",
            json!({ "attachments": [{ "state": "attached", "vpc_id": "vpc-1" }] }),
        ),
        (
            "ec2.flow_log",
            "flowLogSet",
            "<flowLogId>fl-#</flowLogId><resourceId>vpc-1</resourceId><trafficType>REJECT</trafficType>\
             <flowLogStatus>ACTIVE</flowLogStatus><deliverLogsStatus>FAILED</deliverLogsStatus>\
             <deliverLogsErrorMessage>Access error</deliverLogsErrorMessage><logDestinationType>s3</logDestinationType>\
             <logDestination>arn:aws:s3:::logs</logDestination><creationTime>2026-01-02T03:04:05.678Z</creationTime>\
             <maxAggregationInterval>600</maxAggregationInterval>\
             <destinationOptions><fileFormat>parquet</fileFormat></destinationOptions>",
            ":vpc-flow-log/fl-1",
            json!({
                "resource_id": "vpc-1", "traffic_type": "REJECT", "flow_log_status": "ACTIVE", "deliver_logs_status": "FAILED",
                "deliver_logs_error_message": "Access error", "log_destination": "arn:aws:s3:::logs", "log_destination_type": "s3",
                "creation_time": "2026-01-02T03:04:05Z", "max_aggregation_interval": 600, "log_group_name": null,
                "destination_options": { "file_format": "parquet" },
            }),
        ),
        (
            "ec2.internet_gateway",
            "internetGatewaySet",
            "<internetGatewayId>igw-#</internetGatewayId><ownerId>222222222222</ownerId>\
             <attachmentSet><item><vpcId>vpc-1</vpcId><state>available</state></item></attachmentSet>",
            ":222222222222:internet-gateway/igw-1",
            json!({ "attachments": [{ "vpc_id": "vpc-1", "state": "available" }] }),
        ),
        (
            "ec2.managed_prefix_list",
            "prefixListSet",
            "<prefixListId>pl-#</prefixListId><prefixListName>com.amazonaws.eu-west-1.s3</prefixListName><ownerId>AWS</ownerId>\
             <prefixListArn>arn:aws:ec2:eu-west-1:aws:prefix-list/pl-#</prefixListArn><addressFamily>IPv4</addressFamily>",
            ":aws:prefix-list/pl-1",
            json!({ "prefix_list_name": "com.amazonaws.eu-west-1.s3", "owner_id": "AWS", "max_entries": null }),
        ),
        (
            "ec2.nat_gateway",
            "natGatewaySet",
            "<natGatewayId>nat-#</natGatewayId><state>available</state><connectivityType>public</connectivityType>\
             <availabilityMode>zonal</availabilityMode><subnetId>subnet-1</subnetId>\
             <natGatewayAddressSet><item><publicIp>192.0.2.1</publicIp><isPrimary>true</isPrimary></item></natGatewayAddressSet>",
            ":natgateway/nat-1",
            json!({
                "state": "available", "connectivity_type": "public", "availability_mode": "zonal", "subnet_id": "subnet-1",
                "nat_gateway_addresses": [{ "public_ip": "192.0.2.1", "is_primary": true }],
            }),
        ),
        (
            "ec2.network_acl",
            "networkAclSet",
            "<networkAclId>acl-#</networkAclId><default>true</default>\
             <associationSet><item><subnetId>subnet-1</subnetId></item></associationSet>\
             <entrySet><item><ruleNumber>100</ruleNumber><protocol>6</protocol><ruleAction>allow</ruleAction><egress>false</egress>\
             <cidrBlock>0.0.0.0/0</cidrBlock><portRange><from>22</from><to>23</to></portRange></item>\
             <item><protocol>1</protocol><icmpTypeCode><type>-1</type><code>0</code></icmpTypeCode></item></entrySet>",
            ":network-acl/acl-1",
            json!({
                "is_default": true, "associations": [{ "subnet_id": "subnet-1" }],
                "entries": [
                    {
                        "rule_number": 100, "protocol": "6", "rule_action": "allow", "egress": false, "cidr_block": "0.0.0.0/0",
                        "port_range": { "from": 22, "to": 23 }, "icmp_type_code": null,
                    },
                    { "icmp_type_code": { "type": -1, "code": 0 } },
                ],
            }),
        ),
        (
            "ec2.network_interface",
            "networkInterfaceSet",
            "<networkInterfaceId>eni-#</networkInterfaceId><status>in-use</status><interfaceType>lambda</interfaceType>\
             <requesterManaged>true</requesterManaged><sourceDestCheck>false</sourceDestCheck>\
             <association><publicIp>192.0.2.1</publicIp><ipOwnerId>amazon</ipOwnerId></association>\
             <attachment><instanceOwnerId>amazon-aws</instanceOwnerId><deviceIndex>0</deviceIndex></attachment>\
             <groupSet><item><groupId>sg-1</groupId></item></groupSet>\
             <ipv6AddressesSet><item><ipv6Address>2001:db8::1</ipv6Address></item></ipv6AddressesSet>\
             <privateIpAddressesSet><item><privateIpAddress>10.0.0.1</privateIpAddress><primary>true</primary></item></privateIpAddressesSet>\
             <tagSet><item><key>Name</key><value>eni #</value></item></tagSet>",
            ":network-interface/eni-1",
            json!({
                "status": "in-use", "interface_type": "lambda", "requester_managed": true, "source_dest_check": false,
                "association": { "public_ip": "192.0.2.1", "ip_owner_id": "amazon" }, "groups": [{ "group_id": "sg-1" }],
                "attachment": { "instance_id": null, "instance_owner_id": "amazon-aws", "device_index": 0 },
                "ipv6_addresses": [{ "ipv6_address": "2001:db8::1" }],
                "private_ip_addresses": [{ "private_ip_address": "10.0.0.1", "primary": true, "association": null }],
                "tags": { "Name": "eni 1" },
            }),
        ),
        (
            "ec2.route_table",
            "routeTableSet",
            "<routeTableId>rtb-#</routeTableId><vpcId>vpc-1</vpcId>\
             <associationSet><item><main>true</main><associationState><state>associated</state></associationState></item></associationSet>\
             <routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state>\
             <origin>CreateRoute</origin></item><item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>\
             <egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId><state>blackhole</state></item></routeSet>\
             <propagatingVgwSet><item><gatewayId>vgw-1</gatewayId></item></propagatingVgwSet>",
            ":route-table/rtb-1",
            json!({
                "associations": [{ "main": true, "subnet_id": null, "association_state": { "state": "associated" } }],
                "routes": [
                    { "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active", "origin": "CreateRoute" },
                    { "destination_ipv6_cidr_block": "::/0", "egress_only_internet_gateway_id": "eigw-1", "state": "blackhole" },
                ],
                "propagating_vgws": [{ "gateway_id": "vgw-1" }],
            }),
        ),
        (
            "ec2.subnet",
            "subnetSet",
            "<subnetId>subnet-#</subnetId><ownerId>222222222222</ownerId><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch>\
             <availableIpAddressCount>7</availableIpAddressCount><availabilityZone>eu-west-1a</availabilityZone>\
             <blockPublicAccessStates><internetGatewayBlockMode>off</internetGatewayBlockMode></blockPublicAccessStates>\
             <privateDnsNameOptionsOnLaunch><enableResourceNameDnsAAAARecord>true</enableResourceNameDnsAAAARecord>\
             </privateDnsNameOptionsOnLaunch>",
            ":222222222222:subnet/subnet-1",
            json!({
                "map_public_ip_on_launch": true, "available_ip_address_count": 7, "availability_zone": "eu-west-1a",
                "block_public_access_states": { "internet_gateway_block_mode": "off" },
                "private_dns_name_options_on_launch": { "enable_resource_name_dns_aaaa_record": true },
            }),
        ),
        (
            "ec2.vpc",
            "vpcSet",
            "<vpcId>vpc-#</vpcId><ownerId>222222222222</ownerId><isDefault>true</isDefault><cidrBlock>10.0.0.0/16</cidrBlock>\
             <cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16</cidrBlock>\
             <cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet>\
             <encryptionControl><mode>monitor</mode><resourceExclusions><natGateway><state>enabled</state></natGateway>\
             </resourceExclusions></encryptionControl>",
            ":222222222222:vpc/vpc-1",
            json!({
                "is_default": true,
                "cidr_block_association_set": [{ "cidr_block": "10.0.0.0/16", "cidr_block_state": { "state": "associated" } }],
                "encryption_control": { "mode": "monitor", "resource_exclusions": { "nat_gateway": { "state": "enabled" } } },
            }),
        ),
        (
            "ec2.vpc_endpoint",
            "vpcEndpointSet",
            "<vpcEndpointId>vpce-#</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType><state>available</state>\
             <serviceName>com.amazonaws.eu-west-1.s3</serviceName><policyDocument>{\"Statement\": []}</policyDocument>\
             <routeTableIdSet><item>rtb-1</item></routeTableIdSet><groupSet><item><groupId>sg-1</groupId></item></groupSet>\
             <privateDnsEnabled>false</privateDnsEnabled><creationTimestamp>2026-01-02T03:04:05Z</creationTimestamp>",
            ":vpc-endpoint/vpce-1",
            json!({
                "vpc_endpoint_type": "Gateway", "state": "available", "policy_document": { "document": { "Statement": [] } },
                "route_table_ids": ["rtb-1"], "groups": [{ "group_id": "sg-1" }], "private_dns_enabled": false,
                "creation_timestamp": "2026-01-02T03:04:05Z", "subnet_ids": [],
            }),
        ),
        (
            "ec2.vpc_endpoint_service",
            "serviceConfigurationSet",
            "<serviceId>vpce-svc-#</serviceId><acceptanceRequired>false</acceptanceRequired><serviceState>Available</serviceState>\
             <serviceType><item><serviceType>Interface</serviceType></item></serviceType>\
             <networkLoadBalancerArnSet><item>arn:lb</item></networkLoadBalancerArnSet>\
             <privateDnsNameConfiguration><state>verified</state><type>TXT</type></privateDnsNameConfiguration>",
            ":vpc-endpoint-service/vpce-svc-1",
            json!({
                "acceptance_required": false, "service_state": "Available", "service_type": [{ "service_type": "Interface" }],
                "network_load_balancer_arns": ["arn:lb"], "private_dns_name_configuration": { "state": "verified", "type": "TXT" },
            }),
        ),
        (
            "ec2.vpc_peering_connection",
            "vpcPeeringConnectionSet",
            "<vpcPeeringConnectionId>pcx-#</vpcPeeringConnectionId><status><code>active</code></status>\
             <requesterVpcInfo><ownerId>222222222222</ownerId><vpcId>vpc-2</vpcId><region>us-east-1</region>\
             <cidrBlockSet><item><cidrBlock>10.0.0.0/16</cidrBlock></item></cidrBlockSet>\
             <peeringOptions><allowDnsResolutionFromRemoteVpc>true</allowDnsResolutionFromRemoteVpc></peeringOptions></requesterVpcInfo>\
             <accepterVpcInfo><ownerId>111111111111</ownerId></accepterVpcInfo>",
            ":111111111111:vpc-peering-connection/pcx-1",
            json!({
                "status": { "code": "active" }, "expiration_time": null, "accepter_vpc_info": { "owner_id": "111111111111" },
                "requester_vpc_info": {
                    "owner_id": "222222222222", "vpc_id": "vpc-2", "region": "us-east-1",
                    "cidr_block_set": [{ "cidr_block": "10.0.0.0/16" }],
                    "peering_options": { "allow_dns_resolution_from_remote_vpc": true },
                },
            }),
        ),
    ]
}

#[tokio::test]
async fn all_pages_and_fields_of_lists_are_read() {
    for (kind, set, item, arn, fields) in cases() {
        let operation = facts::kind(kind).unwrap().list_call().strip_prefix("ec2:").unwrap();
        let once = kind == "ec2.address";
        let fake = Fake::new(move |request| {
            (request.parameter("Action")? == operation).then_some(())?;
            let page = |number: &str| format!("<item>{}</item>", item.replace('#', number));
            match request.parameter("NextToken").as_deref() {
                None if once => {
                    ec2(operation, &format!("<{set}>{}{}</{set}>", page("1"), page("2")), None)
                }
                None => ec2(operation, &format!("<{set}>{}</{set}>", page("1")), Some("more")),
                Some(_) => ec2(operation, &format!("<{set}>{}</{set}>", page("2")), None),
            }
        });
        let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, &[])])).await;
        let [first, _second] = accounts[0].resources.as_slice() else {
            panic!("{kind}: {:?}", accounts[0])
        };
        assert!(
            first.arn.as_ref().is_some_and(|full| full.ends_with(arn)),
            "{kind}: {:?}",
            first.arn
        );
        let actual = Value::Object(first.facts.clone());
        assert!(contains(&actual, &fields), "{kind}\nis       {actual}\nexpected {fields}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_list_where_aws_does_not_offer_it() {
    let kind = "ec2.verified_access_instance";
    let nowhere = "The action DescribeVerifiedAccessInstances is not valid for this web service.";
    let not_here = "The functionality you requested is not available in this region.";
    for (code, message, is_listed) in [
        ("InvalidAction", nowhere, true),
        ("UnsupportedOperation", not_here, true),
        ("UnsupportedOperation", "The instance does not support it.", false),
        ("UnauthorizedOperation", not_here, false),
    ] {
        let fake = Fake::new(move |request| {
            request.has("Action=Describe").then(|| ec2_error(code, message))?
        });
        let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, &[])])).await;
        let found = (accounts[0].lists.len(), accounts[0].gaps.len());
        assert_eq!(found, if is_listed { (1, 0) } else { (0, 1) }, "{code}: {message}");
        assert!(accounts[0].resources.is_empty());
    }
}

#[tokio::test]
async fn a_denied_list_is_a_gap_of_its_call() {
    let fake = Fake::new(|request| {
        request.has("Action=Describe").then(|| ec2_error("UnauthorizedOperation", "no"))?
    });
    for (kind, ..) in cases() {
        let (_, accounts) = fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, &[])])).await;
        let [gap] = accounts[0].gaps.as_slice() else { panic!("{:?}", accounts[0].gaps) };
        assert_eq!(gap.cause.call, facts::kind(kind).unwrap().list_call());
        assert_eq!(gap.extent, Extent::List { kind: kind.to_owned() });
        assert!(accounts[0].lists.is_empty());
    }
}
