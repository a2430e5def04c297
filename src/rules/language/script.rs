//! The functions of a parsed script.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, FnPtr, Position, Stmt, StmtBlock};

use crate::rules::language::source::SourceFile;

/// How the engine names closures.
const ANONYMOUS: &str = "anon$";

/// A function of the script with its body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) params: Vec<String>,
    pub(crate) body: StmtBlock,
}

/// The functions of a script: those with a name, in the order of the file, and the closures.
pub(crate) struct Script {
    pub(crate) named: Vec<Function>,
    closures: BTreeMap<String, Function>,
}

impl Script {
    pub(crate) fn new(ast: &AST) -> Self {
        let (mut named, mut closures) = (Vec::new(), BTreeMap::new());
        for definition in ast.iter_fn_def() {
            let arity = definition.params.len();
            // The engine hands out bodies only to those who walk, so each function is walked alone.
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

    /// The statements of every function and closure.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &[Stmt]> {
        self.named.iter().chain(self.closures.values()).map(|function| function.body.statements())
    }

    /// The function of that name with so many parameters.
    pub(crate) fn find(&self, name: &str, arity: usize) -> Option<usize> {
        self.named
            .iter()
            .position(|function| function.name == name && function.params.len() == arity)
    }

    /// The closure that an expression is, with the variables that it captures and where they are
    /// named.
    pub(crate) fn closure<'e>(&self, expression: &'e Expr) -> Option<(&Function, &'e [Expr])> {
        let pointer = |expression: &Expr| match expression {
            Expr::DynamicConstant(value, _) => {
                value.read_lock::<FnPtr>().map(|pointer| pointer.fn_name().to_owned())
            }
            _ => None,
        };
        let (name, captured): (_, &[Expr]) = match expression {
            // What captures is parsed into a block: share the variables, then `curry` the function
            // with them.
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

/// Where the name of a function stands. The parser keeps the place of its body only.
pub(crate) fn place_of(function: &Function, file: &SourceFile) -> Position {
    let start = file.offset(function.body.position());
    let before = file.text.get(..start).unwrap_or_default();
    let is_name = |&(at, _): &(usize, &str)| {
        before.get(..at).is_some_and(|head| head.trim_end().ends_with("fn"))
    };
    let offset =
        before.rmatch_indices(function.name.as_str()).find(is_name).map_or(start, |(at, _)| at);
    file.position(offset)
}
