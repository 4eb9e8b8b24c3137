//! How a command ends. `main` turns it into the exit code, nothing else does.

use crate::domain::Verdict;

/// The three ways in which a command can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0: done, and every rule of the gate passed or was waived.
    Passed,
    /// Exit code 1: a rule failed or was undecided, or a required check did not run.
    Failed,
    /// Exit code 2: usage, configuration or unreadable input.
    CouldNotAudit,
}

/// From which verdict on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FailOn {
    /// A failed or undecided rule, or a check that did not run.
    #[default]
    Fail,
    /// Also a warning: a pass whose interval crosses the limit.
    Warn,
}

impl Outcome {
    /// The number that a shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::CouldNotAudit => 2,
        }
    }

    /// The end of an audit with this verdict.
    #[must_use]
    pub fn of(verdict: Verdict, fail_on: FailOn) -> Self {
        let strict = fail_on == FailOn::Warn && verdict == Verdict::Warn;
        if verdict.lets_pass() && !strict { Self::Passed } else { Self::Failed }
    }

    /// The same under `--exit-zero`: a failed gate is only reported, an impossible audit is not.
    #[must_use]
    pub fn forgiven(self, exit_zero: ExitZero) -> Self {
        match (self, exit_zero) {
            (Self::Failed, ExitZero(true)) => Self::Passed,
            (outcome, _) => outcome,
        }
    }
}

/// Whether `--exit-zero` was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitZero(pub bool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecided_and_not_run_do_not_pass() {
        for verdict in [Verdict::Fail, Verdict::Undecided, Verdict::NotRun] {
            assert_eq!(Outcome::of(verdict, FailOn::Fail), Outcome::Failed);
        }
        for verdict in [Verdict::Pass, Verdict::Waived, Verdict::Warn] {
            assert_eq!(Outcome::of(verdict, FailOn::Fail), Outcome::Passed);
        }
        assert_eq!(Outcome::of(Verdict::Warn, FailOn::Warn), Outcome::Failed);
        assert_eq!(Outcome::of(Verdict::Waived, FailOn::Warn), Outcome::Passed);
    }

    #[test]
    fn exit_zero_forgives_a_failed_gate_only() {
        assert_eq!(Outcome::Failed.forgiven(ExitZero(true)), Outcome::Passed);
        assert_eq!(Outcome::Failed.forgiven(ExitZero(false)), Outcome::Failed);
        assert_eq!(Outcome::CouldNotAudit.forgiven(ExitZero(true)).code(), 2);
    }
}
