//! Exit codes: the same for every command and every output format.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Clean and complete.
    Clean,
    /// Findings at or over `--fail-on`.
    Findings,
    /// It could not run: usage, config, a rule that does not compile, an output that cannot be
    /// written.
    CouldNotRun,
    /// Something that the selected rules need was not read and is no accepted gap, or a rule broke.
    Incomplete,
}

impl Exit {
    /// All of them, by code.
    pub const ALL: [Self; 4] = [Self::Clean, Self::Findings, Self::CouldNotRun, Self::Incomplete];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Incomplete => 3,
        }
    }

    /// What an evaluation comes to. Findings of an incomplete run are real, but that there are no
    /// others is not known: 3 over 1.
    pub fn of_run(findings: bool, incomplete: bool) -> Self {
        let findings = if findings { Self::Findings } else { Self::Clean };
        findings.or(if incomplete { Self::Incomplete } else { Self::Clean })
    }

    /// The one of two that a run reports: 2 over 3 over 1 over 0.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.weight() >= other.weight() { self } else { other }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 2,
            Self::CouldNotRun => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{self, *};

    #[test]
    fn two_over_three_over_one() {
        for (a, b, both) in [
            (Clean, Findings, Findings),
            (Findings, Incomplete, Incomplete),
            (Incomplete, CouldNotRun, CouldNotRun),
            (CouldNotRun, Findings, CouldNotRun),
            (Clean, Clean, Clean),
        ] {
            assert_eq!((a.or(b), b.or(a)), (both, both));
        }
        assert_eq!(Exit::of_run(true, true).code(), 3);
        assert_eq!(Exit::of_run(true, false).code(), 1);
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3]);
    }
}
