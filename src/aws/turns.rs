//! How many requests are in flight. A call takes a turn of its account and one of the run for each
//! attempt, and gives both back in between: a call that waits to be retried keeps no other one waiting.
//! An attempt that takes long gives that of the run back before its end: calls of one account that get no
//! answer keep no other account waiting.
//!
//! AWS publishes the rates of EC2, which `limits` keeps to, but not how many requests of one account S3
//! serves. So the turns of an account for such a service follow its answers: a throttled attempt halves
//! them, and as many successful ones as there are turns add one.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::timing::{self, Wait};

/// How long an attempt keeps its turn of the run, at least. Hardly any answer takes so long.
const LONG: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// The turn of the call that the task makes; `None` for requests that need none.
    static TURN: Option<Arc<Turn>>;
}

/// The turns of one account.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    /// Those of all accounts together.
    run: Arc<Semaphore>,
    account: Arc<Semaphore>,
    /// How many turns the account has.
    limit: usize,
    windows: Arc<Mutex<HashMap<String, Arc<Window>>>>,
}

impl Turns {
    /// At most `limit` requests of the account at once, of those that `run` allows for all accounts.
    pub(super) fn new(run: Arc<Semaphore>, limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        Self { run, account: Arc::new(Semaphore::new(limit)), limit, windows: Arc::default() }
    }

    /// How many requests of the account can be in flight.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Makes a call. `adaptive`: the service, if its turns follow its answers.
    pub(super) async fn call<T>(&self, adaptive: Option<&str>, send: impl Future<Output = T>) -> T {
        let turn = Arc::new(Turn {
            turns: self.clone(),
            window: adaptive.map(|service| self.window(service)),
            held: Mutex::default(),
        });
        turn.take().await;
        tokio::select! {
            biased;
            answer = TURN.scope(Some(turn.clone()), send) => answer,
            never = turn.watch() => match never {},
        }
    }

    fn window(&self, service: &str) -> Arc<Window> {
        let mut windows = lock(&self.windows);
        match windows.get(service) {
            Some(window) => window.clone(),
            None => {
                let window = Arc::new(Window::new(self.limit));
                windows.insert(service.to_owned(), window.clone());
                window
            }
        }
    }
}

/// Takes the turn of the present call for another attempt, unless it has it.
pub(super) async fn take_again() {
    if let Ok(Some(turn)) = TURN.try_with(Option::clone) {
        turn.take().await;
    }
}

/// Gives the turn of the present call back after an attempt.
pub(super) fn give_back(was_throttled: bool) {
    let present = TURN.try_with(Option::clone).ok().flatten();
    let Some(turn) = present else { return };
    let held = lock(&turn.held).take();
    if let Some((window, held)) = turn.window.as_ref().zip(held) {
        match was_throttled {
            true => window.shrink(held.round),
            false => window.grow(),
        }
    }
}

/// What the present call waits for, and other calls with it: the credentials of the account. Until
/// then, it gives its turn back, and the requests of `work` take none: if those needed a turn, all of
/// them could be taken by calls that wait for the same credentials.
pub(super) async fn aside<T>(work: impl Future<Output = T>) -> T {
    if let Ok(Some(turn)) = TURN.try_with(Option::clone) {
        drop(lock(&turn.held).take());
    }
    TURN.scope(None, work).await
}

/// The turn of one call.
#[derive(Debug)]
struct Turn {
    turns: Turns,
    /// That of the service, if its turns follow its answers.
    window: Option<Arc<Window>>,
    /// During an attempt.
    held: Mutex<Option<Held>>,
}

impl Turn {
    async fn take(&self) {
        if lock(&self.held).is_some() {
            return;
        }
        timing::wait(Wait::Turn, self.wait()).await;
    }

    async fn wait(&self) {
        // The semaphores are never closed, so a failed acquire only means that there is no limit.
        let (of_window, round) = match &self.window {
            Some(window) => {
                let permit = window.turns.clone().acquire_owned().await.ok();
                (permit.map(|permit| (window.clone(), permit)), window.round())
            }
            None => (None, 0),
        };
        let of_account = self.turns.account.clone().acquire_owned().await.ok();
        let of_run = self.turns.run.clone().acquire_owned().await.ok();
        let since = Instant::now();
        let held = Held { of_window, round, since, _of_account: of_account, of_run };
        *lock(&self.held) = Some(held);
    }

    /// Gives the turn of the run back while an attempt takes long. Never ends.
    async fn watch(&self) -> Infallible {
        loop {
            sleep(LONG).await;
            self.leave_run(LONG);
        }
    }

    /// Gives the turn of the run back if the present attempt has taken so long.
    fn leave_run(&self, long: Duration) {
        let mut held = lock(&self.held);
        if let Some(held) = held.as_mut().filter(|held| held.since.elapsed() >= long) {
            held.of_run = None;
        }
    }
}

/// What an attempt holds.
#[derive(Debug)]
struct Held {
    of_window: Option<(Arc<Window>, OwnedSemaphorePermit)>,
    /// The round of the window in which it was taken.
    round: u64,
    since: Instant,
    _of_account: Option<OwnedSemaphorePermit>,
    of_run: Option<OwnedSemaphorePermit>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((window, permit)) = self.of_window.take() {
            window.release(permit);
        }
    }
}

/// Turns that follow the answers of a service.
#[derive(Debug)]
struct Window {
    turns: Arc<Semaphore>,
    most: usize,
    state: Mutex<WindowState>,
}

#[derive(Debug)]
struct WindowState {
    /// How many turns there are.
    limit: usize,
    /// How many of those that are held are not given back to others.
    owed: usize,
    /// Successful attempts since the limit changed.
    successes: usize,
    /// Counts how often the limit was halved.
    round: u64,
}

impl Window {
    fn new(most: usize) -> Self {
        let state = WindowState { limit: most, owed: 0, successes: 0, round: 0 };
        Self { turns: Arc::new(Semaphore::new(most)), most, state: Mutex::new(state) }
    }

    fn round(&self) -> u64 {
        lock(&self.state).round
    }

    /// Halves the turns, unless that was done after the throttled attempt began: many attempts are
    /// throttled at once.
    fn shrink(&self, round: u64) {
        let mut state = lock(&self.state);
        if round != state.round {
            return;
        }
        let limit = (state.limit / 2).max(1);
        let fewer = state.limit - limit;
        state.owed += fewer - self.turns.forget_permits(fewer);
        state.limit = limit;
        state.successes = 0;
        state.round += 1;
    }

    fn grow(&self) {
        let mut state = lock(&self.state);
        if state.limit >= self.most {
            return;
        }
        state.successes += 1;
        if state.successes < state.limit {
            return;
        }
        state.successes = 0;
        state.limit += 1;
        if state.owed > 0 {
            state.owed -= 1;
        } else {
            self.turns.add_permits(1);
        }
    }

    fn release(&self, permit: OwnedSemaphorePermit) {
        let mut state = lock(&self.state);
        if state.owed > 0 {
            state.owed -= 1;
            permit.forget();
        }
    }
}

/// The values stay valid even if a thread panicked while it held the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_call_between_two_attempts_keeps_no_other_one_waiting() {
        let turns = Turns::new(Arc::new(Semaphore::new(1)), 1);
        let (waits, is_waiting) = oneshot::channel();
        let (resume, resumed) = oneshot::channel::<()>();
        let retried = turns.call(Some("s3"), async move {
            give_back(true);
            waits.send(()).unwrap();
            resumed.await.unwrap();
            take_again().await;
            // Another part of the same attempt.
            take_again().await;
            give_back(false);
        });
        let other = async {
            is_waiting.await.unwrap();
            turns.call(Some("s3"), async { give_back(false) }).await;
            turns.call(None, async {}).await;
            resume.send(()).unwrap();
        };
        tokio::join!(retried, other);
        assert_eq!((turns.run.available_permits(), turns.account.available_permits()), (1, 1));
        // Outside of a call, there is nothing to take.
        take_again().await;
        give_back(true);
    }

    #[tokio::test]
    async fn an_attempt_that_takes_long_leaves_its_turn_of_the_run_to_others() {
        let turns = Turns::new(Arc::new(Semaphore::new(1)), 1);
        let other = Turns::new(turns.run.clone(), 1);
        turns
            .call(Some("s3"), async {
                let turn = TURN.with(Option::clone).unwrap();
                turn.leave_run(Duration::from_secs(60));
                assert_eq!(turns.run.available_permits(), 0, "it has just begun");
                turn.leave_run(Duration::ZERO);
                other.call(Some("s3"), async { give_back(false) }).await;
                // Its account has no other turn yet.
                assert_eq!(turns.account.available_permits(), 0);
                give_back(false);
                take_again().await;
                assert_eq!(turns.run.available_permits(), 0);
            })
            .await;
        assert_eq!((turns.run.available_permits(), turns.account.available_permits()), (1, 1));
    }

    #[tokio::test]
    async fn what_calls_wait_for_needs_no_turn() {
        let turns = Turns::new(Arc::new(Semaphore::new(1)), 1);
        let limit = || lock(&turns.window("s3").state).limit;
        let free = || turns.run.available_permits();
        let loading = tokio::sync::Mutex::new(());
        let call = || {
            turns.call(Some("s3"), async {
                aside(async {
                    let _only = loading.lock().await;
                    // Two attempts of another service, the first of which is throttled.
                    take_again().await;
                    give_back(true);
                    tokio::task::yield_now().await;
                    take_again().await;
                    give_back(false);
                })
                .await;
                take_again().await;
                assert_eq!(free(), 0);
                give_back(false);
            })
        };
        let all = async { tokio::join!(call(), call(), call()) };
        tokio::time::timeout(std::time::Duration::from_secs(10), all).await.unwrap();
        assert_eq!((limit(), free()), (1, 1));
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_gives_its_turn_back() {
        let turns = Turns::new(Arc::new(Semaphore::new(1)), 1);
        let mut call = Box::pin(turns.call(Some("s3"), std::future::pending::<()>()));
        tokio::select! {
            biased;
            () = &mut call => unreachable!(),
            () = std::future::ready(()) => {}
        }
        assert_eq!(turns.run.available_permits(), 0);
        drop(call);
        assert_eq!((turns.run.available_permits(), turns.account.available_permits()), (1, 1));
        assert_eq!(turns.window("s3").turns.available_permits(), 1);
    }

    #[test]
    fn throttling_halves_the_turns_once_and_success_brings_them_back() {
        let window = Window::new(8);
        let limit = || lock(&window.state).limit;
        // Attempts that began together.
        (0..8).for_each(|_| window.shrink(0));
        assert_eq!(limit(), 4);
        window.shrink(1);
        assert_eq!(limit(), 2);
        (0..2).for_each(|_| window.grow());
        assert_eq!(limit(), 3);
        (0..3 + 4 + 5 + 6 + 7).for_each(|_| window.grow());
        assert_eq!(limit(), 8);
        (0..100).for_each(|_| window.grow());
        assert_eq!((limit(), window.turns.available_permits()), (8, 8));
        (2..20).for_each(|round| window.shrink(round));
        assert_eq!(limit(), 1, "one is always left");
    }

    proptest! {
        #[test]
        fn the_turns_are_as_many_as_the_limit(steps in proptest::collection::vec(0_u8..4, 0..200), most in 1_usize..40) {
            let window = Arc::new(Window::new(most));
            let mut held = Vec::new();
            for step in steps {
                match step {
                    0 => held.extend(window.turns.clone().try_acquire_owned()),
                    1 => if let Some(permit) = held.pop() { window.release(permit) },
                    2 => window.shrink(window.round()),
                    _ => window.grow(),
                }
                let (limit, owed) = { let state = lock(&window.state); (state.limit, state.owed) };
                prop_assert!((1..=most).contains(&limit));
                prop_assert_eq!(window.turns.available_permits() + held.len(), limit + owed);
            }
            held.into_iter().for_each(|permit| window.release(permit));
            prop_assert_eq!(window.turns.available_permits(), lock(&window.state).limit);
        }
    }
}
