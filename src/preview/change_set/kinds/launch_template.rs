//! `ec2.launch_template`. Every change of the data makes a new version; CloudFormation cannot make that
//! the default one.

use super::instance::image;
use super::spec::Spec;
use crate::facts::ec2::launch_template::KIND;
use crate::preview::change_set::converter::{
    Change, Converter, converted, flag, list_of_tags, number, text,
};
use crate::preview::common::user_data;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] =
    &[Spec::new("AWS::EC2::LaunchTemplate", "ec2.launch_template", template).with(&[
        "LaunchTemplateData",
        "LaunchTemplateName",
        "TagSpecifications",
        "VersionDescription",
    ])];

const DATA: &str = "LaunchTemplateData";

fn template(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let generated = Tree::Unknown(Why::Apply);
    cx.put(&mut tree, ("LaunchTemplateName", "launch_template_name"), generated, text);
    tags(cx, &mut tree);
    if cx.is_created() {
        let version = |is_default: bool| {
            Tree::object([
                ("launch_template_id", id.0.as_str().into()),
                ("version_number", Some(1).into()),
                ("version_description", text(cx.get("VersionDescription"))),
                ("default_version", is_default.into()),
                ("launch_template_data", converted(cx.get(DATA), data)),
            ])
        };
        tree.add(Tree::object([
            ("launch_template_id", id.0.as_str().into()),
            ("default_version_number", Some(1).into()),
            ("latest_version_number", Some(1).into()),
            ("operator", ABSENT),
            // The only version is both.
            ("default_version", version(true)),
            ("latest_version", version(true)),
        ]));
    } else {
        let version = match cx.change(DATA) {
            Change::Set(block) => Some(Tree::object([
                ("version_number", Tree::Unknown(Why::Apply)),
                ("version_description", Tree::Unknown(Why::Apply)),
                ("default_version", false.into()),
                ("launch_template_data", converted(block, data)),
            ])),
            Change::Removed => Some(Tree::Unknown(Why::Apply)),
            // Whether another description makes a version is not documented.
            _ if !matches!(cx.change("VersionDescription"), Change::None) => {
                Some(Tree::Unknown(Why::Apply))
            }
            _ => None,
        };
        if let Some(version) = version {
            tree.add(Tree::object([
                ("latest_version_number", Tree::Unknown(Why::Apply)),
                ("latest_version", version),
            ]));
        }
    }
    cx.declare(&KIND, id, tree);
}

/// Its own tags. What an update does with them, and with the tags of the stack, is not documented.
fn tags(cx: &Converter<'_>, tree: &mut Tree) {
    let changes = cx.resource.changes_tags
        || !matches!(cx.change("TagSpecifications"), Change::None)
        || cx.is_created();
    if cx.is_after && changes {
        tree.add(Tree::object([("tags", Tree::Unknown(Why::Apply))]));
    }
}

/// The settings in a version. What is not set is not in the version.
fn data(data: Attribute<'_>) -> Tree {
    let get = |name: &str| data.get(name);
    let blocks = |name: &str, make: fn(Attribute<'_>) -> Tree| match get(name).items() {
        Ok(blocks) => Tree::List(blocks.into_iter().map(make).collect()),
        Err(why) => Tree::Unknown(why),
    };
    let user_data = match get("UserData") {
        value if value.is_empty() => user_data::none(),
        value => match converted(value, |_| user_data::not_inspected(Why::NotConverted)) {
            Tree::Unknown(why) => user_data::unknown(why),
            known => known,
        },
    };
    Tree::object([
        ("image_id", image(get("ImageId"))),
        ("instance_type", text(get("InstanceType"))),
        ("key_name", text(get("KeyName"))),
        ("iam_instance_profile", block(get("IamInstanceProfile"), PROFILE)),
        ("metadata_options", block(get("MetadataOptions"), OPTIONS)),
        ("network_interfaces", blocks("NetworkInterfaces", interface)),
        ("security_group_ids", get("SecurityGroupIds").texts()),
        ("security_groups", get("SecurityGroups").texts()),
        ("block_device_mappings", blocks("BlockDeviceMappings", device)),
        ("ebs_optimized", flag(get("EbsOptimized")).into()),
        ("user_data", user_data),
        ("monitoring", block(get("Monitoring"), ENABLED)),
        ("placement", block(get("Placement"), PLACEMENT)),
        ("disable_api_termination", flag(get("DisableApiTermination")).into()),
        ("disable_api_stop", flag(get("DisableApiStop")).into()),
        ("instance_initiated_shutdown_behavior", text(get("InstanceInitiatedShutdownBehavior"))),
        ("instance_market_options", not_converted(get("InstanceMarketOptions"))),
        ("credit_specification", block(get("CreditSpecification"), CREDITS)),
        ("enclave_options", block(get("EnclaveOptions"), ENABLED)),
        ("hibernation_options", block(get("HibernationOptions"), HIBERNATION)),
        ("maintenance_options", not_converted(get("MaintenanceOptions"))),
        ("tag_specifications", blocks("TagSpecifications", tag_specification)),
    ])
}

/// A property of a block, the field for it, and how its value is read.
type Field = (&'static str, &'static str, fn(Attribute<'_>) -> Tree);

const PROFILE: &[Field] = &[("Arn", "arn", text), ("Name", "name", text)];
const OPTIONS: &[Field] = &[
    ("HttpTokens", "http_tokens", text),
    ("HttpEndpoint", "http_endpoint", text),
    ("HttpPutResponseHopLimit", "http_put_response_hop_limit", number),
    ("HttpProtocolIpv6", "http_protocol_ipv6", text),
    ("InstanceMetadataTags", "instance_metadata_tags", text),
];
const ENABLED: &[Field] = &[("Enabled", "enabled", flag_of)];
const PLACEMENT: &[Field] = &[
    ("AvailabilityZone", "availability_zone", text),
    ("GroupName", "group_name", text),
    ("Tenancy", "tenancy", text),
    ("HostId", "host_id", text),
];
const CREDITS: &[Field] = &[("CpuCredits", "cpu_credits", text)];
const HIBERNATION: &[Field] = &[("Configured", "configured", flag_of)];
const EBS: &[Field] = &[
    ("Encrypted", "encrypted", flag_of),
    ("KmsKeyId", "kms_key_id", text),
    ("SnapshotId", "snapshot_id", text),
    ("VolumeSize", "volume_size", number),
    ("VolumeType", "volume_type", text),
    ("Iops", "iops", number),
    ("Throughput", "throughput", number),
    ("DeleteOnTermination", "delete_on_termination", flag_of),
];
const INTERFACE: &[Field] = &[
    ("DeviceIndex", "device_index", number),
    ("AssociatePublicIpAddress", "associate_public_ip_address", flag_of),
    ("AssociateCarrierIpAddress", "associate_carrier_ip_address", flag_of),
    ("InterfaceType", "interface_type", text),
    ("NetworkInterfaceId", "network_interface_id", text),
    ("SubnetId", "subnet_id", text),
    ("Ipv6AddressCount", "ipv6_address_count", number),
    ("DeleteOnTermination", "delete_on_termination", flag_of),
];

fn flag_of(value: Attribute<'_>) -> Tree {
    flag(value).into()
}

fn fields_of(block: Attribute<'_>, fields: &[Field]) -> Tree {
    let field = |(property, field, make): &Field| ((*field).to_owned(), make(block.get(property)));
    Tree::Object(fields.iter().map(field).collect())
}

/// A block; absent if it is not set. What an empty one sets is not documented.
fn block(value: Attribute<'_>, fields: &[Field]) -> Tree {
    match value.why() {
        Some(why) => Tree::Unknown(why),
        None if value.raw().is_null() => ABSENT,
        None if value.is_empty() => Tree::Unknown(Why::Apply),
        None => fields_of(value, fields),
    }
}

fn not_converted(value: Attribute<'_>) -> Tree {
    if value.is_empty() { ABSENT } else { Tree::Unknown(Why::NotConverted) }
}

fn interface(interface: Attribute<'_>) -> Tree {
    if let Some(why) = interface.why() {
        return Tree::Unknown(why);
    }
    let mut tree = fields_of(interface, INTERFACE);
    tree.add(Tree::object([("groups", interface.get("Groups").texts())]));
    tree
}

fn device(mapping: Attribute<'_>) -> Tree {
    if let Some(why) = mapping.why() {
        return Tree::Unknown(why);
    }
    Tree::object([
        ("device_name", text(mapping.get("DeviceName"))),
        ("virtual_name", text(mapping.get("VirtualName"))),
        ("ebs", block(mapping.get("Ebs"), EBS)),
    ])
}

fn tag_specification(specification: Attribute<'_>) -> Tree {
    Tree::object([
        ("resource_type", text(specification.get("ResourceType"))),
        ("tags", list_of_tags(specification.get("Tags")).unwrap_or(Tree::Unknown(Why::Apply))),
    ])
}
