//! Policies of the central control plane: its function, state machine and schedule, and the place
//! in another account where reports are written. `deploy/` has the same policies; a test compares
//! them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scanning::{EXTERNAL_ID_PLACEHOLDER, policy, read_organization, trust_policy};

/// The placeholder for the account of the control plane, if it is not specified.
pub const ACCOUNT_PLACEHOLDER: &str = "ACCOUNT_ID";
/// The placeholder for the region of the control plane, if it is not specified.
pub const REGION_PLACEHOLDER: &str = "REGION";

/// Delivers the logs of a state machine. AWS supports no resources for these actions.
const LOG_DELIVERY: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];
/// Reads and writes objects that are encrypted with a KMS key.
const KEY: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// Names and places of one control plane. Everything is named after `name`, so that the permissions
/// of those who deploy it can be limited to these names.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    /// For example `aws` or `aws-us-gov`.
    pub partition: String,
    /// Its account, or a placeholder.
    pub account: String,
    /// Its region, or a placeholder.
    pub region: String,
    /// The name of the function and the state machine, and the prefix of other names.
    pub name: String,
    /// The bucket for runs; `None` if it is named after account and region.
    pub bucket: Option<String>,
    /// The KMS key of the bucket.
    pub kms_key: Option<String>,
    /// The roles that the function can assume, with `*` for accounts that are not known.
    pub assumes: BTreeSet<String>,
    /// Whether the function reads the organization with its own credentials.
    pub reads_organization: bool,
    /// Whether one function does everything, without a state machine.
    pub single_function: bool,
}

impl ControlPlane {
    /// The bucket for runs.
    pub fn bucket(&self) -> String {
        let named = || format!("{}-{}-{}", self.name, self.account, self.region);
        self.bucket.clone().unwrap_or_else(named)
    }

    /// The name of one of its roles: `function`, `machine`, `scheduler`, `deployer` or `ci`.
    pub fn role_name(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }

    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, account, region, .. } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    pub(super) fn iam(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account)
    }

    /// The ARN of one of its roles.
    pub fn role(&self, part: &str) -> String {
        self.iam(&format!("role/{}", self.role_name(part)))
    }

    /// The host of S3 in its region.
    pub(super) fn s3(&self) -> String {
        s3_host(&self.partition, &self.region)
    }

    pub(super) fn objects(&self, key: &str) -> String {
        object(&self.partition, &self.bucket(), key)
    }

    pub(super) fn function(&self) -> String {
        self.arn("lambda", &format!("function:{}", self.name))
    }

    pub(super) fn machine(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.name))
    }

    pub(super) fn queue(&self) -> String {
        self.arn("sqs", &format!("{}-dead-letters", self.name))
    }

    /// What the function may do.
    pub fn function_policy(&self) -> Value {
        let log = self.arn("logs", &format!("log-group:/aws/lambda/{}:log-stream:*", self.name));
        let mut statements: Vec<Value> = Vec::new();
        if !self.assumes.is_empty() {
            statements.push(allow(
                "RolecallAssume",
                &["sts:AssumeRole"],
                &self.assumes.iter().cloned().collect::<Vec<_>>(),
            ));
        }
        statements.extend(self.reads_organization.then(read_organization));
        statements.extend([
            self.own(allow(
                "RolecallReadRuns",
                &["s3:GetObject"],
                &["config/*", "latest.json", "runs/*"].map(|key| self.objects(key)),
            )),
            self.own(allow(
                "RolecallWriteRuns",
                &["s3:AbortMultipartUpload", "s3:PutObject"],
                &["latest.json", "runs/*"].map(|key| self.objects(key)),
            )),
            self.own(list_bucket(&self.partition, &self.bucket(), &["config/*", "runs/*"])),
            allow("RolecallLog", &["logs:CreateLogStream", "logs:PutLogEvents"], &[log]),
            allow("RolecallDeadLetters", &["sqs:SendMessage"], &[self.queue()]),
        ]);
        statements.extend(self.key());
        policy(&statements)
    }

    /// What the state machine may do.
    pub fn machine_policy(&self) -> Value {
        let executions =
            [":*", "/*"].map(|end| self.arn("states", &format!("execution:{}{end}", self.name)));
        let mut statements = vec![
            allow("RolecallInvoke", &["lambda:InvokeFunction"], &[self.function()]),
            self.own(allow(
                "RolecallShards",
                &["s3:GetObject"],
                &[self.objects("runs/*/shards.json")],
            )),
            self.own(allow(
                "RolecallMapResults",
                &[
                    "s3:AbortMultipartUpload",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ],
                &[self.objects("map/*")],
            )),
            // A Distributed Map runs its shards as executions of the same state machine.
            allow("RolecallStartShards", &["states:StartExecution"], &[self.machine()]),
            allow(
                "RolecallWatchShards",
                &["states:DescribeExecution", "states:StopExecution"],
                &executions,
            ),
            allow("RolecallLogDelivery", &LOG_DELIVERY, &["*".to_owned()]),
        ];
        statements.extend(self.key());
        policy(&statements)
    }

    /// What the schedule may do.
    pub fn scheduler_policy(&self) -> Value {
        let start = match self.single_function {
            true => allow("RolecallStart", &["lambda:InvokeFunction"], &[self.function()]),
            false => allow("RolecallStart", &["states:StartExecution"], &[self.machine()]),
        };
        policy(&[start, allow("RolecallDeadLetters", &["sqs:SendMessage"], &[self.queue()])])
    }

    /// Lets an AWS service assume a role of the control plane. `confined`: only for resources of
    /// the same account, which not every service passes.
    pub fn service_trust(&self, service: &str, confined: bool) -> Value {
        let mut statement = json!({
            "Sid": "RolecallAssume",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        });
        if let (true, Some(statement)) = (confined, statement.as_object_mut()) {
            let condition = json!({"StringEquals": {"aws:SourceAccount": self.account}});
            statement.insert("Condition".to_owned(), condition);
        }
        policy(&[statement])
    }

    /// The bucket policy of the bucket for runs.
    pub fn bucket_policy(&self) -> Value {
        policy(&[tls_only(&self.partition, &self.bucket())])
    }

    /// Only in buckets of its own account: somebody else may get the name of a bucket that was
    /// deleted.
    pub(super) fn own(&self, statement: Value) -> Value {
        in_account(statement, &self.account)
    }

    pub(super) fn key(&self) -> Option<Value> {
        let key = |key: &String| {
            let statement = allow("RolecallKey", &KEY, std::slice::from_ref(key));
            only_if(statement, Some(via_s3(&self.s3())))
        };
        self.kms_key.as_ref().map(key)
    }
}

/// A bucket of another account, to which reports are written through a role of that account.
#[derive(Debug, Clone)]
pub struct Sink {
    /// For example `aws`.
    pub partition: String,
    /// The bucket.
    pub bucket: String,
    /// The prefix of all keys, empty or with a `/` at its end.
    pub prefix: String,
    /// The ARN of the role that can write there.
    pub role: String,
    /// The KMS key of the bucket.
    pub kms_key: Option<String>,
    /// Who assumes the role.
    pub principals: Vec<String>,
}

impl Sink {
    /// What the role may do: write, and read what it wrote, as `--baseline` and `--resume` do.
    pub fn role_policy(&self) -> Value {
        let objects = [object(&self.partition, &self.bucket, &format!("{}*", self.prefix))];
        let actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
        let prefix = format!("{}*", self.prefix);
        let mut statements = vec![
            allow("RolecallReports", &actions, &objects),
            list_bucket(&self.partition, &self.bucket, &[&prefix]),
        ];
        if let Some(key) = &self.kms_key {
            let statement = allow("RolecallKey", &KEY, std::slice::from_ref(key));
            statements.push(only_if(statement, Some(via_s3(&self.s3(key)))));
        }
        policy(&statements)
    }

    /// The host of S3 in the region of the key, which is that of the bucket.
    fn s3(&self, key: &str) -> String {
        s3_host(&self.partition, key.split(':').nth(3).unwrap_or_default())
    }

    /// The policies to create in the bucket's account: of the role, its trust policy, and that of
    /// the bucket, with a statement for the key policy if there is a key.
    pub fn policies(&self) -> Value {
        let actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
        let objects = object(&self.partition, &self.bucket, &format!("{}*", self.prefix));
        let role = json!({"AWS": self.role});
        let mut list = list_bucket(&self.partition, &self.bucket, &[&format!("{}*", self.prefix)]);
        if let Some(list) = list.as_object_mut() {
            list.insert("Principal".to_owned(), role.clone());
        }
        let reports = json!({
            "Sid": "RolecallReports",
            "Effect": "Allow",
            "Principal": role,
            "Action": actions,
            "Resource": objects,
        });
        let mut all = json!({
            "role": self.role_policy(),
            "trust": trust_policy(&self.principals, Some(EXTERNAL_ID_PLACEHOLDER)),
            "bucket": policy(&[tls_only(&self.partition, &self.bucket), reports, list]),
        });
        if let (Some(key), Some(all)) = (&self.kms_key, all.as_object_mut()) {
            let statement = json!({
                "Sid": "RolecallKey",
                "Effect": "Allow",
                "Principal": role,
                "Action": KEY,
                // In a key policy, this is the key itself.
                "Resource": "*",
                "Condition": via_s3(&self.s3(key)),
            });
            all.insert("key".to_owned(), policy(&[statement]));
        }
        all
    }
}

/// A statement; a single resource is written without a list.
pub(super) fn allow(sid: &str, actions: &[&str], resources: &[String]) -> Value {
    let resource = match resources {
        [only] => json!(only),
        several => json!(several.iter().collect::<BTreeSet<_>>()),
    };
    let action = match actions {
        [only] => json!(only),
        several => json!(several.iter().collect::<BTreeSet<_>>()),
    };
    json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource})
}

/// Only buckets of this account.
pub(super) fn in_account(mut statement: Value, account: &str) -> Value {
    let condition = statement
        .as_object_mut()
        .map(|statement| statement.entry("Condition").or_insert_with(|| json!({})));
    if let Some(condition) = condition.and_then(Value::as_object_mut) {
        condition.insert("StringEquals".to_owned(), json!({"aws:ResourceAccount": account}));
    }
    statement
}

/// A key only for objects in S3.
fn via_s3(host: &str) -> Value {
    json!({"StringEquals": {"kms:ViaService": host}})
}

/// A statement with a condition, if there is one.
pub(super) fn only_if(mut statement: Value, condition: Option<Value>) -> Value {
    if let (Some(condition), Some(statement)) = (condition, statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), condition);
    }
    statement
}

fn s3_host(partition: &str, region: &str) -> String {
    let domain = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("s3.{region}.{domain}")
}

pub(super) fn object(partition: &str, bucket: &str, key: &str) -> String {
    format!("arn:{partition}:s3:::{bucket}/{key}")
}

/// Lists keys. `IfExists`, because S3 answers that an object is missing, instead of that access is
/// denied, only if the bucket can be listed; and such a request has no prefix.
fn list_bucket(partition: &str, bucket: &str, prefixes: &[&str]) -> Value {
    let mut statement =
        allow("RolecallList", &["s3:ListBucket"], &[format!("arn:{partition}:s3:::{bucket}")]);
    if let Some(statement) = statement.as_object_mut() {
        let prefix = match prefixes {
            [only] => json!(only),
            several => json!(several),
        };
        let condition = json!({"StringLikeIfExists": {"s3:prefix": prefix}});
        statement.insert("Condition".to_owned(), condition);
    }
    statement
}

fn tls_only(partition: &str, bucket: &str) -> Value {
    json!({
        "Sid": "RolecallTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [format!("arn:{partition}:s3:::{bucket}"), object(partition, bucket, "*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}
