//! Whether a plan may be applied: it must be byte for byte the approved one, not expired, made by
//! this version for these rules and this config, and not larger than the limits allow.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::fixes::{Action, Change, FixClass};
use crate::model::text::one_line;
use crate::model::{AccountId, counted};
use crate::remediation::file::PlanFile;
use crate::remediation::plan::{Item, Plan};

/// Why a plan is not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApproveError {
    /// `--approved` is not a hash.
    #[error(
        "`{0}` is not a valid hash: use `sha256:` and the 64 hexadecimal digits that `rolecall remediate show` prints"
    )]
    InvalidHash(String),
    /// The file is not the approved one.
    #[error(
        "the plan is not the approved one: it has the hash {found}, but {approved} was approved; get the approved file, or review this one with `rolecall remediate show`"
    )]
    OtherHash {
        /// The hash of the file.
        found: String,
        /// The approved hash.
        approved: String,
    },
    /// The file is not a plan.
    #[error("not a valid plan: {0}")]
    Invalid(String),
    /// The plan was written by a different version.
    #[error("the plan was written by rolecall {found}, but this is {}: plan again", env!("CARGO_PKG_VERSION"))]
    OtherTool {
        /// Its version.
        found: String,
    },
    /// The plan is too old.
    #[error("the plan expired at {0}: collect and plan again")]
    Expired(String),
    /// The rules or the config have changed.
    #[error("the plan was made for other {0}: plan again")]
    OtherInput(&'static str),
    /// The plan could be applied for longer than the config allows.
    #[error("the plan expires at {0}, later than `expires_days` in [remediation] allows")]
    ExpiresLate(String),
    /// The journal is not the one that the plan undoes.
    #[error(
        "the journal is not the one that the plan undoes, or has changed since: it has the hash {found}, not {wanted}"
    )]
    OtherJournal {
        /// The hash of the journal.
        found: String,
        /// The hash in the plan.
        wanted: String,
    },
    /// `--only` names something that is not in the plan.
    #[error("the plan has no item `{0}`: `rolecall remediate show` lists the ids")]
    UnknownItem(String),
    /// `--only` names the beginning of several ids.
    #[error("several items of the plan have ids that begin with `{0}`: use more digits")]
    AmbiguousItem(String),
    /// Nothing to do.
    #[error("the plan has no items")]
    NoItems,
    /// Too many items.
    #[error(
        "the plan has {found}, and at most {limit} may be applied at once: apply a part with --only, or raise --max-changes"
    )]
    TooManyChanges {
        /// `30 items`.
        found: String,
        /// The limit.
        limit: usize,
    },
    /// Too many accounts.
    #[error(
        "the items are in {found} accounts, and `max_accounts` in [remediation] is {limit}: apply a part with --only"
    )]
    TooManyAccounts {
        /// The number of accounts.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Unsafe items without the option for them.
    #[error("the plan has {0}: pass --unsafe-fixes to apply them, or apply a part with --only")]
    Unsafe(String),
}

/// What a plan must be like to be applied.
#[derive(Debug)]
pub struct Approval<'a> {
    /// The approved hash: `sha256:…`.
    pub approved: &'a str,
    /// The current time.
    pub now: Timestamp,
    /// Items to apply, by the beginnings of their ids; empty: all.
    pub only: &'a [String],
    /// Whether unsafe items are applied.
    pub unsafe_fixes: bool,
    /// How many items are applied at most.
    pub max_changes: usize,
    /// In how many accounts; `None`: any number.
    pub max_accounts: Option<usize>,
    /// For how many days a plan can be applied.
    pub expires_days: u32,
}

/// An approved plan, or the part of it that is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    /// The hash of the file: `sha256:…`.
    pub hash: String,
    /// The whole plan.
    pub plan: Plan,
    /// The items to apply, each after those that it depends on.
    pub items: Vec<Item>,
}

/// Checks what the format alone does not say: that the items are valid actions, and that each can be
/// ordered after those that it depends on.
fn valid(plan: &Plan) -> Result<(), ApproveError> {
    let invalid = ApproveError::Invalid;
    let mut ids = BTreeSet::new();
    for item in &plan.items {
        let is_plain = |id: &str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !is_plain(&item.id) {
            return Err(invalid(format!("`{}` is not an id", one_line(&item.id, 64))));
        }
        if !ids.insert(&item.id) {
            return Err(invalid(format!("duplicate item `{}`", item.id)));
        }
        if item.class == FixClass::ByHand {
            return Err(invalid(format!("item `{}` is to be done by hand", item.id)));
        }
        change(item)?;
    }
    for item in &plan.items {
        if let Some(unknown) = item.depends_on.iter().find(|id| !ids.contains(id)) {
            return Err(invalid(format!("item `{}` depends on unknown item `{unknown}`", item.id)));
        }
    }
    in_order(&plan.items).map(drop)
}

/// The change of an item.
pub fn change(item: &Item) -> Result<Change, ApproveError> {
    let invalid = |reason: String| ApproveError::Invalid(format!("item `{}`: {reason}", item.id));
    let action = Action::new(&item.action, item.parameters.clone())
        .map_err(|error| invalid(error.to_string()))?;
    if !action.spec().kinds.contains(&item.resource.kind) {
        return Err(invalid(format!(
            "`{}` changes {}, not `{}`",
            item.action,
            action.spec().kinds,
            item.resource.kind
        )));
    }
    Ok(Change {
        id: item.id.clone(),
        account: item.account.clone(),
        partition: item.partition.clone(),
        region: item.region.clone(),
        kind: item.resource.kind.clone(),
        resource: item.resource.id.clone(),
        arn: item.resource.arn.clone(),
        name: item.resource.name.clone(),
        action,
        before: item.before.clone(),
        after: item.after.clone(),
    })
}

/// The items, each after those that it depends on, otherwise in their order.
fn in_order(items: &[Item]) -> Result<Vec<Item>, ApproveError> {
    let mut waiting: Vec<&Item> = items.iter().collect();
    let mut done: Vec<Item> = Vec::with_capacity(items.len());
    while !waiting.is_empty() {
        let is_free = |item: &&Item| {
            item.depends_on.iter().all(|id| !waiting.iter().any(|other| other.id == *id))
        };
        let Some(at) = waiting.iter().position(is_free) else {
            return Err(ApproveError::Invalid("items that depend on each other".to_owned()));
        };
        done.push(waiting.remove(at).clone());
    }
    Ok(done)
}

/// Checks a plan file, and selects the items to apply.
pub fn check(file: PlanFile, approval: &Approval<'_>) -> Result<Approved, ApproveError> {
    let approved = approval.approved.trim();
    let digits = approved.strip_prefix("sha256:").unwrap_or_default();
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApproveError::InvalidHash(one_line(approved, 100)));
    }
    let PlanFile { plan, hash: found } = file;
    if !found.eq_ignore_ascii_case(approved) {
        return Err(ApproveError::OtherHash { found, approved: approved.to_owned() });
    }
    valid(&plan)?;
    if plan.tool != env!("CARGO_PKG_VERSION") {
        return Err(ApproveError::OtherTool { found: one_line(&plan.tool, 40) });
    }
    let expires: Timestamp = plan
        .expires
        .parse()
        .map_err(|_| ApproveError::Invalid("`expires` is not a time".to_owned()))?;
    if approval.now >= expires {
        return Err(ApproveError::Expired(plan.expires));
    }
    // A day more, because clocks differ.
    let longest = SignedDuration::from_hours(24 * (i64::from(approval.expires_days) + 1));
    if approval.now.saturating_add(longest).is_ok_and(|latest| expires > latest) {
        return Err(ApproveError::ExpiresLate(plan.expires));
    }
    let items = in_order(&only(&plan.items, approval.only)?)?;
    if items.is_empty() {
        return Err(ApproveError::NoItems);
    }
    let risky = items.iter().filter(|item| item.class != FixClass::Safe).count();
    // An undo plan is approved in the knowledge that it opens something again.
    if risky > 0 && !approval.unsafe_fixes && plan.undoes.is_none() {
        return Err(ApproveError::Unsafe(counted(risky, "unsafe item")));
    }
    if items.len() > approval.max_changes {
        let found = counted(items.len(), "item");
        return Err(ApproveError::TooManyChanges { found, limit: approval.max_changes });
    }
    let accounts: BTreeSet<&AccountId> = items.iter().map(|item| &item.account).collect();
    if let Some(limit) = approval.max_accounts.filter(|limit| accounts.len() > *limit) {
        return Err(ApproveError::TooManyAccounts { found: accounts.len(), limit });
    }
    Ok(Approved { hash: found, plan, items })
}

impl Approved {
    /// Checks that the plan undoes the journal with this hash.
    pub fn undoes(&self, journal: &str) -> Result<(), ApproveError> {
        let wanted = self.plan.undoes.clone().unwrap_or_default();
        if wanted == journal {
            return Ok(());
        }
        Err(ApproveError::OtherJournal { found: journal.to_owned(), wanted })
    }

    /// Checks that the plan was made for these rules and this config. A plan that undoes a journal
    /// depends on neither.
    pub fn made_for(&self, rules: &str, config: &str) -> Result<(), ApproveError> {
        if self.plan.undoes.is_some() {
            return Ok(());
        }
        if self.plan.rules != rules {
            return Err(ApproveError::OtherInput("rules"));
        }
        if self.plan.config != config {
            return Err(ApproveError::OtherInput("settings"));
        }
        Ok(())
    }
}

/// The items whose ids begin so.
fn only(items: &[Item], wanted: &[String]) -> Result<Vec<Item>, ApproveError> {
    if wanted.is_empty() {
        return Ok(items.to_vec());
    }
    let mut ids = BTreeSet::new();
    for id in wanted {
        let mut found = items.iter().filter(|item| item.id.starts_with(id.as_str()));
        match (found.next(), found.next()) {
            (Some(item), None) => drop(ids.insert(&item.id)),
            (Some(_), Some(_)) => return Err(ApproveError::AmbiguousItem(id.clone())),
            (None, _) => return Err(ApproveError::UnknownItem(id.clone())),
        }
    }
    Ok(items.iter().filter(|item| ids.contains(&item.id)).cloned().collect())
}
