//! Fixes in code: for resources that code declares, where a change in AWS would be reverted by the next
//! deployment.

use std::path::Path;

use super::plan::Source;
use crate::model::{Place, PlaceKind};
use crate::rules::recommended;
use crate::sources::{Sources, literal, patch};

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
    /// The fix at a place. `markdown`: the documentation of the rule.
    pub(super) fn new(place: &Place, sources: &Sources, markdown: &str) -> Self {
        let what = match place.what {
            PlaceKind::Template => "CloudFormation",
            PlaceKind::Construct => "CDK",
            PlaceKind::Attribute | PlaceKind::Argument | PlaceKind::Block | PlaceKind::Call => {
                "Terraform"
            }
        };
        let text = sources.repository().read(Path::new(&place.file)).ok();
        Self {
            source: Source { file: place.file.clone(), line: place.line },
            reason: format!("managed by {what} at {}: change it there", place.position()),
            patch: text.and_then(|text| proposed_patch(&text, place, markdown)),
        }
    }
}

/// The patch that sets the attribute at a place to the value in the documentation of a rule, if that is
/// the only change it takes. `text`: that of the file.
pub fn proposed_patch(text: &str, place: &Place, markdown: &str) -> Option<String> {
    let literal = literal(text, place)?;
    let value = recommended(markdown, literal.name)?;
    patch(&place.file, text, &literal.range, value)
}
