//! An open destination; files are replaced atomically.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::destination::{Destination, FileMode, folder_of};
use super::error::OutputError;

const BUFFER: usize = 64 * 1024;

/// A file under a temporary name. It is deleted unless it is renamed.
pub(super) fn temporary_in(folder: &Path, mode: FileMode) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rolecall-").suffix(".tmp");
    #[cfg(unix)]
    if mode == FileMode::Umask {
        use std::os::unix::fs::PermissionsExt;
        // The operating system applies the umask. Without this, only the owner can read the file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder.tempfile_in(folder)
}

impl Destination {
    /// Reports errors before the work begins: a folder instead of a file, a folder that does not
    /// exist, two outputs with the same destination.
    pub fn check<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<(), OutputError> {
        let mut seen = BTreeSet::new();
        for to in all {
            if !seen.insert(to.place()) && !to.discards() {
                return Err(OutputError::SameDestination { to: to.clone() });
            }
            if let Self::File(path) = to {
                if path.is_dir() {
                    return Err(OutputError::IsFolder { path: path.clone() });
                }
                // The folders of account reports are created.
                if !to.is_per_account() && !folder_of(path).is_dir() {
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

/// For encoders that own their writer. Their errors do not name the destination.
impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Stream(stream) => stream.write(bytes),
            Inner::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Stream(stream) => stream.flush(),
            Inner::File(file, _) => file.flush(),
        }
    }
}

impl Sink {
    /// Opens a destination: a stream directly, a file under a temporary name in the same folder.
    pub fn open(to: &Destination, mode: FileMode) -> Result<Self, OutputError> {
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
                let file = temporary_in(folder_of(path), mode)
                    .map_err(|error| OutputError::io(to, error))?;
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

    /// Where it goes.
    pub fn destination(&self) -> &Destination {
        &self.to
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
    fn files_are_replaced_atomically() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let to = Destination::File(path.clone());
        fs::write(&path, "old").unwrap();

        let mut dropped = Sink::open(&to, FileMode::Umask).unwrap();
        dropped.write_with(|out| out.write_all(b"half")).unwrap();
        drop(dropped);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is gone");

        let mut sink = Sink::open(&to, FileMode::Umask).unwrap();
        sink.write_with(|out| out.write_all(b"new")).unwrap();
        sink.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn files_can_be_read_by_whom_the_umask_says_unless_they_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
        };
        // What the umask gives to a new file.
        fs::write(folder.path().join("plain"), "").unwrap();
        for (name, wanted) in [("umask", FileMode::Umask), ("private", FileMode::Private)] {
            let to = Destination::File(folder.path().join(name));
            Sink::open(&to, wanted).unwrap().commit().unwrap();
        }
        assert_eq!(mode("umask"), mode("plain"));
        assert_eq!(mode("private"), 0o600);
    }

    #[test]
    fn devices_are_written_and_not_replaced() {
        let to = Destination::from("/dev/null");
        assert!(to.is_stream());
        let mut sink = Sink::open(&to, FileMode::Umask).unwrap();
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
    }

    #[test]
    fn two_outputs_to_one_file_are_rejected_however_they_are_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let file = |path: &str| Destination::File(folder.path().join(path));
        fs::write(folder.path().join("old.json"), "").unwrap();
        let mut pairs = vec![
            (Destination::from("-"), Destination::from("-")),
            (Destination::from("-"), Destination::from("/dev/stdout")),
            (file("a.json"), file("./a.json")),
            (file("a.json"), file("inner/../a.json")),
            (Destination::from("x.json"), Destination::from("./x.json")),
            (Destination::from("x.json"), {
                Destination::File(std::env::current_dir().unwrap().join("x.json"))
            }),
        ];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&inner, folder.path().join("link")).unwrap();
            let target = folder.path().join("old.json");
            std::os::unix::fs::symlink(target, folder.path().join("new.json")).unwrap();
            pairs.push((file("inner/a.json"), file("link/a.json")));
            pairs.push((file("old.json"), file("new.json")));
        }
        for (one, other) in &pairs {
            let checked = Destination::check([one, other]);
            let rejected = matches!(checked, Err(OutputError::SameDestination { .. }));
            assert!(rejected, "{one} {other}: {checked:?}");
        }
        for (one, other) in [
            (file("a.json"), file("inner/a.json")),
            (file("a.json"), file("A.sarif")),
            (Destination::from("/dev/null"), Destination::from("/dev/null")),
        ] {
            Destination::check([&one, &other]).unwrap();
        }
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
