//! Cases of actions on tags.

use serde_json::{Map, Value, json};

use super::scenery::{Case, case};
use crate::fixes::Action;

fn instance(tags: Value) -> Value {
    json!({ "instance_id": "i-1", "tags": tags })
}

fn volume(tags: Value) -> Value {
    json!({ "volume_id": "vol-1", "tags": tags })
}

fn bucket(tags: Value) -> Value {
    json!({ "name": "logs", "bucket_region": "eu-west-1", "tags": tags })
}

/// This many tags, and one of AWS.
fn many(count: usize) -> Value {
    let own = (0..count).map(|n| (format!("key-{n:02}"), Value::from("x")));
    let of_aws = [("aws:cloudformation:stack-name".to_owned(), Value::from("web"))];
    Value::Object(own.chain(of_aws).collect())
}

pub(super) fn cases() -> Vec<Case> {
    let add =
        |title, tags, kind, facts| case(title, "tags.add", json!({ "tags": tags }), kind, facts);
    let set =
        |title, tags, kind, facts| case(title, "tags.set", json!({ "tags": tags }), kind, facts);
    let remove =
        |title, tags, kind, facts| case(title, "tags.remove", json!({ "tags": tags }), kind, facts);
    let web = json!({ "Owner": "web", "Name": "a" });
    vec![
        add(
            "a tag that is missing, beside one that is there",
            json!({ "Owner": "web", "Env": "prod" }),
            "ec2.instance",
            instance(web.clone()),
        ),
        add("already there", json!({ "Owner": "web" }), "ec2.instance", instance(web.clone())),
        add("another value", json!({ "Owner": "db" }), "ec2.instance", instance(web.clone())),
        add(
            "another spelling is there, which conditions do not tell apart",
            json!({ "Owner": "web" }),
            "ec2.volume",
            volume(json!({ "owner": "web" })),
        ),
        add(
            "two spellings, unusual characters and an empty value",
            json!({ "team": "a", "TEAM": "b", "Größe": "ü", "cost ${*}?": "${aws:username} *", "empty": "" }),
            "ec2.volume",
            volume(json!({})),
        ),
        add("the fiftieth tag", json!({ "Owner": "web" }), "ec2.volume", volume(many(49))),
        add("one tag too many", json!({ "Owner": "web" }), "ec2.volume", volume(many(50))),
        add("the first tag of a bucket", json!({ "Owner": "*" }), "s3.bucket", bucket(Value::Null)),
        set(
            "a value of two that differs, and one that is there already",
            json!({ "Owner": { "from": "web", "to": "db" }, "Name": { "from": "b", "to": "a" } }),
            "ec2.instance",
            instance(web.clone()),
        ),
        set(
            "a value that somebody changed",
            json!({ "Owner": { "from": "old", "to": "db" } }),
            "ec2.instance",
            instance(web.clone()),
        ),
        set(
            "a tag that is missing",
            json!({ "Env": { "from": "a", "to": "b" } }),
            "ec2.instance",
            instance(web.clone()),
        ),
        set(
            "an empty value of a bucket",
            json!({ "Owner": { "from": "", "to": "db" } }),
            "s3.bucket",
            bucket(json!({ "Owner": "" })),
        ),
        remove(
            "one that is there and one that is gone",
            json!({ "owner": "web", "OWNER": "x" }),
            "ec2.instance",
            instance(json!({ "owner": "web", "Name": "a" })),
        ),
        remove(
            "with another value",
            json!({ "Owner": "x" }),
            "ec2.instance",
            instance(web.clone()),
        ),
        remove("already gone", json!({ "Env": "x" }), "ec2.instance", instance(web.clone())),
        remove(
            "beside another spelling",
            json!({ "owner": "web" }),
            "ec2.instance",
            instance(json!({ "owner": "web", "Owner": "web" })),
        ),
        remove("the last tag of a bucket", web.clone(), "s3.bucket", bucket(web)),
    ]
}

fn error(name: &str, tags: Value) -> String {
    let parameters = Map::from_iter([("tags".to_owned(), tags)]);
    Action::new(name, parameters).map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn keys_and_values_outside_of_the_limits_are_errors() {
    let long_key = "ü".repeat(129);
    let long_value = "ü".repeat(257);
    let table = [
        (json!({}), "name at least one tag"),
        (json!({ "": "x" }), "empty key"),
        (json!({ "aws:x": "x" }), "reserved for AWS"),
        (json!({ "AwS:x": "x" }), "reserved for AWS"),
        (json!({ (long_key.as_str()): "x" }), "more than 128 characters"),
        (json!({ "k": (long_value.as_str()) }), "more than 256 characters"),
        (json!({ "a\u{0}": "x" }), "control character"),
        (json!({ "a": "x\ny" }), "control character"),
        (json!({ "a": 1 }), "invalid parameters"),
        (json!({ "aws": "x", "awsx:y": "", "aü:": "x" }), ""),
        (json!({ (&long_key[2..]): (&long_value[2..]) }), ""),
    ];
    for (tags, expected) in table {
        for name in ["tags.add", "tags.remove"] {
            let found = error(name, tags.clone());
            assert!(found.contains(expected), "{name} {tags}: {found}");
            assert_eq!(found.is_empty(), expected.is_empty(), "{name} {tags}: {found}");
        }
    }
    let set = |from: &str, to: &str| error("tags.set", json!({ "k": { "from": from, "to": to } }));
    assert_eq!(set("a", "b"), "");
    assert!(set("a", "a").contains("are equal"));
    assert!(
        set(&long_value, "a").contains("more than 256") && set("a", "\u{7}").contains("control")
    );
    assert!(error("tags.set", json!({ "aws:k": { "from": "a", "to": "b" } })).contains("reserved"));
}
