//! A plan of fixes for review: as text, as Markdown for pull requests, or as JSON (version 1, with a
//! checked-in JSON Schema). Everything in a plan that comes from AWS or from rules is untrusted.

mod changes;
mod markdown;
#[cfg(test)]
mod tests;
mod text;
pub mod v1;
mod words;

use std::io::{self, Write};

use super::escape::write_json;
use crate::remediation::PlanFile;

pub use markdown::write_plan_markdown;
pub use text::write_plan_text;

/// Writes version 1 of the JSON format.
pub fn write_plan_json(out: &mut dyn Write, file: &PlanFile) -> io::Result<()> {
    write_json(out, &v1::Shown::from(file))?;
    out.write_all(b"\n")
}

/// The JSON Schema of the JSON format.
#[cfg(test)]
fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<v1::Shown<'_>>().to_value()
}
