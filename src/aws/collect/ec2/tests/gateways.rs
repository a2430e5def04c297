//! Gateways and related kinds: fields, pages, denials, facts on demand.

use serde_json::{Value, json};

use super::{ACCOUNT, contains};
use crate::aws::tests::fake::*;
use crate::facts::{self, Kind};
use crate::model::Extent;
use crate::snapshot::AccountSnapshot;

const KEY: &str = "planted-pre-shared-key";

/// A kind in EC2's protocol: the element with the resources, one resource, and some of the fields
/// collected from it.
struct Case {
    kind: &'static str,
    set: &'static str,
    item: &'static str,
    collected: Value,
    /// The page size; `None` if the list is not paged.
    page: Option<&'static str>,
}

fn cases() -> Vec<Case> {
    let case = |kind, set, page, item, collected| Case { kind, set, item, collected, page };
    vec![
        case(
            "ec2.transit_gateway",
            "transitGatewaySet",
            Some("1000"),
            "<transitGatewayId>tgw-1</transitGatewayId><ownerId>222222222222</ownerId><creationTime>2026-01-02T03:04:05.000Z</creationTime>\
             <options><amazonSideAsn>64512</amazonSideAsn><autoAcceptSharedAttachments>enable</autoAcceptSharedAttachments>\
             <transitGatewayCidrBlocks><item>10.0.0.0/24</item></transitGatewayCidrBlocks>\
             <encryptionSupport><encryptionState>disabled</encryptionState></encryptionSupport></options>\
             <tagSet><item><key>Name</key><value>core</value></item></tagSet>",
            json!({
                "transit_gateway_id": "tgw-1", "owner_id": "222222222222", "creation_time": "2026-01-02T03:04:05Z",
                "options": {
                    "amazon_side_asn": 64512, "auto_accept_shared_attachments": "enable", "vpn_ecmp_support": null,
                    "transit_gateway_cidr_blocks": ["10.0.0.0/24"], "encryption_support": { "encryption_state": "disabled" }
                },
                "tags": { "Name": "core" }
            }),
        ),
        case(
            "ec2.transit_gateway_attachment",
            "transitGatewayAttachments",
            Some("1000"),
            "<transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId><resourceOwnerId>222222222222</resourceOwnerId>\
             <resourceType>vpc</resourceType><state>pendingAcceptance</state>\
             <association><transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId><state>associated</state></association>",
            json!({
                "resource_owner_id": "222222222222", "resource_type": "vpc", "state": "pendingAcceptance",
                "association": { "transit_gateway_route_table_id": "tgw-rtb-1", "state": "associated" }
            }),
        ),
        case(
            "ec2.transit_gateway_route_table",
            "transitGatewayRouteTables",
            Some("1000"),
            "<transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId><defaultAssociationRouteTable>true</defaultAssociationRouteTable>",
            json!({ "default_association_route_table": true, "default_propagation_route_table": null }),
        ),
        case(
            "ec2.transit_gateway_multicast_domain",
            "transitGatewayMulticastDomains",
            Some("1000"),
            "<transitGatewayMulticastDomainId>tgw-mcast-domain-1</transitGatewayMulticastDomainId>\
             <options><autoAcceptSharedAssociations>disable</autoAcceptSharedAssociations></options>",
            json!({ "options": { "auto_accept_shared_associations": "disable", "igmpv2_support": null } }),
        ),
        case(
            "ec2.vpn_gateway",
            "vpnGatewaySet",
            None,
            "<vpnGatewayId>vgw-1</vpnGatewayId><type>ipsec.1</type><attachments><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachments>",
            json!({ "type": "ipsec.1", "vpc_attachments": [{ "vpc_id": "vpc-1", "state": "attached" }] }),
        ),
        case(
            "ec2.vpn_connection",
            "vpnConnectionSet",
            None,
            "<vpnConnectionId>vpn-1</vpnConnectionId><customerGatewayConfiguration>&lt;k&gt;planted-pre-shared-key&lt;/k&gt;</customerGatewayConfiguration>\
             <options><tunnelOptionSet><item><preSharedKey>planted-pre-shared-key</preSharedKey>\
             <ikeVersionSet><item><value>ikev2</value></item></ikeVersionSet>\
             <phase1DHGroupNumberSet><item><value>14</value></item></phase1DHGroupNumberSet>\
             <logOptions><cloudWatchLogOptions><logEnabled>true</logEnabled></cloudWatchLogOptions></logOptions></item><item/></tunnelOptionSet></options>\
             <vgwTelemetry><item><status>UP</status><lastStatusChange>2026-01-02T03:04:05.000Z</lastStatusChange></item></vgwTelemetry>",
            json!({
                "options": { "tunnel_options": [
                    {
                        "pre_shared_key": "present", "ike_versions": [{ "value": "ikev2" }], "phase1_dh_group_numbers": [{ "value": 14 }],
                        "log_options": { "cloud_watch_log_options": { "log_enabled": true, "bgp_log_enabled": null } }
                    },
                    { "pre_shared_key": null, "ike_versions": [] }
                ] },
                "vgw_telemetry": [{ "status": "UP", "last_status_change": "2026-01-02T03:04:05Z" }]
            }),
        ),
        case(
            "ec2.customer_gateway",
            "customerGatewaySet",
            None,
            "<customerGatewayId>cgw-1</customerGatewayId><bgpAsn>65000</bgpAsn><ipAddress>192.0.2.1</ipAddress>",
            json!({ "bgp_asn": "65000", "ip_address": "192.0.2.1", "certificate_arn": null }),
        ),
        case(
            "ec2.client_vpn_endpoint",
            "clientVpnEndpoint",
            Some("1000"),
            "<clientVpnEndpointId>cvpn-endpoint-1</clientVpnEndpointId><creationTime>2026-01-02T03:04:05</creationTime><splitTunnel>true</splitTunnel>\
             <authenticationOptions><item><type>certificate-authentication</type></item></authenticationOptions>\
             <connectionLogOptions><Enabled>false</Enabled></connectionLogOptions><securityGroupIdSet><item>sg-1</item></securityGroupIdSet>",
            json!({
                "creation_time": "2026-01-02T03:04:05Z", "split_tunnel": true, "connection_log_options": { "enabled": false },
                "authentication_options": [{ "type": "certificate-authentication" }], "security_group_ids": ["sg-1"]
            }),
        ),
        case(
            "ec2.traffic_mirror_filter",
            "trafficMirrorFilterSet",
            Some("1000"),
            "<trafficMirrorFilterId>tmf-1</trafficMirrorFilterId><description>dns</description><ingressFilterRuleSet><item><protocol>6</protocol>\
             <ruleAction>accept</ruleAction><sourceCidrBlock>0.0.0.0/0</sourceCidrBlock></item></ingressFilterRuleSet>\
             <networkServiceSet><item>amazon-dns</item></networkServiceSet>",
            json!({
                "description": "dns", "network_services": ["amazon-dns"], "egress_filter_rules": [],
                "ingress_filter_rules": [{ "protocol": 6, "rule_action": "accept", "source_cidr_block": "0.0.0.0/0" }]
            }),
        ),
        case(
            "ec2.traffic_mirror_session",
            "trafficMirrorSessionSet",
            Some("1000"),
            "<trafficMirrorSessionId>tms-1</trafficMirrorSessionId><networkInterfaceId>eni-1</networkInterfaceId><sessionNumber>1</sessionNumber>",
            json!({ "network_interface_id": "eni-1", "session_number": 1, "description": null, "packet_length": null }),
        ),
        case(
            "ec2.traffic_mirror_target",
            "trafficMirrorTargetSet",
            Some("1000"),
            "<trafficMirrorTargetId>tmt-1</trafficMirrorTargetId><type>network-interface</type><ownerId>222222222222</ownerId>",
            json!({ "type": "network-interface", "owner_id": "222222222222" }),
        ),
        case(
            "ec2.verified_access_instance",
            "verifiedAccessInstanceSet",
            Some("200"),
            "<verifiedAccessInstanceId>vai-1</verifiedAccessInstanceId><creationTime>2026-01-02T03:04:05</creationTime><fipsEnabled>true</fipsEnabled>",
            json!({ "creation_time": "2026-01-02T03:04:05Z", "fips_enabled": true, "last_updated_time": null }),
        ),
        case(
            "ec2.network_insights_path",
            "networkInsightsPathSet",
            Some("100"),
            "<networkInsightsPathId>nip-1</networkInsightsPathId><protocol>tcp</protocol><destinationPort>22</destinationPort>\
             <filterAtSource><destinationPortRange><fromPort>1</fromPort></destinationPortRange></filterAtSource>",
            json!({ "protocol": "tcp", "destination_port": 22, "filter_at_source": { "destination_port_range": { "from_port": 1 } } }),
        ),
        case(
            "ec2.network_insights_analysis",
            "networkInsightsAnalysisSet",
            Some("100"),
            "<networkInsightsAnalysisId>nia-1</networkInsightsAnalysisId><networkPathFound>true</networkPathFound>\
             <forwardPathComponentSet><item><component><id>igw-1</id></component></item></forwardPathComponentSet>",
            json!({ "network_path_found": true, "forward_path_components": [{ "component": { "id": "igw-1" } }], "explanations": [] }),
        ),
        case(
            "ec2.network_insights_access_scope",
            "networkInsightsAccessScopeSet",
            Some("100"),
            "<networkInsightsAccessScopeId>nis-1</networkInsightsAccessScopeId><updatedDate>2026-01-02T03:04:05.000Z</updatedDate>",
            json!({ "updated_date": "2026-01-02T03:04:05Z", "tags": {} }),
        ),
        case(
            "ec2.network_insights_access_scope_analysis",
            "networkInsightsAccessScopeAnalysisSet",
            Some("100"),
            "<networkInsightsAccessScopeAnalysisId>nisa-1</networkInsightsAccessScopeAnalysisId><findingsFound>unknown</findingsFound>",
            json!({ "findings_found": "unknown", "analyzed_eni_count": null }),
        ),
        case(
            "ec2.ipam_scope",
            "ipamScopeSet",
            Some("1000"),
            "<ipamScopeId>ipam-scope-1</ipamScopeId><ipamScopeType>private</ipamScopeType><isDefault>true</isDefault><poolCount>2</poolCount>",
            json!({ "ipam_scope_type": "private", "is_default": true, "pool_count": 2 }),
        ),
        case(
            "ec2.vpc_encryption_control",
            "vpcEncryptionControlSet",
            Some("1000"),
            "<vpcEncryptionControlId>vpcec-1</vpcEncryptionControlId><vpcId>vpc-1</vpcId><mode>enforce</mode>\
             <resourceExclusions><natGateway><state>enabled</state></natGateway></resourceExclusions>",
            json!({ "vpc_id": "vpc-1", "mode": "enforce", "resource_exclusions": { "nat_gateway": { "state": "enabled" }, "lambda": null } }),
        ),
    ]
}

/// The response to a call, in its root element.
fn response(request: &FakeRequest, body: &str) -> Option<(u16, String)> {
    let root = format!("{}Response", request.parameter("Action")?);
    ok(&format!("<{root}>{body}</{root}>"))
}

fn page(request: &FakeRequest, set: &str, item: &str, more: &str) -> Option<(u16, String)> {
    let token =
        if more.is_empty() { String::new() } else { format!("<nextToken>{more}</nextToken>") };
    response(request, &format!("<{set}><item>{item}</item></{set}>{token}"))
}

fn action(call: &str) -> String {
    format!("Action={}&", call.strip_prefix("ec2:").unwrap())
}

fn kind(name: &str) -> &'static Kind {
    facts::kind(name).unwrap()
}

async fn collect(fake: &Fake, kind: &str, facts: &[&str]) -> AccountSnapshot {
    fake.collect(vec![target(ACCOUNT)], &demand(&[(kind, facts)])).await.1.remove(0)
}

#[tokio::test]
async fn fields_are_collected_from_every_page() {
    for Case { kind: name, set, item, collected, page: size } in cases() {
        let list = action(kind(name).list[0].name);
        let wanted = list.clone();
        let fake = Fake::new(move |request| {
            let more = if size.is_some() && request.parameter("NextToken").is_none() {
                "more"
            } else {
                ""
            };
            // A second resource, so that both pages count: the id of the first with a different digit.
            let item = if more.is_empty() && size.is_some() {
                item.replacen("-1</", "-2</", 1)
            } else {
                item.to_owned()
            };
            request.has(&wanted).then(|| page(request, set, &item, more)).flatten()
        });
        let account = collect(&fake, name, &[]).await;
        assert!(account.gaps.is_empty(), "{name}: {:?}", account.gaps);
        assert_eq!(account.resources.len(), if size.is_some() { 2 } else { 1 }, "{name}");
        let found = Value::Object(account.resources[0].facts.clone());
        assert!(
            contains(&found, &collected),
            "{name}:\n{found:#}\nexpected to contain\n{collected:#}"
        );
        let requests = fake.requests(&list);
        assert!(
            requests.iter().all(|request| request.parameter("MaxResults").as_deref() == size),
            "{name}: {requests:?}"
        );
        assert!(!found.to_string().contains(KEY), "{name} keeps a secret");
    }
}

#[tokio::test]
async fn a_shared_resource_has_the_arn_of_its_owner() {
    for (name, arn) in [
        ("ec2.transit_gateway", "arn:aws:ec2:eu-west-1:222222222222:transit-gateway/tgw-1"),
        ("ec2.vpn_connection", "arn:aws:ec2:eu-west-1:111111111111:vpn-connection/vpn-1"),
        ("ec2.ipam_scope", "arn:aws:ec2::111111111111:ipam-scope/ipam-scope-1"),
    ] {
        let Case { set, item, .. } = cases().into_iter().find(|case| case.kind == name).unwrap();
        let fake = Fake::new(move |request| {
            request.has("Action=Describe").then(|| page(request, set, item, "")).flatten()
        });
        assert_eq!(collect(&fake, name, &[]).await.resources[0].arn.as_deref(), Some(arn));
    }
}

#[tokio::test]
async fn a_denied_list_is_one_gap() {
    for Case { kind: name, set, item, page: size, .. } in cases() {
        // Denied on the first or the second page.
        for halfway in [false, true].into_iter().filter(|halfway| !halfway || size.is_some()) {
            let fake = Fake::new(move |request| match request.parameter("NextToken") {
                _ if !request.has("Action=Describe") => None,
                None if halfway => page(request, set, item, "more"),
                _ => ec2_error("UnauthorizedOperation", "no"),
            });
            let account = collect(&fake, name, &[]).await;
            let [gap] = account.gaps.as_slice() else { panic!("{name}: {:?}", account.gaps) };
            assert_eq!(
                (gap.cause.call.as_str(), gap.cause.code.as_str()),
                (kind(name).list_call(), "UnauthorizedOperation")
            );
            assert_eq!(gap.extent, Extent::List { kind: name.to_owned() });
            assert!(account.resources.is_empty() && account.lists.is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn facts_on_demand() {
    // (kind, fact, response to the first request, response to the second if there is one, value)
    let route = |cidr: &str| {
        format!(
            "<routeSet><item><destinationCidrBlock>{cidr}</destinationCidrBlock><type>static</type></item></routeSet>"
        )
    };
    let rule = |all: bool| {
        format!("<authorizationRule><item><accessAll>{all}</accessAll></item></authorizationRule>")
    };
    let logging = "<loggingConfigurationSet><item><verifiedAccessInstanceId>vai-1</verifiedAccessInstanceId><accessLogs><s3><enabled>true</enabled>\
                   <bucketOwner>222222222222</bucketOwner></s3></accessLogs></item></loggingConfigurationSet>";
    let table = [
        (
            "ec2.transit_gateway_route_table",
            "routes",
            route("0.0.0.0/0")
                + "<additionalRoutesAvailable>true</additionalRoutesAvailable><nextToken>more</nextToken>",
            Some(
                route("10.0.0.0/8")
                    + "<additionalRoutesAvailable>false</additionalRoutesAvailable>",
            ),
            json!({
                "routes": [{ "destination_cidr_block": "0.0.0.0/0", "type": "static" }, { "destination_cidr_block": "10.0.0.0/8" }],
                "additional_routes_available": false
            }),
        ),
        (
            "ec2.transit_gateway_route_table",
            "routes",
            "<routeSet/><additionalRoutesAvailable>true</additionalRoutesAvailable>".to_owned(),
            None,
            json!({ "routes": [], "additional_routes_available": true }),
        ),
        (
            "ec2.client_vpn_endpoint",
            "authorization_rules",
            rule(true) + "<nextToken>more</nextToken>",
            Some(rule(false)),
            json!([{ "access_all": true }, { "access_all": false }]),
        ),
        (
            "ec2.verified_access_instance",
            "logging",
            logging.to_owned(),
            None,
            json!({ "access_logs": { "s3": { "enabled": true, "bucket_owner": "222222222222" }, "cloud_watch_logs": null } }),
        ),
        (
            "ec2.verified_access_instance",
            "logging",
            "<loggingConfigurationSet/>".to_owned(),
            None,
            Value::Null,
        ),
    ];
    for (name, fact, first, second, expected) in table {
        let Case { set, item, .. } = cases().into_iter().find(|case| case.kind == name).unwrap();
        let spec = kind(name).fact(fact).unwrap();
        let (list, ask) = (action(kind(name).list[0].name), action(spec.call.name));
        for denied in [false, true] {
            let (first, second, list, ask) =
                (first.clone(), second.clone(), list.clone(), ask.clone());
            let fake = Fake::new(move |request| match request.parameter("NextToken") {
                _ if request.has(&list) => page(request, set, item, ""),
                _ if !request.has(&ask) => None,
                _ if denied => ec2_error("UnauthorizedOperation", "no"),
                None => response(request, &first),
                Some(_) => response(request, second.as_deref().unwrap()),
            });
            let account = collect(&fake, name, &[fact]).await;
            let resource = &account.resources[0];
            if denied {
                let cause = &resource.unreadable[fact];
                assert_eq!(
                    (cause.call.as_str(), cause.code.as_str()),
                    (spec.call.name, "UnauthorizedOperation")
                );
                assert_eq!(account.gaps.len(), 1, "{name}");
            } else {
                let found = &resource.facts[fact];
                assert!(
                    contains(found, &expected),
                    "{name}:\n{found:#}\nexpected to contain\n{expected:#}"
                );
            }
        }
    }
}

#[test]
fn a_secret_is_not_stored() {
    let shape = &kind("ec2.vpn_connection").shape;
    let written = json!({ "vpn_connection_id": "vpn-1", "options": { "tunnel_options": [{ "pre_shared_key": KEY }] } });
    let normal = (shape.normalize)(written).unwrap();
    assert_eq!(normal["options"]["tunnel_options"][0]["pre_shared_key"], "present");
    assert!(!normal.to_string().contains(KEY));
}
