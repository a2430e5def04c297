//! Diagnostics for scripts that do not parse, and for those without a `check` that can be called.

use crate::diagnostics::{Code, Diagnostic};
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;

/// What to do about a value that AWS may leave out, for those who know it by another name.
pub(crate) const ABSENT: &str =
    "what AWS left out is `()`: ask `is_configured(x)`, or compare with `()`";

/// What the parser says.
pub(crate) fn syntax(error: &rhai::ParseError, file: &SourceFile) -> Diagnostic {
    use rhai::ParseErrorType as Error;
    let fault = file
        .fault(error.position(), text::one_line(&error.err_type().to_string(), 500))
        .code(Code::Syntax);
    match error.err_type() {
        // A few fields of AWS are named like keywords.
        rhai::ParseErrorType::Reserved(word)
            if file.text.get(..fault.span.start).is_some_and(|before| before.ends_with('.')) =>
        {
            fault.help(format!("read a field of that name as `[\"{word}\"]`, without the dot"))
        }
        rhai::ParseErrorType::VariableExpected => {
            let after = file.text.get(fault.span.start..).unwrap_or_default();
            let word = after
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .next()
                .unwrap_or_default();
            if word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                let help =
                    format!("`{word}` is a word of the language: give the variable another name");
                return fault.help(help);
            }
            fault
        }
        rhai::ParseErrorType::Reserved(word) if word == "null" || word == "nil" => {
            fault.help(ABSENT)
        }
        Error::BadInput(rhai::LexError::UnterminatedString) => {
            fault.help("a text ends with the quotes that it begins with")
        }
        Error::BadInput(rhai::LexError::MalformedChar(_)) => {
            fault.help("texts stand in double quotes: `\"…\"`")
        }
        Error::BadInput(rhai::LexError::ImproperSymbol(symbol, _)) if symbol == "===" => {
            fault.help("`==` compares")
        }
        Error::Reserved(word) => {
            let help = format!(
                "`{}` is a word of the language: give what it names another name",
                text::one_line(word, 60)
            );
            fault.help(help)
        }
        Error::WrongSwitchIntegerCase => fault.help("write single numbers before ranges"),
        Error::DuplicatedProperty(_) => fault.help("remove one of the two"),
        Error::FnDuplicatedDefinition(..) => {
            fault.help("remove one of the two, or give it another name")
        }
        Error::WrongFnDefinition => fault.help("write it beside `check`"),
        Error::WrongDocComment => fault.help(
            "the prose at the head of a rule begins its lines with `//!`, a comment with `//`",
        ),
        Error::ExprTooDeep => fault.help("split it up: `let` gives a part of it a name"),
        _ => {
            let help = elsewhere(&file.text, fault.span.start);
            fault.help(help.unwrap_or(
                "the slip can stand a little before this place: a missing bracket, comma or `;`",
            ))
        }
    }
}

/// What is written otherwise in other languages: the word at which the parser gave up, or the one
/// before it.
fn elsewhere(text: &str, at: usize) -> Option<&'static str> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let (before, after) = text.split_at_checked(at)?;
    let word = |word: &str| match word {
        "and" => Some("`&&` is and"),
        "or" => Some("`||` is or"),
        "not" => Some("`!` is not: `!x`, `!(x in list)`"),
        "elif" | "elsif" | "elseif" => Some("write `else if`"),
        _ => None,
    };
    let here = word(after.split(|c| !is_letter(c)).next().unwrap_or_default());
    let earlier = || word(before.trim_end().rsplit(|c| !is_letter(c)).next().unwrap_or_default());
    let map = || after.starts_with(':').then_some("a map is written `#{ name: value }`");
    let equal = || (after.starts_with('=') && !after.starts_with("==")).then_some("`==` compares");
    here.or_else(earlier).or_else(map).or_else(equal)
}

/// The fault of a rule that cannot be called.
pub(crate) fn no_check(ast: &rhai::AST, file: &SourceFile) -> Option<Diagnostic> {
    let functions: Vec<_> =
        ast.iter_functions().filter(|function| !function.name.starts_with("anon$")).collect();
    if functions.iter().any(|function| function.name == "check" && function.params.len() == 2) {
        return None;
    }
    let fault = |name: &str, message: &str, help: String| {
        let place = file
            .text
            .find(&format!("fn {name}"))
            .map_or(rhai::Position::new(1, 1), |at| file.position(at + 3));
        file.fault(place, message).code(Code::NoCheck).help(help)
    };
    Some(if let Some(other) = functions.iter().find(|function| function.name == "check") {
        let params = if other.params.len() == 1 {
            "1 parameter".to_owned()
        } else {
            format!("{} parameters", other.params.len())
        };
        fault(
            "check",
            &format!("`check` has {params}, not 2"),
            "write `fn check(resource, params)`".to_owned(),
        )
    } else if let Some(meant) =
        did_you_mean("check", functions.iter().map(|function| function.name))
    {
        fault(
            meant,
            "the rule has no `fn check(resource, params)`",
            format!("is `{meant}` meant to be `check`?"),
        )
    } else {
        fault(
            "check",
            "the rule has no `fn check(resource, params)`",
            "it is called with the resource and the parameters, and returns the verdict".to_owned(),
        )
    })
}
