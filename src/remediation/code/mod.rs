//! Fixes in code: for resources that code declares, where a change in AWS would be reverted by the next
//! deployment.

mod reasons;
#[cfg(test)]
mod tests;

use std::path::Path;

use reasons::{
    BOTH, COMPUTED, CONDITIONAL, GRANTS, JSON, LAUNCHED, LAUNCHED_BEFORE, MFA_DELETE, NEW_VERSION,
    NOT_PLAIN, OLD_DEFAULT, OTHER_DEFAULT, QUOTED, RENAMED, REPLACES, REPLACES_FOR_IT, SAME_NAME,
    SEVERAL,
};

use super::plan::Source;
use super::replaced::is_replaced;
use crate::fixes::FixClass;
use crate::model::{Evidence, Place, PlaceKind, text::one_line};
use crate::rules::{FixOutcome, has_value, recommended};
use crate::sources::{
    Literal, LiteralType, Repository, Sources, Surroundings, literal, patch, resource_type,
};

/// What is known of a failure whose cause is in code.
#[derive(Debug, Clone, Copy)]
pub struct CodeFailure<'a> {
    /// The documentation of the rule; empty if other values are right.
    pub instructions: &'a str,
    /// The Terraform resource types and attributes that decide the rule.
    pub terraform: &'a [String],
    /// The values that caused the failure.
    pub evidence: &'a [Evidence],
}

/// A fix of a finding in code.
pub(super) struct CodeFix {
    /// Where, if that is known.
    pub(super) source: Option<Source>,
    /// What to do.
    pub(super) reason: String,
    /// A patch for `git apply`.
    pub(super) patch: Option<String>,
}

impl CodeFix {
    /// The fix at a place.
    pub(super) fn new(place: &Place, sources: &Sources, failure: &CodeFailure<'_>) -> Self {
        let what = match place.what {
            PlaceKind::Template => "CloudFormation",
            PlaceKind::Construct => "CDK",
            PlaceKind::Attribute | PlaceKind::Argument | PlaceKind::Block | PlaceKind::Call => {
                "Terraform"
            }
        };
        let repository = sources.repository();
        let text = repository.read(Path::new(&place.file)).ok();
        let change =
            text.and_then(|text| CodeChange::proposed(Some(repository), &text, place, failure));
        let position = place.position();
        let reason = match change {
            Some(CodeChange::None) => {
                format!("managed by {what} at {position}, which has the right value: apply it")
            }
            Some(CodeChange::Ignored) => format!(
                "managed by {what} at {position}, where `ignore_changes` lists it: remove it from the list, and change it there"
            ),
            Some(CodeChange::Unpatched(why)) => {
                format!("managed by {what} at {position}: {why}")
            }
            Some(CodeChange::Patch(_)) | None => {
                format!("managed by {what} at {position}: change it there")
            }
        };
        Self {
            source: Some(Source { file: place.file.clone(), line: place.line }),
            reason,
            patch: change.and_then(CodeChange::into_patch),
        }
    }

    /// The fix of what is declared at an address that was not found, for this reason.
    pub(super) fn somewhere(address: &str, reason: &str) -> Self {
        let (address, reason) = (one_line(address, 200), one_line(reason, 500));
        Self {
            source: None,
            reason: format!("declared in code as {address}, but {reason}: change it in the code"),
            patch: None,
        }
    }

    /// The same fix with what the rule says of a change of this resource. `most`: the most automatic class
    /// of the rule.
    pub(super) fn with_warning(mut self, outcome: FixOutcome, most: Option<FixClass>) -> Self {
        let warning = match outcome {
            FixOutcome::Proposed { class: FixClass::Unsafe, reason, .. } => {
                format!("unsafe: {reason}")
            }
            FixOutcome::Proposed { class: FixClass::ByHand, reason, .. } => {
                // Something of this resource stands in the way of a change that is made otherwise.
                self.patch = self.patch.filter(|_| most == Some(FixClass::ByHand));
                format!("by hand: {reason}")
            }
            FixOutcome::Unknown(_) | FixOutcome::Error(_) => {
                "whether the change is safe is not known".to_owned()
            }
            FixOutcome::None | FixOutcome::Proposed { class: FixClass::Safe, .. } => return self,
        };
        self.reason = format!("{}; {warning}", self.reason);
        self
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
    /// Another value here is not the whole fix, or has other effects: why, as a clause.
    Unpatched(&'static str),
}

impl CodeChange {
    /// The change that sets the attribute at a place to the value in the documentation of a rule, if no
    /// other change is needed. `text`: that of the file. `repository`: what has the files that override
    /// it.
    pub fn proposed(
        repository: Option<&Repository>,
        text: &str,
        place: &Place,
        failure: &CodeFailure<'_>,
    ) -> Option<Self> {
        let code = Surroundings::read(repository, text, place);
        let Some(literal) = literal(text, place) else {
            return unreadable(&code, text, place, failure).map(Self::Unpatched);
        };
        let resource_type = resource_type(place).unwrap_or_default();
        let Some(value) = recommended(failure.instructions, literal.name) else {
            return is_renamed(place, &resource_type, failure).then_some(Self::Unpatched(RENAMED));
        };
        // An attribute of that name can have another meaning here.
        if Literal::type_of(value) != Literal::type_of(literal.value) {
            let is_quoted = literal.value.trim_matches('"') != literal.value
                && (Literal::type_of(value) == LiteralType::Boolean)
                && matches!(literal.value, "\"true\"" | "\"false\"");
            return is_quoted.then_some(Self::Unpatched(QUOTED));
        }
        // Of several attributes, another one is the cause if AWS has the right value of this one.
        if failure.evidence.iter().any(|piece| has_value(piece, literal.name, value)) {
            return None;
        }
        if code.is_ignored() {
            return Some(Self::Ignored);
        }
        let is_right = literal.value == value;
        let paths = code.paths(literal.name);
        let why = launches(&code, place, &resource_type, is_right, failure.evidence)
            .or_else(|| {
                let why = if is_right { REPLACES_FOR_IT } else { REPLACES };
                is_replaced(&resource_type, literal.name, paths.as_deref()).then_some(why)
            })
            .or_else(|| code.is_conditional().then_some(CONDITIONAL))
            .or_else(|| {
                has_other_cause(&code, &resource_type, literal.name, failure).then_some(BOTH)
            })
            .or_else(|| {
                let is_part = is_one_of_several(&code, paths.as_deref(), value, is_right, failure);
                is_part.then_some(SEVERAL)
            })
            .or_else(|| needs_mfa(&resource_type, literal.name, failure).then_some(MFA_DELETE))
            .or_else(|| has_grants(&code, &resource_type, literal.name, value).then_some(GRANTS));
        if let Some(why) = why {
            return Some(Self::Unpatched(why));
        }
        if is_right {
            return Some(Self::None);
        }
        patch(&place.file, text, &literal.range, value).map(Self::Patch)
    }

    /// The patch.
    pub fn into_patch(self) -> Option<String> {
        match self {
            Self::Patch(patch) => Some(patch),
            Self::None | Self::Ignored | Self::Unpatched(_) => None,
        }
    }
}

/// Why there is no patch of what is not read as a literal of HCL, but has a documented value.
fn unreadable(
    code: &Surroundings<'_>,
    text: &str,
    place: &Place,
    failure: &CodeFailure<'_>,
) -> Option<&'static str> {
    let is_json = place.file.ends_with(".json");
    let (name, why) = match place.what {
        PlaceKind::Attribute | PlaceKind::Argument if is_json => {
            let line = text.lines().nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
            let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
            let (at, _) = line.char_indices().nth(column)?;
            let (name, _) = line.get(at..)?.split_once(':')?;
            (name.trim().trim_matches('"').to_owned(), JSON)
        }
        PlaceKind::Argument if place.value.is_none() => {
            let written = Place { what: PlaceKind::Attribute, ..place.clone() };
            (literal(text, &written)?.name.to_owned(), COMPUTED)
        }
        PlaceKind::Attribute => {
            // An expression that reads something is not a value that a patch could replace.
            let (name, _) = code.named().filter(|(_, reads_nothing)| *reads_nothing)?;
            let why =
                if code.count(&name) > 1 && place.value.is_none() { SAME_NAME } else { NOT_PLAIN };
            (name, why)
        }
        _ => return None,
    };
    recommended(failure.instructions, &name).map(|_| why)
}

/// Whether a place is an argument with another name than the attribute of the rule, to which the module
/// passes it on.
fn is_renamed(place: &Place, resource_type: &str, failure: &CodeFailure<'_>) -> bool {
    place.what == PlaceKind::Argument
        && failure.terraform.iter().any(|entry| {
            let mut names = entry.split('.');
            names.next() == Some(resource_type)
                && names
                    .next_back()
                    .is_some_and(|name| recommended(failure.instructions, name).is_some())
        })
}

/// Whether ACLs are to be disabled while the code sets one: S3 answers
/// `InvalidBucketAclWithObjectOwnership`.
fn has_grants(code: &Surroundings<'_>, resource_type: &str, name: &str, value: &str) -> bool {
    resource_type == "aws_s3_bucket_ownership_controls"
        && name == "object_ownership"
        && value == "\"BucketOwnerEnforced\""
        && (code.declares("aws_s3_bucket_acl", "bucket")
            || ["acl", "grant"].iter().any(|name| code.has_argument(name)))
}

/// Whether versioning of a bucket with MFA delete is to be changed.
fn needs_mfa(resource_type: &str, name: &str, failure: &CodeFailure<'_>) -> bool {
    matches!(
        (resource_type, name),
        ("aws_s3_bucket_versioning", "status") | ("aws_s3_bucket", "enabled")
    ) && failure.evidence.iter().any(|piece| has_value(piece, "mfa_delete", "\"Enabled\""))
}

/// Why a value of a launch template is not the whole fix. A change creates a new version, which becomes
/// the default only with `update_default_version`, and nothing that was launched changes.
fn launches(
    code: &Surroundings<'_>,
    place: &Place,
    resource_type: &str,
    is_right: bool,
    evidence: &[Evidence],
) -> Option<&'static str> {
    if !matches!(resource_type, "aws_launch_template" | "aws_launch_configuration") {
        return None;
    }
    if place.because.is_some() {
        return Some(if is_right { LAUNCHED_BEFORE } else { LAUNCHED });
    }
    if resource_type != "aws_launch_template" {
        return None;
    }
    let versions: Vec<&str> =
        evidence.iter().filter_map(|piece| piece.get("version")?.as_str()).collect();
    let fails =
        |name: &str| versions.is_empty() || versions.iter().any(|version| version.contains(name));
    let updates = code.settings("update_default_version", "true").is_right();
    // What the provider compares is the latest version.
    let creates = !is_right || fails("latest");
    if !fails("default") || creates && updates {
        return None;
    }
    Some(match (is_right, updates) {
        (false, _) => NEW_VERSION,
        (true, false) => OLD_DEFAULT,
        (true, true) => OTHER_DEFAULT,
    })
}

/// Whether another attribute of the rule has a wrong value as well, which the code does not set right.
fn has_other_cause(
    code: &Surroundings<'_>,
    resource_type: &str,
    name: &str,
    failure: &CodeFailure<'_>,
) -> bool {
    failure.terraform.iter().any(|entry| {
        let Some((_, path)) = entry.split_once('.').filter(|(of, _)| *of == resource_type) else {
            return false;
        };
        let Some(other) = path.rsplit('.').next().filter(|other| *other != name) else {
            return false;
        };
        let Some(value) = recommended(failure.instructions, other) else { return false };
        let is_wrong = |piece: &Evidence| {
            piece.get(other).is_some_and(|found| !found.is_null())
                && !has_value(piece, other, value)
        };
        failure.evidence.iter().any(is_wrong) && !code.settings(path, value).is_right()
    })
}

/// Whether several pieces of evidence are about one version of the resource, and the code does not have the
/// right value for all of them after a change of the attribute at one of these paths: other blocks lack
/// the attribute or have a wrong value of it, or there is no block for what fails, such as a volume that
/// the image brings along.
fn is_one_of_several(
    code: &Surroundings<'_>,
    paths: Option<&[String]>,
    value: &str,
    is_right: bool,
    failure: &CodeFailure<'_>,
) -> bool {
    let versions: Vec<_> = failure.evidence.iter().map(|piece| piece.get("version")).collect();
    let of_version = |version| versions.iter().filter(|other| **other == version).count();
    let pieces = versions.iter().map(|version| of_version(*version)).max().unwrap_or_default();
    if pieces < 2 {
        return false;
    }
    // What else the module makes of an argument is not known.
    let Some([path, ..]) = paths else { return true };
    // Outside of blocks, the resource has the attribute only once.
    if !path.contains('.') {
        return false;
    }
    let now = code.settings(path, value);
    let changed = usize::from(!is_right);
    now.right + changed < pieces || now.other > changed
}
