//! The statements of a script, for coverage.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, Stmt};

use crate::rules::values::recorder::Place;

pub(crate) fn calls(ast: &AST, name: &str) -> bool {
    let mut found = false;
    ast.walk(&mut |path: &[ASTNode]| {
        found |= match path.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
                | ASTNode::Stmt(Stmt::FnCall(call, _)),
            ) => call.name == name,
            _ => false,
        };
        !found
    });
    found
}

pub(crate) fn statements(ast: &AST) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode]| {
        // What stands outside of functions is `const RULE`: only functions run.
        let Some(ASTNode::Stmt(statement)) = path.last() else { return true };
        if ast.statements().iter().any(|outside| std::ptr::eq(outside, *statement)) {
            return true;
        }
        match statement {
            Stmt::Noop(_) | Stmt::Block(..) | Stmt::Share(_) => {}
            Stmt::Expr(expression) if is_block(expression) => {}
            Stmt::Switch(switch, _) => {
                places.extend(Place::of(statement.position()));
                let arms = switch.1.expressions.iter().map(|arm| &arm.rhs).filter(|arm| !is_block(arm));
                places.extend(arms.filter_map(|arm| Place::of(arm.position())));
            }
            // Made by the parser around a closure that captures.
            Stmt::Expr(expression) if matches!(&**expression, Expr::FnCall(call, _) if call.name == "curry") => {}
            Stmt::FnCall(call, _) if call.name == "curry" => {}
            _ => places.extend(Place::of(statement.position())),
        }
        true
    });
    places
}

/// A block in the place of an expression: its statements are told, not it.
fn is_block(expression: &Expr) -> bool {
    matches!(expression, Expr::Stmt(_))
}
