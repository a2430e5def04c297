use super::plan::Plan;
use crate::generated;

#[test]
fn the_schema_is_current() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Plan>().to_value();
    generated::check("src/remediation/plan.schema.json", &format!("{schema:#}\n"));
}
