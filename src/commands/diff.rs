//! `rolecall diff`: compares two reports.

use std::io::Write;

use crate::baseline::{DiffError, diff};
use crate::cli::{DiffArgs, DiffFormat, Global};
use crate::exit::Exit;
use crate::output::diff::{write_diff_json, write_markdown, write_text};
use crate::output::{LogLines, TextOptions};
use crate::run::error::CommandError;
use crate::run::terminal;

/// Writes the difference to `out`.
pub fn run(global: &Global, args: &DiffArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let threshold = args.fail_on.map(|typed| typed.0);
    let diff = diff(&args.old, &args.new, threshold)
        .map_err(|error: DiffError| CommandError::Command(Box::new(error)))?;
    if diff.new.collected_at < diff.old.collected_at && !global.quiet {
        let order = "NEW was collected before OLD; to see what changed since, pass the earlier report first";
        writeln!(crate::output::stderr(), "note: {order}").ok();
    }
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let written = match args.format {
        DiffFormat::Text => write_text(&mut LogLines::new(&mut *out), &diff, options),
        DiffFormat::Json => write_diff_json(out, &diff),
        DiffFormat::Markdown => write_markdown(out, &diff),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    Ok(Exit::of_run(diff.failures() > 0, diff.is_incomplete()))
}
