//! Evaluates one account.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use arcstr::ArcStr;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::demand::TAGS;
use super::evaluation::{EvaluateError, Evaluation};
use super::placing::placing;
use super::run_info::oldest_id;
use crate::diagnostics::Diagnostic;
use crate::facts::{self, CompactResource, CompactValue, Kind, Scope};
use crate::model::{
    AcceptedGap, AccountId, Cause, Demand, Details, Extent, Finding, Fingerprint, Gap, Globs,
    Group, Partition, Region, Resource, ResourceRef, Verdict, Waived, day_of, text, unreadable,
};
use crate::report::{AccountReport, ReportedGap};
use crate::rules::{AccountFacts, FixOutcome, Resources, RuleOutcome, Sandbox, SelectedRule};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget};
use crate::waivers::{Subject, Tags, Usage};

/// One evaluated account.
#[derive(Debug)]
pub struct AccountEvaluation {
    /// Its report.
    pub report: AccountReport,
    pub(super) accepted_gaps_used: Vec<bool>,
    pub(super) waivers_used: Usage,
}

/// Evaluates accounts sequentially on one thread, which needs a stack of
/// [`STACK_SIZE`](crate::rules::STACK_SIZE).
pub struct Evaluator<'a> {
    evaluation: &'a Evaluation,
    demand: Demand,
    sandbox: Sandbox,
}

impl<'a> Evaluator<'a> {
    /// Compiles the rules for this thread. `demand` is what the evaluation is for: what it lacks is
    /// no gap.
    pub fn new(evaluation: &'a Evaluation, demand: &Demand) -> Result<Self, Box<Diagnostic>> {
        let (demand, sandbox) = (demand.clone(), Sandbox::new(&evaluation.rules)?);
        Ok(Self { evaluation, demand, sandbox })
    }

    /// The facts of the account that was evaluated last, with the account itself as a resource if a
    /// rule evaluates accounts.
    pub fn facts(&self) -> Option<&AccountFacts> {
        self.sandbox.facts()
    }

    /// What a rule proposes for a failing resource of the account that was evaluated last, both given
    /// by index.
    pub fn fix(&self, rule: usize, resource: usize) -> Result<FixOutcome, EvaluateError> {
        let outcome = self.sandbox.fix(rule, resource);
        match (self.sandbox.facts(), self.evaluation.rules.get(rule)) {
            (Some(facts), Some(selected)) if self.sandbox.timed_out() => {
                let id = facts.resources.get(resource).map_or("", |resource| resource.id());
                Err(EvaluateError::TooSlow {
                    rule: selected.rule.id.clone(),
                    resource: text::one_line(id, 200),
                    account: facts.account.clone(),
                })
            }
            _ => Ok(outcome),
        }
    }

    /// Whether resources of a type can affect the report: a rule evaluates them, looks them up, or
    /// lists them as references to a failing resource.
    pub fn can_see(&self, kind: &Kind) -> bool {
        self.demand.wants_kind(kind.name)
    }

    /// Evaluates the snapshot of a target. It needs only resources of the types that the rules [can
    /// see](Self::can_see).
    pub fn account(
        &mut self,
        target: &ManifestTarget,
        collected: Collected,
    ) -> Result<AccountEvaluation, EvaluateError> {
        let (account, begun) = OpenAccount::new(self.evaluation, &self.demand, target, collected);
        self.enter(&account);
        let results = self.evaluate(&account, 0..account.len())?;
        let mut begun = begun;
        begun.add(results);
        Ok(begun.finish())
    }

    /// Sets the account that is evaluated next.
    pub(super) fn enter(&mut self, account: &OpenAccount) {
        for (position, selected) in self.evaluation.rules.iter().enumerate() {
            if !selected.overrides.is_empty() {
                let here = selected.in_account(account.target.keys());
                self.sandbox.set_params(position, &here.params);
            }
        }
        if let Some(facts) = &account.facts {
            self.sandbox.enter(facts.clone());
        }
    }

    /// Leaves the account, so that its facts can be dropped.
    pub(super) fn leave(&mut self) {
        self.sandbox.leave();
    }

    /// Evaluates a part of the resources of the account that was [entered](Self::enter).
    pub(super) fn evaluate(
        &self,
        account: &OpenAccount,
        part: Range<usize>,
    ) -> Result<Results, EvaluateError> {
        let mut writer = account.writer(self.evaluation);
        let Some(facts) = self.sandbox.facts() else { return Ok(writer.results) };
        for &position in account.evaluated.get(part).unwrap_or_default() {
            let Some(resource) = facts.resources.get(position) else { continue };
            let Some(rules) = account.rules_for(resource) else { continue };
            let (about, tags) = (resource.about.clone(), ResourceTags::of(resource));
            for &rule in rules {
                let Some(selected) = self.evaluation.rules.get(rule) else { continue };
                let outcome = self.sandbox.evaluate(rule, position);
                if self.sandbox.timed_out() {
                    return Err(EvaluateError::TooSlow {
                        rule: selected.rule.id.clone(),
                        resource: text::one_line(resource.id(), 200),
                        account: account.state.id.clone(),
                    });
                }
                writer.add(selected, about.clone(), outcome, tags.as_tags());
            }
            self.sandbox.forget(position);
        }
        writer.results.findings.shrink_to_fit();
        Ok(writer.results)
    }
}

/// An account whose resources can be evaluated, in parts and by several threads.
pub(super) struct OpenAccount {
    target: ManifestTarget,
    state: AccountState,
    /// `None` if nothing in it is known.
    facts: Option<Arc<AccountFacts>>,
    /// The positions of the resources that rules evaluate, in the order of findings.
    evaluated: Vec<usize>,
    /// By kind.
    plans: HashMap<&'static str, KindPlan>,
}

/// What rolecall evaluates of a kind in an account.
struct KindPlan {
    kind: &'static Kind,
    /// The rules on the kind, by index.
    rules: Vec<usize>,
    /// The regions whose lists are known, entirely or in part; [`Region::global`] for a list of all
    /// regions.
    listed: BTreeSet<Region>,
}

/// The part of the report that does not take an evaluation.
pub(super) struct BegunReport {
    report: AccountReport,
    results: Results,
}

/// The results of a part of an account.
pub(super) struct Results {
    findings: Vec<Finding>,
    used: Vec<bool>,
    waivers: Usage,
}

impl OpenAccount {
    /// Begins the report of an account, with the findings on what is not known in it. `demand` is
    /// what the evaluation is for.
    pub(super) fn new<R>(
        evaluation: &Evaluation,
        demand: &Demand,
        target: &ManifestTarget,
        collected: Collected<R>,
    ) -> (Self, BegunReport)
    where
        R: From<Resource>,
        Resources: From<Vec<R>>,
    {
        tracing::debug!(account = %target.account, "evaluating account");
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
            alerts: Default::default(),
            changes: None,
        };
        let mut account = Self {
            target: target.clone(),
            state: AccountState {
                id: target.account.clone(),
                name: target.name.clone(),
                partition: target.partition.clone(),
                places: HashMap::new(),
                day: None,
                regions: evaluation.regions.clone(),
            },
            facts: None,
            evaluated: Vec::new(),
            plans: HashMap::new(),
        };
        let (results, gaps) = match collected {
            Collected::Missing(cause) => {
                let mut writer = account.writer(evaluation);
                writer.not_accessible(&cause);
                (
                    writer.results,
                    vec![Gap { region: Region::global(), cause, extent: Extent::Account }],
                )
            }
            Collected::Whole(snapshot) => {
                let header = &snapshot.header;
                account.state.partition = header.partition.clone();
                report.partition = header.partition.clone();
                report.collected_at = Some(header.collected_at.clone());
                account.state.day = day_of(&header.collected_at);
                report.entered = header.entered;
                report.regions = header.regions.clone();
                report.calls_by_api = header.calls.clone();
                let gaps = snapshot.gaps.clone();
                for gap in &gaps {
                    let places = account.state.places.entry(gap.cause.clone()).or_default();
                    places.insert(gap.region.clone());
                }
                let mut results = if header.entered {
                    account.enter(evaluation, *snapshot)
                } else {
                    let cause = gaps
                        .iter()
                        .find(|gap| gap.extent == Extent::Account)
                        .map(|gap| gap.cause.clone());
                    let cause = cause.unwrap_or_else(|| Cause::not_collected("sts:AssumeRole"));
                    let mut writer = account.writer(evaluation);
                    writer.not_accessible(&cause);
                    writer.results
                };
                results.waivers.collected(account.state.day);
                (results, gaps)
            }
        };
        let mut writer =
            FindingWriter { evaluation, state: &account.state, results, texts: Texts::default() };
        report.gaps = gaps
            .into_iter()
            .filter(|gap| concerns(evaluation, demand, gap))
            .map(|gap| ReportedGap { accepted: writer.accepted_gap(&gap), gap })
            .collect();
        report.gaps.sort_by(|a, b| a.gap.cmp(&b.gap));
        let mut results = writer.results;
        results.findings.reserve_exact(account.findings());
        (account, BegunReport { report, results })
    }

    /// Takes the resources of the snapshot, and returns the findings on lists that are not known.
    fn enter<R>(&mut self, evaluation: &Evaluation, snapshot: AccountSnapshot<R>) -> Results
    where
        R: From<Resource>,
        Resources: From<Vec<R>>,
    {
        let (facts, snapshot, lists) = evaluation.view(&self.target, snapshot);
        let mut plans: HashMap<&'static str, KindPlan> = HashMap::new();
        let mut writer = self.writer(evaluation);
        for (position, selected) in evaluation.rules.iter().enumerate() {
            let kind = selected.rule.meta.kind;
            let plan = plans.entry(kind.name).or_insert_with(|| KindPlan {
                kind,
                rules: Vec::new(),
                listed: BTreeSet::new(),
            });
            plan.rules.push(position);
            for region in self.state.regions_of(kind, &snapshot) {
                if let Some(cause) = lists.get(kind.name, &region) {
                    let own = selected.rule.meta.needs.own.iter().copied();
                    writer.list_unknown(selected, region.clone(), kind.causes_for(cause, own));
                    // Of an incomplete list, the known resources are evaluated.
                    if !snapshot.lists.contains_key(&(kind.name.to_owned(), region.clone())) {
                        continue;
                    }
                }
                plan.listed.insert(region);
            }
        }
        let results = writer.results;
        self.plans = plans;
        self.evaluated = self.in_order(&facts.resources);
        self.facts = Some(Arc::new(facts));
        results
    }

    /// The positions of the resources that rules evaluate, in the order of findings. The resources of a
    /// kind and region are in that order, one after the other.
    fn in_order(&self, resources: &Resources) -> Vec<usize> {
        let mut runs: Vec<(&CompactResource, Range<usize>)> = Vec::new();
        for position in 0..resources.len() {
            let Some(resource) = resources.get(position) else { continue };
            match runs.last_mut() {
                Some((first, run))
                    if (first.kind, &first.about.region)
                        == (resource.kind, &resource.about.region) =>
                {
                    run.end = position + 1;
                }
                _ => runs.push((resource, position..position + 1)),
            }
        }
        runs.retain(|(first, _)| self.rules_for(first).is_some());
        runs.sort_by_key(|(first, _)| (&first.about.region, first.kind.map(|kind| kind.name)));
        let mut evaluated = Vec::with_capacity(runs.iter().map(|(_, run)| run.len()).sum());
        evaluated.extend(runs.into_iter().flat_map(|(_, run)| run));
        evaluated
    }

    /// The number of resources that rules evaluate.
    pub(super) fn len(&self) -> usize {
        self.evaluated.len()
    }

    /// The number of findings: one for each resource and rule.
    fn findings(&self) -> usize {
        let resources = self.facts.as_ref().map(|facts| &facts.resources);
        let evaluated = self.evaluated.iter().filter_map(|&position| resources?.get(position));
        evaluated.filter_map(|resource| Some(self.rules_for(resource)?.len())).sum()
    }

    /// The rules that evaluate a resource, by index.
    fn rules_for(&self, resource: &CompactResource) -> Option<&[usize]> {
        let plan = self.plans.get(resource.kind?.name)?;
        let is_evaluated = match plan.kind.scope {
            Scope::Global | Scope::Account => {
                !plan.listed.is_empty() && self.state.is_reported(&resource.about.region)
            }
            Scope::Regional => plan.listed.contains(&resource.about.region),
        };
        is_evaluated.then_some(&plan.rules)
    }

    fn writer<'w>(&'w self, evaluation: &'w Evaluation) -> FindingWriter<'w> {
        FindingWriter {
            evaluation,
            state: &self.state,
            results: Results {
                findings: Vec::new(),
                used: vec![false; evaluation.accepted_gaps.len()],
                waivers: Usage::default(),
            },
            texts: Texts::default(),
        }
    }
}

/// Whether a gap affects what the evaluation is for, in a region that is reported.
fn concerns(evaluation: &Evaluation, demand: &Demand, gap: &Gap) -> bool {
    let is_reported = gap.region.is_global()
        || evaluation.regions.as_ref().is_none_or(|globs| globs.matches(gap.region.as_str()));
    is_reported
        && match &gap.extent {
            Extent::Account => true,
            Extent::Regions => {
                demand.kinds().filter_map(facts::kind).any(|kind| kind.scope == Scope::Regional)
            }
            Extent::List { kind } => demand.wants_kind(kind),
            Extent::Facts { kind, fact, .. } => demand.wants(kind, unreadable::outermost(fact)),
        }
}

impl BegunReport {
    /// Adds the results of a part, in the order of the parts.
    pub(super) fn add(&mut self, part: Results) {
        self.results.findings.extend(part.findings);
        self.results.used.iter_mut().zip(part.used).for_each(|(used, now)| *used |= now);
        self.results.waivers.add(part.waivers);
    }

    /// The report, after the results of all parts.
    pub(super) fn finish(self) -> AccountEvaluation {
        let Self { mut report, results: Results { mut findings, used, waivers } } = self;
        // They are sorted, except those on what is not known.
        if !findings.is_sorted_by(|a, b| sort_key(a) <= sort_key(b)) {
            findings.sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        }
        report.findings = findings;
        AccountEvaluation { report, accepted_gaps_used: used, waivers_used: waivers }
    }
}

/// The sort key of findings in reports.
fn sort_key(finding: &Finding) -> (&Region, &str, Option<&str>, &str) {
    let ResourceRef { region, kind, id, .. } = &*finding.resource;
    (region, kind, id.as_deref(), &finding.rule)
}

pub(super) fn about(resource: &Resource) -> ResourceRef {
    ResourceRef {
        kind: resource.kind.clone().into(),
        region: resource.region.clone(),
        id: Some(resource.id.as_str().into()),
        arn: resource.arn.as_deref().map(Into::into),
        name: resource.name.as_deref().map(Into::into),
    }
}

/// The tags of a resource, for waivers and groups.
enum ResourceTags {
    /// `None` if it has none.
    Known(Option<Map<String, Value>>),
    Unknown,
}

impl ResourceTags {
    /// Lists that return tags always have them.
    fn of(resource: &CompactResource) -> Self {
        if unreadable::of(resource.unreadable(), TAGS).is_some() {
            return Self::Unknown;
        }
        match resource.facts.get(TAGS).map(CompactValue::to_json) {
            Some(Value::Object(tags)) => Self::Known(Some(tags)),
            Some(_) => Self::Known(None),
            None if resource.kind.is_some_and(|kind| kind.fact(TAGS).is_none()) => {
                Self::Known(None)
            }
            None => Self::Unknown,
        }
    }

    fn as_tags(&self) -> Tags<'_> {
        match self {
            Self::Known(tags) => Tags::Known(tags.as_ref()),
            Self::Unknown => Tags::Unknown,
        }
    }
}

/// What the evaluation of an account depends on, besides its facts.
struct AccountState {
    id: AccountId,
    name: Option<String>,
    partition: Partition,
    /// Where each failure occurred.
    places: HashMap<Cause, BTreeSet<Region>>,
    /// The day of collection.
    day: Option<Date>,
    /// The regions to report; `None` for all.
    regions: Option<Globs>,
}

impl AccountState {
    fn is_reported(&self, region: &Region) -> bool {
        self.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
    }

    /// The regions in which a rule on `kind` is evaluated.
    fn regions_of<R>(&self, kind: &Kind, snapshot: &AccountSnapshot<R>) -> Vec<Region> {
        match kind.scope {
            // A singleton is in `global`; a list that covers all regions affects each of them.
            Scope::Global | Scope::Account
                if kind.list.is_empty() && !self.is_reported(&Region::global()) =>
            {
                Vec::new()
            }
            Scope::Global | Scope::Account => vec![Region::global()],
            // The regions could not be listed, which is reported once. Without that gap, the run
            // was filtered to regions that this account does not have.
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
                .filter(|region| self.is_reported(region))
                .cloned()
                .collect(),
        }
    }
}

/// Writes findings of an account.
struct FindingWriter<'a> {
    evaluation: &'a Evaluation,
    state: &'a AccountState,
    results: Results,
    texts: Texts,
}

/// The texts of findings, which share equal ones: many resources have the same problem.
#[derive(Default)]
struct Texts(HashSet<ArcStr>);

impl Texts {
    fn shared(&mut self, text: &str) -> ArcStr {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new: ArcStr = text.into();
        self.0.insert(new.clone());
        new
    }
}

impl FindingWriter<'_> {
    fn list_unknown(&mut self, selected: &SelectedRule, region: Region, causes: Vec<Cause>) {
        let kind = selected.rule.meta.kind;
        // The account itself is known even if nothing in it is.
        let is_account = kind.scope == Scope::Account;
        let about = ResourceRef {
            kind: kind.name.into(),
            region,
            id: is_account.then(|| self.state.id.as_str().into()),
            arn: None,
            name: self.state.name.as_deref().filter(|_| is_account).map(Into::into),
        };
        self.add(selected, Arc::new(about), RuleOutcome::unknown(causes), Tags::Unknown);
    }

    fn not_accessible(&mut self, cause: &Cause) {
        for selected in &self.evaluation.rules {
            self.list_unknown(selected, Region::global(), vec![cause.clone()]);
        }
    }

    fn add(
        &mut self,
        selected: &SelectedRule,
        resource: Arc<ResourceRef>,
        outcome: RuleOutcome,
        tags: Tags<'_>,
    ) {
        let identity = resource.arn.as_deref().or(resource.id.as_deref()).unwrap_or(&resource.kind);
        let fingerprint = Fingerprint::new(
            oldest_id(selected),
            &self.state.partition,
            &self.state.id,
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
        // What is listed once for all regions is not launched by a group.
        let is_regional = selected.rule.meta.kind.scope == Scope::Regional;
        let group = match tags {
            Tags::Known(Some(tags)) if is_regional => Group::of(tags, &self.evaluation.group_by),
            _ => None,
        };
        let message = self.texts.shared(&outcome.message);
        let mut finding = Finding::new(
            self.texts.shared(&selected.rule.id),
            (selected.severity, outcome.verdict, message),
            resource,
            fingerprint,
        )
        .with(Details {
            evidence: outcome.evidence.into(),
            causes: outcome.causes.into(),
            accepted: accepted.map(Into::into),
            group: group.map(Box::new),
            ..Details::default()
        });
        let (waived, expired) = self.waived(selected, &finding, tags);
        if waived.is_some() || !expired.is_empty() {
            (finding.waived, finding.expired_waivers) = (waived.map(Box::new), expired.into());
        }
        if let Some(sources) = &self.evaluation.sources {
            let instructions = selected.instructions().unwrap_or_default();
            let terraform = (&*selected.rule.meta.terraform, instructions);
            let placing = placing(sources, &self.state.id, &finding, terraform, tags);
            if placing.is_some() {
                finding.placing = placing;
            }
        }
        self.results.findings.push(finding);
    }

    /// The waiver of a finding, and those that expired. What could not be read cannot be waived.
    fn waived(
        &mut self,
        selected: &SelectedRule,
        finding: &Finding,
        tags: Tags<'_>,
    ) -> (Option<Waived>, Vec<Waived>) {
        let subject = Subject {
            rule: &finding.rule,
            former: &selected.rule.meta.aliases,
            script: selected.rule.script_id(),
            account: &self.state.id,
            name: self.state.name.as_deref(),
            resource: &finding.resource,
            fingerprint: &finding.fingerprint,
            tags,
        };
        let by_rule = |cause: &Cause| cause.code == Cause::RULE_UNDECIDED;
        let waivers = &self.evaluation.waivers;
        match finding.verdict {
            Verdict::Fail => waivers.waive(&subject, self.state.day, &mut self.results.waivers),
            Verdict::Unknown
                if !finding.causes.is_empty() && finding.causes.iter().all(by_rule) =>
            {
                waivers.waive(&subject, self.state.day, &mut self.results.waivers)
            }
            Verdict::Unknown | Verdict::Error => {
                let accepted = finding.accepted.is_some();
                waivers.not_evaluated(&subject, &mut self.results.waivers, accepted);
                (None, Vec::new())
            }
            Verdict::Pass | Verdict::Skip => (None, Vec::new()),
        }
    }

    /// The reason for accepting a failed call, if the config accepts it.
    fn accepted(&mut self, resource: &ResourceRef, cause: &Cause) -> Option<String> {
        if self.evaluation.accepted_gaps.is_empty() {
            return None;
        }
        let global = Region::global();
        let failed = self.state.places.get(cause);
        let at = |region: &Region| failed.is_some_and(|places| places.contains(region));
        // An account-wide failure is accepted for `global`, whatever the region of the resource; what
        // failed only in other regions is accepted there, for all of them.
        let everywhere = at(&global);
        let elsewhere = !everywhere && failed.is_some() && !at(&resource.region);
        let places = match failed {
            Some(places) if elsewhere => places.clone(),
            _ if everywhere => BTreeSet::from([global]),
            _ => BTreeSet::from([resource.region.clone()]),
        };
        // Such a failure is not the failure of a single resource.
        let id = resource.id.as_deref().filter(|_| !everywhere && !elsewhere);
        let (account, name) = (self.state.id.clone(), self.state.name.clone());
        let reasons: Option<Vec<String>> = places
            .iter()
            .map(|at| {
                self.accepted_by(|known| known.covers((&account, name.as_deref()), at, cause, id))
            })
            .collect();
        reasons.and_then(|reasons| reasons.into_iter().next())
    }

    fn accepted_gap(&mut self, gap: &Gap) -> Option<String> {
        let (account, name) = (self.state.id.clone(), self.state.name.clone());
        self.accepted_by(|known| known.covers_gap((&account, name.as_deref()), gap))
    }

    fn accepted_by(&mut self, covers: impl Fn(&AcceptedGap) -> bool) -> Option<String> {
        let position = self.evaluation.accepted_gaps.iter().position(covers)?;
        if let Some(used) = self.results.used.get_mut(position) {
            *used = true;
        }
        self.evaluation.accepted_gaps.get(position).map(|gap| gap.reason.clone())
    }
}
