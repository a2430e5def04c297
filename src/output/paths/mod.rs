//! Paths from the internet, for people and as JSON, written account by account.

mod text;
pub mod v1;

use std::io::{self, Write};

use self::text::TextPaths;
use crate::output::escape::write_json;
use crate::output::text::TextOptions;
use crate::paths::AccountPaths;

/// Paths that are being written.
pub enum PathsOutput<W: Write> {
    /// For people.
    Text(TextPaths<W>),
    /// JSON, version 1.
    Json {
        /// Where it goes.
        out: W,
        /// Whether no account was written yet.
        is_first: bool,
    },
}

impl<W: Write> PathsOutput<W> {
    /// Begins the text. `details`: with what blocks the traffic to resources that are not reachable.
    pub fn text(out: W, options: TextOptions, traffic: &str, details: bool) -> Self {
        Self::Text(TextPaths::new(out, options, traffic, details))
    }

    /// Begins the JSON document.
    pub fn json(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\"version\":\"1\",\"accounts\":[")?;
        Ok(Self::Json { out, is_first: true })
    }

    /// Adds an account.
    pub fn account(&mut self, account: &AccountPaths) -> io::Result<()> {
        match self {
            Self::Text(text) => text.account(account),
            Self::Json { out, is_first } => {
                if !std::mem::take(is_first) {
                    out.write_all(b",")?;
                }
                write_json(out, &v1::Account::from(account))
            }
        }
    }

    /// Ends the output. `is_incomplete`: something that matters could not be read.
    pub fn finish(self, is_incomplete: bool) -> io::Result<()> {
        match self {
            Self::Text(text) => text.finish(),
            Self::Json { mut out, .. } => {
                writeln!(out, "],\"incomplete\":{is_incomplete}}}")?;
                out.flush()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_current() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<super::v1::Paths>();
        let schema = format!("{:#}\n", schema.to_value());
        crate::generated::check("src/output/paths/v1.schema.json", &schema);
    }
}
