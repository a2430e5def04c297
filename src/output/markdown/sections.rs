//! Everything but the failures.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::section::Section;
use crate::model::text::{markdown, one_line};
use crate::model::{Cause, Severity, Verdict, Waived, counted, series};
use crate::output::advice::what_to_do;
use crate::output::closing::closing;
use crate::output::code_span::{account, code};
use crate::output::collected::{Collected, Expiry, Gaps, Names, Row, SOON, Waiver, expiry};
use crate::output::trend::Point;
use crate::output::words::code_coverage;
use crate::report::{RuleInfo, RunInfo, Status, Summary, missing_action};

/// Requirements listed for each framework.
const WORST_REQUIREMENTS: usize = 3;
/// Places listed for each cause of gaps.
const PLACES: usize = 5;
/// Accounts in the table.
const ACCOUNTS: usize = 40;
/// Accounts that were not scanned.
const NOT_SCANNED: usize = 20;

/// The counts.
pub(super) fn head(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    let failures: usize = summary.failures.values().sum();
    let new = summary.states.as_ref().map(|states| states.new_failures());
    let new = new.map(|new| format!(", {new} of them new")).unwrap_or_default();
    let waived = match summary.waived(Verdict::Fail) {
        0 => String::new(),
        waived => format!(", and {waived} waived"),
    };
    let mut out = format!("# rolecall: {}{new}{waived}\n\n", counted(failures, "failure"));
    out.push_str(&format!("**{}**\n\n", markdown(&closing(run, summary).1)));
    let severities = Severity::ALL.map(|severity| severity.to_string());
    out.push_str(&format!("| | total | {} |\n", severities.join(" | ")));
    out.push_str(&format!("|---|--:|{}\n", "--:|".repeat(severities.len())));
    let mut row = |name: &str, counts: &std::collections::BTreeMap<Severity, usize>| {
        let of = |severity| counts.get(&severity).copied().unwrap_or(0).to_string();
        let total: usize = counts.values().sum();
        let cells = Severity::ALL.map(of).join(" | ");
        out.push_str(&format!("| {name} | {total} | {cells} |\n"));
    };
    if let Some(states) = &summary.states {
        row("new failures", &states.new);
    }
    row("failures", &summary.failures);
    let count = |verdict| summary.count(verdict);
    let also = [
        format!("{} passed", count(Verdict::Pass)),
        format!("{} skipped", count(Verdict::Skip)),
        format!("{} waived", summary.waived.values().sum::<usize>()),
        format!("{} unknown", count(Verdict::Unknown)),
        counted(count(Verdict::Error), "error"),
        counted(summary.gaps, "gap"),
        counted(summary.accepted_gaps, "accepted gap"),
    ];
    out.push_str(&format!("\n- Verdicts and gaps: {}\n", also.join(", ")));
    if let Some(states) = &summary.states {
        let at = run.baseline_at.as_deref().map(|at| format!(" of {}", code(at, 40)));
        let at = at.unwrap_or_default();
        out.push_str(&format!("- Since the baseline{at}: {}", states.in_words()));
        if states.not_scanned > 0 {
            out.push_str(&format!(
                "; {} in accounts that are not part of this run",
                counted(states.not_scanned, "open finding")
            ));
        }
        out.push('\n');
    }
    if let Some(sources) = &summary.sources {
        out.push_str(&format!("- Code: {}\n", code_coverage(sources)));
    }
    let name =
        run.selection.name.as_deref().map(|name| format!(" (selection {})", code(name, 100)));
    out.push_str(&format!(
        "- Scope: {}, {}, {}{}{}\n",
        counted(summary.accounts, "account"),
        counted(summary.resources, "resource"),
        counted(run.rules.len(), "rule"),
        name.unwrap_or_default(),
        match run.frameworks.is_empty() {
            true => ", no framework (`rolecall frameworks` lists them)",
            false => "",
        }
    ));
    if let Some(regions) = collected.regions() {
        out.push_str(&format!("- Scanned regions: {}\n", code(&regions, 600)));
    }
    if !run.selection.narrowed_by.is_empty() {
        let by: Vec<String> =
            run.selection.narrowed_by.iter().take(10).map(|by| code(by, 200)).collect();
        out.push_str(&format!("- Narrowed by: {}\n", series(by, "and")));
    }
    if let Some((first, last)) = &collected.collected {
        let until = if first == last { String::new() } else { format!(" to {}", code(last, 40)) };
        out.push_str(&format!("- Collected: {}{until}\n", code(first, 40)));
    }
    out
}

/// How failures developed over the last reports.
pub(super) fn trend(points: &[Point], summary: &Summary) -> String {
    /// Reports in the table.
    const SHOWN: usize = 7;
    let last = points.get(points.len().saturating_sub(SHOWN)..).unwrap_or_default();
    if last.len() < 2 {
        return String::new();
    }
    let row = |point: &Point| {
        let since = point.since.as_ref();
        let unknown = |number: Option<usize>| number.map_or("–".to_owned(), |it| it.to_string());
        let numbers = [
            point.failures.to_string(),
            point.waived.to_string(),
            unknown(since.map(|since| since.not_checked)),
            unknown(point.open()),
            unknown(since.and_then(|since| since.new)),
            unknown(since.and_then(|since| since.fixed)),
        ];
        format!("| {} | {} |\n", code(&point.collected_at, 40), numbers.join(" | "))
    };
    // The counts at the top contain them.
    let ended = summary.states.as_ref().map_or(0, |states| states.waiver_ended);
    let note = match (last.iter().any(|point| point.is_now), ended) {
        (false, _) | (_, 0) => String::new(),
        (true, ended) => format!(
            " {} whose waiver ended {} open before, so {} not among the new ones of this run here.",
            counted(ended, "failure"),
            if ended == 1 { "was" } else { "were" },
            if ended == 1 { "it is" } else { "they are" }
        ),
    };
    format!(
        "\n## The last {} reports\n\nOpen findings are failures, waived findings, and those that failed before and were not checked again, also because their account was not scanned.{note}\n\n| collected | failures | waived | not checked | open | new | fixed |\n|---|--:|--:|--:|--:|--:|--:|\n{}",
        last.len(),
        last.iter().map(row).collect::<String>()
    )
}

/// How to fix what a rule finds, from its documentation: what to consider first, and the way in the
/// console.
fn fix(rule: &RuleInfo) -> String {
    let mut lines = rule.markdown.lines();
    let title = lines.find(|line| line.trim_start_matches('#').trim().starts_with("How to fix"));
    let lines: Vec<&str> = match title {
        Some(_) => lines.take_while(|line| !line.starts_with('#')).collect(),
        None => Vec::new(),
    };
    let is_item = |line: &&&str| line.starts_with("- ") || line.starts_with("```");
    let text = lines.iter().take_while(|line| !is_item(line)).map(|line| line.trim());
    let text: Vec<&str> = text.collect();
    let console = lines.iter().skip_while(|line| !line.starts_with("- Console: "));
    let mut console = console.take_while(|line| !line.trim().is_empty());
    let mut item: Vec<&str> =
        console.next().map(|line| line.trim_start_matches("- ")).into_iter().collect();
    item.extend(console.take_while(|line| line.starts_with(' ')).map(|line| line.trim()));
    let mut parts =
        [text.join(" "), item.join(" ")].map(|part| prose(&sentences(part.trim()))).to_vec();
    if rule.is_fixable {
        parts.push("rolecall can plan fixes.".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("<br>")
}

/// The whole text, because a warning can be in its last sentence. What is longer than any text of a
/// built-in rule ends with a mark.
fn sentences(text: &str) -> String {
    const MAX: usize = 1_000;
    let cut = one_line(text, MAX);
    if text.chars().count() <= MAX {
        return cut;
    }
    let cut = match cut.rfind(". ") {
        Some(end) => cut.get(..=end).unwrap_or_default(),
        None => cut.trim_end_matches('…'),
    };
    format!("{} … (the rest: `rolecall explain`)", cut.trim_end())
}

/// How many failures each rule has.
pub(super) fn rules(run: &RunInfo, summary: &Summary, max: usize) -> String {
    let failures = |rule: &RuleInfo| {
        let verdicts = summary.rules.get(&rule.id);
        let failed = verdicts.and_then(|verdicts| verdicts.get(&Verdict::Fail)).copied();
        let waived = summary.waived_failures.get(&rule.id).copied().unwrap_or(0);
        failed.unwrap_or(0).saturating_sub(waived)
    };
    let counted = run.rules.iter().map(|rule| (failures(rule), rule));
    let mut failing: Vec<_> = counted.filter(|(number, _)| *number > 0).collect();
    if failing.len() < 2 {
        return String::new();
    }
    failing.sort_by_key(|(number, rule)| (rule.severity, Reverse(*number), &rule.id));
    let head = format!(
        "\n## Rules with failures ({})\n\n`rolecall explain RULE` prints everything about a rule, and all ways to fix what it finds. `rolecall remediate plan --rule RULE` plans fixes.\n\n| severity | rule | problem | failures | how to fix |\n|---|---|---|--:|---|\n",
        failing.len()
    );
    let mut section = Section::new(head, max);
    for (number, rule) in failing {
        section.push(&format!(
            "| {} | {} | {} | {number} | {} |\n",
            rule.severity,
            code(&rule.id, 100),
            code(&rule.title, 150),
            fix(rule)
        ));
    }
    section.end("rule")
}

/// What to do about a cause. Its texts have code in backticks; what is untrusted in them is a call.
fn advice(cause: &Cause) -> String {
    let advice = what_to_do(cause);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":*._-".contains(c);
    if !cause.call.chars().all(is_plain) {
        return code(&advice.replace('`', "'"), 1_000);
    }
    prose(&advice)
}

/// A text of which only code in backticks is interpreted.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        0 => markdown(part),
        _ => code(part, 200),
    });
    parts.collect()
}

/// What could not be checked, and what to do about it.
pub(super) fn gaps(summary: &Summary, collected: &Collected, max: usize) -> String {
    let undecided: Vec<_> = collected.undecided().collect();
    let (open, accepted): (Vec<&Gaps>, Vec<&Gaps>) =
        collected.gaps().into_iter().partition(|gaps| gaps.accepted.is_none());
    let stale = &summary.stale_accepted_gaps;
    if open.is_empty() && accepted.is_empty() && undecided.is_empty() && stale.is_empty() {
        return String::new();
    }
    let head = format!(
        "\n## Not checked\n\n{} and {}; {} could not be accessed, and {} only partially read. What depends on them is unknown, never a pass. A finding that depends on several gaps counts for each. If a list could not be read, each rule has one finding for the whole list.\n\n",
        counted(summary.gaps, "gap"),
        counted(summary.accepted_gaps, "accepted gap"),
        counted(summary.accounts_not_entered, "account"),
        summary.accounts_incomplete
    );
    let mut section = Section::new(head, max);
    for gaps in open {
        section.push(&gap(gaps));
    }
    for one in undecided {
        section.push(&format!(
            "- **{} without a verdict**: {}\n  - What to do: check these resources by hand; AWS answered, but the rule did not come to a verdict\n  - First message: {}\n",
            counted(one.findings, "finding"),
            code(&one.rule, 100),
            code(&one.message, 240)
        ));
    }
    for gaps in accepted {
        section.push(&gap(gaps));
    }
    for gap in stale {
        section.push(&format!(
            "- **Accepted gap that matches nothing** (remove it from the config): {}\n  - Reason: {}\n",
            code(&gap.covers, 200),
            code(&gap.reason, 240)
        ));
    }
    section.leave_out(collected.more_gaps);
    section.end("cause")
}

/// Gaps with one cause.
fn gap(gaps: &Gaps) -> String {
    let cause = &gaps.cause;
    let by = cause.denied_by.map(|by| format!(", denied by {by}")).unwrap_or_default();
    let action = match missing_action(cause) {
        Some(action) if action != cause.call => format!(", which requires {}", code(action, 100)),
        _ => String::new(),
    };
    let findings = match gaps.findings {
        0 => String::new(),
        number => format!(", {} without a verdict", counted(number, "finding")),
    };
    let mut out = format!(
        "- **{} in {}{findings}**: {} {}{by}{action}\n",
        // Without a gap, the accounts were collected for other rules.
        if gaps.gaps == 0 { "not collected".to_owned() } else { counted(gaps.gaps, "gap") },
        counted(gaps.accounts, "account"),
        code(&cause.call, 100),
        code(&cause.code, 100),
    );
    match &gaps.accepted {
        Some(reason) => out.push_str(&format!("  - Accepted: {}\n", code(reason, 240))),
        None => out.push_str(&format!("  - What to do: {}\n", advice(cause))),
    }
    let message = code(&cause.message, 240);
    if !message.is_empty() {
        out.push_str(&format!("  - Message: {message}\n"));
    }
    let places = gaps.places.iter().take(PLACES).map(|place| {
        format!(
            "{} {}: {}",
            account(&place.account, place.name.as_deref()),
            code(&place.region, 30),
            code(&place.unknown, 120)
        )
    });
    let places: Vec<String> = places.collect();
    let all = if gaps.gaps == 0 { gaps.accounts } else { gaps.gaps };
    let more = match all.saturating_sub(places.len()) {
        0 => String::new(),
        more => format!("; and {}", counted(more, "more place")),
    };
    out.push_str(&format!("  - Where: {}{more}\n", places.join("; ")));
    out
}

/// Waivers that end soon, and those that need attention.
pub(super) fn waivers(summary: &Summary, collected: &Collected, max: usize) -> String {
    let ending: Vec<_> = collected.ending().collect();
    let ended: Vec<_> = collected.ended().collect();
    let today = collected.today();
    let is_later = |waiver: &&Waiver| {
        matches!(expiry(waiver.terms.expires, today), Expiry::Later(_) | Expiry::Unknown)
    };
    let later: Vec<&Waiver> = collected.waivers().filter(is_later).collect();
    let stale: Vec<_> = collected.stale(summary).collect();
    if ending.is_empty() && stale.is_empty() && ended.is_empty() {
        return String::new();
    }
    let head = format!(
        "\n## Waivers: {} soon, {} ended or without a match\n\nSoon is within {SOON} days or this month. A waiver applies through its last day; from the next day on, its findings are failures without a waiver.\n\n| expires | left | owner | reason | covers | findings | written in |\n|---|---|---|---|---|--:|---|\n",
        match ending.len() {
            1 => "1 expires".to_owned(),
            number => format!("{number} expire"),
        },
        stale.len() + ended.len()
    );
    let mut section = Section::new(head, max);
    let row = |terms: &Waived, left: &str, covers: String, findings: String| {
        format!(
            "| {} | {left} | {} | {}{} | {covers} | {findings} | {} |\n",
            terms.expires,
            code(&terms.owner, 60),
            code(&terms.reason, 200),
            ticket(terms),
            code(&format!("{}:{}", terms.file, terms.line), 120)
        )
    };
    for waiver in stale {
        let left = if waiver.expired { "expired" } else { "matches nothing" };
        let findings = match waiver.findings {
            0 => "0".to_owned(),
            number => format!("{number} no longer waived"),
        };
        section.push(&row(&waiver.terms, left, code(&waiver.covers, 200), findings));
    }
    for ended in ended {
        let waiver = &ended.waiver;
        let findings = format!("{} no longer waived", waiver.findings);
        section.push(&row(&waiver.terms, ended.problem(), covers(waiver), findings));
    }
    for (waiver, days) in ending {
        let left = match days {
            0 => "last day".to_owned(),
            days => counted(days.unsigned_abs() as usize, "day"),
        };
        let findings = match &waiver.unread {
            None => format!("{}{}", waiver.findings, waiver.severe()),
            Some(_) => "unknown".to_owned(),
        };
        section.push(&row(&waiver.terms, &left, covers(waiver), findings));
    }
    let mut out = section.end("waiver");
    if !later.is_empty() {
        let findings: usize = later.iter().map(|waiver| waiver.findings).sum();
        out.push_str(&format!(
            "\n{}, with {}, {} later.\n",
            counted(later.len(), "more waiver"),
            counted(findings, "waived finding"),
            if later.len() == 1 { "expires" } else { "expire" }
        ));
    }
    out
}

/// What a waiver covers: its rules, its accounts and its resources.
fn covers(waiver: &Waiver) -> String {
    if let Some(covers) = &waiver.unread {
        return code(covers, 200);
    }
    let some = |names: &Names| code(&names.some(2), 160);
    format!("{} in {}: {}", some(&waiver.rules), some(&waiver.accounts), some(&waiver.resources))
}

fn ticket(terms: &Waived) -> String {
    terms.ticket.as_deref().map(|ticket| format!(" {}", code(ticket, 60))).unwrap_or_default()
}

/// The accounts with the most severe failures.
pub(super) fn accounts(
    run: &RunInfo,
    summary: &Summary,
    collected: &Collected,
    max: usize,
) -> String {
    let not_scanned = not_scanned(run, summary);
    if summary.accounts < 2 {
        return not_scanned;
    }
    let has_labels = collected.accounts.iter().any(|row| !row.labels.is_empty());
    let head = format!(
        "\n## Accounts\n\n| account | {} | new | unknown | gaps |{}\n|---|{}{}\n",
        Severity::ALL.map(|severity| severity.to_string()).join(" | "),
        if has_labels { " labels |" } else { "" },
        "--:|".repeat(Severity::ALL.len() + 3),
        if has_labels { "---|" } else { "" },
    );
    let mut section = Section::new(head, max);
    let (first, rest) =
        collected.accounts.split_at_checked(ACCOUNTS).unwrap_or((&collected.accounts, &[]));
    let incomplete = rest.iter().filter(|row| row.incomplete).take(ACCOUNTS);
    let rows: Vec<&Row> = first.iter().chain(incomplete).collect();
    for row in &rows {
        let note = match (row.entered, row.incomplete) {
            (false, _) if row.unknown_now > 0 => {
                format!(" could not be accessed, {} failed before", row.unknown_now)
            }
            (false, _) => " could not be accessed".to_owned(),
            (true, true) => " incomplete".to_owned(),
            (true, false) => String::new(),
        };
        section.push(&format!(
            "| {}{note} | {} | {} | {} | {} |{}\n",
            account(&row.account, row.name.as_deref()),
            // Of an account that could not be accessed, they are not known.
            match row.entered {
                true => row.failures.map(|number| number.to_string()),
                false => row.failures.map(|_| "–".to_owned()),
            }
            .join(" | "),
            match row.entered && summary.states.is_some() {
                true => row.new.to_string(),
                false => "–".to_owned(),
            },
            row.unknown,
            row.gaps,
            match has_labels {
                true => format!(" {} |", code(&row.labels, 120)),
                false => String::new(),
            }
        ));
    }
    section.leave_out(summary.accounts.saturating_sub(rows.len()));
    format!("{}{not_scanned}", section.end("account"))
}

/// Accounts of the organization that were skipped, and accounts of the baseline that this run did not
/// scan.
fn not_scanned(run: &RunInfo, summary: &Summary) -> String {
    let skipped: BTreeSet<&str> =
        run.skipped_accounts.iter().map(|skipped| skipped.account.as_str()).collect();
    let open = |id: &str| {
        let absent = summary.absent_accounts.iter().find(|absent| absent.account.as_str() == id);
        let open =
            absent.map_or(0, |absent| absent.carried.iter().filter(|open| open.failed).count());
        match open {
            0 => String::new(),
            open => format!("; {} of the baseline", counted(open, "open finding")),
        }
    };
    let of_organization = run.skipped_accounts.iter().map(|skipped| {
        let id = skipped.account.as_str();
        let reason = code(&skipped.reason, 200);
        format!("- {}: {reason}{}\n", account(id, skipped.name.as_deref()), open(id))
    });
    let absent = summary.absent_accounts.iter().map(|absent| (absent.account.as_str(), absent));
    let of_baseline = absent.filter(|(id, _)| !skipped.contains(id)).map(|(id, absent)| {
        format!(
            "- {}: in the baseline, but not among the accounts of this run{}\n",
            account(id, absent.name.as_deref()),
            open(id)
        )
    });
    let lines: Vec<String> = of_organization.chain(of_baseline).collect();
    if lines.is_empty() {
        return String::new();
    }
    let shown: String = lines.iter().take(NOT_SCANNED).map(String::as_str).collect();
    let more = match lines.len().saturating_sub(NOT_SCANNED) {
        0 => String::new(),
        more => format!("- … and {}\n", counted(more, "more account")),
    };
    format!("\n## Accounts that were not scanned ({})\n\n{shown}{more}", lines.len())
}

/// How many requirements of each selected framework failed, passed and could not be assessed.
pub(super) fn frameworks(run: &RunInfo, summary: &Summary, max: usize) -> String {
    if run.frameworks.is_empty() {
        return String::new();
    }
    let names = Status::ALL.map(Status::as_str).join(" | ");
    let head = format!(
        "\n## Requirements\n\n| framework | {names} | most failures, without waived ones |\n|---|{}---|\n",
        "--:|".repeat(Status::ALL.len())
    );
    let mut section = Section::new(head, max);
    let mut seen = BTreeSet::new();
    for framework in run.frameworks.iter().filter(|framework| seen.insert(&framework.id)) {
        let outcomes = framework.requirements.iter();
        let outcomes: Vec<_> =
            outcomes.map(|requirement| (summary.outcome_of(requirement), requirement)).collect();
        let counts = Status::ALL.map(|status| {
            outcomes.iter().filter(|(found, _)| found.status == status).count().to_string()
        });
        let failures = outcomes.iter().map(|(found, requirement)| {
            (found.failed.saturating_sub(found.waived), requirement.id.as_str())
        });
        let mut worst: Vec<_> = failures.filter(|(failures, _)| *failures > 0).collect();
        worst.sort_by_key(|(failures, id)| (Reverse(*failures), *id));
        let worst = worst.iter().take(WORST_REQUIREMENTS);
        let worst: Vec<String> =
            worst.map(|(failures, id)| format!("{} ({failures})", code(id, 40))).collect();
        section.push(&format!(
            "| {} {} | {} | {} |\n",
            code(&framework.name, 120),
            code(&framework.version, 20),
            counts.join(" | "),
            worst.join(", ")
        ));
    }
    section.end("framework")
}
