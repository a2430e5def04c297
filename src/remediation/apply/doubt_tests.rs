//! What is claimed of items that an earlier run settled, and of writes that were not answered.

use std::time::Duration;

use super::fake::Trouble;
use super::job::Fresh;
use super::journal;
use super::report::{Completion, FindingStatus};
use super::tests::{Trial, block, half, item, name};
use crate::fixes::WriteErrorKind;
use crate::model::Cause;

/// A rule can fail again for another reason, although the item is as it was left.
#[test]
fn an_item_that_was_settled_does_not_make_its_findings_fixed_for_ever() {
    let cause = Cause::answered("s3:GetBucketPolicy", "AccessDenied", "");
    let other = Fresh::Changed("the parameters are different".to_owned());
    for (fresh, status, completion) in [
        (Fresh::Settled, FindingStatus::Fixed, Completion::Complete),
        (other, FindingStatus::ChangedMeanwhile, Completion::Partial),
        (Fresh::Unread(cause), FindingStatus::CannotTell, Completion::Uncertain),
    ] {
        // Ended by the first run, or begun by it and killed.
        for killed in [None, Some(3), Some(4)] {
            let bucket = item(1, "logs");
            let mut trial = Trial::of(vec![bucket.clone()]);
            trial.writer.troubles.extend(killed.map(|at| (at, Trouble::KilledAfter)));
            trial.run_once();
            trial.fresh.insert(bucket.id.clone(), fresh.clone());
            let results = trial.run();
            assert_eq!(name(&results, &bucket), "done", "{fresh:?} {killed:?}");
            let report = trial.report(&results);
            assert_eq!(report.findings[0].status, status, "{fresh:?} {killed:?}");
            assert_eq!(report.completion(), completion, "{fresh:?} {killed:?}");
            assert_eq!(trial.writer.writes("logs"), 1);
        }
    }
}

/// A client gives up before AWS does: that nothing is to be seen yet says nothing.
#[test]
fn a_write_without_an_answer_failed_only_after_the_time_that_it_needs() {
    let bucket = item(1, "logs");
    let lost = || Trouble::Error(WriteErrorKind::Unanswered, "Timeout");
    for (wait, expected) in [(None, "failed"), (Some(1), "unknown"), (Some(0), "unknown")] {
        let mut trial = Trial::with(vec![bucket.clone()], 3, lost());
        trial.limits.wait = wait.map(Duration::from_secs);
        assert_eq!(name(&trial.run(), &bucket), expected, "{wait:?}");
    }
}

#[test]
fn what_an_earlier_run_could_not_do_is_not_said_as_if_it_was_tried_again() {
    let bucket = item(1, "logs");
    let denied = Trouble::Error(WriteErrorKind::Denied, "AccessDenied");
    let trial = Trial::with(vec![bucket.clone()], 3, denied);
    let first = trial.report(&trial.run());
    assert_eq!(first.items[0].reason, "ec2:Write: AccessDenied");
    let again = trial.report(&trial.run());
    assert_eq!(trial.writer.writes("logs"), 1);
    let reason = &again.items[0].reason;
    let expected = "ec2:Write: AccessDenied; this is the result of an earlier run";
    assert!(reason.starts_with(expected) && reason.ends_with("plan again"), "{reason}");
}

#[test]
fn an_interrupted_run_says_how_to_continue() {
    let trial = Trial::of(vec![item(1, "logs")]);
    let results = trial.run_until(&|| true);
    assert_eq!(name(&results, &trial.items[0]), "not begun: interrupted");
    let text = trial.report(&results).text();
    assert!(text.ends_with("run the same command again to continue.\n"), "{text}");
    let text = trial.report(&trial.run()).text();
    assert!(text.contains("fixed: s3-bucket-public-access-block logs in 000000000001\n"), "{text}");
    assert!(!text.contains("interrupted"), "{text}");
}

/// A write without an answer, and one that AWS accepted, which the first run did not see.
#[test]
fn what_an_earlier_run_did_not_see_is_looked_at_again_before_anything_else() {
    for is_answered in [false, true] {
        for (state, expected, writes) in
            [(block(true), "done", 1), (half(), "", 0), (block(false), "", 0)]
        {
            let shown = format!("answered: {is_answered}, then {state:?}");
            let items = [item(1, "a"), item(1, "b")];
            let mut trial = Trial::of(items.to_vec());
            trial.limits.wait = Some(Duration::ZERO);
            trial.writer.lag = 100;
            if !is_answered {
                // read, read, read, write, read
                trial.writer.troubles.insert(4, Trouble::Lost);
            }
            let first = if is_answered { "not verified" } else { "unknown" };
            let results = trial.run();
            assert_eq!(name(&results, &items[0]), first, "{shown}");
            assert_eq!(trial.writer.writes("b"), 0, "{shown}");

            trial.writer.lag = 0;
            trial.writer.pending.lock().unwrap().clear();
            trial.writer.states.lock().unwrap().insert("a".to_owned(), state);
            for _ in 0..2 {
                let results = trial.run();
                let expected = if expected.is_empty() { first } else { expected };
                assert_eq!(name(&results, &items[0]), expected, "{shown}");
                assert_eq!(trial.writer.writes("a"), 1, "{shown}");
                assert_eq!(trial.writer.writes("b"), writes, "{shown}");
                if writes == 0 {
                    assert_eq!(
                        name(&results, &items[1]),
                        "not begun: it is not known whether another change in the account was made",
                        "{shown}"
                    );
                }
                // The journal has it, for `undo`, once.
                let record = journal::read(&trial.journal()).unwrap();
                let end = record.progress(&items[0].id).end.unwrap();
                assert_eq!(end.as_str(), expected, "{shown}");
            }
        }
    }
}
