//! Whether a snapshot has what was read of an account.

/// Whether an account was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// rolecall had access to it. Single lists and facts can be missing.
    Collected,
    /// rolecall had no access to it.
    NotAccessible,
    /// The snapshot has no usable file for it.
    NotCollected,
}

impl AccountStatus {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::NotAccessible => "not_accessible",
            Self::NotCollected => "not_collected",
        }
    }
}
