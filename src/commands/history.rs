//! `rolecall history`: how findings developed over many reports.

use std::io::Write;

use crate::baseline::{HistoryError, history};
use crate::cli::{Global, HistoryArgs, ListFormat};
use crate::exit::Exit;
use crate::output::history::{write_history_json, write_text};
use crate::output::{LogLines, TextOptions};
use crate::run::error::CommandError;
use crate::run::terminal;

/// Writes the history to `out`.
pub fn run(global: &Global, args: &HistoryArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let history =
        history(&args.dir).map_err(|error: HistoryError| CommandError::Command(Box::new(error)))?;
    if !global.quiet {
        let mut stderr = crate::output::stderr();
        for skipped in &history.skipped {
            let level = if skipped.is_missing { "warning" } else { "note" };
            writeln!(stderr, "{level}: {} was skipped: {}", skipped.file, skipped.reason).ok();
        }
    }
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let written = match args.format {
        ListFormat::Text => write_text(&mut LogLines::new(&mut *out), &history, options),
        ListFormat::Json => write_history_json(out, &history),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    Ok(Exit::of_run(false, history.is_incomplete()))
}
