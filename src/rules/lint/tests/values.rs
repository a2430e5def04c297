//! Values that a field never has, and checks that check nothing.

use super::*;

#[test]
fn values_that_aws_never_returns_are_reported() {
    let linter = Linter::new();
    for (condition, expected) in [
        ("instance.state.name == \"running\"", 0),
        ("instance.state.name == \"Running\"", 1),
        ("\"runing\" != instance.state.name", 1),
        ("instance.state.name in [\"stopped\", \"Terminated\", \"shutting_down\"]", 2),
        ("!(instance.state.name in [\"stopped\"])", 0),
        ("instance.metadata_options?.http_tokens == \"Required\"", 1),
        ("instance.metadata_options?[\"http_tokens\"] == \"Required\"", 1),
        ("instance.metadata_options?.http_tokens == \"sometimes\"", 1),
        ("instance.state.name?.to_upper() == \"RUNNING\"", 0),
        ("instance.tags.state == \"Running\"", 0),
        ("instance.block_device_mappings.some(|disk| disk.ebs?.status == \"attachd\")", 1),
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
            "instance.block_device_mappings.map(|disk| disk.ebs?.status).some(|s| s == \"Attached\")",
            never,
        ),
        ("policy_statements(()).map(|s| s.effect).contains(\"allow\")", never),
        ("policy_statements(()).some(|s| { let e = s.effect; e == \"allow\" })", never),
        ("policy_statements(()).find(|s| s.index == 1)?.effect == \"allow\"", never),
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
            "{ let x = (); for _d in instance.block_device_mappings { x = instance.tags; } is_configured(x) }",
            None,
        ),
        (
            "{ let x = if has_tag(instance.tags, \"a\") { instance.tags } else { () }; is_configured(x) }",
            None,
        ),
        // Literals for helpers.
        ("glob_matches(\"^prod-.*$\", instance.instance_id)", literal),
        ("regex_matches(\"*-prod\", instance.instance_id)", literal),
        ("regex_matches(\"prod-*\", instance.instance_id)", None),
        ("regex_matches(\"https?:\", instance.instance_id)", None),
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
        ("instance.instance_id != instance.key_name", None),
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
