//! Properties that hold for any code and any state.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A resource in a made-up root module.
#[derive(Debug, Clone)]
struct Made {
    resource_type: usize,
    name: String,
    in_module: bool,
    /// What is before it: comments and strings that look like blocks, and what the parser rejects.
    before: usize,
}

const TYPES: [(&str, &str, &str); 3] = [
    ("aws_vpc", "ec2.vpc", "vpc"),
    ("aws_subnet", "ec2.subnet", "subnet"),
    ("aws_security_group", "ec2.security_group", "sg"),
];

const BEFORE: [&str; 7] = [
    "",
    "\n# resource \"aws_vpc\" \"a\" {\n",
    "/* resource \"aws_vpc\" \"a\" {\n} */\n\n",
    "locals {\n  größe = \"resource \\\"aws_vpc\\\" \\\"a\\\" ${1 + 2}\"\n}\n",
    "locals {\n  text = <<EOT\nresource \"aws_vpc\" \"a\" {\nEOT\n}\n",
    "locals {\n  repeated = { a = 1, a = \"}\" }\n}\n",
    "output \"a\" {\n  value = [for x in var.y : \"${x}-{\" if x != \"}\"]\n}\n",
];

fn made() -> impl Strategy<Value = Made> {
    let parts = (0..TYPES.len(), "[a-z_][a-z0-9_-]{0,6}", any::<bool>(), 0..BEFORE.len());
    parts.prop_map(|(resource_type, name, in_module, before)| Made {
        resource_type,
        name,
        in_module,
        before,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_place_is_in_a_tracked_file_at_a_line_with_type_and_name(
        all in prop::collection::vec(made(), 1..8),
        is_windows in any::<bool>(),
        has_mark in any::<bool>(),
    ) {
        let mut files = [String::new(), String::from("# module\n")];
        let mut resources = Vec::new();
        let mut asked_for = Vec::new();
        files[0] += "module \"m\" {\n  source = \"./m\"\n}\n";
        for (number, made) in all.iter().enumerate() {
            let (resource_type, kind, prefix) = TYPES[made.resource_type];
            let file = &mut files[usize::from(made.in_module)];
            file.push_str(BEFORE[made.before]);
            *file += &format!("resource \"{resource_type}\" \"{}{number}\" {{\n  tags = {{}}\n}}\n", made.name);
            let id = format!("{prefix}-{number}");
            let mut resource = json!({
                "mode": "managed",
                "type": resource_type,
                "name": format!("{}{number}", made.name),
                "provider": "aws",
                "instances": [{ "attributes": { "id": id } }],
            });
            if made.in_module {
                resource["module"] = json!("module.m");
            }
            resources.push(resource);
            asked_for.push((kind, id, format!("\"{resource_type}\" \"{}{number}\"", made.name)));
        }
        for file in &mut files {
            if is_windows {
                *file = file.replace('\n', "\r\n");
            }
            if has_mark {
                file.insert(0, '\u{feff}');
            }
        }
        let state = json!({ "version": 4, "resources": resources }).to_string();
        let stack = Stack::of(&[("main.tf", &files[0]), ("m/main.tf", &files[1]), ("s.tfstate", &state)]);
        let root = stack.open("", &["s.tfstate"]);
        let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
        for (kind, id, labels) in asked_for {
            let account = ACCOUNT.parse().unwrap();
            let region: Region = "eu-west-1".parse().unwrap();
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
                terraform: &[],
                evidence: &[],
            };
            let Placing::Placed(place) = root.place(&subject) else {
                return Err(TestCaseError::fail(format!("{labels} is not placed")));
            };
            prop_assert_eq!(repository.tracked(Path::new(&place.file)), Some(place.file.clone()));
            let text = stack.read(&place.file);
            let line = text.lines().nth(place.line as usize - 1).unwrap_or_default();
            let marked: String = line
                .trim_start_matches('\u{feff}')
                .chars()
                .skip(place.column as usize - 1)
                .take((place.end_column - place.column) as usize)
                .collect();
            prop_assert_eq!(marked, format!("resource {}", labels));
        }
    }

    #[test]
    fn any_text_is_read_as_code(text in any::<String>()) {
        fuzz::hcl(&text).unwrap();
    }

    /// Pieces of the syntax in any order.
    #[test]
    fn any_pieces_are_read_as_code(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        fuzz::hcl(&pieces.concat()).unwrap();
    }

    #[test]
    fn any_text_is_evaluated(text in any::<String>()) {
        fuzz::evaluate(&text).unwrap();
        fuzz::evaluate(&code_of(&[text.as_str(); 7])).unwrap();
    }

    #[test]
    fn any_expressions_are_evaluated(all in prop::collection::vec(expression(), 7)) {
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let text = code_of(&all);
        fuzz::evaluate(&text).unwrap();
        // Otherwise, nothing would be evaluated.
        prop_assert!(super::hcl::read(&text, false).1, "{}", text);
    }

    #[test]
    fn any_bytes_are_read_as_a_state(bytes in any::<Vec<u8>>()) {
        fuzz::terraform_state(&bytes).unwrap();
    }

    #[test]
    fn any_pieces_are_read_as_a_state(pieces in prop::collection::vec(prop::sample::select(STATE), 0..60)) {
        fuzz::terraform_state(pieces.concat().as_bytes()).unwrap();
    }
}

/// Code with some expressions.
fn code_of(all: &[&str]) -> String {
    let [a, b, default, output, passed, each, argument] = all else { return String::new() };
    format!(
        "locals {{\n  a = {a}\n  b = {b}\n}}\nvariable \"v\" {{\n  default = {default}\n}}\nvariable \"list\" {{}}\nvariable \"map\" {{\n  type = map(string)\n}}\nvariable \"t\" {{\n  type = map(object({{ a = optional(list(any), {default}) }}))\n}}\noutput \"o\" {{\n  value = {output}\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  v = {passed}\n  t = {each}\n}}\nmodule \"n\" {{\n  source = \"./m\"\n  t = {passed}\n  for_each = {each}\n}}\nresource \"aws_x\" \"x\" {{\n  for_each = {each}\n  argument = {argument}\n}}\n"
    )
}

/// Expressions that contain each other.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 3, |inner| {
        (prop::sample::select(AROUND), inner.clone(), inner.clone(), inner)
            .prop_map(|(around, a, b, c)| around.replace('1', &a).replace('2', &b).replace('3', &c))
    })
}

const LEAVES: &[&str] = &[
    "null",
    "true",
    "0",
    "\"a\"",
    "\"\"",
    "[]",
    "{}",
    "x",
    "y",
    "local.a",
    "local.b",
    "local.a[0].a",
    "var.v",
    "var.t",
    "var.list",
    "var.map.b",
    "each.key",
    "each.value",
    "count.index",
    "module.m.o",
    "module.n[\"a\"].o",
    "module.n[0].o.a",
    "module.n[*].o",
    "aws_y.y.arn",
    "aws_y.y[0].list[0]",
    "aws_y.y[each.key].map",
];

/// What is around `1`, `2` and `3`.
const AROUND: &[&str] = &[
    "[1, 2, 3]",
    "{ a = 1, b = 2, (3) = 1 }",
    "(1 == 2 ? 1 : 3)",
    "(1 && !2 || 3)",
    "\"${1}-${2}${3}\"",
    "[for x in 1 : 2 if 3 != x]",
    "{ for x, y in 1 : x => 2 }",
    "concat(1, 2, 3)",
    "concat([1, 2]...)",
    "merge(1, 2, 3)",
    "flatten([1, [2, [3]]])",
    "join(1, [2, 3])",
    "format(\"%s%s\", 1, 2)",
    "jsonencode([1, 2, 3])",
    "toset([1, 2, 3])",
    "compact([1, 2])",
    "keys(1)",
    "values(1)",
    "(length(1) > length(2) ? 2 : 3)",
    "upper(1)",
    "sort([1, 2, 3])",
    "distinct(concat(tolist(1), 2))",
    "setunion(1, [2])",
    "tomap({ a = 1, b = 2 })",
    "{ for x, y in toset([1, 2]) : x => 3 }",
];

const PIECES: &[&str] = &[
    "resource",
    " ",
    "\"",
    "{",
    "}",
    "\n",
    "=",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "${",
    "$${",
    "%{",
    "<<EOT\n",
    "EOT",
    "\\",
    "dynamic \"x\" {\n",
    "content {\n",
    "for_each = ",
    "var.a",
    "[\"k\"]",
    ".b",
    "#",
    "//",
    "/*",
    "*/",
    "ß",
    "\r\n",
    "1",
    "null",
    "module \"a\" {\n",
    "source = \"./a\"\n",
    "moved {\n",
    "from = a.b\n",
    "{\"resource\":",
    "{\"a\":",
    "\"b\"",
    "?",
];

const STATE: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"version\":4",
    "\"resources\":[",
    "\"instances\":[",
    "\"attributes\":{",
    "\"id\":\"a\"",
    "\"mode\":\"managed\"",
    "\"type\":\"aws_vpc\"",
    "\"name\":\"a\"",
    "\"values\":{",
    "\"root_module\":{",
    "\"child_modules\":[",
    "\"address\":\"aws_vpc.a\"",
    "\"index_key\":",
    "0",
    "1.5",
    "true",
    "null",
    "\"ingress\":[",
    "\"sensitive_attributes\":[[{\"value\":\"id\"}]]",
    "\"sensitive_values\":{\"id\":true}",
    "\"format_version\":\"1.0\"",
    "\"prior_state\":{",
    " ",
];
