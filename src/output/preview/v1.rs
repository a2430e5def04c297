//! Version 1 of the JSON format of `rolecall preview`. `v1.schema.json` next to this file is generated
//! from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::model::{PlannedAction, Severity, Verdict};
use crate::output::json::v1::{Place, Resource, Version};
use crate::report;

/// What a planned change would change in the findings.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall preview, version 1")]
pub struct Preview {
    /// Format version.
    pub version: Version,
    /// What the findings are of: `plan`. A report of what exists has no such field. A preview cannot
    /// be a baseline.
    pub origin: Origin,
    /// Program and version that wrote it.
    pub tool: String,
    /// The plan or change set, as given on the command line.
    pub plan: String,
    /// The format of the plan: `terraform:plan` or `cloudformation:change-set`.
    pub source: String,
    /// The snapshot, as given on the command line; `null` if there is none.
    pub snapshot: Option<String>,
    /// The name of the configuration, which is part of the category in code scanning.
    pub root: String,
    /// The name of the stack of a change set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// New failures of this severity or worse result in exit code 1; `null` if none does.
    pub fail_on: Option<Severity>,
    /// Number of new failures of this severity or worse.
    pub new_failures_that_count: usize,
    /// Number of failures of this severity or worse that the change makes worse. They result in exit
    /// code 1, too.
    pub worse_failures_that_count: usize,
    /// Whether something that the change concerns could not be checked: exit code 3.
    pub incomplete: bool,
    /// Whether what is not known until the change is applied makes the result incomplete.
    pub strict: bool,
    /// Whether AWS's current defaults were assumed.
    pub assume_defaults: bool,
    /// Number of rules.
    pub rules: usize,
    /// The name of the selection of rules, such as a profile; `null` if it has none.
    pub selection: Option<String>,
    /// The accounts that the change concerns.
    pub accounts: Vec<Account>,
    /// Number of resources that the plan changes, as Terraform or CloudFormation counts them.
    pub changes: usize,
    /// Number of resources of AWS that rules know and that the change concerns: a bucket with its
    /// settings is one.
    pub resources: usize,
    /// Failures that the change would introduce, the most severe first.
    pub new_failures: Vec<Change>,
    /// Failures before and after the change that it makes worse: it adds something to why they fail.
    pub worse_failures: Vec<Change>,
    /// Failures of security groups that do not change, but that a resource joins: they also let in traffic
    /// to it. They do not affect the exit code.
    pub newly_exposed: Vec<Change>,
    /// What AWS will refuse, so that the apply fails.
    pub refused: Vec<Refused>,
    /// Findings that fail now and would not any more.
    pub fixed: Vec<Change>,
    /// What is known only after the change is applied.
    pub not_known_until_apply: Vec<Change>,
    /// What could not be checked because of the snapshot, or because a rule failed with an error.
    pub not_checked: Vec<Change>,
    /// Passes that hold only for AWS's current defaults, which were assumed.
    pub passes_by_default: Vec<Change>,
    /// What the change destroys with its data: volumes, buckets, snapshots and AMIs. It does not affect
    /// the exit code.
    pub destroyed: Vec<Destroyed>,
    /// Number of failures of changed resources, before and after the change, without those in
    /// `worse_failures`.
    pub unchanged_failures: usize,
    /// These failures.
    pub failing_before_and_after: Vec<Change>,
    /// Number of passes of changed resources, after the change.
    pub passes: usize,
    /// Types of the plan that the preview cannot read: this version does not know them, or they are nested
    /// stacks or custom resources.
    pub unknown_types: Vec<UnknownType>,
    /// Types of what the plan changes and none of the selected rules reads.
    pub types_without_rules: Vec<UnreadType>,
    /// Whether the plan leaves something to a later plan: `complete` of the plan is `false`, or it has
    /// deferred changes. With `strict`, the result is then incomplete.
    pub partial: bool,
    /// What is left to a later plan, as far as the plan names it. It is not known until that one is
    /// applied.
    pub deferred: Vec<Deferred>,
}

/// What findings are of.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// What a plan says.
    Plan,
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Its id: twelve digits.
    pub account: String,
    /// Its name.
    pub name: Option<String>,
    /// When it was collected, in RFC 3339 format; `null` without a snapshot.
    pub collected_at: Option<String>,
    /// Whether the snapshot does not have the account, so that only what the plan says of it is known. The
    /// result is then incomplete.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
}

/// A type that the preview cannot read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnknownType {
    /// The name of the type.
    pub name: String,
    /// The address of the first resource of the type.
    pub address: String,
}

/// A type of what changes and no rule reads.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadType {
    /// The name of the type.
    pub name: String,
    /// How many resources of the type change.
    pub changed: usize,
}

/// A resource that is destroyed with its data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Destroyed {
    /// The account: twelve digits.
    pub account: String,
    /// The resource.
    pub resource: Resource,
    /// The address of what is destroyed in the code: the resource, or the instance that has it.
    pub address: Option<String>,
    /// The size in GiB, of a volume or a snapshot.
    pub size_gib: Option<u64>,
    /// What is left of the data, or whether AWS refuses to destroy it, as far as that is known.
    pub remark: Option<String>,
    /// Where code declares what is at the address, if it still does and if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A change that is left to a later plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deferred {
    /// The address of the resource; `[*]` in place of keys that are not known.
    pub address: String,
    /// Why.
    pub reason: String,
}

/// A finding that would change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The account: twelve digits.
    pub account: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// The rule's id.
    pub rule: String,
    /// The severity.
    pub severity: Severity,
    /// What would be or is wrong, or what is not known.
    pub message: String,
    /// The values that cause it.
    pub evidence: Vec<Value>,
    /// What the change adds to the evidence, in `worse_failures`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added_evidence: Vec<Value>,
    /// The resource. The id of one that does not exist yet is its address in the code.
    pub resource: Resource,
    /// The addresses in the code that concern the resource, and those of what changes of the resources
    /// that the rule looks up: if failures are fixed there, or if nothing else concerns the resource.
    pub addresses: Vec<String>,
    /// What the plan or change set does to these, in the same order, as far as it says so.
    pub changes: Vec<PlannedChange>,
    /// The resources that join the security group, in `newly_exposed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joined_by: Vec<String>,
    /// Why AWS will refuse a part of the change of the resource, so that the apply fails.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Identifies the finding: 32 hexadecimal digits. It differs from that of a scan if the id of the
    /// resource is not known.
    pub fingerprint: String,
    /// The verdict before the change; `null` if the resource does not exist yet, or if nothing is known of
    /// it before the change.
    pub before: Option<Verdict>,
    /// The verdict after the change; `null` if the resource is deleted.
    pub after: Option<Verdict>,
    /// Why it is not known.
    pub causes: Vec<Cause>,
    /// Whether a waiver applies. If so, the finding does not affect the exit code.
    pub waived: bool,
    /// Where code declares the cause of a failure, or what changes, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A part of a change that AWS will refuse.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// The account: twelve digits.
    pub account: String,
    /// The resource type: `s3.bucket`.
    pub kind: String,
    /// The id of the resource, or its address in the code.
    pub id: String,
    /// The addresses in the code that concern the resource.
    pub addresses: Vec<String>,
    /// What AWS will refuse, with the error code, and why.
    pub message: String,
    /// Where code declares the resource, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A change of a resource in the code.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedChange {
    /// The address.
    pub address: String,
    /// What the plan does.
    pub action: Action,
    /// If it is replaced, the attributes that cannot be changed in place.
    pub replaced_by: Vec<String>,
    /// The values that change of what the rule reads.
    pub values: Vec<ValueChange>,
}

/// What a plan does to a resource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It creates it.
    Create,
    /// It changes it in place.
    Update,
    /// It destroys it and creates another one.
    Replace,
    /// It destroys it.
    Delete,
}

/// A change of an attribute. Long values are shortened, and sensitive ones are `(sensitive value)`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ValueChange {
    /// The attribute: `metadata_options.http_tokens`.
    pub attribute: String,
    /// The value before the change; `null` if it is not set.
    pub before: Option<String>,
    /// The value after the change; `null` if it is not set, `(known after apply)` if it is not known.
    pub after: Option<String>,
}

/// Why something is not known.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// The API call, or `terraform:plan`.
    pub call: String,
    /// The code: `NotKnownUntilApply`, `MoreNotKnown`, `LeftToDefault`, or an error code.
    pub code: String,
    /// More about it.
    pub message: String,
}

impl From<&report::Preview> for Preview {
    fn from(preview: &report::Preview) -> Self {
        let changes = |list: &[report::Previewed]| list.iter().map(Change::from).collect();
        let account = |one: &report::PreviewAccount| Account {
            account: one.account.to_string(),
            name: one.name.clone(),
            collected_at: one.collected_at.clone(),
            missing: one.is_missing,
        };
        let unknown = |(name, address): &(String, String)| UnknownType {
            name: name.clone(),
            address: address.clone(),
        };
        let unread = |(name, changed): &(String, usize)| UnreadType {
            name: name.clone(),
            changed: *changed,
        };
        let deferred = |(address, reason): &(String, &'static str)| Deferred {
            address: address.clone(),
            reason: (*reason).to_owned(),
        };
        Self {
            version: Version::V1,
            origin: Origin::Plan,
            tool: preview.tool.clone(),
            plan: preview.plan.clone(),
            source: preview.source.clone(),
            snapshot: preview.snapshot.clone(),
            root: preview.root.clone(),
            stack: preview.stack.clone(),
            fail_on: preview.fail_on,
            new_failures_that_count: preview.failures(),
            worse_failures_that_count: preview.worse_failures(),
            incomplete: preview.is_incomplete(),
            strict: preview.strict,
            assume_defaults: preview.assume_defaults,
            rules: preview.rules,
            selection: preview.selection.clone(),
            accounts: preview.accounts.iter().map(account).collect(),
            changes: preview.changes,
            resources: preview.resources,
            new_failures: changes(&preview.new_failures),
            worse_failures: changes(&preview.worse),
            newly_exposed: changes(&preview.exposed),
            refused: preview.refused.iter().map(Refused::from).collect(),
            fixed: changes(&preview.fixed),
            not_known_until_apply: changes(&preview.not_known),
            not_checked: changes(&preview.not_checked),
            passes_by_default: changes(&preview.by_default),
            destroyed: preview.destroyed.iter().map(Destroyed::from).collect(),
            unchanged_failures: preview.unchanged.len(),
            failing_before_and_after: changes(&preview.unchanged),
            passes: preview.passes,
            unknown_types: preview.unknown_types.iter().map(unknown).collect(),
            types_without_rules: preview.unread_types.iter().map(unread).collect(),
            partial: preview.is_partial,
            deferred: preview.deferred.iter().map(deferred).collect(),
        }
    }
}

impl From<&report::Previewed> for Change {
    fn from(one: &report::Previewed) -> Self {
        let cause = |cause: &crate::model::Cause| Cause {
            call: cause.call.clone(),
            code: cause.code.clone(),
            message: cause.message.clone(),
        };
        Self {
            account: one.account.to_string(),
            account_name: one.account_name.clone(),
            rule: one.rule.clone(),
            severity: one.severity,
            message: one.message.clone(),
            evidence: one.evidence.clone(),
            added_evidence: one.added.clone(),
            resource: Resource::from(&one.resource),
            addresses: one.addresses.clone(),
            changes: one.changes.iter().map(PlannedChange::from).collect(),
            joined_by: one.joined_by.clone(),
            refused: one.refused.clone(),
            fingerprint: one.fingerprint.to_string(),
            before: one.before,
            after: one.after,
            causes: one.causes.iter().map(cause).collect(),
            waived: one.waived,
            source: one.place().map(Place::from),
        }
    }
}

impl From<&crate::model::PlannedChange> for PlannedChange {
    fn from(change: &crate::model::PlannedChange) -> Self {
        let value = |one: &crate::model::ValueChange| ValueChange {
            attribute: one.attribute.clone(),
            before: one.before.clone(),
            after: one.after.clone(),
        };
        Self {
            address: change.address.clone(),
            action: match change.action {
                PlannedAction::Create => Action::Create,
                PlannedAction::Update => Action::Update,
                PlannedAction::Replace => Action::Replace,
                PlannedAction::Delete => Action::Delete,
            },
            replaced_by: change.replaced_by.clone(),
            values: change.values.iter().map(value).collect(),
        }
    }
}

impl From<&report::Refused> for Refused {
    fn from(one: &report::Refused) -> Self {
        Self {
            account: one.account.to_string(),
            kind: one.kind.clone(),
            id: one.id.clone(),
            addresses: one.addresses.clone(),
            message: one.message.clone(),
            source: one.place.as_ref().map(Place::from),
        }
    }
}

impl From<&report::Destroyed> for Destroyed {
    fn from(one: &report::Destroyed) -> Self {
        Self {
            account: one.account.to_string(),
            resource: Resource::from(&one.resource),
            address: one.address.clone(),
            size_gib: one.size_gib,
            remark: one.remark.clone(),
            source: one.place.as_ref().map(Place::from),
        }
    }
}
