//! How findings developed over earlier reports and this run, with the numbers of `rolecall history`.

use super::cells::time;
use super::markup::{cell, counted, number, query, table, text};
use crate::output::collected::Collected;
use crate::output::trend::{Point, Since, points};
use crate::report::{History, RunInfo, Summary, Trend};

const WIDTH: usize = 720;
const HEIGHT: usize = 160;
/// Space around the lines.
const MARGIN: usize = 8;
/// Reports in the chart and the table: the last ones.
const SHOWN: usize = 120;

/// A report as a row of the table.
fn row(point: &Point) -> String {
    let unknown = || "<td class=\"num\">–</td>".to_owned();
    let since = |number: fn(&Since) -> Option<usize>| {
        point.since.as_ref().and_then(number).map_or_else(unknown, cell)
    };
    format!(
        "<tr><th scope=\"row\">{}</th>{}{}{}{}{}{}<td>{}</td></tr>\n",
        time(&point.collected_at),
        cell(point.failures),
        cell(point.waived),
        since(|since| Some(since.not_checked)),
        point.open().map_or_else(unknown, cell),
        since(|since| since.new),
        since(|since| since.fixed),
        text(&point.file)
    )
}

pub(super) fn render(
    earlier: &History,
    run: &RunInfo,
    summary: &Summary,
    collected: &Collected,
) -> String {
    let points = points(earlier, run, summary, collected);
    let (with_now, note) = match points.len() > earlier.reports.len() {
        true => (
            " and this run",
            " The numbers of this run are those since its baseline; a failure whose waiver ended was open before, so it is not new here.",
        ),
        false => ("", ""),
    };
    let points = points.get(points.len().saturating_sub(SHOWN)..).unwrap_or_default();
    let mut out = format!(
        "<p>{}{with_now}. A finding is open from the first report in which it fails until a report that checked it again and no longer has it: it fails, is waived, or was not checked again.{note}</p>\n",
        counted(earlier.reports.len(), "earlier report")
    );
    let failures: Vec<Option<usize>> = points.iter().map(|point| Some(point.failures)).collect();
    // Of the first report and of a run without a baseline, some are unknown.
    let since = |number: fn(&Since) -> Option<usize>| -> Vec<Option<usize>> {
        points.iter().map(|point| point.since.as_ref().and_then(number)).collect()
    };
    let unread = since(|since| Some(since.not_checked));
    let new = since(|since| since.new);
    let fixed = since(|since| since.fixed);
    let days: Vec<&str> = points.iter().map(|point| day(&point.collected_at)).collect();
    out.push_str("<h3>Failures and findings that were not checked</h3>\n");
    out.push_str("<p class=\"legend\"><span class=\"entry\"><span class=\"key open\"></span>failures, without waived ones</span> <span class=\"entry\"><span class=\"key unread\"></span>not checked: failed before</span></p>\n");
    let lines = [("open", failures.as_slice()), ("unread", &unread)];
    out.push_str(&chart("Failures and findings that were not checked per report", &days, &lines));
    out.push_str("<h3>New and fixed findings</h3>\n");
    out.push_str("<p class=\"legend\"><span class=\"entry\"><span class=\"key new\"></span>new</span> <span class=\"entry\"><span class=\"key fixed\"></span>fixed</span></p>\n");
    let lines = [("new", new.as_slice()), ("fixed", &fixed)];
    out.push_str(&chart("New and fixed findings per report", &days, &lines));
    let rows: String = points.iter().rev().map(row).collect();
    out.push_str(&table(
        "Reports",
        &["collected", "#failures", "#waived", "#not checked", "#open", "#new", "#fixed", "report"],
        &rows,
    ));
    out.push_str(&trends(earlier, run, collected));
    if !earlier.skipped.is_empty() {
        let rows: String = earlier
            .skipped
            .iter()
            .map(|skipped| {
                format!(
                    "<tr><td>{}</td><td class=\"long\">{}</td></tr>\n",
                    text(&skipped.file),
                    text(&skipped.reason)
                )
            })
            .collect();
        out.push_str("<h3>Files that were not used</h3>\n");
        out.push_str(&table("Files that were not used", &["file", "reason"], &rows));
    }
    out
}

/// The day of a time in RFC 3339 format.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// Which reports have their day below the axis: the first, the last, and some between.
fn labeled(length: usize) -> Vec<usize> {
    /// As many as there is space for, also on a phone.
    const LABELS: usize = 3;
    let Some(last) = length.checked_sub(1) else { return Vec::new() };
    let steps = last.min(LABELS - 1);
    (0..=steps).map(|step| (last * step).checked_div(steps).unwrap_or(0)).collect()
}

/// Lines over the reports, of which the days are given.
fn chart(label: &str, days: &[&str], lines: &[(&str, &[Option<usize>])]) -> String {
    let values = lines.iter().flat_map(|(_, values)| *values).flatten();
    let largest = values.copied().max().unwrap_or(0);
    let length = days.len();
    let (width, height) = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN);
    let across = |index: usize| {
        MARGIN + (width * index).checked_div(length.saturating_sub(1)).unwrap_or(width / 2)
    };
    let at = |index: usize, value: usize| {
        (across(index), MARGIN + height - height.saturating_mul(value) / largest.max(1))
    };
    let mut out = format!(
        "<div class=\"lines\"><span class=\"most\" aria-hidden=\"true\">{}</span><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        number(largest),
        text(&format!("{label}, {}: {}", period(days), in_words(lines)))
    );
    let bottom = HEIGHT - MARGIN;
    out.push_str(&format!("<path class=\"axis\" d=\"M{MARGIN} {bottom}H{}\"/>", WIDTH - MARGIN));
    let labeled = labeled(length);
    for index in &labeled {
        let x = across(*index);
        out.push_str(&format!("<path class=\"axis\" d=\"M{x} {bottom}v{MARGIN}\"/>"));
    }
    for (class, values) in lines {
        let points = values.iter().enumerate();
        let points: Vec<(usize, usize)> =
            points.filter_map(|(index, value)| Some(at(index, (*value)?))).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        out.push_str(&format!("<polyline class=\"{class}\" points=\"{}\"/>", path.join(" ")));
        for (x, y) in points {
            out.push_str(&format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>"));
        }
    }
    out.push_str("</svg><svg class=\"days\" aria-hidden=\"true\" focusable=\"false\">");
    for index in labeled {
        let anchor = match index {
            _ if length == 1 => "middle",
            0 => "start",
            _ if index + 1 == length => "end",
            _ => "middle",
        };
        let tenths = across(index) * 1_000 / WIDTH;
        out.push_str(&format!(
            "<text x=\"{}.{}%\" y=\"75%\" text-anchor=\"{anchor}\">{}</text>",
            tenths / 10,
            tenths % 10,
            text(days.get(index).copied().unwrap_or_default())
        ));
    }
    out.push_str("</svg></div>\n");
    out
}

/// From the first to the last day.
fn period(days: &[&str]) -> String {
    match days {
        [] => String::new(),
        [day] => (*day).to_owned(),
        [first, .., last] => format!("{first} to {last}"),
    }
}

/// The first and the last value of each line.
fn in_words(lines: &[(&str, &[Option<usize>])]) -> String {
    let words: Vec<String> = lines
        .iter()
        .filter_map(|(name, values)| {
            let mut known = values.iter().flatten();
            let first = known.next()?;
            let last = known.last().unwrap_or(first);
            let name = match *name {
                "open" => "failures",
                "unread" => "not checked",
                other => other,
            };
            Some(format!("{name} from {} to {}", number(*first), number(*last)))
        })
        .collect();
    words.join(", ")
}

/// The accounts and rules with most open findings at the end of the earlier reports.
fn trends(earlier: &History, run: &RunInfo, collected: &Collected) -> String {
    const LISTED: usize = 10;
    // What this run has is a link to its failures.
    let link = |key: &str, value: &str, name: &str| {
        format!(
            "<a href=\"#findings?{key}={}&amp;verdict=fail&amp;waived=no\">{}</a>",
            query(value),
            text(name)
        )
    };
    let row = |name: &str, trend: &Trend| {
        let days = trend.mean_fix_seconds().map_or_else(
            || "–".to_owned(),
            |seconds| {
                let tenths = seconds.saturating_mul(10) / 86_400;
                let more = if trend.at_least { "≥ " } else { "" };
                format!("{more}{}.{} days", tenths / 10, tenths % 10)
            },
        );
        format!(
            "<tr><th scope=\"row\">{name}</th>{}{}{}{}<td>{}</td></tr>\n",
            cell(trend.at_start),
            cell(trend.new),
            cell(trend.fixed),
            cell(trend.open),
            text(&days)
        )
    };
    let titles = |first| [first, "#at start", "#new", "#fixed", "#open", "mean time to fix"];
    let mut out = String::from(
        "<h3>Over the earlier reports, without this run</h3>\n<p>Accounts and rules with changes come first, then those with most open findings.</p>\n",
    );
    let mut accounts: Vec<_> = earlier.accounts.iter().collect();
    accounts.sort_by_key(|account| {
        std::cmp::Reverse((account.trend.new + account.trend.fixed > 0, account.trend.open))
    });
    let rows: String = accounts
        .into_iter()
        .take(LISTED)
        .map(|account| {
            let id = account.account.as_str();
            let name = account.name.as_deref().unwrap_or(id);
            match collected.accounts.iter().any(|row| row.account == id) {
                true => row(&link("account", id, name), &account.trend),
                false => row(&text(name), &account.trend),
            }
        })
        .collect();
    out.push_str(&table(
        "Accounts with changes, and with most open findings",
        &titles("account"),
        &rows,
    ));
    if let Some(more) = earlier.accounts.len().checked_sub(LISTED).filter(|more| *more > 0) {
        out.push_str(&format!("<p>{}</p>\n", counted(more, "more account")));
    }
    let mut rules: Vec<_> =
        earlier.rules.iter().filter(|(_, trend)| *trend != Trend::default()).collect();
    rules.sort_by_key(|(_, trend)| std::cmp::Reverse((trend.new + trend.fixed > 0, trend.open)));
    let rules_now = rules.iter().take(LISTED).map(|(rule, trend)| match run.rule(rule) {
        Some(_) => row(&link("rule", rule, rule), trend),
        None => row(&text(rule), trend),
    });
    let rows: String = rules_now.collect();
    if !rows.is_empty() {
        let label = "Rules with changes, and with most open findings";
        out.push_str(&table(label, &titles("rule"), &rows));
    }
    if let Some(more) = rules.len().checked_sub(LISTED).filter(|more| *more > 0) {
        out.push_str(&format!("<p>{}</p>\n", counted(more, "more rule")));
    }
    let rows = row("all findings", &earlier.total);
    out.push_str(&table("All findings", &titles("total"), &rows));
    out
}
