//! Which objects native functions used as a whole, while somebody records accesses. Conversion to
//! Rust types has no context to record it in, so it is kept per thread.

use std::cell::RefCell;
use std::collections::HashSet;

thread_local! {
    /// Objects that native functions took as a whole while somebody wants to know. Conversion has
    /// no context to tell it to.
    static USED: RefCell<Option<HashSet<*const ()>>> = const { RefCell::new(None) };
}

/// Tells that an object is taken as a whole.
pub(crate) fn mark_used(object: *const ()) {
    USED.with_borrow_mut(|used| used.as_mut().map(|used| used.insert(object)));
}

/// Does something of which no object is taken: evidence does not decide.
pub(crate) fn without_tracking<T>(work: impl FnOnce() -> T) -> T {
    let before = USED.take();
    let done = work();
    USED.set(before);
    done
}

/// Does some work, and returns which objects it used as a whole.
pub(crate) fn while_tracking<T>(work: impl FnOnce() -> T) -> (T, HashSet<*const ()>) {
    USED.set(Some(HashSet::new()));
    let done = work();
    (done, USED.take().unwrap_or_default())
}
