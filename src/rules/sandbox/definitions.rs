//! Functions for editors: definition files (`.d.rhai`) of the Rhai language server, for what the
//! sandbox has of Rhai and for helpers.

use crate::rules::helpers::TOPICS;
use crate::rules::language::engine::bare;
use crate::rules::language::restrictions;

/// Definition files as (name, text): Rhai's own functions as far as rules may call them, and
/// helpers.
pub fn definitions() -> [(&'static str, String); 2] {
    [("rhai.d.rhai", rhai()), ("rolecall.d.rhai", ours())]
}

fn rhai() -> String {
    let engine = bare();
    let all = engine.definitions().with_headers(true).static_module();
    let allowed = all.split("\n\n").filter(|entry| {
        let signature = entry.lines().find_map(|line| line.strip_prefix("fn "));
        let name = signature.and_then(|signature| signature.split('(').next());
        // `index$get$` and the like have no name that could be written, and `range=` is a type that
        // the language server cannot read; each has a twin that takes a `range`.
        let plain = !signature.is_some_and(|signature| signature.contains("range="));
        plain && name.is_none_or(|name| !name.contains('$') && !restrictions::is_forbidden(name))
    });
    // Where Rhai names no type, the language server must be told so.
    let mut entries: Vec<String> = allowed.map(|entry| entry.replace(" -> ;", " -> ?;")).collect();
    entries.dedup();
    entries.join("\n\n") + "\n"
}

fn ours() -> String {
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
                    .map(|param| format!("{}: {}", param.name, word(param.kind)))
                    .collect();
                text += &format!(
                    "/// ```\nfn {}({}) -> {};\n",
                    helper.name,
                    params.join(", "),
                    word(signature.returns)
                );
            }
        }
    }
    text
}

/// The language server's word for a type of ours; it has none for alternatives.
fn word(kind: &str) -> &'static str {
    match kind.trim_end_matches('?') {
        kind if kind.contains(" or ") => "?",
        kind if kind.starts_with("list") => "Array",
        kind if kind.starts_with("map") => "Map",
        "string" | "time" => "String",
        "int" => "int",
        "bool" => "bool",
        "closure" => "FnPtr",
        "verdict" => "Verdict",
        "()" => "()",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::helpers;

    #[test]
    fn every_line_is_one_that_the_language_server_knows() {
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
    fn what_rules_may_call_is_there_and_what_they_may_not_is_not() {
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
