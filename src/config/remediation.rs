//! `[remediation]` and `[[hands_off]]`: how fixes are planned and applied, and what they leave alone.

use toml::de::DeValue;

use super::values::{self, ACCOUNT_PLACEHOLDER, RoleTemplate};
use crate::diagnostics::toml_reader::Item;
use crate::model::{AccountId, Arn, ExternalId, Globs, HandsOff, Role, Target};
use crate::waivers;

/// `[remediation]`.
#[derive(Debug, Clone)]
pub struct RemediationSettings {
    /// The role that changes resources.
    pub(super) role: Option<WriteRole>,
    /// Whether every collection includes what fixes need.
    pub collect: bool,
    /// For how many days after the earliest collection a plan can be applied.
    pub expires_days: u32,
    /// How many items a run applies at most.
    pub max_changes: u32,
    /// In how many accounts a run applies items at most; `None`: in all of the plan.
    pub max_accounts: Option<u32>,
    /// Accounts that are changed first, by id or name. The others follow only if all of their items
    /// can be verified.
    pub canary: Option<Globs>,
    /// After how many unexpected errors a run ends.
    pub max_errors: u32,
    /// Further tags of resources that something else manages: patterns for keys, or for `Key=Value`.
    pub managed_tags: Option<Globs>,
}

/// The role that changes resources, in every account.
#[derive(Debug, Clone)]
pub(super) struct WriteRole {
    template: RoleTemplate,
    external_id: Option<ExternalId>,
}

impl Default for RemediationSettings {
    fn default() -> Self {
        Self {
            role: None,
            collect: false,
            expires_days: 7,
            max_changes: 25,
            max_accounts: None,
            canary: None,
            max_errors: 3,
            managed_tags: None,
        }
    }
}

impl RemediationSettings {
    /// The role that changes resources in an account, with its external id; `None` if the config has
    /// none.
    pub fn role_in(&self, account: &AccountId) -> Option<(Arn, Option<ExternalId>)> {
        let role = self.role.as_ref()?;
        Some((role.template.arn(account), role.external_id.clone()))
    }

    /// Whether the role that changes resources requires an external id. It should; only a configured
    /// role can do without.
    pub fn requires_external_id(&self) -> bool {
        self.role.as_ref().is_none_or(|role| role.external_id.is_some())
    }
}

/// Reads `[remediation]`.
pub(super) fn section(item: Item<'_>) -> Option<RemediationSettings> {
    let table = item.table("[remediation]")?;
    let default = RemediationSettings::default();
    let number = |key: &'static str, most: u32| {
        let item: Option<Item<'_>> = table.get(key);
        item.and_then(|item| item.integer(1..=most))
    };
    let settings = RemediationSettings {
        role: table.get("role").and_then(write_role),
        collect: table.get("collect").and_then(|item| item.boolean()).unwrap_or_default(),
        expires_days: number("expires_days", 90).unwrap_or(default.expires_days),
        max_changes: number("max_changes", 10_000).unwrap_or(default.max_changes),
        max_accounts: number("max_accounts", 10_000),
        canary: table.get("canary").and_then(account_patterns),
        max_errors: number("max_errors", 1_000).unwrap_or(default.max_errors),
        managed_tags: table.get("managed_tags").and_then(|item| item.globs()),
    };
    table.finish();
    Some(settings)
}

/// A role ARN with `{account}`, or a table with one and an external id.
fn write_role(item: Item<'_>) -> Option<WriteRole> {
    let (arn, external_id) = match item.value.get_ref() {
        DeValue::String(_) => (item, None),
        DeValue::Table(_) => {
            let table = item.table("`role`")?;
            let help = format!(
                "set the ARN of the role: role = {{ arn = \"arn:aws:iam::{ACCOUNT_PLACEHOLDER}:role/rolecall-remediate\" }}"
            );
            let arn = table.require("arn", &help);
            let external_id = table.get("external_id");
            table.finish();
            (arn?, external_id)
        }
        _ => {
            item.wrong_type("a role ARN, or a table with `arn`");
            return None;
        }
    };
    let external_id = match external_id {
        Some(item) => Some(values::external_id(item)?),
        None => None,
    };
    let arn = values::role_arn(arn, Some(ACCOUNT_PLACEHOLDER))?;
    let template = RoleTemplate { partition: arn.partition, resource: arn.resource };
    Some(WriteRole { template, external_id })
}

/// Reports a role of `[remediation]` that also reads accounts: what changes resources must have a role
/// that is used for nothing else.
pub(super) fn check_role(
    item: Item<'_>,
    settings: &RemediationSettings,
    reads: Option<&RoleTemplate>,
    targets: &[Target],
) {
    let Some(role) = &settings.role else { return };
    let is_same = |target: &Target| match &target.role {
        Role::Assume(hop) => hop.role_arn == role.template.arn(&target.account),
        Role::Own => false,
    };
    if Some(&role.template) == reads || targets.iter().any(is_same) {
        item.report_error_with_help(
            "the role of [remediation] is also the role that reads accounts",
            "use a separate role that only changes resources",
        );
    }
}

/// Patterns for ids and names of accounts.
fn account_patterns(item: Item<'_>) -> Option<Globs> {
    if matches!(item.value.get_ref(), DeValue::Integer(_)) {
        item.report_error_with_help(
            item.wrong_type_message("a string"),
            "write account ids as strings: \"012345678901\"",
        );
        return None;
    }
    item.globs()
}

/// Reads `[[hands_off]]`.
pub(super) fn hands_off(item: Item<'_>) -> Vec<HandsOff> {
    let mut found = Vec::new();
    for item in item.list("[[hands_off]] tables") {
        let Some(table) = item.table("[[hands_off]]") else { continue };
        let (account, resource, tags) =
            (table.get("account"), table.get("resource"), table.get("tags"));
        let reason = table
            .require("reason", "explain why it must not be changed: reason = \"owned by a vendor\"")
            .and_then(|item| item.text());
        if account.is_none() && resource.is_none() && tags.is_none() {
            table.report_error(
                "this [[hands_off]] covers every resource in every account",
                "set at least one of `account`, `resource` and `tags`",
            );
        }
        table.finish();
        let account = account.map_or(Some(Globs::any()), account_patterns);
        let resource = resource.map_or(Some(Globs::any()), |item| item.globs());
        let tags = tags.map_or(Some(Vec::new()), waivers::tag_patterns);
        if let (Some(account), Some(resource), Some(tags), Some(reason)) =
            (account, resource, tags, reason)
        {
            let reason = reason.trim().to_owned();
            found.push(HandsOff { account, resource, tags, reason });
        }
    }
    found
}
