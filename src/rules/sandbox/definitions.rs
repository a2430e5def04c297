//! Type definitions for editors: `.d.rhai` files for the Rhai language server that declare the Rhai
//! functions available in the sandbox and the helpers.

use crate::rules::helpers::{TOPICS, result_shape};
use crate::rules::language::engine::bare;
use crate::rules::language::restrictions;

/// Definition files as (name, text): the built-in functions that rules can call, and the helpers.
pub fn definitions() -> [(&'static str, String); 2] {
    [("rhai.d.rhai", builtin_definitions()), ("rolecall.d.rhai", helper_definitions())]
}

fn builtin_definitions() -> String {
    let engine = bare();
    let all = engine.definitions().with_headers(true).static_module();
    let allowed = all.split("\n\n").filter(|entry| {
        let signature = entry.lines().find_map(|line| line.strip_prefix("fn "));
        let name = signature.and_then(|signature| signature.split('(').next());
        // Names such as `index$get$` cannot be called, and the language server cannot parse the type
        // `range=`; each of these functions also exists for `range`.
        let supported = !signature.is_some_and(|signature| signature.contains("range="));
        supported
            && name.is_none_or(|name| !name.contains('$') && !restrictions::is_forbidden(name))
    });
    // The language server requires a type where Rhai declares none.
    let mut entries: Vec<String> = allowed.map(|entry| entry.replace(" -> ;", " -> ?;")).collect();
    entries.dedup();
    entries.join("\n\n") + "\n"
}

fn helper_definitions() -> String {
    let mut text = "module static;\n".to_owned();
    for topic in TOPICS {
        text += &format!("\n// {}\n", topic.title);
        for helper in topic.helpers {
            for signature in helper.signatures {
                let comment = |line: &str| format!("/// {line}").trim_end().to_owned() + "\n";
                text.push('\n');
                text.extend(helper.doc().lines().map(comment));
                text += "///\n/// # Examples\n///\n/// ```rhai\n";
                text.extend(
                    helper
                        .examples
                        .iter()
                        .map(|example| format!("/// {} // {}\n", example.call(), example.value)),
                );
                let params: Vec<String> = signature
                    .params
                    .iter()
                    .map(|param| format!("{}: {}", param.name, type_name(param.kind)))
                    .collect();
                text += &format!(
                    "/// ```\nfn {}({}) -> {};\n",
                    helper.name,
                    params.join(", "),
                    type_name(signature.returns)
                );
            }
        }
    }
    text
}

/// The language server's name for a type; unions are not supported.
fn type_name(kind: &str) -> String {
    let name = match kind.trim_end_matches('?') {
        kind if kind.contains(" or ") => "?",
        kind if result_shape(kind).is_some() => {
            let (list, name) = match kind.strip_prefix("list of ") {
                Some(item) => (true, item),
                None => (false, kind),
            };
            return if list { format!("[{name}]") } else { name.to_owned() };
        }
        kind if kind.starts_with("list") => "Array",
        kind if kind.starts_with("map") => "Map",
        "string" | "time" => "String",
        "int" => "int",
        "bool" => "bool",
        "closure" => "FnPtr",
        "verdict" => "Verdict",
        "()" => "()",
        _ => "?",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::helpers;

    #[test]
    fn definitions_are_valid_for_the_language_server() {
        for (name, text) in definitions() {
            assert!(text.starts_with("module static;\n"), "{name}");
            for line in text.lines().skip(1) {
                let known = line.is_empty()
                    || line.starts_with("//")
                    || (line.ends_with(';') && line.contains(") -> "));
                assert!(known, "{name}: {line}");
            }
        }
    }

    #[test]
    fn only_functions_that_rules_can_call_are_defined() {
        let [(_, rhai), (_, ours)] = definitions();
        for name in ["to_upper", "push", "map", "reduce", "split"] {
            assert!(rhai.contains(&format!("\nfn {name}(")), "{name}");
        }
        for name in ["print", "eval", "timestamp", "sleep", "curry", "now"] {
            assert!(!rhai.contains(&format!("\nfn {name}(")), "{name}");
        }
        for helper in helpers() {
            let count = ours.matches(&format!("\nfn {}(", helper.name)).count();
            assert_eq!(count, helper.signatures.len(), "{}", helper.name);
        }
    }
}
