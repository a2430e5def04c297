//! Policies of those who deploy: the *deployer* role of an account, which may create exactly what
//! the templates in `deploy/` contain, and the roles of CI, which may do nothing but assume it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::control_plane::{ControlPlane, allow, object};
use super::scanning::policy;

/// The host of the OpenID Connect provider of GitHub Actions.
const GITHUB: &str = "token.actions.githubusercontent.com";
/// A subject of GitHub Actions, if none is specified.
const SUBJECT_PLACEHOLDER: &str = "repo:OWNER/REPOSITORY:ref:refs/heads/main";

/// Deploys a stack through change sets, as `aws cloudformation deploy` does, and removes it.
const STACK: [&str; 13] = [
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListChangeSets",
    "cloudformation:ListStackResources",
];
/// AWS supports no resources for these; the second one validates a template that is not yet a stack set.
const NEW_STACK_SET: [&str; 2] =
    ["cloudformation:CreateStackSet", "cloudformation:GetTemplateSummary"];
const STACK_SET: [&str; 13] = [
    "cloudformation:CreateStackInstances",
    "cloudformation:DeleteStackInstances",
    "cloudformation:DeleteStackSet",
    "cloudformation:DescribeStackInstance",
    "cloudformation:DescribeStackSet",
    "cloudformation:DescribeStackSetOperation",
    "cloudformation:ListStackInstances",
    "cloudformation:ListStackSetOperationResults",
    "cloudformation:ListStackSetOperations",
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "cloudformation:UpdateStackInstances",
    "cloudformation:UpdateStackSet",
];
/// What also acts on the stacks in the accounts, and on the resource types of the template.
const STACK_SET_TARGETS: [&str; 4] = [
    "cloudformation:CreateStackInstances",
    "cloudformation:DeleteStackInstances",
    "cloudformation:UpdateStackInstances",
    "cloudformation:UpdateStackSet",
];
/// What gives a role permissions. With a permissions boundary, only to roles that have it.
const GRANT: [&str; 3] = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"];
const ROLE: [&str; 11] = [
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
];
const FUNCTION: [&str; 16] = [
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:DeleteFunctionEventInvokeConfig",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionConfiguration",
    "lambda:GetFunctionEventInvokeConfig",
    "lambda:GetFunctionRecursionConfig",
    "lambda:GetRuntimeManagementConfig",
    "lambda:ListTags",
    "lambda:PutFunctionConcurrency",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunctionCode",
];
const FUNCTION_CONFIGURATION: &str = "lambda:UpdateFunctionConfiguration";
const MACHINE: [&str; 7] = [
    "states:CreateStateMachine",
    "states:DeleteStateMachine",
    "states:DescribeStateMachine",
    "states:ListTagsForResource",
    "states:TagResource",
    "states:UntagResource",
    "states:UpdateStateMachine",
];
const BUCKET: [&str; 17] = [
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
];
const LOG_GROUP: [&str; 9] = [
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteMetricFilter",
    "logs:DescribeMetricFilters",
    "logs:ListTagsForResource",
    "logs:PutMetricFilter",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
];
const QUEUE: [&str; 8] = [
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];
const SCHEDULE: [&str; 4] = [
    "scheduler:CreateSchedule",
    "scheduler:DeleteSchedule",
    "scheduler:GetSchedule",
    "scheduler:UpdateSchedule",
];
const ALARM: [&str; 6] = [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
];

/// Something that a deployer deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deployment {
    /// The control plane, in the central account.
    ControlPlane,
    /// The target role as a stack of its own.
    TargetRole,
    /// The target role as a stack set, in the management or delegated administrator account.
    StackSet,
}

/// The deployer role of an account.
#[derive(Debug, Clone)]
pub struct Deployer {
    /// The control plane; its account and region are those of the deployer.
    pub plane: ControlPlane,
    /// The bucket of the function's zip file.
    pub code_bucket: String,
    /// The permissions boundary that every role must have.
    pub boundary: Option<String>,
    /// `role/path/name` of the target role.
    pub target_role: String,
    /// What it deploys.
    pub deploys: BTreeSet<Deployment>,
}

impl Deployer {
    /// What the deployer may do.
    pub fn policy(&self) -> Value {
        let mut statements = Vec::new();
        if self.deploys.contains(&Deployment::ControlPlane) {
            statements.extend(self.control_plane());
        }
        if self.deploys.contains(&Deployment::TargetRole) {
            let role = [self.plane.iam(&self.target_role)];
            statements.push(self.stack("TargetStack", "target-role"));
            statements.extend(self.roles("TargetRole", &role));
        }
        if self.deploys.contains(&Deployment::StackSet) {
            statements.extend(self.stack_set());
        }
        policy(&statements)
    }

    fn stack(&self, sid: &str, part: &str) -> Value {
        let stack =
            self.plane.arn("cloudformation", &format!("stack/{}-{part}/*", self.plane.name));
        allow(sid, &STACK, &[stack])
    }

    fn roles(&self, sid: &str, roles: &[String]) -> [Value; 2] {
        let mut grant = allow(&format!("{sid}Grant"), &GRANT, roles);
        if let (Some(boundary), Some(grant)) = (&self.boundary, grant.as_object_mut()) {
            let condition = json!({"StringEquals": {"iam:PermissionsBoundary": boundary}});
            grant.insert("Condition".to_owned(), condition);
        }
        [grant, allow(sid, &ROLE, roles)]
    }

    fn control_plane(&self) -> Vec<Value> {
        let plane = &self.plane;
        let name = &plane.name;
        let parts = ["function", "machine", "scheduler"];
        let mut statements = vec![self.stack("Stack", "control-plane")];
        statements.extend(self.roles("Roles", &parts.map(|part| plane.role(part))));
        for (sid, part, service) in [
            ("PassToFunction", "function", "lambda.amazonaws.com"),
            ("PassToMachine", "machine", "states.amazonaws.com"),
            ("PassToSchedule", "scheduler", "scheduler.amazonaws.com"),
        ] {
            let mut pass = allow(sid, &["iam:PassRole"], &[plane.role(part)]);
            if let Some(pass) = pass.as_object_mut() {
                let condition = json!({"StringEquals": {"iam:PassedToService": service}});
                pass.insert("Condition".to_owned(), condition);
            }
            statements.push(pass);
        }
        let function: Vec<&str> = FUNCTION.into_iter().chain([FUNCTION_CONFIGURATION]).collect();
        let bucket = format!("arn:{}:s3:::{}", plane.partition, plane.bucket());
        let code = object(&plane.partition, &self.code_bucket, &format!("{name}/*"));
        let logs = ["/aws/lambda/", "/aws/vendedlogs/states/"]
            .map(|group| plane.arn("logs", &format!("log-group:{group}{name}:*")));
        let groups = logs.each_ref().map(|log| log.trim_end_matches(":*").to_owned());
        statements.extend([
            allow("Function", &function, &[plane.function()]),
            allow("Code", &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], &[code]),
            allow("Machine", &MACHINE, &[plane.machine()]),
            allow("Bucket", &BUCKET, &[bucket]),
            // Config and rules are changed without deploying.
            allow(
                "Config",
                &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                &[plane.objects("config/*")],
            ),
            allow("LogGroups", &LOG_GROUP, &logs.into_iter().chain(groups).collect::<Vec<_>>()),
            // AWS supports no resources for this action.
            allow("FindLogGroups", &["logs:DescribeLogGroups"], &["*".to_owned()]),
            allow("Queue", &QUEUE, &[plane.queue()]),
            allow(
                "Schedule",
                &SCHEDULE,
                &[plane.arn("scheduler", &format!("schedule/default/{name}"))],
            ),
            allow("Alarms", &ALARM, &[plane.arn("cloudwatch", &format!("alarm:{name}-*"))]),
        ]);
        statements.extend(plane.key());
        statements
    }

    fn stack_set(&self) -> Vec<Value> {
        let plane = &self.plane;
        let name = format!("{}-target-role", plane.name);
        let set = |kind: &str| plane.arn("cloudformation", &format!("{kind}/{name}:*"));
        let types = format!(
            "arn:{}:cloudformation:{}::type/resource/AWS-IAM-Role",
            plane.partition, plane.region
        );
        vec![
            self.stack("StackOfStackSet", "stack-set"),
            allow("StackSet", &STACK_SET, &[set("stackset")]),
            allow("StackSetTargets", &STACK_SET_TARGETS, &[set("stackset-target"), types]),
            allow("CreateStackSet", &NEW_STACK_SET, &["*".to_owned()]),
        ]
    }
}

/// What a CI role may do: assume the deployer roles of these accounts.
pub fn ci_policy(plane: &ControlPlane, accounts: &[String]) -> Value {
    let role = |account: &String| {
        format!("arn:{}:iam::{account}:role/{}", plane.partition, plane.role_name("deployer"))
    };
    let roles: Vec<String> = match accounts {
        [] => vec![role(&plane.account)],
        accounts => accounts.iter().map(role).collect(),
    };
    policy(&[allow("RolecallDeploy", &["sts:AssumeRole"], &roles)])
}

/// Lets workflows of GitHub Actions with one of these subjects assume a role. They are compared
/// literally, so `*` matches only itself.
pub fn ci_trust(plane: &ControlPlane, subjects: &[String]) -> Value {
    let subjects: BTreeSet<&str> = match subjects {
        [] => BTreeSet::from([SUBJECT_PLACEHOLDER]),
        subjects => subjects.iter().map(String::as_str).collect(),
    };
    let subject = match subjects.first() {
        Some(only) if subjects.len() == 1 => json!(only),
        _ => json!(subjects),
    };
    policy(&[json!({
        "Sid": "RolecallAssume",
        "Effect": "Allow",
        "Principal": {"Federated": plane.iam(&format!("oidc-provider/{GITHUB}"))},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{GITHUB}:aud"): "sts.amazonaws.com",
            format!("{GITHUB}:sub"): subject,
        }},
    })])
}
