//! `deploy/`: templates are valid, have the policies that `rolecall permissions` prints, and are the
//! same in CloudFormation and Terraform. Nothing here calls AWS.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::plane_policies::policies;
use crate::python::python;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PLANE: &str = "deploy/control-plane.cloudformation.yaml";
const DEPLOYER: &str = "deploy/deployer-role.cloudformation.yaml";
const CI: &str = "deploy/ci-roles.cloudformation.yaml";
const TARGET: &str = "deploy/target-role.cloudformation.yaml";
const REMEDIATION: &str = "deploy/remediation-role.cloudformation.yaml";
const MACHINE: &str = "deploy/state-machine.asl.json";
/// The account and the region of `support/deploy/cloudformation.py`.
const PLACE: [&str; 4] = ["--account-id", "111122223333", "--region", "eu-west-1"];
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// The answers of `support/deploy/read.py`.
pub fn read(requests: &[Value]) -> Result<Vec<Value>, String> {
    let mut child = Command::new(python())
        .arg("tests/it/support/deploy/read.py")
        .current_dir(ROOT)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(json!(requests).to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

fn read_one(request: Value) -> Value {
    read(&[request]).unwrap().remove(0)
}

/// All files of a folder of `deploy/` with an ending.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(Path::new(ROOT).join(folder))
        .unwrap()
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|file| file.ends_with(ending))
        .collect();
    found.sort();
    found
}

fn lint(paths: &[PathBuf]) -> String {
    let program = python().with_file_name(if cfg!(windows) { "cfn-lint.exe" } else { "cfn-lint" });
    let output = Command::new(program).args(paths).current_dir(ROOT).output().unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

#[test]
fn templates_are_valid() {
    let templates = files("deploy", ".cloudformation.yaml");
    assert!(templates.len() >= 6, "{templates:?}");
    let mut paths: Vec<PathBuf> = templates.iter().map(|file| Path::new(ROOT).join(file)).collect();
    // cfn-lint knows the ARNs of a state machine's integrations only in the partition `aws`.
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("control-plane.yaml");
    let known = text(PLANE)
        .replace("arn:${Partition}:states:::", "arn:aws:states:::")
        .replace("ignore_checks: [E3601]", "ignore_checks: []");
    fs::write(&copy, &known).unwrap();
    paths.push(copy.clone());
    let found = lint(&paths);
    assert!(found.trim().is_empty(), "{found}");
    // The state machine in it is checked.
    fs::write(&copy, known.replace("NumericLessThan", "NumericLess")).unwrap();
    let found = lint(&[copy]);
    assert!(found.contains("E3601"), "{found}");
}

/// The policies of the stack, and what `rolecall permissions` prints for it.
fn compare(template: &str, parameters: &Value, pairs: &[(&str, Value)]) {
    let mut requests = vec![json!({"policies": template, "parameters": parameters})];
    requests.extend(pairs.iter().map(|(_, policy)| json!({"policy": policy})));
    let mut answers = read(&requests).unwrap();
    let deployed = answers.remove(0);
    let names: BTreeSet<&str> = deployed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, pairs.iter().map(|(name, _)| *name).collect(), "{template}");
    for ((name, _), printed) in pairs.iter().zip(&answers) {
        assert_eq!(&deployed[name], printed, "{template}: {name}, deployed and printed");
    }
}

#[test]
fn the_control_plane_has_the_printed_policies() {
    let needed = json!({"CodeBucket": "code", "CodeKey": "rolecall/1.zip", "ExternalId": "secret"});
    let sink = "arn:aws:iam::444455556666:role/sink";
    for (more, args) in [
        (json!({}), vec![]),
        (json!({"Name": "audit", "BucketKeyArn": KEY}), vec!["--name", "audit", "--kms-key", KEY]),
        (
            json!({"Mode": "SingleFunction", "SinkRoleArn": sink}),
            vec!["--single-function", "--sink-role", sink],
        ),
    ] {
        let mut parameters = needed.clone();
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let print = |kind: &str| policies(&[&[kind], &args[..], &PLACE[..]].concat());
        let mut pairs = vec![
            ("BucketPolicy", print("bucket")),
            ("FunctionRole.rolecall-function", print("function")),
            ("FunctionRole.trust", print("function-trust")),
            ("SchedulerRole.rolecall-scheduler", print("scheduler")),
            ("SchedulerRole.trust", print("scheduler-trust")),
        ];
        if !args.contains(&"--single-function") {
            pairs.push(("MachineRole.rolecall-machine", print("machine")));
            pairs.push(("MachineRole.trust", print("machine-trust")));
        }
        compare(PLANE, &parameters, &pairs);
    }
}

#[test]
fn the_control_plane_can_read_an_organization() {
    let dir = tempfile::tempdir().unwrap();
    let role = "arn:aws:iam::222233334444:role/organization";
    for (own, access) in [(true, "none"), (false, role)] {
        let config = format!(
            "[role]\nname = \"audit\"\npath = \"/x/\"\n[organization]\nrole = \"{access}\"\n"
        );
        fs::write(dir.path().join("rolecall.toml"), config).unwrap();
        let output = crate::program::rolecall()
            .args(["permissions", "function"])
            .args(PLACE)
            .current_dir(dir.path())
            .output()
            .unwrap();
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut parameters = json!({
            "CodeBucket": "code", "CodeKey": "k", "ExternalId": "secret",
            "TargetRoleName": "audit", "TargetRolePath": "/x/",
        });
        let (key, value) = match own {
            true => ("ReadsOrganization", "true"),
            false => ("OrganizationRoleArn", access),
        };
        parameters[key] = json!(value);
        let requests =
            [json!({"policies": PLANE, "parameters": parameters}), json!({"policy": printed})];
        let answers = read(&requests).unwrap();
        assert_eq!(answers[0]["FunctionRole.rolecall-function"], answers[1], "{access}");
    }
}

#[test]
fn the_deployer_and_ci_have_the_printed_policies() {
    let ci = "arn:aws:iam::444455556666:role/rolecall-ci";
    let units = ["ou-abcd-12345678", "r-abcd"];
    for boundary in ["", BOUNDARY] {
        let mut parameters = json!({
            "CiRoleArns": [ci], "DeploysTargetRole": "true", "DeploysStackSet": "true",
            "CodeBucket": "code", "BucketKeyArn": KEY, "PermissionsBoundaryArn": boundary,
            "OrganizationalUnitIds": units,
        });
        let mut limits = vec!["--organizational-unit", "ou-abcd-12345678,r-abcd"];
        if !boundary.is_empty() {
            parameters["ManagementAccountId"] = json!("444455556666");
            parameters["CodeBucketAccountId"] = json!("555566667777");
            limits.extend(["--code-account", "555566667777"]);
            parameters["StackSetTemplateBucket"] = json!("templates");
            parameters["StackSetTemplateKey"] = json!("rolecall/1.yaml");
            limits.extend(["--management-account", "444455556666"]);
            limits.extend(["--template-bucket", "templates", "--template-key", "rolecall/1.yaml"]);
        }
        let print = |what: &str| {
            let mut args = vec!["deployer", "--deploys", what, "--code-bucket", "code"];
            args.extend(["--kms-key", KEY]);
            args.extend(&limits);
            if !boundary.is_empty() {
                args.extend(["--boundary", boundary]);
            }
            policies(&[&args[..], &PLACE].concat())
        };
        let pairs = [
            ("Role.rolecall-control-plane", print("control-plane")),
            ("StackSetPolicy", print("stack-set")),
            ("Role.rolecall-target-role", print("target-role")),
            ("Role.trust", policies(&["deployer-trust", "--principal", ci])),
        ];
        compare(DEPLOYER, &parameters, &pairs);
    }
    let accounts = ["111122223333", "444455556666"];
    let subjects =
        ["repo:acme/audit:ref:refs/heads/main", "repo:acme@1/audit@2:ref:refs/heads/main"];
    let roles = accounts.map(|id| format!("arn:aws:iam::{id}:role/rolecall-deployer"));
    let parameters = json!({
        "DeployerRoleArns": roles, "GitHubSubjects": subjects, "CreateInstanceProfile": "true",
    });
    let deploy = policies(&[&["ci", "--deploy-account", &accounts.join(",")], &PLACE[..]].concat());
    let by = ["ci-trust", "--subject", subjects[0], "--subject", subjects[1]];
    let pairs = [
        ("GitHubRole.rolecall-deploy", deploy.clone()),
        ("GitHubRole.trust", policies(&[&by[..], &PLACE].concat())),
        ("InstanceRole.rolecall-deploy", deploy),
        ("InstanceRole.trust", policies(&[&["ci-ec2-trust"], &PLACE[..]].concat())),
    ];
    compare(CI, &parameters, &pairs);
}

#[test]
fn the_target_role_has_the_printed_policies() {
    let central = "arn:aws:iam::111122223333:role/rolecall-function";
    let parameters = json!({"CentralPrincipalArn": central, "ExternalId": "external-id"});
    let dir = tempfile::tempdir().unwrap();
    let config = "[role]\nname = \"rolecall\"\nexternal_id = { env = \"ROLECALL_EXTERNAL_ID\" }\n";
    fs::write(dir.path().join("rolecall.toml"), config).unwrap();
    let output = crate::program::rolecall()
        .args(["permissions", "trust", "--principal", central])
        .env("ROLECALL_EXTERNAL_ID", "secret")
        .current_dir(dir.path())
        .output()
        .unwrap();
    // What is printed instead of an external id is not a valid one.
    let printed = String::from_utf8(output.stdout).unwrap().replace("<external id>", "external-id");
    let pairs = [
        ("Role.rolecall-read", policies(&["target", "--rule-profile", "all"])),
        ("Role.trust", serde_json::from_str(&printed).unwrap()),
    ];
    compare(TARGET, &parameters, &pairs);
}

#[test]
fn the_write_role_has_the_printed_policies() {
    let apply = "arn:aws:iam::111122223333:role/rolecall-apply";
    for source_identity in [false, true] {
        let mut parameters = json!({"ApplyRoleArn": apply, "ExternalId": "external-id"});
        parameters["AllowSourceIdentity"] = json!(source_identity.to_string());
        let mut args = vec!["remediate-trust", "--apply-role", apply];
        args.extend(source_identity.then_some("--source-identity"));
        // What is printed instead of an external id is not a valid one.
        let trust = policies(&args).to_string().replace("<external id>", "external-id");
        let pairs = [
            ("WriteRole.rolecall-write", policies(&["remediate", "--rule-profile", "all"])),
            ("WriteRole.trust", serde_json::from_str(&trust).unwrap()),
        ];
        compare(REMEDIATION, &parameters, &pairs);
    }
}

#[test]
fn the_write_role_reads_nothing() {
    let parameters =
        json!({"ApplyRoleArn": "arn:aws:iam::111122223333:role/a", "ExternalId": "secret"});
    let deployed = read_one(json!({"policies": REMEDIATION, "parameters": parameters}));
    let statements = deployed["WriteRole.rolecall-write"].as_object().unwrap();
    assert!(!statements.is_empty());
    for (sid, statement) in statements {
        for action in crate::plane_policies::list(&statement["Action"]) {
            let (_, operation) = action.split_once(':').unwrap();
            // AWS requires these of anyone who changes the logging of a VPN tunnel.
            if ["logs:GetLogDelivery", "logs:ListLogDeliveries"].contains(&action.as_str()) {
                continue;
            }
            let reads = ["Get", "List", "Describe", "Search"];
            assert!(!reads.iter().any(|verb| operation.starts_with(verb)), "{sid}: {action}");
            assert!(!action.contains('*'), "{sid}: {action}");
        }
    }
}

const MODULES: [(&str, &str); 4] = [
    (PLANE, "deploy/terraform/control-plane"),
    (TARGET, "deploy/terraform/target-role"),
    (REMEDIATION, "deploy/terraform/remediation-role"),
    (CI, "deploy/terraform/ci-roles"),
];

/// Parameters of each of [`MODULES`]: the required ones, and others.
fn parameter_sets(template: &str) -> Vec<Value> {
    let plane = json!({"CodeBucket": "code", "CodeKey": "k", "ExternalId": "secret"});
    let all = json!({
        "CodeBucket": "code", "CodeKey": "k", "ExternalId": "secret", "CodeVersion": "v1",
        "Name": "audit", "Architecture": "arm64", "NoRunHours": 50,
        "OrganizationRoleArn": "arn:aws:iam::111122223333:role/o",
        "ReadsOrganization": "true", "SinkRoleArn": "arn:aws:iam::111122223333:role/s",
        "Memory": 2048,
        "Schedule": "rate(1 day)", "TimeZone": "Europe/Vienna", "ShardSize": 7, "KeepRunsDays": 5,
        "LogRetentionDays": 7, "BucketKeyArn": KEY,
        "AlarmTopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "PermissionsBoundaryArn": BOUNDARY, "TargetRoleName": "audit", "TargetRolePath": "/x/",
    });
    let mut single = all.clone();
    single["Mode"] = json!("SingleFunction");
    single["AlarmTopicArn"] = json!("");
    let mut rare = plane.clone();
    rare["NoRunHours"] = json!(0);
    let target =
        json!({"CentralPrincipalArn": "arn:aws:iam::111122223333:role/c", "ExternalId": "secret"});
    let mut bounded = target.clone();
    bounded["PermissionsBoundaryArn"] = json!(BOUNDARY);
    bounded["TrustRevision"] = json!("2");
    let write = json!({"ApplyRoleArn": "arn:aws:iam::111122223333:role/a", "ExternalId": "secret"});
    let mut identified = write.clone();
    identified["AllowSourceIdentity"] = json!("true");
    identified["PermissionsBoundaryArn"] = json!(BOUNDARY);
    identified["RolePath"] = json!("/x/");
    let ci = json!({
        "DeployerRoleArns": [
            "arn:aws:iam::111122223333:role/rolecall-deployer",
            "arn:aws:iam::444455556666:role/rolecall-deployer",
        ],
        "GitHubSubjects": ["repo:a/b:ref:refs/heads/main", "repo:a/b:environment:production"],
        "CreateInstanceProfile": "true", "PermissionsBoundaryArn": BOUNDARY,
    });
    match template {
        PLANE => vec![plane, all, single, rare],
        TARGET => vec![target, bounded],
        REMEDIATION => vec![write, identified],
        _ => vec![ci],
    }
}

#[test]
fn terraform_creates_the_same_as_cloudformation() {
    let mut compared = 0;
    for (template, module) in MODULES {
        let requests = parameter_sets(template)
            .into_iter()
            .map(|parameters| json!({"both": [template, module], "parameters": parameters}));
        for answer in read(&requests.collect::<Vec<_>>()).unwrap() {
            let [cloudformation, terraform] =
                ["cloudformation", "terraform"].map(|one| answer[one].as_object().unwrap());
            let names = |of: &serde_json::Map<String, Value>| of.keys().cloned().collect();
            let [left, right]: [BTreeSet<String>; 2] = [names(cloudformation), names(terraform)];
            assert_eq!(left, right, "{template}: resources");
            for (name, one) in cloudformation {
                assert_eq!(one, &terraform[name], "{template}: {name}, left in CloudFormation");
                compared += one.as_object().unwrap().len();
            }
            let mut defaults = answer["parameters"].clone();
            // Terraform has lists.
            if defaults["github_subjects"] == "" {
                defaults["github_subjects"] = json!([]);
            }
            assert_eq!(
                defaults.as_object().map(|of| of.keys().collect::<BTreeSet<_>>()),
                answer["variables"].as_object().map(|of| of.keys().collect())
            );
            assert_eq!(defaults, answer["variables"], "{template}: defaults");
            assert_eq!(answer["allowed"], answer["validated"], "{template}: patterns");
        }
    }
    assert!(compared > 200, "only {compared} attributes were compared");
}

#[test]
fn the_comparison_finds_differences() {
    let source = Path::new(ROOT).join("deploy/terraform/control-plane");
    let changes = [
        ("main.tf", "timeout           = 900", "timeout           = 60"),
        ("main.tf", "maximum_retry_attempts       = 10", "maximum_retry_attempts       = 1"),
        ("main.tf", "\\\"action\\\":\\\"scan\\\"", "\\\"action\\\":\\\"report\\\""),
        ("main.tf", "var.permissions_boundary_arn : null", "var.sink_role_arn : null"),
        ("policies.tf", "\"s3:AbortMultipartUpload\", \"s3:PutObject\"", "\"s3:PutObject\""),
        ("policies.tf", "${local.bucket}/runs/*\",", "${local.bucket}/*\","),
        ("policies.tf", "StringLikeIfExists", "StringLike"),
        ("policies.tf", "local.has_key ? [1] : []", "local.has_topic ? [1] : []"),
        ("storage.tf", "days = 14", "days = 15"),
        ("storage.tf", "block_public_policy     = true", "block_public_policy     = false"),
        ("alarms.tf", "= \"breaching\"", "= \"missing\""),
        ("alarms.tf", "local.uses_machine ? 1 : 0", "1"),
        ("variables.tf", "default     = 90", "default     = 30"),
        ("variables.tf", "^[a-z][a-z0-9-]{0,31}$", "^[a-z]"),
        ("locals.tf", "var.no_run_hours > 0", "var.no_run_hours > 26"),
        ("policies.tf", "aws:ResourceAccount", "aws:PrincipalAccount"),
        ("policies.tf", "kms:ViaService", "kms:CallerAccount"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let mut requests = Vec::new();
    for (index, (file, from, to)) in changes.iter().enumerate() {
        let root = dir.path().join(index.to_string());
        let copy = root.join("terraform/control-plane");
        fs::create_dir_all(&copy).unwrap();
        fs::write(root.join("state-machine.asl.json"), text(MACHINE)).unwrap();
        for entry in fs::read_dir(&source).unwrap() {
            let path = entry.unwrap().path();
            let mut text = fs::read_to_string(&path).unwrap();
            if path.ends_with(file) {
                assert!(text.contains(*from), "{file}: {from}");
                text = text.replace(*from, to);
            }
            fs::write(copy.join(path.file_name().unwrap()), text).unwrap();
        }
        let sets = parameter_sets(PLANE).into_iter();
        requests.extend(
            sets.map(|parameters| json!({"both": [PLANE, copy], "parameters": parameters})),
        );
    }
    let answers = read(&requests).unwrap();
    let sets = parameter_sets(PLANE).len();
    for ((file, _, to), answers) in changes.iter().zip(answers.chunks(sets)) {
        let different = answers.iter().any(|answer| {
            answer["cloudformation"] != answer["terraform"]
                || answer["parameters"] != answer["variables"]
                || answer["allowed"] != answer["validated"]
        });
        assert!(different, "{file}: {to}: not found");
    }
}

/// Checks that every named state exists and that all are reached.
fn check_states(machine: &Value) {
    fn next(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    match (key.as_str(), item) {
                        ("Next" | "Default" | "StartAt", Value::String(name)) => {
                            found.insert(name.clone());
                        }
                        ("ItemProcessor", inner) => check_states(inner),
                        (_, item) => next(item, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| next(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    next(machine, &mut found);
    assert_eq!(found, machine["States"].as_object().unwrap().keys().cloned().collect());
}

fn tasks<'a>(state: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    for (name, one) in state["States"].as_object().unwrap() {
        if one["Type"] == "Task" {
            found.push((name.clone(), one));
        }
        if let Some(inner) = one.get("ItemProcessor") {
            tasks(inner, found);
        }
    }
}

#[test]
fn the_state_machine_follows_the_contract() {
    let text = text(MACHINE);
    let machine: Value = serde_json::from_str(&text).unwrap();
    let placeholders: BTreeSet<&str> =
        text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(placeholders, BTreeSet::from(["Bucket", "Function"]));

    check_states(&machine);
    let mut found = Vec::new();
    tasks(&machine, &mut found);
    assert_eq!(found.len(), 3);
    for (name, task) in found {
        let payload = &task["Parameters"]["Payload"];
        let item = &machine["States"]["Collect"]["ItemSelector"];
        let event = if payload.is_object() { payload } else { item };
        assert_eq!(event["v"], 1, "{name}");
        let retries = task["Retry"].as_array().unwrap();
        let attempts = |error: &str| {
            let one = retries.iter().find(|one| {
                let errors = one["ErrorEquals"].as_array().unwrap();
                errors.iter().any(|e| e == error || e == "States.ALL")
            });
            one.unwrap()["MaxAttempts"].as_u64().unwrap()
        };
        assert_eq!(attempts("Rolecall.Config"), 0, "{name}");
        assert_eq!(attempts("Rolecall.Event"), 0, "{name}");
        assert_eq!(attempts("Lambda.TooManyRequestsException"), 10, "{name}");
        assert_eq!(attempts("Rolecall.Storage"), 2, "{name}");
    }
    // The answer of a shard is its next event, with no other field.
    let shard = &machine["States"]["Collect"]["ItemProcessor"]["States"]["Shard"];
    let fields: Vec<&String> = shard["ResultSelector"].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["v.$", "action.$", "run.$", "shard.$", "accounts.$", "round.$", "stalled.$"]
    );
    let complete = &machine["States"]["Complete?"]["Choices"][0];
    assert_eq!((&complete["NumericEquals"], &complete["Next"]), (&json!(3), &json!("Incomplete")));
    assert_eq!(machine["States"]["Incomplete"]["Type"], "Fail");

    let parameters = json!({"CodeBucket": "code", "CodeKey": "k", "ExternalId": "secret"});
    let stack = read_one(json!({"resources": PLANE, "parameters": parameters}));
    let inline = stack["Machine"]["Properties"]["Definition"].to_string();
    let inline: Value =
        serde_json::from_str(&inline.replace("arn:${Partition}:states:::", "arn:aws:states:::"))
            .unwrap();
    assert_eq!(inline, machine, "copy {MACHINE} to {PLANE}, with ${{Partition}} in its ARNs");
}

#[test]
fn alarms_look_back_no_longer_than_cloudwatch_allows() {
    let mut seen = 0;
    for parameters in parameter_sets(PLANE) {
        let stack = read_one(json!({"resources": PLANE, "parameters": parameters.clone()}));
        for (name, one) in stack.as_object().unwrap() {
            if one["Type"] != "AWS::CloudWatch::Alarm" {
                continue;
            }
            let one = &one["Properties"];
            let query = || one["Metrics"][1]["MetricStat"]["Period"].as_u64();
            let period = one["Period"].as_u64().or_else(query).unwrap();
            let window = period * one["EvaluationPeriods"].as_u64().unwrap();
            let limit = if period < 3600 { 86_400 } else { 604_800 };
            assert!(window <= limit, "{name}: {window} s");
            if name.starts_with("No") && name != "NotStarted" {
                let hours = parameters["NoRunHours"].as_u64().unwrap_or(26);
                assert_eq!(window, hours * 3600, "{name}");
                let described = format!("No run of rolecall started for {hours} hours.");
                assert_eq!(one["AlarmDescription"], described);
                assert_eq!(one["TreatMissingData"], "breaching", "{name}");
            }
            seen += 1;
        }
    }
    // Without NoRunHours, one less.
    assert_eq!(seen, 3 + 3 + 4 + 2);
}
