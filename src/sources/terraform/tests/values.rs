//! Values of expressions: what follows from the code and from a plan, and what does not.

use std::collections::HashMap;

use serde_json::json;

use super::*;
use crate::model::{BlockPosition, KnownValues};

/// What a plan knows: attributes by address and name, and variables.
struct Plan {
    attributes: HashMap<(&'static str, &'static str), Value>,
    variables: HashMap<&'static str, Value>,
}

impl KnownValues for Plan {
    fn attribute(&self, address: &str, name: &str) -> Option<Value> {
        let all = self.attributes.iter();
        all.filter(|((of, attribute), _)| *of == address && *attribute == name)
            .map(|(_, value)| value.clone())
            .next()
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }
}

fn plan() -> Plan {
    let arn = |name: &str| Value::from(format!("arn:aws:s3:::{name}"));
    Plan {
        attributes: HashMap::from([
            (("aws_s3_bucket.a", "arn"), arn("a")),
            (("aws_s3_bucket.many[\"x\"]", "arn"), arn("many-x")),
            (("aws_s3_bucket.many[\"x\"]", "tags"), json!({ "team": "web" })),
            (("aws_s3_bucket.counted[1]", "arn"), arn("counted-1")),
            (("module.m[\"x\"].aws_s3_bucket.inner", "arn"), arn("inner")),
            (("data.aws_caller_identity.current", "account_id"), json!("111122223333")),
        ]),
        variables: HashMap::from([
            ("ids", json!(["1", "2"])),
            ("none", Value::Null),
            ("teams", json!({ "x": { "role": "r" } })),
        ]),
    }
}

/// The value of `argument` in the block of a resource at an address. `?` is what is not known.
fn value(files: &[(&str, &str)], address: &str, blocks: &[BlockPosition]) -> Option<Value> {
    let stack = Stack::of(files);
    let mut root = stack.open(".", &[]);
    let content =
        r#"{ "format_version": "1.0", "values": { "root_module": { "resources": [] } } }"#;
    root.add_plan(crate::sources::terraform::Plan {
        name: "plan.json".to_owned(),
        content: Box::new(content.as_bytes()),
        resources: Vec::new(),
    });
    fn shown(value: Value) -> Value {
        match value {
            Value::String(text) => text.replace(crate::model::NOT_KNOWN, "?").into(),
            Value::Array(items) => items.into_iter().map(shown).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, shown(value))).collect()
            }
            value => value,
        }
    }
    root.value(address, blocks, "argument", &plan()).map(shown)
}

#[test]
fn expressions_have_the_value_that_follows_from_the_code_and_the_plan() {
    const LOCALS: &str = "locals {\n  name = \"n\"\n  list = [local.name, var.unset]\n  loop = local.loop\n  big = \"${local.big2}${local.big2}\"\n  big2 = \"${local.big}\"\n}\n";
    for (expression, expected) in [
        ("\"a\\n\"", json!("a\n")),
        ("null", Value::Null),
        ("[1, 2.5, true]", json!([1, 2.5, true])),
        ("{ a = 1, \"b:c\" = 2, (local.name) = 3 }", json!({ "a": 1, "b:c": 2, "n": 3 })),
        ("{ (var.unset) = 3 }", json!("?")),
        ("\"${aws_s3_bucket.a.arn}/*\"", json!("arn:aws:s3:::a/*")),
        ("aws_s3_bucket.a.id", json!("?")),
        ("aws_s3_bucket.other.arn", json!("?")),
        ("\"x-${aws_s3_bucket.a.id}-y\"", json!("x-?-y")),
        ("\"$${aws:username}/%%{x}\"", json!("${aws:username}/%{x}")),
        ("aws_s3_bucket.many[\"x\"].arn", json!("arn:aws:s3:::many-x")),
        ("aws_s3_bucket.many[each.key].arn", json!("arn:aws:s3:::many-x")),
        ("aws_s3_bucket.many[each.key].tags.team", json!("web")),
        ("aws_s3_bucket.many[each.key].tags[\"team\"]", json!("web")),
        ("aws_s3_bucket.many[*].arn", json!("?")),
        ("aws_s3_bucket.counted[1].arn", json!("arn:aws:s3:::counted-1")),
        ("aws_s3_bucket.counted[0].arn", json!("?")),
        ("each.value.role", json!("r")),
        ("each.value.other", json!("?")),
        ("count.index", json!("?")),
        ("data.aws_caller_identity.current.account_id", json!("111122223333")),
        ("module.other.arn", json!("?")),
        ("path.module", json!("?")),
        ("local.list", json!(["n", "?"])),
        ("local.loop", json!("?")),
        ("local.missing", json!("?")),
        ("var.ids[1]", json!("2")),
        ("var.ids[5]", json!("?")),
        ("var.none == null ? \"a\" : \"b\"", json!("a")),
        ("var.unset == null ? \"a\" : \"b\"", json!("?")),
        ("length(var.ids) > 1 && !false ? 1 : 2", json!(1)),
        ("length(var.unset) > 1 || true ? 1 : 2", json!(1)),
        ("\"1\" == 1 ? \"a\" : \"b\"", json!("b")),
        ("concat([\"a\"], var.ids, [])", json!(["a", "1", "2"])),
        ("concat([\"a\"], var.unset)", json!("?")),
        ("concat([[\"a\"], [\"b\"]]...)", json!(["a", "b"])),
        ("flatten([[\"a\", [\"b\"]], \"c\"])", json!(["a", "b", "c"])),
        ("flatten([[\"a\"], var.unset])", json!("?")),
        ("merge({ a = 1 }, { a = 2, b = 3 })", json!({ "a": 2, "b": 3 })),
        ("merge({ a = 1 }, var.unset)", json!("?")),
        ("toset([\"a\", \"a\"])", json!(["a"])),
        ("compact([\"a\", \"\", null])", json!(["a"])),
        ("compact([\"a\", var.unset])", json!("?")),
        ("join(\",\", var.ids)", json!("1,2")),
        ("format(\"arn:%s:%s\", \"a\", var.unset)", json!("arn:a:?")),
        ("format(\"%d\", 1)", json!("?")),
        ("jsonencode({ a = [\"b\"] })", json!("{\"a\":[\"b\"]}")),
        ("upper(var.unset)", json!("?")),
        ("file(\"x\")", json!("?")),
        ("provider::aws::arn_parse(\"x\")", json!("?")),
        ("[for id in var.ids : \"arn:${id}\"]", json!(["arn:1", "arn:2"])),
        ("[for id in var.ids : id if id != \"1\"]", json!(["2"])),
        ("[for id in var.ids : id if id != var.unset]", json!("?")),
        ("{ for name, one in var.teams : name => one.role }", json!({ "x": "r" })),
        ("[for id in var.unset : id]", json!("?")),
        (
            "<<EOT\n{\"a\": \"${aws_s3_bucket.a.arn}\"}\nEOT\n",
            json!("{\"a\": \"arn:aws:s3:::a\"}\n"),
        ),
        ("\"%{ if true }a%{ endif }\"", json!("?")),
        ("local.big", json!("?")),
    ] {
        let text = format!(
            "{LOCALS}resource \"aws_x\" \"x\" {{\n  for_each = var.teams\n  argument = {expression}\n}}\n"
        );
        let found = value(&[("main.tf", &text)], "aws_x.x[\"x\"]", &[]);
        assert_eq!(found, Some(expected), "{expression}");
    }
}

#[test]
fn variables_of_modules_have_what_their_calls_pass() {
    let root = "locals {\n  more = [\"b\"]\n}\nmodule \"m\" {\n  source = \"./m\"\n  for_each = var.teams\n  passed = \"${each.key}-${each.value.role}\"\n  list = concat([\"a\"], local.more)\n  nothing = null\n}\n";
    for (expression, expected) in [
        ("var.passed", json!("x-r")),
        ("var.list", json!(["a", "b"])),
        ("var.default", json!("d")),
        ("var.required", json!("?")),
        // A variable that cannot be null has its default.
        ("var.nothing", json!("?")),
        ("aws_s3_bucket.inner.arn", json!("arn:aws:s3:::inner")),
        // Of the root module.
        ("aws_s3_bucket.a.arn", json!("?")),
        ("local.more", json!("?")),
        ("each.key", json!("?")),
        ("var.ids", json!("?")),
    ] {
        let module = format!(
            "variable \"default\" {{\n  default = \"d\"\n}}\nvariable \"nothing\" {{\n  default = \"d\"\n}}\nresource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n"
        );
        let files = [("main.tf", root), ("m/main.tf", module.as_str())];
        assert_eq!(value(&files, "module.m[\"x\"].aws_x.x", &[]), Some(expected), "{expression}");
    }
}

#[test]
fn outputs_of_modules_have_the_value_of_their_expression() {
    const MODULES: &str = "module \"one\" {\n  source = \"./m\"\n  passed = \"p\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  for_each = var.teams\n  passed = each.value.role\n}\nmodule \"counted\" {\n  source = \"./m\"\n  count = length(var.ids)\n  passed = count.index\n}\nmodule \"open\" {\n  source = \"./m\"\n  for_each = var.unset\n}\nmodule \"set\" {\n  source = \"./m\"\n  for_each = toset([\"k\"])\n  passed = each.value\n}\nmodule \"elsewhere\" {\n  source = \"registry/of/modules\"\n}\nmodule \"outer\" {\n  source = \"./outer\"\n  name = module.one.passed\n}\nmodule \"loop\" {\n  source = \"./m\"\n  passed = module.loop.passed\n}\n";
    const INNER: &str = "locals {\n  own = \"l-${var.passed}\"\n}\nvariable \"passed\" {\n  default = \"d\"\n}\noutput \"passed\" {\n  value = var.passed\n}\noutput \"own\" {\n  value = { list = [local.own] }\n}\noutput \"arn\" {\n  value = aws_s3_bucket.inner.arn\n}\noutput \"secret\" {\n  value     = \"s\"\n  sensitive = true\n}\noutput \"key\" {\n  value = each.key\n}\n";
    const OUTER: &str = "variable \"name\" {}\nmodule \"inner\" {\n  source = \"../m\"\n  passed = \"${var.name}-o\"\n}\noutput \"passed\" {\n  value = module.inner.passed\n}\noutput \"all\" {\n  value = module.inner\n}\n";
    for (expression, expected) in [
        ("module.one.passed", json!("p")),
        ("module.one.own", json!({ "list": ["l-p"] })),
        ("module.one.own.list[0]", json!("l-p")),
        ("\"${module.one.passed}/*\"", json!("p/*")),
        ("module.one.arn", json!("?")),
        ("module.one.missing", json!("?")),
        ("module.one.secret", json!("?")),
        ("module.one.key", json!("?")),
        ("module.one", json!("?")),
        ("module.one[0].passed", json!("?")),
        ("module.missing.passed", json!("?")),
        ("module.m[\"x\"].arn", json!("arn:aws:s3:::inner")),
        ("module.m[\"x\"].passed", json!("r")),
        ("module.m[each.key].passed", json!("r")),
        ("module.m[\"y\"].passed", json!("?")),
        ("module.m[var.unset].passed", json!("?")),
        ("module.m[*].passed", json!("?")),
        ("module.m.passed", json!("?")),
        ("[for key, team in var.teams : module.m[key].passed]", json!(["r"])),
        ("module.counted[1].passed", json!(1)),
        ("module.counted[2].passed", json!("?")),
        ("module.counted[var.unset].passed", json!("?")),
        ("module.open[\"x\"].passed", json!("?")),
        ("module.set[\"k\"].passed", json!("k")),
        ("module.elsewhere.passed", json!("?")),
        ("module.outer.passed", json!("p-o")),
        ("module.outer.all.passed", json!("?")),
        ("module.loop.passed", json!("?")),
    ] {
        let text = format!(
            "{MODULES}resource \"aws_x\" \"x\" {{\n  for_each = var.teams\n  argument = {expression}\n}}\n"
        );
        let files = [("main.tf", text.as_str()), ("m/main.tf", INNER), ("outer/main.tf", OUTER)];
        assert_eq!(value(&files, "aws_x.x[\"x\"]", &[]), Some(expected), "{expression}");
    }
    // An override of an output replaces its value.
    let main = "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_x\" \"x\" {\n  argument = module.m.o\n}\n";
    let output = |rest: &str| format!("output \"o\" {{\n{rest}}}\n");
    for (inner, other, expected) in [
        ("  value = 1\n", "  value = 2\n", json!(2)),
        ("  value = 1\n", "  description = \"d\"\n", json!(1)),
        ("  value = 1\n  sensitive = true\n", "  value = 2\n", json!("?")),
        ("  value = 1\n", "  sensitive = true\n", json!("?")),
    ] {
        let (inner, other) = (output(inner), output(other));
        let files = [("main.tf", main), ("m/main.tf", &*inner), ("m/override.tf", &*other)];
        assert_eq!(value(&files, "aws_x.x", &[]), Some(expected), "{inner}{other}");
    }
}

/// The value of a variable of `for` is copied as often as it is used.
#[test]
fn a_value_does_not_become_larger_than_the_limit() {
    let (long, many) = ("x".repeat(40_000), "1,".repeat(50));
    let locals = format!("locals {{\n  long = \"{long}\"\n  many = [{many}]\n}}\n");
    for expression in [
        "[for long in [local.long] : [for a in local.many : [for b in local.many : long]]]",
        "[for all in [{ long = local.long }] : [for a in local.many : [for b in local.many : all.long]]]",
        "join(local.long, flatten([for a in local.many : [for b in local.many : \"b\"]]))",
    ] {
        let text = format!("{locals}resource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n");
        let found = value(&[("main.tf", &text)], "aws_x.x", &[]).unwrap();
        let length = found.to_string().len();
        assert!(length < 2 << 20, "{length} {expression}");
        fuzz::evaluate(&text).unwrap();
    }
}

#[test]
fn arguments_in_blocks_are_those_of_the_plan() {
    let at = |position, number| [BlockPosition { kind: "statement", position, number }];
    let policy = |rest: &str| {
        format!(
            "data \"aws_iam_policy_document\" \"x\" {{\n  statement {{\n    argument = 1\n  }}\n  {rest}\n}}\n"
        )
    };
    let second = "statement {\n    argument = 2\n  }";
    let dynamic = "dynamic \"statement\" {\n    for_each = var.ids\n    content {\n      argument = 3\n    }\n  }";
    let address = "data.aws_iam_policy_document.x";
    for (rest, blocks, expected) in [
        (second, at(1, 2), Some(json!(2))),
        (second, at(0, 2), Some(json!(1))),
        (second, at(0, 3), None),
        (dynamic, at(0, 1), Some(json!(1))),
        (dynamic, at(1, 2), None),
        ("", at(1, 1), None),
    ] {
        let text = policy(rest);
        assert_eq!(value(&[("main.tf", &text)], address, &blocks), expected, "{rest} {blocks:?}");
    }
    // Another file can replace the block.
    let text = policy("");
    let files = [("main.tf", text.as_str()), ("override.tf", text.as_str())];
    assert_eq!(value(&files, address, &at(0, 1)), None);
    // Something that cannot be read can be about it.
    let broken = [("main.tf", text.as_str()), ("broken.tf", "resource \"aws_x\" {{{")];
    assert_eq!(value(&broken, address, &at(0, 1)), None);
}
