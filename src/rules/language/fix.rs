//! What `fn fix` of a rule can propose, as its metadata declares it.

use rhai::Position;
use serde_json::{Map, Value};

use super::needs::Needs;
use crate::fixes::FixClass;

/// What the function `fix` of a rule can propose.
#[derive(Debug, Clone, PartialEq)]
pub struct FixMeta {
    /// The most automatic class that it returns.
    pub most: FixClass,
    /// The facts and kinds that it reads beyond those that `check` reads.
    pub needs: Needs,
    /// Parameters of `fix` only, with their defaults; `()` for one that must be set.
    pub params: Map<String, Value>,
    /// Where the metadata declares it.
    pub(crate) position: Position,
}

/// The key `fix` as far as it can be read.
#[derive(Debug)]
pub(crate) struct FixDraft {
    /// The position of its value.
    pub(crate) position: Position,
    pub(crate) most: FixClass,
    pub(crate) needs: Needs,
    /// The entries of `needs` as written.
    #[allow(dead_code, reason = "lint will read it")]
    pub(crate) need_entries: Vec<(String, Position)>,
    /// Parameters with the positions of their names.
    pub(crate) params: Vec<(String, Position, Value)>,
}

impl FixDraft {
    pub(super) fn into_meta(self) -> FixMeta {
        let params = self.params.into_iter().map(|(name, _, value)| (name, value)).collect();
        FixMeta { most: self.most, needs: self.needs, params, position: self.position }
    }
}
