//! Diagnostics for scripts with syntax errors, and for scripts without a valid `check` function.

use crate::diagnostics::{Code, Diagnostic};
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;

/// Help for names of the null value in other languages.
pub(crate) const ABSENT: &str =
    "a missing value is `()`: use `is_configured(x)`, or compare with `()`";

/// The diagnostic for a parser error.
pub(crate) fn syntax_error(error: &rhai::ParseError, file: &SourceFile) -> Diagnostic {
    use rhai::ParseErrorType as Error;
    let diagnostic = file
        .error_at(error.position(), text::one_line(&error.err_type().to_string(), 500))
        .code(Code::Syntax);
    match error.err_type() {
        // Some AWS field names are keywords.
        rhai::ParseErrorType::Reserved(word)
            if file
                .text
                .get(..diagnostic.span.start)
                .is_some_and(|before| before.ends_with('.')) =>
        {
            diagnostic.help(format!("read this field as `[\"{word}\"]`, without the dot"))
        }
        rhai::ParseErrorType::VariableExpected => {
            let after = file.text.get(diagnostic.span.start..).unwrap_or_default();
            let word = after
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .next()
                .unwrap_or_default();
            if word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                let help = format!("`{word}` is a reserved keyword: rename the variable");
                return diagnostic.help(help);
            }
            diagnostic
        }
        rhai::ParseErrorType::Reserved(word) if word == "null" || word == "nil" => {
            diagnostic.help(ABSENT)
        }
        Error::BadInput(rhai::LexError::UnterminatedString) => {
            diagnostic.help("close the string with the same quote character")
        }
        Error::BadInput(rhai::LexError::MalformedChar(_)) => {
            diagnostic.help("write strings in double quotes: `\"…\"`")
        }
        Error::BadInput(rhai::LexError::ImproperSymbol(symbol, _)) if symbol == "===" => {
            diagnostic.help("use `==` for comparison")
        }
        Error::Reserved(word) => {
            let help =
                format!("`{}` is a reserved keyword: use another name", text::one_line(word, 60));
            diagnostic.help(help)
        }
        Error::WrongSwitchCaseCondition => {
            diagnostic.help("write the condition inside the case: `_ => if … { … } else { … }`")
        }
        Error::WrongSwitchIntegerCase => diagnostic.help("put single numbers before ranges"),
        Error::DuplicatedProperty(_) => diagnostic.help("remove one of them"),
        Error::FnDuplicatedDefinition(..) => diagnostic.help("remove or rename one of them"),
        Error::WrongFnDefinition => {
            diagnostic.help("define the function at the top level, next to `check`")
        }
        Error::WrongDocComment => diagnostic.help(
            "start documentation lines at the top of a rule with `//!`, and comments with `//`",
        ),
        Error::MismatchedType(expected, _) if expected.contains("boolean") => diagnostic.help(
            "each side of `&&` and `||` is a condition: `x == \"a\" || x == \"b\"`, or `x in [\"a\", \"b\"]`",
        ),
        Error::VariableUndefined(name) => {
            let name = text::one_line(name, 60);
            let message = format!("unknown variable `{name}`");
            let help = "a function can access only its parameters and its own variables; to call a function, write `name(…)`";
            file.error_at(error.position(), message).code(Code::UnknownVariable).help(help)
        }
        Error::ExprTooDeep => diagnostic.help(
            "split the expression with `let`, or a long row of `else if` with `switch` or an early `return`",
        ),
        _ => {
            let help = other_language_help(&file.text, diagnostic.span.start);
            diagnostic.help(
                help.unwrap_or(
                    "look just before this position for a missing bracket, comma or `;`",
                ),
            )
        }
    }
}

/// Help for syntax of other languages at the position where parsing stopped, or just before it.
fn other_language_help(text: &str, at: usize) -> Option<&'static str> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let (before, after) = text.split_at_checked(at)?;
    let word = |word: &str| match word {
        "and" => Some("use `&&` for logical AND"),
        "or" => Some("use `||` for logical OR"),
        "not" => Some("use `!` for negation: `!x`, `!(x in list)`"),
        "elif" | "elsif" | "elseif" => Some("write `else if`"),
        "def" | "func" | "function" => Some("write a function as `fn name(x) { … }`"),
        "case" => Some("write the cases of `switch` as `value => result`"),
        "lambda" => Some("write a closure as `|x| …`"),
        _ => None,
    };
    let here = word(after.split(|c| !is_letter(c)).next().unwrap_or_default());
    let earlier = || word(before.trim_end().rsplit(|c| !is_letter(c)).next().unwrap_or_default());
    let line = before.rsplit('\n').next().unwrap_or_default();
    let statement = line.trim_start().trim_start_matches(['}', ' ']);
    let is_flow =
        ["if ", "if(", "else", "for ", "for("].iter().any(|word| statement.starts_with(word));
    let body = || {
        let goes_on = after.starts_with(is_letter) && line.trim_end().ends_with(')');
        (is_flow && !line.contains('{') && (after.starts_with(':') || goes_on))
            .then_some("write what follows in braces: `if condition { … }`")
    };
    let choice = || {
        (after.starts_with('?') || line.trim_end().ends_with('?'))
            .then_some("write `if condition { a } else { b }`, which is a value")
    };
    let list = || {
        let open = line.rfind('(').and_then(|at| line.get(..at)).unwrap_or_default();
        (after.starts_with(',') && open.trim_end().ends_with(" in"))
            .then_some("write a list in square brackets: `x in [\"a\", \"b\"]`")
    };
    let formatted = || {
        let is_f = line.ends_with('f') && !line.trim_end_matches('f').ends_with(is_letter);
        (is_f && after.starts_with('"'))
            .then_some("write a string with values in backticks: `… ${x} …`")
    };
    let arrow = || after.starts_with("=>").then_some("write a closure as `|x| …`");
    let map = || after.starts_with(':').then_some("write a map as `#{ name: value }`");
    let in_map = line.rsplit_once("#{").is_some_and(|(_, entries)| !entries.contains('}'));
    let equal = || {
        (after.starts_with('=') && !after.starts_with("==")).then_some(match in_map {
            true => "write a map as `#{ name: value }`",
            false => "use `==` for comparison",
        })
    };
    let unequal = || {
        let is_unequal = before.ends_with('<') && after.starts_with('>');
        is_unequal.then_some("use `!=` for \"not equal\"")
    };
    let increment = || after.starts_with("++").then_some("write `x += 1`");
    let quotes = || {
        let is_quote = after.starts_with(['“', '”', '„', '‘', '’']);
        is_quote.then_some("write strings in straight double quotes: `\"…\"`")
    };
    let hidden = || {
        let looks_blank = |c: char| {
            !c.is_ascii()
                && (c.is_whitespace()
                    || ('\u{200b}'..='\u{200f}').contains(&c)
                    || c == '\u{feff}'
                    || c == '\u{2060}')
        };
        after.starts_with(looks_blank).then_some(
            "delete this character, which is invisible or looks like a space, and type a space if one is needed",
        )
    };
    here.or_else(earlier)
        .or_else(body)
        .or_else(choice)
        .or_else(list)
        .or_else(formatted)
        .or_else(arrow)
        .or_else(map)
        .or_else(equal)
        .or_else(unequal)
        .or_else(increment)
        .or_else(quotes)
        .or_else(hidden)
}

/// The diagnostic for a rule without a valid `check` function.
pub(crate) fn missing_check(ast: &rhai::AST, file: &SourceFile) -> Option<Diagnostic> {
    let functions: Vec<_> =
        ast.iter_functions().filter(|function| !function.name.starts_with("anon$")).collect();
    if functions.iter().any(|function| function.name == "check" && function.params.len() == 2) {
        return None;
    }
    let error = |name: &str, message: &str, help: String| {
        let place = file
            .text
            .find(&format!("fn {name}"))
            .map_or(rhai::Position::new(1, 1), |at| file.position(at + 3));
        file.error_at(place, message).code(Code::MissingCheck).help(help)
    };
    Some(if let Some(other) = functions.iter().find(|function| function.name == "check") {
        error(
            "check",
            &format!("`check` must have 2 parameters, not {}", other.params.len()),
            "write `fn check(resource, params)`".to_owned(),
        )
    } else if let Some(meant) =
        did_you_mean("check", functions.iter().map(|function| function.name))
    {
        error(meant, "missing function `check`", format!("rename `{meant}` to `check`"))
    } else {
        error(
            "check",
            "missing function `check`",
            "add `fn check(resource, params) { … }`, which returns the verdict".to_owned(),
        )
    })
}

/// The diagnostic for a function `fix` that the metadata does not declare, or the other way round.
/// `declared` is the position of the key `fix`.
pub(crate) fn wrong_fix(
    ast: &rhai::AST,
    file: &SourceFile,
    declared: Option<rhai::Position>,
) -> Option<Diagnostic> {
    let function = ast.iter_functions().find(|function| function.name == "fix");
    let at_function = || {
        let at = file.text.find("fn fix").map_or(0, |at| at + 3);
        file.position(at)
    };
    let (place, message, help) = match (function, declared) {
        (None, None) => return None,
        (Some(function), _) if function.params.len() != 2 => (
            at_function(),
            format!("`fix` must have 2 parameters, not {}", function.params.len()),
            "write `fn fix(resource, params)`",
        ),
        (Some(_), Some(_)) => return None,
        (Some(_), None) => (
            at_function(),
            "the function `fix` is not declared".to_owned(),
            "add `fix: #{ most: \"safe\" }` to `RULE`, with the most automatic class that it returns",
        ),
        (None, Some(position)) => (
            position,
            "missing function `fix`".to_owned(),
            "add `fn fix(resource, params) { … }`, or remove `fix` from `RULE`",
        ),
    };
    Some(file.error_at(place, message).code(Code::MissingFix).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::language::engine::parser;

    #[test]
    fn syntax_of_other_languages_has_help() {
        for (body, help) in [
            ("if x == 1: return 2;", "in braces"),
            ("if (x == 1) return 2; 3", "in braces"),
            ("let a = x == 3 ? 1 : 2; a", "`if condition { a } else { b }`"),
            ("x in (\"a\", \"b\")", "in square brackets"),
            ("f(f\"x {x}\")", "in backticks"),
            ("x == \"a\" || \"b\"", "each side of `&&` and `||` is a condition"),
            ("x.some(g => g == 1)", "`|x| …`"),
            ("#{ a: 1, b: { c: 2 } }", "write a map as"),
            ("if x = 1 { 2 }", "use `==`"),
            ("let m = #{ a = 1 }; m", "write a map as"),
            ("if x <> 1 { 2 }", "use `!=`"),
            ("let a = 1; a++; a", "`x += 1`"),
            ("def f(x) { x }", "`fn name(x) { … }`"),
            ("switch x { case 1: 2 }", "`value => result`"),
            ("x.some(lambda x: x)", "`|x| …`"),
            ("x == “a”", "straight double quotes"),
            ("x == 1\u{a0}|| y", "invisible or looks like a space"),
            ("x\u{200b} == 1", "invisible or looks like a space"),
            ("f(1 2)", "just before this position"),
        ] {
            let text = format!("fn check(x, params) {{\n    {body}\n}}\n");
            let error = parser().compile(&text).unwrap_err();
            let file = SourceFile { name: "test.rhai".to_owned(), text: text.as_str().into() };
            let found = syntax_error(&error, &file).help.unwrap_or_default();
            assert!(found.contains(help), "{body}: {found}");
        }
    }
}
