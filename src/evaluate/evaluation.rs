//! The input of an evaluation.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::diagnostics::Diagnostic;
use crate::facts::{self, Scope};
use crate::model::{
    AcceptedGap, AccountId, Cause, Extent, Globs, GroupBy, Region, Resource, TagRequirements, Trust,
};
use crate::rules::SelectedRule;
use crate::rules::{AccountFacts, Resources};
use crate::snapshot::{AccountSnapshot, ListGaps, ManifestTarget, Reader, SnapshotError};
use crate::sources::Sources;
use crate::waivers::Waivers;

/// The input of an evaluation, apart from the snapshot.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The rules, sorted by id.
    pub rules: Vec<Arc<SelectedRule>>,
    /// Gaps that the config accepts.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// Waivers from the config.
    pub waivers: Arc<Waivers>,
    /// Accounts, organizations and networks that the config trusts.
    pub trust: Arc<Trust>,
    /// The tags that the config requires.
    pub required_tags: Arc<TagRequirements>,
    /// Accounts to report; `None` for all accounts in the snapshot.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Regions of the resources to report, where account-wide resources are in `global`; `None` for
    /// all.
    pub regions: Option<Globs>,
    /// By what resources share a code scanning alert, in this order.
    pub group_by: Vec<GroupBy>,
    /// The code that declares resources, to find the places of failures.
    pub sources: Option<Arc<Sources>>,
    /// Names and labels from the config, which take precedence over those in the snapshot.
    pub targets: Vec<ManifestTarget>,
}

/// Why the evaluation ended early.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A rule does not compile, for example because of an unknown variable.
    #[error("{0}")]
    Rule(Box<Diagnostic>),
    /// An evaluation exceeded the far time limit. Its verdict would depend on the machine.
    #[error(
        "rule `{rule}` took more than a minute of processing time for `{resource}` in account {account}; the run was stopped, because a verdict must not depend on the speed of the machine: simplify the rule, or deselect it"
    )]
    TooSlow {
        /// The rule.
        rule: String,
        /// The id of the evaluated resource.
        resource: String,
        /// The account.
        account: AccountId,
    },
    /// No thread could be started.
    #[error("cannot start a thread for evaluation: {0}")]
    Thread(std::io::Error),
    /// The receiver of the reports stopped; it knows the reason.
    #[error("stopped")]
    Stopped,
}

impl Evaluation {
    /// The accounts of a snapshot that will be reported, sorted by id.
    pub fn accounts(&self, reader: &Reader) -> Vec<ManifestTarget> {
        let wanted = |target: &&ManifestTarget| {
            self.accounts.as_ref().is_none_or(|wanted| wanted.contains(&target.account))
        };
        let known = |target: &ManifestTarget| {
            let better = self.targets.iter().find(|better| better.account == target.account);
            better.unwrap_or(target).clone()
        };
        reader.accounts().filter(wanted).map(known).collect()
    }

    /// The facts of an account for rules, the rest of its snapshot, and which lists are known.
    pub(super) fn view<R>(
        &self,
        target: &ManifestTarget,
        mut snapshot: AccountSnapshot<R>,
    ) -> (AccountFacts, AccountSnapshot<R>, Arc<ListGaps>)
    where
        R: From<Resource>,
        Resources: From<Vec<R>>,
    {
        let mut resources = std::mem::take(&mut snapshot.resources);
        if self.rules.iter().any(|selected| selected.rule.meta.kind.scope == Scope::Account) {
            // The first one by kind. Without this, the list would double.
            resources.reserve_exact(1);
            resources.insert(0, subject(target, &snapshot).into());
        }
        let lists = Arc::new(ListGaps::of(&snapshot));
        let gaps = lists.clone();
        let facts = AccountFacts {
            account: target.account.clone(),
            name: target.name.clone(),
            labels: target.labels.clone(),
            partition: snapshot.header.partition.clone(),
            now: snapshot.header.collected_at.clone(),
            trust: self.trust.clone(),
            required_tags: self.required_tags.clone(),
            resources: resources.into(),
            list_gap: Box::new(move |kind, region| gaps.get(kind, region)),
        };
        (facts, snapshot, lists)
    }
}

/// Regions are listed only for resource types that exist per region.
fn regions_not_collected() -> Cause {
    Cause {
        message: "regions are listed only if a rule needs a regional resource type: add one to `needs`, for example `ec2.vpc`, and collect again".to_owned(),
        ..Cause::not_collected("ec2:DescribeRegions")
    }
}

/// The account itself, as a resource for rules on accounts.
pub(super) fn subject<R>(target: &ManifestTarget, snapshot: &AccountSnapshot<R>) -> Resource {
    let header = &snapshot.header;
    let gap = snapshot.gaps.iter().find(|gap| gap.extent == Extent::Regions);
    let unknown = gap
        .map(|gap| gap.cause.clone())
        .or_else(|| header.regions.is_empty().then(regions_not_collected));
    let facts = json!({
        "id": target.account,
        "name": target.name,
        "labels": target.labels,
        "partition": header.partition,
        "regions": header.regions,
    });
    Resource {
        kind: facts::ACCOUNT.name.to_owned(),
        id: target.account.to_string(),
        region: Region::global(),
        arn: None,
        name: target.name.clone(),
        facts: match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        },
        unreadable: unknown.into_iter().map(|cause| ("regions".to_owned(), cause)).collect(),
    }
}
