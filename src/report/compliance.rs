//! Compliance: what a run says of the requirements of the frameworks by which its rules were
//! selected. Over all accounts; whatever was not seen keeps a requirement from passing.

use std::fmt;

use super::frameworks::{Open, RequirementInfo};
use super::summary::Summary;
use crate::model::Verdict;

/// What a run says of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A resource fails a rule of it.
    Failed,
    /// Nothing fails, but something could not be outcome.
    Unknown,
    /// Everything was seen, something passes and nothing fails.
    Passed,
    /// Everything was seen, and there is nothing that its rules apply to.
    NoResources,
    /// No rule that decides it was run.
    NotCovered,
    /// No rule can decide it.
    NotDecidable,
}

impl Status {
    /// All of them, what needs attention first.
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
            Self::NotDecidable => "not decidable",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A requirement with its findings counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementOutcome {
    /// What comes of it.
    pub status: Status,
    /// Resources that keep a rule.
    pub passed: usize,
    /// Resources that break a rule.
    pub failed: usize,
    /// Resources that could not be outcome, and lists that could not be read.
    pub unknown: usize,
    /// Resources to which a rule does not apply.
    pub skipped: usize,
    /// Resources on which a rule broke.
    pub errors: usize,
    /// Rules of it that did not run.
    pub not_run: Vec<String>,
}

impl Summary {
    /// What the accounts counted so far say of a requirement.
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
    fn a_requirement_passes_only_where_everything_was_seen() {
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
