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
    /// A command of the AWS CLI, by its form, that rolecall does not know. Its fields must not be
    /// taken for those of a similar command: `describe-addresses-attribute` returns `Addresses`,
    /// but not all of them.
    pub(super) other_command: Option<String>,
}

/// The verbs of the commands that read.
const VERBS: [&str; 6] = ["describe", "get", "head", "list", "lookup", "search"];

/// Words before the command: `aws ec2 describe-vpcs`.
const SERVICES: [&str; 5] = ["aws-", "ec2-", "s3api-", "s3control-", "s3-"];

/// The extensions of saved responses.
const EXTENSIONS: [&str; 7] = [".json", ".txt", ".yaml", ".yml", ".out", ".log", ".err"];

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
        let after = EXTENSIONS
            .iter()
            .find_map(|end| after.strip_suffix(end.trim_start_matches('.')))
            .unwrap_or(after);
        let whole = [after.trim_end_matches('.').to_owned()]
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
        let name = EXTENSIONS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let (stem, resource) = match name.split_once('.') {
            Some((stem, resource)) if !resource.is_empty() => (stem, Some(resource.to_owned())),
            _ => (name.trim_end_matches('.'), None),
        };
        let mut stem = kebab(stem);
        while let Some(rest) = SERVICES.iter().find_map(|service| stem.strip_prefix(service)) {
            stem = rest.to_owned();
        }
        if let Some(command) = known(&stem) {
            return Self { command: Some(command), resource, other_command: None };
        }
        // `prod-describe-vpcs` is recognized by its fields, but not taken for another command.
        let other_command =
            command_in(&stem).filter(|tail| known(tail).is_none()).map(str::to_owned);
        Self { command: None, resource, other_command }
    }
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
    let is_region = |text: &str| {
        let number = text.rsplit_once('-').is_some_and(|(_, number)| is_number(number));
        number
            && text.bytes().filter(|byte| *byte == b'-').count() >= 2
            && text.parse::<Region>().is_ok()
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
        ];
        for (name, command, resource, other) in table {
            let expected = Name {
                command: command.map(str::to_owned),
                resource: resource.map(str::to_owned),
                other_command: other.map(str::to_owned),
            };
            assert_eq!(Name::parse(name), expected, "{name}");
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
