//! The built-in rules, hostile rules and damaged files.

use super::*;

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
