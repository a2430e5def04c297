//! `--where`: conditions on columns.
//!
//! `COLUMN=PATTERN` and `COLUMN!=PATTERN` compare with a glob pattern, or with a number, boolean or
//! time, according to the type of the column; `<`, `<=`, `>` and `>=` compare numbers and times.
//! Without a value, `COLUMN=` means that it is absent or empty, and `COLUMN!=` that it is present. `!=`
//! is the opposite of `=`. If there are several values, because there is a list on the way, `=` means
//! that one of them matches.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::account::InventoryAccount;
use super::cell::parse_time;
use super::column::{ColumnType, Source};
use super::error::InvalidQuery;
use super::path::{examples, item_type, resolve};
use super::subject::{State, Subject};
use crate::facts::Kind;
use crate::model::Globs;
use crate::model::text::one_line;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Operator {
    fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

/// A condition as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    written: String,
    pub(super) column: String,
    operator: Operator,
    value: String,
}

impl Condition {
    pub(super) fn parse(written: &str) -> Result<Self, InvalidQuery> {
        let at = written.find(['=', '!', '<', '>']).unwrap_or(written.len());
        let (column, rest) = written.split_at(at);
        let found = OPERATORS
            .iter()
            .find_map(|(text, operator)| Some((*operator, rest.strip_prefix(text)?)))
            .filter(|_| !column.trim().is_empty());
        let Some((operator, value)) = found else {
            let reason = "use COLUMN=VALUE, COLUMN!=VALUE or a comparison such as COLUMN<10";
            return Err(Self::invalid(written, reason.to_owned()));
        };
        Ok(Self {
            written: written.to_owned(),
            column: column.trim().to_owned(),
            operator,
            value: value.trim().to_owned(),
        })
    }

    fn invalid(written: &str, reason: String) -> InvalidQuery {
        InvalidQuery::Condition { condition: one_line(written, 120), reason }
    }
}

/// What a value is compared with.
#[derive(Debug)]
enum Operand {
    Missing,
    Pattern(Globs),
    Number(f64),
    Integer(i64),
    Boolean(bool),
    Time(Timestamp),
}

/// A condition on the resources of a kind.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) source: Source,
    operator: Operator,
    operand: Operand,
}

/// Whether a resource satisfies a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// It could not be read.
    Unknown,
}

impl Test {
    pub(super) fn new(condition: &Condition, kind: &'static Kind) -> Result<Self, InvalidQuery> {
        let (column, source) = resolve(kind, &condition.column)?;
        let (operator, value) = (condition.operator, condition.value.as_str());
        let invalid = |reason: String| Condition::invalid(&condition.written, reason);
        let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        if value.is_empty() {
            return match is_equality {
                true => Ok(Self { source, operator, operand: Operand::Missing }),
                false => Err(invalid("the value is missing".to_owned())),
            };
        }
        let name = &column.name;
        let not_a = |what: &str| invalid(format!("`{name}` is {what}"));
        let operand = match item_type(kind, &column) {
            ColumnType::Json => {
                let instead = examples(kind, name).unwrap_or_else(|| {
                    format!("`{name}=` or `{name}!=` to test whether it is present")
                });
                return Err(invalid(format!("`{name}` is not a single value: use {instead}")));
            }
            ColumnType::Text if is_equality => {
                Operand::Pattern(Globs::new(&[value]).map_err(|error| {
                    invalid(format!("{error} (to match `*`, `?`, `[` or `{{` itself, write `[*]`)"))
                })?)
            }
            ColumnType::Text => {
                return Err(not_a("a string: only numbers and times can be compared with < and >"));
            }
            ColumnType::Integer => match value.parse() {
                Ok(number) => Operand::Integer(number),
                Err(_) => return Err(not_a("an integer: use a value such as 10")),
            },
            ColumnType::Float => match value.parse::<f64>().ok().filter(|n| n.is_finite()) {
                Some(number) => Operand::Number(number),
                None => return Err(not_a("a number: use a value such as 0.5")),
            },
            ColumnType::Boolean => match (value, is_equality) {
                ("true", true) => Operand::Boolean(true),
                ("false", true) => Operand::Boolean(false),
                _ => return Err(not_a("a boolean: use `=true` or `=false`")),
            },
            ColumnType::Time => match parse_time(value) {
                Some(time) => Operand::Time(time),
                None => {
                    return Err(not_a(
                        "a time: use a date such as 2026-01-31, or RFC 3339 such as \
                         2026-01-31T08:15:02Z",
                    ));
                }
            },
        };
        Ok(Self { source, operator, operand })
    }

    /// The field or fact that it is about.
    pub(super) fn field(&self) -> &str {
        match &self.source {
            Source::Field(path) => &path.outermost,
            _ => "",
        }
    }

    /// Whether the resource satisfies it.
    pub(super) fn answer(&self, subject: &Subject<'_>) -> Answer {
        let text = |text: Option<&str>| match text {
            Some(text) => self.holds(&[&Value::from(text)]),
            None => self.holds(&[]),
        };
        let is_present = |present: bool| match self.operator {
            Operator::NotEqual => Answer::of(present),
            _ => Answer::of(!present),
        };
        match &self.source {
            Source::Account => text(Some(subject.account.id.as_str())),
            Source::AccountName => text(subject.account.name.as_deref()),
            Source::Region => text(Some(subject.resource.region.as_str())),
            Source::Id => text(Some(&subject.resource.id)),
            Source::Arn => text(subject.resource.arn.as_deref()),
            Source::Name => text(subject.resource.name.as_deref()),
            Source::CollectedAt => text(subject.account.collected_at.as_deref()),
            Source::Unreadable => is_present(subject.unreadable().next().is_some()),
            Source::NotCollected => is_present(subject.not_collected().next().is_some()),
            Source::Field(path) => match subject.state(&path.outermost) {
                State::Known(value) => self.holds(&path.values(value)),
                State::Absent => self.holds(&[]),
                State::Unreadable(_) | State::NotCollected => Answer::Unknown,
            },
        }
    }

    /// Whether a list of resources in that region of the account can contain one that satisfies it,
    /// as far as the account and the region decide.
    pub(super) fn concerns(&self, account: &InventoryAccount, region: &str) -> bool {
        let answer = match &self.source {
            Source::Account => self.holds(&[&Value::from(account.id.as_str())]),
            Source::AccountName => match &account.name {
                Some(name) => self.holds(&[&Value::from(name.as_str())]),
                None => self.holds(&[]),
            },
            // Resources of a global list can be in any region.
            Source::Region if region != crate::model::Region::global().as_str() => {
                self.holds(&[&Value::from(region)])
            }
            _ => Answer::Yes,
        };
        answer != Answer::No
    }

    fn holds(&self, values: &[&Value]) -> Answer {
        // The items of a list of scalars are values, too.
        let items: Vec<&Value> = values
            .iter()
            .flat_map(|value| match value {
                Value::Array(items) => items.iter().collect::<Vec<_>>(),
                other => vec![*other],
            })
            .collect();
        let any = |operator: Operator| {
            let mut unknown = false;
            for value in &items {
                match self.compare(operator, value) {
                    Some(true) => return Answer::Yes,
                    Some(false) => {}
                    None => unknown = true,
                }
            }
            if unknown { Answer::Unknown } else { Answer::No }
        };
        match self.operator {
            Operator::NotEqual => any(Operator::Equal).opposite(),
            operator => any(operator),
        }
        .or_missing(self, &items)
    }

    /// `None`: the value is not of the type of the column.
    fn compare(&self, operator: Operator, value: &Value) -> Option<bool> {
        let order = match &self.operand {
            Operand::Missing => return Some(false),
            Operand::Pattern(globs) => return Some(globs.matches(value.as_str()?)),
            Operand::Boolean(wanted) => value.as_bool()?.cmp(wanted),
            Operand::Integer(wanted) => value.as_i64()?.cmp(wanted),
            Operand::Number(wanted) => value.as_f64()?.partial_cmp(wanted)?,
            Operand::Time(wanted) => parse_time(value.as_str()?)?.cmp(wanted),
        };
        Some(operator.allows(order))
    }
}

impl Answer {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    /// The answer to a test for a missing value, which does not depend on comparisons.
    fn or_missing(self, test: &Test, items: &[&Value]) -> Self {
        if !matches!(test.operand, Operand::Missing) {
            return self;
        }
        let is_empty = |value: &&Value| match value {
            Value::String(text) => text.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        Self::of(items.iter().all(is_empty) == (test.operator == Operator::Equal))
    }
}
