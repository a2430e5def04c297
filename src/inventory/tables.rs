//! The tables that are not those of a kind: accounts, and what could not be read.

use super::account::{AccountInventory, InventoryGap};
use super::cell::Cell;
use super::column::{Column, ColumnType, Table};

/// The table of accounts.
pub fn accounts_table() -> Table {
    let columns = [
        ("account", ColumnType::Text, "The account id."),
        ("account_name", ColumnType::Text, "The name of the account."),
        ("status", ColumnType::Text, "`collected`, `not_accessible` or `not_collected`."),
        ("collected_at", ColumnType::Time, "When collection of the account started."),
        ("regions", ColumnType::Json, "The scanned regions."),
        ("resources", ColumnType::Integer, "The number of resources in the tables."),
        ("gaps", ColumnType::Integer, "The number of rows in `gaps`."),
        ("complete", ColumnType::Boolean, "Whether every gap, if there are any, is accepted."),
    ];
    table("accounts", &columns)
}

/// The row of an account.
pub fn account_row(inventory: &AccountInventory) -> Vec<Cell> {
    let regions: Vec<&str> = inventory.regions.iter().map(|region| region.as_str()).collect();
    vec![
        Cell::text(Some(inventory.account.id.as_str())),
        Cell::text(inventory.account.name.as_deref()),
        Cell::text(Some(inventory.status.as_str())),
        Cell::time(inventory.account.collected_at.as_deref()),
        Cell::Json(regions.into()),
        Cell::count(inventory.resources()),
        Cell::count(inventory.gaps.len()),
        Cell::Boolean(!inventory.is_incomplete()),
    ]
}

/// The table of what could not be read.
pub fn gaps_table() -> Table {
    let columns = [
        ("account", ColumnType::Text, "The account id."),
        ("account_name", ColumnType::Text, "The name of the account."),
        ("region", ColumnType::Text, "The region of the call, or `global`."),
        ("kind", ColumnType::Text, "The kind; empty if all kinds are affected."),
        (
            "fact",
            ColumnType::Text,
            "The column that could not be read; empty if the whole list could not be read.",
        ),
        ("resources", ColumnType::Integer, "The number of resources that lack the column."),
        ("call", ColumnType::Text, "The API call."),
        ("code", ColumnType::Text, "The error code."),
        ("denied_by", ColumnType::Text, "The type of policy that denied the call, if known."),
        ("message", ColumnType::Text, "The error message."),
        ("accepted", ColumnType::Text, "The reason for accepting the gap, if it is accepted."),
    ];
    table("gaps", &columns)
}

/// The row of a gap.
pub fn gap_row(inventory: &AccountInventory, gap: &InventoryGap) -> Vec<Cell> {
    let denied_by = gap.cause.denied_by.and_then(|by| serde_json::to_value(by).ok());
    vec![
        Cell::text(Some(inventory.account.id.as_str())),
        Cell::text(inventory.account.name.as_deref()),
        Cell::text(Some(gap.region.as_str())),
        Cell::text(gap.kind.as_deref()),
        Cell::text(gap.fact.as_deref()),
        gap.resources.map_or(Cell::Null, Cell::count),
        Cell::text(Some(&gap.cause.call)),
        Cell::text(Some(&gap.cause.code)),
        Cell::text(denied_by.as_ref().and_then(|by| by.as_str())),
        Cell::text(Some(&gap.cause.message)),
        Cell::text(gap.accepted.as_deref()),
    ]
}

fn table(name: &str, columns: &[(&str, ColumnType, &str)]) -> Table {
    let columns =
        columns.iter().map(|(name, column_type, doc)| Column::new(name, *column_type, doc));
    Table { name: name.to_owned(), columns: columns.collect() }
}
