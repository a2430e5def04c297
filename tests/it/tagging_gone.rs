//! `tagging_exemption`: resources that are gone need no tags.

use std::fs;

use serde_json::{Value, json};

use crate::program::{ran, rolecall};

#[test]
fn resources_that_are_gone_need_no_tags() {
    for (kind, field, gone, there) in [
        (
            "ec2.vpc_endpoint",
            "state",
            &["Deleted", "deleting", "Rejected", "expired"][..],
            &["Available", "pendingAcceptance"][..],
        ),
        ("ec2.vpc_endpoint_service", "service_state", &["Deleting", "Failed"], &["Available"]),
        ("ec2.transit_gateway_attachment", "state", &["rejected", "failing"], &["available"]),
        ("ec2.spot_fleet_request", "spot_fleet_request_state", &["failed"], &["active"]),
        ("ec2.image", "state", &["deregistered", "invalid"], &["available", "disabled"]),
    ] {
        let case = |state: &&str, expect: &str| json!({ "name": state, "expect": expect, "facts": { field: state, "tags": {} } });
        let cases: Vec<Value> = gone
            .iter()
            .map(|state| case(state, "fail"))
            .chain(there.iter().map(|state| case(state, "pass")))
            .collect();
        let rule = format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"{kind}\", severity: \"low\" }};\n\
             fn check(resource, params) {{ if is_configured(tagging_exemption(resource, [])) {{ fail(\"gone\") }} else {{ pass() }} }}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gone.rhai"), rule).unwrap();
        let cases = json!({ "cases": cases }).to_string();
        fs::write(folder.path().join("gone.cases.json"), cases).unwrap();
        let ran = ran(rolecall().arg("test").arg(folder.path()).output().unwrap());
        assert_eq!(ran.code, 0, "{kind}: {}{}", ran.stdout, ran.stderr);
    }
}
