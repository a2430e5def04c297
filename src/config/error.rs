//! Errors of `rolecall.toml`, with advice on how to fix them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::diagnostics::Diagnostic;

/// Why a config could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read `{path}`: {error}{advice}", path = path.display(), advice = advice(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The file is larger than the limit.
    #[error("`{path}` is larger than {limit} bytes, the limit for a config file", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The maximum size in bytes.
        limit: usize,
    },
    /// The file is not UTF-8.
    #[error("{path}:{line}: invalid UTF-8; save the file as UTF-8", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// 1-based line of the first invalid byte.
        line: usize,
    },
    /// A file or folder that it names cannot be read at the moment.
    #[error(transparent)]
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// The file has syntax errors or invalid settings.
    #[error(transparent)]
    Invalid(#[from] Diagnostics),
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "; create one with `rolecall init`",
        _ => "",
    }
}

/// All errors of the config or its waiver files, in the order of each file. Never empty.
#[derive(Debug)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The maximum number of errors that are shown. More errors usually have one common cause.
    pub const SHOWN: usize = 50;

    pub(super) fn new(errors: Vec<Diagnostic>) -> Self {
        Self(errors)
    }

    /// All of them.
    pub fn all(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The first [`Self::SHOWN`] with their source lines.
    pub fn render(&self, color: bool) -> String {
        let mut out = String::new();
        for error in self.0.iter().take(Self::SHOWN) {
            out.push_str(&error.render(color));
            out.push_str("\n\n");
        }
        out.push_str(&self.summary());
        out
    }

    fn summary(&self) -> String {
        let file = self.0.first().map_or("rolecall.toml", |error| error.file.as_str());
        let file = match self.0.iter().all(|error| error.file == file) {
            true => crate::model::text::one_line(file, 300),
            false => "the config and its waiver files".to_owned(),
        };
        match self.0.len() {
            1 => format!("1 error in {file}"),
            count if count > Self::SHOWN => {
                format!("{count} errors in {file}; showing the first {}", Self::SHOWN)
            }
            count => format!("{count} errors in {file}"),
        }
    }
}

impl fmt::Display for Diagnostics {
    /// One line per error, without source lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in self.0.iter().take(Self::SHOWN) {
            writeln!(f, "{error}")?;
        }
        f.write_str(&self.summary())
    }
}

impl std::error::Error for Diagnostics {}
