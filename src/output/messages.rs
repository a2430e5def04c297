//! Messages for people on stderr, and other lines that a CI runner prints.

use std::io::{self, StderrLock, Write};

use super::json_log::{line_of_text, logs_as_json};
use super::log_lines::{with_shown_names, without_commands};

/// A writer of lines; see [`without_commands`]. The last line is written when it ends, on
/// [`Write::flush`], or on drop.
#[derive(Debug)]
pub struct LogLines<W: Write> {
    to: W,
    line: Vec<u8>,
    as_json: bool,
}

impl<W: Write> LogLines<W> {
    /// Lines written to `to`.
    pub fn new(to: W) -> Self {
        Self { to, line: Vec::new(), as_json: false }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if self.as_json {
            return self.to.write_all(line_of_text(&line).as_bytes());
        }
        self.to.write_all(without_commands(&with_shown_names(&line)).as_bytes())
    }
}

impl<W: Write> Write for LogLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.end_line()?;
        }
        self.to.flush()
    }
}

impl<W: Write> Drop for LogLines<W> {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.end_line().ok();
        }
    }
}

/// Standard error, for messages.
pub fn stderr() -> LogLines<StderrLock<'static>> {
    LogLines { to: io::stderr().lock(), line: Vec::new(), as_json: logs_as_json() }
}

/// Prints a text of several lines on stderr that belong together.
pub fn print_text(text: &str) {
    if logs_as_json() {
        io::stderr().write_all(line_of_text(text).as_bytes()).ok();
    } else {
        stderr().write_all(text.as_bytes()).ok();
    }
}

/// Prints an error on stderr that does not end the program.
pub fn print_error(error: &str) {
    writeln!(stderr(), "error: {error}").ok();
}

/// Prints a note on stderr.
pub fn print_note(note: &str) {
    writeln!(stderr(), "note: {note}").ok();
}
