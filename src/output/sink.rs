//! An open destination; files are replaced atomically.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::destination::{Destination, folder_of};
use super::error::OutputError;

const BUFFER: usize = 64 * 1024;

/// A file under a temporary name, readable only by its owner because evidence can be sensitive. It
/// is deleted unless it is renamed.
pub(super) fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".rolecall-").suffix(".tmp").tempfile_in(folder)
}

impl Destination {
    /// Reports errors before the work begins: a folder instead of a file, a folder that does not
    /// exist, two outputs with the same destination.
    pub fn check<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<(), OutputError> {
        let mut seen = Vec::new();
        for to in all {
            if seen.contains(&to) {
                return Err(OutputError::SameDestination { to: to.clone() });
            }
            seen.push(to);
            if let Self::File(path) = to {
                if path.is_dir() {
                    return Err(OutputError::IsFolder { path: path.clone() });
                }
                if !folder_of(path).is_dir() {
                    return Err(OutputError::NoFolder { path: path.clone() });
                }
            }
        }
        Ok(())
    }
}

/// An open destination, buffered.
pub struct Sink {
    to: Destination,
    inner: Inner,
}

enum Inner {
    Stream(BufWriter<Box<dyn Write + Send>>),
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sink({})", self.to)
    }
}

impl Sink {
    /// Opens a destination: a stream directly, a file under a temporary name in the same folder.
    pub fn open(to: &Destination) -> Result<Self, OutputError> {
        Destination::check([to])?;
        let inner = match to {
            Destination::Stdout => {
                Inner::Stream(BufWriter::with_capacity(BUFFER, Box::new(io::stdout())))
            }
            Destination::File(path) if to.is_stream() => {
                let file = OpenOptions::new()
                    .write(true)
                    .open(path)
                    .map_err(|error| OutputError::io(to, error))?;
                Inner::Stream(BufWriter::with_capacity(BUFFER, Box::new(file)))
            }
            Destination::File(path) => {
                let file =
                    temporary_in(folder_of(path)).map_err(|error| OutputError::io(to, error))?;
                Inner::File(BufWriter::with_capacity(BUFFER, file), path.clone())
            }
        };
        Ok(Self { to: to.clone(), inner })
    }

    /// A sink that writes to a given writer.
    #[cfg(test)]
    pub fn from_writer(writer: Box<dyn Write + Send>) -> Self {
        Self {
            to: Destination::Stdout,
            inner: Inner::Stream(BufWriter::with_capacity(BUFFER, writer)),
        }
    }

    /// Runs `work` on the writer, and adds the destination to its error.
    pub fn write_with(
        &mut self,
        work: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let done = match &mut self.inner {
            Inner::Stream(stream) => work(stream),
            Inner::File(file, _) => work(file),
        };
        done.map_err(|error| OutputError::io(&self.to, error))
    }

    /// Flushes, and renames a file to its final name.
    pub fn commit(self) -> Result<(), OutputError> {
        let to = self.to;
        let failed = |error| OutputError::io(&to, error);
        match self.inner {
            Inner::Stream(mut stream) => stream.flush().map_err(failed),
            Inner::File(file, path) => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                file.persist(path).map(|_| ()).map_err(|error| failed(error.error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_replaced_atomically_and_readable_only_by_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let to = Destination::File(path.clone());
        fs::write(&path, "old").unwrap();

        let mut dropped = Sink::open(&to).unwrap();
        dropped.write_with(|out| out.write_all(b"half")).unwrap();
        drop(dropped);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is gone");

        let mut sink = Sink::open(&to).unwrap();
        sink.write_with(|out| out.write_all(b"new")).unwrap();
        sink.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn devices_are_written_and_not_replaced() {
        let to = Destination::from("/dev/null");
        assert!(to.is_stream());
        let mut sink = Sink::open(&to).unwrap();
        sink.write_with(|out| out.write_all(b"x")).unwrap();
        sink.commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn invalid_destinations_are_reported_early() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Destination::File(folder.path().join("no/report.json"));
        assert!(matches!(Destination::check([&missing]), Err(OutputError::NoFolder { .. })));
        let is_folder = Destination::File(folder.path().to_owned());
        assert!(matches!(Destination::check([&is_folder]), Err(OutputError::IsFolder { .. })));
        let duplicate = [Destination::from("-"), Destination::from("-")];
        assert!(matches!(Destination::check(&duplicate), Err(OutputError::SameDestination { .. })));
    }

    #[test]
    fn a_closed_pipe_has_its_own_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut sink = Sink::from_writer(Box::new(Closed));
        sink.write_with(|out| out.write_all(b"x")).unwrap();
        assert!(matches!(sink.commit(), Err(OutputError::ClosedPipe)));
    }
}
