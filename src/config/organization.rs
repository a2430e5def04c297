//! `[organization]`: how the organization is read, which of its accounts are meant, and, once it
//! was read, which targets that makes.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use toml::de::DeValue;

use super::Config;
use super::reader::{Item, Table};
use super::targets::{Account, RoleSection, may_be_in};
use super::values::{self, RoleTemplate};
use crate::diagnostics::Diagnostic;
use crate::model::{
    AccountId, Discovered, ExternalId, Globs, Hop, Organization, OrganizationAccess,
    OrganizationFilter, OrganizationRole, Region, Role, SkippedAccount, Target, UnitId,
    UnitPattern, text,
};

/// What `[organization]` says.
#[derive(Debug, Clone)]
pub struct OrganizationSettings {
    /// How the organization is read.
    pub access: OrganizationAccess,
    /// Which of its accounts are scanned.
    pub filter: OrganizationFilter,
    /// The regions scanned in its accounts; empty: all that are enabled in the account.
    pub regions: Vec<Region>,
    /// The role in its accounts, with the external id and the length of its sessions.
    template: RoleTemplate,
    external_id: Option<ExternalId>,
    duration_seconds: u32,
    /// `[[account]]` tables that name regions.
    with_regions: BTreeSet<AccountId>,
    /// Where the patterns of the filter stand, by list and place.
    spans: BTreeMap<(&'static str, usize), Range<usize>>,
}

/// Reads `[organization]`.
pub(super) fn section(
    item: Item<'_>,
    site: &RoleSection,
    scan_regions: &[Region],
    accounts: &[Account],
) -> Option<OrganizationSettings> {
    let table = item.table("[organization]")?;
    let help = "name the role that may read the organization, or write role = \"none\" if the base credentials may";
    let access = table.require("role", help).and_then(|item| access(item, site));
    let mut spans = BTreeMap::new();
    let filter = OrganizationFilter {
        include_units: units(&table, "include_units", &mut spans),
        exclude_units: units(&table, "exclude_units", &mut spans),
        include_accounts: account_patterns(&table, "include_accounts", &mut spans),
        exclude_accounts: account_patterns(&table, "exclude_accounts", &mut spans),
    };
    let own_regions = table.get("regions");
    let regions = own_regions.map_or_else(|| scan_regions.to_vec(), values::regions);
    if let Some(template) = &site.template
        && let Some(region) = regions.iter().find(|region| !may_be_in(region, &template.partition))
    {
        let message = format!(
            "the accounts are in partition {}, but region {region} is not",
            template.partition
        );
        match own_regions {
            Some(item) => {
                item.fault_help(message, "correct the regions, or the partition in [role]")
            }
            None => table.fault(
                format!("{message}: [scan] names it"),
                "give [organization] regions of its own",
            ),
        }
    }
    // A faulty template is reported where it stands.
    if site.template.is_none() && !site.has_template {
        table.fault(
            "the accounts of the organization have no role",
            "name the role that is entered in all of them in [role]: name = \"rolecall\"",
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
        template: site.template.clone()?,
        external_id: site.external_id.clone(),
        duration_seconds: site.session_seconds(),
        with_regions,
        spans,
    })
}

fn access(item: Item<'_>, site: &RoleSection) -> Option<OrganizationAccess> {
    let (named, external_id) = if item.value.get_ref().is_table() {
        let table = item.table("`role` of [organization]")?;
        let arn =
            table.require("arn", "name the role: role = { arn = \"arn:aws:iam::111122223333:role/rolecall-organization\" }");
        let external_id = table.get("external_id");
        table.finish();
        let external_id = external_id.and_then(values::external_id);
        (arn?, external_id)
    } else if item.value.get_ref().is_str() {
        (item, None)
    } else {
        item.wrong_type("the name or ARN of a role, a table with `arn`, or \"none\"");
        return None;
    };
    let written = named.text()?;
    if written == "none" && external_id.is_none() {
        return Some(OrganizationAccess { partition: site.partition.clone(), role: None });
    }
    if !written.starts_with("arn:") {
        let resource = format!("role{}{}", site.path, values::role_name(named)?);
        let role = OrganizationRole { account: None, resource, external_id };
        return Some(OrganizationAccess { partition: site.partition.clone(), role: Some(role) });
    }
    let arn = values::role_arn(named, None)?;
    if let Some(template) = &site.template
        && template.partition != arn.partition
    {
        named.fault_help(
            format!(
                "the role is in partition {}, the target roles are in {}",
                arn.partition, template.partition
            ),
            "an organization lies in one partition; use a config for each",
        );
    }
    let role = OrganizationRole {
        account: Some(arn.account.parse().ok()?),
        resource: arn.resource,
        external_id,
    };
    Some(OrganizationAccess { partition: arn.partition, role: Some(role) })
}

/// The items of a list of patterns, each once, with their places kept.
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
            item.fault_help(
                item.wrong_type_message("text"),
                "write account ids as text: \"012345678901\"",
            );
            continue;
        }
        let Some(written) = item.text() else { continue };
        if !seen.insert(written) {
            item.fault(format!("`{}` stands here twice", text::one_line(written, 80)));
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
) -> Vec<UnitPattern> {
    patterns(table, key, spans, |item, written| {
        if let Ok(id) = written.parse::<UnitId>() {
            return Some(UnitPattern::Id(id));
        }
        // What begins like an id and has no path in it was meant as one.
        let like_an_id =
            (written.starts_with("ou-") || written.starts_with("r-")) && !written.contains('/');
        if like_an_id
            || written.contains('*')
            || written.split('/').any(|name| name.trim().is_empty())
        {
            item.fault_help(
                format!("`{}` is no unit", text::one_line(written, 80)),
                "write an id such as \"ou-ab12-cdef3456\" or \"r-ab12\", or names from the root down such as \"Root/Workloads\"",
            );
            return None;
        }
        Some(UnitPattern::Path(written.to_owned()))
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
            item.fault(error.to_string());
            None
        }
    })
}

impl OrganizationSettings {
    /// The ARN of the role in its accounts, with `*` for the account.
    pub fn role_pattern(&self) -> String {
        format!("arn:{}:iam::*:{}", self.template.partition, self.template.resource)
    }

    fn target(&self, found: Discovered) -> Target {
        let hop = Hop {
            role_arn: self.template.arn(&found.account),
            external_id: self.external_id.clone(),
            duration_seconds: self.duration_seconds,
        };
        Target {
            account: found.account,
            name: found.name,
            partition: self.template.partition.clone(),
            role: Role::Assume(hop),
            regions: self.regions.clone(),
            labels: BTreeMap::from([(Discovered::LABEL.to_owned(), found.unit)]),
        }
    }
}

impl Config {
    /// The accounts to scan, those of the organization and those that have an `[[account]]`, sorted
    /// by id; and the accounts of the organization that are left out. What an `[[account]]` says
    /// goes over what the organization says, and an account that has one is never left out. The
    /// faults are patterns of `[organization]` that mean nothing in this one.
    pub fn accounts_of(
        &self,
        organization: &Organization,
    ) -> Result<(Vec<Target>, Vec<SkippedAccount>), Vec<Diagnostic>> {
        let Some(settings) = &self.organization else { return Ok((self.targets(), Vec::new())) };
        let (mut discovered, mut skipped) =
            organization.select(&settings.filter).map_err(|unmatched| {
                let mut faults: Vec<Diagnostic> = unmatched
                    .into_iter()
                    .map(|fault| {
                        let span =
                            settings.spans.get(&(fault.list, fault.index)).cloned().unwrap_or(0..0);
                        let fault_at = Diagnostic::new(
                            &self.origin.file,
                            &self.origin.source,
                            span,
                            fault.message,
                        );
                        Diagnostic { help: fault.help, ..fault_at }
                    })
                    .collect();
                faults.sort_by_key(|fault| fault.span.start);
                faults
            })?;
        let mut targets = BTreeMap::new();
        for mut own in self.targets() {
            if let Some(member) = organization.member(&own.account) {
                own.name = own.name.or_else(|| member.name.clone());
                if !settings.with_regions.contains(&own.account) {
                    own.regions.clone_from(&settings.regions);
                }
                if let Some(path) = organization.path(&member.unit) {
                    own.labels
                        .entry(Discovered::LABEL.to_owned())
                        .or_insert_with(|| path.to_owned());
                }
            }
            targets.insert(own.account.clone(), own);
        }
        discovered.retain(|found| !targets.contains_key(&found.account));
        skipped.retain(|skipped| !targets.contains_key(&skipped.account));
        targets.extend(
            discovered.into_iter().map(|found| (found.account.clone(), settings.target(found))),
        );
        Ok((targets.into_values().collect(), skipped))
    }
}
