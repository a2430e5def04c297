//! Every action against facts: what it changes, how it is undone, and what must be allowed for it.

mod ec2;
mod ec2_logs;
mod ec2_network;
mod ec2_settings;
mod page;
mod s3;
mod scenery;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::policy::policy_of;
use super::*;
use crate::facts::{self, KINDS};
use scenery::{Case, Scenery};

fn cases() -> Vec<Case> {
    [
        ec2::cases(),
        ec2_logs::cases(),
        ec2_network::cases(),
        ec2_settings::cases(),
        s3::cases(),
        tags::cases(),
    ]
    .concat()
}

/// A state as a text that does not depend on the order of lists and keys.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, String> =
                map.iter().map(|(key, value)| (key, canonical(value))).collect();
            format!("{sorted:?}")
        }
        Value::Array(list) => {
            let mut list: Vec<String> = list.iter().map(canonical).collect();
            list.sort();
            format!("{list:?}")
        }
        other => other.to_string(),
    }
}

fn describe(case: &Case, out: &mut String) {
    let action = case.action();
    writeln!(out, "# {} ({})\n{action:?}", action.spec().name, case.title).unwrap();
    let scenery = case.scenery();
    let before = scenery.state(&action);
    writeln!(out, "before: {}", json!(before)).unwrap();
    let effect = match scenery.after(&action) {
        Ok(effect) => effect,
        Err(refusal) => {
            writeln!(out, "refused: {refusal}\n").unwrap();
            return;
        }
    };
    if effect == Effect::default() {
        writeln!(out, "already so\n").unwrap();
        return;
    }
    for new in &effect.creates {
        writeln!(out, "creates {}: {}", new.kind, json!(new.facts)).unwrap();
    }
    for deleted in &effect.deletes {
        writeln!(out, "deletes {deleted:?}").unwrap();
    }
    let changed = scenery.with(&effect);
    writeln!(out, "after: {}", json!(changed.state(&action))).unwrap();
    match action.inverse(&before) {
        Inverse::Action(call) => writeln!(out, "undo: {}", named(&call)),
        Inverse::Nearly(call, note) => writeln!(out, "undo, but {note}: {}", named(&call)),
        Inverse::Created { name, parameter } => writeln!(out, "undo: {name} with {parameter}"),
        Inverse::Never(reason) => writeln!(out, "no undo: {reason}"),
    }
    .unwrap();
    let writes = action.writes(&scenery.target(), &before);
    for write in &writes {
        writeln!(out, "{}", write.call).unwrap();
    }
    let permissions: Vec<&Permission> =
        writes.iter().flat_map(|write| &write.permissions).collect();
    for statement in policy_of(&permissions)["Statement"].as_array().unwrap() {
        writeln!(out, "  {statement}").unwrap();
    }
    writeln!(out).unwrap();
}

fn named(call: &Call) -> String {
    format!("{} {}", call.name, json!(call.parameters))
}

#[test]
fn every_action_does_what_its_golden_file_says() {
    let mut out = String::new();
    for case in cases() {
        describe(&case, &mut out);
    }
    insta::assert_snapshot!("actions", out);
}

#[test]
fn every_action_has_a_case_that_changes_something() {
    let tested: BTreeSet<&str> = cases()
        .iter()
        .filter(|case| {
            let scenery = case.scenery();
            scenery.after(&case.action()).is_ok_and(|effect| effect != Effect::default())
        })
        .map(|case| case.action().spec().name)
        .collect();
    let untested: Vec<_> = ACTIONS.iter().filter(|one| !tested.contains(one.name)).collect();
    assert!(untested.is_empty(), "no case changes anything: {untested:?}");
}

#[test]
fn the_table_is_sorted_and_valid() {
    let names: Vec<&str> = ACTIONS.iter().map(|action| action.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    for spec in ACTIONS {
        let kinds: Vec<_> = KINDS.iter().filter(|kind| spec.kinds.contains(kind.name)).collect();
        assert!(!kinds.is_empty(), "{spec:?}: unknown kind");
        let is_known = |name: &str| {
            if let Some((kind, fact)) = name.split_once('/') {
                return facts::kind(kind).is_some_and(|kind| kind.fact(fact).is_some());
            }
            kinds.iter().all(|kind| {
                kind.fact(name).is_some() || (kind.shape.fields)().iter().any(|field| field == name)
            }) || facts::kind(name).is_some()
        };
        for name in spec.touches.iter().chain(spec.reads) {
            assert!(is_known(name), "{spec:?}: unknown fact `{name}`");
        }
        assert!(spec.doc.ends_with('.') && spec.doc.len() < 200, "{spec:?}: {}", spec.doc);
        assert!(
            spec.name.starts_with("tags.") || spec.name.starts_with(kinds[0].service()),
            "{spec:?}"
        );
    }
}

/// Undoing restores what was there, and doing it again gives the same.
#[test]
fn undoing_and_doing_again_gives_the_same() {
    for case in cases() {
        let action = case.action();
        let scenery = case.scenery();
        let Ok(effect) = scenery.after(&action) else { continue };
        if effect == Effect::default() {
            continue;
        }
        let title = format!("{action:?} ({})", case.title);
        let changed = scenery.with(&effect);
        assert_eq!(
            changed.after(&action),
            Ok(Effect::default()),
            "{title}: not already so after it was done"
        );
        let before = scenery.state(&action);
        let (call, exact) = match action.inverse(&before) {
            Inverse::Action(call) => (call, true),
            Inverse::Nearly(call, _) => (call, false),
            Inverse::Created { name, parameter } => {
                let id = changed.related.last().unwrap().id.clone();
                let parameters = Map::from_iter([(parameter.to_owned(), id.into())]);
                (Call { name, parameters }, true)
            }
            Inverse::Never(_) => continue,
        };
        let undo = Action::new(call.name, call.parameters)
            .unwrap_or_else(|error| panic!("{title}: {error}"));
        let undone = changed.after(&undo).unwrap_or_else(|e| panic!("{title}: {e}"));
        assert_ne!(undone, Effect::default(), "{title}: undoing changes nothing");
        let restored = changed.with(&undone);
        if exact {
            let facts = |scenery: &Scenery| canonical(&json!(scenery.resource.facts));
            assert_eq!(facts(&restored), facts(&scenery), "{title}: not restored");
            assert_eq!(restored.related.len(), scenery.related.len(), "{title}");
        }
        let again = restored.with(&restored.after(&action).unwrap());
        let state = |scenery: &Scenery| canonical(&json!(scenery.state(&action)));
        if changed.related.is_empty() {
            assert_eq!(state(&again), state(&changed), "{title}");
        }
    }
}

#[test]
fn effects_are_within_what_an_action_touches_and_its_kind() {
    for case in cases() {
        let action = case.action();
        let scenery = case.scenery();
        let Ok(effect) = scenery.after(&action) else { continue };
        for name in effect.facts.keys() {
            assert!(action.spec().touches.contains(&name.as_str()), "{action:?}: {name}");
        }
        // Checks the facts.
        scenery.with(&effect);
    }
}

#[test]
fn nothing_is_changed_that_was_not_read() {
    for case in cases() {
        let action = case.action();
        for name in action.spec().touches {
            let mut scenery = case.scenery();
            let before = scenery.after(&action);
            let Ok(effect) = before else { continue };
            if !effect.facts.contains_key(*name) {
                continue;
            }
            scenery.resource.facts.remove(*name);
            let refused = scenery.after(&action);
            assert!(refused.is_err(), "{action:?} without `{name}`: {refused:?}");
        }
    }
}

#[test]
fn values_that_no_action_allows_are_errors() {
    for (name, parameters) in ec2_logs::invalid() {
        let action = Action::new(name, parameters.as_object().unwrap().clone());
        assert!(action.is_err(), "{action:?}");
    }
}

#[test]
fn resources_of_others_are_left_alone() {
    for case in cases() {
        let mut scenery = case.scenery();
        if !scenery.resource.facts.contains_key("owner_id") {
            continue;
        }
        scenery.resource.facts.insert("owner_id".to_owned(), "444455556666".into());
        let refused = scenery.after(&case.action());
        assert!(refused.is_err(), "{:?} ({}): {refused:?}", case.action(), case.title);
    }
}

#[test]
fn session_policies_of_all_writes_are_batches_of_items() {
    let groups: Vec<Vec<Permission>> = cases()
        .iter()
        .map(|case| {
            let scenery = case.scenery();
            let action = case.action();
            let before = scenery.state(&action);
            let writes = action.writes(&scenery.target(), &before);
            assert!(!writes.is_empty(), "{action:?}: no writes");
            assert!(writes.iter().all(|write| !write.permissions.is_empty()), "{action:?}");
            writes.into_iter().flat_map(|write| write.permissions).collect()
        })
        .collect();
    let other = |permission: &Permission, copy: usize| Permission {
        resource: format!("{}-{copy}", permission.resource),
        ..permission.clone()
    };
    let copies = (0..40).flat_map(|copy| {
        groups.iter().map(move |group| group.iter().map(|one| other(one, copy)).collect())
    });
    let groups: Vec<Vec<Permission>> = copies.collect();
    let batches = session_policies(&groups).unwrap();
    assert!(batches.len() > 1);
    assert_eq!(batches.iter().map(|(count, _)| count).sum::<usize>(), groups.len());
    let huge = vec![Permission::new("s3:PutBucketLogging", "x".repeat(3_000))];
    assert_eq!(session_policies(&[groups[0].clone(), huge]), Err(1));
    assert_eq!(session_policies(&[]), Ok(Vec::new()));
}

/// One permission per action, resource and conditions of a policy.
fn allowed(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let mut out = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            for resource in statement["Resource"].as_array().unwrap() {
                out.insert(format!("{action} {resource} {}", canonical(&statement["Condition"])));
            }
        }
    }
    out
}

fn permission() -> impl Strategy<Value = Permission> {
    let action =
        prop::sample::select(vec!["s3:PutBucketLogging", "s3:PutBucketPolicy", "ec2:CreateTags"]);
    let when = prop::collection::vec((0_u8..3, 0_u8..3), 0..3);
    (action, 0_u8..6, when).prop_map(|(action, resource, when)| {
        let base = Permission::new(action, format!("arn:aws:s3:::bucket-{resource}"));
        when.into_iter().fold(base, |permission, (key, value)| {
            permission.when(&format!("aws:RequestTag/{key}"), value.to_string())
        })
    })
}

proptest! {
    #[test]
    fn a_session_allows_exactly_the_permissions_of_its_items(
        groups in prop::collection::vec(prop::collection::vec(permission(), 1..4), 0..40),
    ) {
        let batches = session_policies(&groups).unwrap();
        let mut rest = groups.as_slice();
        for (count, policy) in batches {
            prop_assert!(policy.chars().count() <= facts::MAX_SESSION_POLICY);
            let (batch, others) = rest.split_at(count);
            rest = others;
            let wanted: BTreeSet<String> = batch
                .iter()
                .flatten()
                .map(|one| {
                    let conditions = if one.conditions.is_empty() {
                        Value::Null
                    } else {
                        Value::Object(one.conditions.clone())
                    };
                    format!("{} {} {}", json!(one.action), json!(one.resource), canonical(&conditions))
                })
                .collect();
            prop_assert_eq!(allowed(&policy), wanted);
        }
        prop_assert!(rest.is_empty());
    }
}

fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z0-9./:*$?{}\\-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-z_]{0,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Neither parameters nor facts can make an action panic.
    #[test]
    fn hostile_parameters_and_facts_are_errors(value in hostile(), id in ".{0,20}") {
        for case in cases() {
            let action = case.action();
            for name in action.parameters().keys() {
                let mut parameters = action.parameters().clone();
                parameters.insert(name.clone(), value.clone());
                let Ok(changed) = Action::new(action.spec().name, parameters) else { continue };
                let scenery = case.scenery();
                let before = scenery.state(&changed);
                let _ = scenery.after(&changed);
                changed.inverse(&before);
                changed.writes(&scenery.target(), &before);
            }
            for name in action.spec().touches {
                let mut scenery = case.scenery();
                scenery.resource.id.clone_from(&id);
                scenery.resource.facts.insert((*name).to_owned(), value.clone());
                let before = scenery.state(&action);
                let _ = scenery.after(&action);
                action.inverse(&before);
                for write in action.writes(&scenery.target(), &before) {
                    for permission in write.permissions {
                        let wild = permission.resource.replace("${*}", "").replace("${?}", "");
                        let fixed = wild.strip_suffix("/*").unwrap_or(&wild);
                        prop_assert!(fixed == "*" || !fixed.contains(['*', '?']), "{wild}");
                    }
                }
            }
        }
    }
}
