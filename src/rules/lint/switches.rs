//! Cases of a `switch` that never match, because their values have a different type than the switch
//! value. The engine keeps only hashes of case values, so literals in the source are matched with
//! cases by their hashes.

use std::sync::LazyLock;

use regex::Regex;
use rhai::{Position, Stmt, SwitchCasesCollection};

use super::infer::Infer;
use super::origin::Origin;
use super::value::Type;
use crate::diagnostics::Code;
use crate::rules::language::engine::parser;

/// A literal that can start a case.
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literal = r#"(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)')|(?<bool>\b(?:true|false)\b)|(?<range>-?\b[0-9][0-9_]*\s*\.\.=?\s*-?[0-9][0-9_]*\b)|(?<number>-?\b[0-9][0-9_]*(?:\.[0-9]+)?\b)"#;
    Regex::new(&format!(r"(?:{literal})\s*(?:=>|\||if\b)")).ok()
});

impl Infer<'_> {
    /// Checks that the cases of a `switch` on a field are values that the field can have.
    pub(crate) fn check_case_values(
        &mut self,
        field: Option<&Origin>,
        cases: &SwitchCasesCollection,
        position: Position,
    ) {
        let (true, Some(_), Some(pattern)) = (self.emit, field, LITERAL.as_ref()) else { return };
        let (file, start) = (self.file, self.file.offset(position));
        for captures in pattern.captures_iter(file.text.get(start..).unwrap_or_default()) {
            let Some(literal) = captures.name("text") else { continue };
            if key_of(literal.as_str()).is_some_and(|key| is_of(cases, &key)) {
                let written = literal.as_str().trim_matches(['"', '\'']);
                self.check_field_value(field, written, file.position(start + literal.start()));
            }
        }
    }

    /// Checks that the cases of a `switch` have the type of its value.
    pub(crate) fn check_case_types(
        &mut self,
        value: &Type,
        cases: &SwitchCasesCollection,
        position: Position,
    ) {
        let (true, Some(pattern)) = (self.emit, LITERAL.as_ref()) else { return };
        let start = self.file.offset(position);
        let file = self.file;
        let mut reported: Vec<CaseKey> = Vec::new();
        for captures in pattern.captures_iter(file.text.get(start..).unwrap_or_default()) {
            let literal = ["text", "bool", "range", "number"]
                .into_iter()
                .find_map(|name| Some((name, captures.name(name)?)));
            let Some((name, literal)) = literal else { continue };
            let case = match name {
                "text" => Type::Text,
                "bool" => Type::Bool,
                _ => Type::Int,
            };
            let Some((expected, found)) = value.mismatch(&case) else { continue };
            let Some(key) = key_of(literal.as_str()) else { continue };
            if is_of(cases, &key) && !reported.contains(&key) {
                reported.push(key);
                let message =
                    format!("expected {expected}, found {found}: this case never matches");
                let place = file.position(start + literal.start());
                self.report(
                    Code::NeverEqual,
                    place,
                    message,
                    Some("use values of the same type as the `switch` value".to_owned()),
                );
            }
        }
    }
}

/// The engine's key of a case.
#[derive(PartialEq)]
enum CaseKey {
    Hash(u64),
    Range(String),
}

fn is_of(cases: &SwitchCasesCollection, key: &CaseKey) -> bool {
    match key {
        CaseKey::Hash(hash) => cases.cases.contains_key(hash),
        CaseKey::Range(range) => cases.ranges.iter().any(|case| range_text(case) == *range),
    }
}

/// Whether one of the cases is `()`.
pub(super) fn has_nil_case(cases: &SwitchCasesCollection) -> bool {
    key_of("()").is_some_and(|key| is_of(cases, &key))
}

/// The range of a case, without its index.
fn range_text(case: &impl std::fmt::Debug) -> String {
    format!("{case:?}").split("=>").next().unwrap_or_default().trim().to_owned()
}

fn key_of(literal: &str) -> Option<CaseKey> {
    let ast = parser().compile(format!("switch 0 {{ {literal} => 0 }}")).ok()?;
    match ast.statements() {
        [Stmt::Switch(switch, _)] => {
            let hash = switch.1.cases.keys().next().copied().map(CaseKey::Hash);
            hash.or_else(|| switch.1.ranges.first().map(|case| CaseKey::Range(range_text(case))))
        }
        _ => None,
    }
}
