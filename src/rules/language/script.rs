//! The functions of a parsed script.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, FnPtr, Position, Stmt, StmtBlock};

use crate::rules::language::source::SourceFile;

/// The engine's prefix for names of closures.
const ANONYMOUS: &str = "anon$";

/// A function of the script and its body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) params: Vec<String>,
    pub(crate) body: StmtBlock,
}

/// The functions of a script: named ones in file order, and closures.
pub(crate) struct Script {
    pub(crate) named: Vec<Function>,
    closures: BTreeMap<String, Function>,
}

impl Script {
    pub(crate) fn new(ast: &AST) -> Self {
        let (mut named, mut closures) = (Vec::new(), BTreeMap::new());
        for definition in ast.iter_fn_def() {
            let arity = definition.params.len();
            // Function bodies are accessible only through `AST::walk`, so each function is walked
            // separately.
            let mut alone = ast.clone_functions_only();
            alone.retain_functions(|_, _, name, params| name == definition.name && params == arity);
            let mut statements = Vec::new();
            alone.walk(&mut |path: &[ASTNode]| {
                if let [ASTNode::Stmt(statement)] = path {
                    statements.push((*statement).clone());
                }
                true
            });
            let (start, end) = (definition.body.start_position(), definition.body.end_position());
            let function = Function {
                name: definition.name.to_string(),
                params: definition.params.iter().map(ToString::to_string).collect(),
                body: StmtBlock::new(statements, start, end),
            };
            if function.name.starts_with(ANONYMOUS) {
                closures.insert(function.name.clone(), function);
            } else {
                named.push(function);
            }
        }
        named.sort_by_key(|function| {
            (function.body.position().line(), function.body.position().position())
        });
        Self { named, closures }
    }

    /// The closures.
    pub(crate) fn closures(&self) -> impl Iterator<Item = &Function> {
        self.closures.values()
    }

    /// The statements of every function and closure.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &[Stmt]> {
        self.named.iter().chain(self.closures.values()).map(|function| function.body.statements())
    }

    /// The functions that the engine calls, with any resource: `check` and `fix`.
    pub(crate) fn entries(&self) -> impl Iterator<Item = usize> {
        ["check", "fix"].into_iter().filter_map(|name| self.find(name, 2))
    }

    /// The index of the function with this name and number of parameters.
    pub(crate) fn find(&self, name: &str, arity: usize) -> Option<usize> {
        self.named
            .iter()
            .position(|function| function.name == name && function.params.len() == arity)
    }

    /// The closure, if the expression is one, with the variables that it captures.
    pub(crate) fn closure<'e>(&self, expression: &'e Expr) -> Option<(&Function, &'e [Expr])> {
        let pointer = |expression: &Expr| match expression {
            Expr::DynamicConstant(value, _) => {
                value.read_lock::<FnPtr>().map(|pointer| pointer.fn_name().to_owned())
            }
            _ => None,
        };
        let (name, captured): (_, &[Expr]) = match expression {
            // A capturing closure is parsed into a block that shares the variables and then
            // curries the function with them.
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Share(_), Stmt::Expr(curry)] => match &**curry {
                    Expr::FnCall(call, _) => (
                        call.args.first().and_then(pointer)?,
                        call.args.get(1..).unwrap_or_default(),
                    ),
                    _ => return None,
                },
                _ => return None,
            },
            other => (pointer(other)?, &[]),
        };
        Some((self.closures.get(name.as_str())?, captured))
    }
}

/// The position of a function's name. The parser keeps only the position of its body.
pub(crate) fn name_position(function: &Function, file: &SourceFile) -> Position {
    let start = file.offset(function.body.position());
    let before = file.text.get(..start).unwrap_or_default();
    let is_name = |&(at, _): &(usize, &str)| {
        before.get(..at).is_some_and(|head| head.trim_end().ends_with("fn"))
    };
    let offset =
        before.rmatch_indices(function.name.as_str()).find(is_name).map_or(start, |(at, _)| at);
    file.position(offset)
}
