//! `report`: merges what was collected, evaluates it and writes the reports.

use std::path::{Path, PathBuf};

use super::event::{ReportAnswer, RunName};
use super::failure::Failure;
use super::invocation::Invocation;
use super::outputs;
use super::run_files::{RUN, RunFiles};
use crate::cli::{Evaluation, Global, OutputSpec, Outputs};
use crate::exit::Exit;
use crate::model::AccountId;
use crate::run::earlier_run::{self, EarlierRun};
use crate::run::error::CommandError;
use crate::run::evaluation::evaluate_snapshot;
use crate::run::reporting::{Reported, Reports};
use crate::run::setup::Setup;
use crate::snapshot::{self, Merged, Reader};

/// How many missing accounts an answer names. An answer is part of the input of the next state,
/// which is limited to 256 KiB.
const NAMED: usize = 100;
/// The reports of every run: format and name.
const REPORTS: [(&str, &str); 3] =
    [("json", "report.json"), ("sarif", "report.sarif"), ("text", "summary.txt")];

/// Writes the reports of a run.
pub(super) fn run(invocation: &Invocation, run: &RunName) -> Result<ReportAnswer, Failure> {
    let files = invocation.files(run)?;
    let list = files.require_targets()?;
    let (global, setup) = invocation.setup()?;
    let (merged, dir) = merged(&files, &list)?;
    // For the next run: how long each account took.
    let rounds = files.local_folder("rounds")?;
    let names = files.download_all("run", &rounds)?;
    let rounds: Vec<PathBuf> = names.iter().map(|name| rounds.join(name)).collect();
    earlier_run::write(&dir, &EarlierRun::merged(&rounds))?;
    files.upload(&dir.join(RUN), RUN)?;
    let missing: Vec<AccountId> = merged
        .accounts
        .iter()
        .filter(|account| account.file.is_none())
        .map(|account| account.account.clone())
        .collect();
    let reader = Reader::open(&dir)?;
    let folder = files.local_folder("reports")?;
    let reports = reports(&files, list.created_at, &global, &setup, &folder)?;
    let Reported { exit, line, failed, .. } = evaluate_snapshot(&global, &setup, &reader, reports)?;
    let written = upload(&files, &folder);
    global.staging.finish(false)?;
    written?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let report = files.place("report.json").to_string();
    if exit != Exit::CouldNotRun {
        files.publish(&report, exit.code(), list.created_at)?;
    }
    Ok(ReportAnswer {
        run: run.clone(),
        exit: exit.code(),
        accounts: list.targets.len(),
        missing_accounts: missing.len(),
        missing: missing.into_iter().take(NAMED).collect(),
        report,
        summary: line,
    })
}

/// The snapshot of all accounts that were collected.
pub(super) fn merged(
    files: &RunFiles,
    list: &snapshot::TargetsFile,
) -> Result<(Merged, PathBuf), Failure> {
    let accounts = files.local_folder("accounts")?;
    let names = files.download_all("accounts", &accounts)?;
    let dirs: Vec<PathBuf> = (!names.is_empty()).then_some(accounts).into_iter().collect();
    let into = files.local_folder("merged")?;
    let merged = snapshot::merge(&dirs, list, &into)?;
    for dir in dirs {
        // The copies are no longer needed, and the disk is small.
        std::fs::remove_dir_all(dir).ok();
    }
    Ok((merged, into))
}

/// The reports of every run, and those of the config.
fn reports(
    files: &RunFiles,
    created_at: jiff::Timestamp,
    global: &Global,
    setup: &Setup,
    folder: &Path,
) -> Result<Reports, Failure> {
    let own = REPORTS.map(|(format, name)| OutputSpec {
        format: format.to_owned(),
        path: Some(folder.join(name)),
    });
    if !setup.config.sources.is_empty() {
        crate::output::print_error(
            "findings do not name the code: a function has no checkout of it, so [[source]] is ignored",
        );
    }
    let mut output = own.to_vec();
    output.extend(outputs::configured(setup)?);
    let outputs = Outputs {
        output,
        baseline: files.previous("report.json", created_at)?,
        ..Outputs::default()
    };
    match Reports::new(global, setup, &outputs, &Evaluation::default()) {
        // The rules have changed since, for example.
        Err(CommandError::Baseline(error)) => {
            crate::output::print_error(&format!(
                "this run is not compared with the previous one: {error}"
            ));
            let outputs = Outputs { baseline: None, ..outputs };
            Ok(Reports::new(global, setup, &outputs, &Evaluation::default())?)
        }
        reports => Ok(reports?),
    }
}

/// Copies the reports of the run to the bucket; a SARIF report can have several parts.
fn upload(files: &RunFiles, folder: &Path) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::other(format!("cannot read the reports: {error}")))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    for name in names {
        files.upload(&folder.join(&name), &name)?;
    }
    Ok(())
}
