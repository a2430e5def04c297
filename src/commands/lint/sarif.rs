//! SARIF 2.1.0: one run with the lint codes as rules.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, MultiformatMessageString, PhysicalLocation, Region,
    ReportingConfiguration, ReportingDescriptor, Result as SarifResult, ResultLevel, Run, Sarif,
    Tool, ToolComponent,
};

use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::model::text::one_line;
use crate::output::write_json;
use crate::rules::lint::LintReport;

const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

fn descriptor(code: Code) -> ReportingDescriptor {
    let text = |text: &str| MultiformatMessageString::builder().text(text.to_owned()).build();
    let mut help = text(code.explanation());
    help.markdown = Some(super::super::explain::markdown_of(code));
    ReportingDescriptor::builder()
        .id(code.id())
        .name(format!("{code:?}"))
        .short_description(text(code.title()))
        .full_description(text(code.explanation()))
        .help(help)
        .default_configuration(ReportingConfiguration::builder().level(json!("error")).build())
        .build()
}

fn result(diagnostic: &Diagnostic) -> SarifResult {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let ((line, column), (end_line, end_column)) =
        (diagnostic.position(), diagnostic.end_position());
    let region = Region::builder()
        .start_line(number(line))
        .start_column(number(column))
        .end_line(number(end_line))
        .end_column(number(end_column))
        .build();
    let uri = utf8_percent_encode(&diagnostic.file, PATH).to_string();
    let place = PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri).build())
        .region(region)
        .build();
    let help = diagnostic.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    // Brackets in a message would be interpreted as links.
    let text = one_line(&format!("{}{help}", diagnostic.message), 1_000)
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]");
    let mut result = SarifResult::builder()
        .message(Message::builder().text(text).build())
        .level(ResultLevel::Error)
        .locations(vec![Location::builder().physical_location(place).build()])
        .build();
    if let Some(code) = diagnostic.code {
        let index = Code::ALL.iter().position(|known| *known == code);
        result.rule_id = Some(code.id().to_owned());
        result.rule_index = index.map(number);
    }
    result
}

pub(crate) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut driver = ToolComponent::builder()
        .name("rolecall lint")
        .rules(Code::ALL.iter().map(|code| descriptor(*code)).collect::<Vec<_>>())
        .build();
    driver.version = Some(env!("CARGO_PKG_VERSION").to_owned());
    let results: Vec<SarifResult> = report.diagnostics.iter().map(result).collect();
    let mut run =
        Run::builder().tool(Tool::builder().driver(driver).build()).results(results).build();
    run.column_kind = Some(json!("unicodeCodePoints"));
    let sarif = Sarif::builder().version(json!("2.1.0")).runs(vec![run]).build();
    let mut value = serde_json::to_value(&sarif)?;
    if let Some(map) = value.as_object_mut() {
        let schema = json!("https://json.schemastore.org/sarif-2.1.0.json");
        *map = BTreeMap::from([("$schema".to_owned(), schema)])
            .into_iter()
            .chain(std::mem::take(map))
            .collect();
    }
    write_json(out, &value)?;
    out.write_all(b"\n")
}
