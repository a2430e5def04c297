//! `rolecall init`: writes a commented `rolecall.toml`, and never over another.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::{FILE_NAME, TEMPLATE};
use crate::exit::Exit;
use crate::run::error::CommandError;

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error("{path} exists and is not overwritten: name another file by --config, or remove it first", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It could not be written.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
}

impl From<InitError> for CommandError {
    fn from(error: InitError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Writes the template to `config`, or to `rolecall.toml`, and tells on `messages` what to do next.
pub fn run(config: Option<&Path>, messages: &mut dyn Write) -> Result<Exit, InitError> {
    let path = config.unwrap_or(Path::new(FILE_NAME));
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => InitError::Exists { path: path.to_owned() },
        _ => InitError::Io { path: path.to_owned(), error },
    };
    // `create_new` is exclusive: a file that appears meanwhile, or a link, is not written through.
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(fail)?;
    file.write_all(TEMPLATE.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    let option = config.map_or_else(String::new, |path| format!(" --config {}", path.display()));
    let told = write!(
        messages,
        "wrote {path}\n\nNext:\n  1. name your accounts in it, one [[account]] each\n  \
         2. rolecall permissions{option}   prints the IAM policies for the role and for the central identity\n  \
         3. rolecall scan{option}          reads the accounts and reports\n",
        path = path.display(),
    );
    // The file is written; that nobody reads the advice is no failure.
    told.and_then(|()| messages.flush()).ok();
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        let mut messages = Vec::new();
        run(Some(&path), &mut messages).unwrap();
        let messages = String::from_utf8(messages).unwrap();
        assert!(
            messages.contains(&format!("rolecall scan --config {}", path.display())),
            "{messages}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), TEMPLATE);
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(run(Some(&path), &mut io::sink()), Err(InitError::Exists { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let nowhere = folder.path().join("no/such/folder.toml");
        assert!(matches!(run(Some(&nowhere), &mut io::sink()), Err(InitError::Io { .. })));
    }
}
