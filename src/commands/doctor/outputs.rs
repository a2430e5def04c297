//! The checks of what a scan writes and reads on this machine.

use std::path::Path;

use crate::baseline::BaselineError;
use crate::cli::{DoctorArgs, Global};
use crate::model::text::one_line;
use crate::report::{Area, Check, CheckStatus};
use crate::run::error::CommandError;
use crate::run::outputs::planned;
use crate::run::reporting::Reports;
use crate::run::setup::Setup;
use crate::snapshot::Writer;

/// All of them.
pub(super) fn checks(global: &Global, setup: &Setup, args: &DoctorArgs) -> Vec<Check> {
    let mut checks = reports(global, setup, args);
    checks.push(snapshot(setup, args));
    #[cfg(feature = "aws")]
    checks.push(open_files(setup));
    checks
}

fn check(subject: impl Into<String>, problem: Option<String>) -> Check {
    let subject = one_line(&subject.into(), 300);
    match problem {
        None => Check::new(Area::Outputs, CheckStatus::Ok, subject),
        Some(problem) => Check::new(Area::Outputs, CheckStatus::Failed, subject)
            .message(one_line(&problem, 1_000)),
    }
}

/// Each report by itself, then what rejects a combination, and the baseline.
fn reports(global: &Global, setup: &Setup, args: &DoctorArgs) -> Vec<Check> {
    let planned = match planned(setup, &args.outputs) {
        Ok(planned) => planned,
        Err(error) => return vec![check("reports", Some(error.to_string()))],
    };
    let mut checks = Vec::new();
    for (index, (format, to)) in planned.iter().enumerate() {
        let earlier = planned.iter().take(index).find(|(_, earlier)| earlier.is_same(to));
        let problem = match earlier {
            Some((_, earlier)) => Some(format!(
                "another report is written to the same destination ({earlier}): use a different destination for each"
            )),
            None => to.probe().err().map(|error| error.to_string()),
        };
        checks.push(check(format!("{format} report to {to}"), problem));
    }
    let baseline = args.outputs.baseline.as_deref().filter(|path| *path != Path::new("none"));
    let baseline = baseline.map(|path| format!("baseline `{}`", path.display()));
    let is_usable = checks.iter().all(|check| check.status == CheckStatus::Ok);
    // These errors hide the others.
    if !is_usable {
        let later = |subject| {
            Check::new(Area::Outputs, CheckStatus::NotChecked, subject)
                .message("the reports must be fixed first")
        };
        checks.extend(baseline.map(later));
        return checks;
    }
    let rejected =
        Reports::new(global, setup, &args.outputs, &args.evaluation).and_then(|mut reports| {
            reports.find_code(setup, &args.code)?;
            let run = reports.run_info(setup, setup.config.targets().len(), &[]);
            reports.check(&run)
        });
    match rejected {
        Ok(()) => checks.extend(baseline.map(|subject| check(subject, None))),
        Err(CommandError::Baseline(error)) => {
            let path = match &error {
                BaselineError::Io { path, .. } | BaselineError::Unusable { path, .. } => path,
            };
            let subject = format!("baseline `{}`", path.display());
            checks.push(check(subject, Some(error.to_string())));
        }
        Err(error) => {
            checks.extend(baseline.map(|subject| check(subject, None)));
            checks.push(check("reports", Some(error.to_string())));
        }
    }
    checks
}

fn snapshot(setup: &Setup, args: &DoctorArgs) -> Check {
    match &args.snapshot {
        Some(dir) => {
            let demand = setup.demand();
            let resumed = (!args.recollect).then_some(&demand);
            let problem = Writer::check(dir, args.resume, resumed).err();
            let subject = format!("snapshot folder `{}`", dir.display());
            check(subject, problem.map(|error| error.to_string()))
        }
        None => {
            let folder = std::env::temp_dir();
            let problem = tempfile::Builder::new().prefix("rolecall-").tempdir().err();
            check(
                format!("temporary folder `{}`", folder.display()),
                problem.map(|error| {
                    format!("{error}; make the folder writable, set TMPDIR, or use --snapshot DIR")
                }),
            )
        }
    }
}

/// A limit on open files that is too low makes a scan slow.
#[cfg(feature = "aws")]
fn open_files(setup: &Setup) -> Check {
    use crate::run::collection::calls_at_once;

    let (allowed, wanted) = (crate::aws::calls_at_once(), calls_at_once(setup));
    if allowed >= wanted {
        return check("limit on open files", None);
    }
    Check::new(Area::Outputs, CheckStatus::Warning, "limit on open files").message(format!(
        "the limit allows {allowed} API calls at once instead of {wanted}, so a scan takes longer: raise the limit with `ulimit -n`, or lower `calls` in [scan.concurrency]"
    ))
}
