//! The resources of one account, indexed by kind and region.

use std::collections::HashMap;

use super::index::Indexes;
use crate::facts::{CompactResource, Kind};
use crate::model::{Region, Resource};

/// The resources of one account, which several threads can evaluate. A resource is identified by its
/// position, which never changes.
#[derive(Debug, Default)]
pub struct Resources {
    all: Vec<CompactResource>,
    /// The same as JSON, or nothing: large accounts are evaluated without it.
    json: Vec<Resource>,
    by_kind: HashMap<&'static str, Positions>,
    /// By the fields that rules look them up by.
    pub(super) by_field: Indexes,
    /// By the ids that they refer to.
    pub(super) by_reference: Indexes,
    /// How many resources were returned so far: tests measure the cost of look-ups with it.
    #[cfg(test)]
    visits: std::sync::atomic::AtomicUsize,
}

/// The positions of the resources of one kind, in ascending order.
#[derive(Debug, Default)]
struct Positions {
    all: Vec<usize>,
    by_region: HashMap<Region, Vec<usize>>,
}

impl From<Vec<Resource>> for Resources {
    fn from(json: Vec<Resource>) -> Self {
        let all: Vec<CompactResource> = json.iter().map(CompactResource::from).collect();
        Self { json, ..Self::from(all) }
    }
}

impl From<Vec<CompactResource>> for Resources {
    fn from(all: Vec<CompactResource>) -> Self {
        let mut by_kind: HashMap<&'static str, Positions> = HashMap::new();
        for (position, resource) in all.iter().enumerate() {
            // Rules cannot refer to unknown kinds.
            let Some(kind) = resource.kind else { continue };
            let positions = by_kind.entry(kind.name).or_default();
            positions.all.push(position);
            match positions.by_region.get_mut(&resource.about.region) {
                Some(here) => here.push(position),
                None => {
                    drop(positions.by_region.insert(resource.about.region.clone(), vec![position]))
                }
            }
        }
        Self {
            all,
            json: Vec::new(),
            by_kind,
            by_field: Indexes::default(),
            by_reference: Indexes::default(),
            #[cfg(test)]
            visits: Default::default(),
        }
    }
}

impl Resources {
    /// The resources as JSON, in their order; none if these were made without JSON.
    pub fn json(&self) -> &[Resource] {
        &self.json
    }

    /// The number of resources.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The resource at a position.
    pub fn get(&self, position: usize) -> Option<&CompactResource> {
        let resource = self.all.get(position)?;
        self.visit();
        Some(resource)
    }

    /// The positions of the resources of a kind, in ascending order.
    pub fn of_kind(&self, kind: &Kind) -> &[usize] {
        self.by_kind.get(kind.name).map_or(&[], |positions| &positions.all)
    }

    /// The positions of the resources of a kind in a region, in ascending order; for
    /// [`Region::global`], those in all regions.
    pub fn of_kind_in(&self, kind: &Kind, region: &Region) -> &[usize] {
        if region.is_global() {
            return self.of_kind(kind);
        }
        self.by_kind
            .get(kind.name)
            .and_then(|positions| positions.by_region.get(region))
            .map_or(&[], Vec::as_slice)
    }

    #[cfg(test)]
    fn visit(&self) {
        self.visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    #[cfg(not(test))]
    fn visit(&self) {}
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::facts;
    use crate::model::Verdict;
    use crate::rules::language::engine::STACK_SIZE;
    use crate::rules::pack::load::one;
    use crate::rules::pack::select::SelectedRule;
    use crate::rules::sandbox::evaluation::Sandbox;
    use crate::rules::values::account::AccountFacts;

    const VOLUMES: usize = 1_000;

    fn resource(kind: &str, id: String, region: &str, id_field: &str) -> Resource {
        let facts = json!({ id_field: id });
        let (region, facts) = (region.parse().unwrap(), facts.as_object().unwrap().clone());
        let resource = Resource {
            kind: kind.to_owned(),
            id,
            region,
            arn: None,
            name: None,
            facts,
            unreadable: BTreeMap::new(),
        };
        facts::normalize(resource).unwrap().unwrap()
    }

    /// An account with many volumes and one resource of each of three other kinds.
    fn account() -> Resources {
        let mut all: Vec<Resource> = (0..VOLUMES)
            .map(|n| resource("ec2.volume", format!("vol-{n}"), "eu-west-1", "volume_id"))
            .collect();
        all.push(resource("ec2.settings", "eu-west-1".to_owned(), "eu-west-1", "region_name"));
        all.push(resource("ec2.snapshot", "snap-1".to_owned(), "eu-west-1", "snapshot_id"));
        all.push(resource("s3.account", "111122223333".to_owned(), "global", "account_id"));
        all.into()
    }

    /// How many resources one evaluation of a rule with this body visits.
    fn visits(body: &str) -> usize {
        let text = format!(
            "//! Test.\nconst RULE = #{{ title: \"t\", resource: \"ec2.snapshot\", severity: \"low\", \
             needs: [\"ec2.settings\", \"s3.account\", \"ec2.volume\"] }};\nfn check(snapshot, params) {{\n{body}\n}}\n"
        );
        let rule = one("example", &text).unwrap();
        let rule = SelectedRule {
            severity: rule.meta.severity,
            params: rule.meta.params.clone(),
            overrides: Vec::new(),
            fix: Default::default(),
            rule: Arc::new(rule),
        };
        let evaluate = move || {
            let mut sandbox = Sandbox::new(&[Arc::new(rule)]).unwrap();
            sandbox.enter(AccountFacts {
                account: "111122223333".parse().unwrap(),
                name: None,
                labels: BTreeMap::new(),
                partition: Default::default(),
                now: "2026-01-01T00:00:00Z".into(),
                trust: Default::default(),
                required_tags: Default::default(),
                resources: account(),
                list_gap: Box::new(|_, _| None),
            });
            let resources = &sandbox.facts().unwrap().resources;
            let snapshot = resources.of_kind(facts::kind("ec2.snapshot").unwrap())[0];
            resources.visits.store(0, std::sync::atomic::Ordering::Relaxed);
            let outcome = sandbox.evaluate(0, snapshot);
            assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.message);
            resources.visits.load(std::sync::atomic::Ordering::Relaxed)
        };
        std::thread::Builder::new().stack_size(STACK_SIZE).spawn(evaluate).unwrap().join().unwrap()
    }

    #[test]
    fn related_does_not_visit_resources_of_other_kinds() {
        for kind in ["ec2.settings", "s3.account"] {
            let visits = visits(&format!(
                "if related(\"{kind}\").len() == 1 {{ pass() }} else {{ fail(\"\") }}"
            ));
            assert!(visits < 20, "related(\"{kind}\") visited {visits} resources");
            let id = if kind == "s3.account" {
                ("account_id", "111122223333")
            } else {
                ("region_name", "eu-west-1")
            };
            let body = format!("related(\"{kind}\", \"{}\", \"{}\")", id.0, id.1);
            let visits =
                self::visits(&format!("if {body}.len() == 1 {{ pass() }} else {{ fail(\"\") }}"));
            assert!(visits < 20, "{body} visited {visits} resources");
        }
        // The counter does count: this look-up visits every volume.
        let visits = visits(&format!(
            "if related(\"ec2.volume\").len() == {VOLUMES} {{ pass() }} else {{ fail(\"\") }}"
        ));
        assert!(visits >= VOLUMES, "related(\"ec2.volume\") visited {visits} resources");
    }

    #[test]
    fn positions_are_filtered_by_kind_and_region() {
        let second = resource("ec2.settings", "us-east-1".to_owned(), "us-east-1", "region_name");
        let mut all = account().json;
        all.insert(0, second);
        let resources = Resources::from(all);
        let settings = facts::kind("ec2.settings").unwrap();
        assert_eq!(resources.of_kind(settings), [0, VOLUMES + 1]);
        assert_eq!(resources.of_kind_in(settings, &Region::global()), [0, VOLUMES + 1]);
        assert_eq!(resources.of_kind_in(settings, &"eu-west-1".parse().unwrap()), [VOLUMES + 1]);
        assert!(resources.of_kind_in(settings, &"eu-west-2".parse().unwrap()).is_empty());
        assert!(resources.of_kind(facts::kind("ec2.vpc").unwrap()).is_empty());
    }
}
