//! `rolecall lint`: checks rule files, and prints diagnostics for people, programs, code scanning or
//! pull requests.

mod github;
mod json;
mod sarif;
mod text;

use std::io::Write;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{Global, LintArgs, LintFormat};
use crate::config::Config;
use crate::diagnostics::Diagnostic;
use crate::exit::Exit;
use crate::model::counted;
use crate::rules::lint::{self, LintReport};
use crate::run::error::CommandError;
use crate::run::misnamed;
use crate::run::terminal;

/// Writes the diagnostics to `out`, and a summary to stderr.
pub fn run(global: &Global, args: &LintArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let (paths, waivers) = what(global, args)?;
    misnamed::print(&paths, global.quiet);
    let mut report = lint::lint(&paths)?;
    report.diagnostics.extend(waivers);
    let written = match args.format {
        LintFormat::Text => text::write(&report, terminal::stdout_color(global.color), out),
        LintFormat::Json => json::write(&report, out),
        LintFormat::Sarif => sarif::write(&report, out),
        LintFormat::Github => github::write(&report, out),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    if !global.quiet {
        writeln!(crate::output::stderr(), "{}", summary(&report)).ok();
    }
    Ok(if report.diagnostics.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// The paths of the command line, else the folders of the config, else the built-in pack. Also, if
/// the config is checked, the errors in its waivers.
fn what(global: &Global, args: &LintArgs) -> Result<(Vec<PathBuf>, Vec<Diagnostic>), CommandError> {
    if !args.paths.is_empty() {
        return Ok((args.paths.clone(), Vec::new()));
    }
    let (config, errors) = Config::load_with_errors(
        global.config.as_deref(),
        &crate::config::without_secrets,
        &global.files(),
    )?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut waivers: Vec<Diagnostic> = errors.into_iter().map(|(error, _)| error).collect();
    waivers.extend(config.long_waivers(today));
    Ok((config.scan.rule_folders, waivers))
}

fn summary(report: &LintReport) -> String {
    match report.diagnostics.len() {
        0 => format!("{}, no errors", counted(report.files, "file")),
        n if report.diagnostics.iter().all(|diagnostic| diagnostic.code.is_none()) => {
            format!("{}, {}", counted(report.files, "file"), counted(n, "error"))
        }
        n => format!(
            "{}, {}: run `rolecall explain CODE` for details",
            counted(report.files, "file"),
            counted(n, "error")
        ),
    }
}
