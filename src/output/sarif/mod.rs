//! SARIF 2.1.0 for GitHub code scanning: failures only, one run and one category per account (or
//! per account and region), because GitHub closes alerts as fixed if they are missing from the next
//! upload of a category.
//!
//! So results must not be missing just because they were not checked again: the report of an
//! account says which alerts stay open ([`Alerts`](crate::report::Alerts)) and which categories are
//! withheld, and this module follows it. [`split`] keeps each file within GitHub's limits.
//! [`rules`], [`location`] and [`message`] produce what GitHub shows.

mod full;
#[cfg(test)]
mod full_tests;
mod github;
mod location;
mod message;
#[cfg(test)]
mod nights;
mod rules;
mod split;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::text::one_line;
use crate::model::{
    AccountId, AlertLocation, Fingerprint, Partition, Region, Verdict, counted, series,
};
use crate::output::destination::{Destination, FileMode};
use crate::output::error::OutputError;
use crate::output::notice::Notice;
use crate::output::writer::Output;
use crate::report::{
    AccountReport, Category, CouldNotCheck, OpenFinding, RunInfo, STORED_RESULTS, Selection,
    Summary, could_not_check,
};
pub use full::SarifFull;
use github::Entry;
pub(super) use location::path;
pub(super) use message::without_markdown;
use split::{Limits, Splitter};
pub use split::{SARIF_START, is_own_sarif, is_stale_part};

/// Settings of the SARIF report.
#[derive(Debug, Clone, Default)]
pub struct SarifOptions {
    /// Accounts that are no longer targets: an empty run closes their alerts.
    pub retire: Vec<Retired>,
    /// Whether each region of an account has a category of its own.
    pub per_region: bool,
    /// Whether the name of a single file has a number, too.
    pub numbered: bool,
    /// Where results are.
    pub location: AlertLocation,
    /// What the run of an account says besides its results.
    pub notifications: BTreeMap<AccountId, Vec<String>>,
    /// The findings of resources that do not exist yet, so that nothing links to these.
    pub absent: BTreeSet<Fingerprint>,
}

/// An account that is no longer a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retired {
    /// Its id.
    pub account: AccountId,
    /// Its partition, if known.
    pub partition: Option<Partition>,
    /// The regions in which it may have alerts.
    pub regions: BTreeSet<Region>,
}

/// The SARIF report.
#[derive(Debug)]
pub struct SarifOutput {
    options: SarifOptions,
    prefix: String,
    splitter: Splitter,
    seen: BTreeSet<AccountId>,
    partition: Option<Partition>,
    notices: Vec<Notice>,
}

impl SarifOutput {
    /// A report for GitHub code scanning at `to`. If it needs several files, `report.sarif` becomes
    /// `report-001.sarif` and so on.
    pub fn new(to: Destination, options: SarifOptions) -> Self {
        Self::with_limits(to, options, Limits::GITHUB)
    }

    /// The same, in files of another mode.
    #[must_use]
    pub fn mode(mut self, mode: FileMode) -> Self {
        self.splitter.mode(mode);
        self
    }

    fn with_limits(to: Destination, options: SarifOptions, limits: Limits) -> Self {
        Self {
            prefix: String::new(),
            splitter: Splitter::new(to, limits, options.numbered),
            options,
            seen: BTreeSet::new(),
            partition: None,
            notices: Vec::new(),
        }
    }

    fn note(&mut self, text: &str) {
        self.notices.push(Notice::new(text));
    }

    /// `<category>/<partition>/<account>[/<region>]/<run id>`: GitHub splits at the last slash.
    fn automation_id(
        &self,
        partition: &Partition,
        account: &AccountId,
        region: Option<&Region>,
        time: &str,
    ) -> String {
        let time: String = time
            .chars()
            .take(40)
            .map(|c| if c.is_ascii_alphanumeric() || "-:.+".contains(c) { c } else { '-' })
            .collect();
        let region = region.map(|region| format!("/{region}")).unwrap_or_default();
        format!("{}/{partition}/{account}{region}/{time}", self.prefix)
    }

    /// Says what is not uploaded, and what is repeated without having been checked.
    fn tell(&mut self, report: &AccountReport) {
        let name = report
            .name
            .as_deref()
            .map(|name| format!(" ({})", one_line(name, 60)))
            .unwrap_or_default();
        let account = format!("account {}{name}", report.account);
        let mut withheld: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        // A group counts once.
        let grouped = report.alerts.grouped();
        let carried = report.alerts.carried.iter();
        let single = carried.filter(|open| !grouped.contains(&open.fingerprint)).count();
        let groups = report.alerts.groups.iter().filter(|group| group.failing.is_empty()).count();
        let unchecked = single + groups;
        let mut notes = Vec::new();
        for category in &report.alerts.categories {
            let region = category.region.as_ref().map(Region::as_str);
            if let Some(why) = &category.withheld {
                withheld.entry(why).or_default().extend(region);
            }
            if !category.unplaced.is_empty() && category.withheld.is_none() {
                notes.push(format!(
                    "{account}: {} are not in the SARIF report, because some code could not be read: at another place, they would become other alerts later",
                    counted(category.unplaced.len(), "new failure")
                ));
            }
            if !category.not_written.is_empty() {
                let place = region.map(|region| format!(", region {region}")).unwrap_or_default();
                notes.push(format!(
                    "{account}{place}: GitHub stores {STORED_RESULTS} results per category, so {} are not in the SARIF report; alerts that are already open come first, then the most severe ones",
                    counted(category.not_written.len(), "failure")
                ));
            }
        }
        for (why, regions) in withheld {
            let place = match regions.as_slice() {
                [] => String::new(),
                _ if !report.entered => String::new(),
                regions => format!(" in {}", series(regions.iter().copied(), "and")),
            };
            notes.push(format!("{account}{place} is excluded from the SARIF report: {why}"));
        }
        if report.alerts.categories.iter().all(|category| category.withheld.is_none())
            && unchecked > 0
        {
            notes.push(format!(
                "{account}: {} of earlier reports could not be checked and stay open",
                counted(unchecked, "finding")
            ));
        }
        notes.iter().for_each(|text| self.note(text));
    }
}

/// Rejects a run whose SARIF report must not be uploaded.
pub fn check_sarif(selection: &Selection) -> Result<(), OutputError> {
    prefix(selection).map(drop)
}

/// The part of the category before the account, or why this run must not be uploaded.
fn prefix(selection: &Selection) -> Result<String, OutputError> {
    let Some(prefix) = selection.category.clone() else {
        let by = match selection.narrowed_by.as_slice() {
            [] => "the rule selection has no name".to_owned(),
            by => by.join(", "),
        };
        return Err(OutputError::Filtered { by: one_line(&by, 200) });
    };
    let checked = prefix.strip_prefix("rolecall/").unwrap_or(&prefix);
    let reject = |reason| Err(OutputError::Category { shown: one_line(checked, 80), reason });
    let good = |c: char| c.is_ascii_alphanumeric() || "-_./ ".contains(c);
    if checked.trim().is_empty() {
        reject("is empty")
    } else if checked.len() > 100 {
        reject("is longer than 100 characters")
    } else if !checked.chars().all(good) {
        reject("contains characters other than letters, digits, spaces and `-_./`")
    } else if checked.starts_with('/') || checked.ends_with('/') || checked.contains("//") {
        reject("has an empty part between slashes")
    } else {
        Ok(prefix)
    }
}

impl Output for SarifOutput {
    fn begin(&mut self, run: &RunInfo) -> Result<(), OutputError> {
        self.prefix = prefix(&run.selection)?;
        self.splitter.begin(run.accounts + self.options.retire.len())
    }

    fn account(&mut self, run: &RunInfo, report: &AccountReport) -> Result<(), OutputError> {
        if !self.seen.insert(report.account.clone()) {
            return Err(OutputError::AccountTwice { account: report.account.to_string() });
        }
        self.partition.get_or_insert_with(|| report.partition.clone());
        self.tell(report);
        let gaps = could_not_check(report);
        for category in &report.alerts.categories {
            if category.withheld.is_some() {
                continue;
            }
            let entries = entries(run, report, &gaps, category);
            let id = self.automation_id(
                &report.partition,
                &report.account,
                category.region.as_ref(),
                report.collected_at.as_deref().unwrap_or("not-collected"),
            );
            let location = self.options.location;
            let notes = self.options.notifications.get(&report.account);
            let notes = notes.map(Vec::as_slice).unwrap_or_default();
            let written = github::Run::new(run, report, entries, id)?.at(location).noting(notes);
            let cut = self.splitter.add(written.without(&self.options.absent))?;
            if let Some(cut) = cut {
                self.note(&format!(
                    "account {}: {} results exceed GitHub's limit for one upload; the SARIF report contains only the first {}, and the alerts for the others will be closed",
                    report.account, cut.of, cut.kept
                ));
            }
        }
        Ok(())
    }

    fn finish(
        mut self: Box<Self>,
        run: &RunInfo,
        _summary: &Summary,
    ) -> Result<Vec<Notice>, OutputError> {
        let retire: BTreeSet<Retired> = self.options.retire.iter().cloned().collect();
        for Retired { account, partition, regions } in retire {
            if self.seen.contains(&account) {
                self.note(&format!(
                    "account {account} is still scanned, so its alerts are not closed"
                ));
                continue;
            }
            let partition = partition.or_else(|| self.partition.clone()).unwrap_or_default();
            let regions: Vec<Option<&Region>> = match self.options.per_region {
                true => regions.iter().map(Some).collect(),
                false => vec![None],
            };
            for region in regions {
                let id = self.automation_id(&partition, &account, region, "retired");
                self.splitter.add(github::Run::empty(run, id))?;
            }
        }
        let mut notices = std::mem::take(&mut self.notices);
        notices.extend(self.splitter.finish()?);
        Ok(notices)
    }
}

/// The results of a category: what failed, what stays open without having been checked, and what
/// could not be checked.
fn entries<'a>(
    run: &RunInfo,
    report: &'a AccountReport,
    gaps: &'a [CouldNotCheck<'a>],
    category: &'a Category,
) -> Vec<Entry<'a>> {
    let here = |region: &Region| category.region.as_ref().is_none_or(|wanted| wanted == region);
    let is_shown = |open: &OpenFinding| {
        here(&open.resource.region) && run.rules.iter().any(|rule| rule.oldest() == open.rule)
    };
    let grouped = report.alerts.grouped();
    let carried: BTreeMap<&Fingerprint, &OpenFinding> = report
        .alerts
        .carried
        .iter()
        .filter(|open| is_shown(open) && !grouped.contains(&open.fingerprint))
        .map(|open| (&open.fingerprint, open))
        .collect();
    let mut repeated = BTreeSet::new();
    let mut entries = Vec::new();
    for finding in report.findings.iter().filter(|finding| here(&finding.resource.region)) {
        let fingerprint = &finding.fingerprint;
        match finding.verdict {
            // A waived failure has no alert.
            Verdict::Fail if finding.waived.is_some() => {}
            // Its group has one.
            Verdict::Fail if grouped.contains(fingerprint) => {}
            Verdict::Fail if category.unplaced.contains(fingerprint) => {}
            Verdict::Fail if !category.not_written.contains(fingerprint) => {
                entries.push(Entry::Fresh(finding));
            }
            Verdict::Unknown | Verdict::Error if carried.contains_key(fingerprint) => {
                repeated.insert(fingerprint);
                entries.push(Entry::Fresh(finding));
            }
            _ => {}
        }
    }
    let others = carried.into_iter().filter(|(fingerprint, _)| !repeated.contains(fingerprint));
    entries.extend(others.map(|(_, open)| Entry::Carried(open)));
    let groups = report.alerts.groups.iter().filter(|group| {
        is_shown(&group.alert) && !category.not_written.contains(&group.alert.fingerprint)
    });
    entries.extend(groups.map(Entry::Group));
    entries.extend(gaps.iter().filter(|gap| here(&gap.region)).map(Entry::Gap));
    entries
}
