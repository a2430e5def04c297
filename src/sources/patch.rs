//! Patches for `git apply`: another literal value on one line, without any other change to the file.

use std::ops::Range;
use std::path::Path;

use super::repository::Repository;
use super::terraform::address::Address;
use super::terraform::around::{Around, Settings};
use super::terraform::files::{beside, merged_with};
use crate::model::{Place, PlaceKind};

/// Lines before and after the changed one.
const CONTEXT: usize = 3;

/// An attribute with a literal value in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal<'a> {
    /// The name of the attribute.
    pub name: &'a str,
    /// The value as written: a quoted string without interpolation, a number, `true` or `false`.
    pub value: &'a str,
    /// The range of the value in the text, in bytes.
    pub range: Range<usize>,
}

/// The type of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiteralType {
    /// A quoted string.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
}

impl Literal<'_> {
    /// The type of a value as written.
    pub fn type_of(value: &str) -> LiteralType {
        match value {
            "true" | "false" => LiteralType::Boolean,
            quoted if quoted.starts_with('"') => LiteralType::String,
            _ => LiteralType::Number,
        }
    }
}

/// The type of the Terraform resource at a place.
pub fn resource_type(place: &Place) -> Option<String> {
    Some(Address::parse(&place.address)?.resource?.resource_type.into())
}

/// What is written around a place of Terraform code: its block, and the blocks of other files that
/// override it or are overridden by it.
#[derive(Debug)]
pub struct Surroundings<'a> {
    text: &'a str,
    place: &'a Place,
    around: Option<Around>,
    /// The other files of the folder, if they can be read.
    repository: Option<&'a Repository>,
}

impl<'a> Surroundings<'a> {
    /// Reads what is around a place. `text`: that of its file. Without a repository, other files do not
    /// count.
    pub fn read(repository: Option<&'a Repository>, text: &'a str, place: &'a Place) -> Self {
        let mut around = Around::new(text, is_json(&place.file), place.line);
        if let (Some(repository), Some(around)) = (repository, &mut around)
            && place.what == PlaceKind::Attribute
        {
            let label = around.labels().last().cloned().unwrap_or_default();
            let read = |file: String| {
                let text = repository.read(Path::new(&file)).ok()?;
                text.contains(&label).then(|| (text, is_json(&file)))
            };
            let files = merged_with(repository, &place.file);
            around.merge(files.map(|files| files.into_iter().filter_map(read).collect()));
        }
        Self { text, place, around, repository }
    }

    /// The block of the resource, if the place is an attribute of it.
    fn resource(&self) -> Option<&Around> {
        self.around.as_ref().filter(|_| self.place.what == PlaceKind::Attribute)
    }

    /// Whether Terraform ignores changes of the attribute, by the `lifecycle` of the resource.
    pub fn is_ignored(&self) -> bool {
        self.resource().is_some_and(Around::is_ignored)
    }

    /// Whether the attribute is in a `dynamic` block that may not be generated.
    pub fn is_conditional(&self) -> bool {
        self.resource().is_some_and(Around::is_conditional)
    }

    /// The paths that the attribute of that name can have in the resource. `None` for an argument of a
    /// module.
    pub fn paths(&self, name: &str) -> Option<Vec<String>> {
        Some(self.resource()?.paths(name))
    }

    /// How many attributes of the resource with this path have the literal `value`, as written in HCL,
    /// and how many another one. None for an argument, because a module sets them.
    pub fn settings(&self, path: &str, value: &str) -> Settings {
        let plain = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let around = self.resource();
        around.map(|around| around.settings(path, plain.unwrap_or(value))).unwrap_or_default()
    }

    /// The name of the attribute or argument at the place, and whether its value reads nothing.
    pub fn named(&self) -> Option<(String, bool)> {
        self.around.as_ref()?.at_column(self.text, self.place.column)
    }

    /// How many attributes of that name the block contains.
    pub fn count(&self, name: &str) -> usize {
        self.around.as_ref().map_or(0, |around| around.count(name))
    }

    /// Whether the module call at the place has an argument of that name.
    pub fn has_argument(&self, name: &str) -> bool {
        let around = self.around.as_ref().filter(|_| self.place.what == PlaceKind::Argument);
        around.is_some_and(|around| around.has(name))
    }

    /// Whether a file in the folder of the place declares a resource of that type that can be about the
    /// same: its argument of that name does not refer to another resource than that of the block.
    pub fn declares(&self, resource_type: &str, argument: &str) -> bool {
        let quoted = format!("\"{resource_type}\"");
        let declares = |file: &str, text: &str| {
            text.contains(&quoted)
                && self.around.as_ref().is_none_or(|around| {
                    around.has_beside(text, is_json(file), resource_type, argument)
                })
        };
        let texts = self.repository.map(|repository| {
            let files = beside(repository, &self.place.file).into_iter();
            files.filter_map(|file| Some((repository.read(Path::new(&file)).ok()?, file)))
        });
        declares(&self.place.file, self.text)
            || texts.into_iter().flatten().any(|(text, file)| declares(&file, &text))
    }
}

fn is_json(file: &str) -> bool {
    file.ends_with(".json")
}

/// The attribute with a literal value at a place, which must be in Terraform code. `text`: that of the
/// file.
pub fn literal<'a>(text: &'a str, place: &Place) -> Option<Literal<'a>> {
    let is_assignment = matches!(place.what, PlaceKind::Attribute | PlaceKind::Argument);
    if !is_assignment || place.file.ends_with(".json") {
        return None;
    }
    let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let line = text.split_inclusive('\n').nth(index)?.trim_end();
    let start = line_starts(text).nth(index)?;
    let (name, value) = assignment(line, false).or_else(|| {
        // In a block or an object on one line.
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let (at, _) = line.char_indices().nth(column)?;
        let (name, value) = assignment(line.get(at..)?, true)?;
        Some((name, at + value.start..at + value.end))
    })?;
    let range = start + value.start..start + value.end;
    let is_it = match &place.value {
        Some(value) => *value == range,
        // What a module makes of the argument is not known, or the attribute gets another value.
        None if place.what == PlaceKind::Argument => false,
        // In a place of a report, only the line says which attribute it is, and lines move.
        None => Around::new(text, false, place.line)?.count(name) == 1,
    };
    if !is_it {
        return None;
    }
    Some(Literal { name, value: text.get(range.clone())?, range })
}

/// The name and the range of the literal of an assignment at the start of a text. `is_inside`: what
/// contains it can follow.
fn assignment(text: &str, is_inside: bool) -> Option<(&str, Range<usize>)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let from = text.len() - rest.trim_start().len();
    let length = literal_length(text.get(from..)?, is_inside)?;
    (is_name && !rest.starts_with('=')).then_some((name, from..from + length))
}

/// The length of a literal, after which only a comment follows on the line; with `is_inside`, also the
/// rest of a block or an object on one line.
fn literal_length(text: &str, is_inside: bool) -> Option<usize> {
    let length = match text.strip_prefix('"') {
        Some(inner) => {
            let end = inner.find('"')?;
            let has_template = inner.get(..end)?.contains(['$', '%', '\\']);
            (!has_template).then_some(end + 2)?
        }
        None => {
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
            let word = text.get(..end)?;
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty();
            (is_number || matches!(word, "true" | "false")).then_some(end)?
        }
    };
    let rest = text.get(length..)?.trim_start();
    let comment = rest.strip_prefix("/*").and_then(|comment| comment.split_once("*/"));
    let is_comment = rest.starts_with('#')
        || rest.starts_with("//")
        || comment.is_some_and(|(_, after)| after.trim().is_empty());
    let is_end = rest.is_empty() || is_comment;
    (is_end || is_inside && rest.starts_with([',', '}'])).then_some(length)
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1))
}

/// A unified diff that replaces a range of a file, which lies on one line. `None` if it would change
/// nothing, or more than one line.
pub fn patch(file: &str, text: &str, range: &Range<usize>, value: &str) -> Option<String> {
    let old = text.get(range.clone())?;
    if old == value || old.contains('\n') || value.contains(['\n', '\r']) {
        return None;
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = line_starts(text).take_while(|start| *start <= range.start).count() - 1;
    let start = line_starts(text).nth(changed)?;
    let line = lines.get(changed)?;
    let new =
        format!("{}{value}{}", line.get(..range.start - start)?, line.get(range.end - start..)?);
    let first = changed.saturating_sub(CONTEXT);
    let last = lines.len().min(changed + CONTEXT + 1);
    let [old_name, new_name] = ["a", "b"].map(|side| quoted(&format!("{side}/{file}")));
    // With this line, git takes paths as relative to the root of the repository, wherever it runs.
    let [from, to] = [&old_name, &new_name].map(|name| name.trim_end_matches('\t'));
    let count = last - first;
    let mut out = format!(
        "diff --git {from} {to}\n--- {old_name}\n+++ {new_name}\n@@ -{},{count} +{},{count} @@\n",
        first + 1,
        first + 1
    );
    for (index, line) in lines.iter().enumerate().take(last).skip(first) {
        if index == changed {
            push(&mut out, '-', line);
            push(&mut out, '+', &new);
        } else {
            push(&mut out, ' ', line);
        }
    }
    Some(out)
}

fn push(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// A path as git writes it in a diff.
fn quoted(path: &str) -> String {
    if path.bytes().all(|byte| !byte.is_ascii_control() && !matches!(byte, b'"' | b'\\')) {
        // A tab ends a name with spaces.
        return if path.contains(' ') { format!("{path}\t") } else { path.to_owned() };
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    fn place(line: u32) -> Place {
        Place {
            file: "main.tf".to_owned(),
            line,
            column: 1,
            end_column: 2,
            address: "aws_instance.a".to_owned(),
            what: PlaceKind::Attribute,
            because: None,
            call: None,
            value: None,
        }
    }

    #[test]
    fn only_literal_values_are_replaced() {
        for (line, wanted) in [
            ("  http_tokens = \"optional\"", Some(("http_tokens", "\"optional\""))),
            ("encrypted=false # why", Some(("encrypted", "false"))),
            ("  hops   =  2 // two", Some(("hops", "2"))),
            ("tokens = \"optional\" /* legacy */ ", Some(("tokens", "\"optional\""))),
            ("tokens = true /* or */ && false", None),
            ("tokens = true /* and", None),
            ("größe = 5\r", None),
            ("tokens = \"optional\"\r", Some(("tokens", "\"optional\""))),
            ("tokens = var.tokens", None),
            ("tokens = \"${var.tokens}\"", None),
            ("tokens = \"a\" + \"b\"", None),
            ("tokens = true ? 1 : 2", None),
            ("tokens == 2", None),
            ("tokens = \"open", None),
            ("block {", None),
            ("cidr_blocks = [\"0.0.0.0/0\"]", None),
            ("tokens = <<EOT", None),
            ("tokens = -1", None),
            ("tokens = 1.5", None),
        ] {
            let text = format!("block {{ # ä\n{line}\nnext = 1\n}}\n");
            let found = literal(&text, &place(2));
            let shown = found.as_ref().map(|literal| (literal.name, literal.value));
            assert_eq!(shown, wanted, "{line}");
            if let Some(literal) = found {
                assert_eq!(&text[literal.range], literal.value);
            }
        }
        let text = "b {\na = 1\n}\n";
        assert!(literal(text, &place(9)).is_none() && literal(text, &place(0)).is_none());
        assert!(literal(text, &Place { what: PlaceKind::Block, ..place(2) }).is_none());
        assert!(literal(text, &Place { value: Some(0..1), ..place(2) }).is_none());
        assert!(literal(text, &Place { value: Some(8..9), ..place(2) }).is_some());
        // In a block or an object on one line, the column says which attribute it is.
        let text = "b {\nc { a = 1 }\n}\n";
        let found = literal(text, &Place { column: 5, ..place(2) }).unwrap();
        assert_eq!((found.name, &text[found.range]), ("a", "1"));
        assert!(literal(text, &place(2)).is_none());
        let text = "b {\nc = [{ ä = 1, a = \"x\" }, 3]\n}\n";
        let found = literal(text, &Place { column: 15, ..place(2) }).unwrap();
        assert_eq!((found.name, &text[found.range]), ("a", "\"x\""));
        // Which of both a report means is known only from the range.
        let text = "b {\na = 1\nc {\na = 2\n}\n}\n";
        assert!(literal(text, &place(2)).is_none());
        assert!(literal(text, &Place { value: Some(8..9), ..place(2) }).is_some());
    }

    fn git(folder: &Path, args: &[&str]) -> (bool, String) {
        let output = Command::new("git").args(args).current_dir(folder).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[test]
    fn patches_apply_with_git_and_change_nothing_else() {
        let many: String = (1..40).map(|number| format!("line{number} = {number}\n")).collect();
        for (file, text, old, new) in [
            ("main.tf", "a = false\n", "false", "true"),
            ("main.tf", "a = false", "false", "true"),
            ("a b/größe.tf", "# x\r\na = \"old\"\r\nb = 1\r\n", "\"old\"", "\"new\""),
            ("odd\"na\\me.tf", "a = 1\nb = 2\nc = 3\n", "3", "4"),
            ("modules/x/main.tf", &many, "= 20\n", "= 21"),
            ("modules/x/main.tf", &many, "= 1\n", "= 2"),
            ("modules/x/main.tf", &many, "= 39\n", "= 40"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let start = text.find(old).unwrap();
            let range = start..start + old.trim_end().len();
            let patch = patch(file, text, &range, new).unwrap();
            fs::write(folder.path().join("x.patch"), &patch).unwrap();
            assert_eq!(git(folder.path(), &["init", "--quiet"]), (true, String::new()));
            let config = ["-c", "core.autocrlf=false"];
            let (applied, error) =
                git(folder.path(), &[&config[..], &["apply", "x.patch"]].concat());
            assert!(applied, "{file}: {error}\n{patch}");
            let wanted = format!("{}{new}{}", &text[..range.start], &text[range.end..]);
            assert_eq!(fs::read_to_string(&path).unwrap(), wanted, "{patch}");
        }
    }

    #[test]
    fn patches_are_relative_to_the_root_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        assert!(git(folder.path(), &["init", "--quiet"]).0);
        let inner = folder.path().join("envs/prod");
        fs::create_dir_all(&inner).unwrap();
        for file in ["main.tf", "envs/prod/main.tf"] {
            fs::write(folder.path().join(file), "a = 1\n").unwrap();
        }
        fs::write(
            folder.path().join("x.patch"),
            patch("main.tf", "a = 1\n", &(4..5), "2").unwrap(),
        )
        .unwrap();
        // In another folder, git leaves the patch out.
        git(&inner, &["apply", "../../x.patch"]);
        assert_eq!(fs::read_to_string(inner.join("main.tf")).unwrap(), "a = 1\n");
        assert!(git(folder.path(), &["apply", "x.patch"]).0);
        assert_eq!(fs::read_to_string(folder.path().join("main.tf")).unwrap(), "a = 2\n");
    }

    #[test]
    fn there_is_no_patch_of_several_lines_or_of_nothing() {
        let text = "a = 1\nb = 2\n";
        assert_eq!(patch("a.tf", text, &(4..5), "1"), None);
        assert_eq!(patch("a.tf", text, &(4..10), "1"), None);
        assert_eq!(patch("a.tf", text, &(4..5), "1\n"), None);
        assert_eq!(patch("a.tf", text, &(4..99), "2"), None);
    }
}
