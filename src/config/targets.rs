//! Resolves `[role]` and `[[account]]` to targets, each with its role, external id and regions.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::values::{self, ACCOUNT_PLACEHOLDER, RoleTemplate};
use crate::diagnostics::toml_reader::{Item, Reader, Table};
use crate::model::{AccountId, ExternalId, Hop, Partition, Region, Role, Target, text};

/// The AWS limit on sessions with role chaining, regardless of the role's own maximum.
const CHAINED_SECONDS: u32 = 3600;

/// The AWS limits on all other sessions.
const SESSION_SECONDS: std::ops::RangeInclusive<u32> = 900..=43_200;

/// `[role]`.
pub(super) struct RoleSection {
    pub(super) template: Option<RoleTemplate>,
    /// Whether `name` or `arn` is present, even if invalid: an invalid value is reported once, not
    /// again for every account.
    pub(super) has_template: bool,
    /// For accounts with a `role` of their own, including "none".
    pub(super) partition: Partition,
    pub(super) path: String,
    pub(super) external_id: Option<ExternalId>,
    pub(super) session_name: Option<String>,
    duration: Option<u32>,
    pub(super) via: Option<Hop>,
}

impl Default for RoleSection {
    fn default() -> Self {
        Self {
            template: None,
            has_template: false,
            partition: Partition::default(),
            path: "/".to_owned(),
            external_id: None,
            session_name: None,
            duration: None,
            via: None,
        }
    }
}

impl RoleSection {
    pub(super) fn has_external_id(&self) -> bool {
        self.external_id.is_some()
    }

    /// The session duration in target accounts.
    pub(super) fn session_seconds(&self) -> u32 {
        let longest = if self.via.is_some() { CHAINED_SECONDS } else { *SESSION_SECONDS.end() };
        self.duration.unwrap_or(CHAINED_SECONDS).min(longest)
    }
}

/// Reads `[role]`.
pub(super) fn role_section(item: Item<'_>) -> Option<RoleSection> {
    let table = item.table("[role]")?;
    let mut section = RoleSection::default();
    let (name, arn) = (table.get("name"), table.get("arn"));
    let (path, partition) = (table.get("path"), table.get("partition"));
    section.has_template = name.is_some() || arn.is_some();
    if let Some(path) = path.and_then(values::role_path) {
        section.path = path.to_owned();
    }
    if let Some(partition) = partition.and_then(|item| item.parse::<Partition>()) {
        section.partition = partition;
    }
    if let Some(name) = name.and_then(values::role_name) {
        let resource = format!("role{}{name}", section.path);
        section.template = Some(RoleTemplate { partition: section.partition.clone(), resource });
    }
    if let Some(item) = arn {
        if name.is_some() {
            item.report_error_with_help("[role] sets both `name` and `arn`", "remove one of them");
        }
        for part in [path, partition].into_iter().flatten() {
            part.report_error_with_help(
                format!("`{}` cannot be combined with `arn`", part.key),
                "remove it: the ARN already contains the path and the partition",
            );
        }
        if let Some(arn) = values::role_arn(item, Some(ACCOUNT_PLACEHOLDER)) {
            section.partition = arn.partition.clone();
            let directory = arn
                .resource
                .strip_prefix("role")
                .and_then(|path| path.rfind('/').map(|end| &path[..=end]));
            section.path = directory.unwrap_or("/").to_owned();
            section.template =
                Some(RoleTemplate { partition: arn.partition, resource: arn.resource });
        }
    }
    section.external_id = table.get("external_id").and_then(values::external_id);
    section.session_name = table.get("session_name").and_then(values::session_name);
    if let Some(item) = table.get("via") {
        section.via = hop(item, "via", "rolecall-hub");
        if let (Some(hub), Some(template)) = (&section.via, &section.template)
            && hub.role_arn.partition != template.partition
        {
            item.report_error_with_help(
                format!(
                    "the hub role is in partition `{}`, but the target roles are in `{}`",
                    hub.role_arn.partition, template.partition
                ),
                "roles cannot be assumed across partitions: use a separate config and hub role for each partition",
            );
        }
    }
    if let Some(item) = table.get("duration") {
        section.duration = values::duration(item, SESSION_SECONDS);
        if section.via.is_some()
            && section.duration.is_some_and(|seconds| seconds > CHAINED_SECONDS)
        {
            item.report_error_with_help(
                "`duration` must be at most 1h with a hub role",
                "AWS limits role chaining to one hour; rolecall renews sessions, so remove `duration`",
            );
        }
    }
    table.finish();
    Some(section)
}

/// A role that is not a target: an ARN, or a table with an ARN and an external id. `example` is the
/// name of the role in an example.
pub(super) fn hop(item: Item<'_>, key: &str, example: &str) -> Option<Hop> {
    let (arn, external_id) = if item.value.get_ref().is_str() {
        (values::role_arn(item, None)?, None)
    } else if item.value.get_ref().is_table() {
        let table = item.table(format!("`{key}`"))?;
        let help = format!(
            "set the ARN of the role: {key} = {{ arn = \"arn:aws:iam::111122223333:role/{example}\" }}"
        );
        let arn = table.require("arn", &help);
        let external_id = table.get("external_id");
        table.finish();
        let external_id = external_id.and_then(values::external_id);
        (values::role_arn(arn?, None)?, external_id)
    } else {
        item.wrong_type("a role ARN, or a table with `arn`");
        return None;
    };
    Some(Hop {
        role_arn: arn,
        external_id,
        duration_seconds: CHAINED_SECONDS,
        source_identity: None,
    })
}

/// `role` of an `[[account]]`.
enum AccountRole {
    /// Not set: `[role]` applies.
    Inherited,
    /// "none": the base credentials are used.
    BaseCredentials,
    /// A role that overrides `[role]`.
    Template(RoleTemplate),
    /// An error has been reported.
    Invalid,
}

/// One `[[account]]`.
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) id_span: Range<usize>,
    name: Option<String>,
    role: AccountRole,
    external_id: Option<ExternalId>,
    pub(super) regions: Vec<Region>,
    labels: BTreeMap<String, String>,
}

/// Reads every `[[account]]`.
pub(super) fn accounts(item: Item<'_>, role_section: &RoleSection) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let mut first_lines: HashMap<AccountId, usize> = HashMap::new();
    let mut without_role: Option<AccountId> = None;
    for item in item.list("[[account]] tables") {
        let Some(table) = item.table("[[account]]") else { continue };
        let Some(account) = account(table, role_section) else { continue };
        if let Some(line) = first_lines.get(&account.id) {
            let diagnostic = item
                .reader
                .diagnostic(account.id_span.clone(), format!("duplicate account `{}`", account.id));
            item.reader.report(
                diagnostic.help(format!("the first [[account]] is on line {line}; merge the two")),
            );
            continue;
        }
        first_lines.insert(account.id.clone(), item.reader.line(account.id_span.start));
        if matches!(account.role, AccountRole::BaseCredentials)
            && let Some(first) = without_role.replace(account.id.clone())
        {
            let message =
                format!("only one account can have role = \"none\", and {first} already has it");
            let diagnostic = item.reader.diagnostic(account.id_span.clone(), message);
            item.reader.report(diagnostic.help(
                "\"none\" is for the account that your own credentials belong to; all other accounts need a role",
            ));
        }
        accounts.push(account);
    }
    accounts
}

fn account(table: Table<'_>, role_section: &RoleSection) -> Option<Account> {
    let id_item = table.require("id", "add the 12-digit account id: id = \"111122223333\"");
    let id = id_item.and_then(account_id);
    let name = table.get("name").and_then(|item| single_line(item).map(str::to_owned));
    let role_item = table.get("role");
    let role = role_item
        .map_or(AccountRole::Inherited, |item| account_role(item, id.as_ref(), role_section));
    let external_id_item = table.get("external_id");
    let external_id = external_id_item.and_then(values::external_id);
    if let (AccountRole::BaseCredentials, Some(item)) = (&role, external_id_item) {
        item.report_error_with_help(
            "`external_id` cannot be combined with role = \"none\"",
            "remove `external_id`, or set `role` to a role",
        );
    }
    let regions = table.get("regions").map(values::regions).unwrap_or_default();
    let mut labels = BTreeMap::new();
    if let Some(label_table) = table.get("labels").and_then(|item| item.table("`labels`")) {
        for (key_span, item) in label_table.entries() {
            if item.key.trim().is_empty() {
                item.reader.report(item.reader.diagnostic(key_span, "empty label name"));
            } else if let Some(value) = single_line(item) {
                labels.insert(item.key.to_owned(), value.to_owned());
            }
        }
    }
    table.finish();
    let id_span = id_item?.span();
    Some(Account { id: id?, id_span, name, role, external_id, regions, labels })
}

pub(super) fn account_id(item: Item<'_>) -> Option<AccountId> {
    if let Some(number) = item.value.get_ref().as_integer() {
        let digits = if number.radix() == 10 { number.as_str() } else { "" };
        let help = if digits.len() <= 12
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.is_empty()
        {
            format!("write account ids as strings: \"{digits:0>12}\"")
        } else {
            "write account ids as strings: \"012345678901\"".to_owned()
        };
        item.report_error_with_help(item.wrong_type_message("a string"), help);
        return None;
    }
    item.parse()
}

/// A string that reports show on one line.
fn single_line(item: Item<'_>) -> Option<&str> {
    let value = item.text()?;
    if value.chars().count() > 200 || value.chars().any(text::is_unprintable) {
        item.report_error(format!(
            "`{}` must be a single line of at most 200 characters",
            text::one_line(item.key, 60)
        ));
        return None;
    }
    Some(value)
}

fn account_role(item: Item<'_>, id: Option<&AccountId>, role_section: &RoleSection) -> AccountRole {
    let Some(written) = item.text() else { return AccountRole::Invalid };
    if written == "none" {
        return AccountRole::BaseCredentials;
    }
    let template = if written.starts_with("arn:") {
        // An invalid id has already been reported, so accept any account in the ARN then.
        values::role_arn(item, id.map(AccountId::as_str))
            .map(|arn| RoleTemplate { partition: arn.partition, resource: arn.resource })
    } else {
        values::role_name(item).map(|name| RoleTemplate {
            partition: role_section.partition.clone(),
            resource: format!("role{}{name}", role_section.path),
        })
    };
    let Some(template) = template else { return AccountRole::Invalid };
    if let Some(hub) = &role_section.via
        && hub.role_arn.partition != template.partition
    {
        item.report_error_with_help(
            format!(
                "the role is in partition `{}`, but the hub role is in `{}`",
                template.partition, hub.role_arn.partition
            ),
            "roles cannot be assumed across partitions",
        );
    }
    AccountRole::Template(template)
}

/// Resolves the targets, sorted by account id.
pub(super) fn resolve(
    reader: &Reader<'_>,
    role_section: &RoleSection,
    accounts: Vec<Account>,
    scan_regions: &[Region],
) -> Vec<Target> {
    let mut targets = Vec::new();
    let inheriting =
        accounts.iter().filter(|account| matches!(account.role, AccountRole::Inherited)).count();
    let mut reported = role_section.has_template;
    for account in accounts {
        let template = match &account.role {
            AccountRole::Invalid => continue,
            AccountRole::BaseCredentials => None,
            AccountRole::Template(template) => Some(template),
            AccountRole::Inherited => match &role_section.template {
                Some(template) => Some(template),
                None if reported => continue,
                None => {
                    // Report it once for all accounts: the fix is one line in [role].
                    reported = true;
                    let others = match inheriting {
                        1 => String::new(),
                        2 => " and 1 other".to_owned(),
                        count => format!(" and {} others", count - 1),
                    };
                    let diagnostic = reader.diagnostic(
                        account.id_span.clone(),
                        format!("missing role for account {}{others}", account.id),
                    );
                    reader.report_missing(diagnostic.help(
                        "set `name` in [role] to use one role name in all accounts (for example, name = \"rolecall\"), or set `role` in this [[account]]; use role = \"none\" only for the account that your own credentials belong to",
                    ));
                    continue;
                }
            },
        };
        let inherits = account.regions.is_empty();
        let regions = if inherits { scan_regions.to_vec() } else { account.regions };
        let partition = match template {
            Some(template) => template.partition.clone(),
            // Without a role, the regions show the partition; the default is that of [role].
            None => {
                regions.first().map_or_else(|| role_section.partition.clone(), Partition::of_region)
            }
        };
        if let Some(region) = regions.iter().find(|region| !may_be_in(region, &partition)) {
            let (section, help) = if inherits {
                ("[scan]", "set `regions` in this [[account]]")
            } else {
                ("[[account]]", "fix `regions`, or the partition of the role")
            };
            let message = format!(
                "region `{region}` in {section} is not in `{partition}`, the partition of account {}",
                account.id
            );
            reader.report(reader.diagnostic(account.id_span.clone(), message).help(help));
        }
        let role = template.map_or(Role::Own, |template| {
            Role::Assume(Hop {
                role_arn: template.arn(&account.id),
                external_id: account.external_id.or_else(|| role_section.external_id.clone()),
                duration_seconds: role_section.session_seconds(),
                source_identity: None,
            })
        });
        targets.push(Target {
            account: account.id,
            name: account.name,
            partition,
            role,
            regions,
            labels: account.labels,
        });
    }
    targets.sort_by(|a, b| a.account.cmp(&b.account));
    targets
}

/// Whether a region can be in a partition. Any region can be in a partition that is not known here.
pub(super) fn may_be_in(region: &Region, partition: &Partition) -> bool {
    const KNOWN: [&str; 8] = [
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-eusc",
    ];
    !KNOWN.contains(&partition.as_str()) || Partition::of_region(region) == *partition
}
