//! Division of floats by zero. The engine returns infinity or NaN, which no comparison reports, so a
//! rule would pass; here, it is an error, as for integers.

use rhai::{AST, ASTNode, Engine, EvalAltResult, Expr, Position, Stmt};

type Quotient = Result<f64, Box<EvalAltResult>>;

/// The error of the engine for ints.
fn by_zero(message: String) -> Quotient {
    Err(Box::new(EvalAltResult::ErrorArithmetic(message, Position::NONE)))
}

/// Whether a script divides.
pub(super) fn divides(ast: &AST) -> bool {
    let is_division = |name: &str| matches!(name, "/" | "%");
    let mut found = false;
    ast.walk(&mut |path: &[ASTNode]| {
        found |= match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                is_division(call.name.as_str())
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => {
                parts.0.get_op_assignment_info().is_some_and(|info| is_division(info.5))
            }
            _ => false,
        };
        !found
    });
    found
}

// Exact for every count that a rule divides.
#[allow(clippy::cast_precision_loss)]
fn float(int: i64) -> f64 {
    int as f64
}

fn divide(a: f64, b: f64) -> Quotient {
    if b == 0.0 { by_zero(format!("Division by zero: {a:?} / {b:?}")) } else { Ok(a / b) }
}

fn remainder(a: f64, b: f64) -> Quotient {
    if b == 0.0 {
        by_zero(format!("Modulo division by zero or overflow: {a:?} % {b:?}"))
    } else {
        Ok(a % b)
    }
}

/// Replaces the engine's division. Its own operators take precedence over registered ones unless they
/// are turned off, which is slower, so this is for scripts that divide.
pub(super) fn register(engine: &mut Engine) {
    engine.set_fast_operators(false);
    engine.register_fn("/", divide);
    engine.register_fn("/", |a: f64, b: i64| divide(a, float(b)));
    engine.register_fn("/", |a: i64, b: f64| divide(float(a), b));
    engine.register_fn("%", remainder);
    engine.register_fn("%", |a: f64, b: i64| remainder(a, float(b)));
    engine.register_fn("%", |a: i64, b: f64| remainder(float(a), b));
    engine.register_fn("/=", |a: &mut f64, b: f64| divide(*a, b).map(|quotient| *a = quotient));
    engine.register_fn("/=", |a: &mut f64, b: i64| {
        divide(*a, float(b)).map(|quotient| *a = quotient)
    });
    engine.register_fn("%=", |a: &mut f64, b: f64| remainder(*a, b).map(|rest| *a = rest));
    engine.register_fn("%=", |a: &mut f64, b: i64| remainder(*a, float(b)).map(|rest| *a = rest));
}

#[cfg(test)]
mod tests {
    use crate::model::Verdict;
    use crate::rules::helpers::examples::{evaluate, evaluate_all};

    #[test]
    fn floats_are_not_divided_by_zero() {
        for (value, expected) in [
            ("1.0 / 0.0", None),
            ("1.0 / 0", None),
            ("1 / 0.0", None),
            ("1.0 % 0.0", None),
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
