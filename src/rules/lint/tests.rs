//! Valid rules have no diagnostics, and one typo causes one diagnostic with its code, position and
//! suggestion.

use std::fmt::Write;

use proptest::prelude::*;

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Files, PackFile, cases_of};
use super::linter::{Linter, lint};
use crate::diagnostics::{Code, Diagnostic, ExampleKind};
use crate::facts::{FieldType, KINDS, Scope};
use crate::rules::helpers::table::ResultShape;
use crate::rules::helpers::{self, LOOK_UPS};
use crate::rules::language::engine::STACK_SIZE;
use crate::rules::language::restrictions;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::{built_in_files, is_rule};

const PROSE: &str = "//! Something is wrong.\n//!\n//! ## Why it matters\n//! It does.\n//!\n//! ## How to fix it\n//! Do it.\n//!\n\
     //! ## References\n//! - https://docs.aws.amazon.com/\n\n";
const CASES: &str =
    r#"[{"name":"good","expect":"pass","facts":{}},{"name":"bad","expect":"fail","facts":{}}]"#;

fn source(name: &str, text: &str) -> SourceFile {
    SourceFile { name: name.to_owned(), text: text.into() }
}

/// A pack with one rule.
fn pack(name: &str, rule: &str, cases: Option<&str>) -> Files {
    let mut files = Files {
        rules: Vec::new(),
        cases: BTreeMap::new(),
        frameworks: Vec::new(),
        known: BTreeMap::new(),
    };
    files.rules.push(PackFile { path: name.to_owned(), file: source(name, rule) });
    files.cases.extend(cases.map(|text| (name.to_owned(), source("rule.cases.json", text))));
    files
}

fn lint_rule(linter: &Linter, rule: &str) -> Vec<Diagnostic> {
    linter.pack(&pack("group-is-open.rhai", rule, Some(CASES))).diagnostics
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(false) + "\n").collect()
}

#[test]
fn examples_of_codes_have_exactly_the_documented_error() {
    let linter = Linter::new();
    let standard = "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\n\
         fn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n";
    let lint = |code: Code, example: &str, right: bool| {
        let rule = |text: &str| pack("group-is-open.rhai", text, Some(CASES));
        let body = "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\n";
        let files = match code.example_kind() {
            ExampleKind::File => rule(example),
            ExampleKind::Rule => rule(&format!("{PROSE}{example}\n")),
            ExampleKind::Body => {
                rule(&format!("{PROSE}{body}fn check(group, params) {{\n{example}\n}}\n"))
            }
            ExampleKind::Name => {
                let name = example.split(',').next().unwrap();
                let cases = (right || code != Code::MissingCases).then_some(CASES);
                pack(name, &format!("{PROSE}{standard}"), cases)
            }
            ExampleKind::Cases => {
                pack("group-is-open.rhai", &format!("{PROSE}{standard}"), Some(example))
            }
            ExampleKind::Framework => {
                let mut files = rule(&format!("{PROSE}{standard}"));
                files.frameworks.push(PackFile {
                    path: "frameworks/cis.toml".to_owned(),
                    file: source("cis.toml", example),
                });
                files
            }
        };
        linter.pack(&files).diagnostics
    };
    for code in Code::ALL {
        let wrong = lint(*code, code.wrong(), false);
        assert!(
            !wrong.is_empty() && wrong.iter().all(|diagnostic| diagnostic.code == Some(*code)),
            "{code:?}\n{}",
            shown(&wrong)
        );
        assert_eq!(wrong.len(), 1, "{code:?}\n{}", shown(&wrong));
        let right = lint(*code, code.right(), true);
        assert!(right.is_empty(), "{code:?}: the corrected example has errors\n{}", shown(&right));
    }
}

/// Fields whose names are keywords are read in brackets.
fn path(base: &str, field: &str) -> String {
    if field == "public" { format!("{base}[\"{field}\"]") } else { format!("{base}.{field}") }
}

/// The same, with the field marked.
fn marked(base: &str, field: &str) -> String {
    path(base, field)
        .replace(&format!(".{field}"), &format!(".<{field}>"))
        .replace(&format!("\"{field}"), &format!("\"<{field}>"))
}

/// Conditions that read every field of `base`, each with the name of the field it reads last.
fn readers(
    base: &str,
    form: &FieldType,
    depth: usize,
    wrap: &dyn Fn(String) -> String,
    out: &mut Vec<(String, String)>,
) {
    match form {
        FieldType::Object(fields) => {
            for (name, inner) in fields {
                out.push((wrap(format!("type_of({}) == \"x\"", marked(base, name))), name.clone()));
                readers(&path(base, name), inner, depth, wrap, out);
            }
        }
        FieldType::List(item) if matches!(**item, FieldType::Object(_)) => {
            let wrap = |inner: String| wrap(format!("{base}.some(|item{depth}| {inner})"));
            readers(&format!("item{depth}"), item, depth + 1, &wrap, out);
        }
        _ => {}
    }
}

/// A typo that is not another field: the second letter is doubled.
fn typo(name: &str) -> String {
    let second = name.chars().nth(1).unwrap();
    name.replacen(second, &format!("{second}{second}"), 1)
}

/// Lints a rule with these conditions, with and without a typo in each.
fn every_reader(linter: &Linter, head: &str, readers: &[(String, String)]) {
    for wrong in [false, true] {
        let mut rule = format!("{PROSE}{head}\nfn check(resource, params) {{\n");
        let mut expected = Vec::new();
        for (reader, name) in readers {
            let written = if wrong { typo(name) } else { name.clone() };
            rule.push_str("    if ");
            let marked = format!("<{name}>");
            // In brackets, the span includes the quotes.
            let quoted = usize::from(name == "public");
            let at = rule.len() + reader.find(&marked).unwrap() - quoted;
            writeln!(rule, "{} {{ return pass(); }}", reader.replace(&marked, &written)).unwrap();
            expected.push((at..at + written.len() + 2 * quoted, name));
        }
        rule.push_str("    fail(\"none\")\n}\n");
        let diagnostics = lint_rule(linter, &rule);
        if wrong {
            assert_eq!(diagnostics.len(), expected.len(), "{head}\n{}", shown(&diagnostics));
            for (diagnostic, (span, name)) in diagnostics.iter().zip(expected) {
                assert_eq!(
                    (diagnostic.code, &diagnostic.span),
                    (Some(Code::UnknownField), &span),
                    "{}",
                    diagnostic.render(false)
                );
                assert_eq!(
                    diagnostic.help.as_deref(),
                    Some(format!("did you mean `{name}`?").as_str()),
                    "{}",
                    diagnostic.render(false)
                );
            }
        } else {
            assert!(diagnostics.is_empty(), "{head}\n{}", shown(&diagnostics));
        }
    }
}

fn with_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).unwrap().join().unwrap();
}

#[test]
fn all_fields_and_facts_are_known_and_typos_in_them_are_reported() {
    with_stack(|| {
        let mut linter = Linter::new();
        // One closure for each list and field; real rules have a few.
        linter.parser.set_max_functions(10_000);
        linter.sandbox.set_max_functions(10_000);
        for kind in KINDS {
            let mut found = Vec::new();
            readers("resource", &FieldType::of(&kind.shape), 0, &|inner| inner, &mut found);
            for fact in kind.facts {
                found.push((
                    format!("type_of({}) == \"x\"", marked("resource", fact.name)),
                    fact.name.to_owned(),
                ));
                readers(
                    &path("resource", fact.name),
                    &FieldType::of(&fact.shape),
                    0,
                    &|inner| inner,
                    &mut found,
                );
            }
            let needs = kind
                .facts
                .iter()
                .map(|fact| format!("{:?}", fact.name))
                .collect::<Vec<_>>()
                .join(", ");
            let head = format!(
                "const RULE = #{{ title: \"T\", resource: {:?}, severity: \"low\", needs: [{needs}] }};",
                kind.name
            );
            every_reader(&linter, &head, &found);

            if kind.scope == Scope::Account {
                continue;
            }
            // The same from a rule on another kind.
            let mut found = Vec::new();
            let related = |inner: String| format!("related({:?}).some(|other| {inner})", kind.name);
            readers("other", &FieldType::of(&kind.shape), 0, &related, &mut found);
            for fact in kind.facts {
                found.push((
                    related(format!("type_of({}) == \"x\"", marked("other", fact.name))),
                    fact.name.to_owned(),
                ));
                readers(
                    &path("other", fact.name),
                    &FieldType::of(&fact.shape),
                    0,
                    &related,
                    &mut found,
                );
            }
            let own = if kind.name == "ec2.key_pair" { "ec2.address" } else { "ec2.key_pair" };
            let needs: Vec<String> =
                kind.facts.iter().map(|fact| format!("\"{}/{}\"", kind.name, fact.name)).collect();
            let needs =
                if needs.is_empty() { format!("{:?}", kind.name) } else { needs.join(", ") };
            let head = format!(
                "const RULE = #{{ title: \"T\", resource: {own:?}, severity: \"low\", needs: [{needs}] }};"
            );
            every_reader(&linter, &head, &found);
        }
    });
}

/// Every helper that returns maps with known fields, as a call with arguments of unknown type, and the
/// `needs` that it requires.
fn calls_with_results() -> Vec<(String, String, &'static ResultShape, bool)> {
    let helpers = helpers::helpers()
        .flat_map(|helper| helper.signatures.iter().map(move |signature| (helper.name, signature)));
    let calls = helpers.filter_map(|(name, signature)| {
        let shape = helpers::result_shape(signature.returns)?;
        let needs = LOOK_UPS.iter().filter(|look_up| look_up.helper == name);
        let needs: Vec<String> =
            needs.flat_map(|look_up| look_up.kinds).map(|kind| format!("{kind:?}")).collect();
        let arguments = vec!["()"; signature.params.len()].join(", ");
        let is_list = signature.returns.starts_with("list of ");
        Some((format!("{name}({arguments})"), needs.join(", "), shape, is_list))
    });
    calls.collect()
}

/// A condition on a result of a call, or on one of its items.
fn of_result(call: &str, is_list: bool, condition: &str) -> String {
    if is_list {
        format!("{call}.some(|result| {condition})")
    } else {
        condition.replace("result.", &format!("{call}."))
    }
}

fn head(needs: &str) -> String {
    format!(
        "const RULE = #{{ title: \"T\", resource: \"ec2.security_group\", severity: \"low\", needs: [{needs}] }};"
    )
}

#[test]
fn all_fields_of_helper_results_are_known_and_typos_in_them_are_reported() {
    with_stack(|| {
        let mut linter = Linter::new();
        linter.parser.set_max_functions(10_000);
        linter.sandbox.set_max_functions(10_000);
        let calls = calls_with_results();
        assert!(calls.len() > 20, "{}", calls.len());
        for (call, needs, shape, is_list) in calls {
            let mut found = Vec::new();
            let wrap = |condition: String| of_result(&call, is_list, &condition);
            readers("result", &FieldType::of(&shape.shape), 0, &wrap, &mut found);
            assert!(!found.is_empty(), "{call}");
            every_reader(&linter, &head(&needs), &found);
        }
    });
}

#[test]
fn values_that_a_field_of_a_helper_result_never_has_are_reported() {
    let linter = Linter::new();
    let mut tried = BTreeSet::new();
    for (call, needs, shape, is_list) in calls_with_results() {
        for field in shape.fields() {
            let impossible = match field.format.as_deref() {
                Some("lowercase") => "aws:PrincipalOrgID",
                Some("action") => "GetObject",
                Some("principal") => "111122223333",
                _ if !field.closed.is_empty() => "impossible",
                _ => continue,
            };
            tried.insert(format!("{}.{}", shape.name, field.path));
            // `conditions[].key` → `result.conditions.some(|item| item.key …)`
            let is_in_list = field.kind.starts_with("list of ");
            let compare = |base: &str, name: &str, value: &str| match is_in_list {
                true => format!("\"{value}\" in {base}.{name}"),
                false => format!("{base}.{name} == \"{value}\""),
            };
            let condition = |value: &str| match field.path.split_once("[].") {
                Some((list, name)) => {
                    format!("result.{list}.some(|item| {})", compare("item", name, value))
                }
                None => compare("result", &field.path, value),
            };
            let rule = |value: &str| {
                let condition = of_result(&call, is_list, &condition(value));
                format!(
                    "{PROSE}{}\nfn check(group, params) {{\n    if {condition} {{ fail(\"x\") }} else {{ pass() }}\n}}\n",
                    head(&needs)
                )
            };
            let text = rule(impossible);
            let diagnostics = lint_rule(&linter, &text);
            let [diagnostic] = diagnostics.as_slice() else {
                panic!("{call} {}\n{}", field.path, shown(&diagnostics))
            };
            let start = text.find(&format!("{impossible:?}")).unwrap();
            assert_eq!(
                (diagnostic.code, diagnostic.span.clone()),
                (Some(Code::NeverReturned), start..start + impossible.len() + 2),
                "{}",
                diagnostic.render(false)
            );
            for value in &field.closed {
                let diagnostics = lint_rule(&linter, &rule(value));
                assert!(diagnostics.is_empty(), "{call}\n{}", shown(&diagnostics));
            }
        }
    }
    // At least these; a new field with a fixed set of values is covered without a change here.
    for field in ["statement.effect", "statement.conditions[].key", "grant.kind", "acl_grant.group"]
    {
        assert!(tried.contains(field), "{field}: {tried:?}");
    }
}

#[test]
fn undeclared_and_unused_facts_are_reported() {
    let linter = Linter::new();
    for kind in KINDS {
        for fact in kind.facts {
            let rule = |needs: &str, read: &str| {
                format!(
                    "{PROSE}const RULE = #{{ title: \"T\", resource: {:?}, severity: \"low\", needs: [{needs}] }};\n\
                     fn check(resource, params) {{ if type_of({read}) == \"x\" {{ pass() }} else {{ fail(\"no\") }} }}\n",
                    kind.name
                )
            };
            let (declared, read) = (format!("{:?}", fact.name), path("resource", fact.name));
            let plain = format!("resource.{}", kind.id);
            let misspelled = format!("{:?}", typo(fact.name));
            for (rule, code, at, help) in [
                (
                    rule("", &read),
                    Code::UndeclaredFact,
                    read.clone(),
                    format!("add `\"{}\"` to `needs`", fact.name),
                ),
                (
                    rule(&declared, &plain),
                    Code::UnusedNeed,
                    declared.clone(),
                    "remove it from `needs`".to_owned(),
                ),
                (
                    rule(&misspelled, &read),
                    Code::UnknownFact,
                    misspelled.clone(),
                    format!("did you mean `{}`?", fact.name),
                ),
            ] {
                let diagnostics = lint_rule(&linter, &rule);
                let [diagnostic] = diagnostics.as_slice() else {
                    panic!("{}", shown(&diagnostics))
                };
                assert_eq!(
                    (diagnostic.code, diagnostic.help.as_deref()),
                    (Some(code), Some(help.as_str())),
                    "{}",
                    diagnostic.render(false)
                );
                let start = rule.find(&at).unwrap();
                assert!(
                    (start..start + at.len()).contains(&diagnostic.span.start),
                    "{}",
                    diagnostic.render(false)
                );
            }
        }
    }
}

#[test]
fn typos_in_metadata_keys_and_kinds_are_reported() {
    let linter = Linter::new();
    let whole = "const RULE = #{ title: \"T\", resource: \"s3.bucket\", severity: \"low\", needs: [\"policy\"], used_by: [], params: #{ most: 1 }, aliases: [\"old\"] };";
    let check = "fn check(bucket, params) { if is_configured(bucket.policy) && params.most > 0 { pass() } else { fail(\"no\") } }\n";
    let lint = |head: &str| lint_rule(&linter, &format!("{PROSE}{head}\n{check}"));
    assert!(lint(whole).is_empty(), "{}", shown(&lint(whole)));
    for (key, code) in ["title", "resource", "severity", "needs", "used_by", "params", "aliases"]
        .map(|key| (key, Code::UnknownMetadataKey))
        .into_iter()
        .chain([("s3.bucket", Code::UnknownKind), ("policy", Code::UnknownFact)])
    {
        let diagnostics = lint(&whole.replacen(key, &typo(key), 1));
        let [diagnostic] = diagnostics.as_slice() else { panic!("{key}\n{}", shown(&diagnostics)) };
        assert_eq!(
            (diagnostic.code, diagnostic.help.as_deref()),
            (Some(code), Some(format!("did you mean `{key}`?").as_str())),
            "{key}"
        );
        let column = whole.find(key).unwrap() + usize::from(code == Code::UnknownMetadataKey);
        assert_eq!(diagnostic.position(), (PROSE.lines().count() + 1, column), "{key}");
    }
}

#[test]
fn typos_in_function_names_are_reported() {
    let linter = Linter::new();
    let mut tried = 0;
    let names: Vec<&str> = linter
        .natives
        .names()
        .filter(|name| name.len() > 3 && !restrictions::is_forbidden(name))
        .collect();
    for name in names {
        for arity in linter.natives.arities(name).unwrap() {
            let arguments = vec!["()"; arity].join(", ");
            let rule = |name: &str, more: &str| {
                format!(
                    "{PROSE}const RULE = #{{ title: \"T\", resource: \"s3.bucket\", severity: \"low\" }};\n\
                     fn check(bucket, params) {{ if is_configured({name}({arguments}{more})) {{ pass() }} else {{ fail(\"no\") }} }}\n"
                )
            };
            let mut right = lint_rule(&linter, &rule(name, ""));
            // Helpers that look up resources require their kind to be declared.
            let looks_up = LOOK_UPS.iter().any(|look_up| look_up.helper == name);
            right.retain(|diagnostic| !looks_up || diagnostic.code != Some(Code::UndeclaredKind));
            assert!(right.is_empty(), "{name}/{arity}\n{}", shown(&right));
            let wrong = lint_rule(&linter, &rule(&format!("{name}x"), ""));
            let [diagnostic] = wrong.as_slice() else { panic!("{name}\n{}", shown(&wrong)) };
            assert_eq!(diagnostic.code, Some(Code::UnknownFunction));
            assert_eq!(
                diagnostic.help.as_deref(),
                Some(format!("did you mean `{name}`?").as_str())
            );
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
}

/// `prefix_lists` looks up resources like `related`, and requires the same declaration.
#[test]
fn helpers_that_look_up_resources_use_declared_facts() {
    let linter = Linter::new();
    let declared = "\"ec2.managed_prefix_list/entries\"";
    for (needs, body, expected) in [
        (
            declared,
            "is_open_to_internet(group.ip_permissions, \"tcp\", 22, prefix_lists(group.ip_permissions))",
            None,
        ),
        (
            declared,
            "is_open_to_internet(group.ip_permissions, \"tcp\", 22, group.ip_permissions.prefix_lists())",
            None,
        ),
        (declared, "prefix_lists(group.ip_permissions).some(|list| list.entries.len() > 9)", None),
        (
            declared,
            "prefix_lists(group.ip_permissions).some(|list| list.entrys.len() > 9)",
            Some(Code::UnknownField),
        ),
        (declared, "prefix_lists(group.ip_permissions).is_empty()", Some(Code::UnusedNeed)),
        (declared, "group.ip_permissions.is_empty()", Some(Code::UnusedNeed)),
        ("\"ec2.managed_prefix_list\"", "prefix_lists(group.ip_permissions).is_empty()", None),
        (
            "\"ec2.managed_prefix_list\"",
            "prefix_lists(group.ip_permissions).some(|list| list.entries.len() > 9)",
            Some(Code::UndeclaredFact),
        ),
        ("", "prefix_lists(group.ip_permissions).is_empty()", Some(Code::UndeclaredKind)),
        (
            "\"ec2.vpc_endpoint\"",
            "is_configured(interface_endpoint_coverage(group, \"ssm\", false).problem)",
            None,
        ),
        (
            "\"ec2.vpc_endpoint\", \"ec2.volume\"",
            "is_configured(interface_endpoint_coverage(group, \"ssm\", false).problem)",
            Some(Code::UnusedNeed),
        ),
        (
            "",
            "is_configured(interface_endpoint_coverage(group, \"ssm\", false).problem)",
            Some(Code::UndeclaredKind),
        ),
    ] {
        let rule = format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.security_group\", severity: \"low\", needs: [{needs}] }};\n\
             fn check(group, params) {{ if {body} {{ fail(\"x\") }} else {{ pass() }} }}\n"
        );
        let diagnostics = lint_rule(&linter, &rule);
        let codes: Vec<Option<Code>> =
            diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        let expected: Vec<Option<Code>> =
            expected.into_iter().map(Some).filter(Option::is_some).collect();
        if needs == declared && body.contains("entrys") {
            assert!(codes.contains(&Some(Code::UnknownField)), "{}", shown(&diagnostics));
        } else {
            assert_eq!(codes, expected, "{body}\n{}", shown(&diagnostics));
        }
    }
}

#[test]
fn checks_report_exactly_the_expected_codes() {
    let linter = Linter::new();
    // (body of `check` for a security group, expected codes)
    for (body, expected) in [
        // Types that are not known, or may be `()`, are never diagnostics.
        (
            "if group.vpc_id == () || group.description == () { pass() } else { fail(\"x\") }",
            &[][..],
        ),
        (
            "if group.tags.Owner == \"me\" || group.tags[\"a:b\"] != \"x\" { pass() } else { fail(\"x\") }",
            &[],
        ),
        (
            "let x = (); for p in group.ip_permissions { x = p; } if x == () || x.from_port == 1 { pass() } else { fail(\"x\") }",
            &[],
        ),
        (
            "let x = []; x.push(1); x.push(\"a\"); if \"a\" in x { pass() } else { fail(\"x\") }",
            &[],
        ),
        (
            "let m = #{ xs: [1] }; m.xs.push(\"a\"); if \"a\" in m.xs { pass() } else { fail(\"x\") }",
            &[],
        ),
        ("let x = [1]; push(x, \"a\"); if \"a\" in x { pass() } else { fail(\"x\") }", &[]),
        (
            "let x = 1.0; let y = 'a'; if group.ip_permissions.len == 1 && x == 1 && y == \"a\" { pass() } else { fail(\"x\") }",
            &[],
        ),
        (
            "if group.ip_permissions.some(|p| p.to_port in 1..9) { pass() } else { fail(\"x\") }",
            &[],
        ),
        ("switch group.group_name { \"default\" => fail(\"x\"), _ => pass() }", &[]),
        ("if group.group_name == \"a\" { return pass(); } else { return skip(\"b\"); }", &[]),
        (
            "for p in group.ip_permissions { if p.from_port == 1 { return fail(\"x\"); } else { continue; } } pass()",
            &[],
        ),
        ("let v = if group.vpc_id == () { skip(\"x\") } else { pass() }; v", &[]),
        (
            "let most = 3; if group.ip_permissions.some(|p| p.ip_ranges.len() > most) { pass() } else { fail(\"x\") }",
            &[],
        ),
        (
            "let n = group.ip_permissions.reduce(|sum, p| sum + p.ip_ranges.len(), 0); if n > 3 { pass() } else { fail(`${n}`) }",
            &[],
        ),
        ("let _unused = 1; pass()", &[]),
        (
            "if group.ip_permissions[0].ip_ranges[0].cidr_ip == \"10.0.0.0/8\" { pass() } else { fail(\"x\") }",
            &[],
        ),
        // Type inference.
        (
            "let first = group.ip_permissions[0]; if first.from_prt == 1 { pass() } else { fail(\"x\") }",
            &[Code::UnknownField],
        ),
        (
            "let p = group.ip_permissions.find(|p| true); if p.from_prt == 1 { pass() } else { fail(\"x\") }",
            &[Code::UnknownField],
        ),
        (
            "for p in group.ip_permissions { for r in p.ip_ranges { if r.cidr == 1 { return pass(); } } } fail(\"x\")",
            &[Code::UnknownField],
        ),
        ("if group[\"grup_name\"] == \"x\" { pass() } else { fail(\"x\") }", &[Code::UnknownField]),
        ("if group?.grup_name == \"x\" { pass() } else { fail(\"x\") }", &[Code::UnknownField]),
        (
            "if group.ip_permissions.from_port == 1 { pass() } else { fail(\"x\") }",
            &[Code::UnknownField],
        ),
        ("if group.group_name.name == 1 { pass() } else { fail(\"x\") }", &[Code::UnknownField]),
        ("let m = #{ a: 1 }; if m.b == 1 { pass() } else { fail(\"x\") }", &[Code::UnknownField]),
        ("fail(`${group.grup_name}`)", &[Code::UnknownField]),
        ("fail(\"x\", #{ name: group.grup_name })", &[Code::UnknownField]),
        // Types.
        ("if group.tags == \"x\" { pass() } else { fail(\"x\") }", &[Code::NeverEqual]),
        ("if group.group_name != 1 { pass() } else { fail(\"x\") }", &[Code::NeverEqual]),
        ("if group.ip_permissions > 3 { pass() } else { fail(\"x\") }", &[Code::NeverEqual]),
        (
            "if days_between(now(), now()) > \"60\" { pass() } else { fail(\"x\") }",
            &[Code::NeverEqual],
        ),
        ("if group.group_name in [1, 2] { pass() } else { fail(\"x\") }", &[Code::NeverContains]),
        ("if group.tags.contains(8) { pass() } else { fail(\"x\") }", &[Code::NeverContains]),
        ("if \"x\" in group { pass() } else { fail(\"x\") }", &[Code::NeverContains]),
        (
            "switch group.group_name { 1 | 2 => fail(\"x\"), \"a\" if group.vpc_id == () => skip(\"x\"), _ => pass() }",
            &[Code::NeverEqual, Code::NeverEqual],
        ),
        (
            "switch group.ip_permissions.len() { 0 => fail(\"1\"), 2..5 => fail(\"2\"), _ => pass() }",
            &[],
        ),
        (
            "switch group.group_name { 2..5 => fail(\"2\"), \"a\" => fail(\"3\"), _ => pass() }",
            &[Code::NeverEqual],
        ),
        (
            "switch group.group_name { \"a\" => switch 3 { 2..5 => fail(\"2\"), _ => pass() }, _ => pass() }",
            &[],
        ),
        ("if group.group_name !in [1, 2] { pass() } else { fail(\"x\") }", &[Code::NeverContains]),
        ("if group.group_name !in [\"a\"] { pass() } else { fail(\"x\") }", &[]),
        // Type mismatches.
        (
            "for x in group.tags { if x == \"a\" { return fail(\"x\"); } } pass()",
            &[Code::TypeMismatch],
        ),
        (
            "for x in group.ip_permissions.len() { if x == 1 { return fail(\"x\"); } } pass()",
            &[Code::TypeMismatch],
        ),
        ("for x in group { if x == 1 { return fail(\"x\"); } } pass()", &[Code::TypeMismatch]),
        (
            "for x in 0..group.ip_permissions.len() { if x == 1 { return fail(\"x\"); } } pass()",
            &[],
        ),
        ("for c in group.group_name { if c == 'a' { return fail(\"x\"); } } pass()", &[]),
        ("for k in group.tags.keys() { if k == \"a\" { return fail(\"x\"); } } pass()", &[]),
        (
            "if group.ip_permissions[\"tcp\"] == () { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        ("if group[0] == () { fail(\"x\") } else { pass() }", &[Code::TypeMismatch]),
        (
            "let m = #{ a: 1 }; if m[group.group_name] == 1 && group.group_name[0] == 'a' { fail(\"x\") } else { pass() }",
            &[],
        ),
        (
            "if group.tags.filter(|k, v| k == v).is_empty() { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "let m = #{ a: \"x\" }; if m.filter(|k, v| v == \"x\").is_empty() { fail(\"x\") } else { pass() }",
            &[],
        ),
        // One error, one diagnostic.
        (
            "if !group.group_name == \"a\" { fail(\"x\") } else { pass() }",
            &[Code::ConditionNotBool],
        ),
        (
            "if !group.group_name in [\"a\"] { fail(\"x\") } else { pass() }",
            &[Code::ConditionNotBool],
        ),
        ("if -group.group_name == 3 { fail(\"x\") } else { pass() }", &[Code::TypeMismatch]),
        (
            "if group.group_name.filter(|x| true).is_empty() { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "if group.ip_permissions.any(|p| p.from_port == 1) { fail(\"x\") } else { pass() }",
            &[Code::UnknownFunction],
        ),
        (
            "let m = #{}; m[\"a\"] = group.vpc_id; if m.a == 1 { fail(\"x\") } else { pass() }",
            &[Code::UnavailableFeature],
        ),
        (
            "let l = []; l.push(|x| x); if l.is_empty() { fail(\"x\") } else { pass() }",
            &[Code::UnavailableFeature],
        ),
        // Interpolation.
        ("fail(\"${group.group_name}\")", &[Code::MissingInterpolation]),
        (
            "let ports = [1]; if group.vpc_id == () { pass() } else { fail(\"on ${ ports[0] }\") }",
            &[Code::MissingInterpolation],
        ),
        (
            "if group.group_name == \"${aws:username}\" { fail(`${group.vpc_id}`) } else { fail(\"$group {group} ${group\") }",
            &[],
        ),
        (
            "if is_open_to_internet(group.ip_permissions, 22, \"tcp\") { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "if is_open_to_internet([group.group_name], \"tcp\", 22) { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "if group.group_name.starts_with(8) { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "if group.tags.some(|tag| tag == \"x\") { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        (
            "if group.group_name - group.vpc_id == \"x\" { fail(\"x\") } else { pass() }",
            &[Code::TypeMismatch],
        ),
        ("if -group.group_name == \"x\" { fail(\"x\") } else { pass() }", &[Code::TypeMismatch]),
        (
            "if group.tags.values().some(|tag| tag == \"x\") { fail(\"x\" + 1 + 2.5) } else { pass() }",
            &[],
        ),
        (
            "if ((group.group_name ?? \"\") + group.ip_permissions.len()).len() % 2 > 1 - 2.5 { fail(\"x\") } else { pass() }",
            &[],
        ),
        (
            "let all = [] + group.ip_permissions; if all.len() > 1 { fail('x' + \"y\", [1]) } else { pass() }",
            &[],
        ),
        ("if group { fail(\"x\") } else { pass() }", &[Code::ConditionNotBool]),
        (
            "if !group.ip_permissions.len() { fail(\"x\") } else { pass() }",
            &[Code::ConditionNotBool],
        ),
        (
            "if group.tags || group.vpc_id == () { fail(\"x\") } else { pass() }",
            &[Code::ConditionNotBool],
        ),
        (
            "if group.ip_permissions.all(|p| p.from_port) { fail(\"x\") } else { pass() }",
            &[Code::ConditionNotBool],
        ),
        (
            "switch group.group_name { \"a\" if group.tags => fail(\"x\"), _ => pass() }",
            &[Code::ConditionNotBool],
        ),
        // Code paths.
        ("if group.vpc_id == () { fail(\"x\"); } pass()", &[Code::DiscardedVerdict]),
        (
            "for p in group.ip_permissions { if p.from_port == 1 { fail(\"x\") } } pass()",
            &[Code::DiscardedVerdict],
        ),
        (
            "if group.vpc_id == () { if group.group_name == \"a\" { skip(\"x\") } else { pass(); } } fail(\"x\")",
            &[Code::DiscardedVerdict, Code::DiscardedVerdict],
        ),
        (
            "switch group.group_name { \"a\" => fail(\"x\"), _ => { pass() } }; pass()",
            &[Code::DiscardedVerdict, Code::DiscardedVerdict],
        ),
        (
            "let v = { pass() }; if group.vpc_id == () { v = if group.group_name == \"a\" { fail(\"x\") } else { pass() }; } v",
            &[],
        ),
        ("", &[Code::MissingVerdict]),
        (
            "for p in group.ip_permissions { return pass(); }",
            &[Code::MissingVerdict, Code::SingleRound],
        ),
        ("let x = pass();", &[Code::MissingVerdict, Code::UnusedVariable]),
        ("if group.vpc_id == () { return; } pass()", &[Code::MissingVerdict]),
        ("switch group.group_name { \"default\" => fail(\"x\") }", &[Code::MissingVerdict]),
        (
            "if group.vpc_id == () { pass() } else if group.group_name == \"x\" { fail(\"x\") }",
            &[Code::MissingVerdict],
        ),
        ("if group.vpc_id == () { pass() } else { true }", &[Code::NotAVerdict]),
        ("return 1;", &[Code::NotAVerdict]),
        ("if group.vpc_id == () { return pass(); skip(\"x\") } fail(\"x\")", &[Code::Unreachable]),
        ("for p in group.ip_permissions { continue; p.from_port; } pass()", &[Code::Unreachable]),
        (
            "if group.ip_permissions.some(|p| { return true; p.from_port == 1 }) { pass() } else { fail(\"x\") }",
            &[Code::Unreachable],
        ),
        // Names.
        ("if group.vpc_id == None { pass() } else { fail(\"x\") }", &[Code::UnknownVariable]),
        ("if is_configured(missing) { pass() } else { fail(\"x\") }", &[Code::UnknownVariable]),
        (
            "if group.ip_permissions.some(|p| q.from_port == 1) { pass() } else { fail(\"x\") }",
            &[Code::UnknownVariable],
        ),
        (
            "let x = 1; if true { let x = 2; x += 1; } if x == 1 { pass() } else { fail(\"x\") }",
            &[Code::UnusedVariable],
        ),
        (
            "if related(\"ec2.vcp\").is_empty() { pass() } else { fail(\"x\") }",
            &[Code::UnknownKind],
        ),
        ("group.is_configured(1); pass()", &[Code::WrongArgumentCount]),
    ] {
        let rule = format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.security_group\", severity: \"low\" }};\nfn check(group, params) {{\n    {body}\n}}\n"
        );
        let diagnostics = lint_rule(&linter, &rule);
        let mut codes: Vec<Code> =
            diagnostics.iter().filter_map(|diagnostic| diagnostic.code).collect();
        codes.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(codes, expected, "{body}\n{}", shown(&diagnostics));
    }
}

#[test]
fn values_that_aws_never_returns_are_reported() {
    let linter = Linter::new();
    for (condition, expected) in [
        ("instance.state.name == \"running\"", 0),
        ("instance.state.name == \"Running\"", 1),
        ("\"runing\" != instance.state.name", 1),
        ("instance.state.name in [\"stopped\", \"Terminated\", \"shutting_down\"]", 2),
        ("!(instance.state.name in [\"stopped\"])", 0),
        ("instance.metadata_options.http_tokens == \"Required\"", 1),
        ("instance.metadata_options[\"http_tokens\"] == \"Required\"", 1),
        ("instance.metadata_options.http_tokens == \"sometimes\"", 0),
        ("instance.state.name.to_upper() == \"RUNNING\"", 0),
        ("instance.tags.state == \"Running\"", 0),
        ("instance.block_device_mappings.some(|disk| disk.ebs.status == \"attachd\")", 1),
        (
            "switch instance.state.name { \"running\" => true, \"Stopped\" | \"stoped\" => false, _ => false }",
            2,
        ),
    ] {
        let diagnostics = lint_rule(
            &linter,
            &format!(
                "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.instance\", severity: \"low\" }};\n\
                 fn check(instance, params) {{ if {condition} {{ pass() }} else {{ fail(\"x\") }} }}\n"
            ),
        );
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(
            codes,
            vec![Some(Code::NeverReturned); expected],
            "{condition}\n{}",
            shown(&diagnostics)
        );
    }
}

/// Checks that have the same result for every resource, and strings that never match, wherever the
/// compared values come from.
#[test]
fn checks_that_check_nothing_are_reported() {
    let linter = Linter::new();
    let never = Some(Code::NeverReturned);
    let there = Some(Code::AlwaysThere);
    let constant = Some(Code::ConstantComparison);
    let literal = Some(Code::UnsuitableLiteral);
    let mut wrong = Vec::new();
    for (condition, expected) in [
        // Through variables, functions, closures, `if` and `switch`.
        ("{ let s = instance.state.name; s == \"Running\" }", never),
        (
            "{ let s = if is_configured(instance.state) { instance.state.name } else { () }; s == \"Running\" }",
            never,
        ),
        ("is_running(instance.state.name)", never),
        ("instance.state.name in params.states", None),
        ("params.wrong.contains(instance.state.name)", never),
        ("{ let wrong = params.wrong; instance.state.name in wrong }", never),
        ("params.wrong.some(|state| instance.state.name == state)", never),
        ("params.wrong.len() > 1", None),
        (
            "instance.block_device_mappings.map(|disk| disk.ebs.status).some(|s| s == \"Attached\")",
            never,
        ),
        ("policy_statements(()).map(|s| s.effect).contains(\"allow\")", never),
        ("policy_statements(()).some(|s| { let e = s.effect; e == \"allow\" })", never),
        ("policy_statements(()).find(|s| s.index == 1).effect == \"allow\"", never),
        ("policy_statements(())[0].effect == \"allow\"", never),
        (
            "policy_statements(()).some(|s| switch s.effect { \"ALLOW\" => true, _ => false })",
            never,
        ),
        ("policy_statements(()).some(|s| s.effect in [\"Allow\", \"deny\"])", never),
        ("policy_statements(()).some(|s| \"ec2.amazonaws.com\" in s.principals)", never),
        ("policy_statements(()).some(|s| \"Service:ec2.amazonaws.com\" in s.principals)", None),
        ("policy_statements(()).some(|s| s.actions.some(|a| a == \"PutObject\"))", never),
        ("external_grants(()).some(|g| g.kind == \"public\")", never),
        ("public_grants(()).some(|g| g.permission == \"read\")", never),
        ("related(\"ec2.volume\").some(|v| v.volume_type == \"GP2\")", never),
        ("related(\"ec2.volume\").some(|v| v.volume_type == \"gp2\")", None),
        (
            "related(\"ec2.security_group\").some(|g| g.ip_permissions.some(|p| p.ip_ranges.some(|r| r.cidr_ip == \"0.0.0.0\")))",
            never,
        ),
        // Types of arguments.
        ("has_tag(instance, \"Owner\")", Some(Code::TypeMismatch)),
        ("has_tag(instance.tags, \"Owner\")", None),
        ("has_tag(\"Owner\", instance.tags)", Some(Code::TypeMismatch)),
        ("has_matching_tag(instance, [\"Owner=*\"])", Some(Code::TypeMismatch)),
        ("allows_action(instance, \"s3:GetObject\")", Some(Code::TypeMismatch)),
        ("allows_action(policy_statements(())[0], \"s3:GetObject\")", None),
        (
            "external_grants(()).some(|g| allows_action(g, \"s3:GetObject\"))",
            Some(Code::TypeMismatch),
        ),
        ("internet_openings((), \"tcp\", 22)", Some(Code::ConditionNotBool)),
        ("!internet_openings((), \"tcp\", 22).is_empty()", None),
        // Always there.
        ("is_configured(instance.block_device_mappings)", there),
        ("instance.block_device_mappings == ()", there),
        ("() != instance.tags", there),
        ("is_configured(instance.state)", None),
        ("is_configured(params.states)", there),
        ("is_configured(params.unset)", None),
        ("policy_statements(()).some(|s| is_configured(s.effect))", there),
        ("policy_statements(()).some(|s| is_configured(s.sid))", None),
        ("is_configured(policy_statements(()).find(|s| s.index == 1)?.effect)", None),
        ("is_configured(instance?.block_device_mappings)", None),
        (
            "{ let x = (); for d in instance.block_device_mappings { x = instance.tags; } is_configured(x) }",
            None,
        ),
        (
            "{ let x = if has_tag(instance.tags, \"a\") { instance.tags } else { () }; is_configured(x) }",
            None,
        ),
        // Literals for helpers.
        ("glob_matches(\"^prod-.*$\", instance.instance_id)", literal),
        ("regex_matches(\"prod-*\", instance.instance_id)", literal),
        ("regex_matches(\"*-prod\", instance.instance_id)", literal),
        ("regex_matches(\"^prod-\", instance.instance_id)", None),
        ("glob_matches(instance.instance_id, \"prod-*\")", literal),
        ("glob_matches(\"prod-*\", \"prod-1\")", None),
        ("tag_matches(instance.tags, \"Env\", \"^prod\")", literal),
        ("has_tag(instance.tags, \"Env*\")", literal),
        ("has_matching_tag(instance.tags, [\"Env\"])", literal),
        ("has_matching_tag(instance.tags, params.tags)", literal),
        ("cidr_contains(\"0.0.0.0\", instance.private_ip_address)", literal),
        ("cidr_contains([\"10.0.0.0/8\", \"10.0.0/8\"], instance.private_ip_address)", literal),
        ("cidr_contains(\"10.0.0.0/8\", \"10.1.2.3\")", None),
        ("is_world(params.range)", literal),
        ("policy_statements(()).some(|s| allows_action(s, \"GetObject\"))", literal),
        ("policy_statements(()).some(|s| s.allows_action([\"s3:Get*\", \"Put*\"]))", literal),
        ("policy_statements(()).some(|s| allows_action(s, \"*\"))", None),
        ("policy_statements(()).some(|s| iam_covers_action(s.actions, \"PutObject\"))", literal),
        (
            "policy_statements(()).some(|s| params.actions.some(|action| allows_action(s, action)))",
            literal,
        ),
        // Constant comparisons.
        ("instance.block_device_mappings.len() >= 0", constant),
        ("instance.block_device_mappings.len() < 0", constant),
        ("0 <= len(instance.block_device_mappings)", constant),
        ("instance.block_device_mappings.len() > 0", None),
        ("instance.block_device_mappings.len() == -1", constant),
        ("instance.instance_id == instance.instance_id", constant),
        ("instance.instance_id != instance.image_id", None),
        ("1 == 2", constant),
        ("\"a\" < \"b\"", constant),
        // Divisions.
        ("instance.block_device_mappings.len() / 3 > 0.5", Some(Code::IntegerDivision)),
        (
            "{ let share = instance.block_device_mappings.len() / params.states.len(); share > 0.5 }",
            Some(Code::IntegerDivision),
        ),
        ("instance.block_device_mappings.len() / 3 >= params.share", Some(Code::IntegerDivision)),
        ("instance.block_device_mappings.len() / 3 > 2", None),
        ("instance.block_device_mappings.len().to_float() / 3 > 0.5", None),
        ("instance.block_device_mappings.len() / 0 > 2", Some(Code::DivisionByZero)),
        ("instance.block_device_mappings.len().to_float() / 0.0 > 2.0", Some(Code::DivisionByZero)),
        ("instance.block_device_mappings.len() % 2 > 0", None),
    ] {
        let used =
            |name: &str| if condition.contains(&format!("params.{name}")) { "" } else { "//" };
        let calls = if condition.contains("is_running") { "" } else { "//" };
        let needs =
            condition.split("related(\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
        let needs = if needs.is_empty() { String::new() } else { format!("{needs:?}") };
        let rule = format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.instance\", severity: \"low\", needs: [{needs}], params: #{{\n\
             {} states: [\"running\"],\n{} wrong: [\"stopped\", \"Running\"],\n{} unset: (),\n{} tags: [\"Env\"],\n\
             {} range: \"0.0.0.0\",\n{} actions: [\"Get*\"],\n{} share: 0.5,\n}} }};\n\
             fn check(instance, params) {{\n    let is_fine = {condition};\n    if is_fine {{ pass() }} else {{ fail(\"x\") }}\n}}\n\
             {calls} fn is_running(state) {{ state == \"Running\" }}\n",
            used("states"),
            used("wrong"),
            used("unset"),
            used("tags"),
            used("range"),
            used("actions"),
            used("share"),
        );
        let diagnostics = lint_rule(&linter, &rule);
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        let expected: Vec<Option<Code>> = expected.into_iter().map(Some).collect();
        if codes != expected {
            wrong.push(format!("{condition}: {codes:?}\n{}", shown(&diagnostics)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn loops_that_end_in_their_first_round_are_reported() {
    let linter = Linter::new();
    let reported = Some(Code::SingleRound);
    for (body, expected) in [
        (
            "for p in group.ip_permissions { if p.from_port == 22 { return fail(\"x\"); } else { return pass(); } } pass()",
            reported,
        ),
        (
            "for p in group.ip_permissions { if p.from_port == 22 { return fail(\"x\"); } return pass(); } pass()",
            reported,
        ),
        (
            "for p in group.ip_permissions { switch p.from_port { 22 => { return fail(\"x\"); } _ => { return pass(); } } } pass()",
            reported,
        ),
        (
            "let n = 0; for p in group.ip_permissions { n += 1; break; } if n > 0 { fail(\"x\") } else { pass() }",
            reported,
        ),
        (
            "for p in group.ip_permissions { if p.from_port == 80 { continue; } return fail(\"x\"); } pass()",
            None,
        ),
        (
            "for p in group.ip_permissions { if p.from_port == 22 { return fail(\"x\"); } } pass()",
            None,
        ),
        (
            "for p in group.ip_permissions { for r in p.ip_ranges { if r.cidr_ip == () { return fail(\"x\"); } } } pass()",
            None,
        ),
        (
            "for p in group.ip_permissions { for r in p.ip_ranges { return fail(\"x\"); } } pass()",
            reported,
        ),
    ] {
        let rule = format!("{PROSE}{}\nfn check(group, params) {{\n    {body}\n}}\n", head(""));
        let codes: Vec<_> =
            lint_rule(&linter, &rule).iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, expected.into_iter().map(Some).collect::<Vec<_>>(), "{body}");
    }
}

#[test]
fn types_are_inferred_through_functions() {
    let linter = Linter::new();
    let rule = |functions: &str| {
        format!(
            "{PROSE}const RULE = #{{ title: \"T\", resource: \"s3.bucket\", severity: \"low\", needs: [\"policy\"], params: #{{ most: 1 }} }};\n{functions}\n"
        )
    };
    for (functions, expected) in [
        (
            "fn check(b, p) { evaluate(b, p) }\nfn evaluate(b, p) { if b.policy == () && p.most > 0 { pass() } else { fail(\"x\") } }",
            &[][..],
        ),
        (
            "fn check(b, p) { evaluate(b, p) }\nfn evaluate(b, p) { if b.polcy == () && p.most > 0 { pass() } else { fail(\"x\") } }",
            &[Code::UnknownField],
        ),
        (
            "fn check(b, p) { evaluate(b, p) }\nfn evaluate(b, p) { if b.policy == () && p.most > 0 { pass() } }",
            &[Code::MissingVerdict],
        ),
        (
            "fn check(b, p) { if same(b.name, \"x\") && same(b.policy, p.most) { pass() } else { fail(\"x\") } }\nfn same(x, y) { x == y }",
            &[],
        ),
        (
            "fn check(b, p) { if same(b.name, 1) && same(b.name, p.most) && b.policy == () { pass() } else { fail(\"x\") } }\nfn same(x, y) { x == y }",
            &[Code::NeverEqual],
        ),
        (
            "fn check(b, p) { if f(b, p, 3) { pass() } else { fail(\"x\") } }\nfn f(b, p, n) { if n == 0 { b.policy == () && p.most == 1 } else { f(b, p, n - 1) } }",
            &[],
        ),
        // Only an unused function reads them.
        (
            "fn check(b, p) { if b.policy == () { pass() } else { fail(`${p.most}`) } }\nfn f(b) { g(b) }\nfn g(b) { f(b) }",
            &[Code::UnusedFunction, Code::UnusedFunction],
        ),
    ] {
        let diagnostics = lint_rule(&linter, &rule(functions));
        let codes: Vec<Code> =
            diagnostics.iter().filter_map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, expected, "{functions}\n{}", shown(&diagnostics));
    }
}

#[test]
fn the_built_in_pack_has_no_errors() {
    let report = lint(&[]).unwrap();
    assert!(report.diagnostics.is_empty() && report.files >= 10, "{}", shown(&report.diagnostics));
}

#[test]
fn hostile_scripts_do_not_exhaust_time_or_memory() {
    let mut doubling = "let m0 = #{ a: 1, b: 2 };\n".to_owned();
    (1..40).for_each(|n| {
        writeln!(doubling, "let m{n} = #{{ a: m{0}, b: m{0}, c: [m{0}] }};", n - 1).unwrap()
    });
    let bodies = [
        format!("let x = group{}; pass()", ".group_name".repeat(4_000)),
        format!("let x = group{}; pass()", "[0]".repeat(9_000)),
        format!("let x = 1{}; pass()", "+1".repeat(9_000)),
        format!("let x = {}1{}; pass()", "[".repeat(60), "]".repeat(60)),
        format!("let x = 1; {} pass()", "x = [x];".repeat(2_000)),
        format!("{}pass(){}", "group.ip_permissions.map(|a| ".repeat(30), ")".repeat(30)),
        format!("{doubling} fail(`${{m39.a.a.a}}`)"),
        "if ".repeat(3_000),
    ];
    with_stack(move || {
        let linter = Linter::new();
        for body in bodies {
            let rule = format!(
                "{PROSE}const RULE = #{{ title: \"T\", resource: \"ec2.security_group\", severity: \"low\" }};\nfn check(group, params) {{\n{body}\n}}\n"
            );
            lint_rule(&linter, &rule);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Damaged rules and test cases are reported with positions inside the file.
    #[test]
    fn damaged_files_never_cause_panics(which in 0usize..10, from in 0usize..6_000, length in 0usize..60, paste in "[a-z(){}\\[\\]\"`$|.,;=#/é\\n]{0,6}") {
        let cut = move |text: &str| {
            let mut text: Vec<char> = text.chars().collect();
            let start = from % text.len().max(1);
            let end = (start + length).min(text.len());
            text.splice(start..end, paste.chars());
            text.into_iter().collect::<String>()
        };
        let (path, rule) = built_in_files(&is_rule).swap_remove(which);
        let beside = cases_of(&path);
        let cases = built_in_files(&|path| path.to_string_lossy().replace('\\', "/") == beside).swap_remove(0).1;
        with_stack(move || {
            let linter = Linter::new();
            for (rule, cases) in [(cut(&rule), cases.clone()), (rule, cut(&cases))] {
                for diagnostic in linter.pack(&pack("rule.rhai", &rule, Some(&cases))).diagnostics {
                    let (line, _) = diagnostic.position();
                    assert!(line <= diagnostic.source.matches('\n').count() + 1);
                    assert!(diagnostic.code.is_some(), "{diagnostic}");
                    diagnostic.render(false);
                }
            }
        });
    }
}
