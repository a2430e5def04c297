//! `rolecall test`: runs the test cases of rules, without AWS or a snapshot.

mod json;
mod junit;
mod options;
mod run;
mod selection;
mod text;
mod watch;

use std::io::Write;

use crate::cli::{Global, TestArgs, TestFormat};
use crate::exit::Exit;
use crate::model::Globs;
use crate::output::print_text;
use crate::rules::Library;
use crate::run::error::CommandError;
use crate::run::misnamed;
use crate::run::terminal;
use options::Options;
use run::{Outcome, Tested};
use selection::{orphans, paths, rules_of, test};

/// Runs the command.
pub fn run(global: &Global, args: &TestArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let color = terminal::stdout_color(global.color);
    let filter = args.filter.as_ref().map(|pattern| Globs::new(&[pattern])).transpose();
    let filter = filter.map_err(|error| CommandError::Usage(error.to_string()))?;
    let options = Options { filter, coverage: args.coverage, color };
    if args.watch {
        return watch::run(global, args, &options, out);
    }
    let paths = paths(global, args)?;
    misnamed::print(&paths, global.quiet);
    let tested = test(&rules_of(&paths)?, &options)?;
    let orphans = orphans(&paths, &options)?;
    // A run with these folders would stop at an invalid framework, or at rules that cannot be
    // combined with the built-in ones.
    for folder in paths.chunks(1).filter(|path| path.iter().all(|path| path.is_dir())) {
        Library::load(folder)?;
    }
    let written = match args.format {
        TestFormat::Text => text::write(&tested, &orphans, color, out),
        TestFormat::Junit => junit::write(&tested, &orphans, out),
        TestFormat::Json => json::write(&tested, &orphans, out),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    let stderr = terminal::stderr_color(global.color);
    for diagnostic in tested.iter().flat_map(Tested::diagnostics).chain(&orphans) {
        print_text(&format!("{}\n\n", diagnostic.render(stderr)));
    }
    let exit = exit(&tested);
    Ok(if orphans.is_empty() { exit } else { exit.or(Exit::Findings) })
}

fn exit(tested: &[Tested]) -> Exit {
    let one = |tested: &Tested| match &tested.outcome {
        Outcome::Ran(outcome) if outcome.is_clean() => Exit::Clean,
        Outcome::Ran(_) | Outcome::NoCases => Exit::Findings,
        Outcome::Unreadable(_) => Exit::CouldNotRun,
    };
    tested.iter().map(one).fold(Exit::Clean, Exit::or)
}
