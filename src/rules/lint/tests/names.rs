//! Names: of facts, kinds, metadata keys and functions.

use super::*;

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
    let whole = "const RULE = #{ title: \"T\", resource: \"s3.bucket\", severity: \"low\", needs: [\"policy\"], used_by: [], params: #{ most: 1 }, aliases: [\"old\"], terraform: [], opt_in: true };";
    let check = "fn check(bucket, params) { if is_configured(bucket.policy) && params.most > 0 { pass() } else { fail(\"no\") } }\n";
    let lint = |head: &str| lint_rule(&linter, &format!("{PROSE}{head}\n{check}"));
    assert!(lint(whole).is_empty(), "{}", shown(&lint(whole)));
    for (key, code) in [
        "title",
        "resource",
        "severity",
        "needs",
        "used_by",
        "params",
        "aliases",
        "terraform",
        "opt_in",
    ]
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
fn terraform_types_are_checked_at_their_positions() {
    let linter = Linter::new();
    let prose =
        PROSE.replace("## How to fix it", "## How to fix it\n//! Use `aws_s3_bucket_policy`.");
    assert_ne!(prose, PROSE);
    let lint = |of_rule: &str, of_variant: &str| {
        let head = format!(
            "const RULE = #{{ title: \"T\", resource: \"s3.bucket\", severity: \"low\", needs: [\"policy\"], params: #{{ most: 1 }}, terraform: {of_rule},\n    variants: [#{{ id: \"one\", title: \"One\", terraform: {of_variant} }}] }};"
        );
        let check = "fn check(bucket, params) { if is_configured(bucket.policy) && params.most > 0 { pass() } else { fail(\"no\") } }\n";
        let diagnostics = lint_rule(&linter, &format!("{prose}{head}\n{check}"));
        let start = prose.lines().count();
        // The cases name no variant, which is another matter.
        let of_cases = |id: &str| ["R062", "R063"].contains(&id);
        let diagnostics = diagnostics.iter().filter(|one| !of_cases(one.code.unwrap().id()));
        let shown = diagnostics.map(|one| {
            let (line, _) = one.position();
            format!("{} {} {}", one.code.unwrap().id(), line - start, one.message)
        });
        shown.collect::<Vec<_>>()
    };
    let good = "[\"aws_s3_bucket_policy.policy\", \"aws_s3_bucket_policy\"]";
    assert_eq!(lint(good, "[]"), [""; 0]);
    let not_a_type = "R009 1 `aws_s3_bucket_policy[0]` is not a Terraform resource type";
    assert_eq!(lint("[\"aws_s3_bucket_policy[0]\"]", "[]"), [not_a_type]);
    let no_list = "R009 1 `terraform` must be a list of string literals";
    assert_eq!(lint("\"aws_s3_bucket_policy\"", "[]"), [no_list]);
    let twice = "R009 1 duplicate `aws_s3_bucket_policy` in `terraform`";
    assert_eq!(lint("[\"aws_s3_bucket_policy\", \"aws_s3_bucket_policy\"]", "[]"), [twice]);
    let unmentioned = "R074 2 `## How to fix it` does not mention `aws_s3_bucket`";
    assert_eq!(lint(good, "[\"aws_s3_bucket.bucket\", \"aws_s3_bucket\"]"), [unmentioned]);
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
            let others = [Code::AlwaysThere, Code::ReturnsNothing].map(Some);
            right.retain(|diagnostic| !others.contains(&diagnostic.code));
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
