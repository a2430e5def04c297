//! Variants: rules that ask the question of one script with other parameters, each with an id and a
//! title of its own.

use std::collections::BTreeMap;

use rhai::Position;
use serde_json::{Map, Value};

use crate::model::Severity;
use crate::rules::language::limits::Limits;

/// A rule that a script declares in `variants`.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its id.
    pub id: String,
    /// The problem when it fails, in one line.
    pub title: String,
    /// What is wrong when it fails, instead of the first paragraph of the script's documentation.
    pub summary: Option<String>,
    /// Its default severity.
    pub severity: Severity,
    /// The parameters that it sets; the others are those of the script.
    pub params: Map<String, Value>,
    /// Previous ids, oldest first.
    pub aliases: Vec<String>,
    /// Its Terraform resource types, if they differ from those of the script.
    pub terraform: Option<Vec<String>>,
    /// The position of its id.
    pub(crate) position: Position,
}

/// A variant as far as it can be read.
#[derive(Debug, Default)]
pub(crate) struct VariantDraft {
    pub(crate) id: Option<(String, Position)>,
    pub(crate) title: Option<(String, Position)>,
    pub(super) summary: Option<String>,
    pub(super) severity: Option<Severity>,
    /// Parameters with the positions of their names.
    pub(crate) params: Vec<(String, Position, Value)>,
    pub(crate) aliases: Vec<(String, Position)>,
    pub(crate) terraform: Option<Vec<(String, Position)>>,
}

impl VariantDraft {
    /// The id, or nothing if it is missing.
    pub(crate) fn name(&self) -> &str {
        self.id.as_ref().map_or("", |(id, _)| id)
    }

    /// `None` if the id or the title is missing. `severity`: that of the script.
    pub(super) fn into_variant(self, severity: Severity) -> Option<Variant> {
        let (id, position) = self.id?;
        Some(Variant {
            id,
            title: self.title?.0,
            summary: self.summary,
            severity: self.severity.unwrap_or(severity),
            params: self.params.into_iter().map(|(name, _, value)| (name, value)).collect(),
            aliases: self.aliases.into_iter().map(|(alias, _)| alias).collect(),
            terraform: self
                .terraform
                .map(|entries| entries.into_iter().map(|(entry, _)| entry).collect()),
            position,
        })
    }
}

/// A parameter: its name, the position of its name, and its value.
pub(super) type Param = (String, Position, Value);

/// What the variants of a script set values for.
pub(super) struct Declared<'a> {
    pub(super) params: &'a [Param],
    pub(super) limits: &'a BTreeMap<String, Limits>,
    pub(super) aliases: &'a [(String, Position)],
}
