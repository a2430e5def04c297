//! What a file is that is not a report, and what to do.

use std::fs::{File, Metadata};
use std::io::{self, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::text::one_line;

/// Why a file could not be read, and what to do. `instead` is another option.
pub(super) fn io_reason(error: &io::Error, instead: &str) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no such file: use a report {WRITTEN_WITH}{instead}")
        }
        _ => error.to_string(),
    }
}

/// How reports are written.
pub(super) const WRITTEN_WITH: &str = "written with `--output json=FILE`";

/// The reason for rejecting a folder or an empty file.
pub(super) fn not_a_report(path: &Path, found: &Metadata) -> Option<String> {
    if found.is_dir() && path.join("snapshot.json").exists() {
        Some(format!("it is a snapshot: {EVALUATE}"))
    } else if found.is_dir() {
        Some(format!("it is a folder: use a report in it, {WRITTEN_WITH}"))
    } else {
        let is_empty = found.is_file() && found.len() == 0;
        is_empty.then(|| format!("it is empty: use a report {WRITTEN_WITH}"))
    }
}

const EVALUATE: &str =
    "evaluate it with `rolecall evaluate --snapshot DIR --output json=FILE`, and use that report";

/// The reason for rejecting a report of a plan.
pub(super) fn of_plan() -> String {
    format!("it is of a planned change, not of what exists: use a report of a scan, {WRITTEN_WITH}")
}

/// The reason for rejecting a report of another version.
pub(super) fn wrong_version(version: &str) -> String {
    let shown = one_line(version, 20);
    format!(
        "it has version {shown}, but this version of rolecall reads only version 1: update rolecall, or use a report that this version has written"
    )
}

/// The reason for rejecting a file that is something else: a report of another version, which can
/// have other keys, a SARIF report, a part of a snapshot, or the output of another command.
pub(super) fn other_content(path: &Path) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Text {
        Text(String),
        Other(IgnoredAny),
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Head {
        version: Option<Text>,
        tool: Option<Text>,
        runs: Option<IgnoredAny>,
        origin: Option<IgnoredAny>,
        format: Option<IgnoredAny>,
        targets: Option<IgnoredAny>,
        #[serde(rename = "type")]
        line: Option<IgnoredAny>,
    }
    let file = BufReader::new(File::open(path).ok()?);
    // Only the first value: files of a snapshot have one per line.
    let head = Head::deserialize(&mut serde_json::Deserializer::from_reader(file)).ok()?;
    match head {
        Head { origin: Some(_), .. } => Some(of_plan()),
        Head { runs: Some(_), version: Some(_), .. } => Some(format!(
            "it is a SARIF report: use the JSON report of the same run, {WRITTEN_WITH}"
        )),
        Head { format: Some(_), targets: Some(_), .. } | Head { line: Some(_), .. } => {
            Some(format!("it is a file of a snapshot: {EVALUATE}"))
        }
        Head { version: Some(Text::Text(version)), tool: Some(_), .. } if version != "1" => {
            Some(wrong_version(&version))
        }
        Head { version: Some(_), tool: Some(Text::Text(_)), .. } => Some(format!(
            "it is the output of another command, not of a scan or an evaluation: use a report {WRITTEN_WITH}"
        )),
        _ => None,
    }
}
