//! `rolecall remediate verify`: evaluates the rules on facts of this moment, and says which findings
//! of a plan or a journal pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::cli::{Global, VerifyArgs};
use crate::exit::Exit;
use crate::model::AccountId;
use crate::remediation::apply::journal;
use crate::remediation::plan::Item;
use crate::remediation::verify::{VerifiedStatus, VerifyReport};
use crate::remediation::{PlanFile, Planner};
use crate::report::AccountReport;
use crate::run::aws_session::AwsSession;
use crate::run::error::CommandError;
use crate::run::fresh;
use crate::run::remediation::{evaluation_of, plan_settings};
use crate::run::setup::Setup;

/// Runs the command.
pub fn run(global: &Global, args: &VerifyArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let Source { plan, rules, items } = source(&args.file)?;
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    if items.iter().all(|item| item.findings.is_empty()) {
        return Err(CommandError::Usage(
            "no findings: a plan that undoes another one settles none".to_owned(),
        ));
    }
    let accounts: BTreeSet<AccountId> = items.iter().map(|item| item.account.clone()).collect();
    let mut session = AwsSession::begin(&setup, &args.aws)?;
    let targets = fresh::targets_of(&setup, &mut session, &accounts, global.quiet)?;
    let facts = fresh::collect(&setup, &args.aws, &mut session, &targets, setup.demand())?;
    let evaluation = evaluation_of(&setup, &facts.reader, global.quiet)?;
    let mut reports: BTreeMap<AccountId, AccountReport> = BTreeMap::new();
    evaluation.run(&facts.reader, |report| {
        reports.insert(report.account.clone(), report);
        Ok(())
    })?;
    let settings = plan_settings(&setup, false);
    let current = Planner { evaluation: &evaluation, settings: &settings }.rules_hash();
    let other_rules = rules.map(|rules| rules != current);
    let report = VerifyReport::new(&plan, other_rules, &items, &evaluation, &reports);
    super::report::write_report(out, args.format, &report, &report.text())?;
    let uncertain = report.has(VerifiedStatus::CannotTell) || other_rules == Some(true);
    Ok(Exit::of_run(report.has(VerifiedStatus::Fails), uncertain))
}

/// What a plan or a journal says.
struct Source {
    /// The hash of the plan.
    plan: String,
    /// The hash of its rules, if the plan has findings; a journal does not contain it.
    rules: Option<String>,
    /// Its items.
    items: Vec<Item>,
}

/// Reads a plan or a journal.
fn source(path: &Path) -> Result<Source, CommandError> {
    // Both are JSON; a journal is one object per line, the first of which has this key first.
    let mut start = [0; 4];
    let is_journal = File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == *b"{\"n\"");
    if is_journal {
        let record = journal::read(path).map_err(|error| CommandError::Command(Box::new(error)))?;
        return Ok(Source { plan: record.plan, rules: None, items: record.items });
    }
    let file = PlanFile::read(path)?;
    let PlanFile { plan, hash } = file;
    Ok(Source { plan: hash, rules: Some(plan.rules), items: plan.items })
}
