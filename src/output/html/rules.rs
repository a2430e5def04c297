//! Every rule: its numbers and its documentation. The script shows the documentation with the
//! findings, too.

use super::markdown::{is_web_page, render as markdown};
use super::markup::{counted, number, query, tag, text};
use crate::model::Verdict;
use crate::report::{RuleInfo, RuleOrigin, RunInfo, Summary};

pub(super) fn render(run: &RunInfo, summary: &Summary) -> String {
    let failures = |rule: &RuleInfo| {
        let failed = count(summary, rule, Verdict::Fail);
        failed.saturating_sub(summary.waived_failures.get(&rule.id).copied().unwrap_or(0))
    };
    let mut rules: Vec<(usize, &RuleInfo)> = run.rules.iter().enumerate().collect();
    rules.sort_by_key(|(_, rule)| {
        let failed = failures(rule);
        (failed == 0, rule.severity, std::cmp::Reverse(failed))
    });
    let mut out = String::from("<p>Open a rule to read why it matters and how to fix it.</p>\n");
    for note in run.replacements() {
        out.push_str(&format!("<p class=\"note\">{}</p>\n", text(&note)));
    }
    // The script sorts them.
    out.push_str("<p id=\"rules-order\" hidden><label class=\"sort\">Sort by <select id=\"rules-sort\"><option value=\"\">severity, then failures</option><option value=\"failures\">failures</option><option value=\"id\">rule</option></select></label></p>\n<div id=\"rules-list\">\n");
    for (at, rule) in rules {
        out.push_str(&one(at, rule, failures(rule), summary));
    }
    out.push_str("</div>\n");
    out
}

fn count(summary: &Summary, rule: &RuleInfo, verdict: Verdict) -> usize {
    let verdicts = summary.rules.get(&rule.id);
    verdicts.and_then(|verdicts| verdicts.get(&verdict)).copied().unwrap_or(0)
}

fn one(at: usize, rule: &RuleInfo, failed: usize, summary: &Summary) -> String {
    let link = |filter: &str, label: String| {
        format!("<a href=\"#findings?rule={}&amp;{filter}\">{label}</a>", query(&rule.id))
    };
    let mut numbers = Vec::new();
    if failed > 0 {
        numbers.push(link("verdict=fail&amp;waived=no", counted(failed, "failure")));
    }
    let waived = summary.waived_failures.get(&rule.id).copied().unwrap_or(0);
    for (count, filter, word) in [
        (waived, "verdict=fail&amp;waived=yes", "waived"),
        (count(summary, rule, Verdict::Unknown), "verdict=unknown", "unknown"),
        (count(summary, rule, Verdict::Error), "verdict=error", "errors"),
        (count(summary, rule, Verdict::Skip), "verdict=skip", "skipped"),
        (count(summary, rule, Verdict::Pass), "verdict=pass", "passed"),
    ] {
        if count > 0 {
            numbers.push(link(filter, format!("{} {word}", number(count))));
        }
    }
    if numbers.is_empty() {
        numbers.push("no resources".to_owned());
    }
    let state = if failed > 0 { "" } else { " class=\"quiet\"" };
    let origin = match &rule.origin {
        RuleOrigin::BuiltIn => String::new(),
        RuleOrigin::Folder { folder, .. } => format!(" · from {}", text(folder)),
    };
    format!(
        "<article{state} data-id=\"{}\" data-failures=\"{failed}\">\n<div class=\"rule\">{}<h3>{}</h3><p class=\"numbers\">{} · {}{origin}</p><p class=\"numbers\">{}</p></div>\n<details id=\"rule-{at}\"><summary>Documentation<span class=\"sr\"> of {}</span></summary>\n<div class=\"prose\">\n{}</div>\n</details>\n</article>\n",
        text(&rule.id),
        tag(rule.severity.as_str(), rule.severity.as_str()),
        text(&rule.title),
        text(&rule.id),
        text(&rule.kind),
        numbers.join(" · "),
        text(&rule.id),
        documentation(rule),
    )
}

fn documentation(rule: &RuleInfo) -> String {
    let mut out = markdown(&rule.markdown);
    let help = rule.help_uri.as_deref().filter(|help| is_web_page(help));
    if let Some(help) = help.filter(|help| !rule.markdown.contains(*help)) {
        let help = text(help);
        out.push_str(&format!(
            "<p><a href=\"{help}\" rel=\"noopener noreferrer\">{help}</a></p>\n"
        ));
    }
    if rule.is_fixable {
        out.push_str(&format!(
            "<p class=\"plan\">rolecall can plan fixes: <code>rolecall remediate plan --rule {}</code></p>\n",
            text(&rule.id)
        ));
    }
    if !rule.params.is_empty() {
        let params = serde_json::Value::Object(rule.params.clone());
        let params = crate::output::words::evidence(&params, 500);
        out.push_str(&format!("<p>Parameters: <code>{}</code></p>\n", text(&params)));
    }
    out
}
