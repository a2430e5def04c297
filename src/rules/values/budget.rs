//! The budget of one evaluation, in operations. It is the same on every machine: scripts, native
//! functions and iterations are charged by their work, never by time. A far time limit remains for
//! what the budget does not foresee, and ends the run instead of changing one verdict.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rhai::{Dynamic, EvalAltResult};

use super::interrupt::Interrupt;

/// The operations of an evaluation without lists.
pub(crate) const OPERATIONS: u64 = 250_000;
/// The additional operations for each resource in the lists that the rule names.
pub(crate) const PER_RESOURCE: u64 = 50;
/// The operations of a closure that are included in the charge for its item.
const PER_ITEM: u64 = 50;
/// How many items a native function compares, copies or reads in the time of one operation.
const ITEMS_PER_OPERATION: u64 = 16;

/// The time limit, in processing time.
const MAX_TIME: Duration = Duration::from_secs(60);
/// The most that counts between two readings of the clock: when the process is stopped, the clock
/// continues.
const MAX_STEP: Duration = Duration::from_secs(1);
/// The number of operations between readings of the clock, which takes as long as an operation.
const CLOCK_INTERVAL: u64 = 16;

/// What an evaluation may still use.
#[derive(Clone, Copy)]
struct Budget {
    limit: u64,
    used: u64,
    /// Operations of the current closure that are not charged.
    included: u64,
    operations: u64,
    clock: Option<Instant>,
    time: Duration,
}

thread_local! {
    static BUDGET: Cell<Budget> = const { Cell::new(Budget::of(OPERATIONS)) };
    static TIMED_OUT: Cell<bool> = const { Cell::new(false) };
}

impl Budget {
    const fn of(limit: u64) -> Self {
        Self { limit, used: 0, included: 0, operations: 0, clock: None, time: Duration::ZERO }
    }

    /// Whether the time limit is exceeded, after another step.
    fn step(&mut self) -> bool {
        let now = Instant::now();
        let step = self.clock.map_or(Duration::ZERO, |before| now - before);
        self.clock = Some(now);
        self.time += step.min(MAX_STEP);
        self.time > MAX_TIME
    }
}

/// Begins an evaluation by a rule that names lists with so many resources.
pub(crate) fn begin(resources: usize) {
    let lists = (resources as u64).saturating_mul(PER_RESOURCE);
    BUDGET.set(Budget::of(OPERATIONS.saturating_add(lists)));
    TIMED_OUT.set(false);
}

/// Adds what an evaluation may use for another list that the rule names.
pub(crate) fn name_list(resources: usize) {
    let more = (resources as u64).saturating_mul(PER_RESOURCE);
    let budget = BUDGET.get();
    BUDGET.set(Budget { limit: budget.limit.saturating_add(more), ..budget });
}

/// How many operations the evaluation has used.
pub(crate) fn used() -> u64 {
    BUDGET.get().used
}

/// Whether the last evaluation exceeded the time limit.
pub(crate) fn timed_out() -> bool {
    TIMED_OUT.get()
}

/// Charges one operation of a script; the reason to end the evaluation, if there is one.
pub(crate) fn operation() -> Option<Dynamic> {
    let mut budget = BUDGET.get();
    budget.operations += 1;
    if budget.included > 0 {
        budget.included -= 1;
    } else {
        budget.used += 1;
    }
    let exhausted = budget.used > budget.limit;
    let late = budget.operations.is_multiple_of(CLOCK_INTERVAL) && budget.step();
    BUDGET.set(budget);
    if late {
        TIMED_OUT.set(true);
        return Some(Dynamic::from(Interrupt::Deadline));
    }
    exhausted.then(|| Dynamic::from(Interrupt::Exhausted { limit: budget.limit }))
}

/// Charges the work of a native function on a number of items.
pub(crate) fn charge_items(items: usize) -> Result<(), Box<EvalAltResult>> {
    charge(1 + items as u64 / ITEMS_PER_OPERATION)
}

/// Charges a number of operations.
pub(crate) fn charge(operations: u64) -> Result<(), Box<EvalAltResult>> {
    let mut budget = BUDGET.get();
    budget.used = budget.used.saturating_add(operations);
    BUDGET.set(budget);
    if budget.used > budget.limit {
        return Interrupt::Exhausted { limit: budget.limit }.raise();
    }
    Ok(())
}

/// Runs a closure on one item: charges one operation, which includes the first ones of the closure.
pub(crate) fn for_item<T>(
    closure: impl FnOnce() -> Result<T, Box<EvalAltResult>>,
) -> Result<T, Box<EvalAltResult>> {
    charge(1)?;
    let outer = BUDGET.get().included;
    BUDGET.set(Budget { included: PER_ITEM, ..BUDGET.get() });
    let done = closure();
    BUDGET.set(Budget { included: outer, ..BUDGET.get() });
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_are_charged_once_per_item_and_beyond_the_included_operations() {
        begin(0);
        for _ in 0..1_000 {
            let closure = || {
                (0..60).for_each(|_| drop(operation()));
                Ok(())
            };
            for_item(closure).unwrap();
        }
        assert_eq!(BUDGET.get().used, 1_000 * 11);
    }

    #[test]
    fn the_budget_grows_with_the_lists_that_a_rule_names() {
        for (resources, limit) in [(0, 250_000), (10, 250_500), (usize::MAX, u64::MAX)] {
            begin(resources);
            assert_eq!(BUDGET.get().limit, limit);
        }
    }

    #[test]
    fn a_stopped_process_uses_no_time() {
        let hour_ago = Instant::now().checked_sub(Duration::from_secs(3_600)).unwrap();
        let mut budget = Budget { clock: Some(hour_ago), ..Budget::of(1) };
        assert!(!budget.step());
        assert_eq!(budget.time, MAX_STEP);
    }
}
