//! `rolecall remediate verify`: evaluates the rules on facts of this moment, and says which findings
//! of a plan or a journal pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::cli::{Global, VerifyArgs};
use crate::exit::Exit;
use crate::model::AccountId;
use crate::remediation::PlanFile;
use crate::remediation::apply::journal;
use crate::remediation::plan::Item;
use crate::remediation::verify::{VerifiedStatus, VerifyReport};
use crate::report::AccountReport;
use crate::run::aws_session::AwsSession;
use crate::run::error::CommandError;
use crate::run::fresh;
use crate::run::remediation::evaluation_of;
use crate::run::setup::Setup;

/// Runs the command.
pub fn run(global: &Global, args: &VerifyArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let (plan, items) = items(&args.file)?;
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
    let report = VerifyReport::new(&plan, &items, &evaluation, &reports);
    super::report::write_report(out, args.format, &report, &report.text())?;
    Ok(Exit::of_run(report.has(VerifiedStatus::Fails), report.has(VerifiedStatus::CannotTell)))
}

/// The hash and the items of a plan, or of the plan of a journal.
fn items(path: &Path) -> Result<(String, Vec<Item>), CommandError> {
    // Both are JSON; a journal is one object per line, the first of which has this key first.
    let mut start = [0; 4];
    let is_journal = File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == *b"{\"n\"");
    if is_journal {
        let record = journal::read(path).map_err(|error| CommandError::Command(Box::new(error)))?;
        return Ok((record.plan, record.items));
    }
    let file = PlanFile::read(path)?;
    Ok((file.hash, file.plan.items))
}
