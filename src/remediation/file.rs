//! Plan files: their canonical bytes and hash, and reading them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::plan::Plan;
use crate::model::{describe_serde_error, sha256_hex, text};

/// The version of the format.
pub const PLAN_VERSION: u32 = 1;
/// Larger files are rejected.
pub const MAX_PLAN: u64 = 64 << 20;

/// A plan with its hash, which an approval names.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// `sha256:…`, of the bytes of the file.
    pub hash: String,
}

/// Why a plan file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It cannot be read.
    #[error("cannot read the plan `{path}`: {error}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// It is too large.
    #[error("the plan `{path}` is larger than {} MB", MAX_PLAN >> 20, path = .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It has another version.
    #[error(
        "the plan `{path}` has version {version}, but this rolecall reads version {PLAN_VERSION}: use the rolecall that wrote it, or create the plan again",
        path = .path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// It is not a plan.
    #[error("`{path}` is not a valid plan: {reason}; use a file that `rolecall remediate plan --output FILE` wrote", path = .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Its bytes are not those that rolecall writes for its content.
    #[error(
        "the plan `{path}` was edited, or written by another version of rolecall: create it again with `rolecall remediate plan`",
        path = .path.display()
    )]
    Edited {
        /// The file.
        path: PathBuf,
    },
}

impl Plan {
    /// The bytes of a plan file: indented JSON, with sorted keys in parameters and states, unprintable
    /// characters escaped, and a newline at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plans consist of plain data, so this cannot fail.
        let mut json = serde_json::to_value(self).unwrap_or(Value::Null);
        for item in items(&mut json) {
            for key in ["parameters", "before", "after", "undo"] {
                if let Some(value) = item.get_mut(key) {
                    value.sort_all_objects();
                }
            }
        }
        let text = serde_json::to_string_pretty(&json).unwrap_or_default();
        let mut bytes = escape_unprintable(&text).into_bytes();
        bytes.push(b'\n');
        bytes
    }

    /// Adds the hash.
    pub fn into_file(self) -> PlanFile {
        let hash = hash_of(&self.to_bytes());
        PlanFile { plan: self, hash }
    }
}

fn items(plan: &mut Value) -> impl Iterator<Item = &mut Value> {
    plan.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten()
}

/// The hash in the form in which an approval names it: `sha256:…`.
pub fn hash_of(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256_hex(bytes))
}

/// The hash of a JSON value, regardless of the order of its keys.
pub(super) fn hash_of_json(mut value: Value) -> String {
    value.sort_all_objects();
    hash_of(value.to_string().as_bytes())
}

/// Outside of strings, JSON has no unprintable characters but the line breaks of its layout.
fn escape_unprintable(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && text::is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

impl PlanFile {
    /// Reads a plan file. Everything in it is untrusted: the size is limited, unknown fields are
    /// rejected, and its bytes must be those that rolecall would write.
    pub fn read(path: &Path) -> Result<Self, PlanFileError> {
        let io = |error| PlanFileError::Io { path: path.to_owned(), error };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(io)?;
        file.take(MAX_PLAN + 1).read_to_end(&mut bytes).map_err(io)?;
        Self::parse(path, &bytes)
    }

    /// Reads the bytes of a plan file; `path` is for messages.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, PlanFileError> {
        let path = path.to_owned();
        if bytes.len() as u64 > MAX_PLAN {
            return Err(PlanFileError::TooLarge { path });
        }
        let invalid = |error: serde_json::Error| {
            let reason = text::one_line(&describe_serde_error(&error.to_string()), 300);
            PlanFileError::Invalid { path: path.clone(), reason }
        };
        let value: Value = serde_json::from_slice(bytes).map_err(invalid)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(version) if version == u64::from(PLAN_VERSION) => {}
            Some(version) => return Err(PlanFileError::Version { path, version }),
            None => {
                let reason = "missing key `version`".to_owned();
                return Err(PlanFileError::Invalid { path, reason });
            }
        }
        let plan: Plan = serde_json::from_slice(bytes).map_err(invalid)?;
        if plan.to_bytes() != bytes {
            return Err(PlanFileError::Edited { path });
        }
        Ok(Self { plan, hash: hash_of(bytes) })
    }
}
