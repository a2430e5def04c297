//! The checks as a table for people: failed ones first in each area, and accounts without a problem
//! in one line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::model::text::one_line;
use crate::model::{AccountId, Verdict, counted, series};
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, hang, pad, wrap};
use crate::report::{Access, Area, Check, CheckStatus, CheckedIn, Doctor};

/// Width of the column with the status, including the spaces around it.
const GUTTER: usize = 15;
/// How many accounts are named in a line about several.
const NAMED: usize = 3;

/// Writes the table.
pub fn write_text(
    out: &mut dyn Write,
    doctor: &Doctor,
    exit_code: u8,
    options: TextOptions,
) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let total = options.width.clamp(60, 160);
    let mut text = String::new();
    let areas: BTreeSet<Area> = doctor.checks.iter().map(|check| check.area).collect();
    for area in areas {
        text.push_str(&format!("{}\n", paint.bold(title(area))));
        let mut checks: Vec<&Check> =
            doctor.checks.iter().filter(|check| check.area == area).collect();
        checks.sort_by_key(|check| check.status);
        let (of_accounts, others): (Vec<&Check>, Vec<&Check>) =
            checks.into_iter().partition(|check| check.account.is_some());
        for check in others {
            line(&mut text, check.status, &sentence(check), paint, total);
        }
        accounts(&mut text, &of_accounts, paint, total);
        text.push('\n');
    }
    let verdict = match exit_code {
        0 => Verdict::Pass,
        3 => Verdict::Unknown,
        _ => Verdict::Fail,
    };
    for line in wrap(&closing(doctor, exit_code), total) {
        text.push_str(&paint.verdict(verdict, &line));
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}

fn title(area: Area) -> &'static str {
    match area {
        Area::Versions => "Versions",
        Area::Config => "Config",
        Area::Rules => "Rules",
        Area::Outputs => "Outputs and files",
        Area::Credentials => "Credentials",
        Area::Clock => "Clock",
        Area::Organization => "Organization",
        Area::Accounts => "Accounts",
    }
}

fn line(out: &mut String, status: CheckStatus, words: &str, paint: Paint, total: usize) {
    let (name, verdict) = match status {
        CheckStatus::Failed => ("failed", Verdict::Fail),
        CheckStatus::Warning => ("warning", Verdict::Unknown),
        CheckStatus::NotChecked => ("not checked", Verdict::Skip),
        CheckStatus::Ok => ("ok", Verdict::Pass),
    };
    let name = paint.verdict(verdict, &pad(name, GUTTER - 4));
    hang(out, &format!("  {name}  "), GUTTER, words, total);
}

/// `rolecall.toml: what is wrong`.
fn sentence(check: &Check) -> String {
    // For an account, the place only says where it comes from.
    let subject = match &check.place {
        Some(place) if check.account.is_none() => {
            format!("{}:{}:{}", one_line(&place.file, 300), place.line, place.column)
        }
        _ => one_line(&check.subject, 300),
    };
    match &check.message {
        Some(message) => format!("{subject}: {}", one_line(message, 1_000)),
        None => subject,
    }
}

/// The checks of accounts: each that is not in order, then the rest of these accounts, then all
/// other accounts, those with the same result in one line.
fn accounts(out: &mut String, checks: &[&Check], paint: Paint, total: usize) {
    let mut by_account: BTreeMap<&AccountId, Vec<&Check>> = BTreeMap::new();
    for check in checks {
        let Some(at) = &check.account else { continue };
        by_account.entry(&at.account).or_default().push(check);
    }
    let needs_attention =
        |check: &&&Check| matches!(check.status, CheckStatus::Failed | CheckStatus::Warning);
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut failed, mut warned) = (String::new(), String::new());
    for checks in by_account.values() {
        let Some(at) = checks.first().and_then(|check| check.account.as_ref()) else { continue };
        let label = label(at);
        let attention: Vec<&&Check> = checks.iter().filter(needs_attention).collect();
        if attention.is_empty() {
            same.entry(in_order(checks)).or_default().push(label);
            continue;
        }
        let has_failed = attention.iter().any(|check| check.status == CheckStatus::Failed);
        let out = if has_failed { &mut failed } else { &mut warned };
        for check in attention {
            let at = check
                .place
                .as_ref()
                .map(|place| format!(", {}:{}", one_line(&place.file, 300), place.line));
            let label = format!("{label}{}", at.unwrap_or_default());
            line(out, check.status, &format!("{label}: {}", sentence(check)), paint, total);
        }
        let rest = in_order(checks);
        if !rest.is_empty() {
            line(out, CheckStatus::Ok, &format!("{label}: {rest}"), paint, total);
        }
    }
    out.push_str(&failed);
    out.push_str(&warned);
    for (result, labels) in same {
        let who = if labels.len() > NAMED {
            counted(labels.len(), "account")
        } else {
            series(labels, "and")
        };
        let (status, result) = if result.is_empty() {
            (CheckStatus::NotChecked, "not checked".to_owned())
        } else {
            (CheckStatus::Ok, result)
        };
        line(out, status, &format!("{who}: {result}"), paint, total);
    }
}

fn label(at: &CheckedIn) -> String {
    match &at.name {
        Some(name) => format!("{} ({})", one_line(name, 60), at.account),
        None => at.account.to_string(),
    }
}

/// `role assumed, right account, 23 actions allowed, 2 actions not checked (no bucket)`.
fn in_order(checks: &[&Check]) -> String {
    let of = |access: Access, status: CheckStatus| {
        let accessed = move |check: &&&Check| {
            check.status == status
                && check.account.as_ref().is_some_and(|at| at.access == access && !at.accepted)
        };
        checks.iter().filter(accessed).count()
    };
    let mut parts: Vec<String> = Vec::new();
    let role = checks.iter().find(|check| {
        check.status == CheckStatus::Ok
            && check.account.as_ref().is_some_and(|at| at.access == Access::Role && !at.accepted)
    });
    parts.extend(role.and_then(|check| check.message.clone()));
    if of(Access::Identity, CheckStatus::Ok) > 0 {
        parts.push("right account".to_owned());
    }
    match of(Access::Regions, CheckStatus::Ok) {
        0 => {}
        number => parts.push(format!("{} enabled", counted(number, "configured region"))),
    }
    match of(Access::Action, CheckStatus::Ok) {
        0 => {}
        number => parts.push(format!("{} allowed", counted(number, "action"))),
    }
    let accepted =
        checks.iter().filter(|check| check.account.as_ref().is_some_and(|at| at.accepted)).count();
    if accepted > 0 {
        parts.push(format!("{} not readable", counted(accepted, "accepted gap")));
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.status == CheckStatus::NotChecked) {
        *reasons.entry(check.message.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let unchecked: usize = reasons.values().sum();
    if unchecked > 0 {
        let reasons = series(reasons.into_keys().map(|reason| one_line(reason, 200)), "and");
        parts.push(format!("{} not made ({reasons})", counted(unchecked, "check")));
    }
    parts.join(", ")
}

fn closing(doctor: &Doctor, exit_code: u8) -> String {
    let count = |status| doctor.count(status);
    let mut notes = Vec::new();
    if count(CheckStatus::Warning) > 0 {
        notes.push(counted(count(CheckStatus::Warning), "warning"));
    }
    if count(CheckStatus::NotChecked) > 0 {
        notes.push(format!("{} not made", counted(count(CheckStatus::NotChecked), "check")));
    }
    if doctor.api_calls > 0 {
        let calls = usize::try_from(doctor.api_calls).unwrap_or(usize::MAX);
        notes.push(counted(calls, "API call"));
    }
    let failed = counted(count(CheckStatus::Failed), "failed check");
    let result = match (doctor.cannot_start(), doctor.is_incomplete()) {
        (true, _) => format!("A scan could not start: {failed}"),
        (false, true) => format!("A scan would be incomplete: {failed}"),
        (false, false) => "A scan can run: no check failed".to_owned(),
    };
    let notes = notes.into_iter().map(|note| format!("; {note}")).collect::<String>();
    format!("{result}{notes} (exit code {exit_code}).")
}
