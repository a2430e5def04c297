//! A fake AWS for tests of the engine: states of resources, and what goes wrong at which call.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::engine::Clock;
use crate::fixes::{Change, Facts, Present, Sent, WriteError, WriteErrorKind, Writer};
use crate::model::Cause;

/// What happens at a call.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// The process is killed before the call reaches AWS.
    Killed,
    /// The process is killed after AWS carried the call out.
    KilledAfter,
    /// The call fails, and AWS did not carry it out.
    Error(WriteErrorKind, &'static str),
    /// AWS carries it out, but the answer is lost.
    Lost,
    /// Somebody else changes the resource first.
    Foreign(Facts),
    /// What must be so for the change is not so any more.
    Refusal(&'static str),
}

/// A fake AWS.
#[derive(Default)]
pub(super) struct FakeWriter {
    /// States by resource.
    pub(super) states: Mutex<BTreeMap<String, Facts>>,
    /// Tags of all resources.
    pub(super) tags: Facts,
    /// Writes that become visible after some reads.
    pub(super) lag: usize,
    pub(super) pending: Mutex<BTreeMap<String, (usize, Facts)>>,
    /// What happens at the n-th call, from 1.
    pub(super) troubles: BTreeMap<usize, Trouble>,
    pub(super) calls: AtomicUsize,
    /// Calls that reached AWS: `read sg-1`, `write sg-1`.
    pub(super) log: Mutex<Vec<String>>,
}

/// How a killed process ends: the engine must not see it as an error.
#[derive(Debug)]
pub(super) struct Killed;

impl FakeWriter {
    pub(super) fn state(&self, resource: &str) -> Facts {
        self.states.lock().unwrap().get(resource).cloned().unwrap_or_default()
    }

    pub(super) fn writes(&self, resource: &str) -> usize {
        let wanted = format!("write {resource}");
        self.log.lock().unwrap().iter().filter(|call| **call == wanted).count()
    }

    fn trouble(&self, change: &Change) -> Option<Trouble> {
        let n = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let trouble = self.troubles.get(&n).cloned();
        if let Some(Trouble::Foreign(state)) = &trouble {
            self.states.lock().unwrap().insert(change.resource.clone(), state.clone());
        }
        if matches!(trouble, Some(Trouble::Killed)) {
            std::panic::resume_unwind(Box::new(Killed));
        }
        trouble
    }

    fn log(&self, call: &str, change: &Change) {
        self.log.lock().unwrap().push(format!("{call} {}", change.resource));
    }
}

fn error(kind: WriteErrorKind, code: &str) -> WriteError {
    WriteError { kind, cause: Cause::answered("ec2:Write", code, ""), request_id: None }
}

impl Writer for FakeWriter {
    fn read(&self, change: &Change) -> Result<Present, Cause> {
        let trouble = self.trouble(change);
        self.log("read", change);
        if let Some(Trouble::Error(_, code)) = trouble {
            return Err(Cause::answered("ec2:Read", code, ""));
        }
        if matches!(trouble, Some(Trouble::KilledAfter)) {
            std::panic::resume_unwind(Box::new(Killed));
        }
        let mut pending = self.pending.lock().unwrap();
        if let Some((left, state)) = pending.get_mut(&change.resource) {
            if *left == 0 {
                self.states.lock().unwrap().insert(change.resource.clone(), state.clone());
                pending.remove(&change.resource);
            } else {
                *left -= 1;
            }
        }
        let refusal = match trouble {
            Some(Trouble::Refusal(reason)) => Some(reason.to_owned()),
            _ => None,
        };
        Ok(Present { state: self.state(&change.resource), refusal, gone: false })
    }

    fn tags(&self, _: &Change) -> Result<Facts, Cause> {
        Ok(self.tags.clone())
    }

    fn dry_run(&self, change: &Change) -> Result<(), WriteError> {
        let trouble = self.trouble(change);
        self.log("dry run", change);
        match trouble {
            Some(Trouble::Error(kind, code)) => Err(error(kind, code)),
            Some(Trouble::KilledAfter) => std::panic::resume_unwind(Box::new(Killed)),
            _ => Ok(()),
        }
    }

    fn write(&self, change: &Change) -> Result<Sent, WriteError> {
        let trouble = self.trouble(change);
        self.log("write", change);
        if let Some(Trouble::Error(kind, code)) = trouble {
            return Err(error(kind, code));
        }
        if self.lag == 0 {
            self.states.lock().unwrap().insert(change.resource.clone(), change.after.clone());
        } else {
            let pending = (self.lag - 1, change.after.clone());
            self.pending.lock().unwrap().insert(change.resource.clone(), pending);
        }
        match trouble {
            Some(Trouble::Lost) => Err(error(WriteErrorKind::Unanswered, "Timeout")),
            Some(Trouble::KilledAfter) => std::panic::resume_unwind(Box::new(Killed)),
            _ => Ok(Sent { request_id: Some("request-1".to_owned()), created: None }),
        }
    }
}

/// A clock that only sleeping moves.
#[derive(Default)]
pub(super) struct FakeClock(pub(super) AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn sleep(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_secs().max(1)).unwrap(), Ordering::SeqCst);
    }
}
