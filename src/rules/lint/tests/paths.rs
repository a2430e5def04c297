//! Code paths and functions.

use super::*;

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
            "let n = 0; for _p in group.ip_permissions { n += 1; break; } if n > 0 { fail(\"x\") } else { pass() }",
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
            "for p in group.ip_permissions { for _r in p.ip_ranges { return fail(\"x\"); } } pass()",
            reported,
        ),
        // The first item, or part of it.
        (
            "if first(group) == () { pass() } else { fail(\"x\") } }\nfn first(g) { for p in g.ip_permissions { return p; } ()",
            None,
        ),
        (
            "if first(group) == () { pass() } else { fail(\"x\") } }\nfn first(g) { for p in g.ip_permissions { return p.ip_protocol; } ()",
            None,
        ),
        (
            "let found = (); for p in group.ip_permissions { found = p; break; } if found == () { pass() } else { fail(\"x\") }",
            None,
        ),
        (
            "if any(group) { pass() } else { fail(\"x\") } }\nfn any(g) { for p in g.ip_permissions { return p.from_port == 22; } false",
            reported,
        ),
        (
            "let found = false; for p in group.ip_permissions { found = p.from_port == 22; break; } if found { pass() } else { fail(\"x\") }",
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
