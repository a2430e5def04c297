//! What CloudFormation makes of instances and launch templates.

use serde_json::{Value, json};

use crate::preview_change_set::{
    LATER, account, add, check, check_in, modify, remove, unknown, with,
};
use crate::preview_launch::{image, settings, subnet, template};

const INSTANCE: &str = "AWS::EC2::Instance";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";
const NEW: &str = "ec2.instance/web/One";
const OLD: &str = "ec2.instance/i-1";

fn new(properties: Value) -> Vec<Value> {
    vec![add(INSTANCE, properties)]
}

/// An account with an image, a launch template that sets `data`, a subnet and settings of the region.
fn launching(encrypts: bool, public: bool, data: Value) -> Vec<Value> {
    let mut all = account();
    all.retain(|one| !["subnet-1", "eu-west-1"].contains(&one["id"].as_str().unwrap()));
    let mut settings = settings(encrypts);
    settings["facts"]["instance_metadata_defaults"] = json!({ "http_tokens": "required", "http_endpoint": null, "http_put_response_hop_limit": null, "instance_metadata_tags": null });
    all.extend([image(&["/dev/xvda"]), template(data), subnet(public), settings]);
    all
}

#[test]
fn new_instances_are_what_the_template_says() {
    let options = |options: Value| new(json!({ "MetadataOptions": options }));
    let interface = |more: Value| {
        let interface = json!({ "DeviceIndex": "0", "SubnetId": "subnet-1", "GroupSet": ["sg-1"] });
        new(json!({ "NetworkInterfaces": [with(interface, more)] }))
    };
    check_in(
        &launching(false, false, json!({})),
        vec![
            (
                "tokens",
                options(json!({ "HttpTokens": "optional" })),
                NEW,
                "metadata_options.http_tokens",
                json!("optional"),
            ),
            (
                "hop limit",
                options(json!({ "HttpPutResponseHopLimit": "2" })),
                NEW,
                "metadata_options.http_put_response_hop_limit",
                json!(2),
            ),
            (
                "tokens of the region",
                options(json!({ "HttpPutResponseHopLimit": 2 })),
                NEW,
                "metadata_options.http_tokens",
                json!("required"),
            ),
            (
                "without options",
                new(json!({})),
                NEW,
                "metadata_options.http_tokens",
                json!("required"),
            ),
            (
                "options of a parameter",
                options(json!({ "HttpTokens": "{{resolve:ssm:/tokens}}" })),
                NEW,
                "metadata_options.http_tokens",
                unknown(),
            ),
            ("protected", new(json!({})), NEW, "disable_api_termination", json!(false)),
            (
                "monitored",
                new(json!({ "Monitoring": "true" })),
                NEW,
                "monitoring.state",
                json!("enabled"),
            ),
            ("not monitored", new(json!({})), NEW, "monitoring.state", json!("disabled")),
            ("no profile", new(json!({})), NEW, "iam_instance_profile", Value::Null),
            (
                "profile",
                new(json!({ "IamInstanceProfile": LATER })),
                NEW,
                "iam_instance_profile.arn",
                unknown(),
            ),
            ("no key", new(json!({})), NEW, "key_name", Value::Null),
            (
                "user data",
                new(json!({ "UserData": "IyE=" })),
                NEW,
                "user_data.present",
                json!(true),
            ),
            (
                "secret",
                new(json!({ "UserData": "IyE=" })),
                NEW,
                "user_data.looks_like_secret",
                unknown(),
            ),
            ("no user data", new(json!({})), NEW, "user_data.looks_like_secret", json!(false)),
            (
                "check",
                new(json!({ "SourceDestCheck": "false" })),
                NEW,
                "source_dest_check",
                json!(false),
            ),
            (
                "image of a parameter",
                new(json!({ "ImageId": "{{resolve:ssm:/ami}}" })),
                NEW,
                "image_id",
                unknown(),
            ),
            ("tags", new(json!({})), NEW, "tags.aws:cloudformation:stack-name", json!("web")),
            (
                "a property that is not known",
                new(json!({ "Later": 1 })),
                NEW,
                "key_name",
                "gone".into(),
            ),
            (
                "groups",
                new(json!({ "SecurityGroupIds": ["sg-1"] })),
                NEW,
                "security_groups.0.group_id",
                json!("sg-1"),
            ),
            (
                "name of a group",
                new(json!({ "SecurityGroupIds": ["sg-1"] })),
                NEW,
                "security_groups.0.group_name",
                json!("web"),
            ),
            (
                "a new group",
                new(json!({ "SecurityGroupIds": ["sg-1", LATER] })),
                NEW,
                "security_groups.1.group_id",
                unknown(),
            ),
            ("groups by default", new(json!({})), NEW, "security_groups", unknown()),
            (
                "groups by name",
                new(json!({ "SecurityGroups": ["web"] })),
                NEW,
                "security_groups",
                unknown(),
            ),
            (
                "address",
                new(json!({ "SubnetId": "subnet-1" })),
                NEW,
                "public_ip_address",
                Value::Null,
            ),
            ("VPC", new(json!({ "SubnetId": "subnet-1" })), NEW, "vpc_id", json!("vpc-1")),
            (
                "address in a new subnet",
                new(json!({ "SubnetId": LATER })),
                NEW,
                "public_ip_address",
                unknown(),
            ),
            ("address in any subnet", new(json!({})), NEW, "public_ip_address", unknown()),
            (
                "address of the interface",
                interface(json!({ "AssociatePublicIpAddress": "true" })),
                NEW,
                "public_ip_address",
                json!("(assigned at launch)"),
            ),
            ("interface without one", interface(json!({})), NEW, "public_ip_address", Value::Null),
            (
                "groups of the interface",
                interface(json!({})),
                NEW,
                "security_groups.0.group_id",
                json!("sg-1"),
            ),
            (
                "address of any interface",
                interface(json!({ "AssociatePublicIpAddress": LATER })),
                NEW,
                "public_ip_address",
                unknown(),
            ),
            (
                "an interface that exists",
                new(
                    json!({ "NetworkInterfaces": [{ "DeviceIndex": 0, "NetworkInterfaceId": "eni-1" }] }),
                ),
                NEW,
                "security_groups",
                unknown(),
            ),
            (
                "its check",
                new(
                    json!({ "NetworkInterfaces": [{ "DeviceIndex": 0, "NetworkInterfaceId": "eni-1" }] }),
                ),
                NEW,
                "source_dest_check",
                unknown(),
            ),
        ],
    );
    let in_public = vec![(
        "address of the subnet",
        new(json!({ "SubnetId": "subnet-1" })),
        NEW,
        "public_ip_address",
        json!("(assigned at launch)"),
    )];
    check_in(&launching(false, true, json!({})), in_public);
}

#[test]
fn volumes_of_new_instances_are_those_of_the_template_and_of_the_image() {
    let device = |name: &str, ebs: Value| {
        let mapping = with(json!({ "DeviceName": name }), ebs);
        new(json!({ "ImageId": "ami-1", "BlockDeviceMappings": [mapping] }))
    };
    let (root, more) = (
        r#"ec2.volume/web/One.ebs_block_device["/dev/xvda"]"#,
        r#"ec2.volume/web/One.ebs_block_device["/dev/sdf"]"#,
    );
    let size = |more: Value| json!({ "Ebs": with(json!({ "VolumeSize": 20 }), more) });
    let cases = |by_default: bool| {
        vec![
            ("image", new(json!({ "ImageId": "ami-1" })), root, "encrypted", json!(by_default)),
            ("size of the image", new(json!({ "ImageId": "ami-1" })), root, "size", json!(8)),
            ("another image", new(json!({ "ImageId": "ami-9" })), root, "size", "gone".into()),
            ("root", device("/dev/xvda", size(json!({}))), root, "size", json!(20)),
            (
                "root, by default",
                device("/dev/xvda", size(json!({}))),
                root,
                "encrypted",
                json!(by_default),
            ),
            (
                "encrypted",
                device("/dev/xvda", size(json!({ "Encrypted": "true" }))),
                root,
                "encrypted",
                json!(true),
            ),
            (
                "turned off",
                device("/dev/sdf", size(json!({ "Encrypted": false }))),
                more,
                "encrypted",
                json!(by_default),
            ),
            (
                "of a parameter",
                device("/dev/sdf", size(json!({ "Encrypted": LATER }))),
                more,
                "encrypted",
                unknown(),
            ),
            ("beside the root", device("/dev/sdf", size(json!({}))), root, "size", json!(8)),
            (
                "left out",
                device("/dev/xvda", json!({ "NoDevice": {} })),
                root,
                "size",
                "gone".into(),
            ),
            (
                "deleted with it",
                device("/dev/xvda", size(json!({}))),
                root,
                "attachments.0.delete_on_termination",
                json!(true),
            ),
            ("tags", device("/dev/sdf", size(json!({}))), more, "tags", json!({})),
        ]
    };
    check_in(&launching(false, false, json!({})), cases(false));
    check_in(&launching(true, false, json!({})), cases(true));
}

#[test]
fn launch_templates_say_what_instances_do_not() {
    let of = |version: &str, more: Value| {
        let template =
            json!({ "LaunchTemplate": { "LaunchTemplateId": "lt-1", "Version": version } });
        new(with(template, more))
    };
    let data = json!({
        "metadata_options": { "http_tokens": "optional" }, "key_name": "admin",
        "security_group_ids": ["sg-1"], "iam_instance_profile": { "arn": "arn:aws:iam::111122223333:instance-profile/web" },
    });
    let tokens = "metadata_options.http_tokens";
    check_in(
        &launching(false, false, data),
        vec![
            ("tokens", of("1", json!({})), NEW, tokens, json!("optional")),
            ("another version", of("2", json!({})), NEW, tokens, unknown()),
            ("a new version", of(LATER, json!({})), NEW, tokens, unknown()),
            (
                "overridden",
                of("1", json!({ "MetadataOptions": { "HttpTokens": "required" } })),
                NEW,
                tokens,
                json!("required"),
            ),
            ("key", of("1", json!({})), NEW, "key_name", json!("admin")),
            ("group", of("1", json!({})), NEW, "security_groups.0.group_id", json!("sg-1")),
            (
                "profile",
                of("1", json!({})),
                NEW,
                "iam_instance_profile.arn",
                json!("arn:aws:iam::111122223333:instance-profile/web"),
            ),
        ],
    );
}

#[test]
fn updates_of_instances_change_what_they_say() {
    let set = |before: Value, after: Value| vec![modify(INSTANCE, "i-1", before, after)];
    let groups = |ids: &[&str]| json!({ "SecurityGroupIds": ids });
    let tokens = |value: &str| json!({ "MetadataOptions": { "HttpTokens": value, "HttpPutResponseHopLimit": 1 } });
    let mut all = account();
    let instance = all.iter_mut().find(|one| one["id"] == json!("i-1")).unwrap();
    instance["facts"]["metadata_options"] = json!({ "http_tokens": "required", "http_endpoint": "enabled", "http_put_response_hop_limit": 3 });
    instance["facts"]["monitoring"] = json!({ "state": "disabled" });
    let maybe = |changes: Vec<Value>| {
        changes.into_iter().map(|one| with(one, json!({ "Replacement": "Conditional" }))).collect()
    };
    check_in(
        &all,
        vec![
            (
                "tokens",
                set(tokens("required"), tokens("optional")),
                OLD,
                "metadata_options.http_tokens",
                json!("optional"),
            ),
            (
                "set by hand",
                set(tokens("required"), tokens("optional")),
                OLD,
                "metadata_options.http_put_response_hop_limit",
                json!(3),
            ),
            (
                "left out",
                set(tokens("required"), json!({ "MetadataOptions": { "HttpTokens": "required" } })),
                OLD,
                "metadata_options.http_put_response_hop_limit",
                unknown(),
            ),
            ("removed", set(tokens("required"), json!({})), OLD, "metadata_options", unknown()),
            (
                "monitoring",
                set(json!({}), json!({ "Monitoring": true })),
                OLD,
                "monitoring.state",
                json!("enabled"),
            ),
            (
                "not changed",
                set(json!({}), json!({ "Monitoring": true })),
                OLD,
                "metadata_options.http_tokens",
                json!("required"),
            ),
            (
                "another group",
                set(groups(&["sg-1"]), groups(&["sg-2"])),
                OLD,
                "security_groups.0.group_id",
                json!("sg-2"),
            ),
            (
                "group of the interface",
                set(groups(&["sg-1"]), groups(&["sg-2"])),
                "ec2.network_interface/eni-1",
                "groups",
                unknown(),
            ),
            (
                "a new group",
                set(groups(&["sg-1"]), groups(&["sg-1", LATER])),
                OLD,
                "security_groups",
                unknown(),
            ),
            ("no group", set(groups(&["sg-1"]), json!({})), OLD, "security_groups", unknown()),
            (
                "check",
                set(json!({}), json!({ "SourceDestCheck": false })),
                "ec2.network_interface/eni-1",
                "source_dest_check",
                unknown(),
            ),
            (
                "maybe replaced",
                maybe(set(groups(&["sg-1"]), groups(&["sg-2"]))),
                OLD,
                "monitoring",
                unknown(),
            ),
            (
                "volume",
                set(
                    json!({}),
                    json!({ "Volumes": [{ "VolumeId": "vol-1", "Device": "/dev/sdf" }] }),
                ),
                "ec2.volume/vol-1",
                "attachments",
                unknown(),
            ),
            (
                "deleted volumes",
                set(
                    json!({ "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": { "DeleteOnTermination": true } }] }),
                    json!({ "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": { "DeleteOnTermination": false } }] }),
                ),
                OLD,
                "block_device_mappings",
                unknown(),
            ),
            ("deleted", vec![remove(INSTANCE, "i-1", json!({}))], OLD, "tags", "gone".into()),
            (
                "interface of a deleted one",
                vec![remove(INSTANCE, "i-1", json!({}))],
                "ec2.network_interface/eni-1",
                "attachment",
                Value::Null,
            ),
            (
                "replaced",
                vec![with(
                    modify(
                        INSTANCE,
                        "i-1",
                        json!({ "ImageId": "ami-1" }),
                        json!({ "ImageId": "ami-2" }),
                    ),
                    json!({ "Replacement": "True" }),
                )],
                NEW,
                "image_id",
                json!("ami-2"),
            ),
        ],
    );
}

#[test]
fn launch_templates_are_what_the_template_says() {
    let data = |data: Value| json!({ "LaunchTemplateData": data });
    let new = |all: Value| vec![add(TEMPLATE, data(all))];
    let set = |before: Value, after: Value| vec![modify(TEMPLATE, "lt-1", before, after)];
    let tokens = |value: &str| data(json!({ "MetadataOptions": { "HttpTokens": value } }));
    let (of_new, of_old) = ("ec2.launch_template/web/One", "ec2.launch_template/lt-1");
    let at = "default_version.launch_template_data";
    let (options, keys) = (format!("{at}.metadata_options"), format!("{at}.key_name"));
    let encrypted = format!("{at}.block_device_mappings.0.ebs.encrypted");
    let public = format!("{at}.network_interfaces.0.associate_public_ip_address");
    let (present, secret) =
        (format!("{at}.user_data.present"), format!("{at}.user_data.looks_like_secret"));
    let http_tokens = format!("{at}.metadata_options.http_tokens");
    let latest = "latest_version.launch_template_data.metadata_options.http_tokens";
    let device = |encrypted: Value| {
        new(
            json!({ "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": { "Encrypted": encrypted } }] }),
        )
    };
    check_in(
        &launching(false, false, json!({ "metadata_options": { "http_tokens": "required" } })),
        vec![
            (
                "tokens",
                vec![add(TEMPLATE, tokens("optional"))],
                of_new,
                &http_tokens,
                json!("optional"),
            ),
            ("no options", new(json!({ "KeyName": "k" })), of_new, &options, Value::Null),
            (
                "user data that is not known hides nothing else",
                new(json!({ "KeyName": "k", "UserData": LATER })),
                of_new,
                &keys,
                json!("k"),
            ),
            ("key", new(json!({ "KeyName": "k" })), of_new, &keys, json!("k")),
            ("encrypted", device(json!("true")), of_new, &encrypted, json!(true)),
            ("not encrypted", device(json!(false)), of_new, &encrypted, json!(false)),
            (
                "address",
                new(
                    json!({ "NetworkInterfaces": [{ "DeviceIndex": 0, "AssociatePublicIpAddress": true }] }),
                ),
                of_new,
                &public,
                json!(true),
            ),
            ("user data", new(json!({ "UserData": "IyE=" })), of_new, &present, json!(true)),
            ("secret", new(json!({ "UserData": "IyE=" })), of_new, &secret, unknown()),
            (
                "user data of something new",
                new(json!({ "UserData": LATER })),
                of_new,
                &present,
                unknown(),
            ),
            (
                "number",
                new(json!({ "KeyName": "k" })),
                of_new,
                "latest_version.version_number",
                json!(1),
            ),
            ("name", new(json!({ "KeyName": "k" })), of_new, "launch_template_name", unknown()),
            (
                "changed",
                set(tokens("required"), tokens("optional")),
                of_old,
                latest,
                json!("optional"),
            ),
            (
                "changed, the default",
                set(tokens("required"), tokens("optional")),
                of_old,
                &http_tokens,
                json!("required"),
            ),
            (
                "changed, number",
                set(tokens("required"), tokens("optional")),
                of_old,
                "latest_version_number",
                unknown(),
            ),
            (
                "another description",
                set(
                    tokens("required"),
                    with(tokens("required"), json!({ "VersionDescription": "x" })),
                ),
                of_old,
                latest,
                unknown(),
            ),
        ],
    );
    check(vec![(
        "a property that is not known",
        vec![add(TEMPLATE, with(tokens("optional"), json!({ "Later": 1 })))],
        of_new,
        "tags",
        "gone".into(),
    )]);
}
