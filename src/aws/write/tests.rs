//! What is sent for actions, and what is read before, with a fake AWS.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{RemoteWriter, WriteSetup};
use crate::aws::tests::fake::*;
use crate::facts;
use crate::fixes::{Action, Change, Present, Scene, Sent, WriteErrorKind};
use crate::model::{AccountId, Demand, Hop, Resource};

const ACCOUNT: &str = "111122223333";

/// An action on a resource, what AWS answers when it is read, and what must be sent.
struct Case {
    action: &'static str,
    parameters: Value,
    kind: &'static str,
    /// The facts that matter.
    facts: Value,
    /// Calls and the content of their answers.
    reads: &'static [(&'static str, &'static str)],
    /// The parameters of each write.
    sent: &'static [&'static str],
}

fn resource(kind: &str, fields: &Value) -> Resource {
    let kind = facts::kind(kind).unwrap();
    let fields = fields.as_object().unwrap().clone();
    let resource = Resource {
        kind: kind.name.to_owned(),
        id: fields[kind.id].as_str().unwrap().to_owned(),
        region: "eu-west-1".parse().unwrap(),
        arn: None,
        name: None,
        facts: fields,
        unreadable: BTreeMap::new(),
    };
    facts::normalize(resource).unwrap().unwrap()
}

impl Case {
    fn change(&self) -> Change {
        let account: AccountId = ACCOUNT.parse().unwrap();
        let partition = "aws".parse().unwrap();
        let action = Action::new(self.action, self.parameters.as_object().unwrap().clone());
        let action = action.unwrap();
        let related = |kind: &str| match self.facts.get(kind) {
            Some(log) => vec![resource(kind, log)],
            None => Vec::new(),
        };
        let mut fields = self.facts.clone();
        fields.as_object_mut().unwrap().retain(|name, _| !name.contains('.'));
        let resource = resource(self.kind, &fields);
        let logs = related("ec2.flow_log");
        let all_logs = |_: &str| logs.iter().collect::<Vec<_>>();
        let before = Scene {
            account: &account,
            partition: &partition,
            resource: &resource,
            related: &all_logs,
        };
        let effect = action.after(&before).unwrap();
        let mut changed = effect.applied(&before).unwrap();
        // What was there before in addition is deleted.
        let created = changed.split_off(1);
        let created = |_: &str| created.iter().collect::<Vec<_>>();
        let after = Scene { resource: &changed[0], related: &created, ..before };
        let (before, after) = (action.state(&before), action.state(&after));
        assert_ne!(before, after, "{}", self.action);
        Change {
            id: "item-1".to_owned(),
            account: account.clone(),
            partition: partition.clone(),
            region: "eu-west-1".parse().unwrap(),
            kind: self.kind.to_owned(),
            resource: resource.id.clone(),
            arn: None,
            name: None,
            action,
            before,
            after,
        }
    }
}

async fn writer(fake: &Fake, changes: &[Change]) -> RemoteWriter {
    writer_but(fake, changes, &[]).await
}

/// A writer that only looks at some of the changes.
async fn writer_but(fake: &Fake, changes: &[Change], only_read: &[&str]) -> RemoteWriter {
    let hop = Hop {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/fix").parse().unwrap(),
        external_id: None,
        duration_seconds: 3600,
        source_identity: None,
    };
    let setup = WriteSetup {
        reads: fake.request(vec![target(ACCOUNT)], &Demand::default()).await,
        roles: BTreeMap::from([(ACCOUNT.parse().unwrap(), hop)]),
        plan: "0123456789ab".to_owned(),
        only_read: only_read.iter().map(|id| (*id).to_owned()).collect(),
    };
    RemoteWriter::prepare(setup, changes, Handle::current()).await.unwrap()
}

/// The parameters of an EC2 call, without the version of the API.
fn parameters(request: &FakeRequest) -> String {
    let names = request.body.split('&').filter_map(|pair| pair.split_once('='));
    let shown = names
        .filter(|(name, _)| *name != "Version")
        .map(|(name, _)| format!("{name}={}", request.parameter(name).unwrap()));
    shown.collect::<Vec<_>>().join(" ")
}

fn is_write(request: &FakeRequest) -> bool {
    ["Create", "Delete", "Modify"].iter().any(|verb| request.has(&format!("Action={verb}")))
}

fn cases() -> Vec<Case> {
    let tags = |action, parameters, sent| Case {
        action,
        parameters: json!({ "tags": parameters }),
        kind: "ec2.volume",
        facts: json!({ "volume_id": "vol-1", "tags": { "Owner": "web", "Name": "a b" } }),
        reads: &[(
            "DescribeVolumes",
            "<volumeSet><item><volumeId>vol-1</volumeId><tagSet><item><key>Owner</key><value>web</value></item>\
             <item><key>Name</key><value>a b</value></item></tagSet></item></volumeSet>",
        )],
        sent,
    };
    let tunnel = |action, parameters, sent| Case {
        action,
        parameters,
        kind: "ec2.vpn_connection",
        facts: json!({
            "vpn_connection_id": "vpn-1", "state": "available",
            "options": { "tunnel_options": [{
                "outside_ip_address": "203.0.113.10",
                "log_options": { "cloud_watch_log_options": {
                    "log_enabled": false, "bgp_log_enabled": true, "bgp_log_group_arn": "arn:bgp",
                } },
            }] },
            "vgw_telemetry": [{ "outside_ip_address": "203.0.113.20", "status": "UP" }],
        }),
        reads: &[(
            "DescribeVpnConnections",
            "<vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><state>available</state>\
             <options><tunnelOptionSet><item><outsideIpAddress>203.0.113.10</outsideIpAddress>\
             <logOptions><cloudWatchLogOptions><logEnabled>false</logEnabled><bgpLogEnabled>true</bgpLogEnabled>\
             <bgpLogGroupArn>arn:bgp</bgpLogGroupArn></cloudWatchLogOptions></logOptions></item></tunnelOptionSet></options>\
             <vgwTelemetry><item><outsideIpAddress>203.0.113.20</outsideIpAddress><status>UP</status></item></vgwTelemetry>\
             </item></vpnConnectionSet>",
        )],
        sent,
    };
    vec![
        tags(
            "tags.add",
            json!({ "Env": "prod", "Owner": "web" }),
            &["Action=CreateTags ResourceId.1=vol-1 Tag.1.Key=Env Tag.1.Value=prod"],
        ),
        tags(
            "tags.set",
            json!({ "Owner": { "from": "web", "to": "core" } }),
            &["Action=CreateTags ResourceId.1=vol-1 Tag.1.Key=Owner Tag.1.Value=core"],
        ),
        tags(
            "tags.remove",
            json!({ "Name": "a b" }),
            &["Action=DeleteTags ResourceId.1=vol-1 Tag.1.Key=Name Tag.1.Value=a b"],
        ),
        Case {
            action: "ec2.image.unshare_all",
            parameters: json!({}),
            kind: "ec2.image",
            facts: json!({
                "image_id": "ami-1", "owner_id": ACCOUNT, "public": true,
                "launch_permission": [{ "user_id": "444455556666" }, { "group": "all" }],
            }),
            reads: &[
                (
                    "DescribeImages",
                    "<imagesSet><item><imageId>ami-1</imageId><isPublic>true</isPublic><imageOwnerId>111122223333</imageOwnerId>\
                     <blockDeviceMapping/></item></imagesSet>",
                ),
                (
                    "DescribeImageAttribute",
                    "<launchPermission><item><userId>444455556666</userId></item><item><group>all</group></item></launchPermission>",
                ),
            ],
            sent: &[
                "Action=ModifyImageAttribute Attribute=launchPermission ImageId=ami-1 LaunchPermission.Remove.1.Group=all",
            ],
        },
        Case {
            action: "ec2.snapshot.share_all",
            parameters: json!({}),
            kind: "ec2.snapshot",
            facts: json!({
                "snapshot_id": "snap-1", "owner_id": ACCOUNT, "public": false,
                "create_volume_permission": [],
            }),
            reads: &[
                ("DescribeSnapshots", "<snapshotSet/>"),
                ("DescribeSnapshotAttribute", "<createVolumePermission/>"),
            ],
            sent: &[
                "Action=ModifySnapshotAttribute Attribute=createVolumePermission CreateVolumePermission.Add.1.Group=all SnapshotId=snap-1",
            ],
        },
        Case {
            action: "ec2.network_interface.enable_source_dest_check",
            parameters: json!({}),
            kind: "ec2.network_interface",
            facts: json!({
                "network_interface_id": "eni-1", "owner_id": ACCOUNT, "status": "in-use",
                "requester_managed": false, "source_dest_check": false,
            }),
            reads: &[(
                "DescribeNetworkInterfaces",
                "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><sourceDestCheck>false</sourceDestCheck>\
                 <status>in-use</status></item></networkInterfaceSet>",
            )],
            sent: &[
                "Action=ModifyNetworkInterfaceAttribute NetworkInterfaceId=eni-1 SourceDestCheck.Value=true",
            ],
        },
        Case {
            action: "ec2.subnet.disable_public_ip",
            parameters: json!({
                "attributes": ["map_public_ip_on_launch", "assign_ipv6_address_on_creation"],
            }),
            kind: "ec2.subnet",
            facts: json!({
                "subnet_id": "subnet-1", "owner_id": ACCOUNT, "ipv6_native": false,
                "map_public_ip_on_launch": true, "assign_ipv6_address_on_creation": true,
            }),
            reads: &[(
                "DescribeSubnets",
                "<subnetSet><item><subnetId>subnet-1</subnetId><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch>\
                 <assignIpv6AddressOnCreation>true</assignIpv6AddressOnCreation></item></subnetSet>",
            )],
            sent: &[
                "Action=ModifySubnetAttribute MapPublicIpOnLaunch.Value=false SubnetId=subnet-1",
                "Action=ModifySubnetAttribute AssignIpv6AddressOnCreation.Value=false SubnetId=subnet-1",
            ],
        },
        Case {
            action: "ec2.transit_gateway.disable_auto_accept",
            parameters: json!({}),
            kind: "ec2.transit_gateway",
            facts: json!({
                "transit_gateway_id": "tgw-1", "owner_id": ACCOUNT, "state": "available",
                "options": { "auto_accept_shared_attachments": "enable" },
            }),
            reads: &[(
                "DescribeTransitGateways",
                "<transitGatewaySet><item><transitGatewayId>tgw-1</transitGatewayId><state>available</state>\
                 <options><autoAcceptSharedAttachments>enable</autoAcceptSharedAttachments></options></item></transitGatewaySet>",
            )],
            sent: &[
                "Action=ModifyTransitGateway Options.AutoAcceptSharedAttachments=disable TransitGatewayId=tgw-1",
            ],
        },
        Case {
            action: "ec2.client_vpn_endpoint.set_logging",
            parameters: json!({ "cloudwatch_log_group": "/vpn/clients" }),
            kind: "ec2.client_vpn_endpoint",
            facts: json!({
                "client_vpn_endpoint_id": "cvpn-1", "status": { "code": "available" },
                "connection_log_options": { "enabled": false, "include_authorization_policy_context": true },
            }),
            reads: &[(
                "DescribeClientVpnEndpoints",
                "<clientVpnEndpoint><item><clientVpnEndpointId>cvpn-1</clientVpnEndpointId>\
                 <connectionLogOptions><Enabled>false</Enabled><IncludeAuthorizationPolicyContext>true</IncludeAuthorizationPolicyContext></connectionLogOptions></item></clientVpnEndpoint>",
            )],
            sent: &[
                "Action=ModifyClientVpnEndpoint ClientVpnEndpointId=cvpn-1 ConnectionLogOptions.CloudwatchLogGroup=/vpn/clients ConnectionLogOptions.Enabled=true ConnectionLogOptions.IncludeAuthorizationPolicyContext=true",
            ],
        },
        tunnel(
            "ec2.vpn_connection.set_tunnel_options",
            json!({ "outside_ip_address": "203.0.113.10", "ike_versions": ["ikev2"] }),
            &[
                "Action=ModifyVpnTunnelOptions TunnelOptions.IKEVersion.1.Value=ikev2 VpnConnectionId=vpn-1 VpnTunnelOutsideIpAddress=203.0.113.10",
            ],
        ),
        tunnel(
            "ec2.vpn_connection.restore_tunnel_options",
            json!({ "outside_ip_address": "203.0.113.10", "cloud_watch_log_options": {
                "log_enabled": true, "log_group_arn": "arn:aws:logs:eu-west-1:111122223333:log-group:vpn",
            } }),
            &[
                "Action=ModifyVpnTunnelOptions TunnelOptions.LogOptions.CloudWatchLogOptions.BgpLogEnabled=true \
               TunnelOptions.LogOptions.CloudWatchLogOptions.BgpLogGroupArn=arn:bgp \
               TunnelOptions.LogOptions.CloudWatchLogOptions.LogEnabled=true \
               TunnelOptions.LogOptions.CloudWatchLogOptions.LogGroupArn=arn:aws:logs:eu-west-1:111122223333:log-group:vpn \
               VpnConnectionId=vpn-1 VpnTunnelOutsideIpAddress=203.0.113.10",
            ],
        ),
        flow_log(),
        Case {
            action: "ec2.flow_log.delete",
            parameters: json!({ "flow_log_id": "fl-1" }),
            kind: "ec2.vpc",
            facts: json!({
                "vpc_id": "vpc-1", "owner_id": ACCOUNT,
                "ec2.flow_log": {
                    "flow_log_id": "fl-1", "resource_id": "vpc-1", "log_destination": "arn:aws:s3:::logs",
                },
            }),
            reads: &[(
                "DescribeFlowLogs",
                "<flowLogSet><item><flowLogId>fl-1</flowLogId><flowLogStatus>ACTIVE</flowLogStatus><trafficType>ALL</trafficType><logDestinationType>s3</logDestinationType><resourceId>vpc-1</resourceId><logDestination>arn:aws:s3:::logs</logDestination></item></flowLogSet>",
            )],
            sent: &["Action=DeleteFlowLogs FlowLogId.1=fl-1"],
        },
    ]
}

fn flow_log() -> Case {
    Case {
        action: "ec2.vpc.create_flow_log",
        parameters: json!({ "log_destination": "arn:aws:s3:::logs/vpc" }),
        kind: "ec2.vpc",
        facts: json!({ "vpc_id": "vpc-1", "owner_id": ACCOUNT }),
        reads: &[("DescribeFlowLogs", "<flowLogSet/>")],
        sent: &[
            "Action=CreateFlowLogs ClientToken=0123456789ab-item-1 LogDestination=arn:aws:s3:::logs/vpc LogDestinationType=s3 \
                 ResourceId.1=vpc-1 ResourceType=VPC TagSpecification.1.ResourceType=vpc-flow-log TagSpecification.1.Tag.1.Key=rolecall:plan \
                 TagSpecification.1.Tag.1.Value=0123456789ab TrafficType=ALL",
        ],
    }
}

fn sorted(parameters: &str, separator: &str) -> Vec<String> {
    let mut list: Vec<String> =
        parameters.split(separator).map(|one| one.trim().to_owned()).collect();
    list.sort();
    list
}

#[tokio::test]
async fn actions_read_the_state_and_send_only_what_changes() {
    for case in cases() {
        let change = case.change();
        let name = case.action;
        let reads = case.reads;
        let fake = Fake::new(move |request| {
            let action = request.parameter("Action")?;
            if request.has("DryRun=true") {
                return ec2_error("DryRunOperation", "Request would have succeeded");
            }
            if is_write(request) {
                return ec2(&action, "<return>true</return>", None);
            }
            if action == "DescribeRouteTables" {
                return ec2(&action, "<routeTableSet/>", None);
            }
            if action == "DescribeVpcs" {
                let vpc = format!(
                    "<vpcSet><item><vpcId>vpc-1</vpcId><ownerId>{ACCOUNT}</ownerId><state>available</state><isDefault>false</isDefault></item></vpcSet>"
                );
                return ec2(&action, &vpc, None);
            }
            let (_, inside) = reads.iter().find(|(call, _)| *call == action)?;
            ec2(&action, inside, None)
        });
        let writer = writer(&fake, std::slice::from_ref(&change)).await;
        let present = writer.present(&change).await.unwrap();
        assert_eq!(
            present,
            Present { state: change.before.clone(), refusal: None, gone: false },
            "{name}"
        );

        let mut sent_before = 0;
        if change.action.spec().has_dry_run(case.kind) {
            writer.carry_out(&change, true).await.unwrap();
            let dry: Vec<_> = fake.requests("DryRun=true").iter().map(parameters).collect();
            assert_eq!(dry.len(), case.sent.len(), "{name}");
            sent_before = dry.len();
        }
        writer.carry_out(&change, false).await.unwrap();
        let writes = fake.requests("").into_iter().filter(is_write).skip(sent_before);
        let writes: Vec<Vec<String>> = writes
            .map(|request| {
                let parameters = parameters(&request).replace(" DryRun=false", "");
                sorted(&parameters, " ")
            })
            .collect();
        let expected: Vec<Vec<String>> = case.sent.iter().map(|text| sorted(text, " ")).collect();
        assert_eq!(writes, expected, "{name}");
    }
}

#[tokio::test]
async fn tags_of_buckets_are_written_by_s3_control() {
    let case = |action, tags| Case {
        action,
        parameters: json!({ "tags": tags }),
        kind: "s3.bucket",
        facts: json!({ "name": "logs", "bucket_region": "eu-west-1", "tags": { "Owner": "web" } }),
        reads: &[],
        sent: &[],
    };
    let add = case("tags.add", json!({ "Env": "prod" })).change();
    let remove = Change {
        id: "item-2".to_owned(),
        ..case("tags.remove", json!({ "Owner": "web" })).change()
    };
    let fake = Fake::new(|request| {
        if request.has("tagging") {
            let tag = "<Tag><Key>Owner</Key><Value>web</Value></Tag>";
            return ok(&format!("<Tagging><TagSet>{tag}</TagSet></Tagging>"));
        }
        request.has("/v20180820/tags/").then(|| (204, String::new()))
    });
    let writer = writer(&fake, &[add.clone(), remove.clone()]).await;
    assert_eq!(
        Value::from(writer.present(&remove).await.unwrap().state),
        json!({ "tags": { "Owner": "web" } })
    );
    assert_eq!(writer.present(&add).await.unwrap().state, add.before);
    assert!(!add.action.spec().has_dry_run("s3.bucket"));
    assert_eq!(writer.carry_out(&add, true).await.unwrap_err().kind, WriteErrorKind::Refused);
    writer.carry_out(&add, false).await.unwrap();
    writer.carry_out(&remove, false).await.unwrap();
    let [tag, untag] = fake.requests("/v20180820/tags/").try_into().unwrap();
    assert!(tag.has("111122223333.s3-control.eu-west-1."), "{}", tag.uri);
    assert!(tag.has("arn%3Aaws%3As3%3A%3A%3Alogs"), "{}", tag.uri);
    assert!(tag.has("<Tag><Key>Env</Key><Value>prod</Value></Tag>") && !tag.has("Owner"));
    assert!(untag.has("?tagKeys=Owner") && untag.body.is_empty(), "{}", untag.uri);
}

#[tokio::test]
async fn flow_logs_that_aws_could_not_create_are_errors_unless_they_exist() {
    let change = flow_log().change();
    let answer = |inside: &'static str| {
        let change = change.clone();
        async move {
            let fake = Fake::new(move |request| {
                request.has("Action=CreateFlowLogs").then(|| ec2("CreateFlowLogs", inside, None))?
            });
            writer(&fake, std::slice::from_ref(&change)).await.carry_out(&change, false).await
        }
    };
    let created = answer("<flowLogIdSet><item>fl-1</item></flowLogIdSet><unsuccessful/>").await;
    assert_eq!(created.unwrap().created.as_deref(), Some("fl-1"));
    let exists = answer(
        "<unsuccessful><item><resourceId>vpc-1</resourceId><error><code>FlowLogAlreadyExists</code><message>m</message></error></item></unsuccessful>",
    );
    let Sent { created, .. } = exists.await.unwrap();
    assert_eq!(created, None);
    let denied = answer(
        "<unsuccessful><item><resourceId>vpc-1</resourceId><error><code>Access Denied for LogDestination</code><message>m</message></error></item></unsuccessful>",
    );
    let error = denied.await.unwrap_err();
    assert_eq!(error.kind, WriteErrorKind::Refused);
    assert_eq!(error.cause.message, "m");
}

/// A lifecycle configuration with everything that the SDK knows.
const LIFECYCLE: &str = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <Rule><ID>a</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
    <ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>\
    <Status>Enabled</Status><Expiration><Days>400</Days></Expiration>\
    <Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>\
    <NoncurrentVersionTransition><NoncurrentDays>3</NoncurrentDays><StorageClass>GLACIER</StorageClass>\
    <NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionTransition>\
    <NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>\
    </Rule>\
    <Rule><ID>b</ID><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Disabled</Status>\
    <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>\
    <Rule><ID>c</ID><Prefix>old/</Prefix><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>\
    <Transition><Date>2029-01-01T00:00:00Z</Date><StorageClass>STANDARD_IA</StorageClass></Transition></Rule>\
    <Rule><ID>d</ID><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>\
    <Rule><ID>e</ID><Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>\
    <Rule><ID>f</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>\
    </LifecycleConfiguration>";

/// The elements of a document, each with its path, sorted.
fn elements(document: &str) -> Vec<String> {
    let (mut open, mut all) = (Vec::<String>::new(), Vec::new());
    for piece in document.split('<').skip(1).filter(|piece| !piece.starts_with('?')) {
        let (tag, text) = piece.split_once('>').unwrap();
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        open.push(tag.split(' ').next().unwrap().to_owned());
        all.push(format!("{}={text}", open.join("/")));
    }
    all.sort();
    all
}

#[tokio::test]
async fn a_configuration_that_is_written_as_a_whole_keeps_all_that_it_had() {
    let abort = Case {
        action: "s3.bucket.abort_incomplete_uploads",
        parameters: json!({ "days_after_initiation": 7 }),
        kind: "s3.bucket",
        facts: json!({ "name": "logs", "bucket_region": "eu-west-1", "lifecycle": null, "versioning": {} }),
        reads: &[],
        sent: &[],
    };
    let fake = Fake::new(|request| {
        let is_put = !request.body.is_empty();
        match request.has("?lifecycle") {
            true if is_put => ok(""),
            true => ok(LIFECYCLE),
            false => request.has("?versioning").then(|| ok("<VersioningConfiguration/>"))?,
        }
    });
    let mut change = abort.change();
    // Planned for what the bucket has.
    let reader = writer(&fake, std::slice::from_ref(&change)).await;
    let present = reader.present(&change).await.unwrap();
    let resource = |lifecycle: &Value| {
        let facts = json!({ "name": "logs", "bucket_region": "eu-west-1", "lifecycle": lifecycle, "versioning": {} });
        resource("s3.bucket", &facts)
    };
    let (account, partition) = (change.account.clone(), change.partition.clone());
    let of = |resource: &Resource| {
        let scene =
            Scene { account: &account, partition: &partition, resource, related: &|_| Vec::new() };
        change.action.state_after(&scene).unwrap()
    };
    let after = of(&resource(&present.state["lifecycle"]));
    change.before = present.state;
    change.after = after;
    let writer = writer(&fake, std::slice::from_ref(&change)).await;
    writer.carry_out(&change, false).await.unwrap();
    let [.., put] = &fake.requests("?lifecycle")[..] else { panic!("nothing was sent") };
    let mut added = elements(&put.body);
    for element in elements(LIFECYCLE) {
        let at = added.iter().position(|one| *one == element);
        added.remove(at.unwrap_or_else(|| panic!("{element} was lost: {}", put.body)));
    }
    let added = added.join(" ");
    assert!(added.contains("AbortIncompleteMultipartUpload/DaysAfterInitiation=7"), "{added}");
    assert_eq!(added.split(' ').filter(|one| one.ends_with("/Rule=")).count(), 1, "{added}");
}

#[tokio::test]
async fn a_configuration_with_an_unknown_element_is_not_written_again() {
    let case = |action, parameters, facts| Case {
        action,
        parameters,
        kind: "s3.bucket",
        facts,
        reads: &[],
        sent: &[],
    };
    let bucket = json!({ "name": "logs", "bucket_region": "eu-west-1", "lifecycle": null, "versioning": {} });
    let cases = [
        (
            case(
                "s3.bucket.abort_incomplete_uploads",
                json!({ "days_after_initiation": 7 }),
                bucket.clone(),
            ),
            "?lifecycle",
            "<LifecycleConfiguration><Rule><ID>a</ID><Filter/><Status>Enabled</Status><Notify>all</Notify></Rule></LifecycleConfiguration>",
            "`Rule` contains `Notify`",
        ),
        (
            case("s3.bucket.set_versioning", json!({ "status": "Enabled" }), bucket.clone()),
            "?versioning",
            "<VersioningConfiguration><Retention>1</Retention></VersioningConfiguration>",
            "`VersioningConfiguration` contains `Retention`",
        ),
    ];
    for (case, call, answer, said) in cases {
        let change = case.change();
        let fake = Fake::new(move |request| match request.has(call) {
            true => ok(answer),
            false => request.has("?versioning").then(|| ok("<VersioningConfiguration/>"))?,
        });
        let writer = writer(&fake, std::slice::from_ref(&change)).await;
        let cause = writer.present(&change).await.unwrap_err();
        assert!(cause.message.contains(said), "{cause:?}");
        assert_eq!(fake.requests(call).len(), 1, "a retry would not help");
    }

    // What is only read may have more.
    let change =
        case("s3.bucket.abort_incomplete_uploads", json!({ "days_after_initiation": 7 }), bucket);
    let change = change.change();
    let fake = Fake::new(|request| {
        let none = "<Error><Code>NoSuchLifecycleConfiguration</Code><Message>m</Message></Error>";
        match request.has("?versioning") {
            true => {
                ok("<VersioningConfiguration><Retention>1</Retention></VersioningConfiguration>")
            }
            false => request.has("?lifecycle").then(|| (404, none.to_owned())),
        }
    });
    let writer = writer(&fake, std::slice::from_ref(&change)).await;
    assert_eq!(writer.present(&change).await.unwrap().state, change.before);
}

#[tokio::test]
async fn tags_are_read_for_every_kind_that_has_them() {
    let volume = cases().into_iter().find(|case| case.action == "tags.add").unwrap().change();
    let facts = json!({ "name": "logs", "bucket_region": "eu-west-1", "lifecycle": null, "versioning": {} });
    let bucket = Case {
        action: "s3.bucket.abort_incomplete_uploads",
        parameters: json!({ "days_after_initiation": 7 }),
        kind: "s3.bucket",
        facts,
        reads: &[],
        sent: &[],
    };
    let bucket = Change { id: "item-2".to_owned(), ..bucket.change() };
    let fake = Fake::new(|request| {
        if request.has("?tagging") {
            let tag = "<Tag><Key>Hold</Key><Value>yes</Value></Tag>";
            return ok(&format!("<Tagging><TagSet>{tag}</TagSet></Tagging>"));
        }
        let volumes = "<volumeSet><item><volumeId>vol-1</volumeId><tagSet><item><key>Hold</key><value>no</value></item></tagSet></item></volumeSet>";
        request.has("Action=DescribeVolumes").then(|| ec2("DescribeVolumes", volumes, None))?
    });
    let writer = writer(&fake, &[volume.clone(), bucket.clone()]).await;
    assert_eq!(Value::from(writer.tags_of(&volume).await.unwrap()), json!({ "Hold": "no" }));
    assert_eq!(Value::from(writer.tags_of(&bucket).await.unwrap()), json!({ "Hold": "yes" }));
}

#[tokio::test]
async fn no_session_allows_what_is_only_looked_at() {
    let changes: Vec<Change> = ["a", "b"]
        .map(|id| {
            let case = cases().into_iter().find(|case| case.action == "tags.add").unwrap();
            Change { id: id.to_owned(), resource: format!("vol-{id}"), ..case.change() }
        })
        .into();
    let fake = Fake::new(|request| {
        let created = || ec2("CreateTags", "<return>true</return>", None);
        request.has("Action=CreateTags").then(created)?
    });
    let writer = writer_but(&fake, &changes, &["b"]).await;
    writer.carry_out(&changes[0], false).await.unwrap();
    let policies: Vec<_> = fake.requests("Action=AssumeRole");
    let policy = policies.last().and_then(|request| request.parameter("Policy")).unwrap();
    assert!(policy.contains("vol-a") && !policy.contains("vol-b"), "{policy}");
    let refused = writer.carry_out(&changes[1], false).await.unwrap_err();
    assert_eq!(refused.kind, WriteErrorKind::Refused);
    assert_eq!(fake.requests("Action=CreateTags").len(), 1);
}
