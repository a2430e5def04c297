//! The sandbox: hostile scripts end with an error, quickly and within memory limits, and cannot
//! affect other rules.

use std::collections::BTreeMap;
use std::fs;

use rolecall::internals::{
    AccountFacts, LoadError, RuleFilter, RuleOutcome, STACK_SIZE, Sandbox, load, select,
};
use rolecall::internals::{Region, Resource, Verdict};
use serde_json::json;

/// Wraps the body of `check` into a rule on security groups.
fn rule(body: &str) -> String {
    format!(
        "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"ec2.security_group\", severity: \"low\", params: #{{ ports: [22] }} }};\n\
         fn check(group, params) {{\n{body}\n}}\n"
    )
}

enum Outcome {
    Refused(String),
    Evaluated(RuleOutcome),
}

/// Loads a rule together with an innocent one, and evaluates both on the same resource, the
/// innocent one last.
fn run(source: &str) -> (Outcome, Option<RuleOutcome>) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("hostile.rhai"), source).unwrap();
    let innocent = rule(
        "if group.group_name == \"web\" && group.ip_permissions.len() == 1 && params.ports == [22] && group.tags.Owner == \"me\" \
         { pass() } else { fail(`saw ${group.group_name}`) }",
    );
    fs::write(dir.path().join("innocent.rhai"), innocent).unwrap();
    let pack = match load(&[dir.path().to_owned()]) {
        Ok(pack) => pack,
        Err(LoadError::Diagnostics(faults)) => {
            let text =
                faults.iter().map(|fault| fault.render(false)).collect::<Vec<_>>().join("\n");
            return (Outcome::Refused(text), None);
        }
        Err(other) => panic!("{other}"),
    };
    let only = |id: &str| RuleFilter {
        rules: Some(rolecall::internals::Globs::new(&[id]).unwrap()),
        ..Default::default()
    };
    let mut rules = select(&pack, &BTreeMap::new(), &[&only("hostile")]).unwrap();
    rules.extend(select(&pack, &BTreeMap::new(), &[&only("innocent")]).unwrap());
    // As in an evaluation: on a thread with a stack that the worst permitted script cannot exhaust.
    let evaluate = move || {
        let mut sandbox = Sandbox::new(&rules).unwrap();
        sandbox.enter(account());
        (sandbox.evaluate(0, 0), sandbox.evaluate(1, 0))
    };
    let (hostile, innocent) =
        std::thread::Builder::new().stack_size(STACK_SIZE).spawn(evaluate).unwrap().join().unwrap();
    (Outcome::Evaluated(hostile), Some(innocent))
}

fn account() -> AccountFacts {
    let facts = json!({
        "group_id": "sg-1", "group_name": "web", "tags": { "Owner": "me" },
        "ip_permissions": [{ "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] }],
    });
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = Resource {
        kind: "ec2.security_group".into(),
        id: "sg-1".into(),
        region,
        arn: None,
        name: None,
        facts: facts.as_object().unwrap().clone(),
        unreadable: BTreeMap::new(),
    };
    AccountFacts {
        account: "111122223333".parse().unwrap(),
        name: None,
        labels: Default::default(),
        partition: Default::default(),
        now: "2026-06-01T00:00:00Z".into(),
        trust: Default::default(),
        required_tags: Default::default(),
        resources: vec![rolecall::internals::normalize(resource).unwrap().unwrap()].into(),
        list_gap: Box::new(|_, _| None),
    }
}

#[test]
fn hostile_scripts_end_with_errors_and_do_not_affect_others() {
    let nested_list = format!("let x = {}1{}; pass()", "[".repeat(2_000), "]".repeat(2_000));
    let nested_sum = format!("let x = {}1{}; pass()", "(".repeat(5_000), ")".repeat(5_000));
    let huge_literal = format!("let x = \"{}\"; pass()", "x".repeat(63_000)).repeat(1);
    let scripts: Vec<(&str, String)> = vec![
        ("loop", rule("loop { }")),
        ("while", rule("let i = 0; while i >= 0 { i += 1; } pass()")),
        ("do", rule("let i = 0; do { i += 1; } until i < 0; pass()")),
        ("long for", rule("let n = 0; for i in 0..9000000000 { n += i; } pass()")),
        (
            "nested for",
            rule("let n = 0; for i in 0..10000 { for j in 0..10000 { n += 1; } } pass()"),
        ),
        ("recursion", format!("{}fn f(n) {{ f(n + 1) }}\n", rule("f(0); pass()"))),
        (
            "mutual recursion",
            format!("{}fn f(n) {{ g(n) }}\nfn g(n) {{ f(n) }}\n", rule("f(0); pass()")),
        ),
        (
            "recursion through map",
            format!("{}fn f(n) {{ [n].map(|x| f(x)) }}\n", rule("f(0); pass()")),
        ),
        (
            "recursion through sort",
            format!("{}fn f(n) {{ [2, 1].sort(|a, b| f(a)) }}\n", rule("f(0); pass()")),
        ),
        ("string doubling", rule("let s = \"x\"; for i in 0..64 { s += s; } pass()")),
        ("string pad", rule("let s = \"x\"; s.pad(9000000000, \"y\"); pass()")),
        ("array doubling", rule("let a = [1]; for i in 0..64 { a += a; } pass()")),
        ("array pad", rule("let a = [1]; a.pad(9000000000, 0); pass()")),
        (
            "array of strings",
            rule(
                "let s = \"x\"; s.pad(60000, \"y\"); let a = []; for i in 0..100000 { a.push(s + i); } pass()",
            ),
        ),
        ("nested arrays", rule("let a = []; for i in 0..100000 { a = [a, a]; } pass()")),
        ("map by index", rule("let m = #{}; for i in 0..100000 { m[\"k\" + i] = i; } pass()")),
        ("map by field", rule("let m = #{ x: 1 }; m.x = 2; pass()")),
        (
            "map by mixin",
            rule("let m = #{}; for i in 0..100000 { m.mixin(#{ a: i, b: m }); } pass()"),
        ),
        (
            "slow natives",
            rule(
                "let a = []; for i in 0..9000 { a.push(i); } for i in 0..9000 { a.contains(-1); } pass()",
            ),
        ),
        (
            "slow sort",
            rule(
                "let a = []; for i in 0..9000 { a.push(9000 - i); } for i in 0..9000 { a.sort(); } pass()",
            ),
        ),
        ("nested list", rule(&nested_list)),
        ("nested sum", rule(&nested_sum)),
        (
            "closure chain",
            rule("let f = |x| x; for i in 0..100000 { let g = f; f = |x| g.call(x); } pass()"),
        ),
        (
            "closure in list",
            rule("let a = [|x| x]; for i in 0..100000 { let b = a; a = [|x| b]; } pass()"),
        ),
        (
            "closure out of map",
            rule("let a = [1]; for i in 0..100000 { let b = a; a = [1].map(|x| || b); } pass()"),
        ),
        ("curry", rule("let f = Fn(\"x\"); for i in 0..100000 { f = f.curry(i); } pass()")),
        ("eval", rule("eval(\"1\"); pass()")),
        ("import", rule("import \"/etc/passwd\" as p; pass()")),
        ("sleep", rule("sleep(100); pass()")),
        ("sleep for ever", rule("sleep(1e300); pass()")),
        ("exit", rule("exit(); pass()")),
        ("timestamp", rule("let t = timestamp(); pass()")),
        ("print", rule("print(group.group_id); pass()")),
        ("throw", rule("throw 1; pass()")),
        ("try", rule("try { group.nothing } catch (e) { return pass(); } pass()")),
        ("overflow", rule("let x = 9223372036854775807; x += 1; pass()")),
        ("division", rule("let x = 1 / 0; pass()")),
        ("shift", rule("let x = 1 << 70; let y = -9223372036854775808 % -1; group.x; pass()")),
        ("change a fact", rule("group.group_name = \"evil\"; pass()")),
        ("change a fact by index", rule("group[\"group_name\"] = \"evil\"; pass()")),
        ("unknown field", rule("group.group_nam")),
        ("no verdict", rule("true")),
        ("nothing", rule("")),
        ("top level", format!("{}print(1);", rule("pass()"))),
    ];
    for (name, script) in scripts {
        match run(&script) {
            (Outcome::Refused(text), _) => {
                assert!(text.contains("hostile.rhai:"), "{name}: {text}")
            }
            (Outcome::Evaluated(evaluation), innocent) => {
                assert_eq!(evaluation.verdict, Verdict::Error, "{name}: {evaluation:?}");
                assert!(!evaluation.message.is_empty(), "{name}");
                assert_eq!(
                    innocent.unwrap().verdict,
                    Verdict::Pass,
                    "{name}: reached the other rule"
                );
            }
        }
    }
    assert!(
        matches!(run(&rule(&huge_literal)), (Outcome::Evaluated(j), _) if j.verdict == Verdict::Pass),
        "a long text is allowed"
    );
}

#[test]
fn interfaces_in_lists_that_are_nested_too_deep_are_refused() {
    let needs = [
        "ec2.subnet?",
        "ec2.route_table?",
        "ec2.internet_gateway?",
        "ec2.network_acl?",
        "ec2.security_group?",
        "ec2.managed_prefix_list/entries?",
        "ec2.settings/vpc_block_public_access_options?",
        "ec2.settings/vpc_block_public_access_exclusions?",
    ];
    let body = "let a = []; for i in 0..100 { a = [a]; } internet_exposure(#{ network_interfaces: a }); pass()";
    let source = rule(body).replace("params: #{", &format!("needs: {needs:?}, params: #{{"));
    match run(&source) {
        (Outcome::Evaluated(found), _) => {
            assert_eq!(found.verdict, Verdict::Error);
            assert!(found.message.contains("nested more than"), "{}", found.message);
        }
        (Outcome::Refused(text), _) => panic!("{text}"),
    }
}

#[test]
fn mutation_stays_inside_the_rule() {
    for body in [
        "group.ip_permissions.push(1); group.ip_permissions.clear(); pass()",
        "params.ports.push(3389); params.ports.clear(); pass()",
        "let p = group.ip_permissions; p.clear(); p += [1]; pass()",
        "let t = group.tags; pass()",
        "let g = group; g = 1; pass()",
    ] {
        let (outcome, innocent) = run(&rule(body));
        assert!(matches!(outcome, Outcome::Evaluated(_)), "{body}");
        assert_eq!(innocent.unwrap().verdict, Verdict::Pass, "{body}");
    }
}

#[test]
fn misspelled_and_missing_names_are_errors() {
    for (body, verdict, message) in [
        ("group.owner_id.x", Verdict::Error, "line 4:16"),
        ("group.group_nam", Verdict::Error, "line 4:"),
        ("group.group_nam", Verdict::Error, "did you mean `group_name`?"),
        ("group[\"group_nam\"]", Verdict::Error, "did you mean `group_name`?"),
        ("group?.group_nam", Verdict::Error, "did you mean `group_name`?"),
        ("group.ip_permissions[0].from_prt", Verdict::Error, "did you mean `from_port`?"),
        ("params.prots", Verdict::Error, "did you mean `ports`?"),
        ("group.keys()", Verdict::Error, "keys"),
        ("group.get(\"group_name\")", Verdict::Error, "get"),
        ("related(\"ec2.instance\")", Verdict::Error, "add `\"ec2.instance\"` to `needs`"),
        ("related(\"ec2.instanc\")", Verdict::Error, "did you mean `ec2.instance`?"),
        ("let m = #{ a: 1 }; m.b", Verdict::Error, "b"),
        (
            "if group.tags.Missing == () && !(\"Missing\" in group.tags) { pass() } else { fail(\"x\") }",
            Verdict::Pass,
            "",
        ),
        (
            "if is_configured(group.vpc_id) { fail(\"x\") } else { skip(\"no VPC\") }",
            Verdict::Skip,
            "no VPC",
        ),
        (
            "fail(`${now()} ${region()} ${account_id()} ${partition()}`, [group.tags, #{ a: [1, ()] }, \"t\"])",
            Verdict::Fail,
            "2026-06-01T00:00:00Z eu-west-1 111122223333 aws",
        ),
        (
            "if group.ip_permissions.some(|p| p.ip_ranges) { pass() } else { pass() }",
            Verdict::Error,
            "must return a bool",
        ),
        ("[2, 1].sort(|a, b| group.nothing); pass()", Verdict::Error, "has no field `nothing`"),
        ("[2, 1].dedup(\"f\"); pass()", Verdict::Error, "expects a closure"),
        ("if 1 == 1 { pass() }", Verdict::Pass, ""),
        (
            "if group.ip_permissions.some(|p| p.ip_ranges.some(|r| r.cidr_ip == \"0.0.0.0/0\")) { fail(\"open\") } else { pass() }",
            Verdict::Fail,
            "open",
        ),
    ] {
        let (outcome, _) = run(&rule(body));
        let Outcome::Evaluated(evaluation) = outcome else { panic!("{body} was refused") };
        assert_eq!(evaluation.verdict, verdict, "{body}: {evaluation:?}");
        assert!(evaluation.message.contains(message), "{body}: {}", evaluation.message);
    }
}

#[test]
fn all_errors_in_a_rule_file_are_shown() {
    let source = "//! x\nconst RULE = #{ titel: \"t\", resource: \"ec2.securty_group\", severity: \"hihg\",\n  needs: [\"polcy\", 3] };\nconst OTHER = 1;\nfn check(g) { while true {} }\n";
    let (Outcome::Refused(text), _) = run(source) else { panic!("loaded") };
    for expected in [
        "hostile.rhai:2:17",
        "unknown metadata key `titel`",
        "did you mean `title`?",
        "unknown kind `ec2.securty_group`",
        "did you mean `ec2.security_group`?",
        "unknown severity `hihg`",
        "missing key `title` in `RULE`",
        "`while`, `loop` and `do` are not supported",
        "`OTHER` is declared outside a function",
        "`check` must have 2 parameters, not 1",
    ] {
        assert!(text.contains(expected), "`{expected}` is missing in\n{text}");
    }
    let (Outcome::Refused(text), _) = run("const RULE = #{\n  title: \"t\" oops\n};\n") else {
        panic!("loaded")
    };
    assert!(text.contains("hostile.rhai:2:14") && text.contains("^"), "{text}");
}

/// Evaluates rules on `ec2.settings` of an account with that many volumes, of which every hundredth
/// is not encrypted and every tenth is attached.
fn on_volumes(count: usize, bodies: &[&str]) -> Vec<RuleOutcome> {
    let dir = tempfile::tempdir().unwrap();
    for (number, body) in bodies.iter().enumerate() {
        let source = format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"ec2.settings\", needs: [\"ec2.volume\"], severity: \"low\" }};\n\
             fn check(settings, params) {{\n{body}\n}}\n"
        );
        fs::write(dir.path().join(format!("many-{number}.rhai")), source).unwrap();
    }
    let pack = load(&[dir.path().to_owned()]).unwrap();
    let only = RuleFilter {
        rules: Some(rolecall::internals::Globs::new(&["many-*"]).unwrap()),
        ..Default::default()
    };
    let rules = select(&pack, &BTreeMap::new(), &[&only]).unwrap();
    let resource = |kind: &str, id: String, facts: serde_json::Value| Resource {
        kind: kind.to_owned(),
        id,
        region: "eu-west-1".parse().unwrap(),
        arn: None,
        name: None,
        facts: facts.as_object().unwrap().clone(),
        unreadable: BTreeMap::new(),
    };
    let volume = |number: usize| {
        let id = format!("vol-{number:017x}");
        let instance = format!("i-{:017x}", number / 10);
        let attachments = if number.is_multiple_of(10) {
            json!([{ "instance_id": instance }])
        } else {
            json!([])
        };
        let facts = json!({
            "volume_id": id, "encrypted": !number.is_multiple_of(100), "attachments": attachments, "tags": {},
        });
        resource("ec2.volume", id, facts)
    };
    let settings = resource("ec2.settings", "eu-west-1".to_owned(), json!({}));
    let resources: Vec<Resource> =
        std::iter::once(settings).chain((0..count).map(volume)).collect();
    let evaluate = move || {
        let mut sandbox = Sandbox::new(&rules).unwrap();
        sandbox.enter(AccountFacts { resources: resources.into(), ..account() });
        (0..rules.len()).map(|rule| sandbox.evaluate(rule, 0)).collect()
    };
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(evaluate).unwrap().join().unwrap()
}

#[test]
fn rules_can_list_200_000_resources_of_a_region() {
    let expected = [
        ("fail(`${related(\"ec2.volume\").len()}`)", Verdict::Fail, "200000"),
        (
            "fail(`${related(\"ec2.volume\").filter(|volume| volume.encrypted != true).len()}`)",
            Verdict::Fail,
            "2000",
        ),
        (
            "let ids = related(\"ec2.volume\").map(|volume| volume.volume_id); fail(`${ids.len()}`)",
            Verdict::Fail,
            "200000",
        ),
        (
            "let n = 0; for volume in related(\"ec2.volume\") { if volume.encrypted != true { n += 1; } } fail(`${n}`)",
            Verdict::Fail,
            "2000",
        ),
        (
            "let open = related(\"ec2.volume\", \"encrypted\", false); \
             let own = open.filter(|one| related(\"ec2.volume\", \"volume_id\", one.volume_id).len() == 1); fail(`${own.len()}`)",
            Verdict::Fail,
            "2000",
        ),
        (
            "let used = related(\"ec2.volume\", \"attachments.instance_id\", \"i-00000000000000001\"); fail(`${used.len()}`)",
            Verdict::Fail,
            "1",
        ),
        (
            "let all = related(\"ec2.volume\"); fail(`${filter(all, |one| all.contains(one)).len()}`)",
            Verdict::Error,
            "operations",
        ),
    ];
    let outcomes = on_volumes(200_000, &expected.map(|(body, ..)| body));
    for ((body, verdict, message), outcome) in expected.into_iter().zip(outcomes) {
        assert_eq!(outcome.verdict, verdict, "{body}: {outcome:?}");
        assert!(outcome.message.contains(message), "{body}: {}", outcome.message);
    }
}
