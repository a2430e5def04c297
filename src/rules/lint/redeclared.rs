//! Sums and lists that a loop declares again instead of adding to them: `let bad = bad + [x];`.

use rhai::{Expr, Stmt};

use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::blocks;
use crate::rules::language::source::SourceFile;

/// Reports variables that begin empty and that a loop means to add to, but declares again.
pub(crate) fn check(statements: &[Stmt], file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) {
    let mut empty: Vec<&str> = Vec::new();
    for statement in statements {
        match statement {
            Stmt::Var(var, ..) if is_empty(&var.1) => empty.push(&var.0.name),
            Stmt::For(parts, _) => {
                inside(parts.2.body.statements(), &empty, file, diagnostics);
            }
            _ => {}
        }
        blocks(statement).into_iter().for_each(|block| check(block, file, diagnostics));
    }
}

fn is_empty(value: &Expr) -> bool {
    match value {
        Expr::Array(items, _) => items.is_empty(),
        Expr::IntegerConstant(number, _) => *number == 0,
        Expr::StringConstant(text, _) => text.is_empty(),
        _ => false,
    }
}

fn inside(
    statements: &[Stmt],
    empty: &[&str],
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for statement in statements {
        if let Stmt::Var(var, ..) = statement
            && let Expr::FnCall(call, _) = &var.1
            && call.name == "+"
            && let Some(Expr::Variable(first, ..)) = call.args.first()
            && first.1 == var.0.name
            && empty.contains(&var.0.name.as_str())
        {
            let name = &var.0.name;
            let message = format!("this declares a new variable `{name}` in each round");
            let help = format!("to add to the outer one, write `{name} += …;` without `let`");
            let diagnostic =
                file.error_at(var.0.pos, message).code(Code::UnusedVariable).help(help);
            let is_known = |known: &Diagnostic| known.span == diagnostic.span;
            if !diagnostics.iter().any(is_known) {
                diagnostics.push(diagnostic);
            }
        }
        blocks(statement).into_iter().for_each(|block| inside(block, empty, file, diagnostics));
    }
}
