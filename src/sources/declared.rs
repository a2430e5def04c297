//! Looks for the declaration of an earlier place in the text of its file, without its source: lines
//! move, and the file counts for as long as it declares the resource.

use std::path::Path;

use super::cloudformation::is_at;
use super::terraform::around::Around;
use super::{Repository, Sources};
use crate::model::{Place, PlaceKind};

impl Sources {
    /// The place in the file of an earlier place, if git tracks the file and it still declares the
    /// address.
    pub fn still_declared(&self, place: &Place) -> Option<Place> {
        let is_tracked = self.is_tracked(&place.file);
        is_tracked.then(|| still_declared(self.repository(), place)).flatten()
    }
}

impl Repository {
    /// Where the declaration of an earlier place is now: at the same line if the resource still
    /// contains that, or else in the same file. `None` if the file does not declare the resource, or
    /// cannot be read.
    pub fn current(&self, place: &Place) -> Option<Place> {
        let text = self.read(Path::new(&place.file)).ok()?;
        match contains(&text, place) {
            true => Some(place.clone()),
            false => still_declared(self, place).filter(|now| contains(&text, now)),
        }
    }
}

/// Whether the line of a place is in the declaration of its address.
fn contains(text: &str, place: &Place) -> bool {
    let is_json = place.file.ends_with(".json");
    let around = || Around::new(text, is_json, place.line);
    match wanted(place) {
        Some(Wanted::Resource { kind, name }) => around().is_some_and(|around| {
            matches!(around.kind(), "resource" | "data") && around.labels() == [kind, name]
        }),
        // Terragrunt has one module in a file.
        Some(Wanted::Modules(_)) if place.file.ends_with(".hcl") => true,
        Some(Wanted::Modules(names)) => around().is_some_and(|around| {
            let label = around.labels().first().map(String::as_str);
            around.kind() == "module" && label.is_some_and(|label| names.contains(&label))
        }),
        Some(Wanted::LogicalId(id)) => is_at(&place.file, text, id, place.line),
        // A program does not contain the path of a construct.
        None => true,
    }
}

fn still_declared(repository: &Repository, place: &Place) -> Option<Place> {
    let text = repository.read(Path::new(&place.file)).ok()?;
    let mut lines = text.lines().zip(1_u32..);
    let (line, number) = if place.what == PlaceKind::Construct {
        // A program does not contain the path of a construct.
        let all: Vec<(&str, u32)> = lines.collect();
        let index = usize::try_from(place.line).ok()?.saturating_sub(1);
        all.get(index).or(all.last()).copied()?
    } else {
        let is_json = place.file.ends_with(".json");
        let wanted = wanted(place)?;
        lines.find(|(line, _)| wanted.is_declared_in(line, is_json))?
    };
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let length = line.trim().chars().count();
    let what = match place.what {
        PlaceKind::Attribute => PlaceKind::Block,
        PlaceKind::Argument => PlaceKind::Call,
        other => other,
    };
    Some(Place {
        line: number,
        column: u32::try_from(indent + 1).ok()?,
        end_column: u32::try_from(indent + length + 1).ok()?,
        what,
        value: None,
        ..place.clone()
    })
}

/// What the line of a declaration contains.
enum Wanted<'a> {
    Resource { kind: &'a str, name: &'a str },
    Modules(Vec<&'a str>),
    LogicalId(&'a str),
}

fn wanted(place: &Place) -> Option<Wanted<'_>> {
    match place.what {
        PlaceKind::Attribute | PlaceKind::Block => match parts(&place.address).as_slice() {
            [.., kind, name] => Some(Wanted::Resource { kind, name }),
            _ => None,
        },
        PlaceKind::Argument | PlaceKind::Call => {
            let parts = parts(&place.address);
            let modules: Vec<&str> = parts
                .iter()
                .zip(parts.iter().skip(1))
                .filter(|(word, _)| **word == "module")
                .map(|(_, name)| *name)
                .collect();
            (!modules.is_empty()).then_some(Wanted::Modules(modules))
        }
        PlaceKind::Template => {
            let id = place.address.rsplit('/').next()?;
            (!id.is_empty()).then_some(Wanted::LogicalId(id))
        }
        PlaceKind::Construct => None,
    }
}

impl Wanted<'_> {
    fn is_declared_in(&self, line: &str, is_json: bool) -> bool {
        let line = line.trim_start();
        let quoted = |name: &str| line.contains(&format!("\"{name}\""));
        let mut words = line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '{'));
        let mut next = || words.by_ref().find(|word| !word.is_empty());
        match self {
            Self::Resource { name, .. } if is_json => quoted(name),
            Self::Resource { kind, name } => {
                next() == Some("resource") && next() == Some(kind) && next() == Some(name)
            }
            Self::Modules(names) if is_json => names.iter().any(|name| quoted(name)),
            Self::Modules(names) => {
                next() == Some("module") && next().is_some_and(|name| names.contains(&name))
            }
            Self::LogicalId(id) => {
                let key = line.split(':').next().unwrap_or_default();
                line.contains(':') && key.trim().trim_matches(['"', '\'']) == *id
            }
        }
    }
}

/// The names of an address, without indexes: `module`, `team`, `aws_vpc` and `main` of
/// `module.team["a.b"].aws_vpc.main[0]`.
fn parts(address: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut is_quoted, mut is_escaped) = (0, 0_usize, false, false);
    let mut end = None;
    for (at, c) in address.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' if depth > 0 => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '[' => {
                end.get_or_insert(at);
                depth += 1;
            }
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                parts.extend(address.get(start..end.unwrap_or(at)));
                (start, end) = (at + 1, None);
            }
            _ => {}
        }
    }
    parts.extend(address.get(start..end.unwrap_or(address.len())));
    parts
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn indexes_are_not_names() {
        for (address, names) in [
            ("aws_vpc.main", vec!["aws_vpc", "main"]),
            ("aws_vpc.main[0]", vec!["aws_vpc", "main"]),
            ("module.t[\"a.b\"].aws_vpc.m[\"]\"]", vec!["module", "t", "aws_vpc", "m"]),
            ("module.t[\"a\\\".b\"].aws_vpc.m", vec!["module", "t", "aws_vpc", "m"]),
            ("", vec![""]),
        ] {
            assert_eq!(parts(address), names, "{address}");
        }
    }

    #[test]
    fn a_declaration_is_found_after_it_moved_in_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("a.tf", "# x\n  resource \"aws_vpc\"   \"main\" {\n}\nmodule \"net\" {}\n"),
            ("b.tf", "resource aws_vpc main {}\n"),
            ("c.tf.json", "{\"resource\": {\"aws_vpc\": {\n \"main\": {}}}}"),
            ("d.yaml", "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n"),
            ("e.ts", "one\ntwo\n"),
        ];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        let sources = Sources::new(repository);
        use PlaceKind::{Argument, Attribute, Block, Call, Construct, Template};
        for (file, address, what, wanted) in [
            ("a.tf", "aws_vpc.main", Attribute, Some((2, 3, 32, Block))),
            ("a.tf", "module.m[\"x\"].aws_vpc.main[1]", Block, Some((2, 3, 32, Block))),
            ("a.tf", "aws_vpc.other", Block, None),
            ("a.tf", "aws_subnet.main", Block, None),
            ("a.tf", "module.net.aws_subnet.x", Argument, Some((4, 1, 16, Call))),
            ("a.tf", "module.other.aws_subnet.x", Call, None),
            ("b.tf", "aws_vpc.main", Block, Some((1, 1, 25, Block))),
            ("c.tf.json", "aws_vpc.main", Block, Some((2, 2, 15, Block))),
            ("d.yaml", "network/Vpc", Template, Some((2, 3, 7, Template))),
            ("d.yaml", "network/AWS", Template, None),
            ("e.ts", "Stack/Vpc", Construct, Some((2, 1, 4, Construct))),
            ("missing.tf", "aws_vpc.main", Block, None),
            ("../a.tf", "aws_vpc.main", Block, None),
        ] {
            let place = Place {
                file: file.to_owned(),
                line: 99,
                column: 1,
                end_column: 2,
                address: address.to_owned(),
                what,
                because: None,
                call: None,
                value: None,
            };
            let found = sources.still_declared(&place);
            let shown = found.map(|p| (p.line, p.column, p.end_column, p.what));
            assert_eq!(shown, wanted, "{file} {address}");
        }
    }

    #[test]
    fn a_place_of_a_report_counts_only_if_its_resource_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "a.tf",
                "resource \"aws_vpc\" \"a\" {\n  x = 1\n}\nresource \"aws_vpc\" \"b\" {\n  x = 1\n}\n",
            ),
            ("c.tf.json", "{\"resource\": {\"aws_vpc\": {\n \"a\": {\n\"x\": 1},\n \"b\": {}}}}"),
            ("m.tf", "module \"m\" {\n  x = 1\n}\nmodule \"n\" {\n  x = 1\n}\n"),
            (
                "t.yaml",
                "Resources:\n  A:\n    Type: AWS::EC2::VPC\n  B:\n    Type: AWS::EC2::VPC\nOutputs:\n  C: {Value: x}\n",
            ),
            ("e.ts", "one\ntwo\n"),
        ];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        use PlaceKind::{Argument, Attribute, Block, Construct, Template};
        for (file, line, address, what, wanted) in [
            ("a.tf", 2, "aws_vpc.a", Attribute, Some((2, Attribute))),
            ("a.tf", 5, "aws_vpc.a", Attribute, Some((1, Block))),
            ("a.tf", 99, "aws_vpc.a", Attribute, Some((1, Block))),
            ("a.tf", 2, "aws_vpc.b", Attribute, Some((4, Block))),
            ("a.tf", 2, "aws_vpc.c", Attribute, None),
            ("c.tf.json", 3, "aws_vpc.a", Attribute, Some((3, Attribute))),
            ("c.tf.json", 3, "aws_vpc.c", Attribute, None),
            ("m.tf", 2, "module.m[0].aws_vpc.x", Argument, Some((2, Argument))),
            ("m.tf", 2, "module.n.aws_vpc.x", Argument, Some((4, PlaceKind::Call))),
            ("m.tf", 2, "module.o.aws_vpc.x", Argument, None),
            ("t.yaml", 3, "stack/A", Template, Some((3, Template))),
            ("t.yaml", 5, "stack/A", Template, Some((2, Template))),
            ("t.yaml", 7, "stack/B", Template, Some((4, Template))),
            ("t.yaml", 3, "stack/C", Template, None),
            ("e.ts", 2, "Stack/Vpc", Construct, Some((2, Construct))),
            ("missing.tf", 1, "aws_vpc.a", Block, None),
        ] {
            let place = Place {
                file: file.to_owned(),
                line,
                column: 1,
                end_column: 2,
                address: address.to_owned(),
                what,
                because: None,
                call: None,
                value: None,
            };
            let found = repository.current(&place).map(|place| (place.line, place.what));
            assert_eq!(found, wanted, "{file}:{line} {address}");
        }
    }
}
