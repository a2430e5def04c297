//! The inventory as files: a table per kind, in CSV or Parquet, and counts.

#[cfg(test)]
mod athena;
mod counts;
mod csv;
#[cfg(feature = "parquet")]
mod parquet;
mod table_file;
mod tables;
pub mod v1;

pub use counts::{CountFormat, Counts};
pub use tables::{Layout, TableFormat, Tables};

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_current() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<super::v1::Inventory>();
        let schema = format!("{:#}\n", schema.to_value());
        crate::generated::check("src/output/inventory/v1.schema.json", &schema);
    }
}
