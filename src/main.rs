//! The binary: parses the command line, runs the command and sets the exit code.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use mimalloc::MiMalloc;
use rolecall::{
    Cli, Exit, Global, long_version, print_failure, run_command, start_logging, stderr_color,
};

/// Evaluation allocates many small values on several threads, at which this allocator is faster than
/// those of most systems.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let mut cli = parse();
    let Global { verbose, quiet, log_format, color, .. } = cli.global;
    start_logging(verbose, quiet, stderr_color(color), log_format);
    match run_command(&mut cli) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_pipe() => Exit::Clean.into(),
        Err(error) => {
            print_failure(&error.render(stderr_color(color)));
            Exit::CouldNotRun.into()
        }
    }
}

/// Prints help, the version or a usage error, and exits, if that is all there is to do.
fn parse() -> Cli {
    #[cfg(feature = "lambda")]
    if rolecall::is_function() && std::env::args_os().len() == 1 {
        // Lambda starts a function without arguments.
        return Cli::parse_from(["rolecall", "lambda"]);
    }
    match Cli::try_parse() {
        Ok(cli) => cli,
        // The long version contains a hash of all rules, which other commands don't need.
        Err(error) if error.kind() == ErrorKind::DisplayVersion => {
            let version: &str = long_version().leak();
            Cli::command().long_version(version).get_matches();
            error.exit()
        }
        Err(error) => error.exit(),
    }
}
