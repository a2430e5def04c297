//! Fields in `evidence` that `check` does not read, or uses for more than evidence.

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::draft::Draft;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;

/// How a field is used at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// As an item of evidence, or of a list or map that becomes evidence.
    Evidence,
    /// In a way that could affect the verdict.
    Decision,
}

/// A read of a field with a name that `evidence` has.
struct Read {
    /// The names in the chain, up to the field: `metadata_options`, `http_tokens`.
    names: Vec<String>,
    position: Position,
    used: Use,
}

/// Reports entries of `evidence` that nothing reads, and reads that are not evidence.
pub(crate) fn check(
    ast: &AST,
    script: &Script,
    draft: &Draft,
    file: &SourceFile,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if draft.evidence.is_empty() {
        return diagnostics;
    }
    let subject = script.named.iter().find(|function| function.name == "check");
    let subject = subject.and_then(|function| function.params.first()).cloned();
    let reads = reads(ast, subject.as_deref());
    for (path, position) in &draft.evidence {
        let segments: Vec<&str> = path.split('.').collect();
        let of_path = |read: &&Read| {
            segments.iter().rev().zip(read.names.iter().rev()).all(|(a, b)| a == b)
                && read.names.len() <= segments.len()
        };
        let mut found = reads.iter().filter(of_path).peekable();
        if found.peek().is_none() {
            let message = format!("`check` does not read `{path}`, which is in `evidence`");
            let diagnostic = file.error_at(*position, message).code(Code::MisusedEvidence);
            diagnostics.push(diagnostic.help("remove it, or add it to the evidence of `fail`"));
            continue;
        }
        for read in found.filter(|read| read.used == Use::Decision) {
            let message = format!("`{path}` is in `evidence`, so it cannot affect the verdict");
            let help =
                "use it only as an item of the evidence of `fail`, or remove it from `evidence`";
            diagnostics
                .push(file.error_at(read.position, message).code(Code::MisusedEvidence).help(help));
        }
    }
    diagnostics
}

/// All reads of fields in functions other than `fix`.
fn reads(ast: &AST, subject: Option<&str>) -> Vec<Read> {
    let functions = ast.iter_fn_def().filter(|function| function.name != "fix");
    let names: Vec<(String, usize)> =
        functions.map(|function| (function.name.to_string(), function.params.len())).collect();
    let mut reads = Vec::new();
    for (name, arity) in names {
        let mut alone = ast.clone_functions_only();
        alone.retain_functions(|_, _, of, params| of == name && params == arity);
        alone.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Expr(Expr::Property(property, position))) = path.last()
                && let Some(read) = read(path, property.2.as_str(), *position, subject)
            {
                reads.push(read);
            }
            true
        });
    }
    reads
}

/// The read of a field at the end of a path of nodes.
fn read(
    path: &[ASTNode<'_>],
    field: &str,
    position: Position,
    subject: Option<&str>,
) -> Option<Read> {
    let mut above = path.iter().rev().skip(1).peekable();
    let mut names = vec![field.to_owned()];
    let mut base = None;
    // The chain that the field is in: `a.b.c` is `a.(b.c)`.
    while let Some(ASTNode::Expr(Expr::Dot(chain, ..) | Expr::Index(chain, ..))) = above.peek() {
        match &chain.lhs {
            Expr::Property(before, _)
                if before.2.as_str() != names.first().map_or("", String::as_str) =>
            {
                names.insert(0, before.2.to_string());
            }
            Expr::Variable(variable, ..) => base = Some(variable.1.to_string()),
            _ => {}
        }
        above.next();
    }
    // Of a variable, only the end of the path is known, so that it is not an error.
    let is_whole = base.is_some() && base.as_deref() == subject;
    let mut used = if is_whole { Use::Decision } else { Use::Evidence };
    for node in above {
        match node {
            ASTNode::Expr(Expr::Map(..) | Expr::Array(..)) => used = Use::Evidence,
            ASTNode::Expr(Expr::FnCall(call, _)) if call.name == "fail" => {
                return Some(Read { names, position, used: Use::Evidence });
            }
            ASTNode::Expr(Expr::MethodCall(call, _)) if call.name == "push" => break,
            ASTNode::Expr(Expr::Dot(..)) => {}
            ASTNode::Stmt(Stmt::FnCall(call, _)) if call.name == "fail" => {
                return Some(Read { names, position, used: Use::Evidence });
            }
            _ => break,
        }
    }
    Some(Read { names, position, used })
}
