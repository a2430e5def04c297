//! What goes wrong in practice, one test each.

use std::io::{self, Read};
use std::process::Command;

use serde_json::json;

use super::*;

/// A state in the raw format.
fn state(lineage: &str, resources: &[(&str, Value)]) -> String {
    let resources: Vec<Value> = resources
        .iter()
        .map(|(address, attributes)| {
            let address = address::Address::parse(address).unwrap();
            let module = address::Address { modules: address.modules, resource: None }.to_string();
            let resource = address.resource.unwrap();
            let mut instance = json!({ "attributes": attributes });
            match resource.key {
                Some(address::Key::Index(index)) => instance["index_key"] = json!(index),
                Some(address::Key::Name(name)) => instance["index_key"] = json!(name),
                None => {}
            }
            let mut resource = json!({
                "mode": "managed",
                "type": resource.resource_type,
                "name": resource.name,
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [instance],
            });
            if !module.is_empty() {
                resource["module"] = json!(module);
            }
            resource
        })
        .collect();
    // Keys in the order of `jq -S`: what comes last in a state is first here.
    json!({ "lineage": lineage, "resources": resources, "version": 4 }).to_string()
}

fn bucket(name: &str) -> Value {
    json!({ "bucket": name, "id": name, "arn": format!("arn:aws:s3:::{name}") })
}

/// Where the bucket `b` is.
pub(super) fn place_of(stack: &Stack, root: &str, terraform: &[&str]) -> String {
    let root = stack.open(root, &["s.tfstate"]);
    stack.describe(&root, &asked("s3.bucket", "b", terraform, &[]))
}

/// A root module with one bucket in the state.
pub(super) fn with_bucket(address: &str, files: &[(&str, &str)]) -> Stack {
    let stack = Stack::of(files);
    stack.write("s.tfstate", &state("l", &[(address, bucket("b"))]));
    stack
}

#[test]
fn moves_that_are_not_applied_are_followed() {
    let moved = |from: &str, to: &str| format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n");
    let new = "resource \"aws_s3_bucket\" \"new\" {}\n";
    let old = "resource \"aws_s3_bucket\" \"old\" {}\n";
    let module = "resource \"aws_s3_bucket\" \"this\" {}\n";
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"./m\"\n}}\n");
    for (address, code, wanted) in [
        (
            "aws_s3_bucket.old",
            moved("aws_s3_bucket.old", "aws_s3_bucket.new") + new,
            "aws_s3_bucket.new",
        ),
        (
            "aws_s3_bucket.old[\"x\"]",
            moved("aws_s3_bucket.old", "aws_s3_bucket.new") + new,
            "aws_s3_bucket.new[\"x\"]",
        ),
        (
            "aws_s3_bucket.old",
            moved("aws_s3_bucket.old", "aws_s3_bucket.new[0]") + new,
            "aws_s3_bucket.new[0]",
        ),
        (
            "aws_s3_bucket.old[0]",
            moved("aws_s3_bucket.old[0]", "aws_s3_bucket.new[\"a.b\"]") + new,
            "aws_s3_bucket.new[\"a.b\"]",
        ),
        (
            "aws_s3_bucket.old",
            moved("aws_s3_bucket.b", "aws_s3_bucket.new")
                + moved("aws_s3_bucket.old", "aws_s3_bucket.b").as_str()
                + new,
            "aws_s3_bucket.new",
        ),
        (
            "aws_s3_bucket.old",
            moved("aws_s3_bucket.old", "module.m.aws_s3_bucket.this") + call("m").as_str(),
            "module.m.aws_s3_bucket.this",
        ),
        (
            "module.old[\"k\"].aws_s3_bucket.this",
            moved("module.old", "module.m") + call("m").as_str(),
            "module.m[\"k\"].aws_s3_bucket.this",
        ),
        (
            "module.old.aws_s3_bucket.this",
            moved("module.old", "module.m[\"k\"]") + call("m").as_str(),
            "module.m[\"k\"].aws_s3_bucket.this",
        ),
        ("module.m.aws_s3_bucket.was", call("m"), "module.m.aws_s3_bucket.this"),
        // The old block stays for the other instances.
        (
            "aws_s3_bucket.old[\"red\"]",
            moved("aws_s3_bucket.old[\"red\"]", "aws_s3_bucket.new") + new + old,
            "aws_s3_bucket.new",
        ),
        (
            "aws_s3_bucket.old[\"blue\"]",
            moved("aws_s3_bucket.old[\"red\"]", "aws_s3_bucket.new") + new + old,
            "aws_s3_bucket.old[\"blue\"]",
        ),
        (
            "module.m[\"red\"].aws_s3_bucket.this",
            moved("module.m[\"red\"]", "module.n") + call("m").as_str() + call("n").as_str(),
            "module.n.aws_s3_bucket.this",
        ),
    ] {
        let moved_inside = moved("aws_s3_bucket.was", "aws_s3_bucket.this") + module;
        let stack = with_bucket(address, &[("main.tf", &code), ("m/main.tf", &moved_inside)]);
        let got = place_of(&stack, "", &[]);
        assert!(got.contains(&format!(" of {wanted}")), "{address}: {got}");
    }
    // A cycle, other keys and unrelated moves lead nowhere.
    for (address, code) in [
        (
            "aws_s3_bucket.old",
            moved("aws_s3_bucket.old", "aws_s3_bucket.b")
                + moved("aws_s3_bucket.b", "aws_s3_bucket.old").as_str(),
        ),
        ("aws_s3_bucket.old[1]", moved("aws_s3_bucket.old[0]", "aws_s3_bucket.new") + new),
        ("aws_s3_bucket.old", moved("aws_s3_bucket.older", "aws_s3_bucket.new") + new),
        ("aws_s3_bucket.old", moved("module.old", "module.m") + new),
    ] {
        let stack = with_bucket(address, &[("main.tf", &code)]);
        let got = place_of(&stack, "", &[]);
        let wanted = format!("not found `{address}`: not found in the code");
        assert_eq!(got, wanted, "{code}");
    }
}

#[test]
fn what_the_parser_rejects_is_still_found() {
    let bucket = "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"b\" # \"\n}\n";
    let heredoc = "locals {\n  text = <<-EOT\n    resource \"aws_s3_bucket\" \"x\" {\n  EOT\n}\n";
    let repeated = "locals {\n  principals = { Service = \"a\", Service = \"b\" }\n}\n";
    let deep = format!("locals {{\n  deep = {}1{}\n}}\n", "[".repeat(5_000), "]".repeat(5_000));
    let blocks = format!("a {}{}\n", "b {\n".repeat(5_000), "}\n".repeat(5_000));
    let windows = repeated.replace('\n', "\r\n");
    for before in [
        "\u{feff}",
        repeated,
        &windows,
        &deep,
        &blocks,
        &format!("{heredoc}{repeated}"),
        "/* resource \"aws_s3_bucket\" \"x\" {} */ }\n",
        // Half of a file that is being edited.
        "resource \"aws_vpc\" \"y\" {\n  tags = {\n\n",
        "output \"z\" {\n  value = \"${join(\"}\", [\"{\"\n\n",
    ] {
        let stack = with_bucket("aws_s3_bucket.x", &[("main.tf", &format!("{before}{bucket}"))]);
        let shown: String = before.chars().take(60).collect();
        assert_eq!(
            place_of(&stack, "", &[]),
            "block main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x",
            "{shown}"
        );
        let got = place_of(&stack, "", &["aws_s3_bucket.bucket"]);
        assert_eq!(got, "attribute main.tf `bucket = \"b\"` of aws_s3_bucket.x", "{shown}");
    }
}

#[test]
fn literal_values_have_their_bytes_in_the_file() {
    for (before, value, literal) in [
        ("", "\"b\"", true),
        ("\u{feff}", "\"b\"", true),
        ("# größe\r\n", "\"b\"", true),
        ("", "[\"a\", \"b\"]", true),
        ("", "-1", true),
        ("", "var.name", false),
        ("", "\"${var.name}\"", false),
        ("", "[\"a\", var.name]", false),
        // Read by the tolerant reader.
        ("locals {\n  a = { x = 1, x = 2 }\n}\n", "\"b\"", true),
        ("locals {\n  a = { x = 1, x = 2 }\n}\n", "var.name", false),
    ] {
        let code =
            format!("{before}resource \"aws_s3_bucket\" \"x\" {{\n  bucket = {value} # why\n}}\n");
        let stack = with_bucket("aws_s3_bucket.x", &[("main.tf", &code)]);
        let root = stack.open("", &["s.tfstate"]);
        let (account, region) = (ACCOUNT.parse().unwrap(), Region::global());
        let resource = ResourceRef {
            kind: "s3.bucket".into(),
            region: region.clone(),
            id: Some("b".into()),
            arn: None,
            name: None,
        };
        let terraform = ["aws_s3_bucket.bucket".to_owned()];
        let subject = Subject {
            account: &account,
            region: &region,
            resource: &resource,
            tags: None,
            terraform: &terraform,
            evidence: &[],
        };
        let Placing::Placed(place) = root.place(&subject) else { panic!("{code}") };
        let found = place.value.map(|range| code.get(range).unwrap().to_owned());
        assert_eq!(found.as_deref(), literal.then_some(value), "{code}");
    }
}

#[test]
fn links_are_resolved_and_lead_nowhere_outside() {
    let stack = with_bucket(
        "aws_s3_bucket.x",
        &[
            ("root/main.tf", "module \"m\" {\n  source = \"./linked\"\n}\n"),
            ("shared/buckets.tf", "resource \"aws_s3_bucket\" \"x\" {}\n"),
            ("modules/m/main.tf", "resource \"aws_s3_bucket\" \"y\" {}\n"),
        ],
    );
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.tf"), "resource \"aws_s3_bucket\" \"z\" {}\n").unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, stack.path(name)).unwrap();
    link(Path::new("../shared/buckets.tf"), "root/buckets.tf");
    link(&outside.path().join("secret.tf"), "root/secret.tf");
    link(Path::new("../modules/m"), "root/linked");
    link(Path::new("nowhere.tf"), "root/broken.tf");
    assert_eq!(
        place_of(&stack, "root", &[]),
        "block shared/buckets.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x"
    );
    for (address, wanted) in [
        (
            "module.m.aws_s3_bucket.y",
            "block modules/m/main.tf `resource \"aws_s3_bucket\" \"y\"` of module.m.aws_s3_bucket.y, called at root/main.tf `module \"m\" {`",
        ),
        (
            "aws_s3_bucket.z",
            "not found `aws_s3_bucket.z`: not found in the code, some of which could not be read",
        ),
    ] {
        stack.write("s.tfstate", &state("l", &[(address, bucket("b"))]));
        assert_eq!(place_of(&stack, "root", &[]), wanted);
    }
    link(outside.path(), "elsewhere");
    let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
    for (root, message) in [
        ("elsewhere", "outside of the repository"),
        ("missing", "cannot read"),
        ("modules", "no Terraform files"),
    ] {
        let error = Root::open(&repository, Path::new(root), Vec::new(), &[]).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn untracked_files_are_never_named() {
    let stack = with_bucket(
        "module.m.aws_s3_bucket.x",
        &[
            ("main.tf", "module \"m\" {\n  source = \"./m\"\n  name   = \"b\"\n}\n"),
            ("generated.tf", "resource \"aws_s3_bucket\" \"g\" {}\n"),
            (
                "m/main.tf",
                "variable \"name\" {}\nresource \"aws_s3_bucket\" \"x\" {\n  bucket = var.name\n}\n",
            ),
        ],
    );
    for args in [["init", "--quiet"], ["add", "main.tf"]] {
        let status = Command::new("git").args(args).current_dir(stack.folder.path()).status();
        assert!(status.unwrap().success());
    }
    assert_eq!(
        place_of(&stack, "", &[]),
        "call main.tf `module \"m\"` of module.m.aws_s3_bucket.x"
    );
    assert_eq!(
        place_of(&stack, "", &["aws_s3_bucket.bucket"]),
        "argument main.tf `name   = \"b\"` of module.m.aws_s3_bucket.x, called at main.tf `module \"m\" {`"
    );
    stack.write("s.tfstate", &state("l", &[("aws_s3_bucket.g", bucket("b"))]));
    assert_eq!(
        place_of(&stack, "", &[]),
        "not found `aws_s3_bucket.g`: in a file that is not part of the repository"
    );
}

#[test]
fn a_state_and_what_terraform_shows_of_it_are_one() {
    let stack =
        with_bucket("aws_s3_bucket.x", &[("main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n")]);
    let shown = json!({ "format_version": "1.0", "values": { "root_module": { "resources": [{
        "address": "aws_s3_bucket.x", "mode": "managed", "type": "aws_s3_bucket", "name": "x",
        "provider_name": "registry.terraform.io/hashicorp/aws", "values": bucket("b"),
    }]}}});
    stack.write("show.json", &shown.to_string());
    for states in [["s.tfstate", "show.json"], ["show.json", "s.tfstate"]] {
        let root = stack.open("", &states);
        assert_eq!(
            stack.describe(&root, &asked("s3.bucket", "b", &[], &[])),
            "block main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x"
        );
    }
}

#[test]
fn one_id_in_two_states_is_not_guessed() {
    let code = "resource \"aws_s3_bucket\" \"x\" {}\nresource \"aws_s3_bucket\" \"y\" {}\n";
    let stack = Stack::of(&[("main.tf", code)]);
    let ask = || {
        let root = stack.open("", &["a.tfstate", "b.tfstate"]);
        let got = stack.describe(&root, &asked("s3.bucket", "b", &[], &[]));
        got.replace(&format!("{}/", stack.folder.path().display()), "")
    };
    let write = |name: &str, lineage: &str, address: &str, id: &str| {
        stack.write(name, &state(lineage, &[(address, bucket(id))]));
    };
    write("a.tfstate", "l", "aws_s3_bucket.x", "b");
    write("b.tfstate", "m", "aws_s3_bucket.y", "c");
    assert_eq!(ask(), "block main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x");
    for (lineage, address) in
        [("m", "aws_s3_bucket.y"), ("m", "aws_s3_bucket.x"), ("l", "aws_s3_bucket.y")]
    {
        write("b.tfstate", lineage, address, "b");
        assert_eq!(
            ask(),
            format!(
                "not found `aws_s3_bucket.x`: more than once: as `aws_s3_bucket.x` in a.tfstate and as `{address}` in b.tfstate"
            )
        );
    }
    // A copy of the same state.
    write("b.tfstate", "l", "aws_s3_bucket.x", "b");
    assert_eq!(ask(), "block main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x");
}

#[test]
fn states_that_cannot_be_used_are_problems_without_their_content() {
    let secret = "hunter2";
    let value = json!({ "instances": [{ "attributes": { "id": secret, "password": secret } }] });
    let encrypted = json!({ "meta": { "key_provider.pbkdf2.a": secret }, "encrypted_data": secret, "encryption_version": "v0" });
    let stack = Stack::of(&[("main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n")]);
    for (content, wanted) in [
        (format!("{{\"version\": 3, \"modules\": [\"{secret}\"]}}").into_bytes(), "it is a state of version 3, and rolecall reads version 4"),
        (format!("{{\"version\": 5, \"resources\": [], \"x\": \"{secret}\"}}").into_bytes(), "version 5"),
        (format!("{{\"format_version\": \"2.0\", \"x\": \"{secret}\"}}").into_bytes(), "unknown format"),
        (format!("{{\"a\": \"{secret}\"}}").into_bytes(), "`version` is missing"),
        (encrypted.to_string().into_bytes(), "tofu show -json"),
        (format!("{{\"version\": 4, \"resources\": \"{secret}\"}}").into_bytes(), "does not have the structure of a state at line 1"),
        (format!("{{\"version\": \"{secret}\"}}").into_bytes(), "does not have the structure"),
        (format!("[\"{secret}\"]").into_bytes(), "does not have the structure"),
        (format!("{{\"version\": 4, \"resources\": [{value}").into_bytes(), "not valid JSON at line 1"),
        (secret.as_bytes().to_vec(), "not valid JSON at line 1, column 1"),
        (Vec::new(), "it is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:hunter2\n".to_vec(), "git lfs pull"),
        (format!("{{\"version\": 4}} {secret}").into_bytes(), "not valid JSON"),
        (b"PK\x03\x04hunter2".to_vec(), "terraform show -json PLANFILE"),
        (secret.encode_utf16().fold(vec![0xff, 0xfe], |mut bytes, unit| { bytes.extend(unit.to_le_bytes()); bytes }), "UTF-16"),
        (format!("{{\"version\": 4, \"resources\": [{{\"instances\": [{{\"attributes\": {}{}}}]}}]}}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(), "not valid JSON"),
    ] {
        fs::write(stack.path("s.tfstate"), &content).unwrap();
        let root = stack.open("", &["s.tfstate"]);
        let [problem] = root.problems() else { panic!("{wanted}: {:?}", root.problems()) };
        assert!(problem.contains(wanted) && problem.contains("s.tfstate"), "{wanted}: {problem}");
        assert!(!problem.contains(secret), "{problem}");
    }
    for (missing, has_remedy) in [("missing.tfstate", true), (".", false)] {
        let root = stack.open("", &[missing]);
        let problem = &root.problems()[0];
        assert!(problem.contains("cannot read it"), "{problem}");
        assert_eq!(problem.contains("terraform show -json"), has_remedy, "{problem}");
    }
    // An empty state, and one of a plan for a stack that does not exist yet.
    for good in [
        "{\"version\": 4, \"resources\": null}",
        "{\"format_version\": \"1.0\"}",
        "\u{feff}{\"version\": 4}",
        "{\"format_version\": \"1.2\", \"planned_values\": {\"root_module\": {\"resources\": [{}]}}}",
    ] {
        stack.write("s.tfstate", good);
        assert_eq!(stack.open("", &["s.tfstate"]).problems(), &[] as &[String], "{good}");
    }
}

#[test]
fn large_states_are_rejected_without_reading_them_to_the_end() {
    const LIMIT: u64 = 1024 * 1024;
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let start: &[u8] = if self.0 == 0 { b"{\"a\": \"" } else { b"" };
            assert!(self.0 < 2 * LIMIT, "read beyond the limit");
            buffer.fill(b'x');
            buffer[..start.len()].copy_from_slice(start);
            self.0 += buffer.len() as u64;
            Ok(buffer.len())
        }
    }
    let error = state::read_at_most(Endless(0), LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "it is larger than 1 MiB");
}

#[test]
fn the_state_before_a_plan_is_used() {
    let resource = |address: &str, name: &str| json!({ "address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "x", "provider_name": "registry.terraform.io/hashicorp/aws", "values": bucket(name) });
    let plan = json!({
        "format_version": "1.2",
        "planned_values": { "root_module": { "resources": [resource("aws_s3_bucket.y", "planned")] } },
        "prior_state": { "format_version": "1.0", "values": { "root_module": { "resources": [resource("aws_s3_bucket.x", "b")] } } },
    });
    let stack = Stack::of(&[
        ("main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n"),
        ("s.tfstate", &plan.to_string()),
    ]);
    assert_eq!(
        place_of(&stack, "", &[]),
        "block main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x"
    );
    let root = stack.open("", &["s.tfstate"]);
    assert_eq!(stack.describe(&root, &asked("s3.bucket", "planned", &[], &[])), "not declared");
}

#[test]
fn tofu_files_replace_those_of_terraform_and_overrides_replace_blocks() {
    let stack = with_bucket(
        "aws_s3_bucket.x",
        &[
            ("main.tf", "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"terraform\"\n}\n"),
            (
                "main.tofu",
                "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"tofu\"\n  versioning {\n    enabled = true\n  }\n}\n",
            ),
            (
                "a_override.tf",
                "resource \"aws_s3_bucket\" \"x\" {\n  versioning {\n    enabled = false\n  }\n}\n",
            ),
            (".#main.tf", "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"editor\"\n}\n"),
        ],
    );
    assert_eq!(
        place_of(&stack, "", &["aws_s3_bucket.bucket"]),
        "attribute main.tofu `bucket = \"tofu\"` of aws_s3_bucket.x"
    );
    assert_eq!(
        place_of(&stack, "", &["aws_s3_bucket.versioning.enabled"]),
        "attribute a_override.tf `enabled = false` of aws_s3_bucket.x"
    );
    assert_eq!(
        place_of(&stack, "", &[]),
        "block main.tofu `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x"
    );
}

#[test]
fn modules_from_elsewhere_are_placed_at_their_calls_without_init() {
    let stack = Stack::new();
    fs::remove_dir_all(stack.path("envs/prod/.terraform")).unwrap();
    let root = stack.open("envs/prod", &["prod.tfstate"]);
    for (kind, id) in
        [("ec2.subnet", "subnet-0000000000000000a"), ("ec2.vpc_endpoint", "vpce-0000000000000000a")]
    {
        let got = stack.describe(
            &root,
            &asked(
                kind,
                id,
                &["aws_subnet.map_public_ip_on_launch", "aws_vpc_endpoint.policy"],
                &[],
            ),
        );
        assert!(
            got.starts_with("call envs/prod/network.tf `module \"vpc\"` of module.vpc."),
            "{got}"
        );
    }
    let got = stack.describe(&root, &asked("ec2.instance", "i-0000000000000000c", &[], &[]));
    assert!(got.starts_with("block modules/bastion/main.tf"), "{got}");
    // A module was installed in a version without the resource, or its list is damaged.
    for (name, text) in [
        (".terraform/modules/vpc/main.tf", "resource \"aws_vpc\" \"other\" {}\n"),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\": [{\"Key\": \"vpc\", \"Dir\": \"/etc\"}, {}",
        ),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\": [{\"Key\": \"vpc\", \"Dir\": \"../../../../..\"}, {\"Key\": \"team\", \"Dir\": \"/\"}]}",
        ),
    ] {
        let stack = Stack::new();
        stack.write(&format!("envs/prod/{name}"), text);
        let root = stack.open("envs/prod", &["prod.tfstate"]);
        let got = stack.describe(
            &root,
            &asked("ec2.vpc", "vpc-0000000000000000a", &["aws_vpc.cidr_block"], &[]),
        );
        assert_eq!(got, "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_vpc.this");
    }
}
