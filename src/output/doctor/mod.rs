//! The result of `rolecall doctor`: as a table, or JSON (version 1, with a checked-in JSON Schema).

#[cfg(test)]
mod tests;
mod text;
pub mod v1;

use std::io::{self, Write};

use super::escape::write_json;
use crate::report::Doctor;

pub use text::write_text;

/// Writes version 1 of the JSON format.
pub fn write_doctor_json(out: &mut dyn Write, doctor: &Doctor, exit_code: u8) -> io::Result<()> {
    write_json(out, &v1::Doctor::new(doctor, exit_code))?;
    out.write_all(b"\n")
}

/// The JSON Schema of the JSON format.
#[cfg(test)]
fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<v1::Doctor>().to_value()
}
