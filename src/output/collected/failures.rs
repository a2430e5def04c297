//! Failures in groups, for lists of the worst ones.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use arcstr::ArcStr;

use crate::model::text::one_line;
use crate::model::{Finding, Severity};

/// Groups of failures in a list of the overview.
const WORST: usize = 12;
/// Reasons listed per group of new failures.
const REASONS: usize = 3;

/// Failures of one rule and severity that are not waived.
#[derive(Debug)]
pub(in crate::output) struct Group {
    pub(in crate::output) severity: Severity,
    pub(in crate::output) rule: String,
    pub(in crate::output) failures: usize,
    pub(in crate::output) accounts: usize,
    /// The first resource and its account, for people.
    pub(in crate::output) example: String,
    pub(in crate::output) account: String,
    pub(in crate::output) name: Option<String>,
    /// Why new failures are new, with the number of failures.
    why: BTreeMap<String, usize>,
    last_account: String,
}

impl Group {
    /// Why its failures are new.
    pub(in crate::output) fn why(&self) -> String {
        let known: usize = self.why.values().sum();
        let other = self.failures.saturating_sub(known);
        if self.why.is_empty() {
            return "it did not fail in the baseline".to_owned();
        }
        let mut reasons: Vec<(&str, usize)> =
            self.why.iter().map(|(why, count)| (why.as_str(), *count)).collect();
        reasons.sort_by_key(|(_, count)| Reverse(*count));
        reasons.extend((other > 0).then_some(("other reasons", other)));
        let is_one = reasons.len() == 1;
        let shown = reasons.iter().map(|(why, count)| match is_one {
            true => (*why).to_owned(),
            false => format!("{why} ({count})"),
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// Failures by severity and rule.
#[derive(Debug, Default)]
pub(in crate::output) struct Groups(BTreeMap<(Severity, ArcStr), Group>);

impl Groups {
    pub(super) fn add(
        &mut self,
        finding: &Finding,
        account: &str,
        name: Option<&str>,
        why: Option<String>,
    ) {
        let key = (finding.severity, finding.rule.clone());
        let group = self.0.entry(key).or_insert_with(|| Group {
            severity: finding.severity,
            rule: finding.rule.to_string(),
            failures: 0,
            accounts: 0,
            example: one_line(&finding.resource.label(), 120),
            account: account.to_owned(),
            name: name.map(str::to_owned),
            why: BTreeMap::new(),
            last_account: String::new(),
        });
        group.failures += 1;
        if let Some(why) = why
            && (group.why.len() < REASONS || group.why.contains_key(&why))
        {
            *group.why.entry(why).or_default() += 1;
        }
        if group.last_account != account {
            account.clone_into(&mut group.last_account);
            group.accounts += 1;
        }
    }

    pub(in crate::output) fn len(&self) -> usize {
        self.0.len()
    }

    pub(in crate::output) fn failures(&self) -> usize {
        self.0.values().map(|group| group.failures).sum()
    }

    /// The most severe and the most frequent first.
    pub(in crate::output) fn worst(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.0.values().collect();
        groups.sort_by_key(|group| (group.severity, Reverse(group.failures)));
        groups.truncate(WORST);
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;
    use crate::output::sample;

    #[test]
    fn groups_say_why_their_failures_are_new() {
        let group = |reasons: &[Option<&str>]| {
            let report = sample::account(1);
            let finding = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-1");
            let mut groups = Groups::default();
            for reason in reasons {
                groups.add(&finding, "111122223333", None, reason.map(str::to_owned));
            }
            groups.worst()[0].why()
        };
        assert_eq!(group(&[None]), "it did not fail in the baseline");
        assert_eq!(group(&[Some("a"), Some("a")]), "a");
        let many = [Some("c"), Some("a"), Some("b"), Some("b"), Some("d"), None];
        assert_eq!(group(&many), "b (2); a (1); c (1); other reasons (2)");
    }
}
