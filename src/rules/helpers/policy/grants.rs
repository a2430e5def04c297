//! Whom an Allow statement grants access, and whether conditions restrict it to what is trusted.

use super::results::{Grant, ServiceGrant};
use crate::exposure::{is_private, range};
use crate::policy::{
    Condition, RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION, Statement, account_in, account_of,
    admits_only_services, compares, is_deleted, is_everybody, is_load_balancer_account, is_nobodys,
    keeps_everyone_out, key_name, log_account, names_services, organization_of,
    origin_access_identity, principal_name, runs_code, unique_id, without_variables,
};
use crate::rules::helpers::trust::TrustBoundary;

/// The grants of a statement that grants access to external principals.
pub(super) fn external(statement: &Statement, trusted: &TrustBoundary) -> Vec<Grant> {
    if statement.conditions.iter().any(|one| admits_only_trusted(statement, one, trusted)) {
        return Vec::new();
    }
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| {
            let key = key_name(&condition.key);
            format!("{} {key}: {}", condition.operator, condition.values.join(", "))
        })
        .collect();
    let grant = |principal: &str, kind: &str, account: Option<&str>| Grant {
        index: statement.index,
        sid: statement.sid.clone(),
        principal: principal.to_owned(),
        kind: kind.to_owned(),
        account: account.map(str::to_owned),
        name: match (kind, account) {
            ("everybody", _) => "anyone".to_owned(),
            ("conditions", _) => format!("anyone who meets the {}", in_words(&conditions)),
            (_, Some(account)) => format!("account {account}"),
            _ => principal_name(principal),
        },
        actions: statement.actions.clone(),
        not_actions: statement.not_actions.clone(),
        conditions: conditions.clone(),
    };
    let is_limited =
        statement.conditions.iter().any(|condition| keeps_everyone_out(statement, condition));
    let everybody = if is_limited { "conditions" } else { "everybody" };
    let mut found = Vec::new();
    if !statement.not_principals.is_empty() {
        found.push(grant("everyone except the principals in NotPrincipal", "everybody", None));
    }
    for principal in &statement.principals {
        let account = account_of(principal);
        found.extend(match (principal.split_once(':').map(|(kind, _)| kind), account) {
            _ if is_everybody(principal) => Some(grant(principal, everybody, None)),
            (_, Some(account)) if trusted.account(account) => None,
            (_, Some(account)) if delivers_trusted_logs(statement, account, trusted) => None,
            (Some("Service"), _) => None,
            // The ids of deleted users and roles are never assigned again.
            _ if is_deleted(principal) => None,
            _ if is_trusted_principal(principal, trusted) => None,
            (Some("Federated"), account) => Some(grant(principal, "federated", account)),
            (Some("CanonicalUser"), _) => Some(grant(principal, "canonical_user", None)),
            (_, Some(account)) => Some(grant(principal, "account", Some(account))),
            (_, None) => Some(grant(principal, "unknown", None)),
        });
    }
    found
}

fn in_words(conditions: &[String]) -> String {
    let noun = if conditions.len() == 1 { "condition" } else { "conditions" };
    format!("{noun} {}", conditions.join(" and "))
}

/// Whether a statement only lets an account of AWS deliver logs of the load balancers of trusted accounts.
fn delivers_trusted_logs(statement: &Statement, account: &str, trusted: &TrustBoundary) -> bool {
    let is_put = |action: &String| action.eq_ignore_ascii_case("s3:PutObject");
    let is_trusted =
        |resource: &String| log_account(resource).is_some_and(|account| trusted.account(account));
    is_load_balancer_account(account)
        && !statement.actions.is_empty()
        && statement.actions.iter().all(is_put)
        && !statement.resources.is_empty()
        && statement.resources.iter().all(is_trusted)
}

/// Whether `[trust]` names a principal that has no account.
fn is_trusted_principal(principal: &str, trusted: &TrustBoundary) -> bool {
    let trust = trusted.trust();
    match principal.split_once(':') {
        Some(("CanonicalUser", id)) => trust.canonical_users.contains(id),
        _ => origin_access_identity(principal)
            .is_some_and(|id| trust.origin_access_identities.contains(id)),
    }
}

/// The grants of a statement that grants access to services that may act for anyone, or for accounts and organizations
/// that are not trusted.
pub(super) fn confused_deputies(
    statement: &Statement,
    trusted: &TrustBoundary,
) -> Vec<ServiceGrant> {
    if statement.conditions.iter().any(|condition| keeps_services_out(statement, condition)) {
        return Vec::new();
    }
    let guards: Vec<Guard> = statement
        .conditions
        .iter()
        .filter_map(|condition| guard(statement, condition, trusted))
        .collect();
    // All conditions must hold: one that admits only trusted values is enough.
    if guards.contains(&Guard::Trusted) {
        return Vec::new();
    }
    let acts_for = guards.iter().find_map(|guard| match guard {
        Guard::External(names) => Some(names.clone()),
        Guard::Trusted => None,
    });
    let acts_for = acts_for.unwrap_or_default();
    let services =
        statement.principals.iter().filter_map(|principal| principal.strip_prefix("Service:"));
    let admitted = services_admitted(statement, trusted);
    let services = services.chain(admitted.iter().map(String::as_str));
    let unknown = services.filter(|service| !trusted.trust().services.contains(*service));
    unknown
        .filter_map(|service| {
            let acts_for = match accounts_of_path(statement, service, trusted) {
                Some(accounts) if accounts.is_empty() => return None,
                Some(accounts) if acts_for.is_empty() => accounts,
                _ => acts_for.clone(),
            };
            Some(ServiceGrant {
                index: statement.index,
                sid: statement.sid.clone(),
                service: service.to_owned(),
                acts_for,
                actions: statement.actions.clone(),
                not_actions: statement.not_actions.clone(),
            })
        })
        .collect()
}

/// The services that a statement for everyone admits, if its conditions admit only services.
fn services_admitted(statement: &Statement, trusted: &TrustBoundary) -> Vec<String> {
    let is_everyone =
        |principal: &String| is_everybody(principal) && !principal.starts_with("Service:");
    let conditions = &statement.conditions;
    let is_for_everyone =
        !statement.not_principals.is_empty() || statement.principals.iter().any(is_everyone);
    let admits_only = |condition| {
        admits_only_services(statement, condition) || requires_source(statement, condition)
    };
    // With a trusted value of a key that services lack, such as `aws:PrincipalOrgID`, nobody has access.
    let is_trusted = |condition| admits_only_trusted(statement, condition, trusted);
    if !is_for_everyone || !conditions.iter().any(admits_only) || conditions.iter().any(is_trusted)
    {
        return Vec::new();
    }
    let names = |condition: &&Condition| {
        names_services(&condition.key)
            && statement.demands(condition).is_some_and(|test| compares(&test).is_some())
    };
    match conditions.iter().find(names) {
        Some(condition) => condition.values.clone(),
        None => vec!["any AWS service".to_owned()],
    }
}

/// Whether a condition requires a key of the resource for which a service acts: only services have
/// these keys.
fn requires_source(statement: &Statement, condition: &Condition) -> bool {
    const KEYS: [&str; 5] = [
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    ];
    KEYS.contains(&condition.key.as_str()) && requires_key(statement, condition)
}

/// Whether a condition requires a key of a caller in an organization: services do not belong to one.
fn keeps_services_out(statement: &Statement, condition: &Condition) -> bool {
    const KEYS: [&str; 2] = ["aws:principalorgid", "aws:principalorgpaths"];
    KEYS.contains(&condition.key.as_str()) && requires_key(statement, condition)
}

fn requires_key(statement: &Statement, condition: &Condition) -> bool {
    let is_compared = || statement.demands(condition).is_some_and(|test| compares(&test).is_some());
    condition.asks_for(&condition.key) || is_compared()
}

/// Whether a condition admits only trusted values.
fn admits_only_trusted(
    statement: &Statement,
    condition: &Condition,
    trusted: &TrustBoundary,
) -> bool {
    let Some(test) = statement.demands(condition) else { return false };
    let each = |own: &dyn Fn(&str) -> bool| {
        let own = |value: &String| {
            own(&without_variables(value)) || is_nobodys(&test, &condition.key, value)
        };
        condition.values.iter().all(own)
    };
    let trust = trusted.trust();
    // Requests from private addresses reach S3 only through VPC endpoints, and those have
    // `aws:VpcSourceIp` instead, which is not for here: private addresses are the same in anyone's VPC.
    if test == "ipaddress" && condition.key == "aws:sourceip" {
        let is_own = |range| is_private(&range) || trust.covers(&range);
        return each(&|value| range(value).is_some_and(is_own));
    }
    let Some(by_parts) = compares(&test) else { return false };
    let own_organization = |value: &str| {
        // No organization has an empty id.
        value.is_empty()
            || value == RESOURCE_ORGANIZATION
            || trust.organization_id.as_ref().is_some_and(|id| id.as_str() == value)
    };
    let own_account = |value: &str| value == RESOURCE_ACCOUNT || trusted.account(value);
    match condition.key.as_str() {
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => each(&own_organization),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            each(&|value| organization_of(value).is_some_and(own_organization))
        }
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:vpceaccount"
        | "s3:dataaccesspointaccount" => each(&own_account),
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" | "s3:dataaccesspointarn" => {
            let key = condition.key.as_str();
            each(&|value| account_in(key, value, by_parts).is_some_and(own_account))
        }
        key if runs_code(key) => {
            each(&|value| account_in(key, value, by_parts).is_some_and(own_account))
        }
        "aws:userid" => each(&|value| {
            unique_id(value).is_some_and(|id| own_account(id) || trust.principal_ids.contains(id))
        }),
        "aws:principalservicename" | "aws:principalservicenameslist" => {
            each(&|value| trust.services.contains(value))
        }
        "aws:sourcevpc" => each(&|value| trust.vpcs.contains(value)),
        "aws:sourcevpce" => each(&|value| trust.vpc_endpoints.contains(value)),
        _ => false,
    }
}

/// Whom a condition allows a service to act for.
#[derive(PartialEq, Eq)]
enum Guard {
    Trusted,
    /// Some of these values are not trusted.
    External(Vec<String>),
}

/// The accounts that are not trusted and for which the paths in a statement let a service deliver logs
/// of load balancers; `None` if a path does not restrict that.
fn accounts_of_path(
    statement: &Statement,
    service: &str,
    trusted: &TrustBoundary,
) -> Option<Vec<String>> {
    const SERVICES: [&str; 2] =
        ["logdelivery.elasticloadbalancing.amazonaws.com", "logdelivery.elb.amazonaws.com"];
    if !SERVICES.contains(&service) || statement.resources.is_empty() {
        return None;
    }
    let accounts = statement.resources.iter().map(|resource| log_account(resource));
    let mut accounts = accounts.collect::<Option<Vec<&str>>>()?;
    accounts.retain(|account| !trusted.account(account));
    accounts.sort_unstable();
    accounts.dedup();
    Some(accounts.into_iter().map(str::to_owned).collect())
}

/// Whom a condition allows a service to act for; `None` if it does not restrict that. AWS: "If the
/// `aws:SourceArn` value does not contain the account ID, such as an Amazon S3 bucket ARN, you must use
/// both global condition context keys to limit permissions." The name of a bucket that was deleted can
/// be that of anyone's bucket.
fn guard(statement: &Statement, condition: &Condition, trusted: &TrustBoundary) -> Option<Guard> {
    let by_parts = compares(&statement.demands(condition)?)?;
    let plain = |value: &str| !value.contains(['*', '?']) && !value.is_empty();
    let organization = |value: &str| {
        value
            .split_once('/')
            .map(|(id, _)| id.to_owned())
            .filter(|id| id.starts_with("o-") && plain(id))
    };
    let fixed = |value: &String| match condition.key.as_str() {
        "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" => plain(value),
        "aws:sourceorgpaths" => organization(value).is_some(),
        key @ "aws:sourcearn" => account_in(key, &without_variables(value), by_parts).is_some(),
        _ => false,
    };
    if !condition.values.iter().all(fixed) {
        return None;
    }
    if admits_only_trusted(statement, condition, trusted) {
        return Some(Guard::Trusted);
    }
    // Trusted values next to external ones are left out.
    let own = |value: &String| {
        let alone = Condition { values: vec![value.clone()], ..condition.clone() };
        admits_only_trusted(statement, &alone, trusted)
    };
    Some(Guard::External(condition.values.iter().filter(|value| !own(value)).cloned().collect()))
}

#[cfg(test)]
mod tests;
