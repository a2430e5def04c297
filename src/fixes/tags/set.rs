//! `tags.set`: changes the values of tags that are there, only from the values that are named.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::permissions::{create, create_tags};
use super::tag_set::{FACT, become_tags, check, of_state, other_value, present, state};
use crate::facts::Tags;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The tags to change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetTags {
    /// The keys, each with its present and its new value.
    tags: BTreeMap<String, NewValue>,
}

/// The change of a value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// The present value.
    from: String,
    /// The new value.
    to: String,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<SetTags>();

impl SetTags {
    fn values(&self) -> Tags {
        self.tags.iter().map(|(key, value)| (key.clone(), value.to.clone())).collect()
    }
}

impl Fix for SetTags {
    const NAME: &'static str = "tags.set";
    const KINDS: Kinds = Kinds::WithTags;
    const DOC: &'static str = "Changes the values of tags of the resource. A tag that is missing or has another value is refused.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 30;
    const UNDONE_BY: &'static [&'static str] = &["tags.set"];

    fn checked(self) -> Result<Self, String> {
        check(self.tags.iter().map(|(key, value)| (key, &value.from)))?;
        check(self.tags.iter().map(|(key, value)| (key, &value.to)))?;
        match self.tags.iter().find(|(_, value)| value.from == value.to) {
            Some((key, _)) => Err(format!("`from` and `to` of `{key}` are equal")),
            None => Ok(self),
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut tags = present(scene)?;
        for (key, NewValue { from, to }) in &self.tags {
            match tags.get_mut(key) {
                Some(value) if value == from => value.clone_from(to),
                Some(value) if value == to => {}
                Some(value) => return Err(other_value(key, value)),
                None => return Err(Refusal::new(format!("the tag `{key}` is missing"))),
            }
        }
        become_tags(scene, &tags)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let before = of_state(before);
        let changed = self.tags.iter().filter(|(key, value)| before.get(*key) == Some(&value.from));
        let back = |value: &NewValue| NewValue { from: value.to.clone(), to: value.from.clone() };
        let tags: BTreeMap<_, _> = changed.map(|(key, value)| (key.clone(), back(value))).collect();
        if tags.is_empty() {
            return Inverse::Never("no tag was changed");
        }
        Inverse::Action(Call::of(&Self { tags }))
    }

    fn writes(&self, target: &WriteTarget<'_>, before: &Facts) -> Vec<Write> {
        vec![create_tags(target, &self.values(), before)]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![create(target)]
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        state(scene, self.tags.keys())
    }
}
