//! What an action is.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::policy::{Permission, WriteTarget};
use super::scene::{Effect, Scene};
use crate::facts::{self, KINDS, Kind, Shape};
use crate::model::describe_serde_error;

/// Whether a fix can break something that works today.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FixClass {
    /// Only a person can decide what to do.
    ByHand,
    /// It can break a workload.
    Unsafe,
    /// Every request that works today still works, except for making something public.
    Safe,
}

impl FixClass {
    /// Every class, from the least to the most automatic one.
    pub const ALL: [Self; 3] = [Self::ByHand, Self::Unsafe, Self::Safe];

    /// `by_hand`, `unsafe` or `safe`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// Who can propose an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `fn fix` of a rule, and the undoing of another action.
    Rule,
    /// Only the undoing of another action: it can reopen what was closed.
    Undo,
}

/// Why an action is not possible for a resource, in words: `the policy would exceed 20 KB`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    /// With this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// The name of an action and its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The name.
    pub name: &'static str,
    /// The parameters.
    pub parameters: Map<String, Value>,
}

impl Call {
    /// The call of an action by its name, for two actions that undo each other.
    pub(super) fn named(name: &'static str, parameters: Value) -> Self {
        match parameters {
            Value::Object(parameters) => Self { name, parameters },
            _ => Self { name, parameters: Map::new() },
        }
    }

    /// The call of an action with typed parameters.
    pub(super) fn of<F: Fix>(fix: &F) -> Self {
        // Parameters are structs of plain data, so this cannot fail.
        let parameters = match serde_json::to_value(fix) {
            Ok(Value::Object(parameters)) => parameters,
            _ => Map::new(),
        };
        Self { name: F::NAME, parameters }
    }
}

/// How to undo an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Inverse {
    /// By this action, which restores what was there before.
    Action(Call),
    /// By this action, with a difference that remains: `the rules get new ids`.
    Nearly(Call, &'static str),
    /// By this action, whose parameter of this name is the id of the resource that was created. The id
    /// is known only after the write.
    Created {
        /// The name of the action.
        name: &'static str,
        /// The name of its parameter.
        parameter: &'static str,
    },
    /// Not by an action, for this reason.
    Never(&'static str),
}

/// The kinds of the resources that an action changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// This kind.
    One(&'static str),
    /// Every kind whose resources have tags that rolecall can write.
    WithTags,
}

impl Kinds {
    /// Whether resources of this kind can be changed.
    pub fn contains(self, kind: &str) -> bool {
        match self {
            Self::One(name) => name == kind,
            // A permission needs an ARN.
            Self::WithTags => {
                facts::kind(kind).is_some_and(|kind| kind.has_tags() && kind.arn.is_some())
            }
        }
    }

    /// The kinds, in the order of their table.
    pub fn all(self) -> impl Iterator<Item = &'static Kind> {
        KINDS.iter().copied().filter(move |kind| self.contains(kind.name))
    }
}

impl std::fmt::Display for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::One(name) => return write!(f, "`{name}`"),
            Self::WithTags => "resources with tags",
        })
    }
}

/// State, effects and facts by name.
pub type Facts = Map<String, Value>;

/// Why something is not an action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAction(pub(super) String);

impl InvalidAction {
    pub(super) fn params(name: &str, error: &str) -> Self {
        Self(format!("invalid parameters of `{name}`: {}", describe_serde_error(error)))
    }
}

/// One API call that changes a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// `service:Operation`: `s3:PutPublicAccessBlock`.
    pub call: &'static str,
    /// What must be allowed for it: the first permission is that of the call itself.
    pub permissions: Vec<Permission>,
}

/// An action with typed parameters. A unit struct or a struct of parameters implements it; field
/// names are AWS's in snake_case.
pub trait Fix: Serialize + DeserializeOwned + JsonSchema {
    /// `service.kind.verb_object`: `s3.bucket.block_public_access`.
    const NAME: &'static str;
    /// The kind of the resource that it changes.
    const KINDS: Kinds;
    /// What it does, in one line: `Enables Block Public Access for the bucket.`
    const DOC: &'static str;
    /// Who can propose it.
    const ORIGIN: Origin = Origin::Rule;
    /// The facts and fields of the resource that it changes, which must be equal to those in the plan
    /// immediately before the write.
    const TOUCHES: &'static [&'static str];
    /// Further facts (`"policy"`) and kinds (`"ec2.flow_log"`) that [`Fix::after`] reads.
    const READS: &'static [&'static str] = &[];
    /// The parameters, all of them lists, that are united if several rules propose the action for one
    /// resource. Without any, different parameters are different changes.
    const UNITES: &'static [&'static str] = &[];
    /// Whether its calls to EC2 have the parameter `DryRun`. Those to S3 never have it.
    const DRY_RUN: bool;
    /// For how many seconds the change can take to become visible.
    const SETTLES: u32;
    /// The names of the actions that [`Fix::inverse`] can return.
    const UNDONE_BY: &'static [&'static str];

    /// Checks what the types of the parameters cannot express, and returns them in their normal form.
    fn checked(self) -> Result<Self, String> {
        Ok(self)
    }

    /// What it changes; an error if it is not possible in these circumstances. The effect is empty if
    /// everything is already so.
    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal>;

    /// How to undo it, given the state before.
    fn inverse(&self, before: &Facts) -> Inverse;

    /// The calls that carry it out, in this order, given the state before: some of
    /// [`Fix::possible_writes`], perhaps with further conditions. Normally, these are all of them.
    fn writes(&self, target: &WriteTarget<'_>, _before: &Facts) -> Vec<Write> {
        Self::possible_writes(target)
    }

    /// Every call that [`Fix::writes`] can return, whatever the parameters and the state before. The
    /// write role must be allowed to make them, so that their permissions have only conditions that
    /// always hold.
    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write>;

    /// What of the resource matters for this action. Normally, these are the facts and fields that it
    /// touches.
    fn state(&self, scene: &Scene<'_>) -> Facts {
        let touched = Self::TOUCHES.iter().map(|name| {
            let value = scene.resource.facts.get(*name).cloned().unwrap_or_default();
            ((*name).to_owned(), value)
        });
        touched.collect()
    }
}

type CheckedFn = fn(Facts) -> Result<Facts, InvalidAction>;
type AfterFn = fn(&Facts, &Scene<'_>) -> Result<Effect, Refusal>;
type WritesFn = fn(&Facts, &WriteTarget<'_>, &Facts) -> Vec<Write>;
type PossibleWritesFn = fn(&WriteTarget<'_>) -> Vec<Write>;

/// An action in the table.
pub struct ActionSpec {
    /// See [`Fix::NAME`].
    pub name: &'static str,
    /// See [`Fix::KINDS`].
    pub kinds: Kinds,
    /// See [`Fix::DOC`].
    pub doc: &'static str,
    /// See [`Fix::ORIGIN`].
    pub origin: Origin,
    /// See [`Fix::TOUCHES`].
    pub touches: &'static [&'static str],
    /// See [`Fix::READS`].
    pub reads: &'static [&'static str],
    /// See [`Fix::UNITES`].
    pub unites: &'static [&'static str],
    /// See [`Fix::DRY_RUN`].
    pub dry_run: bool,
    /// See [`Fix::SETTLES`].
    pub settles: u32,
    /// See [`Fix::UNDONE_BY`].
    pub undone_by: &'static [&'static str],
    /// See [`Fix::possible_writes`].
    pub possible_writes: PossibleWritesFn,
    /// The type of its parameters.
    pub params: Shape,
    pub(super) checked: CheckedFn,
    pub(super) after: AfterFn,
    pub(super) inverse: fn(&Facts, &Facts) -> Inverse,
    pub(super) writes: WritesFn,
    pub(super) state: fn(&Facts, &Scene<'_>) -> Facts,
}

impl std::fmt::Debug for ActionSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl ActionSpec {
    /// Whether its calls for resources of a kind have the parameter `DryRun`.
    pub fn has_dry_run(&self, kind: &str) -> bool {
        self.dry_run && kind.starts_with("ec2.")
    }

    /// The table entry of an action.
    pub const fn of<F: Fix>() -> Self {
        Self {
            name: F::NAME,
            kinds: F::KINDS,
            doc: F::DOC,
            origin: F::ORIGIN,
            touches: F::TOUCHES,
            reads: F::READS,
            unites: F::UNITES,
            dry_run: F::DRY_RUN,
            settles: F::SETTLES,
            undone_by: F::UNDONE_BY,
            possible_writes: |target| F::possible_writes(target),
            params: Shape::of::<F>(),
            checked: |params| {
                let fix = parse::<F>(&params)?.checked();
                let fix = fix.map_err(|error| InvalidAction::params(F::NAME, &error))?;
                Ok(Call::of(&fix).parameters)
            },
            after: |params, scene| {
                let fix = parse::<F>(params).map_err(|error| Refusal(error.to_string()))?;
                fix.after(scene)
            },
            inverse: |params, before| match parse::<F>(params) {
                Ok(fix) => fix.inverse(before),
                Err(_) => Inverse::Never("its parameters are invalid"),
            },
            writes: |params, target, before| {
                parse::<F>(params).map(|fix| fix.writes(target, before)).unwrap_or_default()
            },
            state: |params, scene| {
                parse::<F>(params).map(|fix| fix.state(scene)).unwrap_or_default()
            },
        }
    }
}

fn parse<F: Fix>(params: &Facts) -> Result<F, InvalidAction> {
    serde_json::from_value(Value::Object(params.clone()))
        .map_err(|error| InvalidAction::params(F::NAME, &error.to_string()))
}
