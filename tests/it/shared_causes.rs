//! A problem shared by many resources is one finding that lists them, and an unreadable list of them
//! does not change the verdict.

use std::fs;

use serde_json::{Value, json};

use crate::program::{run, text};

/// Evaluates an open and a closed group with one rule, with a number of instances in the open one,
/// or without a list of instances.
fn evaluated(instances: Option<usize>) -> (i32, Vec<Value>) {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, content: Value| {
        let path = dir.path().join(name);
        fs::write(&path, content.to_string()).unwrap();
        text(&path).to_owned()
    };
    let group = |id: &str, cidr: &str| {
        json!({ "GroupId": id, "GroupName": id, "Description": "x", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissionsEgress": [],
            "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": cidr }],
                "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }] })
    };
    let instance = |number: usize| {
        let groups = json!([{ "GroupId": "sg-open" }, { "GroupId": "sg-closed" }]);
        json!({ "InstanceId": format!("i-{number:02}"), "State": { "Name": "running" },
            "NetworkInterfaces": [{ "Groups": groups }, { "Groups": groups }], "Tags": [{ "Key": "Name", "Value": format!("web {number}") }] })
    };
    let mut files = vec![
        file(
            "describe-security-groups.json",
            json!({ "SecurityGroups": [group("sg-open", "0.0.0.0/0"), group("sg-closed", "10.0.0.0/8")] }),
        ),
        file("describe-managed-prefix-lists.json", json!({ "PrefixLists": [] })),
    ];
    if let Some(instances) = instances {
        let instances: Vec<Value> = (1..=instances).map(instance).collect();
        let reservations: Vec<Value> =
            instances.chunks(3).map(|instances| json!({ "Instances": instances })).collect();
        files.push(file("describe-instances.json", json!({ "Reservations": reservations })));
    }
    let snapshot = dir.path().join("snapshot");
    let mut args = vec![
        "import",
        "--account",
        "111122223333",
        "--region",
        "eu-west-1",
        "--snapshot",
        text(&snapshot),
    ];
    args.extend(files.iter().map(String::as_str));
    let imported = run(&args);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let ran = run(&[
        "evaluate",
        "--snapshot",
        text(&snapshot),
        "--rule",
        "sg-ingress-remote-admin-ipv4",
        "-o",
        "json",
    ]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["accounts"][0]["findings"].as_array().unwrap().clone();
    (ran.code, findings)
}

#[test]
fn an_open_group_on_twenty_instances_is_one_finding_that_lists_them() {
    let (code, findings) = evaluated(Some(20));
    assert_eq!((code, findings.len()), (1, 2));
    let failed: Vec<&Value> =
        findings.iter().filter(|finding| finding["verdict"] == "fail").collect();
    let [finding] = failed.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding["resource"]["id"], "sg-open");
    let users = &finding["evidence"][0];
    assert_eq!((&users["used_by"], &users["count"]), (&json!("ec2.instance"), &json!(20)));
    let names = users["resources"].as_array().unwrap();
    assert_eq!(
        (names.len(), &names[0], &names[19]),
        (20, &json!("web 1 (i-01)"), &json!("web 20 (i-20)"))
    );
    assert_eq!(finding["evidence"][1]["cidr"], "0.0.0.0/0");
    let of_the_closed =
        findings.iter().find(|finding| finding["resource"]["id"] == "sg-closed").unwrap();
    assert_eq!(
        (&of_the_closed["verdict"], &of_the_closed["evidence"]),
        (&json!("pass"), &json!([]))
    );
}

#[test]
fn many_references_are_counted_and_some_are_listed() {
    let (_, findings) = evaluated(Some(60));
    let finding = findings.iter().find(|finding| finding["verdict"] == "fail").unwrap();
    assert_eq!(finding["evidence"][0]["count"], 60);
    assert_eq!(finding["evidence"][0]["resources"].as_array().unwrap().len(), 50);
}

#[test]
fn groups_without_references_or_with_unknown_references_fail() {
    let (code, findings) = evaluated(Some(0));
    let finding = findings.iter().find(|finding| finding["verdict"] == "fail").unwrap();
    assert_eq!((code, &finding["evidence"][0]["cidr"]), (1, &json!("0.0.0.0/0")));
    let (_, findings) = evaluated(None);
    let finding = findings.iter().find(|finding| finding["verdict"] == "fail").unwrap();
    assert_eq!(finding["evidence"][0]["used_by"], "ec2.instance");
    assert!(
        finding["evidence"][0]["not_read"].as_str().unwrap().contains("not collected"),
        "{finding}"
    );
    assert_eq!(finding["evidence"][1]["cidr"], "0.0.0.0/0");
}
