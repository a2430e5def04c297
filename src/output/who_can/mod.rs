//! Who can do what with buckets, for people and as JSON, written account by account.

mod cells;
mod text;
pub mod v1;

use std::io::{self, Write};

use self::text::TextTables;
use crate::output::escape::write_json;
use crate::output::text::TextOptions;
use crate::who_can::AccountBuckets;

pub use self::text::Detail;

/// What is being written.
pub enum WhoCanOutput<W: Write> {
    /// For people.
    Text(TextTables<W>),
    /// JSON, version 1.
    Json {
        /// Where it goes.
        out: W,
        /// Whether no account was written yet.
        is_first: bool,
    },
}

impl<W: Write> WhoCanOutput<W> {
    /// Begins the text.
    pub fn text(out: W, options: TextOptions, detail: Detail) -> Self {
        Self::Text(TextTables::new(out, options, detail))
    }

    /// Begins the JSON document.
    pub fn json(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\"version\":\"1\",\"accounts\":[")?;
        Ok(Self::Json { out, is_first: true })
    }

    /// Adds an account.
    pub fn account(&mut self, account: &AccountBuckets) -> io::Result<()> {
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
                write!(out, "],\"not_evaluated\":")?;
                write_json(&mut out, &v1::NotEvaluated::ALL)?;
                writeln!(out, ",\"incomplete\":{is_incomplete}}}")?;
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
        let schema = settings.into_generator().into_root_schema_for::<super::v1::WhoCan>();
        let schema = format!("{:#}\n", schema.to_value());
        crate::generated::check("src/output/who_can/v1.schema.json", &schema);
    }
}
