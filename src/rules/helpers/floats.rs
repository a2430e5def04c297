//! Floats that are numbers. The engine returns infinity or NaN for what has no result, and no
//! comparison reports these, so a rule would pass; here, it is an error, as for ints.

use rhai::{Engine, EvalAltResult, Position};

use super::arguments::Scripted;
use crate::rules::values::interrupt::broken;

/// The start of the error for a calculation without a result.
pub(crate) const NO_RESULT: &str = "No result";
/// The start of the error for a result that is too large.
pub(crate) const TOO_LARGE: &str = "Result too large for a float";

type Unary = fn(f64) -> f64;
type Binary = fn(f64, f64) -> f64;

/// The operators, each with its assignment.
const OPERATORS: [(&str, &str, Binary); 6] = [
    ("+", "+=", |a, b| a + b),
    ("-", "-=", |a, b| a - b),
    ("*", "*=", |a, b| a * b),
    ("/", "/=", |a, b| a / b),
    ("%", "%=", |a, b| a % b),
    ("**", "**=", f64::powf),
];

/// Functions whose result can be no number for a number.
const FUNCTIONS: [(&str, Unary); 17] = [
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("exp", f64::exp),
    ("ln", f64::ln),
    ("log", f64::log10),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
    ("to_degrees", f64::to_degrees),
    ("to_radians", f64::to_radians),
];

/// The same, of two numbers.
const FUNCTIONS_OF_TWO: [(&str, Binary); 4] = [
    ("hypot", f64::hypot),
    ("log", f64::log),
    ("max", |a, b| ordered(a, b, if a >= b { a } else { b })),
    ("min", |a, b| ordered(a, b, if a <= b { a } else { b })),
];

/// A result that depends on the order of two numbers.
fn ordered(a: f64, b: f64, result: f64) -> f64 {
    if a.is_finite() && b.is_finite() { result } else { f64::NAN }
}

fn arithmetic<T>(message: String) -> Scripted<T> {
    Err(Box::new(EvalAltResult::ErrorArithmetic(message, Position::NONE)))
}

/// The error for a number that has no order and equals nothing.
pub(super) fn not_finite<T>(name: &str, number: f64) -> Scripted<T> {
    let what = if number.is_nan() { "NaN" } else { "infinity" };
    broken(format!("`{name}` cannot compare {what}: check the calculation of this number first"))
}

/// Checks a result; `call`: of what.
fn checked(result: f64, call: impl FnOnce() -> String) -> Scripted<f64> {
    if result.is_finite() {
        return Ok(result);
    }
    let what = if result.is_nan() { NO_RESULT } else { TOO_LARGE };
    arithmetic(format!("{what}: {}", call()))
}

/// Applies an operator.
fn apply(operator: &str, function: Binary, a: f64, b: f64) -> Scripted<f64> {
    match operator {
        "/" if b == 0.0 => arithmetic(format!("Division by zero: {a:?} / {b:?}")),
        "%" if b == 0.0 => {
            arithmetic(format!("Modulo division by zero or overflow: {a:?} % {b:?}"))
        }
        // 0 to a negative power.
        "**" if a == 0.0 && b < 0.0 => arithmetic(format!("{NO_RESULT}: {a:?} ** {b:?}")),
        _ => checked(function(a, b), || format!("{a:?} {operator} {b:?}")),
    }
}

/// Exact for every count that a rule calculates with.
#[expect(clippy::cast_precision_loss, reason = "as the engine calculates with ints and floats")]
pub(super) fn float(int: i64) -> f64 {
    int as f64
}

/// Registers them with an engine, which must not use its fast operators.
pub(super) fn register(engine: &mut Engine) {
    for (name, assignment, function) in OPERATORS {
        engine.register_fn(name, move |a: f64, b: f64| apply(name, function, a, b));
        engine.register_fn(name, move |a: f64, b: i64| apply(name, function, a, float(b)));
        engine.register_fn(name, move |a: i64, b: f64| apply(name, function, float(a), b));
        engine.register_fn(assignment, move |a: &mut f64, b: f64| {
            apply(name, function, *a, b).map(|result| *a = result)
        });
        engine.register_fn(assignment, move |a: &mut f64, b: i64| {
            apply(name, function, *a, float(b)).map(|result| *a = result)
        });
    }
    for (name, function) in FUNCTIONS {
        engine.register_fn(name, move |a: f64| checked(function(a), || format!("{name}({a:?})")));
    }
    for (name, function) in FUNCTIONS_OF_TWO {
        let call =
            move |a: f64, b: f64| checked(function(a, b), || format!("{name}({a:?}, {b:?})"));
        engine.register_fn(name, call);
        if matches!(name, "max" | "min") {
            engine.register_fn(name, move |a: f64, b: i64| call(a, float(b)));
            engine.register_fn(name, move |a: i64, b: f64| call(float(a), b));
        }
    }
    engine.register_fn("parse_float", |text: &str| -> Scripted<f64> {
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            // As the engine says it.
            _ => arithmetic(format!("Error parsing floating-point number '{text}'")),
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::model::Verdict;
    use crate::rules::helpers::examples::{evaluate, evaluate_all};

    /// Whatever has no result is an error, so that no comparison decides by it.
    #[test]
    fn a_calculation_without_a_result_is_an_error() {
        let parsed = |text: &str| format!("parse_float(\"{text}\")");
        let mut scripts: Vec<(String, String)> = ["NaN", "nan", "inf", "-inf", "Infinity", "1e999"]
            .iter()
            .map(|text| (parsed(text), format!("`{text}` is not a valid number")))
            .collect();
        let no_result = [
            "sqrt(-1.0)",
            "ln(-1.0)",
            "log(-1.0)",
            "log(8.0, -2.0)",
            "acos(2.0)",
            "asin(2.0)",
            "acosh(0.5)",
            "atanh(2.0)",
            "(-8.0) ** 0.5",
            "0.0 ** -1.0",
            "0.0 ** -1",
        ];
        let too_large = [
            "10.0 ** 400.0",
            "10.0 ** 400",
            "10 ** 400.0",
            "10.0 ** 400.0 - 10.0 ** 400.0",
            "1.0e308 + 1.0e308",
            "-1.0e308 - 1.0e308",
            "1.0e308 * 10.0",
            "1.0e308 * 10",
            "10 * 1.0e308",
            "1.0e308 / 0.1",
            "exp(1000.0)",
            "ln(0.0)",
            "cosh(1000.0)",
            "hypot(1.7e308, 1.7e308)",
            "to_degrees(1.0e308)",
            "{ let x = 1.0e308; x += 1.0e308; x }",
            "{ let x = 1.0e308; x *= 10; x }",
            "{ let x = 10.0; x **= 400; x }",
            "max(1.0e308 * 10.0, 1)",
            "[1.0, 1.0e308 * 10.0].order()[0]",
        ];
        scripts.extend(
            no_result.map(|script| (script.to_owned(), "undefined result in `".to_owned())),
        );
        scripts.extend(
            too_large.map(|script| (script.to_owned(), "too large for a float in `".to_owned())),
        );
        let bodies: Vec<String> = scripts
            .iter()
            .map(|(script, _)| {
                format!("let v = {script}; if v > 5.0 {{ fail(\"\") }} else {{ pass() }}")
            })
            .collect();
        for (outcome, (script, expected)) in evaluate_all(&bodies).iter().zip(&scripts) {
            assert_eq!(outcome.verdict, Verdict::Error, "{script}: {outcome:?}");
            let message = &outcome.message;
            assert!(
                message.contains(expected) && message.starts_with("line 4:"),
                "{script}: {message}"
            );
        }
        for (script, expected) in [
            ("parse_float(\" 2.5 \")", "2.5"),
            ("2.0 ** 10", "1024.0"),
            ("2 ** 0.5 < 1.5", "true"),
            ("sqrt(9.0)", "3.0"),
            ("log(100.0)", "2.0"),
            ("log(8.0, 2.0)", "3.0"),
            ("max(1, 2.5)", "2.5"),
            ("min(1.5, 2)", "1.5"),
            ("0.1 + 0.2 == 0.3", "true"),
            ("0.1 + 0.2 != 0.3", "false"),
            ("1 == 1.0", "true"),
            ("1.5 != 1", "true"),
            ("[2.5, 1.5].order()", "[1.5, 2.5]"),
            ("{ let l = [1.5, 2.5]; l.sort_desc(); l }", "[2.5, 1.5]"),
            ("[1.5].contains(1.5)", "true"),
        ] {
            let outcome = evaluate(&format!("let v = {script}; fail(`${{v}}`)"));
            assert_eq!(outcome.message, expected, "{script}");
        }
    }

    /// Numbers that are not finite could still come from parameters or literals.
    #[test]
    fn comparisons_refuse_what_is_not_a_number() {
        let all = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let mut engine = crate::rules::sandbox::evaluation::idle();
        engine.set_strict_variables(false);
        for number in all {
            let mut scope = rhai::Scope::new();
            scope.push("x", number);
            for script in [
                "x > 1",
                "1.0 < x",
                "x >= x",
                "x <= 1.0",
                "x == 1.0",
                "x == x",
                "1 != x",
                "x != 1",
                "[x] == [x]",
                "[x].contains(1.0)",
                "[x].index_of(1.0) == 0",
                "#{ a: x } == #{ a: 1.0 }",
                "1.0 in [x]",
                "[1.0, x].order() == []",
                "max(x, 1.0) > 1.0",
                "min(x, 1) > 1.0",
                "x + 1.0 > 2.0",
                "x - x > 1.0",
                "{ let l = [x, x]; l.dedup(); l.len() > 1 }",
            ] {
                let result = engine.eval_with_scope::<bool>(&mut scope, script);
                assert!(result.is_err(), "{script} with {number}: {result:?}");
            }
        }
    }

    #[test]
    fn floats_are_not_divided_by_zero() {
        for (value, expected) in [
            ("1.0 / 0.0", None),
            ("1.0 / 0", None),
            ("1 / 0.0", None),
            ("1.0 % 0.0", None),
            ("0.0 / 0.0", None),
            ("1 / 0", None),
            ("1 % 0", None),
            ("{ let x = 1.0; x /= 0.0; x }", None),
            ("{ let x = 1.0; x /= 0; x }", None),
            ("{ let x = 1.0; x %= 0; x }", None),
            ("{ let x = 9.0; x /= 4.5; x }", Some("2.0")),
            ("{ let x = 9; x /= 2; x }", Some("4")),
            ("1.0 / 2", Some("0.5")),
            ("3 / 1.5", Some("2.0")),
            ("7 / 2", Some("3")),
            ("7.5 % 2", Some("1.5")),
        ] {
            let outcome = evaluate(&format!("let v = {value}; fail(`${{v}}`)"));
            match expected {
                Some(expected) => {
                    assert_eq!(
                        (outcome.verdict, outcome.message.as_str()),
                        (Verdict::Fail, expected),
                        "{value}"
                    );
                }
                None => {
                    assert_eq!(outcome.verdict, Verdict::Error, "{value}: {outcome:?}");
                    let text = outcome.message.to_lowercase();
                    assert!(
                        text.contains("line 4:")
                            && text.contains("check that the divisor is not 0"),
                        "{value}: {outcome:?}"
                    );
                }
            }
        }
    }

    /// A rule that divides must not change what another rule may use.
    #[test]
    fn the_budget_of_a_rule_does_not_depend_on_other_rules() {
        let last = |with: &[&str]| {
            let works = |rounds: u64| {
                let body = format!(
                    "let n = 0; let s = \"\"; for i in 0..{rounds} {{ if n + i * 2 > 3 && i != n {{ n = i - 1; }} s = `${{i}}`; }} fail(s)"
                );
                let bodies: Vec<String> =
                    std::iter::once(body).chain(with.iter().map(|&body| body.to_owned())).collect();
                evaluate_all(&bodies)[0].verdict == Verdict::Fail
            };
            let (mut low, mut high) = (1, 200_000);
            assert!(works(low) && !works(high));
            while low + 1 < high {
                let middle = u64::midpoint(low, high);
                if works(middle) { low = middle } else { high = middle }
            }
            low
        };
        assert_eq!(last(&[]), last(&["if 1.0 / 2.0 > 0.1 { pass() } else { skip(\"x\") }"]));
    }
}
