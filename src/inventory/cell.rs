//! Values in tables.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::column::ColumnType;

/// A value in a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// A time.
    Time(Timestamp),
    /// An object or list.
    Json(Value),
}

impl Cell {
    /// A string, or no value.
    pub(super) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_owned()))
    }

    /// A number of things.
    pub(super) fn count(number: usize) -> Self {
        i64::try_from(number).map_or(Self::Null, Self::Integer)
    }

    /// A time in a snapshot.
    pub(super) fn time(text: Option<&str>) -> Self {
        text.and_then(parse_time).map_or(Self::Null, Self::Time)
    }

    /// A value of that type; `None` if it is of another type.
    pub(super) fn of(value: &Value, column_type: ColumnType) -> Option<Self> {
        Some(match column_type {
            ColumnType::Text => Self::Text(value.as_str()?.to_owned()),
            ColumnType::Integer => Self::Integer(value.as_i64()?),
            ColumnType::Float => Self::Float(value.as_f64()?),
            ColumnType::Boolean => Self::Boolean(value.as_bool()?),
            ColumnType::Time => Self::Time(parse_time(value.as_str()?)?),
            ColumnType::Json => Self::Json(without_nulls(value)),
        })
    }
}

/// The value without fields that are `null`, which mean nothing and are many.
pub(super) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// A time in RFC 3339 format, or a date, which is its first moment in UTC.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    let of_date = || {
        let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(of_date)
}
