//! `rolecall remediate`: plans fixes for findings, shows plans for review, carries out
//! approved ones, and plans to undo them.

#[cfg(feature = "remediate")]
mod apply;
mod plan;
#[cfg(feature = "aws")]
mod report;
mod show;
#[cfg(feature = "remediate")]
mod undo;
#[cfg(feature = "aws")]
mod verify;

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
        #[cfg(feature = "aws")]
        RemediateCommand::Verify(args) => verify::run(global, args, out),
        #[cfg(not(feature = "aws"))]
        RemediateCommand::Verify(_) => Err(CommandError::Usage(
            "rolecall was built without AWS support: build it with the default features".to_owned(),
        )),
        #[cfg(feature = "remediate")]
        RemediateCommand::Apply(args) => apply::run(global, args, out),
        #[cfg(feature = "remediate")]
        RemediateCommand::Undo(args) => undo::run(global, args, out),
        #[cfg(not(feature = "remediate"))]
        RemediateCommand::Apply(_) | RemediateCommand::Undo(_) => Err(CommandError::Usage(
            "this rolecall cannot change anything: use the archive `rolecall-remediate` of a release, or build it with `--features remediate`"
                .to_owned(),
        )),
    }
}
