//! The binary: parses the command line, runs the command and sets the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
// The functions that it exports replace those of the C library.
#[cfg(all(target_env = "musl", target_arch = "x86_64"))]
use memory as _;
use rolecall::{
    Cli, Exit, Global, long_version, print_failure, run_command, start_logging, stderr_color,
    version_only,
};

/// Evaluation allocates many small values on several threads, at which this allocator is faster than
/// those of most systems.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(version) = version_only(std::env::args_os()) {
        // As with other help, nobody needs to know that stdout is closed.
        io::stdout().write_all(version.as_bytes()).ok();
        return ExitCode::SUCCESS;
    }
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
        return clap::Parser::parse_from(["rolecall", "lambda"]);
    }
    let version: &str = long_version().leak();
    let mut matches = Cli::command().long_version(version).get_matches();
    Cli::from_arg_matches_mut(&mut matches)
        .unwrap_or_else(|error| error.format(&mut Cli::command()).exit())
}
