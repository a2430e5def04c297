//! Loops that assign a condition or verdict again in each round, so that only the last item decides.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, Position, Stmt};

use super::infer::Types;
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::flow::blocks;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

const HELP: &str = "assign only if the item decides: `if … { x = true; }`; or use `list.some(|x| …)` or `list.all(|x| …)`; for the last item: `list[-1]`";

/// Reports them in all functions and closures.
pub(crate) fn last_rounds(
    script: &Script,
    types: &Types,
    file: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) {
    script.bodies().for_each(|body| block(body, types, file, diagnostics));
}

fn block(statements: &[Stmt], types: &Types, file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) {
    for statement in statements {
        if let Stmt::For(parts, _) = statement {
            let (item, counter, flow) = &**parts;
            // Its last item is meant.
            let sorted = is_sorted(&flow.expr, file);
            let names = [Some(item), counter.as_ref()].into_iter().flatten();
            let names = names.map(|name| name.name.to_string()).collect();
            let found = overwritten(flow.body.statements(), names, types);
            for (name, position) in found.into_iter().filter(|_| !sorted) {
                let message =
                    format!("`{name}` is assigned in each round: only the last one counts");
                let diagnostic = file.error_at(position, message).code(Code::LastRound);
                diagnostics.push(diagnostic.help(HELP));
            }
        }
        blocks(statement).into_iter().for_each(|inner| block(inner, types, file, diagnostics));
    }
}

/// The conditions and verdicts that each round of a loop assigns, without reading what is assigned
/// so far. `of_item`: the loop variables.
fn overwritten(
    body: &[Stmt],
    mut of_item: BTreeSet<String>,
    types: &Types,
) -> Vec<(String, Position)> {
    // The round that ends the loop, or the only one that gets to the assignment, is chosen.
    if body.iter().any(leaves) {
        return Vec::new();
    }
    let mut declared = BTreeSet::new();
    each(body, &mut |node| {
        if let ASTNode::Stmt(Stmt::Var(var, ..)) = node {
            declared.insert(var.0.name.to_string());
        }
    });
    of_item.extend(declared.iter().cloned());
    let mut found: Vec<(String, Position)> = Vec::new();
    for (name, position) in body.iter().flat_map(always) {
        let assigns = |statement: &&Stmt| !assignments(statement, &name).is_empty();
        let decided = body
            .iter()
            .filter(assigns)
            .any(|statement| of_item.iter().any(|other| mentions(statement, other) > 0));
        let is_condition = body
            .iter()
            .flat_map(|statement| assignments(statement, &name))
            .any(|value| matches!(types.of(value), Type::Bool | Type::Verdict | Type::Fix));
        let reads: usize =
            body.iter().map(|one| mentions(one, &name) - assignments(one, &name).len()).sum();
        if decided
            && is_condition
            && reads == 0
            && !declared.contains(&name)
            && found.iter().all(|(known, _)| *known != name)
        {
            found.push((name, position));
        }
    }
    found
}

/// The variables that a statement assigns on every path.
fn always(statement: &Stmt) -> Vec<(String, Position)> {
    let all = |statements: &[Stmt]| statements.iter().flat_map(always).collect::<Vec<_>>();
    match statement {
        Stmt::Assignment(parts) if parts.0.get_op_assignment_info().is_none() => {
            match &parts.1.lhs {
                Expr::Variable(variable, _, position) => {
                    vec![(variable.1.to_string(), *position)]
                }
                _ => Vec::new(),
            }
        }
        Stmt::If(flow, _) => {
            let other = all(flow.branch.statements());
            let both = |(name, _): &(String, Position)| other.iter().any(|(same, _)| same == name);
            all(flow.body.statements()).into_iter().filter(both).collect()
        }
        Stmt::Block(inner) => all(inner.statements()),
        _ => Vec::new(),
    }
}

/// Whether a statement can leave its loop or continue with the next round.
fn leaves(statement: &Stmt) -> bool {
    match statement {
        Stmt::BreakLoop(..) => true,
        Stmt::For(..) => false,
        other => blocks(other).into_iter().flatten().any(leaves),
    }
}

/// Whether a loop is over a list that the script sorts.
fn is_sorted(list: &Expr, file: &SourceFile) -> bool {
    let Expr::Variable(variable, ..) = list else { return false };
    ["{}.sort(", "sort({}"].iter().any(|call| file.text.contains(&call.replace("{}", &variable.1)))
}

/// The values that a statement assigns to a variable, without those of `+=` and the like.
fn assignments<'s>(statement: &'s Stmt, name: &str) -> Vec<&'s Expr> {
    let mut values = Vec::new();
    if let Stmt::Assignment(parts) = statement
        && parts.0.get_op_assignment_info().is_none()
        && matches!(&parts.1.lhs, Expr::Variable(variable, ..) if variable.1 == name)
    {
        values.push(&parts.1.rhs);
    }
    let inner = blocks(statement).into_iter().flatten();
    values.extend(inner.flat_map(|inner| assignments(inner, name)));
    values
}

/// How often a statement mentions a variable.
fn mentions(statement: &Stmt, name: &str) -> usize {
    let mut count = 0;
    each(std::slice::from_ref(statement), &mut |node| {
        if let ASTNode::Expr(Expr::Variable(variable, ..)) = node
            && variable.1 == name
        {
            count += 1;
        }
    });
    count
}

fn each(statements: &[Stmt], visit: &mut dyn FnMut(&ASTNode<'_>)) {
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            path.last().into_iter().for_each(&mut *visit);
            true
        });
    }
}
