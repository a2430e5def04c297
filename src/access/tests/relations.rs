//! How principals relate: names, patterns, sessions, user ids, and services with a source.

use super::*;

const ROLE: &str = "arn:aws:iam::999999999999:role/r";
const SESSION: &str = "arn:aws:sts::999999999999:assumed-role/r/s";

/// A statement that allows a principal, or everyone under a condition.
fn allowing(who: &str) -> Value {
    let like = |operator: &str, key: &str| json!({ "Condition": { operator: { key: who } } });
    match who {
        _ if who.starts_with("cloud") => match who.split_once(" for ") {
            Some((name, source)) => json!({ "Principal": { "Service": name },
                "Condition": { "StringEquals": { "aws:SourceAccount": source } } }),
            None => json!({ "Principal": { "Service": who } }),
        },
        _ if who.contains('*') && who.starts_with("arn:") => like("ArnLike", "aws:PrincipalArn"),
        _ if who.starts_with("AROA") => like("StringLike", "aws:userid"),
        _ if who.starts_with("o-1/") => like("ForAnyValue:StringLike", "aws:PrincipalOrgPaths"),
        _ if who.starts_with("o-") => like("StringEquals", "aws:PrincipalOrgID"),
        _ => json!({ "Principal": { "AWS": who } }),
    }
}

/// What the bucket and an access point both allow is not lost.
#[test]
fn access_points_and_buckets_are_joined() {
    let (roles, apps) = ("arn:aws:iam::999999999999:role/*", "arn:aws:iam::999999999999:role/app*");
    let trail = "cloudtrail.amazonaws.com";
    let for_own = "cloudtrail.amazonaws.com for 111122223333";
    for (one, other, expected) in [
        (roles, ROLE, Some(ROLE)),
        (roles, apps, Some(apps)),
        (apps, ROLE, None),
        (roles, OTHER, Some(roles)),
        (roles, SESSION, Some(SESSION)),
        (
            "arn:aws:iam::999999999999:role/team/*",
            SESSION,
            Some("only arn:aws:iam::999999999999:role/team/*"),
        ),
        ("arn:aws:iam::999999999999:user/*", SESSION, None),
        (ROLE, SESSION, Some(SESSION)),
        ("arn:aws:iam::999999999999:role/team/r", SESSION, Some(SESSION)),
        ("arn:aws:iam::999999999999:role/other", SESSION, None),
        // The ARN of a session does not have the path of its role.
        (
            "arn:aws:iam::999999999999:role/a*",
            SESSION,
            Some("only arn:aws:iam::999999999999:role/a*"),
        ),
        ("AROAR:*", ROLE, Some("only user id AROAR:*")),
        ("AROAR:*", OTHER, Some("only user id AROAR:*")),
        ("AROAR:*", "AROAR:s", Some("user id AROAR:s")),
        ("AROAR:*", "AROAX:s", None),
        (trail, for_own, Some(for_own)),
        (trail, "cloudfront.amazonaws.com", None),
        (for_own, "cloudtrail.amazonaws.com for 999999999999", None),
        ("o-1", "o-1/r-1/*", Some("o-1/r-1/*")),
        ("o-1/*", "o-1/r-1/*", Some("o-1/r-1/*")),
        ("o-1", "o-2", None),
        (trail, OTHER, None),
        ("222233334444", ROLE, None),
    ] {
        let through = json!({ "StringEquals": { "s3:DataAccessPointAccount": OWN } });
        for (bucket, of_point) in [(one, other), (other, one)] {
            let mut statement = allowing(bucket);
            let fields = statement.as_object_mut().unwrap();
            let conditions =
                fields.entry("Condition").or_insert(json!({})).as_object_mut().unwrap();
            for (operator, key) in through.as_object().unwrap() {
                let keys = conditions.entry(operator.as_str()).or_insert(json!({}));
                keys.as_object_mut().unwrap().extend(key.as_object().unwrap().clone());
            }
            let facts = BucketFacts {
                access_points: Ok(vec![point(&[allowing(of_point)])]),
                ..with_policy(&[statement])
            };
            let rows = shown(&analyze(&facts));
            let is_expected = match expected {
                None => rows.is_empty(),
                // Which of both is named does not matter.
                Some(note) if note.starts_with("only") => {
                    rows.len() == 1 && rows[0].contains("only ")
                }
                Some(who) => {
                    rows.len() == 1 && rows[0].contains(&format!("{who} via access_point: read"))
                }
            };
            assert!(is_expected, "{bucket} and {of_point}: {rows:?}");
        }
    }
}

/// A Deny is neither ignored, nor does it remove too much.
#[test]
fn denies_apply_to_names_patterns_and_sessions() {
    let denied_to = |who: &str| format!("denied by statement 2 to {who}");
    let trail = "cloudtrail.amazonaws.com";
    let for_own = "cloudtrail.amazonaws.com for 111122223333";
    for (allowed, denied, expected) in [
        (SESSION, ROLE, None),
        (ROLE, SESSION, Some(denied_to(SESSION))),
        ("arn:aws:iam::999999999999:*", ROLE, Some(denied_to(ROLE))),
        ("arn:aws:iam::999999999999:role/*", SESSION, Some(denied_to(SESSION))),
        ("arn:aws:iam::999999999999:user/*", ROLE, Some(String::new())),
        ("arn:aws:iam::999999999999:role/*", OTHER, None),
        ("AROAR:*", OTHER, Some(denied_to("account 999999999999"))),
        ("AROAR:*", ROLE, Some(denied_to(ROLE))),
        ("AROAR:*", trail, Some(String::new())),
        (for_own, trail, None),
        (for_own, "cloudfront.amazonaws.com", Some(String::new())),
        ("o-1", OTHER, Some(denied_to("account 999999999999"))),
        (ROLE, "222233334444", Some(String::new())),
    ] {
        let mut deny = allowing(denied);
        deny["Effect"] = json!("Deny");
        let rows = shown(&analyze(&with_policy(&[allowing(allowed), deny])));
        let limits: Vec<&str> = rows.iter().map(|row| row.split_once("read").unwrap().1).collect();
        let expected: Vec<String> = expected
            .into_iter()
            .map(|note| if note.is_empty() { note } else { format!(" ({note})") })
            .collect();
        assert_eq!(limits, expected, "{allowed} without {denied}");
    }
    // Only some objects.
    let deny = json!({ "Effect": "Deny", "Principal": { "Service": trail }, "Resource": "arn:aws:s3:::data/private/*" });
    let row = "cloudtrail.amazonaws.com for 111122223333 via bucket_policy: read (denied by statement 2 for objects private/*)";
    check(&with_policy(&[allowing(for_own), deny]), Public::No, &[row]);
}

/// IAM User Guide: "When you use `NotPrincipal` with `Deny`, you must also specify the account ARN of the
/// not-denied principal. Otherwise, the policy might deny access to the entire account".
#[test]
fn not_principal_exempts_a_principal_with_its_account() {
    let (bob, root) = ("arn:aws:iam::999999999999:user/bob", "arn:aws:iam::999999999999:root");
    let trail = "cloudtrail.amazonaws.com";
    let for_own = "cloudtrail.amazonaws.com for 111122223333";
    let roles = "arn:aws:iam::999999999999:role/*";
    let read = |who: &str| format!("{who} via bucket_policy: read");
    let no_account = " (may be denied by statement 2, which does not exempt account 999999999999)";
    let only_root =
        " (may be denied by statement 2, which exempts only the root user of account 999999999999)";
    let no_role = " (may be denied by statement 2, which does not exempt the role of the session)";
    for (allowed, spared, expected) in [
        ("*", vec![bob, root], vec![read(root), read(bob)]),
        ("*", vec![bob, OTHER], vec![read(root), read(bob)]),
        ("*", vec![bob], vec![read(bob) + no_account]),
        ("*", vec![root], vec![read("account 999999999999") + only_root]),
        (OTHER, vec![root], vec![read("account 999999999999") + only_root]),
        (OTHER, vec![bob, root], vec![read(root), read(bob)]),
        (bob, vec![bob, root], vec![read(bob)]),
        (bob, vec![bob], vec![read(bob) + no_account]),
        (bob, vec![ROLE, root], vec![]),
        (bob, vec![root], vec![read(bob) + only_root]),
        (bob, vec!["222233334444"], vec![]),
        (SESSION, vec![ROLE, root], vec![read(SESSION)]),
        (SESSION, vec![SESSION, ROLE, root], vec![read(SESSION)]),
        (SESSION, vec![SESSION, root], vec![read(SESSION) + no_role]),
        (roles, vec![ROLE, root], vec![read(ROLE)]),
        (roles, vec![ROLE], vec![read(ROLE) + no_account]),
        (for_own, vec![trail], vec![read(for_own)]),
        (trail, vec![bob, root], vec![]),
        (
            "AROAR:*",
            vec![ROLE, root],
            vec![
                read("user id AROAR:*")
                    + format!(" (denied by statement 2 to others than {ROLE} and {root})").as_str(),
            ],
        ),
    ] {
        let kind = if spared == [trail] { "Service" } else { "AWS" };
        let deny = json!({ "Effect": "Deny", "NotPrincipal": { kind: spared } });
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let rows = shown(&analyze(&with_policy(&[allowing(allowed), deny])));
        assert_eq!(rows, expected, "{allowed} {spared:?}");
    }
}
