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
            (("aws_x.later", "arn"), json!("\u{e001}of-a-bucket")),
            (("aws_x.later", "set_or_list"), json!(["b", "a"])),
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
    const LOCALS: &str = "variable \"ids\" {}\nvariable \"none\" {}\nvariable \"teams\" {}\nlocals {\n  name = \"n\"\n  list = [local.name, var.unset]\n  loop = local.loop\n  big = \"${local.big2}${local.big2}\"\n  big2 = \"${local.big}\"\n}\n";
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
    let root = "variable \"teams\" {}\nlocals {\n  more = [\"b\"]\n}\nmodule \"m\" {\n  source = \"./m\"\n  for_each = var.teams\n  passed = \"${each.key}-${each.value.role}\"\n  list = concat([\"a\"], local.more)\n  nothing = null\n  never_nothing = null\n  undeclared = 1\n}\n";
    for (expression, expected) in [
        ("var.passed", json!("x-r")),
        ("var.list", json!(["a", "b"])),
        ("var.default", json!("d")),
        ("var.required", json!("?")),
        ("var.undeclared", json!("?")),
        // The default is for what is not passed, or for a variable that cannot be null.
        ("var.never_nothing", json!("d")),
        ("var.nothing", Value::Null),
        ("aws_s3_bucket.inner.arn", json!("arn:aws:s3:::inner")),
        // Of the root module.
        ("aws_s3_bucket.a.arn", json!("?")),
        ("local.more", json!("?")),
        ("each.key", json!("?")),
        ("var.ids", json!("?")),
    ] {
        let module = format!(
            "variable \"passed\" {{}}\nvariable \"list\" {{}}\nvariable \"required\" {{}}\nvariable \"never_nothing\" {{\n  default = \"d\"\n  nullable = false\n}}\nvariable \"default\" {{\n  default = \"d\"\n}}\nvariable \"nothing\" {{\n  default = \"d\"\n}}\nresource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n"
        );
        let files = [("main.tf", root), ("m/main.tf", module.as_str())];
        assert_eq!(value(&files, "module.m[\"x\"].aws_x.x", &[]), Some(expected), "{expression}");
    }
}

#[test]
fn outputs_of_modules_have_the_value_of_their_expression() {
    const MODULES: &str = "variable \"ids\" {}\nvariable \"teams\" {}\nmodule \"one\" {\n  source = \"./m\"\n  passed = \"p\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  for_each = var.teams\n  passed = each.value.role\n}\nmodule \"counted\" {\n  source = \"./m\"\n  count = length(var.ids)\n  passed = count.index\n}\nmodule \"open\" {\n  source = \"./m\"\n  for_each = var.unset\n}\nmodule \"set\" {\n  source = \"./m\"\n  for_each = toset([\"k\"])\n  passed = each.value\n}\nmodule \"elsewhere\" {\n  source = \"registry/of/modules\"\n}\nmodule \"outer\" {\n  source = \"./outer\"\n  name = module.one.passed\n}\nmodule \"loop\" {\n  source = \"./m\"\n  passed = module.loop.passed\n}\n";
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
    // Arguments of the call are converted to the types of variables; outputs are not converted.
    for (declaration, passed, output, expected) in [
        ("type = string", "1", "var.x == \"1\"", json!(true)),
        ("", "1", "var.x == \"1\"", json!(false)),
        ("type = set(string)", "[\"b\", 1, \"b\"]", "tolist(var.x)", json!(["1", "b"])),
        ("type = map(string)", "{ a = 1 }", "[var.x.a, 1]", json!(["1", 1])),
        ("default = \"d\"\nnullable = false", "null", "var.x", json!("d")),
        ("type = list(string)", "var.unset", "var.x", json!("?")),
    ] {
        let main = format!(
            "variable \"unset\" {{}}\nmodule \"m\" {{\n  source = \"./m\"\n  x = {passed}\n}}\nresource \"aws_x\" \"x\" {{\n  argument = module.m.o\n}}\n"
        );
        let inner = format!(
            "variable \"x\" {{\n{declaration}\n}}\noutput \"o\" {{\n  value = {output}\n}}\n"
        );
        let files = [("main.tf", &*main), ("m/main.tf", &*inner)];
        assert_eq!(
            value(&files, "aws_x.x", &[]),
            Some(expected),
            "{declaration} {passed} {output}"
        );
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
        "[for k, v in toset([local.long]) : [for a in local.many : [for b in local.many : k]]]",
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

/// The value of an expression in a module, `x` of which has this declaration and gets this value.
fn received(declaration: &str, passed: Option<&str>, expression: &str) -> Option<Value> {
    let passed = passed.map(|passed| format!("  x = {passed}\n")).unwrap_or_default();
    let root =
        format!("variable \"unset\" {{}}\nmodule \"m\" {{\n  source = \"./m\"\n{passed}}}\n");
    let module = format!(
        "variable \"unset\" {{}}\nvariable \"x\" {{\n{declaration}\n}}\nresource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n"
    );
    value(&[("main.tf", &root), ("m/main.tf", &module)], "module.m.aws_x.x", &[])
}

/// What is known is what `terraform console` prints, as JSON. `?` is what it cannot know without `var.unset`,
/// or what would take more than this evaluator.
#[test]
fn values_are_those_of_terraform() {
    for (expression, expected) in [
        // Values of different types are not equal.
        ("1 == 1.0", json!(true)),
        ("\"1\" == 1", json!(false)),
        ("true != \"true\"", json!(true)),
        ("[1] == [\"1\"]", json!(false)),
        ("[1] == [1]", json!(true)),
        ("[\"a\"] == tolist([\"a\"])", json!("?")),
        ("[\"a\"] == tolist([\"b\"])", json!(false)),
        ("{ a = 1 } == { a = 1 }", json!("?")),
        ("{ a = 1 } == { b = 1 }", json!(false)),
        ("[] == null", json!(false)),
        ("\"x${var.unset}\" == \"y\"", json!(false)),
        ("\"x${var.unset}\" == \"xy\"", json!("?")),
        ("\"x${var.unset}\" != \"\"", json!(true)),
        ("jsonencode([var.unset]) == \"[null]\"", json!("?")),
        ("aws_x.later.arn == \"x\"", json!("?")),
        ("!\"true\"", json!(false)),
        ("\"false\" ? 1 : 2", json!(2)),
        ("\"a${true}${1.50}${1e3}\"", json!("atrue1.51000")),
        ("9007199254740993 == 9007199254740992", json!(false)),
        ("18446744073709551616", json!("?")),
        // Both results of a condition get one type.
        ("true ? 1 : \"a\"", json!("1")),
        ("true ? 1 : null", json!(1)),
        ("true ? 1 : var.unset", json!("?")),
        ("true ? \"a\" : var.unset", json!("a")),
        ("(true ? true : \"x\") == \"true\"", json!(true)),
        ("true ? [1] : [\"a\"]", json!(["?"])),
        ("true ? [1] : []", json!([1])),
        ("true ? [1] : compact([])", json!(["?"])),
        ("true ? { a = 1 } : {}", json!({ "a": 1 })),
        ("true ? { a = 1, b = \"x\" } : { a = 2, b = \"y\" }", json!({ "a": 1, "b": "x" })),
        ("[for k, v in (true ? [\"b\"] : toset([\"a\"])) : k]", json!(["?"])),
        ("(true ? [\"b\", \"a\"] : toset([\"a\"]))[0]", json!("?")),
        // Sets and sorted lists.
        ("sort([\"b\", \"a\", \"B\", \"a\", 1])", json!(["1", "B", "a", "a", "b"])),
        ("sort([\"b\", var.unset])[0]", json!("?")),
        ("sort([\"b\", aws_x.later.arn])[0]", json!("?")),
        ("sort([\"x${var.unset}\"])[0]", json!("x?")),
        ("length(sort([\"a\", \"a\"]))", json!(2)),
        ("toset([\"b\", \"a\", \"b\"])", json!(["a", "b"])),
        ("toset([10, 9])", json!([9, 10])),
        ("toset([\"a\"])[0]", json!("?")),
        ("tolist(toset([\"b\", \"a\"]))[0]", json!("a")),
        ("tolist(toset([\"b\", var.unset]))[0]", json!("?")),
        ("length(toset([\"a\", \"a\"]))", json!(1)),
        ("length(toset([\"a\", var.unset]))", json!("?")),
        ("length([\"a\", var.unset])", json!(2)),
        ("length(distinct([\"b\", \"a\", \"b\"]))", json!(2)),
        ("distinct([\"b\", \"a\", \"b\"])[1]", json!("a")),
        ("distinct([\"b\", var.unset])[0]", json!("?")),
        ("setunion([\"b\"], [\"c\", \"a\", \"b\"])", json!(["a", "b", "c"])),
        ("[for k, v in toset([\"b\", \"a\"]) : \"${k}${v}\"]", json!(["aa", "bb"])),
        ("[for k, v in [\"b\", \"a\"] : \"${k}${v}\"]", json!(["0b", "1a"])),
        ("[for k, v in aws_x.later.set_or_list : k]", json!(["?", "?"])),
        ("[for k, v in sort([\"b\", var.unset]) : k][0]", json!("?")),
        ("{ for k, v in [\"b\"] : k => v }", json!({ "0": "b" })),
        ("jsonencode(toset([\"b\", \"a\"]))", json!("[\"a\",\"b\"]")),
        ("join(\",\", toset([\"b\", \"a\"]))", json!("a,b")),
        ("join(\",\", toset([\"b\", var.unset]))", json!("?")),
        // Lists of one type.
        ("tolist([1, \"a\"])", json!(["?", "a"])),
        ("tolist([1, 2])", json!([1, 2])),
        ("tolist([{}, { a = 1 }, { b = \"x\" }])", json!([{}, { "a": "?" }, { "b": "x" }])),
        ("tomap({ a = 1, b = \"x\" }).a", json!("?")),
        ("concat([1], [\"a\"])", json!([1, "a"])),
        ("concat(tolist([1]), tolist([\"a\"]))", json!(["?", "a"])),
        ("concat(tolist([1]), compact([]))", json!(["?"])),
        ("concat(toset([\"a\"]), [\"b\"])", json!("?")),
        ("flatten([toset([\"b\", \"a\"]), null, \"c\"])", json!(["a", "b", null, "c"])),
        ("flatten([toset([\"b\", var.unset]), \"c\"])[2]", json!("?")),
        ("compact([\"a\", 1, \"x${var.unset}\"])", json!(["a", "1", "x?"])),
        ("merge({ a = 1 }, null, { b = \"x\" })", json!({ "a": 1, "b": "x" })),
        ("keys({ b = 1, a = 2, B = 3 })", json!(["B", "a", "b"])),
        ("values({ b = 1, a = \"x\" })", json!(["x", 1])),
        ("[for one in { b = 1, a = 2 } : one]", json!([2, 1])),
        ("{ 1 = \"a\" }", json!({ "1": "a" })),
        ("[\"a\"][-1]", json!("?")),
        ("[\"a\"][1]", json!("?")),
        // Strings.
        ("tostring(1.50)", json!("1.5")),
        ("upper(true)", json!("TRUE")),
        ("upper(\"\u{df}\")", json!("?")),
        ("format(\"%s-%s\", 1, true)", json!("1-true")),
        ("format(\"%s\", null)", json!("?")),
        ("format(\"${var.unset}%s\", 1)", json!("?")),
        (
            "jsonencode({ b = \"<a>&\\\"\\n/\", a = [1, 1.50, 1e3, null] })",
            json!("{\"a\":[1,1.5,1000,null],\"b\":\"\\u003ca\\u003e\\u0026\\\"\\n/\"}"),
        ),
        ("length(<<-EOT\n  a\nEOT\n) == 1 ? 1 : 2", json!("?")),
        ("(<<-EOT\n  a\nEOT\n) == \"a\\n\" ? 1 : 2", json!("?")),
    ] {
        let text = format!(
            "variable \"unset\" {{}}\nresource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n"
        );
        let found = value(&[("main.tf", &text)], "aws_x.x", &[]);
        assert_eq!(found, Some(expected), "{expression}");
    }
}

#[test]
fn variables_are_converted_to_their_type() {
    for (declaration, passed, expression, expected) in [
        ("type = string", "true", "var.x == \"true\"", json!(true)),
        ("type = string", "443", "var.x", json!("443")),
        ("", "true", "var.x == \"true\"", json!(false)),
        ("type = any", "true", "var.x", json!(true)),
        ("type = number", "\"5\"", "var.x > 4", json!(true)),
        ("type = number", "\"1e3\"", "var.x", json!("?")),
        ("type = bool", "\"true\"", "var.x", json!(true)),
        ("type = string", "null", "var.x", Value::Null),
        ("type = string", "var.unset", "var.x", json!("?")),
        ("type = string\ndefault = 1", "null", "var.x", Value::Null),
        ("type = string\ndefault = 1\nnullable = false", "null", "var.x", json!("1")),
        ("type = list(string)", "[1, true]", "var.x", json!(["1", "true"])),
        ("type = list(string)", "toset([\"b\", \"a\"])", "var.x[0]", json!("a")),
        ("type = set(string)", "[\"b\", \"a\", \"b\"]", "tolist(var.x)", json!(["a", "b"])),
        ("type = set(string)", "[\"b\", \"a\"]", "[for k, v in var.x : k]", json!(["a", "b"])),
        ("type = set(string)", "[\"b\", var.unset]", "tolist(var.x)[0]", json!("?")),
        ("type = map(string)", "{ a = 1 }", "var.x.a", json!("1")),
        ("type = map(string)", "{}", "true ? { a = 1 } : var.x", json!({ "a": "?" })),
        ("type = list(any)", "[1, 2]", "var.x", json!([1, 2])),
        ("type = list(any)", "[1, \"a\"]", "var.x", json!(["?", "a"])),
        ("type = tuple([string, number])", "[1, 2]", "var.x", json!(["1", 2])),
        ("type = object({ a = string })", "{ a = 1, b = 2 }", "var.x", json!({ "a": "1" })),
        ("type = object({ a = string })", "{ a = null }", "var.x", json!({ "a": null })),
        ("type = object({ a = optional(string) })", "{}", "var.x", json!({ "a": null })),
        ("type = object({ a = optional(string, \"*\") })", "{ a = null }", "var.x.a", json!("*")),
        ("type = object({ a = optional(string, 1) })", "{}", "var.x.a", json!("1")),
        (
            "type = object({ a = optional(object({ b = optional(string, \"c\") }), {}) })",
            "{}",
            "var.x.a.b",
            json!("c"),
        ),
        (
            "type = map(object({ a = optional(bool, true) }))",
            "{ k = {} }",
            "var.x.k.a",
            json!(true),
        ),
        ("type = other(string)", "\"a\"", "var.x", json!("?")),
        // As in JSON, and in old code.
        ("type = \"string\"", "1", "var.x", json!("1")),
    ] {
        let found = received(declaration, Some(passed), expression);
        assert_eq!(found, Some(expected), "{declaration} {passed} {expression}");
    }
    let default = "type = set(string)\ndefault = [\"b\", \"a\"]";
    assert_eq!(received(default, None, "tolist(var.x)[0]"), Some(json!("a")));
    // A plan has what the root module gets as it was set.
    for (declaration, expression, expected) in [
        ("type = list(number)", "var.ids[0]", json!(1)),
        ("type = set(string)", "[for k, v in var.ids : k]", json!(["1", "2"])),
        ("", "[for k, v in var.ids : k]", json!([0, 1])),
    ] {
        let text = format!(
            "variable \"ids\" {{\n{declaration}\n}}\nresource \"aws_x\" \"x\" {{\n  argument = {expression}\n}}\n"
        );
        let found = value(&[("main.tf", &text)], "aws_x.x", &[]);
        assert_eq!(found, Some(expected), "{declaration} {expression}");
    }
    // Another file can replace a part of the declaration.
    let text = "variable \"ids\" {\n  type = list(string)\n}\nresource \"aws_x\" \"x\" {\n  argument = var.ids[0]\n}\n";
    let files =
        [("main.tf", text), ("x_override.tf", "variable \"ids\" {\n  type = list(number)\n}\n")];
    assert_eq!(value(&files, "aws_x.x", &[]), Some(json!(1)));
}
