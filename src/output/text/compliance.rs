//! The compliance table: one line per requirement that is checked by rules; the others are listed
//! below.

use super::layout::{Paint, fit, hang, pad, width};
use crate::model::Verdict;
use crate::model::text::one_line;
use crate::report::{FrameworkInfo, RequirementInfo, RequirementOutcome, RunInfo, Status, Summary};

/// Maximum width of the column of requirement numbers.
const NUMBER_MAX: usize = 16;
/// Width of the longest status: `no resources`.
const STATUS: usize = 12;
/// Width of a count, including the spaces before it.
const COUNT: usize = 9;

/// A table for each framework of the run.
pub(super) fn render(
    out: &mut String,
    run: &RunInfo,
    summary: &Summary,
    paint: Paint,
    total: usize,
) {
    for framework in &run.frameworks {
        let evaluated: Vec<(&RequirementInfo, RequirementOutcome)> = framework
            .requirements
            .iter()
            .map(|requirement| (requirement, summary.outcome_of(requirement)))
            .collect();
        heading(out, framework, paint, total);
        table(out, &evaluated, paint, total);
        rest(out, &evaluated, total);
        out.push('\n');
    }
}

fn heading(out: &mut String, framework: &FrameworkInfo, paint: Paint, total: usize) {
    let name = format!("{} {}", one_line(&framework.name, 100), one_line(&framework.version, 20));
    out.push_str(&format!(
        "{} {}\n",
        paint.bold(&name),
        paint.dim(&format!("({})", one_line(&framework.id, 40)))
    ));
    let from = framework
        .folder
        .as_ref()
        .map(|folder| format!("; from {}", one_line(folder, 200)))
        .unwrap_or_default();
    hang(out, "  ", 2, &format!("Listed: {}{from}", one_line(&framework.scope, 255)), total);
}

fn is_open(status: Status) -> bool {
    matches!(status, Status::NotCovered | Status::NotDecidable)
}

fn table(
    out: &mut String,
    evaluated: &[(&RequirementInfo, RequirementOutcome)],
    paint: Paint,
    total: usize,
) {
    let rows: Vec<_> =
        evaluated.iter().filter(|(_, evaluated)| !is_open(evaluated.status)).collect();
    if rows.is_empty() {
        return;
    }
    let numbers: Vec<String> =
        rows.iter().map(|(requirement, _)| fit(&requirement.id, NUMBER_MAX)).collect();
    let number_width = numbers.iter().map(|number| width(number)).max().unwrap_or(0);
    let title_width = total.saturating_sub(number_width + STATUS + 3 * COUNT + 6).max(10);
    let counts = |counts: [&str; 3]| counts.map(|count| format!("{count:>COUNT$}")).concat();
    let head = format!(
        "  {}  {}{}",
        pad("requirement", number_width + 2 + title_width),
        pad("status", STATUS),
        counts(["passed", "failed", "unknown"])
    );
    out.push_str(&format!("{}\n", paint.dim(&head)));
    for ((requirement, evaluated), number) in rows.into_iter().zip(&numbers) {
        let verdict = match evaluated.status {
            Status::Failed => Verdict::Fail,
            Status::Unknown => Verdict::Unknown,
            Status::Passed => Verdict::Pass,
            _ => Verdict::Skip,
        };
        let title = fit(&requirement.title, title_width);
        let [passed, failed, unknown] =
            [evaluated.passed, evaluated.failed, evaluated.unknown + evaluated.errors]
                .map(|number| number.to_string());
        out.push_str(&format!(
            "  {}  {}  {}{}\n",
            pad(number, number_width),
            pad(&title, title_width),
            paint.verdict(verdict, &pad(evaluated.status.as_str(), STATUS)),
            counts([&passed, &failed, &unknown])
        ));
        if evaluated.waived > 0 {
            let line = format!("waived: {} of {} failed", evaluated.waived, evaluated.failed);
            hang(out, "    ", 4, &line, total);
        }
        if !evaluated.not_run.is_empty() {
            hang(
                out,
                "    ",
                4,
                &format!("rules not run: {}", evaluated.not_run.join(", ")),
                total,
            );
        }
    }
}

/// Number of requirements per status, and the ids of those that no rule checks.
fn rest(out: &mut String, evaluated: &[(&RequirementInfo, RequirementOutcome)], total: usize) {
    let of =
        |status: Status| evaluated.iter().filter(move |(_, evaluated)| evaluated.status == status);
    let numbers = Status::ALL.map(|status| (of(status).count(), status));
    let numbers: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, status)| format!("{number} {status}"))
        .collect();
    hang(out, "  ", 2, &numbers.join(", "), total);
    for status in [Status::NotCovered, Status::NotDecidable] {
        let ids: Vec<String> =
            of(status).map(|(requirement, _)| one_line(&requirement.id, 40)).collect();
        if !ids.is_empty() {
            hang(out, "  ", 4, &format!("{status}: {}", ids.join(", ")), total);
        }
    }
}
