//! Policies of those who deploy: the *deployer* role of an account, which may create exactly what
//! the templates in `deploy/` contain, and the roles of CI, which may do nothing but assume it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::control_plane::{ControlPlane, allow, in_account, object, only_if};
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
/// AWS supports no resources for it. A stack set without instances creates nothing.
const NEW_STACK_SET: &str = "cloudformation:CreateStackSet";
/// Reads a template that is not yet a stack set.
const TEMPLATE: &str = "cloudformation:GetTemplateSummary";
const STACK_SET: [&str; 12] = [
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
];
const UPDATE_STACK_SET: &str = "cloudformation:UpdateStackSet";
/// What also acts on the accounts and OUs, and on the resource types of the template.
const STACK_SET_TARGETS: [&str; 4] = [
    "cloudformation:CreateStackInstances",
    "cloudformation:DeleteStackInstances",
    "cloudformation:UpdateStackInstances",
    UPDATE_STACK_SET,
];
/// Without it, AWS does not recognize a delegated administrator.
const DELEGATED: &str = "organizations:ListDelegatedAdministrators";
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
const FUNCTION: [&str; 13] = [
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionConfiguration",
    "lambda:GetFunctionRecursionConfig",
    "lambda:GetFunctionScalingConfig",
    "lambda:GetRuntimeManagementConfig",
    "lambda:ListTags",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
];
/// The settings for retries, which belong to a qualifier of the function.
const RETRIES: [&str; 4] = [
    "lambda:DeleteFunctionEventInvokeConfig",
    "lambda:GetFunctionEventInvokeConfig",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:UpdateFunctionEventInvokeConfig",
];
const MACHINE: [&str; 7] = [
    "states:CreateStateMachine",
    "states:DeleteStateMachine",
    "states:DescribeStateMachine",
    "states:ListTagsForResource",
    "states:TagResource",
    "states:UntagResource",
    "states:UpdateStateMachine",
];
/// CloudFormation reads every configuration of a bucket, also those that the template does not set.
const BUCKET: [&str; 34] = [
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetAnalyticsConfiguration",
    "s3:GetBucketAbac",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLogging",
    "s3:GetBucketMetadataTableConfiguration",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetIntelligentTieringConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetMetricsConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListTagsForResource",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
];
const LOG_GROUP: [&str; 10] = [
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteMetricFilter",
    "logs:DescribeMetricFilters",
    "logs:GetDataProtectionPolicy",
    "logs:ListTagsForResource",
    "logs:PutMetricFilter",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
];
/// AWS supports no resources for these.
const FIND_LOG_GROUPS: [&str; 3] =
    ["logs:DescribeIndexPolicies", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"];
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
const ALARM: [&str; 5] = [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
];
/// Is allowed for all alarms of an account, or not at all.
const FIND_ALARMS: &str = "cloudwatch:DescribeAlarms";
/// An OU, if none is specified.
const OU_PLACEHOLDER: &str = "OU_ID";

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
    /// The account of this bucket, if it is not that of the deployer.
    pub code_account: Option<String>,
    /// The permissions boundary that every role must have.
    pub boundary: Option<String>,
    /// `role/path/name` of the target role.
    pub target_role: String,
    /// What it deploys.
    pub deploys: BTreeSet<Deployment>,
    /// Where a stack set may create the target role.
    pub targets: StackSetTargets,
}

/// What limits those who deploy a stack set.
#[derive(Debug, Clone, Default)]
pub struct StackSetTargets {
    /// The OUs or the root; their accounts get the role.
    pub organizational_units: Vec<String>,
    /// The management account, if a delegated administrator deploys. The stack set is created there.
    pub management_account: Option<String>,
    /// Bucket and key of the only template that the stack set may have.
    pub template: Option<(String, String)>,
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
        let condition = self
            .boundary
            .as_ref()
            .map(|boundary| json!({"StringEquals": {"iam:PermissionsBoundary": boundary}}));
        let grant = allow(&format!("{sid}Grant"), &GRANT, roles);
        [only_if(grant, condition), allow(sid, &ROLE, roles)]
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
            let pass = allow(sid, &["iam:PassRole"], &[plane.role(part)]);
            let condition = json!({"StringEquals": {"iam:PassedToService": service}});
            statements.push(only_if(pass, Some(condition)));
        }
        let bucket = format!("arn:{}:s3:::{}", plane.partition, plane.bucket());
        let code = object(&plane.partition, &self.code_bucket, &format!("{name}/*"));
        let logs = ["/aws/lambda/", "/aws/vendedlogs/states/"]
            .map(|group| plane.arn("logs", &format!("log-group:{group}{name}:*")));
        let groups = logs.each_ref().map(|log| log.trim_end_matches(":*").to_owned());
        statements.extend([
            allow("Function", &FUNCTION, &[plane.function()]),
            allow(
                "Retries",
                &RETRIES,
                &[plane.function(), format!("{}:$LATEST", plane.function())],
            ),
            in_account(
                allow("Code", &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], &[code]),
                self.code_account.as_ref().unwrap_or(&plane.account),
            ),
            allow("Machine", &MACHINE, &[plane.machine()]),
            allow("Bucket", &BUCKET, std::slice::from_ref(&bucket)),
            // Deleting a bucket, and copying rules.
            plane.own(allow("ListBucket", &["s3:ListBucket"], &[bucket])),
            // Config and rules are changed without deploying.
            plane.own(allow(
                "Config",
                &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                &[plane.objects("config/*")],
            )),
            allow("LogGroups", &LOG_GROUP, &logs.into_iter().chain(groups).collect::<Vec<_>>()),
            allow("FindLogGroups", &FIND_LOG_GROUPS, &["*".to_owned()]),
            allow("Queue", &QUEUE, &[plane.queue()]),
            allow(
                "Schedule",
                &SCHEDULE,
                &[plane.arn("scheduler", &format!("schedule/default/{name}"))],
            ),
            allow("Alarms", &ALARM, &[plane.arn("cloudwatch", &format!("alarm:{name}-*"))]),
            allow("FindAlarms", &[FIND_ALARMS], &[plane.arn("cloudwatch", "alarm:*")]),
        ]);
        statements.extend(plane.key());
        statements
    }

    fn stack_set(&self) -> Vec<Value> {
        let plane = &self.plane;
        let Self { targets: limits, .. } = self;
        let cloudformation = |account: &str, resource: &str| {
            let ControlPlane { partition, region, .. } = plane;
            format!("arn:{partition}:cloudformation:{region}:{account}:{resource}")
        };
        let set = format!("stackset/{}-target-role:*", plane.name);
        let sets: Vec<String> = [Some(&plane.account), limits.management_account.as_ref()]
            .into_iter()
            .flatten()
            .map(|account| cloudformation(account, &set))
            .collect();
        // Documentation has this ARN with and without a region. The stack set is limited anyway.
        let target = |unit: &str| {
            format!("arn:{}:cloudformation:*:*:stackset-target/*/{unit}", plane.partition)
        };
        let targets: Vec<String> = match limits.organizational_units.as_slice() {
            [] => vec![target(OU_PLACEHOLDER)],
            units => units.iter().map(|unit| target(unit)).collect(),
        };
        // Documentation has this ARN with and without an account.
        let types = ["", &plane.account]
            .map(|account| cloudformation(account, "type/resource/AWS-IAM-Role"));
        let everything = ["*".to_owned()];
        let regions = json!({"ForAllValues:StringEqualsIgnoreCase": {
            "cloudformation:TargetRegion": plane.region,
        }});
        let template = limits.template.as_ref().map(|(bucket, key)| {
            let url = format!("https://{bucket}.{}/{key}", plane.s3());
            json!({"StringEquals": {"cloudformation:TemplateUrl": url}})
        });
        let mut statements = vec![
            self.stack("StackOfStackSet", "stack-set"),
            allow("StackSet", &STACK_SET, &sets),
            only_if(allow("UpdateStackSet", &[UPDATE_STACK_SET], &sets), template.clone()),
            only_if(allow("StackSetTargets", &STACK_SET_TARGETS, &targets), Some(regions.clone())),
            only_if(allow("StackSetTypes", &STACK_SET_TARGETS, &types), Some(regions)),
            only_if(allow("CreateStackSet", &[NEW_STACK_SET], &everything), template),
            allow("ReadTemplate", &[TEMPLATE], &everything),
        ];
        if let Some((bucket, key)) = &limits.template {
            let template = object(&plane.partition, bucket, key);
            statements.push(allow("Template", &["s3:GetObject"], &[template]));
        }
        if limits.management_account.is_some() {
            statements.push(allow("DelegatedAdministrator", &[DELEGATED], &everything));
        }
        statements
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
