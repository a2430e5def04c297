//! Locations of findings for readers that only know files: one readable relative path per resource.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region,
};

use super::message::plain;
use crate::model::{AccountId, Place, ResourceRef, sha256_hex, text::one_line};
use crate::report::{CouldNotCheck, RuleInfo, What};

/// Everything except unreserved characters, so that a segment has no colon, slash or scheme.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Longest segment before encoding, in bytes; AWS ids are much shorter.
const SEGMENT_MAX: usize = 255;

/// One segment of a path.
fn segment(text: &str) -> String {
    match text {
        "" => "_".to_owned(),
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        text if text.len() > SEGMENT_MAX => {
            let cut = text.floor_char_boundary(160);
            // The hash of the entire id keeps long ids distinct.
            format!(
                "{}~{}",
                utf8_percent_encode(&text[..cut], SEGMENT),
                &sha256_hex(text.as_bytes())[..32]
            )
        }
        text => utf8_percent_encode(text, SEGMENT).to_string(),
    }
}

/// `<account>/<region or global>/<service>/<kind>/<id>`, percent-encoded. The account itself has no
/// service.
pub(in crate::output) fn path(account: &AccountId, resource: &ResourceRef) -> String {
    let id = resource.id.as_deref().unwrap_or("all");
    let kind = resource.kind.split('.');
    let parts = [account.as_str(), resource.region.as_str()].into_iter().chain(kind).chain([id]);
    parts.map(segment).collect::<Vec<_>>().join("/")
}

fn at_first_character(uri: String) -> PhysicalLocation {
    let region = Region::builder()
        .start_line(1_i64)
        .start_column(1_i64)
        .end_line(1_i64)
        .end_column(1_i64)
        .build();
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri).build())
        .region(region)
        .build()
}

/// The line of code that declares the cause.
pub(super) fn code(place: &Place) -> PhysicalLocation {
    let [start, end] = [place.column, place.end_column].map(i64::from);
    line(&place.file, place.line, start, end)
}

/// The code and its call, with the ids by which messages refer to them.
pub(super) fn related(place: &Place) -> Vec<Location> {
    let call = place.call.as_ref().map(|call| line(&call.file, call.line, 1, 1));
    let locations = [Some(code(place)), call].into_iter().flatten().zip(1_i64..);
    locations
        .map(|(location, id)| Location::builder().physical_location(location).id(id).build())
        .collect()
}

/// A part of a line of a file in the repository.
fn line(file: &str, line: u32, start: i64, end: i64) -> PhysicalLocation {
    let uri = file.split('/').map(segment).collect::<Vec<_>>().join("/");
    let region = Region::builder()
        .start_line(i64::from(line))
        .start_column(start)
        .end_line(i64::from(line))
        .end_column(end)
        .build();
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri).build())
        .region(region)
        .build()
}

/// The resource.
pub(super) fn resource(account: &AccountId, resource: &ResourceRef) -> Location {
    let name = one_line(&resource.label(), 300);
    let full = resource
        .arn
        .as_deref()
        .or(resource.id.as_deref())
        .map_or_else(|| name.clone(), |arn| one_line(arn, 2000));
    let logical =
        LogicalLocation::builder().name(name).fully_qualified_name(full).kind("resource").build();
    Location::builder()
        .physical_location(at_first_character(path(account, resource)))
        .logical_locations(vec![logical])
        .build()
}

/// A member of a group.
pub(super) fn member(account: &AccountId, member: &ResourceRef) -> Location {
    let mut location = resource(account, member);
    let label = plain(&one_line(&member.label(), 200));
    location.message = Some(Message::builder().text(label).build());
    location
}

/// What could not be checked: `<account>/<region or global>/<service>/<call>`, or
/// `<account>/<region or global>/rule/<rule>`.
pub(super) fn gap(account: &AccountId, gap: &CouldNotCheck<'_>) -> Location {
    let (service, what) = match gap.what {
        What::Call(call) => call.split_once(':').unwrap_or(("other", call)),
        What::Rule(rule) => ("rule", rule),
    };
    let path = [account.as_str(), gap.region.as_str(), service, what].map(segment).join("/");
    let name = match gap.what {
        What::Call(call) => one_line(call, 300),
        What::Rule(rule) => one_line(rule, 300),
    };
    let logical = LogicalLocation::builder().name(name).kind("member").build();
    Location::builder()
        .physical_location(at_first_character(path))
        .logical_locations(vec![logical])
        .build()
}

/// The rule's file.
pub(super) fn rule(rule: &RuleInfo) -> Location {
    let uri = rule
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(segment)
        .collect::<Vec<_>>()
        .join("/");
    let uri = format!("rules/{}", if uri.is_empty() { segment(&rule.id) } else { uri });
    let message =
        Message::builder().text(plain(&format!("The rule {}", one_line(&rule.id, 200)))).build();
    Location::builder().physical_location(at_first_character(uri)).message(message).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sample;

    #[test]
    fn paths_are_relative_and_distinct_for_any_resource_name() {
        let account = sample::id(1);
        let mut paths = std::collections::BTreeSet::new();
        let mut ids = sample::odd_texts();
        ids.extend([
            "x".repeat(9_999),
            "ä".repeat(5_000),
            String::new(),
            "https://evil".to_owned(),
            "arn:aws:s3:::b".to_owned(),
        ]);
        for id in &ids {
            let resource = ResourceRef {
                kind: "s3.bucket".into(),
                region: sample::region("eu-west-1"),
                id: Some(id.as_str().into()),
                arn: None,
                name: None,
            };
            let path = path(&account, &resource);
            assert!(path.starts_with("000000000001/eu-west-1/s3/bucket/"), "{path}");
            assert_eq!(path.split('/').count(), 5, "{path}");
            assert!(
                path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."),
                "{path}"
            );
            assert!(
                path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%/".contains(&b)),
                "{path}"
            );
            assert!(path.len() < 1000, "{path}");
            assert!(paths.insert(path), "two resources share a path");
        }
    }
}
