//! What several Deny statements deny together, although each of them exempts something.

use std::collections::BTreeMap;

use super::conditions::is_always_met;
use super::piece::{Piece, Request};
use crate::policy::actions::{Action, Target};
use crate::policy::{Condition, Statement, denied_to_everyone};

/// More actions and resources than this are not compared with all Deny statements of a policy. What is
/// left out counts as not denied.
const MAX_COMPARED: usize = 300;

/// The Deny statements of a policy that apply to every request of a way.
pub(super) struct Joint<'a> {
    request: &'a Request<'a>,
    denies: Vec<Statement>,
    /// Whether they deny an action on a resource to everyone.
    known: BTreeMap<(String, String), bool>,
}

impl<'a> Joint<'a> {
    pub(super) fn of(policy: &[Statement], request: &'a Request<'a>) -> Self {
        let denies: Vec<(&Statement, Vec<Condition>)> = policy
            .iter()
            .filter(|one| one.effect == "Deny")
            .filter_map(|one| Some((one, request.undecided(&one.conditions)?)))
            .filter(|(_, conditions)| conditions.len() < 2)
            .collect();
        let applies = |(statement, conditions): &&(&Statement, Vec<Condition>)| {
            let Some(condition) = conditions.first() else { return true };
            // Another statement denies the same under the opposite condition.
            denies.iter().any(|(other, others)| {
                let other_condition = others.first();
                has_same_scope(statement, other)
                    && other_condition.is_none_or(|other| complete(condition, other))
            })
        };
        let denies = denies.iter().filter(applies).map(|(one, _)| (*one).clone()).collect();
        Self { request, denies, known: BTreeMap::new() }
    }

    /// Whether they deny every action on the bucket and its objects.
    pub(super) fn deny_everything(&self) -> bool {
        let of = [self.request.arn.to_owned(), format!("{}*", self.request.objects)];
        of.iter().all(|resource| denied_to_everyone(&self.denies, "s3:*", resource))
    }

    /// Divides what somebody can do into what is left, and what the statements deny together.
    pub(super) fn divide(&mut self, piece: Piece) -> (Option<Piece>, Option<Piece>) {
        if self.denies.len() < 2 {
            return (Some(piece), None);
        }
        let (denied, left): (Vec<_>, Vec<_>) =
            piece.actions.iter().cloned().partition(|action| self.denies(action, &piece.objects));
        let part =
            |actions: Vec<_>| (!actions.is_empty()).then(|| Piece { actions, ..piece.clone() });
        (part(left), part(denied))
    }

    fn denies(&mut self, action: &Action, objects: &[String]) -> bool {
        let mut resources: Vec<String> = Vec::new();
        if action.target != Target::Objects {
            resources.push(self.request.arn.to_owned());
        }
        if action.target != Target::Bucket {
            // A pattern can be a complete ARN.
            let whole = |keys: &String| match keys.starts_with("arn:") {
                true => keys.clone(),
                false => format!("{}{keys}", self.request.objects),
            };
            resources.extend(objects.iter().map(whole));
        }
        !resources.is_empty()
            && resources.iter().all(|resource| self.denies_resource(&action.name, resource))
    }

    fn denies_resource(&mut self, action: &str, resource: &str) -> bool {
        if resource.contains("${") {
            return false;
        }
        let key = (action.to_owned(), resource.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= MAX_COMPARED {
            return false;
        }
        let denied = denied_to_everyone(&self.denies, action, resource);
        self.known.insert(key, denied);
        denied
    }
}

/// Whether statements apply to the same requests, apart from their conditions.
fn has_same_scope(one: &Statement, other: &Statement) -> bool {
    one.principals == other.principals
        && one.not_principals == other.not_principals
        && one.actions == other.actions
        && one.not_actions == other.not_actions
        && one.resources == other.resources
        && one.not_resources == other.not_resources
}

/// Whether every request meets one of two conditions.
fn complete(one: &Condition, other: &Condition) -> bool {
    let values = one.values.iter().chain(&other.values).cloned().collect();
    let is_same = one.key == other.key && one.operator.eq_ignore_ascii_case(&other.operator);
    is_same && is_always_met(&Condition { values, ..one.clone() })
}
