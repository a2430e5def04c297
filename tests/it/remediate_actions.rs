//! The fixes of the built-in rules, against moto: planned, applied, verified and undone. What moto does
//! not have (settings of images, snapshots and instance metadata, which snapshots are public, VPN) is
//! tested beside the writers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::fault::{Proxy, when};
use crate::support::moto::run_script_with;
use crate::support::remediation::{proxy, server, valid};
use crate::support::rolecall::Rolecall;

const ACCOUNT: &str = "700000002000";

/// Rules with fixes, and the parameters of the fixes.
const RULES: [(&str, &str); 19] = [
    ("ec2-ami-public", ""),
    ("ec2-ebs-encryption-by-default", ""),
    ("ec2-eni-source-dest-check", ""),
    ("ec2-instance-imdsv2", ""),
    ("ec2-volume-tags", ""),
    ("s3-account-public-access-block", ""),
    ("s3-bucket-acls-disabled", ""),
    (
        "s3-bucket-kms-encryption",
        r#"params.kms_keys = ["arn:aws:kms:eu-west-1:700000002000:key/k-1"]"#,
    ),
    ("s3-bucket-lifecycle", "params.abort_uploads_after_days = 7"),
    ("s3-bucket-logging", r#"params.log_buckets = ["logs-700000002000"]"#),
    ("s3-bucket-public-access-block", ""),
    ("s3-bucket-tags", ""),
    ("s3-bucket-tls-only", ""),
    ("s3-bucket-versioning", ""),
    ("sg-default-closed", ""),
    ("sg-ingress-remote-admin-ipv4", ""),
    ("subnet-auto-public-ip", ""),
    ("tgw-auto-accept", ""),
    ("vpc-flow-logs", r#"params.destination = "arn:aws:s3:::logs-700000002000""#),
];

fn script(step: &str) -> Value {
    let endpoint = format!("http://{}", server().address);
    let printed = run_script_with("remediation_actions.py", &[&endpoint, ACCOUNT, step], &[]);
    serde_json::from_str(&printed).unwrap()
}

fn program(proxy: &Proxy) -> Rolecall {
    let names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
    let mut config = format!(
        "[role]\nname = \"audit\"\n[[account]]\nid = \"{ACCOUNT}\"\n[scan]\nregions = [\"eu-west-1\"]\n\
         [scan.selection]\nrules = {names:?}\n\
         [remediation]\nrole = \"arn:aws:iam::{{account}}:role/rolecall-remediation\"\nmax_changes = 100\n\
         [[tags.require]]\nkey = \"Owner\"\nkinds = [\"s3.bucket\", \"ec2.volume\"]\ndefault = {{ value = \"platform\" }}\n"
    );
    for (name, params) in RULES {
        config.push_str(&format!("[rules.{name:?}.fix]\nunsafe = true\n{params}\n"));
    }
    Rolecall::at(proxy).config(&config)
}

#[test]
fn every_fix_that_moto_has_is_applied_verified_and_undone() {
    let setting = |call: &'static str, inside: &str| {
        let body = format!("<{call}Response>{inside}</{call}Response>");
        when(move |request| request.call == format!("ec2:{call}")).body(&body)
    };
    let proxy = proxy(vec![
        setting("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>"),
        // moto leaves out what AWS always sends.
        when(|request| request.call == "ec2:DescribeRouteTables")
            .rewrite(|body| body.replace("<routeSet>", "<propagatingVgwSet/><routeSet>")),
        // moto forgets the other options when one is set.
        when(|request| request.call == "ec2:DescribeInstances").rewrite(|body| {
            let others = "<httpEndpoint>enabled</httpEndpoint>\
                 <httpProtocolIpv6>disabled</httpProtocolIpv6>\
                 <instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>";
            match body.contains("<httpEndpoint>") {
                true => body,
                false => body.replace("</metadataOptions>", others),
            }
        }),
    ]);
    let program = program(&proxy);
    let before = script("seed");
    let plan = |args: &[&str], file: &str| {
        let ended = program.run(&[args, &["--output", file]].concat());
        ended.assert_code(0);
        let hash = ended.stderr.lines().rfind(|line| line.starts_with("sha256:"));
        hash.unwrap().to_owned()
    };
    let hash = plan(&["remediate", "plan", "--unsafe-fixes"], "plan.json");
    let apply = |file: &str, hash: &str, more: &[&str]| {
        let args = ["remediate", "apply", file, "--approved", hash, "--unsafe-fixes"];
        let ended = program.run(&[&args[..], &["--format", "json", "--wait", "2s"], more].concat());
        let report = valid(&ended, "apply");
        assert_eq!(ended.code, 0, "{report:#}\n{}", ended.stderr);
        report
    };
    let report = apply("plan.json", &hash, &[]);
    let settled: BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(settled, RULES.iter().map(|(name, _)| *name).collect());
    let items = report["items"].as_array().unwrap();
    let actions: BTreeSet<&str> =
        items.iter().map(|item| item["action"].as_str().unwrap()).collect();
    assert_eq!(actions.len(), 17, "{actions:?}");
    program.run(&["remediate", "verify", "plan.json"]).assert_code(0);
    assert_eq!(script("state"), fixed(&before));

    let hash = plan(&["remediate", "undo", "plan.json.journal"], "undo.json");
    let shown = program.run(&["remediate", "show", "undo.json"]).stdout;
    let note = "stays different: versioning stays suspended: S3 cannot unset it\n    redo s3.bucket.set_versioning";
    assert!(shown.contains(note), "{shown}");
    apply("undo.json", &hash, &["--undoes", "plan.json.journal"]);
    let mut restored = before;
    for bucket in ["ledger", "logs"] {
        // S3 cannot unset it.
        restored["buckets"][bucket]["versioning"] = json!("Suspended");
    }
    assert_eq!(script("state"), restored);
}

/// What was there before, as the fixes leave it.
fn fixed(before: &Value) -> Value {
    let mut state = before.clone();
    let all = json!([
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets"
    ]);
    let tags = json!([{ "Key": "Owner", "Value": "platform" }]);
    state["account"] = all.clone();
    for name in ["ledger", "logs"] {
        let bucket = &mut state["buckets"][name];
        let arn = format!("arn:aws:s3:::{name}-{ACCOUNT}");
        let denial = json!({
            "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        // What others allow stays.
        let statements = bucket["policy"].as_array().into_iter().flatten().cloned().chain([denial]);
        bucket["policy"] = statements.collect();
        bucket["blocked"] = all.clone();
        bucket["lifecycle"] = json!([{
            "ID": "abort-incomplete-multipart-uploads", "Status": "Enabled", "Filter": { "Prefix": "" },
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
        }]);
        bucket["ownership"] = json!([{ "ObjectOwnership": "BucketOwnerEnforced" }]);
        bucket["tags"] = tags.clone();
        bucket["versioning"] = json!("Enabled");
    }
    let logs = format!("logs-{ACCOUNT}");
    let ledger = &mut state["buckets"]["ledger"];
    ledger["logging"] =
        json!({ "TargetBucket": logs, "TargetPrefix": format!("ledger-{ACCOUNT}/") });
    let key = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/k-1");
    ledger["encryption"] = json!([{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key },
        "BucketKeyEnabled": true,
    }]);
    state["encrypted by default"] = json!(true);
    let log = json!(["vpc-", "ALL", format!("arn:aws:s3:::{logs}")]);
    state["flow logs"] = json!([log, log]);
    state["gateway"] = json!("disable");
    // The office and the rule for IPv6 stay.
    state["groups"]["bastion"][0][0] = json!(["in", "tcp", 22, "192.0.2.0/24", "::/0"]);
    state["groups"]["default"] = json!([[], []]);
    state["image"] = json!([]);
    state["interfaces"] = json!([true, true]);
    state["subnets"] = json!([false, false, false, false]);
    state["tags of volumes"] = json!([tags, tags]);
    state["tokens"] = json!(["required"]);
    state
}
