//! Runs cases and says what came of them. One tester per thread: its rules are compiled once, each
//! case only brings other facts.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::situation::{AlwaysThere, Mistake, situation};
use crate::diagnostics::Diagnostic;
use crate::model::{Verdict, text};
use crate::rules::cases::file::{CaseFile, PlacedCase};
use crate::rules::pack::rule::Rule;
use crate::rules::pack::select::SelectedRule;
use crate::rules::sandbox::evaluation::Sandbox;
use crate::rules::sandbox::outcome::RuleOutcome;
use crate::rules::sandbox::tracer::Tracer;
use crate::rules::values::access::Observed;
use crate::rules::values::recorder::{Place, Read};

/// The rules of one thread, ready for their cases.
pub struct Tester {
    rules: Vec<Arc<SelectedRule>>,
    /// Evaluates as a scan does.
    sandbox: Sandbox,
    /// Evaluates with a record: where coverage is asked for, and to explain a difference.
    tracer: Option<Tracer>,
    coverage: bool,
    always: AlwaysThere,
}

/// What came of the cases of one rule.
#[derive(Debug, Clone)]
pub struct RuleTestResult {
    /// The cases that were run, in the order of the file.
    pub cases: Vec<CaseResult>,
    /// What the file as a whole lacks.
    pub complaints: Vec<String>,
    /// What the cases reach of the script, if that was asked for.
    pub coverage: Option<Coverage>,
}

/// What came of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// The line of the cases file on which it begins.
    pub line: usize,
    /// The verdict that must come.
    pub expected: Verdict,
    /// What is different; `None`: the rule says what it must.
    pub difference: Option<Difference>,
}

/// How a case differs.
#[derive(Debug, Clone)]
pub enum Difference {
    /// The case is not one: it names what does not exist. Shown at its place.
    Mistake(Diagnostic),
    /// The rule says something else.
    RuleOutcome {
        /// What it says.
        got: RuleOutcome,
        /// What it had to say.
        expected: Verdict,
        /// The message that it had to give, where only that is different.
        expected_message: Option<String>,
        /// What it read.
        reads: Vec<Read>,
        /// How many reads more there were.
        left_out: usize,
    },
}

/// What the cases reach of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Statements of the script.
    pub statements: usize,
    /// Those that no case reaches, by line.
    pub missed: Vec<Missed>,
}

/// Statements that no case reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The first of them on the line.
    pub place: Place,
    /// How many there are on the line.
    pub statements: usize,
    /// The line.
    pub source: String,
}

/// What is recorded over all cases of a rule where coverage is asked for.
#[derive(Default)]
struct Record {
    /// The nodes of the script that were evaluated.
    reached: BTreeSet<Place>,
    /// What each case read, where there are defaults.
    observed: Vec<Observed>,
}

impl Coverage {
    /// How many statements no case reaches.
    pub fn unreached(&self) -> usize {
        self.missed.iter().map(|missed| missed.statements).sum()
    }
}

impl RuleTestResult {
    /// Whether the rule keeps its word, and is covered if that was asked for.
    pub fn is_clean(&self) -> bool {
        self.complaints.is_empty()
            && self.cases.iter().all(|case| case.difference.is_none())
            && self.coverage.as_ref().is_none_or(|coverage| coverage.missed.is_empty())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistake(mistake) => match &mistake.help {
                Some(help) => write!(f, "{}; {help}", mistake.message),
                None => f.write_str(&mistake.message),
            },
            Self::RuleOutcome { got, expected_message: Some(message), .. } => {
                write!(f, "expected the message\n      {message}\n    got\n      {}", got.message)
            }
            Self::RuleOutcome { got, expected, .. } => {
                write!(f, "expected {expected}, got {}: {}", got.verdict, got.message)
            }
        }
    }
}

impl Tester {
    /// Compiles the rules for this thread. `coverage`: whether the statements that the cases reach
    /// are counted.
    pub fn new(rules: &[Arc<Rule>], coverage: bool) -> Result<Self, Box<Diagnostic>> {
        let selected = |rule: &Arc<Rule>| {
            let params = rule.meta.params.clone();
            Arc::new(SelectedRule { rule: rule.clone(), severity: rule.meta.severity, params })
        };
        let rules: Vec<_> = rules.iter().map(selected).collect();
        let tracer = coverage.then(|| Tracer::new(&rules)).transpose()?;
        Ok(Self {
            sandbox: Sandbox::new(&rules)?,
            rules,
            tracer,
            coverage,
            always: AlwaysThere::new(),
        })
    }

    /// Runs the cases of a rule, which is named by its position, that are wanted by their names.
    /// An error in the defaults is one of all cases and is reported once, in their place.
    pub fn test(
        &mut self,
        rule: usize,
        cases: &CaseFile,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<RuleTestResult, Vec<Diagnostic>> {
        let mut record = Record::default();
        let chosen: Vec<&PlacedCase> =
            cases.cases.iter().filter(|placed| wanted(&placed.case.name)).collect();
        let outcomes = chosen.iter().map(|placed| CaseResult {
            name: placed.case.name.clone(),
            line: placed.line,
            expected: placed.case.expect,
            difference: self.difference(rule, cases, placed, &mut record),
        });
        let outcomes: Vec<CaseResult> = outcomes.collect();
        let mut faults: Vec<Diagnostic> = Vec::new();
        for outcome in &outcomes {
            if let Some(Difference::Mistake(fault)) = &outcome.difference
                && cases.is_in_defaults(fault)
                && faults.iter().all(|known| known.span != fault.span)
            {
                faults.push(fault.clone());
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        // A part of the cases cannot be asked for what only all of them have.
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
        let outcome = match self.evaluate(rule, cases, placed, record) {
            Ok(outcome) => outcome,
            Err(Mistake { at, message, help }) => {
                let fault = cases.fault_at(placed, &at, text::one_line(&message, 500));
                return Some(Difference::Mistake(Diagnostic { help, ..fault }));
            }
        };
        let same_verdict = outcome.verdict == case.expect;
        if same_verdict && case.message.as_ref().is_none_or(|message| *message == outcome.message) {
            return None;
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
    ) -> Result<RuleOutcome, Mistake> {
        let Some(selected) = self.rules.get(rule) else {
            return Err(Mistake::new(Vec::new(), "no such rule".to_owned()));
        };
        let situation = situation(&selected.rule, &placed.case, &mut self.always)?;
        match self.tracer.as_mut().filter(|_| self.coverage) {
            None => {
                self.sandbox.set_params(rule, &situation.params);
                self.sandbox.enter(situation.facts);
                Ok(self.sandbox.evaluate(rule, 0))
            }
            Some(tracer) => {
                tracer.set_params(rule, &situation.params);
                tracer.enter(situation.facts);
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

    /// What the rule reads in a case.
    fn reads(&mut self, rule: usize, placed: &PlacedCase) -> Option<(Vec<Read>, usize)> {
        let situation =
            situation(&self.rules.get(rule)?.rule, &placed.case, &mut self.always).ok()?;
        if self.tracer.is_none() {
            self.tracer = Tracer::new(&self.rules).ok();
        }
        let tracer = self.tracer.as_mut()?;
        tracer.set_params(rule, &situation.params);
        tracer.enter(situation.facts);
        let trace = tracer.trace(rule, 0);
        Some((trace.reads, trace.left_out))
    }

    fn complaints(&self, rule: usize, cases: &CaseFile, record: &Record) -> Vec<String> {
        let expects = |verdict| cases.cases.iter().any(|placed| placed.case.expect == verdict);
        let mut wanted = vec![Verdict::Pass, Verdict::Fail];
        let skips = self
            .tracer
            .as_ref()
            .filter(|_| self.coverage)
            .is_some_and(|tracer| tracer.calls(rule, "skip"));
        wanted.extend(skips.then_some(Verdict::Skip));
        let mut complaints: Vec<String> = wanted
            .into_iter()
            .filter(|verdict| !expects(*verdict))
            .map(|verdict| format!("no case expects `{verdict}`"))
            .collect();
        let mut names = BTreeSet::new();
        for placed in &cases.cases {
            if !names.insert(&placed.case.name) {
                complaints.push(format!(
                    "two cases are named `{}`",
                    text::one_line(&placed.case.name, 200)
                ));
            }
        }
        if let Some(defaults) = cases.defaults.as_ref().filter(|_| self.coverage) {
            let unread = defaults.unread(&record.observed);
            complaints.extend(unread.iter().map(|steps| {
                let (line, path) = cases.default_at(steps);
                format!("line {line}: no case reads `{}`", text::one_line(&path, 200))
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
