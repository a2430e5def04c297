//! Which objects native functions used as a whole, while accesses are recorded. The conversion to
//! Rust types has no access to the recorder, so this is kept per thread.

use std::cell::RefCell;
use std::collections::HashSet;

thread_local! {
    /// Objects that native functions used as a whole; `None` if not tracking.
    static USED: RefCell<Option<HashSet<*const ()>>> = const { RefCell::new(None) };
}

/// Marks an object as used as a whole.
pub(crate) fn mark_used(object: *const ()) {
    USED.with_borrow_mut(|used| used.as_mut().map(|used| used.insert(object)));
}

/// Whether this thread records which objects are used.
pub(crate) fn is_active() -> bool {
    USED.with_borrow(Option::is_some)
}

/// Runs some work without tracking: evidence does not affect the verdict.
pub(crate) fn without_tracking<T>(work: impl FnOnce() -> T) -> T {
    let before = USED.take();
    let done = work();
    USED.set(before);
    done
}

/// Runs some work, and returns which objects it used as a whole.
pub(crate) fn while_tracking<T>(work: impl FnOnce() -> T) -> (T, HashSet<*const ()>) {
    USED.set(Some(HashSet::new()));
    let done = work();
    (done, USED.take().unwrap_or_default())
}
