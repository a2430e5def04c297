//! The fix that a failing case expects.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::place::{CaseError, Step};
use crate::fixes::{self, Action, FixClass, Origin};
use crate::model::{Verdict, text};
use crate::rules::language::meta::Meta;

/// What `fix` must return, and the verdict afterward.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFix {
    /// The class.
    pub class: ExpectedClass,
    /// The actions of a safe or unsafe fix.
    #[serde(default)]
    pub actions: Option<Vec<ExpectedAction>>,
    /// The exact reason, if it matters.
    #[serde(default)]
    pub reason: Option<String>,
    /// The verdict after the actions, `pass` by default.
    #[serde(default)]
    pub after: Option<Verdict>,
}

/// The class that a case expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedClass {
    /// Only a person can decide what to do.
    ByHand,
    /// It can break a workload.
    Unsafe,
    /// It breaks nothing.
    Safe,
    /// What `fix` needs could not be read.
    Unknown,
}

/// An action as a case has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAction {
    /// Its name.
    pub action: String,
    /// Its parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

impl ExpectedClass {
    /// As it is in a case.
    pub const fn as_str(self) -> &'static str {
        match self.class() {
            Some(class) => class.as_str(),
            None => "unknown",
        }
    }

    /// The class of a fix; `None` if it is unknown.
    pub const fn class(self) -> Option<FixClass> {
        match self {
            Self::ByHand => Some(FixClass::ByHand),
            Self::Unsafe => Some(FixClass::Unsafe),
            Self::Safe => Some(FixClass::Safe),
            Self::Unknown => None,
        }
    }

    const fn has_actions(self) -> bool {
        matches!(self, Self::Safe | Self::Unsafe)
    }
}

impl ExpectedFix {
    /// The actions in normal form, without invalid ones.
    pub fn actions(&self) -> Vec<Action> {
        let valid = |one: &ExpectedAction| Action::new(&one.action, one.parameters.clone()).ok();
        self.actions.iter().flatten().filter_map(valid).collect()
    }

    /// Checks what does not depend on the outcome.
    pub(super) fn check(&self, meta: &Meta, expect: Verdict) -> Result<(), CaseError> {
        let error = |steps: &[Step], message: String, help: Option<String>| {
            let at = [&["fix".into()], steps].concat();
            Err(CaseError { help, ..CaseError::new(at, message) })
        };
        if meta.fix.is_none() {
            let help = "remove `fix`, or add `fn fix` and its metadata to the rule".to_owned();
            return error(&[], "the rule has no function `fix`".to_owned(), Some(help));
        }
        if expect != Verdict::Fail {
            let message = format!("`fix` has no effect if the case expects `{expect}`");
            return error(&[], message, Some("`fix` is called only for `fail`".to_owned()));
        }
        let class = self.class.as_str();
        let unused = [
            ("actions", self.actions.is_some() && !self.class.has_actions(), "has no actions"),
            ("after", self.after.is_some() && !self.class.has_actions(), "changes nothing"),
            ("reason", self.reason.is_some() && !self.has_reason(), "has no reason"),
        ];
        if let Some((key, _, why)) = unused.into_iter().find(|(_, is_unused, _)| *is_unused) {
            let message = format!("`{key}` in `fix`: a fix of class `{class}` {why}");
            return error(&[key.into()], message, Some(format!("remove `{key}`")));
        }
        if self.after == Some(Verdict::Error) {
            let help = "use `pass`, `fail`, `skip` or `unknown`".to_owned();
            return error(&["after".into()], "`after` cannot be `error`".to_owned(), Some(help));
        }
        let actions = self.actions.as_deref().unwrap_or_default();
        if self.class.has_actions() && actions.is_empty() {
            let message = format!("missing `actions` in `fix`: a fix of class `{class}` has some");
            let help = "list them: `\"actions\": [{ \"action\": \"…\", \"parameters\": { … } }]`";
            return error(&[], message, Some(help.to_owned()));
        }
        for (index, one) in actions.iter().enumerate() {
            let step = |key: &str| ["actions".into(), index.into(), key.into()];
            match Action::new(&one.action, one.parameters.clone()) {
                Ok(action) if action.spec().origin == Origin::Undo => {
                    let name = &one.action;
                    let message = format!("`{name}` only undoes other actions");
                    return error(&step("action"), message, None);
                }
                Ok(_) => {}
                Err(_) if fixes::action(&one.action).is_none() => {
                    let help = fixes::suggest_action(&one.action)
                        .map(|meant| format!("did you mean `{meant}`?"));
                    let shown = text::one_line(&one.action, 60);
                    return error(&step("action"), format!("unknown action `{shown}`"), help);
                }
                Err(invalid) => return error(&step("parameters"), invalid.to_string(), None),
            }
        }
        Ok(())
    }

    const fn has_reason(&self) -> bool {
        matches!(self.class, ExpectedClass::ByHand | ExpectedClass::Unsafe)
    }
}
