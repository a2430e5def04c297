//! `rolecall.toml`: what a site says once so that nobody has to type it every night. Owns the
//! file's form, its limits and its faults, all of which are reported at once with line and column.
//! What a rule id, a parameter or an account pattern refers to is known only when rules are loaded;
//! [`Config::rule_diagnostic`] and its siblings point back into the file then.
//!
//! Rule folders are relative to the folder of the config file, because they belong to the site's
//! files. Output paths are relative to the working directory, as on the command line.
//!
//! `template.toml` beside this file documents every key; `rolecall init` writes it.

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

pub use error::{ConfigError, Faults};
pub use organization::OrganizationSettings;
pub use trust::TrustSettings;

use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader as reader;
use crate::model::{AcceptedGap, Globs, Hop, Region, Role, S3Addressing, Severity, Target};
use crate::rules::RuleSettings;

/// The name of the file that is read when none is named.
pub const FILE_NAME: &str = "rolecall.toml";

/// The commented file that `rolecall init` writes.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The most bytes that are read of a config file. Thousands of accounts fit.
pub const MAX_BYTES: usize = 1 << 20;

/// Formats that `[[output]]` and `--output` know.
pub const OUTPUT_FORMATS: [&str; 3] = ["text", "json", "sarif"];

/// A whole config, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it comes from; `None` when there is none and the defaults hold.
    pub path: Option<PathBuf>,
    /// What `[scan]` says.
    pub scan: Scan,
    /// First part of the name of every role session; the id of the run follows it.
    pub session_name: String,
    /// The hub role (`via`), through which every target role is assumed.
    pub via: Option<Hop>,
    /// What `[rules."<id>"]` says, by rule id.
    pub rules: BTreeMap<String, RuleSettings>,
    /// What `[[output]]` says, in the order of the file.
    pub outputs: Vec<Output>,
    /// What `[[accepted_gap]]` says, in the order of the file.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// What `[trust]` says.
    pub trust: TrustSettings,
    /// What `[organization]` says, where there is one: more accounts are found in it when a scan
    /// begins.
    pub organization: Option<OrganizationSettings>,
    targets: Vec<Target>,
    /// Whether `[role]` itself has an external id, for policies that are printed before there are
    /// accounts.
    site_external_id: bool,
    origin: Origin,
}

/// Where the config stands, for faults that are found later.
#[derive(Debug, Clone, Default)]
struct Origin {
    file: String,
    /// With external ids masked.
    source: Arc<str>,
    spans: BTreeMap<String, Range<usize>>,
}

/// Settings of a scan.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Regions to scan in accounts that name none; empty: all that are enabled in the account.
    pub regions: Vec<Region>,
    /// Regions to scan where the enabled ones cannot be asked for.
    pub fallback_regions: Vec<Region>,
    /// Folders of rules that add to the built-in pack or replace rules of it. Joined to the folder
    /// of the config file.
    pub rule_folders: Vec<PathBuf>,
    /// Which rules run.
    pub selection: SelectionSettings,
    /// Failures of this severity or worse make the run fail; `None`: none does.
    pub fail_on: Option<Severity>,
    /// How much is done at once.
    pub concurrency: Concurrency,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// How often a call is tried, the first time included.
    pub max_attempts: u32,
    /// Where a request to S3 names its bucket.
    pub s3_addressing_style: S3Addressing,
}

/// Which rules run.
#[derive(Debug, Clone)]
pub struct SelectionSettings {
    /// A name for a report that covers a part of the rules.
    pub name: Option<String>,
    /// The profile whose rules run; it is not set where `rules` or `frameworks` is.
    pub profile: Option<String>,
    /// Rules to run, of all that there are; `None`: those of the profile.
    pub rules: Option<Globs>,
    /// Of those, rules that decide a requirement of these frameworks; empty: all.
    pub frameworks: Vec<String>,
    /// Of those, rules to leave out. The empty set leaves out none.
    pub exclude: Globs,
    /// Of those, only rules of this severity or worse.
    pub min_severity: Option<Severity>,
}

/// How much is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Accounts.
    pub accounts: usize,
    /// API calls within one account.
    pub calls: usize,
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one attempt of a call.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub call: Duration,
}

/// One output of every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// One of [`OUTPUT_FORMATS`].
    pub format: String,
    /// Where to; `None` is stdout.
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
        // A set without patterns needs no compiling and cannot fail.
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
            site_external_id: false,
            origin: Origin { file: FILE_NAME.to_owned(), ..Origin::default() },
        }
    }
}

/// An environment for [`Config::load`] in commands that never enter an account: every `external_id
/// = { env = … }` is taken as set, so that evaluating a snapshot needs no secret.
pub fn without_secrets(_: &str) -> Option<String> {
    Some("not-needed".to_owned())
}

impl Config {
    /// Reads the file named, which must exist; else `rolecall.toml` of the working directory, if
    /// there is one; else the defaults, which have no accounts. `env` looks up environment
    /// variables; only names that begin with `ROLECALL_` are asked for.
    pub fn load(
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let (path, named) = path.map_or((Path::new(FILE_NAME), false), |path| (path, true));
        let text = match read(path) {
            Err(ConfigError::Io { error, .. })
                if !named && error.kind() == io::ErrorKind::NotFound =>
            {
                return Ok(Self::default());
            }
            other => other?,
        };
        Ok(Self { path: Some(path.to_owned()), ..Self::parse(path, &text, env)? })
    }

    /// Reads a config from text. `path` is how faults call the file; its folder is where relative
    /// rule folders begin.
    pub fn parse(
        path: &Path,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Faults> {
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
            return Err(Faults::new(reader.into_faults()));
        }
        config.origin.file = file;
        config.origin.source = source;
        Ok(config)
    }

    /// The accounts that the file names, sorted by id, each with the role, external id and regions
    /// that hold for it. With `[organization]` there are more: see [`Self::accounts_of`].
    pub fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    /// Whether the trust policy of the target roles should ask for an external id.
    pub fn uses_external_id(&self) -> bool {
        let asks = |target: &Target| matches!(&target.role, Role::Assume(hop) if hop.external_id.is_some());
        self.site_external_id || self.targets.iter().any(asks)
    }

    /// Whether a scan asks an account which regions are enabled: some target names none.
    pub fn lists_regions(&self) -> bool {
        let found =
            self.organization.as_ref().is_some_and(|organization| organization.regions.is_empty());
        if self.targets.is_empty() && self.organization.is_none() {
            self.scan.regions.is_empty()
        } else {
            found || self.targets.iter().any(|target| target.regions.is_empty())
        }
    }

    /// A fault of `[rules."<id>"]`: of its id, or of one of its parameters.
    pub fn rule_diagnostic(
        &self,
        id: &str,
        param: Option<&str>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let place = param.map_or_else(|| spots::rule(id), |param| spots::param(id, param));
        self.diagnostic(&[place, spots::rule(id)], message.into(), help)
    }

    /// A fault of a pattern of `[scan.selection]` in `rules` or in `exclude`, or of an id in
    /// `frameworks` or `profile`.
    pub fn selection_diagnostic(
        &self,
        pattern: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[spots::pattern(pattern)], message.into(), help)
    }

    /// A fault of a folder of `rule_folders`, by its place in [`Scan::rule_folders`].
    pub fn folder_diagnostic(
        &self,
        index: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[spots::folder(index)], message.into(), help)
    }

    fn diagnostic(&self, spots: &[String], message: String, help: Option<String>) -> Diagnostic {
        let span =
            spots.iter().find_map(|spot| self.origin.spans.get(spot)).cloned().unwrap_or(0..0);
        Diagnostic {
            help,
            ..Diagnostic::new(&self.origin.file, &self.origin.source, span, message)
        }
    }
}

/// Account ids with a leading zero are no numbers in TOML.
fn account_advice(line: &str) -> Option<&'static str> {
    let id =
        line.trim_start().strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='));
    id.then_some("write account ids as text: id = \"012345678901\"")
}

/// Names for places in the file.
mod spots {
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
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::NotText { path: path.to_owned(), line }
    })
}
