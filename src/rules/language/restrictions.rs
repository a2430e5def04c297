//! What a rule may not contain. Rules are decisions, not programs: what could run for long, reach
//! outside, hide a failure or exhaust the stack is refused when the rule is loaded, with its place.
//! The engine's limits stand behind this.

use std::num::NonZeroUsize;

use rhai::{AST, ASTNode, Dynamic, Expr, FnCallExpr, FnPtr, Position, Stmt};

use crate::diagnostics::{Code, Diagnostic};

use crate::rules::language::source::SourceFile;

/// Keywords that the evaluating engine does not know at all.
pub(crate) const DISABLED: [&str; 13] = [
    "eval", "import", "export", "try", "catch", "throw", "while", "loop", "do", "until", "print",
    "debug", "global",
];

/// Functions that a rule may not call, whether or not the engine has them.
const FUNCTIONS: [(&str, &str); 13] = [
    ("eval", "a rule cannot run text as code"),
    ("print", "use the message or the evidence of `fail`"),
    ("debug", "use the message or the evidence of `fail`"),
    ("sleep", "a rule cannot wait"),
    ("exit", "return a verdict"),
    ("timestamp", "`now()` is the time of collection"),
    ("import", "a rule is one file"),
    ("Fn", "pass a closure to an array function: `list.filter(|x| …)`"),
    ("curry", "pass a closure to an array function: `list.filter(|x| …)`"),
    ("call", "name the function and call it directly"),
    ("is_def_var", "a rule knows its variables"),
    ("is_def_fn", "a rule knows its functions"),
    ("is_shared", "rules do not share values"),
];

/// Array functions that take a closure. A closure anywhere else could be stored, and a long chain
/// of stored closures ends the process when it is dropped.
const TAKE_CLOSURES: [&str; 8] = ["all", "filter", "find", "map", "none", "reduce", "some", "sort"];

/// Whether a rule may not call functions of that name.
pub(crate) fn is_forbidden(function: &str) -> bool {
    FUNCTIONS.iter().any(|(name, _)| *name == function)
}

/// Every forbidden thing in a parsed rule. `exists`: whether there is a function of that name; what
/// goes into others cannot be stored.
pub(crate) fn check(
    ast: &AST,
    file: &SourceFile,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut faults: Vec<Diagnostic> = Vec::new();
    let mut refuse = |position: Position, what: &str, help: &str| {
        let fault =
            file.fault(position, what.to_owned()).code(Code::NotAvailable).help(help.to_owned());
        // The walk can come by a node twice.
        if !faults.contains(&fault) {
            faults.push(fault);
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
            // That is told where the metadata is read.
            other if missing && is_named(other, "RULE") => {}
            Stmt::Var(var, ..) => {
                let help = "functions cannot read it: put the value into `params`, or into the function that uses it";
                refuse(
                    var.0.pos,
                    &format!("`{}` stands outside of a function", var.0.as_str()),
                    help,
                );
            }
            Stmt::Noop(_) => {}
            other => refuse(
                other.position(),
                "statement outside of a function",
                "a rule holds `const RULE` and functions only",
            ),
        }
    }
    let mut races = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        let Some(node) = path.last() else { return true };
        let parent = path.len().checked_sub(2).map(|index| &path[index]);
        match node {
            ASTNode::Stmt(statement) => refuse_statement(statement, &mut refuse),
            ASTNode::Expr(chain @ (Expr::Dot(..) | Expr::Index(..))) => {
                races.extend(entangled(chain, file))
            }
            ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position)) => {
                refuse_call(&call.name, *position, path, &mut refuse);
            }
            ASTNode::Expr(expression)
                if is_closure(expression)
                    && !parent.is_some_and(|parent| takes_closures(parent, exists)) =>
            {
                let help = format!("closures go straight into {}", TAKE_CLOSURES.join(", "));
                refuse(
                    expression.position(),
                    "a closure that is not the argument of an array function",
                    &help,
                );
            }
            _ => {}
        }
        if let ASTNode::Stmt(Stmt::FnCall(call, position)) = node {
            refuse_call(&call.name, *position, path, &mut refuse);
        }
        true
    });
    for race in races {
        if !faults.contains(&race) {
            faults.push(race);
        }
    }
    faults.sort_by_key(|fault| fault.span.start);
    faults
}

/// Closures that read the variable on which they are called: `list.some(|x| x == list[0])`. The
/// engine holds the variable while the chain behind it is worked out, and would end the rule with a
/// data race. Called as a function, it holds nothing.
fn entangled(chain: &Expr, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(held) = root(chain) else { return Vec::new() };
    let mut calls = Vec::new();
    calls_in(chain, &mut calls);
    let tell = |(call, position): (&FnCallExpr, Position)| {
        let captured = call.args.iter().filter_map(shared_by).flatten();
        let (variable, _) = captured.into_iter().find(|(variable, _)| variable.name == held)?;
        let list = file
            .text
            .get(file.offset(chain.start_position())..file.offset(position))
            .unwrap_or_default();
        let list = list.trim_end().trim_end_matches(['.', '?']).trim_end();
        let whole = list.matches('(').count() == list.matches(')').count();
        let list =
            if whole && list.lines().count() == 1 && list.len() <= 60 { list } else { "list" };
        let message = format!("`{held}` stands in front of `{}` and in its closure", call.name);
        let fault = file.fault(variable.pos, message).code(Code::Entangled);
        Some(fault.help(format!("call it as a function: `{}({list}, |…| …)`", call.name)))
    };
    calls.into_iter().filter_map(tell).collect()
}

/// The variable at the front of a chain.
fn root(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(&variable.1),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

/// The calls of functions behind the dots of a chain.
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

/// The variables that a closure shares with what is around it.
fn shared_by(closure: &Expr) -> Option<&[(rhai::Ident, Option<NonZeroUsize>)]> {
    match closure {
        Expr::Stmt(block) => match block.statements().first() {
            Some(Stmt::Share(variables)) => Some(variables),
            _ => None,
        },
        _ => None,
    }
}

fn refuse_statement(statement: &Stmt, refuse: &mut impl FnMut(Position, &str, &str)) {
    let position = statement.position();
    match statement {
        Stmt::While(..) | Stmt::Do(..) => {
            refuse(position, "`while`, `loop` and `do` are not available", "use `for x in list`")
        }
        Stmt::TryCatch(..) => refuse(
            position,
            "`try` is not available",
            "an error makes the verdict `error`; test for `()` instead",
        ),
        Stmt::Return(_, flags, _) if flags.intersects(rhai::ASTFlags::BREAK) => {
            refuse(
                position,
                "`throw` is not available",
                "return a verdict: `pass()`, `fail(…)` or `skip(…)`",
            );
        }
        Stmt::Import(..) | Stmt::Export(..) => {
            refuse(position, "`import` and `export` are not available", "a rule is one file")
        }
        Stmt::Assignment(assignment)
            if matches!(assignment.1.lhs, Expr::Index(..) | Expr::Dot(..)) =>
        {
            let help = "facts cannot be changed; build maps as literals `#{ … }` and lists with `+=` or `map`";
            refuse(assignment.1.lhs.position(), "assignment to a part of a value", help);
        }
        _ => {}
    }
}

fn refuse_call(
    name: &str,
    position: Position,
    path: &[ASTNode],
    refuse: &mut impl FnMut(Position, &str, &str),
) {
    // A closure that captures is parsed into a block that shares the variables and then calls
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
        refuse(position, &format!("`{name}` is not available"), help);
    }
}

fn takes_closures(node: &ASTNode, exists: &dyn Fn(&str) -> bool) -> bool {
    let name = match node {
        ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
        | ASTNode::Stmt(Stmt::FnCall(call, _)) => &call.name,
        // The generated `curry` call around the function of a capturing closure; the block around
        // it is looked at on its own.
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
