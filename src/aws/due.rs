//! When reading an account ends, whatever is still missing.

use std::time::Duration;

use tokio::time::{self, Instant};

use crate::model::Cause;

/// When an account is written with what was read so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// `None`: never.
    at: Option<Instant>,
    /// The time limit of the account, unless the deadline of the run comes before.
    limit: Option<Duration>,
}

impl Due {
    /// Without a limit.
    pub(super) const NEVER: Self = Self { at: None, limit: None };

    /// For an account that begins now: `cut_at` is the time at which the run cuts it short, and `limit`
    /// how long the account may take.
    pub(super) fn begin(cut_at: Option<Instant>, limit: Option<Duration>) -> Self {
        let own = limit.map(|limit| (Instant::now() + limit, limit));
        match own.filter(|(at, _)| cut_at.is_none_or(|cut| *at < cut)) {
            Some((at, limit)) => Self { at: Some(at), limit: Some(limit) },
            None => Self { at: cut_at, limit: None },
        }
    }

    /// The result of `work`, or `None` if the time is up before. Then it is not begun any more.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match self.at {
            Some(at) if at <= Instant::now() => None,
            Some(at) => time::timeout_at(at, work).await.ok(),
            None => Some(work.await),
        }
    }

    /// The cause for what `call` would have returned.
    pub(super) fn cause(&self, call: &str) -> Cause {
        match self.limit {
            Some(limit) => Cause::account_timeout(call, limit),
            None => Cause::out_of_time(call),
        }
    }
}
