//! Cases of a `switch` that can never be taken: their values are of another type than what is
//! switched on. The engine keeps hashes of the values only, so the values are looked for in the
//! text and known again by their hashes.

use std::sync::LazyLock;

use regex::Regex;
use rhai::{Position, Stmt, SwitchCasesCollection};

use super::infer::Infer;
use super::value::Type;
use crate::diagnostics::Code;
use crate::rules::language::engine::parser;

/// A literal of which a case can begin.
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literal = r#"(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)')|(?<bool>\b(?:true|false)\b)|(?<range>-?\b[0-9][0-9_]*\s*\.\.=?\s*-?[0-9][0-9_]*\b)|(?<number>-?\b[0-9][0-9_]*(?:\.[0-9]+)?\b)"#;
    Regex::new(&format!(r"(?:{literal})\s*(?:=>|\||if\b)")).ok()
});

impl Infer<'_> {
    /// The cases of a `switch` on that field are values that it can have.
    pub(crate) fn field_must_match(
        &mut self,
        field: Option<&str>,
        cases: &SwitchCasesCollection,
        position: Position,
    ) {
        let (true, Some(_), Some(pattern)) = (self.emit, field, LITERAL.as_ref()) else { return };
        let (file, start) = (self.file, self.file.offset(position));
        for found in pattern.captures_iter(file.text.get(start..).unwrap_or_default()) {
            let Some(literal) = found.name("text") else { continue };
            if key_of(literal.as_str()).is_some_and(|key| is_of(cases, &key)) {
                let written = literal.as_str().trim_matches(['"', '\'']);
                self.must_be_sent(field, written, file.position(start + literal.start()));
            }
        }
    }

    /// The cases of a `switch` on such a value can be taken.
    pub(crate) fn must_match(
        &mut self,
        value: &Type,
        cases: &SwitchCasesCollection,
        position: Position,
    ) {
        let (true, Some(word), Some(pattern)) = (self.emit, value.word(), LITERAL.as_ref()) else {
            return;
        };
        let start = self.file.offset(position);
        let file = self.file;
        let mut told: Vec<CaseKey> = Vec::new();
        for found in pattern.captures_iter(file.text.get(start..).unwrap_or_default()) {
            let literal = ["text", "bool", "range", "number"]
                .into_iter()
                .find_map(|name| Some((name, found.name(name)?)));
            let Some((name, literal)) = literal else { continue };
            let of = match name {
                "text" => Type::Text,
                "bool" => Type::Bool,
                _ => Type::Int,
            };
            let Some(other) = of.word().filter(|other| *other != word) else { continue };
            let Some(key) = key_of(literal.as_str()) else { continue };
            if is_of(cases, &key) && !told.contains(&key) {
                told.push(key);
                let message =
                    format!("{word} is switched on, and this case is {other}: it is never taken");
                let place = file.position(start + literal.start());
                self.fault(
                    Code::NeverEqual,
                    place,
                    message,
                    Some("compare values of one type".to_owned()),
                );
            }
        }
    }
}

/// By which the engine knows a case.
#[derive(PartialEq)]
enum CaseKey {
    Hash(u64),
    Range(String),
}

fn is_of(cases: &SwitchCasesCollection, key: &CaseKey) -> bool {
    match key {
        CaseKey::Hash(hash) => cases.cases.contains_key(hash),
        CaseKey::Range(range) => cases.ranges.iter().any(|case| shown(case) == *range),
    }
}

/// A range without what it leads to.
fn shown(case: &impl std::fmt::Debug) -> String {
    format!("{case:?}").split("=>").next().unwrap_or_default().trim().to_owned()
}

fn key_of(literal: &str) -> Option<CaseKey> {
    let ast = parser().compile(format!("switch 0 {{ {literal} => 0 }}")).ok()?;
    match ast.statements() {
        [Stmt::Switch(switch, _)] => {
            let hash = switch.1.cases.keys().next().copied().map(CaseKey::Hash);
            hash.or_else(|| switch.1.ranges.first().map(|case| CaseKey::Range(shown(case))))
        }
        _ => None,
    }
}
