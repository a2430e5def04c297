//! States relative to a baseline, through the program: (failed, passed, unknown, gone) then and
//! now, with the exit code and what each output says.

use std::fs;

use serde_json::json;

use crate::nights::{ACCOUNT, Account, Is, Nights, OTHER, changes, pairs};
use crate::program::{run, text};

/// A bucket on one night; `None` if it does not exist.
type Seen = Option<Is>;

const GONE: Seen = None;
const FAILED: Seen = Some(Is::Failing);
const PASSED: Seen = Some(Is::Passing);
const SKIPPED: Seen = Some(Is::Skipped);
const UNKNOWN: Seen = Some(Is::Unknown);

fn account(seen: Seen) -> Account {
    let buckets: Vec<_> = seen.iter().map(|is| ("logs", *is)).collect();
    Account::of(&buckets)
}

#[test]
fn each_pair_of_nights_has_its_state_and_exit_code() {
    // Then and now; the state of the finding, the list that it is in, the exit code of the run with
    // `--fail-on-new` and of `diff`, and the reason in the diff.
    #[rustfmt::skip]
    let table = [
        (FAILED, FAILED, Some("unchanged"), None, 0, None),
        (FAILED, PASSED, Some("fixed"), Some("fixed"), 0, Some("passes")),
        (FAILED, SKIPPED, Some("fixed"), Some("fixed"), 0, Some("skipped")),
        (FAILED, UNKNOWN, Some("unknown_now"), Some("unknown_now"), 3, Some("could_not_be_checked")),
        (FAILED, GONE, None, Some("fixed"), 0, Some("gone")),
        (PASSED, FAILED, Some("new"), None, 1, Some("passed_before")),
        (PASSED, PASSED, None, None, 0, None),
        (PASSED, UNKNOWN, None, None, 3, None),
        (PASSED, GONE, None, None, 0, None),
        (SKIPPED, FAILED, Some("new"), None, 1, Some("skipped_before")),
        (UNKNOWN, FAILED, Some("new"), None, 1, Some("not_checked_before")),
        (UNKNOWN, PASSED, None, None, 0, None),
        (UNKNOWN, UNKNOWN, None, None, 3, None),
        (UNKNOWN, GONE, None, None, 0, None),
        (GONE, FAILED, Some("new"), None, 1, Some("resource_added")),
        (GONE, PASSED, None, None, 0, None),
        (GONE, UNKNOWN, None, None, 3, None),
        (GONE, GONE, None, None, 0, None),
    ];
    for (then, now, state, list, code, reason) in table {
        let nights = Nights::new();
        let case = format!("{then:?} → {now:?}");
        let first = nights.night(1, &[(ACCOUNT, account(then))], &["--baseline", "none"]);
        let was_new = first.states().into_values().next();
        assert_eq!(was_new.as_deref(), (then == FAILED).then_some("new"), "{case}");
        let second = nights.after(1, 2, &[(ACCOUNT, account(now))]);
        assert_eq!(second.states().into_values().next().as_deref(), state, "{case}");
        for known in ["fixed", "unknown_now"] {
            let expected = if list == Some(known) { vec!["logs"] } else { vec![] };
            assert_eq!(second.listed(known), expected, "{case}");
        }
        assert_eq!(second.ran.code, code, "{case}: {}", second.ran.stderr);
        // All outputs have the same numbers.
        let number = |of: &str| usize::from(state.or(list) == Some(of));
        let gone = if reason == Some("gone") { " (1 no longer exists)" } else { "" };
        let words = format!(
            "since the baseline: {} new, {} unchanged, {} fixed{gone}, {} unknown now",
            number("new"),
            number("unchanged"),
            number("fixed"),
            number("unknown_now")
        );
        assert!(second.ran.stderr.contains(&words), "{case}: {}", second.ran.stderr);
        assert_eq!(second.text.contains(&words), state.or(list).is_some(), "{}", second.text);
        assert_eq!(
            second.text.contains("        new logs"),
            state == Some("new"),
            "{}",
            second.text
        );
        let states = &second.report["summary"]["states"];
        assert_eq!(
            (
                &states["new"]["high"],
                &states["unchanged"],
                &states["fixed"],
                &states["unknown_now"]
            ),
            (
                &json!(number("new")),
                &json!(number("unchanged")),
                &json!(number("fixed")),
                &json!(number("unknown_now"))
            ),
            "{case}"
        );
        assert_eq!(states["gone"], usize::from(!gone.is_empty()), "{case}");
        if state == Some("new") {
            let new = &second.report["accounts"][0]["findings"][0];
            assert_eq!(new["reason"].as_str(), reason, "{case}");
            let because = (then == SKIPPED).then_some("exempt");
            assert_eq!(new["skipped_because"].as_str(), because, "{case}");
        }
        if let Some(list) = list {
            let listed = &second.report["accounts"][0][list][0];
            assert_eq!(listed["reason"].as_str(), reason, "{case}");
        }
        let (diff_code, diff) = nights.diff(1, 2);
        assert_eq!(diff_code, code, "{case}");
        let reason = reason.unwrap_or("*");
        for (key, name) in
            [("new_failures", "new"), ("fixed", "fixed"), ("unknown_now", "unknown_now")]
        {
            let is_here = state.or(list) == Some(name);
            let expected = if is_here { pairs(&[("logs", reason)]) } else { vec![] };
            assert_eq!(changes(&diff, key), expected, "{case} {key}");
        }
        assert_eq!(diff["unchanged"], number("unchanged"), "{case}");
    }
}

/// A failure needs attention if nobody accepts it: when its waiver ends, it is new once.
#[test]
fn waived_failures_are_new_when_their_waiver_ends() {
    // Waiver then and now: its last day in June; the nights are the 1st and the 2nd.
    const NONE: Option<usize> = None;
    const VALID: Option<usize> = Some(9);
    const EXPIRED: Option<usize> = Some(1);
    // What was seen then and now; the state; new and unchanged; the exit codes of the run with
    // `--fail-on-new` and of `diff`; the reason in the diff's list of new failures.
    #[rustfmt::skip]
    let table = [
        (FAILED, NONE, FAILED, VALID, Some("unchanged"), (0, 0), (0, 0), None),
        (FAILED, VALID, FAILED, VALID, Some("unchanged"), (0, 0), (0, 0), None),
        (FAILED, VALID, FAILED, NONE, Some("new"), (1, 0), (1, 1), Some("waiver_ended")),
        (FAILED, VALID, FAILED, EXPIRED, Some("new"), (1, 0), (1, 1), Some("waiver_ended")),
        (FAILED, EXPIRED, FAILED, EXPIRED, Some("new"), (1, 0), (1, 1), Some("waiver_ended")),
        (PASSED, NONE, FAILED, VALID, Some("new"), (0, 0), (0, 0), Some("passed_before")),
        (PASSED, NONE, FAILED, EXPIRED, Some("new"), (1, 0), (1, 1), Some("passed_before")),
        (GONE, NONE, FAILED, VALID, Some("new"), (0, 0), (0, 0), Some("resource_added")),
        (UNKNOWN, VALID, FAILED, VALID, Some("new"), (0, 0), (0, 0), Some("not_checked_before")),
        (UNKNOWN, VALID, FAILED, NONE, Some("new"), (1, 0), (1, 1), Some("not_checked_before")),
        (FAILED, VALID, PASSED, VALID, Some("fixed"), (0, 0), (0, 0), None),
        (FAILED, VALID, PASSED, NONE, Some("fixed"), (0, 0), (0, 0), None),
        (FAILED, VALID, GONE, VALID, None, (0, 0), (0, 0), None),
        (FAILED, VALID, UNKNOWN, VALID, Some("unknown_now"), (0, 0), (3, 3), None),
        (FAILED, VALID, UNKNOWN, EXPIRED, Some("unknown_now"), (0, 0), (3, 3), None),
        (FAILED, NONE, UNKNOWN, VALID, Some("unknown_now"), (0, 0), (3, 3), None),
    ];
    for (then, waiver_then, now, waiver_now, state, numbers, codes, reason) in table {
        let nights = Nights::new();
        let case = format!("{then:?} {waiver_then:?} → {now:?} {waiver_now:?}");
        let waive = |waiver: Option<usize>| match waiver {
            Some(last_day) => nights.waive(last_day),
            None => nights.stop_waiving(),
        };
        waive(waiver_then);
        nights.night(1, &[(ACCOUNT, account(then))], &["--baseline", "none"]);
        waive(waiver_now);
        let second = nights.after(1, 2, &[(ACCOUNT, account(now))]);
        assert_eq!(second.states().into_values().next().as_deref(), state, "{case}");
        let states = &second.report["summary"]["states"];
        assert_eq!(states["new"]["high"], numbers.0, "{case}");
        assert_eq!(states["unchanged"], numbers.1, "{case}");
        let ended = usize::from(reason == Some("waiver_ended"));
        assert_eq!(states["waiver_ended"], ended, "{case}");
        let words = second.ran.stderr.contains("1 new (1 no longer waived)");
        assert_eq!(words, ended == 1, "{case}: {}", second.ran.stderr);
        let why = second.report["accounts"][0]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find_map(|finding| finding["reason"].as_str());
        assert_eq!(why, reason, "{case}");
        // The waiver of the baseline is named, whether it expired, or was changed or removed.
        let named = &second.report["accounts"][0]["findings"][0]["ended_waiver"];
        if let (1, Some(last_day)) = (ended, waiver_then) {
            let expires = format!("2026-06-{last_day:02}");
            assert_eq!((&named["owner"], &named["reason"]), (&json!("web-team"), &json!("known")));
            assert_eq!((&named["expires"], &named["line"]), (&json!(expires), &json!(1)), "{case}");
        } else {
            assert!(named.is_null(), "{case}: {named}");
        }
        let (diff_code, diff) = nights.diff(1, 2);
        assert_eq!((second.ran.code, diff_code), codes, "{case}: {}", second.ran.stderr);
        let expected: Vec<_> = reason.into_iter().map(|reason| ("logs", reason)).collect();
        assert_eq!(changes(&diff, "new_failures"), pairs(&expected), "{case}");
        if state == Some("new") && numbers.0 == 1 {
            // Once.
            let third = nights.after(2, 3, &[(ACCOUNT, account(now))]);
            assert_eq!(third.states().into_values().next().as_deref(), Some("unchanged"), "{case}");
            assert_eq!(third.ran.code, 0, "{case}");
        }
    }
}

#[test]
fn new_failures_say_whether_their_place_was_read_before() {
    let group =
        || Account { groups: [(("sg-1", "us-east-1"), Is::Failing)].into(), ..Account::default() };
    let moved = |region| Account {
        buckets: [("logs", (region, if region == "global" { Is::Unknown } else { Is::Failing }))]
            .into(),
        ..Account::default()
    };
    let unknown = |region| Account {
        buckets: [("logs", (region, Is::Unknown))].into(),
        ..Account::default()
    };
    let one_region = Account { regions: Some(vec!["eu-west-1"]), ..Account::default() };
    let unlisted =
        Account { unlisted: vec![("ec2.security_group", "us-east-1")], ..Account::default() };
    for (then, now, reason) in [
        (Account::default(), group(), "resource_added"),
        (one_region, group(), "region_added"),
        (unlisted, group(), "not_checked_before"),
        (Account::denied(), group(), "not_checked_before"),
        (moved("global"), moved("eu-west-1"), "not_checked_before"),
        (unknown("us-east-1"), moved("eu-west-1"), "resource_added"),
    ] {
        let nights = Nights::new();
        nights.night(1, &[(ACCOUNT, then)], &["--baseline", "none"]);
        let second = nights.after(1, 2, &[(ACCOUNT, now.clone())]);
        let new = &second.report["accounts"][0]["findings"][0];
        assert_eq!((&new["state"], &new["reason"]), (&json!("new"), &json!(reason)), "{new}");
    }
    // A report without its passes does not say what existed.
    let nights = Nights::new();
    let first = nights.night(1, &[(ACCOUNT, account(PASSED))], &["--baseline", "none"]);
    let mut report = first.report;
    report["accounts"][0]["findings"] = json!([]);
    fs::write(nights.report(1), report.to_string()).unwrap();
    let second = nights.after(1, 2, &[(ACCOUNT, account(FAILED))]);
    let new = &second.report["accounts"][0]["findings"][0];
    assert_eq!((&new["state"], &new["reason"]), (&json!("new"), &json!(null)), "{new}");
}

#[test]
fn what_was_not_read_is_never_fixed_for_any_number_of_nights() {
    let failing = || {
        let mut account = Account::of(&[("logs", Is::Failing)]);
        account.groups =
            [(("sg-1", "eu-west-1"), Is::Failing), (("sg-2", "us-east-1"), Is::Failing)].into();
        account
    };
    let unlisted = || Account {
        unlisted: vec![("s3.bucket", "global"), ("ec2.security_group", "us-east-1")],
        groups: [(("sg-1", "eu-west-1"), Is::Failing)].into(),
        ..Account::default()
    };
    let one_region = || Account { regions: Some(vec!["eu-west-1"]), ..failing() };
    for (case, hidden, unknown, exit) in [
        ("lists denied", &unlisted as &dyn Fn() -> Account, vec!["logs", "sg-2"], 3),
        ("account denied", &Account::denied, vec!["logs", "sg-1", "sg-2"], 3),
        ("region not scanned", &one_region, vec!["sg-2"], 0),
    ] {
        let nights = Nights::new();
        nights.night(1, &[(ACCOUNT, failing())], &["--baseline", "none"]);
        for day in 2..4 {
            let night = nights.after(day - 1, day, &[(ACCOUNT, hidden())]);
            assert_eq!(night.listed("fixed"), Vec::<String>::new(), "{case}, night {day}");
            // A region that is no longer scanned is not remembered after the first night.
            if day == 2 || exit == 3 {
                let mut found = night.listed("unknown_now");
                found.sort();
                assert_eq!(found, unknown, "{case}, night {day}");
            }
            assert_eq!(night.ran.code, exit, "{case}: {}", night.ran.stderr);
            assert_eq!(nights.diff(1, day).0, 3, "{case}: something was not checked again");
        }
        if exit == 3 {
            // Seen again: nothing is new.
            let night = nights.after(3, 4, &[(ACCOUNT, failing())]);
            assert_eq!(night.ran.code, 0, "{case}: {}", night.ran.stderr);
            assert!(night.ran.stderr.contains("0 new, 3 unchanged, 0 fixed, 0 unknown now"));
        }
    }
}

#[test]
fn renamed_rules_and_moved_resources_are_not_new() {
    let nights = Nights::new();
    let one = |region| {
        let mut account = Account::default();
        account.buckets.insert("logs", (region, Is::Failing));
        account.groups.insert(("sg-1", region), Is::Failing);
        account
    };
    nights.night(1, &[(ACCOUNT, one("eu-west-1"))], &["--baseline", "none"]);
    nights.remove_rule("bucket-versioned");
    nights.bucket_rule("bucket-keeps-versions", ", aliases: [\"bucket-versioned\"]");
    let night = nights.after(1, 2, &[(ACCOUNT, one("us-east-1"))]);
    assert_eq!(night.ran.code, 0, "{}", night.ran.stderr);
    assert!(night.ran.stderr.contains("0 new, 2 unchanged, 0 fixed, 0 unknown now"));
    let (code, diff) = nights.diff(1, 2);
    assert_eq!((code, &diff["unchanged"]), (0, &json!(2)));
    assert_eq!(
        diff["renamed_rules"],
        json!([{ "old": "bucket-versioned", "new": "bucket-keeps-versions" }])
    );
    assert_eq!((&diff["added_rules"], &diff["removed_rules"]), (&json!([]), &json!([])));

    // The bucket was replaced by one in another region, which passes: fixed once, and nothing else.
    let mut other = one("eu-west-1");
    other.buckets.insert("logs", ("eu-west-1", Is::Passing));
    let night = nights.after(2, 3, &[(ACCOUNT, other)]);
    assert!(night.ran.stderr.contains("0 new, 1 unchanged, 1 fixed, 0 unknown now"));
    // The same id in a region that was not compared with it is another resource: it stays new.
    let mut both = one("eu-west-1");
    both.groups.insert(("sg-1", "us-east-1"), Is::Failing);
    let night = nights.after(3, 4, &[(ACCOUNT, both)]);
    assert!(night.ran.stderr.contains("2 new, 1 unchanged"), "{}", night.ran.stderr);
}

#[test]
fn new_accounts_and_rules_have_new_failures() {
    let nights = Nights::new();
    let failing = || {
        let mut account = Account::of(&[("logs", Is::Failing)]);
        account.groups.insert(("sg-1", "eu-west-1"), Is::Failing);
        account
    };
    nights.remove_rule("group-default");
    nights.night(1, &[(ACCOUNT, failing())], &["--baseline", "none"]);
    nights.group_rule();
    let night = nights.after(1, 2, &[(ACCOUNT, failing()), (OTHER, failing())]);
    assert_eq!(night.ran.code, 1);
    assert!(night.ran.stderr.contains("3 new, 1 unchanged, 0 fixed, 0 unknown now"));
    assert!(night.text.contains("1 new finding at or above high; no gaps (exit code 1)"));
    let (code, diff) = nights.diff(1, 2);
    assert_eq!((code, &diff["new_failures_that_count"]), (1, &json!(1)));
    let expected = [("logs", "account_added"), ("sg-1", "rule_added"), ("sg-1", "account_added")];
    assert_eq!(changes(&diff, "new_failures"), pairs(&expected));
    assert_eq!(diff["added_accounts"][0]["account"], OTHER);
    assert_eq!(diff["added_rules"], json!(["group-default"]));

    // The rule and the account are gone: their failures were not checked, so they are not fixed.
    nights.remove_rule("group-default");
    let night = nights.after(2, 3, &[(ACCOUNT, failing())]);
    assert_eq!((night.ran.code, night.listed("unknown_now")), (0, vec!["sg-1".to_owned()]));
    assert_eq!(night.report["summary"]["states"]["not_scanned"], 2);
    assert!(
        night.ran.stderr.contains("2 open findings in accounts that are not part of this run"),
        "{}",
        night.ran.stderr
    );
    let (code, diff) = nights.diff(2, 3);
    assert_eq!(code, 3);
    let expected = [
        ("logs", "account_not_scanned"),
        ("sg-1", "rule_not_evaluated"),
        ("sg-1", "account_not_scanned"),
    ];
    assert_eq!(changes(&diff, "unknown_now"), pairs(&expected));
    assert_eq!(diff["removed_accounts"][0]["account"], OTHER);
    assert_eq!(diff["removed_rules"], json!(["group-default"]));
}

#[test]
fn only_new_failures_at_or_above_the_threshold_count() {
    let nights = Nights::new();
    let group = |is| Account { groups: [(("sg-1", "eu-west-1"), is)].into(), ..Account::default() };
    nights.night(1, &[(ACCOUNT, group(Is::Passing))], &["--baseline", "none"]);
    let night = nights.after(1, 2, &[(ACCOUNT, group(Is::Failing))]);
    assert_eq!(night.ran.code, 0, "the rule is of severity low");
    assert!(night.text.contains("No new findings at or above high; no gaps (exit code 0)"));
    assert!(night.ran.stderr.contains("no new findings at or above the threshold"));
    let [old, new] = [nights.report(1), nights.report(2)];
    let code = |more: &[&str]| run(&[&["diff", text(&old), text(&new)], more].concat()).code;
    assert_eq!([code(&[]), code(&["--fail-on", "low"]), code(&["--fail-on", "none"])], [0, 1, 0]);
    // Without `--fail-on-new`, known failures count, too.
    let baseline = nights.report(2);
    let args = ["--baseline", text(&baseline), "--fail-on", "low"];
    assert_eq!(nights.night(3, &[(ACCOUNT, group(Is::Failing))], &args).ran.code, 1);
    let args = [&args[..], &["--fail-on-new"]].concat();
    assert_eq!(nights.night(3, &[(ACCOUNT, group(Is::Failing))], &args).ran.code, 0);
    let everything = ["--baseline", "none", "--fail-on", "low", "--fail-on-new"];
    assert_eq!(nights.night(3, &[(ACCOUNT, group(Is::Failing))], &everything).ran.code, 1);
}

#[test]
fn without_a_baseline_there_are_no_states() {
    let nights = Nights::new();
    let night = nights.night(1, &[(ACCOUNT, account(FAILED))], &[]);
    assert_eq!(night.report["accounts"][0]["findings"][0]["state"], json!(null));
    assert_eq!(night.report["summary"]["states"], json!(null));
    assert!(!night.text.contains("baseline") && !night.ran.stderr.contains("baseline"));
    let acme = ["evaluate", "--snapshot", "fixtures/acme", "--fail-on-new"];
    let ran = run(&acme);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--baseline <FILE|none>"), "{}", ran.stderr);
}

#[test]
fn a_filtered_run_compares_only_what_it_includes() {
    let nights = Nights::new();
    let mut before = Account::of(&[("logs", Is::Failing)]);
    before.buckets.insert("far", ("us-east-1", Is::Failing));
    before.groups.insert(("sg-1", "eu-west-1"), Is::Failing);
    nights.night(1, &[(ACCOUNT, before)], &["--baseline", "none"]);
    let baseline = nights.report(1);
    let after = Account::default;
    let args = ["--baseline", text(&baseline), "--rule", "bucket-*", "--region", "eu-west-1"];
    let night = nights.night(2, &[(ACCOUNT, after())], &args);
    assert_eq!(night.listed("fixed"), ["logs"]);
    assert!(night.listed("unknown_now").is_empty());
    // Its report is not comparable with that of an unfiltered run.
    let filtered = nights.report(2);
    let ran = run(&["diff", text(&baseline), text(&filtered)]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("differently filtered runs (no filters; --region"),
        "{}",
        ran.stderr
    );
    assert_eq!(nights.night(3, &[(ACCOUNT, after())], &args).ran.code, 0);
    assert_eq!(nights.diff(2, 3).0, 0, "the same filters");
}

#[test]
fn an_old_report_that_opened_alerts_for_unknown_resources_does_not_hide_new_failures() {
    let nights = Nights::new();
    let unknown = || account(UNKNOWN);
    nights.night(1, &[(ACCOUNT, unknown())], &["--baseline", "none"]);
    let path = nights.report(1);
    let mut old: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for account in old["accounts"].as_array_mut().unwrap() {
        for key in ["carried", "never_checked", "code_scanning", "fixed", "unknown_now"] {
            account.as_object_mut().unwrap().remove(key);
        }
    }
    fs::write(&path, old.to_string()).unwrap();
    let night = nights.after(1, 2, &[(ACCOUNT, unknown())]);
    assert_eq!(night.report["accounts"][0]["carried"][0]["failed"], false);
    assert!(night.listed("unknown_now").is_empty());
    let night = nights.after(2, 3, &[(ACCOUNT, account(FAILED))]);
    assert_eq!((night.ran.code, night.states().len()), (1, 1));
    assert!(night.ran.stderr.contains("1 new, 0 unchanged"), "{}", night.ran.stderr);
}
