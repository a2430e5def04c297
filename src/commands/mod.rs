//! The commands: each takes the arguments and the config, runs, and returns an exit code or an
//! error that says what to do. Results go to the given writer, or to the outputs that the user
//! specified.

#[cfg(feature = "aws")]
mod collect;
mod completions;
mod definitions;
mod diff;
mod doctor;
mod evaluate;
mod explain;
mod facts;
mod frameworks;
mod helpers;
mod history;
mod import;
mod index;
mod init;
mod inventory;
mod lint;
mod manuals;
mod merge;
mod new;
#[cfg(feature = "http")]
mod notify;
mod paths;
mod permissions;
mod plan;
mod preview;
mod record;
mod remediate;
mod rules;
#[cfg(feature = "aws")]
mod scan;
#[cfg(feature = "aws")]
mod targets;
mod test;
#[cfg(feature = "http")]
mod upload;
mod version;
mod waive;
mod who_can;

use std::io::Write;
use std::path::Path;

pub use version::{long as long_version, only as version_only};

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::exit::Exit;
use crate::output;
use crate::run::error::CommandError;
use crate::staging::{PathUse, StagingError};

/// Runs the command given by the arguments. Paths in S3 are replaced by those of local copies.
pub fn run_command(cli: &mut Cli) -> Result<Exit, CommandError> {
    stage(cli)?;
    let result = run_locally(cli);
    #[cfg(feature = "aws")]
    cli.global.staging.allow_reports();
    let written = cli.global.staging.finish(result.is_err());
    match (result, written) {
        (Ok(_), Err(error)) => Err(error.into()),
        // The reader of stdout needs no more of it, but the files are needed all the same.
        (Err(closed), Err(error)) if closed.is_closed_pipe() => Err(error.into()),
        (Err(error), Err(other)) => {
            output::print_error(&other.to_string());
            Err(error)
        }
        (result, Ok(())) => result,
    }
}

/// Replaces every path of the command line that is in S3 by that of a local copy.
fn stage(cli: &mut Cli) -> Result<(), CommandError> {
    let staging = cli.global.staging.clone();
    if let Some(profile) = cli.command.profile() {
        staging.use_profile(profile);
    }
    if let Some(path) = &mut cli.global.config {
        *path = staging.config(path)?;
    }
    let config = cli.global.config.clone();
    let access = || {
        let environment = |name: &str| std::env::var(name).ok();
        Ok::<_, StagingError>(Config::storage(config.as_deref(), &environment)?)
    };
    for (path, usage) in cli.command.places() {
        *path = staging.stage(path, usage, access)?;
    }
    for rule in cli.command.rule_files() {
        let local = staging.stage(Path::new(rule.as_str()), PathUse::Tree, access)?;
        *rule = local.to_string_lossy().into_owned();
    }
    Ok(())
}

fn run_locally(cli: &Cli) -> Result<Exit, CommandError> {
    let global = &cli.global;
    // Local copies have the names of the files in S3.
    let mut out = std::io::BufWriter::new(output::ShownNames::new(std::io::stdout().lock()));
    match &cli.command {
        #[cfg(feature = "aws")]
        Command::Scan(args) => scan::run(global, args),
        #[cfg(feature = "aws")]
        Command::Collect(args) => collect::run(global, args),
        #[cfg(feature = "aws")]
        Command::Targets(args) => targets::run(global, args),
        #[cfg(not(feature = "aws"))]
        Command::Scan(_) | Command::Collect(_) | Command::Targets(_) => Err(CommandError::Usage(
            "rolecall was built without AWS support: build it with the default features, or evaluate a snapshot with `rolecall evaluate`"
                .to_owned(),
        )),
        #[cfg(feature = "lambda")]
        Command::Lambda(_) => {
            // Invocations, which run on threads of their own, print their answers on stdout.
            drop(out);
            crate::lambda::run()
        }
        #[cfg(not(feature = "lambda"))]
        Command::Lambda(_) => Err(CommandError::Usage(
            "rolecall was built without support for Lambda: use the zip file of a release, or build it with `--features lambda`"
                .to_owned(),
        )),
        Command::Evaluate(args) => {
            // The report opens its own writer on stdout.
            drop(out);
            evaluate::run(global, args)
        }
        Command::Merge(args) => merge::run(global, args),
        Command::Diff(args) => diff::run(global, args, &mut out),
        Command::Doctor(args) => doctor::run(global, args, &mut out),
        Command::History(args) => history::run(global, args, &mut out),
        Command::Index(args) => index::run(global, args),
        #[cfg(feature = "http")]
        Command::Upload(args) => upload::run(global, args, &mut out),
        #[cfg(feature = "http")]
        Command::Notify(args) => notify::run(global, args, &mut out),
        #[cfg(not(feature = "http"))]
        Command::Upload(_) | Command::Notify(_) => Err(CommandError::Usage(
            "rolecall was built without an HTTP client: build it with the default features, or with `--features http`".to_owned(),
        )),
        Command::Inventory(args) => {
            if !args.count {
                // Tables open their own writer on stdout.
                drop(out);
                return inventory::run(global, args, &mut std::io::sink());
            }
            inventory::run(global, args, &mut out)
        }
        Command::Paths(args) => paths::run(global, args, &mut out),
        Command::WhoCan(args) => who_can::run(global, args, &mut out),
        Command::Preview(args) => preview::run(global, args, &mut out),
        Command::Rules(args) => rules::run(global, args, &mut out),
        Command::Test(args) => test::run(global, args, &mut out),
        Command::Frameworks(args) => frameworks::run(global, args, &mut out),
        Command::Facts(args) => facts::run(args, &mut out),
        Command::Definitions(args) => definitions::run(args),
        Command::Helpers(args) => helpers::run(args, &mut out),
        Command::Import(args) => import::run(global, args),
        Command::Init(_) => {
            let mut messages: Box<dyn Write> = if global.quiet { Box::new(std::io::sink()) } else { Box::new(crate::output::stderr()) };
            Ok(init::run(global.config.as_deref(), &mut messages)?)
        }
        Command::Plan(args) => plan::run(global, args, &mut out),
        Command::Permissions(args) => permissions::run(global, args, &mut out),
        Command::Completions(args) => completions::run(args, &mut out).map_err(CommandError::Write),
        Command::Manuals(args) => manuals::run(args),
        Command::Lint(args) => lint::run(global, args, &mut out),
        Command::Remediate(args) => remediate::run(global, args, &mut out),
        Command::Waive(args) => waive::run(global, args),
        Command::Explain(args) => explain::run(global, args, &mut out),
        Command::New(args) => new::run(global, args),
        Command::Record(args) => record::run(global, args, &mut out),
    }
}
