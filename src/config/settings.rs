//! The content of `rolecall.toml`, with the defaults.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::organization::OrganizationSettings;
use super::remediation::RemediationSettings;
use super::sources::SourceSettings;
use super::trust::TrustSettings;
use crate::model::{
    AcceptedGap, AlertLocation, Globs, GroupBy, HandsOff, Hop, Region, S3Addressing, Severity,
    StorageAccess, TagRequirements, Target,
};
use crate::rules::RuleSettings;
use crate::waivers::Waiver;

/// The default name of the config file.
pub const FILE_NAME: &str = "rolecall.toml";

/// The commented file that `rolecall init` writes.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The maximum size of a config file in bytes, enough for thousands of accounts.
pub const MAX_BYTES: usize = 1 << 20;

/// Formats of `[[output]]` and `--output`.
pub const OUTPUT_FORMATS: [&str; 12] = [
    "text",
    "json",
    "sarif",
    "sarif-full",
    "html",
    "markdown",
    "junit",
    "csv",
    "gitlab",
    "github",
    "ocsf",
    "asff",
];

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
    /// `[[waiver]]`, in the order of the file, then those of `waiver_files`.
    pub waivers: Vec<Waiver>,
    /// `[trust]`.
    pub trust: TrustSettings,
    /// `[[tags.require]]`: the tags that resources must have.
    pub tags: TagRequirements,
    /// `[organization]`, if present: a scan starts by listing its accounts.
    pub organization: Option<OrganizationSettings>,
    /// `[storage]`: how files in S3 are read and written.
    pub storage: StorageAccess,
    /// `[remediation]`: how fixes are planned and applied.
    pub remediation: RemediationSettings,
    /// `[[hands_off]]`, in the order of the file: resources that no plan changes.
    pub hands_off: Vec<HandsOff>,
    /// `[[source]]`, in the order of the file.
    pub sources: Vec<SourceSettings>,
    pub(super) targets: Vec<Target>,
    /// Whether `[role]` has an external id, for policies that are printed before accounts are
    /// configured.
    pub(super) role_has_external_id: bool,
    pub(super) origin: Origin,
}

/// The source of the config, for errors that are found later.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    pub(super) file: String,
    /// The text, with external ids masked.
    pub(super) source: Arc<str>,
    /// By keys of [`span_keys`].
    pub(super) spans: BTreeMap<String, Range<usize>>,
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
    /// The hash that the rules in these folders must have.
    pub rules_sha256: Option<String>,
    /// Files with waivers, already joined to the folder of the config file.
    pub waiver_files: Vec<PathBuf>,
    /// The root of the repository with the code of `[[source]]`, already joined to the folder of the
    /// config file; `None`: the folder with `.git` that contains the config file.
    pub repository: Option<PathBuf>,
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
    /// For an account; `None`: no limit.
    pub account: Option<Duration>,
    /// For the run, unless `--deadline` is set; `None`: no limit.
    pub run: Option<Duration>,
}

/// One `[[output]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// One of [`OUTPUT_FORMATS`].
    pub format: String,
    /// The file; `None` is stdout.
    pub path: Option<PathBuf>,
    /// For SARIF: whether each region of an account has a category of its own.
    pub per_region: bool,
    /// For SARIF: by what resources share an alert, in this order; empty: each has its own.
    pub group_by: Vec<GroupBy>,
    /// For SARIF: where alerts are, if it is set.
    pub location: Option<AlertLocation>,
    /// For SARIF: whether the file name has a number even if there is only one file.
    pub numbered: bool,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            regions: Vec::new(),
            fallback_regions: Vec::new(),
            rule_folders: Vec::new(),
            rules_sha256: None,
            waiver_files: Vec::new(),
            repository: None,
            selection: SelectionSettings::default(),
            fail_on: Some(Severity::High),
            concurrency: Concurrency { accounts: 16, calls: 128 },
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                attempt: Duration::from_secs(30),
                call: Duration::from_secs(120),
                account: None,
                run: None,
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
            waivers: Vec::new(),
            trust: TrustSettings::default(),
            tags: TagRequirements::default(),
            organization: None,
            storage: StorageAccess::default(),
            remediation: RemediationSettings::default(),
            hands_off: Vec::new(),
            sources: Vec::new(),
            targets: Vec::new(),
            role_has_external_id: false,
            origin: Origin { file: FILE_NAME.to_owned(), ..Origin::default() },
        }
    }
}

/// Keys of [`Origin::spans`].
pub(super) mod span_keys {
    use crate::model::AccountId;

    pub(crate) fn rule(id: &str) -> String {
        format!("rule {id}")
    }
    pub(crate) fn param(id: &str, param: &str) -> String {
        format!("param {id} {param}")
    }
    pub(crate) fn fix_param(id: &str, param: &str) -> String {
        format!("fix param {id} {param}")
    }
    pub(crate) fn fix(id: &str) -> String {
        format!("fix {id}")
    }
    pub(crate) fn override_param(id: &str, index: usize, param: &str) -> String {
        format!("override {index} param {id} {param}")
    }
    pub(crate) fn override_account(id: &str, index: usize, pattern: &str) -> String {
        format!("override {index} account {id} {pattern}")
    }
    pub(crate) fn override_label(id: &str, index: usize, key: &str) -> String {
        format!("override {index} label {id} {key}")
    }
    pub(crate) fn pattern(pattern: &str) -> String {
        format!("pattern {pattern}")
    }
    pub(crate) fn folder(index: usize) -> String {
        format!("folder {index}")
    }
    pub(crate) fn rules_sha256() -> String {
        "rules_sha256".to_owned()
    }
    pub(crate) fn account(id: &AccountId) -> String {
        format!("account {id}")
    }
    pub(crate) fn repository() -> String {
        "repository".to_owned()
    }
    pub(crate) fn source(index: usize) -> String {
        format!("source {index}")
    }
    pub(crate) fn gap(index: usize) -> String {
        format!("gap {index}")
    }
    pub(crate) fn waiver_file(index: usize) -> String {
        format!("waiver file {index}")
    }
}
