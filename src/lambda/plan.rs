//! `plan`: plans fixes for the findings of a run. Nothing here changes resources, and the package of
//! the function cannot: plans are applied elsewhere, once they are approved.

use std::fs::File;
use std::io::{BufWriter, Write};

use jiff::Timestamp;

use super::event::{PlanAnswer, PlanEvent, RunName};
use super::failure::Failure;
use super::invocation::Invocation;
use super::report;
use crate::output::remediation::write_plan_markdown;
use crate::remediation::PlanCounts;
use crate::run::remediation::{plan_settings, plan_snapshot};
use crate::snapshot::Reader;

/// The files of a plan.
const PLAN: &str = "plan.json";
const MARKDOWN: &str = "plan.md";

/// Writes the plan of a run, by default of the newest one with a report.
pub(super) fn run(invocation: &Invocation, event: PlanEvent) -> Result<PlanAnswer, Failure> {
    let run = match event.run {
        Some(run) => run,
        None => newest(invocation)?,
    };
    let files = invocation.files(&run)?;
    let list = files.require_targets()?;
    let (global, setup) = invocation.setup()?;
    let (_, dir) = report::merged(&files, &list)?;
    let reader = Reader::open(&dir)?;
    let settings = plan_settings(&setup, event.unsafe_fixes);
    let planned = plan_snapshot(&setup, &settings, &reader, None, true)?;
    let incomplete = planned.is_incomplete();
    let PlanCounts { findings, fixable, hidden, by_hand, not_planned } = planned.plan.counts();

    let failed = |error: std::io::Error| Failure::other(format!("cannot write the plan: {error}"));
    let local = files.local(PLAN)?;
    std::fs::write(&local, planned.plan.to_bytes()).map_err(failed)?;
    let file = planned.plan.into_file();
    let markdown = files.local(MARKDOWN)?;
    let mut out = BufWriter::new(File::create(&markdown).map_err(failed)?);
    write_plan_markdown(&mut out, &file, Timestamp::now())
        .and_then(|()| out.flush())
        .map_err(failed)?;
    // The Markdown first: a plan that exists can be reviewed.
    files.upload(&markdown, MARKDOWN)?;
    files.upload(&local, PLAN)?;
    global.staging.finish(false)?;
    Ok(PlanAnswer {
        run,
        exit: if incomplete { 3 } else { 0 },
        plan: files.place(PLAN).to_string(),
        markdown: files.place(MARKDOWN).to_string(),
        hash: file.hash,
        items: file.plan.items.len(),
        findings,
        fixable,
        hidden,
        by_hand,
        not_planned,
    })
}

/// The run of the newest report.
fn newest(invocation: &Invocation) -> Result<RunName, Failure> {
    // The files of this request are not a run; only what is shared is read.
    let request = RunName::try_from(invocation.request_id.clone()).map_err(Failure::other)?;
    let latest = invocation.files(&request)?.latest()?.ok_or_else(|| {
        Failure::event("no run has a report yet: begin one, or name the run to plan for")
    })?;
    RunName::try_from(latest.run).map_err(Failure::config)
}
