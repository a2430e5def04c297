//! Random policies, compared with how IAM evaluates single requests.

use proptest::prelude::*;

use super::*;
use crate::policy::covers;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    Anonymous,
    /// The root user of an account, or a user or the session of a role of an account: with the ARN of the
    /// user or role, that of the session, and the user id.
    Identity(&'static str, &'static str, Option<&'static str>, &'static str),
    /// A service, and the account it acts for.
    Service(&'static str, &'static str),
}

const ROLE: &str = "arn:aws:iam::222222222222:role/team/r";
const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/r/s";
const USER: &str = "arn:aws:iam::222222222222:user/bob";
const ROOT: &str = "arn:aws:iam::222222222222:root";
const TRAIL: &str = "cloudtrail.amazonaws.com";

const SENDERS: [Sender; 10] = [
    Sender::Anonymous,
    Sender::Identity("222222222222", ROOT, None, "222222222222"),
    Sender::Identity("222222222222", USER, None, "AIDABOB"),
    Sender::Identity("222222222222", "arn:aws:iam::222222222222:user/eve", None, "AIDAEVE"),
    Sender::Identity("222222222222", ROLE, Some(SESSION), "AROAR:s"),
    Sender::Identity(
        "222222222222",
        ROLE,
        Some("arn:aws:sts::222222222222:assumed-role/r/t"),
        "AROAR:t",
    ),
    Sender::Identity(
        "222222222222",
        "arn:aws:iam::222222222222:role/app",
        Some("arn:aws:sts::222222222222:assumed-role/app/s"),
        "AROAAPP:s",
    ),
    Sender::Identity("333333333333", "arn:aws:iam::333333333333:user/bob", None, "AIDAOTHER"),
    Sender::Service(TRAIL, OWN),
    Sender::Service("config.amazonaws.com", "333333333333"),
];

impl Sender {
    fn key(self, key: &str) -> Option<&'static str> {
        match (self, key) {
            (Self::Anonymous, "aws:userid" | "aws:PrincipalAccount") => Some("anonymous"),
            (Self::Identity(account, ..), "aws:PrincipalAccount") => Some(account),
            (Self::Identity(_, arn, ..), "aws:PrincipalArn") => Some(arn),
            (Self::Identity(.., id), "aws:userid") => Some(id),
            (Self::Identity("333333333333", ..), "aws:PrincipalOrgID") => Some("o-1"),
            (Self::Service(name, _), "aws:PrincipalServiceName") => Some(name),
            (Self::Service(_, account), "aws:SourceAccount") => Some(account),
            _ => None,
        }
    }

    /// Whether an element of a policy names it.
    fn is(self, principal: &str) -> bool {
        match (self, principal.split_once(':').unwrap_or(("", principal))) {
            (_, (_, "*")) => true,
            (Self::Identity(account, arn, session, _), ("AWS", name)) => {
                name == account
                    || name == format!("arn:aws:iam::{account}:root")
                    || name == arn
                    || Some(name) == session
            }
            (Self::Service(service, _), ("Service", name)) => name == service,
            _ => false,
        }
    }

    /// Whether a row of the result includes it.
    fn is_in(self, who: &Who) -> bool {
        match (self, who.kind) {
            (_, WhoKind::Everyone) => true,
            (Self::Identity(..), WhoKind::AnyAwsAccount) => true,
            (Self::Identity(account, ..), WhoKind::Account) => who.name == account,
            (Self::Identity(_, arn, session, id), WhoKind::Principal) => {
                match who.name.strip_prefix("user id ") {
                    Some(pattern) => covers(pattern, id),
                    None => covers(&who.name, arn) || Some(who.name.as_str()) == session,
                }
            }
            (Self::Identity("333333333333", ..), WhoKind::Organization) => who.name == "o-1",
            (Self::Service(name, account), WhoKind::Service) => {
                let (service, source) =
                    who.name.split_once(" for ").unwrap_or((&who.name, account));
                (service == "any AWS service" || service == name) && source == account
            }
            _ => false,
        }
    }
}

/// Whether a statement applies to a request; `None` if AWS does not document it.
fn applies(statement: &Value, sender: Sender, secure: bool) -> Option<bool> {
    let list = |name: &str| -> Vec<String> {
        let values = statement[name].as_array().into_iter().flatten();
        values.map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    for (operator, keys) in statement["Condition"].as_object().unwrap() {
        for (key, value) in keys.as_object().unwrap() {
            let secure = if secure { "true" } else { "false" };
            let actual = if key == "aws:SecureTransport" { Some(secure) } else { sender.key(key) };
            let value = value.as_str().unwrap();
            let is_met = match (operator.as_str(), actual) {
                ("StringEquals" | "Bool", actual) => actual == Some(value),
                ("StringNotEquals", actual) => actual != Some(value),
                ("StringLike" | "ArnLike", actual) => actual.is_some_and(|one| covers(value, one)),
                ("StringNotLike" | "ArnNotLike", actual) => {
                    actual.is_none_or(|one| !covers(value, one))
                }
                _ => unreachable!("{operator}"),
            };
            if !is_met {
                return Some(false);
            }
        }
    }
    let spared = list("Not");
    if spared.is_empty() {
        return Some(list("Names").iter().any(|one| sender.is(one)));
    }
    let Sender::Identity(account, arn, session, _) = sender else {
        return Some(!spared.iter().any(|one| sender.is(one)));
    };
    let has = |name: &str| spared.iter().any(|one| one.strip_prefix("AWS:") == Some(name));
    let has_account = has(account) || has(&format!("arn:aws:iam::{account}:root"));
    let is_root = arn.ends_with(":root");
    let named = |name: &str| has(name) && !is_root;
    match (has_account, named(arn), session.is_some_and(has)) {
        (true, true, _) => Some(false),
        (true, ..) if is_root => Some(false),
        (false, false, false) => Some(true),
        (true, false, false) => {
            // Without a principal of the account beside it, the account may mean all of them.
            let is_part = |one: &String| one.contains(account) && !one.contains(":root");
            let has_part = spared.iter().any(|one| is_part(one) && one.len() > "AWS:".len() + 12);
            if has_part { Some(true) } else { None }
        }
        _ => None,
    }
}

/// Whether policies allow a request; `None` if that is not known.
fn allows(statements: &[Value], sender: Sender, secure: bool) -> Option<bool> {
    let of = |effect: &str| -> Vec<Option<bool>> {
        let with = statements.iter().filter(|one| one["Effect"] == effect);
        with.map(|one| applies(one, sender, secure)).collect()
    };
    let (allowed, denied) = (of("Allow"), of("Deny"));
    if !allowed.contains(&Some(true)) || denied.contains(&Some(true)) {
        return Some(false);
    }
    if denied.contains(&None) { None } else { Some(true) }
}

/// A statement as IAM writes it.
fn written(statement: &Value) -> Value {
    let mut one = statement.clone();
    let fields = one.as_object_mut().unwrap();
    let (names, not) = (fields.remove("Names").unwrap(), fields.remove("Not").unwrap());
    let is_negated = !not.as_array().unwrap().is_empty();
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in if is_negated { &not } else { &names }.as_array().unwrap() {
        let (kind, name) = name.as_str().unwrap().split_once(':').unwrap();
        by_kind.entry(kind.to_owned()).or_default().push(name.to_owned());
    }
    let element = if is_negated { "NotPrincipal" } else { "Principal" };
    fields.insert(element.to_owned(), json!(by_kind));
    one
}

fn statement() -> impl Strategy<Value = Value> {
    let names = || {
        let all = [
            "AWS:*",
            "AWS:222222222222",
            "AWS:arn:aws:iam::222222222222:root",
            "AWS:arn:aws:iam::222222222222:role/team/r",
            "AWS:arn:aws:iam::222222222222:role/app",
            "AWS:arn:aws:sts::222222222222:assumed-role/r/s",
            "AWS:arn:aws:iam::222222222222:user/bob",
            "AWS:arn:aws:iam::333333333333:user/bob",
            "AWS:333333333333",
            "Service:cloudtrail.amazonaws.com",
            "Service:config.amazonaws.com",
        ];
        prop::sample::select(all.to_vec())
    };
    let condition = prop::sample::select(vec![
        ("", "", ""),
        ("", "", ""),
        ("", "", ""),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::222222222222:*"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/team/*"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/t*"),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/*"),
        ("StringEquals", "aws:PrincipalArn", ROLE),
        ("StringLike", "aws:userid", "AROAR:*"),
        ("StringEquals", "aws:userid", "AIDABOB"),
        ("StringEquals", "aws:PrincipalAccount", "222222222222"),
        ("StringNotEquals", "aws:PrincipalAccount", "222222222222"),
        ("StringEquals", "aws:PrincipalOrgID", "o-1"),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1"),
        ("StringEquals", "aws:SourceAccount", OWN),
        ("StringNotEquals", "aws:SourceAccount", "333333333333"),
        ("StringEquals", "aws:PrincipalServiceName", TRAIL),
        ("Bool", "aws:SecureTransport", "false"),
        ("Bool", "aws:SecureTransport", "true"),
    ]);
    let not = prop::collection::vec(names(), 1..4);
    let names = prop::collection::vec(names(), 1..3);
    (prop::bool::weighted(0.6), names, prop::option::weighted(0.4, not), condition).prop_map(
        |(is_allow, names, not, (operator, key, value))| {
            let not = not.filter(|not| !is_allow && !not.contains(&"AWS:*")).unwrap_or_default();
            let condition =
                if operator.is_empty() { json!({}) } else { json!({ operator: { key: value } }) };
            let effect = if is_allow { "Allow" } else { "Deny" };
            json!({ "Effect": effect, "Names": names, "Not": not, "Condition": condition })
        },
    )
}

/// Whether the grants of a source agree with what a policy allows somebody.
fn agrees(
    access: &BucketAccess,
    source: Source,
    sender: Sender,
    allowed: [Option<bool>; 2],
) -> Result<(), String> {
    let mut rows = access
        .grants
        .iter()
        .filter(|grant| grant.source == source && grant.actions.contains("s3:GetObject"))
        .filter(|grant| sender.is_in(&grant.who));
    if allowed.contains(&Some(true)) && rows.clone().next().is_none() {
        return Err(format!("{sender:?} is missing"));
    }
    let is_plain = |grant: &&Grant| grant.conditions.is_empty() && grant.exceptions.is_empty();
    if allowed.contains(&Some(false))
        && let Some(row) = rows.find(is_plain)
    {
        return Err(format!("{sender:?} has no access by {row:?}"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn grants_are_what_iam_allows(
        of_bucket in prop::collection::vec(statement(), 1..5),
        of_point in prop::collection::vec(statement(), 1..4),
    ) {
        let all = |statements: &[Value]| -> Vec<Value> { statements.iter().map(written).collect() };
        let facts = BucketFacts {
            access_points: Ok(vec![point(&all(&of_point))]),
            ..with_policy(&all(&of_bucket))
        };
        let access = analyze(&facts);
        for sender in SENDERS {
            let direct = [true, false].map(|secure| allows(&of_bucket, sender, secure));
            let through = [true, false].map(|secure| {
                match (allows(&of_bucket, sender, secure), allows(&of_point, sender, secure)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            });
            for (source, allowed) in [(Source::BucketPolicy, direct), (Source::AccessPoint, through)] {
                let result = agrees(&access, source, sender, allowed);
                prop_assert!(result.is_ok(), "{source:?}: {} in {of_bucket:?} and {of_point:?}", result.unwrap_err());
            }
        }
    }
}
