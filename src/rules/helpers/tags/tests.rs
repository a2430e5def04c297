//! What is wrong with required tags, and which values they get.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::model::{Cause, Region, Resource, TagRequirements};
use crate::rules::pack::load::load;
use crate::rules::pack::select::{RuleFilter, select};
use crate::rules::sandbox::evaluation::Sandbox;
use crate::rules::values::account::AccountFacts;

/// The evidence of the rule on the tags of volumes, or of another kind.
fn problems(kind: &str, required: Value, tags: Value, more: &Surroundings) -> Value {
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = |kind: &str, id: &str, facts: Value| {
        let resource = Resource {
            kind: kind.to_owned(),
            id: id.to_owned(),
            region: region.clone(),
            arn: None,
            name: None,
            facts: facts.as_object().unwrap().clone(),
            unreadable: Default::default(),
        };
        crate::facts::normalize(resource).unwrap().unwrap()
    };
    let mut own = json!({ "volume_id": "vol-1", "name": "vol-1", "tags": tags });
    own["attachments"] =
        more.attached.iter().map(|id| json!({ "instance_id": id })).collect::<Vec<_>>().into();
    if kind == "s3.bucket" {
        own = json!({ "name": "vol-1", "tags": tags });
    }
    let mut resources = vec![resource(kind, "vol-1", own)];
    for (id, tags) in &more.instances {
        let facts = json!({ "instance_id": id, "tags": tags });
        resources.push(resource("ec2.instance", id, facts));
    }
    let labels = more.labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let gap = more.gap.clone();
    let labels: std::collections::BTreeMap<String, String> = labels.collect();
    let facts = move || AccountFacts {
        account: "111122223333".parse().unwrap(),
        name: None,
        labels,
        partition: Default::default(),
        now: "2026-01-01T00:00:00Z".to_owned(),
        trust: Default::default(),
        required_tags: Arc::new(TagRequirements(serde_json::from_value(required).unwrap())),
        resources: resources.into(),
        list_gap: Box::new(move |kind, _| gap.clone().filter(|_| kind == "ec2.instance")),
    };
    let id = crate::rules::pack::templates::required_tags_id(kind);
    let evaluate = move || {
        let pack = load(&[]).unwrap();
        let filter =
            RuleFilter { rules: crate::model::Globs::new(&[&id]).ok(), ..RuleFilter::default() };
        let rules = select(&pack, &Default::default(), &[&filter]).unwrap();
        let mut sandbox = Sandbox::new(&rules).unwrap();
        sandbox.enter(facts());
        let position = sandbox
            .facts()
            .unwrap()
            .resources
            .json()
            .iter()
            .position(|one| one.id == "vol-1")
            .unwrap();
        let outcome = sandbox.evaluate(0, position);
        assert!(outcome.causes.is_empty(), "{outcome:?}");
        json!(outcome.evidence)
    };
    let thread = std::thread::Builder::new().stack_size(crate::rules::STACK_SIZE);
    thread.spawn(evaluate).unwrap().join().unwrap()
}

/// What is around the evaluated resource.
#[derive(Default)]
struct Surroundings {
    labels: Vec<(&'static str, &'static str)>,
    attached: Vec<&'static str>,
    instances: Vec<(&'static str, Value)>,
    gap: Option<Cause>,
}

fn fields(evidence: &Value) -> (Option<&str>, Option<&str>, Option<&str>) {
    let text = |key: &str| evidence[0][key].as_str();
    (text("new_value"), text("source"), text("no_value"))
}

#[test]
fn the_first_default_that_is_there_and_allowed_is_used() {
    let labels = vec![("owner", "web"), ("team", "team-db"), ("organization_unit", "Root/Prod")];
    for (default, expected) in [
        (json!([]), (None, None, Some("no default"))),
        (json!([{ "label": "none" }]), (None, None, Some("no default"))),
        (json!([{ "label": "team" }]), (Some("team-db"), Some("account label team"), None)),
        (
            json!([{ "label": "owner" }, { "value": "team-x" }]),
            (Some("team-x"), Some("fixed value"), None),
        ),
        (
            json!([{ "label": "owner" }, { "ou": true }]),
            (
                None,
                None,
                Some(
                    "no default (account label owner: web is not allowed; organizational unit: Root/Prod is not allowed)",
                ),
            ),
        ),
    ] {
        let required = json!([{ "key": "Owner", "values": ["team-*"], "default": default }]);
        let around = Surroundings { labels: labels.clone(), ..Surroundings::default() };
        let evidence = problems("ec2.volume", required, json!({}), &around);
        assert_eq!(fields(&evidence), expected, "{default}");
        assert_eq!(evidence[0]["problem"], "missing");
    }
    let ou = json!([{ "key": "Unit", "pattern": "^Root/", "default": [{ "ou": true }] }]);
    let around = Surroundings { labels, ..Surroundings::default() };
    let evidence = problems("ec2.volume", ou, json!({}), &around);
    assert_eq!(fields(&evidence), (Some("Root/Prod"), Some("organizational unit"), None));
}

#[test]
fn values_are_copied_from_related_resources() {
    let owner = |value: &str| json!({ "Owner": value });
    let two = || vec![("i-1", owner("web")), ("i-2", owner("db"))];
    let denied = Cause::new("ec2:DescribeInstances", "UnauthorizedOperation", "");
    type Expected = (Option<&'static str>, Option<&'static str>, Option<&'static str>);
    let fallback: Expected = (Some("ops"), Some("fixed value"), None);
    type Case = (Vec<&'static str>, Vec<(&'static str, Value)>, Option<Cause>, Expected);
    let cases: Vec<Case> = vec![
        (vec![], two(), None, fallback),
        (vec!["i-1"], two(), None, (Some("web"), Some("instance i-1"), None)),
        (vec!["i-1"], vec![("i-1", json!({ "owner": "web" }))], None, fallback),
        (
            vec!["i-1", "i-2"],
            two(),
            None,
            (None, None, Some("the instances i-1 and i-2 have different values")),
        ),
        (
            vec!["i-1", "i-2"],
            vec![("i-1", owner("web")), ("i-2", owner("web"))],
            None,
            (Some("web"), Some("instance i-1"), None),
        ),
        (
            vec!["i-1", "i-2"],
            vec![("i-1", owner("web")), ("i-2", json!({}))],
            None,
            (Some("web"), Some("instance i-1"), None),
        ),
        (
            vec!["i-1"],
            vec![],
            Some(denied),
            (
                None,
                None,
                Some(
                    "instance i-1 could not be read: ec2:DescribeInstances: UnauthorizedOperation",
                ),
            ),
        ),
    ];
    let required = json!([{
        "key": "Owner", "default": [{ "copy_from": "instance" }, { "copy_from": "volume" }, { "value": "ops" }]
    }]);
    for (attached, instances, gap, expected) in cases {
        let around = Surroundings { attached, instances, gap, ..Surroundings::default() };
        let evidence = problems("ec2.volume", required.clone(), json!({}), &around);
        assert_eq!(fields(&evidence), expected);
    }
}

#[test]
fn wrong_and_misspelled_tags_are_found() {
    let required = json!([{
        "key": "Owner", "values": ["team-*"], "spellings": ["owner", "OWNER"],
        "default": [{ "value": "team-x" }], "acts": true
    }]);
    let near = Surroundings::default();
    let evidence = |tags: Value| problems("ec2.volume", required.clone(), tags, &near);
    assert_eq!(evidence(json!({ "Owner": "team-a", "owner": "b" })), json!([]));
    assert_eq!(
        evidence(json!({ "Owner": "a" })),
        json!([{
            "key": "Owner", "problem": "value not allowed", "value": "a", "remove": {},
            "new_value": "team-x", "source": "fixed value", "acts": true
        }])
    );
    assert_eq!(
        evidence(json!({ "owner": "team-a" })),
        json!([{
            "key": "Owner", "problem": "misspelled as owner", "value": "team-a",
            "remove": { "owner": "team-a" }, "new_value": "team-a", "source": "tag owner", "acts": true
        }])
    );
    for (tags, new_value, no_value) in [
        (json!({ "owner": "team-a", "OWNER": "team-a" }), Some("team-a"), None),
        (json!({ "owner": "team-a", "OWNER": "b" }), Some("team-a"), None),
        (json!({ "owner": "a", "OWNER": "b" }), Some("team-x"), None),
        (
            json!({ "owner": "team-a", "OWNER": "team-b" }),
            None,
            Some("the tags OWNER and owner have different values"),
        ),
    ] {
        let found = evidence(tags.clone());
        assert_eq!(found[0]["problem"], "misspelled as OWNER and owner", "{tags}");
        assert_eq!((fields(&found).0, fields(&found).2), (new_value, no_value), "{tags}");
    }
}

#[test]
fn values_must_fit_the_service() {
    let required = |value: &str| json!([{ "key": "Note", "default": [{ "value": value }] }]);
    let near = Surroundings::default();
    let of = |kind: &str, value: &str| problems(kind, required(value), json!({}), &near);
    assert_eq!(fields(&of("ec2.volume", "a & b")).0, Some("a & b"));
    assert_eq!(
        fields(&of("s3.bucket", "a & b")).2,
        Some("no default (fixed value: a & b contains characters that S3 does not accept)")
    );
    assert_eq!(
        fields(&of("ec2.volume", &"x".repeat(257))).2.map(|text| text.ends_with("is too long)")),
        Some(true)
    );
}
