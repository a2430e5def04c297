//! Counts the steps of the checks, so that tests can bound the work for a hostile rule.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts one step.
pub(super) fn step() {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
}

/// The number of steps on this thread since the last call.
#[cfg(test)]
pub(super) fn take() -> usize {
    STEPS.take()
}
