//! `rolecall preview`: what makes something unknown is named, groups that are attached to interfaces
//! are those of the instance, and resources are counted and named as Terraform does.

use std::fs;

use serde_json::{Value, json};

use crate::preview::snapshot;
use crate::preview_adoption::plan;
use crate::preview_defaults::{change, preview_of};
use crate::program::{run, text};

pub fn group(id: &str, name: &str) -> Value {
    json!({
        "kind": "ec2.security_group", "id": id,
        "facts": {
            "group_id": id, "group_name": name, "vpc_id": "vpc-1", "owner_id": "111122223333", "description": "",
            "tags": {}, "ip_permissions": [], "ip_permissions_egress": [],
        },
    })
}

/// An instance with an interface.
fn instance() -> [Value; 2] {
    let groups = json!([{ "group_id": "sg-1", "group_name": "web" }]);
    [
        json!({
            "kind": "ec2.instance", "id": "i-1",
            "facts": {
                "instance_id": "i-1", "state": { "name": "running" }, "security_groups": groups, "tags": {}, "vpc_id": "vpc-1",
                "block_device_mappings": [],
                "network_interfaces": [{
                    "network_interface_id": "eni-1", "groups": groups, "vpc_id": "vpc-1",
                    "private_ip_addresses": [], "ipv6_addresses": [],
                }],
            },
        }),
        json!({
            "kind": "ec2.network_interface", "id": "eni-1",
            "facts": {
                "network_interface_id": "eni-1", "groups": groups, "status": "in-use", "vpc_id": "vpc-1", "tags": {},
                "private_ip_addresses": [], "ipv6_addresses": [], "source_dest_check": true, "owner_id": "111122223333",
                "attachment": { "instance_id": "i-1", "device_index": 0, "status": "attached" },
            },
        }),
    ]
}

fn ids<'p>(preview: &'p Value, list: &str) -> Vec<&'p str> {
    let findings = preview[list].as_array().unwrap();
    findings.iter().map(|one| one["resource"]["id"].as_str().unwrap_or_default()).collect()
}

#[test]
fn a_group_that_is_attached_to_an_interface_is_one_of_the_instance() {
    const OF: &str = "aws_network_interface_sg_attachment";
    let night =
        [instance().to_vec(), vec![group("sg-1", "web"), group("sg-2", "default")]].concat();
    let attached = |interface: &str, group: &str| json!({ "region": "eu-west-1", "network_interface_id": interface, "security_group_id": group });
    let known = json!({ "id": true });
    let rule = "ec2-instance-default-security-group";
    let lists = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];
    for (name, attachment, expected) in [
        ("default group", attached("eni-1", "sg-2"), &["i-1"][..]),
        ("a group that it has", attached("eni-1", "sg-1"), &[]),
    ] {
        let json = plan(&[change(OF, Value::Null, attachment, known.clone())], &[]);
        let preview = preview_of(name, Some(&night), &json, rule);
        let found = lists.map(|list| ids(&preview, list));
        assert_eq!(found, [expected, &[], &[], &[]], "{name}: {preview}");
    }
    // Without the attachment again.
    let mut later = night.clone();
    for (resource, field) in [(0, "security_groups"), (1, "groups")] {
        let group = json!({ "group_id": "sg-2", "group_name": "default" });
        later[resource]["facts"][field].as_array_mut().unwrap().push(group.clone());
        if resource == 0 {
            let interface = &mut later[0]["facts"]["network_interfaces"][0]["groups"];
            interface.as_array_mut().unwrap().push(group);
        }
    }
    let removed = change(OF, attached("eni-1", "sg-2"), Value::Null, json!({}));
    let preview = preview_of("removed", Some(&later), &plan(&[removed], &[]), rule);
    assert_eq!(ids(&preview, "fixed"), ["i-1"], "{preview}");
    // An interface that is not in the snapshot can be that of any instance.
    let unseen = change(OF, Value::Null, attached("eni-9", "sg-2"), known);
    let preview = preview_of("not in the snapshot", Some(&night), &plan(&[unseen], &[]), rule);
    assert_eq!(ids(&preview, "not_known_until_apply"), ["i-1"], "{preview}");
    let unresolved = change(
        OF,
        Value::Null,
        json!({ "region": "eu-west-1", "security_group_id": "sg-2" }),
        json!({ "id": true, "network_interface_id": true }),
    );
    let json = plan(&[unresolved], &[(OF, "network_interface_id", "local.interface")]);
    let preview = preview_of("not known which", Some(&night), &json, rule);
    assert_eq!(ids(&preview, "not_known_until_apply"), ["i-1"], "{preview}");
}

#[test]
fn what_is_not_known_names_what_makes_it_so() {
    let night = [instance().to_vec(), vec![group("sg-1", "web"), group("sg-3", "old")]].concat();
    let balancer =
        json!({ "region": "eu-west-1", "id": "x", "subnets": ["subnet-1"], "name": "a" });
    let mut changed = balancer.clone();
    changed["subnets"] = json!(["subnet-1", "subnet-2"]);
    let attachment = json!({ "region": "eu-west-1", "id": "tgw-attach-1", "subnet_ids": ["subnet-1"], "transit_gateway_id": "tgw-1" });
    let mut moved = attachment.clone();
    moved["subnet_ids"] = json!(["subnet-2"]);
    let changes = [
        change("aws_lb", balancer, changed, json!({})),
        change("aws_ec2_transit_gateway_vpc_attachment", attachment, moved, json!({})),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("night"), dir.path().join("plan.json"));
    snapshot(&folder, &night);
    fs::write(&file, plan(&changes, &[]).to_string()).unwrap();
    let args =
        ["preview", "--snapshot", text(&folder), "--plan", text(&file), "--rule", "sg-unused"];
    let of = |format: &str| run(&[&args[..], &["--output", format]].concat()).stdout;
    let json: Value = serde_json::from_str(&of("json")).unwrap();
    let expected = "which network interfaces exist is known only after apply, because of aws_ec2_transit_gateway_vpc_attachment.a and 1 more";
    let open = json["not_known_until_apply"].as_array().unwrap();
    assert!(!open.is_empty(), "{json}");
    for one in open {
        let causes = one["causes"].as_array().unwrap();
        assert!(causes.iter().any(|cause| cause["message"] == expected), "{one}");
    }
    assert_eq!(json["unknown_types"], json!([]));
    for format in ["text", "markdown"] {
        let report = of(format);
        let one_line = report.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(one_line.contains(expected), "{format}: {report}");
        assert!(!report.contains("terraform:plan"), "{format}: {report}");
    }
}

/// The source/destination check is a setting of the primary interface, and nothing else changes.
#[test]
fn a_source_destination_check_leaves_the_rest_of_the_network_known() {
    let mut night = [instance().to_vec(), vec![group("sg-1", "web")]].concat();
    night[0]["facts"]["source_dest_check"] = true.into();
    night[0]["facts"]["network_interfaces"][0]["source_dest_check"] = true.into();
    let of = |check: Value, more: Value| {
        let mut all = json!({
            "id": "i-1", "region": "eu-west-1", "ami": "ami-1", "vpc_security_group_ids": ["sg-1"],
            "source_dest_check": check, "primary_network_interface_id": "eni-1", "network_interface": [],
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let own = || of(true.into(), json!({}));
    let off = || of(false.into(), json!({}));
    let configured =
        json!({ "network_interface": [{ "network_interface_id": "eni-1", "device_index": 0 }] });
    let outside = |check: bool| of(check.into(), configured.clone());
    let moved = of(false.into(), json!({ "vpc_security_group_ids": ["sg-2"] }));
    let readdressed = of(false.into(), json!({ "secondary_private_ips": ["10.0.0.9"] }));
    let (of_interface, of_group) =
        ("ec2-eni-source-dest-check", "ec2-instance-default-security-group");
    let lists = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];
    let (pass, fail, unknown) = ([0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]);
    // The interface, and the list of them.
    let both = [0, 0, 2, 0];
    for (name, before, after, is_known, rule, expected) in [
        ("off", own(), off(), true, of_interface, fail),
        ("on", off(), own(), true, of_interface, pass),
        ("groups", own(), off(), true, of_group, pass),
        ("not known", own(), of(Value::Null, json!({})), false, of_interface, both),
        ("not known, groups", own(), of(Value::Null, json!({})), false, of_group, unknown),
        ("groups as well", own(), moved.clone(), true, of_interface, fail),
        ("addresses as well", own(), readdressed.clone(), true, of_interface, both),
        ("an interface of its own", outside(true), outside(false), true, of_interface, both),
    ] {
        let unknown = json!({ "source_dest_check": !is_known });
        let changed = change("aws_instance", before, after, unknown);
        let preview = preview_of(name, Some(&night), &plan(&[changed], &[]), rule);
        let found = lists.map(|list| preview[list].as_array().unwrap().len());
        assert_eq!(found, expected, "{name}: {rule}: {preview}");
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| text(&dir.path().join(name)).to_owned();
    snapshot(&dir.path().join("night"), &night);
    let changed = change("aws_instance", own(), off(), json!({}));
    fs::write(at("plan.json"), plan(&[changed], &[]).to_string()).unwrap();
    let (night, file, to) = (at("night"), at("plan.json"), at("to"));
    run(&["preview", "--snapshot", &night, "--plan", &file, "--to", &to]);
    let lines = fs::read_to_string(dir.path().join("to/111122223333.jsonl")).unwrap();
    assert_eq!(lines.matches(r#""source_dest_check":false"#).count(), 3, "{lines}");
}

/// Which table is the main one is not known, but all tables are there.
#[test]
fn a_main_route_table_that_changes_is_not_one_that_was_not_collected() {
    let associated = json!([{
        "route_table_association_id": "rtbassoc-1", "main": true, "subnet_id": null, "gateway_id": null,
    }]);
    let table = |id: &str, associations: &Value| {
        json!({
            "kind": "ec2.route_table", "id": id,
            "facts": {
                "route_table_id": id, "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
                "associations": associations, "routes": [], "propagating_vgws": [],
            },
        })
    };
    let mut night = vec![
        table("rtb-1", &associated),
        table("rtb-2", &json!([])),
        json!({
            "kind": "ec2.subnet", "id": "subnet-1",
            "facts": {
                "subnet_id": "subnet-1", "vpc_id": "vpc-1", "owner_id": "111122223333", "tags": {},
                "availability_zone": "eu-west-1a", "ipv6_cidr_block_association_set": [],
            },
        }),
        group("sg-1", "web"),
        json!({
            "kind": "ec2.vpc_endpoint", "id": "vpce-1",
            "facts": {
                "vpc_endpoint_id": "vpce-1", "vpc_endpoint_type": "Interface", "vpc_id": "vpc-1",
                "state": "available", "owner_id": "111122223333", "requester_managed": false,
                "subnet_ids": ["subnet-1"], "groups": [{ "group_id": "sg-1", "group_name": "web" }],
                "route_table_ids": [], "tags": {},
            },
        }),
    ];
    night[3]["facts"]["ip_permissions"] = json!([]);
    let attributes = json!({ "region": "eu-west-1", "vpc_id": "vpc-1", "route_table_id": "rtb-2" });
    let unknown = json!({ "id": true, "original_route_table_id": true });
    let moved = change("aws_main_route_table_association", Value::Null, attributes, unknown);
    let rule = "vpc-endpoint-exposed";
    let preview = preview_of("main", Some(&night), &plan(&[moved], &[]), rule);
    assert_eq!(preview["not_checked"], json!([]), "{preview}");
    assert_eq!(ids(&preview, "not_known_until_apply"), ["vpce-1"], "{preview}");
    let cause = &preview["not_known_until_apply"][0]["causes"][0]["message"];
    let expected = "known only after apply, because of aws_main_route_table_association.a";
    assert_eq!(cause, expected, "{preview}");
}

#[test]
fn resources_are_counted_as_terraform_does() {
    let same = json!({ "region": "eu-west-1", "bucket": "same" });
    let mut no_op = change("aws_s3_bucket", same.clone(), same, json!({}));
    no_op["change"]["actions"] = json!(["no-op"]);
    no_op["address"] = json!("aws_s3_bucket.same");
    let mut read = change("aws_iam_policy_document", Value::Null, json!({}), json!({}));
    (read["mode"], read["change"]["actions"]) = (json!("data"), json!(["read"]));
    let changes = [
        no_op,
        read,
        change(
            "aws_s3_bucket",
            Value::Null,
            json!({ "region": "eu-west-1", "bucket": "a" }),
            json!({ "id": true }),
        ),
        change(
            "aws_s3_bucket_versioning",
            Value::Null,
            json!({ "region": "eu-west-1", "bucket": "a", "versioning_configuration": [{ "status": "Suspended" }] }),
            json!({ "id": true }),
        ),
        change("random_pet", Value::Null, json!({}), json!({ "id": true })),
    ];
    let preview = preview_of("counts", Some(&[]), &plan(&changes, &[]), "s3-bucket-versioning");
    assert_eq!((&preview["changes"], &preview["resources"]), (&json!(3), &json!(1)), "{preview}");
    // The resource whose attribute the rule reads comes first.
    let new = &preview["new_failures"][0];
    assert_eq!(new["addresses"], json!(["aws_s3_bucket_versioning.a", "aws_s3_bucket.a"]), "{new}");
}

#[test]
fn errors_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.json");
    for (content, message) in [
        (
            json!({ "format_version": "1.2", "resource_changes": [{ "address": "aws_vpc.a" }] }),
            "`resource_changes[0]` has no `type`: use the whole output of `terraform show -json PLAN`",
        ),
        (
            json!({
                "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/a/1",
                "Changes": [{ "ResourceChange": { "Action": "Add" } }],
            }),
            "has no `LogicalResourceId`: use the whole output of `aws cloudformation describe-change-set`",
        ),
    ] {
        fs::write(&plan, content.to_string()).unwrap();
        let option = if content.get("Changes").is_some() { "--change-set" } else { "--plan" };
        let ran = run(&["preview", option, text(&plan)]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    for (option, help) in [
        ("--plan", "create the file with `terraform show -json PLAN > plan.json`"),
        ("--change-set", "create the file with `aws cloudformation describe-change-set "),
    ] {
        let ran = run(&["preview", option, "no-such-file.json"]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        let one_line = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(one_line.contains(help), "{help}: {}", ran.stderr);
    }
}
