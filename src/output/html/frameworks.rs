//! The selected frameworks: the outcome of each requirement over all accounts.

use super::cells::bar;
use super::markdown::is_web_page;
use super::markup::{cell, linked, number, query, table, tag, text};
use crate::report::{
    FrameworkInfo, Open, RequirementInfo, RequirementOutcome, RunInfo, Status, Summary,
};

pub(super) fn render(run: &RunInfo, summary: &Summary) -> String {
    run.frameworks.iter().map(|framework| one(framework, summary)).collect()
}

/// A status as a class of the page's style.
fn class(status: Status) -> &'static str {
    match status {
        Status::Failed => "fail",
        Status::Unknown => "unknown",
        Status::Passed => "pass",
        Status::NoResources => "skip",
        Status::NotCovered | Status::NotDecidable => "none",
    }
}

fn one(framework: &FrameworkInfo, summary: &Summary) -> String {
    let outcomes: Vec<(&RequirementInfo, RequirementOutcome)> = framework
        .requirements
        .iter()
        .map(|requirement| (requirement, summary.outcome_of(requirement)))
        .collect();
    let name = format!("{} {}", framework.name, framework.version);
    let mut out =
        format!("<h3>{} <span class=\"id\">{}</span></h3>\n", text(&name), text(&framework.id));
    let from = framework.folder.as_ref().map(|folder| format!(" From {}.", text(folder)));
    let page = is_web_page(&framework.url).then(|| {
        format!(
            " <a href=\"{}\" rel=\"noopener noreferrer\">Published by its authors</a>.",
            text(&framework.url)
        )
    });
    out.push_str(&format!(
        "<p>Listed: {}.{}{}</p>\n",
        text(framework.scope.trim_end_matches('.')),
        from.unwrap_or_default(),
        page.unwrap_or_default()
    ));
    let of = |status| outcomes.iter().filter(|(_, outcome)| outcome.status == status).count();
    let rows: String = Status::ALL
        .into_iter()
        .map(|status| {
            format!(
                "<tr><th scope=\"row\">{}</th>{}{}</tr>\n",
                tag(class(status), status.as_str()),
                cell(of(status)),
                bar(&[(class(status), of(status))], outcomes.len())
            )
        })
        .collect();
    out.push_str(&table(
        &format!("Requirements of {name} by status"),
        &["status", "#requirements", "share"],
        &rows,
    ));
    let rows: String =
        outcomes.iter().map(|(requirement, outcome)| row(requirement, outcome)).collect();
    out.push_str(&table(
        &format!("Requirements of {name}"),
        &[
            "requirement",
            "title",
            "status",
            "#failed",
            "#of these waived",
            "#unknown",
            "#passed",
            "note",
        ],
        &rows,
    ));
    out
}

fn row(requirement: &RequirementInfo, outcome: &RequirementOutcome) -> String {
    let rules: Vec<String> = requirement.rules.iter().map(|rule| query(rule)).collect();
    let rules = rules.join(",");
    let mut notes = Vec::new();
    match &requirement.open {
        Some(Open::NotDecidable(why) | Open::NotCovered(why)) => notes.push(text(why)),
        None => {}
    }
    notes.extend(requirement.note.as_deref().map(text));
    if !outcome.not_run.is_empty() {
        let names: Vec<&str> = outcome.not_run.iter().map(String::as_str).collect();
        let some = crate::output::words::some_of(&names, 8);
        notes.push(format!("{} rules not run: {}", number(names.len()), text(&some)));
    }
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td><td>{}</td>{}{}{}{}<td class=\"long\">{}</td></tr>\n",
        text(&requirement.id),
        text(&requirement.title),
        tag(class(outcome.status), outcome.status.as_str()),
        linked(outcome.failed, &format!("rule={rules}&amp;verdict=fail"), "failure"),
        linked(
            outcome.waived,
            &format!("rule={rules}&amp;verdict=fail&amp;waived=yes"),
            "waived failure"
        ),
        linked(
            outcome.unknown + outcome.errors,
            &format!("rule={rules}&amp;verdict=unknown,error"),
            "unknown finding"
        ),
        linked(outcome.passed, &format!("rule={rules}&amp;verdict=pass"), "passing finding"),
        notes.join(" ")
    )
}
