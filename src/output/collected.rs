//! What reports for people show of all accounts together and no [`Summary`]
//! has: the accounts, the worst findings, the causes of gaps, and the waivers. Every list has a
//! maximum, so memory does not grow with the number of accounts.

mod failures;
mod waivers;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::text::one_line;
use crate::model::{
    Cause, Extent, Finding, Region, Severity, State, Verdict, Waived, counted, day_of,
};
use crate::output::words::{labels, some_of, why};
use crate::report::{AccountReport, Summary};
use crate::waivers::StaleWaiver;

pub(super) use failures::{Group, Groups};
pub(super) use waivers::{Ended, Expiry, Names, SOON, Waiver, expiry};
use waivers::{WaiverKey, ended_waiver, waiver_key};

/// Accounts in the table.
const ACCOUNTS: usize = 1_000;
/// Causes of gaps.
const CAUSES: usize = 200;
/// Places listed per cause.
const PLACES: usize = 50;
/// Regions; AWS has fewer.
const REGIONS: usize = 200;
/// Waivers.
const WAIVERS: usize = 2_000;

/// An account, in numbers.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) account: String,
    pub(super) name: Option<String>,
    /// Its labels, for people.
    pub(super) labels: String,
    /// Failures that are not waived, by severity.
    pub(super) failures: [usize; Severity::ALL.len()],
    pub(super) new: usize,
    pub(super) waived: usize,
    /// Unknown verdicts that are not waived, and errors of rules.
    pub(super) unknown: usize,
    /// Failures of the baseline that could not be checked again.
    pub(super) unknown_now: usize,
    pub(super) gaps: usize,
    pub(super) entered: bool,
    pub(super) incomplete: bool,
    pub(super) collected_at: Option<String>,
}

/// Gaps with one cause.
#[derive(Debug)]
pub(super) struct Gaps {
    /// The first cause. The message of others can differ.
    pub(super) cause: Cause,
    /// The reason for accepting them.
    pub(super) accepted: Option<String>,
    pub(super) gaps: usize,
    pub(super) accounts: usize,
    /// Findings without a verdict because of them; 0 for accepted gaps.
    pub(super) findings: usize,
    pub(super) places: Vec<Place>,
    last_account: String,
}

/// Where a gap is.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) name: Option<String>,
    pub(super) region: String,
    pub(super) unknown: String,
}

/// A rule that came to no verdict by itself.
#[derive(Debug)]
pub(super) struct Undecided {
    pub(super) rule: String,
    pub(super) message: String,
    pub(super) findings: usize,
}

/// What gaps have in common that are shown as one.
type GapKey = (bool, String, String, Option<&'static str>, Option<String>);

/// What was collected over all accounts so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) accounts: Vec<Row>,
    pub(super) more_accounts: usize,
    pub(super) failures: Groups,
    pub(super) new: Groups,
    gaps: BTreeMap<GapKey, Gaps>,
    /// Causes of unknown findings that are not gaps of an account.
    not_collected: BTreeMap<GapKey, Gaps>,
    pub(super) more_gaps: usize,
    undecided: BTreeMap<String, Undecided>,
    waivers: BTreeMap<WaiverKey, Waiver>,
    ended: BTreeMap<WaiverKey, Ended>,
    pub(super) more_waivers: usize,
    /// The regions scanned, with the number of accounts.
    regions: BTreeMap<Region, usize>,
    /// Accounts that could be accessed.
    entered: usize,
    /// When the first and the last account were collected.
    pub(super) collected: Option<(String, String)>,
}

impl Collected {
    pub(super) fn add(&mut self, report: &AccountReport) {
        if let Some(time) = &report.collected_at {
            let (first, last) =
                self.collected.take().unwrap_or_else(|| (time.clone(), time.clone()));
            self.collected = Some((first.min(time.clone()), last.max(time.clone())));
        }
        self.entered += usize::from(report.entered);
        for region in &report.regions {
            if self.regions.len() < REGIONS || self.regions.contains_key(region) {
                *self.regions.entry(region.clone()).or_default() += 1;
            }
        }
        self.add_findings(report);
        self.add_gaps(report);
    }

    /// The regions scanned, in words; those of only some accounts with their number. `None` if no rule
    /// is about a resource that a region has.
    pub(super) fn regions(&self) -> Option<String> {
        let regions =
            self.regions.iter().map(|(region, accounts)| match *accounts == self.entered {
                true => region.to_string(),
                false => format!("{region} ({})", counted(*accounts, "account")),
            });
        let regions: Vec<String> = regions.collect();
        (!regions.is_empty()).then(|| regions.join(", "))
    }

    fn add_findings(&mut self, report: &AccountReport) {
        let account = report.account.as_str();
        let name = report.name.as_ref().filter(|name| *name != account);
        let mut row = Row {
            account: account.to_owned(),
            name: name.map(|name| one_line(name, 80)),
            labels: one_line(&labels(&report.labels), 200),
            failures: Default::default(),
            new: 0,
            waived: 0,
            unknown: 0,
            unknown_now: report.changes.as_ref().map_or(0, |changes| changes.unknown_now.len()),
            gaps: report.gaps.iter().filter(|gap| gap.accepted.is_none()).count(),
            entered: report.entered,
            incomplete: report.incomplete(),
            collected_at: report.collected_at.as_ref().map(|time| one_line(time, 40)),
        };
        for finding in &report.findings {
            if let Some(terms) = &finding.waived {
                row.waived += 1;
                let account = row.name.as_deref().unwrap_or(account);
                self.add_waived(terms, finding, account);
                continue;
            }
            if let Some((terms, is_kept)) = ended_waiver(report, finding) {
                let account = row.name.as_deref().unwrap_or(account);
                self.add_ended(terms, is_kept, finding, account);
            }
            match finding.verdict {
                Verdict::Fail => {
                    let at = Severity::ALL.iter().position(|one| *one == finding.severity);
                    if let Some(count) = at.and_then(|at| row.failures.get_mut(at)) {
                        *count += 1;
                    }
                    self.failures.add(finding, &row.account, row.name.as_deref(), None);
                    if finding.state == Some(State::New) {
                        row.new += 1;
                        let changes = report.changes.as_ref();
                        let why = changes.and_then(|changes| why(changes, &finding.fingerprint));
                        self.new.add(finding, &row.account, row.name.as_deref(), why);
                    }
                }
                Verdict::Unknown | Verdict::Error => row.unknown += 1,
                Verdict::Pass | Verdict::Skip => {}
            }
        }
        self.accounts.push(row);
        // The worst accounts stay. Sorted now and then only, because that takes time.
        if self.accounts.len() >= 2 * ACCOUNTS {
            self.shorten();
        }
    }

    fn add_waived(&mut self, terms: &Waived, finding: &Finding, account: &str) {
        let key = waiver_key(terms);
        if !self.waivers.contains_key(&key) && self.waivers.len() == WAIVERS {
            self.more_waivers += 1;
            return;
        }
        self.waivers.entry(key).or_insert_with(|| Waiver::new(terms)).add(finding, account);
    }

    fn add_ended(&mut self, terms: &Waived, is_kept: bool, finding: &Finding, account: &str) {
        let key = waiver_key(terms);
        if !self.ended.contains_key(&key) && self.ended.len() == WAIVERS {
            self.more_waivers += 1;
            return;
        }
        let new = || Ended { waiver: Waiver::new(terms), is_kept };
        self.ended.entry(key).or_insert_with(new).waiver.add(finding, account);
    }

    fn add_gaps(&mut self, report: &AccountReport) {
        for reported in &report.gaps {
            let gap = &reported.gap;
            let key = (
                reported.accepted.is_some(),
                gap.cause.call.clone(),
                gap.cause.code.clone(),
                gap.cause.denied_by.map(crate::model::DeniedBy::as_str),
                reported.accepted.clone(),
            );
            if !self.gaps.contains_key(&key) && self.gaps.len() == CAUSES {
                self.more_gaps += 1;
                continue;
            }
            let group = self.gaps.entry(key).or_insert_with(|| Gaps {
                cause: gap.cause.clone(),
                accepted: reported.accepted.clone(),
                gaps: 0,
                accounts: 0,
                findings: 0,
                places: Vec::new(),
                last_account: String::new(),
            });
            group.gaps += 1;
            if group.last_account != report.account.as_str() {
                group.last_account = report.account.to_string();
                group.accounts += 1;
            }
            if group.places.len() < PLACES {
                group.places.push(Place {
                    account: report.account.to_string(),
                    name: report.name.as_ref().map(|name| one_line(name, 80)),
                    region: gap.region.to_string(),
                    unknown: extent(&gap.extent),
                });
            }
        }
        // A finding counts for each of its causes.
        for finding in &report.findings {
            match finding.verdict {
                Verdict::Error => self.add_undecided(&finding.rule, &finding.message),
                Verdict::Unknown if finding.accepted.is_none() && finding.waived.is_none() => {
                    for cause in &finding.causes {
                        if cause.code == Cause::RULE_UNDECIDED {
                            self.add_undecided(&finding.rule, &cause.message);
                            continue;
                        }
                        let key = (
                            false,
                            cause.call.clone(),
                            cause.code.clone(),
                            cause.denied_by.map(crate::model::DeniedBy::as_str),
                            None,
                        );
                        if let Some(group) = self.gaps.get_mut(&key) {
                            group.findings += 1;
                        } else if !self.is_accepted(cause) {
                            self.add_unlisted(key, cause, finding, report);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the cause is that of an accepted gap.
    fn is_accepted(&self, cause: &Cause) -> bool {
        let key = (cause.call.as_str(), cause.code.as_str());
        self.gaps.keys().any(|(accepted, call, code, ..)| *accepted && key == (call, code))
    }

    /// Adds a cause of an unknown finding that is not a gap of the account: its snapshot was collected
    /// for other rules.
    fn add_unlisted(
        &mut self,
        key: GapKey,
        cause: &Cause,
        finding: &Finding,
        report: &AccountReport,
    ) {
        if !self.not_collected.contains_key(&key) && self.not_collected.len() == CAUSES {
            return;
        }
        let group = self.not_collected.entry(key).or_insert_with(|| Gaps {
            cause: cause.clone(),
            accepted: None,
            gaps: 0,
            accounts: 0,
            findings: 0,
            places: Vec::new(),
            last_account: String::new(),
        });
        group.findings += 1;
        if group.last_account == report.account.as_str() {
            return;
        }
        group.last_account = report.account.to_string();
        group.accounts += 1;
        if group.places.len() < PLACES {
            group.places.push(Place {
                account: report.account.to_string(),
                name: report.name.as_ref().map(|name| one_line(name, 80)),
                region: finding.resource.region.to_string(),
                unknown: format!("not collected for {}", finding.rule),
            });
        }
    }

    fn add_undecided(&mut self, rule: &str, message: &str) {
        if let Some(one) = self.undecided.get_mut(rule) {
            one.findings += 1;
            return;
        }
        let one = Undecided { rule: rule.to_owned(), message: one_line(message, 300), findings: 1 };
        self.undecided.insert(rule.to_owned(), one);
    }

    /// Adds what is known after the last account.
    pub(super) fn finish(&mut self, summary: &Summary) {
        self.shorten();
        for unread in &summary.unread_waivers {
            let key = waiver_key(&unread.terms);
            let mut waiver = Waiver::new(&unread.terms);
            waiver.unread = Some(one_line(&unread.covers, 300));
            if !self.waivers.contains_key(&key) && self.waivers.len() >= WAIVERS {
                self.more_waivers += 1;
                continue;
            }
            self.waivers.entry(key).or_insert(waiver);
        }
    }

    /// Sorts the accounts, and drops those beyond the maximum: first those that could not be accessed,
    /// because nothing is known about them, then the worst.
    fn shorten(&mut self) {
        self.accounts.sort_by(|a, b| {
            let key = |row: &Row| (row.entered, Reverse(row.failures), Reverse(row.unknown));
            (key(a), &a.account).cmp(&(key(b), &b.account))
        });
        if let Some(more) = self.accounts.len().checked_sub(ACCOUNTS) {
            self.more_accounts += more;
            self.accounts.truncate(ACCOUNTS);
        }
    }

    /// Gaps that are not accepted, then those that are; those that affect most findings first.
    pub(super) fn gaps(&self) -> Vec<&Gaps> {
        let mut gaps: Vec<&Gaps> = self.gaps.values().chain(self.not_collected.values()).collect();
        gaps.sort_by_key(|one| (one.accepted.is_some(), Reverse((one.findings, one.gaps))));
        gaps
    }

    /// Rules that came to no verdict by themselves.
    pub(super) fn undecided(&self) -> impl Iterator<Item = &Undecided> {
        self.undecided.values()
    }

    /// The waivers that apply or may apply, those that expire first at the start.
    pub(super) fn waivers(&self) -> impl Iterator<Item = &Waiver> {
        self.waivers.values()
    }

    /// Waivers of the baseline that no longer cover something and have not expired.
    pub(super) fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.ended.values()
    }

    /// Waivers that expired or match nothing and are not among those that [ended](Self::ended).
    pub(super) fn stale<'a>(
        &'a self,
        summary: &'a Summary,
    ) -> impl Iterator<Item = &'a StaleWaiver> {
        let is_listed = |stale: &&StaleWaiver| self.ended.contains_key(&waiver_key(&stale.terms));
        summary.stale_waivers.iter().filter(move |stale| !is_listed(stale))
    }

    /// Of the waivers that apply or may apply, those that expire soon, with the days left.
    pub(super) fn ending(&self) -> impl Iterator<Item = (&Waiver, i32)> {
        let today = self.today();
        self.waivers().filter_map(move |waiver| match expiry(waiver.terms.expires, today) {
            Expiry::Soon(days) | Expiry::ThisMonth(days) => Some((waiver, days)),
            Expiry::Later(_) | Expiry::Unknown => None,
        })
    }

    /// The day on which the last account was collected.
    pub(super) fn today(&self) -> Option<Date> {
        self.collected.as_ref().and_then(|(_, last)| day_of(last))
    }
}

/// What is unknown because of a gap, in words.
fn extent(extent: &Extent) -> String {
    match extent {
        Extent::Account => "entire account".to_owned(),
        Extent::Regions => "other regions".to_owned(),
        Extent::List { kind } => format!("all {kind} resources"),
        Extent::Facts { kind, fact, resources } => {
            let names: Vec<&str> = resources.iter().map(String::as_str).collect();
            let some = some_of(&names, 3);
            let number = counted(resources.len(), &format!("{kind} resource"));
            format!("{fact} of {number}: {some}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sample;
    use crate::report::Changes;

    #[test]
    fn findings_of_removed_waivers_beyond_the_maximum_are_counted() {
        let mut report = sample::account(1);
        let mut changes = Changes::default();
        for line in 0..=WAIVERS {
            let id = format!("sg-{line}");
            let finding = sample::finding(&report, "sg-ingress", Verdict::Fail, &id);
            let terms = Waived {
                reason: "until the move".to_owned(),
                owner: "web".to_owned(),
                expires: jiff::civil::date(2026, 7, 31),
                ticket: None,
                file: "rolecall.toml".to_owned(),
                line,
            };
            changes.ended_waivers.insert(finding.fingerprint, terms.into());
            report.findings.push(finding);
        }
        report.changes = Some(changes);
        let mut collected = Collected::default();
        collected.add(&report);
        assert_eq!((collected.ended().count(), collected.more_waivers), (WAIVERS, 1));
    }
}
