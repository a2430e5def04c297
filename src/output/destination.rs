//! Where a report goes: standard output, or a file that is replaced atomically.

use std::fmt;
use std::fs::{self};
use std::path::{Path, PathBuf};

use crate::model::text::one_line;

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// Standard output, written `-`.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl From<&str> for Destination {
    fn from(text: &str) -> Self {
        if text == "-" { Self::Stdout } else { Self::File(PathBuf::from(text)) }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => write!(f, "`{}`", one_line(&path.to_string_lossy(), 300)),
        }
    }
}

impl Destination {
    /// Whether it is a stream: standard output, a device or a named pipe. A rename would destroy
    /// those, so they are written directly.
    pub(super) fn is_stream(&self) -> bool {
        match self {
            Self::Stdout => true,
            // `/dev/stdout` and `/dev/fd/63` are links, sometimes to regular files.
            Self::File(path) if path.starts_with("/dev") || path.starts_with("/proc") => {
                fs::symlink_metadata(path).is_ok_and(|found| !found.is_file())
            }
            Self::File(path) => fs::metadata(path).is_ok_and(|found| !found.is_file()),
        }
    }
}

/// The folder that contains a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
