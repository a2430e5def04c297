//! From `[role]` and `[[account]]` to targets: which role, external id and regions hold for each
//! account.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::reader::{Item, Reader, Table};
use super::values::{self, ACCOUNT_PLACEHOLDER, RoleTemplate};
use crate::model::{AccountId, ExternalId, Hop, Partition, Region, Role, Target, text};

/// The longest session of a role that is assumed from another role's session, whatever the role
/// itself allows.
const CHAINED_SECONDS: u32 = 3600;

/// What AWS allows for any other session.
const SESSION_SECONDS: std::ops::RangeInclusive<u32> = 900..=43_200;

/// What `[role]` says.
pub(super) struct RoleSection {
    pub(super) template: Option<RoleTemplate>,
    /// Whether `name` or `arn` is there, right or wrong: a wrong one is reported where it stands,
    /// not again for every account.
    pub(super) has_template: bool,
    /// For accounts that name a role of their own, and for those that need none.
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

    /// How long a session in a target account lasts.
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
            item.fault_help("[role] has both `name` and `arn`", "keep one of them");
        }
        for part in [path, partition].into_iter().flatten() {
            part.fault_help(
                format!("`{}` goes with `name` only", part.key),
                "the ARN says it already",
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
        section.via = via(item);
        if let (Some(hub), Some(template)) = (&section.via, &section.template)
            && hub.role_arn.partition != template.partition
        {
            item.fault_help(
                format!(
                    "the hub role is in partition {}, the target roles are in {}",
                    hub.role_arn.partition, template.partition
                ),
                "no role can be assumed across partitions; use a hub in each",
            );
        }
    }
    if let Some(item) = table.get("duration") {
        section.duration = values::duration(item, SESSION_SECONDS);
        if section.via.is_some()
            && section.duration.is_some_and(|seconds| seconds > CHAINED_SECONDS)
        {
            item.fault_help(
                "through a hub role a session lasts at most 1h",
                "AWS limits role chaining to one hour; sessions are renewed, so leave `duration` out",
            );
        }
    }
    table.finish();
    Some(section)
}

fn via(item: Item<'_>) -> Option<Hop> {
    let (arn, external_id) = if item.value.get_ref().is_str() {
        (values::role_arn(item, None)?, None)
    } else if item.value.get_ref().is_table() {
        let table = item.table("`via`")?;
        let arn = table.require(
            "arn",
            "name the hub role: via = { arn = \"arn:aws:iam::111122223333:role/hub\" }",
        );
        let external_id = table.get("external_id");
        table.finish();
        let external_id = external_id.and_then(values::external_id);
        (values::role_arn(arn?, None)?, external_id)
    } else {
        item.wrong_type("the ARN of the hub role, or a table with `arn`");
        return None;
    };
    Some(Hop { role_arn: arn, external_id, duration_seconds: CHAINED_SECONDS })
}

/// How `[[account]]` says that the account is entered.
enum AccountRole {
    /// As `[role]` says.
    Site,
    /// By the base credentials.
    Own,
    /// By a role of its own.
    Template(RoleTemplate),
    /// It says something that was reported.
    Faulty,
}

/// What one `[[account]]` says.
pub(super) struct Account {
    pub(super) id: AccountId,
    id_span: Range<usize>,
    name: Option<String>,
    role: AccountRole,
    external_id: Option<ExternalId>,
    pub(super) regions: Vec<Region>,
    labels: BTreeMap<String, String>,
}

/// Reads every `[[account]]`.
pub(super) fn accounts(item: Item<'_>, site: &RoleSection) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let mut first_lines: HashMap<AccountId, usize> = HashMap::new();
    let mut own: Option<AccountId> = None;
    for item in item.list("tables, each begun by [[account]]") {
        let Some(table) = item.table("[[account]]") else { continue };
        let Some(account) = account(table, site) else { continue };
        if let Some(line) = first_lines.get(&account.id) {
            let fault = item.reader.diagnostic(
                account.id_span.clone(),
                format!("account {} stands here twice", account.id),
            );
            item.reader.report(
                fault
                    .label("again here")
                    .help(format!("its first [[account]] is on line {line}; merge the two")),
            );
            continue;
        }
        first_lines.insert(account.id.clone(), item.reader.line(account.id_span.start));
        if matches!(account.role, AccountRole::Own)
            && let Some(first) = own.replace(account.id.clone())
        {
            let message =
                format!("role = \"none\" is for one account only, and {first} has it already");
            let fault = item.reader.diagnostic(account.id_span.clone(), message);
            item.reader.report(fault.help(
                "it means the account of the base credentials themselves; every other needs a role",
            ));
        }
        accounts.push(account);
    }
    accounts
}

fn account(table: Table<'_>, site: &RoleSection) -> Option<Account> {
    let id_item = table.require("id", "add the 12 digits: id = \"111122223333\"");
    let id = id_item.and_then(account_id);
    let name = table.get("name").and_then(|item| short_text(item).map(str::to_owned));
    let role_item = table.get("role");
    let role = role_item.map_or(AccountRole::Site, |item| account_role(item, id.as_ref(), site));
    let external_id_item = table.get("external_id");
    let external_id = external_id_item.and_then(values::external_id);
    if let (AccountRole::Own, Some(item)) = (&role, external_id_item) {
        item.fault_help(
            "an account without a role has no external id",
            "remove `external_id`, or name the role",
        );
    }
    let regions = table.get("regions").map(values::regions).unwrap_or_default();
    let mut labels = BTreeMap::new();
    if let Some(label_table) = table.get("labels").and_then(|item| item.table("`labels`")) {
        for (key_span, item) in label_table.entries() {
            if item.key.trim().is_empty() {
                item.reader.report(item.reader.diagnostic(key_span, "a label has an empty name"));
            } else if let Some(value) = short_text(item) {
                labels.insert(item.key.to_owned(), value.to_owned());
            }
        }
    }
    table.finish();
    let id_span = id_item?.span();
    Some(Account { id: id?, id_span, name, role, external_id, regions, labels })
}

fn account_id(item: Item<'_>) -> Option<AccountId> {
    if let Some(number) = item.value.get_ref().as_integer() {
        let digits = if number.radix() == 10 { number.as_str() } else { "" };
        let written = if digits.len() <= 12
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.is_empty()
        {
            format!("write account ids as text: \"{digits:0>12}\"")
        } else {
            "write account ids as text: \"012345678901\"".to_owned()
        };
        item.fault_help(item.wrong_type_message("text"), written);
        return None;
    }
    item.parse()
}

/// Text that is shown in every report: one line of it.
fn short_text(item: Item<'_>) -> Option<&str> {
    let value = item.text()?;
    if value.chars().count() > 200 || value.chars().any(text::is_unprintable) {
        item.fault(format!(
            "`{}` must be one line of at most 200 characters",
            text::one_line(item.key, 60)
        ));
        return None;
    }
    Some(value)
}

fn account_role(item: Item<'_>, id: Option<&AccountId>, site: &RoleSection) -> AccountRole {
    let Some(written) = item.text() else { return AccountRole::Faulty };
    if written == "none" {
        return AccountRole::Own;
    }
    let template = if written.starts_with("arn:") {
        // Without a good id of its own any account in the ARN will do; the id is reported already.
        values::role_arn(item, id.map(AccountId::as_str))
            .map(|arn| RoleTemplate { partition: arn.partition, resource: arn.resource })
    } else {
        values::role_name(item).map(|name| RoleTemplate {
            partition: site.partition.clone(),
            resource: format!("role{}{name}", site.path),
        })
    };
    let Some(template) = template else { return AccountRole::Faulty };
    if let Some(hub) = &site.via
        && hub.role_arn.partition != template.partition
    {
        item.fault_help(
            format!(
                "the role is in partition {}, the hub role is in {}",
                template.partition, hub.role_arn.partition
            ),
            "no role can be assumed across partitions",
        );
    }
    AccountRole::Template(template)
}

/// Puts the two together. Sorted by account.
pub(super) fn resolve(
    reader: &Reader<'_>,
    site: &RoleSection,
    accounts: Vec<Account>,
    scan_regions: &[Region],
) -> Vec<Target> {
    let mut targets = Vec::new();
    let without_role =
        accounts.iter().filter(|account| matches!(account.role, AccountRole::Site)).count();
    let mut told = site.has_template;
    for account in accounts {
        let template = match &account.role {
            AccountRole::Faulty => continue,
            AccountRole::Own => None,
            AccountRole::Template(template) => Some(template),
            AccountRole::Site => match &site.template {
                Some(template) => Some(template),
                None if told => continue,
                None => {
                    // Once for all of them: the cure is one line in [role].
                    told = true;
                    let others = match without_role {
                        1 => String::new(),
                        count => format!(", nor have {} others", count - 1),
                    };
                    let fault = reader.diagnostic(
                        account.id_span.clone(),
                        format!("account {} has no role{others}", account.id),
                    );
                    reader.report_missing(fault.help(
                        "name the role of all accounts in [role] (name = \"rolecall\"), or one here as `role`; role = \"none\" is for your own account",
                    ));
                    continue;
                }
            },
        };
        let inherits = account.regions.is_empty();
        let regions = if inherits { scan_regions.to_vec() } else { account.regions };
        let partition = match template {
            Some(template) => template.partition.clone(),
            // Without a role the regions are the only hint beyond [role].
            None => regions.first().map_or_else(|| site.partition.clone(), Partition::of_region),
        };
        if let Some(region) = regions.iter().find(|region| !may_be_in(region, &partition)) {
            let (whose, help) = if inherits {
                ("[scan]", "give the account regions of its own")
            } else {
                ("its own list", "correct the regions, or the partition of the role")
            };
            let message = format!(
                "account {} is in partition {partition}, but region {region} of {whose} is not",
                account.id
            );
            reader.report(reader.diagnostic(account.id_span.clone(), message).help(help));
        }
        let role = template.map_or(Role::Own, |template| {
            Role::Assume(Hop {
                role_arn: template.arn(&account.id),
                external_id: account.external_id.or_else(|| site.external_id.clone()),
                duration_seconds: site.session_seconds(),
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

/// Whether a region can be in a partition. Unknown prefixes may belong to partitions that AWS has
/// yet to open.
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
