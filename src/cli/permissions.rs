//! The options of `rolecall permissions`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::{FixNeeds, RuleSource};

/// `rolecall permissions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall permissions
  $ rolecall permissions target > target-policy.json
  $ rolecall permissions target --fixes > target-policy.json
  $ rolecall permissions trust --principal arn:aws:iam::111122223333:role/ci
  $ rolecall permissions central --config rolecall.toml
  $ rolecall permissions function --account-id 111122223333 --region eu-west-1
  $ rolecall permissions sink --sink-bucket reports --sink-role arn:aws:iam::444455556666:role/rolecall-sink
  $ rolecall permissions boundary --account-id 111122223333 --region eu-west-1
  $ rolecall permissions deployer --boundary arn:aws:iam::111122223333:policy/boundary
  $ rolecall permissions ci-trust --subject repo:my-organization/my-repository:ref:refs/heads/main
  $ rolecall permissions remediate --rule 's3-*' > write-policy.json
  $ rolecall permissions remediate --plan plan.json
  $ rolecall permissions remediate-trust --apply-role arn:aws:iam::111122223333:role/rolecall-apply

External ids are not printed; the policies contain a placeholder instead.")]
pub struct PermissionsArgs {
    /// Policy to print [default: one JSON object with the policies for scanning]
    #[arg(value_enum)]
    pub policy: Option<PolicyKind>,
    /// ARN of the central role or user, for trust policies; can be repeated
    #[arg(long, value_name = "ARN", value_parser = principal)]
    pub principal: Vec<String>,
    /// Rules.
    #[command(flatten)]
    pub rules: RuleSource,
    /// What fixes need: for target, boundary and the policies for scanning.
    #[command(flatten)]
    pub needs: FixNeeds,
    /// The write role.
    #[command(flatten)]
    pub remediation: WriteRoleArgs,
    /// The control plane.
    #[command(flatten)]
    pub plane: PlaneArgs,
}

/// The role that carries out fixes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Remediation")]
pub struct WriteRoleArgs {
    /// Plan whose changes the policy allows, for remediate, instead of all that the selected rules can
    /// propose
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rule", "framework", "rule_profile"])]
    pub plan: Option<PathBuf>,
    /// Role that applies plans, for remediate-trust; the default of --principal there
    #[arg(long, value_name = "ARN", value_parser = |arn: &str| of_service(arn, "iam"))]
    pub apply_role: Option<String>,
    /// Let sessions of the write role have a source identity, for remediate-trust
    #[arg(long)]
    pub source_identity: bool,
}

/// The control plane whose policies are printed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Control plane")]
pub struct PlaneArgs {
    /// Name of its function and state machine, and prefix of other names
    #[arg(long, value_name = "NAME", default_value = "rolecall", value_parser = name)]
    pub name: String,
    /// Its account; for `deployer`, the account to deploy to [default: the placeholder ACCOUNT_ID]
    #[arg(long, value_name = "ID", value_parser = account)]
    pub account_id: Option<String>,
    /// Its region [default: the placeholder REGION]
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Option<String>,
    /// Its partition
    #[arg(long, value_name = "NAME", default_value = "aws", value_parser = partition)]
    pub partition: String,
    /// Bucket for runs [default: NAME-ACCOUNT-REGION]
    #[arg(long, value_name = "BUCKET", value_parser = bucket)]
    pub bucket: Option<String>,
    /// KMS key of the bucket for runs
    #[arg(long, value_name = "ARN", value_parser = |arn: &str| of_service(arn, "kms"))]
    pub kms_key: Option<String>,
    /// One function without a state machine
    #[arg(long)]
    pub single_function: bool,
    /// OpenID Connect provider of a Kubernetes cluster, such as `oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD`
    #[arg(long, value_name = "HOST", value_parser = provider)]
    pub oidc_provider: Option<String>,
    /// Service account in this cluster
    #[arg(long, value_name = "NAMESPACE/NAME", default_value = "rolecall/rolecall", value_parser = service_account)]
    pub service_account: String,
    /// Bucket of another account for reports
    #[arg(long, value_name = "BUCKET", value_parser = bucket)]
    pub sink_bucket: Option<String>,
    /// Prefix of the keys of reports, such as `rolecall/`
    #[arg(long, value_name = "PREFIX", default_value = "", value_parser = prefix)]
    pub sink_prefix: String,
    /// Role of the other account that writes reports
    #[arg(long, value_name = "ARN", value_parser = |arn: &str| of_service(arn, "iam"))]
    pub sink_role: Option<String>,
    /// KMS key of the bucket for reports
    #[arg(long, value_name = "ARN", value_parser = |arn: &str| of_service(arn, "kms"))]
    pub sink_kms_key: Option<String>,
    /// Bucket of the function's zip file [default: the placeholder CODE_BUCKET]
    #[arg(long, value_name = "BUCKET", value_parser = bucket)]
    pub code_bucket: Option<String>,
    /// Account of this bucket [default: that of --account-id]
    #[arg(long, value_name = "ID", value_parser = account)]
    pub code_account: Option<String>,
    /// Permissions boundary that the deployer must give to every role
    #[arg(long, value_name = "ARN", value_parser = |arn: &str| of_service(arn, "iam"))]
    pub boundary: Option<String>,
    /// What the deployer deploys; can be repeated [default: control-plane]
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub deploys: Vec<Deploys>,
    /// OU or root whose accounts get the role from the stack set; can be repeated [default: the placeholder OU_ID]
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = organizational_unit)]
    pub organizational_unit: Vec<String>,
    /// Management account, if a delegated administrator deploys the stack set
    #[arg(long, value_name = "ID", value_parser = account)]
    pub management_account: Option<String>,
    /// Bucket of the only template that the stack set can have
    #[arg(long, value_name = "BUCKET", value_parser = bucket, requires = "template_key")]
    pub template_bucket: Option<String>,
    /// Key of this template
    #[arg(long, value_name = "KEY", value_parser = key, requires = "template_bucket")]
    pub template_key: Option<String>,
    /// Account in which CI assumes the deployer role; can be repeated [default: that of --account-id]
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = account)]
    pub deploy_account: Vec<String>,
    /// Subject of the GitHub Actions workflows that can assume the CI role; can be repeated
    #[arg(long, value_name = "SUB", value_parser = subject)]
    pub subject: Vec<String>,
}

/// What a deployer deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deploys {
    /// The control plane
    ControlPlane,
    /// The target role, as a stack
    TargetRole,
    /// The target role, as a stack set
    StackSet,
}

/// An IAM policy that `rolecall permissions` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// Permissions of the role in each target account
    Target,
    /// Trust policy of the role in each target account: lets the hub role assume it, or the central
    /// identity if there is no hub role
    Trust,
    /// Permissions of the central identity: assume the target roles, or the hub role
    Central,
    /// Permissions of the hub role: assume the target roles
    Hub,
    /// Trust policy of the hub role: lets the central identity assume it
    HubTrust,
    /// Permissions of the role in `[organization]`: read accounts and OUs
    Organization,
    /// Trust policy of the role in `[organization]`: lets the central identity assume it
    OrganizationTrust,
    /// All policies of the control plane, as one JSON object
    ControlPlane,
    /// Permissions of the function of the control plane
    Function,
    /// Trust policy of the function's role
    FunctionTrust,
    /// Permissions of the state machine of the control plane
    Machine,
    /// Trust policy of the state machine's role
    MachineTrust,
    /// Permissions of the schedule of the control plane
    Scheduler,
    /// Trust policy of the schedule's role
    SchedulerTrust,
    /// Policy of the bucket for runs
    Bucket,
    /// Permissions of the task role on ECS, or of a role on Kubernetes
    Task,
    /// Trust policy of the task role and the task execution role on ECS
    TaskTrust,
    /// Permissions of the task execution role on ECS
    TaskExecution,
    /// Permissions of the state machine that runs tasks on ECS
    TaskMachine,
    /// Trust policy of a role on Kubernetes: lets the service account assume it
    ServiceAccountTrust,
    /// For reports in a bucket of another account: permissions and trust policy of the role in that
    /// account, the bucket policy, and the statement for the policy of its KMS key
    Sink,
    /// Permissions of the role that deploys
    Deployer,
    /// Permissions boundary of the roles that the deployer creates: what the templates give them
    Boundary,
    /// Trust policy of the role that deploys: lets the CI roles assume it
    DeployerTrust,
    /// Permissions of a CI role: assume the deployer roles
    Ci,
    /// Trust policy of the CI role for GitHub Actions
    CiTrust,
    /// Trust policy of the CI role for an EC2 instance
    CiEc2Trust,
    /// Permissions of the role that carries out fixes in each target account: what the fixes of the
    /// selected rules and their undoing can need, or exactly the changes of a plan
    Remediate,
    /// Trust policy of the role that carries out fixes
    RemediateTrust,
}

fn principal(written: &str) -> Result<String, String> {
    let arn: crate::model::Arn =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    match arn.service.as_str() {
        "iam" => Ok(arn.to_string()),
        "sts" if arn.resource.starts_with("assumed-role/") => {
            Err("this is the ARN of a session; use the ARN of its role, such as arn:aws:iam::111122223333:role/name".to_owned())
        }
        _ => Err("use the ARN of a role, a user or an account, such as arn:aws:iam::111122223333:role/name".to_owned()),
    }
}

fn of_service(written: &str, service: &str) -> Result<String, String> {
    let arn: crate::model::Arn =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    // A policy is not the place for a pattern that nobody meant.
    if arn.service != service || written.contains(['*', '?', '$']) {
        let example = match service {
            "kms" => "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            _ => "arn:aws:iam::111122223333:role/name",
        };
        return Err(format!("expected an ARN of {service} without wildcards, such as {example}"));
    }
    Ok(arn.to_string())
}

fn name(written: &str) -> Result<String, String> {
    let first = written.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let rest = written.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if first && rest && written.len() <= 32 {
        return Ok(written.to_owned());
    }
    // The bucket is named after it, too.
    Err("use at most 32 lowercase letters, digits and hyphens, beginning with a letter".to_owned())
}

fn account(written: &str) -> Result<String, String> {
    let id: crate::model::AccountId =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    Ok(id.to_string())
}

fn organizational_unit(written: &str) -> Result<String, String> {
    let valid = |part: &str, least: usize| {
        (least..=32).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let parts: Vec<&str> = written.split('-').collect();
    match parts.as_slice() {
        ["ou", root, unit] if valid(root, 4) && valid(unit, 8) => Ok(written.to_owned()),
        ["r", root] if valid(root, 4) => Ok(written.to_owned()),
        _ => {
            Err("expected the id of an OU or the root, such as ou-abcd-12345678 or r-abcd"
                .to_owned())
        }
    }
}

fn provider(written: &str) -> Result<String, String> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let (host, path) = written.split_once('/').unwrap_or((written, "x"));
    if host.contains('.') && !path.is_empty() && written.chars().all(valid) {
        return Ok(written.to_owned());
    }
    Err("expected the issuer of the cluster without https://, such as oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD".to_owned())
}

fn service_account(written: &str) -> Result<String, String> {
    let valid = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
    };
    match written.split_once('/') {
        Some((namespace, name)) if valid(namespace) && valid(name) => Ok(written.to_owned()),
        _ => Err("expected namespace and name, such as rolecall/rolecall".to_owned()),
    }
}

fn key(written: &str) -> Result<String, String> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !written.is_empty() && !written.starts_with('/') && written.chars().all(valid) {
        return Ok(written.to_owned());
    }
    Err("use letters, digits and /._- in the key of the template, such as templates/1.yaml"
        .to_owned())
}

fn region(written: &str) -> Result<String, String> {
    let region: crate::model::Region =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    Ok(region.to_string())
}

fn partition(written: &str) -> Result<String, String> {
    let partition: crate::model::Partition =
        written.parse().map_err(|error: crate::model::InvalidId| error.to_string())?;
    Ok(partition.to_string())
}

fn bucket(written: &str) -> Result<String, String> {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if (3..=63).contains(&written.len()) && written.chars().all(valid) {
        return Ok(written.to_owned());
    }
    Err("not a valid bucket name: use 3 to 63 lowercase letters, digits, hyphens and dots"
        .to_owned())
}

fn prefix(written: &str) -> Result<String, String> {
    if written.starts_with('/') || written.contains(['*', '?', '$']) {
        return Err("a prefix has no wildcards and does not begin with `/`".to_owned());
    }
    if !written.is_empty() && !written.ends_with('/') {
        return Err(format!("end the prefix with `/`: `{written}/`"));
    }
    Ok(written.to_owned())
}

fn subject(written: &str) -> Result<String, String> {
    // A name, with the id that follows it in newer repositories.
    let named = |part: &str| {
        let (name, id) = part.split_once('@').unwrap_or((part, "1"));
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
            && !id.is_empty()
            && id.chars().all(|c| c.is_ascii_digit())
    };
    let context = |c: char| c.is_ascii_alphanumeric() || "_.:/@%+=-".contains(c);
    let valid = written
        .strip_prefix("repo:")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(repository, rest)| Some((repository.split_once('/')?, rest)))
        .is_some_and(|((owner, name), rest)| {
            named(owner) && named(name) && !rest.is_empty() && rest.chars().all(context)
        });
    if valid {
        return Ok(written.to_owned());
    }
    Err(
        "expected the `sub` claim of a workflow, with owner, repository and context, without wildcards, such as repo:my-organization/my-repository:ref:refs/heads/main"
            .to_owned(),
    )
}
