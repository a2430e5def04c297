//! `rolecall remediate verify`: evaluates the rules on facts of this moment, and says which findings
//! of a plan or a journal pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::cli::{Global, VerifyArgs};
use crate::evaluate::Evaluation;
use crate::exit::Exit;
use crate::model::text::one_line;
use crate::model::{AccountId, Finding, Region, Verdict, counted};
use crate::remediation::PlanFile;
use crate::remediation::apply::journal;
use crate::remediation::plan::Item;
use crate::report::AccountReport;
use crate::run::aws_session::AwsSession;
use crate::run::error::CommandError;
use crate::run::fresh;
use crate::run::remediation::evaluation_of;
use crate::run::setup::Setup;

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Now {
    Passes,
    Gone,
    Fails,
    CannotTell,
}

impl Now {
    fn as_str(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Gone => "gone",
            Self::Fails => "fails",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &VerifyArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let items = items(&args.file)?;
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let accounts: BTreeSet<AccountId> = items.iter().map(|item| item.account.clone()).collect();
    let mut findings: BTreeMap<(&str, &str), &Item> = BTreeMap::new();
    for item in &items {
        for finding in &item.findings {
            findings.insert((&finding.rule, finding.fingerprint.as_str()), item);
        }
    }
    if findings.is_empty() {
        return Err(CommandError::Usage(
            "no findings: a plan that undoes another one settles none".to_owned(),
        ));
    }
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let targets = fresh::targets_of(&setup, &mut session, &accounts, global.quiet)?;
    let facts = fresh::collect(&setup, &args.aws, &mut session, &targets, setup.demand())?;
    let evaluation = evaluation_of(&setup, &facts.reader, global.quiet)?;
    let mut reports: BTreeMap<AccountId, AccountReport> = BTreeMap::new();
    evaluation.run(&facts.reader, |report| {
        reports.insert(report.account.clone(), report);
        Ok(())
    })?;

    let mut counts: BTreeMap<Now, usize> = BTreeMap::new();
    let mut text = String::new();
    for ((rule, fingerprint), item) in findings {
        let report = reports.get(&item.account);
        let is_selected = setup.rules.iter().any(|selected| selected.rule.id == rule);
        let (now, reason) = match is_selected {
            true => now(report, &evaluation, item, (rule, fingerprint)),
            false => (Now::CannotTell, "the rule is not selected".to_owned()),
        };
        *counts.entry(now).or_default() += 1;
        let resource = one_line(&item.resource.id, 200);
        text.push_str(&format!("{}: {rule} {resource} in {}", now.as_str(), item.account));
        if !reason.is_empty() && now != Now::Passes {
            text.push_str(&format!(" ({})", one_line(&reason, 300)));
        }
        text.push('\n');
    }
    let total = counts.values().sum();
    let parts: Vec<String> =
        counts.iter().map(|(now, count)| format!("{count} {}", now.as_str())).collect();
    text.push_str(&format!("{}: {}\n", counted(total, "finding"), parts.join(", ")));
    CommandError::unless_written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(Exit::of_run(counts.contains_key(&Now::Fails), counts.contains_key(&Now::CannotTell)))
}

/// What a report says about a finding, and why.
fn now(
    report: Option<&AccountReport>,
    evaluation: &Evaluation,
    item: &Item,
    (rule, fingerprint): (&str, &str),
) -> (Now, String) {
    let Some(report) = report.filter(|report| report.entered) else {
        return (Now::CannotTell, "the account could not be entered".to_owned());
    };
    let is_it =
        |finding: &&Finding| finding.rule == rule && finding.fingerprint.as_str() == fingerprint;
    match report.findings.iter().find(is_it) {
        Some(finding) => {
            let now = match finding.verdict {
                Verdict::Pass | Verdict::Skip => Now::Passes,
                Verdict::Fail => Now::Fails,
                Verdict::Unknown | Verdict::Error => Now::CannotTell,
            };
            (now, finding.message.clone())
        }
        None if !was_scanned(report, evaluation, &item.region) => {
            (Now::CannotTell, format!("region {} was not scanned", item.region))
        }
        // A list that failed hides its resources, also if the config accepts that.
        None if !report.gaps.is_empty() || report.incomplete() => {
            (Now::CannotTell, "something in the account could not be read".to_owned())
        }
        None => (Now::Gone, "the resource no longer exists".to_owned()),
    }
}

/// Whether resources in a region are in a report.
fn was_scanned(report: &AccountReport, evaluation: &Evaluation, region: &Region) -> bool {
    evaluation.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
        && (region.is_global() || report.regions.is_empty() || report.regions.contains(region))
}

/// The items of a plan or of a journal.
fn items(path: &Path) -> Result<Vec<Item>, CommandError> {
    // Both are JSON; a journal is one object per line, the first of which has this key first.
    let mut start = [0; 4];
    let is_journal = File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == *b"{\"n\"");
    if is_journal {
        let record = journal::read(path).map_err(|error| CommandError::Command(Box::new(error)))?;
        return Ok(record.items);
    }
    Ok(PlanFile::read(path)?.plan.items)
}
