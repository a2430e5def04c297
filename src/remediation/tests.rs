use schemars::JsonSchema;

use super::apply::report::ApplyReport;
use super::plan::Plan;
use super::verify::VerifyReport;
use crate::generated;

#[test]
fn each_schema_is_current() {
    fn check<T: JsonSchema>(name: &str) {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        generated::check(&format!("src/remediation/{name}.schema.json"), &format!("{schema:#}\n"));
    }
    check::<Plan>("plan");
    check::<ApplyReport>("apply");
    check::<VerifyReport>("verify");
}
