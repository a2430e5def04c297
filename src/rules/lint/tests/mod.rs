//! Valid rules have no diagnostics, and one typo causes one diagnostic with its code, position and
//! suggestion.

mod checks;
mod fields;
mod names;
mod paths;
mod values;
mod whole;

use std::fmt::Write;

use proptest::prelude::*;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Code, Diagnostic, ExampleKind};
use crate::facts::{FieldType, KINDS, Scope};
use crate::rules::cases::without_rule;
use crate::rules::helpers::table::ResultShape;
use crate::rules::helpers::{self, LOOK_UPS};
use crate::rules::language::engine::STACK_SIZE;
use crate::rules::language::restrictions;
use crate::rules::language::source::SourceFile;
use crate::rules::lint::files::{Files, Known, PackFile, cases_of};
use crate::rules::lint::linter::{Linter, lint};
use crate::rules::pack::files::{built_in_files, is_rule};

const PROSE: &str = "//! Something is wrong.\n//!\n//! ## Why it matters\n//! It does.\n//!\n//! ## How to fix it\n//! Do it.\n//!\n\
     //! ## References\n//! - https://docs.aws.amazon.com/\n\n";
const CASES: &str =
    r#"[{"name":"good","expect":"pass","facts":{}},{"name":"bad","expect":"fail","facts":{}}]"#;

/// The same for a rule whose `fix` returns `by_hand(…)`.
const FIX_CASES: &str = r#"[{"name":"good","expect":"pass","facts":{}},{"name":"bad","expect":"fail","facts":{},"fix":{"class":"by_hand"}}]"#;

fn source(name: &str, text: &str) -> SourceFile {
    SourceFile { name: name.to_owned(), text: text.into() }
}

/// A pack with one rule.
fn pack(name: &str, rule: &str, cases: Option<&str>) -> Files {
    let mut files = Files {
        rules: Vec::new(),
        cases: BTreeMap::new(),
        frameworks: Vec::new(),
        known: Known::default(),
    };
    files.rules.push(PackFile { path: name.to_owned(), file: source(name, rule) });
    files.cases.extend(cases.map(|text| (name.to_owned(), source("rule.cases.json", text))));
    files
}

fn lint_rule(linter: &Linter, rule: &str) -> Vec<Diagnostic> {
    linter.pack(&pack("group-is-open.rhai", rule, Some(CASES))).diagnostics
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(false) + "\n").collect()
}

#[test]
fn examples_of_codes_have_exactly_the_documented_error() {
    let linter = Linter::new();
    let standard = "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\n\
         fn check(group, params) { if group.group_name == \"default\" { fail(\"default\") } else { pass() } }\n";
    let lint = |code: Code, example: &str, right: bool| {
        let cases = |text: &str| if text.contains("fn fix(") { FIX_CASES } else { CASES };
        let rule = |text: &str| pack("group-is-open.rhai", text, Some(cases(text)));
        let body = "const RULE = #{ title: \"Group is open\", resource: \"ec2.security_group\", severity: \"high\" };\n\n";
        let files = match code.example_kind() {
            ExampleKind::File => rule(example),
            ExampleKind::Rule => rule(&format!("{PROSE}{example}\n")),
            ExampleKind::Body => {
                rule(&format!("{PROSE}{body}fn check(group, params) {{\n{example}\n}}\n"))
            }
            ExampleKind::Name => {
                let name = example.split(',').next().unwrap();
                let cases = (right || code != Code::MissingCases).then_some(CASES);
                pack(name, &format!("{PROSE}{standard}"), cases)
            }
            ExampleKind::Cases => {
                pack("group-is-open.rhai", &format!("{PROSE}{standard}"), Some(example))
            }
            ExampleKind::FixCases => {
                let rule = Code::MissingFix.right();
                pack("group-is-open.rhai", &format!("{PROSE}{rule}\n"), Some(example))
            }
            ExampleKind::Framework => {
                let mut files = rule(&format!("{PROSE}{standard}"));
                files.frameworks.push(PackFile {
                    path: "frameworks/cis.toml".to_owned(),
                    file: source("cis.toml", example),
                });
                files
            }
        };
        linter.pack(&files).diagnostics
    };
    let lint = |code: Code, example: &str, right: bool| match code {
        Code::CasesWithoutRule => {
            let dir = tempfile::tempdir().unwrap();
            for name in example.split(", ") {
                std::fs::write(dir.path().join(name), "").unwrap();
            }
            without_rule(&[dir.path().to_owned()]).unwrap()
        }
        _ => lint(code, example, right),
    };
    for code in Code::ALL {
        let wrong = lint(*code, code.wrong(), false);
        assert!(
            !wrong.is_empty() && wrong.iter().all(|diagnostic| diagnostic.code == Some(*code)),
            "{code:?}\n{}",
            shown(&wrong)
        );
        assert_eq!(wrong.len(), 1, "{code:?}\n{}", shown(&wrong));
        let right = lint(*code, code.right(), true);
        assert!(right.is_empty(), "{code:?}: the corrected example has errors\n{}", shown(&right));
    }
}

fn with_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).unwrap().join().unwrap();
}

fn head(needs: &str) -> String {
    format!(
        "const RULE = #{{ title: \"T\", resource: \"ec2.security_group\", severity: \"low\", needs: [{needs}] }};"
    )
}

/// Fields whose names are keywords are read in brackets.
fn path(base: &str, field: &str) -> String {
    if field == "public" { format!("{base}?[\"{field}\"]") } else { format!("{base}?.{field}") }
}

/// A typo that is not another field: the second letter is doubled.
fn typo(name: &str) -> String {
    let second = name.chars().nth(1).unwrap();
    name.replacen(second, &format!("{second}{second}"), 1)
}
