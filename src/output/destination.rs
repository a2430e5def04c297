//! Where a report goes: standard output, or a file that is replaced atomically.

use std::fmt;
use std::fs::{self};
use std::path::{Path, PathBuf};

use crate::model::AccountId;
use crate::model::text::one_line;

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// Standard output, written `-`.
    Stdout,
    /// A file.
    File(PathBuf),
}

/// Who can read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileMode {
    /// As the umask says.
    #[default]
    Umask,
    /// Only its owner.
    Private,
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
    /// The placeholder for the id of an account: each account has a report of its own.
    pub const ACCOUNT: &str = "{account}";

    /// Whether each account has a report of its own.
    pub fn is_per_account(&self) -> bool {
        matches!(self, Self::File(path) if path.to_string_lossy().contains(Self::ACCOUNT))
    }

    /// The path of the report of one account.
    #[must_use]
    pub fn path_for(path: &Path, account: &AccountId) -> PathBuf {
        PathBuf::from(path.to_string_lossy().replace(Self::ACCOUNT, account.as_str()))
    }

    /// The same for all spellings of a destination, links included.
    pub(super) fn place(&self) -> PathBuf {
        const STDOUT: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
        match self {
            Self::Stdout => PathBuf::from(STDOUT[0]),
            Self::File(path) if STDOUT.iter().any(|name| path == Path::new(name)) => {
                PathBuf::from(STDOUT[0])
            }
            Self::File(path) => fs::canonicalize(path).unwrap_or_else(|_| {
                let folder = folder_of(path);
                let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
                folder.join(path.file_name().unwrap_or_default())
            }),
        }
    }

    /// Whether it is a file like `report-001.sarif` in which parts of `report.sarif` are written.
    pub fn is_part_of(&self, whole: &Self) -> bool {
        let (part, whole) = (self.place(), whole.place());
        let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let number = stem(&part).zip(stem(&whole)).and_then(|(part, whole)| {
            let number = part.strip_prefix(&whole)?.strip_prefix('-')?;
            Some(number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
        });
        part.parent() == whole.parent()
            && part.extension() == whole.extension()
            && number == Some(true)
    }

    /// Whether it discards what is written, so that several outputs do not disturb each other.
    pub(super) fn discards(&self) -> bool {
        matches!(self, Self::File(path) if path == Path::new("/dev/null"))
    }

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
