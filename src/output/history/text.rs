//! How findings developed over many reports, for people.

use std::io::{self, Write};

use crate::model::text::one_line;
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, pad, width};
use crate::report::{AccountTrend, History, Trend};

const TITLES: [&str; 6] = ["open", "unknown", "at start", "new", "fixed", "mean time to fix"];

/// Writes one table each for reports, accounts, rules and frameworks. Rules without findings are
/// omitted.
pub fn write_text(out: &mut dyn Write, history: &History, options: TextOptions) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let reports = history.reports.iter().enumerate().map(|(at, report)| {
        // There is nothing to compare the first one with.
        let since = |number: usize| Some(number).filter(|_| at > 0);
        let numbers = [
            Some(report.open),
            Some(report.failures),
            Some(report.waived),
            Some(report.not_checked()),
            since(report.new),
            since(report.fixed),
        ];
        let shown = |number: Option<usize>| number.map_or("–".to_owned(), |it| it.to_string());
        let file = one_line(&report.file, 60);
        (format!("{}  {file}", report.collected_at), numbers.map(shown))
    });
    table(
        out,
        "Reports",
        ["open", "failures", "waived", "unknown", "new", "fixed"],
        reports.collect(),
        paint,
    )?;
    let account = |account: &AccountTrend| {
        let id = account.account.as_str();
        let label = match account.name.as_deref() {
            Some(name) if name != id => format!("{} ({id})", one_line(name, 40)),
            _ => id.to_owned(),
        };
        (label, cells(&account.trend))
    };
    let accounts = history.accounts.iter().map(account).collect();
    table(out, "Accounts", TITLES, accounts, paint)?;
    for (title, trends) in [("Rules", &history.rules), ("Frameworks", &history.frameworks)] {
        let seen = trends.iter().filter(|(_, trend)| *trend != Trend::default());
        let rows = seen.map(|(id, trend)| (one_line(id, 60), cells(trend)));
        table(out, title, TITLES, rows.collect(), paint)?;
    }
    table(out, "Total", TITLES, vec![(String::new(), cells(&history.total))], paint)
}

fn cells(trend: &Trend) -> [String; 6] {
    let time = match trend.mean_fix_seconds() {
        None => "–".to_owned(),
        Some(seconds) if trend.at_least => format!("≥ {}", duration(seconds)),
        Some(seconds) => duration(seconds),
    };
    let Trend { open, unknown_now, at_start, new, fixed, .. } = trend;
    let [open, unknown_now, at_start, new, fixed] =
        [open, unknown_now, at_start, new, fixed].map(ToString::to_string);
    [open, unknown_now, at_start, new, fixed, time]
}

/// A duration with one decimal digit: `36.0 h`, `3.5 d`.
fn duration(seconds: u64) -> String {
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;
    let tenths = |unit: u64| {
        let tenths = seconds.saturating_mul(10).saturating_add(unit / 2) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    if seconds < 2 * DAY { format!("{} h", tenths(HOUR)) } else { format!("{} d", tenths(DAY)) }
}

fn table<const N: usize>(
    out: &mut dyn Write,
    title: &str,
    titles: [&str; N],
    rows: Vec<(String, [String; N])>,
    paint: Paint,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let label = rows.iter().map(|(label, _)| width(label)).chain([title.len()]).max().unwrap_or(0);
    let widths = titles.iter().enumerate().map(|(column, title)| {
        let cells = rows.iter().filter_map(|(_, cells)| cells.get(column));
        cells.map(|cell| width(cell)).chain([title.len()]).max().unwrap_or(0)
    });
    let widths: Vec<usize> = widths.collect();
    let line = |cells: &[&str]| {
        let cells = cells.iter().zip(&widths);
        let right = cells.map(|(cell, columns)| {
            format!("  {}{cell}", " ".repeat(columns.saturating_sub(width(cell))))
        });
        right.collect::<String>()
    };
    writeln!(out, "{}{}", paint.bold(&pad(title, label)), paint.dim(&line(&titles)))?;
    for (name, cells) in &rows {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        writeln!(out, "{}{}", pad(name, label), line(&cells))?;
    }
    if title == "Total" { Ok(()) } else { writeln!(out) }
}
