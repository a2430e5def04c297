//! The inventory: the resources of a snapshot as tables, one per kind. The columns are those of the
//! table of kinds, so they do not depend on which resources there are.
//!
//! This module decides what the rows, counts and gaps are. `output/inventory/` writes them.

mod account;
mod cell;
mod column;
mod error;
mod filter;
mod gaps;
mod path;
mod query;
mod row;
mod run;
mod subject;
mod tables;

pub use account::{AccountInventory, InventoryGap};
pub use cell::Cell;
pub use column::{Column, ColumnType, Table};
pub use error::InvalidQuery;
pub use query::{KindChoice, Query};
pub use run::{Rows, run};
pub use tables::{account_row, accounts_table, gap_row, gaps_table};

#[cfg(test)]
pub(crate) use column::kind_table;

#[cfg(test)]
mod tests;
