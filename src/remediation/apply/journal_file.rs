//! The file of a journal: only its owner can read it, only one process uses it, and it must stay where
//! it is while a run records in it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// What a journal does with its file. Tests replace it with one that fails.
pub(super) trait Disk: fmt::Debug + Send {
    /// The open file.
    fn file(&mut self) -> &mut File;

    /// Writes a line at the end.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file().write_all(line)
    }

    /// Waits until what was written is on disk.
    fn sync(&mut self) -> io::Result<()> {
        self.file().sync_data()
    }

    /// Cuts the file off, and continues there.
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file().set_len(length)?;
        self.file().seek(SeekFrom::Start(length))?;
        Ok(())
    }
}

impl Disk for File {
    fn file(&mut self) -> &mut File {
        self
    }
}

/// A new file, which only its owner can read.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    // The entry of the folder must survive a power failure too.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(file)
}

/// A file that exists. It is not changed: it may be anything.
pub(super) fn existing(path: &Path) -> io::Result<File> {
    let found = path.symlink_metadata()?;
    if !found.file_type().is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if found.nlink() > 1 {
            let text =
                "it has several names (hard links): copy it, and pass the copy with --journal";
            return Err(io::Error::other(text));
        }
    }
    OpenOptions::new().read(true).write(true).open(path)
}

/// From now on, only its owner can read it.
pub(super) fn make_private(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// What happened to a file that is no longer where it was opened; `None` if it is there.
pub(super) fn displaced(path: &Path, file: &File) -> io::Result<Option<&'static str>> {
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some("was deleted or moved"));
        }
        Err(error) => return Err(error),
    };
    #[cfg(unix)]
    let is_same = {
        use std::os::unix::fs::MetadataExt;
        let opened = file.metadata()?;
        (found.dev(), found.ino()) == (opened.dev(), opened.ino())
    };
    #[cfg(not(unix))]
    let is_same = found.is_file() && found.len() == file.metadata()?.len();
    Ok((!is_same).then_some("was replaced by another file"))
}
