//! `rolecall preview`: what new instances have because of their launch templates, images and subnets.

use serde_json::{Value, json};

use crate::preview_causes::group;
use crate::preview_defaults::{change, preview_of};
use crate::preview_left_open::plan;

const PASS: [usize; 2] = [0, 0];
const FAIL: [usize; 2] = [1, 0];
const UNKNOWN: [usize; 2] = [0, 1];

/// New failures, and what is not known.
fn counts(preview: &Value) -> [usize; 2] {
    ["new_failures", "not_known_until_apply"].map(|list| preview[list].as_array().unwrap().len())
}

pub fn settings(encrypts: bool) -> Value {
    json!({
        "kind": "ec2.settings", "id": "eu-west-1",
        "facts": {
            "region_name": "eu-west-1",
            "ebs_encryption_by_default": { "ebs_encryption_by_default": encrypts },
        },
    })
}

/// An image with these devices, which are not encrypted.
pub fn image(devices: &[&str]) -> Value {
    let mapping = |device: &&str| {
        json!({
            "device_name": device,
            "ebs": { "snapshot_id": "snap-1", "encrypted": false, "volume_size": 8, "delete_on_termination": true },
        })
    };
    json!({
        "kind": "ec2.image", "id": "ami-1",
        "facts": {
            "image_id": "ami-1", "owner_id": "111122223333", "public": false, "root_device_name": "/dev/xvda",
            "block_device_mappings": devices.iter().map(mapping).collect::<Vec<_>>(),
        },
    })
}

/// A template whose only version sets this.
pub fn template(data: Value) -> Value {
    let mut all = json!({
        "network_interfaces": [], "security_group_ids": [], "security_groups": [],
        "block_device_mappings": [], "tag_specifications": [],
        "user_data": { "present": false, "looks_like_secret": false },
    });
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    let version = json!({
        "launch_template_id": "lt-1", "version_number": 1, "default_version": true, "launch_template_data": all,
    });
    json!({
        "kind": "ec2.launch_template", "id": "lt-1",
        "facts": {
            "launch_template_id": "lt-1", "launch_template_name": "web", "default_version_number": 1,
            "latest_version_number": 1, "tags": {}, "default_version": version, "latest_version": version,
        },
    })
}

pub fn subnet(public: bool) -> Value {
    json!({
        "kind": "ec2.subnet", "id": "subnet-1",
        "facts": {
            "subnet_id": "subnet-1", "vpc_id": "vpc-1", "map_public_ip_on_launch": public,
            "assign_ipv6_address_on_creation": false, "tags": {},
        },
    })
}

/// A new instance with a launch template, and these attributes; the others are computed.
fn instance(attributes: &[(&str, Value)]) -> Value {
    let mut after = json!({ "region": "eu-west-1", "launch_template": [{ "id": "lt-1" }] });
    let mut unknown = json!({
        "id": true, "ami": true, "instance_type": true, "metadata_options": true, "key_name": true,
        "root_block_device": true, "ebs_block_device": true, "subnet_id": true, "user_data": true,
        "vpc_security_group_ids": true, "security_groups": true, "associate_public_ip_address": true,
        "iam_instance_profile": true, "private_ip": true, "secondary_private_ips": true,
        "ipv6_addresses": true, "ipv6_address_count": true, "network_interface": true,
        "primary_network_interface": true, "enclave_options": true, "ephemeral_block_device": true,
    });
    for (name, value) in attributes {
        after[*name] = value.clone();
        unknown[*name] = match *name {
            "root_block_device" | "ebs_block_device" => {
                json!([{ "encrypted": value[0].get("encrypted").is_none(), "snapshot_id": true, "volume_id": true }])
            }
            _ => json!(false),
        };
    }
    change("aws_instance", Value::Null, after, unknown)
}

/// The arguments that the configuration has.
fn arguments(change: &Value) -> Value {
    let after = change["change"]["after"].as_object().unwrap();
    let names = after.keys().filter(|name| *name != "region");
    names.map(|name| (name.clone(), json!([{}]))).collect()
}

fn device(name: &str, ebs: &Value) -> Value {
    json!({ "block_device_mappings": [{ "device_name": name, "ebs": ebs }] })
}

#[test]
fn volumes_of_a_launch_template_are_those_of_the_instance() {
    const ROOT: &str = "aws_instance.a.root_block_device[0]";
    const FURTHER: &str = "aws_instance.a.ebs_block_device[\"/dev/sdf\"]";
    let (on, off) = (settings(true), settings(false));
    let image_id = ("ami", json!("ami-1"));
    let plain = instance(std::slice::from_ref(&image_id));
    let with_root =
        instance(&[image_id.clone(), ("root_block_device", json!([{ "volume_size": 20 }]))]);
    let encrypted = json!({ "encrypted": true });
    let open = json!({ "encrypted": false, "delete_on_termination": false });
    let suppressed = instance(&[
        image_id,
        ("ephemeral_block_device", json!([{ "device_name": "/dev/sdf", "no_device": true }])),
    ]);
    let encryption = "ebs-volume-encrypted";
    type Case<'c> = (&'c str, Vec<Value>, &'c Value, &'c str, &'c [&'c str], usize);
    let cases: Vec<Case<'_>> = vec![
        (
            "no devices in the template",
            vec![off.clone(), image(&["/dev/xvda"]), template(json!({}))],
            &plain,
            encryption,
            &[ROOT],
            0,
        ),
        (
            "the root device is encrypted by the template",
            vec![off.clone(), image(&["/dev/xvda"]), template(device("/dev/xvda", &encrypted))],
            &plain,
            encryption,
            &[],
            0,
        ),
        (
            "a further device is not encrypted",
            vec![off.clone(), image(&["/dev/xvda"]), template(device("/dev/sdf", &open))],
            &plain,
            encryption,
            &[FURTHER, ROOT],
            0,
        ),
        (
            "the region encrypts what the template does not",
            vec![on.clone(), image(&["/dev/xvda"]), template(device("/dev/sdf", &open))],
            &plain,
            encryption,
            &[],
            0,
        ),
        (
            "the instance has no volume on the device",
            vec![off.clone(), image(&["/dev/xvda", "/dev/sdf"]), template(json!({}))],
            &suppressed,
            "ebs-volume-delete-on-termination",
            // A block of its own says how the devices are combined only if the template has none.
            &[],
            0,
        ),
        (
            "the image says what the template does not",
            vec![off.clone(), image(&["/dev/xvda"]), template(device("/dev/xvda", &encrypted))],
            &plain,
            "ebs-volume-delete-on-termination",
            &[],
            0,
        ),
        (
            "the template keeps the root volume",
            vec![off.clone(), image(&["/dev/xvda"]), template(device("/dev/xvda", &open))],
            &plain,
            "ebs-volume-delete-on-termination",
            &[ROOT],
            0,
        ),
        (
            "without the image, the device may be that of the root volume",
            vec![off.clone(), template(device("/dev/xvda", &encrypted))],
            &plain,
            encryption,
            &[],
            1,
        ),
        (
            "without the image, a volume of the template exists in any case",
            vec![off.clone(), template(device("/dev/xvda", &open))],
            &plain,
            "ebs-volume-delete-on-termination",
            &["aws_instance.a.ebs_block_device[\"/dev/xvda\"]"],
            1,
        ),
        (
            "devices of the instance and of the template",
            vec![off.clone(), image(&["/dev/xvda"]), template(device("/dev/sdf", &encrypted))],
            &with_root,
            encryption,
            &[],
            2,
        ),
        (
            "a device that may be suppressed",
            vec![
                off.clone(),
                image(&["/dev/xvda", "/dev/sdf"]),
                template(json!({ "block_device_mappings": [{ "device_name": "/dev/sdf" }] })),
            ],
            &plain,
            encryption,
            &[ROOT],
            1,
        ),
        ("another template", vec![off.clone(), image(&["/dev/xvda"])], &plain, encryption, &[], 2),
        ("another template, on", vec![on, image(&["/dev/xvda"])], &plain, encryption, &[], 1),
        (
            "another template, termination",
            vec![off, image(&["/dev/xvda"])],
            &plain,
            "ebs-volume-delete-on-termination",
            &[],
            2,
        ),
    ];
    for (name, night, changed, rule, failing, not_known) in cases {
        let json = plan(std::slice::from_ref(changed), &[("aws_instance", arguments(changed))]);
        let preview = preview_of(name, Some(&night), &json, rule);
        let new = preview["new_failures"].as_array().unwrap().iter();
        let mut new: Vec<&str> = new.map(|one| one["resource"]["id"].as_str().unwrap()).collect();
        new.sort_unstable();
        assert_eq!(new, failing, "{name}: {preview}");
        let open = preview["not_known_until_apply"].as_array().unwrap().len();
        assert_eq!(open, not_known, "{name}: {preview}");
    }
}

#[test]
fn the_interface_of_an_instance_is_that_of_its_template_and_subnet() {
    let interface = |interface: Value| template(json!({ "network_interfaces": [interface] }));
    let public =
        json!({ "device_index": 0, "associate_public_ip_address": true, "groups": ["sg-2"] });
    let private =
        json!({ "subnet_id": "subnet-1", "associate_public_ip_address": false, "groups": [] });
    let existing = json!({ "device_index": 0, "network_interface_id": "eni-1", "groups": [] });
    let plain = instance(&[]);
    let in_subnet = instance(&[("subnet_id", json!("subnet-1"))]);
    let set = |public: bool| {
        instance(&[
            ("subnet_id", json!("subnet-1")),
            ("associate_public_ip_address", json!(public)),
        ])
    };
    let without_subnet = instance(&[("associate_public_ip_address", json!(true))]);
    let in_group = instance(&[("vpc_security_group_ids", json!(["sg-1"]))]);
    let eip = change(
        "aws_eip",
        Value::Null,
        json!({ "region": "eu-west-1" }),
        json!({ "id": true, "instance": true, "public_ip": true }),
    );
    let (address, groups) = ("ec2-instance-public-ip", "ec2-instance-default-security-group");
    let base = [group("sg-1", "default"), group("sg-2", "web")];
    for (name, night, changes, rule, expected) in [
        ("the template says so", vec![interface(public.clone())], vec![&plain], address, FAIL),
        (
            "the template says no",
            vec![interface(private.clone()), subnet(true)],
            vec![&plain],
            address,
            PASS,
        ),
        (
            "the subnet says so",
            vec![template(json!({})), subnet(true)],
            vec![&in_subnet],
            address,
            FAIL,
        ),
        (
            "the subnet says no",
            vec![template(json!({})), subnet(false)],
            vec![&in_subnet],
            address,
            PASS,
        ),
        ("the subnet is not known", vec![template(json!({}))], vec![&in_subnet], address, UNKNOWN),
        ("a default subnet", vec![template(json!({}))], vec![&plain], address, UNKNOWN),
        (
            "the instance says so",
            vec![template(json!({})), subnet(false)],
            vec![&set(true)],
            address,
            FAIL,
        ),
        (
            "the instance says no",
            vec![template(json!({})), subnet(true)],
            vec![&set(false)],
            address,
            PASS,
        ),
        (
            "the provider needs the subnet",
            vec![template(json!({})), subnet(true)],
            vec![&without_subnet],
            address,
            UNKNOWN,
        ),
        (
            "an address of its own",
            vec![interface(private.clone()), subnet(false)],
            vec![&eip, &plain],
            address,
            UNKNOWN,
        ),
        (
            "both have interfaces",
            vec![interface(public.clone()), subnet(false)],
            vec![&in_subnet],
            address,
            UNKNOWN,
        ),
        ("an interface that exists", vec![interface(existing)], vec![&plain], address, UNKNOWN),
        (
            "two interfaces",
            vec![template(json!({ "network_interfaces": [public.clone(), private] }))],
            vec![&plain],
            address,
            UNKNOWN,
        ),
        ("another template", vec![subnet(true)], vec![&in_subnet], address, UNKNOWN),
        ("groups of the interface", vec![interface(public)], vec![&plain], groups, PASS),
        (
            "groups of the template",
            vec![template(json!({ "security_group_ids": ["sg-1"] }))],
            vec![&plain],
            groups,
            FAIL,
        ),
        (
            "groups of the instance",
            vec![template(json!({ "security_group_ids": ["sg-2"] }))],
            vec![&in_group],
            groups,
            FAIL,
        ),
        (
            "names of groups",
            vec![template(json!({ "security_groups": ["default"] }))],
            vec![&plain],
            groups,
            UNKNOWN,
        ),
        ("groups of nothing", vec![template(json!({}))], vec![&plain], groups, UNKNOWN),
    ] {
        let night: Vec<Value> = base.iter().cloned().chain(night).collect();
        let changes: Vec<Value> = changes.into_iter().cloned().collect();
        let own = changes.last().map(arguments).unwrap();
        let of_eip =
            json!({ "instance": { "references": ["aws_instance.a.id", "aws_instance.a"] } });
        let json = plan(&changes, &[("aws_instance", own), ("aws_eip", of_eip)]);
        let preview = preview_of(name, Some(&night), &json, rule);
        let of_instance = |one: &Value| one["resource"]["kind"] == "ec2.instance";
        let mut found = preview.clone();
        for list in ["new_failures", "not_known_until_apply"] {
            found[list].as_array_mut().unwrap().retain(of_instance);
        }
        assert_eq!(counts(&found), expected, "{name}: {preview}");
    }
}

#[test]
fn settings_of_a_launch_template_are_those_of_the_instance() {
    let secret = json!({ "user_data": { "present": true, "looks_like_secret": true, "detector": "AWS access key" } });
    let shown = [
        ("iam_instance_profile", Value::Null),
        ("metadata_options", json!([{ "http_tokens": "required", "http_endpoint": "enabled" }])),
    ];
    let exposed = instance(&shown);
    let own = instance(&[("user_data", json!("echo"))]);
    let key = instance(&[("key_name", json!("admin"))]);
    let plain = instance(&[]);
    let image = instance(&[("ami", json!("resolve:ssm:/images/web"))]);
    let enclave = |on: bool| json!({ "enclave_options": { "enabled": on } });
    for (name, data, changed, rule, expected) in [
        ("secret", secret.clone(), &exposed, "ec2-instance-user-data-secrets", FAIL),
        ("no user data", json!({}), &plain, "ec2-instance-user-data-secrets", PASS),
        ("user data of the instance", secret, &own, "ec2-instance-user-data-secrets", UNKNOWN),
        ("key", json!({ "key_name": "admin" }), &plain, "ec2-instance-no-key-pair", FAIL),
        ("no key", json!({}), &plain, "ec2-instance-no-key-pair", PASS),
        ("key of the instance", json!({}), &key, "ec2-instance-no-key-pair", FAIL),
        (
            "profile",
            json!({ "iam_instance_profile": { "name": "web" } }),
            &plain,
            "ec2-instance-profile-attached",
            PASS,
        ),
        ("enclave", enclave(true), &plain, "ec2-enclave-host-imdsv2", UNKNOWN),
        (
            "protection that the provider may turn off",
            json!({ "disable_api_termination": true }),
            &plain,
            "ec2-instance-termination-protection",
            UNKNOWN,
        ),
        ("a parameter names the image", json!({}), &image, "ec2-instance-approved-ami", UNKNOWN),
    ] {
        let json = plan(std::slice::from_ref(changed), &[("aws_instance", arguments(changed))]);
        let preview = preview_of(name, Some(&[template(data)]), &json, rule);
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
    }
}

/// What neither a new instance nor a launch template sets is off, and not left to a default.
#[test]
fn what_a_new_instance_without_a_template_does_not_set_is_off() {
    const RULES: [&str; 3] = [
        "ec2-instance-profile-attached",
        "ec2-instance-detailed-monitoring",
        "ec2-instance-no-key-pair",
    ];
    let computed = [
        "iam_instance_profile",
        "monitoring",
        "key_name",
        "disable_api_termination",
        "disable_api_stop",
    ];
    let launched = |template: Value, all_unknown: bool| {
        let mut instance = instance(&[]);
        instance["change"]["after"]["launch_template"] = template;
        instance["change"]["after_unknown"]["launch_template"] = all_unknown.into();
        for name in computed {
            instance["change"]["after_unknown"][name] = true.into();
        }
        instance
    };
    let refers = json!({ "references": ["null_resource.x.id", "null_resource.x"] });
    let set: Value = computed.iter().map(|name| (name.to_string(), refers.clone())).collect();
    let (none, own) = (json!({}), json!([]));
    for (name, template, is_open, arguments, expected) in [
        ("nothing", own.clone(), false, &none, [FAIL, FAIL, PASS]),
        ("set to what is not known", own.clone(), false, &set, [UNKNOWN; 3]),
        ("a template", json!([{ "id": "lt-1" }]), false, &none, [UNKNOWN; 3]),
        ("possibly a template", own, true, &none, [UNKNOWN; 3]),
    ] {
        let json = plan(&[launched(template, is_open)], &[("aws_instance", arguments.clone())]);
        for (rule, expected) in RULES.iter().zip(expected) {
            let preview = preview_of(name, Some(&[]), &json, rule);
            assert_eq!(counts(&preview), expected, "{name}: {rule}: {preview}");
        }
    }
}

#[test]
fn references_of_a_planned_template_are_followed() {
    let subnet = change(
        "aws_subnet",
        Value::Null,
        json!({ "region": "eu-west-1", "vpc_id": "vpc-1", "map_public_ip_on_launch": true }),
        json!({ "id": true }),
    );
    let template = change(
        "aws_launch_template",
        Value::Null,
        json!({
            "region": "eu-west-1", "name": "web",
            "network_interfaces": [{ "device_index": 0, "security_groups": ["sg-1"] }],
        }),
        json!({ "id": true, "network_interfaces": [{ "subnet_id": true, "security_groups": [false] }] }),
    );
    let mut instance = instance(&[]);
    instance["change"]["after"]["launch_template"] = json!([{ "version": "$Latest" }]);
    instance["change"]["after_unknown"]["launch_template"] = json!([{ "id": true }]);
    let refers = |to: &str| json!({ "references": [format!("{to}.id"), to] });
    let arguments = [
        (
            "aws_instance",
            json!({ "launch_template": [{ "id": refers("aws_launch_template.a"), "version": {} }] }),
        ),
        (
            "aws_launch_template",
            json!({ "network_interfaces": [{ "subnet_id": refers("aws_subnet.a"), "security_groups": {} }] }),
        ),
    ];
    let json = plan(&[subnet, template, instance], &arguments);
    // The plan has all that is needed.
    for night in [Some(&[][..]), None] {
        let preview = preview_of("planned", night, &json, "ec2-instance-public-ip");
        let found = preview["new_failures"].as_array().unwrap();
        let of_instance = |one: &&Value| one["resource"]["id"] == "aws_instance.a";
        assert_eq!(found.iter().filter(of_instance).count(), 1, "{preview}");
        assert!(preview.to_string().contains("(assigned at launch)"), "{preview}");
    }
}
