//! Policies for scanning, generated from the table that determines the calls: the policy and trust policy of
//! the role in a target account, and the policies of the central identity and the hub. They never
//! contain external ids, only a placeholder.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts;
use crate::model::{Demand, Hop, OrganizationAccess, Role, Target};

/// The maximum size of a managed policy, in characters other than whitespace.
pub const MANAGED_POLICY_LIMIT: usize = 6144;

/// The placeholder for the external id in a printed policy.
pub const EXTERNAL_ID_PLACEHOLDER: &str = "<external id>";

/// The placeholder for the central identity in a printed policy, if it is not specified.
pub const PRINCIPAL_PLACEHOLDER: &str = "<ARN of the central role or user>";

/// Lists the enabled regions of an account.
const DESCRIBE_REGIONS: &str = "ec2:DescribeRegions";

/// The IAM actions that a demand requires, sorted. `describe_regions`: whether the enabled regions
/// must be listed.
pub fn actions(demand: &Demand, describe_regions: bool) -> BTreeSet<&'static str> {
    let calls = facts::calls(demand).into_iter().map(|call| call.action);
    calls.chain(describe_regions.then_some(DESCRIBE_REGIONS)).collect()
}

/// The least-privilege policy of the role in a target account. All actions read configuration; most of
/// them do not support resource-level permissions.
pub fn target_policy(demand: &Demand, describe_regions: bool) -> Value {
    // A policy without actions is not valid; listing regions reveals nothing.
    let actions = actions(demand, describe_regions || demand.is_empty());
    policy(&[json!({"Sid": "RolecallRead", "Effect": "Allow", "Action": actions, "Resource": "*"})])
}

/// The trust policy of a role: who can assume it, and that the external id is required.
/// `external_id` is printed instead of it, usually [`EXTERNAL_ID_PLACEHOLDER`]; `None` if the role
/// does not require one.
pub fn trust_policy(principals: &[String], external_id: Option<&str>) -> Value {
    let principals: BTreeSet<&str> = principals.iter().map(String::as_str).collect();
    let principal = match principals.first() {
        None => json!(PRINCIPAL_PLACEHOLDER),
        Some(only) if principals.len() == 1 => json!(only),
        Some(_) => json!(principals),
    };
    let mut statement = json!({
        "Sid": "RolecallAssume",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    });
    if let (Some(id), Some(statement)) = (external_id, statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), json!({"StringEquals": {"sts:ExternalId": id}}));
    }
    policy(&[statement])
}

/// What an organization adds to the policies, since its accounts are not known in advance.
#[derive(Debug, Clone, Copy)]
pub struct Discovery<'a> {
    /// How the organization is read.
    pub access: &'a OrganizationAccess,
    /// The ARN of the role in its accounts, with `*` for the account.
    pub role: &'a str,
}

/// The policy of the central identity: it can assume the hub role if there is one, otherwise exactly
/// the roles of the targets; and it can read the organization, or assume the role that does.
pub fn central_policy(
    targets: &[Target],
    via: Option<&Hop>,
    discovery: Option<Discovery<'_>>,
) -> Value {
    let mut roles = match via {
        Some(hub) => BTreeSet::from([hub.role_arn.to_string()]),
        None => target_roles(targets, discovery),
    };
    // If only its name is configured, the role is in the account of the central identity.
    let reader = discovery.and_then(|discovery| discovery.access.role_arn("*"));
    let reads = discovery.is_some() && reader.is_none();
    roles.extend(reader.map(|arn| arn.to_string()));
    let statements = assume(&roles).into_iter().chain(reads.then(read_organization));
    policy(&statements.collect::<Vec<_>>())
}

/// The policy of the hub role: it can assume exactly the roles of the targets. If there are too many
/// for a managed policy, roles that differ only in the account are combined to one with `*` for the
/// account, the largest groups first, until the policy fits; see [`fits`]. The role in the accounts
/// of an organization always has `*`.
pub fn hub_policy(targets: &[Target], discovery: Option<Discovery<'_>>) -> Value {
    policy(assume(&target_roles(targets, discovery)).as_slice())
}

/// The policy of the role that reads the organization.
pub fn organization_policy() -> Value {
    policy(&[read_organization()])
}

pub(super) fn read_organization() -> Value {
    json!({"Sid": "RolecallOrganization", "Effect": "Allow", "Action": OrganizationAccess::ACTIONS, "Resource": "*"})
}

fn target_roles(targets: &[Target], discovery: Option<Discovery<'_>>) -> BTreeSet<String> {
    let roles = targets.iter().filter_map(|target| match &target.role {
        Role::Own => None,
        Role::Assume(hop) => Some(&hop.role_arn),
    });
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for arn in roles {
        groups
            .entry(format!("arn:{}:iam::*:{}", arn.partition, arn.resource))
            .or_default()
            .insert(arn.to_string());
    }
    if let Some(everywhere) = discovery.map(|discovery| discovery.role) {
        groups.insert(everywhere.to_owned(), BTreeSet::from([everywhere.to_owned()]));
    }
    let mut largest: Vec<String> = groups.keys().cloned().collect();
    largest.sort_by_key(|group| groups.get(group).map_or(0, BTreeSet::len));
    loop {
        let roles = groups.values().flatten().cloned().collect();
        if fits(&policy(assume(&roles).as_slice())) {
            return roles;
        }
        let Some(group) = largest.pop() else { return roles };
        groups.insert(group.clone(), BTreeSet::from([group]));
    }
}

/// Whether a policy fits into one managed policy.
pub fn fits(policy: &Value) -> bool {
    // IAM does not count whitespace; the compact form has it only in strings.
    policy.to_string().chars().filter(|c| !c.is_whitespace()).count() <= MANAGED_POLICY_LIMIT
}

fn assume(roles: &BTreeSet<String>) -> Option<Value> {
    let statement = || json!({"Sid": "RolecallAssume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles});
    (!roles.is_empty()).then(statement)
}

pub(super) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ExternalId, OrganizationRole, Partition};

    fn target(account: u64, role: Option<&str>) -> Target {
        let account = format!("{account:012}");
        let role = role.map_or(Role::Own, |name| {
            Role::Assume(Hop {
                role_arn: format!("arn:aws:iam::{account}:role/{name}").parse().unwrap(),
                external_id: Some(ExternalId::new("hunter2".to_owned())),
                duration_seconds: 3600,
                source_identity: None,
            })
        });
        Target {
            account: account.parse().unwrap(),
            name: None,
            partition: Partition::default(),
            role,
            regions: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    fn resources(policy: &Value) -> Vec<&str> {
        policy["Statement"][0]["Resource"]
            .as_array()
            .unwrap()
            .iter()
            .map(|arn| arn.as_str().unwrap())
            .collect()
    }

    #[test]
    fn the_target_policy_allows_exactly_the_demand() {
        let mut demand = Demand::default();
        demand.add_fact("s3.bucket", "encryption");
        demand.add_fact("s3.account", "public_access_block");
        let shown = target_policy(&demand, false);
        assert_eq!(
            shown["Statement"],
            json!([{
                "Sid": "RolecallRead",
                "Effect": "Allow",
                "Action": ["s3:GetAccountPublicAccessBlock", "s3:GetBucketLocation", "s3:GetEncryptionConfiguration", "s3:ListAllMyBuckets"],
                "Resource": "*",
            }])
        );
        assert!(
            target_policy(&demand, true)["Statement"][0]["Action"]
                .as_array()
                .unwrap()
                .contains(&json!(DESCRIBE_REGIONS))
        );
        // A rule on accounts can have no demand.
        let none = target_policy(&Demand::default(), false);
        assert_eq!(none["Statement"][0]["Action"], json!([DESCRIBE_REGIONS]));
    }

    #[test]
    fn all_facts_fit_into_one_read_only_policy() {
        let mut demand = Demand::default();
        for kind in facts::KINDS {
            demand.add_kind(kind.name);
            for fact in kind.facts {
                demand.add_fact(kind.name, fact.name);
            }
        }
        assert!(fits(&target_policy(&demand, true)));
        for action in actions(&demand, true) {
            let operation = action.split_once(':').unwrap().1;
            assert!(
                ["Get", "List", "Describe", "Search"]
                    .iter()
                    .any(|verb| operation.starts_with(verb)),
                "{action}"
            );
            assert!(!action.contains('*'), "{action}");
        }
    }

    #[test]
    fn the_trust_policy_requires_the_external_id_without_revealing_it() {
        let one = trust_policy(
            &["arn:aws:iam::111122223333:role/ci".to_owned()],
            Some(EXTERNAL_ID_PLACEHOLDER),
        );
        assert_eq!(one["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::111122223333:role/ci");
        assert_eq!(
            one["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"],
            "<external id>"
        );
        let two = trust_policy(&["b".to_owned(), "a".to_owned(), "a".to_owned()], None);
        assert_eq!(two["Statement"][0]["Principal"]["AWS"], json!(["a", "b"]));
        assert!(two["Statement"][0].get("Condition").is_none());
        assert_eq!(
            trust_policy(&[], None)["Statement"][0]["Principal"]["AWS"],
            PRINCIPAL_PLACEHOLDER
        );
    }

    #[test]
    fn the_central_identity_can_assume_the_roles_it_needs() {
        let targets = [target(2, Some("audit/x")), target(1, None), target(3, Some("y"))];
        let direct = central_policy(&targets, None, None);
        assert_eq!(
            resources(&direct),
            ["arn:aws:iam::000000000002:role/audit/x", "arn:aws:iam::000000000003:role/y"]
        );
        assert!(!direct.to_string().contains("hunter2"));
        let Role::Assume(hub) = target(9, Some("hub")).role else { unreachable!() };
        assert_eq!(
            resources(&central_policy(&targets, Some(&hub), None)),
            ["arn:aws:iam::000000000009:role/hub"]
        );
        assert_eq!(hub_policy(&targets, None), direct);
        assert_eq!(central_policy(&targets[1..2], None, None)["Statement"], json!([]));
    }

    #[test]
    fn an_organization_adds_its_actions_and_the_role_in_all_accounts() {
        let role = |account: Option<&str>| OrganizationAccess {
            partition: Partition::default(),
            role: Some(OrganizationRole {
                account: account.map(|id| id.parse().unwrap()),
                resource: "role/reader".to_owned(),
                external_id: Some(ExternalId::new("hunter2".to_owned())),
            }),
        };
        let everywhere = "arn:aws:iam::*:role/rolecall";
        let targets = [target(2, Some("rolecall")), target(3, Some("other")), target(1, None)];
        let Role::Assume(hub) = target(9, Some("hub")).role else { unreachable!() };
        let (other, reader) =
            ("arn:aws:iam::000000000003:role/other", "arn:aws:iam::000000000007:role/reader");

        let access = role(Some("000000000007"));
        let discovery = Some(Discovery { access: &access, role: everywhere });
        let central = central_policy(&targets, None, discovery);
        // The role of account 2 is covered by that of all accounts.
        assert_eq!(
            resources(&central),
            [everywhere, other, reader]
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(central["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(
            resources(&central_policy(&targets, Some(&hub), discovery)),
            [reader, "arn:aws:iam::000000000009:role/hub"]
        );
        assert_eq!(
            resources(&hub_policy(&targets, discovery)),
            [everywhere, other]
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert!(!central.to_string().contains("hunter2"));

        let access = role(None);
        let by_name =
            central_policy(&[], None, Some(Discovery { access: &access, role: everywhere }));
        assert_eq!(resources(&by_name), ["arn:aws:iam::*:role/reader", everywhere]);

        let access = OrganizationAccess { partition: Partition::default(), role: None };
        let central =
            central_policy(&[], None, Some(Discovery { access: &access, role: everywhere }));
        assert_eq!(central["Statement"][1], organization_policy()["Statement"][0]);
        assert_eq!(central["Statement"][1]["Action"], json!(OrganizationAccess::ACTIONS));
    }

    #[test]
    fn too_many_roles_are_combined_by_name() {
        let mut targets: Vec<Target> =
            (0..500).map(|account| target(account, Some("rolecall"))).collect();
        targets.push(target(999, Some("other")));
        let policy = hub_policy(&targets, None);
        assert_eq!(
            resources(&policy),
            ["arn:aws:iam::*:role/rolecall", "arn:aws:iam::000000000999:role/other"]
        );
        assert!(fits(&policy));
        // Roles with different names cannot be combined.
        let different: Vec<Target> =
            (0..500).map(|account| target(account, Some(&format!("role-{account}")))).collect();
        assert!(!fits(&hub_policy(&different, None)));
    }
}
