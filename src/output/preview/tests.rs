use crate::generated;

#[test]
fn the_schema_is_current() {
    generated::check("src/output/preview/v1.schema.json", &format!("{:#}\n", super::schema()));
}
