//! CSV with a row per finding, for spreadsheets and databases. New columns are added at the end.

use std::borrow::Cow;
use std::io::{self, Write};

use super::document::Document;
use super::escape::json_line;
use super::notice::Notice;
use super::spreadsheet::{self, safe};
use super::words;
use crate::model::{Finding, Place, State};
use crate::report::{AccountReport, RunInfo, Summary};

/// The columns, in this order.
pub const COLUMNS: [&str; 25] = [
    "account",
    "account_name",
    "region",
    "resource_type",
    "resource_id",
    "resource_name",
    "resource_arn",
    "rule",
    "title",
    "severity",
    "verdict",
    "state",
    "message",
    "evidence",
    "accepted",
    "waived_until",
    "waived_by",
    "waived_reason",
    "waived_ticket",
    "fingerprint",
    "collected_at",
    "help",
    "account_labels",
    "source",
    "source_address",
];

/// The CSV report.
#[derive(Debug, Default)]
pub struct Csv;

impl Document for Csv {
    fn begin(&mut self, out: &mut dyn Write, _: &RunInfo) -> io::Result<()> {
        let mut table = spreadsheet::writer(out);
        table.write_record(COLUMNS)?;
        table.flush()
    }

    fn account(
        &mut self,
        out: &mut dyn Write,
        run: &RunInfo,
        report: &AccountReport,
    ) -> io::Result<()> {
        let mut table = spreadsheet::writer(out);
        for finding in &report.findings {
            let cells = cells(run, report, finding);
            table.write_record(cells.iter().map(|cell| safe(cell).into_owned()))?;
        }
        table.flush()
    }

    fn finish(&mut self, _: &mut dyn Write, _: &RunInfo, _: &Summary) -> io::Result<Vec<Notice>> {
        Ok(Vec::new())
    }
}

/// The cells of a row, in the order of [`COLUMNS`].
fn cells<'a>(
    run: &'a RunInfo,
    report: &'a AccountReport,
    finding: &'a Finding,
) -> [Cow<'a, str>; COLUMNS.len()] {
    let some = |text: Option<&'a str>| Cow::Borrowed(text.unwrap_or_default());
    let rule = run.rule(&finding.rule);
    let resource = &finding.resource;
    let waived = finding.waived.as_deref();
    let place = finding.place();
    let message = if finding.causes.is_empty() {
        Cow::Borrowed(&*finding.message)
    } else {
        Cow::Owned(words::why_unknown(finding))
    };
    let evidence = match finding.evidence.is_empty() {
        true => String::new(),
        false => json_line(&finding.evidence.to_vec().into()),
    };
    [
        report.account.as_str().into(),
        some(report.name.as_deref()),
        resource.region.as_str().into(),
        (&*resource.kind).into(),
        some(resource.id.as_deref()),
        some(resource.name.as_deref()),
        some(resource.arn.as_deref()),
        (&*finding.rule).into(),
        some(rule.map(|rule| rule.title.as_str())),
        finding.severity.as_str().into(),
        finding.verdict.as_str().into(),
        finding.state.map_or("", State::as_str).into(),
        message,
        evidence.into(),
        some(finding.accepted.as_deref()),
        waived.map(|waived| waived.expires.to_string()).unwrap_or_default().into(),
        some(waived.map(|waived| waived.owner.as_str())),
        some(waived.map(|waived| waived.reason.as_str())),
        some(waived.and_then(|waived| waived.ticket.as_deref())),
        finding.fingerprint.to_string().into(),
        some(report.collected_at.as_deref()),
        some(rule.and_then(|rule| rule.help_uri.as_deref())),
        words::labels(&report.labels).into(),
        place.map(Place::position).unwrap_or_default().into(),
        some(place.map(|place| place.address.as_str())),
    ]
}
