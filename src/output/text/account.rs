//! One account in the text report.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Paint, fit, hang, pad, width};
use crate::model::text::one_line;
use crate::model::{Cause, Extent, Finding, Placing, Severity, State, Verdict, counted};
use crate::output::words::{count, evidence, some_of, waived, why_unknown};
use crate::report::{AccountReport, StateCounts};

/// Items of evidence shown per finding.
const EVIDENCE_SHOWN: usize = 5;
/// Width of the column of severities and verdicts, including the spaces around them.
const GUTTER: usize = 12;
/// Maximum width of the column of resource names.
const LABEL_MAX: usize = 44;

/// The account with its findings.
pub(super) fn render(report: &AccountReport, paint: Paint, total: usize) -> String {
    let mut out = heading(report, paint);
    failures(&mut out, report, paint, total);
    undecided(&mut out, report, paint, total);
    let number =
        |verdict| report.findings.iter().filter(|finding| finding.verdict == verdict).count();
    let counts = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, number(verdict)))
        .filter(|(_, number)| *number > 0)
        .map(|(verdict, number)| {
            let is_waived =
                |finding: &&Finding| finding.verdict == verdict && finding.waived.is_some();
            match report.findings.iter().filter(is_waived).count() {
                0 => format!("{number} {verdict}"),
                waived => format!("{number} {verdict} ({waived} waived)"),
            }
        })
        .collect::<Vec<_>>()
        .join(", ");
    if report
        .findings
        .iter()
        .any(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Skip))
    {
        out.push('\n');
    }
    let counts = if counts.is_empty() { "no resources evaluated".to_owned() } else { counts };
    out.push_str(&format!("  {}\n", paint.dim(&counts)));
    if let Some(counts) = since_the_baseline(report) {
        out.push_str(&format!("  {}\n", paint.dim(&counts)));
    }
    out.push('\n');
    out
}

/// What changed since the baseline; `None` without a baseline, and if nothing failed then or now.
fn since_the_baseline(report: &AccountReport) -> Option<String> {
    report.changes.as_ref()?;
    let mut states = StateCounts::default();
    states.add(report);
    (states != StateCounts::default()).then(|| format!("since the baseline: {}", states.in_words()))
}

/// Why nothing is known about an account.
fn not_entered(report: &AccountReport) -> &'static str {
    let gap = report.gaps.iter().find(|gap| gap.gap.extent == Extent::Account);
    match gap.map(|gap| gap.gap.cause.code.as_str()) {
        Some(Cause::NOT_COLLECTED) => "not collected",
        Some(Cause::TRUNCATED) => "collection is incomplete",
        _ => "could not be accessed",
    }
}

fn heading(report: &AccountReport, paint: Paint) -> String {
    let id = report.account.as_str();
    let name = match &report.name {
        Some(name) if name != id => {
            format!("{} {}", paint.bold(&one_line(name, 60)), paint.dim(&format!("({id})")))
        }
        _ => paint.bold(id),
    };
    let mut about = Vec::new();
    if let Some(time) = &report.collected_at {
        about.push(format!("collected {}", one_line(time, 40)));
    }
    match report.regions.len() {
        _ if !report.entered => about.push(not_entered(report).to_owned()),
        // If all rules are about account-wide resource types, regions are not listed.
        0 => {}
        number => about.push(count(number, "region", "regions")),
    }
    format!("{name}{}\n", paint.dim(&format!(" · {}", about.join(" · "))))
}

/// Failures, worst first, grouped by rule; then those that are waived.
fn failures(out: &mut String, report: &AccountReport, paint: Paint, total: usize) {
    let mut groups: BTreeMap<(bool, Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        let key = (finding.waived.is_some(), finding.severity, &*finding.rule);
        groups.entry(key).or_default().push(finding);
    }
    for ((is_waived, severity, rule), findings) in groups {
        let word = match is_waived {
            true => paint.dim(&pad("waived", GUTTER - 4)),
            false => paint.severity(severity, &pad(severity.as_str(), GUTTER - 4)),
        };
        let mut heading = paint.bold(&one_line(rule, 100));
        if is_waived {
            heading += &paint.dim(&format!(" ({severity})"));
        }
        out.push_str(&format!("\n  {word}  {heading}\n"));
        let region_width = findings
            .iter()
            .map(|finding| finding.resource.region.as_str().len())
            .max()
            .unwrap_or(0);
        let label_max = LABEL_MAX.min(total.saturating_sub(GUTTER + 2 + region_width)).max(8);
        let labels: Vec<String> =
            findings.iter().map(|finding| fit(&finding.resource.label(), label_max)).collect();
        let label_width = labels.iter().map(|label| width(label)).max().unwrap_or(0);
        let indent = GUTTER + label_width + 2 + region_width + 2;
        let mut places = Places::of(&findings);
        for (finding, label) in findings.iter().zip(&labels) {
            let mark = if finding.state == Some(State::New) { "new " } else { "" };
            let place = format!(
                "{}{}{}  {}",
                " ".repeat(GUTTER - mark.len()),
                paint.bold(mark),
                pad(label, label_width),
                paint.dim(&pad(finding.resource.region.as_str(), region_width))
            );
            let message = one_line(&finding.message, 1000);
            // If the columns leave too little room for the message, it goes on the next line.
            if indent + 36 <= total {
                hang(out, &format!("{place}  "), indent, &message, total);
            } else {
                out.push_str(place.trim_end());
                out.push('\n');
                hang(out, &" ".repeat(GUTTER + 2), GUTTER + 2, &message, total);
            }
            // Evidence gets the whole width.
            let indent = GUTTER + 2;
            if let Some(terms) = &finding.waived {
                let line = format!("waived {}", waived(terms));
                hang(out, &" ".repeat(indent), indent + 2, &line, total);
            }
            let pieces = finding.evidence.to_vec();
            for piece in pieces.iter().take(EVIDENCE_SHOWN) {
                let line = evidence(piece, total.saturating_sub(indent + 2).max(20));
                out.push_str(&format!(
                    "{}{} {}\n",
                    " ".repeat(indent),
                    paint.dim("·"),
                    paint.dim(&line)
                ));
            }
            let more = pieces.len().checked_sub(EVIDENCE_SHOWN);
            if let Some(more) = more.filter(|more| *more > 0) {
                out.push_str(&format!(
                    "{}{}\n",
                    " ".repeat(indent),
                    paint.dim(&format!("… and {more} more"))
                ));
            }
            if let Some(line) = places.line(finding) {
                // Not wrapped, so that file and line can be copied.
                out.push_str(&format!("{}{}\n", " ".repeat(indent), paint.dim(&line)));
            }
        }
    }
}

/// The places of failures with one rule: findings at the same place name it once.
struct Places<'a>(BTreeMap<(&'a str, u32), usize>);

impl<'a> Places<'a> {
    fn of(findings: &[&'a Finding]) -> Self {
        let mut places: BTreeMap<(&str, u32), usize> = BTreeMap::new();
        for place in findings.iter().filter_map(|finding| finding.place()) {
            *places.entry((&place.file, place.line)).or_default() += 1;
        }
        Self(places)
    }

    /// The line about the place of a finding, unless an earlier finding has it.
    fn line(&mut self, finding: &'a Finding) -> Option<String> {
        let place = match finding.placing.as_deref()? {
            Placing::Placed(place) => place,
            Placing::NotDeclared => return None,
            Placing::NotFound { address, reason } => {
                return Some(format!(
                    "declared as {}, but {}",
                    one_line(address, 200),
                    one_line(reason, 200)
                ));
            }
        };
        let number = std::mem::take(self.0.get_mut(&(&*place.file, place.line))?);
        let others = match number {
            0 => return None,
            1 => String::new(),
            number => format!("  (same place: {} more)", number - 1),
        };
        let position = one_line(&place.position(), 300);
        let note = place.note().map(|note| format!(" ({note})")).unwrap_or_default();
        Some(format!("{position}  {}{note}{others}", one_line(&place.address, 300)))
    }
}

/// Resources that could not be evaluated, grouped by cause: two hundred buckets with an unreadable
/// policy are a few lines.
fn undecided(out: &mut String, report: &AccountReport, paint: Paint, total: usize) {
    #[derive(Default)]
    struct Group<'a> {
        message: Option<&'a str>,
        rules: BTreeSet<&'a str>,
        resources: BTreeSet<String>,
        whole_kinds: BTreeSet<String>,
        regions: BTreeSet<&'a str>,
        failed_before: usize,
    }
    let mut groups: BTreeMap<(Verdict, String, Option<String>), Group<'_>> = BTreeMap::new();
    for finding in &report.findings {
        let reason = match finding.verdict {
            Verdict::Unknown => why_unknown(finding),
            Verdict::Error => finding.message.to_string(),
            _ => continue,
        };
        let note = match (&finding.accepted, &finding.waived) {
            (Some(reason), _) => Some(format!("accepted: {}", one_line(reason, 200))),
            (None, terms) => terms.as_ref().map(|terms| format!("waived {}", waived(terms))),
        };
        let group = groups.entry((finding.verdict, reason, note)).or_default();
        // Messages of a group differ only in the name of the resource; show the first.
        group.message = group.message.or(finding
            .causes
            .iter()
            // The reason of a rule is its message.
            .filter(|cause| cause.code != Cause::RULE_UNDECIDED)
            .map(|cause| cause.message.as_str())
            .find(|text| !text.is_empty()));
        group.rules.insert(&finding.rule);
        group.failed_before += usize::from(finding.state == Some(State::UnknownNow));
        let whole_kind = finding.resource.id.is_none();
        let names = if whole_kind { &mut group.whole_kinds } else { &mut group.resources };
        names.insert(finding.resource.label());
        group.regions.insert(finding.resource.region.as_str());
    }
    for ((verdict, reason, note), group) in groups {
        let word = paint.verdict(verdict, &pad(verdict.as_str(), GUTTER - 4));
        hang(out, &format!("\n  {word}  "), GUTTER, &one_line(&reason, 400), total);
        if let Some(message) = group.message {
            hang(out, &" ".repeat(GUTTER), GUTTER, &one_line(message, 300), total);
        }
        if let Some(note) = note {
            hang(out, &" ".repeat(GUTTER), GUTTER, &note, total);
        }
        let named = |one, many, names: Vec<&str>| match names.len() {
            0 => String::new(),
            number => format!("{}: {}", count(number, one, many), some_of(&names, 3)),
        };
        let whole_kinds: Vec<&str> = group.whole_kinds.iter().map(String::as_str).collect();
        let lines = [
            named("rule", "rules", group.rules.iter().copied().collect()),
            some_of(&whole_kinds, 5),
            named("resource", "resources", group.resources.iter().map(String::as_str).collect()),
            named("region", "regions", group.regions.iter().copied().collect()),
            match group.failed_before {
                0 => String::new(),
                number => format!("{} in the baseline", counted(number, "failure")),
            },
        ];
        let lines: Vec<&str> =
            lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        hang(out, &" ".repeat(GUTTER), GUTTER, &lines.join(" · "), total);
    }
}
