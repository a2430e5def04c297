//! `[organization]`: how the organization is read and which of its accounts are scanned. Once it has
//! been read, resolves the targets.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use toml::de::DeValue;

use super::targets::{Account, RoleSection, may_be_in};
use super::values::{self, RoleTemplate};

use crate::diagnostics::toml_reader::{Item, Table};
use crate::model::{
    AccountId, DiscoveredAccount, ExternalId, Globs, Hop, OrganizationAccess, OrganizationFilter,
    OrganizationRole, OuId, OuPattern, Region, Role, Target, text,
};

/// `[organization]`.
#[derive(Debug, Clone)]
pub struct OrganizationSettings {
    /// How the organization is read.
    pub access: OrganizationAccess,
    /// Which accounts of the organization are scanned.
    pub filter: OrganizationFilter,
    /// The regions to scan in these accounts; empty: all that are enabled in the account.
    pub regions: Vec<Region>,
    /// The role in these accounts, with its external id and session duration.
    template: RoleTemplate,
    external_id: Option<ExternalId>,
    duration_seconds: u32,
    /// Accounts whose `[[account]]` sets regions.
    pub(super) with_regions: BTreeSet<AccountId>,
    /// Spans of the filter patterns, by key and index.
    pub(super) spans: BTreeMap<(&'static str, usize), Range<usize>>,
}

/// Reads `[organization]`.
pub(super) fn section(
    item: Item<'_>,
    role_section: &RoleSection,
    scan_regions: &[Region],
    accounts: &[Account],
) -> Option<OrganizationSettings> {
    let table = item.table("[organization]")?;
    let help = "set `role` to a role that can read the organization, or to \"none\" if your own credentials can";
    let access = table.require("role", help).and_then(|item| access(item, role_section));
    let mut spans = BTreeMap::new();
    let filter = OrganizationFilter {
        include_units: units(&table, "include_units", &mut spans),
        exclude_units: units(&table, "exclude_units", &mut spans),
        include_accounts: account_patterns(&table, "include_accounts", &mut spans),
        exclude_accounts: account_patterns(&table, "exclude_accounts", &mut spans),
    };
    let own_regions = table.get("regions");
    let regions = own_regions.map_or_else(|| scan_regions.to_vec(), values::regions);
    if let Some(template) = &role_section.template
        && let Some(region) = regions.iter().find(|region| !may_be_in(region, &template.partition))
    {
        let partition = &template.partition;
        match own_regions {
            Some(item) => item.report_error_with_help(
                format!("region `{region}` is not in `{partition}`, the partition of the accounts"),
                "fix `regions`, or the partition in [role]",
            ),
            None => table.report_error(
                format!(
                    "region `{region}` in [scan] is not in `{partition}`, the partition of the accounts"
                ),
                "set `regions` in [organization]",
            ),
        }
    }
    // An invalid template has already been reported.
    if role_section.template.is_none() && !role_section.has_template {
        table.report_error(
            "missing role for the accounts of the organization",
            "in [role], set the role to assume in these accounts, for example name = \"rolecall\"",
        );
    }
    table.finish();
    let with_regions = accounts
        .iter()
        .filter(|account| !account.regions.is_empty())
        .map(|account| account.id.clone())
        .collect();
    Some(OrganizationSettings {
        access: access?,
        filter,
        regions,
        template: role_section.template.clone()?,
        external_id: role_section.external_id.clone(),
        duration_seconds: role_section.session_seconds(),
        with_regions,
        spans,
    })
}

fn access(item: Item<'_>, role_section: &RoleSection) -> Option<OrganizationAccess> {
    let (named, external_id) = if item.value.get_ref().is_table() {
        let table = item.table("`role` of [organization]")?;
        let arn =
            table.require("arn", "set the role: role = { arn = \"arn:aws:iam::111122223333:role/rolecall-organization\" }");
        let external_id = table.get("external_id");
        table.finish();
        let external_id = external_id.and_then(values::external_id);
        (arn?, external_id)
    } else if item.value.get_ref().is_str() {
        (item, None)
    } else {
        item.wrong_type("a role name, a role ARN, a table with `arn`, or \"none\"");
        return None;
    };
    let written = named.text()?;
    if written == "none" && external_id.is_none() {
        return Some(OrganizationAccess { partition: role_section.partition.clone(), role: None });
    }
    if !written.starts_with("arn:") {
        let resource = format!("role{}{}", role_section.path, values::role_name(named)?);
        let role = OrganizationRole { account: None, resource, external_id };
        return Some(OrganizationAccess {
            partition: role_section.partition.clone(),
            role: Some(role),
        });
    }
    let arn = values::role_arn(named, None)?;
    if let Some(template) = &role_section.template
        && template.partition != arn.partition
    {
        named.report_error_with_help(
            format!(
                "the role is in partition `{}`, but the target roles are in `{}`",
                arn.partition, template.partition
            ),
            "an organization cannot span partitions: use a separate config for each partition",
        );
    }
    let role = OrganizationRole {
        account: Some(arn.account.parse().ok()?),
        resource: arn.resource,
        external_id,
    };
    Some(OrganizationAccess { partition: arn.partition, role: Some(role) })
}

/// Reads a list of unique patterns and records their spans.
fn patterns<'a, T>(
    table: &Table<'a>,
    key: &'static str,
    spans: &mut BTreeMap<(&'static str, usize), Range<usize>>,
    read: impl Fn(Item<'a>, &'a str) -> Option<T>,
) -> Vec<T> {
    let Some(list) = table.get(key) else { return Vec::new() };
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for item in list.one_or_many("patterns") {
        if matches!(item.value.get_ref(), DeValue::Integer(_)) {
            item.report_error_with_help(
                item.wrong_type_message("a string"),
                "write account ids as strings: \"012345678901\"",
            );
            continue;
        }
        let Some(written) = item.text() else { continue };
        if !seen.insert(written) {
            item.report_error(format!("duplicate pattern `{}`", text::one_line(written, 80)));
        } else if let Some(pattern) = read(item, written) {
            spans.insert((key, found.len()), item.span());
            found.push(pattern);
        }
    }
    found
}

fn units(
    table: &Table<'_>,
    key: &'static str,
    spans: &mut BTreeMap<(&'static str, usize), Range<usize>>,
) -> Vec<OuPattern> {
    patterns(table, key, spans, |item, written| {
        if let Ok(id) = written.parse::<OuId>() {
            return Some(OuPattern::Id(id));
        }
        // A single name that starts like an id was meant as an id.
        let looks_like_id =
            (written.starts_with("ou-") || written.starts_with("r-")) && !written.contains('/');
        if looks_like_id
            || written.contains('*')
            || written.split('/').any(|name| name.trim().is_empty())
        {
            item.report_error_with_help(
                format!("`{}` is not a valid OU", text::one_line(written, 80)),
                "use an id such as `ou-ab12-cdef3456` or `r-ab12`, or a path from the root such as `Root/Workloads`",
            );
            return None;
        }
        Some(OuPattern::Path(written.to_owned()))
    })
}

fn account_patterns(
    table: &Table<'_>,
    key: &'static str,
    spans: &mut BTreeMap<(&'static str, usize), Range<usize>>,
) -> Vec<Globs> {
    patterns(table, key, spans, |item, written| match Globs::new(&[written]) {
        Ok(globs) => Some(globs),
        Err(error) => {
            item.report_error(error.to_string());
            None
        }
    })
}

impl OrganizationSettings {
    /// The ARN of the role in the accounts, with `*` as the account id.
    pub fn role_pattern(&self) -> String {
        format!("arn:{}:iam::*:{}", self.template.partition, self.template.resource)
    }

    pub(super) fn target(&self, found: DiscoveredAccount) -> Target {
        let hop = Hop {
            role_arn: self.template.arn(&found.account),
            external_id: self.external_id.clone(),
            duration_seconds: self.duration_seconds,
            source_identity: None,
        };
        Target {
            account: found.account,
            name: found.name,
            partition: self.template.partition.clone(),
            role: Role::Assume(hop),
            regions: self.regions.clone(),
            labels: BTreeMap::from([(DiscoveredAccount::LABEL.to_owned(), found.unit)]),
        }
    }
}
