//! Goes through a snapshot account by account, and through an account resource by resource, so that
//! memory depends neither on the number of accounts nor on that of resources.

use std::collections::BTreeMap;

use super::account::{AccountInventory, Count, InventoryAccount, InventoryGap, Status};
use super::cell::Cell;
use super::column::Table;
use super::error::InvalidQuery;
use super::filter::Answer;
use super::gaps::{FactGaps, list_region, lists, whole_account};
use super::query::Query;
use super::row::row;
use super::subject::Subject;
use crate::facts;
use crate::model::{AccountId, Cause, Extent, Globs, Region, Resource};
use crate::snapshot::{AccountStream, Reader, SnapshotError, Streamed};

/// What receives the inventory.
pub trait Rows {
    /// Why writing failed.
    type Error: From<SnapshotError> + From<InvalidQuery>;

    /// A row of the table of a kind.
    fn row(&mut self, table: &Table, cells: &[Cell]) -> Result<(), Self::Error>;

    /// The end of an account, after all of its rows.
    fn account(&mut self, account: &AccountInventory) -> Result<(), Self::Error>;
}

/// Passes the inventory of these accounts (id and name) to `rows`.
pub fn run<R: Rows>(
    query: &mut Query,
    reader: &Reader,
    accounts: &[(AccountId, Option<String>)],
    rows: &mut R,
) -> Result<(), R::Error> {
    for (id, name) in accounts {
        let account = InventoryAccount { id: id.clone(), name: name.clone(), collected_at: None };
        let inventory = match reader.stream(id)? {
            Streamed::Missing(cause) => missing(query, account, Status::NotCollected, cause),
            Streamed::Whole(stream) => whole(query, account, *stream, rows)?,
        };
        rows.account(&inventory)?;
    }
    Ok(())
}

fn missing(
    query: &Query,
    account: InventoryAccount,
    status: Status,
    cause: Cause,
) -> AccountInventory {
    AccountInventory {
        gaps: whole_account(query, &account, cause),
        account,
        status,
        regions: Vec::new(),
        counts: BTreeMap::new(),
        unchecked: BTreeMap::new(),
    }
}

fn whole<R: Rows>(
    query: &mut Query,
    mut account: InventoryAccount,
    mut stream: AccountStream,
    rows: &mut R,
) -> Result<AccountInventory, R::Error> {
    let header = &stream.snapshot.header;
    account.collected_at = Some(header.collected_at.clone());
    if !header.entered {
        let known = stream.snapshot.gaps.iter().find(|gap| gap.extent == Extent::Account);
        let cause = known.map(|gap| gap.cause.clone());
        let cause = cause.unwrap_or_else(|| Cause::not_collected("sts:AssumeRole"));
        return Ok(missing(query, account, Status::NotAccessible, cause));
    }
    for (kind, _) in stream.snapshot.lists.keys() {
        if let Some(kind) = facts::collected_kind(kind) {
            // A kind that nothing requested can lack the columns that were named.
            query.add(kind)?;
        }
    }
    let query = &*query;
    let (mut gaps, incomplete) = lists(query, &account, &stream.snapshot);
    let mut counts: BTreeMap<(Region, &'static str), Count> = BTreeMap::new();
    let mut unchecked: BTreeMap<String, usize> = BTreeMap::new();
    let mut fact_gaps = FactGaps::default();
    let global = Region::global();
    let known_lists = std::mem::take(&mut stream.snapshot.lists);
    let wanted = |kind: &facts::Kind| query.tables.contains_key(kind.name);
    let each = |resource: Resource| -> Result<(), R::Error> {
        let Some(table) = query.tables.get(resource.kind.as_str()) else { return Ok(()) };
        let is_reported = |globs: &Globs| globs.matches(resource.region.as_str());
        // What belongs to the account as a whole is in every region.
        if !resource.region.is_global() && !query.regions.as_ref().is_none_or(is_reported) {
            return Ok(());
        }
        let listed_in = list_region(table.kind, &resource.region, &global).clone();
        let listed = known_lists.get(&(table.kind.name.to_owned(), listed_in));
        let subject = Subject { kind: table.kind, account: &account, listed, resource: &resource };
        let mut unknown = Vec::new();
        for test in &table.tests {
            match test.answer(&subject) {
                Answer::Yes => {}
                Answer::No => return Ok(()),
                Answer::Unknown => unknown.push(test.field()),
            }
        }
        // It may be one of those that were asked for, so it must not disappear.
        for field in unknown {
            *unchecked.entry(field.to_owned()).or_default() += 1;
        }
        let (cells, unreadable) = row(&subject, table);
        let place = (table.kind.name, &resource.region, resource.id.as_str());
        for (fact, cause) in &unreadable {
            fact_gaps.add(&account, &query.accepted_gaps, place, fact, cause);
        }
        let key = (resource.region.clone(), table.kind.name);
        counts.entry(key).or_insert(Count { resources: 0, is_complete: true }).resources += 1;
        rows.row(&table.table, &cells)
    };
    stream.for_each(&wanted, each)?;
    for key in incomplete {
        counts.entry(key).or_insert(Count { resources: 0, is_complete: true }).is_complete = false;
    }
    gaps.extend(fact_gaps.into_gaps());
    let key = |gap: &InventoryGap| {
        (gap.region.clone(), gap.kind.clone(), gap.fact.clone(), gap.cause.clone())
    };
    gaps.sort_by_cached_key(key);
    let regions = stream.snapshot.header.regions.iter();
    let is_reported = |region: &&Region| {
        query.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    };
    Ok(AccountInventory {
        status: Status::Collected,
        regions: regions.filter(is_reported).cloned().collect(),
        account,
        counts,
        gaps,
        unchecked,
    })
}
