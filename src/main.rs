//! The binary: parses the command line, runs the command and sets the exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use rolecall::cli::Cli;
use rolecall::commands;
use rolecall::exit::Exit;
use rolecall::run::terminal;

fn main() -> ExitCode {
    let cli = parse();
    rolecall::logging::start(
        cli.global.verbose,
        cli.global.quiet,
        terminal::stderr_color(cli.global.color),
    );
    match commands::run(&cli) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_pipe() => Exit::Clean.into(),
        Err(error) => {
            let text = error.render(terminal::stderr_color(cli.global.color));
            std::io::stderr().write_all(text.as_bytes()).ok();
            Exit::CouldNotRun.into()
        }
    }
}

/// Prints help, the version or a usage error, and exits, if that is all there is to do.
fn parse() -> Cli {
    match Cli::try_parse() {
        Ok(cli) => cli,
        // The long version contains a hash of all rules, which other commands don't need.
        Err(error) if error.kind() == ErrorKind::DisplayVersion => {
            let version: &str = commands::version::long().leak();
            Cli::command().long_version(version).get_matches();
            error.exit()
        }
        Err(error) => error.exit(),
    }
}
