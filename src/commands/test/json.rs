//! Test results for programs.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::run::{Outcome, Tested};
use crate::diagnostics::Diagnostic;
use crate::model::Verdict;
use crate::rules::Read;
use crate::rules::cases::{CaseResult, Difference, RuleTestResult};

#[derive(Serialize)]
struct Document<'a> {
    rules: Vec<Rule<'a>>,
    /// Test case files without their rule, if there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without_rule: Vec<&'a str>,
}

#[derive(Serialize)]
struct Rule<'a> {
    rule: &'a str,
    file: &'a str,
    cases_file: &'a str,
    /// Whether every case passes, none is missing, and, if requested, every statement is covered.
    clean: bool,
    cases: Vec<Case<'a>>,
    /// What the cases are missing as a whole, or why they cannot be read.
    complaints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage<'a>>,
}

#[derive(Serialize)]
struct Case<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
    line: usize,
    expected: Verdict,
    as_expected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Different<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Different<'a> {
    Mistake {
        mistake: String,
        help: Option<&'a str>,
    },
    RuleOutcome {
        got: Verdict,
        message: &'a str,
        expected_message: Option<&'a str>,
        evidence: &'a [Value],
        reads: &'a [Read],
        reads_left_out: usize,
    },
    Fix {
        fix: FixDifferent<'a>,
    },
}

/// How the fix differs, in words.
#[derive(Serialize)]
struct FixDifferent<'a> {
    expected: Vec<String>,
    got: Vec<String>,
    evidence: &'a [Value],
    reads: &'a [Read],
    reads_left_out: usize,
}

#[derive(Serialize)]
struct Coverage<'a> {
    statements: usize,
    reached: usize,
    missed: Vec<Missed<'a>>,
}

#[derive(Serialize)]
struct Missed<'a> {
    line: usize,
    column: usize,
    statements: usize,
    source: &'a str,
}

/// Writes the results.
pub(crate) fn write(
    tested: &[Tested],
    orphans: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        rules: tested.iter().map(rule).collect(),
        without_rule: orphans.iter().map(|orphan| orphan.file.as_str()).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn rule(tested: &Tested) -> Rule<'_> {
    let (clean, ran, complaints) = match &tested.outcome {
        Outcome::Ran(outcome) => (outcome.is_clean(), Some(outcome), outcome.complaints.clone()),
        Outcome::NoCases => (false, None, vec!["the rule has no test cases".to_owned()]),
        Outcome::Unreadable(diagnostics) => {
            (false, None, diagnostics.iter().map(ToString::to_string).collect())
        }
    };
    Rule {
        rule: &tested.rule.id,
        file: &tested.rule.file.name,
        cases_file: &tested.cases_file,
        clean,
        cases: ran.iter().flat_map(|outcome| &outcome.cases).map(case).collect(),
        complaints,
        coverage: ran.and_then(coverage),
    }
}

fn case(outcome: &CaseResult) -> Case<'_> {
    let difference = outcome.difference.as_ref().map(|difference| match difference {
        Difference::InvalidCase(mistake) => {
            Different::Mistake { mistake: mistake.to_string(), help: mistake.help.as_deref() }
        }
        Difference::RuleOutcome { got, expected_message, reads, left_out, .. } => {
            Different::RuleOutcome {
                got: got.verdict,
                message: &got.message,
                expected_message: expected_message.as_deref(),
                evidence: &got.evidence,
                reads,
                reads_left_out: *left_out,
            }
        }
        Difference::Fix(fix) => {
            let (reads, reads_left_out) = fix.reads();
            Different::Fix {
                fix: FixDifferent {
                    expected: fix.expected(),
                    got: fix.got(),
                    evidence: fix.evidence(),
                    reads,
                    reads_left_out,
                },
            }
        }
    });
    let as_expected = difference.is_none();
    Case {
        name: &outcome.name,
        variant: outcome.variant.as_deref(),
        line: outcome.line,
        expected: outcome.expected,
        as_expected,
        difference,
    }
}

fn coverage(outcome: &RuleTestResult) -> Option<Coverage<'_>> {
    let coverage = outcome.coverage.as_ref()?;
    let missed = coverage.missed.iter().map(|missed| Missed {
        line: missed.place.line,
        column: missed.place.column,
        statements: missed.statements,
        source: &missed.source,
    });
    let statements = coverage.statements;
    Some(Coverage {
        statements,
        reached: statements - coverage.unreached(),
        missed: missed.collect(),
    })
}
