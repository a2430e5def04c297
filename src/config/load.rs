//! Reads and checks `rolecall.toml`, and points into it when errors are found later.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use toml::de::DeTable;

use super::error::{ConfigError, Diagnostics};
use super::settings::{Config, FILE_NAME, MAX_BYTES, span_keys};
use super::{mask, sections};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader as reader;
use crate::model::{AccountId, AlertLocation, GroupBy, Role, StorageAccess, Target};
use crate::waivers::{self, WaiverError};

/// Errors in `waiver_files`; for a file that does not exist, with its path.
pub type WaiverErrors = Vec<(Diagnostic, Option<PathBuf>)>;

/// The local path of a file or folder that the config names, which can be in S3.
pub type Files<'a> = &'a dyn Fn(&Path, &StorageAccess) -> Result<PathBuf, FileError>;

/// Why a file or folder that the config names cannot be used.
#[derive(Debug)]
pub enum FileError {
    /// The config or the file must change: an error of the setting.
    Invalid(String),
    /// It cannot be read at the moment, which is not an error of the config.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
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
        files: Files<'_>,
    ) -> Result<Self, ConfigError> {
        let (config, errors) = Self::load_with_errors(path, env, files)?;
        if errors.is_empty() {
            return Ok(config);
        }
        Err(Diagnostics::new(errors.into_iter().map(|(error, _)| error).collect()).into())
    }

    /// The same, but returns the errors in `waiver_files` beside the config, so that other errors can
    /// be reported with them; with a file that does not exist, its path.
    pub fn load_with_errors(
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
        files: Files<'_>,
    ) -> Result<(Self, WaiverErrors), ConfigError> {
        let mut config = Self::load_file(path, env)?;
        let mut errors = config.localize(files)?;
        if errors.is_empty() {
            errors = config.load_waivers();
        }
        Ok((config, errors))
    }

    /// How files in S3 are accessed. It does not matter whether other secrets are set.
    pub fn storage(
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<StorageAccess, ConfigError> {
        let env = |name: &str| env(name).or_else(|| without_secrets(name));
        Ok(Self::load_file(path, &env)?.storage)
    }

    /// The config without the files that it names.
    fn load_file(
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
        let mut config = Self { path: Some(path.to_owned()), ..Self::parse(path, &text, env)? };
        if config.storage.role.is_some() {
            // Commands that need no other secrets still need that of the role.
            let env = |name: &str| std::env::var(name).ok().or_else(|| env(name));
            config.storage = Self::parse(path, &text, &env)?.storage;
        }
        config.storage.addressing = config.scan.s3_addressing_style;
        Ok(config)
    }

    /// Replaces the paths of files in S3 by those of local copies.
    fn localize(&mut self, files: Files<'_>) -> Result<WaiverErrors, ConfigError> {
        let mut errors = Vec::new();
        let Self { scan, storage, .. } = self;
        let (folders, waivers) = (&mut scan.rule_folders, &mut scan.waiver_files);
        let paths = folders.iter_mut().enumerate().map(|(at, path)| (span_keys::folder(at), path));
        let waivers = waivers.iter_mut().enumerate();
        let paths = paths.chain(waivers.map(|(at, path)| (span_keys::waiver_file(at), path)));
        for (key, path) in paths {
            match files(path, storage) {
                Ok(local) => *path = local,
                Err(FileError::Invalid(message)) => errors.push((key, message)),
                Err(FileError::Unavailable(error)) => return Err(ConfigError::Unavailable(error)),
            }
        }
        let diagnostic = |(key, message)| (self.diagnostic(&[key], message, None), None);
        Ok(errors.into_iter().map(diagnostic).collect())
    }

    /// Adds the waivers of `waiver_files`, and returns their errors.
    fn load_waivers(&mut self) -> WaiverErrors {
        let mut errors = Vec::new();
        for (index, path) in self.scan.waiver_files.iter().enumerate() {
            match waivers::load(path) {
                Ok(waivers) => self.waivers.extend(waivers),
                Err(WaiverError::Invalid(diagnostics)) => {
                    errors.extend(diagnostics.into_iter().map(|error| (error, None)));
                }
                Err(other) => {
                    let is_missing = other.is_missing();
                    let help = is_missing.then(|| {
                        "create it with `rolecall waive` or as an empty file, or remove the path"
                            .to_owned()
                    });
                    let keys = [span_keys::waiver_file(index)];
                    let error = self.diagnostic(&keys, other.to_string(), help);
                    errors.push((error, is_missing.then(|| path.clone())));
                }
            }
        }
        errors
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
        if reader.has_errors() {
            return Err(Diagnostics::new(reader.into_diagnostics()));
        }
        config.origin.file = file;
        config.origin.source = source;
        Ok(config)
    }

    /// The error of rules whose hash is not the one in `rules_sha256`.
    pub fn wrong_rules(&self, found: &str) -> Option<Diagnostic> {
        let wanted = self.scan.rules_sha256.as_ref()?;
        (wanted != found).then(|| {
            self.diagnostic(
                &[span_keys::rules_sha256()],
                format!("the rules in `rule_folders` have another hash: {found}"),
                Some(
                    "review what has changed in the rules, then set `rules_sha256` to this hash"
                        .to_owned(),
                ),
            )
        })
    }

    /// The `[[account]]` tables, sorted by id, each with its effective role, external id and regions.
    /// `[organization]` adds accounts: see [`Self::accounts_of`].
    pub fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    /// By what resources share a code scanning alert. All SARIF reports have the same setting.
    pub fn group_by(&self) -> &[GroupBy] {
        let outputs = self.outputs.iter().map(|output| output.group_by.as_slice());
        outputs.reduce(|first, other| if first.is_empty() { other } else { first }).unwrap_or(&[])
    }

    /// Errors for waivers that expire more than a year after `today`.
    pub fn long_waivers(&self, today: Date) -> Vec<Diagnostic> {
        let latest = waivers::latest_expiry(today);
        self.waivers.iter().filter_map(|waiver| waiver.too_long(latest)).collect()
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

    /// An error in `[rules."<id>"]`: in its id, or in one of its parameters, which can be in an
    /// override, given by its index.
    pub fn rule_diagnostic(
        &self,
        id: &str,
        param: Option<&str>,
        in_override: Option<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let rule = span_keys::rule(id);
        let key = match (param, in_override) {
            (Some(param), Some(index)) => span_keys::override_param(id, index, param),
            (Some(param), None) => span_keys::param(id, param),
            (None, _) => rule.clone(),
        };
        self.diagnostic(&[key, rule], message.into(), help)
    }

    /// An error in `[rules."<id>".fix]`: in the section, or in one of its parameters.
    pub fn fix_diagnostic(
        &self,
        id: &str,
        param: Option<&str>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let keys = [param.map(|param| span_keys::fix_param(id, param)), Some(span_keys::fix(id))];
        let keys: Vec<String> = keys.into_iter().flatten().collect();
        self.diagnostic(&keys, message.into(), help)
    }

    /// An error in an override, by its key among the spans.
    pub(super) fn override_diagnostic(
        &self,
        key: &str,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[key.to_owned()], message, help)
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

    /// An error in `rule_folders`, by its index in the configured list.
    pub fn folder_diagnostic(
        &self,
        index: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[span_keys::folder(index)], message.into(), help)
    }

    /// An error in a `[[source]]`, by its index.
    pub fn source_diagnostic(
        &self,
        index: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        self.diagnostic(&[span_keys::source(index)], message.into(), help)
    }

    /// An error in `repository`.
    pub fn repository_diagnostic(
        &self,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let keys = [span_keys::repository(), span_keys::source(0)];
        self.diagnostic(&keys, message.into(), help)
    }

    /// Where the alerts of SARIF reports are. All SARIF reports have the same setting.
    pub fn alert_location(&self) -> AlertLocation {
        self.set_alert_location().unwrap_or_default()
    }

    /// The same, if the config sets it.
    pub fn set_alert_location(&self) -> Option<AlertLocation> {
        let mut sarif = self.outputs.iter().filter(|output| output.format == "sarif");
        sarif.find_map(|output| output.location)
    }

    /// The file, line and column of the `[[account]]` of an account; `None` if it has none.
    pub fn account_position(&self, account: &AccountId) -> Option<(String, usize, usize)> {
        self.position(&span_keys::account(account))
    }

    /// The file, line and column of an `[[accepted_gap]]`, by its index.
    pub fn gap_position(&self, index: usize) -> Option<(String, usize, usize)> {
        self.position(&span_keys::gap(index))
    }

    fn position(&self, key: &str) -> Option<(String, usize, usize)> {
        let span = self.origin.spans.get(key)?.clone();
        let (line, column) =
            Diagnostic::new(&self.origin.file, &self.origin.source, span, "").position();
        Some((self.origin.file.clone(), line, column))
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
