//! Control flow of a script: diverging statements and discarded verdicts.

use rhai::{AST, Expr, FnCallExpr, Position, Stmt, StmtBlock};

use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

/// Whether the statements after this one in the same block are unreachable.
pub(crate) fn diverges(statement: &Stmt) -> bool {
    let block = |block: &StmtBlock| block.iter().any(diverges);
    match statement {
        Stmt::Return(..) | Stmt::BreakLoop(..) => true,
        Stmt::If(flow, _) => block(&flow.body) && block(&flow.branch),
        Stmt::Block(inner) => block(inner),
        Stmt::Switch(parts, _) => {
            parts.1.def_case.is_some()
                && parts.1.expressions.iter().all(|case| diverging(&case.rhs))
        }
        Stmt::Expr(expression) => diverging(expression),
        _ => false,
    }
}

fn diverging(expression: &Expr) -> bool {
    matches!(expression, Expr::Stmt(block) if block.iter().any(diverges))
}

/// Blocks directly inside a statement.
pub(crate) fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::If(flow, _) => vec![flow.body.statements(), flow.branch.statements()],
        Stmt::For(parts, _) => vec![parts.2.body.statements()],
        Stmt::Block(block) => vec![block.statements()],
        Stmt::Switch(parts, _) => {
            parts.1.expressions.iter().filter_map(|case| block_of(&case.rhs)).collect()
        }
        Stmt::Expr(expression) | Stmt::Return(Some(expression), ..) => {
            block_of(expression).into_iter().collect()
        }
        Stmt::Var(parts, ..) => block_of(&parts.1).into_iter().collect(),
        Stmt::Assignment(parts) => block_of(&parts.1.rhs).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn block_of(expression: &Expr) -> Option<&[Stmt]> {
    match expression {
        Expr::Stmt(block) => Some(block.statements()),
        _ => None,
    }
}

/// The position of a call statement, if it returns a verdict or a fix, and what it returns.
pub(crate) type VerdictPosition<'a> = &'a dyn Fn(&Stmt) -> Option<(Position, &'static str)>;

/// Finds verdicts and fixes that are created and then discarded, as identified by `verdict_position`.
/// `used`: whether the last value of the block is used.
pub(crate) fn find_discarded(
    statements: &[Stmt],
    used: bool,
    verdict_position: VerdictPosition<'_>,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let end = statements.len().saturating_sub(1);
    // Unreachable code is reported elsewhere.
    let reached = statements.iter().position(diverges).unwrap_or(end);
    for (at, statement) in statements.iter().enumerate().take(reached + 1) {
        let used = used && at == end;
        if let Some((position, what)) = verdict_position(statement).filter(|_| !used) {
            let message = format!("this {what} is discarded");
            let diagnostic = file.error_at(position, message).code(Code::DiscardedVerdict);
            diagnostics
                .push(diagnostic.help("return it with `return`, or make it the last expression"));
        }
        let used = match statement {
            Stmt::For(..) => false,
            Stmt::Return(..) | Stmt::Var(..) | Stmt::Assignment(..) => true,
            _ => used,
        };
        blocks(statement)
            .into_iter()
            .for_each(|block| find_discarded(block, used, verdict_position, file, diagnostics));
    }
}

/// The call, if the statement is one.
pub(crate) fn call_of(statement: &Stmt) -> Option<(&FnCallExpr, Position)> {
    match statement {
        Stmt::FnCall(call, position) => Some((&**call, *position)),
        Stmt::Expr(expression) => match &**expression {
            Expr::FnCall(call, position) => Some((&**call, *position)),
            _ => None,
        },
        _ => None,
    }
}

/// Discarded direct calls to `pass`, `fail`, `skip` and `unknown`, and to the functions that create a
/// fix, found without type inference. Rules with them are not loaded, since a resource that should fail
/// would pass, and a fix that should be made by hand would be safe.
pub(crate) fn discarded_verdict_calls(ast: &AST, file: &SourceFile) -> Vec<Diagnostic> {
    let verdict_position = |statement: &Stmt| {
        let (call, position) = call_of(statement)?;
        match call.name.as_str() {
            "pass" | "fail" | "skip" | "unknown" => Some((position, "verdict")),
            "safe_fix" | "unsafe_fix" | "by_hand" => Some((position, "fix")),
            _ => None,
        }
    };
    let mut diagnostics = Vec::new();
    Script::new(ast)
        .bodies()
        .for_each(|body| find_discarded(body, true, &verdict_position, file, &mut diagnostics));
    diagnostics
}
