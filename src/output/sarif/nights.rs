//! Nightly runs against a model of GitHub code scanning: no alert is closed that was not checked
//! again, and nothing is withheld that is known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Retired, SarifOptions, SarifOutput};
use crate::baseline::{Baseline, Before, CodeScanning};
use crate::model::{
    AccountId, Extent, Finding, Fingerprint, Group, GroupBy, Region, ResourceRef, Severity,
    Verdict, Waived,
};
use crate::output::destination::Destination;
use crate::output::document::DocumentOutput;
use crate::output::json::Json;
use crate::output::sample;
use crate::output::writer::Output;
use crate::report::{AccountReport, ReportedGap, RuleInfo, RunInfo, Summary};

#[path = "../../../tests/it/support/github.rs"]
mod github;
mod groups;

/// A resource of the simulated estate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    account: usize,
    kind: &'static str,
    region: &'static str,
    id: usize,
}

/// A check: a rule (by its oldest id) on a resource.
type Check = (String, Place);

/// What one night could not read.
#[derive(Debug, Clone, Default)]
struct Denied {
    accounts: BTreeSet<usize>,
    /// Accounts whose regions cannot be listed: only `eu-west-1` is scanned.
    regions: BTreeSet<usize>,
    /// `s3.bucket` is listed in `global`.
    lists: BTreeSet<(usize, &'static str, &'static str)>,
    facts: BTreeSet<Check>,
    /// A call for the whole account that one rule needs, which makes all its verdicts unknown.
    lookups: BTreeSet<(usize, String)>,
}

/// One night: what is evaluated, what exists, what fails.
#[derive(Debug, Clone, Default)]
struct Night {
    /// Selected rules: id, oldest id, kind.
    rules: Vec<(String, String, &'static str)>,
    accounts: BTreeSet<usize>,
    retire: BTreeSet<usize>,
    resources: BTreeSet<Place>,
    failing: BTreeSet<Check>,
    denied: Denied,
    /// Which resources an Auto Scaling group launched.
    groups: BTreeMap<Place, &'static str>,
    /// Whether the report groups them.
    grouping: bool,
    waived: BTreeSet<Check>,
}

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

fn arn(place: &Place) -> String {
    format!("arn:aws:x:{}::{}-{}", place.region, place.kind, place.id)
}

fn resource(place: &Place) -> ResourceRef {
    ResourceRef {
        kind: place.kind.into(),
        region: place.region.parse().unwrap(),
        id: Some(format!("r-{}", place.id).into()),
        arn: Some(arn(place).into()),
        name: None,
    }
}

fn waiver() -> Waived {
    Waived {
        reason: "known".to_owned(),
        owner: "web".to_owned(),
        expires: "2026-12-31".parse().unwrap(),
        ticket: None,
        file: "rolecall.toml".to_owned(),
        line: 1,
    }
}

fn fingerprint((oldest, place): &Check) -> Fingerprint {
    let region: Region = place.region.parse().unwrap();
    let account = sample::id(place.account);
    Fingerprint::new(oldest, &"aws".parse().unwrap(), &account, &region, &arn(place))
}

/// The Auto Scaling group of this name.
fn group(name: &str) -> Group {
    Group { by: GroupBy::AutoScalingGroup, id: name.to_owned() }
}

impl Night {
    /// The group whose alert a resource shares.
    fn group_of(&self, place: &Place) -> Option<&'static str> {
        self.groups.get(place).copied().filter(|_| self.grouping)
    }

    fn run(&self, before: &Before) -> RunInfo {
        let rule = |(id, oldest, kind): &(String, String, &'static str)| RuleInfo {
            oldest_id: oldest.clone(),
            markdown: "Text.".to_owned(),
            ..sample::rule(id, kind, Severity::High)
        };
        let mut rules: Vec<RuleInfo> = self.rules.iter().map(rule).collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        RunInfo {
            rules,
            skipped_accounts: Vec::new(),
            knows_all_accounts: before.knows_all_accounts(),
            ..sample::run(self.accounts.len())
        }
    }

    fn scanned(&self, account: usize) -> &'static [&'static str] {
        if self.denied.regions.contains(&account) { &REGIONS[..1] } else { &REGIONS }
    }

    /// Whether the list that a resource is in was read.
    fn lists(&self, place: &Place) -> bool {
        let list = if place.kind == "s3.bucket" { "global" } else { place.region };
        self.accounts.contains(&place.account)
            && !self.denied.accounts.contains(&place.account)
            && (place.kind == "s3.bucket" || self.scanned(place.account).contains(&place.region))
            && !self.denied.lists.contains(&(place.account, place.kind, list))
    }

    fn lists_of(kind: &str) -> &'static [&'static str] {
        if kind == "s3.bucket" { &["global"] } else { &REGIONS }
    }

    /// The regions in which a type was listed.
    fn read_lists(&self, account: usize, kind: &'static str) -> Vec<&'static str> {
        let is_read = |region: &&&'static str| {
            !self.denied.accounts.contains(&account)
                && (**region == "global" || self.scanned(account).contains(*region))
                && !self.denied.lists.contains(&(account, kind, **region))
        };
        Self::lists_of(kind).iter().filter(is_read).copied().collect()
    }

    /// Whether a check has an alert: `None` if it could not be made.
    fn alerts(&self, check: &Check) -> Option<bool> {
        self.verdict(check).map(|failed| failed && !self.waived.contains(check))
    }

    /// What a check says: `None` if it could not be made.
    fn verdict(&self, check: &Check) -> Option<bool> {
        let (oldest, place) = check;
        if !self.rules.iter().any(|(_, known, _)| known == oldest) || !self.lists(place) {
            return None;
        }
        if !self.resources.contains(place) {
            return Some(false);
        }
        let unknown = self.denied.facts.contains(check)
            || self.denied.lookups.contains(&(place.account, oldest.clone()));
        (!unknown).then(|| self.failing.contains(check))
    }

    fn report(&self, account: usize) -> AccountReport {
        if self.denied.accounts.contains(&account) {
            let mut report = sample::not_entered(account);
            report.findings.clear();
            for (id, ..) in &self.rules {
                let mut finding =
                    sample::unknown_list(&report, "ebs-volume-encrypted", "sts:AssumeRole");
                finding.rule = id.as_str().into();
                Arc::make_mut(&mut finding.resource).region = Region::global();
                report.findings.push(finding);
            }
            return report;
        }
        let mut report = sample::account(account);
        report.regions = self.scanned(account).iter().map(|name| name.parse().unwrap()).collect();
        if self.denied.regions.contains(&account) {
            let mut gap = sample::gap("ec2:DescribeRegions", Extent::Regions);
            gap.gap.region = Region::global();
            report.gaps.push(gap);
        }
        for (of, kind, region) in &self.denied.lists {
            let regional = *region != "global";
            if *of != account || (regional && !self.scanned(account).contains(region)) {
                continue;
            }
            let mut gap =
                sample::gap("ec2:DescribeVolumes", Extent::List { kind: (*kind).to_owned() });
            gap.gap.region = region.parse().unwrap();
            report.gaps.push(gap);
            for (id, _, wanted) in &self.rules {
                if wanted == kind {
                    let mut finding = sample::unknown_list(
                        &report,
                        "ebs-volume-encrypted",
                        "ec2:DescribeVolumes",
                    );
                    finding.rule = id.as_str().into();
                    let about = Arc::make_mut(&mut finding.resource);
                    about.kind = (*kind).into();
                    about.region = region.parse().unwrap();
                    report.findings.push(finding);
                }
            }
        }
        for place in self.resources.iter().filter(|place| place.account == account) {
            if !self.lists(place) {
                continue;
            }
            for (id, oldest, kind) in &self.rules {
                if *kind != place.kind {
                    continue;
                }
                let check = (oldest.clone(), place.clone());
                let verdict = match self.verdict(&check) {
                    None => Verdict::Unknown,
                    Some(true) => Verdict::Fail,
                    Some(false) => Verdict::Pass,
                };
                let mut finding: Finding =
                    sample::finding(&report, "ebs-volume-encrypted", verdict, "x");
                finding.rule = id.as_str().into();
                finding.resource = resource(place).into();
                finding.fingerprint = fingerprint(&check);
                finding.group = self.group_of(place).map(group).map(Box::new);
                if verdict == Verdict::Fail && self.waived.contains(&check) {
                    finding.waived = Some(Box::new(waiver()));
                }
                if verdict == Verdict::Unknown {
                    let gap = sample::gap(
                        "s3:GetBucketPolicy",
                        Extent::Facts {
                            kind: place.kind.into(),
                            fact: "policy".to_owned(),
                            resources: BTreeSet::from([format!("r-{}", place.id)]),
                        },
                    );
                    report.gaps.push(ReportedGap { accepted: None, ..gap });
                }
                report.findings.push(finding);
            }
        }
        report.findings.sort_by(|a, b| {
            (&a.resource.region, &a.resource, &a.rule).cmp(&(
                &b.resource.region,
                &b.resource,
                &b.rule,
            ))
        });
        report
    }
}

/// The repository, the folder of the reports, and what was ever checked.
struct World {
    folder: tempfile::TempDir,
    scanning: CodeScanning,
    github: github::CodeScanning,
    baseline: Option<PathBuf>,
    /// Whether the first night says that there are no alerts.
    starts_with_none: bool,
    /// The last verdict of each check that was ever made: whether it has an alert, and of which group.
    last: BTreeMap<Check, (bool, Option<&'static str>)>,
    /// Checks that were unknown in a group, and have not been made since.
    unknown_in: BTreeMap<Check, BTreeSet<&'static str>>,
    /// Lists that were read with a rule on some night: account, rule, kind and region.
    read: BTreeSet<(usize, String, &'static str, &'static str)>,
    /// Checks of known resources that were never made.
    pending: BTreeSet<Check>,
    night: usize,
}

/// What a night did.
#[derive(Debug, Default)]
struct Done {
    /// Accounts of which nothing was uploaded, by category.
    uploaded: BTreeSet<String>,
    closed: usize,
    withheld: usize,
}

impl World {
    fn new(scanning: CodeScanning, starts_with_none: bool) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            scanning,
            github: github::CodeScanning::default(),
            baseline: None,
            starts_with_none,
            last: BTreeMap::new(),
            unknown_in: BTreeMap::new(),
            read: BTreeSet::new(),
            pending: BTreeSet::new(),
            night: 0,
        }
    }

    fn sarif(&self) -> Vec<serde_json::Value> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "sarif"))
            .collect();
        files.sort();
        let read = |path: &PathBuf| serde_json::from_str(&std::fs::read_to_string(path).unwrap());
        files.iter().map(|path| read(path).unwrap()).collect()
    }

    /// Runs a night and checks everything that must hold.
    fn pass(&mut self, night: &Night) -> Done {
        let open_before: BTreeSet<github::AlertKey> = self.github.open.keys().cloned().collect();
        let done = self.pass_unchecked(night);
        self.learn(night);
        self.check(night, &open_before, &done);
        done
    }

    /// Runs a night.
    fn pass_unchecked(&mut self, night: &Night) -> Done {
        self.night += 1;
        let before = match &self.baseline {
            Some(path) => Before::Report(Box::new(Baseline::read(path).unwrap())),
            None if self.starts_with_none => Before::NoAlerts,
            None => Before::Unknown,
        };
        let run = night.run(&before);
        let json = self.folder.path().join(format!("{}.json", self.night));
        let retire = |account: &usize| {
            let id = sample::id(*account);
            let earlier = before.report().and_then(|report| report.account(&id));
            Retired {
                account: id.clone(),
                partition: None,
                regions: earlier.map(|earlier| earlier.regions_with_alerts()).unwrap_or_default(),
            }
        };
        let options = SarifOptions {
            retire: night.retire.iter().map(retire).collect(),
            per_region: self.scanning.per_region,
            ..SarifOptions::default()
        };
        let sarif = Destination::File(self.folder.path().join("r.sarif"));
        let mut outputs: Vec<Box<dyn Output>> = vec![
            DocumentOutput::in_file(json.clone(), Json::default()),
            Box::new(SarifOutput::new(sarif, options)),
        ];
        let mut summary = Summary::new(&run);
        outputs.iter_mut().for_each(|output| output.begin(&run).unwrap());
        let retired: BTreeSet<AccountId> =
            night.retire.iter().map(|account| sample::id(*account)).collect();
        let mut present = BTreeSet::new();
        let mut done = Done::default();
        for account in &night.accounts {
            let mut report = night.report(*account);
            report.alerts = before.alerts(&run, &report, self.scanning);
            present.insert(report.account.clone());
            let categories = report.alerts.categories.iter();
            done.withheld += categories.filter(|category| category.withheld.is_some()).count();
            summary.add(&report);
            outputs.iter_mut().for_each(|output| output.account(&run, &report).unwrap());
        }
        summary.absent_accounts = before.absent(&present, &retired);
        for output in outputs {
            output.finish(&run, &summary).unwrap();
        }
        self.baseline = Some(json);
        for file in self.sarif() {
            let changes = self.github.upload(&file).unwrap();
            done.closed += changes.closed.len();
            done.uploaded.extend(changes.categories);
        }
        done
    }

    fn learn(&mut self, night: &Night) {
        let known: Vec<Check> = self.last.keys().chain(&self.pending).cloned().collect();
        let now = night.resources.iter().flat_map(|place| {
            let rules = night.rules.iter().filter(|(_, _, kind)| *kind == place.kind);
            rules.map(|(_, oldest, _)| (oldest.clone(), place.clone())).collect::<Vec<_>>()
        });
        for check in known.into_iter().chain(now) {
            if let Some(alerts) = night.alerts(&check) {
                self.pending.remove(&check);
                self.unknown_in.remove(&check);
                let group = night.group_of(&check.1);
                self.last.insert(check, (alerts, group));
            } else if night.lists(&check.1) {
                if let Some(group) = night.group_of(&check.1) {
                    self.unknown_in.entry(check.clone()).or_default().insert(group);
                }
                if !self.last.contains_key(&check) {
                    self.pending.insert(check);
                }
            }
        }
        for (account, (_, oldest, kind)) in
            night.accounts.iter().flat_map(|account| night.rules.iter().map(move |r| (account, r)))
        {
            for region in night.read_lists(*account, kind) {
                self.read.insert((*account, oldest.clone(), kind, region));
            }
        }
    }

    /// Whether everything in an account that was not read tonight was checked on some night.
    fn is_known(&self, night: &Night, account: usize) -> bool {
        let rules = || night.rules.iter();
        let lists = rules().all(|(_, oldest, kind)| {
            Night::lists_of(kind)
                .iter()
                .all(|region| self.read.contains(&(account, oldest.clone(), kind, region)))
        });
        let is_pending = |check: &Check| {
            check.1.account == account && rules().any(|(_, oldest, _)| *oldest == check.0)
        };
        lists && !self.pending.iter().any(is_pending)
    }

    fn category(&self, place: &Place) -> String {
        let account = format!("rolecall/baseline/aws/{}", sample::id(place.account));
        match self.scanning.per_region {
            true => format!("{account}/{}", place.region),
            false => account,
        }
    }

    /// The alert of a check: its own, or that of its group.
    fn key(&self, check: &Check, of: Option<&str>) -> github::AlertKey {
        let (rule, place) = check;
        let account = sample::id(place.account);
        let (resource, fingerprint) = match of {
            None => (resource(place), fingerprint(check)),
            Some(name) => {
                let (group, aws) = (group(name), "aws".parse().unwrap());
                let region: Region = place.region.parse().unwrap();
                let id = group.identity();
                let resource = ResourceRef::of_group(&group, &aws, &account, &region);
                (resource, Fingerprint::new(rule, &aws, &account, &region, &id))
            }
        };
        github::AlertKey {
            category: self.category(place),
            rule: rule.clone(),
            path: super::location::path(&account, &resource),
            fingerprint: format!("{fingerprint}:1"),
        }
    }

    fn check(&self, night: &Night, before: &BTreeSet<github::AlertKey>, done: &Done) {
        for (check, (failed, group)) in &self.last {
            let key = self.key(check, *group);
            let is_open = self.github.open.contains_key(&key);
            let selected = night.rules.iter().any(|(_, oldest, _)| *oldest == check.0);
            if before.contains(&key) && !is_open {
                assert!(
                    !failed || !selected || night.retire.contains(&check.1.account),
                    "night {}: {check:?} was closed unchecked: {night:#?}",
                    self.night
                );
            }
            // What was checked tonight is neither withheld nor kept open.
            if let Some(failed) = night.alerts(check)
                && done.uploaded.contains(&key.category)
            {
                let own = self.github.open.contains_key(&self.key(check, None));
                match night.group_of(&check.1) {
                    None => assert_eq!(own, failed, "night {}: {check:?}: {night:#?}", self.night),
                    // Others can keep the alert of the group open.
                    Some(_) => assert!(
                        !own && (is_open || !failed),
                        "night {}: {check:?}: {night:#?}",
                        self.night
                    ),
                }
            }
        }
        self.check_groups(night, before, done);
        // Of a group, it is not enough that each member was checked on some night.
        let can_tell = self.starts_with_none || night.groups.is_empty();
        if !can_tell {
            return;
        }
        if self.starts_with_none || night.accounts.iter().all(|id| self.is_known(night, *id)) {
            assert_eq!(done.withheld, 0, "night {}: {night:#?}", self.night);
        }
    }
}

/// Two accounts with volumes, buckets and groups in two regions.
fn estate() -> Night {
    let mut night = Night {
        rules: vec![
            ("vol".to_owned(), "vol".to_owned(), "ec2.volume"),
            ("bucket".to_owned(), "bucket".to_owned(), "s3.bucket"),
        ],
        accounts: BTreeSet::from([1, 2]),
        ..Night::default()
    };
    for account in [1, 2] {
        for (index, region) in REGIONS.into_iter().enumerate() {
            for kind in ["ec2.volume", "s3.bucket"] {
                for id in 0..2 {
                    let place = Place { account, kind, region, id: index * 2 + id };
                    let rule = if kind == "ec2.volume" { "vol" } else { "bucket" };
                    if id == 0 {
                        night.failing.insert((rule.to_owned(), place.clone()));
                    }
                    night.resources.insert(place);
                }
            }
        }
    }
    night
}

const MODES: [CodeScanning; 2] = [
    CodeScanning { per_region: false, withhold_unknown: false, results: 5_000 },
    CodeScanning { per_region: true, withhold_unknown: false, results: 5_000 },
];

type Change = (&'static str, fn(&mut Night));

const TROUBLES: &[Change] = &[
    ("a list is denied", |night| {
        night.denied.lists.insert((1, "ec2.volume", "eu-west-1"));
    }),
    ("the list of buckets is denied", |night| {
        night.denied.lists.insert((1, "s3.bucket", "global"));
    }),
    ("a fact is denied", |night| {
        let failing = night.failing.iter().next().unwrap().clone();
        night.denied.facts.insert(failing);
    }),
    ("a call for the account is denied", |night| {
        night.denied.lookups.insert((1, "bucket".to_owned()));
    }),
    ("the regions cannot be listed", |night| {
        night.denied.regions.insert(1);
    }),
    ("the account cannot be accessed", |night| {
        night.denied.accounts.insert(1);
    }),
    ("the account is gone", |night| {
        night.accounts.remove(&1);
    }),
    ("there is a new rule", |night| {
        night.rules.push(("vol-2".to_owned(), "vol-2".to_owned(), "ec2.volume"));
        night.denied.lists.insert((1, "ec2.volume", "eu-west-1"));
    }),
    ("a rule is renamed", |night| {
        night.rules[0].0 = "volume".to_owned();
        night.denied.lists.insert((1, "ec2.volume", "eu-west-1"));
    }),
];

/// Ten nights: the trouble is there in the first nights, in later ones, or from the first to the
/// last, and ends or not. Meanwhile, other resources are fixed.
#[test]
fn for_ten_nights_nothing_is_closed_unchecked_and_nothing_known_is_withheld() {
    for scanning in MODES {
        for (name, trouble) in TROUBLES {
            for nights in [0..3, 0..10, 2..3, 2..10, 4..7] {
                for none in [true, false] {
                    let mut world = World::new(scanning, none);
                    let mut withheld = Vec::new();
                    for number in 0..10 {
                        let mut night = estate();
                        if number >= 5 {
                            let fixed: Vec<Check> =
                                night.failing.iter().step_by(2).cloned().collect();
                            night.failing.retain(|check| !fixed.contains(check));
                        }
                        if nights.contains(&number) {
                            trouble(&mut night);
                        }
                        withheld.push(world.pass(&night).withheld);
                    }
                    let expected_withheld =
                        !none && nights.contains(&0) && *name != "the account is gone";
                    assert_eq!(
                        withheld.iter().sum::<usize>() > 0,
                        expected_withheld,
                        "{name} in nights {nights:?}, none: {none}: {withheld:?}"
                    );
                    // As soon as everything was read once, everything is uploaded again.
                    if nights.end < 10 {
                        assert_eq!(withheld[nights.end..], vec![0; 10 - nights.end], "{name}");
                    }
                }
            }
        }
    }
}

/// A generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// True once in `n` times.
    fn once_in(&mut self, n: u64) -> bool {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).is_multiple_of(n)
    }
}

impl Night {
    /// What changes until the next night.
    fn change(&mut self, dice: &mut Dice) {
        for place in estate().resources {
            if dice.once_in(8) && !self.resources.remove(&place) {
                self.resources.insert(place.clone());
            }
            for rule in ["vol", "vol-2", "bucket"] {
                let check = (rule.to_owned(), place.clone());
                if dice.once_in(4) && !self.failing.remove(&check) {
                    self.failing.insert(check);
                }
            }
        }
        for (rule, kind) in
            [("vol", "ec2.volume"), ("vol-2", "ec2.volume"), ("bucket", "s3.bucket")]
        {
            if dice.once_in(12) {
                match self.rules.iter().position(|(_, oldest, _)| oldest == rule) {
                    Some(position) if self.rules.len() > 1 => drop(self.rules.remove(position)),
                    Some(_) => {}
                    None => self.rules.push((rule.to_owned(), rule.to_owned(), kind)),
                }
            }
            if let Some((id, ..)) = self.rules.iter_mut().find(|(_, oldest, _)| oldest == rule)
                && dice.once_in(8)
            {
                id.push('x');
            }
        }
        self.retire.clear();
        self.denied = Denied::default();
        for account in [1, 2] {
            if dice.once_in(10) && !self.accounts.remove(&account) {
                self.accounts.insert(account);
            } else if !self.accounts.contains(&account) && dice.once_in(4) {
                self.retire.insert(account);
            }
            if dice.once_in(8) {
                self.denied.accounts.insert(account);
            }
            if dice.once_in(8) {
                self.denied.regions.insert(account);
            }
            for list in
                [("ec2.volume", "eu-west-1"), ("ec2.volume", "us-east-1"), ("s3.bucket", "global")]
            {
                if dice.once_in(5) {
                    self.denied.lists.insert((account, list.0, list.1));
                }
            }
            if dice.once_in(8) {
                self.denied.lookups.insert((account, "bucket".to_owned()));
            }
        }
        for place in &self.resources {
            if dice.once_in(6) {
                let rule = if place.kind == "s3.bucket" { "bucket" } else { "vol" };
                self.denied.facts.insert((rule.to_owned(), place.clone()));
            }
        }
    }
}

/// Random denials, retirements, renames, and rules, accounts and resources that come and go.
#[test]
fn in_random_nights_nothing_is_closed_unchecked_and_nothing_known_is_withheld() {
    let (mut closed, mut withheld, mut opened) = (0, 0, 0);
    for seed in 1..=random_runs() {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut world = World::new(MODES[usize::from(seed % 3 == 0)], seed % 2 == 0);
        let mut night = estate();
        for _ in 0..10 {
            night.change(&mut dice);
            let done = world.pass(&night);
            closed += done.closed;
            withheld += done.withheld;
        }
        opened += world.github.opened;
    }
    assert!(closed > 0 && withheld > 0 && opened > 0, "{closed}, {withheld}, {opened}");
}

/// How many random runs there are: `ROLECALL_NIGHTS` asks for more than the 100 of every test run.
fn random_runs() -> u64 {
    std::env::var("ROLECALL_NIGHTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}
