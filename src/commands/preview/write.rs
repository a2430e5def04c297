//! Writes a preview in its formats, and the snapshot after the change.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::cli::{Global, PreviewFormat};
use crate::facts::{self, Scope};
use crate::model::{AccountId, AlertLocation, Demand, Finding, Origin, Resource};
use crate::output::preview::{write_markdown, write_preview_json, write_text};
use crate::output::sarif::{SarifOptions, SarifOutput};
use crate::output::{
    Destination, Document, FileMode, GitHub, LogLines, Output, OutputError, Sink, TextOptions,
};
use crate::report::{AccountReport, Alerts, Category, Preview, Previewed, RunInfo, Summary};
use crate::run::error::CommandError;
use crate::run::terminal;
use crate::snapshot::{
    AccountHeader, AccountSnapshot, ManifestTarget, SnapshotError, TargetList, Writer,
};

/// Writes the preview in a format.
pub(super) fn write(
    global: &Global,
    preview: &Preview,
    (run, reports, location): (&RunInfo, &[AccountReport], Option<AlertLocation>),
    (format, to): (PreviewFormat, &Destination),
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match (format, to) {
        (PreviewFormat::Sarif, _) => {
            return sarif(preview, (run, reports, location), to).map_err(CommandError::from);
        }
        (PreviewFormat::GitHub, Destination::Stdout) => {
            return CommandError::unless_written(annotations(preview, (run, reports), out));
        }
        _ => {}
    }
    let write = |out: &mut dyn Write, options: TextOptions| match format {
        PreviewFormat::Text => write_text(&mut LogLines::new(&mut *out), preview, options),
        PreviewFormat::Json => write_preview_json(out, preview),
        PreviewFormat::GitHub => annotations(preview, (run, reports), out),
        _ => write_markdown(out, preview, run),
    };
    if *to == Destination::Stdout {
        let options =
            TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
        return CommandError::unless_written(write(out, options));
    }
    let mut sink = Sink::open(to, FileMode::default())?;
    let options = TextOptions { color: false, width: 120 };
    write(&mut sink, options).map_err(CommandError::Write)?;
    Ok(sink.commit()?)
}

/// The failures that the change would introduce or make worse, in a category of their own.
fn sarif(
    preview: &Preview,
    (run, reports, location): (&RunInfo, &[AccountReport], Option<AlertLocation>),
    to: &Destination,
) -> Result<(), OutputError> {
    // No earlier alert can lose its place: the category has only those of the pull request.
    let location = location.unwrap_or(match run.has_sources {
        true => AlertLocation::Code,
        false => AlertLocation::Resource,
    });
    let mut notifications: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
    for one in &preview.refused {
        let note = format!("the apply will fail: {}: {}", one.label(), one.message);
        notifications.entry(one.account.clone()).or_default().push(note);
    }
    let new = preview.new_failures.iter().filter(|one| one.is_new());
    let absent = new.map(|one| one.fingerprint).collect();
    let options = SarifOptions { location, notifications, absent, ..SarifOptions::default() };
    let mut output = SarifOutput::new(to.clone(), options);
    output.begin(run)?;
    for report in reports {
        let alerts = Alerts { categories: vec![Category::default()], ..Alerts::default() };
        let new = only(report, &[&preview.new_failures, &preview.worse]);
        output.account(run, &AccountReport { alerts, ..new })?;
    }
    Box::new(output).finish(run, &Summary::default()).map(drop)
}

/// The failures that the change would introduce or make worse, as annotations at their lines.
fn annotations(
    preview: &Preview,
    (run, reports): (&RunInfo, &[AccountReport]),
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut document = GitHub::default();
    document.begin(out, run)?;
    for one in &preview.refused {
        GitHub::refused(out, &one.label(), &one.message)?;
    }
    for report in reports {
        let lists = [&preview.new_failures[..], &preview.worse, &preview.not_checked];
        document.account(out, run, &only(report, &lists))?;
    }
    document.finish(out, run, &Summary::default()).map(drop)
}

/// A report with only the findings of these lists, which say what AWS will refuse.
fn only(report: &AccountReport, lists: &[&[Previewed]]) -> AccountReport {
    let listed = |finding: &Finding| {
        let is_it = |one: &&Previewed| {
            one.account == report.account
                && one.after == Some(finding.verdict)
                && one.fingerprint == finding.fingerprint
        };
        let found = lists.iter().find_map(|list| list.iter().find(is_it))?;
        let mut finding = finding.clone();
        finding.placing = found.placing.clone().map(Box::new);
        if !found.added.is_empty() {
            finding.message = format!("worse than before: {}", finding.message).into();
            finding.evidence = found.added.clone().into();
        }
        if !found.refused.is_empty() {
            finding.message = format!("{}; {}", finding.message, found.refused.join("; ")).into();
        }
        Some(finding)
    };
    let findings = report.findings.iter().filter_map(listed).collect();
    AccountReport { findings, gaps: Vec::new(), ..report.clone() }
}

/// Writes the accounts as they would be after the change. The snapshot says that it is of a plan, so
/// that nothing takes it for what exists.
pub(super) fn write_snapshot(
    dir: &Path,
    accounts: Vec<(ManifestTarget, AccountSnapshot)>,
) -> Result<(), CommandError> {
    let mut demand = Demand::default();
    accounts.iter().for_each(|(_, snapshot)| demand.merge(&snapshot.header.demand));
    let targets = accounts.iter().map(|(target, _)| target.clone()).collect();
    let list = TargetList { targets, origin: Some(Origin::Plan), ..TargetList::default() };
    let writer = match Writer::create(dir, list, &demand) {
        Err(SnapshotError::Exists { path } | SnapshotError::NotEmpty { path }) => {
            return Err(CommandError::Usage(format!(
                "folder `{}` is not empty: choose a new or empty folder with --to",
                path.display()
            )));
        }
        other => other?,
    };
    for (_, snapshot) in accounts {
        let AccountSnapshot { header, lists, mut resources, gaps } = snapshot;
        let mut account = writer.account(AccountHeader { run: None, ..header })?;
        for ((kind, region), listed) in lists {
            let is_here = |resource: &Resource| {
                let is_regional =
                    facts::kind(&kind).is_some_and(|kind| kind.scope == Scope::Regional);
                resource.kind == kind && (!is_regional || resource.region == region)
            };
            let here = resources.extract_if(.., |resource| is_here(resource)).collect();
            account.list(listed, here)?;
        }
        account.gaps(gaps)?;
        account.finish()?;
    }
    Ok(())
}
