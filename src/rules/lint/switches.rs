//! Cases of a `switch` that never match: their values have a different type than the switch value,
//! or were cases before. The engine keeps only hashes of case values, so literals in the source are
//! matched with cases by their hashes.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use rhai::{Engine, Position, Stmt, SwitchCasesCollection};

use super::infer::Infer;
use super::origin::Origin;
use super::switch_text::{LiteralKind, literals};
use super::value::Type;
use super::work;
use crate::diagnostics::Code;
use crate::model::text;
use crate::rules::language::engine::parser;

impl Infer<'_> {
    /// Checks the cases of a `switch`: that they have the type of its value, are values that its
    /// field can have, and are not repeated.
    pub(crate) fn check_cases(
        &mut self,
        (value, field): (&Type, Option<&Origin>),
        cases: &SwitchCasesCollection,
        position: Position,
    ) {
        if !self.emit {
            return;
        }
        let file = self.file;
        let mut reported: HashSet<CaseKey> = HashSet::new();
        let mut before: HashSet<CaseKey> = HashSet::new();
        for literal in literals(&file.text, file.offset(position)) {
            let case = match literal.kind {
                LiteralKind::Text => Type::Text,
                LiteralKind::Bool => Type::Bool,
                LiteralKind::Range | LiteralKind::Number => Type::Int,
            };
            let mismatch = value.mismatch(&case);
            let is_value = field.is_some() && literal.kind == LiteralKind::Text;
            let Some(key) = key_of(literal.text).filter(|key| is_of(cases, key)) else { continue };
            if before.contains(&key) {
                let place = file.position(literal.start);
                let message = format!(
                    "this case is never reached: an earlier case already matches `{}`",
                    text::one_line(literal.text, 60)
                );
                let help = "remove it, or write another value".to_owned();
                self.report(Code::Unreachable, place, message, Some(help));
            } else if !literal.has_condition {
                before.insert(key.clone());
            }
            if mismatch.is_none() && !is_value {
                continue;
            }
            let place = file.position(literal.start);
            if is_value {
                let written = literal.text.trim_matches(['"', '\'']);
                self.check_field_value(field, written, place);
            }
            if let Some((expected, found)) = mismatch
                && reported.insert(key)
            {
                let message =
                    format!("expected {expected}, found {found}: this case never matches");
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
#[derive(Clone, PartialEq, Eq, Hash)]
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

/// How many keys are remembered.
const MAX_KEYS: usize = 4_096;

thread_local! {
    static PARSER: Engine = parser();
    static KEYS: RefCell<HashMap<String, Option<CaseKey>>> = RefCell::default();
}

fn key_of(literal: &str) -> Option<CaseKey> {
    KEYS.with_borrow_mut(|keys| {
        if let Some(known) = keys.get(literal) {
            return known.clone();
        }
        if keys.len() >= MAX_KEYS {
            keys.clear();
        }
        let key = parsed_key(literal);
        keys.insert(literal.to_owned(), key.clone());
        key
    })
}

fn parsed_key(literal: &str) -> Option<CaseKey> {
    work::step();
    let source = format!("switch 0 {{ {literal} => 0 }}");
    let ast = PARSER.with(|parser| parser.compile(source)).ok()?;
    match ast.statements() {
        [Stmt::Switch(switch, _)] => {
            let hash = switch.1.cases.keys().next().copied().map(CaseKey::Hash);
            hash.or_else(|| switch.1.ranges.first().map(|case| CaseKey::Range(range_text(case))))
        }
        _ => None,
    }
}
