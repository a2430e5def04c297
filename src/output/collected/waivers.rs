//! Waivers, and what they cover.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::model::text::one_line;
use crate::model::{Finding, Severity, Waived};
use crate::output::words::some_of;
use crate::report::AccountReport;

/// Rules, accounts and resources listed per waiver.
const NAMES: usize = 50;

/// A waiver that applies, or that may apply to what could not be checked.
#[derive(Debug)]
pub(in crate::output) struct Waiver {
    pub(in crate::output) terms: Waived,
    pub(in crate::output) findings: usize,
    /// Of these, critical and high ones.
    severe: [usize; 2],
    /// If nothing of what it may be about could be checked: what that is.
    pub(in crate::output) unread: Option<String>,
    pub(in crate::output) rules: Names,
    pub(in crate::output) accounts: Names,
    /// Labels of resources.
    pub(in crate::output) resources: Names,
}

impl Waiver {
    pub(super) fn new(terms: &Waived) -> Self {
        Self {
            terms: terms.clone(),
            findings: 0,
            severe: [0, 0],
            unread: None,
            rules: Names::default(),
            accounts: Names::default(),
            resources: Names::default(),
        }
    }

    pub(super) fn add(&mut self, finding: &Finding, account: &str) {
        self.findings += 1;
        match finding.severity {
            Severity::Critical => self.severe[0] += 1,
            Severity::High => self.severe[1] += 1,
            _ => {}
        }
        self.rules.add(&finding.rule);
        self.accounts.add(account);
        self.resources.add(&one_line(&finding.resource.label(), 120));
    }

    /// How many of its findings are severe, in words: ` (2 critical, 1 high)`.
    pub(in crate::output) fn severe(&self) -> String {
        let parts = self.severe.iter().zip([Severity::Critical, Severity::High]);
        let parts = parts.filter(|(number, _)| **number > 0);
        let parts: Vec<String> =
            parts.map(|(number, severity)| format!("{number} {severity}")).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }
}

/// Names without duplicates, up to a maximum.
#[derive(Debug, Default)]
pub(in crate::output) struct Names {
    names: BTreeSet<String>,
    is_cut: bool,
}

impl Names {
    pub(super) fn add(&mut self, name: &str) {
        if self.names.contains(name) {
            return;
        }
        self.is_cut = self.names.len() == NAMES;
        if !self.is_cut {
            self.names.insert(name.to_owned());
        }
    }

    /// The first `show` names, and how many more there are if that is known.
    pub(in crate::output) fn some(&self, show: usize) -> String {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        match self.is_cut {
            true => {
                format!("{} … and many more", some_of(names.get(..show).unwrap_or(&names), show))
            }
            false => some_of(&names, show),
        }
    }
}

/// The waiver of the baseline that no longer covers a finding and has not expired, and whether the
/// config still has it.
pub(super) fn ended_waiver<'a>(
    report: &'a AccountReport,
    finding: &Finding,
) -> Option<(&'a Waived, bool)> {
    let changes = report.changes.as_ref()?;
    let terms = changes.ended_waivers.get(&finding.fingerprint)?;
    // One that expired is among those that need attention, too.
    let is_expired = finding.expired_waivers.iter().any(|one| one.says_the_same(terms));
    let is_kept = changes.kept_waivers.contains(&finding.fingerprint);
    (!is_expired).then_some((&**terms, is_kept))
}

/// A waiver of the baseline that no longer covers something and has not expired.
#[derive(Debug)]
pub(in crate::output) struct Ended {
    pub(in crate::output) waiver: Waiver,
    /// Whether the config still has it.
    pub(in crate::output) is_kept: bool,
}

impl Ended {
    /// What became of the waiver.
    pub(in crate::output) fn problem(&self) -> &'static str {
        if self.is_kept { "no longer applies" } else { "removed or changed" }
    }
}

/// A waiver by its last day and its place.
pub(super) type WaiverKey = (Date, String, usize);

pub(super) fn waiver_key(terms: &Waived) -> WaiverKey {
    (terms.expires, terms.file.clone(), terms.line)
}

/// Days before the end of a waiver in which it is shown as ending soon.
pub(in crate::output) const SOON: i32 = 14;

/// How near the last day of a waiver is, from the day on which the last account was collected.
pub(in crate::output) enum Expiry {
    /// Within two weeks: days left.
    Soon(i32),
    /// Later, but this month: days left.
    ThisMonth(i32),
    /// Later: days left.
    Later(i32),
    /// No account was collected.
    Unknown,
}

/// When a waiver ends.
pub(in crate::output) fn expiry(expires: Date, today: Option<Date>) -> Expiry {
    let Some(today) = today else { return Expiry::Unknown };
    let days = today.until(expires).map_or(i32::MAX, |span| span.get_days());
    match (today.year(), today.month()) == (expires.year(), expires.month()) {
        _ if days <= SOON => Expiry::Soon(days),
        true => Expiry::ThisMonth(days),
        false => Expiry::Later(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_names_is_said_only_if_it_is_known() {
        let mut names = Names::default();
        for number in 0..NAMES {
            names.add(&format!("b{number:03}"));
        }
        names.add("b000");
        assert_eq!(names.some(2), "b000, b001 … and 48 more");
        names.add("c");
        names.add("b000");
        assert_eq!(names.some(2), "b000, b001 … and many more");
    }
}
