"""Another account, with resources of every kind that moto supports. Values differ from the defaults wherever moto stores them."""

import base64
import datetime
import json

from seed import DEFENSES, IRELAND, VIRGINIA

MIRROR = "444455556666"
OTHER = "555566667777"
TAGS = [{"Key": "Name", "Value": "n"}, {"Key": "team: a/b", "Value": "é x"}, {"Key": "empty", "Value": ""}]
# Long enough to search for, and not part of any other word.
SECRET = "hunter2-do-not-keep-4711"


def tagged(resource):
    return [{"ResourceType": resource, "Tags": TAGS}]


def policy(resource, principal="*", action="s3:GetObject"):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# --- S3 ---


def seed_s3(account):
    s3 = account.client("s3", IRELAND)
    control = account.client("s3control", IRELAND)
    where = {"CreateBucketConfiguration": {"LocationConstraint": IRELAND}}
    control.put_public_access_block(
        AccountId=account.id, PublicAccessBlockConfiguration={name: name != "IgnorePublicAcls" for name in DEFENSES}
    )
    account.client("organizations", "us-east-1").create_organization(FeatureSet="ALL")
    s3.create_bucket(Bucket="kinds-plain", **where)
    s3.create_bucket(Bucket="kinds-locked", ObjectLockEnabledForBucket=True, **where)
    s3.put_object_lock_configuration(
        Bucket="kinds-locked",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}},
        },
    )
    s3.put_bucket_ownership_controls(
        Bucket="kinds-locked", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    name = "kinds-full"
    s3.create_bucket(Bucket=name, **where)
    # moto adds access logs; the first object is always in the sample.
    s3.put_object(Bucket=name, Key="a.txt", Body=b"open", ACL="public-read")
    s3.put_object(Bucket=name, Key="b.txt", Body=b"closed")
    s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "Enabled"})
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    s3.put_bucket_cors(
        Bucket=name,
        CORSConfiguration={
            "CORSRules": [
                {
                    "AllowedHeaders": ["Authorization", "x-*"],
                    "AllowedMethods": ["GET", "PUT"],
                    "AllowedOrigins": ["https://a.example", "*"],
                    "ExposeHeaders": ["ETag"],
                    "MaxAgeSeconds": 3000,
                },
                {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["https://b.example"]},
            ]
        },
    )
    key = f"arn:aws:kms:{IRELAND}:{account.id}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )
    for inventory, enabled in [("first", True), ("second", False)]:
        s3.put_bucket_inventory_configuration(
            Bucket=name,
            Id=inventory,
            InventoryConfiguration={
                "Id": inventory,
                "IsEnabled": enabled,
                "IncludedObjectVersions": "All",
                "Schedule": {"Frequency": "Weekly"},
                "Filter": {"Prefix": "logs/"},
                "OptionalFields": ["Size", "EncryptionStatus"],
                "Destination": {
                    "S3BucketDestination": {
                        "AccountId": account.id,
                        "Bucket": "arn:aws:s3:::kinds-plain",
                        "Format": "CSV",
                        "Prefix": "inventory",
                    }
                },
            },
        )
    s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "one",
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "k", "Value": "v"}]}},
                    "Expiration": {"Days": 30},
                    "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 40},
                    "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "DEEP_ARCHIVE"}],
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
                {
                    "ID": "two",
                    "Status": "Disabled",
                    "Filter": {"Prefix": "old/"},
                    "Expiration": {"Date": datetime.datetime(2030, 1, 2)},
                },
            ]
        },
    )
    s3.put_bucket_acl(Bucket="kinds-plain", ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "kinds-plain", "TargetPrefix": "l/"}}
    )
    topic = account.client("sns", IRELAND).create_topic(Name="kinds")["TopicArn"]
    account.client("sqs", IRELAND).create_queue(QueueName="kinds")
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "TopicConfigurations": [{"Id": "t", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}],
            "QueueConfigurations": [
                {
                    "Id": "q",
                    "QueueArn": f"arn:aws:sqs:{IRELAND}:{account.id}:kinds",
                    "Events": ["s3:ObjectRemoved:Delete", "s3:ObjectCreated:Put"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]}},
                }
            ],
            "EventBridgeConfiguration": {},
        },
    )
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    s3.put_bucket_policy(Bucket=name, Policy=policy(f"arn:aws:s3:::{name}/*"))
    s3.put_bucket_policy(Bucket="kinds-plain", Policy=policy("arn:aws:s3:::kinds-plain", OTHER, "s3:ListBucket"))
    s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration={flag: flag == "BlockPublicPolicy" for flag in DEFENSES}
    )
    for bucket in (name, "kinds-plain"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(
        Bucket=name,
        ReplicationConfiguration={
            "Role": f"arn:aws:iam::{account.id}:role/replicate",
            "Rules": [
                {
                    "ID": "r",
                    "Status": "Enabled",
                    "Priority": 3,
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Filter": {"Prefix": "r/"},
                    "Destination": {"Bucket": "arn:aws:s3:::kinds-plain", "Account": OTHER, "StorageClass": "STANDARD_IA"},
                }
            ],
        },
    )
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAGS})
    s3.put_bucket_website(
        Bucket=name,
        WebsiteConfiguration={
            "IndexDocument": {"Suffix": "i.html"},
            "ErrorDocument": {"Key": "e.html"},
            "RoutingRules": [
                {
                    "Condition": {"KeyPrefixEquals": "a/"},
                    "Redirect": {"HostName": "c.example", "Protocol": "https", "ReplaceKeyPrefixWith": "b/"},
                }
            ],
        },
    )

    control.create_access_point(AccountId=account.id, Name="open", Bucket=name)
    control.create_access_point(
        AccountId=account.id,
        Name="inside",
        Bucket=name,
        VpcConfiguration={"VpcId": "vpc-1234567890abcdef0"},
        PublicAccessBlockConfiguration={flag: flag != "BlockPublicPolicy" for flag in DEFENSES},
    )
    control.put_access_point_policy(
        AccountId=account.id, Name="open", Policy=policy(f"arn:aws:s3:{IRELAND}:{account.id}:accesspoint/open/object/*")
    )
    far = account.client("s3control", "us-west-2")
    far.create_multi_region_access_point(
        AccountId=account.id,
        ClientToken="t",
        Details={
            "Name": "mrap",
            "Regions": [{"Bucket": name}, {"Bucket": "kinds-plain"}],
            "PublicAccessBlock": {flag: flag == "BlockPublicAcls" for flag in DEFENSES},
        },
    )
    far.put_multi_region_access_point_policy(
        AccountId=account.id,
        ClientToken="u",
        Details={"Name": "mrap", "Policy": policy("arn:aws:s3::444455556666:accesspoint/mrap/object/*", OTHER)},
    )
    control.put_storage_lens_configuration(
        AccountId=account.id,
        ConfigId="lens",
        StorageLensConfiguration={
            "Id": "lens",
            "IsEnabled": True,
            "AccountLevel": {
                "ActivityMetrics": {"IsEnabled": True},
                "BucketLevel": {"ActivityMetrics": {"IsEnabled": True}},
            },
            "Exclude": {"Regions": ["eu-north-1"]},
            "DataExport": {
                "S3BucketDestination": {
                    "Format": "CSV",
                    "OutputSchemaVersion": "V_1",
                    "AccountId": account.id,
                    "Arn": "arn:aws:s3:::kinds-plain",
                    "Prefix": "lens",
                }
            },
        },
    )


# --- EC2 ---


def seed_ec2(account):
    ec2 = account.client("ec2", IRELAND)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", AmazonProvidedIpv6CidrBlock=True, TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.8.0.0/16")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    # A client without its own subnet sees the VPC's defaults.
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=zone, TagSpecifications=tagged("subnet")
        )["Subnet"]["SubnetId"]
        for number, zone in [(1, "eu-west-1a"), (2, "eu-west-1b")]
    ]
    ec2.modify_subnet_attribute(SubnetId=subnets[0], MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_egress_only_internet_gateway(VpcId=vpc, TagSpecifications=tagged("egress-only-internet-gateway"))
    ec2.create_carrier_gateway(VpcId=vpc, TagSpecifications=tagged("carrier-gateway"))
    options = ec2.create_dhcp_options(
        DhcpConfigurations=[
            {"Key": "domain-name", "Values": ["corp.example"]},
            {"Key": "domain-name-servers", "Values": ["10.7.0.2", "10.7.0.3"]},
        ],
        TagSpecifications=tagged("dhcp-options"),
    )["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)

    prefixes = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "203.0.113.0/24", "Description": "a"}, {"Cidr": "0.0.0.0/0"}],
        TagSpecifications=tagged("prefix-list"),
    )["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(
        GroupName="kinds", Description="all forms of rules", VpcId=vpc, TagSpecifications=tagged("security-group")
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 23,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "world"}, {"CidrIp": "10.0.0.0/8"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "world"}],
            },
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "PrefixListIds": [{"PrefixListId": prefixes, "Description": "o"}]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group, "Description": "each other"}]},
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
        ],
    )
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table"))["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl"))["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=100, Protocol="6", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0",
        PortRange={"From": 22, "To": 22},
    )
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=110, Protocol="1", RuleAction="deny", Egress=True, CidrBlock="10.0.0.0/8",
        IcmpTypeCode={"Type": 8, "Code": -1},
    )
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address, TagSpecifications=tagged("natgateway"))
    ec2.create_nat_gateway(SubnetId=subnets[1], ConnectivityType="private")
    interface = ec2.create_network_interface(
        SubnetId=subnets[0], Groups=[group], Description="spare", PrivateIpAddress="10.7.1.50",
        TagSpecifications=tagged("network-interface"),
    )["NetworkInterface"]["NetworkInterfaceId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})
    second = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=second, NetworkInterfaceId=interface)
    ec2.create_key_pair(KeyName="kinds", KeyType="rsa", TagSpecifications=tagged("key-pair"))

    account.client("s3", IRELAND).create_bucket(
        Bucket="kinds-flow-logs", CreateBucketConfiguration={"LocationConstraint": IRELAND}
    )
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="REJECT", LogDestinationType="s3",
        LogDestination="arn:aws:s3:::kinds-flow-logs", LogFormat="${srcaddr} ${dstaddr}", MaxAggregationInterval=60,
        TagSpecifications=tagged("vpc-flow-log"),
    )
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{IRELAND}.s3", VpcEndpointType="Gateway", RouteTableIds=[table],
        PolicyDocument=policy("*"), TagSpecifications=tagged("vpc-endpoint"),
    )
    assert endpoint
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{IRELAND}.ec2", VpcEndpointType="Interface", SubnetIds=[subnets[1]],
        SecurityGroupIds=[group], PrivateDnsEnabled=True,
    )
    balancer = account.client("elbv2", IRELAND).create_load_balancer(Name="kinds", Type="network", Subnets=subnets)
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    service = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer], AcceptanceRequired=True, TagSpecifications=tagged("vpc-endpoint-service"),
    )["ServiceConfiguration"]["ServiceId"]
    ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service, AddAllowedPrincipals=["*", f"arn:aws:iam::{OTHER}:root"]
    )
    peer = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(
        VpcId=vpc, PeerVpcId=peer, TagSpecifications=tagged("vpc-peering-connection")
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=peering, RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True}
    )
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId=peering)
    seed_transit(ec2, vpc, subnets)
    seed_mirroring(ec2, interface, balancer)
    seed_compute(account, ec2, subnets, group)
    ec2.enable_ebs_encryption_by_default()


def seed_transit(ec2, vpc, subnets):
    transit = ec2.create_transit_gateway(
        Description="hub",
        Options={
            "AmazonSideAsn": 64999,
            "AutoAcceptSharedAttachments": "enable",
            "DefaultRouteTableAssociation": "disable",
            "DefaultRouteTablePropagation": "disable",
            "DnsSupport": "disable",
        },
        TagSpecifications=tagged("transit-gateway"),
    )["TransitGateway"]["TransitGatewayId"]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=transit, VpcId=vpc, SubnetIds=subnets[:1], TagSpecifications=tagged("transit-gateway-attachment"),
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    table = ec2.create_transit_gateway_route_table(
        TransitGatewayId=transit, TagSpecifications=tagged("transit-gateway-route-table")
    )["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    ec2.associate_transit_gateway_route_table(TransitGatewayAttachmentId=attachment, TransitGatewayRouteTableId=table)
    ec2.create_transit_gateway_route(
        TransitGatewayRouteTableId=table, DestinationCidrBlock="0.0.0.0/0", TransitGatewayAttachmentId=attachment
    )
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="10.99.0.0/16", Blackhole=True)
    customer = ec2.create_customer_gateway(
        Type="ipsec.1", PublicIp="198.51.100.9", BgpAsn=65010, TagSpecifications=tagged("customer-gateway")
    )["CustomerGateway"]["CustomerGatewayId"]
    gateway = ec2.create_vpn_gateway(
        Type="ipsec.1", AmazonSideAsn=65011, TagSpecifications=tagged("vpn-gateway")
    )["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    ec2.create_vpn_connection(
        Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway,
        Options={"StaticRoutesOnly": True}, TagSpecifications=tagged("vpn-connection"),
    )


def seed_mirroring(ec2, interface, balancer):
    spec = tagged("traffic-mirror-filter")
    mirror_filter = ec2.create_traffic_mirror_filter(Description="f", TagSpecifications=spec)
    mirror_filter = mirror_filter["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    target = ec2.create_traffic_mirror_target(
        NetworkLoadBalancerArn=balancer, Description="t", TagSpecifications=tagged("traffic-mirror-target")
    )["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    ec2.create_traffic_mirror_session(
        NetworkInterfaceId=interface, TrafficMirrorTargetId=target, TrafficMirrorFilterId=mirror_filter, SessionNumber=7,
        PacketLength=100, VirtualNetworkId=9, Description="s", TagSpecifications=tagged("traffic-mirror-session"),
    )


def seed_compute(account, ec2, subnets, group):
    image = ec2.register_image(
        Name="kinds", Description="d", Architecture="arm64", RootDeviceName="/dev/sda1", VirtualizationType="hvm"
    )["ImageId"]
    ec2.create_tags(Resources=[image], Tags=TAGS)
    iam = account.client("iam", VIRGINIA)
    iam.create_instance_profile(InstanceProfileName="kinds")
    profile = {"Name": "kinds"}
    secret = f"#!/bin/sh\nexport DB_PASSWORD={SECRET}\n"
    instance = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", KeyName="kinds", SubnetId=subnets[0],
        SecurityGroupIds=[group], UserData=secret, DisableApiTermination=True, EbsOptimized=True,
        Monitoring={"Enabled": True}, IamInstanceProfile=profile,
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 9, "Encrypted": True, "DeleteOnTermination": False}}],
        TagSpecifications=tagged("instance"),
    )["Instances"][0]["InstanceId"]
    plain = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="m5.large", SubnetId=subnets[1])
    ec2.stop_instances(InstanceIds=[plain["Instances"][0]["InstanceId"]])
    volume = ec2.create_volume(
        AvailabilityZone="eu-west-1a", Size=11, VolumeType="io1", Iops=400, Encrypted=True, TagSpecifications=tagged("volume")
    )["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="weekly", TagSpecifications=tagged("snapshot"))["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", UserIds=[OTHER]
    )
    public = ec2.create_snapshot(VolumeId=volume, Description="public")["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=public, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    copy = ec2.create_image(InstanceId=instance, Name="copy", Description="of an instance", NoReboot=True)["ImageId"]
    ec2.modify_image_attribute(ImageId=copy, LaunchPermission={"Add": [{"UserId": OTHER}]})
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})

    encoded = base64.b64encode(secret.encode()).decode()
    template = ec2.create_launch_template(
        LaunchTemplateName="kinds", VersionDescription="one", TagSpecifications=tagged("launch-template"),
        LaunchTemplateData={
            "ImageId": image, "InstanceType": "t3.micro", "KeyName": "kinds", "UserData": encoded,
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 3},
            "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [group], "SubnetId": subnets[0]}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"Encrypted": True, "VolumeSize": 12}}],
            "TagSpecifications": [{"ResourceType": "instance", "Tags": TAGS}],
            "DisableApiTermination": True,
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_launch_template_version(
        LaunchTemplateId=template, VersionDescription="two", LaunchTemplateData={"ImageId": image, "InstanceType": "m5.large"}
    )
    ec2.create_fleet(
        Type="maintain",
        LaunchTemplateConfigs=[
            {
                "LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"},
                "Overrides": [{"InstanceType": "t3.nano", "WeightedCapacity": 2}],
            }
        ],
        TargetCapacitySpecification={"TotalTargetCapacity": 1, "OnDemandTargetCapacity": 1, "SpotTargetCapacity": 0, "DefaultTargetCapacityType": "on-demand"},
        TagSpecifications=tagged("fleet"),
    )
    ec2.request_spot_fleet(
        SpotFleetRequestConfig={
            "IamFleetRole": f"arn:aws:iam::{account.id}:role/fleet", "TargetCapacity": 1, "SpotPrice": "0.12",
            "AllocationStrategy": "lowestPrice",
            "LaunchSpecifications": [
                {"ImageId": image, "InstanceType": "t2.small", "SubnetId": subnets[0], "KeyName": "kinds", "UserData": encoded,
                 "SecurityGroups": [{"GroupId": group}], "EbsOptimized": True}
            ],
        }
    )
