//! Errors in what was asked for, with what to do about them.

/// An invalid selection of kinds, columns or rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuery {
    /// A kind does not exist, or the snapshot has none that matches.
    #[error("unknown kind `{kind}` in --kind: {hint}")]
    Kind {
        /// As written, without control characters.
        kind: String,
        /// What to use instead.
        hint: String,
    },
    /// A kind does not have a column.
    #[error("{kind} has no column `{column}`: {hint}")]
    Column {
        /// The kind.
        kind: &'static str,
        /// As written, without control characters.
        column: String,
        /// What to use instead.
        hint: String,
    },
    /// A column is named twice.
    #[error("duplicate column `{0}` in --columns")]
    Duplicate(String),
    /// A condition is invalid.
    #[error("invalid condition `{condition}` in --where: {reason}")]
    Condition {
        /// As written, without control characters.
        condition: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
}
