//! What the engine reports, in our words: what is wrong, with which value of the script, and what to
//! do. No sentence of the engine reaches a user.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rhai::{AST, Engine, EvalAltResult, Position};

use super::operands::{Operands, operands_at, operands_of_in, owner_of, text_at};
use crate::model::{series, text};
use crate::rules::helpers::{self, floats, unknown_function};
use crate::rules::language::engine::{MAX_CALLS, bare};
use crate::rules::language::restrictions;
use crate::rules::values::json::script_type;

/// The longest value or name in a message.
const MAX_SHOWN: usize = 100;

const NOT_SORTABLE: &str =
    "the items of this list have no order: sort numbers or strings, or pass a closure to `sort`";

/// The message for an error of the engine other than an interrupt. `position`: of the error.
pub(super) fn explain(
    error: &EvalAltResult,
    position: Position,
    engine: &Engine,
    ast: &AST,
) -> String {
    match error {
        EvalAltResult::ErrorFunctionNotFound(call, _) => not_found(call, position, engine, ast),
        EvalAltResult::ErrorDotExpr(found, _) => property(found, position, ast),
        EvalAltResult::ErrorMismatchDataType(expected, found, _)
        | EvalAltResult::ErrorMismatchOutputType(expected, found, _) => {
            mismatch(expected, found, position, ast)
        }
        EvalAltResult::ErrorIndexingType(found, _) => indexing(found),
        EvalAltResult::ErrorVariableNotFound(name, _) => format!(
            "unknown variable `{}`: a function can access only its parameters and its own variables",
            shown(name)
        ),
        EvalAltResult::ErrorPropertyNotFound(name, _) => format!(
            "this map has no key `{0}`: check `\"{0}\" in map` first",
            shown(name)
        ),
        EvalAltResult::ErrorIndexNotFound(index, _) => format!(
            "the index `{}` does not exist: check that it exists first",
            shown(&index.to_string())
        ),
        EvalAltResult::ErrorArrayBounds(length, index, _) => {
            bounds("list", "item", *length, *index)
        }
        EvalAltResult::ErrorStringBounds(length, index, _) => {
            bounds("string", "character", *length, *index)
        }
        EvalAltResult::ErrorBitFieldBounds(_, index, _) => {
            format!("cannot index int with {index}: only lists, maps, objects and strings have indexes")
        }
        EvalAltResult::ErrorFor(_) => {
            let what = text_at(ast, position).map(|text| format!("`{text}`"));
            format!(
                "cannot iterate over {}: use a list, a range or a string; if the value may be absent, write `for x in list ?? []`",
                what.as_deref().unwrap_or("this value")
            )
        }
        EvalAltResult::ErrorArithmetic(found, _) => arithmetic(found),
        EvalAltResult::ErrorDataRace(name, _) => format!(
            "the closure reads or changes `{}`, on which the method is called: use the function form, such as `filter(list, |x| …)`",
            variable_in(name)
        ),
        EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => format!(
            "`{}` cannot change a constant: declare the variable with `let` instead of `const`",
            shown(name)
        ),
        EvalAltResult::ErrorAssignmentToConstant(name, _) => format!(
            "cannot assign to the constant `{}`: declare it with `let` instead of `const`",
            shown(name)
        ),
        EvalAltResult::ErrorUnboundThis(_) => {
            "`this` is not available here: pass the value as a parameter".to_owned()
        }
        EvalAltResult::ErrorVariableExists(name, _)
        | EvalAltResult::ErrorForbiddenVariable(name, _) => {
            format!("the variable `{}` cannot be declared: use another name", shown(name))
        }
        EvalAltResult::ErrorStackOverflow(_) => format!(
            "exceeded the call depth limit of {MAX_CALLS}: use `for` or array functions instead of recursion"
        ),
        EvalAltResult::ErrorTooManyOperations(_) => {
            "exceeded the limit of operations: look up resources by a field (`related(kind, field, value)`) instead of searching in loops".to_owned()
        }
        EvalAltResult::ErrorTooManyVariables(_) => format!(
            "more than {} variables in scope at the same time: move part of the code into a function",
            engine.max_variables()
        ),
        EvalAltResult::ErrorDataTooLarge(what, _) => too_large(what, engine),
        EvalAltResult::ErrorRuntime(..) => NOT_SORTABLE.to_owned(),
        EvalAltResult::ErrorModuleNotFound(..) | EvalAltResult::ErrorInModule(..) => {
            "modules are not available: a rule must be self-contained".to_owned()
        }
        EvalAltResult::ErrorParsing(..) => {
            "the script cannot be parsed at run time: run `rolecall lint`".to_owned()
        }
        // A rule that was loaded cannot trigger these.
        _ => "the script engine stopped without a result, which is a bug in rolecall: please report it, and simplify this line to work around it".to_owned(),
    }
}

/// What is wrong with an operator on values of these types.
pub(super) fn operator(name: &str, types: [&str; 2], position: Position, ast: &AST) -> String {
    let quoted = types.map(|kind| if kind == "()" { "`()`" } else { kind });
    let Operands { shown: operands, assigns } = operands_at(ast, name, position);
    let written =
        if assigns && !name.ends_with('=') { format!("{name}=") } else { name.to_owned() };
    let what = format!("cannot apply `{written}` to {} and {}", quoted[0], quoted[1]);
    let absent: Vec<usize> = (0..2).filter(|at| types.get(*at) == Some(&"()")).collect();
    let Some(first) = absent.first() else {
        let tags = types.iter().position(|kind| *kind == "tag map");
        if let ("+" | "+=", Some(tags)) = (name, tags) {
            let tags = operands.get(tags).cloned().flatten().unwrap_or_else(|| "tags".to_owned());
            return format!(
                "{what}: `+` cannot be used with maps returned by AWS: use the keys (`{tags}.keys()`) or individual values (`{tags}.Name`)"
            );
        }
        let advice = match name {
            "+" | "+=" if types.contains(&"map") => {
                "only a map can be added to a map: write `map + #{ key: value }`"
            }
            "+" | "+=" => "use string interpolation in backticks: `${x} and ${y}`",
            "-" if types == ["string", "string"] => {
                "times are strings: use `days_between(earlier, later)` or `age_days(time)`"
            }
            "==" | "!=" => "compare values that are numbers, strings, lists or maps",
            "<" | "<=" | ">" | ">=" => "both must be numbers, or both strings",
            _ => "convert a string with `parse_int(string)`",
        };
        return format!("{what}: {advice}");
    };
    let which = operands.get(*first).cloned().flatten();
    let other = types.iter().find(|kind| **kind != "()").copied().unwrap_or("int");
    let default = match other {
        "string" => "\"\"",
        "float" => "0.0",
        "list" => "[]",
        _ => "0",
    };
    match which {
        Some(which) => format!(
            "{what}: `{which}` is absent, so check `is_configured({which})` first, or use a default (`{which} ?? {default}`)"
        ),
        None => format!(
            "{what}: a value is absent, so check `is_configured(x)` first, or use a default (`x ?? {default}`)"
        ),
    }
}

/// A call of a function or operator that does not exist for these types.
fn not_found(call: &str, position: Position, engine: &Engine, ast: &AST) -> String {
    // The engine also reports lists that it cannot sort this way.
    let Some((name, given)) = call.split_once(" (") else {
        return NOT_SORTABLE.to_owned();
    };
    let given = given.strip_suffix(')').unwrap_or(given);
    let given: Vec<&str> =
        given.split(", ").filter(|kind| !kind.is_empty()).map(script_type).collect();
    let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let absent = given.contains(&"()");
    if let ("contains", [list, ..]) = (name, given.as_slice())
        && !matches!(*list, "list" | "map" | "tag map" | "string" | "range")
    {
        let what = if *list == "()" { "`()`" } else { list };
        return format!(
            "cannot search in {what}: `in` and `contains` need a list, a map, a string or a range{}",
            if *list == "()" { "; the value is absent, so write `x in (list ?? [])`" } else { "" }
        );
    }
    if let ("contains", [within, item]) = (name, given.as_slice())
        && let Some([_, operand]) = operands_of_in(ast, position)
    {
        return not_in(within, item, operand);
    }
    if !is_word {
        return match given.as_slice() {
            [a, b] => operator(name, [a, b], position, ast),
            [one] => {
                let which = operands_at(ast, name, position).shown.into_iter().flatten().next();
                unary(name, one, which)
            }
            _ => format!("cannot apply `{}` to these values", shown(name)),
        };
    }
    let own: Vec<usize> = ast
        .iter_functions()
        .filter(|function| function.name == name)
        .map(|function| function.params.len())
        .collect();
    if own.is_empty()
        && let Some(renamed) = helpers::renamed(name)
    {
        return renamed;
    }
    let known = known_functions(engine);
    let mut arities: BTreeSet<usize> = own.iter().copied().collect();
    arities.extend(known.get(name).into_iter().flatten());
    if arities.is_empty() {
        let names = known.keys().map(String::as_str);
        let names = names.filter(|name| !restrictions::is_forbidden(name));
        let names = names.chain(ast.iter_functions().map(|function| function.name));
        let unknown = unknown_function(name, names);
        return format!("{}: {}", unknown.message, unknown.help);
    }
    if !arities.contains(&given.len()) {
        let plural = if arities.iter().eq([&1]) { "" } else { "s" };
        let numbers = arities.iter().map(ToString::to_string);
        return format!(
            "`{name}` takes {} argument{plural}, not {}",
            series(numbers, "or"),
            given.len()
        );
    }
    let advice = if absent {
        "the value may be missing, so check `is_configured(…)` first"
    } else {
        "convert the value, or use a different function"
    };
    let what = format!("`{name}` does not accept `({})`", given.join(", "));
    let Some(helper) = helpers::helpers().find(|helper| helper.name == name) else {
        return format!("{what}: {advice}");
    };
    let usage: Vec<String> = helper.usage().collect();
    let usage = match usage.as_slice() {
        // Those that the engine has, too, accept more.
        [one] if !is_of_engine(name) => format!("`{one}`"),
        _ => format!("see `rolecall helpers {name}`"),
    };
    if absent { format!("{what}: {usage}; {advice}") } else { format!("{what}: {usage}") }
}

/// `in` with a value that cannot be in a map, string or range.
fn not_in(within: &str, item: &str, operand: Option<String>) -> String {
    let shown = if item == "()" { "`()`" } else { item };
    let what = format!("cannot apply `in` to {shown} and {within}");
    if item == "()" {
        let which = operand.unwrap_or_else(|| "x".to_owned());
        return format!("{what}: `{which}` is absent, so check `is_configured({which})` first");
    }
    let needed = match within {
        "range" => "a range can contain only ints",
        "string" => "a string can contain only strings",
        _ => "the keys of a map are strings",
    };
    format!("{what}: {needed}")
}

fn unary(name: &str, kind: &str, which: Option<String>) -> String {
    if kind != "()" {
        let expected = if name == "!" { "bool" } else { "number" };
        return format!("cannot apply `{name}` to {kind}: expected {expected}");
    }
    let which = which.unwrap_or_else(|| "x".to_owned());
    let instead = if name == "!" {
        format!("write `{which} != true`, which is also `true` if the value is absent")
    } else {
        format!("check `is_configured({which})` first")
    };
    format!("cannot apply `{name}` to `()`: `{which}` is absent, so {instead}")
}

/// Whether the engine itself has a function with this name.
fn is_of_engine(name: &str) -> bool {
    static OWN: OnceLock<BTreeMap<String, BTreeSet<usize>>> = OnceLock::new();
    OWN.get_or_init(|| functions(&bare())).contains_key(name)
}

/// The functions that a script can call by name, with their numbers of parameters.
fn known_functions(engine: &Engine) -> &'static BTreeMap<String, BTreeSet<usize>> {
    static KNOWN: OnceLock<BTreeMap<String, BTreeSet<usize>>> = OnceLock::new();
    KNOWN.get_or_init(|| functions(engine))
}

fn functions(engine: &Engine) -> BTreeMap<String, BTreeSet<usize>> {
    let mut known: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for signature in engine.gen_fn_signatures(true) {
        let Some((name, rest)) = signature.split_once('(') else { continue };
        let params = rest.split_once(") ->").map_or(rest.trim_end_matches(')'), |(p, _)| p);
        let count = if params.trim().is_empty() { 0 } else { params.split(", ").count() };
        if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            known.entry(name.to_owned()).or_default().insert(count);
        }
    }
    known.entry("type_of".to_owned()).or_default().insert(1);
    known
}

/// `Unknown property 'x' - a getter is not registered for type '()'`.
fn property(found: &str, position: Position, ast: &AST) -> String {
    let mut quoted = found.split('\'').skip(1).step_by(2);
    let name = shown(quoted.next().unwrap_or("?"));
    let kind = script_type(quoted.next().unwrap_or("?"));
    if found.contains("setter") {
        return format!(
            "cannot change `{name}`: facts are read-only; create maps as literals `#{{ … }}`, and lists with `+=` or `map`"
        );
    }
    if kind != "()" {
        let hint = match kind {
            "list" => "access its items: `for x in list`, `list.filter(|x| …)` or `list[0]`",
            _ => "values of this type have no fields",
        };
        return format!("{kind} has no field `{name}`: {hint}");
    }
    match owner_of(ast, &name, position) {
        Some(owner) => format!(
            "cannot read `{name}` of `()`: `{owner}` is absent, so check `is_configured({owner})` first"
        ),
        None => format!(
            "cannot read `{name}` of `()`: the value is absent, so check `is_configured(x)` first"
        ),
    }
}

fn mismatch(expected: &str, found: &str, position: Position, ast: &AST) -> String {
    let (expected, found) = (script_type(expected), script_type(found));
    let which = text_at(ast, position);
    if found != "()" {
        let advice = match (expected, found) {
            ("bool", "list") => ": use `!list.is_empty()` or `list.some(|x| …)`",
            ("bool", "string") => {
                ": compare it (`string == \"…\"`); to check whether it is set, use `is_configured(x)`"
            }
            ("bool", "int" | "float") => ": compare it (`number > 0`)",
            ("bool", _) => ": to check whether it is set, use `is_configured(x)`",
            _ => ": convert the value, or use a different one",
        };
        return format!("expected {expected}, found {found}{advice}");
    }
    match (expected, which) {
        ("bool", Some(which)) => format!(
            "expected bool, found `()`: `{which}` is absent, so write `{which} == true`, or check `is_configured({which})` first"
        ),
        ("bool", None) => {
            "expected bool, found `()`: the value is absent, so write `x == true`, or check `is_configured(x)` first".to_owned()
        }
        (_, Some(which)) => format!(
            "expected {expected}, found `()`: `{which}` is absent, so check `is_configured({which})` first"
        ),
        (_, None) => format!(
            "expected {expected}, found `()`: the value is absent, so check `is_configured(x)` first"
        ),
    }
}

/// `i64 [bool]`, or `array [()] = …`.
fn indexing(found: &str) -> String {
    let (base, rest) = found.split_once(" [").unwrap_or((found, ""));
    let index = rest.rsplit_once(']').map_or(rest, |(index, _)| index);
    let index = index.split("] = ").next().unwrap_or(index);
    let (base, index) = (script_type(base), script_type(index));
    let shown = |kind| if kind == "()" { "`()`" } else { kind };
    let advice = match (base, index) {
        ("()", _) => "the value is absent, so check `is_configured(x)` first",
        (_, "()") => "the index is absent, so check `is_configured(x)` first",
        ("list", _) => "use an int: `list[0]`; find an item with `list.find(|x| …)`",
        ("map" | "tag map", _) => "map keys are strings: `map[\"key\"]`",
        ("object", _) => "use a field name: `object.field`",
        _ => "only lists, maps, objects and strings have indexes",
    };
    format!("cannot index {} with {}: {advice}", shown(base), shown(index))
}

fn bounds(what: &str, item: &str, length: usize, index: i64) -> String {
    let plural = if length == 1 { "" } else { "s" };
    format!(
        "the {what} has {length} {item}{plural}, so index {index} does not exist: check `len()` first"
    )
}

fn arithmetic(found: &str) -> String {
    let (what, of) = found.split_once(": ").unwrap_or((found, ""));
    let of = if of.is_empty() { String::new() } else { format!(" in `{}`", shown(of)) };
    let first_quoted = || shown(found.split('\'').nth(1).unwrap_or_default());
    if what.starts_with("Error parsing integer") {
        return format!(
            "`{}` is not a valid int: check that the string is a number before you convert it",
            first_quoted()
        );
    }
    if what.starts_with("Error parsing") {
        return format!("`{}` is not a valid number: check the string first", first_quoted());
    }
    match what {
        "Division by zero" => format!("division by zero{of}: check that the divisor is not 0"),
        "Modulo division by zero or overflow" => {
            format!("cannot calculate the remainder{of}: check that the divisor is not 0")
        }
        "Integer raised to a negative power" => {
            format!("negative exponent of an int{of}: use a float, such as `2.0`")
        }
        floats::NO_RESULT => format!("undefined result{of}: check the numbers first"),
        floats::TOO_LARGE => {
            format!("the result is too large for a float{of}: use smaller numbers")
        }
        "Invalid radix" => {
            format!("`{}` is not a valid number base: use a base from 2 to 36", first_quoted())
        }
        "step value cannot be zero" => {
            "the step of a range cannot be 0: use a different step".to_owned()
        }
        what if what.to_ascii_lowercase().contains("overflow") => {
            format!("the result is too large for an int{of}: use smaller numbers, or floats")
        }
        _ => format!("undefined result{of}: check the numbers first"),
    }
}

fn too_large(what: &str, engine: &Engine) -> String {
    let (what, limit, unit) = if what.contains("string") {
        ("strings are", engine.max_string_size(), "bytes")
    } else if what.contains("map") {
        ("maps are", engine.max_map_size(), "entries")
    } else {
        ("list is", engine.max_array_size(), "items")
    };
    format!(
        "the {what} too large: at most {limit} {unit} are allowed; keep only what the verdict needs"
    )
}

/// The variable in the description of a data race, such as `list` or `argument #1 of function 'f'`.
fn variable_in(found: &str) -> String {
    shown(found.split('\'').nth(1).unwrap_or(found))
}

fn shown(value: &str) -> String {
    text::one_line(value, MAX_SHOWN)
}
