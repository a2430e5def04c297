//! Earlier reports and this run in numbers, for charts and tables.

use jiff::Timestamp;

use super::collected::Collected;
use crate::model::Verdict;
use crate::report::{History, HistoryReport, RunInfo, Summary};

/// A report, in numbers.
pub(super) struct Point {
    /// Whether it is this run.
    pub(super) is_now: bool,
    pub(super) collected_at: String,
    pub(super) file: String,
    pub(super) failures: usize,
    pub(super) waived: usize,
    /// `None`: without a baseline, that is not known.
    pub(super) since: Option<Since>,
}

pub(super) struct Since {
    pub(super) not_checked: usize,
    /// `None` for the first report: there is nothing to compare it with.
    pub(super) new: Option<usize>,
    pub(super) fixed: Option<usize>,
}

impl Point {
    fn earlier(report: &HistoryReport, is_first: bool) -> Self {
        let number = |number| Some(number).filter(|_| !is_first);
        Self {
            is_now: false,
            collected_at: report.collected_at.clone(),
            file: report.file.clone(),
            failures: report.failures,
            waived: report.waived,
            since: Some(Since {
                not_checked: report.not_checked(),
                new: number(report.new),
                fixed: number(report.fixed),
            }),
        }
    }

    /// This run, with the numbers that its own report would have; `None` if nothing was collected.
    fn now(summary: &Summary, collected: &Collected) -> Option<Self> {
        let (_, collected_at) = collected.collected.clone()?;
        let since = summary.states.as_ref().map(|states| Since {
            not_checked: states.unknown_now + states.not_scanned,
            // A waived finding is open, too.
            new: Some(
                (states.new_failures() + states.new_waived).saturating_sub(states.waiver_ended),
            ),
            fixed: Some(states.fixed),
        });
        Some(Self {
            is_now: true,
            collected_at,
            file: "this run".to_owned(),
            failures: summary.failures.values().sum(),
            waived: summary.waived(Verdict::Fail),
            since,
        })
    }

    /// Findings that are open: they fail, are waived, or could not be checked again.
    pub(super) fn open(&self) -> Option<usize> {
        self.since.as_ref().map(|since| self.failures + self.waived + since.not_checked)
    }
}

/// The earlier reports, and this run if it has the same filters and is later.
pub(super) fn points(
    earlier: &History,
    run: &RunInfo,
    summary: &Summary,
    collected: &Collected,
) -> Vec<Point> {
    let instant = |time: &str| time.parse::<Timestamp>().ok();
    let reports = earlier.reports.iter().enumerate();
    let mut points: Vec<Point> =
        reports.map(|(at, report)| Point::earlier(report, at == 0)).collect();
    let is_comparable = run.selection.narrowed_by == earlier.narrowed_by;
    let now = Point::now(summary, collected).filter(|now| {
        // The folder may already contain the JSON report of this run, or later ones.
        let last = points.last().and_then(|last| instant(&last.collected_at));
        is_comparable && last < instant(&now.collected_at)
    });
    points.extend(now);
    points
}
