//! The end of the text report: coverage gaps, totals, and the closing line.

use super::layout::{Paint, hang, pad, width};
use super::usage::{mib, usage_table};
use crate::model::text::one_line;
use crate::model::{Extent, Severity, Verdict, counted};
use crate::output::closing::closing;
use crate::output::words::stale_waiver;
use crate::report::{AccountReport, RunInfo, Summary, missing_action};

/// Maximum number of rows in the table of gaps, so that memory does not grow with the number of
/// accounts.
const GAPS_SHOWN: usize = 100;

/// Coverage gaps of all accounts.
#[derive(Debug, Default)]
pub(super) struct GapTable {
    rows: Vec<Row>,
    more: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    cells: [String; 6],
    /// The missing IAM action of a denied call, if it is not named like the call.
    action: Option<&'static str>,
    accepted: Option<String>,
}

impl GapTable {
    pub(super) fn add(&mut self, report: &AccountReport) {
        for reported in &report.gaps {
            if self.rows.len() == GAPS_SHOWN {
                self.more += 1;
                continue;
            }
            let gap = &reported.gap;
            let unknown = match &gap.extent {
                Extent::Account => "entire account".to_owned(),
                Extent::Regions => "other regions".to_owned(),
                Extent::List { kind } => format!("all {kind} resources"),
                Extent::Facts { kind, fact, resources } => {
                    format!("{fact} of {}", counted(resources.len(), &format!("{kind} resource")))
                }
            };
            self.rows.push(Row {
                cells: [
                    report.account.to_string(),
                    gap.region.to_string(),
                    one_line(&gap.cause.call, 50),
                    one_line(&gap.cause.code, 40),
                    gap.cause.denied_by.map_or("", |by| by.as_str()).to_owned(),
                    one_line(&unknown, 80),
                ],
                action: missing_action(&gap.cause).filter(|action| *action != gap.cause.call),
                accepted: reported.accepted.clone(),
            });
        }
    }

    fn render(&self, out: &mut String, paint: Paint, total: usize) {
        if self.rows.is_empty() {
            return;
        }
        const TITLES: [&str; 6] = ["account", "region", "call", "code", "denied by", "unknown"];
        let widths: [usize; 6] = std::array::from_fn(|column| {
            self.rows
                .iter()
                .map(|row| width(&row.cells[column]))
                .chain([TITLES[column].len()])
                .max()
                .unwrap_or(0)
        });
        let no_denied_by = self.rows.iter().all(|row| row.cells[4].is_empty());
        let line = |cells: [&str; 6]| {
            let cells = cells
                .iter()
                .zip(widths)
                .enumerate()
                .filter(|(column, _)| *column != 4 || !no_denied_by);
            let padded: Vec<String> = cells.map(|(_, (cell, width))| pad(cell, width)).collect();
            padded.join("  ").trim_end().to_owned()
        };
        out.push_str(&format!("{}\n", paint.bold("Coverage gaps")));
        out.push_str(&format!("  {}\n", paint.dim(&line(TITLES))));
        for row in &self.rows {
            let text = line(std::array::from_fn(|column| row.cells[column].as_str()));
            match &row.accepted {
                None => out.push_str(&format!("  {text}\n")),
                Some(reason) => {
                    out.push_str(&format!("  {}\n", paint.dim(&text)));
                    hang(out, "    accepted: ", 14, &one_line(reason, 300), total);
                }
            }
            if let Some(action) = row.action {
                hang(out, "    IAM action: ", 16, action, total);
            }
        }
        if self.more > 0 {
            out.push_str(&format!(
                "  … and {} more; the JSON report lists all of them\n",
                self.more
            ));
        }
        out.push('\n');
    }
}

/// Everything after the last account.
pub(super) fn render(
    run: &RunInfo,
    summary: &Summary,
    gaps: &GapTable,
    has_usage: bool,
    paint: Paint,
    total: usize,
) -> String {
    let mut out = String::new();
    gaps.render(&mut out, paint, total);
    stale(&mut out, summary, paint, total);
    stale_waivers(&mut out, summary, paint, total);
    let replacements = run.replacements();
    replacements.iter().for_each(|note| hang(&mut out, "note: ", 6, &one_line(note, 300), total));
    if !replacements.is_empty() {
        out.push('\n');
    }
    super::compliance::render(&mut out, run, summary, paint, total);
    numbers(&mut out, summary, paint);
    out.push('\n');
    if let Some(usage) = summary.collection.as_ref().filter(|_| has_usage) {
        let table = usage_table(usage);
        out.push_str(&format!("{}\n{table}\n", paint.bold("API calls")));
    }
    let (verdict, line) = closing(run, summary);
    let wrapped = super::layout::wrap(&line, total);
    for line in wrapped {
        out.push_str(&paint.verdict(verdict, &line));
        out.push('\n');
    }
    out
}

fn stale(out: &mut String, summary: &Summary, paint: Paint, total: usize) {
    if summary.stale_accepted_gaps.is_empty() {
        return;
    }
    out.push_str(&format!(
        "{}\n",
        paint.bold("Accepted gaps that match nothing (remove them from the config)")
    ));
    for gap in &summary.stale_accepted_gaps {
        let line =
            format!("{} · reason: {}", one_line(&gap.covers, 200), one_line(&gap.reason, 200));
        hang(out, "  ", 4, &line, total);
    }
    out.push('\n');
}

fn stale_waivers(out: &mut String, summary: &Summary, paint: Paint, total: usize) {
    if summary.stale_waivers.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", paint.bold("Waivers that expired or match nothing")));
    for stale in &summary.stale_waivers {
        hang(out, "  ", 4, &stale_waiver(stale), total);
    }
    out.push('\n');
}

fn numbers(out: &mut String, summary: &Summary, paint: Paint) {
    out.push_str(&format!("{}\n", paint.bold("Summary")));
    let mut row = |title: &str, cells: Vec<(String, usize, String)>| {
        out.push_str(&format!("  {}", pad(title, 11)));
        let cells: Vec<String> = cells
            .into_iter()
            .map(|(word, number, painted)| {
                // Align the columns of all rows.
                let cell =
                    pad("", 16usize.saturating_sub(width(&word) + 1 + number.to_string().len()));
                if number == 0 {
                    paint.dim(&format!("{number} {word}")) + cell.as_str()
                } else {
                    painted + cell.as_str()
                }
            })
            .collect();
        out.push_str(cells.concat().trim_end());
        out.push('\n');
    };
    let severities = Severity::ALL.into_iter().map(|severity| {
        let number = summary.failures.get(&severity).copied().unwrap_or(0);
        (severity.to_string(), number, paint.severity(severity, &format!("{number} {severity}")))
    });
    row("failures", severities.collect());
    if !summary.waived.is_empty() {
        let waived = summary.waived.iter();
        row(
            "waived",
            waived
                .map(|(verdict, number)| {
                    (verdict.to_string(), *number, format!("{number} {verdict}"))
                })
                .collect(),
        );
    }
    let verdicts = Verdict::ALL.into_iter().map(|verdict| {
        let number = summary.count(verdict);
        (verdict.to_string(), number, paint.verdict(verdict, &format!("{number} {verdict}")))
    });
    row("verdicts", verdicts.collect());
    let plain = |word: &str, number: usize| (word.to_owned(), number, format!("{number} {word}"));
    if let Some(states) = &summary.states {
        let mut cells = vec![
            plain("new", states.new_failures()),
            plain("unchanged", states.unchanged),
            plain("fixed", states.fixed),
            plain("unknown now", states.unknown_now),
        ];
        if states.not_scanned > 0 {
            cells.push(plain("not scanned", states.not_scanned));
        }
        row("baseline", cells);
    }
    if let Some(sources) = &summary.sources {
        row(
            "code",
            vec![
                plain("placed", sources.placed),
                plain("not declared", sources.not_declared),
                plain("not found", sources.not_found),
            ],
        );
    }
    let complete =
        summary.accounts.saturating_sub(summary.accounts_incomplete + summary.accounts_not_entered);
    row(
        "accounts",
        vec![
            plain("complete", complete),
            plain("incomplete", summary.accounts_incomplete),
            plain("inaccessible", summary.accounts_not_entered),
        ],
    );
    row("gaps", vec![plain("open", summary.gaps), plain("accepted", summary.accepted_gaps)]);
    row("resources", vec![plain("evaluated", summary.resources)]);
    let calls: u64 = summary.calls_by_api.values().sum();
    if calls > 0 {
        row(
            "API usage",
            vec![
                plain("calls", usize::try_from(calls).unwrap_or(usize::MAX)),
                plain("APIs", summary.calls_by_api.len()),
            ],
        );
    }
    let Some(usage) = &summary.collection else { return };
    let Some(rate) = usage.accounts_per_minute() else { return };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut cells = vec![plain("throttled", number(usage.total().throttled))];
    cells.extend(usage.peak_memory_kib.map(|kib| plain("MiB memory", number(mib(kib)))));
    // The last cell can be wider than its column.
    cells.push(plain("accounts/min", rate.round() as usize));
    row("collection", cells);
}
