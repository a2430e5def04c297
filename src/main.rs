//! The binary: parses the command line, runs the command and sets the exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use rolecall::cli::Cli;
use rolecall::commands;
use rolecall::exit::Exit;
use rolecall::run::terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
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
