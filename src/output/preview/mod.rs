//! What a planned change would change: as text, Markdown, SARIF, or JSON (version 1, with a checked-in
//! JSON Schema).

mod markdown;
mod rows;
#[cfg(test)]
mod tests;
mod text;
pub mod v1;
mod words;

use std::io::{self, Write};

use super::escape::write_json;
use crate::report::Preview;

pub use markdown::write_markdown;
pub use text::write_text;

/// Writes version 1 of the JSON format.
pub fn write_preview_json(out: &mut dyn Write, preview: &Preview) -> io::Result<()> {
    write_json(out, &v1::Preview::from(preview))?;
    out.write_all(b"\n")
}

/// The JSON Schema of the JSON format.
#[cfg(test)]
fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<v1::Preview>().to_value()
}
