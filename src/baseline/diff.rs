//! Compares two reports.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::compare::compare;
use super::earlier::{Baseline, EarlierAccount};
use super::evaluated::{evaluated, oldest_ids};
use super::read::{BaselineError, ReadAccount, ReadError, ReadFinding, ReadReport, read};
use super::states::sort_key;
use super::unusable::io_reason;
use crate::model::text::one_line;
use crate::model::{AccountId, Fingerprint, ResourceRef, Severity, State, Verdict};
use crate::report::{AccountChange, Change, Compared, Diff, GapChange, OpenFinding, Reason};

/// Why two reports cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// One of them cannot be read.
    #[error("cannot read report `{path}`: {reason}", path = path.display(), reason = io_reason(error, ""))]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: std::io::Error,
    },
    /// One of them is not a report.
    #[error("cannot compare `{path}`: {reason}", path = path.display())]
    Unusable {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Both are the same file.
    #[error("`{old}` and `{new}` are the same file: pass two different reports", old = old.display(), new = new.display())]
    SameFile {
        /// The earlier report.
        old: PathBuf,
        /// The later report.
        new: PathBuf,
    },
    /// They come from runs with different filters.
    #[error(
        "the reports come from differently filtered runs ({old}; {new}), so they do not contain the same findings: compare reports of unfiltered runs, or of runs with the same filters"
    )]
    Filters {
        /// The filters of the earlier report.
        old: String,
        /// The filters of the later report.
        new: String,
    },
}

impl DiffError {
    fn new(path: &Path, error: ReadError) -> Self {
        match error.at(path) {
            BaselineError::Io { path, error } => Self::Io { path, error },
            BaselineError::Unusable { path, reason } => Self::Unusable { path, reason },
        }
    }
}

/// Compares two reports. `fail_on` is the threshold for new failures, by default that of the later
/// report.
pub fn diff(
    old_path: &Path,
    new_path: &Path,
    fail_on: Option<Option<Severity>>,
) -> Result<Diff, DiffError> {
    let same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
    if same(old_path, new_path).unwrap_or_default() {
        let (old, new) = (old_path.to_owned(), new_path.to_owned());
        return Err(DiffError::SameFile { old, new });
    }
    let old = read(old_path, &ReadFinding::is_open).map_err(|e| DiffError::new(old_path, e))?;
    let unusable = |path: &Path| {
        let path = path.to_owned();
        move |reason| DiffError::Unusable { path, reason }
    };
    let old_head = head(old_path, &old);
    let old_filters = old.narrowed_by.clone();
    let old_rules = rule_ids(&old);
    let old_gaps = gaps(&old);
    let old_accounts = accounts(&old);
    let old = Baseline::new(old).map_err(unusable(old_path))?;

    let failed: BTreeSet<Fingerprint> = old
        .accounts
        .values()
        .flat_map(EarlierAccount::failed)
        .map(|open| open.fingerprint)
        .collect();
    let keep = |finding: &ReadFinding| finding.is_open() || failed.contains(&finding.fingerprint);
    let new = read(new_path, &keep).map_err(|error| DiffError::new(new_path, error))?;
    if old_filters != new.narrowed_by {
        let shown = |filters: &[String]| match filters {
            [] => "no filters".to_owned(),
            some => one_line(&some.join(", "), 200),
        };
        let (old, new) = (shown(&old_filters), shown(&new.narrowed_by));
        return Err(DiffError::Filters { old, new });
    }
    let (new_rules, new_gaps, new_accounts) = (rule_ids(&new), gaps(&new), accounts(&new));
    let names = Names { old: &old_rules, new: &new_rules };
    let mut diff = Diff {
        old: old_head,
        new: head(new_path, &new),
        fail_on: fail_on.unwrap_or(new.fail_on),
        new_failures: Vec::new(),
        unchanged: 0,
        unchanged_waived: 0,
        fixed: Vec::new(),
        unknown_now: Vec::new(),
        new_gaps: only_in(&new_gaps, &old_gaps).cloned().collect(),
        closed_gaps: only_in(&old_gaps, &new_gaps)
            .filter(|gap| {
                let was_read = |account: &&ReadAccount| {
                    account.entered
                        && (gap.region.is_global() || account.regions.contains(&gap.region))
                };
                new.accounts.iter().filter(was_read).any(|account| account.account == gap.account)
            })
            .cloned()
            .collect(),
        added_accounts: only_accounts(&new_accounts, &old_accounts),
        removed_accounts: only_accounts(&old_accounts, &new_accounts),
        added_rules: only_rules(&new_rules, &old_rules),
        removed_rules: only_rules(&old_rules, &new_rules),
        renamed_rules: old_rules
            .iter()
            .filter_map(|(oldest, id)| Some((id, new_rules.get(oldest)?)))
            .filter(|(then, now)| then != now)
            .map(|(then, now)| (then.clone(), now.clone()))
            .collect(),
        incomplete: new
            .accounts
            .iter()
            .filter(|account| !account.complete)
            .map(|account| account.account.clone())
            .collect(),
    };
    let oldest = oldest_ids(&new);
    let evaluated_rules: BTreeSet<&str> = oldest.values().map(String::as_str).collect();
    let mut seen: BTreeSet<&AccountId> = BTreeSet::new();
    for account in &new.accounts {
        if !seen.insert(&account.account) {
            let reason = format!("account {} appears twice", account.account);
            return Err(unusable(new_path)(reason));
        }
        let now = evaluated(account, &oldest, &evaluated_rules).map_err(unusable(new_path))?;
        let earlier =
            old.account(&account.account).filter(|earlier| earlier.partition == account.partition);
        let failed = failed_then(earlier, account.carried.iter().flatten());
        let compared = compare(&failed, &now);
        let place = Place { account: &account.account, name: account.name.as_ref(), names };
        let ended: BTreeSet<usize> = compared
            .then
            .iter()
            .filter(|then| then.reason == Some(Reason::WaiverEnded))
            .filter_map(|then| then.at)
            .collect();
        for (open, then) in failed.into_iter().zip(compared.then) {
            match then.state {
                State::Fixed => diff.fixed.push(place.earlier(open, then.reason)),
                State::UnknownNow => diff.unknown_now.push(place.earlier(open, then.reason)),
                State::Unchanged => {
                    let finding = then.at.and_then(|at| now.findings.get(at));
                    diff.unchanged += 1;
                    diff.unchanged_waived += usize::from(finding.is_some_and(|now| now.waived));
                }
                State::New => {}
            }
        }
        let is_added = !old_accounts.contains_key(&account.account);
        let mut on_resource: HashMap<&ResourceRef, Vec<&Fingerprint>> = HashMap::new();
        for finding in &account.findings {
            on_resource.entry(&finding.resource).or_default().push(&finding.fingerprint);
        }
        let findings = account.findings.iter().zip(&now.findings).zip(compared.states);
        for (index, ((finding, checked), state)) in findings.enumerate() {
            if state == Some(State::New) && finding.verdict == Verdict::Fail {
                let rule_added = !old_rules.contains_key(checked.rule);
                let reason = match (is_added, rule_added) {
                    (true, _) => Some(Reason::AccountAdded),
                    (_, true) => Some(Reason::RuleAdded),
                    _ if ended.contains(&index) => Some(Reason::WaiverEnded),
                    _ => earlier.and_then(|earlier| {
                        let others = on_resource.get(&finding.resource).into_iter().flatten();
                        earlier.why_new(&finding.resource, &finding.fingerprint, others.copied())
                    }),
                };
                diff.new_failures.push(place.now(finding, reason));
            }
        }
    }
    let carried: BTreeMap<&AccountId, &Vec<OpenFinding>> =
        new.absent_accounts.iter().map(|absent| (&absent.account, &absent.carried)).collect();
    let earlier = old.accounts.iter().map(|(account, earlier)| (account, Some(earlier)));
    let unknown: BTreeMap<&AccountId, Option<&EarlierAccount>> =
        carried.keys().map(|account| (*account, None)).chain(earlier).collect();
    for (account, earlier) in unknown.into_iter().filter(|(account, _)| !seen.contains(account)) {
        let name = old_accounts.get(account).and_then(Option::as_ref);
        let place = Place { account, name, names };
        let failed = failed_then(earlier, carried.get(account).into_iter().copied().flatten());
        let reason = Some(Reason::AccountNotScanned);
        diff.unknown_now.extend(failed.into_iter().map(|open| place.earlier(open, reason)));
    }
    for changes in [&mut diff.new_failures, &mut diff.fixed, &mut diff.unknown_now] {
        changes.sort_by(|a, b| {
            let key =
                |change: &Change| (change.severity, change.rule.clone(), change.account.clone());
            key(a)
                .cmp(&key(b))
                .then_with(|| (&a.resource, &a.fingerprint).cmp(&(&b.resource, &b.fingerprint)))
        });
    }
    Ok(diff)
}

/// The ids of rules by their oldest id.
#[derive(Clone, Copy)]
struct Names<'a> {
    old: &'a BTreeMap<String, String>,
    new: &'a BTreeMap<String, String>,
}

/// An account whose findings are compared.
struct Place<'a> {
    account: &'a AccountId,
    name: Option<&'a String>,
    names: Names<'a>,
}

impl Place<'_> {
    fn earlier(&self, open: &OpenFinding, reason: Option<Reason>) -> Change {
        let Names { old, new } = self.names;
        let rule = new.get(&open.rule).or_else(|| old.get(&open.rule)).unwrap_or(&open.rule);
        Change {
            account: self.account.clone(),
            account_name: self.name.cloned(),
            rule: rule.clone(),
            severity: open.severity,
            message: open.message.clone(),
            resource: open.resource.clone(),
            fingerprint: open.fingerprint,
            reason,
            waived: open.waived,
        }
    }

    fn now(&self, finding: &ReadFinding, reason: Option<Reason>) -> Change {
        Change {
            account: self.account.clone(),
            account_name: self.name.cloned(),
            rule: finding.rule.clone(),
            severity: finding.severity,
            message: finding.message.clone(),
            resource: finding.resource.clone(),
            fingerprint: finding.fingerprint,
            reason,
            waived: finding.waived.is_some(),
        }
    }
}

/// What failed when it was last checked: according to the earlier report and what the later one
/// carried.
fn failed_then<'a>(
    earlier: Option<&'a EarlierAccount>,
    carried: impl Iterator<Item = &'a OpenFinding>,
) -> Vec<&'a OpenFinding> {
    let mut failed: Vec<&OpenFinding> = earlier
        .into_iter()
        .flat_map(EarlierAccount::failed)
        .chain(carried.filter(|open| open.failed))
        .collect();
    // The sort is stable, so what the earlier report says comes first.
    failed.sort_by_key(|open| sort_key(open));
    failed.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    failed
}

fn head(path: &Path, report: &ReadReport) -> Compared {
    Compared {
        file: one_line(&path.to_string_lossy(), 300),
        tool: report.tool.clone(),
        selection: report.selection.clone(),
        collected_at: report.accounts.iter().filter_map(|a| a.collected_at.clone()).max(),
        accounts: report.accounts.len(),
        rules: report.rules.len(),
    }
}

/// The ids of a report's rules, by oldest id.
fn rule_ids(report: &ReadReport) -> BTreeMap<String, String> {
    report.rules.iter().map(|rule| (rule.oldest_id.clone(), rule.id.clone())).collect()
}

fn accounts(report: &ReadReport) -> BTreeMap<AccountId, Option<String>> {
    report.accounts.iter().map(|a| (a.account.clone(), a.name.clone())).collect()
}

fn only_accounts(
    these: &BTreeMap<AccountId, Option<String>>,
    others: &BTreeMap<AccountId, Option<String>>,
) -> Vec<AccountChange> {
    these
        .iter()
        .filter(|(account, _)| !others.contains_key(*account))
        .map(|(account, name)| AccountChange { account: account.clone(), name: name.clone() })
        .collect()
}

fn only_rules(these: &BTreeMap<String, String>, others: &BTreeMap<String, String>) -> Vec<String> {
    let only = these.iter().filter(|(oldest, _)| !others.contains_key(*oldest));
    let mut ids: Vec<String> = only.map(|(_, id)| id.clone()).collect();
    ids.sort();
    ids
}

fn gaps(report: &ReadReport) -> BTreeSet<GapChange> {
    let of_account = |account: &ReadAccount| {
        let id = account.account.clone();
        let gaps = account.gaps.iter().map(move |gap| GapChange {
            account: id.clone(),
            region: gap.region.clone(),
            call: one_line(&gap.call, 100),
            code: one_line(&gap.code, 100),
            accepted: gap.accepted.is_some(),
        });
        gaps.collect::<Vec<_>>()
    };
    report.accounts.iter().flat_map(of_account).collect()
}

/// Gaps of calls that did not fail in the other report.
fn only_in<'a>(
    these: &'a BTreeSet<GapChange>,
    others: &BTreeSet<GapChange>,
) -> impl Iterator<Item = &'a GapChange> {
    let key = |gap: &GapChange| (gap.account.clone(), gap.region.clone(), gap.call.clone());
    let others: BTreeSet<_> = others.iter().map(key).collect();
    these.iter().filter(move |gap| !others.contains(&key(gap)))
}
