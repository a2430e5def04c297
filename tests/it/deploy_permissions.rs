//! The deployer may do what CloudFormation does with the resources of the templates, as the schemas of
//! the resource types say, and nothing else. Nothing here calls AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::deploy::read;
use crate::plane_policies::{list, policies, statement};

const TARGET: &str = "deploy/target-role.cloudformation.yaml";
const STACK_SET: &str = "deploy/target-role-stackset.cloudformation.yaml";
const PLACE: [&str; 4] = ["--account-id", "111122223333", "--region", "eu-west-1"];

/// Actions that the schemas name, and the templates do not need.
const NOT_NEEDED: &[(&str, &[&str], &str)] = &[
    (
        "AWS::IAM::Role",
        &["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        "the roles have no managed policies, and the deployer must not attach any",
    ),
    (
        "AWS::IAM::Role",
        &["iam:DeleteRolePermissionsBoundary"],
        "nobody who deploys may remove the boundary",
    ),
    (
        "AWS::Lambda::Function",
        &[
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
        "the function is in no VPC",
    ),
    (
        "AWS::Lambda::Function",
        &["elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"],
        "it has no file systems",
    ),
    (
        "AWS::Lambda::Function",
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
        ],
        "Lambda encrypts its variables with its own key",
    ),
    (
        "AWS::Lambda::Function",
        &[
            "lambda:AssociateRuntimeAlias",
            "lambda:DeleteFunctionCodeSigningConfig",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetCodeSigningConfig",
            "lambda:GetLayerVersion",
            "lambda:PassCapacityProvider",
            "lambda:PublishVersion",
            "lambda:PutFunctionCodeSigningConfig",
            "lambda:PutFunctionConcurrency",
            "lambda:PutFunctionRecursionConfig",
            "lambda:PutFunctionScalingConfig",
            "lambda:PutRuntimeManagementConfig",
        ],
        "the template does not set these properties",
    ),
    (
        "AWS::Logs::LogGroup",
        &[
            "firehose:TagDeliveryStream",
            "logs:AssociateKmsKey",
            "logs:CreateLogDelivery",
            "logs:DeleteDataProtectionPolicy",
            "logs:DeleteIndexPolicy",
            "logs:DeleteResourcePolicy",
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
            "logs:PutBearerTokenAuthentication",
            "logs:PutDataProtectionPolicy",
            "logs:PutIndexPolicy",
            "logs:PutLogGroupDeletionProtection",
            "logs:PutResourcePolicy",
            "s3:REST.PUT.OBJECT",
        ],
        "the template does not set these properties, and always sets a retention",
    ),
    (
        "AWS::StepFunctions::StateMachine",
        &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        "Step Functions encrypts with its own key",
    ),
    ("AWS::CloudFormation::StackSet", &["iam:PassRole"], "its permissions are service-managed"),
];

/// Prefixes of actions on configurations of a bucket that the template does not set. It always sets
/// a lifecycle and encryption.
const OTHER_BUCKET_CONFIGURATION: [&str; 28] = [
    "iam:PassRole",
    "s3:CreateBucketMetadata",
    "s3:DeleteBucketAnalytics",
    "s3:DeleteBucketCors",
    "s3:DeleteBucketEncryption",
    "s3:DeleteBucketLifecycle",
    "s3:DeleteBucketMetadata",
    "s3:DeleteBucketMetrics",
    "s3:DeleteBucketReplication",
    "s3:DeleteBucketWebsite",
    "s3:DeleteObject",
    "s3:PutAccelerate",
    "s3:PutAnalytics",
    "s3:PutBucketAbac",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLock",
    "s3:PutBucketReplication",
    "s3:PutBucketWebsite",
    "s3:PutIntelligentTiering",
    "s3:PutInventory",
    "s3:PutMetrics",
    "s3:PutObject",
    "s3:PutReplication",
    "s3:UpdateBucketMetadata",
    "s3tables:",
];

/// Actions that no schema names, and what they are for.
const MORE: &[(&str, &str)] = &[
    ("lambda:GetFunctionConfiguration", "waits until a function is ready"),
    ("lambda:ListTags", "tags of the stack"),
    ("s3:PutObject", "uploads the code, and copies config and rules"),
    ("s3:DeleteObject", "removes rules"),
    ("cloudformation:ListStackSetOperations", "shows why a deployment failed"),
];

fn kinds(template: &str, sets: &[Value]) -> BTreeSet<String> {
    let requests: Vec<Value> =
        sets.iter().map(|set| json!({"resources": template, "parameters": set})).collect();
    let answers = read(&requests).unwrap();
    let resources = answers.iter().flat_map(|answer| answer.as_object().unwrap().values());
    resources.map(|one| one["Type"].as_str().unwrap().to_owned()).collect()
}

fn allowed(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap();
    statements.iter().flat_map(|statement| list(&statement["Action"])).collect()
}

/// What the deployment needs, by resource type, without what the template does not use.
fn needed(kinds: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let answer = read(&[json!({"handlers": kinds})]).unwrap().remove(0);
    let mut found = BTreeMap::new();
    for (kind, actions) in answer.as_object().unwrap() {
        let not: BTreeSet<&str> = NOT_NEEDED
            .iter()
            .filter(|(of, ..)| of == kind)
            .flat_map(|(_, actions, _)| actions.iter().copied())
            .collect();
        let actions: BTreeSet<String> = list(actions).into_iter().collect();
        for answered in &not {
            assert!(actions.contains(*answered), "{kind} no longer needs {answered}");
        }
        let other = |action: &String| {
            kind == "AWS::S3::Bucket"
                && OTHER_BUCKET_CONFIGURATION.iter().any(|prefix| action.starts_with(prefix))
        };
        let left = actions.into_iter().filter(|one| !not.contains(one.as_str()) && !other(one));
        found.insert(kind.clone(), left.collect());
    }
    found
}

#[test]
fn the_deployer_may_do_what_its_resources_need_and_no_more() {
    let plane = json!({"CodeBucket": "code", "CodeKey": "k", "ExternalId": "secret"});
    let mut single = plane.clone();
    single["Mode"] = json!("SingleFunction");
    let central = "arn:aws:iam::111122223333:role/rolecall-function";
    let target = json!({"ExternalId": "secret", "CentralPrincipalArn": central});
    let mut set = target.clone();
    set["OrganizationalUnitIds"] = json!(["ou-abcd-12345678"]);
    for (what, template, sets) in [
        ("control-plane", "deploy/control-plane.cloudformation.yaml", vec![plane, single]),
        ("target-role", "deploy/target-role.cloudformation.yaml", vec![target]),
        ("stack-set", "deploy/target-role-stackset.cloudformation.yaml", vec![set]),
    ] {
        let policy = policies(&[&["deployer", "--deploys", what], &PLACE[..]].concat());
        let allowed = allowed(&policy);
        let needed = needed(&kinds(template, &sets));
        assert!(!needed.is_empty());
        for (kind, actions) in &needed {
            for action in actions {
                assert!(allowed.contains(action), "{what}: {kind} needs {action}");
            }
        }
        let all: BTreeSet<&String> = needed.values().flatten().collect();
        for action in &allowed {
            // Stacks are no resources of the templates.
            let stack = statement(&policy, &policy_of_stack(what))["Action"].clone();
            let more = MORE.iter().any(|(one, _)| one == action);
            let known = all.contains(action) || more || list(&stack).contains(action);
            assert!(known, "{what}: nothing needs {action}");
        }
    }
}

fn policy_of_stack(what: &str) -> String {
    let sid = match what {
        "control-plane" => "Stack",
        "target-role" => "TargetStack",
        _ => "StackOfStackSet",
    };
    sid.to_owned()
}

#[test]
fn a_statement_without_resources_has_only_actions_without_resources() {
    let all = policies(&[&["control-plane"], &PLACE[..]].concat());
    let mut found: Vec<Value> = all.as_object().unwrap().values().cloned().collect();
    let deployer = ["deployer", "--deploys", "stack-set", "--management-account", "444455556666"];
    found.push(policies(&[&deployer[..], &PLACE].concat()));
    let mut actions = BTreeSet::new();
    for policy in found {
        for statement in policy["Statement"].as_array().unwrap() {
            if statement["Resource"] == "*" {
                actions.extend(list(&statement["Action"]));
            }
        }
    }
    // Reads a template in the request, before there is a resource.
    assert!(actions.remove("cloudformation:GetTemplateSummary"));
    let request = json!({"unlimited": actions, "parameters": {}});
    let unlimited = read(&[request]).unwrap().remove(0);
    assert_eq!(list(&unlimited).into_iter().collect::<BTreeSet<_>>(), actions);
    assert!(actions.len() >= 11, "{actions:?}");
}

#[test]
fn a_stack_set_is_limited_to_its_name_its_units_and_its_region() {
    let args = ["deployer", "--deploys", "stack-set", "--organizational-unit", "ou-abcd-12345678"];
    let policy = policies(&[&args[..], &PLACE].concat());
    let text = policy.to_string();
    assert!(!text.contains("iam:PassRole") && !text.contains("organizations:"), "{text}");
    for action in ["Create", "Delete", "Update"] {
        let action = format!("cloudformation:{action}StackInstances");
        let of_action: Vec<&Value> = policy["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| list(&one["Action"]).contains(&action))
            .collect();
        let resources: Vec<String> =
            of_action.iter().flat_map(|one| list(&one["Resource"])).collect();
        assert_eq!(
            resources,
            [
                "arn:aws:cloudformation:eu-west-1:111122223333:stackset/rolecall-target-role:*",
                "arn:aws:cloudformation:*:*:stackset-target/*/ou-abcd-12345678",
                "arn:aws:cloudformation:eu-west-1:111122223333:type/resource/AWS-IAM-Role",
                "arn:aws:cloudformation:eu-west-1::type/resource/AWS-IAM-Role",
            ],
            "{action}"
        );
    }
    for sid in ["StackSetTargets", "StackSetTypes"] {
        let region = &statement(&policy, sid)["Condition"]["ForAllValues:StringEqualsIgnoreCase"];
        assert_eq!(region["cloudformation:TargetRegion"], "eu-west-1", "{sid}");
    }
    // A delegated administrator works on a stack set of the management account.
    let delegated = [&args[..], &["--management-account", "444455556666"], &PLACE].concat();
    let policy = policies(&delegated);
    let other = "arn:aws:cloudformation:eu-west-1:444455556666:stackset/rolecall-target-role:*";
    for sid in ["StackSet", "UpdateStackSet"] {
        assert!(list(&statement(&policy, sid)["Resource"]).contains(&other.to_owned()), "{sid}");
    }
    assert_eq!(
        statement(&policy, "DelegatedAdministrator")["Action"],
        "organizations:ListDelegatedAdministrators"
    );
    // Without OUs, nothing that exists.
    let nowhere = policies(&["deployer", "--deploys", "stack-set"]);
    let resource = &statement(&nowhere, "StackSetTargets")["Resource"];
    assert_eq!(resource, "arn:aws:cloudformation:*:*:stackset-target/*/OU_ID");
}

#[test]
fn parameters_refuse_what_would_open_a_role_to_others() {
    let ci = "deploy/ci-roles.cloudformation.yaml";
    let central = "deploy/central-role.cloudformation.yaml";
    let deployer = "deploy/deployer-role.cloudformation.yaml";
    let target = "deploy/target-role.cloudformation.yaml";
    let set = "deploy/target-role-stackset.cloudformation.yaml";
    let plane = "deploy/control-plane.cloudformation.yaml";
    let write = "deploy/remediation-role.cloudformation.yaml";
    let subjects: &[(&str, bool)] = &[
        ("repo:acme/audit:ref:refs/heads/main", true),
        ("repo:acme@1234/audit@5678:ref:refs/tags/v1.0", true),
        ("repo:acme/audit.rules:environment:production", true),
        ("repo:acme/audit:pull_request", true),
        ("repo:*", false),
        ("repo:acme/*", false),
        ("repo:acme/audit:*", false),
        ("repo:*/audit:ref:refs/heads/main", false),
        ("repo:acme", false),
        ("repo:acme/audit", false),
        ("repo:acme/audit:", false),
        ("repo:/audit:ref:refs/heads/main", false),
        ("repo:acme/audit:ref:refs/heads/ma?n", false),
        ("*", false),
        ("acme/audit", false),
    ];
    let roles: &[(&str, bool)] = &[
        ("arn:aws:iam::111122223333:role/rolecall-deployer", true),
        ("arn:aws-us-gov:iam::111122223333:role/path/rolecall-deployer", true),
        ("*", false),
        ("arn:aws:iam::*:role/rolecall-deployer", false),
        ("arn:aws:iam::111122223333:role/*", false),
        ("arn:aws:iam::111122223333:root", false),
        ("arn:aws:iam::111122223333:user/x", false),
        ("111122223333", false),
        ("rolecall-deployer", false),
        ("", false),
    ];
    let principals: &[(&str, bool)] = &[
        ("arn:aws:iam::111122223333:role/rolecall-function", true),
        ("arn:aws:iam::111122223333:user/x", true),
        ("arn:aws:iam::111122223333:role/*", false),
        ("arn:aws:iam::111122223333:root", false),
        ("*", false),
    ];
    let applies: &[(&str, bool)] = &[
        ("arn:aws:iam::111122223333:role/rolecall-apply", true),
        ("arn:aws:iam::111122223333:user/x", false),
        ("arn:aws:iam::111122223333:root", false),
        ("arn:aws:iam::111122223333:role/*", false),
        ("*", false),
    ];
    let units: &[(&str, bool)] = &[
        ("ou-abcd-12345678", true),
        ("r-abcd", true),
        ("*", false),
        ("ou-*", false),
        ("ou-abcd-12345678/*", false),
    ];
    let names: &[(&str, bool)] = &[("audit", true), ("*", false), ("x/y", false), ("", false)];
    let paths: &[(&str, bool)] =
        &[("/", true), ("/a/b/", true), ("/a", false), ("a/", false), ("/*/", false)];
    let keys: &[(&str, bool)] = &[
        ("", true),
        ("arn:aws:kms:eu-west-1:111122223333:key/1", true),
        ("*", false),
        ("arn:aws:kms:eu-west-1:111122223333:key/*", false),
        ("arn:aws:kms:eu-west-1:111122223333:alias/a", false),
    ];
    let boundaries: &[(&str, bool)] = &[
        ("", true),
        ("arn:aws:iam::111122223333:policy/team/boundary", true),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", true),
        ("arn:aws:iam::111122223333:policy/*", false),
        ("boundary", false),
    ];
    let tables = [
        (ci, "GitHubSubjects", subjects),
        (central, "GitHubSubject", subjects),
        (ci, "DeployerRoleArns", roles),
        (deployer, "CiRoleArns", roles),
        (target, "CentralPrincipalArn", principals),
        (set, "CentralPrincipalArn", principals),
        (write, "ApplyRoleArn", applies),
        (write, "RoleName", names),
        (write, "RolePath", paths),
        (write, "PermissionsBoundaryArn", boundaries),
        (set, "OrganizationalUnitIds", units),
        (deployer, "OrganizationalUnitIds", units),
        (deployer, "TargetRoleName", names),
        (plane, "TargetRoleName", names),
        (target, "RoleName", names),
        (set, "RoleName", names),
        (central, "TargetRoleName", names),
        (plane, "TargetRolePath", paths),
        (central, "TargetRolePath", paths),
        (plane, "BucketKeyArn", keys),
        (deployer, "BucketKeyArn", keys),
        (plane, "PermissionsBoundaryArn", boundaries),
        (deployer, "PermissionsBoundaryArn", boundaries),
    ];
    let mut requests = Vec::new();
    for (template, parameter, values) in tables {
        for (value, _) in values {
            // A list with one bad value is refused.
            let value = match parameter.ends_with('s') {
                true => json!([values[0].0, value]),
                false => json!(value),
            };
            requests.push(json!({"accepts": template, "parameter": parameter, "value": value}));
        }
    }
    let wanted: Vec<Value> =
        tables.iter().flat_map(|(.., values)| values.iter().map(|(_, ok)| json!(ok))).collect();
    let answers = read(&requests).unwrap();
    assert_eq!(answers.len(), wanted.len());
    for ((request, answer), wanted) in requests.iter().zip(&answers).zip(&wanted) {
        assert_eq!(answer, wanted, "{request}");
    }
    // The command line is as strict.
    for (subject, ok) in subjects {
        let output = crate::program::rolecall()
            .args(["permissions", "ci-trust", "--subject", subject])
            .output()
            .unwrap();
        assert_eq!(output.status.success(), *ok, "{subject}");
    }
}

#[test]
fn the_stack_set_deploys_the_target_role() {
    let parameters = json!({
        "OrganizationalUnitIds": ["ou-abcd-12345678"], "ExternalId": "secret",
        "CentralPrincipalArn": "arn:aws:iam::111122223333:role/rolecall-function",
    });
    let set = read(&[json!({"resources": STACK_SET, "parameters": parameters})]).unwrap().remove(0);
    let set = &set["StackSet"]["Properties"];
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TARGET)).unwrap();
    assert_eq!(set["TemplateBody"].as_str().unwrap(), text, "copy {TARGET} to {STACK_SET}");
    assert!(text.len() < 51_200, "too long for TemplateBody");
    assert_eq!(
        set["AutoDeployment"],
        json!({"Enabled": true, "RetainStacksOnAccountRemoval": false})
    );
    assert_eq!(set.get("TemplateURL"), None);
    // The deployer may manage the stack set of this name only.
    assert_eq!(set["StackSetName"], "rolecall-target-role");

    // With a copy in a bucket, it is the one that the deployer may use.
    let mut parameters = parameters;
    parameters["TemplateBucket"] = json!("templates");
    parameters["TemplateKey"] = json!("rolecall/1.yaml");
    let set = read(&[json!({"resources": STACK_SET, "parameters": parameters})]).unwrap().remove(0);
    let set = &set["StackSet"]["Properties"];
    assert_eq!(set.get("TemplateBody"), None);
    let mut args = vec!["deployer", "--deploys", "stack-set", "--template-bucket", "templates"];
    args.extend(["--template-key", "rolecall/1.yaml"]);
    let policy = policies(&[&args[..], &PLACE].concat());
    for sid in ["CreateStackSet", "UpdateStackSet"] {
        let statement = statement(&policy, sid);
        let url = &statement["Condition"]["StringEquals"]["cloudformation:TemplateUrl"];
        assert_eq!(url, &set["TemplateURL"], "{sid}");
    }
}
