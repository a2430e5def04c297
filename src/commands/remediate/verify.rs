//! `rolecall remediate verify`: evaluates the rules on facts of this moment, and says which findings
//! of a plan or a journal pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::cli::{Global, VerifyArgs};
use crate::exit::Exit;
use crate::model::AccountId;
use crate::remediation::apply::journal::{self, MadeFor};
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
    let Source { plan, made_for, items } = source(&args.file)?;
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    if items.iter().all(|item| item.findings.is_empty()) {
        return Err(CommandError::Usage(
            "a plan that undoes a run fixes no findings, so there is nothing to verify: verify the plan that it undoes, or scan"
                .to_owned(),
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
    let differs = made_for.map(|made_for| {
        // The plan may contain unsafe fixes.
        let settings = [false, true].map(|unsafe_fixes| plan_settings(&setup, unsafe_fixes));
        let [planner, other] =
            settings.each_ref().map(|settings| Planner { evaluation: &evaluation, settings });
        let configs = [planner.config_hash(), other.config_hash()];
        (made_for.rules != planner.rules_hash(), !configs.contains(&made_for.config))
    });
    let report = VerifyReport::new(&plan, differs.unzip(), &items, &evaluation, &reports);
    let written = super::report::write_report(out, args.format, &report, &report.text());
    CommandError::unless_written(written)?;
    let uncertain = report.has(VerifiedStatus::CannotTell) || report.differs();
    Ok(Exit::of_run(report.has(VerifiedStatus::Fails), uncertain))
}

/// What a plan or a journal says.
struct Source {
    /// The hash of the plan.
    plan: String,
    /// What the plan was made for, if it is known.
    made_for: Option<MadeFor>,
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
        let (plan, made_for) = (record.plan, record.made_for);
        return Ok(Source { plan, made_for, items: record.items });
    }
    let file = PlanFile::read(path)?;
    let PlanFile { plan, hash } = file;
    let made_for = MadeFor { rules: plan.rules, config: plan.config };
    Ok(Source { plan: hash, made_for: Some(made_for), items: plan.items })
}
