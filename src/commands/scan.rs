//! `rolecall scan`: collect, judge, report.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::CommandError;
use super::evaluate::{evaluation, manifest_target};
use super::gather::{self, Cleared, Run};
use super::reporting::Reports;
use super::roll::Roll;
use super::setup::Setup;
use crate::aws::Observer;
use crate::cli::{Global, ScanArgs};
use crate::evaluate::{Evaluation, Judge};
use crate::exit::Exit;
use crate::model::{AccountId, Region, Verdict};
use crate::progress::Progress;
use crate::rules::STACK_SIZE;
use crate::snapshot::Reader;

/// Runs the command.
pub fn run(global: &Global, args: &ScanArgs) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &args.narrowing, &args.rules, true)?;
    let mut reports = Reports::new(global, &setup, &args.outputs, args.evaluation.fail_on)?;
    let mut connection = Run::begin(&setup, &args.aws)?;
    let resumed = args.snapshot.as_deref().filter(|_| args.resume);
    let roll = Roll::call(&setup, &mut connection, resumed, global.quiet)?;
    let run = reports.run_info(&setup, roll.targets.len(), &roll.skipped);
    // What refuses the run as a whole shows before any account is asked anything.
    reports.check(&run)?;
    let folder = gather::folder(&setup, &roll, args.snapshot.as_deref(), args.resume)?;
    let accounts = roll.targets.iter().map(|target| target.account.clone()).collect();
    let evaluation = evaluation(&setup, Some(accounts), roll.targets.iter().map(manifest_target).collect(), roll.known());

    let progress = Arc::new(Progress::new(gather::names(&roll.targets, &folder), true, global.quiet));
    let gathered = {
        let _cleared = Cleared(&progress);
        let (watch, judging) = Watch::start(progress.clone(), evaluation.clone(), folder.path());
        let gathered = gather::collect(&setup, &args.aws, connection, roll, &folder, Arc::new(watch));
        // The watch went with the collection, which ends the thread.
        judging.map(JoinHandle::join);
        gathered?
    };
    let reader = Reader::open(folder.path())?;
    let reported = reports.judge(&run, &evaluation, &reader)?;
    let mut notices = gathered.notices(&setup);
    gather::tell(&notices, global.quiet);
    notices.extend(reported.notices.iter().map(ToString::to_string));
    gather::record(&folder, &gathered, reported.exit, &notices)?;
    Ok(reported.exit)
}

/// Shows progress, and has each account judged as it comes in, so that findings can be counted on the way. The report itself is made
/// from the whole snapshot afterwards.
struct Watch {
    progress: Arc<Progress>,
    finished: Sender<AccountId>,
}

impl Watch {
    fn start(progress: Arc<Progress>, evaluation: Evaluation, dir: &Path) -> (Self, Option<JoinHandle<()>>) {
        let (finished, accounts) = channel();
        let (shown, dir) = (progress.clone(), dir.to_owned());
        let count = move || count(&shown, &evaluation, &dir, &accounts);
        // Without the thread the findings of the bar stay at zero; the report does not depend on it.
        let thread = thread::Builder::new().name("progress".to_owned()).stack_size(STACK_SIZE).spawn(count).ok();
        (Self { progress, finished }, thread)
    }
}

fn count(progress: &Progress, evaluation: &Evaluation, dir: &Path, accounts: &Receiver<AccountId>) {
    let (Ok(mut judge), Ok(reader)) = (Judge::new(evaluation), Reader::open(dir)) else { return };
    for account in accounts {
        let target = reader.accounts().find(|target| target.account == account);
        if let (Some(target), Ok(collected)) = (target, reader.account(&account)) {
            let report = judge.account(target, collected).report;
            let failures = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
            progress.add_findings(failures as u64);
        }
    }
}

impl Observer for Watch {
    fn account_started(&self, account: &AccountId) {
        self.progress.account_started(account);
    }

    fn call(&self, account: &AccountId, call: &str) {
        self.progress.call(account, call);
    }

    fn throttled(&self, account: &AccountId, call: &str) {
        self.progress.throttled(account, call);
    }

    fn resource_gone(&self, account: &AccountId, region: &Region, kind: &str, id: &str) {
        self.progress.resource_gone(account, region, kind, id);
    }

    fn account_finished(&self, account: &AccountId, path: &Path, entered: bool, gaps: usize) {
        self.progress.account_finished(account, path, entered, gaps);
        self.finished.send(account.clone()).ok();
    }
}
