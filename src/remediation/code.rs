//! Fixes in code: for resources that code declares, where a change in AWS would be reverted by the next
//! deployment.

use std::path::Path;

use super::plan::Source;
use crate::model::{Evidence, Place, PlaceKind};
use crate::rules::recommended;
use crate::sources::{Literal, Sources, is_ignored, literal, patch};

/// A fix of a finding in code.
pub(super) struct CodeFix {
    /// Where.
    pub(super) source: Source,
    /// What to do.
    pub(super) reason: String,
    /// A patch for `git apply`.
    pub(super) patch: Option<String>,
}

impl CodeFix {
    /// The fix at a place. `instructions`: the documentation of the rule; empty if other values are right.
    pub(super) fn new(
        place: &Place,
        sources: &Sources,
        instructions: &str,
        evidence: &[Evidence],
    ) -> Self {
        let what = match place.what {
            PlaceKind::Template => "CloudFormation",
            PlaceKind::Construct => "CDK",
            PlaceKind::Attribute | PlaceKind::Argument | PlaceKind::Block | PlaceKind::Call => {
                "Terraform"
            }
        };
        let text = sources.repository().read(Path::new(&place.file)).ok();
        let change =
            text.and_then(|text| CodeChange::proposed(&text, place, instructions, evidence));
        let position = place.position();
        let reason = match change {
            Some(CodeChange::None) => {
                format!("managed by {what} at {position}, which has the right value: apply it")
            }
            Some(CodeChange::Ignored) => format!(
                "managed by {what} at {position}, where `ignore_changes` lists it: remove it from the list, and change it there"
            ),
            Some(CodeChange::Patch(_)) | None => {
                format!("managed by {what} at {position}: change it there")
            }
        };
        Self {
            source: Source { file: place.file.clone(), line: place.line },
            reason,
            patch: change.and_then(CodeChange::into_patch),
        }
    }
}

/// What the literal value at a place needs so that a rule passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeChange {
    /// A patch for `git apply`.
    Patch(String),
    /// Nothing: the code is right, and what is in AWS differs from it.
    None,
    /// Terraform ignores the value in the code: `ignore_changes` lists the attribute.
    Ignored,
}

impl CodeChange {
    /// The change that sets the attribute at a place to the value in the documentation of a rule, if no
    /// other change is needed. `text`: that of the file.
    pub fn proposed(
        text: &str,
        place: &Place,
        instructions: &str,
        evidence: &[Evidence],
    ) -> Option<Self> {
        let literal = literal(text, place)?;
        let value = recommended(instructions, literal.name)?;
        // An attribute of that name can have another meaning here.
        if Literal::type_of(value) != Literal::type_of(literal.value) {
            return None;
        }
        // Of several attributes, another one is the cause if AWS has the right value of this one.
        if evidence.iter().any(|piece| has(piece, literal.name, value)) {
            return None;
        }
        if is_ignored(text, place) {
            return Some(Self::Ignored);
        }
        if literal.value == value {
            return Some(Self::None);
        }
        patch(&place.file, text, &literal.range, value).map(Self::Patch)
    }

    /// The patch.
    pub fn into_patch(self) -> Option<String> {
        match self {
            Self::Patch(patch) => Some(patch),
            Self::None | Self::Ignored => None,
        }
    }
}

/// Whether evidence has this value, as written in HCL, of a field.
fn has(piece: &Evidence, name: &str, value: &str) -> bool {
    piece.get(name).is_some_and(|found| match found.as_str() {
        Some(text) => {
            value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) == Some(text)
        }
        None => {
            let written = found.to_string();
            written == value
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_attribute_that_is_right_on_aws_is_not_the_cause() {
        let text = "resource \"aws_subnet\" \"a\" {\n  map_public_ip_on_launch = false\n}\n";
        let instructions =
            "x\n## How to fix it\n\n- Terraform: set `map_public_ip_on_launch = false`.\n";
        let place = Place {
            file: "main.tf".to_owned(),
            line: 2,
            column: 3,
            end_column: 34,
            address: "aws_subnet.a".to_owned(),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: None,
        };
        for (on_aws, wanted) in [
            (json!(false), None),
            (json!(true), Some(CodeChange::None)),
            (json!(null), Some(CodeChange::None)),
            (json!("false"), Some(CodeChange::None)),
        ] {
            let evidence = [json!({ "map_public_ip_on_launch": on_aws })];
            let found = CodeChange::proposed(text, &place, instructions, &evidence);
            assert_eq!(found, wanted, "{evidence:?}");
        }
        assert!(has(&json!({ "state": "on" }), "state", "\"on\""));
    }
}
