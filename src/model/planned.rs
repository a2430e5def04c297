//! What a plan does to the resources of the code.

/// What a plan does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlannedAction {
    /// It creates it.
    Create,
    /// It changes it in place.
    Update,
    /// It destroys it and creates another one.
    Replace,
    /// It destroys it.
    Delete,
}

impl PlannedAction {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "destroy and create again",
            Self::Delete => "destroy",
        }
    }
}

/// A change of a resource of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// If it is destroyed: the settings before the change that say what is left of its data.
    pub settings: Vec<(&'static str, bool)>,
    /// Its address.
    pub address: String,
    /// What the plan does to it.
    pub action: PlannedAction,
    /// The attributes that cannot be changed in place, if it is replaced.
    pub replaced_by: Vec<String>,
    /// The attributes that change.
    pub values: Vec<ValueChange>,
}

/// A change of an attribute. Values are shortened; sensitive ones are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The attribute: `metadata_options.http_tokens`.
    pub attribute: String,
    /// Its value before the change, if it is set.
    pub before: Option<String>,
    /// Its value after the change, if it is set.
    pub after: Option<String>,
}

impl ValueChange {
    /// A value that is not known, as Terraform prints it.
    pub const AFTER_APPLY: &'static str = "(known after apply)";

    /// Whether the value after the change is not known.
    pub fn is_open(&self) -> bool {
        self.after.as_deref() == Some(Self::AFTER_APPLY)
    }

    /// Whether it is this attribute, or a part of it.
    pub fn is_in(&self, attribute: &str) -> bool {
        self.attribute
            .strip_prefix(attribute)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Why AWS will refuse a part of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What AWS will refuse, with the error code, and why.
    pub message: String,
    /// The facts that would change; none if it is about the resource as a whole.
    pub facts: &'static [&'static str],
}

impl Refusal {
    /// One that is about the resource as a whole.
    pub fn of_all(message: String) -> Self {
        Self { message, facts: &[] }
    }
}
