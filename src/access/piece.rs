//! What statements and ACLs allow and deny for one way to send a request: directly, or through an
//! access point.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::conditions::{
    KeyState, Keys, describe, excludes_account, implied, is_met, is_met_at, is_met_by_nothing,
    keys_of_network, opposite, without_literals,
};
use super::denied::{Denied, applies_to};
use super::grant::{Source, Step};
use super::who::{FOR, Remaining, Who, WhoKind};
use crate::facts::s3::bucket::Grant as AclGrant;
use crate::model::{Cause, series};
use crate::policy::actions::{Action, Target, matching, of_permission};
use crate::policy::{Condition, Statement, any_variables, covers, is_deleted, overlaps};

/// More pieces than this are not split further, so that time and memory are bounded: then, the
/// conditions of Deny statements are only named. Policies have at most 20 KB.
pub(super) const MAX_PIECES: usize = 500;

/// One way to send requests to the bucket.
#[derive(Debug, Clone)]
pub(super) struct Request<'a> {
    /// The account of the bucket.
    pub(super) account: &'a str,
    /// The keys that are the same in all requests of this way.
    pub(super) keys: Keys,
    /// The ARN of the bucket, or of the access point.
    pub(super) arn: &'a str,
    /// What the ARNs of objects start with.
    pub(super) objects: &'a str,
    /// When the bucket was read.
    pub(super) now: Option<Timestamp>,
}

/// What somebody can do: a part of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) who: Who,
    pub(super) actions: Vec<Arc<Action>>,
    /// Patterns of the keys of objects, or complete ARNs: `*` for all objects.
    pub(super) objects: Vec<String>,
    /// The conditions that `who` does not express.
    pub(super) conditions: Vec<Condition>,
    /// Those that `who` expresses.
    pub(super) given: Vec<Condition>,
    /// Who or what is excluded.
    pub(super) exceptions: BTreeSet<Arc<str>>,
    /// Through what.
    pub(super) steps: Vec<Step>,
    /// Why it is not known whether this applies.
    pub(super) unknown: Option<Cause>,
}

impl Piece {
    /// The conditions that all of its requests meet.
    pub(super) fn known(&self) -> Vec<Condition> {
        self.given.iter().chain(&self.conditions).cloned().collect()
    }

    /// Whether it allows what another piece of the same source allows.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.steps == other.steps
            && self.objects == other.objects
            && self.unknown == other.unknown
            && self.who.includes(&other.who)
            && other.actions.iter().all(|action| self.actions.contains(action))
            && self.conditions.iter().all(|condition| other.conditions.contains(condition))
            && self.exceptions.is_subset(&other.exceptions)
    }
}

/// A Deny statement with the actions that it denies.
#[derive(Debug, Clone)]
pub(super) struct Deny<'a> {
    statement: &'a Statement,
    actions: BTreeSet<String>,
}

impl<'a> Deny<'a> {
    /// The Deny statement, if the statement is one.
    pub(super) fn of(statement: &'a Statement) -> Option<Self> {
        (statement.effect == "Deny").then(|| {
            let actions = matching(&statement.actions, &statement.not_actions);
            Self { statement, actions: actions.iter().map(|action| action.name.clone()).collect() }
        })
    }

    fn has(&self, action: &Action) -> bool {
        if action.target != Target::Either {
            return self.actions.contains(&action.name);
        }
        let name = action.name.to_lowercase();
        let named = |patterns: &[String]| {
            patterns.iter().any(|pattern| covers(&pattern.to_lowercase(), &name))
        };
        let Statement { actions, not_actions, .. } = self.statement;
        if actions.is_empty() { !named(not_actions) } else { named(actions) }
    }
}

/// How much of something a Deny statement applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    None,
    Part,
    All,
}

impl Request<'_> {
    /// The pattern of keys that a resource of a policy means; `None` if it does not mean objects.
    fn keys_of(&self, resource: &str) -> Option<String> {
        let matched = any_variables(resource);
        // Keys have at least one character.
        if covers(&matched, &format!("{}?*", self.objects)) {
            return Some("*".to_owned());
        }
        match resource.strip_prefix(self.objects) {
            Some(keys) => Some(keys.to_owned()),
            None => overlaps(&matched, &format!("{}*", self.objects)).then(|| resource.to_owned()),
        }
    }

    /// Whether a resource of a policy means the bucket.
    fn means_bucket(&self, resource: &str) -> bool {
        covers(&any_variables(resource), self.arn)
    }

    /// What a statement allows.
    pub(super) fn allowed(
        &self,
        statement: &Statement,
        source: Source,
        name: Option<&str>,
    ) -> Vec<Piece> {
        if statement.effect != "Allow" {
            return Vec::new();
        }
        let Some(conditions) = self.remaining(&statement.conditions, &self.keys, &[]) else {
            return Vec::new();
        };
        let of_bucket = if statement.resources.is_empty() {
            !statement.not_resources.iter().any(|one| self.means_bucket(one))
        } else {
            statement.resources.iter().any(|one| self.means_bucket(one))
        };
        let mut exceptions = BTreeSet::new();
        let objects: Vec<String> = if !statement.resources.is_empty() {
            statement.resources.iter().filter_map(|one| self.keys_of(one)).collect()
        } else {
            let left_out: Vec<String> =
                statement.not_resources.iter().filter_map(|one| self.keys_of(one)).collect();
            if !left_out.is_empty() && !left_out.contains(&"*".to_owned()) {
                exceptions.insert(format!("except objects {}", series(&left_out, "and")).into());
            }
            if left_out.contains(&"*".to_owned()) { Vec::new() } else { vec!["*".to_owned()] }
        };
        let objects =
            if objects.contains(&"*".to_owned()) { vec!["*".to_owned()] } else { objects };
        let applies = |action: &Arc<Action>| match action.target {
            Target::Bucket => of_bucket,
            Target::Objects => !objects.is_empty(),
            Target::Either => of_bucket || !objects.is_empty(),
        };
        let mut actions = matching(&statement.actions, &statement.not_actions);
        actions.retain(applies);
        if actions.is_empty() {
            return Vec::new();
        }
        let mut who: Vec<Who> = statement
            .principals
            .iter()
            .filter(|principal| !is_deleted(principal))
            .map(|principal| Who::of_principal(principal))
            .collect();
        // Nobody is left of everyone without everyone.
        let is_nobody = statement.not_principals.iter().any(|principal| principal == "*");
        if !statement.not_principals.is_empty() && !is_nobody {
            let but = statement.not_principals.iter().map(|one| Who::of_principal(one).to_string());
            exceptions.insert(format!("except {}", series(but, "and")).into());
            who.push(Who::everyone());
        }
        let step = Step {
            source,
            name: name.map(str::to_owned),
            statement: Some(statement.index),
            sid: statement.sid.clone().filter(|sid| !sid.is_empty()),
        };
        let base = Piece {
            who: Who::everyone(),
            actions,
            objects,
            conditions: Vec::new(),
            given: Vec::new(),
            exceptions,
            steps: vec![step],
            unknown: None,
        };
        who.iter().flat_map(|who| self.under(&base, who, &conditions)).collect()
    }

    /// A piece for those who remain of `who` under conditions.
    pub(super) fn under(&self, piece: &Piece, who: &Who, conditions: &[Condition]) -> Vec<Piece> {
        let Some(conditions) = self.remaining(conditions, &keys_of_who(who), &piece.given) else {
            return Vec::new();
        };
        let is_excluded = |account: &String| {
            conditions.iter().any(|condition| excludes_account(condition, account))
        };
        if who.account.as_ref().is_some_and(is_excluded) {
            return Vec::new();
        }
        let found = who.under(&conditions, self.account);
        let piece = |Remaining { who, conditions, given: more }| {
            let mut given = piece.given.clone();
            given.extend(more);
            let conditions = self.remaining(&conditions, &keys_of_network(&given), &given)?;
            Some(Piece { who, conditions, given, ..piece.clone() })
        };
        found.into_iter().filter_map(piece).collect()
    }

    /// A piece under one more condition.
    pub(super) fn with(&self, piece: &Piece, condition: Condition) -> Vec<Piece> {
        let known = piece.known();
        let Some(new) = self.remaining(&[condition], &keys_of_network(&known), &known) else {
            return Vec::new();
        };
        let mut conditions = piece.conditions.clone();
        conditions.extend(new.into_iter().filter(|one| !piece.conditions.contains(one)));
        self.under(piece, &piece.who, &conditions)
    }

    /// The conditions that some requests of this way meet and others do not, as far as that is known;
    /// `None` if none meets all of them.
    pub(super) fn undecided(&self, conditions: &[Condition]) -> Option<Vec<Condition>> {
        self.remaining(conditions, &self.keys, &[])
    }

    /// The conditions that are not known to be met, if others are `given`; `None` if one is known not to
    /// be met.
    fn remaining(
        &self,
        conditions: &[Condition],
        keys: &Keys,
        given: &[Condition],
    ) -> Option<Vec<Condition>> {
        let mut left = Vec::new();
        for written in conditions {
            let condition = without_literals(written);
            let is_nothing = condition.values.is_empty() && !written.values.is_empty();
            let met = match is_nothing {
                true => is_met_by_nothing(&condition, conditions),
                false => is_met(&condition, keys, self.account)
                    .or_else(|| is_met_at(self.now, &condition, conditions))
                    .or_else(|| implied(given, &condition)),
            };
            match met {
                Some(true) => {}
                Some(false) => return None,
                None if is_nothing => left.push(written.clone()),
                None => left.push(condition.into_owned()),
            }
        }
        Some(left)
    }

    /// What a Deny statement leaves of a piece. What it takes away goes to `denied`.
    pub(super) fn without(
        &self,
        piece: Piece,
        denying: &Deny,
        may_split: bool,
        denied: &mut Vec<(Piece, String)>,
    ) -> Vec<Piece> {
        let deny = denying.statement;
        let known = piece.known();
        let mut keys = keys_of_network(&known);
        keys.extend(self.keys.clone());
        keys.extend(keys_of_who(&piece.who));
        let Some(conditions) = self.remaining(&deny.conditions, &keys, &known) else {
            return vec![piece];
        };
        let principals = applies_to(deny, &piece.who);
        if matches!(principals, Denied::Nobody) {
            return vec![piece];
        }
        let (of_bucket, of_objects) = self.denied_resources(deny, &piece.objects);
        let extents: Vec<Extent> = piece
            .actions
            .iter()
            .map(|action| match action.target {
                _ if !denying.has(action) => Extent::None,
                Target::Bucket => of_bucket,
                Target::Objects => of_objects,
                Target::Either => of_bucket.min(of_objects),
            })
            .collect();
        if extents.iter().all(|extent| *extent == Extent::None) {
            return vec![piece];
        }
        let part = |extent: Extent| {
            let with = piece.actions.iter().zip(&extents).filter(|(_, one)| **one == extent);
            let actions: Vec<Arc<Action>> = with.map(|(action, _)| Arc::clone(action)).collect();
            (!actions.is_empty()).then(|| Piece { actions, ..piece.clone() })
        };
        let name = statement_name(deny);
        let mut left: Vec<Piece> = part(Extent::None).into_iter().collect();
        if let Some(mut some) = part(Extent::Part) {
            let named = deny.resources.iter().filter(|one| self.keys_of(one).is_some());
            let resources: Vec<&str> =
                named.map(|one| one.strip_prefix(self.objects).unwrap_or(one)).collect();
            let of = match resources.as_slice() {
                [] => " for some objects".to_owned(),
                some => format!(" for objects {}", series(some.iter().copied(), "and")),
            };
            some.exceptions.insert(exception(&name, &principals, &of, &conditions));
            left.push(some);
        }
        let Some(whole) = part(Extent::All) else { return left };
        match (&principals, conditions.as_slice()) {
            (Denied::All, []) => denied.push((whole, name)),
            (Denied::AllBut(others), []) => {
                for (who, reason) in others {
                    let mut spared = whole.clone();
                    if let Some(reason) = reason {
                        let may = Denied::Perhaps(reason.clone());
                        spared = excepted(spared, &name, &may, &[]);
                    }
                    left.extend(self.under(&spared, who, &whole.conditions));
                }
                denied.push((whole, name));
            }
            (Denied::All, conditions) => {
                let opposites: Option<Vec<Condition>> = conditions.iter().map(opposite).collect();
                match opposites.filter(|all| all.len() == 1 || may_split) {
                    // What meets the opposite of one condition is not denied.
                    Some(all) => {
                        left.extend(all.into_iter().flat_map(|one| self.with(&whole, one)));
                    }
                    None => left.push(excepted(whole, &name, &principals, conditions)),
                }
            }
            (_, conditions) => left.push(excepted(whole, &name, &principals, conditions)),
        }
        left
    }

    /// Whether the resources of a Deny statement are the bucket, and how many of the objects they are.
    fn denied_resources(&self, deny: &Statement, objects: &[String]) -> (Extent, Extent) {
        let is_negated = deny.resources.is_empty();
        let list = if is_negated { &deny.not_resources } else { &deny.resources };
        // A policy variable has one value in a request, or none: then, the statement does not apply.
        let is_fixed = |resource: &&String| !resource.contains("${");
        let of_bucket = if list.iter().filter(is_fixed).any(|one| self.means_bucket(one)) {
            Extent::All
        } else if list.iter().any(|one| self.means_bucket(one)) {
            Extent::Part
        } else {
            Extent::None
        };
        let patterns_of = |resource: &String| self.keys_of(resource).map(|one| any_variables(&one));
        let fixed: Vec<String> = list.iter().filter(is_fixed).filter_map(patterns_of).collect();
        let patterns: Vec<String> = list.iter().filter_map(patterns_of).collect();
        let extent = |keys: &String| {
            let keys = any_variables(keys);
            if fixed.iter().any(|one| covers(one, &keys)) {
                Extent::All
            } else if patterns.iter().any(|one| overlaps(one, &keys)) {
                Extent::Part
            } else {
                Extent::None
            }
        };
        let all: Vec<Extent> = objects.iter().map(extent).collect();
        let (least, most) = (all.iter().min(), all.iter().max());
        let of_objects =
            if least == most { least.copied().unwrap_or(Extent::None) } else { Extent::Part };
        let turned = |extent| match (is_negated, extent) {
            (false, extent) => extent,
            (true, Extent::None) => Extent::All,
            (true, Extent::Part) => Extent::Part,
            (true, Extent::All) => Extent::None,
        };
        (turned(of_bucket), turned(of_objects))
    }
}

/// What a grant of a bucket's ACL allows; nothing for the owner of the bucket.
pub(super) fn allowed_by_acl(grant: &AclGrant, owner: Option<&str>) -> Option<Piece> {
    let grantee = &grant.grantee;
    let group = grantee.uri.as_deref().and_then(|uri| uri.rsplit_once("/groups/"));
    let who = match group.map(|(_, name)| name) {
        Some("global/AllUsers") => Who::everyone(),
        Some("global/AuthenticatedUsers") => Who::new(WhoKind::AnyAwsAccount, ""),
        Some("s3/LogDelivery") => Who::new(WhoKind::Service, "S3 log delivery"),
        Some(other) => Who::new(WhoKind::Other, other),
        None => match (grantee.id.as_deref(), grantee.email_address.as_deref()) {
            (Some(id), _) if Some(id) == owner => return None,
            (Some(id), _) => Who::new(WhoKind::CanonicalUser, id),
            (None, Some(email)) => Who::new(WhoKind::Other, &format!("AWS account of {email}")),
            (None, None) => Who::new(WhoKind::Other, "a grantee that AWS did not return"),
        },
    };
    let actions = of_permission(&grant.permission);
    (!actions.is_empty()).then(|| Piece {
        who,
        actions,
        objects: vec!["*".to_owned()],
        conditions: Vec::new(),
        given: Vec::new(),
        exceptions: BTreeSet::new(),
        steps: vec![Step {
            source: Source::Acl,
            name: Some(grant.permission.clone()),
            statement: None,
            sid: None,
        }],
        unknown: None,
    })
}

/// What two pieces, both of which must allow a request, allow together. `inner` is that of the
/// access point.
pub(super) fn both(outer: &Piece, inner: &Piece) -> Option<Piece> {
    let (who, named) = if outer.who.includes(&inner.who) {
        (&inner.who, None)
    } else if inner.who.includes(&outer.who) {
        (&outer.who, None)
    } else if inner.who.is_apart_from(&outer.who) {
        return None;
    } else {
        (&inner.who, Some(Arc::from(format!("only {}", outer.who))))
    };
    let actions: Vec<Arc<Action>> =
        inner.actions.iter().filter(|one| outer.actions.contains(one)).cloned().collect();
    if actions.is_empty() {
        return None;
    }
    let mut objects: Vec<String> = Vec::new();
    for ours in &inner.objects {
        for theirs in &outer.objects {
            let (a, b) = (any_variables(ours), any_variables(theirs));
            let narrower = if covers(&b, &a) || (overlaps(&a, &b) && !covers(&a, &b)) {
                Some(ours)
            } else {
                covers(&a, &b).then_some(theirs)
            };
            objects.extend(narrower.cloned());
        }
    }
    objects.sort();
    objects.dedup();
    if objects.is_empty() && !actions.iter().any(|action| action.target == Target::Bucket) {
        return None;
    }
    let (known, theirs) = (inner.known(), outer.known());
    if theirs.iter().any(|one| implied(&known, one) == Some(false)) {
        return None;
    }
    let mut given = inner.given.clone();
    given.extend(outer.given.iter().filter(|one| !inner.given.contains(one)).cloned());
    let mut conditions = inner.conditions.clone();
    conditions
        .extend(outer.conditions.iter().filter(|one| !inner.conditions.contains(one)).cloned());
    let exceptions = inner.exceptions.union(&outer.exceptions).cloned().chain(named).collect();
    Some(Piece {
        who: who.clone(),
        actions,
        objects,
        conditions,
        given,
        exceptions,
        steps: inner.steps.iter().chain(&outer.steps).cloned().collect(),
        unknown: inner.unknown.clone().or_else(|| outer.unknown.clone()),
    })
}

/// The keys of a request that follow from who sends it.
fn keys_of_who(who: &Who) -> Keys {
    use KeyState::Absent;
    match who.kind {
        WhoKind::Service => {
            let name = who.name.split(FOR).next().unwrap_or_default();
            let mut keys: Keys = [
                ("aws:principalaccount", Absent),
                ("aws:principalarn", Absent),
                ("aws:principalisawsservice", KeyState::is("true")),
                ("aws:principalorgid", Absent),
                ("aws:principalorgpaths", Absent),
            ]
            .into();
            if name.contains('.') {
                keys.insert("aws:principalservicename", KeyState::is(name));
            }
            keys
        }
        WhoKind::Account | WhoKind::Principal => {
            let mut keys: Keys = [
                ("aws:principalisawsservice", KeyState::is("false")),
                ("aws:principalservicename", Absent),
                ("aws:principalservicenameslist", Absent),
            ]
            .into();
            if let Some(account) = &who.account {
                keys.insert("aws:principalaccount", KeyState::is(account));
            }
            let is_fixed = [":role/", ":user/"].iter().any(|kind| who.name.contains(kind))
                && !who.name.contains(['*', '?']);
            if is_fixed {
                keys.insert("aws:principalarn", KeyState::is(&who.name));
            }
            keys
        }
        _ => Keys::new(),
    }
}

/// A statement, for messages: `statement "DenyHttp"` or `statement 2`.
pub(super) fn statement_name(statement: &Statement) -> String {
    match statement.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!("statement \"{sid}\""),
        _ => format!("statement {}", statement.index),
    }
}

fn excepted(mut piece: Piece, name: &str, who: &Denied, conditions: &[Condition]) -> Piece {
    piece.exceptions.insert(exception(name, who, "", conditions));
    piece
}

fn exception(name: &str, who: &Denied, of: &str, conditions: &[Condition]) -> Arc<str> {
    let to = match who {
        Denied::Some(names) => format!(" to {names}"),
        Denied::AllBut(others) => {
            let names = others.iter().map(|(who, _)| who.to_string());
            format!(" to others than {}", series(names, "and"))
        }
        Denied::All | Denied::Nobody | Denied::Perhaps(_) => String::new(),
    };
    let when = match conditions {
        [] => String::new(),
        some => format!(" if {}", series(some.iter().map(describe), "and")),
    };
    match who {
        Denied::Perhaps(reason) => {
            format!("may be denied{of}{when} by {name}, which {reason}").into()
        }
        _ => format!("denied by {name}{to}{of}{when}").into(),
    }
}
