//! `rolecall preview`: regions that are not known until apply.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_launch::settings;
use crate::preview_left_open::plan;

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

/// The findings in each list.
fn counts(preview: &Value) -> [usize; 4] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

/// A resource with a region of its own that is not known can be in any.
#[test]
fn a_region_that_is_not_known_is_any() {
    let of = "aws_ebs_encryption_by_default";
    let on = settings(true);
    let literal = json!({ "constant_value": "eu-central-1" });
    let open = json!({ "references": ["terraform_data.a.output", "terraform_data.a"] });
    let not_set = json!({ "constant_value": null });
    for (name, argument, unknown, expected) in [
        ("not known", open, true, [0, 0, 1, 0]),
        ("of the provider", not_set, true, [0, 0, 0, 0]),
        ("known", literal, false, [0, 0, 0, 0]),
    ] {
        let after = match unknown {
            true => json!({ "enabled": false }),
            false => json!({ "enabled": false, "region": "eu-central-1" }),
        };
        let unknown = json!({ "id": true, "region": unknown });
        let changed = change(of, Value::Null, after, unknown);
        let mut json = plan(&[changed], &[(of, json!({ "region": argument }))]);
        json["configuration"]["provider_config"] = json!({
            "aws": { "name": "aws", "expressions": { "region": { "constant_value": "eu-central-1" } } },
        });
        let rule = "ec2-ebs-encryption-by-default";
        let mut preview = preview_of(name, Some(std::slice::from_ref(&on)), &json, rule);
        // What is in the other region is a failure of its own.
        preview["new_failures"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["resource"]["region"] == "eu-west-1");
        let here = |one: &&Value| one["resource"]["region"] == "eu-west-1";
        let found = LISTS.map(|list| preview[list].as_array().unwrap().iter().filter(here).count());
        assert_eq!(found, expected, "{name}: {preview}");
    }
}
