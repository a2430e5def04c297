//! The flow of control through a script: where it ends, and verdicts that are discarded.

use rhai::{AST, Expr, FnCallExpr, Position, Stmt, StmtBlock};

use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

/// Whether nothing after a statement of the same block is ever reached.
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

/// The place of a call that stands as a statement, and whether it gives a verdict.
pub(crate) type GivesVerdict<'a> = &'a dyn Fn(&Stmt) -> Option<Position>;

/// Verdicts that are made and then forgotten, as far as `is_verdict` knows them. `kept`: whether
/// the last value of the block goes anywhere.
pub(crate) fn dropped(
    statements: &[Stmt],
    kept: bool,
    is_verdict: GivesVerdict<'_>,
    file: &SourceFile,
    faults: &mut Vec<Diagnostic>,
) {
    let end = statements.len().saturating_sub(1);
    // What is never reached is told elsewhere.
    let reached = statements.iter().position(diverges).unwrap_or(end);
    for (at, statement) in statements.iter().enumerate().take(reached + 1) {
        let kept = kept && at == end;
        if let Some(position) = is_verdict(statement).filter(|_| !kept) {
            let fault = file
                .fault(position, "this verdict comes to nothing: the rule goes on")
                .code(Code::DroppedVerdict);
            faults.push(fault.help("end with it by `return`, or make it the last value"));
        }
        let kept = match statement {
            Stmt::For(..) => false,
            Stmt::Return(..) | Stmt::Var(..) | Stmt::Assignment(..) => true,
            _ => kept,
        };
        blocks(statement)
            .into_iter()
            .for_each(|block| dropped(block, kept, is_verdict, file, faults));
    }
}

/// A call that stands as a statement.
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

/// The same as far as it is plain without following any value: calls of `pass`, `fail` and `skip`.
/// Loading refuses them, since a rule that forgets its verdict passes what it should fail.
pub(crate) fn dropped_plain_verdicts(ast: &AST, file: &SourceFile) -> Vec<Diagnostic> {
    let is_verdict = |statement: &Stmt| {
        call_of(statement)
            .filter(|(call, _)| matches!(call.name.as_str(), "pass" | "fail" | "skip"))
            .map(|(_, position)| position)
    };
    let mut faults = Vec::new();
    Script::new(ast).bodies().for_each(|body| dropped(body, true, &is_verdict, file, &mut faults));
    faults
}
