//! What was asked for: kinds, columns, and rows.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{Column, Source, Table, UNREADABLE, columns_of, table_name};
use super::error::InvalidQuery;
use super::filter::{Condition, Test};
use super::path::resolve;
use crate::facts::{self, Kind};
use crate::model::text::one_line;
use crate::model::{AcceptedGap, Demand, Globs};

/// Which kinds.
#[derive(Debug, Clone)]
pub struct KindChoice {
    /// Kinds that were named: what was not collected of them is missing.
    named: BTreeSet<&'static str>,
    /// Patterns for kinds that were collected; without patterns and names, all of them.
    patterns: Option<Globs>,
}

impl KindChoice {
    /// Checks `--kind`: names, and patterns for kinds that were collected.
    pub fn new(written: &[String], collected: &Demand) -> Result<Self, InvalidQuery> {
        let mut named = BTreeSet::new();
        let mut patterns = Vec::new();
        for kind in written {
            let invalid = |hint: String| InvalidQuery::Kind { kind: one_line(kind, 60), hint };
            if let Some(known) = facts::collected_kind(kind) {
                named.insert(known.name);
            } else if kind.contains(['*', '?', '[', '{']) {
                let glob = Globs::new(&[kind]).map_err(|error| invalid(error.to_string()))?;
                if !collected.kinds().any(|kind| glob.matches(kind)) {
                    return Err(invalid("no kind in the snapshot matches".to_owned()));
                }
                patterns.push(kind.as_str());
            } else {
                return Err(invalid(match facts::suggest_kind(kind) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "`rolecall facts` lists all kinds".to_owned(),
                }));
            }
        }
        let patterns = match (patterns.is_empty(), named.is_empty()) {
            (false, _) => Some(Globs::new(&patterns).map_err(|error| InvalidQuery::Kind {
                kind: error.pattern.clone(),
                hint: error.to_string(),
            })?),
            (true, true) => Some(Globs::any()),
            (true, false) => None,
        };
        Ok(Self { named, patterns })
    }

    /// The only kind, if one was named.
    pub fn single(&self) -> Option<&'static str> {
        let mut named = self.named.iter();
        named.next().copied().filter(|_| named.next().is_none() && self.patterns.is_none())
    }

    /// Whether a kind is selected that was collected.
    pub(super) fn has(&self, kind: &Kind) -> bool {
        self.named.contains(kind.name)
            || self.patterns.as_ref().is_some_and(|globs| globs.matches(kind.name))
    }

    fn kinds<'a>(&'a self, collected: &'a Demand) -> impl Iterator<Item = &'static Kind> + 'a {
        let wanted = |kind: &&&'static Kind| {
            self.named.contains(kind.name) || (self.has(kind) && collected.wants_kind(kind.name))
        };
        facts::KINDS
            .iter()
            .filter(wanted)
            .copied()
            .filter(|kind| facts::collected_kind(kind.name).is_some())
    }
}

/// What the inventory contains.
#[derive(Debug)]
pub struct Query {
    pub(super) kinds: KindChoice,
    columns: Vec<String>,
    conditions: Vec<Condition>,
    pub(super) regions: Option<Globs>,
    pub(super) accepted_gaps: Vec<AcceptedGap>,
    pub(super) tables: BTreeMap<&'static str, KindTable>,
}

/// The table of a kind.
#[derive(Debug)]
pub(super) struct KindTable {
    pub(super) kind: &'static Kind,
    pub(super) table: Table,
    pub(super) sources: Vec<Source>,
    pub(super) tests: Vec<Test>,
    /// The fields and facts that were asked for by name. The others are shown if they were
    /// collected.
    pub(super) required: BTreeSet<String>,
    /// The fields and facts that are shown or tested.
    pub(super) used: BTreeSet<String>,
}

impl Query {
    /// Checks what was asked for. `collected` is what the snapshot was collected for; `columns` are
    /// all of them if there are none.
    pub fn new(
        kinds: KindChoice,
        columns: Vec<String>,
        conditions: &[String],
        regions: Option<Globs>,
        accepted_gaps: Vec<AcceptedGap>,
        collected: &Demand,
    ) -> Result<Self, InvalidQuery> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = columns.iter().find(|column| !seen.insert(column.as_str())) {
            return Err(InvalidQuery::Duplicate(one_line(twice, 80)));
        }
        let conditions =
            conditions.iter().map(|text| Condition::parse(text)).collect::<Result<_, _>>()?;
        let chosen: Vec<_> = kinds.kinds(collected).collect();
        let tables = BTreeMap::new();
        let mut query = Self { kinds, columns, conditions, regions, accepted_gaps, tables };
        for kind in &chosen {
            let table = query.table(kind).map_err(|error| elsewhere(error, &query, &chosen))?;
            query.tables.insert(kind.name, table);
        }
        Ok(query)
    }

    /// The tables of the kinds that were named or collected.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values().map(|table| &table.table)
    }

    /// The names of these kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.tables.keys().copied()
    }

    /// Adds the table of a kind that a file has although it was not collected.
    pub(super) fn add(&mut self, kind: &'static Kind) -> Result<(), InvalidQuery> {
        if self.kinds.has(kind) && !self.tables.contains_key(kind.name) {
            let table = self.table(kind)?;
            self.tables.insert(kind.name, table);
        }
        Ok(())
    }

    fn table(&self, kind: &'static Kind) -> Result<KindTable, InvalidQuery> {
        let mut columns: Vec<(Column, Source)> = match self.columns.is_empty() {
            true => columns_of(kind),
            false => {
                let named = self.columns.iter().map(|name| resolve(kind, name));
                named.collect::<Result<_, _>>()?
            }
        };
        let field = |source: &Source| match source {
            Source::Field(path) => Some(path.outermost.clone()),
            _ => None,
        };
        // An unreadable field must not look like an absent one.
        let shows_fields = columns.iter().any(|(_, source)| field(source).is_some());
        if shows_fields && columns.iter().all(|(column, _)| column.name != UNREADABLE) {
            columns.push(resolve(kind, UNREADABLE)?);
        }
        let tests = self
            .conditions
            .iter()
            .map(|condition| Test::new(condition, kind))
            .collect::<Result<Vec<_>, _>>()?;
        let shown = columns.iter().filter_map(|(_, source)| field(source));
        let tested = tests.iter().filter_map(|test| field(&test.source));
        let used: BTreeSet<String> = shown.clone().chain(tested.clone()).collect();
        let required = match self.columns.is_empty() {
            true => tested.collect(),
            false => used.clone(),
        };
        let (columns, sources) = columns.into_iter().unzip();
        let table = Table { name: table_name(kind), columns };
        Ok(KindTable { kind, table, sources, tests, required, used })
    }
}

/// The error for a column that only some of the kinds have: names these.
fn elsewhere(error: InvalidQuery, query: &Query, kinds: &[&'static Kind]) -> InvalidQuery {
    let InvalidQuery::Column { kind, column, hint } = &error else { return error };
    let written = query.columns.iter().map(String::as_str);
    let mut written = written.chain(query.conditions.iter().map(|one| one.column.as_str()));
    let Some(name) = written.find(|name| one_line(name, 80) == *column) else { return error };
    let having = kinds.iter().filter(|kind| resolve(kind, name).is_ok());
    let having: Vec<&str> = having.map(|kind| kind.name).collect();
    let hint = match having.as_slice() {
        [] => hint.clone(),
        some if some.len() <= 6 => format!("select kinds with --kind {}", some.join(",")),
        many => format!("select kinds with --kind; {} of {} have it", many.len(), kinds.len()),
    };
    InvalidQuery::Column { kind, column: column.clone(), hint }
}
