//! What is evaluated, and by what.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostics::Diagnostic;
use crate::model::{AcceptedGap, AccountId, Globs, Trust};
use crate::rules::AccountFacts;
use crate::rules::SelectedRule;
use crate::snapshot::{AccountSnapshot, ManifestTarget, Reader, SnapshotError};

/// What is evaluated, and by what.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The rules, sorted by id.
    pub rules: Vec<Arc<SelectedRule>>,
    /// Gaps that the site accepts.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// Whom the site trusts.
    pub trust: Arc<Trust>,
    /// Accounts to report; `None`: all that the snapshot has.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Regions of the resources to report, account-wide ones being in `global`; `None`: all.
    pub regions: Option<Globs>,
    /// Names and labels of accounts that the config knows better than the snapshot.
    pub targets: Vec<ManifestTarget>,
}

/// Why outcome ended early.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A rule does not compile. Loading has checked that, so the engine is at fault.
    #[error("{0}")]
    Rule(Box<Diagnostic>),
    /// No thread could be started.
    #[error("cannot start a thread for evaluation: {0}")]
    Thread(std::io::Error),
    /// The receiver of the reports gave up; it knows why.
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

    /// An account as rules see it, and what else the snapshot has of it.
    pub(super) fn view(
        &self,
        account: &AccountId,
        mut snapshot: AccountSnapshot,
    ) -> (AccountFacts, Rc<AccountSnapshot>) {
        let resources = std::mem::take(&mut snapshot.resources);
        let snapshot = Rc::new(snapshot);
        let lists = snapshot.clone();
        let facts = AccountFacts {
            account: account.clone(),
            partition: snapshot.header.partition.clone(),
            now: snapshot.header.collected_at.clone(),
            trust: self.trust.clone(),
            resources: resources.into(),
            list_gap: Box::new(move |kind, region| lists.list_gap(kind, region)),
        };
        (facts, snapshot)
    }
}
