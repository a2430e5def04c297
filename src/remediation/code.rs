//! Fixes in code: for resources that code declares, where a change in AWS would be reverted by the next
//! deployment.

use std::path::Path;

use super::plan::Source;
use super::replaced::is_replaced;
use crate::model::{Evidence, Place, PlaceKind};
use crate::rules::recommended;
use crate::sources::{
    Literal, Setting, Sources, is_ignored, literal, patch, paths, resource_type, setting,
};

/// Why there is no patch: each is a clause.
const REPLACES: &str = "Terraform replaces the resource if this argument changes";
const REPLACES_FOR_IT: &str =
    "the code has the right value, and Terraform replaces the resource to apply it";
const BOTH: &str = "another argument causes the failure as well";
const NEW_VERSION: &str = "set `update_default_version = true` as well, because the default version of the launch template stays as it is";
const OLD_DEFAULT: &str = "the code has the right value, but the default version of the launch template is another one: set `update_default_version = true`";
const OTHER_DEFAULT: &str = "the code has the right value, but the default version of the launch template is another one: make the latest version the default";
const LAUNCHED: &str = "change the launch template and its default version, and replace the resource, which keeps the values with which it was launched";
const LAUNCHED_BEFORE: &str = "the launch template has the right value, but the resource keeps the values with which it was launched: replace the resource";
const JSON: &str = "patches are for HCL, and the code is JSON";
const COMPUTED: &str = "the value that the module makes of this argument is not known";

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
    /// Where.
    pub(super) source: Source,
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
        let text = sources.repository().read(Path::new(&place.file)).ok();
        let change = text.and_then(|text| CodeChange::proposed(&text, place, failure));
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
    /// Another value here is not the whole fix, or has other effects: why, as a clause.
    Unpatched(&'static str),
}

impl CodeChange {
    /// The change that sets the attribute at a place to the value in the documentation of a rule, if no
    /// other change is needed. `text`: that of the file.
    pub fn proposed(text: &str, place: &Place, failure: &CodeFailure<'_>) -> Option<Self> {
        let Some(literal) = literal(text, place) else {
            return unreadable(text, place, failure).map(Self::Unpatched);
        };
        let value = recommended(failure.instructions, literal.name)?;
        // An attribute of that name can have another meaning here.
        if Literal::type_of(value) != Literal::type_of(literal.value) {
            return None;
        }
        // Of several attributes, another one is the cause if AWS has the right value of this one.
        if failure.evidence.iter().any(|piece| has(piece, literal.name, value)) {
            return None;
        }
        if is_ignored(text, place) {
            return Some(Self::Ignored);
        }
        let is_right = literal.value == value;
        let resource_type = resource_type(place).unwrap_or_default();
        let paths = paths(text, place, literal.name);
        let why = launches(text, place, &resource_type, is_right, failure.evidence)
            .or_else(|| {
                let why = if is_right { REPLACES_FOR_IT } else { REPLACES };
                is_replaced(&resource_type, literal.name, paths.as_deref()).then_some(why)
            })
            .or_else(|| {
                let has_other = has_other_cause(text, place, &resource_type, literal.name, failure)
                    || !is_right && has_twin(text, place, literal.name, value, failure.evidence);
                has_other.then_some(BOTH)
            });
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

/// Why there is no patch of a literal that has a documented value, but is not in an attribute of HCL.
fn unreadable(text: &str, place: &Place, failure: &CodeFailure<'_>) -> Option<&'static str> {
    let is_json = place.file.ends_with(".json");
    let (name, why) = match place.what {
        PlaceKind::Attribute | PlaceKind::Argument if is_json => {
            let line = text.lines().nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
            let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
            let (at, _) = line.char_indices().nth(column)?;
            let (name, _) = line.get(at..)?.split_once(':')?;
            (name.trim().trim_matches('"'), JSON)
        }
        PlaceKind::Argument if place.value.is_none() => {
            let written = Place { what: PlaceKind::Attribute, ..place.clone() };
            (literal(text, &written)?.name, COMPUTED)
        }
        _ => return None,
    };
    recommended(failure.instructions, name).map(|_| why)
}

/// Why a value of a launch template is not the whole fix. A change creates a new version, which becomes
/// the default only with `update_default_version`, and nothing that was launched changes.
fn launches(
    text: &str,
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
    let updates = setting(text, place, "update_default_version", "true") == Setting::Right;
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
    text: &str,
    place: &Place,
    resource_type: &str,
    name: &str,
    failure: &CodeFailure<'_>,
) -> bool {
    failure.terraform.iter().any(|entry| {
        let mut parts = entry.split('.');
        let is_of_type = parts.next() == Some(resource_type);
        let Some(other) = parts.next_back().filter(|other| is_of_type && *other != name) else {
            return false;
        };
        let Some(value) = recommended(failure.instructions, other) else { return false };
        let is_wrong = |piece: &Evidence| {
            piece.get(other).is_some_and(|found| !found.is_null()) && !has(piece, other, value)
        };
        failure.evidence.iter().any(is_wrong)
            && setting(text, place, other, value) != Setting::Right
    })
}

/// Whether several blocks of the resource have a wrong value of the same attribute, and several pieces
/// of evidence are about one version of it.
fn has_twin(text: &str, place: &Place, name: &str, value: &str, evidence: &[Evidence]) -> bool {
    let version = |piece: &Evidence| piece.get("version").cloned();
    let is_twin = |(index, piece): (usize, &Evidence)| {
        evidence.iter().skip(index + 1).any(|other| version(other) == version(piece))
    };
    matches!(setting(text, place, name, value), Setting::Other(2..))
        && evidence.iter().enumerate().any(is_twin)
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
            let failure = CodeFailure { instructions, terraform: &[], evidence: &evidence };
            let found = CodeChange::proposed(text, &place, &failure);
            assert_eq!(found, wanted, "{evidence:?}");
        }
        assert!(has(&json!({ "state": "on" }), "state", "\"on\""));
    }

    /// What is proposed for the first line that begins with the name of `entry`, or has it in a block.
    fn proposed(text: &str, entry: &str, evidence: &[Evidence]) -> Option<CodeChange> {
        let instructions = "x\n## How to fix it\n\n- Terraform: `update_default_version = true`, `http_tokens = \"required\"`, `encrypted = true`, `public = false`, `ipv6 = false`, `object_lock_enabled = true`.\n";
        let name = entry.rsplit('.').next().unwrap();
        let index = text.lines().position(|line| line.contains(&format!("{name} ="))).unwrap();
        let column = text.lines().nth(index).unwrap().find(name).unwrap() + 1;
        let resource_type = entry.split('.').next().unwrap();
        let place = Place {
            file: "main.tf".to_owned(),
            line: index as u32 + 1,
            column: column as u32,
            end_column: column as u32 + 1,
            address: format!("module.m[\"a\"].{resource_type}.a[0]"),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: None,
        };
        let terraform = [entry.to_owned(), format!("{resource_type}.ipv6")];
        let failure = CodeFailure { instructions, terraform: &terraform, evidence };
        CodeChange::proposed(text, &place, &failure)
    }

    /// The value in the patch, or why there is none.
    fn shown(change: Option<CodeChange>) -> String {
        match change {
            Some(CodeChange::Patch(patch)) => {
                let added = patch.lines().filter(|line| line.starts_with("+ "));
                added.map(|line| line.trim_start_matches('+').trim()).collect()
            }
            Some(CodeChange::Unpatched(why)) => why.to_owned(),
            Some(CodeChange::None) => "drift".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_launch_template_is_fixed_if_its_failing_versions_are_replaced() {
        let required = "http_tokens = \"required\"";
        for (tokens, update, versions, wanted) in [
            ("optional", "", &["default and latest"][..], NEW_VERSION),
            ("optional", "update_default_version = false", &["default"], NEW_VERSION),
            (
                "optional",
                "update_default_version = var.update",
                &["default", "latest"],
                NEW_VERSION,
            ),
            ("optional", "update_default_version = true", &["default and latest"], required),
            ("optional", "", &["latest"], required),
            // A rule that does not say which version fails.
            ("optional", "", &[], NEW_VERSION),
            ("optional", "update_default_version = true", &[], required),
            ("required", "", &["default"], OLD_DEFAULT),
            ("required", "", &["default and latest"], OLD_DEFAULT),
            // Terraform has nothing to change, and so leaves the default version.
            ("required", "update_default_version = true", &["default"], OTHER_DEFAULT),
            ("required", "update_default_version = true", &["default and latest"], "drift"),
            ("required", "", &["latest"], "drift"),
        ] {
            let text = format!(
                "resource \"aws_launch_template\" \"a\" {{\n  {update}\n  metadata_options {{\n    http_tokens = \"{tokens}\"\n  }}\n}}\n"
            );
            let evidence: Vec<Evidence> =
                versions.iter().map(|version| json!({ "version": version })).collect();
            let entry = "aws_launch_template.metadata_options.http_tokens";
            let found = shown(proposed(&text, entry, &evidence));
            assert_eq!(found, wanted, "{tokens}, {update}, {versions:?}");
        }
    }

    #[test]
    fn what_was_launched_is_not_fixed_by_its_launch_template() {
        for (resource_type, tokens, wanted) in [
            ("aws_launch_template", "required", LAUNCHED_BEFORE),
            ("aws_launch_template", "optional", LAUNCHED),
            ("aws_launch_configuration", "optional", LAUNCHED),
        ] {
            let text = format!(
                "resource \"{resource_type}\" \"a\" {{\n  update_default_version = true\n  metadata_options {{\n    http_tokens = \"{tokens}\"\n  }}\n}}\n"
            );
            let why = launches(
                &text,
                &Place {
                    file: "main.tf".to_owned(),
                    line: 4,
                    column: 5,
                    end_column: 6,
                    address: format!("{resource_type}.a"),
                    what: PlaceKind::Attribute,
                    because: Some(crate::model::PlaceReason::Satellite),
                    call: None,
                    value: None,
                },
                resource_type,
                tokens == "required",
                &[],
            );
            assert_eq!(why, Some(wanted), "{resource_type}, {tokens}");
        }
    }

    #[test]
    fn there_is_no_patch_that_replaces_the_resource() {
        for (entry, inside, wanted) in [
            ("aws_s3_bucket.object_lock_enabled", "object_lock_enabled = false", REPLACES),
            ("aws_s3_bucket.object_lock_enabled", "object_lock_enabled = true", REPLACES_FOR_IT),
            ("aws_ebs_volume.encrypted", "encrypted = false", REPLACES),
            (
                "aws_instance.root_block_device.encrypted",
                "root_block_device { encrypted = false }",
                REPLACES,
            ),
            (
                "aws_instance.metadata_options.http_tokens",
                "metadata_options { http_tokens = \"optional\" }",
                "metadata_options { http_tokens = \"required\" }",
            ),
        ] {
            let resource_type = entry.split('.').next().unwrap();
            let text = format!("resource \"{resource_type}\" \"a\" {{\n  {inside}\n}}\n");
            assert_eq!(shown(proposed(&text, entry, &[])), wanted, "{inside}");
        }
    }

    #[test]
    fn there_is_no_patch_of_one_of_several_causes() {
        let evidence = |ipv6| [json!({ "public": true, "ipv6": ipv6 })];
        for (inside, ipv6, wanted) in [
            ("ipv6 = true", json!(true), BOTH),
            ("", json!(true), BOTH),
            // The code has the right value of the other one: applying it changes both.
            ("ipv6 = false", json!(true), "public = false"),
            ("ipv6 = true", json!(false), "public = false"),
            ("", json!(null), "public = false"),
        ] {
            let text =
                format!("resource \"aws_subnet\" \"a\" {{\n  public = true\n  {inside}\n}}\n");
            let found = shown(proposed(&text, "aws_subnet.public", &evidence(ipv6.clone())));
            assert_eq!(found, wanted, "{inside}, {ipv6}");
        }
        let device = |value: &str| format!("  block {{\n    encrypted = {value}\n  }}\n");
        let [one, other] =
            ["a", "b"].map(|device| json!({ "version": "latest", "device": device }));
        for (second, evidence, wanted) in [
            ("false", vec![one.clone(), other.clone()], BOTH),
            ("var.encrypted", vec![one.clone(), other.clone()], BOTH),
            ("true", vec![one.clone(), other], "encrypted = true"),
            ("false", vec![one.clone()], "encrypted = true"),
        ] {
            let text = format!(
                "resource \"aws_launch_template\" \"a\" {{\n{}{}}}\n",
                device("false"),
                device(second)
            );
            let index = text.find("false").unwrap();
            let place = Place {
                file: "main.tf".to_owned(),
                line: 3,
                column: 5,
                end_column: 6,
                address: "aws_launch_template.a".to_owned(),
                what: PlaceKind::Attribute,
                because: None,
                call: None,
                value: Some(index..index + 5),
            };
            let instructions = "x\n## How to fix it\n\n- Terraform: `encrypted = true`.\n";
            let failure = CodeFailure { instructions, terraform: &[], evidence: &evidence };
            let found = shown(CodeChange::proposed(&text, &place, &failure));
            assert_eq!(found, wanted, "{second}, {evidence:?}");
        }
    }

    #[test]
    fn what_is_not_read_as_a_literal_has_a_reason() {
        let instructions = "x\n## How to fix it\n\n- Terraform: `encrypted = true`.\n";
        for (file, what, line, wanted) in [
            ("main.tf.json", PlaceKind::Attribute, "\"encrypted\": false", Some(JSON)),
            ("main.tf.json", PlaceKind::Attribute, "\"size\": 1", None),
            ("main.tf", PlaceKind::Argument, "encrypted = false", Some(COMPUTED)),
            ("main.tf", PlaceKind::Argument, "encrypted = var.encrypted", None),
            ("main.tf", PlaceKind::Argument, "volumes = [{}]", None),
            ("main.tf", PlaceKind::Attribute, "encrypted = var.encrypted", None),
            ("t.json", PlaceKind::Template, "\"encrypted\": false", None),
        ] {
            let place = Place {
                file: file.to_owned(),
                line: 2,
                column: 3,
                end_column: 4,
                address: "aws_ebs_volume.a".to_owned(),
                what,
                because: None,
                call: None,
                value: None,
            };
            let text = format!("module \"m\" {{\n  {line}\n}}\n");
            let failure = CodeFailure { instructions, terraform: &[], evidence: &[] };
            let found = CodeChange::proposed(&text, &place, &failure);
            assert_eq!(found, wanted.map(CodeChange::Unpatched), "{file}: {line}");
        }
    }
}
