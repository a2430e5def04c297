//! Runs the cases of one rule.

use std::sync::Arc;

use super::file::{self, CaseFile};
use super::tester::Tester;
use crate::rules::pack::rule::Rule;

/// Runs the cases of a rule. Returns one text per difference; none if all cases pass.
pub fn run(rule: &Arc<Rule>, cases: &str) -> Vec<String> {
    let cases = match CaseFile::read(&file::unnamed(rule, cases)) {
        Ok(cases) => cases,
        Err(errors) => {
            return errors
                .iter()
                .map(|error| format!("{}: cannot read the test case file: {error}", rule.id))
                .collect();
        }
    };
    let outcome = match Tester::new(std::slice::from_ref(rule), false) {
        Ok(mut tester) => tester.test(0, &cases, &|_| true),
        Err(error) => return vec![error.to_string()],
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(errors) => return errors.iter().map(|error| format!("{}: {error}", rule.id)).collect(),
    };
    let different = outcome.cases.iter().filter_map(|case| {
        let difference = case.difference.as_ref()?;
        Some(format!("{}: {}: {difference}", rule.id, case.name))
    });
    outcome
        .complaints
        .iter()
        .map(|complaint| format!("{}: {complaint}", rule.id))
        .chain(different)
        .collect()
}
