//! Accounts, resources, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{self, DeniedBy};
use crate::report;

/// An account of the organization that was skipped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SkippedAccount {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name.
    pub name: Option<String>,
    /// The reason: its state, or the setting that excludes it.
    pub reason: String,
}

impl From<&model::SkippedAccount> for SkippedAccount {
    fn from(skipped: &model::SkippedAccount) -> Self {
        Self {
            account: skipped.account.to_string(),
            name: skipped.name.clone(),
            reason: skipped.reason.clone(),
        }
    }
}

/// General information about an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountHead {
    /// The account's id: twelve digits.
    pub account: String,
    /// The account's name.
    pub name: Option<String>,
    /// The account's partition, for example `aws`.
    pub partition: String,
    /// The account's labels from the config.
    pub labels: BTreeMap<String, String>,
    /// When the account was collected, in RFC 3339 format; `null` if nothing was collected.
    pub collected_at: Option<String>,
    /// Whether the account could be accessed.
    pub entered: bool,
    /// Whether everything that the selected rules need was read, except for accepted gaps, and no
    /// rule raised an error.
    pub complete: bool,
    /// The regions scanned.
    pub regions: BTreeSet<String>,
    /// How often each API was called to collect the account, without retries. Empty if the facts
    /// were not collected from AWS.
    pub calls_by_api: BTreeMap<String, u64>,
}

impl From<&report::AccountReport> for AccountHead {
    fn from(report: &report::AccountReport) -> Self {
        Self {
            account: report.account.to_string(),
            name: report.name.clone(),
            partition: report.partition.to_string(),
            labels: report.labels.clone(),
            collected_at: report.collected_at.clone(),
            entered: report.entered,
            complete: !report.incomplete(),
            regions: report.regions.iter().map(ToString::to_string).collect(),
            calls_by_api: report.calls_by_api.clone(),
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// The API call, for example `s3:GetBucketPolicy`.
    pub call: String,
    /// The error code.
    pub code: String,
    /// The error message; may be empty.
    pub message: String,
    /// The kind of policy that denied the call, if the error message names it.
    pub denied_by: Option<DeniedBy>,
    /// The IAM action that is required, if the call was denied. For S3, its name often differs from
    /// the call's.
    pub missing_action: Option<String>,
}

impl From<&model::Cause> for Cause {
    fn from(cause: &model::Cause) -> Self {
        Self {
            call: cause.call.clone(),
            code: cause.code.clone(),
            message: cause.message.clone(),
            denied_by: cause.denied_by,
            missing_action: report::missing_action(cause).map(str::to_owned),
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// The region; `global` for account-wide data.
    pub region: String,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// What is unknown because of it.
    pub unknown: Extent,
    /// The reason for accepting the gap, from the config; `null` if it is not accepted.
    pub accepted: Option<String>,
}

/// What is unknown because of a gap.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Extent {
    /// The whole account.
    Account,
    /// All regions other than those scanned.
    Regions,
    /// Every resource of a type in the region.
    List {
        /// The resource type.
        kind: String,
    },
    /// A fact of some resources.
    Facts {
        /// The resource type.
        kind: String,
        /// The fact.
        fact: String,
        /// Their ids.
        resources: BTreeSet<String>,
    },
}

impl From<&report::ReportedGap> for Gap {
    fn from(reported: &report::ReportedGap) -> Self {
        Self {
            region: reported.gap.region.to_string(),
            cause: Cause::from(&reported.gap.cause),
            unknown: match &reported.gap.extent {
                model::Extent::Account => Extent::Account,
                model::Extent::Regions => Extent::Regions,
                model::Extent::List { kind } => Extent::List { kind: kind.clone() },
                model::Extent::Facts { kind, fact, resources } => Extent::Facts {
                    kind: kind.clone(),
                    fact: fact.clone(),
                    resources: resources.clone(),
                },
            },
            accepted: reported.accepted.clone(),
        }
    }
}

/// The resource that a finding is about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Resource {
    /// The resource's type, for example `s3.bucket`.
    pub kind: String,
    /// The resource's id; `null` if the resources of this type and region are not known.
    pub id: Option<String>,
    /// The resource's ARN.
    pub arn: Option<String>,
    /// The resource's name, if it has one in addition to its id.
    pub name: Option<String>,
    /// The resource's region, or `global`.
    pub region: String,
}

impl From<&model::ResourceRef> for Resource {
    fn from(resource: &model::ResourceRef) -> Self {
        Self {
            kind: resource.kind.to_string(),
            id: resource.id.as_deref().map(str::to_owned),
            arn: resource.arn.as_deref().map(str::to_owned),
            name: resource.name.as_deref().map(str::to_owned),
            region: resource.region.to_string(),
        }
    }
}
