//! Paths to parts of fields: `state.name`, `tags.Owner`, `security_groups.group_id`.

use super::column::{Column, ColumnType, Path, Source, columns_of, type_of};
use super::error::InvalidQuery;
use crate::facts::{Kind, fields};
use crate::model::text::one_line;
use crate::model::{code_series, did_you_mean};

/// A part of a kind's fields: its path without `[]`, the name of its type, and whether there is a list
/// on the way.
struct Part {
    path: String,
    kind: String,
    is_list: bool,
}

fn parts(kind: &Kind) -> Vec<Part> {
    let own = fields::of(&kind.shape, "");
    let of_facts = kind.facts.iter().flat_map(|fact| {
        let path = fact.name.to_owned();
        let whole = (path, fields::kind(&fact.shape));
        let inner = fields::of(&fact.shape, fact.name).into_iter();
        std::iter::once(whole).chain(inner.map(|field| (field.path, field.kind)))
    });
    let own = own.into_iter().map(|field| (field.path, field.kind));
    own.chain(of_facts)
        .map(|(path, kind)| Part {
            is_list: path.contains("[]"),
            path: path.replace("[]", ""),
            kind: kind.trim_end_matches('?').to_owned(),
        })
        .collect()
}

/// The column of that name: one of the kind's columns, or a path in one.
pub(super) fn resolve(
    kind: &'static Kind,
    written: &str,
) -> Result<(Column, Source), InvalidQuery> {
    let columns = columns_of(kind);
    if let Some(known) = columns.iter().find(|(column, _)| column.name == written) {
        return Ok(known.clone());
    }
    let parts = parts(kind);
    let found = |is_list: bool, value: &str| {
        let (outermost, rest) = written.split_once('.')?;
        let path = Path::part(outermost, rest, is_list);
        // Several values are a list.
        let column_type = if is_list { ColumnType::Json } else { type_of(value) };
        Some((Column::new(written, column_type, ""), Source::Field(path)))
    };
    let part = parts.iter().find(|part| part.path == written);
    let in_map = || {
        parts.iter().find_map(|part| {
            let key = written.strip_prefix(&part.path)?.strip_prefix('.')?;
            let values = part.kind.strip_prefix("map of ").filter(|_| !key.is_empty())?;
            found(part.is_list, values)
        })
    };
    let resolved = part.and_then(|part| found(part.is_list, &part.kind)).or_else(in_map);
    resolved.ok_or_else(|| {
        let names = columns.iter().map(|(column, _)| column.name.as_str());
        let paths = parts.iter().map(|part| part.path.as_str());
        let hint = match did_you_mean(written, names.chain(paths)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("`rolecall facts {}` lists its fields and facts", kind.name),
        };
        InvalidQuery::Column { kind: kind.name, column: one_line(written, 80), hint }
    })
}

/// The type of a column for comparisons: for a list of scalars, and for scalars in a list, that of one
/// of them.
pub(super) fn item_type(kind: &'static Kind, column: &Column) -> ColumnType {
    if column.column_type != ColumnType::Json {
        return column.column_type;
    }
    let part = parts(kind).into_iter().find(|part| part.path == column.name);
    let name = part.map(|part| part.kind).unwrap_or_default();
    match name.strip_prefix("list of ") {
        Some(items) => type_of(items),
        None => type_of(&name),
    }
}

/// Fields of an object or of the objects in a list, for messages.
pub(super) fn examples(kind: &Kind, name: &str) -> Option<String> {
    let parts = parts(kind);
    let inner = parts.iter().filter(|part| {
        part.path.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).is_some()
            && type_of(&part.kind) != ColumnType::Json
    });
    let inner: Vec<&str> = inner.take(3).map(|part| part.path.as_str()).collect();
    let is_map = parts.iter().any(|part| part.path == name && part.kind.starts_with("map of "));
    match (is_map, inner.is_empty()) {
        (true, _) => Some(format!("a key, such as `{name}.Name`")),
        (false, true) => None,
        (false, false) => Some(format!("a field of it, such as {}", code_series(inner, "or"))),
    }
}
