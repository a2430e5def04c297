//! The built-in functions of the sandbox, for lint.

use std::collections::BTreeMap;

use super::expected::{self, ExpectedType, Overload};
use super::value::Type;
use crate::rules::helpers;

/// The engine's functions: name → number of parameters → return type; and the parameter types of
/// functions and operators.
pub(crate) struct Natives {
    functions: BTreeMap<String, BTreeMap<usize, Type>>,
    getters: BTreeMap<String, Type>,
    overloads: BTreeMap<String, Vec<Overload>>,
    /// Overloads by whether they return nothing: name → number of parameters → the type of the
    /// first parameter.
    nothing: BTreeMap<(String, usize), Vec<(ExpectedType, bool)>>,
}

/// Operators that require certain types; comparisons accept any.
const ARITHMETIC: [&str; 6] = ["+", "-", "*", "/", "%", "**"];

impl Natives {
    /// Parses signatures in the engine's format: `name(param: type, …) -> type`.
    pub(crate) fn new(signatures: &[String]) -> Self {
        let mut natives = Self {
            functions: BTreeMap::new(),
            getters: BTreeMap::new(),
            overloads: BTreeMap::new(),
            nothing: BTreeMap::new(),
        };
        for signature in signatures {
            let Some((name, rest)) = signature.split_once('(') else { continue };
            let (list, result) = split_params(rest);
            // Functions that count their work have no types here, and those that they replace have.
            if list.iter().any(|param| param.trim() == "_") {
                continue;
            }
            let params = list.len();
            let is_function = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if is_function || ARITHMETIC.contains(&name) {
                let table = expected::of_table(name);
                let overloads =
                    natives.overloads.entry(name.to_owned()).or_insert_with(|| table.clone());
                // Parameters of helpers have no names in signatures; the table of helpers has more
                // precise types.
                if table.is_empty() || list.first().is_some_and(|param| !param.starts_with("_:")) {
                    let expected = list.iter().map(|param| {
                        ExpectedType::of_engine(
                            param.split_once(':').map_or(*param, |(_, kind)| kind),
                        )
                    });
                    overloads.push(expected.collect());
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
                if let Some(first) = list.first() {
                    let kind = first.split_once(':').map_or(*first, |(_, kind)| kind);
                    let all = natives.nothing.entry((name.to_owned(), params)).or_default();
                    all.push((ExpectedType::of_engine(kind), result == Type::Nil));
                }
                let arities = natives.functions.entry(name.to_owned()).or_default();
                let join = |known: &mut Type| {
                    *known = if *known == result { result.clone() } else { Type::Any }
                };
                arities.entry(params).and_modify(join).or_insert(result.clone());
            }
        }
        natives.refine();
        // Built into the engine, without a signature.
        natives.functions.entry("type_of".to_owned()).or_default().insert(1, Type::Text);
        natives
    }

    /// Replaces unknown return types by those in the table of helpers.
    fn refine(&mut self) {
        for helper in helpers::helpers() {
            let Some(arities) = self.functions.get_mut(helper.name) else { continue };
            for (arity, known) in arities {
                let signatures = helper.signatures.iter().filter(|s| s.params.len() == *arity);
                let all = signatures.map(|signature| Type::of_result(signature.returns));
                let result = all.fold(Type::Never, |all, one| all.join(&one));
                if result != Type::Never && (*known == Type::Any || *known == Type::list(Type::Any))
                {
                    *known = result;
                }
            }
        }
    }

    /// The overloads of a function or operator with this number of parameters.
    pub(crate) fn overloads(&self, name: &str, arity: usize) -> impl Iterator<Item = &Overload> {
        self.overloads
            .get(name)
            .into_iter()
            .flatten()
            .filter(move |overload| overload.len() == arity)
    }

    /// Whether no overload of a function with this number of parameters accepts `()` at this one.
    pub(crate) fn refuses_nil(&self, name: &str, at: usize, count: usize) -> bool {
        let helper = helpers::helpers().find(|helper| helper.name == name);
        if let Some(helper) = helper {
            let signatures = helper.signatures.iter();
            let mut kinds = signatures
                .filter(|signature| signature.params.len() == count)
                .filter_map(|signature| signature.params.get(at))
                .peekable();
            return kinds.peek().is_some()
                && kinds.all(|param| !param.kind.ends_with('?') && param.kind != "any");
        }
        let mut overloads = self.overloads(name, count).peekable();
        overloads.peek().is_some()
            && overloads.all(|overload| overload.get(at).is_some_and(ExpectedType::refuses_nil))
    }

    /// Whether a function changes its first argument and returns nothing, for one of its types.
    pub(crate) fn is_changing(&self, name: &str, arity: usize) -> bool {
        let all = self.nothing.get(&(name.to_owned(), arity));
        all.is_some_and(|all| all.iter().any(|(_, is_nothing)| *is_nothing))
    }

    /// The same, for a first argument of this type.
    pub(crate) fn returns_nothing(&self, name: &str, arity: usize, first: &Type) -> bool {
        let all = self.nothing.get(&(name.to_owned(), arity)).into_iter().flatten();
        let mut fitting = all.filter(|(kind, _)| !kind.rejects(first)).peekable();
        fitting.peek().is_some() && fitting.all(|(_, is_nothing)| *is_nothing)
    }

    /// The possible numbers of parameters of a function, if it exists.
    pub(crate) fn arities(&self, name: &str) -> Option<Vec<usize>> {
        self.functions.get(name).map(|arities| arities.keys().copied().collect())
    }

    /// The return type of a function.
    pub(crate) fn result(&self, name: &str, arity: usize) -> Type {
        self.functions
            .get(name)
            .and_then(|arities| arities.get(&arity))
            .cloned()
            .unwrap_or(Type::Any)
    }

    /// The type of a property of strings and lists, such as `len`.
    pub(crate) fn getter(&self, name: &str) -> Option<Type> {
        self.getters.get(name).cloned()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }
}

/// Splits the rest of a signature into the parameters and what follows them.
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
    // `Result<T, …>` or an alias that ends with `Result`.
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
        "VerdictValue" | "verdict" => Type::Verdict,
        "FixValue" | "fix" => Type::Fix,
        "ActionValue" | "action" => Type::Action,
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_parsed() {
        let natives = Natives::new(&[
            "pass() -> rolecall::rules::engine::VerdictValue".to_owned(),
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
        assert_eq!(natives.result("keys", 1), Type::list(Type::Text));
        assert_eq!(natives.getter("len"), Some(Type::Int));
        assert_eq!((natives.arities("split"), natives.arities("+")), (Some(vec![2]), None));
    }
}
