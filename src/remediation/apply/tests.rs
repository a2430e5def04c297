//! The engine against a fake AWS, with something going wrong at every call.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::approve::{self, Approval, ApproveError, Approved};
use super::engine::{Engine, Limits, Results};
use super::fake::{FakeClock, FakeWriter, Trouble};
use super::job::{Fresh, Job};
use super::journal::{self, Journal, JournalError};
use super::outcome::{ItemEnd, Outcome};
use super::report::{ApplyReport, Completion, FindingStatus};
use crate::fixes::{Facts, FixClass, WriteErrorKind};
use crate::model::{Cause, Fingerprint, hex};
use crate::remediation::plan::{Item, Plan, Settled, Subject, Undo};

pub(super) const FACT: &str = "public_access_block";

pub(super) fn block(on: bool) -> Facts {
    let block = json!({
        "block_public_acls": on,
        "ignore_public_acls": on,
        "block_public_policy": on,
        "restrict_public_buckets": on,
    });
    Facts::from_iter([(FACT.to_owned(), block)])
}

pub(super) fn half() -> Facts {
    let mut half = block(false);
    half[FACT]["block_public_acls"] = Value::Bool(true);
    half
}

/// In the order of the buckets.
fn fingerprint(bucket: &str) -> Fingerprint {
    format!("{:0<32.32}", hex(bucket.as_bytes())).parse().unwrap()
}

pub(super) fn item(account: u64, bucket: &str) -> Item {
    let Value::Object(parameters) = block(true)[FACT].clone() else { unreachable!() };
    Item {
        id: format!("{bucket:0<16}"),
        class: FixClass::Safe,
        reason: String::new(),
        account: format!("{account:012}").parse().unwrap(),
        partition: "aws".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        resource: Subject {
            kind: "s3.bucket".to_owned(),
            id: bucket.to_owned(),
            arn: Some(format!("arn:aws:s3:::{bucket}")),
            name: None,
        },
        action: "s3.bucket.block_public_access".to_owned(),
        parameters,
        before: block(false),
        after: block(true),
        findings: vec![Settled {
            rule: "s3-bucket-public-access-block".to_owned(),
            fingerprint: fingerprint(bucket),
            after: "pass".to_owned(),
        }],
        makes_worse: Vec::new(),
        undo: Undo::default(),
        iam: Vec::new(),
        depends_on: Vec::new(),
        managed_by: None,
        source: None,
    }
}

fn plan(items: Vec<Item>) -> Plan {
    Plan {
        version: 1,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        rules: "sha256:1".to_owned(),
        config: "sha256:2".to_owned(),
        snapshot: "sha256:3".to_owned(),
        expires: "2027-01-22T00:00:00Z".to_owned(),
        undoes: None,
        items,
        by_hand: Vec::new(),
        not_planned: Vec::new(),
    }
}

pub(super) fn now() -> Timestamp {
    "2027-01-15T08:00:00Z".parse().unwrap()
}

/// One application of a plan in a folder of its own.
pub(super) struct Trial {
    pub(super) dir: tempfile::TempDir,
    pub(super) writer: FakeWriter,
    clock: FakeClock,
    pub(super) items: Vec<Item>,
    pub(super) fresh: BTreeMap<String, Fresh>,
    pub(super) limits: Limits,
    /// What happens to the journal after it was opened.
    pub(super) prepare: Box<dyn Fn(&Journal)>,
}

impl Trial {
    pub(super) fn of(items: Vec<Item>) -> Self {
        let states = items.iter().map(|item| (item.resource.id.clone(), item.before.clone()));
        let writer =
            FakeWriter { states: std::sync::Mutex::new(states.collect()), ..Default::default() };
        Self {
            dir: tempfile::tempdir().unwrap(),
            writer,
            clock: FakeClock::default(),
            items,
            fresh: BTreeMap::new(),
            limits: Limits { canaries: BTreeSet::new(), max_errors: 3, wait: None },
            prepare: Box::new(|_| {}),
        }
    }

    pub(super) fn with(items: Vec<Item>, at: usize, trouble: Trouble) -> Self {
        let mut trial = Self::of(items);
        trial.writer.troubles.insert(at, trouble);
        trial
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.dir.path().join("plan.journal")
    }

    pub(super) fn run(&self) -> Results {
        self.try_run(&|| false).unwrap()
    }

    /// Runs until the user wants to stop.
    pub(super) fn run_until(&self, stop: &(dyn Fn() -> bool + Sync)) -> Results {
        self.try_run(stop).unwrap()
    }

    fn try_run(&self, stop: &(dyn Fn() -> bool + Sync)) -> Result<Results, JournalError> {
        let begin = journal::begin("sha256:plan", None, self.items.clone());
        let (journal, record) = Journal::open(&self.journal(), begin, now)?;
        (self.prepare)(&journal);
        let engine = Engine {
            writer: &self.writer,
            clock: &self.clock,
            journal: &journal,
            limits: self.limits.clone(),
            stop,
            forbids: &|_, tags| tags.get("forbidden").map(|by| format!("hands off: {by}")),
            ended: &|_, _| (),
        };
        let jobs: Vec<Job> = self
            .items
            .iter()
            .map(|item| Job {
                change: approve::change(item).unwrap(),
                depends_on: item.depends_on.clone(),
                fresh: self.fresh.get(&item.id).cloned().unwrap_or(Fresh::Same),
            })
            .collect();
        Ok(engine.run(&jobs, &record))
    }

    /// Runs, and may be killed.
    pub(super) fn run_once(&self) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.run()));
    }

    /// Runs until nobody kills the process any more.
    fn run_to_the_end(&self) -> (Results, usize) {
        for killed in 0.. {
            if let Ok(results) = catch_unwind(AssertUnwindSafe(|| self.run())) {
                return (results, killed);
            }
        }
        unreachable!()
    }

    pub(super) fn report(&self, results: &Results) -> ApplyReport {
        let approved = Approved {
            hash: "sha256:plan".to_owned(),
            plan: plan(self.items.clone()),
            items: self.items.clone(),
        };
        ApplyReport::new(&approved, results)
    }
}

pub(super) fn outcome<'a>(results: &'a Results, item: &Item) -> &'a Outcome {
    results.ends[&item.id].outcome().unwrap()
}

pub(super) fn name(results: &Results, item: &Item) -> String {
    match &results.ends[&item.id] {
        ItemEnd::Ended(outcome) => outcome.as_str().to_owned(),
        ItemEnd::NotBegun(reason) => format!("not begun: {reason}"),
    }
}

#[test]
fn what_happens_at_a_write_decides_the_outcome() {
    // The calls for one item: read before the dry runs, read before the write, write, read back.
    let denied = Trouble::Error(WriteErrorKind::Denied, "AccessDenied");
    let refused = Trouble::Error(WriteErrorKind::Refused, "MalformedPolicy");
    let lost_before = Trouble::Error(WriteErrorKind::Unanswered, "Timeout");
    let table = [
        (0, Trouble::Killed, "done", 1, true),
        (1, denied.clone(), "not read", 0, false),
        (2, denied.clone(), "not read", 0, false),
        (3, denied, "denied", 1, false),
        (3, refused, "failed", 1, false),
        (3, Trouble::Lost, "done", 1, true),
        (3, lost_before, "failed", 1, false),
        (1, Trouble::Foreign(half()), "changed meanwhile", 0, false),
        (2, Trouble::Foreign(half()), "changed meanwhile", 0, false),
        (1, Trouble::Foreign(block(true)), "already so", 0, true),
        (4, Trouble::Foreign(half()), "not verified", 1, false),
        (1, Trouble::Refusal("no other tunnel is up"), "changed meanwhile", 0, false),
        (2, Trouble::Refusal("no other tunnel is up"), "changed meanwhile", 0, false),
        (4, Trouble::Refusal("no other tunnel is up"), "done", 1, true),
    ];
    for (at, trouble, expected, writes, changed) in table {
        let shown = format!("{trouble:?} at {at}");
        let bucket = item(1, "logs");
        let trial = Trial::with(vec![bucket.clone()], at, trouble);
        let results = trial.run();
        assert_eq!(name(&results, &bucket), expected, "{shown}");
        assert_eq!(trial.writer.writes("logs"), writes, "{shown}");
        assert_eq!(trial.writer.state("logs") == block(true), changed, "{shown}");
        let record = journal::read(&trial.journal()).unwrap();
        assert_eq!(record.progress(&bucket.id).end.as_ref(), Some(outcome(&results, &bucket)));
    }
}

#[test]
fn a_busy_bucket_is_read_again_and_tried_three_times() {
    let busy = || Trouble::Error(WriteErrorKind::Busy, "OperationAborted");
    for (failures, expected, writes) in [(1, "done", 2), (2, "done", 3), (3, "failed", 3)] {
        let bucket = item(1, "logs");
        let mut trial = Trial::of(vec![bucket.clone()]);
        // read, read, write, read, write, read, write
        trial.writer.troubles.extend([3, 5, 7].into_iter().take(failures).map(|at| (at, busy())));
        let results = trial.run();
        assert_eq!(
            (name(&results, &bucket).as_str(), trial.writer.writes("logs")),
            (expected, writes)
        );
    }
    let bucket = item(1, "logs");
    let mut trial = Trial::of(vec![bucket.clone()]);
    trial.writer.troubles.extend([(3, busy()), (4, Trouble::Foreign(half()))]);
    assert_eq!(name(&trial.run(), &bucket), "changed meanwhile");
    assert_eq!(trial.writer.writes("logs"), 1);
}

#[test]
fn a_change_that_becomes_visible_late_is_waited_for() {
    for (lag, wait, expected) in
        [(5, None, "done"), (200, None, "not verified"), (5, Some(3), "not verified")]
    {
        let bucket = item(1, "logs");
        let mut trial = Trial::of(vec![bucket.clone()]);
        trial.writer.lag = lag;
        trial.limits.wait = wait.map(Duration::from_secs);
        assert_eq!(name(&trial.run(), &bucket), expected, "{lag} reads, {wait:?}");
        let waited = trial.clock.0.load(Ordering::SeqCst);
        assert!(waited <= wait.unwrap_or(120).cast_signed() + 1, "waited {waited} s");
    }
}

#[test]
fn a_run_that_is_killed_at_any_call_is_resumed_and_writes_nothing_twice() {
    let items = || vec![item(1, "a"), item(1, "b"), item(1, "c")];
    let calls = {
        let trial = Trial::of(items());
        trial.run();
        trial.writer.calls.load(Ordering::SeqCst)
    };
    assert_eq!(calls, 12);
    for at in 1..=calls {
        for trouble in [Trouble::Killed, Trouble::KilledAfter] {
            let shown = format!("{trouble:?} at {at}");
            let trial = Trial::with(items(), at, trouble);
            let (results, killed) = trial.run_to_the_end();
            assert_eq!(killed, 1, "{shown}");
            let mut interrupted = 0;
            for item in items() {
                let bucket = &item.resource.id;
                assert!(trial.writer.writes(bucket) <= 1, "{shown}: {bucket} written twice");
                let is_changed = trial.writer.state(bucket) == item.after;
                // What the report says is what is so.
                match outcome(&results, &item) {
                    Outcome::Done { .. } => assert!(is_changed, "{shown}: {bucket}"),
                    Outcome::Interrupted {} => {
                        assert!(!is_changed, "{shown}: {bucket}");
                        interrupted += 1;
                    }
                    other => panic!("{shown}: {bucket} is {}", other.as_str()),
                }
            }
            assert!(interrupted <= 1, "{shown}");
            // The same command once more only looks.
            let sent = |trial: &Trial| {
                let log = trial.writer.log.lock().unwrap();
                log.iter().filter(|call| !call.starts_with("read")).count()
            };
            let before = sent(&trial);
            let again = trial.run();
            assert_eq!(again.ends, results.ends, "{shown}");
            assert_eq!(sent(&trial), before, "{shown}");
        }
    }
}

#[test]
fn a_resumed_run_leaves_alone_what_somebody_else_changed() {
    // Killed at the write; meanwhile, somebody changes the bucket.
    let bucket = item(1, "logs");
    let mut trial = Trial::with(vec![bucket.clone()], 3, Trouble::Killed);
    trial.writer.troubles.insert(4, Trouble::Foreign(half()));
    let (results, _) = trial.run_to_the_end();
    assert_eq!(name(&results, &bucket), "unknown");
    assert_eq!(trial.writer.writes("logs"), 0);
    assert_eq!(trial.report(&results).completion(), Completion::Uncertain);
}

#[test]
fn a_resumed_run_does_not_call_done_what_was_undone_meanwhile() {
    let buckets = [item(1, "kept"), item(1, "opened")];
    let trial = Trial::of(buckets.to_vec());
    trial.run();
    trial.writer.states.lock().unwrap().insert("opened".to_owned(), block(false));
    let results = trial.run();
    assert_eq!(name(&results, &buckets[0]), "done");
    assert_eq!(name(&results, &buckets[1]), "changed meanwhile");
    assert_eq!(trial.writer.writes("opened"), 1);
    assert_eq!(trial.report(&results).completion(), Completion::Partial);
}

#[test]
fn what_is_so_already_is_not_called_fixed_while_its_findings_fail() {
    let cause = Cause::answered("s3:GetBucketPolicy", "AccessDenied", "");
    for (fresh, expected) in [
        (Fresh::Settled, "already so"),
        (
            Fresh::Changed("something else would settle its findings now".to_owned()),
            "changed meanwhile",
        ),
        (Fresh::Unread(cause), "not read"),
    ] {
        let bucket = item(1, "logs");
        let mut trial = Trial::with(vec![bucket.clone()], 1, Trouble::Foreign(block(true)));
        trial.fresh.insert(bucket.id.clone(), fresh);
        assert_eq!(name(&trial.run(), &bucket), expected);
        assert_eq!(trial.writer.writes("logs"), 0);
    }
}

#[test]
fn an_unexpected_error_ends_the_account_and_some_end_the_run() {
    let refused = || Trouble::Error(WriteErrorKind::Refused, "InternalError");
    let items = vec![item(1, "a"), item(1, "b"), item(2, "c")];
    // The second account begins with its own reads, at the same time.
    let mut trial = Trial::of(items[..2].to_vec());
    trial.writer.troubles.insert(4, refused());
    let results = trial.run();
    assert_eq!(name(&results, &items[0]), "failed");
    assert_eq!(name(&results, &items[1]), "not begun: another change in the account failed");

    // One error is allowed in the whole run; the canary has it.
    let mut trial = Trial::of(items.clone());
    trial.writer.troubles.insert(4, refused());
    trial.limits.canaries.insert(items[0].account.clone());
    let results = trial.run();
    assert_eq!(
        name(&results, &items[2]),
        "not begun: the changes in a canary account were not all verified"
    );
    assert_eq!(trial.writer.writes("c"), 0);

    let many: Vec<Item> = (1..=9).map(|n| item(n, &format!("bucket-{n}"))).collect();
    let mut trial = Trial::of(many.clone());
    trial.limits.max_errors = 2;
    for at in 1..=100 {
        trial.writer.troubles.insert(at, refused());
    }
    let results = trial.run();
    let failed = results.ends.values().filter(|end| end.outcome().is_some()).count();
    // Up to four accounts were already begun.
    assert!((2..=5).contains(&failed), "{failed}");
    assert!(
        results
            .ends
            .values()
            .any(|end| *end == ItemEnd::NotBegun("the run ended after 2 errors".to_owned()))
    );
}

#[test]
fn a_denial_does_not_end_the_account() {
    let items = vec![item(1, "a"), item(1, "b")];
    let denied = Trouble::Error(WriteErrorKind::Denied, "AccessDenied");
    let trial = Trial::with(items.clone(), 4, denied);
    let results = trial.run();
    assert_eq!(
        (name(&results, &items[0]), name(&results, &items[1])),
        ("denied".to_owned(), "done".to_owned())
    );
    let report = trial.report(&results);
    assert_eq!(report.completion(), Completion::Partial);
    assert_eq!(report.findings[0].status, FindingStatus::Denied);
    assert_eq!(report.findings[0].reason, "ec2:Write: AccessDenied");
    assert_eq!(report.findings[1].status, FindingStatus::Fixed);
    assert!(
        report.text().contains("1 of 2 items done; findings: 1 fixed, 1 denied."),
        "{}",
        report.text()
    );
}

#[test]
fn items_wait_for_those_that_they_depend_on() {
    let (first, mut second) = (item(1, "a"), item(1, "b"));
    second.depends_on.push(first.id.clone());
    let denied = Trouble::Error(WriteErrorKind::Denied, "AccessDenied");
    let trial = Trial::with(vec![first.clone(), second.clone()], 3, denied);
    let results = trial.run();
    assert_eq!(
        name(&results, &second),
        format!("not begun: item {} was not done", &first.id[..12])
    );
    assert_eq!(trial.writer.writes("b"), 0);

    let (mut a, mut b) = (item(1, "a"), item(1, "b"));
    b.depends_on.clear();
    a.depends_on.push(b.id.clone());
    let both = plan(vec![a.clone(), b.clone()]);
    let ids: Vec<String> =
        check(&both, &[], false).unwrap().items.into_iter().map(|item| item.id).collect();
    assert_eq!(ids, [b.id.clone(), a.id.clone()]);
    b.depends_on.push(a.id.clone());
    let error = check(&plan(vec![a, b]), &[], false).unwrap_err().to_string();
    assert_eq!(error, "not a valid plan: items that depend on each other");
}

#[test]
fn tags_that_are_set_after_planning_again_forbid_the_write() {
    let items = vec![item(1, "a")];
    let mut trial = Trial::of(items.clone());
    trial.writer.tags.insert("forbidden".to_owned(), json!(1));
    let results = trial.run();
    let Outcome::Changed { difference } = outcome(&results, &items[0]) else {
        panic!("{:?}", results.ends)
    };
    assert_eq!((difference.as_str(), trial.writer.writes("a")), ("hands off: 1", 0));
    // What is so already needs no write, and nothing forbids it.
    trial.writer.states.lock().unwrap().insert("a".to_owned(), block(true));
    trial.dir = tempfile::tempdir().unwrap();
    assert_eq!(name(&trial.run(), &items[0]), "already so");
}

#[test]
fn what_planning_again_says_counts() {
    let items = vec![item(1, "a"), item(2, "b"), item(3, "c")];
    let mut trial = Trial::of(items.clone());
    trial.fresh.insert(items[0].id.clone(), Fresh::Changed("waived until 2027-02-01".to_owned()));
    let cause = Cause::answered("ec2:DescribeNetworkInterfaces", "UnauthorizedOperation", "");
    trial.fresh.insert(items[1].id.clone(), Fresh::Unread(cause));
    let results = trial.run();
    assert_eq!(name(&results, &items[0]), "changed meanwhile");
    assert_eq!(name(&results, &items[1]), "not read");
    assert_eq!(name(&results, &items[2]), "done");
    let report = trial.report(&results);
    let statuses: Vec<FindingStatus> = report.findings.iter().map(|one| one.status).collect();
    assert_eq!(
        statuses,
        [FindingStatus::ChangedMeanwhile, FindingStatus::CannotTell, FindingStatus::Fixed]
    );
    assert_eq!(report.completion(), Completion::Uncertain);
}

fn check(plan: &Plan, only: &[&str], unsafe_fixes: bool) -> Result<Approved, ApproveError> {
    let only: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
    let file = plan.clone().into_file();
    let approved = file.hash.clone();
    let approval = Approval {
        expires_days: 7,
        approved: &approved,
        now: now(),
        only: &only,
        unsafe_fixes,
        max_changes: 3,
        max_accounts: Some(2),
    };
    approve::check(file, &approval)
}

#[test]
fn a_plan_is_applied_only_as_it_was_approved() {
    let good = plan(vec![item(1, "a"), item(1, "ab"), item(2, "c")]);
    assert_eq!(check(&good, &[], false).unwrap().items.len(), 3);
    assert_eq!(check(&good, &["ab"], false).unwrap().items, [item(1, "ab")]);
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut plan = good.clone();
        change(&mut plan);
        check(&plan, &[], false).unwrap_err().to_string()
    };
    type Edit<'a> = (&'a dyn Fn(&mut Plan), &'a str);
    let table: [Edit<'_>; 11] = [
        (&|plan| plan.tool = "9.9.9".to_owned(), "the plan was written by rolecall 9.9.9"),
        (&|plan| plan.expires = now().to_string(), "the plan expired at 2027-01-15T08:00:00Z"),
        (&|plan| plan.expires = "soon".to_owned(), "not a valid plan: `expires` is not a time"),
        (&|plan| plan.items.clear(), "the plan has no items"),
        (&|plan| plan.items.push(item(1, "a")), "not a valid plan: duplicate item"),
        (&|plan| plan.items.push(item(2, "d")), "the plan has 4 items, and at most 3"),
        (&|plan| plan.items[0] = item(3, "d"), "the items are in 3 accounts"),
        (&|plan| plan.items[0].class = FixClass::Unsafe, "the plan has 1 unsafe item"),
        (&|plan| plan.items[0].class = FixClass::ByHand, "not a valid plan: item"),
        (&|plan| plan.items[0].action = "s3.bucket.delete".to_owned(), "not a valid plan: item"),
        (&|plan| plan.items[0].resource.kind = "ec2.vpc".to_owned(), "not a valid plan: item"),
    ];
    for (change, expected) in table {
        let error = with(change);
        assert!(error.starts_with(expected), "{error}");
    }
    let only = |id: &str| check(&good, &[id], false).unwrap_err().to_string();
    assert!(only("x").starts_with("the plan has no item `x`"));
    assert!(only("a").starts_with("several items of the plan have ids that begin with `a`"));
    let mut risky = good.clone();
    risky.items[0].class = FixClass::Unsafe;
    assert_eq!(check(&risky, &[], true).unwrap().items.len(), 3);

    let file = good.clone().into_file();
    let whole = file.hash.clone();
    let with = |approved: &str| {
        let approval = Approval {
            expires_days: 7,
            approved,
            now: now(),
            only: &[],
            unsafe_fixes: false,
            max_changes: 3,
            max_accounts: None,
        };
        approve::check(file.clone(), &approval)
    };
    for wrong in ["yes", "sha256:", "sha256:12", &whole[7..]] {
        let error = with(wrong).unwrap_err();
        assert!(matches!(error, ApproveError::InvalidHash(_)), "{error}");
    }
    let mut other = good.clone();
    other.items[0].region = "eu-west-2".parse().unwrap();
    let error = with(&other.into_file().hash).unwrap_err();
    assert!(matches!(error, ApproveError::OtherHash { .. }), "{error}");
    with(&whole.to_uppercase().replace("SHA256", "sha256")).unwrap();
    let approved = check(&good, &[], false).unwrap();
    approved.made_for("sha256:1", "sha256:2").unwrap();
    let other = |rules, config| approved.made_for(rules, config).unwrap_err().to_string();
    assert_eq!(other("sha256:0", "sha256:2"), "the plan was made for other rules: plan again");
    assert_eq!(other("sha256:1", "sha256:0"), "the plan was made for other settings: plan again");
}

#[test]
fn a_finding_is_fixed_only_if_all_of_its_items_are() {
    let first = item(1, "a");
    let second = Item { findings: first.findings.clone(), ..item(1, "b") };
    let done =
        |item: &Item| (item.id.clone(), ItemEnd::Ended(Outcome::Done { left: item.after.clone() }));
    let status = |selected: &[&Item]| {
        let approved = Approved {
            hash: "sha256:plan".to_owned(),
            plan: plan(vec![first.clone(), second.clone()]),
            items: selected.iter().map(|item| (*item).clone()).collect(),
        };
        let ends = selected.iter().map(|item| done(item)).collect();
        let report = ApplyReport::new(
            &approved,
            &Results {
                ends,
                doubts: BTreeMap::new(),
                earlier: BTreeSet::new(),
                journal_error: None,
            },
        );
        (report.findings.len(), report.findings[0].status)
    };
    assert_eq!(status(&[&first, &second]), (1, FindingStatus::Fixed));
    assert_eq!(status(&[&first]), (1, FindingStatus::NotFixed));
}
