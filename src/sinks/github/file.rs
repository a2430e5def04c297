//! SARIF files: whether one can be uploaded, and how it is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::text::one_line;
use crate::model::{counted, describe_serde_error};

/// How many runs GitHub accepts in a file.
const MAX_RUNS: usize = 20;
/// How many results GitHub accepts in a run.
const MAX_RESULTS: usize = 25_000;
/// How large a compressed file can be.
const MAX_GZIP: usize = 10_000_000;

/// Why a file is not uploaded.
#[derive(Debug, thiserror::Error)]
pub enum SarifFileError {
    /// It cannot be read.
    #[error("cannot read `{path}`: {error}", path = path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// It must not be uploaded.
    #[error("`{path}` was not uploaded: {reason}", path = path.display())]
    Unusable {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// A file that can be uploaded.
#[derive(Debug)]
pub struct SarifFile {
    /// Its path.
    pub path: PathBuf,
    /// Its runs.
    pub runs: Vec<SarifRun>,
}

/// A run: the results of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SarifRun {
    /// The category, which contains the account.
    pub category: String,
    /// What follows the category: when the account was collected, or `retired`.
    pub time: String,
    /// How many results it has.
    pub results: usize,
}

#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    automation_details: Option<Automation>,
    #[serde(default)]
    invocations: Vec<Invocation>,
    results: Results,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    name: String,
}

#[derive(Deserialize)]
struct Automation {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

/// What matters of the results of a run.
#[derive(Default)]
struct Results {
    all: usize,
    /// Those that GitHub would show as open alerts, although they are none.
    no_alerts: usize,
}

impl<'de> Deserialize<'de> for Results {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;

        #[derive(Deserialize)]
        struct Head {
            #[serde(default)]
            kind: Option<String>,
            #[serde(default)]
            suppressions: Option<Vec<IgnoredAny>>,
        }

        impl<'de> Visitor<'de> for Count {
            type Value = Results;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of results")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Results, A::Error> {
                let mut results = Results::default();
                while let Some(head) = seq.next_element::<Head>()? {
                    results.all += 1;
                    let is_fail = head.kind.is_none_or(|kind| kind == "fail");
                    if !is_fail || head.suppressions.is_some_and(|list| !list.is_empty()) {
                        results.no_alerts += 1;
                    }
                }
                Ok(results)
            }
        }

        deserializer.deserialize_seq(Count)
    }
}

impl SarifFile {
    /// Examines a file.
    pub fn open(path: &Path) -> Result<Self, SarifFileError> {
        let io = |error| SarifFileError::Io { path: path.to_owned(), error };
        let unusable = |reason: String| SarifFileError::Unusable { path: path.to_owned(), reason };
        // Opening a named pipe would wait.
        if !fs::metadata(path).map_err(io)?.is_file() {
            return Err(unusable("it is not a file; name the SARIF files in it".to_owned()));
        }
        let file = File::open(path).map_err(io)?;
        let log: Log = serde_json::from_reader(BufReader::with_capacity(1 << 16, file)).map_err(
            |error| match error.classify() {
                serde_json::error::Category::Io => io(error.into()),
                _ => unusable(format!(
                    "it is not a SARIF file ({}); use a file written with `--output sarif=FILE`",
                    one_line(&describe_serde_error(&error.to_string()), 200)
                )),
            },
        )?;
        let runs = examine(log).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), runs })
    }

    /// Its content as GitHub takes it: compressed, in base64.
    pub fn payload(&self) -> Result<String, SarifFileError> {
        let io = |error| SarifFileError::Io { path: self.path.clone(), error };
        let mut file = File::open(&self.path).map_err(io)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = file.read(&mut buffer).map_err(io)?;
            if length == 0 {
                break;
            }
            gzip.write_all(buffer.get(..length).unwrap_or_default()).map_err(io)?;
            if gzip.get_ref().len() > MAX_GZIP {
                return Err(self.too_large());
            }
        }
        let compressed = gzip.finish().map_err(io)?;
        if compressed.len() > MAX_GZIP {
            return Err(self.too_large());
        }
        Ok(STANDARD.encode(compressed))
    }

    fn too_large(&self) -> SarifFileError {
        let reason = "compressed, it has more than 10 MB, which GitHub rejects; rolecall writes smaller files, so do not merge them".to_owned();
        SarifFileError::Unusable { path: self.path.clone(), reason }
    }

    /// Its name, for messages.
    pub fn name(&self) -> String {
        one_line(&self.path.display().to_string(), 200)
    }

    /// How many results it has.
    pub fn results(&self) -> usize {
        self.runs.iter().map(|run| run.results).sum()
    }
}

/// The runs of a file, or why it must not be uploaded.
fn examine(log: Log) -> Result<Vec<SarifRun>, String> {
    if log.version != "2.1.0" {
        return Err(format!("it has SARIF version {}, not 2.1.0", one_line(&log.version, 20)));
    }
    if log.runs.len() > MAX_RUNS {
        return Err(format!(
            "it has {} runs, and GitHub accepts {MAX_RUNS}; upload the files of rolecall as they are, without merging them",
            log.runs.len()
        ));
    }
    let mut categories = BTreeMap::new();
    log.runs
        .into_iter()
        .map(|run| {
            let tool = &run.tool.driver.name;
            if tool != "rolecall" {
                return Err(format!("it is a report of {}, not of rolecall", one_line(tool, 60)));
            }
            if run.results.no_alerts > 0 || run.invocations.iter().any(|one| !one.execution_successful) {
                return Err(format!(
                    "it was written for other tools than code scanning: {} would become alerts although nothing is wrong with the resource; use a report written with `--output sarif=FILE`",
                    counted(run.results.no_alerts, "result")
                ));
            }
            let id = run.automation_details.map(|details| details.id).unwrap_or_default();
            let (category, time) = id.rsplit_once('/').filter(|(before, _)| !before.is_empty()).ok_or(
                "a run has no category (`automationDetails.id`), so it would close the alerts of all accounts",
            )?;
            let shown = one_line(category, 120);
            if categories.insert(category.to_owned(), ()).is_some() {
                return Err(format!("two runs have the category `{shown}`"));
            }
            if run.results.all > MAX_RESULTS {
                return Err(format!(
                    "category `{shown}` has {} results, and GitHub accepts {MAX_RESULTS}",
                    run.results.all
                ));
            }
            Ok(SarifRun {
                category: category.to_owned(),
                time: one_line(time, 60),
                results: run.results.all,
            })
        })
        .collect()
}

/// Refuses files of which one would replace what another one uploads.
pub fn no_category_twice(files: &[SarifFile]) -> Result<(), SarifFileError> {
    let mut seen: BTreeMap<&str, &SarifFile> = BTreeMap::new();
    for file in files {
        for run in &file.runs {
            if let Some(other) = seen.insert(&run.category, file) {
                return Err(SarifFileError::Unusable {
                    path: file.path.clone(),
                    reason: format!(
                        "`{}` has the category `{}`, too, so each would close alerts of the other: upload only files of one run",
                        other.name(),
                        one_line(&run.category, 120)
                    ),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;
    use serde_json::{Value, json};

    use super::*;

    fn sarif(category: &str) -> Value {
        json!({ "version": "2.1.0", "runs": [{
            "tool": { "driver": { "name": "rolecall", "rules": [] } },
            "automationDetails": { "id": format!("{category}/2026-06-01T00:00:00Z") },
            "invocations": [{ "executionSuccessful": true }],
            "results": [{ "ruleId": "x", "message": { "text": "y" } }],
        }] })
    }

    fn open(content: &str) -> Result<SarifFile, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.sarif");
        std::fs::write(&path, content).unwrap();
        SarifFile::open(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn categories_and_results_are_read() {
        let file = open(&sarif("rolecall/a/aws/111122223333").to_string()).unwrap();
        let run = SarifRun {
            category: "rolecall/a/aws/111122223333".to_owned(),
            time: "2026-06-01T00:00:00Z".to_owned(),
            results: 1,
        };
        assert_eq!((file.results(), file.runs), (1, vec![run]));
        assert!(open(r#"{"version":"2.1.0","runs":[]}"#).unwrap().runs.is_empty());
    }

    #[test]
    fn what_would_harm_alerts_is_refused() {
        let good = sarif("c");
        let changed = |pointer: &str, value: Value| {
            let mut log = good.clone();
            *log.pointer_mut(pointer).unwrap() = value;
            open(&log.to_string()).unwrap_err()
        };
        let twice = json!([good["runs"][0], good["runs"][0]]);
        let many = Value::Array(vec![good["runs"][0].clone(); 21]);
        for (error, expected) in [
            (changed("/version", json!("2.0.0")), "version 2.0.0"),
            (changed("/runs", twice), "two runs have the category `c`"),
            (changed("/runs", many), "21 runs"),
            (changed("/runs/0/tool/driver/name", json!("CodeQL")), "a report of CodeQL"),
            (changed("/runs/0/automationDetails/id", json!("x")), "no category"),
            (changed("/runs/0/automationDetails", Value::Null), "no category"),
            (changed("/runs/0/results/0", json!({ "kind": "pass" })), "for other tools"),
            (changed("/runs/0/results/0", json!({ "suppressions": [{}] })), "for other tools"),
            (changed("/runs/0/invocations/0/executionSuccessful", json!(false)), "for other tools"),
            (changed("/runs/0/results", Value::Null), "not a SARIF file"),
            (changed("/runs/0/results", json!([3])), "not a SARIF file"),
            (open("").unwrap_err(), "not a SARIF file"),
            (open("[[[[").unwrap_err(), "not a SARIF file"),
            (open(&"[".repeat(100_000)).unwrap_err(), "not a SARIF file"),
            (open(r#"{"accounts":[]}"#).unwrap_err(), "not a SARIF file"),
        ] {
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn two_files_must_not_share_a_category() {
        let file = |name: &str, category: &str| SarifFile {
            path: name.into(),
            runs: vec![SarifRun { category: category.into(), time: String::new(), results: 0 }],
        };
        assert!(no_category_twice(&[file("a", "1"), file("b", "2")]).is_ok());
        let error = no_category_twice(&[file("a", "1"), file("b", "1")]).unwrap_err().to_string();
        assert!(error.contains("`b` was not uploaded: `a` has the category `1`"), "{error}");
    }

    #[test]
    fn the_payload_is_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.sarif");
        let text = sarif("c").to_string();
        std::fs::write(&path, &text).unwrap();
        let payload = SarifFile::open(&path).unwrap().payload().unwrap();
        let mut content = String::new();
        let compressed = STANDARD.decode(payload).unwrap();
        GzDecoder::new(&compressed[..]).read_to_string(&mut content).unwrap();
        assert_eq!(content, text);
    }
}
