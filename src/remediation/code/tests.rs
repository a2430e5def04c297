//! Which change of a literal is proposed, and why there is none.

use serde_json::json;

use super::*;

#[test]
fn an_attribute_that_is_right_on_aws_is_not_the_cause() {
    let text = "resource \"aws_subnet\" \"a\" {\n  map_public_ip_on_launch = false\n}\n";
    let instructions =
        "x\n## How to fix it\n\n- Terraform: set `map_public_ip_on_launch = false`.\n";
    let place = Place {
        file: "main.tf".to_owned(),
        line: 2,
        column: 3,
        end_column: 34,
        address: "aws_subnet.a".to_owned(),
        what: PlaceKind::Attribute,
        because: None,
        call: None,
        value: None,
    };
    for (on_aws, wanted) in [
        (json!(false), None),
        (json!(true), Some(CodeChange::None)),
        (json!(null), Some(CodeChange::None)),
        (json!("false"), Some(CodeChange::None)),
    ] {
        let evidence = [json!({ "map_public_ip_on_launch": on_aws })];
        let failure = CodeFailure { instructions, terraform: &[], evidence: &evidence };
        let found = CodeChange::proposed(None, text, &place, &failure);
        assert_eq!(found, wanted, "{evidence:?}");
    }
}

/// What is proposed for the first line that begins with the name of `entry`, or has it in a block.
fn proposed(text: &str, entry: &str, evidence: &[Evidence]) -> Option<CodeChange> {
    let instructions = "x\n## How to fix it\n\n- Terraform: `update_default_version = true`, `http_tokens = \"required\"`, `encrypted = true`, `public = false`, `ipv6 = false`, `object_lock_enabled = true`.\n";
    let name = entry.rsplit('.').next().unwrap();
    let index = text.lines().position(|line| line.contains(&format!("{name} ="))).unwrap();
    let column = text.lines().nth(index).unwrap().find(name).unwrap() + 1;
    let resource_type = entry.split('.').next().unwrap();
    let place = Place {
        file: "main.tf".to_owned(),
        line: index as u32 + 1,
        column: column as u32,
        end_column: column as u32 + 1,
        address: format!("module.m[\"a\"].{resource_type}.a[0]"),
        what: PlaceKind::Attribute,
        because: None,
        call: None,
        value: None,
    };
    let terraform = [entry.to_owned(), format!("{resource_type}.ipv6")];
    let failure = CodeFailure { instructions, terraform: &terraform, evidence };
    CodeChange::proposed(None, text, &place, &failure)
}

/// The value in the patch, or why there is none.
fn shown(change: Option<CodeChange>) -> String {
    match change {
        Some(CodeChange::Patch(patch)) => {
            let added = patch.lines().filter(|line| line.starts_with("+ "));
            added.map(|line| line.trim_start_matches('+').trim()).collect()
        }
        Some(CodeChange::Unpatched(why)) => why.to_owned(),
        Some(CodeChange::None) => "drift".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_launch_template_is_fixed_if_its_failing_versions_are_replaced() {
    let required = "http_tokens = \"required\"";
    for (tokens, update, versions, wanted) in [
        ("optional", "", &["default and latest"][..], NEW_VERSION),
        ("optional", "update_default_version = false", &["default"], NEW_VERSION),
        ("optional", "update_default_version = var.update", &["default", "latest"], NEW_VERSION),
        ("optional", "update_default_version = true", &["default and latest"], required),
        ("optional", "", &["latest"], required),
        // A rule that does not say which version fails.
        ("optional", "", &[], NEW_VERSION),
        ("optional", "update_default_version = true", &[], required),
        ("required", "", &["default"], OLD_DEFAULT),
        ("required", "", &["default and latest"], OLD_DEFAULT),
        // Terraform has nothing to change, and so leaves the default version.
        ("required", "update_default_version = true", &["default"], OTHER_DEFAULT),
        ("required", "update_default_version = true", &["default and latest"], "drift"),
        ("required", "", &["latest"], "drift"),
    ] {
        let text = format!(
            "resource \"aws_launch_template\" \"a\" {{\n  {update}\n  metadata_options {{\n    http_tokens = \"{tokens}\"\n  }}\n}}\n"
        );
        let evidence: Vec<Evidence> =
            versions.iter().map(|version| json!({ "version": version })).collect();
        let entry = "aws_launch_template.metadata_options.http_tokens";
        let found = shown(proposed(&text, entry, &evidence));
        assert_eq!(found, wanted, "{tokens}, {update}, {versions:?}");
    }
}

#[test]
fn what_was_launched_is_not_fixed_by_its_launch_template() {
    for (resource_type, tokens, wanted) in [
        ("aws_launch_template", "required", LAUNCHED_BEFORE),
        ("aws_launch_template", "optional", LAUNCHED),
        ("aws_launch_configuration", "optional", LAUNCHED),
    ] {
        let text = format!(
            "resource \"{resource_type}\" \"a\" {{\n  update_default_version = true\n  metadata_options {{\n    http_tokens = \"{tokens}\"\n  }}\n}}\n"
        );
        let place = Place {
            file: "main.tf".to_owned(),
            line: 4,
            column: 5,
            end_column: 6,
            address: format!("{resource_type}.a"),
            what: PlaceKind::Attribute,
            because: Some(crate::model::PlaceReason::Satellite),
            call: None,
            value: None,
        };
        let why = launches(
            &Surroundings::read(None, &text, &place),
            &place,
            resource_type,
            tokens == "required",
            &[],
        );
        assert_eq!(why, Some(wanted), "{resource_type}, {tokens}");
    }
}

#[test]
fn there_is_no_patch_that_replaces_the_resource() {
    for (entry, inside, wanted) in [
        ("aws_s3_bucket.object_lock_enabled", "object_lock_enabled = false", REPLACES),
        ("aws_s3_bucket.object_lock_enabled", "object_lock_enabled = true", REPLACES_FOR_IT),
        ("aws_ebs_volume.encrypted", "encrypted = false", REPLACES),
        (
            "aws_instance.root_block_device.encrypted",
            "root_block_device { encrypted = false }",
            REPLACES,
        ),
        (
            "aws_instance.metadata_options.http_tokens",
            "metadata_options { http_tokens = \"optional\" }",
            "metadata_options { http_tokens = \"required\" }",
        ),
    ] {
        let resource_type = entry.split('.').next().unwrap();
        let text = format!("resource \"{resource_type}\" \"a\" {{\n  {inside}\n}}\n");
        assert_eq!(shown(proposed(&text, entry, &[])), wanted, "{inside}");
    }
}

#[test]
fn there_is_no_patch_of_one_of_several_causes() {
    let evidence = |ipv6| [json!({ "public": true, "ipv6": ipv6 })];
    for (inside, ipv6, wanted) in [
        ("ipv6 = true", json!(true), BOTH),
        ("", json!(true), BOTH),
        // The code has the right value of the other one: applying it changes both.
        ("ipv6 = false", json!(true), "public = false"),
        ("ipv6 = true", json!(false), "public = false"),
        ("", json!(null), "public = false"),
    ] {
        let text = format!("resource \"aws_subnet\" \"a\" {{\n  public = true\n  {inside}\n}}\n");
        let found = shown(proposed(&text, "aws_subnet.public", &evidence(ipv6.clone())));
        assert_eq!(found, wanted, "{inside}, {ipv6}");
    }
    let device = |value: &str| format!("  block {{\n    encrypted = {value}\n  }}\n");
    let [one, other] = ["a", "b"].map(|device| json!({ "version": "latest", "device": device }));
    for (second, evidence, wanted) in [
        ("false", vec![one.clone(), other.clone()], SEVERAL),
        ("var.encrypted", vec![one.clone(), other.clone()], SEVERAL),
        ("true", vec![one.clone(), other], "encrypted = true"),
        ("false", vec![one.clone()], "encrypted = true"),
    ] {
        let text = format!(
            "resource \"aws_launch_template\" \"a\" {{\n{}{}}}\n",
            device("false"),
            device(second)
        );
        let index = text.find("false").unwrap();
        let place = Place {
            file: "main.tf".to_owned(),
            line: 3,
            column: 5,
            end_column: 6,
            address: "aws_launch_template.a".to_owned(),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: Some(index..index + 5),
        };
        let instructions = "x\n## How to fix it\n\n- Terraform: `encrypted = true`.\n";
        let failure = CodeFailure { instructions, terraform: &[], evidence: &evidence };
        let found = shown(CodeChange::proposed(None, &text, &place, &failure));
        assert_eq!(found, wanted, "{second}, {evidence:?}");
    }
}

#[test]
fn what_is_not_read_as_a_literal_has_a_reason() {
    let instructions = "x\n## How to fix it\n\n- Terraform: `encrypted = true`.\n";
    for (file, what, line, wanted) in [
        ("main.tf.json", PlaceKind::Attribute, "\"encrypted\": false", Some(JSON)),
        ("main.tf.json", PlaceKind::Attribute, "\"size\": 1", None),
        ("main.tf", PlaceKind::Argument, "encrypted = false", Some(COMPUTED)),
        ("main.tf", PlaceKind::Argument, "encrypted = var.encrypted", None),
        ("main.tf", PlaceKind::Argument, "volumes = [{}]", None),
        ("main.tf", PlaceKind::Attribute, "encrypted = var.encrypted", None),
        ("t.json", PlaceKind::Template, "\"encrypted\": false", None),
    ] {
        let place = Place {
            file: file.to_owned(),
            line: 2,
            column: 3,
            end_column: 4,
            address: "aws_ebs_volume.a".to_owned(),
            what,
            because: None,
            call: None,
            value: None,
        };
        let text = format!("module \"m\" {{\n  {line}\n}}\n");
        let failure = CodeFailure { instructions, terraform: &[], evidence: &[] };
        let found = CodeChange::proposed(None, &text, &place, &failure);
        assert_eq!(found, wanted.map(CodeChange::Unpatched), "{file}: {line}");
    }
}

/// What is proposed for the line of `file` that contains `literal`, in a repository of these files.
fn in_files(
    files: &[(&str, &str)],
    (file, line, address): (&str, &str, &str),
    instructions: &str,
    evidence: &[Evidence],
) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let text = repository.read(Path::new(file)).unwrap();
    let index = text.lines().position(|text| text.contains(line)).unwrap();
    let place = Place {
        file: file.to_owned(),
        line: index as u32 + 1,
        column: text.lines().nth(index).unwrap().find(line).unwrap() as u32 + 1,
        end_column: 200,
        address: address.to_owned(),
        what: PlaceKind::Attribute,
        because: None,
        call: None,
        value: None,
    };
    let failure = CodeFailure { instructions, terraform: &[], evidence };
    shown(CodeChange::proposed(Some(&repository), &text, &place, &failure))
}

#[test]
fn files_that_override_the_resource_count() {
    let instructions =
        "x\n## How to fix it\n\n- Terraform: `monitoring = true`, `http_tokens = \"required\"`.\n";
    let instance = |inside: &str| format!("resource \"aws_instance\" \"a\" {{\n{inside}}}\n");
    let other = |inside: &str| format!("resource \"aws_instance\" \"b\" {{\n{inside}}}\n");
    let (value, patched) = ("  monitoring = false\n", "monitoring = true");
    let lifecycle = |list: &str| format!("  lifecycle {{\n    ignore_changes = {list}\n  }}\n");
    let ignored = lifecycle("[monitoring]");
    let both = format!("{value}{ignored}");
    let json = |list: &str| {
        format!(
            "{{\"resource\":{{\"aws_instance\":{{\"a\":{{\"lifecycle\":{{\"ignore_changes\":{list}}}}}}}}}}}"
        )
    };
    for (files, file, wanted) in [
        (
            vec![("main.tf", instance(value)), ("override.tf", instance(&ignored))],
            0,
            "Some(Ignored)",
        ),
        (
            vec![("main.tf", instance(&ignored)), ("x_override.tf", instance(value))],
            1,
            "Some(Ignored)",
        ),
        (
            vec![("main.tf", instance(value)), ("override.tf.json", json("[\"monitoring\"]"))],
            0,
            "Some(Ignored)",
        ),
        (
            vec![("main.tf", instance(value)), ("override.tf", instance(&lifecycle("all")))],
            0,
            "Some(Ignored)",
        ),
        // The list of the override replaces the other one, unless it is empty.
        (
            vec![("main.tf", instance(&both)), ("override.tf", instance(&lifecycle("[ami]")))],
            0,
            patched,
        ),
        (
            vec![("main.tf", instance(&both)), ("override.tf", instance(&lifecycle("[]")))],
            0,
            "Some(Ignored)",
        ),
        (
            vec![("main.tf", instance(&both)), ("override.tf", instance("  ami = 1\n"))],
            0,
            "Some(Ignored)",
        ),
        // Another resource, and a file that overrides nothing.
        (vec![("main.tf", instance(value)), ("override.tf", other(&ignored))], 0, patched),
        (vec![("main.tf", instance(value)), ("more.tf", other(&ignored))], 0, patched),
    ] {
        let named: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let at = (named[file].0, "monitoring = false", "aws_instance.a");
        assert_eq!(in_files(&named, at, instructions, &[]), wanted, "{files:?}");
    }
    let template = |update: &str| {
        format!(
            "resource \"aws_launch_template\" \"a\" {{\n  {update}\n  metadata_options {{\n    http_tokens = \"optional\"\n  }}\n}}\n"
        )
    };
    let overriding =
        |update: &str| format!("resource \"aws_launch_template\" \"a\" {{\n  {update}\n}}\n");
    let (on, off) = ("update_default_version = true", "update_default_version = false");
    let tags = "tags = { update_default_version = true }";
    let required = "http_tokens = \"required\"";
    for (main, over, wanted) in [
        (on, off, NEW_VERSION),
        (off, on, required),
        (on, "", required),
        // The name is only a key of a map.
        (tags, "", NEW_VERSION),
        ("", tags, NEW_VERSION),
    ] {
        let files = [("main.tf", &*template(main)), ("override.tf", &*overriding(over))];
        let at = ("main.tf", "http_tokens = ", "aws_launch_template.a");
        assert_eq!(in_files(&files, at, instructions, &[]), wanted, "{main}, {over}");
    }
}

#[test]
fn a_change_fixes_all_that_the_evidence_names_or_is_not_proposed() {
    let instructions = "x\n## How to fix it\n\n- Terraform: `encrypted = true`.\n";
    let device = |name: &str, inside: &str| {
        format!(
            "  block_device_mappings {{\n    device_name = \"{name}\"\n    ebs {{\n      {inside}\n    }}\n  }}\n"
        )
    };
    let piece = |version: &str, device: &str| json!({ "version": version, "device": device });
    let latest = [piece("latest", "/dev/xvda"), piece("latest", "/dev/sdf")];
    let versions = [piece("default", "/dev/sdf"), piece("latest", "/dev/sdf")];
    let (wrong, right) = ("encrypted = false", "encrypted = true");
    for (blocks, evidence, wanted) in [
        // The other device does not set the argument.
        (
            device("/dev/xvda", wrong) + device("/dev/sdf", "volume_size = 20").as_str(),
            &latest,
            SEVERAL,
        ),
        // The image brings the other one along.
        (device("/dev/sdf", wrong), &latest, SEVERAL),
        (device("/dev/sdf", wrong) + device("/dev/sdg", wrong).as_str(), &latest, SEVERAL),
        // The code has the right value of the other one.
        (device("/dev/xvda", wrong) + device("/dev/sdf", right).as_str(), &latest, right),
        (device("/dev/sdf", wrong), &versions, right),
        // Applying the code does not fix the other one, either.
        (device("/dev/sdf", right), &latest, SEVERAL),
    ] {
        let text = format!(
            "resource \"aws_launch_template\" \"a\" {{\n  update_default_version = true\n{blocks}}}\n"
        );
        let index = text.find("encrypted = ").unwrap() + "encrypted = ".len();
        let end = index + text[index..].find('\n').unwrap();
        let place = Place {
            file: "main.tf".to_owned(),
            line: text[..index].lines().count() as u32,
            column: 7,
            end_column: 8,
            address: "aws_launch_template.a".to_owned(),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: Some(index..end),
        };
        let failure = CodeFailure { instructions, terraform: &[], evidence };
        let found = shown(CodeChange::proposed(None, &text, &place, &failure));
        assert_eq!(found, wanted, "{text}{evidence:?}");
        // What a module makes of an argument is not known.
        let argument = Place { what: PlaceKind::Argument, ..place };
        let found = shown(CodeChange::proposed(None, &text, &argument, &failure));
        assert_ne!(found, "drift", "{text}{evidence:?}");
    }
}

#[test]
fn nothing_is_proposed_in_a_dynamic_block_that_may_not_be_generated() {
    let instructions = "x\n## How to fix it\n\n- Terraform: `http_tokens = \"required\"`.\n";
    for (list, value, wanted) in [
        ("[1]", "optional", "http_tokens = \"required\""),
        ("[1]", "required", "drift"),
        ("var.secure ? [1] : []", "optional", CONDITIONAL),
        ("var.secure ? [1] : []", "required", CONDITIONAL),
        ("false ? [1] : []", "optional", CONDITIONAL),
        ("[]", "required", CONDITIONAL),
        ("toset([])", "required", CONDITIONAL),
        ("{ a = 1 }", "required", "drift"),
    ] {
        let text = format!(
            "resource \"aws_instance\" \"a\" {{\n  dynamic \"metadata_options\" {{\n    for_each = {list}\n    content {{\n      http_tokens = \"{value}\"\n    }}\n  }}\n}}\n"
        );
        let at = ("main.tf", "http_tokens", "aws_instance.a");
        assert_eq!(
            in_files(&[("main.tf", &text)], at, instructions, &[]),
            wanted,
            "{list} {value}"
        );
    }
}

#[test]
fn acls_are_not_disabled_while_the_code_sets_one() {
    let instructions =
        "x\n## How to fix it\n\n- Terraform: `object_ownership = \"BucketOwnerEnforced\"`.\n";
    let controls = "resource \"aws_s3_bucket_ownership_controls\" \"a\" {\n  rule {\n    object_ownership = \"BucketOwnerPreferred\"\n  }\n}\n";
    let acl = "resource \"aws_s3_bucket_acl\" \"a\" {\n  acl = \"log-delivery-write\"\n}\n";
    let both = format!("{controls}{acl}");
    for (files, wanted) in [
        (vec![("main.tf", controls)], "object_ownership = \"BucketOwnerEnforced\""),
        (vec![("main.tf", &*both)], GRANTS),
        (vec![("main.tf", controls), ("acl.tf", acl)], GRANTS),
    ] {
        let at = ("main.tf", "object_ownership", "aws_s3_bucket_ownership_controls.a");
        assert_eq!(in_files(&files, at, instructions, &[]), wanted, "{files:?}");
    }
}

#[test]
fn a_value_that_is_not_a_plain_literal_has_a_reason() {
    let instructions =
        "x\n## How to fix it\n\n- Terraform: `monitoring = true`, `http_tokens = \"required\"`.\n";
    for (inside, line, wanted) in [
        ("monitoring = \"false\"", "monitoring", QUOTED),
        ("monitoring = (false)", "monitoring", NOT_PLAIN),
        ("monitoring = false /* why */", "monitoring", "monitoring = true /* why */"),
        ("monitoring = false /* or */ || false", "monitoring", NOT_PLAIN),
        ("tags = { monitoring = false }\n  monitoring = false", "monitoring = false\n", SAME_NAME),
        ("metadata_options = { http_tokens : \"optional\" }", "http_tokens", NOT_PLAIN),
        ("metadata_options = { \"http_tokens\" = \"optional\" }", "\"http_tokens\"", NOT_PLAIN),
        ("monitoring = var.monitoring", "monitoring", "None"),
        ("monitoring = \"yes\"", "monitoring", "None"),
    ] {
        let text = format!("resource \"aws_instance\" \"a\" {{\n  {inside}\n}}\n");
        let index = text.find(line).unwrap();
        let before = &text[..index];
        let column = before.rsplit('\n').next().unwrap().len() as u32 + 1;
        let place = Place {
            file: "main.tf".to_owned(),
            line: before.matches('\n').count() as u32 + 1,
            column,
            end_column: column + 1,
            address: "aws_instance.a".to_owned(),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: None,
        };
        let failure = CodeFailure { instructions, terraform: &[], evidence: &[] };
        let found = shown(CodeChange::proposed(None, &text, &place, &failure));
        assert_eq!(found, wanted, "{inside}");
    }
}

#[test]
fn an_argument_with_another_name_than_the_attribute_has_a_reason() {
    let instructions = "x\n## How to fix it\n\n- Terraform: `http_tokens = \"required\"`.\n";
    let text = "module \"m\" {\n  tokens = \"optional\"\n}\n";
    let index = text.find("\"optional").unwrap();
    for (entry, wanted) in [
        ("aws_instance.metadata_options.http_tokens", RENAMED),
        ("aws_launch_template.metadata_options.http_tokens", "None"),
        ("aws_instance.metadata_options.http_endpoint", "None"),
    ] {
        let place = Place {
            file: "main.tf".to_owned(),
            line: 2,
            column: 3,
            end_column: 4,
            address: "module.m.aws_instance.a".to_owned(),
            what: PlaceKind::Argument,
            because: None,
            call: None,
            value: Some(index..index + "\"optional\"".len()),
        };
        let terraform = [entry.to_owned()];
        let failure = CodeFailure { instructions, terraform: &terraform, evidence: &[] };
        let found = shown(CodeChange::proposed(None, text, &place, &failure));
        assert_eq!(found, wanted, "{entry}");
    }
}
