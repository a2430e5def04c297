//! Untested values are reported at their position, and natural ways of testing are understood.

use crate::diagnostics::Code;
use crate::facts::fields::{self, Field};
use crate::facts::{KINDS, Kind};
use crate::rules::language::engine::STACK_SIZE;
use crate::rules::language::source::SourceFile;
use crate::rules::lint::linter::Linter;

/// The source of what is reported as possibly absent in a script: of the operand.
fn absent(linter: &Linter, resource: &str, needs: &str, body: &str) -> Vec<String> {
    let text = format!(
        "//! Test.\nconst RULE = #{{ title: \"T\", resource: \"{resource}\", severity: \"low\", needs: [{needs}], params: #{{ most: 22 }} }};\nfn check(r, params) {{\n{body}\n}}\n"
    );
    let file = SourceFile { name: "test.rhai".to_owned(), text: text.as_str().into() };
    let ast = linter.parser.compile(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let diagnostics = linter.script(&ast, &file).diagnostics;
    let mut found = Vec::new();
    for diagnostic in diagnostics {
        if diagnostic.code == Some(Code::MayBeAbsent) {
            let rest = &text[diagnostic.span.start..];
            let end = rest.find([' ', ',', ')', ';', '\n']).unwrap_or(rest.len());
            found.push(rest[..end].to_owned());
        } else if diagnostic.code != Some(Code::UnusedParam) {
            panic!("{}\n{text}", diagnostic.render(false));
        }
    }
    found
}

fn with_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).unwrap().join().unwrap();
}

/// Bodies for a security group; the second element is what is reported.
const TABLE: &[(&str, &[&str])] = &[
    (
        "let n = 0; for p in r.ip_permissions { if p.from_port <= 22 { n += 1; } } if n > 0 { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| 22 >= p.from_port) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port <= params.most && p.to_port >= params.most) { fail(\"x\") } else { pass() }",
        &["p.from_port", "p.to_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port != () && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| () != p.from_port && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| is_configured(p.from_port) && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port.is_configured() && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| is_configured(p.from_port) || p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| !is_configured(p.from_port) || p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port == () || p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| !(p.from_port == ()) && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| is_configured(p.to_port) && p.from_port <= 22) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port <= 22 && is_configured(p.from_port)) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    ("if r.ip_permissions.some(|p| (p.from_port ?? 0) <= 22) { fail(\"x\") } else { pass() }", &[]),
    (
        "if r.ip_permissions.some(|p| (p.from_port ?? p.to_port) <= 22) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| (p.from_port ?? p.to_port ?? 0) <= 22) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port == 0 && p.from_port < p.to_port) { fail(\"x\") } else { pass() }",
        &["p.to_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port in [1, 2] && p.from_port < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port == p.to_port && p.from_port < 2) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| type_of(p.from_port) == \"i64\" && p.from_port < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| type_of(p.from_port) != \"()\" && p.from_port < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| type_of(p.from_port) == \"()\" && p.from_port < 2) { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "for p in r.ip_permissions { if p.from_port == () { continue; } if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { if p.from_port == () { return fail(\"x\"); } if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { if p.from_port != () { continue; } if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &["p.from_port"],
    ),
    (
        "for p in r.ip_permissions { if p.from_port == () { if p.to_port == () { continue; } } if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &["p.from_port"],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port; if from == () { continue; } if from < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port; if from < 2 { return fail(\"x\"); } } pass()",
        &["from"],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port; if p.from_port == () { continue; } if from < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port; if from == () { from = 0; } if from < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port; if from == () { from = p.to_port; } if from < 2 { return fail(\"x\"); } } pass()",
        &["from"],
    ),
    (
        "for p in r.ip_permissions { let from = if p.from_port == () { 0 } else { p.from_port }; if from < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let from = p.from_port ?? 0; if from < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let has = is_configured(p.from_port); if has && p.from_port < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let missing = p.from_port == (); if missing { continue; } if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let missing = p.from_port == (); if missing && p.from_port < 2 { return fail(\"x\"); } } pass()",
        &["p.from_port"],
    ),
    (
        "let known = r.ip_permissions.filter(|p| is_configured(p.from_port)); for p in known { if p.from_port < 2 { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "let known = r.ip_permissions.filter(|p| is_configured(p.from_port)); for p in known { if p.to_port < 2 { return fail(\"x\"); } } pass()",
        &["p.to_port"],
    ),
    (
        "if r.ip_permissions.filter(|p| p.from_port != ()).some(|q| q.from_port < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if filter(r.ip_permissions, |p| p.from_port != ()).some(|q| q.from_port < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.filter(|p| p.from_port == ()).some(|q| q.from_port < 2) { fail(\"x\") } else { pass() }",
        &["q.from_port"],
    ),
    (
        "let p = r.ip_permissions.find(|p| p.from_port != ()); if p != () && p.from_port < 2 { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "let p = r.ip_permissions.find(|p| p.to_port != ()); if p != () && p.from_port < 2 { fail(\"x\") } else { pass() }",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| has(p) && p.from_port < 2) { fail(\"x\") } else { pass() }\n}\nfn has(p) { p.from_port != ()",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| has(p.from_port) && p.from_port < 2) { fail(\"x\") } else { pass() }\n}\nfn has(x) { is_configured(x)",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| has(p) && p.from_port < 2) { fail(\"x\") } else { pass() }\n}\nfn has(p) { if p.from_port == () { return false; } true",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| has(p) && p.from_port < 2) { fail(\"x\") } else { pass() }\n}\nfn has(p) { p.to_port != ()",
        &["p.from_port"],
    ),
    (
        "if r.ip_permissions.some(|p| low(p.from_port)) { fail(\"x\") } else { pass() }\n}\nfn low(port) { port < 2",
        &["port"],
    ),
    (
        "if r.ip_permissions.some(|p| low(p.from_port ?? 0)) { fail(\"x\") } else { pass() }\n}\nfn low(port) { port < 2",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| low(p.from_port)) { fail(\"x\") } else { pass() }\n}\nfn low(port) { port != () && port < 2",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| lowest(p) < 2) { fail(\"x\") } else { pass() }\n}\nfn lowest(p) { p.from_port",
        &["lowest(p"],
    ),
    (
        "if r.ip_permissions.some(|p| lowest(p) < 2) { fail(\"x\") } else { pass() }\n}\nfn lowest(p) { p.from_port ?? 0",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p.to_port - 1 == 2) { fail(\"x\") } else { pass() }",
        &["p.to_port"],
    ),
    (
        "if r.ip_permissions.some(|p| 22 in p.from_port..=p.to_port) { fail(\"x\") } else { pass() }",
        &["p.from_port..=p.to_port", "p.to_port"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port != () && p.to_port != () && 22 in p.from_port..=p.to_port) { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "for p in r.ip_permissions { let low = switch p.from_port { 0..=22 => true, _ => false }; if low { return fail(\"x\"); } } pass()",
        &["p.from_port"],
    ),
    (
        "for p in r.ip_permissions { let low = switch p.from_port { () => true, 0..=22 => true, _ => false }; if low { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { let low = switch p.from_port ?? 0 { 0..=22 => true, _ => false }; if low { return fail(\"x\"); } } pass()",
        &[],
    ),
    (
        "for p in r.ip_permissions { switch p.ip_protocol { \"tcp\" if p.from_port != () && p.from_port < 2 => return fail(\"x\"), _ => {} } } pass()",
        &[],
    ),
    (
        "if cidr_width(\"10.0.0.0/8\") < 2 { fail(\"x\") } else { pass() }",
        &["cidr_width(\"10.0.0.0/8\""],
    ),
    (
        "let text = `${r.ip_permissions.len()}`; if r.ip_permissions.len() > 3 { fail(text) } else { pass() }",
        &[],
    ),
    (
        "if r.ip_permissions.some(|p| p[\"from_port\"] < 2) { fail(\"x\") } else { pass() }",
        &["p[\"from_port\"]"],
    ),
    (
        "if r.ip_permissions.some(|p| p.from_port != () && p[\"from_port\"] < 2) { fail(\"x\") } else { pass() }",
        &[],
    ),
    ("if r.tags.Level < \"b\" { fail(\"x\") } else { pass() }", &["r.tags.Level"]),
    ("if \"Level\" in r.tags && r.tags.Level < \"b\" { fail(\"x\") } else { pass() }", &[]),
    (
        "if r.tags.contains(\"Level\") && r.tags[\"Level\"] < \"b\" { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "let list = r.ip_permissions; list.sort(|a, b| (a.from_port ?? 0) - (b.from_port ?? 0)); if list.is_empty() { pass() } else { fail(\"x\") }",
        &[],
    ),
    (
        "let most = 0; for p in r.ip_permissions { if p.from_port != () && p.from_port > most { most = p.from_port; } } if most > 3 { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "let last = (); for p in r.ip_permissions { last = p.from_port; } if last != () && last > 3 { fail(\"x\") } else { pass() }",
        &[],
    ),
    (
        "let last = (); for _p in r.ip_permissions { last = 3; } if last > 3 { fail(\"x\") } else { pass() }",
        &["last"],
    ),
];

#[test]
fn values_are_reported_unless_every_path_tests_them() {
    with_stack(|| {
        let linter = Linter::new();
        let wrong = TABLE.iter().filter_map(|(body, expected)| {
            let found = absent(&linter, "ec2.security_group", "", body);
            (found != *expected).then(|| format!("{found:?}, not {expected:?}: {body}"))
        });
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// A condition on a field, within `some` for each list on its way; `{}` in `test` is the field.
fn condition(path: &str, test: &str) -> String {
    let Some((list, rest)) = path.split_once("[].") else {
        return test.replace("{}", &bracketed(path));
    };
    let item = format!("i{}", list.len() + rest.len());
    let inner = condition(&format!("{item}.{rest}"), test);
    format!("({} ?? []).some(|{item}| {inner})", bracketed(list))
}

/// Names that are keywords are read in brackets.
fn bracketed(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let part = |part: &&str| match *part {
        "public" => "?[\"public\"]".to_owned(),
        part => format!("?.{part}"),
    };
    parts.iter().map(part).collect::<String>().trim_start_matches(['?', '.']).to_owned()
}

fn orderable(field: &Field) -> Option<&'static str> {
    match field.kind.strip_suffix('?')? {
        "int" => Some("7"),
        "float" => Some("7.5"),
        "string" | "time" => Some("\"m\""),
        _ => None,
    }
}

#[test]
fn every_field_that_can_be_absent_must_be_tested_before_it_is_ordered() {
    with_stack(|| {
        let linter = Linter::new();
        let mut seen = 0;
        let fields_of = |kind: &'static Kind| {
            let listed = fields::of(&kind.shape, "").into_iter().map(|field| (None, field));
            let facts = kind.facts.iter().flat_map(|fact| {
                fields::of(&fact.shape, fact.name).into_iter().map(|field| (Some(fact.name), field))
            });
            listed.chain(facts).collect::<Vec<_>>()
        };
        for kind in KINDS {
            for (fact, field) in fields_of(kind) {
                let Some(value) = orderable(&field).filter(|_| !field.path.ends_with("[]")) else {
                    continue;
                };
                let needs = fact.map(|fact| format!("\"{fact}\"")).unwrap_or_default();
                let path = format!("r.{}", field.path);
                let body = |test: &str| {
                    let test = test.replace("{v}", value);
                    format!("if {} {{ fail(\"x\") }} else {{ pass() }}", condition(&path, &test))
                };
                let untested = absent(&linter, kind.name, &needs, &body("{} < {v}"));
                assert_eq!(untested.len(), 1, "{}.{}: {untested:?}", kind.name, field.path);
                let name = field.path.rsplit('.').next().unwrap();
                assert!(untested[0].contains(name), "{}.{}: {untested:?}", kind.name, field.path);
                let tested = [
                    "{} != () && {} < {v}",
                    "is_configured({}) && {} >= {v}",
                    "{} == () || {} > {v}",
                    "({} ?? {v}) <= {v}",
                ];
                for test in tested {
                    let found = absent(&linter, kind.name, &needs, &body(test));
                    assert!(found.is_empty(), "{}.{}: {test}", kind.name, field.path);
                }
                seen += 1;
            }
        }
        assert!(seen > 500, "{seen}");
    });
}
