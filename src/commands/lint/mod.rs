//! `rolecall lint`: checks rule files, and prints diagnostics for people, programs, code scanning or
//! pull requests.

mod github;
mod json;
mod sarif;
mod text;

use std::io::Write;
use std::path::PathBuf;

use crate::cli::{Global, LintArgs, LintFormat};
use crate::config::Config;
use crate::exit::Exit;
use crate::model::counted;
use crate::rules::lint::{self, LintReport};
use crate::run::error::CommandError;
use crate::run::misnamed;
use crate::run::terminal;

/// Writes the diagnostics to `out`, and a summary to stderr.
pub fn run(global: &Global, args: &LintArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let paths = paths(global, args)?;
    misnamed::print(&paths, global.quiet);
    let report = lint::lint(&paths)?;
    let written = match args.format {
        LintFormat::Text => text::write(&report, terminal::stdout_color(global.color), out),
        LintFormat::Json => json::write(&report, out),
        LintFormat::Sarif => sarif::write(&report, out),
        LintFormat::Github => github::write(&report, out),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    if !global.quiet {
        writeln!(std::io::stderr(), "{}", summary(&report)).ok();
    }
    Ok(if report.diagnostics.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// The paths of the command line, else the folders of the config, else the built-in pack.
fn paths(global: &Global, args: &LintArgs) -> Result<Vec<PathBuf>, CommandError> {
    if !args.paths.is_empty() {
        return Ok(args.paths.clone());
    }
    let config = Config::load(global.config.as_deref(), &crate::config::without_secrets)?;
    Ok(config.scan.rule_folders)
}

fn summary(report: &LintReport) -> String {
    match report.diagnostics.len() {
        0 => format!("{}, no errors", counted(report.files, "file")),
        n => format!(
            "{}, {}: run `rolecall explain CODE` for details",
            counted(report.files, "file"),
            counted(n, "error")
        ),
    }
}
