//! The source of values at a position of a script, for messages: `p.from_port`.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::rules::values::recorder::Place;

/// The operands of an operator, as far as they can be shown.
#[derive(Default)]
pub(super) struct Operands {
    pub(super) shown: Vec<Option<String>>,
    /// Whether the operator also assigns: `+=`.
    pub(super) assigns: bool,
}

/// The operands of the operator at this position.
pub(super) fn operands_at(ast: &AST, operator: &str, position: Position) -> Operands {
    let mut found = Operands::default();
    if position.is_none() {
        return found;
    }
    let operator = operator.trim_end_matches('=');
    visit(ast, |node| match node {
        ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))
            if *at == position && call.name.trim_end_matches('=') == operator =>
        {
            found.shown = call.args.iter().map(shown).collect();
            true
        }
        ASTNode::Stmt(Stmt::Assignment(parts)) if parts.0.position() == position => {
            found.shown = vec![shown(&parts.1.lhs), shown(&parts.1.rhs)];
            found.assigns = true;
            true
        }
        _ => false,
    });
    found
}

/// The operands of `in` at this position, the list or map first; none if a function is called.
pub(super) fn operands_of_in(ast: &AST, position: Position) -> Option<[Option<String>; 2]> {
    let mut found = None;
    visit(ast, |node| {
        let (ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) = node
        else {
            return false;
        };
        // The parser swaps the operands, and a function's name is in front of its arguments.
        if *at == position
            && call.name == "contains"
            && let [within, item] = call.args.as_slice()
            && item.start_position() < position
        {
            found = Some([shown(within), shown(item)]);
        }
        found.is_some()
    });
    found
}

/// The source of the expression at this position, if it is a variable, field or call.
pub(super) fn text_at(ast: &AST, position: Position) -> Option<String> {
    let mut found = None;
    if position.is_none() {
        return None;
    }
    visit(ast, |node| {
        let ASTNode::Expr(expression) = node else { return false };
        if expression.position() == position || expression.start_position() == position {
            found = shown(expression);
        }
        found.is_some()
    });
    found
}

/// The source of the value of which the script reads a property: at the position if there is one,
/// else where it first reads one of this name.
pub(super) fn owner_of(ast: &AST, property: &str, position: Position) -> Option<String> {
    let (mut exact, mut by_name) = (None, Vec::new());
    visit(ast, |node| {
        let ASTNode::Expr(chain @ Expr::Dot(..)) = node else { return false };
        let mut parts = Vec::new();
        flatten(chain, &mut parts);
        for (at, part) in parts.iter().enumerate().skip(1) {
            let Expr::Property(name, place) = part else { continue };
            if name.2 == property {
                let owner = join(parts.get(..at).unwrap_or_default());
                if *place == position {
                    exact = owner.clone();
                }
                by_name.extend(owner);
            }
        }
        exact.is_some()
    });
    by_name.sort();
    by_name.dedup();
    // With several candidates, any of them could be meant.
    exact.or_else(|| by_name.pop().filter(|_| by_name.is_empty()))
}

/// The places of ranges without an end or a start, such as `2..`.
pub(super) fn open_ranges(ast: &AST) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    visit(ast, |node| {
        let (ASTNode::Expr(Expr::FnCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position))) = node
        else {
            return false;
        };
        if is_open(call) {
            places.extend(Place::of(*position));
        }
        false
    });
    places
}

fn is_open(call: &FnCallExpr) -> bool {
    matches!(call.name.as_str(), ".." | "..=")
        && call.args.iter().any(|argument| matches!(argument, Expr::Unit(_)))
}

/// Calls the function for each node until it returns `true`.
fn visit(ast: &AST, mut until: impl FnMut(&ASTNode<'_>) -> bool) {
    ast.walk(&mut |path: &[ASTNode<'_>]| !path.last().is_some_and(&mut until));
}

/// The parts of a chain of fields and calls, in order.
fn flatten<'e>(chain: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match chain {
        Expr::Dot(pair, ..) => {
            flatten(&pair.lhs, parts);
            flatten(&pair.rhs, parts);
        }
        other => parts.push(other),
    }
}

fn join(parts: &[&Expr]) -> Option<String> {
    let parts: Option<Vec<String>> = parts.iter().map(|part| shown(part)).collect();
    parts.map(|parts| parts.join("."))
}

fn shown(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::Property(property, _) => Some(property.2.to_string()),
        Expr::Dot(..) => {
            let mut parts = Vec::new();
            flatten(expression, &mut parts);
            join(&parts)
        }
        Expr::Index(pair, ..) => {
            let index = match &pair.rhs {
                Expr::IntegerConstant(number, _) => number.to_string(),
                Expr::StringConstant(text, _) => format!("\"{text}\""),
                Expr::Variable(variable, ..) => variable.1.to_string(),
                _ => return None,
            };
            Some(format!("{}[{index}]", shown(&pair.lhs)?))
        }
        Expr::FnCall(call, _) | Expr::MethodCall(call, _) if !call.is_operator_call() => {
            let arguments: Option<Vec<String>> = call.args.iter().map(shown).collect();
            let arguments = arguments.filter(|all| all.len() <= 2).map(|all| all.join(", "));
            Some(format!("{}({})", call.name, arguments.unwrap_or_else(|| "…".to_owned())))
        }
        _ => None,
    }
}
