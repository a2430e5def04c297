//! Bodies of `check`, each with the codes that it must have.

use super::*;

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
            "let m = #{ a: \"x\" }; if m.filter(|_k, v| v == \"x\").is_empty() { fail(\"x\") } else { pass() }",
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
            "for _p in group.ip_permissions { return pass(); }",
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
            "let x = 1; if group.group_name == \"a\" { let x = 2; x += 1; } if x == 1 { pass() } else { fail(\"x\") }",
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
