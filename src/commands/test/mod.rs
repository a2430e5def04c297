//! `rolecall test`: whether rules say what their cases expect. No AWS, no snapshot.

mod json;
mod junit;
mod run;
mod text;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use super::CommandError;
use super::terminal;
use crate::cli::{Global, TestArgs, TestFormat};
use crate::config::Config;
use crate::exit::Exit;
use crate::model::{Globs, did_you_mean};
use crate::rules::{self};
use crate::rules::{LoadError, Rule};
use run::{Outcome, Tested, run_cases};

/// Runs the command.
pub fn run(global: &Global, args: &TestArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let colour = terminal::stdout_colour(global.color);
    let filter = args.filter.as_ref().map(|pattern| Globs::new(&[pattern])).transpose();
    let filter = filter.map_err(|error| CommandError::Usage(error.to_string()))?;
    let options = Options { filter, coverage: args.coverage, colour };
    if args.watch {
        return watch::run(global, args, &options, out);
    }
    let tested = test(&rules_of(&paths(global, args)?)?, &options)?;
    let written = match args.format {
        TestFormat::Text => text::write(&tested, colour, out),
        TestFormat::Junit => junit::write(&tested, out),
        TestFormat::Json => json::write(&tested, out),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    let stderr = terminal::stderr_colour(global.color);
    for fault in tested.iter().flat_map(Tested::faults) {
        writeln!(std::io::stderr(), "{}\n", fault.render(stderr)).ok();
    }
    Ok(exit(&tested))
}

/// What of the command line every run needs.
struct Options {
    filter: Option<Globs>,
    coverage: bool,
    colour: bool,
}

impl Options {
    /// Whether a case is to be run.
    fn wants(&self, rule: &str, case: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches(rule) || filter.matches(&format!("{rule}/{case}")))
    }
}

/// Files and folders of rules to test; none means the built-in pack.
fn paths(global: &Global, args: &TestArgs) -> Result<Vec<PathBuf>, CommandError> {
    if args.paths.is_empty() {
        let config = Config::load(global.config.as_deref(), &crate::config::without_secrets)?;
        return Ok(config.scan.rule_folders);
    }
    let rule_of = |path: &PathBuf| {
        if path.is_dir() {
            return Ok(path.clone());
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.strip_suffix(".cases.json") {
            Some(id) => Ok(path.with_file_name(format!("{id}.rhai"))),
            None if name.ends_with(".rhai") || !path.exists() => Ok(path.clone()),
            None => {
                let shown = crate::model::text::one_line(&path.display().to_string(), 200);
                Err(CommandError::Usage(format!(
                    "{shown} is no folder, no rule (<id>.rhai) and no cases of one (<id>.cases.json)"
                )))
            }
        }
    };
    args.paths.iter().map(rule_of).collect()
}

fn rules_of(paths: &[PathBuf]) -> Result<Vec<Arc<Rule>>, LoadError> {
    if paths.is_empty() {
        Ok(rules::load(&[])?.into_values().collect())
    } else {
        rules::load_alone(paths)
    }
}

/// Runs the cases that are wanted. A filter that leaves none is an error: a run of nothing would
/// look clean.
fn test(rules: &[Arc<Rule>], options: &Options) -> Result<Vec<Tested>, CommandError> {
    let mut tested = run_cases(rules, options)?;
    let Some(filter) = &options.filter else { return Ok(tested) };
    let ran = |tested: &Tested| match &tested.outcome {
        Outcome::Ran(outcome) => !outcome.cases.is_empty(),
        Outcome::NoCases => filter.matches(&tested.rule.id),
        Outcome::Unreadable(_) => true,
    };
    if !tested.iter().any(ran) {
        let names = tested.iter().flat_map(Tested::names).collect::<Vec<_>>();
        let pattern = filter.patterns().concat();
        let meant = did_you_mean(&pattern, names.iter().map(String::as_str));
        return Err(CommandError::Usage(super::setup::unmatched(
            "--filter", &pattern, "case", meant,
        )));
    }
    tested.retain(ran);
    Ok(tested)
}

fn exit(tested: &[Tested]) -> Exit {
    let one = |tested: &Tested| match &tested.outcome {
        Outcome::Ran(outcome) if outcome.is_clean() => Exit::Clean,
        Outcome::Ran(_) | Outcome::NoCases => Exit::Findings,
        Outcome::Unreadable(_) => Exit::CouldNotRun,
    };
    tested.iter().map(one).fold(Exit::Clean, Exit::or)
}
