//! Language features that rules cannot use. Rules are decisions, not programs: features that could
//! run for a long time, access anything outside the rule, hide an error or exhaust the stack are
//! rejected with their positions when a rule is loaded. The engine's limits are the second line of
//! defense.

use std::num::NonZeroUsize;

use rhai::{AST, ASTNode, Dynamic, Expr, FnCallExpr, FnPtr, Position, Stmt};

use crate::diagnostics::{Code, Diagnostic};
use crate::model::code_series;
use crate::rules::language::source::SourceFile;

/// Keywords that are disabled in the evaluation engine.
pub(crate) const DISABLED: [&str; 13] = [
    "eval", "import", "export", "try", "catch", "throw", "while", "loop", "do", "until", "print",
    "debug", "global",
];

/// Functions that rules cannot call, with the help text, whether or not the engine has them.
const FUNCTIONS: [(&str, &str); 13] = [
    ("eval", "rules cannot evaluate code at run time"),
    ("print", "to show a value, put it in the message or the evidence of `fail`"),
    ("debug", "to show a value, put it in the message or the evidence of `fail`"),
    ("sleep", "rules cannot wait"),
    ("exit", "return a verdict"),
    ("timestamp", "use `now()`, which returns the collection time"),
    ("import", "a rule must be self-contained"),
    ("Fn", "pass a closure to an array function: `list.filter(|x| …)`"),
    ("curry", "pass a closure to an array function: `list.filter(|x| …)`"),
    ("call", "call the function directly by name"),
    ("is_def_var", "all variables of a rule are known in advance"),
    ("is_def_fn", "all functions of a rule are known in advance"),
    ("is_shared", "rules cannot share values"),
];

/// Array functions that take a closure. A closure anywhere else could be stored, and dropping a long
/// chain of stored closures overflows the stack and aborts the process.
const TAKE_CLOSURES: [&str; 10] =
    ["all", "count_by", "filter", "find", "group_by", "map", "none", "reduce", "some", "sort"];

/// Whether an array function takes a closure.
pub(crate) fn takes_closure(function: &str) -> bool {
    TAKE_CLOSURES.contains(&function)
}

/// Whether rules cannot call functions with this name.
pub(crate) fn is_forbidden(function: &str) -> bool {
    FUNCTIONS.iter().any(|(name, _)| *name == function)
}

/// All uses of forbidden features in a parsed rule. `exists`: whether a function with this name
/// exists; closures passed to unknown functions are not reported, as they cannot be stored.
pub(crate) fn check(
    ast: &AST,
    file: &SourceFile,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut report = |position: Position, what: &str, help: &str| {
        let diagnostic = file
            .error_at(position, what.to_owned())
            .code(Code::UnavailableFeature)
            .help(help.to_owned());
        // The walk can visit a node twice.
        if !diagnostics.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
    };
    let is_named = |statement: &Stmt, name: &str| matches!(statement, Stmt::Var(var, ..) if var.0.as_str().eq_ignore_ascii_case(name));
    let missing = !ast
        .statements()
        .iter()
        .any(|statement| matches!(statement, Stmt::Var(var, ..) if var.0.as_str() == "RULE"));
    for statement in ast.statements() {
        match statement {
            Stmt::Var(var, ..) if var.0.as_str() == "RULE" => {}
            // Reported when the metadata is read.
            other if missing && is_named(other, "RULE") => {}
            Stmt::Var(var, ..) => {
                let help = "functions cannot read it: move the value to `params`, or into the function that uses it";
                report(
                    var.0.pos,
                    &format!("`{}` is declared outside a function", var.0.as_str()),
                    help,
                );
            }
            Stmt::Noop(_) => {}
            other => report(
                other.position(),
                "statement outside a function",
                "a rule can contain only `const RULE` and functions",
            ),
        }
    }
    let mut captures = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        let Some(node) = path.last() else { return true };
        let parent = path.len().checked_sub(2).map(|index| &path[index]);
        match node {
            ASTNode::Stmt(statement) => check_statement(statement, &mut report),
            ASTNode::Expr(chain @ (Expr::Dot(..) | Expr::Index(..))) => {
                captures.extend(captured_receivers(chain, file))
            }
            ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position)) => {
                check_call(&call.name, *position, path, &mut report);
            }
            ASTNode::Expr(expression)
                if is_closure(expression)
                    && !parent.is_some_and(|parent| takes_closures(parent, exists)) =>
            {
                let help = format!(
                    "pass closures directly to one of these functions: {}",
                    code_series(TAKE_CLOSURES, "or")
                );
                report(
                    expression.position(),
                    "closure is not an argument of an array function",
                    &help,
                );
            }
            _ => {}
        }
        if let ASTNode::Stmt(Stmt::FnCall(call, position)) = node {
            check_call(&call.name, *position, path, &mut report);
        }
        true
    });
    for capture in captures {
        if !diagnostics.contains(&capture) {
            diagnostics.push(capture);
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    diagnostics
}

/// Closures that read the variable on which they are called: `list.some(|x| x == list[0])`. The
/// engine borrows the variable while the method chain runs, and the rule would fail with a data
/// race error. The function form does not borrow it.
fn captured_receivers(chain: &Expr, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(receiver) = root(chain) else { return Vec::new() };
    let mut calls = Vec::new();
    calls_in(chain, &mut calls);
    let report = |(call, position): (&FnCallExpr, Position)| {
        let captured = call.args.iter().filter_map(shared_by).flatten();
        let (variable, _) = captured.into_iter().find(|(variable, _)| variable.name == receiver)?;
        let list = file
            .text
            .get(file.offset(chain.start_position())..file.offset(position))
            .unwrap_or_default();
        let list = list.trim_end().trim_end_matches(['.', '?']).trim_end();
        let balanced = list.matches('(').count() == list.matches(')').count();
        let list =
            if balanced && list.lines().count() == 1 && list.len() <= 60 { list } else { "list" };
        let message = format!(
            "the closure passed to `{0}` reads `{receiver}`, but `{0}` is called on `{receiver}` or a part of it",
            call.name
        );
        let diagnostic = file.error_at(variable.pos, message).code(Code::ReceiverInClosure);
        Some(diagnostic.help(format!("use the function form: `{}({list}, |…| …)`", call.name)))
    };
    calls.into_iter().filter_map(report).collect()
}

/// The variable at the start of a chain.
fn root(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(&variable.1),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

/// The method calls in a chain.
fn calls_in<'e>(chain: &'e Expr, found: &mut Vec<(&'e FnCallExpr, Position)>) {
    match chain {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
            calls_in(&parts.lhs, found);
            calls_in(&parts.rhs, found);
        }
        Expr::MethodCall(call, position) => found.push((call, *position)),
        _ => {}
    }
}

/// The variables that a closure captures.
fn shared_by(closure: &Expr) -> Option<&[(rhai::Ident, Option<NonZeroUsize>)]> {
    match closure {
        Expr::Stmt(block) => match block.statements().first() {
            Some(Stmt::Share(variables)) => Some(variables),
            _ => None,
        },
        _ => None,
    }
}

fn check_statement(statement: &Stmt, report: &mut impl FnMut(Position, &str, &str)) {
    let position = statement.position();
    match statement {
        Stmt::While(..) | Stmt::Do(..) => {
            report(position, "`while`, `loop` and `do` are not supported", "use `for x in list`")
        }
        Stmt::TryCatch(..) => report(
            position,
            "`try` is not supported",
            "an error makes the verdict `error`; check for `()` instead",
        ),
        Stmt::Return(_, flags, _) if flags.intersects(rhai::ASTFlags::BREAK) => {
            report(
                position,
                "`throw` is not supported",
                "return a verdict: `pass()`, `fail(…)`, `skip(…)` or `unknown(…)`",
            );
        }
        Stmt::Import(..) | Stmt::Export(..) => report(
            position,
            "`import` and `export` are not supported",
            "a rule must be self-contained",
        ),
        Stmt::Assignment(assignment)
            if matches!(assignment.1.lhs, Expr::Index(..) | Expr::Dot(..)) =>
        {
            let help = "facts are read-only; create maps as literals `#{ … }`, and lists with `+=` or `map`";
            report(assignment.1.lhs.position(), "cannot assign to a field or a list element", help);
        }
        _ => {}
    }
}

fn check_call(
    name: &str,
    position: Position,
    path: &[ASTNode],
    report: &mut impl FnMut(Position, &str, &str),
) {
    // A capturing closure is parsed into a block that shares the variables and then calls
    // `curry`.
    let generated = name == "curry"
        && path
            .iter()
            .rev()
            .take(4)
            .any(|node| matches!(node, ASTNode::Expr(e) if is_capturing(e)));
    if let Some((_, help)) = FUNCTIONS.iter().find(|(forbidden, _)| *forbidden == name)
        && !generated
    {
        report(position, &format!("`{name}` is not supported"), help);
    }
}

fn takes_closures(node: &ASTNode, exists: &dyn Fn(&str) -> bool) -> bool {
    let name = match node {
        ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
        | ASTNode::Stmt(Stmt::FnCall(call, _)) => &call.name,
        // The generated `curry` call around a capturing closure; the enclosing block is checked
        // separately.
        _ => return false,
    };
    name == "curry"
        || TAKE_CLOSURES.contains(&name.as_str())
        || (!exists(name) && !is_forbidden(name))
}

fn is_closure(expression: &Expr) -> bool {
    match expression {
        Expr::DynamicConstant(value, _) => Dynamic::is::<FnPtr>(value),
        other => is_capturing(other),
    }
}

fn is_capturing(expression: &Expr) -> bool {
    shared_by(expression).is_some()
}
