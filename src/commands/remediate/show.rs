//! `rolecall remediate show`: shows a plan for review.

use std::io::{Read, Write};
use std::path::Path;

use crate::cli::{Global, ShowArgs, ShowFormat};
use crate::exit::Exit;
use crate::output::remediation::{write_plan_json, write_plan_markdown, write_plan_text};
use crate::output::{LogLines, TextOptions};
use crate::remediation::{MAX_PLAN, PlanFile, PlanFileError};
use crate::run::error::CommandError;
use crate::run::terminal;

impl From<PlanFileError> for CommandError {
    fn from(error: PlanFileError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &ShowArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let file = if args.plan == Path::new("-") {
        let path = Path::new("standard input");
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_PLAN + 1).read_to_end(&mut bytes);
        read.map_err(|error| PlanFileError::Io { path: path.to_owned(), error })?;
        PlanFile::parse(path, &bytes)?
    } else {
        PlanFile::read(&args.plan)?
    };
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let written = match args.format {
        ShowFormat::Text => write_plan_text(&mut LogLines::new(&mut *out), &file, options),
        ShowFormat::Markdown => write_plan_markdown(out, &file),
        ShowFormat::Json => write_plan_json(out, &file),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    Ok(Exit::Clean)
}
