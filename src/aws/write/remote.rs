//! Carries changes out in AWS: reads with the role that scans, and writes with another one, in
//! sessions that allow exactly the writes of a batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use super::error::invalid;
use super::session::WriteSession;
use super::table::writer;
use crate::aws::account::{CollectionPlan, context};
use crate::aws::assume::{self, Caller, SessionScope};
use crate::aws::call_region::in_region;
use crate::aws::collector::{Collector, Context, ListedResource};
use crate::aws::collectors::COLLECTORS;
use crate::aws::elements;
use crate::aws::list::{collect_list, read_resource};
use crate::aws::meter::{CallCounter, Meter, NoopObserver};
use crate::aws::run::{CollectRequest, prepare};
use crate::facts::{self, Kind, Scope, SessionPolicy, TAGS};
use crate::fixes::{
    Change, Facts, Permission, Present, Scene, Sent, WriteError, WriteErrorKind, Writer, demand,
    same_state, session_policies,
};
use crate::model::{AccountId, Cause, Demand, Hop, Region, Resource, Role, Target};

/// How changes are made.
#[derive(Debug)]
pub struct WriteSetup {
    /// How the accounts are read: the credentials, the targets with the role that scans, and limits.
    /// Its demand is replaced by what the changes need.
    pub reads: CollectRequest,
    /// The role that writes, in each account.
    pub roles: BTreeMap<AccountId, Hop>,
    /// The beginning of the hash of the plan, for CloudTrail.
    pub plan: String,
    /// The ids of changes that are only looked at: no session allows them.
    pub only_read: BTreeSet<String>,
}

/// Why changes cannot be made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteSetupError {
    /// There is no role for an account.
    #[error("no role to change account {0}: set `role` in [remediation]")]
    NoRole(AccountId),
    /// The account is not a target.
    #[error("account {0} of the plan is not among the accounts of the config")]
    NoTarget(AccountId),
    /// The role is the one that scans.
    #[error("the role {0} also reads accounts: use a separate role that only changes resources")]
    SameRole(String),
    /// The policy of one change is too long for a session.
    #[error("the session policy of item {0} exceeds the limit of STS")]
    PolicyTooLong(String),
    /// A change that this build cannot make.
    #[error("this rolecall cannot carry out `{0}`")]
    NoWriter(String),
}

/// The sessions of one account.
struct Account {
    target: Target,
    role: Hop,
    reads: OnceCell<Result<Context, Cause>>,
}

/// Changes of one kind in one account that share a session.
struct Batch {
    account: AccountId,
    policy: String,
    session: OnceCell<Result<Arc<WriteSession>, Cause>>,
}

/// Carries changes out.
pub struct RemoteWriter {
    runtime: Handle,
    plan: CollectionPlan,
    /// Who assumes the roles that write, or why the hub role could not be assumed.
    caller: Result<Caller, Cause>,
    accounts: BTreeMap<AccountId, Account>,
    batches: Vec<Batch>,
    /// The batch of each change, by its id.
    batch_of: BTreeMap<String, usize>,
    session_name: String,
    plan_name: String,
    meter: Meter,
}

impl RemoteWriter {
    /// Prepares sessions for these changes. No account is entered yet.
    pub async fn prepare(
        setup: WriteSetup,
        changes: &[Change],
        runtime: Handle,
    ) -> Result<Self, WriteSetupError> {
        let WriteSetup { mut reads, roles, plan: plan_name, only_read } = setup;
        if let Some(unknown) = changes.iter().find(|change| writer(name(change)).is_none()) {
            return Err(WriteSetupError::NoWriter(name(unknown).to_owned()));
        }
        reads.demand = demand(changes.iter().map(|change| (change.kind.as_str(), &change.action)));
        let mut accounts = BTreeMap::new();
        for change in changes {
            let account = &change.account;
            if accounts.contains_key(account) {
                continue;
            }
            let target = reads.targets.iter().find(|target| target.account == *account);
            let target = target.ok_or_else(|| WriteSetupError::NoTarget(account.clone()))?;
            let role =
                roles.get(account).ok_or_else(|| WriteSetupError::NoRole(account.clone()))?;
            if matches!(&target.role, Role::Assume(hop) if hop.role_arn == role.role_arn) {
                return Err(WriteSetupError::SameRole(role.role_arn.to_string()));
            }
            let (target, role) = (target.clone(), role.clone());
            accounts.insert(account.clone(), Account { target, role, reads: OnceCell::new() });
        }
        let written = changes.iter().filter(|change| !only_read.contains(&change.id));
        let (batches, batch_of) = batches(written)?;
        reads.targets.retain(|target| accounts.contains_key(&target.account));
        let meter = Meter::new(Arc::new(NoopObserver));
        let plan = prepare(&reads, &meter).await;
        let session_name = assume::session_name(&format!("rolecall-fix-{plan_name}"));
        let targets: Vec<Target> = accounts.values().map(Account::write_target).collect();
        let (base, via) = (&reads.base, reads.via.as_ref());
        let caller = assume::caller(base, via, &targets, &session_name, &meter).await;
        Ok(Self {
            runtime,
            plan,
            caller,
            accounts,
            batches,
            batch_of,
            session_name,
            plan_name,
            meter,
        })
    }

    /// The session for reading an account.
    async fn reads(&self, account: &AccountId) -> Result<Context, Cause> {
        let known = self.account(account)?;
        let entered = known.reads.get_or_init(|| async {
            let plan = &self.plan;
            let caller = plan.caller.as_ref().map_err(Cause::clone)?;
            let (target, scope) = (&known.target, &plan.scope);
            let config =
                assume::enter(&plan.base, caller, target, scope, &plan.session_name, &plan.meter)
                    .await?;
            Ok(context(target, plan, config, &CallCounter::default()))
        });
        entered.await.clone()
    }

    /// The session for a change.
    async fn session(&self, change: &Change) -> Result<Arc<WriteSession>, Cause> {
        let batch = self.batch_of.get(&change.id).and_then(|at| self.batches.get(*at));
        let Some(batch) = batch.filter(|batch| batch.account == change.account) else {
            return Err(Cause::new("sts:AssumeRole", "Internal", "no session for this change"));
        };
        let known = self.account(&change.account)?;
        let entered = batch.session.get_or_init(|| async {
            let caller = self.caller.as_ref().map_err(Cause::clone)?;
            // Never a broader policy, even if STS finds the packed form too large.
            let policy = SessionPolicy::Inline(batch.policy.clone());
            let scope = SessionScope { policy: policy.clone(), fallback: policy };
            let (base, target) = (&self.plan.base, known.write_target());
            let name = &self.session_name;
            let config = assume::enter(base, caller, &target, &scope, name, &self.meter).await?;
            let session = WriteSession::new(
                config,
                base.addressing(),
                &change.account,
                &self.plan_name,
                &self.meter,
            );
            Ok(Arc::new(session))
        });
        entered.await.clone()
    }

    fn account(&self, account: &AccountId) -> Result<&Account, Cause> {
        self.accounts
            .get(account)
            .ok_or_else(|| Cause::new("sts:AssumeRole", "Internal", "no session for this account"))
    }

    pub(super) async fn carry_out(
        &self,
        change: &Change,
        dry_run: bool,
    ) -> Result<Sent, WriteError> {
        let Some(write) = writer(name(change)) else {
            return Err(invalid(name(change), "no writer for this action"));
        };
        let session = self.session(change).await.map_err(|cause| WriteError {
            kind: match cause.is_denial() {
                true => WriteErrorKind::Denied,
                false => WriteErrorKind::Refused,
            },
            cause,
            request_id: None,
        })?;
        let region = match change.region.is_global() {
            true => &change.partition.default_region(),
            false => &change.region,
        };
        in_region(region, write(&session, change, dry_run)).await
    }

    /// The state of what a change changes, and whether its action still accepts it.
    pub(super) async fn present(&self, change: &Change) -> Result<Present, Cause> {
        let cx = self.reads(&change.account).await?;
        let spec = change.action.spec();
        let (elsewhere, here): (Vec<&str>, Vec<&str>) =
            spec.reads.iter().copied().partition(|name| name.contains('.'));
        let own: Vec<&str> = spec.touches.iter().copied().chain(here).collect();
        // What is written as a whole must be known as a whole.
        let touched = facts::kind(&change.kind).map(|kind| {
            let facts = spec.touches.iter().filter_map(|name| kind.fact(name));
            facts.map(|fact| fact.call.name).collect()
        });
        let resource = self.resource(&cx, change, &own);
        let resource = elements::written(touched.unwrap_or_default(), resource).await?;
        let Some(resource) = resource else {
            return Ok(Present { state: Facts::new(), refusal: None, gone: true });
        };
        let mut related: Vec<Resource> = Vec::new();
        for name in elsewhere {
            related.extend(self.related(&cx, name, &change.region).await?);
        }
        let of_kind = |kind: &str| related.iter().filter(|one| one.kind == kind).collect();
        let scene = Scene {
            account: &change.account,
            partition: &change.partition,
            resource: &resource,
            related: &of_kind,
        };
        let state = change.action.state(&scene);
        let refusal = match change.action.state_after(&scene) {
            Err(refusal) => Some(refusal.to_string()),
            // What is sent comes from the plan: it must be what the action does, and nothing else.
            Ok(after) if same_state(&after, &change.after) => None,
            Ok(_) => Some("the plan sets something else than its action does".to_owned()),
        };
        Ok(Present { state, refusal, gone: false })
    }

    /// The tags of the resource that a change changes, if its kind has tags.
    pub(super) async fn tags_of(&self, change: &Change) -> Result<Facts, Cause> {
        if !facts::kind(&change.kind).is_some_and(Kind::has_tags) {
            return Ok(Facts::new());
        }
        let cx = self.reads(&change.account).await?;
        let resource = self.resource(&cx, change, &[TAGS]).await?;
        let tags = resource.and_then(|mut resource| resource.facts.remove(TAGS));
        Ok(tags.and_then(|tags| tags.as_object().cloned()).unwrap_or_default())
    }

    /// The resource that a change changes, with these fields and facts; `None` if it no longer exists.
    async fn resource(
        &self,
        cx: &Context,
        change: &Change,
        own: &[&str],
    ) -> Result<Option<Resource>, Cause> {
        let internal = |reason: &str| Cause::new(name(change), "Internal", reason);
        let kind = facts::kind(&change.kind).ok_or_else(|| internal("unknown kind"))?;
        let collector = collector(kind.name).ok_or_else(|| internal("no collector"))?;
        let wanted: Vec<_> = own.iter().filter_map(|name| kind.fact(name)).collect();
        // Without fields of the list, the resource is what the plan says it is.
        let known = (wanted.len() == own.len()).then(|| ListedResource {
            id: change.resource.clone(),
            arn: change.arn.clone(),
            name: change.name.clone(),
            region: change.region.clone(),
            fields: Facts::new(),
            unreadable: BTreeMap::new(),
        });
        let here = match kind.scope {
            Scope::Regional => cx.at(change.region.clone()),
            Scope::Global | Scope::Account => cx.clone(),
        };
        let listed = known.is_none();
        let place = (change.resource.as_str(), &change.region);
        let found = read_resource(&here, collector, known, place, &wanted).await;
        let Some(resource) = found.map_err(|failure| failure.cause)? else { return Ok(None) };
        let unreadable = own.iter().find_map(|name| resource.unreadable.get(*name));
        if let Some(cause) = unreadable {
            return Err(cause.clone());
        }
        if listed { normal(resource).map(Some) } else { Ok(Some(normal_facts(resource))) }
    }

    /// The resources of another kind that an action reads, given as `kind` or `kind/fact`.
    async fn related(
        &self,
        cx: &Context,
        name: &str,
        region: &Region,
    ) -> Result<Vec<Resource>, Cause> {
        let (name, fact) =
            name.split_once('/').map_or((name, None), |(kind, fact)| (kind, Some(fact)));
        let internal = || Cause::new(name, "Internal", "no collector");
        let collector = collector(name).ok_or_else(internal)?;
        let cx = match collector.kind().scope {
            Scope::Regional => cx.at(region.clone()),
            Scope::Global | Scope::Account => cx.clone(),
        };
        let mut demand = Demand::default();
        demand.add_kind(name);
        fact.iter().for_each(|fact| demand.add_fact(name, fact));
        let result = collect_list(cx, collector, &demand).await;
        if let Some(gap) = result.gaps.into_iter().next() {
            return Err(gap.cause);
        }
        result.resources.unwrap_or_default().into_iter().map(normal).collect()
    }
}

impl Account {
    /// The account with the role that writes.
    fn write_target(&self) -> Target {
        Target { role: Role::Assume(self.role.clone()), ..self.target.clone() }
    }
}

impl Writer for RemoteWriter {
    fn read(&self, change: &Change) -> Result<Present, Cause> {
        self.runtime.block_on(self.present(change))
    }

    fn tags(&self, change: &Change) -> Result<Facts, Cause> {
        self.runtime.block_on(self.tags_of(change))
    }

    fn dry_run(&self, change: &Change) -> Result<(), WriteError> {
        self.runtime.block_on(self.carry_out(change, true)).map(drop)
    }

    fn write(&self, change: &Change) -> Result<Sent, WriteError> {
        self.runtime.block_on(self.carry_out(change, false))
    }
}

fn name(change: &Change) -> &'static str {
    change.action.spec().name
}

fn collector(kind: &str) -> Option<&'static dyn Collector> {
    COLLECTORS.iter().copied().find(|collector| collector.kind().name == kind)
}

/// The resource in the form that it has in a snapshot.
fn normal(resource: Resource) -> Result<Resource, Cause> {
    let kind = resource.kind.clone();
    let invalid = |reason: &str| Cause::new(&kind, Cause::INVALID_RESPONSE, reason);
    facts::normalize(resource)
        .map_err(|error| invalid(&error))?
        .ok_or_else(|| invalid("unknown kind"))
}

/// The same for a resource of which only facts were read.
fn normal_facts(mut resource: Resource) -> Resource {
    let kind = facts::kind(&resource.kind);
    for (name, value) in &mut resource.facts {
        let Some(fact) = kind.and_then(|kind| kind.fact(name)) else { continue };
        if value.is_null() {
            *value = fact.defaults().unwrap_or_default();
        } else if let Ok(normal) = (fact.shape.normalize)(value.clone()) {
            *value = normal;
        }
    }
    resource
}

/// Divides changes into sessions: for each account and action, as many as the limit on policies
/// requires.
fn batches<'a>(
    changes: impl Iterator<Item = &'a Change>,
) -> Result<(Vec<Batch>, BTreeMap<String, usize>), WriteSetupError> {
    let mut groups: BTreeMap<(&AccountId, &str), Vec<&Change>> = BTreeMap::new();
    for change in changes {
        groups.entry((&change.account, name(change))).or_default().push(change);
    }
    let (mut batches, mut batch_of) = (Vec::new(), BTreeMap::new());
    for ((account, _), group) in groups {
        let permissions: Vec<Vec<Permission>> = group
            .iter()
            .map(|change| {
                let writes = change.action.writes(&change.target(), &change.before);
                writes.into_iter().flat_map(|write| write.permissions).collect()
            })
            .collect();
        let policies = session_policies(&permissions).map_err(|at| {
            let id = group.get(at).map_or_else(String::new, |change| change.id.clone());
            WriteSetupError::PolicyTooLong(id)
        })?;
        let mut rest = group.into_iter();
        for (count, policy) in policies {
            for change in rest.by_ref().take(count) {
                batch_of.insert(change.id.clone(), batches.len());
            }
            let account = account.clone();
            batches.push(Batch { account, policy, session: OnceCell::new() });
        }
    }
    Ok((batches, batch_of))
}
