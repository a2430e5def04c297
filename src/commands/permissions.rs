//! `rolecall permissions`: the IAM policies that the configured scan needs, as JSON.

mod remediate;

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Value, json};

use crate::cli::{Deploys, Global, Narrowing, PermissionsArgs, PlaneArgs, PolicyKind};
use crate::config::Config;
use crate::exit::Exit;
use crate::facts;
use crate::model::{Role, Target};
use crate::permissions::{
    self, ACCOUNT_PLACEHOLDER, ControlPlane, Deployer, Deployment, Discovery,
    EXTERNAL_ID_PLACEHOLDER, REGION_PLACEHOLDER, ServiceAccount, Sink, StackSetTargets,
};
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// Writes the policy, or all of them, to `out`.
pub fn run(
    global: &Global,
    args: &PermissionsArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    if args.remediation.plan.is_some() && args.policy != Some(PolicyKind::Remediate) {
        let text = "--plan is an option of `rolecall permissions remediate` only";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let reads = [None, Some(PolicyKind::Target), Some(PolicyKind::Boundary)];
    if args.needs.fixes && !reads.contains(&args.policy) {
        let text = "--fixes is an option of `rolecall permissions`, `permissions target` and `permissions boundary` only";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let setup =
        Setup::new(global, &Narrowing::default(), &args.rules, false)?.with_fixes(args.needs.fixes);
    let config = &setup.config;
    let targets = config.targets();
    let demand = setup.demand();
    let placeholder = |needed: bool| needed.then_some(EXTERNAL_ID_PLACEHOLDER);
    // Regions are listed only for regional types.
    let regional = |kind: &facts::Kind| kind.scope == facts::Scope::Regional;
    let describe_regions =
        config.lists_regions() && demand.kinds().filter_map(facts::kind).any(regional);
    let hub = config.via.as_ref().map(|hop| vec![hop.role_arn.to_string()]);

    let discovery =
        config.organization.as_ref().map(|settings| (settings.role_pattern(), &settings.access));
    let discovery = discovery.as_ref().map(|(role, access)| Discovery { access, role });

    let target_role = role_patterns(&targets, discovery)
        .first()
        .and_then(|arn| arn.splitn(6, ':').last().map(str::to_owned))
        .unwrap_or_else(|| TARGET_ROLE.to_owned());
    let plane = control_plane(&args.plane, config, &targets, discovery);
    let policy = |kind: PolicyKind| -> Result<Value, CommandError> {
        Ok(match kind {
            PolicyKind::Target => permissions::target_policy(&demand, describe_regions),
            PolicyKind::Trust => {
                // If there is a hub, the hub role assumes the target roles.
                permissions::trust_policy(
                    hub.as_ref().unwrap_or(&args.principal),
                    placeholder(config.uses_external_id()),
                )
            }
            PolicyKind::Central => {
                permissions::central_policy(&targets, config.via.as_ref(), discovery)
            }
            PolicyKind::Organization | PolicyKind::OrganizationTrust => {
                let Some(role) =
                    config.organization.as_ref().and_then(|settings| settings.access.role.as_ref())
                else {
                    let text = match &config.organization {
                        Some(_) => {
                            "no role is configured to read the organization: `rolecall permissions central` prints the policy for your own credentials"
                        }
                        None => {
                            "the config has no [organization]: add it, with a `role` that can read the accounts of the organization"
                        }
                    };
                    return Err(CommandError::Usage(text.to_owned()));
                };
                match kind {
                    PolicyKind::Organization => permissions::organization_policy(),
                    _ => permissions::trust_policy(
                        &args.principal,
                        placeholder(role.external_id.is_some()),
                    ),
                }
            }
            PolicyKind::Hub | PolicyKind::HubTrust => {
                let Some(via) = &config.via else {
                    let text = "no hub role is configured: set `via` in [role]";
                    return Err(CommandError::Usage(text.to_owned()));
                };
                match kind {
                    PolicyKind::Hub => permissions::hub_policy(&targets, discovery),
                    _ => permissions::trust_policy(
                        &args.principal,
                        placeholder(via.external_id.is_some()),
                    ),
                }
            }
            PolicyKind::ControlPlane => {
                let mut all = json!({});
                let used = PLANE_POLICIES.into_iter().filter(|(_, kind)| {
                    let of_machine = [PolicyKind::Machine, PolicyKind::MachineTrust];
                    !plane.single_function || !of_machine.contains(kind)
                });
                for (name, kind) in used {
                    if let Some(all) = all.as_object_mut() {
                        all.insert(
                            name.to_owned(),
                            of_plane(config, &plane, args, &target_role, kind)?,
                        );
                    }
                }
                all
            }
            PolicyKind::Boundary => {
                let deployer = deployer(&plane, &args.plane, &target_role);
                if deployer.deploys.contains(&Deployment::StackSet) {
                    let text = "a boundary cannot be required of the roles of a stack set: use --deploys control-plane or target-role";
                    return Err(CommandError::Usage(text.to_owned()));
                }
                deployer.boundary(&permissions::target_policy(&demand, describe_regions))
            }
            PolicyKind::Remediate => remediate::policy(&setup, args, global.quiet)?,
            PolicyKind::RemediateTrust => {
                remediate::trust(args, placeholder(config.remediation.requires_external_id()))
            }
            kind => of_plane(config, &plane, args, &target_role, kind)?,
        })
    };
    let result = match args.policy {
        Some(kind) => policy(kind)?,
        None => {
            let mut all = json!({
                "target": policy(PolicyKind::Target)?,
                "trust": policy(PolicyKind::Trust)?,
                "central": policy(PolicyKind::Central)?,
            });
            if let (Some(map), true) = (all.as_object_mut(), config.via.is_some()) {
                map.insert("hub".to_owned(), policy(PolicyKind::Hub)?);
                map.insert("hub_trust".to_owned(), policy(PolicyKind::HubTrust)?);
            }
            let reader =
                config.organization.as_ref().and_then(|settings| settings.access.role.as_ref());
            if let (Some(map), Some(_)) = (all.as_object_mut(), reader) {
                map.insert("organization".to_owned(), policy(PolicyKind::Organization)?);
                map.insert("organization_trust".to_owned(), policy(PolicyKind::OrganizationTrust)?);
            }
            all
        }
    };
    let names_roles = match args.policy {
        None | Some(PolicyKind::Hub) => true,
        Some(
            PolicyKind::Boundary
            | PolicyKind::Central
            | PolicyKind::ControlPlane
            | PolicyKind::Function
            | PolicyKind::Task,
        ) => config.via.is_none(),
        _ => false,
    };
    if let Some(discovery) = discovery.filter(|_| names_roles && !global.quiet) {
        let role = crate::model::text::one_line(discovery.role, 300);
        let note = "the accounts of the organization are not known in advance, so the policy allows this role in any account";
        writeln!(crate::output::stderr(), "note: {note}: {role}").ok();
    }
    serde_json::to_writer_pretty(&mut *out, &result)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

/// The policies that `rolecall permissions control-plane` prints; those of the state machine only
/// if there is one.
const PLANE_POLICIES: [(&str, PolicyKind); 11] = [
    ("function", PolicyKind::Function),
    ("function_trust", PolicyKind::FunctionTrust),
    ("machine", PolicyKind::Machine),
    ("machine_trust", PolicyKind::MachineTrust),
    ("scheduler", PolicyKind::Scheduler),
    ("scheduler_trust", PolicyKind::SchedulerTrust),
    ("bucket", PolicyKind::Bucket),
    ("deployer", PolicyKind::Deployer),
    ("ci", PolicyKind::Ci),
    ("ci_trust", PolicyKind::CiTrust),
    ("ci_ec2_trust", PolicyKind::CiEc2Trust),
];

/// The name of the target roles, if the config has none.
const TARGET_ROLE: &str = "role/rolecall";

fn control_plane(
    args: &PlaneArgs,
    config: &Config,
    targets: &[Target],
    discovery: Option<Discovery<'_>>,
) -> ControlPlane {
    let mut assumes: BTreeSet<String> = match &config.via {
        Some(hub) => BTreeSet::from([hub.role_arn.to_string()]),
        None => role_patterns(targets, discovery),
    };
    if assumes.is_empty() {
        assumes.insert(format!("arn:{}:iam::*:{TARGET_ROLE}", args.partition));
    }
    let account = args.account_id.clone().unwrap_or_else(|| ACCOUNT_PLACEHOLDER.to_owned());
    // If only its name is configured, the role is in the account of the control plane.
    let reader = discovery.and_then(|discovery| discovery.access.role_arn(&account));
    let reads_organization = discovery.is_some() && reader.is_none();
    assumes.extend(reader.map(|arn| arn.to_string()));
    assumes.extend(args.sink_role.clone().or_else(|| storage_role(config)));
    ControlPlane {
        partition: args.partition.clone(),
        account,
        region: args.region.clone().unwrap_or_else(|| REGION_PLACEHOLDER.to_owned()),
        name: args.name.clone(),
        bucket: args.bucket.clone(),
        kms_key: args.kms_key.clone(),
        assumes,
        reads_organization,
        single_function: args.single_function,
    }
}

/// The target roles, with `*` for the account: accounts are added without deploying.
fn role_patterns(targets: &[Target], discovery: Option<Discovery<'_>>) -> BTreeSet<String> {
    let roles = targets.iter().filter_map(|target| match &target.role {
        Role::Own => None,
        Role::Assume(hop) => Some(&hop.role_arn),
    });
    roles
        .map(|arn| format!("arn:{}:iam::*:{}", arn.partition, arn.resource))
        .chain(discovery.map(|discovery| discovery.role.to_owned()))
        .collect()
}

fn of_plane(
    config: &Config,
    plane: &ControlPlane,
    args: &PermissionsArgs,
    target_role: &str,
    kind: PolicyKind,
) -> Result<Value, CommandError> {
    let given = &args.plane;
    Ok(match kind {
        PolicyKind::FunctionTrust => plane.service_trust("lambda.amazonaws.com", false),
        PolicyKind::Machine => plane.machine_policy(),
        PolicyKind::MachineTrust => plane.service_trust("states.amazonaws.com", true),
        PolicyKind::Scheduler => plane.scheduler_policy(),
        PolicyKind::SchedulerTrust => plane.service_trust("scheduler.amazonaws.com", true),
        PolicyKind::Bucket => plane.bucket_policy(),
        PolicyKind::Task => plane.task_policy(),
        PolicyKind::TaskTrust => plane.service_trust("ecs-tasks.amazonaws.com", true),
        PolicyKind::TaskExecution => plane.task_execution_policy(),
        PolicyKind::TaskMachine => plane.task_machine_policy(),
        PolicyKind::ServiceAccountTrust => plane.service_account_trust(&service_account(given)?),
        PolicyKind::Sink => sink(config, plane, args)?.policies(),
        PolicyKind::Deployer => deployer(plane, given, target_role).policy(),
        PolicyKind::DeployerTrust => {
            let ci = || vec![plane.role("ci")];
            let principals = if args.principal.is_empty() { ci() } else { args.principal.clone() };
            permissions::trust_policy(&principals, None)
        }
        PolicyKind::Ci => permissions::ci_policy(plane, &given.deploy_account),
        PolicyKind::CiTrust => permissions::ci_trust(plane, &given.subject),
        PolicyKind::CiEc2Trust => plane.service_trust("ec2.amazonaws.com", false),
        _ => plane.function_policy(),
    })
}

fn service_account(given: &PlaneArgs) -> Result<ServiceAccount, CommandError> {
    let Some(provider) = given.oidc_provider.clone() else {
        let text = "the cluster is missing: use --oidc-provider HOST, as printed by `aws eks describe-cluster --query cluster.identity.oidc.issuer`, without https://";
        return Err(CommandError::Usage(text.to_owned()));
    };
    let (namespace, name) = given.service_account.split_once('/').unwrap_or_default();
    Ok(ServiceAccount { provider, namespace: namespace.to_owned(), name: name.to_owned() })
}

fn deployer(plane: &ControlPlane, given: &PlaneArgs, target_role: &str) -> Deployer {
    let deploys = given.deploys.iter().map(|what| match what {
        Deploys::ControlPlane => Deployment::ControlPlane,
        Deploys::TargetRole => Deployment::TargetRole,
        Deploys::StackSet => Deployment::StackSet,
    });
    let mut deploys: BTreeSet<Deployment> = deploys.collect();
    if deploys.is_empty() {
        deploys.insert(Deployment::ControlPlane);
    }
    Deployer {
        code_bucket: given.code_bucket.clone().unwrap_or_else(|| "CODE_BUCKET".to_owned()),
        code_account: given.code_account.clone(),
        boundary: given.boundary.clone(),
        target_role: target_role.to_owned(),
        deploys,
        targets: StackSetTargets {
            organizational_units: given.organizational_unit.clone(),
            management_account: given.management_account.clone(),
            template: given.template_bucket.clone().zip(given.template_key.clone()),
        },
        plane: plane.clone(),
    }
}

/// The role of `[storage]`.
fn storage_role(config: &Config) -> Option<String> {
    config.storage.role.as_ref().map(|hop| hop.role_arn.to_string())
}

fn sink(
    config: &Config,
    plane: &ControlPlane,
    args: &PermissionsArgs,
) -> Result<Sink, CommandError> {
    let given = &args.plane;
    let Some(role) = given.sink_role.clone().or_else(|| storage_role(config)) else {
        let text = "the role is missing that writes reports, in the account of the bucket: set `role` in [storage], or use --sink-role ARN";
        return Err(CommandError::Usage(text.to_owned()));
    };
    let ours = || vec![plane.role("function")];
    Ok(Sink {
        partition: plane.partition.clone(),
        bucket: given.sink_bucket.clone().unwrap_or_else(|| "BUCKET".to_owned()),
        prefix: given.sink_prefix.clone(),
        role,
        kms_key: given.sink_kms_key.clone().or_else(|| config.storage.kms_key.clone()),
        principals: if args.principal.is_empty() { ours() } else { args.principal.clone() },
    })
}
