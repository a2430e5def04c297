//! RuleOutcome: facts and rules to findings. A pure function of (snapshot, rules, settings): no
//! network, no clock.
//!
//! Accounts are evaluated concurrently, each thread with its own sandbox, and handed on in sorted
//! order, so that the same snapshot gives the same report whatever the number of threads; only as
//! many accounts as there are threads are in memory.

mod trace;

pub use trace::{TraceError, Traced, Watched};

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::diagnostics::Diagnostic;
use crate::facts::{self, Kind, Scope};
use crate::model::{
    AcceptedGap, AccountId, Cause, Demand, Extent, Finding, Fingerprint, Gap, Globs, Partition,
    Region, Resource, ResourceRef, Severity, Trust, Verdict,
};
use crate::report::{
    AccountReport, FrameworkInfo, Open, ReportedGap, RequirementInfo, RuleInfo, RuleOrigin,
    RunInfo, Selection, StaleGap,
};
use crate::rules::AccountFacts;
use crate::rules::RuleOutcome;
use crate::rules::SelectedRule;
use crate::rules::{self, Coverage};
use crate::rules::{Framework, Frameworks, Requirement};
use crate::rules::{STACK_SIZE, Sandbox};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget, Reader, SnapshotError};

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

/// Describes the run to outputs. The tags of rules that decide a requirement, and the table of
/// compliance, come from [`with_frameworks`].
pub fn run_info(
    rules: &[Arc<SelectedRule>],
    selection: Selection,
    fail_on: Option<Severity>,
    accounts: usize,
) -> RunInfo {
    let info = |selected: &Arc<SelectedRule>| {
        let rule = &selected.rule;
        RuleInfo {
            id: rule.id.clone(),
            oldest_id: oldest_id(selected).to_owned(),
            title: rule.meta.title.clone(),
            kind: rule.meta.kind.name.to_owned(),
            severity: selected.severity,
            default_severity: rule.meta.severity,
            summary: if rule.prose.summary.is_empty() {
                rule.meta.title.clone()
            } else {
                rule.prose.summary.clone()
            },
            markdown: rule.prose.markdown.clone(),
            help_uri: rule.prose.help_uri.clone(),
            tags: vec![rule.meta.kind.service().to_owned()],
            path: rule.path.clone(),
            origin: match &rule.folder {
                None => RuleOrigin::BuiltIn,
                Some(folder) => RuleOrigin::Folder {
                    folder: folder.clone(),
                    replaces_built_in: rule.replaces_built_in,
                },
            },
            sha256: rule.sha256.clone(),
            params: selected.params.clone(),
        }
    };
    let tool = concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned();
    RunInfo {
        tool,
        selection,
        rules: rules.iter().map(info).collect(),
        frameworks: Vec::new(),
        fail_on,
        accounts,
        skipped_accounts: Vec::new(),
    }
}

/// Adds what frameworks say of the rules: a tag for each requirement that a rule decides, those of
/// the `selected` frameworks first since readers show only so many, and the requirements of those
/// for the table of compliance.
pub fn with_frameworks(
    mut run: RunInfo,
    all: &Frameworks,
    selected: &[Arc<Framework>],
    rules: &[Arc<SelectedRule>],
) -> RunInfo {
    for rule in &mut run.rules {
        let (first, then): (Vec<String>, Vec<String>) =
            rules::tags(all, &rule.id).into_iter().partition(|tag| {
                selected.iter().any(|framework| tag.split('/').next() == Some(&framework.id))
            });
        rule.tags.extend(first);
        rule.tags.extend(then);
    }
    let regional = |id: &String| {
        let rule = rules.iter().find(|selected| selected.rule.id == *id);
        let demand = rule.map(|selected| selected.rule.meta.demand()).unwrap_or_default();
        demand.kinds().filter_map(facts::kind).any(|kind| kind.scope == Scope::Regional)
    };
    let requirement = |requirement: &Requirement| RequirementInfo {
        id: requirement.id.clone(),
        title: requirement.title.clone(),
        rules: requirement.rules().to_vec(),
        regional: requirement.rules().iter().any(regional),
        open: match &requirement.coverage {
            Coverage::Rules(_) => None,
            Coverage::Undecidable(why) => Some(Open::NotDecidable(why.clone())),
            Coverage::NotCovered(why) => Some(Open::NotCovered(why.clone())),
        },
        note: requirement.note.clone(),
    };
    run.frameworks = selected
        .iter()
        .map(|framework| FrameworkInfo {
            id: framework.id.clone(),
            name: framework.name.clone(),
            version: framework.version.clone(),
            url: framework.url.clone(),
            scope: framework.scope.clone(),
            folder: framework.folder.clone(),
            requirements: framework.requirements.iter().map(requirement).collect(),
        })
        .collect();
    run
}

fn oldest_id(selected: &SelectedRule) -> &str {
    selected.rule.meta.aliases.first().unwrap_or(&selected.rule.id)
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
    fn view(
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

    /// Evaluates every account and hands each report on, in the order of account ids. Returns the
    /// accepted gaps that covered nothing.
    pub fn run(
        &self,
        reader: &Reader,
        mut each: impl FnMut(AccountReport) -> Result<(), EvaluateError>,
    ) -> Result<Vec<StaleGap>, EvaluateError> {
        let accounts = self.accounts(reader);
        let threads =
            thread::available_parallelism().map_or(1, NonZeroUsize::get).min(accounts.len()).max(1);
        let mut used = vec![false; self.accepted_gaps.len()];
        thread::scope(|scope| {
            // Thread i evaluates accounts i, i + n, …; taking from the channels in turn restores the
            // order, and their size bounds what waits.
            let start = |first: usize| {
                let (sender, receiver) = sync_channel(1);
                let mine: Vec<&ManifestTarget> =
                    accounts.iter().skip(first).step_by(threads).collect();
                let work = move || {
                    let mut evaluator = match Evaluator::new(self) {
                        Ok(evaluator) => evaluator,
                        Err(fault) => return drop(sender.send(Err(EvaluateError::Rule(fault)))),
                    };
                    for target in mine {
                        let collected =
                            reader.account_of(&target.account, &|kind| evaluator.can_see(kind));
                        let report =
                            collected.map(|collected| evaluator.account(target, collected));
                        if sender.send(report.map_err(EvaluateError::from)).is_err() {
                            return;
                        }
                    }
                };
                let thread =
                    thread::Builder::new().stack_size(STACK_SIZE).name(format!("evaluate-{first}"));
                thread.spawn_scoped(scope, work).map_err(EvaluateError::Thread)?;
                Ok::<Receiver<_>, EvaluateError>(receiver)
            };
            let receivers = (0..threads).map(start).collect::<Result<Vec<_>, _>>()?;
            for (turn, _) in accounts.iter().enumerate() {
                let receiver = receivers.get(turn % threads).ok_or(EvaluateError::Stopped)?;
                let evaluated: AccountEvaluation =
                    receiver.recv().map_err(|_| EvaluateError::Stopped)??;
                for (used, now) in used.iter_mut().zip(evaluated.accepted_gaps_used) {
                    *used |= now;
                }
                each(evaluated.report)?;
            }
            Ok::<(), EvaluateError>(())
        })?;
        let stale =
            self.accepted_gaps.iter().zip(used).filter(|(_, used)| !used).map(|(gap, _)| {
                StaleGap {
                    covers: format!(
                        "account {}, region {}, call {}, resource {}",
                        gap.account.patterns().join(" "),
                        gap.region.patterns().join(" "),
                        gap.call.patterns().join(" "),
                        gap.resource.patterns().join(" ")
                    ),
                    reason: gap.reason.clone(),
                }
            });
        Ok(stale.collect())
    }
}

/// One evaluated account.
#[derive(Debug)]
pub struct AccountEvaluation {
    /// Its report.
    pub report: AccountReport,
    accepted_gaps_used: Vec<bool>,
}

/// Evaluates accounts one after the other on one thread, which must have a stack of [`STACK_SIZE`].
pub struct Evaluator<'a> {
    evaluation: &'a Evaluation,
    demand: Demand,
    sandbox: Sandbox,
}

impl<'a> Evaluator<'a> {
    /// Compiles the rules for this thread.
    pub fn new(evaluation: &'a Evaluation) -> Result<Self, Box<Diagnostic>> {
        let demand = crate::rules::demand(&evaluation.rules);
        Ok(Self { evaluation, demand, sandbox: Sandbox::new(&evaluation.rules)? })
    }

    /// Whether resources of a kind can change anything in the report: a rule is about them, looks
    /// them up, or names them as users of what fails.
    pub fn can_see(&self, kind: &Kind) -> bool {
        self.demand.wants_kind(kind.name)
    }

    /// Evaluates what a snapshot has of a target. Of the resources, those of kinds that it [can
    /// see](Self::can_see) suffice.
    pub fn account(&mut self, target: &ManifestTarget, collected: Collected) -> AccountEvaluation {
        tracing::debug!(account = %target.account, "evaluating account");
        let mut account = Account {
            id: target.account.clone(),
            partition: target.partition.clone(),
            evaluation: self.evaluation,
            used: vec![false; self.evaluation.accepted_gaps.len()],
            findings: Vec::new(),
            global_causes: Vec::new(),
        };
        let mut report = AccountReport {
            account: target.account.clone(),
            name: target.name.clone(),
            partition: target.partition.clone(),
            labels: target.labels.clone(),
            collected_at: None,
            entered: false,
            regions: Default::default(),
            calls_by_api: Default::default(),
            findings: Vec::new(),
            gaps: Vec::new(),
        };
        let gaps = match collected {
            Collected::Missing(cause) => {
                account.not_entered(&cause);
                vec![Gap { region: Region::global(), cause, extent: Extent::Account }]
            }
            Collected::Whole(snapshot) => {
                account.partition = snapshot.header.partition.clone();
                report.partition = snapshot.header.partition.clone();
                report.collected_at = Some(snapshot.header.collected_at.clone());
                report.entered = snapshot.header.entered;
                report.regions = snapshot.header.regions.clone();
                report.calls_by_api = snapshot.header.calls.clone();
                let gaps = snapshot.gaps.clone();
                let global = gaps.iter().filter(|gap| gap.region.is_global());
                account.global_causes = global.map(|gap| gap.cause.clone()).collect();
                if snapshot.header.entered {
                    self.entered(&mut account, *snapshot);
                } else {
                    let cause = gaps
                        .iter()
                        .find(|gap| gap.extent == Extent::Account)
                        .map(|gap| gap.cause.clone());
                    account.not_entered(
                        &cause.unwrap_or_else(|| Cause::not_collected("sts:AssumeRole")),
                    );
                }
                gaps
            }
        };
        report.gaps = gaps
            .into_iter()
            .filter(|gap| self.concerns(gap))
            .map(|gap| ReportedGap { accepted: account.accepted_gap(&gap), gap })
            .collect();
        report.gaps.sort_by(|a, b| a.gap.cmp(&b.gap));
        let Account { mut findings, used, .. } = account;
        findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        report.findings = findings;
        AccountEvaluation { report, accepted_gaps_used: used }
    }

    /// Whether a gap touches what the selected rules need, in a region that is reported.
    fn concerns(&self, gap: &Gap) -> bool {
        let in_sight = gap.region.is_global()
            || self
                .evaluation
                .regions
                .as_ref()
                .is_none_or(|globs| globs.matches(gap.region.as_str()));
        in_sight
            && match &gap.extent {
                Extent::Account => true,
                Extent::Regions => self
                    .demand
                    .kinds()
                    .filter_map(facts::kind)
                    .any(|kind| kind.scope == Scope::Regional),
                Extent::List { kind } => self.demand.wants_kind(kind),
                Extent::Facts { kind, fact, .. } => self.demand.wants(kind, fact),
            }
    }

    fn entered(&mut self, account: &mut Account<'_>, snapshot: AccountSnapshot) {
        let (facts, snapshot) = self.evaluation.view(&account.id, snapshot);
        self.sandbox.enter(facts);
        for (position, selected) in self.evaluation.rules.iter().enumerate() {
            let kind = selected.rule.meta.kind;
            let mut listed = Vec::new();
            for region in account.regions_of(kind, &snapshot) {
                match snapshot.list_gap(kind.name, &region) {
                    Some(cause) => account.list_unknown(selected, region, cause),
                    None => listed.push(region),
                }
            }
            self.evaluate_listed(account, position, kind, &listed);
        }
    }

    fn evaluate_listed(
        &self,
        account: &mut Account<'_>,
        rule: usize,
        kind: &'static Kind,
        listed: &[Region],
    ) {
        let Some(facts) = self.sandbox.facts() else { return };
        let Some(selected) = self.evaluation.rules.get(rule) else { return };
        for &position in facts.resources.of_kind(kind) {
            let Some(resource) = facts.resources.get(position) else { continue };
            let here = match kind.scope {
                Scope::Global => !listed.is_empty() && account.in_sight(&resource.region),
                Scope::Regional => listed.contains(&resource.region),
            };
            if here {
                account.add(selected, about(resource), self.sandbox.evaluate(rule, position));
            }
        }
    }
}

/// Findings are reported in this order.
fn sort_key(finding: &Finding) -> (&Region, &str, Option<&str>, &str) {
    let ResourceRef { region, kind, id, .. } = &finding.resource;
    (region, kind, id.as_deref(), &finding.rule)
}

fn about(resource: &Resource) -> ResourceRef {
    ResourceRef {
        kind: resource.kind.clone(),
        region: resource.region.clone(),
        id: Some(resource.id.clone()),
        arn: resource.arn.clone(),
        name: resource.name.clone(),
    }
}

/// One account while it is evaluated.
struct Account<'a> {
    id: AccountId,
    partition: Partition,
    evaluation: &'a Evaluation,
    used: Vec<bool>,
    findings: Vec<Finding>,
    /// Causes of account-wide gaps: they are accepted under `global`, wherever the resource is that
    /// they leave unknown.
    global_causes: Vec<Cause>,
}

impl Account<'_> {
    fn in_sight(&self, region: &Region) -> bool {
        self.evaluation.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    }

    /// Where a rule on `kind` has to look.
    fn regions_of(&self, kind: &Kind, snapshot: &AccountSnapshot) -> Vec<Region> {
        match kind.scope {
            // A singleton is in `global`; a list that is made once for all regions concerns every
            // one of them.
            Scope::Global if kind.list.is_empty() && !self.in_sight(&Region::global()) => {
                Vec::new()
            }
            Scope::Global => vec![Region::global()],
            // The regions could not be listed: the rule has one place to say so. Without that gap
            // the run was narrowed to regions that this account does not have.
            Scope::Regional
                if snapshot.header.regions.is_empty()
                    && snapshot.gaps.iter().any(|gap| gap.extent == Extent::Regions) =>
            {
                vec![Region::global()]
            }
            Scope::Regional => snapshot
                .header
                .regions
                .iter()
                .filter(|region| self.in_sight(region))
                .cloned()
                .collect(),
        }
    }

    fn list_unknown(&mut self, selected: &SelectedRule, region: Region, cause: Cause) {
        let about = ResourceRef {
            kind: selected.rule.meta.kind.name.to_owned(),
            region,
            id: None,
            arn: None,
            name: None,
        };
        self.add(selected, about, RuleOutcome::unknown(vec![cause]));
    }

    fn not_entered(&mut self, cause: &Cause) {
        for selected in &self.evaluation.rules {
            self.list_unknown(selected, Region::global(), cause.clone());
        }
    }

    fn add(&mut self, selected: &SelectedRule, resource: ResourceRef, outcome: RuleOutcome) {
        let identity = resource.arn.as_deref().or(resource.id.as_deref()).unwrap_or(&resource.kind);
        let fingerprint = Fingerprint::new(
            oldest_id(selected),
            &self.partition,
            &self.id,
            &resource.region,
            identity,
        );
        let accepted = match outcome.verdict {
            Verdict::Unknown => {
                let reasons: Option<Vec<String>> =
                    outcome.causes.iter().map(|cause| self.accepted(&resource, cause)).collect();
                reasons.and_then(|reasons| reasons.into_iter().next())
            }
            _ => None,
        };
        self.findings.push(Finding {
            rule: selected.rule.id.clone(),
            severity: selected.severity,
            verdict: outcome.verdict,
            message: outcome.message,
            evidence: outcome.evidence,
            resource,
            causes: outcome.causes,
            accepted,
            fingerprint,
        });
    }

    /// Why the site accepts that a call failed there, if it does.
    fn accepted(&mut self, resource: &ResourceRef, cause: &Cause) -> Option<String> {
        let global = Region::global();
        let everywhere = self.global_causes.contains(cause);
        let place = if everywhere { &global } else { &resource.region };
        // What failed for the whole account is not the failure of one resource.
        let id = if everywhere { None } else { resource.id.as_deref() };
        let id_of_account = self.id.clone();
        self.accepted_by(|known| known.covers(&id_of_account, place, &cause.call, id))
    }

    fn accepted_gap(&mut self, gap: &Gap) -> Option<String> {
        let account = self.id.clone();
        self.accepted_by(|known| known.covers_gap(&account, gap))
    }

    fn accepted_by(&mut self, covers: impl Fn(&AcceptedGap) -> bool) -> Option<String> {
        let position = self.evaluation.accepted_gaps.iter().position(covers)?;
        if let Some(used) = self.used.get_mut(position) {
            *used = true;
        }
        self.evaluation.accepted_gaps.get(position).map(|gap| gap.reason.clone())
    }
}
