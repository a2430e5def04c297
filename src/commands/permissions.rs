//! `rolecall permissions`: the IAM policies that the configured scan needs, as JSON.

use std::io::Write;

use serde_json::{Value, json};

use crate::cli::{Global, Narrowing, PermissionsArgs, PolicyKind};
use crate::exit::Exit;
use crate::facts;
use crate::permissions::{self, Discovery, EXTERNAL_ID_PLACEHOLDER};
use crate::run::error::CommandError;
use crate::run::setup::Setup;

/// Writes the policy, or all of them, to `out`.
pub fn run(
    global: &Global,
    args: &PermissionsArgs,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let setup = Setup::new(global, &Narrowing::default(), &args.rules, false)?;
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
        Some(PolicyKind::Central) => config.via.is_none(),
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
