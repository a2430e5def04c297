//! Runs the cases of many rules, as many rules at once as there are processors. Results are in the
//! order of the rules.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use super::options::Options;
use crate::diagnostics::Diagnostic;
use crate::evaluate::EvaluateError;
use crate::rules::Rule;
use crate::rules::STACK_SIZE;
use crate::rules::SourceFile;
use crate::rules::cases::{self, Case, CaseFile, RuleTestResult, Tester};
use crate::run::error::CommandError;

/// A rule and the results of its cases.
pub(crate) struct Tested {
    pub(crate) rule: Arc<Rule>,
    /// The path of its cases file, which may not exist.
    pub(crate) cases_file: String,
    /// The names of all its cases, selected or not, each after the id of the rule or variant.
    all: Vec<String>,
    pub(crate) outcome: Outcome,
}

/// The results of a rule's cases.
pub(crate) enum Outcome {
    /// They were run.
    Ran(RuleTestResult),
    /// There is no file.
    NoCases,
    /// The file cannot be read.
    Unreadable(Vec<Diagnostic>),
}

impl Tested {
    /// `rule/case` for every case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Why the cases cannot be read.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match &self.outcome {
            Outcome::Unreadable(diagnostics) => diagnostics,
            _ => &[],
        }
    }
}

/// Runs the cases of all rules.
pub(crate) fn run_cases(
    rules: &[Arc<Rule>],
    options: &Options,
) -> Result<Vec<Tested>, CommandError> {
    let threads =
        thread::available_parallelism().map_or(1, NonZeroUsize::get).min(rules.len()).max(1);
    let mut done: Vec<(usize, Tested)> = thread::scope(|scope| {
        let start = |first: usize| {
            // Thread i tests rules i, i + n, …
            let mine: Vec<(usize, Arc<Rule>)> =
                rules.iter().cloned().enumerate().skip(first).step_by(threads).collect();
            let thread =
                thread::Builder::new().stack_size(STACK_SIZE).name(format!("test-{first}"));
            thread.spawn_scoped(scope, move || some(&mine, options)).map_err(EvaluateError::Thread)
        };
        let started = (0..threads).map(start).collect::<Result<Vec<_>, _>>()?;
        let mut done = Vec::new();
        for thread in started {
            let tested = thread.join().map_err(|_| EvaluateError::Stopped)?;
            done.extend(tested.map_err(EvaluateError::Rule)?);
        }
        Ok::<_, EvaluateError>(done)
    })?;
    done.sort_by_key(|(position, _)| *position);
    Ok(done.into_iter().map(|(_, tested)| tested).collect())
}

fn some(
    mine: &[(usize, Arc<Rule>)],
    options: &Options,
) -> Result<Vec<(usize, Tested)>, Box<Diagnostic>> {
    let rules: Vec<Arc<Rule>> = mine.iter().map(|(_, rule)| rule.clone()).collect();
    let mut tester = Tester::new(&rules, options.coverage)?;
    let tested = mine
        .iter()
        .enumerate()
        .map(|(index, (position, rule))| (*position, one(&mut tester, index, rule, options)));
    Ok(tested.collect())
}

fn full_name(rule: &Rule, case: &Case) -> String {
    format!("{}/{}", case.variant.as_deref().unwrap_or(&rule.id), case.name)
}

fn one(tester: &mut Tester, index: usize, rule: &Arc<Rule>, options: &Options) -> Tested {
    let beside = match cases::path_beside(rule) {
        Some(path) => path.display().to_string(),
        None => rule.file.name.replace(".rhai", ".cases.json"),
    };
    let tested =
        |outcome, all| Tested { rule: rule.clone(), cases_file: beside.clone(), all, outcome };
    let file = match cases::beside(rule) {
        Ok(Some(file)) => file,
        Ok(None) => return tested(Outcome::NoCases, Vec::new()),
        Err(error) => {
            let file = SourceFile { name: beside.clone(), text: "".into() };
            let diagnostic = Diagnostic::new(&file.name, &file.text, 0..0, error.to_string());
            return tested(Outcome::Unreadable(vec![diagnostic]), Vec::new());
        }
    };
    match CaseFile::read(&file) {
        Ok(cases) => {
            let outcome = tester.test(index, &cases, &|case| options.wants(&rule.id, case));
            tested(
                outcome.map_or_else(Outcome::Unreadable, Outcome::Ran),
                cases.cases.iter().map(|placed| full_name(rule, &placed.case)).collect(),
            )
        }
        Err(diagnostics) => tested(Outcome::Unreadable(diagnostics), Vec::new()),
    }
}
