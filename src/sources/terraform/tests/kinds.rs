//! Every row of the table of relations, and what is known of accounts and regions.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use super::*;
use crate::sources::terraform::relations::{Id, RELATIONS, Relation, Role};

/// A value at a path of attributes; nested blocks are lists of objects in a state.
fn at_path(path: &str, value: &str) -> Map<String, Value> {
    let mut names = path.rsplit('.');
    let first = names.next().unwrap();
    let mut map: Map<String, Value> = [(first.to_owned(), json!(value))].into_iter().collect();
    for name in names {
        map = [(name.to_owned(), json!([map]))].into_iter().collect();
    }
    map
}

/// The attributes of an instance of a row: its own id, and that of the resource it relates to.
fn attributes(row: &Relation, id: &str) -> Map<String, Value> {
    let mut attributes = match row.id {
        Id::Attribute(path) => at_path(path, id),
        Id::Region | Id::Account => Map::new(),
    };
    attributes.entry("id").or_insert_with(|| json!("own-id"));
    attributes.insert("arn".to_owned(), json!(format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:x/own")));
    attributes
}

fn resource(resource_type: &str, provider: &str, attributes: Map<String, Value>) -> Value {
    json!({
        "mode": "managed",
        "type": resource_type,
        "name": "x",
        "provider": provider,
        "instances": [{ "attributes": attributes }],
    })
}

fn state(resources: &[Value]) -> String {
    json!({ "version": 4, "resources": resources }).to_string()
}

/// A root module with a block of each of these types.
fn stack(types: &[&str], resources: &[Value]) -> Stack {
    let types: BTreeSet<&&str> = types.iter().collect();
    let code: String =
        types.iter().map(|name| format!("resource \"{name}\" \"x\" {{}}\n")).collect();
    Stack::of(&[("main.tf", &code), ("s.tfstate", &state(resources))])
}

#[test]
fn every_row_of_the_table_places_a_finding() {
    for row in RELATIONS {
        let id = match row.id {
            Id::Account => ACCOUNT,
            Id::Region => "eu-west-1",
            Id::Attribute(_) => "the-id",
        };
        let stack =
            stack(&[row.resource_type], &[resource(row.resource_type, "p", attributes(row, id))]);
        let root = stack.open("", &["s.tfstate"]);
        let evidence = [json!({ "of": ["own-id"] })];
        let ask = |id: &str, terraform: &[&str]| {
            stack.describe(&root, &asked(row.kind, id, terraform, &evidence))
        };
        let block = format!("block main.tf `resource \"{0}\" \"x\"` of {0}.x", row.resource_type);
        let named = ask(id, &[row.resource_type]);
        let unnamed = ask(id, &[]);
        match row.role {
            Role::Declares => {
                assert_eq!(named, block, "{row:?}");
                // A setting is not the whole of the settings of a region.
                let is_setting = row.kind == "ec2.settings";
                assert_eq!(unnamed, if is_setting { "not declared" } else { &block }, "{row:?}");
            }
            Role::Brings => {
                assert_eq!(named, format!("{block}, brought along"), "{row:?}");
                assert_eq!(unnamed, format!("{block}, brought along"), "{row:?}");
            }
            Role::Configures | Role::Part => {
                assert_eq!(named, format!("{block}, satellite"), "{row:?}");
                assert_eq!(unnamed, "not declared", "{row:?}");
            }
        }
        if matches!(row.id, Id::Attribute(_)) {
            let other = asked(row.kind, "another-id", &[row.resource_type], &[]);
            assert_eq!(stack.describe(&root, &other), "not declared", "{row:?}");
        }
        // Parts are only named if the evidence is about them.
        if row.role == Role::Part {
            let got = stack.describe(&root, &asked(row.kind, id, &[row.resource_type], &[]));
            assert_eq!(got, "not declared", "{row:?}");
        }
    }
}

#[test]
fn types_that_the_table_does_not_have_can_be_named_by_rules() {
    for (kind, attribute, id) in [
        ("s3.bucket", "bucket", "b"),
        ("ec2.vpc", "vpc_id", "vpc-1"),
        ("ec2.security_group", "security_group_id", "sg-1"),
    ] {
        let new = resource("aws_of_next_year", "p", at_path(attribute, id));
        let stack = stack(&["aws_of_next_year"], &[new]);
        let root = stack.open("", &["s.tfstate"]);
        let ask = |id: &str| stack.describe(&root, &asked(kind, id, &["aws_of_next_year"], &[]));
        assert_eq!(
            ask(id),
            "block main.tf `resource \"aws_of_next_year\" \"x\"` of aws_of_next_year.x, satellite"
        );
        assert_eq!(ask("other"), "not declared");
    }
}

#[test]
fn names_are_only_found_in_their_account_and_region() {
    let access_point = |account: &str, region: &str| {
        let arn = format!("arn:aws:s3:{region}:{account}:accesspoint/data");
        let attributes = json!({ "name": "data", "account_id": account, "arn": arn });
        resource("aws_s3_access_point", account, attributes.as_object().unwrap().clone())
    };
    let encryption = |id: &str| {
        let attributes = json!({ "id": id, "enabled": false });
        resource("aws_ebs_encryption_by_default", "p", attributes.as_object().unwrap().clone())
    };
    let metadata = resource("aws_ec2_instance_metadata_defaults", "q", at_path("id", "eu-west-1"));
    let vpc = |account: &str| {
        let attributes = json!({ "id": "vpc-1", "arn": format!("arn:aws:ec2:eu-west-1:{account}:vpc/vpc-1"), "owner_id": account });
        resource("aws_vpc", "p", attributes.as_object().unwrap().clone())
    };
    let other = "999988887777";
    for (name, resources, kind, id, is_found) in [
        (
            "its account and region",
            vec![access_point(ACCOUNT, "eu-west-1")],
            "s3.access_point",
            "data",
            true,
        ),
        (
            "another account",
            vec![access_point(other, "eu-west-1")],
            "s3.access_point",
            "data",
            false,
        ),
        (
            "another region",
            vec![access_point(ACCOUNT, "us-east-1")],
            "s3.access_point",
            "data",
            false,
        ),
        (
            "of two, the right one",
            vec![access_point(other, "eu-west-1"), access_point(ACCOUNT, "eu-west-1")],
            "s3.access_point",
            "data",
            true,
        ),
        (
            "a setting of an unknown region",
            vec![encryption("terraform-1")],
            "ec2.settings",
            "eu-west-1",
            false,
        ),
        (
            "a setting beside resources with a region",
            vec![encryption("terraform-1"), vpc(ACCOUNT)],
            "ec2.settings",
            "eu-west-1",
            true,
        ),
        (
            "a setting of another account",
            vec![encryption("terraform-1"), vpc(other)],
            "ec2.settings",
            "eu-west-1",
            false,
        ),
        (
            "a setting with the region as id, of an unknown account",
            vec![metadata],
            "ec2.settings",
            "eu-west-1",
            false,
        ),
        ("an id in another account", vec![vpc(other)], "ec2.vpc", "vpc-1", false),
    ] {
        let types = [
            "aws_s3_access_point",
            "aws_ebs_encryption_by_default",
            "aws_ec2_instance_metadata_defaults",
            "aws_vpc",
        ];
        let stack = stack(&types, &resources);
        let root = stack.open("", &["s.tfstate"]);
        let got = stack.describe(&root, &asked(kind, id, &types, &[]));
        assert_eq!(got.starts_with("block main.tf"), is_found, "{name}: {got}");
    }
}

#[test]
fn only_configured_accounts_are_placed() {
    let settings = at_path("id", "eu-west-1");
    let resources = [
        resource("aws_vpc", "p", at_path("id", "vpc-1")),
        resource("aws_ec2_instance_metadata_defaults", "p", settings),
    ];
    let types = ["aws_vpc", "aws_ec2_instance_metadata_defaults"];
    let stack = stack(&types, &resources);
    let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
    let other = "999988887777";
    for (accounts, finds_vpc, finds_setting) in [
        // Of settings, the account has to be known: each account has them.
        (vec![], true, false),
        (vec![ACCOUNT], true, true),
        (vec![ACCOUNT, other], true, false),
        (vec![other], false, false),
    ] {
        let accounts: Vec<AccountId> = accounts.iter().map(|id| id.parse().unwrap()).collect();
        let states = vec![StateInput::File(stack.path("s.tfstate"))];
        let root = Root::open(&repository, Path::new(""), states, &accounts).unwrap();
        let is_found = |kind: &'static str, id: &str| {
            let got = stack.describe(&root, &asked(kind, id, &types, &[]));
            got.starts_with("block")
        };
        assert_eq!(is_found("ec2.vpc", "vpc-1"), finds_vpc, "{accounts:?}");
        assert_eq!(is_found("ec2.settings", "eu-west-1"), finds_setting, "{accounts:?}");
    }
}

#[test]
fn settings_of_an_unknown_account_or_region_say_what_is_missing() {
    let setting = |name: &str, provider: &str| {
        let attributes = json!({ "id": "terraform-1", "enabled": false });
        resource(name, provider, attributes.as_object().unwrap().clone())
    };
    let encryption = || setting("aws_ebs_encryption_by_default", "p");
    let role = |account: &str| {
        let attributes = json!({ "id": "x", "arn": format!("arn:aws:iam::{account}:role/x") });
        resource("aws_iam_role", "p", attributes.as_object().unwrap().clone())
    };
    let other = "999988887777";
    let account = "not found `aws_ebs_encryption_by_default.x`: its account is not known";
    let region = account.replace("account", "region");
    for (name, resources, accounts, wanted) in [
        ("account and region", vec![encryption()], vec![], account),
        ("region, the account is configured", vec![encryption()], vec![ACCOUNT], &*region),
        ("region, the account is in the state", vec![encryption(), role(ACCOUNT)], vec![], &region),
        ("another account", vec![encryption(), role(other)], vec![], "not declared"),
        (
            "another setting",
            vec![setting("aws_ebs_snapshot_block_public_access", "p")],
            vec![],
            "not declared",
        ),
    ] {
        let types = ["aws_ebs_encryption_by_default", "aws_ebs_snapshot_block_public_access"];
        let stack = stack(&types, &resources);
        let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
        let accounts: Vec<AccountId> = accounts.iter().map(|id| id.parse().unwrap()).collect();
        let states = vec![StateInput::File(stack.path("s.tfstate"))];
        let root = Root::open(&repository, Path::new(""), states, &accounts).unwrap();
        let asked =
            asked("ec2.settings", "eu-west-1", &["aws_ebs_encryption_by_default.enabled"], &[]);
        let got = stack.describe(&root, &asked);
        assert!(got.starts_with(wanted), "{name}: {got}");
    }
}

#[test]
fn a_name_that_looks_like_a_region_is_not_one() {
    let code = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n";
    for (resource_type, attributes) in [
        (
            "aws_iam_role",
            json!({ "id": "ci-deploy-1", "arn": "arn:aws:iam::111122223333:role/ci-deploy-1" }),
        ),
        ("aws_iam_user", json!({ "id": "svc-backup-2" })),
        ("aws_s3_bucket_versioning", json!({ "id": "acme-data-1", "bucket": "acme-data-1" })),
        ("aws_vpc_endpoint_service", json!({ "id": "vpce-svc-06" })),
    ] {
        let named = resource(resource_type, "p", attributes.as_object().unwrap().clone());
        let attributes = json!({ "id": "x", "enabled": false });
        let setting =
            resource("aws_ebs_encryption_by_default", "p", attributes.as_object().unwrap().clone());
        let stack = stack(&["aws_ebs_encryption_by_default"], &[named, setting]);
        stack.write("main.tf", &format!("{code}{}", stack.read("main.tf")));
        let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
        let states = vec![StateInput::File(stack.path("s.tfstate"))];
        let accounts = [ACCOUNT.parse().unwrap()];
        let root = Root::open(&repository, Path::new(""), states, &accounts).unwrap();
        let asked = asked("ec2.settings", "eu-west-1", &["aws_ebs_encryption_by_default"], &[]);
        let got = stack.describe(&root, &asked);
        assert!(got.starts_with("block main.tf"), "{resource_type}: {got}");
    }
}

#[test]
fn both_sides_of_a_connection_have_their_own_block() {
    let side = |resource_type: &str, account: &str| {
        let attributes =
            json!({ "id": "pcx-1", "arn": format!("arn:aws:ec2:eu-west-1:{account}:x/y") });
        resource(resource_type, account, attributes.as_object().unwrap().clone())
    };
    let other = "999988887777";
    let requester = side("aws_vpc_peering_connection", other);
    let accepter = side("aws_vpc_peering_connection_accepter", ACCOUNT);
    for (resources, wanted) in [
        (vec![requester.clone(), accepter.clone()], "aws_vpc_peering_connection_accepter"),
        (vec![requester], "aws_vpc_peering_connection"),
        (vec![accepter], "aws_vpc_peering_connection_accepter"),
    ] {
        let stack = stack(
            &["aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"],
            &resources,
        );
        let root = stack.open("", &["s.tfstate"]);
        let got = stack.describe(&root, &asked("ec2.vpc_peering_connection", "pcx-1", &[], &[]));
        assert_eq!(got, format!("block main.tf `resource \"{wanted}\" \"x\"` of {wanted}.x"));
    }
}

#[test]
fn types_with_the_attributes_of_another_type_are_meant_as_well() {
    for (of, id, kind, inside, entry, wanted) in [
        (
            "aws_spot_instance_request",
            "spot_instance_id",
            "ec2.instance",
            "metadata_options {\n    http_tokens = \"optional\"\n  }",
            "aws_instance.metadata_options.http_tokens",
            "http_tokens = \"optional\"",
        ),
        (
            "aws_spot_instance_request",
            "root_block_device.volume_id",
            "ec2.volume",
            "root_block_device {\n    encrypted = false\n  }",
            "aws_instance.root_block_device.encrypted",
            "encrypted = false",
        ),
        (
            "aws_default_security_group",
            "id",
            "ec2.security_group",
            "ingress {\n    from_port = 22\n  }",
            "aws_security_group.ingress",
            "ingress",
        ),
        (
            "aws_default_subnet",
            "id",
            "ec2.subnet",
            "map_public_ip_on_launch = true",
            "aws_subnet.map_public_ip_on_launch",
            "map_public_ip_on_launch = true",
        ),
    ] {
        let stack = Stack::of(&[
            ("main.tf", &format!("resource \"{of}\" \"x\" {{\n  {inside}\n}}\n")),
            ("s.tfstate", &state(&[resource(of, "p", at_path(id, "the-id"))])),
        ]);
        let root = stack.open("", &["s.tfstate"]);
        let got = stack.describe(&root, &asked(kind, "the-id", &[entry], &[]));
        assert!(got.starts_with(&format!("attribute main.tf `{wanted}` of {of}.x")), "{of}: {got}");
    }
}

#[test]
fn evidence_can_name_a_default_security_group() {
    let group = resource("aws_default_security_group", "p", at_path("id", "sg-1"));
    let instance = resource("aws_instance", "p", at_path("id", "i-1"));
    let code = "resource \"aws_instance\" \"x\" {}\nresource \"aws_default_security_group\" \"x\" {\n  ingress {\n    from_port = 22\n  }\n}\n";
    let stack = Stack::of(&[("main.tf", code), ("s.tfstate", &state(&[group, instance]))]);
    let root = stack.open("", &["s.tfstate"]);
    let entries = ["aws_security_group_rule", "aws_security_group.ingress", "aws_instance"];
    let evidence = [json!({ "security_group": "sg-1", "from_port": 22, "to_port": 22 })];
    let got = stack.describe(&root, &asked("ec2.instance", "i-1", &entries, &evidence));
    let wanted = "attribute main.tf `ingress` of aws_default_security_group.x, satellite";
    assert_eq!(got, wanted);
}
