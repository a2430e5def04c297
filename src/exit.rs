//! Exit codes, the same for all commands and output formats.

use std::process::ExitCode;

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// No findings, and complete.
    Clean,
    /// Findings of severity `--fail-on` or higher.
    Findings,
    /// The command could not run: for example a usage or config error, a rule that does not compile,
    /// or an output that cannot be written.
    CouldNotRun,
    /// Something that the selected rules need could not be read and is not an accepted gap, or a rule
    /// failed with an error.
    Incomplete,
}

impl Exit {
    /// All results, by code.
    pub const ALL: [Self; 4] = [Self::Clean, Self::Findings, Self::CouldNotRun, Self::Incomplete];

    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Incomplete => 3,
        }
    }

    /// The result of an evaluation. An incomplete run may have missed findings, so 3 takes precedence
    /// over 1.
    pub fn of_run(findings: bool, incomplete: bool) -> Self {
        let findings = if findings { Self::Findings } else { Self::Clean };
        findings.or(if incomplete { Self::Incomplete } else { Self::Clean })
    }

    /// The one that takes precedence: 2 over 3 over 1 over 0.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.precedence() >= other.precedence() { self } else { other }
    }

    fn precedence(self) -> u8 {
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
    fn two_takes_precedence_over_three_and_three_over_one() {
        for (a, b, combined) in [
            (Clean, Findings, Findings),
            (Findings, Incomplete, Incomplete),
            (Incomplete, CouldNotRun, CouldNotRun),
            (CouldNotRun, Findings, CouldNotRun),
            (Clean, Clean, Clean),
        ] {
            assert_eq!((a.or(b), b.or(a)), (combined, combined));
        }
        assert_eq!(Exit::of_run(true, true).code(), 3);
        assert_eq!(Exit::of_run(true, false).code(), 1);
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3]);
    }
}
