//! The case file of a rule: its text, the cases in it, and where each thing in it stands, so that
//! an error is shown at its place.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::case::{Case, Step};
use super::defaults::{self, Defaults};
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
    /// The cases in the order of the file, with the defaults applied.
    pub cases: Vec<PlacedCase>,
    /// What the cases start from.
    pub defaults: Option<Defaults>,
    /// The bytes of the list of cases.
    pub(super) list: Range<usize>,
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

/// What a part of a case file is, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    File,
    Defaults,
    Case,
}

impl CaseFile {
    /// Reads the cases in a file. The diagnostics are all that make a case unreadable, one of each.
    pub fn read(file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let whole = &*file.text;
        let fail = |span: Range<usize>, part, error: serde_json::Error| {
            vec![fault(file, span, part, &error)]
        };
        let all = 0..whole.len();
        let (defaults, list) = if whole.trim_start().starts_with('{') {
            let parts: Parts<'_> = serde_json::from_str(whole)
                .map_err(|error| fail(all.clone(), Part::File, error))?;
            let list = span(whole, parts.cases.get());
            (parts.defaults.map(|raw| span(whole, raw.get())), list)
        } else {
            (None, all.clone())
        };
        let text = |span: &Range<usize>| whole.get(span.clone()).unwrap_or_default();
        let raw: Vec<&RawValue> = serde_json::from_str(text(&list))
            .map_err(|error| fail(list.clone(), Part::File, error))?;
        // What serde keeps of two equal keys is the last.
        serde_json::from_str::<Unique>(whole).map_err(|error| fail(all, Part::File, error))?;

        let defaults = match defaults {
            None => None,
            Some(span) => match object::<defaults::Form>(text(&span)) {
                Ok((_, values)) => Some(Defaults { values, span }),
                Err(error) => return Err(fail(span, Part::Defaults, error)),
            },
        };
        let (mut cases, mut faults) = (Vec::new(), Vec::new());
        for raw in raw {
            let span = span(whole, raw.get());
            match case(raw.get(), defaults.as_ref()) {
                Ok(case) => cases.push(PlacedCase { case, line: line_of(whole, span.start), span }),
                Err(error) => faults.extend(fail(span, Part::Case, error)),
            }
        }
        if faults.is_empty() {
            Ok(Self { file: file.clone(), cases, defaults, list })
        } else {
            Err(faults)
        }
    }

    /// A diagnostic at a thing within a case, or where the case has it from the defaults, at it
    /// there; where the steps lead nowhere, at the last thing that is there.
    pub(super) fn fault_at(
        &self,
        case: &PlacedCase,
        steps: &[Step],
        message: String,
    ) -> Diagnostic {
        let (mut at, taken) = self.place(&case.span, steps);
        if taken < steps.len()
            && let Some(defaults) = &self.defaults
            && let (there, further) = self.place(&defaults.span, steps)
            && further > taken
        {
            at = there;
        }
        Diagnostic::new(&self.file.name, &self.file.text, at, message)
    }

    /// Where steps lead from a part of the file, and how many of them could be taken.
    fn place(&self, from: &Range<usize>, steps: &[Step]) -> (Range<usize>, usize) {
        let whole = &self.file.text;
        let mut at = from.start..from.start + 1;
        let mut inner = whole.get(from.clone()).unwrap_or_default();
        for (taken, step) in steps.iter().enumerate() {
            let found = match step {
                Step::Key(key) => member(inner, key),
                // The defaults of each resource of a kind are for all items.
                Step::Item(_) if inner.starts_with('{') => continue,
                Step::Item(index) => item(inner, *index),
            };
            let Some((shown, value)) = found else { return (at, taken) };
            at = span(whole, shown);
            inner = value;
        }
        (at, steps.len())
    }

    /// Whether a diagnostic is at something in the defaults.
    pub(super) fn is_in_defaults(&self, fault: &Diagnostic) -> bool {
        let within = |defaults: &Defaults| defaults.span.contains(&fault.span.start);
        self.defaults.as_ref().is_some_and(within)
    }

    /// The line of something in the defaults, and what it is called.
    pub(super) fn default_at(&self, steps: &[Step]) -> (usize, String) {
        let start =
            self.defaults.as_ref().map_or(0, |defaults| self.place(&defaults.span, steps).0.start);
        let mut path = "defaults".to_owned();
        for step in steps {
            match step {
                Step::Key(key) if key.contains('.') => {
                    path += &format!("[{}]", Value::from(&**key))
                }
                Step::Key(key) => path += &format!(".{key}"),
                Step::Item(index) => path += &format!("[{index}]"),
            }
        }
        (line_of(&self.file.text, start), path)
    }
}

/// A case file that is an object.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts<'a> {
    #[serde(borrow, default)]
    defaults: Option<&'a RawValue>,
    #[serde(borrow)]
    cases: &'a RawValue,
}

/// An object as a type that says which keys it has, and as it is.
fn object<T: DeserializeOwned>(text: &str) -> serde_json::Result<(T, Map<String, Value>)> {
    // Of a list, serde would take the items for the fields of a struct.
    let values = serde_json::from_str(text)?;
    Ok((serde_json::from_str(text)?, values))
}

fn case(text: &str, defaults: Option<&Defaults>) -> serde_json::Result<Case> {
    let (case, mut values) = object(text)?;
    if let Some(defaults) = defaults {
        defaults.apply(&mut values);
    }
    if !values.contains_key("facts") {
        return Err(Error::missing_field("facts"));
    }
    if defaults.is_none() { Ok(case) } else { serde_json::from_value(Value::Object(values)) }
}

/// What serde reports about the text at `span`, at its place in the file.
fn fault(
    file: &SourceFile,
    span: Range<usize>,
    part: Part,
    error: &serde_json::Error,
) -> Diagnostic {
    let whole = &file.text;
    let text_of = whole.get(span.clone()).unwrap_or_default();
    let line_start: usize =
        text_of.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // A line of 0: the error is about all of it.
    let end = if error.line() == 0 { 1 } else { (line_start + error.column()).min(text_of.len()) };
    let start = text_of.floor_char_boundary(end.saturating_sub(1));
    let before = text_of.get(..end).unwrap_or(text_of);
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let new = |place: Range<usize>, message: String| {
        let place = span.start + place.start..span.start + place.end;
        Diagnostic::new(&file.name, whole, place, text::one_line(&message, 300))
    };
    let quoted = |word: &str| {
        let written = serde_json::to_string(word).unwrap_or_default();
        let found = before.rfind(&written);
        found.map_or(start..end, |from| from..from + written.len())
    };
    let help =
        |word: &str, known: &[&str], all: &str| match did_you_mean(word, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("{all} {}", known.join(", ")),
        };
    if let Some((key, known)) = words(said, "unknown field ") {
        let help = match (part, key) {
            (Part::Defaults, "name" | "expect" | "message") => "each case has its own".to_owned(),
            _ => help(key, &known, "the keys are"),
        };
        let of = match part {
            Part::File => "a case file",
            Part::Defaults => "`defaults`",
            Part::Case => "a case",
        };
        return new(quoted(key), format!("{of} has no key `{}`", text::one_line(key, 60)))
            .help(help);
    }
    if let Some((word, known)) = words(said, "unknown variant ") {
        return new(quoted(word), format!("unknown variant `{}`", text::one_line(word, 60)))
            .help(help(word, &known, "it is one of"));
    }
    if let Some(key) = said.strip_prefix("duplicate key ") {
        let place = serde_json::from_str::<String>(key).map_or(start..end, |key| quoted(&key));
        return new(place, said.to_owned()).help("remove one of them");
    }
    let place = if said.starts_with("invalid type: map") {
        opening(text_of, start, '{')
    } else if said.starts_with("invalid type: sequence") {
        opening(text_of, start, '[')
    } else if said.starts_with("invalid ") {
        value_before(text_of, start)
    } else {
        start..end
    };
    new(place, said.to_owned()).help(
        "a case file is a list of cases, [{ \"name\": …, \"expect\": …, \"facts\": { … } }], or an object with \
         that list and what all cases start from, { \"defaults\": { … }, \"cases\": [ … ] }",
    )
}

/// The wrong word in what serde reports, and those that it knows.
fn words<'a>(said: &'a str, prefix: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let mut quoted = said.strip_prefix(prefix)?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

/// The opening bracket of a value, behind what was read before it.
fn opening(text: &str, from: usize, bracket: char) -> Range<usize> {
    let found = text.get(from..).and_then(|rest| rest.find(bracket));
    found.map_or(from..from, |at| from + at..from + at + 1)
}

/// The value of a wrong type that ends at a byte.
fn value_before(text: &str, at: usize) -> Range<usize> {
    let (Some(before), Some(end)) =
        (text.get(..at), text.get(at..).and_then(|rest| rest.chars().next()))
    else {
        return at..at;
    };
    let start = match end {
        '"' => before.rfind('"'),
        _ => before
            .rfind(|c: char| !c.is_ascii_alphanumeric() && !".+-".contains(c))
            .map(|before| before + 1),
    };
    start.unwrap_or(0)..at + end.len_utf8()
}

/// Any JSON in which no object has a key twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(Error::custom(format_args!("duplicate key {}", Value::from(key))));
            }
            keys.insert(key);
            map.next_value::<Self>()?;
        }
        Ok(self)
    }
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
            ("{}", &["x.cases.json:1:", "missing field `cases`", "a case file is a list"]),
            ("{ \"cases\": {} }", &["x.cases.json:1:12", "expected a sequence"]),
            (
                "{ \"cases\": [], \"default\": {} }",
                &["x.cases.json:1:16", "no key `default`", "`defaults`?"],
            ),
            ("{ \"defaults\": [],\n \"cases\": [] }", &["x.cases.json:1:15", "expected a map"]),
            (
                "{ \"defaults\": {\n \"fact\": {} }, \"cases\": [] }",
                &["x.cases.json:2:2", "`defaults` has no key `fact`", "did you mean `facts`?"],
            ),
            (
                "{ \"defaults\": {\n \"expect\": \"pass\" }, \"cases\": [] }",
                &["x.cases.json:2:2", "`defaults` has no key `expect`", "each case has its own"],
            ),
            (
                "{ \"defaults\": { \"related\": { \"ec2.vpc\": 17 } }, \"cases\": [] }",
                &["x.cases.json:1:41", "expected a list of resources, or a map"],
            ),
            (
                "{ \"defaults\": { \"now\": \"\" }, \"cases\": [\n{ \"name\": \"a\", \"expect\": \"pass\" }] }",
                &["x.cases.json:2:1", "missing field `facts`"],
            ),
            (
                "[{ \"name\": \"a\", \"expect\": \"pass\" }]",
                &["x.cases.json:1:2", "missing field `facts`"],
            ),
            (
                "{ \"defaults\": { \"facts\": { \"a\": { \"ü\": 1,\n \"ü\": 2 } } }, \"cases\": [] }",
                &["x.cases.json:2:2", "duplicate key \"ü\"", "remove one of them"],
            ),
            (
                "[{ \"name\": \"a\", \"name\": \"b\" }]",
                &["x.cases.json:1:17", "duplicate key \"name\""],
            ),
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

    #[test]
    fn what_a_case_has_from_the_defaults_is_shown_there() {
        let text = "{ \"defaults\": {\n \"facts\": { \"a\": { \"b\": 1 } } },\n \"cases\": [\n\
                    { \"name\": \"a\", \"expect\": \"pass\", \"facts\": { \"a\": { \"c\": 1 } } },\n\
                    { \"name\": \"b\", \"expect\": \"pass\" } ] }";
        let cases = read(text).unwrap();
        let place = |case: usize, steps: &[&str]| {
            let steps: Vec<Step> = steps.iter().map(|step| Step::from(*step)).collect();
            let fault = cases.fault_at(&cases.cases[case], &steps, String::new());
            (fault.position(), cases.is_in_defaults(&fault))
        };
        assert_eq!(cases.cases.iter().map(|placed| placed.line).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(
            serde_json::json!(cases.cases[0].case.facts),
            serde_json::json!({ "a": { "c": 1, "b": 1 } })
        );
        assert_eq!(place(0, &["facts", "a", "b"]), ((2, 20), true));
        assert_eq!(place(0, &["facts", "a", "c"]), ((4, 52), false));
        assert_eq!(place(0, &["facts", "a"]), ((4, 45), false));
        assert_eq!(place(1, &["facts", "a"]), ((2, 13), true));
        assert_eq!(place(1, &["params"]), ((5, 1), false));
        let steps = ["facts".into(), "a".into()];
        assert_eq!(cases.default_at(&steps), (2, "defaults.facts.a".to_owned()));
    }
}
