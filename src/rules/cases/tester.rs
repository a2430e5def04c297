//! Runs test cases. There is one tester per thread: it compiles its rules once, and each case only
//! provides different facts.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::case::Case;
use super::fix_difference::FixDifference;
use super::missing::{Reader, missing_fact};
use super::place::CaseError;
use super::setup::{RequiredStrings, setup};
use crate::diagnostics::Diagnostic;
use crate::model::{Verdict, text};
use crate::rules::cases::file::{CaseFile, PlacedCase};
use crate::rules::language::meta::Meta;
use crate::rules::pack::rule::{Rule, script_of};
use crate::rules::pack::select::SelectedRule;
use crate::rules::sandbox::evaluation::Sandbox;
use crate::rules::sandbox::fixing::FixOutcome;
use crate::rules::sandbox::outcome::RuleOutcome;
use crate::rules::sandbox::tracer::Tracer;
use crate::rules::values::access::Observed;
use crate::rules::values::account::AccountFacts;
use crate::rules::values::recorder::{Place, Read};

/// The rules of one thread, ready for their cases.
pub struct Tester {
    rules: Vec<Arc<SelectedRule>>,
    /// Evaluates as a scan does.
    sandbox: Sandbox,
    /// Evaluates with a recorder, to measure coverage and to explain differences.
    tracer: Option<Tracer>,
    coverage: bool,
    required: RequiredStrings,
}

/// The results of the cases of one rule.
#[derive(Debug, Clone)]
pub struct RuleTestResult {
    /// The results of the cases that were run, in the order of the file.
    pub cases: Vec<CaseResult>,
    /// Problems of the file as a whole.
    pub complaints: Vec<String>,
    /// Which statements of the script the cases reach, if requested.
    pub coverage: Option<Coverage>,
}

/// The result of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// The variant that it is a case of.
    pub variant: Option<String>,
    /// The line of the case file on which it starts.
    pub line: usize,
    /// The expected verdict.
    pub expected: Verdict,
    /// How the outcome differs; `None` if it is as expected.
    pub difference: Option<Difference>,
}

/// How the outcome of a case differs.
#[derive(Debug, Clone)]
pub enum Difference {
    /// The case is invalid: it refers to something that does not exist. The diagnostic has the
    /// position.
    InvalidCase(Diagnostic),
    /// The rule returns another verdict or message.
    RuleOutcome {
        /// The actual outcome.
        got: RuleOutcome,
        /// The expected verdict.
        expected: Verdict,
        /// The expected message, if only the message differs.
        expected_message: Option<String>,
        /// What the rule read.
        reads: Vec<Read>,
        /// How many more values it read.
        left_out: usize,
    },
    /// The verdict is as expected, but the fix is not.
    Fix(Box<FixDifference>),
}

/// Which statements of a script the cases reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The number of statements in the script.
    pub statements: usize,
    /// Those that no case reaches, by line.
    pub missed: Vec<Missed>,
}

/// Statements that no case reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The position of the first one on the line.
    pub place: Place,
    /// How many there are on the line.
    pub statements: usize,
    /// The source of the line.
    pub source: String,
}

/// What is recorded over all cases of a rule to measure coverage.
#[derive(Default)]
pub(super) struct Record {
    /// The nodes of the script that were evaluated.
    reached: BTreeSet<Place>,
    /// What each case read, if the file has defaults.
    observed: Vec<Observed>,
}

/// What `rolecall test` and `rolecall lint` say about a variant without a passing or a failing case.
pub(in crate::rules) fn no_case_of_variant(id: &str, verdict: Verdict) -> String {
    format!("no test case of variant `{id}` expects `{verdict}`")
}

impl CaseFile {
    /// Verdicts that no case of a variant expects although one should. What no case expects at all is
    /// not included.
    pub(in crate::rules) fn untested<'m>(&self, meta: &'m Meta) -> Vec<(&'m str, Verdict)> {
        let cases = || self.cases.iter().map(|placed| &placed.case);
        let mut missing = Vec::new();
        for variant in &meta.variants {
            for verdict in [Verdict::Pass, Verdict::Fail] {
                let mut expecting = cases().filter(|case| case.expect == verdict).peekable();
                let of_variant = |case: &Case| case.variant.as_ref() == Some(&variant.id);
                if expecting.peek().is_some() && !expecting.any(of_variant) {
                    missing.push((variant.id.as_str(), verdict));
                }
            }
        }
        missing
    }

    /// Errors in cases: they refer to something that does not exist, or that no response of AWS means.
    /// With the part of the file that the case takes. An error in the defaults is returned once.
    pub(in crate::rules) fn invalid(&self, meta: &Meta) -> Vec<(Range<usize>, Diagnostic)> {
        let mut required = RequiredStrings::new();
        let mut errors: Vec<(Range<usize>, Diagnostic)> = Vec::new();
        for placed in &self.cases {
            let Err(CaseError { at, message, help }) = setup(meta, &placed.case, &mut required)
            else {
                continue;
            };
            let error = self.diagnostic_at(placed, &at, text::one_line(&message, 500));
            if errors.iter().all(|(_, known)| known.span != error.span) {
                errors.push((placed.span.clone(), Diagnostic { help, ..error }));
            }
        }
        errors
    }
}

impl Coverage {
    /// The number of statements that no case reaches.
    pub fn unreached(&self) -> usize {
        self.missed.iter().map(|missed| missed.statements).sum()
    }
}

impl RuleTestResult {
    /// Whether all cases pass, and all statements are covered if coverage was requested.
    pub fn is_clean(&self) -> bool {
        self.complaints.is_empty()
            && self.cases.iter().all(|case| case.difference.is_none())
            && self.coverage.as_ref().is_none_or(|coverage| coverage.missed.is_empty())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidCase(error) => match &error.help {
                Some(help) => write!(f, "{}; {help}", error.message),
                None => f.write_str(&error.message),
            },
            Self::RuleOutcome { got, expected_message: Some(message), .. } => {
                write!(f, "expected message:\n      {message}\n    got:\n      {}", got.message)
            }
            Self::RuleOutcome { got, expected, .. } => {
                write!(f, "expected {expected}, got {}: {}", got.verdict, got.message)
            }
            Self::Fix(fix) => {
                let (expected, got) = (fix.expected().join(", "), fix.got().join(", "));
                write!(f, "fix: expected {expected}; got {got}")
            }
        }
    }
}

impl Tester {
    /// Compiles the scripts of rules for this thread. `coverage`: whether to measure which statements the
    /// cases reach.
    pub fn new(rules: &[Arc<Rule>], coverage: bool) -> Result<Self, Box<Diagnostic>> {
        let selected = |rule: &Arc<Rule>| {
            let rule = script_of(rule);
            let params = rule.meta.params.clone();
            Arc::new(SelectedRule {
                rule: rule.clone(),
                severity: rule.meta.severity,
                params,
                overrides: Vec::new(),
                fix: Default::default(),
            })
        };
        let rules: Vec<_> = rules.iter().map(selected).collect();
        let tracer = coverage.then(|| Tracer::new(&rules)).transpose()?;
        Ok(Self {
            sandbox: Sandbox::new(&rules)?,
            rules,
            tracer,
            coverage,
            required: RequiredStrings::new(),
        })
    }

    /// Runs the cases of a rule that `wanted` accepts; a script with variants is one rule here. The rule
    /// is identified by its position. An error in the defaults affects all cases, so it is reported once, instead of
    /// their results.
    pub fn test(
        &mut self,
        rule: usize,
        cases: &CaseFile,
        wanted: &dyn Fn(&Case) -> bool,
    ) -> Result<RuleTestResult, Vec<Diagnostic>> {
        let mut record = Record::default();
        let chosen: Vec<&PlacedCase> =
            cases.cases.iter().filter(|placed| wanted(&placed.case)).collect();
        let outcomes = chosen.iter().map(|placed| CaseResult {
            name: placed.case.name.clone(),
            variant: placed.case.variant.clone(),
            line: placed.line,
            expected: placed.case.expect,
            difference: self.difference(rule, cases, placed, &mut record),
        });
        let outcomes: Vec<CaseResult> = outcomes.collect();
        let mut errors: Vec<Diagnostic> = Vec::new();
        for outcome in &outcomes {
            if let Some(Difference::InvalidCase(error)) = &outcome.difference
                && cases.is_in_defaults(error)
                && errors.iter().all(|known| known.span != error.span)
            {
                errors.push(error.clone());
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // Complaints about the file as a whole apply only if all cases were run.
        let whole = chosen.len() == cases.cases.len();
        Ok(RuleTestResult {
            cases: outcomes,
            complaints: if whole { self.complaints(rule, cases, &record) } else { Vec::new() },
            coverage: self.coverage(rule, &record.reached),
        })
    }

    fn difference(
        &mut self,
        rule: usize,
        cases: &CaseFile,
        placed: &PlacedCase,
        record: &mut Record,
    ) -> Option<Difference> {
        let case = &placed.case;
        let invalid = |CaseError { at, message, help }| {
            let error = cases.diagnostic_at(placed, &at, text::one_line(&message, 500));
            Difference::InvalidCase(Diagnostic { help, ..error })
        };
        let outcome = self.evaluate(rule, cases, placed, record);
        let outcome = match outcome.and_then(|outcome| self.without_missing(rule, case, outcome)) {
            Ok(outcome) => outcome,
            Err(error) => return Some(invalid(error)),
        };
        let same_verdict = outcome.verdict == case.expect;
        if same_verdict && case.message.as_ref().is_none_or(|message| *message == outcome.message) {
            if outcome.verdict != Verdict::Fail {
                return None;
            }
            return match self.fix_difference(rule, cases, placed, record) {
                Ok(difference) => {
                    difference.map(|difference| Difference::Fix(Box::new(difference)))
                }
                Err(error) => Some(invalid(error)),
            };
        }
        let expected_message = case.message.clone().filter(|_| same_verdict);
        let (reads, left_out) = self.reads(rule, placed).unwrap_or_default();
        Some(Difference::RuleOutcome {
            got: outcome,
            expected: case.expect,
            expected_message,
            reads,
            left_out,
        })
    }

    fn evaluate(
        &mut self,
        rule: usize,
        cases: &CaseFile,
        placed: &PlacedCase,
        record: &mut Record,
    ) -> Result<RuleOutcome, CaseError> {
        let Some(selected) = self.rules.get(rule) else {
            return Err(CaseError::new(Vec::new(), "no such rule".to_owned()));
        };
        let setup = setup(&selected.rule.meta, &placed.case, &mut self.required)?;
        match self.tracer.as_mut().filter(|_| self.coverage) {
            None => {
                self.sandbox.set_params(rule, &setup.params);
                self.sandbox.set_fix_params(rule, &setup.fix_params);
                self.sandbox.enter(setup.facts);
                Ok(self.sandbox.evaluate(rule, 0))
            }
            Some(tracer) => {
                tracer.set_params(rule, &setup.params);
                tracer.set_fix_params(rule, &setup.fix_params);
                tracer.enter(setup.facts);
                // What was read is only needed to find unread defaults.
                let observed = cases.defaults.as_ref().and_then(|_| tracer.observe(rule, 0));
                let trace = match observed {
                    Some((trace, [observed, _])) => {
                        record.observed.push(observed);
                        trace
                    }
                    None => tracer.trace(rule, 0),
                };
                record.reached.extend(trace.reached);
                Ok(trace.outcome)
            }
        }
    }

    /// The outcome, or an error if the verdict is `unknown` because the case lacks a fact.
    fn without_missing(
        &self,
        rule: usize,
        case: &Case,
        outcome: RuleOutcome,
    ) -> Result<RuleOutcome, CaseError> {
        if outcome.verdict == Verdict::Unknown
            && case.expect != Verdict::Unknown
            && let Some(selected) = self.rules.get(rule)
        {
            missing_fact(&selected.rule.meta, case, &outcome.causes, Reader::Check)?;
        }
        Ok(outcome)
    }

    /// A rule by its position.
    pub(super) fn selected(&self, rule: usize) -> Option<&Arc<SelectedRule>> {
        self.rules.get(rule)
    }

    pub(super) fn required(&mut self) -> &mut RequiredStrings {
        &mut self.required
    }

    /// The fix for the case that was evaluated last.
    pub(super) fn fix(&self, rule: usize, cases: &CaseFile, record: &mut Record) -> FixOutcome {
        match self.tracer.as_ref().filter(|_| self.coverage) {
            None => self.sandbox.fix(rule, 0),
            Some(tracer) => match tracer.trace_fix(rule, 0) {
                Some((trace, observed)) => {
                    record.observed.extend(cases.defaults.as_ref().map(|_| observed));
                    record.reached.extend(trace.reached);
                    trace.outcome
                }
                None => FixOutcome::None,
            },
        }
    }

    /// The outcome with changed facts.
    pub(super) fn evaluate_facts(
        &mut self,
        rule: usize,
        params: &Map<String, Value>,
        facts: AccountFacts,
    ) -> RuleOutcome {
        self.sandbox.set_params(rule, params);
        self.sandbox.enter(facts);
        self.sandbox.evaluate(rule, 0)
    }

    /// What the rule reads in a case.
    fn reads(&mut self, rule: usize, placed: &PlacedCase) -> Option<(Vec<Read>, usize)> {
        let trace = self.tracer_in(rule, placed)?.trace(rule, 0);
        Some((trace.reads, trace.left_out))
    }

    /// What `fix` reads in a case.
    pub(super) fn fix_reads(
        &mut self,
        rule: usize,
        placed: &PlacedCase,
    ) -> Option<(Vec<Read>, usize)> {
        let (trace, _) = self.tracer_in(rule, placed)?.trace_fix(rule, 0)?;
        Some((trace.reads, trace.left_out))
    }

    /// The tracer with the facts of a case.
    fn tracer_in(&mut self, rule: usize, placed: &PlacedCase) -> Option<&mut Tracer> {
        let setup =
            setup(&self.rules.get(rule)?.rule.meta, &placed.case, &mut self.required).ok()?;
        if self.tracer.is_none() {
            self.tracer = Tracer::new(&self.rules).ok();
        }
        let tracer = self.tracer.as_mut()?;
        tracer.set_params(rule, &setup.params);
        tracer.set_fix_params(rule, &setup.fix_params);
        tracer.enter(setup.facts);
        Some(tracer)
    }

    fn complaints(&self, rule: usize, cases: &CaseFile, record: &Record) -> Vec<String> {
        let expects = |verdict| cases.cases.iter().any(|placed| placed.case.expect == verdict);
        let meta = self.rules.get(rule).map(|selected| &selected.rule.meta);
        let mut wanted = vec![Verdict::Pass, Verdict::Fail];
        let calls = |verdict: &Verdict| {
            let tracer = self.tracer.as_ref().filter(|_| self.coverage);
            tracer.is_some_and(|tracer| tracer.calls(rule, verdict.as_str()))
        };
        wanted.extend([Verdict::Skip, Verdict::Unknown].into_iter().filter(calls));
        let mut complaints: Vec<String> = wanted
            .into_iter()
            .filter(|verdict| !expects(*verdict))
            .map(|verdict| format!("no test case expects `{verdict}`"))
            .collect();
        complaints.extend(meta.into_iter().flat_map(|meta| {
            let missing = cases.untested(meta).into_iter();
            missing.map(|(id, verdict)| no_case_of_variant(id, verdict))
        }));
        let mut names = BTreeSet::new();
        for placed in &cases.cases {
            if !names.insert(&placed.case.name) {
                complaints.push(format!(
                    "duplicate test case name `{}`",
                    text::one_line(&placed.case.name, 200)
                ));
            }
        }
        if let Some(defaults) = cases.defaults.as_ref().filter(|_| self.coverage) {
            let unread = defaults.unread(&record.observed);
            complaints.extend(unread.iter().map(|steps| {
                let (line, path) = cases.default_at(steps);
                format!("line {line}: no test case reads `{}`", text::one_line(&path, 200))
            }));
        }
        complaints
    }

    fn coverage(&self, rule: usize, reached: &BTreeSet<Place>) -> Option<Coverage> {
        let tracer = self.tracer.as_ref().filter(|_| self.coverage)?;
        let source = &self.rules.get(rule)?.rule.file.text;
        let statements = tracer.statements(rule);
        let mut missed: Vec<Missed> = Vec::new();
        for &place in statements.difference(reached) {
            match missed.last_mut().filter(|last| last.place.line == place.line) {
                Some(last) => last.statements += 1,
                None => {
                    let line = source.lines().nth(place.line - 1).unwrap_or_default().trim();
                    missed.push(Missed { place, statements: 1, source: text::one_line(line, 200) });
                }
            }
        }
        Some(Coverage { statements: statements.len(), missed })
    }
}
