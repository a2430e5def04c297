//! Policies of other places to run: tasks on ECS, started by a state machine, and pods on Kubernetes.

use serde_json::{Value, json};

use super::control_plane::{ControlPlane, allow, only_if};
use super::scanning::policy;

/// The rule with which Step Functions waits for a task.
const TASK_RULE: &str = "rule/StepFunctionsGetEventsForECSTaskRule";

/// A service account of a cluster.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// The OpenID Connect provider of the cluster, without `https://`.
    pub provider: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl ControlPlane {
    /// What a task or a pod may do: the same as the function, without its log and its queue.
    pub fn task_policy(&self) -> Value {
        let function = self.function_policy();
        let statements = function.get("Statement").and_then(Value::as_array);
        let ours = |statement: &&Value| {
            let sid = statement.get("Sid").and_then(Value::as_str);
            !matches!(sid, Some("RolecallLog" | "RolecallDeadLetters"))
        };
        let statements = statements.into_iter().flatten().filter(ours).cloned();
        policy(&statements.collect::<Vec<_>>())
    }

    /// What ECS may do to start a task: write its log, and read the external id.
    pub fn task_execution_policy(&self) -> Value {
        let log = self.arn("logs", &format!("log-group:/ecs/{}:log-stream:*", self.name));
        let secret = self.arn("ssm", &format!("parameter/{}/external-id", self.name));
        policy(&[
            allow("RolecallLog", &["logs:CreateLogStream", "logs:PutLogEvents"], &[log]),
            allow("RolecallExternalId", &["ssm:GetParameters"], &[secret]),
        ])
    }

    /// What the state machine may do that runs tasks in the cluster of the same name.
    pub fn task_machine_policy(&self) -> Value {
        let name = &self.name;
        let ecs = |resource: &str| [self.arn("ecs", resource)];
        let cluster = json!({"ArnEquals": {
            "ecs:cluster": self.arn("ecs", &format!("cluster/{name}")),
        }});
        let passed = json!({"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}});
        let roles = ["task", "task-execution"].map(|part| self.role(part));
        policy(&[
            only_if(
                allow("RolecallRun", &["ecs:RunTask"], &ecs(&format!("task-definition/{name}:*"))),
                Some(cluster),
            ),
            allow(
                "RolecallWatch",
                &["ecs:DescribeTasks", "ecs:StopTask"],
                &ecs(&format!("task/{name}/*")),
            ),
            only_if(allow("RolecallPass", &["iam:PassRole"], &roles), Some(passed)),
            allow(
                "RolecallWait",
                &["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                &[self.arn("events", TASK_RULE)],
            ),
        ])
    }

    /// Lets one service account of a cluster assume a role, with a token for AWS.
    pub fn service_account_trust(&self, account: &ServiceAccount) -> Value {
        let ServiceAccount { provider, namespace, name } = account;
        policy(&[json!({
            "Sid": "RolecallAssume",
            "Effect": "Allow",
            "Principal": {"Federated": self.iam(&format!("oidc-provider/{provider}"))},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                format!("{provider}:aud"): "sts.amazonaws.com",
                format!("{provider}:sub"): format!("system:serviceaccount:{namespace}:{name}"),
            }},
        })])
    }
}
