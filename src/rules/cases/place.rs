//! Positions within a case, and errors at them.

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// An error in a case, and its position.
pub(super) struct CaseError {
    pub(super) at: Vec<Step>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl CaseError {
    pub(super) fn new(at: Vec<Step>, message: String) -> Self {
        Self { at, message, help: None }
    }
}
