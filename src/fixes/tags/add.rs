//! `tags.add`: adds tags whose keys are missing. It never changes a value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::permissions::{create, create_tags};
use super::remove::RemoveTags;
use super::tag_set::{FACT, become_tags, check, of_state, other_value, present, state};
use crate::facts::Tags;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The tags to add.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddTags {
    /// The keys, each with its value.
    pub(super) tags: Tags,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<AddTags>();

impl Fix for AddTags {
    const NAME: &'static str = "tags.add";
    const KINDS: Kinds = Kinds::WithTags;
    const DOC: &'static str =
        "Adds tags to the resource. A key that is there with another value is refused.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 30;
    const UNDONE_BY: &'static [&'static str] = &["tags.remove"];

    fn checked(self) -> Result<Self, String> {
        check(&self.tags)?;
        Ok(self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut tags = present(scene)?;
        for (key, value) in &self.tags {
            match tags.get(key) {
                Some(known) if known != value => return Err(other_value(key, known)),
                Some(_) => {}
                None => {
                    tags.insert(key.clone(), value.clone());
                }
            }
        }
        become_tags(scene, &tags)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let before = of_state(before);
        let mut tags = self.tags.clone();
        tags.retain(|key, _| !before.contains_key(key));
        if tags.is_empty() {
            return Inverse::Never("no tag was added");
        }
        Inverse::Action(Call::of(&RemoveTags { tags }))
    }

    fn writes(&self, target: &WriteTarget<'_>, before: &Facts) -> Vec<Write> {
        vec![create_tags(target, &self.tags, before)]
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        vec![create(target)]
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        state(scene, self.tags.keys())
    }
}
