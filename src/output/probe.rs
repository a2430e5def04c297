//! Whether a report could be written, without writing it.

use super::destination::{Destination, FileMode, folder_of};
use super::error::OutputError;
use super::sink::temporary_in;

impl Destination {
    /// Returns the error that writing a report would: creates a temporary file in the folder, and
    /// removes it again.
    pub fn probe(&self) -> Result<(), OutputError> {
        Self::check([self])?;
        match self {
            Self::Stdout => Ok(()),
            Self::File(_) if self.is_per_account() => Ok(()),
            // To open a named pipe, we would have to wait for its reader.
            Self::File(_) if self.is_stream() => Ok(()),
            Self::File(path) => temporary_in(folder_of(path), FileMode::Private)
                .map(drop)
                .map_err(|error| OutputError::io(self, error)),
        }
    }

    /// Whether both are the same file, however it is written.
    pub fn is_same(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nothing_remains_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Destination::File(folder.path().join(name));
        file("report.json").probe().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(matches!(file("no/report.json").probe(), Err(OutputError::NoFolder { .. })));
        assert!(matches!(file(".").probe(), Err(OutputError::IsFolder { .. })));
        Destination::Stdout.probe().unwrap();
    }

    #[test]
    fn one_file_has_many_spellings() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let file = |name: &str| Destination::File(folder.path().join(name));
        assert!(file("a.json").is_same(&file("in/../a.json")));
        assert!(!file("a.json").is_same(&file("in/a.json")));
        assert!(Destination::Stdout.is_same(&Destination::from("-")));
        assert!(!Destination::Stdout.is_same(&file("a.json")));
    }
}
