//! `rolecall preview`: regions that the snapshot lacks, and regions that are not known until apply.

use serde_json::{Value, json};

use crate::preview_defaults::{change, preview_of};
use crate::preview_launch::settings;
use crate::preview_left_open::plan;

const LISTS: [&str; 4] = ["new_failures", "fixed", "not_known_until_apply", "not_checked"];

/// The findings in each list.
fn counts(preview: &Value) -> [usize; 4] {
    LISTS.map(|list| preview[list].as_array().unwrap().len())
}

/// What depends on the settings of a region is not checked if the snapshot does not have the region.
#[test]
fn a_region_that_the_snapshot_lacks_is_named() {
    for (name, region, expected) in
        [("collected", "eu-west-1", [1, 0, 0, 0]), ("not collected", "us-east-1", [0, 0, 0, 1])]
    {
        let volume =
            json!({ "region": region, "size": 8, "availability_zone": format!("{region}a") });
        let unknown = json!({ "id": true, "encrypted": true, "snapshot_id": true });
        let json = plan(
            &[change("aws_ebs_volume", Value::Null, volume, unknown)],
            &[("aws_ebs_volume", json!({ "size": { "constant_value": 8 } }))],
        );
        let preview = preview_of(name, Some(&[settings(false)]), &json, "ebs-volume-encrypted");
        assert_eq!(counts(&preview), expected, "{name}: {preview}");
        let said = preview["not_checked"].to_string();
        let is_named = said.contains("the snapshot does not have region `us-east-1`");
        assert_eq!(is_named, region == "us-east-1", "{name}: {preview}");
    }
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
