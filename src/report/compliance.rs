//! Compliance: the outcomes of the requirements of the selected frameworks, over all accounts. A
//! requirement with anything unknown does not pass.

use std::fmt;

use super::frameworks::{Open, RequirementInfo};
use super::summary::Summary;
use crate::model::Verdict;

/// The outcome of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A resource fails one of its rules.
    Failed,
    /// Nothing fails, but something could not be evaluated.
    Unknown,
    /// Everything was read, at least one resource passes and none fails.
    Passed,
    /// Everything was read, and its rules apply to no resource.
    NoResources,
    /// No rule that checks it was run.
    NotCovered,
    /// No rule can check it.
    NotDecidable,
}

impl Status {
    /// All statuses; those that need attention come first.
    pub const ALL: [Self; 6] = [
        Self::Failed,
        Self::Unknown,
        Self::Passed,
        Self::NoResources,
        Self::NotCovered,
        Self::NotDecidable,
    ];

    /// The status in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Passed => "passed",
            Self::NoResources => "no resources",
            Self::NotCovered => "not covered",
            Self::NotDecidable => "not assessable",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The outcome of a requirement, with the number of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementOutcome {
    /// The status.
    pub status: Status,
    /// Resources that comply with a rule.
    pub passed: usize,
    /// Resources that violate a rule.
    pub failed: usize,
    /// Of those, resources whose failure is waived.
    pub waived: usize,
    /// Resources that could not be evaluated, and lists that could not be read.
    pub unknown: usize,
    /// Resources to which a rule does not apply.
    pub skipped: usize,
    /// Resources for which a rule raised an error.
    pub errors: usize,
    /// Its rules that were not run.
    pub not_run: Vec<String>,
}

impl Summary {
    /// The outcome of a requirement over the accounts counted so far.
    pub fn outcome_of(&self, requirement: &RequirementInfo) -> RequirementOutcome {
        let count = |verdict| {
            let rules = requirement.rules.iter().filter_map(|rule| self.rules.get(rule));
            rules.filter_map(|verdicts| verdicts.get(&verdict)).sum::<usize>()
        };
        let not_run: Vec<String> = requirement
            .rules
            .iter()
            .filter(|rule| !self.rules.contains_key(*rule))
            .cloned()
            .collect();
        let mut outcome = RequirementOutcome {
            status: Status::NotCovered,
            passed: count(Verdict::Pass),
            failed: count(Verdict::Fail),
            waived: requirement
                .rules
                .iter()
                .filter_map(|rule| self.waived_failures.get(rule))
                .sum(),
            unknown: count(Verdict::Unknown),
            skipped: count(Verdict::Skip),
            errors: count(Verdict::Error),
            not_run,
        };
        let unseen = outcome.unknown > 0
            || outcome.errors > 0
            || !outcome.not_run.is_empty()
            || self.accounts_not_entered > 0
            || (requirement.regional && self.accounts_with_unknown_regions > 0);
        outcome.status = match &requirement.open {
            Some(Open::NotDecidable(_)) => Status::NotDecidable,
            Some(Open::NotCovered(_)) => Status::NotCovered,
            None if outcome.not_run.len() == requirement.rules.len() => Status::NotCovered,
            None if outcome.failed > 0 => Status::Failed,
            None if unseen => Status::Unknown,
            None if outcome.passed > 0 => Status::Passed,
            None => Status::NoResources,
        };
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_requirement_passes_only_if_everything_was_read() {
        let requirement = |rules: &[&str], open: Option<Open>| RequirementInfo {
            id: "1.1".to_owned(),
            title: "Things are shut".to_owned(),
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            regional: true,
            open,
            note: None,
        };
        let summary = |rules: &[(&str, &[(Verdict, usize)])]| Summary {
            rules: rules
                .iter()
                .map(|(rule, counts)| {
                    ((*rule).to_owned(), BTreeMap::from_iter(counts.iter().copied()))
                })
                .collect(),
            ..Summary::default()
        };
        use Verdict::{Error, Fail, Pass, Skip, Unknown};
        let two = requirement(&["a", "b"], None);
        for (rules, expected) in [
            (&[("a", &[(Pass, 2)][..]), ("b", &[(Skip, 1)][..])][..], Status::Passed),
            (&[("a", &[(Pass, 2), (Unknown, 1)]), ("b", &[])], Status::Unknown),
            (&[("a", &[(Pass, 2)]), ("b", &[(Error, 1)])], Status::Unknown),
            (&[("a", &[(Fail, 1), (Unknown, 1)]), ("b", &[(Error, 1)])], Status::Failed),
            (&[("a", &[(Skip, 2)]), ("b", &[])], Status::NoResources),
            (&[("a", &[(Pass, 2)])], Status::Unknown),
            (&[("a", &[(Fail, 2)])], Status::Failed),
            (&[("c", &[(Pass, 2)])], Status::NotCovered),
        ] {
            assert_eq!(summary(rules).outcome_of(&two).status, expected, "{rules:?}");
        }
        let outcome =
            summary(&[("a", &[(Pass, 2), (Fail, 1)]), ("c", &[(Fail, 9)])]).outcome_of(&two);
        assert_eq!((outcome.passed, outcome.failed, outcome.not_run), (2, 1, vec!["b".to_owned()]));

        let mut seen = summary(&[("a", &[(Pass, 2)]), ("b", &[])]);
        seen.accounts_with_unknown_regions = 1;
        assert_eq!(seen.outcome_of(&two).status, Status::Unknown);
        assert_eq!(
            seen.outcome_of(&RequirementInfo { regional: false, ..two.clone() }).status,
            Status::Passed
        );
        seen.accounts_with_unknown_regions = 0;
        seen.accounts_not_entered = 1;
        assert_eq!(
            seen.outcome_of(&RequirementInfo { regional: false, ..two }).status,
            Status::Unknown
        );
        for (open, expected) in [
            (Open::NotDecidable("needs Macie".to_owned()), Status::NotDecidable),
            (Open::NotCovered("nobody wrote it".to_owned()), Status::NotCovered),
        ] {
            assert_eq!(seen.outcome_of(&requirement(&[], Some(open))).status, expected);
        }
    }
}
