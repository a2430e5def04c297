//! The first section: the result, the numbers, and what needs attention first.

use super::cells::{account_row, bar};
use super::markup::{cell, counted, linked, number, query, table, tag, text};
use crate::model::{Severity, Verdict};
use crate::output::closing::closing;
use crate::output::collected::{Collected, Group};
use crate::output::words::{code_coverage, some_of};
use crate::report::{RunInfo, Summary};

/// Lists of the overview are short; the sections are complete.
const SHOWN: usize = 8;

pub(super) fn render(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    let (verdict, line) = closing(run, summary);
    // The exit code is for programs.
    let line =
        line.rsplit_once(" (exit code ").map_or(line.clone(), |(line, _)| format!("{line}."));
    let mut out = format!("<p class=\"result {}\">{}</p>\n", verdict.as_str(), text(&line));
    if !run.selection.narrowed_by.is_empty() {
        let filters = text(&run.selection.narrowed_by.join(", "));
        out.push_str(&format!(
            "<p class=\"note\">The run was filtered ({filters}), so this report does not contain all findings.</p>\n"
        ));
    }
    if summary.accounts == 0 {
        out.push_str("<p class=\"note\">This report contains no accounts.</p>\n");
    }
    out.push_str(&figures(run, summary, collected));
    if let Some(regions) = collected.regions() {
        out.push_str(&format!("<p class=\"note\">Scanned regions: {}.</p>\n", text(&regions)));
    }
    if let Some(sources) = &summary.sources {
        out.push_str(&format!("<p class=\"note\">{}.</p>\n", text(&code_coverage(sources))));
    }
    let new = collected.new.worst();
    if run.compared && !new.is_empty() {
        out.push_str("<h3>New since the baseline</h3>\n");
        let filter = "state=new&amp;verdict=fail&amp;waived=no";
        out.push_str(&groups("New since the baseline", run, &new, filter, true));
        let shown: usize = new.iter().map(|group| group.failures).sum();
        let more = match collected.new.len().saturating_sub(new.len()) {
            0 => String::new(),
            rules => format!(
                "{} with {}: ",
                counted(rules, "more rule"),
                counted(collected.new.failures().saturating_sub(shown), "new failure")
            ),
        };
        out.push_str(&format!(
            "<p>{more}<a href=\"#findings?state=new&amp;verdict=fail&amp;waived=no\">all new failures</a></p>\n"
        ));
    }
    out.push_str("<div class=\"columns\"><div>\n<h3>Failures by severity</h3>\n");
    out.push_str(&severities(run, summary));
    out.push_str("</div><div>\n<h3>Findings by verdict</h3>\n");
    out.push_str(&verdicts(summary));
    out.push_str("</div></div>\n");
    let failures = collected.failures.worst();
    if !failures.is_empty() {
        out.push_str("<h3>Most severe failures</h3>\n");
        let filter = "verdict=fail&amp;waived=no";
        out.push_str(&groups("Most severe failures", run, &failures, filter, false));
        let more = match collected.failures.len().saturating_sub(failures.len()) {
            0 => String::new(),
            more => format!("{} with failures: ", counted(more, "more rule")),
        };
        out.push_str(&format!("<p>{more}<a href=\"#rules\">all rules</a>, <a href=\"#findings?verdict=fail&amp;waived=no\">all failures</a></p>\n"));
    }
    out.push_str(&worst_accounts(collected));
    out.push_str(&not_checked(collected));
    out.push_str(&expiring(run, collected));
    out
}

/// The numbers that answer the first questions, as links to the answers.
fn figures(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    let mut out = String::from("<dl class=\"figures\">\n");
    let mut figure = |name: &str, link: &str, value: usize, note: String| {
        out.push_str(&format!(
            "<div><dt>{name}</dt><dd><a href=\"{link}\" class=\"value\">{}<span class=\"sr\"> {}</span></a><span class=\"more\">{note}</span></dd></div>\n",
            number(value),
            name.to_lowercase()
        ));
    };
    let severe = |counts: &std::collections::BTreeMap<Severity, usize>| {
        let count = |severity| counts.get(&severity).copied().unwrap_or(0);
        let both = [Severity::Critical, Severity::High].map(|one| (one, count(one)));
        let some = both.iter().filter(|(_, count)| *count > 0);
        let words: Vec<String> =
            some.map(|(severity, count)| format!("{} {severity}", number(*count))).collect();
        if words.is_empty() { "none critical or high".to_owned() } else { words.join(", ") }
    };
    if let Some(states) = &summary.states {
        let mut note = severe(&states.new);
        if states.waiver_ended > 0 {
            note.push_str(&format!(", {} no longer waived", number(states.waiver_ended)));
        }
        figure(
            "New failures",
            "#findings?state=new&amp;verdict=fail&amp;waived=no",
            states.new_failures(),
            note,
        );
    }
    let failures: usize = summary.failures.values().sum();
    let mut note = severe(&summary.failures);
    if let Some(states) = &summary.states {
        note.push_str(&format!(
            ", <a href=\"#findings?state=unchanged&amp;verdict=fail&amp;waived=no\">{} unchanged</a>",
            number(states.unchanged)
        ));
    }
    figure("Failures", "#findings?verdict=fail&amp;waived=no", failures, note);
    let not_waived =
        summary.count(Verdict::Unknown).saturating_sub(summary.waived(Verdict::Unknown));
    let mut note = match not_waived {
        0 => String::new(),
        _ => "findings without a verdict (one per rule for a list that was not read), ".to_owned(),
    };
    note.push_str(&format!("<a href=\"#gaps\">{}</a>", counted(summary.gaps, "open gap")));
    let errors = summary.count(Verdict::Error);
    for (count, word) in [(summary.accepted_gaps, "accepted gap"), (errors, "rule error")] {
        if count > 0 {
            note.push_str(&format!(", {}", counted(count, word)));
        }
    }
    let link = "#findings?verdict=unknown,error&amp;waived=no";
    figure("Unknown", link, not_waived + errors, note);
    if let Some(states) = &summary.states {
        let unread = states.unknown_now + states.not_scanned;
        if unread > 0 {
            let mut note = "in the baseline; could not be checked again".to_owned();
            if states.unknown_now_waived > 0 {
                note.push_str(&format!(", {} waived then", number(states.unknown_now_waived)));
            }
            if states.not_scanned > 0 {
                note.push_str(&format!(
                    "; <a href=\"#findings?state=not_scanned\">{} more</a> in accounts that were not scanned",
                    number(states.not_scanned)
                ));
            }
            figure(
                "Failed before, unknown now",
                "#findings?state=unknown_now",
                states.unknown_now,
                note,
            );
        }
        let note = match states.gone {
            0 => "since the baseline".to_owned(),
            1 => "1 no longer exists".to_owned(),
            gone => format!("{} no longer exist", number(gone)),
        };
        figure("Fixed", "#findings?state=fixed", states.fixed, note);
    }
    let expired = summary.stale_waivers.iter().filter(|stale| stale.expired).count();
    let mut note = format!(
        "{} soon",
        match collected.ending().count() {
            1 => "1 waiver expires".to_owned(),
            some => format!("{} waivers expire", number(some)),
        }
    );
    let unmatched = summary.stale_waivers.len() - expired;
    for (count, what) in [(expired, "expired"), (unmatched, "without a match")] {
        if count > 0 {
            note.push_str(&format!(", {} {what}", number(count)));
        }
    }
    let waived: usize = summary.waived.values().sum();
    figure("Waived", "#waivers", waived, note);
    let complete =
        summary.accounts.saturating_sub(summary.accounts_incomplete + summary.accounts_not_entered);
    let mut note = format!("{} complete", number(complete));
    for (count, word) in [
        (summary.accounts_incomplete, "incomplete"),
        (summary.accounts_not_entered, "inaccessible"),
        (run.skipped_accounts.len(), "skipped"),
    ] {
        if count > 0 {
            note.push_str(&format!(", {} {word}", number(count)));
        }
    }
    figure("Accounts", "#accounts", summary.accounts, note);
    out.push_str("</dl>\n");
    if run.frameworks.is_empty() {
        out.push_str("<p class=\"note\">No framework is selected, so this report has no list of requirements. Select rules by framework with <code>--framework ID</code>, or with <code>frameworks</code> in <code>[scan.selection]</code>; <code>rolecall frameworks</code> lists them.</p>\n");
    }
    if summary.states.is_none() {
        out.push_str("<p class=\"note\">Nothing was compared: to see what is new and what was fixed, pass the JSON report of the previous run with <code>--baseline FILE</code>.</p>\n");
    }
    out
}

fn severities(run: &RunInfo, summary: &Summary) -> String {
    let of = |severity| summary.failures.get(&severity).copied().unwrap_or(0);
    let largest = Severity::ALL.into_iter().map(of).max().unwrap_or(0);
    let rows: String = Severity::ALL
        .into_iter()
        .map(|severity| {
            let name = severity.as_str();
            let filter = format!("severity={name}&amp;verdict=fail&amp;waived=no");
            let new = summary.states.as_ref().map(|states| {
                let new = states.new.get(&severity).copied().unwrap_or(0);
                linked(new, &format!("{filter}&amp;state=new"), &format!("new {name} failure"))
            });
            format!(
                "<tr><th scope=\"row\">{}</th>{}{}{}</tr>\n",
                tag(name, name),
                linked(of(severity), &filter, &format!("{name} failure")),
                new.unwrap_or_default(),
                bar(&[(name, of(severity))], largest)
            )
        })
        .collect();
    let titles: &[&str] = if run.compared {
        &["severity", "#failures", "#of these new", "share"]
    } else {
        &["severity", "#failures", "share"]
    };
    table("Failures by severity, without waived ones", titles, &rows)
}

fn verdicts(summary: &Summary) -> String {
    let largest = Verdict::ALL.into_iter().map(|one| summary.count(one)).max().unwrap_or(0);
    let rows: String = Verdict::ALL
        .into_iter()
        .map(|verdict| {
            let (name, count) = (verdict.as_str(), summary.count(verdict));
            let waived = summary.waived(verdict);
            format!(
                "<tr><th scope=\"row\">{}</th>{}{}{}</tr>\n",
                tag(name, name),
                linked(count, &format!("verdict={name}"), &format!("{name} finding")),
                linked(
                    waived,
                    &format!("verdict={name}&amp;waived=yes"),
                    &format!("waived {name} finding")
                ),
                bar(&[(name, count)], largest)
            )
        })
        .collect();
    table("Findings by verdict", &["verdict", "#findings", "#of these waived", "share"], &rows)
}

/// Failures by rule. `filter` is the filter of the list of findings that shows them.
/// Failures by rule. `new` adds why they are new.
fn groups(label: &str, run: &RunInfo, groups: &[&Group], filter: &str, new: bool) -> String {
    let rows: String = groups
        .iter()
        .map(|group| {
            let rule = run.rules.iter().find(|rule| rule.id == group.rule);
            let title = rule.map_or(group.rule.as_str(), |rule| rule.title.as_str());
            let severity = group.severity.as_str();
            let filter = format!("rule={}&amp;severity={severity}&amp;{filter}", query(&group.rule));
            let more = match group.failures {
                1 => String::new(),
                count => format!(", and {} more", number(count - 1)),
            };
            let account = group.name.as_deref().unwrap_or(&group.account);
            let why = match new {
                true => format!("<td class=\"long\">{}</td>", text(&group.why())),
                false => String::new(),
            };
            format!(
                "<tr><td>{}</td><td class=\"long\"><a href=\"#findings?{filter}\">{}</a> <span class=\"id\">{}</span></td>{}{}<td class=\"long\">{} <span class=\"id\">in {}{more}</span></td>{why}</tr>\n",
                tag(severity, severity),
                text(title),
                text(&group.rule),
                linked(group.failures, &filter, "failure"),
                cell(group.accounts),
                text(&group.example),
                text(account),
            )
        })
        .collect();
    let mut titles = vec!["severity", "rule", "#failures", "#accounts", "resources"];
    titles.extend(new.then_some("why new"));
    table(label, &titles, &rows)
}

fn worst_accounts(collected: &Collected) -> String {
    let worst: Vec<_> = collected
        .accounts
        .iter()
        .filter(|row| row.failures.iter().sum::<usize>() > 0)
        .take(SHOWN)
        .collect();
    let closed: Vec<_> = collected.accounts.iter().filter(|row| !row.entered).collect();
    let failed: usize = closed.iter().map(|row| row.unknown_now).sum();
    let names: Vec<&str> =
        closed.iter().map(|row| row.name.as_deref().unwrap_or(&row.account)).collect();
    let closed = match (names.is_empty(), failed) {
        (true, _) => String::new(),
        (false, 0) => format!("{} could not be accessed. ", text(&some_of(&names, 5))),
        (false, failed) => format!(
            "{} could not be accessed ({} before). ",
            text(&some_of(&names, 5)),
            counted(failed, "failure")
        ),
    };
    if worst.is_empty() {
        return match closed.is_empty() {
            true => closed,
            false => format!("<p>{closed}<a href=\"#accounts\">All accounts</a></p>\n"),
        };
    }
    let largest = worst.iter().map(|row| row.failures.iter().sum::<usize>()).max().unwrap_or(0);
    let rows: String = worst
        .iter()
        .map(|row| {
            let names = Severity::ALL.map(Severity::as_str);
            let parts: Vec<(&str, usize)> = names.into_iter().zip(row.failures).collect();
            let [critical, high, ..] = row.failures;
            let link = |count, filter: &str, one: &str| {
                let account = query(&row.account);
                linked(
                    count,
                    &format!("account={account}&amp;verdict=fail&amp;waived=no{filter}"),
                    one,
                )
            };
            format!(
                "<tr>{}{}{}{}{}{}</tr>\n",
                account_row(row, "&amp;verdict=fail&amp;waived=no", true),
                link(critical, "&amp;severity=critical", "critical failure"),
                link(high, "&amp;severity=high", "high failure"),
                link(row.failures.iter().sum(), "", "failure"),
                link(row.new, "&amp;state=new", "new failure"),
                bar(&parts, largest)
            )
        })
        .collect();
    format!(
        "<h3>Accounts with the most severe failures</h3>\n{}<p>{closed}<a href=\"#accounts\">All accounts</a></p>\n",
        table(
            "Accounts with the most severe failures",
            &["account", "#critical", "#high", "#failures", "#of these new", "by severity"],
            &rows
        )
    )
}

fn not_checked(collected: &Collected) -> String {
    let open: Vec<_> =
        collected.gaps().into_iter().filter(|gaps| gaps.accepted.is_none()).collect();
    if open.is_empty() {
        return String::new();
    }
    let rows: String = open
        .iter()
        .take(SHOWN)
        .map(|gaps| {
            format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td>{}<td class=\"long\">{}</td></tr>\n",
                text(&gaps.cause.call),
                text(&gaps.cause.code),
                text(&super::gaps::accounts(gaps)),
                linked(gaps.findings, &super::gaps::filter(&gaps.cause), "unknown finding"),
                super::gaps::advice(&gaps.cause)
            )
        })
        .collect();
    format!(
        "<h3>What could not be checked</h3>\n{}<p>A finding that depends on several gaps counts for each. <a href=\"#gaps\">All coverage gaps</a></p>\n",
        table(
            "What could not be checked",
            &["call", "code", "accounts", "#findings", "what to do"],
            &rows
        )
    )
}

fn expiring(run: &RunInfo, collected: &Collected) -> String {
    let today = collected.today();
    let ending = collected.ending().take(SHOWN);
    let rows: String =
        ending.map(|(waiver, _)| super::waivers::row(waiver, today, run.compared)).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h3>Waivers that expire soon</h3>\n{}<p><a href=\"#waivers\">All waivers</a></p>\n",
        table("Waivers that expire soon", super::waivers::TITLES, &rows)
    )
}
