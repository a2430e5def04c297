//! The report for programs: everything, in a versioned format ([`v1`], with a checked-in JSON
//! Schema), one finding per line.
//!
//! The envelope is written by hand and findings are serialized one at a time, so memory does not
//! grow with their number. `baseline` reads the report of an earlier run.

#[cfg(test)]
mod tests;
pub mod v1;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::thread;

use crate::model::Finding;
use crate::output::document::Document;
use crate::output::escape::write_json;
use crate::output::notice::Notice;
use crate::report::{AccountReport, Changes, RunInfo, Summary};

/// The JSON report.
#[derive(Debug, Default)]
pub struct Json {
    accounts: usize,
}

/// The JSON Schema of the reports.
#[cfg(test)]
pub fn schema() -> serde_json::Value {
    // As it is serialized: every field is present, `null` where there is no value.
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<v1::Report>().to_value()
}

impl Document for Json {
    fn begin(&mut self, out: &mut dyn Write, run: &RunInfo) -> io::Result<()> {
        out.write_all(b"{\n\"version\": ")?;
        write_json(out, &v1::Version::V1)?;
        if let Some(origin) = run.origin {
            out.write_all(b",\n\"origin\": ")?;
            write_json(out, &origin)?;
        }
        out.write_all(b",\n\"tool\": ")?;
        write_json(out, &v1::Tool::new(&run.tool))?;
        out.write_all(b",\n\"selection\": ")?;
        write_json(out, &v1::Selection::from(&run.selection))?;
        out.write_all(b",\n\"fail_on\": ")?;
        write_json(out, &run.fail_on)?;
        out.write_all(b",\n\"fail_on_new\": ")?;
        write_json(out, &run.fail_on_new)?;
        out.write_all(b",\n\"rules\": ")?;
        write_list(out, run.rules.iter().map(v1::Rule::from))?;
        out.write_all(b",\n\"skipped_accounts\": ")?;
        write_list(out, run.skipped_accounts.iter().map(v1::SkippedAccount::from))?;
        out.write_all(b",\n\"knows_all_accounts\": ")?;
        write_json(out, &run.knows_all_accounts)?;
        out.write_all(b",\n\"accounts\": [")
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        _: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        let first = self.accounts == 0;
        self.accounts += 1;
        out.write_all(if first { b"\n" } else { b",\n" })?;
        // The head is serialized as an object; its closing brace is dropped to append the
        // findings.
        let mut head = Vec::new();
        write_json(&mut head, &v1::AccountHead::from(report))?;
        head.pop();
        out.write_all(&head)?;
        let alerts = &report.alerts;
        out.write_all(b",\"carried\":")?;
        write_list(out, alerts.carried.iter().map(v1::OpenFinding::from))?;
        if !alerts.groups.is_empty() {
            out.write_all(b",\"open_groups\":")?;
            write_list(out, alerts.groups.iter().map(v1::OpenGroup::from))?;
        }
        out.write_all(b",\"never_checked\":")?;
        write_list(out, alerts.never_checked.iter().map(v1::NeverChecked::from))?;
        out.write_all(b",\"code_scanning\":")?;
        write_list(out, alerts.categories.iter().filter_map(v1::Category::new))?;
        let unchanged = Changes::default();
        let changes = report.changes.as_ref().unwrap_or(&unchanged);
        let with_reason = |open| v1::ChangedFinding::new(open, changes);
        out.write_all(b",\"fixed\":")?;
        write_list(out, changes.fixed.iter().map(with_reason))?;
        out.write_all(b",\"unknown_now\":")?;
        write_list(out, changes.unknown_now.iter().map(with_reason))?;
        out.write_all(b",\"gaps\":")?;
        write_list(out, report.gaps.iter().map(v1::Gap::from))?;
        out.write_all(b",\"findings\":")?;
        write_findings(out, report, threads())?;
        out.write_all(b"}")
    }

    fn finish(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        summary: &Summary,
    ) -> io::Result<Vec<Notice>> {
        let empty = self.accounts == 0;
        out.write_all(if empty { b"]" } else { b"\n]" })?;
        out.write_all(b",\n\"absent_accounts\": ")?;
        write_list(out, summary.absent_accounts.iter().map(v1::AbsentAccount::from))?;
        out.write_all(b",\n\"frameworks\": ")?;
        write_list(
            out,
            run.frameworks.iter().map(|framework| v1::Framework::new(framework, summary)),
        )?;
        out.write_all(b",\n\"summary\": ")?;
        write_json(out, &v1::Summary::from(summary))?;
        out.write_all(b"\n}\n")?;
        Ok(Vec::new())
    }
}

/// How many findings are kept as JSON at once, for each thread.
const PART: usize = 1_024;

/// Findings, serialized on several threads: there are more of them than of everything else.
fn write_findings(out: &mut dyn Write, report: &AccountReport, threads: usize) -> io::Result<()> {
    if threads < 2 || report.findings.len() <= PART {
        let findings = report.findings.iter();
        return write_list(out, findings.map(|finding| v1::Finding::new(finding, report)));
    }
    let serialize = |findings: &[Finding]| -> io::Result<Vec<u8>> {
        let mut json = Vec::new();
        for finding in findings {
            json.extend(b",\n");
            write_json(&mut json, &v1::Finding::new(finding, report))?;
        }
        Ok(json)
    };
    let mut is_first = true;
    for parts in report.findings.chunks(PART * threads) {
        let mut parts = parts.chunks(PART);
        let own = parts.next().unwrap_or_default();
        thread::scope(|scope| {
            let started: Vec<_> = parts
                .map(|part| (part, thread::Builder::new().spawn_scoped(scope, || serialize(part))))
                .collect();
            let mut json = serialize(own)?;
            if std::mem::take(&mut is_first)
                && let Some(separator) = json.first_mut()
            {
                *separator = b'[';
            }
            out.write_all(&json)?;
            for (part, thread) in started {
                let json = match thread.map(|thread| thread.join()) {
                    Ok(joined) => joined.unwrap_or_else(|panic| resume_unwind(panic)),
                    // Without another thread, it only takes longer.
                    Err(_) => serialize(part),
                };
                out.write_all(&json?)?;
            }
            Ok::<(), io::Error>(())
        })?;
    }
    out.write_all(b"\n]")
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A list with one item per line.
fn write_list<T: serde::Serialize>(
    out: &mut dyn Write,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    let mut between: &[u8] = b"[\n";
    for item in items {
        out.write_all(between)?;
        write_json(out, &item)?;
        between = b",\n";
    }
    out.write_all(if between == b",\n" { b"\n]" } else { b"[]" })
}
