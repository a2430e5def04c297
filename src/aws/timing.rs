//! The course of one call: its attempts, and what it waits for. Whatever makes a call wait records
//! that here, and [`super::meter`] counts it when the call ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

tokio::task_local! {
    /// The course of the call that the task makes.
    static COURSE: Arc<Course>;
    /// The resource that the task reads, if courses are observed.
    static RESOURCE: String;
}

/// Waits that are shorter are not steps.
const SHORTEST: Duration = Duration::from_micros(100);

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The rate limit of the API.
    Rate,
    /// Its turn, because too many other calls are in flight.
    Turn,
    /// The next attempt, after one that failed.
    Backoff,
}

/// A part of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// What a part of a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// A wait.
    Wait(Wait),
    /// A request and its response. During its attempts after the first, a call can wait for a turn.
    Attempt(AttemptResponse),
}

/// The response of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptResponse {
    /// The HTTP status; `None` if there was no response.
    pub status: Option<u16>,
    /// AWS's error code.
    pub code: Option<String>,
    /// Bytes in the body.
    pub bytes: u64,
}

/// The course of one call.
#[derive(Debug)]
pub(super) struct Course {
    /// The name of the call.
    call: String,
    /// Whether its steps are kept.
    is_observed: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    steps: Vec<Step>,
    queued: Duration,
    backoff: Duration,
    /// When the present attempt began.
    attempt: Option<Instant>,
    /// When the last attempt ended.
    attempt_ended: Option<Instant>,
}

/// What a call took.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) steps: Vec<Step>,
    /// How long it waited for rate limits and turns.
    pub(super) queued: Duration,
    /// How long it waited between attempts.
    pub(super) backoff: Duration,
}

impl Course {
    pub(super) fn new(call: &str, is_observed: bool) -> Arc<Self> {
        Arc::new(Self { call: call.to_owned(), is_observed, state: Mutex::default() })
    }

    /// Makes a call, whose parts are recorded in this course.
    pub(super) async fn of<T>(self: Arc<Self>, call: impl Future<Output = T>) -> T {
        COURSE.scope(self, call).await
    }

    /// The state stays valid even if a thread panicked while it held the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the call took until now.
    pub(super) fn take(&self, now: Instant) -> Taken {
        let mut state = std::mem::take(&mut *self.state());
        if let Some(begun) = state.attempt {
            let kind = StepKind::Attempt(AttemptResponse::default());
            self.add(&mut state, kind, begun, now);
        }
        Taken { steps: state.steps, queued: state.queued, backoff: state.backoff }
    }

    fn waited(&self, state: &mut State, wait: Wait, begun: Instant, ended: Instant) {
        let time = ended.saturating_duration_since(begun);
        match wait {
            Wait::Rate | Wait::Turn => state.queued += time,
            Wait::Backoff => state.backoff += time,
        }
        if time >= SHORTEST {
            self.add(state, StepKind::Wait(wait), begun, ended);
        }
    }

    fn add(&self, state: &mut State, kind: StepKind, begun: Instant, ended: Instant) {
        if self.is_observed {
            state.steps.push(Step { kind, begun, ended });
        }
    }
}

/// Waits for `work`, as a part of the present call.
pub(super) async fn wait<T>(wait: Wait, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    COURSE.try_with(|course| course.waited(&mut course.state(), wait, begun, Instant::now())).ok();
    done
}

/// The name of the present call, if it is this operation: a service of a name of its own, such as
/// `s3express`, can be a part of another one for the SDK.
pub(super) fn name_of(operation: &str) -> Option<String> {
    let is_it = |call: &String| call.split_once(':').is_some_and(|(_, name)| name == operation);
    COURSE.try_with(|course| course.call.clone()).ok().filter(is_it)
}

/// An attempt of the present call begins.
pub(super) fn attempt_begins() {
    COURSE
        .try_with(|course| {
            let (now, mut state) = (Instant::now(), course.state());
            if let Some(ended) = state.attempt_ended.take() {
                course.waited(&mut state, Wait::Backoff, ended, now);
            }
            state.attempt = Some(now);
        })
        .ok();
}

/// An attempt of the present call ended. `response` is only called if it is needed.
pub(super) fn attempt_ends(response: impl FnOnce() -> AttemptResponse) {
    COURSE
        .try_with(|course| {
            let (now, mut state) = (Instant::now(), course.state());
            state.attempt_ended = Some(now);
            if let Some(begun) = state.attempt.take()
                && course.is_observed
            {
                let kind = StepKind::Attempt(response());
                course.add(&mut state, kind, begun, now);
            }
        })
        .ok();
}

/// Reads a resource with `work`: its calls are about it.
pub(super) async fn about<T>(resource: &str, work: impl Future<Output = T>) -> T {
    RESOURCE.scope(resource.to_owned(), work).await
}

/// The resource that the present call is about, if it is known.
pub(super) fn resource() -> Option<String> {
    RESOURCE.try_with(String::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_and_attempts_are_recorded_in_the_call_that_they_are_part_of() {
        let (outer, inner) =
            (Course::new("s3express:GetBucketPolicy", true), Course::new("sts:AssumeRole", false));
        let pause = || tokio::time::sleep(Duration::from_millis(2));
        outer
            .clone()
            .of(async {
                wait(Wait::Rate, pause()).await;
                assert_eq!(
                    name_of("GetBucketPolicy").as_deref(),
                    Some("s3express:GetBucketPolicy")
                );
                assert_eq!(name_of("AssumeRole"), None, "it is a call of its own");
                attempt_begins();
                inner.clone().of(wait(Wait::Turn, pause())).await;
                attempt_ends(AttemptResponse::default);
                pause().await;
                attempt_begins();
            })
            .await;
        // Outside of a call, there is nothing to record.
        wait(Wait::Rate, pause()).await;
        let taken = outer.take(Instant::now());
        let kinds: Vec<_> = taken.steps.iter().map(|step| step.kind.clone()).collect();
        let attempt = StepKind::Attempt(AttemptResponse::default());
        let waits = [Wait::Rate, Wait::Backoff].map(StepKind::Wait);
        assert_eq!(kinds, [waits[0].clone(), attempt.clone(), waits[1].clone(), attempt]);
        let least = Duration::from_millis(2);
        assert!(taken.queued >= least && taken.backoff >= least, "{taken:?}");
        let taken = inner.take(Instant::now());
        assert!(taken.queued >= least && taken.steps.is_empty(), "{taken:?}");
    }
}
