//! `rolecall init`: writes a commented `rolecall.toml` without overwriting an existing one.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::{FILE_NAME, TEMPLATE};
use crate::exit::Exit;
use crate::run::error::CommandError;

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The file already exists.
    #[error("`{path}` already exists: remove it first, or choose another file with --config", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It could not be written.
    #[error("cannot write `{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
}

impl From<InitError> for CommandError {
    fn from(error: InitError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Writes the template to `config` or `rolecall.toml`, and prints the next steps to `messages`.
pub fn run(config: Option<&Path>, messages: &mut dyn Write) -> Result<Exit, InitError> {
    let path = config.unwrap_or(Path::new(FILE_NAME));
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => InitError::Exists { path: path.to_owned() },
        _ => InitError::Io { path: path.to_owned(), error },
    };
    // `create_new` is exclusive: it neither overwrites a file nor follows a link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(fail)?;
    file.write_all(TEMPLATE.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    let option = config.map_or_else(String::new, |path| format!(" --config {}", path.display()));
    let printed = write!(
        messages,
        "wrote {path}\n\nNext:\n  1. add your accounts to the file, one [[account]] each\n  \
         2. rolecall permissions{option}   prints the IAM policies for the role and for the central identity\n  \
         3. rolecall scan{option}          scans the accounts and prints a report\n",
        path = path.display(),
    );
    // The file was written, so failing to print the next steps is not an error.
    printed.and_then(|()| messages.flush()).ok();
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_does_not_overwrite_an_existing_file() {
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
