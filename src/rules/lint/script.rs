//! The parts of a parsed script, and the functions that the sandbox has.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, FnPtr, Position, Stmt, StmtBlock};

use super::fitting::{self, Overload, Wanted};
use super::value::Type;
use crate::rules::source::SourceFile;

/// How the engine names closures.
const ANONYMOUS: &str = "anon$";

/// A function of the script with its body.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<String>,
    pub(super) body: StmtBlock,
}

/// The functions of a script: those with a name, in the order of the file, and the closures.
pub(super) struct Script {
    pub(super) named: Vec<Function>,
    closures: BTreeMap<String, Function>,
}

impl Script {
    pub(super) fn new(ast: &AST) -> Self {
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
    pub(super) fn bodies(&self) -> impl Iterator<Item = &[Stmt]> {
        self.named.iter().chain(self.closures.values()).map(|function| function.body.statements())
    }

    /// The function of that name with so many parameters.
    pub(super) fn find(&self, name: &str, arity: usize) -> Option<usize> {
        self.named
            .iter()
            .position(|function| function.name == name && function.params.len() == arity)
    }

    /// The closure that an expression is, with the variables that it captures and where they are
    /// named.
    pub(super) fn closure<'e>(&self, expression: &'e Expr) -> Option<(&Function, &'e [Expr])> {
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
pub(super) fn place_of(function: &Function, file: &SourceFile) -> Position {
    let start = file.offset(function.body.position());
    let before = file.text.get(..start).unwrap_or_default();
    let is_name = |&(at, _): &(usize, &str)| {
        before.get(..at).is_some_and(|head| head.trim_end().ends_with("fn"))
    };
    let offset =
        before.rmatch_indices(function.name.as_str()).find(is_name).map_or(start, |(at, _)| at);
    file.position(offset)
}

/// The functions that the engine has: name → numbers of arguments → what comes back; and what they
/// and the operators take.
pub(super) struct Natives {
    functions: BTreeMap<String, BTreeMap<usize, Type>>,
    getters: BTreeMap<String, Type>,
    overloads: BTreeMap<String, Vec<Overload>>,
}

/// Operators that want values of certain types; comparisons take any.
const ARITHMETIC: [&str; 6] = ["+", "-", "*", "/", "%", "**"];

impl Natives {
    /// Reads signatures as the engine prints them: `name(param: type, …) -> type`.
    pub(super) fn new(signatures: &[String]) -> Self {
        let mut natives = Self {
            functions: BTreeMap::new(),
            getters: BTreeMap::new(),
            overloads: BTreeMap::new(),
        };
        for signature in signatures {
            let Some((name, rest)) = signature.split_once('(') else { continue };
            let (list, result) = split_params(rest);
            let params = list.len();
            let is_function = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if is_function || ARITHMETIC.contains(&name) {
                let table = fitting::of_table(name);
                let overloads =
                    natives.overloads.entry(name.to_owned()).or_insert_with(|| table.clone());
                // Parameters of our functions have no names here; the table of helpers says more of
                // what they take.
                if table.is_empty() || list.first().is_some_and(|param| !param.starts_with("_:")) {
                    let wanted = list.iter().map(|param| {
                        Wanted::of_engine(param.split_once(':').map_or(*param, |(_, kind)| kind))
                    });
                    overloads.push(wanted.collect());
                }
            }
            let result = result
                .trim()
                .strip_prefix("->")
                .map_or(Type::Nil, |result| type_named(result.trim()));
            if let Some(property) = name.strip_prefix("get$") {
                natives
                    .getters
                    .entry(property.to_owned())
                    .and_modify(|known| *known = known.join(&result))
                    .or_insert(result);
            } else if is_function {
                let arities = natives.functions.entry(name.to_owned()).or_default();
                let join = |known: &mut Type| {
                    *known = if *known == result { result.clone() } else { Type::Any }
                };
                arities.entry(params).and_modify(join).or_insert(result.clone());
            }
        }
        // The engine's own, which stands in no table.
        natives.functions.entry("type_of".to_owned()).or_default().insert(1, Type::Text);
        natives
    }

    /// What the ways to call a function, or an operator, with so many arguments take.
    pub(super) fn overloads(&self, name: &str, arity: usize) -> impl Iterator<Item = &Overload> {
        self.overloads
            .get(name)
            .into_iter()
            .flatten()
            .filter(move |overload| overload.len() == arity)
    }

    /// The numbers of arguments that a function takes, if it exists.
    pub(super) fn arities(&self, name: &str) -> Option<Vec<usize>> {
        self.functions.get(name).map(|arities| arities.keys().copied().collect())
    }

    /// What a function gives back.
    pub(super) fn result(&self, name: &str, arity: usize) -> Type {
        self.functions
            .get(name)
            .and_then(|arities| arities.get(&arity))
            .cloned()
            .unwrap_or(Type::Any)
    }

    /// What a property gives that texts and lists have: `len`.
    pub(super) fn getter(&self, name: &str) -> Option<Type> {
        self.getters.get(name).cloned()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }
}

/// The parameters, and what stands behind them.
fn split_params(rest: &str) -> (Vec<&str>, &str) {
    let (mut depth, mut from, mut params) = (0_usize, 0, Vec::new());
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | ',' if depth == 0 => {
                params.extend(rest.get(from..at).map(str::trim).filter(|param| !param.is_empty()));
                from = at + 1;
                if c == ')' {
                    break;
                }
            }
            ')' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (params, rest.get(from..).unwrap_or_default())
}

fn type_named(name: &str) -> Type {
    // `Result<T, …>`, however it is written.
    if let Some((head, rest)) = name.split_once('<')
        && head.ends_with("Result")
    {
        let mut depth = 0_usize;
        let end = rest.char_indices().find(|(_, c)| match c {
            '<' | '(' | '[' => {
                depth += 1;
                false
            }
            '>' | ')' | ']' if depth > 0 => {
                depth -= 1;
                false
            }
            ',' | '>' => depth == 0,
            _ => false,
        });
        return type_named(
            rest.get(..end.map_or(rest.len(), |(at, _)| at)).unwrap_or_default().trim(),
        );
    }
    match name.rsplit("::").next().unwrap_or(name) {
        "()" => Type::Nil,
        "bool" => Type::Bool,
        "i64" | "INT" => Type::Int,
        "f64" | "FLOAT" => Type::Float,
        "string" | "String" | "ImmutableString" | "char" | "str" | "&str" => Type::Text,
        "array" | "Array" => Type::list(Type::Any),
        "Said" | "verdict" => Type::Verdict,
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_understood() {
        let natives = Natives::new(&[
            "pass() -> rolecall::rules::engine::Said".to_owned(),
            "days_between(_: string, _: string) -> core::result::Result<i64,alloc::boxed::Box<rhai::EvalAltResult>>".to_owned(),
            "split(s: &mut string, by: Box<dyn Fn(i64, i64) -> bool>) -> Array".to_owned(),
            "push(array: &mut array, item: Dynamic)".to_owned(),
            "keys(_: &mut map) -> alloc::vec::Vec<rhai::Dynamic>".to_owned(),
            "get$len(string: string) -> i64".to_owned(),
            "+(a: i64, b: i64) -> i64".to_owned(),
        ]);
        assert_eq!(natives.result("pass", 0), Type::Verdict);
        assert_eq!(natives.result("days_between", 2), Type::Int);
        assert_eq!(natives.result("split", 2), Type::list(Type::Any));
        assert_eq!(natives.result("push", 2), Type::Nil);
        assert_eq!(natives.result("keys", 1), Type::Any);
        assert_eq!(natives.getter("len"), Some(Type::Int));
        assert_eq!((natives.arities("split"), natives.arities("+")), (Some(vec![2]), None));
    }
}
