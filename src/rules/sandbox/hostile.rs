//! Scripts that could exhaust the native stack: none within the limits aborts the process, and what
//! is nested too deep is an error with its line. A stack overflow would abort these tests.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rhai::{Array, Dynamic, Map, Scope};

use super::evaluation::idle;
use crate::model::Verdict;
use crate::rules::helpers::examples::evaluate_all;
use crate::rules::language::engine::{STACK_SIZE, set_list_limits};
use crate::rules::language::restrictions::is_forbidden;

/// Deeper than a script can nest a value within the time limit.
const DEEPEST: usize = 150_000;

/// A statement that nests `l` by many levels in each of a number of rounds.
fn nested(open: &str, close: &str, rounds: usize) -> String {
    // The parser limits the depth of an expression.
    let times = 10 / open.matches(['[', '{']).count();
    let (open, close) = (open.repeat(times), close.repeat(times));
    format!("let l = []; for i in 0..{rounds} {{ l = {open}l{close}; }}")
}

/// Lists, maps, and both.
fn deep(rounds: usize) -> [String; 3] {
    [nested("[", "]", rounds), nested("#{ a: ", "}", rounds), nested("[#{ a: ", "}]", rounds)]
}

/// What would visit each level, and the position of the error in the line that follows.
const USES: [&str; 27] = [
    "let k = l; if l == k { pass() } else { fail(\"x\") }",
    "let k = l; if l != k { pass() } else { fail(\"x\") }",
    "if l in [l] { pass() } else { fail(\"x\") }",
    "if [l].contains(l) { pass() } else { fail(\"x\") }",
    "if [l].index_of(l) == 0 { pass() } else { fail(\"x\") }",
    "if [1, l].index_of(l, 1) == 1 { pass() } else { fail(\"x\") }",
    "if #{ a: l } == #{ a: l } { pass() } else { fail(\"x\") }",
    "let k = [l, l]; k.dedup(); pass()",
    "fail(`${l}`)",
    "fail(l.to_string())",
    "fail(l.to_debug())",
    "fail(\"a\" + l)",
    "let s = \"a\"; s += l; fail(s)",
    "fail(`${[l]}`)",
    "fail(\"x\", l)",
    "fail(\"x\", [l])",
    "fail(\"x\", #{ a: l })",
    "fail(#{ a: l }.to_json())",
    "let k = [l, l].distinct(); pass()",
    "let k = [l].group_by(|x| x); pass()",
    "let k = [l].count_by(|x| x); pass()",
    "let m = #{ a: l }; m += #{ b: 1 }; pass()",
    "let m = #{ a: 1 } + #{ b: l }; pass()",
    "let m = #{ a: 1 }; m.mixin(#{ b: l }); pass()",
    "let m = #{ a: 1 }; m.fill_with(#{ b: l }); pass()",
    "if iam_covers_action(l, \"s3:GetObject\") { fail(\"x\") } else { pass() }",
    "if is_open_to_internet(l, \"tcp\", 22) { fail(\"x\") } else { pass() }",
];

#[test]
fn what_is_nested_too_deep_is_an_error_with_its_line() {
    let [lists, maps, both] = deep(100);
    let mut cases: Vec<(String, &str)> =
        USES.iter().map(|code| (format!("{lists}\n{code}"), *code)).collect();
    for code in ["if l == l { pass() } else { fail(\"x\") }", "fail(`${l}`)", "fail(\"x\", l)"] {
        cases.extend([&maps, &both].map(|deep| (format!("{deep}\n{code}"), code)));
    }
    let bodies: Vec<String> = cases.iter().map(|(body, _)| body.clone()).collect();
    for (outcome, (body, code)) in evaluate_all(&bodies).iter().zip(&cases) {
        let message = &outcome.message;
        assert_eq!(outcome.verdict, Verdict::Error, "{body}: {message}");
        assert!(message.starts_with("line 5:"), "{body}: {message}");
        // These two expect another type first.
        if !code.contains("iam_") && !code.contains("is_open") {
            assert!(message.contains("nested more than 64 levels deep"), "{body}: {message}");
        }
    }
}

#[test]
fn what_is_nested_less_deep_is_compared_and_shown() {
    let depth = |levels: usize| format!("let l = 1; for i in 0..{levels} {{ l = [l]; }}");
    let uses = [
        "let k = l; if l == k && l in [k] { fail(`${l}`.len().to_string(), l) } else { pass() }",
        "let k = [l, [l], l].distinct(); if k.len() == 2 { fail(\"121\") } else { pass() }",
    ];
    let bodies: Vec<String> = uses.iter().map(|code| format!("{} {code}", depth(60))).collect();
    for (outcome, code) in evaluate_all(&bodies).iter().zip(uses) {
        assert_eq!(
            (outcome.verdict, outcome.message.as_str()),
            (Verdict::Fail, "121"),
            "{code}: {}",
            outcome.message
        );
    }
    // Two values that differ only on a low level are not the same.
    let differ = "let k = 2; for i in 0..40 { k = [k]; } if [l, k].distinct().len() == 2 && l != k { fail(\"\") } else { pass() }";
    let outcome = evaluate_all(&[format!("{} {differ}", depth(40))]).remove(0);
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.message);
}

/// Every function that a script can call, with such a value in each place.
#[test]
fn no_function_overflows_the_stack() {
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(call_all).unwrap().join().unwrap();
}

fn call_all() {
    let engine = idle();
    let mut calls = BTreeSet::new();
    for signature in engine.gen_fn_signatures(true) {
        let Some((name, rest)) = signature.split_once('(') else { continue };
        let params = rest.split_once(") ->").map_or(rest.trim_end_matches(')'), |(p, _)| p);
        let count = if params.trim().is_empty() { 0 } else { params.split(", ").count() };
        let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_word || is_forbidden(name) || name == "check" {
            continue;
        }
        for place in 0..count {
            for others in ["1", "\"a\"", "[1]"] {
                let arguments: Vec<&str> =
                    (0..count).map(|at| if at == place { "l" } else { others }).collect();
                calls.insert(format!("{name}({})", arguments.join(", ")));
            }
        }
    }
    assert!(calls.len() > 300, "{}", calls.len());
    let list = (0..3_000).fold(Array::new(), |list, _| vec![Dynamic::from_array(list)]);
    let map = (0..3_000)
        .fold(Map::new(), |map, _| Map::from_iter([("a".into(), Dynamic::from_map(map))]));
    for deep in [Dynamic::from_array(list), Dynamic::from_map(map)] {
        for call in &calls {
            let mut scope = Scope::new();
            scope.push_dynamic("l", deep.clone());
            let code = format!("let x = {call}; switch l {{ 1 => true, _ => false }}");
            drop(engine.eval_with_scope::<bool>(&mut scope, &code));
        }
    }
}

/// Values as deep as the limits of a large account allow can be copied, measured and dropped. A
/// script cannot get that far within the time limit, because it copies the value for each level.
#[test]
fn a_value_as_deep_as_the_limits_does_not_overflow_the_stack() {
    let run = || {
        let mut engine = idle();
        set_list_limits(&mut engine, 200_000);
        let list = (0..DEEPEST).fold(Array::new(), |list, _| vec![Dynamic::from_array(list)]);
        let map = (0..DEEPEST)
            .fold(Map::new(), |map, _| Map::from_iter([("a".into(), Dynamic::from_map(map))]));
        for deep in [Dynamic::from_array(list), Dynamic::from_map(map)] {
            let mut scope = Scope::new();
            scope.push_dynamic("l", deep);
            let code = "let k = [l]; let m = #{ a: k }; switch m { 1 => 0, _ => k.len() }";
            assert_eq!(engine.eval_with_scope::<i64>(&mut scope, code).unwrap(), 1);
        }
    };
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(run).unwrap().join().unwrap();
}

/// A step of a script that grows, nests or repeats.
fn any_step() -> impl Strategy<Value = String> {
    let steps = [
        "l = [l];",
        "l = [l, l];",
        "l = [[[[[[[[[[[[[[[[l]]]]]]]]]]]]]]]];",
        "l = [#{ a: l }];",
        "l.push(l);",
        "l.insert(0, [l]);",
        "l += [l];",
        "l += l;",
        "l = l.map(|x| [x]);",
        "l = [l.reduce(|a, b| [a, b], [])];",
        "l = l.filter(|x| x == x);",
        "m += #{ b: m };",
        "m = #{ a: m, b: [m] };",
        "l = [m];",
        "s += s;",
        "s += l;",
        "s = `${s}${l}`;",
        "s = `${m}`;",
        "s = s.pad(s.len() * 2, \"x\");",
        "l = s.split(\"a\");",
        "l = [again(l, 0)];",
        "if l == [m] { s += \"b\"; }",
        "if m == #{ a: m } { s += \"b\"; }",
        "l = l.distinct();",
        "l.sort(|a, b| if a == b { 0 } else { 1 });",
        "for x in l { l.push(x); }",
        "for i in 0..100 { l = [l]; }",
    ];
    prop::sample::select(steps.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_script_aborts_the_process(
        steps in prop::collection::vec(any_step(), 1..8),
        rounds in prop::sample::select(vec![1, 3, 50, 500]),
        last in prop::sample::select(vec!["pass()", "fail(s, l)", "fail(`${l}`, m)", "check(group, l)", "again(l, 1)"]),
    ) {
        let steps = steps.join(" ");
        let body = format!(
            "let l = [\"a\"]; let m = #{{}}; let s = \"a\"; for round in 0..{rounds} {{ {steps} }} {last}\n}}\n\
             fn again(x, n) {{ if n == 0 {{ x }} else {{ [again([x], n + 1)] }}"
        );
        let outcome = evaluate_all(&[body]).remove(0);
        if outcome.verdict == Verdict::Error {
            let message = &outcome.message;
            prop_assert!(message.starts_with("line "), "{}: {}", steps, message);
        }
    }
}
