//! `rolecall preview`: user data in plans is inspected as that of a scan is, and never shown.

use serde_json::{Value, json};

use crate::preview_comment::{previewed, shown};
use crate::preview_defaults::change;

const FAIL: [usize; 2] = [1, 0];
const UNKNOWN: [usize; 2] = [0, 1];
const PASS: [usize; 2] = [0, 0];

const SECRET: &str = "#!/bin/bash\nexport DB_PASSWORD='Xk9-vV3.qT7pLw2Z'\n";
/// The same in base64.
const ENCODED: &str = "IyEvYmluL2Jhc2gKZXhwb3J0IERCX1BBU1NXT1JEPSdYazktdlYzLnFUN3BMdzJaJwo=";

/// A new instance or launch template.
fn new(of: &str, attributes: Value, unknown: Value) -> Value {
    let mut after = json!({
        "region": "eu-west-1", "name": "web", "image_id": "ami-1", "instance_type": "t3.micro",
        "metadata_options": [{ "http_tokens": "optional", "http_endpoint": "enabled" }],
    });
    after.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let mut all = json!({ "id": true, "latest_version": true, "default_version": true });
    all.as_object_mut().unwrap().extend(unknown.as_object().unwrap().clone());
    change(of, Value::Null, after, all)
}

#[test]
fn user_data_is_inspected_and_not_shown() {
    let data = |name: &str, value: &str| json!({ name: value });
    let (instance, template) = ("aws_instance", "aws_launch_template");
    let none = json!({});
    let sensitive = |name: &str| json!({ "after_sensitive": { name: true } });
    for (name, of, attributes, more, expected) in [
        ("plain", instance, data("user_data", SECRET), none.clone(), FAIL),
        ("base64", instance, data("user_data_base64", ENCODED), none.clone(), FAIL),
        ("base64 as plain", instance, data("user_data", ENCODED), none.clone(), FAIL),
        ("harmless", instance, data("user_data", "#!/bin/bash\nuptime\n"), none.clone(), PASS),
        (
            "the hash of version 5 of the provider",
            instance,
            data("user_data", "0a4d55a8d778e5022fab701977c5d840bbc486d0"),
            none.clone(),
            UNKNOWN,
        ),
        ("sensitive", instance, data("user_data", SECRET), sensitive("user_data"), UNKNOWN),
        ("no user data", instance, none.clone(), none.clone(), PASS),
        ("template", template, data("user_data", ENCODED), none.clone(), FAIL),
        ("harmless template", template, data("user_data", "dXB0aW1lCg=="), none.clone(), PASS),
        (
            "sensitive template",
            template,
            data("user_data", ENCODED),
            sensitive("user_data"),
            UNKNOWN,
        ),
        ("template without", template, none.clone(), none, PASS),
    ] {
        let computed = json!({ "user_data_base64": attributes.get("user_data_base64").is_none() });
        let changed = shown(new(of, attributes, computed), &more);
        let rules = ["ec2-instance-user-data-secrets", "ec2-launch-template-user-data-secrets"];
        let (json, comment, _) = previewed(&[], &[changed], &rules);
        let found = ["new_failures", "not_known_until_apply"]
            .map(|list| json[list].as_array().unwrap().len());
        assert_eq!(found, expected, "{name}: {json:#}");
        for text in ["Xk9", "EvYmlu", "uptime"] {
            assert!(!comment.contains(text) && !json.to_string().contains(text), "{name}");
        }
    }
}

/// Plans of Terraform before 0.15 do not say what is sensitive, and what was sensitive may still be.
#[test]
fn user_data_that_may_be_sensitive_is_not_inspected() {
    let before = json!({
        "region": "eu-west-1", "id": "lt-1", "name": "web", "latest_version": 1, "default_version": 1,
        "user_data": "dXB0aW1lCg==",
    });
    let mut after = before.clone();
    after["user_data"] = ENCODED.into();
    after["update_default_version"] = true.into();
    let unknown = json!({ "latest_version": true, "default_version": true });
    let changed = || change("aws_launch_template", before.clone(), after.clone(), unknown.clone());
    let was_sensitive = json!({ "before_sensitive": { "user_data": true } });
    for (name, changed, expected) in [
        ("shown", shown(changed(), &json!({})), FAIL),
        ("was sensitive", shown(changed(), &was_sensitive), UNKNOWN),
        ("without marks", changed(), UNKNOWN),
    ] {
        let rules = ["ec2-launch-template-user-data-secrets"];
        let (json, ..) = previewed(&[], &[changed], &rules);
        let found = ["new_failures", "not_known_until_apply"]
            .map(|list| json[list].as_array().unwrap().len());
        assert_eq!(found, expected, "{name}: {json:#}");
    }
}

/// User data that contains something of a new resource is very common.
#[test]
fn user_data_that_is_not_known_hides_nothing_else() {
    let unknown = json!({ "user_data": true });
    let template = shown(new("aws_launch_template", json!({}), unknown), &json!({}));
    for (rule, expected) in [
        ("ec2-launch-template-imdsv2", FAIL),
        ("ec2-launch-template-public-ip", PASS),
        ("ec2-launch-template-user-data-secrets", UNKNOWN),
    ] {
        let (json, ..) = previewed(&[], std::slice::from_ref(&template), &[rule]);
        let found = ["new_failures", "not_known_until_apply"]
            .map(|list| json[list].as_array().unwrap().len());
        assert_eq!(found, expected, "{rule}: {json:#}");
    }
}
