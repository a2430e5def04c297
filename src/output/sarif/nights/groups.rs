//! Nights with Auto Scaling groups, whose instances are replaced every night.

use super::*;

const RULE: &str = "instance";
const GROUPS: [&str; 2] = ["web", "batch"];
const OTHER_GROUP: &str = "batch";

fn place(region: &'static str, id: usize) -> Place {
    Place { account: 1, kind: "ec2.instance", region, id }
}

fn check(place: &Place) -> Check {
    (RULE.to_owned(), place.clone())
}

/// One account with a rule on instances, of which there are none.
fn fleet() -> Night {
    Night {
        rules: vec![(RULE.to_owned(), RULE.to_owned(), "ec2.instance")],
        accounts: BTreeSet::from([1]),
        grouping: true,
        ..Night::default()
    }
}

impl Night {
    fn launch(&mut self, group: Option<&'static str>, place: &Place, fails: bool) {
        self.resources.insert(place.clone());
        self.groups.extend(group.map(|group| (place.clone(), group)));
        if fails {
            self.failing.insert(check(place));
        }
    }
}

impl World {
    /// Alerts of groups close only if nothing in them fails and everything was checked.
    pub(super) fn check_groups(
        &self,
        night: &Night,
        before: &BTreeSet<github::AlertKey>,
        done: &Done,
    ) {
        let checks = night.rules.iter().flat_map(|(_, oldest, kind)| {
            let places = night.resources.iter().filter(|place| place.kind == *kind);
            places.map(|place| (oldest.clone(), place.clone()))
        });
        let mut members: BTreeMap<github::AlertKey, Vec<Check>> = BTreeMap::new();
        for check in checks {
            if let Some(group) = night.group_of(&check.1) {
                members.entry(self.key(&check, Some(group))).or_default().push(check);
            }
        }
        for (key, members) in members {
            let place = &members[0].1;
            let is_open = self.github.open.contains_key(&key);
            let fails = members.iter().any(|member| night.alerts(member) == Some(true));
            let unchecked = members.iter().any(|member| night.alerts(member).is_none());
            if before.contains(&key) && unchecked && !night.retire.contains(&place.account) {
                assert!(is_open, "night {}: {key:?} was closed unchecked: {night:#?}", self.night);
            }
            let left = self.last.iter().any(|(check, (failed, group))| {
                *failed && group.is_some_and(|group| self.key(check, Some(group)) == key)
            });
            // What was unknown when it left the group keeps the alert until it is checked.
            let lingers = self.unknown_in.iter().any(|(check, groups)| {
                groups.iter().any(|group| self.key(check, Some(group)) == key)
            });
            if night.lists(place) && !unchecked && !lingers && done.uploaded.contains(&key.category)
            {
                assert_eq!(is_open, fails || left, "night {}: {key:?}: {night:#?}", self.night);
            }
        }
    }

    fn open_alerts(&self) -> Vec<(&str, &str)> {
        let rules = self.github.open.iter().filter(|(key, _)| key.rule == RULE);
        rules.map(|(key, level)| (key.path.as_str(), level.as_str())).collect()
    }
}

const WEB: &str = "000000000001/eu-west-1/autoscaling/auto_scaling_group/web";

/// Ten nights: every night, all instances are new.
#[test]
fn the_alert_of_a_group_is_the_same_whichever_members_fail() {
    for scanning in MODES {
        let mut world = World::new(scanning, true);
        for number in 0..10 {
            let mut night = fleet();
            for id in 0..3 {
                // On the last nights, the new instances pass.
                night.launch(Some("web"), &place("eu-west-1", number * 10 + id), number < 8);
            }
            let done = world.pass(&night);
            let failing = [(WEB, "error")];
            let expected: &[(&str, &str)] = if number < 8 { &failing } else { &[] };
            assert_eq!(world.open_alerts(), expected, "night {number}");
            assert_eq!(done.closed, usize::from(number == 8), "night {number}");
            assert_eq!(world.github.opened, 1, "night {number}");
        }
    }
}

type Step = (&'static str, fn(&mut Night), &'static [(&'static str, &'static str)]);

/// What one night does to the alert of the group `web`, whose instances 1 and 2 failed on the night
/// before, and what is open then. `Night` has instances 3 and 4 in their place, which pass.
const STEPS: &[Step] = &[
    ("all members pass", |_| {}, &[]),
    ("there are no members", |night| night.resources.clear(), &[]),
    (
        "a new member fails",
        |night| {
            night.failing.insert(check(&place("eu-west-1", 4)));
        },
        &[(WEB, "error")],
    ),
    (
        "a new member is unknown",
        |night| {
            night.denied.facts.insert(check(&place("eu-west-1", 4)));
        },
        &[(WEB, "note")],
    ),
    (
        "one fails, another one is unknown",
        |night| {
            night.failing.insert(check(&place("eu-west-1", 3)));
            night.denied.facts.insert(check(&place("eu-west-1", 4)));
        },
        &[(WEB, "error")],
    ),
    (
        "the list is denied",
        |night| {
            night.denied.lists.insert((1, "ec2.instance", "eu-west-1"));
        },
        &[(WEB, "note")],
    ),
    (
        "the list of another region is denied",
        |night| {
            night.denied.lists.insert((1, "ec2.instance", "us-east-1"));
        },
        &[],
    ),
    (
        "the account cannot be accessed",
        |night| {
            night.denied.accounts.insert(1);
        },
        &[(WEB, "note")],
    ),
    (
        "the members that fail are waived",
        |night| {
            let check = check(&place("eu-west-1", 3));
            night.failing.insert(check.clone());
            night.waived.insert(check);
        },
        &[],
    ),
    (
        "one is waived, another one fails",
        |night| {
            let waived = check(&place("eu-west-1", 3));
            night.failing.extend([waived.clone(), check(&place("eu-west-1", 4))]);
            night.waived.insert(waived);
        },
        &[(WEB, "error")],
    ),
    (
        "a member left the group and fails",
        |night| night.launch(None, &place("eu-west-1", 1), true),
        &[("000000000001/eu-west-1/ec2/instance/r-1", "error")],
    ),
    (
        "a member left the group and is unknown",
        |night| {
            night.launch(None, &place("eu-west-1", 1), true);
            night.denied.facts.insert(check(&place("eu-west-1", 1)));
        },
        &[(WEB, "note")],
    ),
    (
        "a member moved to another group and fails",
        |night| night.launch(Some(OTHER_GROUP), &place("eu-west-1", 1), true),
        &[("000000000001/eu-west-1/autoscaling/auto_scaling_group/batch", "error")],
    ),
    (
        "a member moved to another group and is unknown",
        |night| {
            night.launch(Some(OTHER_GROUP), &place("eu-west-1", 1), true);
            night.denied.facts.insert(check(&place("eu-west-1", 1)));
        },
        &[(WEB, "note")],
    ),
    (
        "grouping is turned off, and everything is read",
        |night| {
            night.grouping = false;
            night.launch(None, &place("eu-west-1", 1), true);
        },
        &[("000000000001/eu-west-1/ec2/instance/r-1", "error")],
    ),
    (
        "grouping is turned off, and a member is unknown",
        |night| {
            night.grouping = false;
            night.launch(None, &place("eu-west-1", 1), true);
            night.denied.facts.insert(check(&place("eu-west-1", 1)));
        },
        &[(WEB, "note")],
    ),
    ("the rule is gone", |night| night.rules[0] = ("x".into(), "x".into(), "ec2.instance"), &[]),
    (
        "the rule is renamed",
        |night| {
            night.rules[0].0 = "renamed".to_owned();
            night.denied.lists.insert((1, "ec2.instance", "eu-west-1"));
        },
        &[(WEB, "note")],
    ),
];

/// Each step for one night and for three: what is open does not change, and closes when the members
/// of the last night pass.
#[test]
fn the_alert_of_a_group_closes_only_when_its_members_were_checked() {
    let mut next = fleet();
    for id in [3, 4] {
        next.launch(Some("web"), &place("eu-west-1", id), false);
    }
    for scanning in MODES {
        for (name, step, expected) in STEPS {
            let mut world = World::new(scanning, true);
            let mut first = fleet();
            for id in [1, 2] {
                first.launch(Some("web"), &place("eu-west-1", id), true);
            }
            world.pass(&first);
            assert_eq!(world.open_alerts(), [(WEB, "error")]);
            for _ in 0..3 {
                let mut night = next.clone();
                step(&mut night);
                assert_eq!(world.pass(&night).withheld, 0, "{name}");
                assert_eq!(world.open_alerts(), *expected, "{name}");
            }
            world.pass(&next);
            assert_eq!(world.open_alerts(), [], "{name}");
        }
    }
}

/// Alerts of single instances close when grouping is turned on, but only as checked.
#[test]
fn turning_grouping_on_closes_only_what_was_checked() {
    let own = |id: usize, level| (format!("000000000001/eu-west-1/ec2/instance/r-{id}"), level);
    let mut night = fleet();
    for id in 1..=2 {
        night.launch(Some("web"), &place("eu-west-1", id), true);
    }
    let mut world = World::new(MODES[0], true);
    let open = |world: &World| -> Vec<(String, String)> {
        let open = world.open_alerts().into_iter();
        open.map(|(path, level)| (path.to_owned(), level.to_owned())).collect()
    };
    let expect = |list: &[(String, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(path, level)| (path.clone(), (*level).to_owned())).collect()
    };
    night.grouping = false;
    world.pass(&night);
    assert_eq!(open(&world), expect(&[own(1, "error"), own(2, "error")]));
    // From now on, they are grouped. The first one cannot be checked for two nights.
    night.grouping = true;
    for _ in 0..2 {
        let mut denied = night.clone();
        denied.denied.facts.insert(check(&place("eu-west-1", 1)));
        world.pass(&denied);
        assert_eq!(open(&world), expect(&[(WEB.to_owned(), "error"), own(1, "note")]));
    }
    world.pass(&night);
    assert_eq!(open(&world), expect(&[(WEB.to_owned(), "error")]));
}

/// A group counts once against the number of results that GitHub stores.
#[test]
fn a_group_counts_as_one_result() {
    let scanning = CodeScanning { results: 3, ..MODES[0] };
    let mut world = World::new(scanning, true);
    let mut night = fleet();
    for id in 0..10 {
        night.launch(Some("web"), &place("eu-west-1", id), true);
    }
    for id in 10..12 {
        night.launch(None, &place("eu-west-1", id), true);
    }
    world.pass(&night);
    assert_eq!(world.open_alerts().len(), 3);
    // What is open comes first, so a new group is not written, and no alert closes for it.
    let other = place("us-east-1", 0);
    night.launch(Some(OTHER_GROUP), &other, true);
    let before = world.github.open.clone();
    for _ in 0..2 {
        // The model of what must be open does not know about the limit.
        world.pass_unchecked(&night);
        assert_eq!(world.github.open, before);
    }
    // It was never written, so nothing is kept for it.
    night.resources.retain(|place| place.id != 11);
    night.denied.lists.insert((1, "ec2.instance", "us-east-1"));
    world.pass_unchecked(&night);
    let gaps = world.github.open.keys().filter(|key| key.rule == "could-not-check").count();
    assert_eq!((world.open_alerts().len(), gaps), (2, 1));
}

impl Night {
    /// What changes until the next night.
    fn replace(&mut self, dice: &mut Dice, number: usize) {
        self.denied = Denied::default();
        self.retire.clear();
        let old: Vec<Place> = self.resources.iter().cloned().collect();
        for place in old {
            if dice.once_in(3) {
                self.resources.remove(&place);
            } else if dice.once_in(8) {
                self.groups.remove(&place);
            } else if dice.once_in(8) {
                self.groups.insert(place.clone(), GROUPS[usize::from(dice.once_in(2))]);
            }
        }
        for index in 0..3 {
            if dice.once_in(2) {
                let place = place(REGIONS[usize::from(dice.once_in(2))], number * 10 + index);
                let group = GROUPS[usize::from(dice.once_in(2))];
                let group = (!dice.once_in(4)).then_some(group);
                self.launch(group, &place, false);
            }
        }
        for place in self.resources.clone() {
            let check = check(&place);
            if dice.once_in(3) && !self.failing.remove(&check) {
                self.failing.insert(check.clone());
            }
            if dice.once_in(8) && !self.waived.remove(&check) {
                self.waived.insert(check.clone());
            }
            if dice.once_in(5) {
                self.denied.facts.insert(check);
            }
        }
        if dice.once_in(8) {
            self.grouping = !self.grouping;
        }
        if dice.once_in(10) {
            self.rules[0].0.push('x');
        }
        if dice.once_in(8) {
            self.denied.accounts.insert(1);
        }
        if dice.once_in(8) {
            self.denied.regions.insert(1);
        }
        for region in REGIONS {
            if dice.once_in(5) {
                self.denied.lists.insert((1, "ec2.instance", region));
            }
        }
        if dice.once_in(10) && !self.accounts.remove(&1) {
            self.accounts.insert(1);
        } else if !self.accounts.contains(&1) && dice.once_in(4) {
            self.retire.insert(1);
        }
    }
}

/// Instances that come, go, move, fail and cannot be read at random.
#[test]
fn in_random_nights_no_alert_of_a_group_is_closed_unchecked() {
    let (mut closed, mut opened) = (0, 0);
    for seed in 1..=random_runs() {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut world = World::new(MODES[usize::from(seed % 3 == 0)], seed % 2 == 0);
        let mut night = fleet();
        for number in 0..10 {
            night.replace(&mut dice, number);
            closed += world.pass(&night).closed;
        }
        opened += world.github.opened;
    }
    assert!(closed > 0 && opened > 0, "{closed}, {opened}");
}
