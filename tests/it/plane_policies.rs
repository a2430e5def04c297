//! The policies of the control plane that `rolecall permissions` prints.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::program::rolecall;

pub fn policies(args: &[&str]) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let output = rolecall().arg("permissions").args(args).current_dir(dir.path()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    }
}

pub fn statement<'a>(policy: &'a Value, sid: &str) -> &'a Value {
    let statements = policy["Statement"].as_array().unwrap();
    statements.iter().find(|statement| statement["Sid"] == sid).unwrap_or_else(|| panic!("{sid}"))
}

const PLACE: [&str; 4] = ["--account-id", "111122223333", "--region", "eu-west-1"];

fn everything() -> Vec<(String, Value)> {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let all = policies(&[&["control-plane", "--kms-key", key], &PLACE[..]].concat());
    let mut all: Vec<(String, Value)> =
        all.as_object().unwrap().iter().map(|(name, one)| (name.clone(), one.clone())).collect();
    for kind in ["task", "task-trust", "task-execution", "task-machine"] {
        all.push((kind.to_owned(), policies(&[&[kind], &PLACE[..]].concat())));
    }
    // The policies of the three differ.
    for what in ["control-plane", "target-role", "stack-set"] {
        let args = ["deployer", "--deploys", what, "--organizational-unit", "ou-abcd-12345678"];
        all.push((format!("deployer of {what}"), policies(&[&args[..], &PLACE].concat())));
    }
    let sink = [
        "sink",
        "--sink-bucket",
        "example-reports",
        "--sink-role",
        "arn:aws:iam::444455556666:role/rolecall-sink",
        "--sink-kms-key",
        "arn:aws:kms:eu-west-1:444455556666:key/1",
    ];
    let sink = policies(&[&sink[..], &PLACE].concat());
    all.extend(sink.as_object().unwrap().iter().map(|(name, one)| (name.clone(), one.clone())));
    all
}

#[test]
fn a_single_function_has_no_policies_of_a_state_machine() {
    let names = |args: &[&str]| -> Vec<String> {
        policies(&[&["control-plane"], args].concat())
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let (all, single) = (names(&[]), names(&["--single-function"]));
    let without: Vec<String> =
        all.iter().filter(|name| !name.starts_with("machine")).cloned().collect();
    assert_eq!(all.len(), without.len() + 2);
    assert_eq!(single, without);
}

#[test]
fn wildcards_stand_only_where_aws_supports_no_resource() {
    let no_resource = [
        "RolecallLogDelivery",
        "FindLogGroups",
        "FindAlarms",
        "CreateStackSet",
        "ReadTemplate",
        "DelegatedAdministrator",
    ];
    for (name, policy) in everything() {
        let mut sids = BTreeSet::new();
        for statement in policy["Statement"].as_array().unwrap() {
            let sid = statement["Sid"].as_str().unwrap();
            assert!(sids.insert(sid), "{name}: duplicate {sid}");
            assert!(sid.chars().all(|c| c.is_ascii_alphanumeric()), "{sid}");
            if statement["Effect"] == "Allow" {
                for action in list(&statement["Action"]) {
                    assert!(!action.contains('*'), "{name} {sid}: {action}");
                }
                assert_ne!(statement["Principal"], "*", "{name} {sid}");
            }
            let key = name == "key" && sid == "RolecallKey";
            if statement.get("Resource").is_none() || no_resource.contains(&sid) || key {
                continue;
            }
            for arn in list(&statement["Resource"]) {
                assert!(arn.starts_with("arn:aws:"), "{name} {sid}: {arn}");
                // `*` stands for the accounts to scan, and at the end of names and ids.
                let account_or_end = arn
                    .replacen("iam::*:", "iam::", 1)
                    // Limited by the OU at its end.
                    .replacen(":*:*:stackset-target/*/", ":", 1);
                let inner = account_or_end.replace("/runs/*/shards.json", "");
                let inner = inner.strip_suffix('*').unwrap_or(&inner);
                assert!(!inner.contains('*'), "{name} {sid}: {arn}");
                assert!(
                    arn.contains("rolecall")
                        || arn.contains("example-reports")
                        || arn.contains(":key/")
                        || arn.ends_with("AWS-IAM-Role")
                        || arn.ends_with("rule/StepFunctionsGetEventsForECSTaskRule")
                        || arn.ends_with("stackset-target/*/ou-abcd-12345678"),
                    "{name} {sid}: {arn}"
                );
            }
        }
    }
}

#[test]
fn the_policies_of_the_deployer_fit() {
    let size = |what: &str| {
        let name = "a".repeat(32);
        let key = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let mut args = vec!["deployer", "--deploys", what, "--name", &name, "--kms-key", key];
        args.extend(["--account-id", "111122223333", "--region", "us-gov-west-1"]);
        args.extend(["--partition", "aws-us-gov", "--management-account", "111122223333"]);
        args.extend(["--boundary", "arn:aws-us-gov:iam::111122223333:policy/rolecall-boundary"]);
        args.extend(["--template-bucket", &name, "--template-key", "rolecall/0.1.0/target.yaml"]);
        let units: Vec<String> = (10..40).map(|unit| format!("ou-abcd-123456{unit}")).collect();
        let units = units.join(",");
        args.extend(["--organizational-unit", &units]);
        policies(&args).to_string().chars().filter(|c| !c.is_whitespace()).count()
    };
    // Inline policies of a role, together, and a managed policy.
    assert!(size("control-plane") + size("target-role") < 10_240);
    assert!(size("stack-set") < 6144);
}

#[test]
fn a_role_is_passed_only_to_its_service() {
    let policy = policies(&[&["deployer"], &PLACE[..]].concat());
    let passes: Vec<(Value, Value)> = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|statement| list(&statement["Action"]).contains(&"iam:PassRole".to_owned()))
        .map(|statement| {
            let service = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
            (statement["Resource"].clone(), service.clone())
        })
        .collect();
    let role = |part: &str| json!(format!("arn:aws:iam::111122223333:role/rolecall-{part}"));
    assert_eq!(
        passes,
        [
            (role("function"), json!("lambda.amazonaws.com")),
            (role("machine"), json!("states.amazonaws.com")),
            (role("scheduler"), json!("scheduler.amazonaws.com")),
        ]
    );
}

#[test]
fn with_a_boundary_every_grant_requires_it() {
    let boundary = "arn:aws:iam::111122223333:policy/boundary";
    let args = ["deployer", "--deploys", "control-plane,target-role", "--boundary", boundary];
    let with = policies(&args);
    for sid in ["RolesGrant", "TargetRoleGrant"] {
        let grant = statement(&with, sid);
        assert_eq!(grant["Condition"]["StringEquals"]["iam:PermissionsBoundary"], boundary);
        for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"] {
            assert!(list(&grant["Action"]).contains(&action.to_owned()), "{action}");
        }
    }
    assert!(!with.to_string().contains("iam:DeleteRolePermissionsBoundary"));
    let without = policies(&["deployer"]);
    assert!(statement(&without, "RolesGrant").get("Condition").is_none());
}

#[test]
fn the_boundary_allows_what_the_templates_give() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let sink = "arn:aws:iam::444455556666:role/sink";
    let more = [&["--kms-key", key, "--sink-role", sink], &PLACE[..]].concat();
    let print = |args: &[&str]| policies(&[args, &more[..]].concat());
    let all = ["boundary", "--deploys", "control-plane,target-role", "--rule-profile", "all"];
    let boundary = print(&all);
    let statements = boundary["Statement"].as_array().unwrap();
    let without_id = |statement: &Value| {
        let mut statement = statement.clone();
        statement.as_object_mut().unwrap().remove("Sid");
        statement
    };
    let ids: BTreeSet<&str> = statements.iter().map(|one| one["Sid"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), statements.len());
    let bounded: Vec<Value> = statements.iter().map(without_id).collect();
    let mut given = Vec::new();
    for args in [
        &["function"][..],
        &["machine"],
        &["scheduler"],
        &["scheduler", "--single-function"],
        &["target", "--rule-profile", "all"],
    ] {
        for statement in print(args)["Statement"].as_array().unwrap() {
            assert!(bounded.contains(&without_id(statement)), "{args:?}: {statement}");
            given.push(without_id(statement));
        }
    }
    assert!(bounded.iter().all(|statement| given.contains(statement)));
    let text = boundary.to_string();
    assert!(!text.contains("\"iam:") && !text.contains("lambda:Update"), "{text}");
    // A managed policy of the longest names.
    let name = "a".repeat(32);
    let long = print(&["boundary", "--name", &name]).to_string();
    assert!(long.chars().filter(|c| !c.is_whitespace()).count() < 6144, "{}", long.len());
    let target = print(&["boundary", "--deploys", "target-role", "--rule-profile", "all"]);
    assert_eq!(target, print(&["target", "--rule-profile", "all"]));
}

#[test]
fn buckets_are_those_of_the_own_account_and_keys_are_used_through_s3() {
    for (name, policy) in everything() {
        // Those of another account: its role and its policies name the bucket there.
        let sink = ["role", "bucket", "key"].contains(&name.as_str());
        for statement in policy["Statement"].as_array().unwrap() {
            let actions = statement["Action"].to_string();
            let condition = &statement["Condition"]["StringEquals"];
            // A bucket has no account while it is created, and its configuration is not secret.
            if actions.contains("s3:") && !sink && statement["Sid"] != "Bucket" {
                assert_eq!(condition["aws:ResourceAccount"], "111122223333", "{name}: {statement}");
            }
            if actions.contains("kms:") {
                assert_eq!(condition["kms:ViaService"], "s3.eu-west-1.amazonaws.com", "{name}");
            }
        }
    }
    let key = "arn:aws-cn:kms:cn-north-1:111122223333:key/1";
    let china = ["machine", "--partition", "aws-cn", "--region", "cn-north-1", "--kms-key", key];
    let china = policies(&china);
    let condition = &statement(&china, "RolecallKey")["Condition"];
    assert_eq!(condition["StringEquals"]["kms:ViaService"], "s3.cn-north-1.amazonaws.com.cn");
}

#[test]
fn tasks_and_pods_get_what_the_function_has_without_its_log_and_queue() {
    let print = |kind: &str| policies(&[&[kind, "--name", "audit"], &PLACE[..]].concat());
    let task = print("task");
    let function = print("function");
    let ids = |policy: &Value| -> BTreeSet<String> {
        let statements = policy["Statement"].as_array().unwrap();
        statements.iter().map(|one| one["Sid"].as_str().unwrap().to_owned()).collect()
    };
    let left: Vec<String> = ids(&function).difference(&ids(&task)).cloned().collect();
    assert_eq!(left, ["RolecallDeadLetters", "RolecallLog"]);
    for one in task["Statement"].as_array().unwrap() {
        assert_eq!(one, statement(&function, one["Sid"].as_str().unwrap()));
    }
    let trust = &print("task-trust")["Statement"][0];
    assert_eq!(trust["Principal"], json!({"Service": "ecs-tasks.amazonaws.com"}));
    assert_eq!(trust["Condition"]["StringEquals"]["aws:SourceAccount"], "111122223333");

    let machine = print("task-machine");
    let pass = statement(&machine, "RolecallPass");
    let role = |part: &str| format!("arn:aws:iam::111122223333:role/audit-{part}");
    assert_eq!(list(&pass["Resource"]), [role("task"), role("task-execution")]);
    let passed = &pass["Condition"]["StringEquals"]["iam:PassedToService"];
    assert_eq!(passed, "ecs-tasks.amazonaws.com");
    let run = statement(&machine, "RolecallRun");
    let cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/audit";
    assert_eq!(run["Condition"]["ArnEquals"]["ecs:cluster"], cluster);

    let provider = "oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD";
    let args = ["service-account-trust", "--oidc-provider", provider];
    let trust = policies(&[&args[..], &["--service-account", "scans/audit"], &PLACE].concat());
    let trust = &trust["Statement"][0];
    let federated = format!("arn:aws:iam::111122223333:oidc-provider/{provider}");
    assert_eq!(trust["Principal"], json!({"Federated": federated}));
    let mut conditions = json!({});
    conditions[format!("{provider}:aud")] = json!("sts.amazonaws.com");
    conditions[format!("{provider}:sub")] = json!("system:serviceaccount:scans:audit");
    assert_eq!(trust["Condition"], json!({"StringEquals": conditions}));
}

#[test]
fn the_examples_use_the_roles_that_are_printed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let definition: Value = serde_json::from_str(&read("deploy/ecs/task-definition.json")).unwrap();
    let machine = policies(&[&["task-machine"], &PLACE[..]].concat());
    let roles = list(&statement(&machine, "RolecallPass")["Resource"]);
    let named = ["taskRoleArn", "executionRoleArn"].map(|key| definition[key].as_str().unwrap());
    assert_eq!(roles, named);
    let family = format!(":task-definition/{}:*", definition["family"].as_str().unwrap());
    let run = &statement(&machine, "RolecallRun")["Resource"];
    assert!(run.as_str().unwrap().ends_with(&family), "{run}");
    let execution = policies(&[&["task-execution"], &PLACE[..]].concat());
    let container = &definition["containerDefinitions"][0];
    let secret = &container["secrets"][0]["valueFrom"];
    assert_eq!(&statement(&execution, "RolecallExternalId")["Resource"], secret);
    let group = container["logConfiguration"]["options"]["awslogs-group"].as_str().unwrap();
    let log = statement(&execution, "RolecallLog")["Resource"].to_string();
    assert!(log.contains(&format!(":log-group:{group}:")), "{log}");
    let pods = read("deploy/kubernetes/sharded-scan.example.yaml");
    assert!(pods.contains("role-arn: arn:aws:iam::111122223333:role/rolecall-task\n"), "{pods}");
}

#[test]
fn the_function_can_assume_what_the_config_names() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[role]\nname = \"audit\"\npath = \"/security/\"\n\
        [organization]\nrole = \"none\"\n[[account]]\nid = \"222233334444\"\n";
    std::fs::write(dir.path().join("rolecall.toml"), config).unwrap();
    let run = |args: &[&str]| -> Value {
        let output =
            rolecall().arg("permissions").args(args).current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let policy = run(&["function", "--sink-role", "arn:aws:iam::444455556666:role/sink"]);
    assert_eq!(
        statement(&policy, "RolecallAssume")["Resource"],
        json!(["arn:aws:iam::*:role/security/audit", "arn:aws:iam::444455556666:role/sink"])
    );
    assert_eq!(
        statement(&policy, "RolecallOrganization")["Action"],
        statement(&run(&["central"]), "RolecallOrganization")["Action"]
    );
    // So is the role of [storage].
    let storage = "[storage]\nrole = \"arn:aws:iam::444455556666:role/sink\"\n";
    std::fs::write(dir.path().join("rolecall.toml"), format!("{config}{storage}")).unwrap();
    assert_eq!(run(&["function"]), policy);
    let sink = run(&["sink", "--sink-bucket", "reports"]);
    assert_eq!(
        sink,
        run(&[
            "sink",
            "--sink-bucket",
            "reports",
            "--sink-role",
            "arn:aws:iam::444455556666:role/sink"
        ])
    );
    let deployer = run(&["deployer", "--deploys", "target-role"]);
    assert_eq!(
        statement(&deployer, "TargetRole")["Resource"],
        "arn:aws:iam::ACCOUNT_ID:role/security/audit"
    );
}

#[test]
fn the_sink_has_a_policy_on_each_side() {
    let role = "arn:aws:iam::444455556666:role/sink";
    let args = ["sink", "--sink-bucket", "reports", "--sink-prefix", "rolecall/"];
    let sink = policies(&[&args[..], &["--sink-role", role], &PLACE].concat());
    let names: Vec<&String> = sink.as_object().unwrap().keys().collect();
    assert_eq!(names, ["role", "trust", "bucket"]);
    let reports = statement(&sink["role"], "RolecallReports");
    assert_eq!(reports["Resource"], "arn:aws:s3:::reports/rolecall/*");
    let there = statement(&sink["bucket"], "RolecallReports");
    assert_eq!(there["Principal"], json!({"AWS": role}));
    assert_eq!((&there["Action"], &there["Resource"]), (&reports["Action"], &reports["Resource"]));
    let trust = &sink["trust"]["Statement"][0];
    assert_eq!(trust["Principal"]["AWS"], "arn:aws:iam::111122223333:role/rolecall-function");
    assert_eq!(trust["Condition"]["StringEquals"]["sts:ExternalId"], "<external id>");
}

#[test]
fn bad_options_are_usage_errors() {
    for (args, part) in [
        (&["sink"][..], "use --sink-role ARN"),
        (&["sink", "--sink-prefix", "/a/"], "does not begin with `/`"),
        (&["sink", "--sink-prefix", "a"], "end the prefix with `/`: `a/`"),
        (&["sink", "--sink-role", "arn:aws:s3:::x"], "expected an ARN of iam"),
        (&["sink", "--sink-role", "arn:aws:iam::444455556666:role/*"], "without wildcards"),
        (&["function", "--name", "Rolecall"], "lowercase letters"),
        (&["function", "--name", "a*"], "lowercase letters"),
        (&["function", "--account-id", "123"], "not a valid account id"),
        (&["function", "--bucket", "*"], "not a valid bucket name"),
        (&["function", "--kms-key", "alias/x"], "ARN"),
        (&["ci-trust", "--subject", "repo:acme/*"], "without wildcards"),
        (&["ci-trust", "--subject", "*"], "without wildcards"),
        (&["deployer", "--deploys", "everything"], "possible values"),
        (&["deployer", "--organizational-unit", "ou-*"], "ou-abcd-12345678"),
        (&["deployer", "--organizational-unit", "ou-abcd-1234567*"], "ou-abcd-12345678"),
        (&["deployer", "--organizational-unit", "222233334444"], "ou-abcd-12345678"),
        (&["service-account-trust"], "use --oidc-provider HOST"),
        (&["service-account-trust", "--oidc-provider", "https://a.b/c"], "without https://"),
        (&["service-account-trust", "--oidc-provider", "*.b/c"], "without https://"),
        (
            &["service-account-trust", "--oidc-provider", "a.b/c", "--service-account", "*/*"],
            "namespace",
        ),
        (
            &["service-account-trust", "--oidc-provider", "a.b/c", "--service-account", "x"],
            "namespace",
        ),
        (&["boundary", "--deploys", "stack-set"], "use --deploys control-plane or target-role"),
        (&["deployer", "--management-account", "1"], "not a valid account id"),
        (&["deployer", "--template-bucket", "b-1"], "--template-key"),
        (&["deployer", "--template-key", "k"], "--template-bucket"),
        (&["deployer", "--template-bucket", "b-1", "--template-key", "*"], "letters, digits"),
        (&["ci", "--deploy-account", "1"], "not a valid account id"),
    ] {
        let output = rolecall().arg("permissions").args(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(part), "{args:?}: missing {part} in\n{stderr}");
    }
}
