//! What is not planned because a list was denied.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{root, run};

/// Safe or unsafe, they depend on who uses the group.
#[test]
fn a_denied_list_of_interfaces_moves_exactly_the_security_group_items() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = [("before", false), ("after", true)]
        .map(|(name, deny)| acme_snapshot(&dir.path().join(name), deny));
    let config = dir.path().join("rolecall.toml");
    let rules = ["authorized-ports", "high-risk-ports", "remote-admin-ipv4", "remote-admin-ipv6"];
    let rules = rules.map(|rule| format!("[rules.\"sg-ingress-{rule}\".fix]\nunsafe = true\n"));
    fs::write(&config, rules.concat()).unwrap();
    let allowed = ["--config", config.to_str().unwrap(), "--unsafe-fixes"];
    for more in [&[][..], &allowed] {
        let [before, after] = [0, 1].map(|at: usize| {
            let args = ["remediate", "plan", "--snapshot", &snapshots[at]];
            let ran = run(&[&args, more].concat());
            assert_eq!(ran.code, 3, "{}", ran.stderr);
            serde_json::from_str::<Value>(&ran.stdout).unwrap()
        });
        let of_groups = |plan: &Value, whether: bool| -> Vec<Value> {
            let items = plan["items"].as_array().unwrap().iter();
            let is_group = |item: &&Value| item["resource"]["kind"] == "ec2.security_group";
            items.filter(|item| is_group(item) == whether).cloned().collect()
        };
        assert_eq!(of_groups(&before, false), of_groups(&after, false));
        assert_eq!(of_groups(&after, true), Vec::<Value>::new());
        let groups = of_groups(&before, true);
        assert_eq!(groups.iter().any(|item| item["class"] == "unsafe"), !more.is_empty());
        let findings = groups.iter().flat_map(|item| item["findings"].as_array().unwrap());
        for finding in findings {
            let moved = after["not_planned"].as_array().unwrap().iter();
            let mut moved = moved.filter(|one| one["fingerprint"] == finding["fingerprint"]);
            let moved = moved.next().unwrap();
            assert_eq!(moved["cause"], "ec2:DescribeNetworkInterfaces: UnauthorizedOperation");
            assert_eq!(moved["unreadable"], true);
        }
    }
}

/// Copies the snapshot `acme` with the tags of buckets, and optionally as if the list of network
/// interfaces had been denied.
pub(super) fn acme_snapshot(to: &Path, deny: bool) -> String {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(root().join("fixtures/acme")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let file = to.join(path.file_name().unwrap());
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            fs::write(file, text).unwrap();
            continue;
        }
        let (mut lines, mut resources, mut gaps) = (Vec::new(), 0, 0);
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            if deny && line["kind"] == "ec2.network_interface" {
                if line["type"] != "listed" {
                    continue;
                }
                line = json!({
                    "type": "gap", "region": line["region"], "call": "ec2:DescribeNetworkInterfaces",
                    "code": "UnauthorizedOperation",
                    "extent": { "of": "list", "kind": "ec2.network_interface" },
                });
            }
            match (line["kind"] == "s3.bucket", line["type"].as_str().unwrap()) {
                (true, "listed") => line["facts"].as_array_mut().unwrap().push(json!("tags")),
                (true, "resource") => line["facts"]["tags"] = json!({}),
                (_, "end") => line = json!({ "type": "end", "resources": resources, "gaps": gaps }),
                _ => {}
            }
            resources += usize::from(line["type"] == "resource");
            gaps += usize::from(line["type"] == "gap");
            lines.push(format!("{line}\n"));
        }
        fs::write(file, lines.concat()).unwrap();
    }
    to.to_str().unwrap().to_owned()
}
