//! `rolecall remediate`: plans fixes for findings, and shows plans for review.

mod plan;
mod show;

use std::io::Write;

use crate::cli::{Global, RemediateArgs, RemediateCommand};
use crate::exit::Exit;
use crate::run::error::CommandError;

/// Runs the step.
pub fn run(
    global: &Global,
    args: &RemediateArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    match &args.step {
        RemediateCommand::Plan(args) => plan::run(global, args, out),
        RemediateCommand::Show(args) => show::run(global, args, out),
    }
}
