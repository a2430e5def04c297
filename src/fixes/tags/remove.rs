//! `tags.remove`: removes tags, only with the values that are named.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::permissions::{delete, delete_tags};
use super::tag_set::{FACT, become_tags, check, of_state, other_value, present, state};
use crate::facts::Tags;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The tags to remove.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoveTags {
    /// The keys, each with its present value.
    pub(super) tags: Tags,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<RemoveTags>();

impl Fix for RemoveTags {
    const NAME: &'static str = "tags.remove";
    const KINDS: Kinds = Kinds::WithTags;
    const DOC: &'static str =
        "Removes tags from the resource. A key that is there with another value is refused.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 30;
    const UNDONE_BY: &'static [&'static str] = &["tags.add"];

    fn checked(self) -> Result<Self, String> {
        check(&self.tags)?;
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut tags = present(scene)?;
        for (key, value) in &self.tags {
            match tags.remove(key.as_str()) {
                Some(known) if known != *value => return Err(other_value(key, &known)),
                _ => {}
            }
        }
        become_tags(scene, &tags)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let before = of_state(before);
        let mut tags = self.tags.clone();
        tags.retain(|key, value| before.get(key) == Some(value));
        if tags.is_empty() {
            return Inverse::Never("no tag was removed");
        }
        Inverse::Action(Call::named("tags.add", json!({ "tags": tags })))
    }

    fn writes(&self, target: &WriteTarget<'_>, before: &Facts) -> Vec<Write> {
        vec![delete_tags(target, &self.tags, before)]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![delete(target)]
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        state(scene, self.tags.keys())
    }
}
