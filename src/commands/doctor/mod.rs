//! `rolecall doctor`: checks, before a scan, everything that could make it fail. It uses the same
//! code as `scan` up to the point where facts are collected.

#[cfg(feature = "aws")]
mod access;
#[cfg(feature = "aws")]
mod accounts;
#[cfg(feature = "aws")]
mod credentials;
mod outputs;
mod settings;

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{DoctorArgs, Global, ListFormat};
use crate::exit::Exit;
use crate::output::doctor::{write_doctor_json, write_text};
use crate::output::{LogLines, TextOptions};
use crate::report::{Area, Check, CheckStatus, Doctor};
use crate::rules::built_in_sha256;
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::run::terminal;
use crate::snapshot::FORMAT;

const TOOL: &str = concat!("rolecall ", env!("CARGO_PKG_VERSION"));

/// Writes the result to `out`.
pub fn run(global: &Global, args: &DoctorArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let mut checks = vec![versions()];
    let mut api_calls = 0;
    match Setup::new(global, &args.narrowing, &args.rules, true) {
        Ok(setup) => {
            let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
            checks.extend(settings::checks(&setup, today));
            checks.extend(outputs::checks(global, &setup, args));
            api_calls = check_aws(&setup, args, &mut checks)?;
        }
        Err(error) => {
            checks.extend(settings::failed(&error));
            let rest = [
                (Area::Outputs, "outputs"),
                (Area::Credentials, "credentials"),
                (Area::Accounts, "accounts"),
            ];
            checks.extend(rest.map(|(area, subject)| {
                Check::new(area, CheckStatus::NotChecked, subject)
                    .message("the config or the rules must be fixed first")
            }));
        }
    }
    checks.sort_by_key(|check| check.area);
    let doctor = Doctor { tool: TOOL.to_owned(), checks, api_calls };
    let incomplete = if doctor.is_incomplete() { Exit::Incomplete } else { Exit::Clean };
    let exit = if doctor.cannot_start() { Exit::CouldNotRun } else { incomplete };
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let written = match args.format {
        ListFormat::Text => {
            write_text(&mut LogLines::new(&mut *out), &doctor, exit.code(), options)
        }
        ListFormat::Json => write_doctor_json(out, &doctor, exit.code()),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    Ok(exit)
}

/// Checks the access to AWS. Returns the number of API calls.
#[cfg(feature = "aws")]
fn check_aws(
    setup: &Setup,
    args: &DoctorArgs,
    checks: &mut Vec<Check>,
) -> Result<u64, CommandError> {
    access::check(setup, args, checks)
}

#[cfg(not(feature = "aws"))]
fn check_aws(_: &Setup, _: &DoctorArgs, checks: &mut Vec<Check>) -> Result<u64, CommandError> {
    checks.push(Check::new(Area::Credentials, CheckStatus::Failed, "AWS").message(
        "AWS was not checked, because rolecall was built without AWS support: build it with the default features",
    ));
    Ok(0)
}

/// What a bug report, or a comparison of two machines, needs.
fn versions() -> Check {
    let features = if cfg!(feature = "aws") { "aws" } else { "none" };
    Check::new(Area::Versions, CheckStatus::Ok, TOOL).message(format!(
        "features {features}, built-in rules sha256 {}, snapshot format {FORMAT}",
        built_in_sha256()
    ))
}
