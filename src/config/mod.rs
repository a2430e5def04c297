//! The config file, `rolecall.toml`: its format, its limits and its errors. All errors are reported
//! at once, with line and column. Rule ids and parameters can only be checked when rules are loaded;
//! [`Config::rule_diagnostic`] and similar methods then point into the file.
//!
//! Rule folders are relative to the folder of the config file, because they belong together. Output
//! paths are relative to the working directory, as on the command line.
//!
//! `template.toml` documents every key; `rolecall init` writes it.

mod error;
mod mask;
mod organization;
mod sections;
mod targets;
#[cfg(test)]
mod tests;
mod trust;
mod values;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use toml::de::DeTable;

pub use error::{ConfigError, Diagnostics};
pub use organization::OrganizationSettings;
pub use trust::TrustSettings;

use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader as reader;
use crate::model::{AcceptedGap, Globs, Hop, Region, Role, S3Addressing, Severity, Target};
use crate::rules::RuleSettings;

/// The default name of the config file.
pub const FILE_NAME: &str = "rolecall.toml";

/// The commented file that `rolecall init` writes.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The maximum size of a config file in bytes, enough for thousands of accounts.
pub const MAX_BYTES: usize = 1 << 20;

/// Formats of `[[output]]` and `--output`.
pub const OUTPUT_FORMATS: [&str; 3] = ["text", "json", "sarif"];

/// A validated config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The config file; `None` if there is none and the defaults apply.
    pub path: Option<PathBuf>,
    /// `[scan]`.
    pub scan: Scan,
    /// Prefix of all role session names; the run id follows it.
    pub session_name: String,
    /// The hub role (`via`), from which every target role is assumed.
    pub via: Option<Hop>,
    /// `[rules."<id>"]`, by rule id.
    pub rules: BTreeMap<String, RuleSettings>,
    /// `[[output]]`, in the order of the file.
    pub outputs: Vec<Output>,
    /// `[[accepted_gap]]`, in the order of the file.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// `[trust]`.
    pub trust: TrustSettings,
    /// `[organization]`, if present: a scan starts by listing its accounts.
    pub organization: Option<OrganizationSettings>,
    targets: Vec<Target>,
    /// Whether `[role]` has an external id, for policies that are printed before accounts are
    /// configured.
    role_has_external_id: bool,
    origin: Origin,
}

/// The source of the config, for errors that are found later.
#[derive(Debug, Clone, Default)]
struct Origin {
    file: String,
    /// The text, with external ids masked.
    source: Arc<str>,
    /// By keys of [`span_keys`].
    spans: BTreeMap<String, Range<usize>>,
}

/// `[scan]`.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Regions to scan in accounts without regions of their own; empty: all that are enabled in the
    /// account.
    pub regions: Vec<Region>,
    /// Regions to scan if the enabled regions cannot be listed.
    pub fallback_regions: Vec<Region>,
    /// Folders with rules that add to the built-in rule pack or replace its rules, already joined to
    /// the folder of the config file.
    pub rule_folders: Vec<PathBuf>,
    /// `[scan.selection]`.
    pub selection: SelectionSettings,
    /// Exit with 1 on failures of this severity or higher; `None`: never.
    pub fail_on: Option<Severity>,
    /// `[scan.concurrency]`.
    pub concurrency: Concurrency,
    /// `[scan.timeouts]`.
    pub timeouts: Timeouts,
    /// Maximum attempts per API call, including the first.
    pub max_attempts: u32,
    /// How requests to S3 name the bucket.
    pub s3_addressing_style: S3Addressing,
}

/// Which rules run: `[scan.selection]`.
#[derive(Debug, Clone)]
pub struct SelectionSettings {
    /// The name of the selection in reports.
    pub name: Option<String>,
    /// The profile whose rules run; not set if `rules` or `frameworks` is.
    pub profile: Option<String>,
    /// Patterns that select from all rules; `None`: the rules of the profile run.
    pub rules: Option<Globs>,
    /// Of those, rules that check a requirement of these frameworks; empty: all.
    pub frameworks: Vec<String>,
    /// Of those, rules to exclude.
    pub exclude: Globs,
    /// Of those, only rules of this severity or higher.
    pub min_severity: Option<Severity>,
}

/// Concurrency limits: `[scan.concurrency]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Accounts at a time.
    pub accounts: usize,
    /// Concurrent API calls per account.
    pub calls: usize,
}

/// Timeouts: `[scan.timeouts]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For establishing a connection.
    pub connect: Duration,
    /// For one attempt of a call.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub call: Duration,
}

/// One `[[output]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// One of [`OUTPUT_FORMATS`].
    pub format: String,
    /// The file; `None` is stdout.
    pub path: Option<PathBuf>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            regions: Vec::new(),
            fallback_regions: Vec::new(),
            rule_folders: Vec::new(),
            selection: SelectionSettings::default(),
            fail_on: Some(Severity::High),
            concurrency: Concurrency { accounts: 16, calls: 128 },
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                attempt: Duration::from_secs(30),
                call: Duration::from_secs(120),
            },
            max_attempts: 5,
            s3_addressing_style: S3Addressing::default(),
        }
    }
}

impl Default for SelectionSettings {
    fn default() -> Self {
        // An empty set has no patterns to compile, so this cannot fail.
        let none = Globs::new::<&str>(&[]).unwrap_or_else(|_| Globs::any());
        Self {
            name: None,
            profile: None,
            rules: None,
            frameworks: Vec::new(),
            exclude: none,
            min_severity: None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            scan: Scan::default(),
            session_name: "rolecall".to_owned(),
            via: None,
            rules: BTreeMap::new(),
            outputs: Vec::new(),
            accepted_gaps: Vec::new(),
            trust: TrustSettings::default(),
            organization: None,
            targets: Vec::new(),
            role_has_external_id: false,
            origin: Origin { file: FILE_NAME.to_owned(), ..Origin::default() },
        }
    }
}

/// An environment for [`Config::load`] in commands that never assume a role: every variable of
/// `external_id = { env = … }` counts as set, so that these commands need no secrets.
pub fn without_secrets(_: &str) -> Option<String> {
    Some("not-needed".to_owned())
}

impl Config {
    /// Reads the file at `path`, which must exist. Without a path, reads `rolecall.toml` in the
    /// working directory, or returns the defaults, which have no accounts, if there is none. `env`
    /// looks up environment variables; only names that start with `ROLECALL_` are looked up.
    pub fn load(
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let (path, required) = path.map_or((Path::new(FILE_NAME), false), |path| (path, true));
        let text = match read(path) {
            Err(ConfigError::Io { error, .. })
                if !required && error.kind() == io::ErrorKind::NotFound =>
            {
                return Ok(Self::default());
            }
            other => other?,
        };
        Ok(Self { path: Some(path.to_owned()), ..Self::parse(path, &text, env)? })
    }

    /// Parses a config. `path` is the path of the file in diagnostics, and relative rule folders are
    /// relative to its folder.
    pub fn parse(
        path: &Path,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Diagnostics> {
        let file = path.display().to_string();
        let (tree, syntax_errors) = DeTable::parse_recoverable(text);
        let source: Arc<str> = mask::mask(text, tree.get_ref()).into();
        let reader = reader::Reader::new(&file, source.clone(), env);
        for error in &syntax_errors {
            reader.report_syntax(error, account_advice);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = sections::read(&reader, tree.get_ref(), folder);
        if reader.has_faults() {
            return Err(Diagnostics::new(reader.into_faults()));
        }
        config.origin.file = file;
        config.origin.source = source;
        Ok(config)
    }

    /// The `[[account]]` tables, sorted by id, each with its effective role, external id and regions.
    /// `[organization]` adds accounts: see [`Self::accounts_of`].
    pub fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    /// Whether the trust policy of the target roles should require an external id.
    pub fn uses_external_id(&self) -> bool {
        let has_external_id = |target: &Target| matches!(&target.role, Role::Assume(hop) if hop.external_id.is_some());
        self.role_has_external_id || self.targets.iter().any(has_external_id)
    }

    /// Whether a scan lists the enabled regions of accounts: some target has no configured regions.
    pub fn lists_regions(&self) -> bool {
        let found =
            self.organization.as_ref().is_some_and(|organization| organization.regions.is_empty());
        if self.targets.is_empty() && self.organization.is_none() {
            self.scan.regions.is_empty()
        } else {
            found || self.targets.iter().any(|target| target.regions.is_empty())
        }
    }

    /// An error in `[rules."<id>"]`: in its id, or in one of its parameters.
    pub fn rule_diagnostic(
        &self,
        id: &str,
        param: Option<&str>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let rule = span_keys::rule(id);
        let key = param.map_or_else(|| rule.clone(), |param| span_keys::param(id, param));
        self.diagnostic(&[key, rule], message.into(), help)
    }

    /// An error in `[scan.selection]`: in a pattern of `rules` or `exclude`, or in an id of
    /// `frameworks` or `profile`.
    pub fn selection_diagnostic(
        &self,
        pattern: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[span_keys::pattern(pattern)], message.into(), help)
    }

    /// An error in `rule_folders`, by its index in [`Scan::rule_folders`].
    pub fn folder_diagnostic(
        &self,
        index: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[span_keys::folder(index)], message.into(), help)
    }

    fn diagnostic(&self, keys: &[String], message: String, help: Option<String>) -> Diagnostic {
        let span = keys.iter().find_map(|key| self.origin.spans.get(key)).cloned().unwrap_or(0..0);
        Diagnostic {
            help,
            ..Diagnostic::new(&self.origin.file, &self.origin.source, span, message)
        }
    }
}

/// TOML rejects integers with leading zeros, which account ids may have.
fn account_advice(line: &str) -> Option<&'static str> {
    let id =
        line.trim_start().strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='));
    id.then_some("write account ids as strings: id = \"012345678901\"")
}

/// Keys of [`Origin::spans`].
mod span_keys {
    pub(super) fn rule(id: &str) -> String {
        format!("rule {id}")
    }
    pub(super) fn param(id: &str, param: &str) -> String {
        format!("param {id} {param}")
    }
    pub(super) fn pattern(pattern: &str) -> String {
        format!("pattern {pattern}")
    }
    pub(super) fn folder(index: usize) -> String {
        format!("folder {index}")
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let io = |error| ConfigError::Io { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .map_err(io)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned(), limit: MAX_BYTES });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::NotText { path: path.to_owned(), line }
    })
}
