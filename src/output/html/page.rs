//! The frame of the page: everything before the data of the accounts, and everything after it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::cells::time;
use super::markup::{counted, escape, text};
use super::{accounts, frameworks, gaps, history, overview, rules, waivers};
use crate::output::collected::Collected;
use crate::report::{History, RunInfo, Summary};

const STYLE: &str = include_str!("report.css");
/// The parts share one scope.
const SCRIPT: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("script/data.js"),
    include_str!("script/filters.js"),
    include_str!("script/list.js"),
    include_str!("script/path.js"),
    include_str!("script/details.js"),
    include_str!("script/download.js"),
    include_str!("script/controls.js"),
    include_str!("script/print.js"),
    "navigate(true);\n})();",
);

/// A source of the content security policy: only this very text may run or apply.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Everything up to the data.
pub(super) fn start(run: &RunInfo) -> String {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let name = run.selection.name.as_deref().map(|name| format!(": {}", text(name)));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"{}\">\n\
         <title>Compliance report{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        escape(&text(&run.tool)),
        name.unwrap_or_default(),
    )
}

/// Everything after the data.
pub(super) fn end(
    run: &RunInfo,
    summary: &Summary,
    collected: &Collected,
    earlier: Option<&History>,
) -> String {
    let mut sections = vec![
        ("overview", "Overview", overview::render(run, summary, collected)),
        ("findings", "Findings", findings().to_owned()),
        ("gaps", "Coverage gaps", gaps::render(run, summary, collected)),
        ("accounts", "Accounts", accounts::render(run, summary, collected)),
        ("rules", "Rules", rules::render(run, summary)),
    ];
    if !run.frameworks.is_empty() {
        sections.push(("frameworks", "Frameworks", frameworks::render(run, summary)));
    }
    sections.push(("waivers", "Waivers", waivers::render(summary, collected)));
    if let Some(earlier) = earlier {
        sections.push(("history", "History", history::render(earlier, run, summary, collected)));
    }
    let mut out = String::from("<a class=\"skip\" href=\"#content\">Skip to content</a>\n");
    out.push_str("<header class=\"page\">\n<div class=\"about\">\n<h1>Compliance report</h1>\n");
    out.push_str(&format!("<p>{}</p>\n</div>\n", about(run, summary, collected)));
    out.push_str("<nav aria-label=\"Sections\"><ul>\n");
    for (id, title, _) in &sections {
        out.push_str(&format!("<li><a href=\"#{id}\">{title}</a></li>\n"));
    }
    out.push_str("</ul></nav>\n</header>\n<main id=\"content\" tabindex=\"-1\">\n");
    out.push_str(
        "<noscript><p class=\"note\">Without JavaScript, this page shows its tables, but not the list of findings.</p></noscript>\n\
         <p id=\"problem\" class=\"note bad\" role=\"alert\" hidden></p>\n",
    );
    for (id, title, body) in &sections {
        out.push_str(&format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\" tabindex=\"-1\">{title}</h2>\n{body}</section>\n"
        ));
    }
    out.push_str(&format!(
        "</main>\n<footer class=\"page\"><p>Written by {}. This file needs no network.</p></footer>\n",
        text(&run.tool)
    ));
    out.push_str(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// What was evaluated, and when it was collected.
fn about(run: &RunInfo, summary: &Summary, collected: &Collected) -> String {
    let mut parts = Vec::new();
    let name = run.selection.name.as_deref().map(|name| format!(" (selection {})", text(name)));
    parts.push(counted(summary.accounts, "account"));
    parts.push(counted(summary.resources, "resource"));
    parts.push(format!("{}{}", counted(run.rules.len(), "rule"), name.unwrap_or_default()));
    if let Some((first, last)) = &collected.collected {
        // Most runs begin and end within a minute.
        let (first, last) = (time(first), time(last));
        let shown = |time: &str| time.split_once('>').map(|(_, shown)| shown.to_owned());
        parts.push(match shown(&first) == shown(&last) {
            true => format!("collected {last}"),
            false => format!("collected {first} to {last}"),
        });
    }
    parts.extend(run.baseline_at.as_deref().map(|at| format!("compared with {}", time(at))));
    parts.join(" · ")
}

/// The list of findings, which the script fills.
fn findings() -> &'static str {
    include_str!("findings.html")
}
