//! What can go wrong with `rolecall.toml`, with the advice that belongs to it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::diagnostics::Diagnostic;

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{path}: {error}{advice}", path = path.display(), advice = advice(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
    /// The file is larger than any config can sensibly be.
    #[error("{path} is larger than {limit} bytes: is it really a rolecall.toml?", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: usize,
    },
    /// The file is not text.
    #[error("{path}: line {line} is not UTF-8 text: save the file as UTF-8", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// 1-based line of the first bad byte.
        line: usize,
    },
    /// The file says things that cannot be.
    #[error(transparent)]
    Faults(#[from] Faults),
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => " (`rolecall init` writes a commented one)",
        _ => "",
    }
}

/// Every fault of one file, in the order of the file. Never empty.
#[derive(Debug)]
pub struct Faults(Vec<Diagnostic>);

impl Faults {
    /// How many faults are shown at most; a file with more has one cause that is seen among the
    /// first.
    pub const SHOWN: usize = 50;

    pub(super) fn new(faults: Vec<Diagnostic>) -> Self {
        Self(faults)
    }

    /// All of them.
    pub fn all(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The first [`Self::SHOWN`] with their source lines, for a person.
    pub fn render(&self, color: bool) -> String {
        let mut out = String::new();
        for fault in self.0.iter().take(Self::SHOWN) {
            out.push_str(&fault.render(color));
            out.push_str("\n\n");
        }
        out.push_str(&self.closing());
        out
    }

    fn closing(&self) -> String {
        let file = self.0.first().map_or("rolecall.toml", |fault| fault.file.as_str());
        let file = crate::model::text::one_line(file, 300);
        match self.0.len() {
            1 => format!("{file} has 1 fault"),
            count if count > Self::SHOWN => {
                format!("{file} has {count} faults, the first {} are shown", Self::SHOWN)
            }
            count => format!("{file} has {count} faults"),
        }
    }
}

impl fmt::Display for Faults {
    /// One line per fault, without source lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in self.0.iter().take(Self::SHOWN) {
            writeln!(f, "{fault}")?;
        }
        f.write_str(&self.closing())
    }
}

impl std::error::Error for Faults {}
