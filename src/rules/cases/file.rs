//! The cases file of a rule: its text, the cases in it, and where each thing in it stands, so that
//! a mistake is shown at its place.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Case;
use crate::diagnostics::Diagnostic;
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files;
use crate::rules::pack::rule::LoadError;
use crate::rules::pack::rule::Rule;

/// A cases file larger than this is refused.
const MAX_BYTES: u64 = 4 << 20;

/// The cases of one rule.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The file.
    pub file: SourceFile,
    /// The cases in the order of the file.
    pub cases: Vec<PlacedCase>,
}

/// A case with its place.
#[derive(Debug, Clone)]
pub struct PlacedCase {
    /// The case.
    pub case: Case,
    /// 1-based line on which it begins.
    pub line: usize,
    /// The bytes of it.
    pub(super) span: Range<usize>,
}

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// Where the cases of a rule stand: beside it, in `<id>.cases.json`. `None` for the built-in pack.
pub fn path_beside(rule: &Rule) -> Option<PathBuf> {
    rule.on_disk.as_ref().map(|path| path.with_extension("cases.json"))
}

/// The cases file beside a rule; `None` when there is none.
pub fn beside(rule: &Rule) -> Result<Option<SourceFile>, LoadError> {
    let Some(path) = path_beside(rule) else {
        let path = rule.path.replace(".rhai", ".cases.json");
        let text = files::built_in_text(&path);
        return Ok(
            text.map(|text| SourceFile { name: format!("built-in/{path}"), text: text.into() })
        );
    };
    match read(&path) {
        Ok(file) => Ok(Some(file)),
        Err(LoadError::Io { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A cases file by its path.
pub fn read(path: &Path) -> Result<SourceFile, LoadError> {
    files::read_text(path, MAX_BYTES)
        .map(|text| SourceFile { name: path.display().to_string(), text: text.into() })
}

impl CaseFile {
    /// Reads the cases in a file. The faults are all that make a case unreadable, one of each.
    pub fn read(file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let whole = &file.text;
        let list: Vec<&RawValue> = match serde_json::from_str(whole) {
            Ok(list) => list,
            Err(error) => return Err(vec![fault(file, 0..whole.len(), &error)]),
        };
        let (mut cases, mut faults) = (Vec::new(), Vec::new());
        for raw in list {
            let span = span(whole, raw.get());
            match serde_json::from_str::<Case>(raw.get()) {
                Ok(case) => cases.push(PlacedCase { case, line: line_of(whole, span.start), span }),
                Err(error) => faults.push(fault(file, span, &error)),
            }
        }
        if faults.is_empty() { Ok(Self { file: file.clone(), cases }) } else { Err(faults) }
    }

    /// A fault at a thing within a case; where the steps lead nowhere, at the last thing that is
    /// there.
    pub(super) fn fault_at(
        &self,
        case: &PlacedCase,
        steps: &[Step],
        message: String,
    ) -> Diagnostic {
        let whole = &self.file.text;
        let mut at = case.span.start..case.span.start + 1;
        let mut inner = whole.get(case.span.clone()).unwrap_or_default();
        for step in steps {
            let found = match step {
                Step::Key(key) => member(inner, key),
                Step::Item(index) => item(inner, *index),
            };
            let Some((shown, value)) = found else { break };
            at = span(whole, shown);
            inner = value;
        }
        Diagnostic::new(&self.file.name, whole, at, message)
    }
}

/// What serde says of the text at `span`, at its place in the file.
fn fault(file: &SourceFile, span: Range<usize>, error: &serde_json::Error) -> Diagnostic {
    let whole = &file.text;
    let part = whole.get(span.clone()).unwrap_or_default();
    let line_start: usize =
        part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let end = (line_start + error.column()).min(part.len());
    let start = part.floor_char_boundary(end.saturating_sub(1));
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let at = |range: Range<usize>| span.start + range.start..span.start + range.end;
    let Some((key, known)) = unknown_key(said) else {
        return Diagnostic::new(&file.name, whole, at(start..end), text::one_line(said, 300)).help(
            "a cases file is a list of objects: { \"name\": …, \"expect\": …, \"facts\": { … } }",
        );
    };
    let written = serde_json::to_string(key).unwrap_or_default();
    let place = part
        .get(..end)
        .and_then(|before| before.rfind(&written))
        .map_or(start..end, |from| from..from + written.len());
    let help = match did_you_mean(key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the keys are {}", known.join(", ")),
    };
    Diagnostic::new(
        &file.name,
        whole,
        at(place),
        format!("a case has no key `{}`", text::one_line(key, 60)),
    )
    .help(help)
}

/// The key that serde does not know, and those that it knows.
fn unknown_key(said: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = said.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

fn line_of(whole: &str, offset: usize) -> usize {
    whole.get(..offset).map_or(0, |before| before.matches('\n').count()) + 1
}

/// Where a part of a text stands in it.
fn span(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
    start..(start + part.len()).min(whole.len())
}

/// The key of an object's member as it is written, and its value.
fn member<'a>(object: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    let members: Members<'a> = serde_json::from_str(object).ok()?;
    let mut end = 0;
    for (name, value) in members.0 {
        let here = span(object, value.get());
        if name == key {
            let before = object.get(end..here.start)?;
            let from = before.find('"')?;
            let written = before.get(from..)?.trim_end().strip_suffix(':')?.trim_end();
            return Some((written, value.get()));
        }
        end = here.end;
    }
    None
}

fn item(array: &str, index: usize) -> Option<(&str, &str)> {
    let items: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    items.get(index).map(|item| (item.get(), item.get()))
}

/// The members of an object in order, with the texts of their values.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    members.push((key, map.next_value()?));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Read).map(Members)
    }
}

/// For texts that come without a file of their own.
pub(super) fn unnamed(rule: &Rule, text: &str) -> SourceFile {
    SourceFile { name: format!("{}.cases.json", rule.id), text: Arc::from(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CaseFile, String> {
        let file = SourceFile { name: "x.cases.json".into(), text: text.into() };
        CaseFile::read(&file).map_err(|faults| {
            faults.iter().map(|fault| format!("{fault}\n{}", fault.render(false))).collect()
        })
    }

    #[test]
    fn mistakes_are_shown_where_they_stand() {
        for (text, parts) in [
            ("[\n  { \"name\": \"a\",, }\n]", &["x.cases.json:2:17", "key must be a string"][..]),
            ("[\n  { \"name\": \"a\" ]", &["x.cases.json:2:"]),
            ("{}", &["x.cases.json:1:1", "expected a sequence", "a cases file is a list"]),
            ("", &["x.cases.json:1:1", "EOF"]),
            (
                "[\n  { \"name\": \"ä\",\n    \"expct\": \"pass\" }]",
                &["x.cases.json:3:5", "a case has no key `expct`", "did you mean `expect`?"],
            ),
            ("[{ \"zzz\": 1 }]", &["x.cases.json:1:4", "the keys are name, expect, facts"]),
            (
                "[{ \"name\": \"a\", \"expect\": \"pas\", \"facts\": {} }]",
                &["x.cases.json:1:", "unknown variant `pas`"],
            ),
            ("[{ \"name\": \"a\", \"facts\": {} }]", &["missing field `expect`"]),
        ] {
            let error = read(text).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text}: `{part}` is missing in\n{error}");
            }
        }
    }

    #[test]
    fn steps_lead_to_the_key_that_is_meant() {
        let text = "[\n {\"name\":\"a\",\"expect\":\"pass\",\n  \"facts\": {\"b\": 1, \"l\" : [{}, {\"b\": \"x\\u0041\"}]}}\n]";
        let cases = read(text).unwrap();
        let place = |steps: &[Step]| {
            let fault = cases.fault_at(&cases.cases[0], steps, String::new());
            (fault.position(), text[fault.span].to_owned())
        };
        assert_eq!(cases.cases[0].line, 2);
        assert_eq!(place(&[]), ((2, 2), "{".into()));
        assert_eq!(place(&["facts".into(), "b".into()]), ((3, 13), "\"b\"".into()));
        assert_eq!(
            place(&["facts".into(), "l".into(), 1.into(), "b".into()]),
            ((3, 33), "\"b\"".into())
        );
        assert_eq!(place(&["facts".into(), "gone".into()]), ((3, 3), "\"facts\"".into()));
    }
}
