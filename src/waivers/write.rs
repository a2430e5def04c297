//! Appends waivers to a file. Everything that the file contains stays as it is, byte for byte: an
//! array of tables may be continued at the end of a TOML file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::error::WaiverError;
use super::waiver::Selector;
use crate::model::text::printable;

/// A waiver to be written.
#[derive(Debug, Clone)]
pub struct NewWaiver {
    /// The comment above it, one line each.
    pub comments: Vec<String>,
    /// The keys that select findings, each with its values.
    pub keys: Vec<(&'static str, Vec<String>)>,
    /// Why the problem is accepted.
    pub reason: String,
    /// Who accepts it.
    pub owner: String,
    /// The last day on which it applies.
    pub expires: Date,
    /// A ticket about it.
    pub ticket: Option<String>,
}

impl NewWaiver {
    /// Whether a selector has the same patterns.
    pub fn selects_like(&self, selector: &Selector) -> bool {
        let Selector::Patterns(patterns) = selector else { return false };
        let theirs = patterns.keys();
        theirs.len() == self.keys.len()
            && theirs
                .iter()
                .zip(&self.keys)
                .all(|(theirs, mine)| theirs.0 == mine.0 && theirs.1.iter().eq(mine.1.iter()))
    }

    fn text(&self) -> String {
        let mut table = Table::new();
        for (key, values) in &self.keys {
            let value = match values.as_slice() {
                [one] => Value::from(one.as_str()),
                several => Value::from(several.iter().map(String::as_str).collect::<Array>()),
            };
            table.insert(key, Item::Value(value));
        }
        table.insert("reason", toml_edit::value(self.reason.as_str()));
        table.insert("owner", toml_edit::value(self.owner.as_str()));
        let date = toml_edit::Date {
            year: u16::try_from(self.expires.year()).unwrap_or_default(),
            month: u8::try_from(self.expires.month()).unwrap_or_default(),
            day: u8::try_from(self.expires.day()).unwrap_or_default(),
        };
        table.insert("expires", toml_edit::value(toml_edit::Datetime::from(date)));
        if let Some(ticket) = &self.ticket {
            table.insert("ticket", toml_edit::value(ticket.as_str()));
        }
        let comments: String =
            self.comments.iter().map(|line| format!("# {}\n", printable(line))).collect();
        format!("{comments}[[waiver]]\n{table}")
    }
}

/// Appends waivers to a TOML file, which is created if it does not exist. The file is replaced in
/// one step.
pub fn append(path: &Path, waivers: &[NewWaiver]) -> Result<(), WaiverError> {
    // A symbolic link stays a link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |error| WaiverError::Write { path: path.to_owned(), error };
    let before = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other.map_err(|error| WaiverError::Read { path: path.to_owned(), error })?,
    };
    let mut added: String = waivers.iter().map(|waiver| format!("\n{}", waiver.text())).collect();
    if before.is_empty() {
        added.remove(0);
    } else if !before.ends_with('\n') {
        added.insert(0, '\n');
    }
    if before.contains("\r\n") {
        added = added.replace('\n', "\r\n");
    }
    let text = [before, added].concat();
    // `waiver = [{ … }]` cannot be continued.
    if let Err(error) = text.parse::<DocumentMut>() {
        return Err(WaiverError::Unusable {
            path: path.to_owned(),
            reason: format!(
                "the waivers cannot be appended to this file ({}); write `waiver` as [[waiver]] tables",
                error.message()
            ),
        });
    }
    replace(path, &text).map_err(failed)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rolecall-").suffix(".tmp");
    let mut file = match permissions {
        Ok(permissions) => {
            let file = builder.tempfile_in(folder)?;
            file.as_file().set_permissions(permissions)?;
            file
        }
        // As any other new file: it has no secrets, and others review it.
        Err(_) => builder.make_in(folder, |path| {
            fs::OpenOptions::new().write(true).create_new(true).open(path)
        })?,
    };
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
