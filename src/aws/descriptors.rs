//! File descriptors: raises the limit on open files as far as the system allows, and divides it
//! between connections and calls.
//!
//! Linux shells and Lambda start programs with a soft limit of 1,024. Neither files nor connections
//! may exceed it: an account whose facts cannot be written is lost, and a bucket that cannot be
//! called is unknown.

/// How much of the limit of the process the connections to AWS may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// Open connections, including idle ones.
    pub(super) connections: usize,
    /// Calls in flight.
    pub(super) calls: usize,
}

/// More connections than this only take memory, about 40 KiB each: the calls that run at once by default,
/// and some connections that wait for the next call to their host.
const MAX_CONNECTIONS: usize = 192;
/// Descriptors reserved for account files, reports and everything else that the process opens.
const RESERVE: usize = 64;
/// What a call needs before its connection counts as open: a socket for the DNS lookup, or one for
/// each of two addresses.
const PER_CALL: usize = 2;
/// The highest limit to set. Programs started by `credential_process` inherit the limit, and some of
/// them close every descriptor below it.
#[cfg(unix)]
const MAX_LIMIT: u64 = 65_536;

/// How many calls the limit on open files allows at once, after raising it if possible.
pub fn calls_at_once() -> usize {
    Budget::raise().calls
}

impl Budget {
    /// Without a limit on open files.
    pub(super) const UNLIMITED: Self = Self { connections: MAX_CONNECTIONS, calls: usize::MAX };

    /// Raises the soft limit to the hard limit if possible, and divides what is not in use yet.
    pub(super) fn raise() -> Self {
        let Some(limit) = raise_limit() else { return Self::UNLIMITED };
        let in_use = open_now();
        let budget = Self::of(limit, in_use);
        tracing::info!(
            limit,
            in_use,
            connections = budget.connections,
            calls = budget.calls,
            "file descriptors"
        );
        budget
    }

    fn of(limit: u64, in_use: usize) -> Self {
        let free = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(in_use);
        let sockets = free - RESERVE.min(free / 4);
        Self {
            connections: (sockets / 2).clamp(1, MAX_CONNECTIONS),
            calls: (sockets / 2 / PER_CALL).max(1),
        }
    }
}

/// The limit on open files after raising it; `None` where there is no relevant limit.
#[cfg(unix)]
fn raise_limit() -> Option<u64> {
    let (soft, hard) = rlimit::getrlimit(rlimit::Resource::NOFILE).ok()?;
    // If the limit cannot be raised, the current one applies.
    let raised = rlimit::increase_nofile_limit(hard.min(MAX_LIMIT)).unwrap_or(soft);
    if raised > soft {
        tracing::info!(from = soft, to = raised, "raised the limit on open files");
    }
    Some(raised)
}

/// Windows limits open files only by memory.
#[cfg(not(unix))]
fn raise_limit() -> Option<u64> {
    None
}

/// How many descriptors the process has open.
fn open_now() -> usize {
    // The directory itself is open while it is read.
    std::fs::read_dir("/dev/fd").map_or(16, |entries| entries.count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_calls_stay_below_the_limit() {
        for limit in [0, 8, 20, 64, 256, 1_024, 4_096, 1 << 20, u64::MAX] {
            for in_use in [0, 10, 300] {
                let Budget { connections, calls } = Budget::of(limit, in_use);
                assert!(
                    connections >= 1 && calls >= 1,
                    "{limit}: at least one call must be possible"
                );
                let free = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(in_use);
                if free >= 8 {
                    let most = connections.saturating_add(calls.saturating_mul(PER_CALL));
                    assert!(
                        most <= free,
                        "{limit} with {in_use} in use: {connections} connections, {calls} calls"
                    );
                }
            }
        }
        assert_eq!(Budget::of(1_024, 12), Budget { connections: MAX_CONNECTIONS, calls: 237 });
        assert_eq!(Budget::of(256, 12), Budget { connections: 91, calls: 45 });
    }
}
