//! The columns of a table.

use serde_json::Value;

use crate::facts::{FieldType, Kind, fields};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A string.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A number with a fractional part.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A time in UTC.
    Time,
    /// An object, list or map, as JSON text.
    Json,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Its documentation, in one line.
    pub doc: String,
}

impl Column {
    pub(super) fn new(name: &str, column_type: ColumnType, doc: &str) -> Self {
        Self { name: name.to_owned(), column_type, doc: doc.to_owned() }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, and that of its file without the extension: `ec2_instance`.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// A field or fact of a resource, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// The field or fact.
    pub(super) outermost: String,
    /// The path within it, or nothing.
    rest: String,
    /// Whether there can be several values, because there is a list on the way.
    pub(super) is_list: bool,
}

impl Path {
    pub(super) fn whole(name: &str) -> Self {
        Self { outermost: name.to_owned(), rest: String::new(), is_list: false }
    }

    pub(super) fn part(outermost: &str, rest: &str, is_list: bool) -> Self {
        Self { outermost: outermost.to_owned(), rest: rest.to_owned(), is_list }
    }

    /// Whether it is the field itself, not a part of it.
    pub(super) fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }

    /// The values in the field; those of lists one by one, unless it is the field itself.
    pub(super) fn values<'a>(&self, field: &'a Value) -> Vec<&'a Value> {
        let mut found = match self.is_whole() {
            true => vec![field],
            false => FieldType::values(field, &self.rest),
        };
        found.retain(|value| !value.is_null());
        found
    }
}

/// The type of a column for the name of a field's type: `string?`, `list of object`.
pub(super) fn type_of(name: &str) -> ColumnType {
    match name.trim_end_matches('?') {
        "string" => ColumnType::Text,
        "int" => ColumnType::Integer,
        "float" => ColumnType::Float,
        "bool" => ColumnType::Boolean,
        "time" => ColumnType::Time,
        _ => ColumnType::Json,
    }
}

/// Where the value of a column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Account,
    AccountName,
    Region,
    Id,
    Arn,
    Name,
    CollectedAt,
    /// A field or fact of the resource, or a part of it.
    Field(Path),
    /// The facts that could not be read.
    Unreadable,
    /// The facts that were not requested.
    NotCollected,
}

/// The columns that the table of every kind begins with.
const FIRST: [(&str, Source, ColumnType, &str); 7] = [
    ("account", Source::Account, ColumnType::Text, "The account id."),
    ("account_name", Source::AccountName, ColumnType::Text, "The name of the account."),
    ("region", Source::Region, ColumnType::Text, "The region, or `global`."),
    ("id", Source::Id, ColumnType::Text, "The id of the resource."),
    ("arn", Source::Arn, ColumnType::Text, "The ARN of the resource."),
    ("name", Source::Name, ColumnType::Text, "The display name of the resource."),
    (
        "collected_at",
        Source::CollectedAt,
        ColumnType::Time,
        "When collection of the account started.",
    ),
];

/// The name of the column with unreadable facts.
pub(super) const UNREADABLE: &str = "unreadable";

/// The columns that the table of every kind ends with.
const LAST: [(&str, Source, ColumnType, &str); 2] = [
    (
        UNREADABLE,
        Source::Unreadable,
        ColumnType::Json,
        "The columns that could not be read, with the cause of each.",
    ),
    (
        "not_collected",
        Source::NotCollected,
        ColumnType::Json,
        "The columns that were not requested from AWS, because no rule needed them.",
    ),
];

/// All columns of a kind, with their sources.
pub(super) fn columns_of(kind: &'static Kind) -> Vec<(Column, Source)> {
    let own =
        fields::of(&kind.shape, "").into_iter().filter(fields::Field::is_outermost).map(|field| {
            let source = Source::Field(Path::whole(&field.path));
            (Column::new(&field.path, type_of(&field.kind), &field.doc), source)
        });
    let facts = kind.facts.iter().map(|fact| {
        let column = Column::new(fact.name, type_of(&fields::kind(&fact.shape)), fact.doc);
        (column, Source::Field(Path::whole(fact.name)))
    });
    let own: Vec<_> = own.chain(facts).collect();
    let fixed = |(name, source, column_type, doc): (&str, Source, ColumnType, &str)| {
        (Column::new(name, column_type, doc), source)
    };
    // A field of the resource, such as the name of an image, takes the place of a common column.
    let mut columns: Vec<_> = FIRST.into_iter().map(fixed).collect();
    for (column, source) in own {
        match columns.iter_mut().find(|(known, _)| known.name == column.name) {
            Some(known) => *known = (column, source),
            None => columns.push((column, source)),
        }
    }
    columns.extend(LAST.into_iter().map(fixed));
    columns
}

/// The name of the table of a kind.
pub(super) fn table_name(kind: &Kind) -> String {
    kind.name.replace('.', "_")
}

/// The table of a kind, with all columns.
#[cfg(test)]
pub(crate) fn kind_table(kind: &'static Kind) -> Table {
    let columns = columns_of(kind).into_iter().map(|(column, _)| column).collect();
    Table { name: table_name(kind), columns }
}
