//! Policies of access points.

use serde_json::{Value, json};

use super::{after, created, deleted, fact, updated};

#[test]
fn policies_of_access_points_are_those_of_the_plan() {
    let of = "aws_s3control_access_point_policy";
    let document = |account: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject",
            "Principal": { "AWS": account }, "Resource": "*" }] })
    };
    let policy = |account: &str| {
        json!({
            "region": "eu-west-1", "access_point_arn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap",
            "policy": document(account).to_string(),
        })
    };
    let (own, other) = ("111122223333", "444455556666");
    let facts = json!({
        "name": "ap", "network_origin": "Internet", "bucket": "data",
        "policy": { "document": document(own) }, "policy_status": { "is_public": false },
    });
    let one =
        json!({ "kind": "s3.access_point", "id": "ap", "region": "eu-west-1", "facts": facts });
    let snapshot = || vec![serde_json::from_value(one.clone()).unwrap()];
    let point = |more: Value| {
        let mut all = json!({ "name": "ap", "bucket": "data", "region": "eu-west-1" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let arn = json!({ "access_point_arn": { "references": ["aws_s3_access_point.a.arn", "aws_s3_access_point.a"] } });
    let refers = json!({ of: arn });
    let unknown = json!({ "arn": true, "id": true, "policy": true });
    let open = json!({ "region": "eu-west-1", "policy": document(other).to_string() });
    let new = [
        created("aws_s3_access_point", point(json!({})), unknown),
        created(of, open, json!({ "access_point_arn": true })),
    ];
    let given = |account: &str| json!({ "document": document(account) });
    let none = json!({});
    for (what, live, changes, arguments, expected) in [
        ("changed", snapshot(), vec![updated(of, policy(own), policy(other))], &none, given(other)),
        ("deleted", snapshot(), vec![deleted(of, policy(own))], &none, Value::Null),
        ("new", Vec::new(), new.to_vec(), &refers, given(other)),
        (
            "none",
            snapshot(),
            vec![updated(
                "aws_s3_access_point",
                point(json!({ "policy": document(own).to_string() })),
                point(json!({ "policy": "{}" })),
            )],
            &none,
            Value::Null,
        ),
    ] {
        let resources = after(live, &changes, arguments);
        assert_eq!(fact(&resources, "s3.access_point", "policy"), expected, "{what}");
    }
}

/// What the provider does not delete stays.
#[test]
fn the_policy_of_a_multi_region_access_point_stays_when_it_is_deleted() {
    let of = "aws_s3control_multi_region_access_point_policy";
    let policy = |text: &str| json!({ "details": [{ "name": "m", "policy": text }] });
    let facts = json!({ "name": "m", "policy": null, "policy_status": null });
    let one = json!({
        "kind": "s3.multi_region_access_point", "id": "m", "region": "us-west-2", "facts": facts,
    });
    for (plan, expected) in [
        (deleted(of, policy("{}")), Value::Null),
        (updated(of, policy("{}"), policy("{ }")), "?".into()),
    ] {
        let live = vec![serde_json::from_value(one.clone()).unwrap()];
        let mut plan = plan;
        plan["change"]["before"]["region"] = "us-west-2".into();
        if !plan["change"]["after"].is_null() {
            plan["change"]["after"]["region"] = "us-west-2".into();
        }
        let resources = after(live, &[plan], &json!({}));
        assert_eq!(fact(&resources, "s3.multi_region_access_point", "policy"), expected);
    }
}
