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
    let attribute = "metadata_options.http_tokens";
    let value = value(&stack, "module.m", ("ec2.instance", "aws_instance", ID), attribute);
    value.map(|range| root[range].to_owned())
}

/// The range of the literal in `main.tf` that is the cause for the resource `x` in a module: its kind,
/// type and id, and the attribute.
fn value(
    stack: &Stack,
    module: &str,
    (kind, of, id): (&str, &str, &str),
    attribute: &str,
) -> Option<std::ops::Range<usize>> {
    let state = json!({ "version": 4, "lineage": "l", "resources": [{
        "mode": "managed", "type": of, "name": "x", "module": module,
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{ "attributes": { "id": id } }],
    }]});
    stack.write("s.tfstate", &state.to_string());
    let opened = stack.open("", &["s.tfstate"]);
    let (account, region) = (ACCOUNT.parse().unwrap(), "eu-west-1".parse::<Region>().unwrap());
    let resource = ResourceRef {
        kind: kind.to_owned().into(),
        region: region.clone(),
        id: Some(id.into()),
        arn: None,
        name: None,
    };
    let subject = Subject {
        account: &account,
        region: &region,
        resource: &resource,
        tags: None,
        terraform: &[format!("{of}.{attribute}")],
        evidence: &[],
    };
    let placing = opened.place(&subject);
    let Placing::Placed(place) = placing else { panic!("{module}: {placing:?}") };
    assert_eq!(place.file, "main.tf");
    place.value
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
        // The block may not be generated.
        (plain, dynamic("var.on ? [1] : []", "var.tokens"), false),
        (plain, dynamic("false ? [1] : []", "var.tokens"), false),
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
        let found =
            value(&stack, "module.m.module.n", ("s3.bucket", "aws_s3_bucket", "b"), "bucket");
        assert_eq!(found.is_some(), wanted, "{passed}");
    }
}

#[test]
fn a_block_is_set_by_the_argument_that_its_dynamic_block_iterates_over() {
    let dynamic = |list: &str, inside: &str| {
        format!(
            "dynamic \"ingress\" {{\n    for_each = {list}\n    content {{\n      {inside}\n    }}\n  }}"
        )
    };
    let each = "from_port = ingress.value.port";
    let argument = "argument main.tf `rules   = [{ port = 22 }]` of module.m.aws_security_group.x, called at main.tf `module \"m\" {`";
    let call = "call main.tf `module \"m\"` of module.m.aws_security_group.x";
    let missing = format!("{call}, missing");
    let [rules, other] = ["rules   = [{ port = 22 }]", "other   = true"];
    for (arguments, inside, wanted) in [
        (rules, dynamic("var.rules", each), argument),
        (rules, dynamic("{ for rule in var.rules : rule.port => rule }", each), argument),
        (rules, dynamic("local.rules", "from_port = var.port"), argument),
        // Several arguments, or none, set it: which one is not known, but the module does.
        (rules, dynamic("var.other ? var.rules : []", each), call),
        (rules, dynamic("[22]", "from_port = ingress.value"), call),
        (rules, "ingress {\n    from_port = 22\n  }".to_owned(), call),
        // The default of the module, or nothing.
        (other, dynamic("var.rules", each), &missing),
        (rules, String::new(), &missing),
    ] {
        let stack = Stack::of(&[
            ("main.tf", &format!("module \"m\" {{\n  source  = \"acme/m/aws\"\n  {arguments}\n}}\n")),
            (
                ".terraform/modules/m/main.tf",
                &format!("locals {{\n  rules = var.rules\n}}\nresource \"aws_security_group\" \"x\" {{\n  {inside}\n}}\n"),
            ),
            (
                ".terraform/modules/modules.json",
                r#"{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}"#,
            ),
            (
                "s.tfstate",
                &json!({ "version": 4, "lineage": "l", "resources": [{
                    "mode": "managed", "type": "aws_security_group", "name": "x", "module": "module.m",
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{ "attributes": { "id": "sg-0123456789abcdef0" } }],
                }]})
                .to_string(),
            ),
        ]);
        let terraform = ["aws_vpc_security_group_ingress_rule", "aws_security_group.ingress"];
        let evidence = [json!({ "from_port": 22 })];
        let asked = asked("ec2.security_group", "sg-0123456789abcdef0", &terraform, &evidence);
        let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
        assert_eq!(found, wanted, "{arguments}: {inside}");
    }
}

#[test]
fn an_expression_that_reads_something_else_as_well_is_not_set_by_one_argument() {
    let attribute = "metadata_options {\n    http_tokens = VALUE\n  }";
    let call = "call main.tf `module \"m\"` of module.m.aws_instance.x";
    let argument = "argument main.tf `tokens  = \"required\"` of module.m.aws_instance.x, called at main.tf `module \"m\" {`";
    for (value, wanted) in [
        ("lookup(each.value, \"tokens\", var.tokens)", call),
        ("coalesce(each.value.tokens, var.tokens)", call),
        ("each.value.tokens", call),
        ("coalesce(data.aws_ssm_parameter.t.value, var.tokens)", call),
        ("coalesce(data.aws_ssm_parameter.t[0].value, var.tokens)", call),
        ("coalesce(module.n.tokens, var.tokens)", call),
        ("coalesce(aws_ssm_parameter.t.value, var.tokens)", call),
        ("coalesce(aws_ssm_parameter.t[0].value, var.tokens)", call),
        ("coalesce(local.tokens, var.tokens)", call),
        ("coalesce(\"\", var.tokens)", argument),
        ("[for token in var.tokens : token.value][0]", argument),
    ] {
        let module = format!(
            "locals {{\n  tokens = each.value.tokens\n}}\nresource \"aws_instance\" \"x\" {{\n  for_each = var.instances\n  {}\n}}\n",
            attribute.replace("VALUE", value)
        );
        let stack = Stack::of(&[
            (
                "main.tf",
                "module \"m\" {\n  source  = \"acme/m/aws\"\n  tokens  = \"required\"\n  instances = {}\n}\n",
            ),
            (".terraform/modules/m/main.tf", &module),
            (
                ".terraform/modules/modules.json",
                r#"{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}"#,
            ),
            (
                "s.tfstate",
                &json!({ "version": 4, "lineage": "l", "resources": [{
                    "mode": "managed", "type": "aws_instance", "name": "x", "module": "module.m",
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{ "attributes": { "id": ID } }],
                }]})
                .to_string(),
            ),
        ]);
        let asked = asked("ec2.instance", ID, &["aws_instance.metadata_options.http_tokens"], &[]);
        let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
        assert_eq!(found, wanted, "{value}");
    }
}

#[test]
fn a_call_of_a_module_passes_on_what_its_iteration_has() {
    let inner = "resource \"aws_s3_bucket\" \"x\" {\n  bucket = var.name\n}\n";
    let wrapper = "module \"n\" {\n  source   = \"./n\"\n  for_each = var.items\n  name     = try(each.value.name, var.defaults.name, {})\n}\n";
    let stack = Stack::of(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"acme/m/aws\"\n  defaults = {\n    name = \"a\"\n  }\n  items = { a = { name = \"b\" } }\n}\n",
        ),
        (".terraform/modules/m/main.tf", wrapper),
        (".terraform/modules/m/n/main.tf", inner),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}, {"Key": "m.n", "Dir": ".terraform/modules/m/n"}]}"#,
        ),
        (
            "s.tfstate",
            &json!({ "version": 4, "lineage": "l", "resources": [{
                "mode": "managed", "type": "aws_s3_bucket", "name": "x",
                "module": "module.m.module.n[\"a\"]",
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{ "attributes": { "id": "b", "bucket": "b" } }],
            }]})
            .to_string(),
        ),
    ]);
    let asked = asked("s3.bucket", "b", &["aws_s3_bucket.bucket"], &[]);
    let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
    assert_eq!(found, "call main.tf `module \"m\"` of module.m.module.n[\"a\"].aws_s3_bucket.x");
}

#[test]
fn a_dynamic_block_over_nothing_sets_nothing() {
    let block = "block main.tf `resource \"aws_instance\" \"x\"` of aws_instance.x";
    let attribute = "attribute main.tf `http_tokens = \"required\"` of aws_instance.x";
    for (list, wanted) in [("[]", block), ("{}", block), ("[1]", attribute), ("var.on", attribute)]
    {
        let stack = Stack::of(&[
            (
                "main.tf",
                &format!(
                    "resource \"aws_instance\" \"x\" {{\n  dynamic \"metadata_options\" {{\n    for_each = {list}\n    content {{\n      http_tokens = \"required\"\n    }}\n  }}\n}}\n"
                ),
            ),
            (
                "s.tfstate",
                &json!({ "version": 4, "lineage": "l", "resources": [{
                    "mode": "managed", "type": "aws_instance", "name": "x",
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{ "attributes": { "id": ID } }],
                }]})
                .to_string(),
            ),
        ]);
        let asked = asked("ec2.instance", ID, &["aws_instance.metadata_options.http_tokens"], &[]);
        let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
        assert!(found.starts_with(wanted), "{list}: {found}");
    }
}

#[test]
fn a_dynamic_block_in_json_contains_the_attribute() {
    let content = "\"content\": {\n\"http_tokens\": \"optional\"\n}";
    let attribute = "attribute main.tf.json `http_tokens\": \"optional\"` of aws_instance.x";
    let block = "block main.tf.json `x` of aws_instance.x";
    for (dynamic, wanted) in [
        (format!("{{ \"metadata_options\": {{ \"for_each\": [1], {content} }} }}"), attribute),
        (
            format!(
                "[{{ \"metadata_options\": [{{ \"for_each\": \"${{var.x}}\", {content} }}] }}]"
            ),
            attribute,
        ),
        (format!("{{ \"metadata_options\": {{ \"for_each\": [], {content} }} }}"), block),
        ("{ \"metadata_options\": 1 }".to_owned(), block),
        ("1".to_owned(), block),
    ] {
        let code = format!(
            "{{ \"resource\": {{ \"aws_instance\": {{ \"x\": {{\n\"dynamic\": {dynamic} }} }} }} }}\n"
        );
        let stack = Stack::of(&[
            ("main.tf.json", &code),
            (
                "s.tfstate",
                &json!({ "version": 4, "lineage": "l", "resources": [{
                    "mode": "managed", "type": "aws_instance", "name": "x",
                    "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                    "instances": [{ "attributes": { "id": ID } }],
                }]})
                .to_string(),
            ),
        ]);
        let asked = asked("ec2.instance", ID, &["aws_instance.metadata_options.http_tokens"], &[]);
        let found = stack.describe(&stack.open("", &["s.tfstate"]), &asked);
        assert!(found.starts_with(wanted), "{code}: {found}");
    }
}
