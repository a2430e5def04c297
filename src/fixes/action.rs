//! An action with its parameters.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::actions::{action, suggest_action};
use super::permit::literal;
use super::policy::WriteTarget;
use super::scene::{Effect, Scene};
use super::spec::{ActionSpec, InvalidAction, Inverse, Refusal, Write};
#[cfg(feature = "remediate")]
use crate::model::{Resource, unreadable};

/// One change of one resource: an action of the table with valid parameters.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Action {
    spec: &'static ActionSpec,
    parameters: Map<String, Value>,
}

/// An action as it is in plans and test cases.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    action: String,
    #[serde(default)]
    parameters: Map<String, Value>,
}

impl InvalidAction {
    fn unknown(name: &str) -> Self {
        let help = suggest_action(name)
            .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        Self(format!("unknown action `{name}`{help}"))
    }
}

impl Action {
    /// Checks the name and the parameters, which get their normal form.
    pub fn new(name: &str, parameters: Map<String, Value>) -> Result<Self, InvalidAction> {
        let spec = action(name).ok_or_else(|| InvalidAction::unknown(name))?;
        Ok(Self { spec, parameters: (spec.checked)(parameters)? })
    }

    /// Its entry in the table.
    pub fn spec(&self) -> &'static ActionSpec {
        self.spec
    }

    /// Its parameters, in normal form.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    /// The state that matters for it: what must be equal to the plan immediately before the write.
    pub fn state(&self, scene: &Scene<'_>) -> Map<String, Value> {
        (self.spec.state)(&self.parameters, scene)
    }

    /// What it changes in the facts.
    pub fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        (self.spec.after)(&self.parameters, scene)
    }

    /// The state after it: what [`Action::state`] would return.
    #[cfg(feature = "remediate")]
    pub fn state_after(&self, scene: &Scene<'_>) -> Result<Map<String, Value>, Refusal> {
        let Effect { facts, creates, deletes } = self.after(scene)?;
        let mut resource = scene.resource.clone();
        for (name, value) in facts {
            resource.unreadable.retain(|path, _| unreadable::outermost(path) != name);
            resource.facts.insert(name, value);
        }
        let created = creates.into_iter().map(|new| new.into_resource(scene));
        let created: Vec<Resource> = created.collect::<Result<_, _>>()?;
        let related = |kind: &str| {
            let is_deleted =
                |one: &&Resource| deletes.iter().any(|(of, id)| *of == kind && *id == one.id);
            let mut found = (scene.related)(kind);
            found.retain(|one| !is_deleted(one));
            found.extend(created.iter().filter(|one| one.kind == kind));
            found
        };
        Ok(self.state(&Scene { resource: &resource, related: &related, ..*scene }))
    }

    /// How to undo it, given the state before.
    pub fn inverse(&self, before: &Map<String, Value>) -> Inverse {
        (self.spec.inverse)(&self.parameters, before)
    }

    /// The calls that carry it out.
    pub fn writes(&self, target: &WriteTarget<'_>, before: &Map<String, Value>) -> Vec<Write> {
        // An id can come from a file that somebody edited, and must not allow more than one resource.
        let id = literal(target.id);
        (self.spec.writes)(&self.parameters, &WriteTarget { id: &id, ..*target }, before)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.spec.name == other.spec.name && self.parameters == other.parameters
    }
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.spec.name, Value::Object(self.parameters.clone()))
    }
}

impl TryFrom<Written> for Action {
    type Error = InvalidAction;

    fn try_from(written: Written) -> Result<Self, InvalidAction> {
        Self::new(&written.action, written.parameters)
    }
}

impl From<Action> for Written {
    fn from(action: Action) -> Self {
        Self { action: action.spec.name.to_owned(), parameters: action.parameters }
    }
}
