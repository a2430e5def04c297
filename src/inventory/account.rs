//! What is known about the inventory of an account: counts, and what is missing.

use std::collections::BTreeMap;

use crate::model::{AccountId, Cause, Region};

/// An account of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// When it was collected.
    pub collected_at: Option<String>,
}

/// Whether an account was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// rolecall had access to it. Single lists and facts can be missing.
    Collected,
    /// rolecall had no access to it.
    NotAccessible,
    /// The snapshot has no usable file for it.
    NotCollected,
}

impl Status {
    /// Its name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::NotAccessible => "not_accessible",
            Self::NotCollected => "not_collected",
        }
    }
}

/// Something that could not be read, and that the inventory should contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryGap {
    /// The region of the call.
    pub region: Region,
    /// The kind; `None` if it concerns all kinds.
    pub kind: Option<String>,
    /// The fact or field; `None` if no resource of the kind is known because of it.
    pub fact: Option<String>,
    /// The number of resources that lack the fact.
    pub resources: Option<usize>,
    /// The cause.
    pub cause: Cause,
    /// The reason for accepting it, if it is accepted.
    pub accepted: Option<String>,
}

/// The resources of a kind in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many are known.
    pub resources: usize,
    /// Whether these are all of them.
    pub is_complete: bool,
}

/// The inventory of an account, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountInventory {
    /// The account.
    pub account: InventoryAccount,
    /// Whether it was read.
    pub status: Status,
    /// The scanned regions, sorted.
    pub regions: Vec<Region>,
    /// The resources by region and kind. There is no count for a list that was empty, or if no
    /// resource of it matches the conditions.
    pub counts: BTreeMap<(Region, &'static str), Count>,
    /// What could not be read, sorted.
    pub gaps: Vec<InventoryGap>,
    /// The number of resources that are included although a condition could not be checked, by
    /// field.
    pub unchecked: BTreeMap<String, usize>,
}

impl AccountInventory {
    /// The number of resources.
    pub fn resources(&self) -> usize {
        self.counts.values().map(|count| count.resources).sum()
    }

    /// Whether something is missing that is not accepted.
    pub fn is_incomplete(&self) -> bool {
        self.gaps.iter().any(|gap| gap.accepted.is_none())
    }
}
