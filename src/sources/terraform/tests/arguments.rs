//! Arguments of modules from elsewhere: which of them has the value of an attribute, so that a patch
//! of the argument fixes the failure.

use serde_json::json;

use super::*;

const ID: &str = "i-0123456789abcdef0";

/// What a module gets from the root: `argument`. The module: `before`, and the instance with
/// `inside`. The text of the literal that is the cause.
fn literal(argument: &str, before: &str, inside: &str) -> Option<String> {
    let root = format!(
        "module \"m\" {{\n  source  = \"acme/m/aws\"\n  version = \"1\"\n  {argument}\n}}\n"
    );
    let module = format!("{before}\nresource \"aws_instance\" \"x\" {{\n  {inside}\n}}\n");
    let stack = Stack::of(&[
        ("main.tf", &root),
        (".terraform/modules/m/main.tf", &module),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}"#,
        ),
    ]);
    let state = json!({ "version": 4, "lineage": "l", "resources": [{
        "mode": "managed", "type": "aws_instance", "name": "x", "module": "module.m",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{ "attributes": { "id": ID } }],
    }]});
    stack.write("s.tfstate", &state.to_string());
    let opened = stack.open("", &["s.tfstate"]);
    let (account, region) = (ACCOUNT.parse().unwrap(), "eu-west-1".parse::<Region>().unwrap());
    let resource = ResourceRef {
        kind: "ec2.instance".into(),
        region: region.clone(),
        id: Some(ID.into()),
        arn: None,
        name: None,
    };
    let subject = Subject {
        account: &account,
        region: &region,
        resource: &resource,
        tags: None,
        terraform: &["aws_instance.metadata_options.http_tokens".to_owned()],
        evidence: &[],
    };
    let placing = opened.place(&subject);
    let Placing::Placed(place) = placing else { panic!("{module}: {placing:?}") };
    assert_eq!(place.file, "main.tf");
    place.value.map(|range| root[range].to_owned())
}

#[test]
fn only_an_unchanged_argument_is_the_cause() {
    let block = |value: &str| format!("metadata_options {{\n    http_tokens = {value}\n  }}");
    let dynamic = |list: &str, value: &str| {
        format!(
            "dynamic \"metadata_options\" {{\n    for_each = {list}\n    content {{\n      http_tokens = {value}\n    }}\n  }}"
        )
    };
    let (plain, object) = ("tokens = \"optional\"", "options = { http_tokens = \"optional\" }");
    let locals = "locals {\n  tokens = var.tokens\n  both = { http_tokens = var.tokens }\n  options = var.options\n}";
    for (argument, inside, wanted) in [
        (plain, block("var.tokens"), true),
        (plain, block("(var.tokens)"), true),
        (plain, block("local.tokens"), true),
        (plain, block("local.both.http_tokens"), true),
        (object, block("var.options.http_tokens"), true),
        (object, block("var.options[\"http_tokens\"]"), true),
        (object, block("local.options.http_tokens"), true),
        (object, dynamic("[var.options]", "metadata_options.value.http_tokens"), true),
        (plain, dynamic("[1]", "var.tokens"), true),
        // Another value than the argument.
        (plain, block("var.tokens == \"optional\" ? \"optional\" : \"required\""), false),
        (plain, block("upper(var.tokens)"), false),
        (plain, block("\"${var.tokens}x\""), false),
        (plain, block("!var.tokens"), false),
        (plain, block("coalesce(var.tokens, \"optional\")"), false),
        (plain, block("try(var.tokens, \"optional\")"), false),
        // Another key of the object.
        (object, block("var.options.tokens"), false),
        (object, block("var.options.nested.http_tokens"), false),
        (object, block("var.options"), false),
        (object, dynamic("[var.options]", "metadata_options.value.tokens"), false),
        (object, dynamic("var.options.list", "metadata_options.value.http_tokens"), false),
        (object, dynamic("[var.options]", "metadata_options.key"), false),
    ] {
        let found = literal(argument, locals, &inside);
        assert_eq!(found, wanted.then(|| "\"optional\"".to_owned()), "{argument}: {inside}");
    }
}

#[test]
fn an_argument_is_not_the_cause_if_the_module_ignores_changes() {
    for (list, wanted) in [("[ami]", true), ("[metadata_options]", false), ("all", false)] {
        let inside = format!(
            "metadata_options {{\n    http_tokens = var.tokens\n  }}\n  lifecycle {{\n    ignore_changes = {list}\n  }}"
        );
        let found = literal("tokens = \"optional\"", "", &inside);
        assert_eq!(found.is_some(), wanted, "{list}: {found:?}");
    }
}

#[test]
fn arguments_are_passed_on_unchanged_from_module_to_module() {
    for (passed, wanted) in
        [("var.outer", true), ("var.outer ? 1 : 2", false), ("var.outer.inner", false)]
    {
        let stack = Stack::of(&[
            ("main.tf", "module \"m\" {\n  source = \"acme/m/aws\"\n  outer = \"b\"\n}\n"),
            (
                ".terraform/modules/m/main.tf",
                &format!("module \"n\" {{\n  source = \"./n\"\n  name = {passed}\n}}\n"),
            ),
            (
                ".terraform/modules/m/n/main.tf",
                "resource \"aws_s3_bucket\" \"x\" {\n  bucket = var.name\n}\n",
            ),
            (
                ".terraform/modules/modules.json",
                r#"{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}, {"Key": "m.n", "Dir": ".terraform/modules/m/n"}]}"#,
            ),
        ]);
        let state = json!({ "version": 4, "lineage": "l", "resources": [{
            "mode": "managed", "type": "aws_s3_bucket", "name": "x", "module": "module.m.module.n",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "attributes": { "id": "b", "bucket": "b", "arn": "arn:aws:s3:::b" } }],
        }]});
        stack.write("s.tfstate", &state.to_string());
        let root = stack.open("", &["s.tfstate"]);
        let (account, region) = (ACCOUNT.parse().unwrap(), Region::global());
        let resource = ResourceRef {
            kind: "s3.bucket".into(),
            region: region.clone(),
            id: Some("b".into()),
            arn: None,
            name: None,
        };
        let subject = Subject {
            account: &account,
            region: &region,
            resource: &resource,
            tags: None,
            terraform: &["aws_s3_bucket.bucket".to_owned()],
            evidence: &[],
        };
        let placing = root.place(&subject);
        let Placing::Placed(place) = placing else { panic!("{passed}: {placing:?}") };
        assert_eq!(place.value.is_some(), wanted, "{passed}");
    }
}
