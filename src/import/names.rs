//! What the name of a file says about its content: `get-bucket-policy.BUCKET.json`.

use std::path::Path;

use super::answers::{Candidate, candidates, command};
use crate::model::Region;

/// The name of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// The command, if rolecall knows it.
    pub(super) command: Option<String>,
    /// The resource. Names of buckets can have dots.
    pub(super) resource: Option<String>,
    /// The resources that it can also be, with the likeliest first: in `get-bucket-policy.a.log.json`,
    /// a bucket `a.log` or a bucket `a`. The list decides.
    pub(super) readings: Vec<String>,
    /// A command of the AWS CLI, by its form, that rolecall does not know. Its fields must not be
    /// taken for those of a similar command: `describe-addresses-attribute` returns `Addresses`,
    /// but not all of them.
    pub(super) other_command: Option<String>,
}

/// The verbs of the commands that read.
const VERBS: [&str; 6] = ["describe", "get", "head", "list", "lookup", "search"];

/// Words before the command: `aws ec2 describe-vpcs`.
const SERVICES: [&str; 6] = ["aws-", "ec2-", "organizations-", "s3api-", "s3control-", "s3-"];

/// The extensions of saved responses.
const EXTENSIONS: [&str; 7] = [".json", ".txt", ".yaml", ".yml", ".out", ".log", ".err"];

/// What editors and people append to the name of a copy.
const COPIES: [&str; 5] = [".bak", ".old", ".orig", ".tmp", "~"];

impl Name {
    /// What the name of the file at a path says.
    pub(super) fn of(path: Option<&Path>) -> Self {
        let name = path.and_then(Path::file_name).and_then(|name| name.to_str());
        Self::parse(name.unwrap_or_default())
    }

    /// The regions that the file, or the folder that it is in, is named after.
    pub(super) fn regions(path: Option<&Path>) -> Vec<Region> {
        let text = |name: Option<&std::ffi::OsStr>| name.and_then(|name| name.to_str()).map(kebab);
        let file = text(path.and_then(Path::file_name)).unwrap_or_default();
        let (stem, after) = file.split_once('.').unwrap_or((&file, ""));
        let mut regions = Region::all_in(stem);
        // `describe-vpcs.eu-west-1.json`. The name of a resource can contain that of a region.
        let after = format!(".{after}");
        let mut after = after.as_str();
        while let Some(rest) = without_extension(after) {
            after = rest;
        }
        let whole = [after.trim_matches('.').to_owned()]
            .into_iter()
            .chain(text(path.and_then(Path::parent).and_then(Path::file_name)));
        regions.extend(whole.flat_map(|name| {
            Region::all_in(&name).into_iter().filter(move |region| region.as_str() == name)
        }));
        regions
    }

    /// The candidates that have the command.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let Some(name) = &self.command else { return Vec::new() };
        candidates().filter(|one| command(one.call) == *name).collect()
    }

    fn parse(name: &str) -> Self {
        let resource = |name: &str| match name.split_once('.') {
            Some((_, resource)) if !resource.is_empty() => Some(resource.to_owned()),
            _ => None,
        };
        // The name without one extension is the likeliest; `a.json.txt` has two.
        let mut names = vec![name];
        while let Some(rest) = names.last().and_then(|name| without_extension(name)) {
            let is_last = names.len() > 1 && resource(rest).is_none();
            let is_resource = |name: &&str| !ends_in_format(name);
            if is_last && names.last().is_some_and(is_resource) {
                break;
            }
            names.push(rest);
        }
        let name = names.last().copied().unwrap_or_default();
        if names.len() > 1 {
            names.rotate_left(1);
        }
        let readings: Vec<String> = match resource(name) {
            Some(_) => names.iter().filter_map(|name| resource(name)).collect(),
            None => Vec::new(),
        };
        let resource = resource(name);
        let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
        let mut stem = kebab(stem);
        while let Some(rest) = SERVICES.iter().find_map(|service| stem.strip_prefix(service)) {
            stem = rest.to_owned();
        }
        if let Some(command) = known(&stem) {
            return Self { command: Some(command), resource, readings, other_command: None };
        }
        // `prod-describe-vpcs` is recognized by its fields, but not taken for another command.
        let other_command =
            command_in(&stem).filter(|tail| known(tail).is_none()).map(str::to_owned);
        Self { command: None, resource, readings, other_command }
    }
}

/// A name without one known extension, and without the ending of a copy behind it:
/// `a.json.bak`.
fn without_extension(name: &str) -> Option<&str> {
    let strip = |name: &'_ str, ends: &[&str]| -> Option<usize> {
        let rest = |end: &&str| {
            let at = name.len().checked_sub(end.len())?;
            name.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(end)).then_some(at)
        };
        ends.iter().find_map(rest)
    };
    let before = |at: Option<usize>| at.and_then(|at| name.get(..at));
    before(strip(name, &EXTENSIONS)).or_else(|| {
        let copy = before(strip(name, &COPIES))?;
        name.get(..strip(copy, &EXTENSIONS)?)
    })
}

/// Whether a name ends in an extension that no resource has by chance.
fn ends_in_format(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".json", ".txt", ".yaml", ".yml"].iter().any(|end| name.ends_with(end))
}

/// The known command of that name, which can end in a region, an account or a number:
/// `describe-vpcs-eu-west-1`.
fn known(name: &str) -> Option<String> {
    let mut commands = candidates().map(|one| command(one.call));
    commands.find(|command| {
        name.strip_prefix(command.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_qualifier))
    })
}

fn is_qualifier(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // `addresses-attribute-eu-west-1` is not `addresses` with something behind it.
    let is_region = |text: &str| {
        let is_whole = |region: &Region| region.as_str() == text;
        Region::all_in(text).iter().any(is_whole) || Region::is_like(text)
    };
    let both = |(one, two): (&str, &str)| {
        (is_number(one) && is_region(two)) || (is_region(one) && is_number(two))
    };
    is_number(text)
        || is_region(text)
        || text.split_once('-').is_some_and(both)
        || text.rsplit_once('-').is_some_and(both)
}

/// The part of a name that has the form of a command: a verb and a noun.
fn command_in(name: &str) -> Option<&str> {
    let starts = std::iter::once(0).chain(name.match_indices('-').map(|(at, _)| at + 1));
    let mut tails = starts.filter_map(|at| name.get(at..));
    tails.find(|tail| tail.split_once('-').is_some_and(|(verb, _)| VERBS.contains(&verb)))
}

/// `DescribeVpcs` and `describe_vpcs` as `describe-vpcs`.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = '-';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('-');
        }
        out.push(match c {
            '_' | ' ' => '-',
            c => c.to_ascii_lowercase(),
        });
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_commands_are_recognized_with_what_people_add_to_them() {
        let table = [
            ("describe-vpcs.json", Some("describe-vpcs"), None, None),
            (
                "get-bucket-policy.my.bucket.json",
                Some("get-bucket-policy"),
                Some("my.bucket"),
                None,
            ),
            ("describe-vpcs-eu-west-1.json", Some("describe-vpcs"), None, None),
            ("describe-vpcs-111122223333-us-gov-west-1.json", Some("describe-vpcs"), None, None),
            ("describe-vpcs_2.json", Some("describe-vpcs"), None, None),
            ("DescribeVpcs.json", Some("describe-vpcs"), None, None),
            ("aws_ec2_describe_vpcs.txt", Some("describe-vpcs"), None, None),
            ("prod-describe-vpcs.json", None, None, None),
            ("groups.json", None, None, None),
            ("user-data-2.json", None, None, None),
            ("describe-addresses-attribute.json", None, None, Some("describe-addresses-attribute")),
            ("DescribeAddressesAttribute.json", None, None, Some("describe-addresses-attribute")),
            ("describe_prefix_lists.i-1.json", None, Some("i-1"), Some("describe-prefix-lists")),
            (
                "ec2-list-volumes-in-recycle-bin.json",
                None,
                None,
                Some("list-volumes-in-recycle-bin"),
            ),
            ("prod-describe-vpc-classic-link.json", None, None, Some("describe-vpc-classic-link")),
            ("describe-vpcs-eu.json", None, None, Some("describe-vpcs-eu")),
            ("describe-vpcs-prod-west-2.json", Some("describe-vpcs"), None, None),
            ("describe-vpcs.json.txt", Some("describe-vpcs"), None, None),
            ("describe-vpcs.JSON", Some("describe-vpcs"), None, None),
            ("describe-vpcs.json~", Some("describe-vpcs"), None, None),
            (
                "describe-addresses-attribute-eu-west-1.json",
                None,
                None,
                Some("describe-addresses-attribute-eu-west-1"),
            ),
        ];
        for (name, command, resource, other) in table {
            let expected = Name {
                command: command.map(str::to_owned),
                resource: resource.map(str::to_owned),
                readings: Name::parse(name).readings,
                other_command: other.map(str::to_owned),
            };
            assert_eq!(Name::parse(name), expected, "{name}");
        }
    }

    #[test]
    fn extensions_are_not_taken_for_a_part_of_the_resource() {
        // The likeliest reading that is in the list counts, otherwise the resource.
        for (name, resource, readings) in [
            ("b1.json", Some("b1"), &["b1", "b1.json"][..]),
            ("b1.json.txt", Some("b1"), &["b1.json", "b1", "b1.json.txt"]),
            ("a.b.JSON.Txt", Some("a.b"), &["a.b.JSON", "a.b", "a.b.JSON.Txt"]),
            ("my.log.json", Some("my"), &["my.log", "my", "my.log.json"]),
            ("b1.json.bak", Some("b1"), &["b1", "b1.json.bak"]),
            ("b1.json~", Some("b1"), &["b1", "b1.json~"]),
            ("my.old", Some("my.old"), &["my.old"]),
            ("log.json", Some("log"), &["log", "log.json"]),
            ("json.txt", None, &[]),
            ("b1", Some("b1"), &["b1"]),
            ("json", None, &[]),
        ] {
            let name = format!("get-bucket-versioning.{name}");
            let parsed = Name::parse(&name);
            assert_eq!(parsed.command.as_deref(), Some("get-bucket-versioning"), "{name}");
            assert_eq!(
                (parsed.resource.as_deref(), parsed.readings),
                (resource, readings.iter().map(ToString::to_string).collect()),
                "{name}"
            );
        }
    }

    /// Commands whose responses have the same fields as those of a command that rolecall knows.
    #[test]
    fn similar_commands_are_not_taken_for_known_ones() {
        for command in [
            "describe-addresses-attribute",
            "describe-byoip-cidrs",
            "describe-classic-link-instances",
            "describe-fpga-images",
            "describe-import-snapshot-tasks",
            "describe-local-gateway-route-tables",
            "describe-outpost-lags",
            "describe-prefix-lists",
            "describe-replace-root-volume-tasks",
            "describe-security-group-references",
            "describe-security-group-vpc-associations",
            "describe-snapshot-tier-status",
            "describe-volumes-modifications",
            "describe-vpc-classic-link",
            "describe-vpc-endpoint-services",
            "get-security-groups-for-vpc",
            "get-subnet-cidr-reservations",
            "get-transit-gateway-route-table-associations",
            "list-images-in-recycle-bin",
            "list-snapshots-in-recycle-bin",
            "list-volumes-in-recycle-bin",
            "search-transit-gateway-routes-of-all",
        ] {
            let name = Name::parse(&format!("{command}.json"));
            assert_eq!(name.other_command.as_deref(), Some(command));
        }
    }
}
