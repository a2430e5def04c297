//! The row of a resource.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cell::{Cell, without_nulls};
use super::column::Source;
use super::query::KindTable;
use super::subject::{State, Subject};
use crate::model::text::one_line;
use crate::model::{Cause, unreadable};

/// The row of the resource, and why columns of it could not be read.
pub(super) fn row(
    subject: &Subject<'_>,
    table: &KindTable,
) -> (Vec<Cell>, BTreeMap<String, Cause>) {
    let mut unreadable: BTreeMap<String, Cause> = subject
        .unreadable()
        .filter(|(name, _)| table.used.contains(unreadable::outermost(name)))
        .map(|(name, cause)| (name.to_owned(), cause))
        .collect();
    for fact in subject.not_collected().filter(|fact| table.required.contains(fact.name)) {
        unreadable.insert(fact.name.to_owned(), Cause::not_collected(fact.call.name));
    }
    let columns = table.table.columns.iter().zip(&table.sources);
    let mut cells: Vec<Cell> = columns
        .map(|(column, source)| match source {
            Source::Account => Cell::text(Some(subject.account.id.as_str())),
            Source::AccountName => Cell::text(subject.account.name.as_deref()),
            Source::Region => Cell::text(Some(subject.resource.region.as_str())),
            Source::Id => Cell::text(Some(&subject.resource.id)),
            Source::Arn => Cell::text(subject.resource.arn.as_deref()),
            Source::Name => Cell::text(subject.resource.name.as_deref()),
            Source::CollectedAt => Cell::time(subject.account.collected_at.as_deref()),
            Source::Field(path) => {
                let State::Known(value) = subject.state(&path.outermost) else {
                    return Cell::Null;
                };
                let values = path.values(value);
                let cell = match (path.is_list, values.as_slice()) {
                    (false, [one]) => Cell::of(one, column.column_type),
                    (_, []) => Some(Cell::Null),
                    (_, several) => {
                        Some(Cell::Json(several.iter().map(|one| without_nulls(one)).collect()))
                    }
                };
                cell.unwrap_or_else(|| {
                    let call = match subject.kind.fact(&path.outermost) {
                        Some(fact) => fact.call.name,
                        None => subject.kind.list_call(),
                    };
                    let cause = unusable(call, &column.name, &values);
                    unreadable.entry(path.outermost.clone()).or_insert(cause);
                    Cell::Null
                })
            }
            Source::Unreadable | Source::NotCollected => Cell::Null,
        })
        .collect();
    for (cell, source) in cells.iter_mut().zip(&table.sources) {
        match source {
            Source::Unreadable if !unreadable.is_empty() => {
                *cell = Cell::Json(serde_json::to_value(&unreadable).unwrap_or_default());
            }
            Source::NotCollected => {
                let names = subject.not_collected().map(|fact| fact.name);
                let names: Vec<&str> =
                    names.filter(|name| !unreadable.contains_key(*name)).collect();
                if !names.is_empty() {
                    *cell = Cell::Json(names.into());
                }
            }
            _ => {}
        }
    }
    (cells, unreadable)
}

/// Why a value is not in its column: the snapshot has one of another type there.
fn unusable(call: &str, column: &str, values: &[&Value]) -> Cause {
    let shown = values.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("`{column}` is not valid: {}", one_line(&shown, 60));
    Cause::new(call, Cause::INVALID_RESPONSE, &message)
}
