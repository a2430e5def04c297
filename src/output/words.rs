//! Wording that several formats share.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::text::one_line;
use crate::model::{Cause, Finding, Fingerprint, ResourceRef, State, Verdict, Waived, counted};
use crate::report::{AccountReport, Changes, OpenFinding, Reason, SourceCoverage, missing_action};
use crate::waivers::StaleWaiver;

/// `1 account`, `2 accounts`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Labels of an account: `environment=production, team=payments`.
pub(super) fn labels(labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    labels.join(", ")
}

/// The first `show` names, and how many more there are.
pub(super) fn some_of(names: &[&str], show: usize) -> String {
    let shown: Vec<String> = names.iter().take(show).map(|name| one_line(name, 60)).collect();
    let shown = shown.join(", ");
    match names.len().checked_sub(show) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} … and {more} more"),
    }
}

/// An item of evidence as one short line: `port: 22, cidr: 0.0.0.0/0`. Control characters of the
/// untrusted value are replaced.
pub(super) fn evidence(value: &Value, max: usize) -> String {
    // Do not format more than is shown; a character has at most four bytes, so this is enough.
    let mut text = String::new();
    append(value, &mut text, max.saturating_mul(4) + 16, 0);
    one_line(&text, max)
}

fn append(value: &Value, out: &mut String, enough: usize, depth: usize) {
    if out.len() > enough {
        return;
    }
    // Outer lists and objects have no brackets, inner ones are in parentheses: braces have a
    // meaning in SARIF messages.
    let (open, close) = if depth == 0 { ("", "") } else { ("(", ")") };
    match value {
        Value::String(text) => {
            let cut = text.char_indices().nth(enough).map_or(text.len(), |(at, _)| at);
            out.push_str(&text[..cut]);
        }
        Value::Array(items) if items.is_empty() => out.push_str("none"),
        Value::Array(items) => {
            out.push_str(open);
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                append(item, out, enough, depth + 1);
                if out.len() > enough {
                    return;
                }
            }
            out.push_str(close);
        }
        Value::Object(fields) => {
            out.push_str(open);
            for (index, (name, item)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(name);
                out.push_str(": ");
                append(item, out, enough, depth + 1);
                if out.len() > enough {
                    return;
                }
            }
            out.push_str(close);
        }
        Value::Null => out.push_str("none"),
        other => out.push_str(&other.to_string()),
    }
}

/// Why a resource could not be evaluated: the causes, or the message if there are none.
pub(super) fn why_unknown(finding: &Finding) -> String {
    if finding.causes.is_empty() {
        return finding.message.to_string();
    }
    let mut causes: Vec<String> = finding.causes.iter().map(cause).collect();
    causes.dedup();
    causes.join("; ")
}

/// What a finding says, in words: what is wrong, why the resource could not be checked or was
/// skipped, or that it complies.
pub(super) fn outcome(finding: &Finding) -> String {
    let message = finding.message.trim();
    match finding.verdict {
        Verdict::Unknown => {
            let accepted = finding.accepted.as_ref();
            let accepted = accepted.map(|reason| format!(" (accepted: {reason})"));
            let why = why_unknown(finding);
            format!("could not be checked: {why}{}", accepted.unwrap_or_default())
        }
        Verdict::Error => format!("could not be checked: the rule raised an error: {message}"),
        Verdict::Pass => format!("complies with the rule {}", finding.rule),
        Verdict::Skip if message.is_empty() => "the rule does not apply".to_owned(),
        Verdict::Skip => format!("the rule does not apply: {message}"),
        Verdict::Fail if message.is_empty() => format!("violates the rule {}", finding.rule),
        Verdict::Fail => message.to_owned(),
    }
}

/// How many failures have a place in code.
pub(super) fn code_coverage(coverage: &SourceCoverage) -> String {
    let mut text = format!(
        "{} of {} {} a place in code",
        coverage.placed,
        counted(coverage.failures(), "failure"),
        if coverage.placed == 1 { "has" } else { "have" }
    );
    let others = [(coverage.not_declared, "not declared"), (coverage.not_found, "not found")];
    let others = others.iter().filter(|(number, _)| *number > 0);
    let others: Vec<String> = others.map(|(number, what)| format!("{number} {what}")).collect();
    if !others.is_empty() {
        text.push_str(&format!(" ({})", others.join(", ")));
    }
    text
}

/// `<resource> (<account>, <region>): <what>`.
pub(super) fn sentence(report: &AccountReport, finding: &Finding) -> String {
    let resource = &finding.resource;
    let (name, account) = (one_line(&resource.label(), 300), one_line(report.label(), 100));
    format!("{name} ({account}, {}): {}", resource.region, one_line(&outcome(finding), 1_500))
}

/// Why a finding has its state. `earlier` is what it was compared with.
pub(super) fn reason(reason: Reason, earlier: &str) -> String {
    let text = match reason {
        Reason::AccountAdded => return format!("the account is not in {earlier}"),
        Reason::RuleAdded => return format!("the rule is not in {earlier}"),
        Reason::WaiverEnded => return format!("it was waived in {earlier}"),
        Reason::ResourceAdded => return format!("the resource is not in {earlier}"),
        Reason::RegionAdded => return format!("the region was not scanned for {earlier}"),
        Reason::PassedBefore => return format!("it passed in {earlier}"),
        Reason::SkippedBefore => return format!("the rule did not apply in {earlier}"),
        Reason::NotCheckedBefore => return format!("it could not be checked for {earlier}"),
        Reason::Passes => "passes",
        Reason::Skipped => "skipped",
        Reason::Gone => "no longer exists",
        Reason::CouldNotBeChecked => "could not be checked",
        Reason::RuleNotEvaluated => "the rule was not evaluated",
        Reason::RegionNotScanned => "the region was not scanned",
        Reason::AccountNotScanned => "the account was not scanned",
    };
    text.to_owned()
}

/// Why a finding has its state, compared with the baseline.
pub(super) fn why(changes: &Changes, fingerprint: &Fingerprint) -> Option<String> {
    let mut text = reason(*changes.reasons.get(fingerprint)?, "the baseline");
    if let Some(message) = changes.skip_messages.get(fingerprint) {
        text.push_str(&format!(", where it said: {message}"));
    }
    Some(text)
}

/// Why a failure is new, compared with the baseline: also which failure its resource may have replaced.
pub(super) fn why_new(changes: &Changes, finding: &Finding) -> Option<String> {
    let mut text = why(changes, &finding.fingerprint)?;
    let is_replaced = |open: &&OpenFinding| {
        open.rule == *finding.rule
            && may_replace(&open.resource, &finding.resource)
            && changes.is_gone(&open.fingerprint)
    };
    if changes.reasons.get(&finding.fingerprint) == Some(&Reason::ResourceAdded)
        && let Some(gone) = changes.fixed.iter().find(is_replaced)
        && let Some(id) = &gone.resource.id
    {
        text.push_str(&format!(
            "; {}, which has the same name and failed before, no longer exists",
            one_line(id, 100)
        ));
    }
    Some(text)
}

/// What became of a failure of the baseline that was fixed: also why the rule skips the resource now, and
/// which resource that fails may have replaced it.
pub(super) fn became(report: &AccountReport, changes: &Changes, open: &OpenFinding) -> String {
    let mut text = why(changes, &open.fingerprint).unwrap_or_else(|| "fixed".to_owned());
    let skips = |finding: &&Finding| {
        finding.fingerprint == open.fingerprint && finding.verdict == Verdict::Skip
    };
    match report.findings.iter().find(skips) {
        Some(finding) if !finding.message.is_empty() => {
            text.push_str(&format!(": {}", finding.message));
        }
        _ => {}
    }
    let replaces = |finding: &&Finding| {
        changes.is_gone(&open.fingerprint)
            && changes.reasons.get(&finding.fingerprint) == Some(&Reason::ResourceAdded)
            && open.rule == *finding.rule
            && may_replace(&open.resource, &finding.resource)
    };
    if let Some(id) =
        report.findings.iter().find(replaces).and_then(|finding| finding.resource.id.as_ref())
    {
        text.push_str(&format!(
            "; {}, which has the same name, is new and fails",
            one_line(id, 100)
        ));
    }
    text
}

/// Whether a new resource may have replaced one that no longer exists.
fn may_replace(gone: &ResourceRef, new: &ResourceRef) -> bool {
    new.name.is_some()
        && gone.kind == new.kind
        && gone.region == new.region
        && gone.name == new.name
}

/// What became of a failure of the baseline that is not among the findings of this run.
pub(super) fn what_became(state: State) -> &'static str {
    match state {
        State::Fixed => "no longer applies",
        State::New | State::Unchanged | State::UnknownNow => "could not be checked again",
    }
}

/// The same as [`sentence`], for a failure of the baseline. `account` is its label, and `what` says what
/// became of the failure.
pub(super) fn earlier_sentence(account: &str, open: &OpenFinding, what: &str) -> String {
    let resource = &open.resource;
    let (name, account) = (one_line(&resource.label(), 300), one_line(account, 100));
    let message = one_line(&open.message, 1_400);
    format!("{name} ({account}, {}): {what}; it failed before: {message}", resource.region)
}

/// A waiver in words: how long it applies, who accepts the problem and why, and where it is.
pub(super) fn waived(waived: &Waived) -> String {
    let ticket = waived.ticket.as_deref().map(|ticket| format!("{}; ", one_line(ticket, 60)));
    format!(
        "until {} by {}: {} ({}{}:{})",
        waived.expires,
        one_line(&waived.owner, 60),
        one_line(&waived.reason, 200),
        ticket.unwrap_or_default(),
        one_line(&waived.file, 120),
        waived.line
    )
}

/// What is wrong with a waiver, and where it is.
pub(super) fn stale_waiver(stale: &StaleWaiver) -> String {
    let terms = &stale.terms;
    let place = format!("{}:{}", one_line(&terms.file, 120), terms.line);
    let covers = one_line(&stale.covers, 160);
    if !stale.expired {
        let what = match &stale.wrong {
            Some(wrong) => format!(": {}", one_line(wrong, 200)),
            None => ", so it can be removed".to_owned(),
        };
        return format!("{place}: the waiver matches no failure{what} ({covers})");
    }
    let effect = match stale.findings {
        0 => "renew or remove it".to_owned(),
        number => format!("it no longer waives {}", counted(number, "finding")),
    };
    format!(
        "{place}: the waiver expired on {}; {effect} ({covers}; owner {})",
        terms.expires,
        one_line(&terms.owner, 60)
    )
}

/// A cause in words, with the IAM action of a denied call if it is not named like the call.
pub(super) fn cause(cause: &Cause) -> String {
    match missing_action(cause) {
        Some(action) if action != cause.call => format!("{cause} (requires {action})"),
        _ => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_missing_action() {
        let text = |call: &str, code: &str| {
            let (call, code) = (call.to_owned(), code.to_owned());
            cause(&Cause { call, code, message: String::new(), denied_by: None })
        };
        for (call, code, expected) in [
            (
                "s3:GetBucketEncryption",
                "AccessDenied",
                "s3:GetBucketEncryption: AccessDenied (requires s3:GetEncryptionConfiguration)",
            ),
            ("s3:GetBucketEncryption", "SlowDown", "s3:GetBucketEncryption: SlowDown"),
            (
                "ec2:DescribeVolumes",
                "UnauthorizedOperation",
                "ec2:DescribeVolumes: UnauthorizedOperation",
            ),
            (
                "ec2:DescribeTomorrow",
                "UnauthorizedOperation",
                "ec2:DescribeTomorrow: UnauthorizedOperation",
            ),
        ] {
            assert_eq!(text(call, code), expected);
        }
    }

    #[test]
    fn evidence_is_short_and_has_no_braces() {
        let value =
            serde_json::json!({ "port": 22, "from": ["0.0.0.0/0", "::/0"], "tag": { "a": null } });
        assert_eq!(evidence(&value, 200), "port: 22, from: (0.0.0.0/0, ::/0), tag: (a: none)");
        assert_eq!(evidence(&serde_json::json!("x".repeat(10_000)), 20).chars().count(), 20);
        assert_eq!(evidence(&serde_json::json!(vec!["ä"; 10_000]), 20).chars().count(), 20);
    }
}
