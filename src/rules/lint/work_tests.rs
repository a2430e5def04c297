//! Hostile rules: the work grows with the size of a rule, not with a power of its nesting. Work is
//! counted in steps, so the tests do not depend on the machine.

use std::fmt::Write;

use super::linter::Linter;
use super::work;
use crate::diagnostics::Code;
use crate::rules::language::engine::STACK_SIZE;
use crate::rules::language::source::SourceFile;

/// The steps that the checks of a rule take, and the codes that they report.
fn steps(functions: &str, body: &str) -> (usize, Vec<Code>) {
    let text = format!(
        "//! Test.\nconst RULE = #{{ title: \"T\", resource: \"ec2.volume\", severity: \"low\" }};\n{functions}\nfn check(r, params) {{\n{body}\n}}\n"
    );
    let work = move || {
        let linter = Linter::new();
        let file = SourceFile { name: "test.rhai".to_owned(), text: text.as_str().into() };
        let ast = linter.parser.compile(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        work::take();
        let diagnostics = linter.script(&ast, &file).diagnostics;
        (work::take(), diagnostics.into_iter().filter_map(|found| found.code).collect())
    };
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).unwrap().join().unwrap()
}

const VERDICT: &str = "if n > 3 { fail(\"x\") } else { pass() }";

fn loops(depth: usize, inner: &str) -> String {
    let open: String = (0..depth).map(|n| format!("for a{n} in [1] {{ {inner} ")).collect();
    format!("let n = 0; {open} n += 1; {} {VERDICT}", "}".repeat(depth))
}

fn reduces(depth: usize) -> String {
    let sum = (0..depth).fold("s".to_owned(), |sum, _| format!("[1].reduce(|s, x| {sum}, 0)"));
    format!("let s = 1; let n = {sum}; {VERDICT}")
}

/// `f0` calls `f1` twice, and so on.
fn chain(length: usize, call: &str) -> String {
    let mut functions = String::new();
    for n in 0..length {
        let next = call.replace("next", &format!("f{}", n + 1));
        writeln!(functions, "fn f{n}(x) {{ {next} }}").unwrap();
    }
    format!("{functions}fn f{length}(x) {{ is_configured(x) }}")
}

fn switches(count: usize, value: &str) -> String {
    let all: String =
        (0..count).map(|n| format!("n += switch {value} {{ \"{n}\" => 1, _ => 0 }};\n")).collect();
    format!("let n = 0;\n{all}{VERDICT}")
}

const ODD: &str = "fn odd(x) { let y = x; y != 1 }";

/// Each check of a function makes one more value known.
fn checks(count: usize) -> String {
    let all: String =
        (0..count).map(|n| format!("if odd(r.a{n}) {{ return pass(); }}\n")).collect();
    format!("let n = 0;\n{all}{VERDICT}")
}

fn parts(count: usize) -> String {
    let all: Vec<String> = (0..count).map(|n| format!("r.size == {n}")).collect();
    format!("if {} {{ fail(\"x\") }} else {{ pass() }}", all.join(" || "))
}

#[test]
fn recursive_functions_are_checked() {
    let calls = |call: &str| format!("if {call} {{ pass() }} else {{ fail(\"x\") }}");
    for (functions, call) in [
        ("fn walk(n) { n < 1 || walk(n - 1) }", "walk(3)"),
        ("fn walk(n) { walk(n) }", "walk(r)"),
        ("fn walk(n) { !walk(n) }", "walk(r.size)"),
        ("fn walk(n) { walk(n) == true }", "walk(r)"),
        ("fn walk(n) { [n].some(|m| walk(m)) }", "walk(r)"),
        ("fn walk(n) { is_configured(n) && walk(n.a) }", "walk(r)"),
        ("fn walk(n) { walk([n]) }", "walk(r)"),
        ("fn walk(n) { walk(#{ a: n, b: n }) }", "walk(r)"),
        ("fn walk(n) { if n < 1 { true } else { walk(n - 1) } }", "walk(3)"),
        ("fn walk(list) { list.filter(|item| walk([item])).len() > 0 }", "walk([r])"),
        (
            "fn odd(n) { if n == 0 { false } else { even(n - 1) } }\nfn even(n) { n == 0 || odd(n - 1) }",
            "even(3)",
        ),
        ("fn a(n) { b(n) || b(n) }\nfn b(n) { a(n) && c(n) }\nfn c(n) { a(n) || b(n) }", "a(r)"),
    ] {
        let (steps, _) = steps(functions, &calls(call));
        assert!(steps < 20_000, "{functions}: {steps} steps");
    }
}

#[test]
fn work_does_not_double_with_each_level() {
    let from = |functions: &str, body: &str| steps(functions, body).0;
    let call = "if f0(r.size) { pass() } else { fail(\"x\") }";
    let assigned = "let b = r.size; n = b; let c = (); c = b;";
    let measured: Vec<(&str, usize, usize)> = vec![
        ("loops", from("", &loops(6, "")), from("", &loops(18, ""))),
        ("assigning loops", from("", &loops(6, assigned)), from("", &loops(14, assigned))),
        ("reduce", from("", &reduces(3)), from("", &reduces(7))),
        (
            "and",
            from(&chain(8, "next(x) && next(x)"), call),
            from(&chain(32, "next(x) && next(x)"), call),
        ),
        (
            "fields",
            from(&chain(8, "next(x.a) && next(x.b)"), call),
            from(&chain(32, "next(x.a) && next(x.b)"), call),
        ),
        (
            "closures",
            from(&chain(8, "[x].some(|y| next(y)) && [x].all(|y| next(y))"), call),
            from(&chain(32, "[x].some(|y| next(y)) && [x].all(|y| next(y))"), call),
        ),
        ("checks", from(ODD, &checks(20)), from(ODD, &checks(200))),
        ("parts", from("", &parts(15)), from("", &parts(55))),
        (
            "nested maps",
            from(
                "fn f(x) { f(#{ a: x, b: x, c: [x] }) }",
                "if f(r) { pass() } else { fail(\"x\") }",
            ),
            from(
                "fn f(x) { f(#{ a: x, b: x, c: [x, #{ d: x }] }) }",
                "if f(r.size) { pass() } else { fail(\"x\") }",
            ),
        ),
        ("cases", from("", &switches(50, "r.volume_type")), from("", &switches(200, "r.size"))),
    ];
    for (name, small, large) in measured {
        assert!(large < 24 * small && large < 200_000, "{name}: {small} and {large} steps");
    }
}

#[test]
fn long_lists_of_switches_are_checked_one_by_one() {
    let (steps, codes) = steps("", &switches(400, "r.size"));
    assert_eq!(codes, vec![Code::NeverEqual; 400]);
    assert!(steps < 100_000, "{steps} steps");
}
