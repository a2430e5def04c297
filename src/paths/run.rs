//! Goes through a snapshot account by account.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{INSTANCES, INTERFACES, Named, RegionFacts, is_read};
use super::target::{AccountPaths, Outcome, PathGap, PathTarget};
use crate::exposure::{Exposure, Interface, Traffic, User, analyze, instance_profile_name};
use crate::facts::ec2::instance::Instance;
use crate::facts::ec2::network_interface::NetworkInterface;
use crate::model::{AccountId, Cause, Extent, Globs, Region, Resource};
use crate::snapshot::{AccountStatus, AccountStream, ListGaps, Reader, SnapshotError, Streamed};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct PathQuery {
    /// The ids of instances and network interfaces; all instances, and the network interfaces of load
    /// balancers, if there are none.
    pub ids: BTreeSet<String>,
    /// Which traffic.
    pub traffic: Traffic,
    /// Which regions.
    pub regions: Option<Globs>,
}

/// What receives the accounts.
pub trait Accounts {
    /// Why that failed.
    type Error: From<SnapshotError>;

    /// An account.
    fn account(&mut self, account: AccountPaths) -> Result<(), Self::Error>;
}

/// Passes who reaches the instances of these accounts (id and name) to `accounts`.
pub fn run<A: Accounts>(
    query: &PathQuery,
    reader: &Reader,
    ids: &[(AccountId, Option<String>)],
    accounts: &mut A,
) -> Result<(), A::Error> {
    for (id, name) in ids {
        let account = AccountPaths {
            id: id.clone(),
            name: name.clone(),
            status: AccountStatus::NotCollected,
            collected_at: None,
            targets: Vec::new(),
            gaps: Vec::new(),
        };
        let account = match reader.stream(id)? {
            Streamed::Missing(cause) => AccountPaths { gaps: vec![of_account(cause)], ..account },
            Streamed::Whole(stream) => read(query, account, *stream)?,
        };
        accounts.account(account)?;
    }
    Ok(())
}

fn of_account(cause: Cause) -> PathGap {
    PathGap { region: Region::global(), cause }
}

fn read(
    query: &PathQuery,
    mut account: AccountPaths,
    mut stream: AccountStream,
) -> Result<AccountPaths, SnapshotError> {
    let header = &stream.snapshot.header;
    account.collected_at = Some(header.collected_at.clone());
    if !header.entered {
        let known = stream.snapshot.gaps.iter().find(|gap| gap.extent == Extent::Account);
        let cause = known.map(|gap| gap.cause.clone());
        let cause = cause.unwrap_or_else(|| Cause::not_collected("sts:AssumeRole"));
        account.status = AccountStatus::NotAccessible;
        account.gaps.push(of_account(cause));
        return Ok(account);
    }
    account.status = AccountStatus::Collected;
    let is_wanted =
        |region: &Region| query.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()));
    let unknown_regions = stream.snapshot.gaps.iter().find(|gap| gap.extent == Extent::Regions);
    account.gaps.extend(unknown_regions.map(|gap| of_account(gap.cause.clone())));
    let lists = ListGaps::of(&stream.snapshot);
    let mut regions: BTreeMap<Region, RegionFacts> = BTreeMap::new();
    for region in header.regions.iter().filter(|region| is_wanted(region)) {
        regions.entry(region.clone()).or_default().mark_gaps(&lists, region);
    }
    stream.for_each(
        &|kind| is_read(kind.name),
        |resource: Resource| -> Result<(), SnapshotError> {
            if is_wanted(&resource.region) {
                let region = regions.entry(resource.region.clone()).or_default();
                region.add(&resource);
            }
            Ok(())
        },
    )?;
    for (region, facts) in &regions {
        let search = Search { query, account: &account.id, region, facts };
        let (targets, gaps) = search.run();
        account.targets.extend(targets);
        account.gaps.extend(gaps);
    }
    account.gaps.sort();
    account.gaps.dedup();
    Ok(account)
}

/// A search in a region.
struct Search<'a> {
    query: &'a PathQuery,
    account: &'a AccountId,
    region: &'a Region,
    facts: &'a RegionFacts,
}

impl Search<'_> {
    fn run(&self) -> (Vec<PathTarget>, Vec<PathGap>) {
        let ids = &self.query.ids;
        let is_asked = |id: &String| ids.is_empty() || ids.contains(id);
        let instances = self.facts.instances.iter().filter(|(id, _)| is_asked(id));
        let mut targets: Vec<PathTarget> =
            instances.map(|(id, instance)| self.instance(id, instance)).collect();
        for (id, interface) in &self.facts.interfaces {
            let user = User::of(&interface.facts);
            if ids.contains(id) || (ids.is_empty() && user == User::LoadBalancer) {
                let target = self.interface(id, interface, user);
                // Internal load balancers are reached from the VPC.
                let is_internal =
                    target.exposure.paths.is_empty() && target.exposure.unknown.is_empty();
                if ids.contains(id) || !is_internal {
                    targets.push(target);
                }
            }
        }
        let asks_for = |prefix: &str| ids.is_empty() || ids.iter().any(|id| id.starts_with(prefix));
        let gap = |cause: &Cause| PathGap { region: self.region.clone(), cause: cause.clone() };
        let instances = self.facts.instance_gap().filter(|_| asks_for("i-"));
        // Without this list, only the interfaces of load balancers are missing.
        let is_missed = |cause: &&Cause| !ids.is_empty() || cause.code != Cause::NOT_COLLECTED;
        let interfaces = self.facts.interface_gap().filter(|_| asks_for("eni-")).filter(is_missed);
        (targets, instances.into_iter().chain(interfaces).map(gap).collect())
    }

    fn target(&self, kind: &'static str, id: &str, name: Option<&String>) -> PathTarget {
        PathTarget {
            region: self.region.clone(),
            kind,
            id: id.to_owned(),
            name: name.cloned(),
            state: None,
            is_attached: true,
            outcome: Outcome::NotReachable,
            exposure: Exposure::default(),
        }
    }

    fn exposure(&self, interface: &Interface) -> Exposure {
        let around = self.facts.surroundings(self.account, interface);
        let Ok(exposure) = analyze(interface, &around, &self.query.traffic, self.facts);
        exposure
    }

    fn instance(&self, id: &str, instance: &Named<Instance>) -> PathTarget {
        let mut target = self.target(INSTANCES, id, instance.name.as_ref());
        let state = instance.facts.state.as_ref().and_then(|state| state.name.clone());
        target.state.clone_from(&state);
        // AWS keeps listing a terminated instance for about an hour.
        if matches!(state.as_deref(), Some("terminated" | "shutting-down")) {
            target.outcome = Outcome::Terminated;
            return target;
        }
        let instance_id = id.to_owned();
        for interface in &instance.facts.network_interfaces {
            let id = interface.network_interface_id.as_ref();
            // The list of network interfaces has more fields.
            let known = id.and_then(|id| self.facts.interfaces.get(id));
            let mut interface = known
                .map_or_else(|| Interface::from(interface), |known| Interface::from(&known.facts));
            interface.instance_id = Some(instance_id.clone());
            let exposure = self.exposure(&interface);
            target.exposure.paths.extend(exposure.paths);
            target.exposure.blocked.extend(exposure.blocked);
            target.exposure.unknown.extend(exposure.unknown);
        }
        let profile = instance.facts.iam_instance_profile.as_ref();
        let profile = profile.and_then(|profile| profile.arn.as_deref()).map(instance_profile_name);
        for path in &mut target.exposure.paths {
            path.instance_id = Some(id.to_owned());
            path.instance_profile = profile.map(str::to_owned);
        }
        target.exposure.unknown.sort();
        target.exposure.unknown.dedup();
        target.outcome = target.exposure.reach().into();
        target
    }

    fn interface(&self, id: &str, interface: &Named<NetworkInterface>, user: User) -> PathTarget {
        let mut target = self.target(INTERFACES, id, interface.name.as_ref());
        target.state.clone_from(&interface.facts.interface_type);
        target.is_attached = user != User::None;
        if let User::Managed(_) = user {
            target.outcome = Outcome::Managed;
            return target;
        }
        target.exposure = self.exposure(&Interface::from(&interface.facts));
        target.outcome = match &user {
            User::LoadBalancer => Outcome::LoadBalancer,
            _ => target.exposure.reach().into(),
        };
        if let User::Instance(instance) = user {
            for path in &mut target.exposure.paths {
                path.instance_id = Some(instance.clone());
            }
        }
        target
    }
}
