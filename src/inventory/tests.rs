//! Columns and conditions, for every kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::account::InventoryAccount;
use super::column::{ColumnType, Source, columns_of};
use super::filter::{Answer, Condition, Test};
use super::path::resolve;
use super::subject::Subject;
use crate::facts::{self, KINDS, Kind};
use crate::model::{Cause, Resource};
use crate::snapshot::Listed;

fn collected() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().filter(|kind| facts::collected_kind(kind.name).is_some())
}

#[test]
fn columns_are_unique_and_include_every_field_and_fact() {
    for kind in collected() {
        let columns = columns_of(kind);
        let names: BTreeSet<&str> =
            columns.iter().map(|(column, _)| column.name.as_str()).collect();
        assert_eq!(names.len(), columns.len(), "{}: duplicate columns", kind.name);
        let fields = (kind.shape.fields)();
        let facts = kind.facts.iter().map(|fact| fact.name);
        for name in fields.iter().map(String::as_str).chain(facts) {
            assert!(names.contains(name), "{}: no column `{name}`", kind.name);
        }
        // Of the common columns, fields replace only these.
        for (column, source) in &columns[..7] {
            let is_field = matches!(source, Source::Field(_));
            let may_be = ["id", "name"].contains(&column.name.as_str());
            assert!(!is_field || may_be, "{}: `{}` is replaced", kind.name, column.name);
        }
        assert!(!names.contains("date"), "`date` is the partition in Athena");
    }
}

#[test]
fn columns_have_the_types_of_their_fields() {
    let types = |kind: &str| -> BTreeMap<String, ColumnType> {
        let columns = columns_of(facts::kind(kind).unwrap()).into_iter();
        columns.map(|(column, _)| (column.name, column.column_type)).collect()
    };
    let instance = types("ec2.instance");
    for (name, expected) in [
        ("account", ColumnType::Text),
        ("collected_at", ColumnType::Time),
        ("launch_time", ColumnType::Time),
        ("ebs_optimized", ColumnType::Boolean),
        ("state", ColumnType::Json),
        ("security_groups", ColumnType::Json),
        ("tags", ColumnType::Json),
        ("unreadable", ColumnType::Json),
    ] {
        assert_eq!(instance[name], expected, "{name}");
    }
    assert_eq!(types("ec2.volume")["size"], ColumnType::Integer);
    assert_eq!(types("ec2.snapshot")["public"], ColumnType::Boolean);
    assert_eq!(types("ec2.reserved_instances")["fixed_price"], ColumnType::Float);
}

#[test]
fn paths_are_columns_and_typos_are_errors() {
    let kind = |name: &str| facts::kind(name).unwrap();
    for (of, path, expected) in [
        ("ec2.instance", "state.name", ColumnType::Text),
        ("ec2.instance", "tags.Owner", ColumnType::Text),
        ("ec2.instance", "tags.a.b=c", ColumnType::Text),
        ("ec2.instance", "metadata_options.http_put_response_hop_limit", ColumnType::Integer),
        ("ec2.instance", "security_groups.group_id", ColumnType::Json),
        ("s3.bucket", "versioning.status", ColumnType::Text),
        ("s3.bucket", "tags.Owner", ColumnType::Text),
        ("s3.bucket", "policy_status.is_public", ColumnType::Boolean),
    ] {
        assert_eq!(resolve(kind(of), path).unwrap().0.column_type, expected, "{of} {path}");
    }
    for (of, path, hint) in [
        ("ec2.instance", "state.nam", "did you mean `state.name`?"),
        ("ec2.instance", "regoin", "did you mean `region`?"),
        ("ec2.instance", "zzz", "`rolecall facts ec2.instance`"),
        ("ec2.instance", "tags.", "did you mean `tags`?"),
        ("ec2.instance", "instance_id.x", "did you mean `instance_id`?"),
        ("ec2.instance", "", "`rolecall facts ec2.instance`"),
        ("s3.bucket", "policy.document.Statement", "did you mean `policy.document`?"),
    ] {
        let error = resolve(kind(of), path).unwrap_err().to_string();
        assert!(error.contains(hint), "{path}: {error}");
    }
}

fn instance() -> Resource {
    let text = json!({
        "instance_id": "i-1", "state": { "name": "running" }, "launch_time": "2026-01-31T08:15:02Z",
        "ebs_optimized": false, "tags": { "Owner": "web", "empty": "" },
        "metadata_options": { "http_put_response_hop_limit": 2 },
        "security_groups": [{ "group_id": "sg-1" }, { "group_id": "sg-2" }],
    });
    let serde_json::Value::Object(facts) = text else { panic!() };
    let resource = Resource {
        kind: "ec2.instance".to_owned(),
        id: "i-1".to_owned(),
        region: "eu-west-1".parse().unwrap(),
        arn: None,
        name: Some("web".to_owned()),
        facts,
        unreadable: BTreeMap::new(),
    };
    let mut resource = facts::normalize(resource).unwrap().unwrap();
    let denied = Cause::new("ec2:DescribeInstanceAttribute", "AccessDenied", "");
    resource.unreadable.insert("user_data".to_owned(), denied);
    resource
}

fn ask(condition: &str) -> Result<Answer, String> {
    let kind = facts::kind("ec2.instance").unwrap();
    let account = InventoryAccount {
        id: "111122223333".parse().unwrap(),
        name: None,
        collected_at: Some("2026-03-14T02:15:07Z".to_owned()),
    };
    let listed = Listed {
        kind: kind.name.to_owned(),
        region: "eu-west-1".parse().unwrap(),
        facts: BTreeSet::from(["user_data".to_owned()]),
        count: 1,
    };
    let resource = instance();
    let subject = Subject { kind, account: &account, listed: Some(&listed), resource: &resource };
    let condition = Condition::parse(condition).map_err(|error| error.to_string())?;
    let test = Test::new(&condition, kind).map_err(|error| error.to_string())?;
    Ok(test.answer(&subject))
}

#[test]
fn conditions_compare_by_the_type_of_the_column() {
    use Answer::{No, Unknown, Yes};
    for (condition, expected) in [
        ("account=111122223333", Yes),
        ("account_name=", Yes),
        ("account_name!=prod", Yes),
        ("region=eu-*", Yes),
        ("region!=eu-*", No),
        ("region={us,eu}-*", Yes),
        ("name=web", Yes),
        ("name=Web", No),
        ("arn=", Yes),
        ("collected_at>=2026-03-14", Yes),
        ("collected_at<2026-03-14", No),
        ("state.name=running", Yes),
        ("state.name!=running", No),
        ("state.name = running", Yes),
        ("ebs_optimized=false", Yes),
        ("ebs_optimized!=false", No),
        // It is not known to be false.
        ("source_dest_check=false", No),
        ("source_dest_check!=true", Yes),
        ("source_dest_check=", Yes),
        ("launch_time<2026-02-01", Yes),
        ("launch_time=2026-01-31T08:15:02Z", Yes),
        ("launch_time>2026-01-31T09:15:02+01:00", No),
        ("metadata_options.http_put_response_hop_limit>1", Yes),
        ("metadata_options.http_put_response_hop_limit<=1", No),
        ("tags.Owner=web", Yes),
        ("tags.Owner=", No),
        ("tags.Owner!=", Yes),
        ("tags.Missing=", Yes),
        ("tags.Missing!=x", Yes),
        ("tags.empty=", Yes),
        ("tags!=", Yes),
        ("security_groups.group_id=sg-2", Yes),
        ("security_groups.group_id!=sg-2", No),
        ("security_groups.group_id=sg-3", No),
        ("security_groups=", No),
        ("network_interfaces.subnet_id=", Yes),
        ("unreadable!=", Yes),
        ("unreadable=", No),
        ("not_collected!=", Yes),
        // Denied, and never requested.
        ("user_data=", Unknown),
        ("user_data!=", Unknown),
        ("disable_api_termination=true", Unknown),
        ("disable_api_termination!=true", Unknown),
    ] {
        assert_eq!(ask(condition), Ok(expected), "{condition}");
    }
}

#[test]
fn invalid_conditions_say_what_to_do() {
    for (condition, part) in [
        ("running", "use COLUMN=VALUE"),
        ("=x", "use COLUMN=VALUE"),
        ("state.name!running", "use COLUMN=VALUE"),
        ("state.name<", "the value is missing"),
        ("state=running", "use a field of it, such as `state.name`"),
        ("tags=web", "use a key, such as `tags.Name`"),
        ("unreadable=x", "`unreadable=` or `unreadable!=`"),
        ("state.name<running", "only numbers and times"),
        ("state.name=[", "to match `*`"),
        ("ebs_optimized=no", "use `=true` or `=false`"),
        ("ebs_optimized>true", "use `=true` or `=false`"),
        ("launch_time<yesterday", "use a date such as 2026-01-31"),
        ("metadata_options.http_put_response_hop_limit=many", "use a value such as 10"),
        ("stat.name=running", "did you mean `state.name`?"),
    ] {
        let error = ask(condition).unwrap_err();
        assert!(error.contains(part), "{condition}: {error}");
    }
}
