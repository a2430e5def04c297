//! Paths of what could not be read of a resource: a field or fact as a whole (`policy`), or a field
//! within one (`metadata_options.http_tokens`, `ip_permissions[2].ip_ranges[0].cidr_ip`). A path
//! through a list without an index (`attachments.instance_id`, `attachments[].instance_id`) is that
//! field of every item.

use std::collections::BTreeMap;

use crate::model::gap::Cause;

/// What could not be read of a resource, by path.
pub type Unreadable = BTreeMap<String, Cause>;

/// Why a field or fact could not be read as a whole, or why something within it could not.
pub fn of<'a>(unreadable: &'a Unreadable, name: &str) -> Option<&'a Cause> {
    unreadable.get(name).or_else(|| inside(unreadable, name).next().map(|(_, cause)| cause))
}

/// What could not be read within a field or fact: the rest of each path (`.http_tokens`,
/// `[2].ip_ranges[0].cidr_ip`), with the cause.
pub fn inside<'a>(
    unreadable: &'a Unreadable,
    name: &str,
) -> impl Iterator<Item = (&'a str, &'a Cause)> {
    let name = name.to_owned();
    let start = if unreadable.is_empty() { None } else { unreadable.range(name.clone()..).next() };
    let from = start.map(|(path, _)| path.clone());
    let rest = from.into_iter().flat_map(|from| unreadable.range(from..));
    rest.map_while(move |(path, cause)| Some((path.strip_prefix(name.as_str())?, cause)))
        .filter(|(rest, _)| rest.starts_with(['.', '[']))
}

/// The field or fact that a path is in: `ip_permissions` of `ip_permissions[2].ip_ranges`.
pub fn outermost(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// A path without the indexes of lists: `ip_permissions.ip_ranges` of `ip_permissions[2].ip_ranges`.
pub fn without_indexes(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// Why values at a path of names separated by dots could not be read: the path itself, something that
/// it is in, or something within it.
pub fn at<'a>(unreadable: &'a Unreadable, path: &str) -> Option<&'a Cause> {
    let starts = |whole: &str, part: &str| {
        whole.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut overlapping = unreadable.iter().filter(|(known, _)| {
        let known = without_indexes(known);
        starts(&known, path) || starts(path, &known)
    });
    overlapping.next().map(|(_, cause)| cause)
}

/// The first step of the rest of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A field of an object.
    Field(&'a str),
    /// An item of a list, or every item.
    Item(Option<usize>),
}

/// Splits the rest of a path into its first step and what follows; `None` at the end of the path, or
/// if it is not a path.
pub fn step(rest: &str) -> Option<(Step<'_>, &str)> {
    if let Some(rest) = rest.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        let index = if index.is_empty() { None } else { Some(index.parse().ok()?) };
        return Some((Step::Item(index), rest));
    }
    let name = rest.strip_prefix('.')?;
    let end = name.find(['.', '[']).unwrap_or(name.len());
    Some((Step::Field(name.get(..end)?), name.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreadable(paths: &[&str]) -> Unreadable {
        paths.iter().map(|path| ((*path).to_owned(), Cause::new("call", path, ""))).collect()
    }

    #[test]
    fn a_field_is_affected_by_its_own_path_and_by_paths_within_it() {
        let paths = unreadable(&["a", "ab.c", "list[1].x", "list[1].y[0].z", "lists.x", "o.p"]);
        let rests = |name: &str| inside(&paths, name).map(|(rest, _)| rest).collect::<Vec<_>>();
        assert_eq!(rests("list"), ["[1].x", "[1].y[0].z"]);
        assert_eq!(rests("o"), [".p"]);
        assert!(rests("a").is_empty() && rests("lis").is_empty() && rests("z").is_empty());
        for (name, expected) in
            [("a", Some("a")), ("ab", Some("ab.c")), ("list", Some("list[1].x")), ("b", None)]
        {
            assert_eq!(of(&paths, name).map(|cause| cause.code.as_str()), expected, "{name}");
        }
    }

    #[test]
    fn look_ups_by_path_are_affected_by_every_overlapping_path() {
        let paths = unreadable(&["attachments[0].instance_id", "tags", "placement.host"]);
        for (path, expected) in [
            ("attachments.instance_id", true),
            ("attachments", true),
            ("attachments.state", false),
            ("tags.Owner", true),
            ("placement", true),
            ("placement.hosts", false),
            ("vpc_id", false),
        ] {
            assert_eq!(at(&paths, path).is_some(), expected, "{path}");
        }
    }

    #[test]
    fn paths_are_split_into_steps() {
        let mut rest = "[2].ip_ranges[].cidr_ip";
        let mut steps = Vec::new();
        while let Some((first, after)) = step(rest) {
            steps.push(first);
            rest = after;
        }
        let (ranges, cidr) = (Step::Field("ip_ranges"), Step::Field("cidr_ip"));
        assert_eq!(steps, [Step::Item(Some(2)), ranges, Step::Item(None), cidr]);
        for end in ["", "x", "[", "[a]", "[1"] {
            assert_eq!(step(end), None, "{end}");
        }
        assert_eq!(without_indexes("a[1].b[].c"), "a.b.c");
        assert_eq!(outermost("a[1].b"), "a");
    }
}
