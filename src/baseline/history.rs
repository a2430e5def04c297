//! Follows findings through many reports, one report at a time.
//!
//! A finding is open from the first report in which it fails until a report that checked it again
//! and no longer has it. Reports that could not check it, or that do not evaluate its rule or scan
//! its account, change nothing. Memory grows with the number of open findings, not with the number
//! of reports.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::compare::compare;
use super::evaluated::{evaluated, oldest_ids};
use super::read::{ReadAccount, ReadError, ReadFinding, ReadReport, read, read_from};
use super::unusable::WRITTEN_WITH;
use crate::model::text::one_line;
use crate::model::{AccountId, Fingerprint, State, Verdict, counted};
use crate::report::{
    AccountTrend, History, HistoryReport, OpenFinding, Reason, SkippedFile, Trend,
};

/// Why a history cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder cannot be read.
    #[error("cannot read folder `{path}`: {reason}", path = path.display(), reason = folder_reason(error))]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The folder has no usable report.
    #[error("`{path}` contains no usable reports{skipped}; use a folder with JSON reports, written with `--output json=FILE`", path = path.display())]
    NoReports {
        /// Its path.
        path: PathBuf,
        /// Files that were skipped.
        skipped: String,
    },
}

/// Why a folder could not be read, and what to do.
fn folder_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no such folder: use a folder with JSON reports, {WRITTEN_WITH}")
        }
        io::ErrorKind::NotADirectory => {
            "it is a file: use the folder that contains the reports; to compare two reports, use `rolecall diff OLD NEW`".to_owned()
        }
        _ => error.to_string(),
    }
}

/// A report that is used.
struct Usable {
    path: PathBuf,
    file: String,
    time: Timestamp,
    narrowed_by: Vec<String>,
}

/// Reads the reports in a folder.
pub fn history(dir: &Path) -> Result<History, HistoryError> {
    let failed = |error| HistoryError::Io { path: dir.to_owned(), error };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    let mut skipped = Vec::new();
    let mut usable = Vec::new();
    let mut seen: BTreeMap<[u8; 32], String> = BTreeMap::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let file = one_line(&name, 200);
        match examine(&path, &mut seen, &file) {
            Ok((time, narrowed_by)) => usable.push(Usable { path, file, time, narrowed_by }),
            Err((reason, is_missing)) => skipped.push(SkippedFile { file, reason, is_missing }),
        }
    }
    usable.sort_by(|a, b| (a.time, &a.file).cmp(&(b.time, &b.file)));
    // Unfiltered reports, or else those with the same filters as the first one.
    let filters = usable
        .iter()
        .find(|report| report.narrowed_by.is_empty())
        .or(usable.first())
        .map(|report| report.narrowed_by.clone());
    let mut tracker = Tracker::default();
    for report in usable {
        let read = if filters.as_ref() == Some(&report.narrowed_by) {
            tracker.read(&report)
        } else {
            Err(match report.narrowed_by.as_slice() {
                [] => "it comes from an unfiltered run".to_owned(),
                some => format!(
                    "it comes from a filtered run ({}), so it does not contain all findings",
                    one_line(&some.join(", "), 200)
                ),
            })
        };
        if let Err(reason) = read {
            skipped.push(SkippedFile { file: report.file, reason, is_missing: true });
        }
    }
    skipped.sort_by(|a, b| a.file.cmp(&b.file));
    if tracker.reports.is_empty() {
        let skipped = match skipped.as_slice() {
            _ if dir.join("snapshot.json").exists() => " (it is a snapshot)".to_owned(),
            [] => String::new(),
            [first, rest @ ..] => {
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!("; and {}", counted(more, "more file")),
                };
                format!(" ({}: {}{more})", first.file, first.reason)
            }
        };
        return Err(HistoryError::NoReports { path: dir.to_owned(), skipped });
    }
    Ok(tracker.finish(filters.unwrap_or_default(), skipped))
}

/// The time and the filters of a report, or why it is not used and whether it may be missed.
fn examine(
    path: &Path,
    seen: &mut BTreeMap<[u8; 32], String>,
    file: &str,
) -> Result<(Timestamp, Vec<String>), (String, bool)> {
    let missing = |reason: &str| (reason.to_owned(), true);
    // Follows links, but never waits for a named pipe.
    let is_file = fs::metadata(path).map(|found| (found.is_dir(), found.is_file()));
    match is_file.map_err(|error| (format!("cannot be read: {error}"), true))? {
        (true, _) => return Err(missing("it is a folder; only files directly in DIR are read")),
        (_, false) => return Err(missing("it is not a regular file")),
        _ => {}
    }
    if path.extension().is_none_or(|extension| extension != "json") {
        return Err(missing("its name does not end with `.json`"));
    }
    let mut hashed = Hashed {
        from: File::open(path).map_err(|error| (format!("cannot be read: {error}"), true))?,
        hash: Sha256::new(),
    };
    let report = match read_from(&mut hashed, &|_| false) {
        Ok(report) => report,
        // Reads it again, for the version of a report that is not understood.
        Err(_) => match read(path, &|_| false) {
            Err(ReadError::Io(error)) => return Err((format!("cannot be read: {error}"), true)),
            Err(ReadError::Unusable(reason)) => return Err((reason, true)),
            Ok(_) => return Err(missing("it changed while it was read")),
        },
    };
    if let Some(first) = seen.insert(hashed.hash.finalize().into(), file.to_owned()) {
        return Err((format!("it is a copy of {first}"), false));
    }
    let times = report.accounts.iter().filter_map(|account| account.collected_at.as_deref());
    let times: Result<Vec<Timestamp>, _> = times.map(str::parse).collect();
    match times.map(|times| times.into_iter().max()) {
        Ok(Some(time)) => Ok((time, report.narrowed_by)),
        Ok(None) => Err(("nothing was collected for it".to_owned(), false)),
        Err(_) => Err(missing("its collection time is not valid")),
    }
}

/// Computes the hash of what is read.
struct Hashed {
    from: File,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.hash.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

/// An open finding.
struct Open {
    finding: OpenFinding,
    since: Timestamp,
    /// Whether an earlier report checked its account and rule, so that it is not older.
    is_exact: bool,
    is_unknown: bool,
    /// Whether it is waived, if the report that was just read checked it.
    is_waived: Option<bool>,
}

/// An account.
#[derive(Default)]
struct Account {
    name: Option<String>,
    open: Vec<Open>,
    last: Option<Timestamp>,
    collected_at: Option<String>,
    /// The oldest ids of the rules that were evaluated.
    rules: BTreeSet<String>,
    /// By oldest rule id.
    trends: BTreeMap<String, Trend>,
}

/// A rule.
#[derive(Default)]
struct Rule {
    id: String,
    frameworks: BTreeSet<String>,
}

#[derive(Default)]
struct Tracker {
    accounts: BTreeMap<AccountId, Account>,
    rules: BTreeMap<String, Rule>,
    reports: Vec<HistoryReport>,
    /// Whether an account was reported twice. Until then, reports are the start of the history.
    is_started: bool,
}

impl Tracker {
    /// Adds a report.
    fn read(&mut self, usable: &Usable) -> Result<(), String> {
        let fingerprints: HashSet<Fingerprint> = self
            .accounts
            .values()
            .flat_map(|account| &account.open)
            .map(|open| open.finding.fingerprint)
            .collect();
        let keep = |finding: &ReadFinding| {
            finding.is_open() || fingerprints.contains(&finding.fingerprint)
        };
        let report = read(&usable.path, &keep).map_err(|error| match error {
            ReadError::Io(error) => format!("cannot be read: {error}"),
            ReadError::Unusable(reason) => reason,
        })?;
        drop(fingerprints);
        let oldest = oldest_ids(&report);
        let rules: BTreeSet<&str> = oldest.values().map(String::as_str).collect();
        // Nothing is counted of a report that has an error.
        let mut present = BTreeSet::new();
        for account in &report.accounts {
            evaluated(account, &oldest, &rules)?;
            if !present.insert(&account.account) {
                return Err(format!("account {} appears twice", account.account));
            }
        }
        self.is_started |= present.iter().any(|account| self.accounts.contains_key(*account));
        self.describe_rules(&report);
        let mut row = HistoryReport {
            file: usable.file.clone(),
            collected_at: usable.time.to_string(),
            new: 0,
            fixed: 0,
            unknown_now: 0,
            open: 0,
            failures: 0,
            waived: 0,
        };
        for open in self.accounts.values_mut().flat_map(|account| &mut account.open) {
            open.is_waived = None;
        }
        for account in &report.accounts {
            let tracked = self.accounts.entry(account.account.clone()).or_default();
            tracked.add(account, usable.time, self.is_started, &oldest, &rules, &mut row)?;
        }
        for open in self.accounts.values().flat_map(|account| &account.open) {
            row.open += 1;
            row.failures += usize::from(open.is_waived == Some(false));
            row.waived += usize::from(open.is_waived == Some(true));
        }
        self.reports.push(row);
        Ok(())
    }

    fn describe_rules(&mut self, report: &ReadReport) {
        for rule in &report.rules {
            let frameworks = rule.tags.iter().filter_map(|tag| tag.split_once('/'));
            let known = self.rules.entry(rule.oldest_id.clone()).or_default();
            known.id = rule.id.clone();
            known.frameworks = frameworks.map(|(framework, _)| one_line(framework, 80)).collect();
        }
    }

    fn finish(self, narrowed_by: Vec<String>, skipped: Vec<SkippedFile>) -> History {
        let reports = self.reports;
        let mut history = History { reports, narrowed_by, skipped, ..History::default() };
        let mut by_rule: BTreeMap<String, Trend> =
            self.rules.values().map(|rule| (rule.id.clone(), Trend::default())).collect();
        let mut by_framework: BTreeMap<String, Trend> = BTreeMap::new();
        for (account, tracked) in self.accounts {
            let mut trends = tracked.trends;
            for open in &tracked.open {
                let trend = trends.entry(open.finding.rule.clone()).or_default();
                trend.open += 1;
                trend.unknown_now += usize::from(open.is_unknown);
            }
            let mut total = Trend::default();
            for (oldest, trend) in &trends {
                total.add(trend);
                let rule = self.rules.get(oldest);
                let id = rule.map_or(oldest, |rule| &rule.id);
                by_rule.entry(id.clone()).or_default().add(trend);
                for framework in rule.into_iter().flat_map(|rule| &rule.frameworks) {
                    by_framework.entry(framework.clone()).or_default().add(trend);
                }
            }
            history.total.add(&total);
            history.accounts.push(AccountTrend {
                account,
                name: tracked.name,
                collected_at: tracked.collected_at,
                trend: total,
            });
        }
        history.rules = by_rule.into_iter().collect();
        history.frameworks = by_framework.into_iter().collect();
        history
    }
}

impl Account {
    fn add(
        &mut self,
        account: &ReadAccount,
        report_time: Timestamp,
        is_started: bool,
        oldest: &BTreeMap<String, String>,
        rules: &BTreeSet<&str>,
        row: &mut HistoryReport,
    ) -> Result<(), String> {
        let collected_at = account.collected_at.as_deref().and_then(|time| time.parse().ok());
        let time: Timestamp = collected_at.unwrap_or(report_time);
        // A resumed or merged snapshot can contain older data than the report before it.
        if self.last.is_some_and(|last| time < last) {
            return Ok(());
        }
        self.last = Some(time);
        self.name = account.name.clone().or(self.name.take());
        self.collected_at = account.collected_at.clone().or(self.collected_at.take());
        let now = evaluated(account, oldest, rules)?;
        let open = std::mem::take(&mut self.open);
        let failed: Vec<&OpenFinding> = open.iter().map(|open| &open.finding).collect();
        let compared = compare(&failed, &now);
        let mut added = Vec::new();
        let found = account.findings.iter().zip(&now.findings).zip(&compared.states);
        for ((finding, checked), state) in found {
            if *state == Some(State::New) && finding.verdict == Verdict::Fail {
                let is_waived = Some(checked.waived);
                let finding = OpenFinding {
                    rule: checked.rule.to_owned(),
                    severity: finding.severity,
                    message: String::new(),
                    resource: finding.resource.clone(),
                    fingerprint: finding.fingerprint,
                    checked_at: None,
                    failed: true,
                    waived: false,
                    source: None,
                };
                let is_exact = self.rules.contains(checked.rule);
                added.push(Open { finding, since: time, is_exact, is_unknown: false, is_waived });
            }
        }
        let mut known: HashSet<Fingerprint> =
            open.iter().map(|open| open.finding.fingerprint).collect();
        known.extend(now.findings.iter().map(|finding| finding.fingerprint));
        // What failed in a report that is not in the folder, and could not be checked since.
        for carried in account.carried.iter().flatten().filter(|open| open.failed) {
            if known.insert(carried.fingerprint) {
                let checked = carried.checked_at.as_deref().and_then(|time| time.parse().ok());
                let since = checked.unwrap_or(time).min(time);
                let finding = OpenFinding { message: String::new(), ..carried.clone() };
                added.push(Open {
                    finding,
                    since,
                    is_exact: false,
                    is_unknown: true,
                    is_waived: None,
                });
            }
        }
        for open in &added {
            let trend = self.trends.entry(open.finding.rule.clone()).or_default();
            if is_started {
                row.new += 1;
                trend.new += 1;
            } else {
                trend.at_start += 1;
            }
        }
        for (mut open, then) in open.into_iter().zip(compared.then) {
            match then.state {
                State::Fixed => {
                    let trend = self.trends.entry(open.finding.rule).or_default();
                    let seconds = time.as_second().saturating_sub(open.since.as_second());
                    row.fixed += 1;
                    trend.fixed += 1;
                    trend.fix_seconds =
                        trend.fix_seconds.saturating_add(u64::try_from(seconds).unwrap_or(0));
                    trend.at_least |= !open.is_exact;
                    continue;
                }
                State::UnknownNow if then.reason == Some(Reason::RuleNotEvaluated) => {}
                State::UnknownNow => {
                    row.unknown_now += 1;
                    open.is_unknown = true;
                }
                State::New | State::Unchanged => {
                    open.is_unknown = false;
                    // Its resource may have moved.
                    if let Some(finding) = then.at.and_then(|at| now.findings.get(at)) {
                        open.finding.resource = finding.resource.clone();
                        open.finding.fingerprint = *finding.fingerprint;
                        open.is_waived = Some(finding.waived);
                    }
                }
            }
            self.open.push(open);
        }
        self.open.extend(added);
        if account.entered {
            self.rules.extend(rules.iter().map(|rule| (*rule).to_owned()));
        }
        Ok(())
    }
}
