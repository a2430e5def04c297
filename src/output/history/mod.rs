//! How findings developed over many reports: as tables, or JSON (version 1, with a checked-in JSON
//! Schema).

mod text;
pub mod v1;

use std::io::{self, Write};

use super::escape::write_json;
use crate::report::History;

pub use text::write_text;

/// Writes version 1 of the JSON format.
pub fn write_history_json(out: &mut dyn Write, history: &History) -> io::Result<()> {
    write_json(out, &v1::History::from(history))?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_current() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<super::v1::History>();
        let schema = format!("{:#}\n", schema.to_value());
        crate::generated::check("src/output/history/v1.schema.json", &schema);
    }
}
