//! The case file of a rule: its text, its cases, and the position of each value, so that errors are
//! reported where they are.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::case::Case;
use super::defaults::{self, Defaults};
use super::expected_fix::ExpectedClass;
use super::place::Step;
use crate::diagnostics::Diagnostic;
use crate::model::{UniqueKeys, code_series, describe_serde_error, did_you_mean, text};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files;
use crate::rules::pack::rule::LoadError;
use crate::rules::pack::rule::Rule;

/// Larger case files are refused.
const MAX_BYTES: u64 = 4 << 20;

/// The cases of one rule.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The file.
    pub file: SourceFile,
    /// The cases in the order of the file, with the defaults applied.
    pub cases: Vec<PlacedCase>,
    /// The defaults of the cases.
    pub defaults: Option<Defaults>,
    /// The byte range of the list of cases.
    pub(super) list: Range<usize>,
}

/// A case with its position.
#[derive(Debug, Clone)]
pub struct PlacedCase {
    /// The case.
    pub case: Case,
    /// 1-based line on which it starts.
    pub line: usize,
    /// Its byte range.
    pub(super) span: Range<usize>,
}

/// The path of the case file of a rule: beside it, as `<id>.cases.json`. `None` for the built-in
/// pack.
pub fn path_beside(rule: &Rule) -> Option<PathBuf> {
    rule.on_disk.as_ref().map(|path| path.with_extension("cases.json"))
}

/// The case file beside a rule; `None` if there is none.
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

/// Reads a case file by its path.
pub fn read(path: &Path) -> Result<SourceFile, LoadError> {
    files::read_text(path, MAX_BYTES)
        .map(|text| SourceFile { name: path.display().to_string(), text: text.into() })
}

/// What a part of a case file is called in messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    File,
    Defaults,
    Case,
}

impl CaseFile {
    /// Parses the cases in a file. If it is invalid, returns the first error of each case.
    pub fn read(file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let whole = &*file.text;
        let fail = |span: Range<usize>, part, error: serde_json::Error| {
            vec![serde_diagnostic(file, span, part, &error)]
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
        // serde keeps the last of two equal keys.
        serde_json::from_str::<UniqueKeys>(whole).map_err(|error| fail(all, Part::File, error))?;

        let defaults = match defaults {
            None => None,
            Some(span) => match object::<defaults::Form>(text(&span)) {
                Ok((_, values)) => Some(Defaults { values, span }),
                Err(error) => return Err(fail(span, Part::Defaults, error)),
            },
        };
        let (mut cases, mut errors) = (Vec::new(), Vec::new());
        for raw in raw {
            let span = span(whole, raw.get());
            match case(raw.get(), defaults.as_ref()) {
                Ok(case) => cases.push(PlacedCase { case, line: line_of(whole, span.start), span }),
                Err(error) => errors.extend(fail(span, Part::Case, error)),
            }
        }
        if errors.is_empty() {
            Ok(Self { file: file.clone(), cases, defaults, list })
        } else {
            Err(errors)
        }
    }

    /// A diagnostic at a value within a case, or within the defaults if the case inherits the value.
    /// If the steps do not lead to a value, it is at the last one that exists.
    pub(super) fn diagnostic_at(
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

    /// The range that steps lead to, starting from a part of the file, and how many steps could be
    /// followed.
    fn place(&self, from: &Range<usize>, steps: &[Step]) -> (Range<usize>, usize) {
        let whole = &self.file.text;
        let mut at = from.start..from.start + 1;
        let mut inner = whole.get(from.clone()).unwrap_or_default();
        for (taken, step) in steps.iter().enumerate() {
            let found = match step {
                Step::Key(key) => member(inner, key),
                // The defaults for each resource of a kind apply to all items.
                Step::Item(_) if inner.starts_with('{') => continue,
                Step::Item(index) => item(inner, *index),
            };
            let Some((shown, value)) = found else { return (at, taken) };
            at = span(whole, shown);
            inner = value;
        }
        (at, steps.len())
    }

    /// Whether a diagnostic points into the defaults.
    pub(super) fn is_in_defaults(&self, error: &Diagnostic) -> bool {
        let within = |defaults: &Defaults| defaults.span.contains(&error.span.start);
        self.defaults.as_ref().is_some_and(within)
    }

    /// The line and the name of a value in the defaults.
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

/// An object, both deserialized and as raw JSON.
fn object<T: DeserializeOwned>(text: &str) -> serde_json::Result<(T, Map<String, Value>)> {
    // From a list, serde would deserialize the items as fields of a struct.
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

/// An error that serde reported for the text at `span`, at its position in the file.
fn serde_diagnostic(
    file: &SourceFile,
    span: Range<usize>,
    part: Part,
    error: &serde_json::Error,
) -> Diagnostic {
    let whole = &file.text;
    let text_of = whole.get(span.clone()).unwrap_or_default();
    let line_start: usize =
        text_of.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // Line 0 means that the error is about the whole text.
    let end = if error.line() == 0 { 1 } else { (line_start + error.column()).min(text_of.len()) };
    let start = text_of.floor_char_boundary(end.saturating_sub(1));
    let before = text_of.get(..end).unwrap_or(text_of);
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
    let new = |place: Range<usize>, message: String| {
        let place = span.start + place.start..span.start + place.end;
        Diagnostic::new(&file.name, whole, place, text::one_line(&message, 300))
    };
    let quoted = |word: &str| {
        let written = serde_json::to_string(word).unwrap_or_default();
        let found = before.rfind(&written);
        found.map_or(start..end, |from| from..from + written.len())
    };
    let help = |word: &str, known: &[&str], all: &str, conjunction: &str| match did_you_mean(
        word,
        known.iter().copied(),
    ) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("{all} {}", code_series(known, conjunction)),
    };
    if let Some((key, known)) = words(reason, "unknown field ") {
        let help = match (part, key) {
            (Part::Defaults, "name" | "variant" | "expect" | "message" | "fix") => {
                "each test case must set its own".to_owned()
            }
            _ => help(key, &known, "valid keys:", "and"),
        };
        let of = match part {
            Part::File => "a test case file",
            Part::Defaults => "`defaults`",
            Part::Case if known.contains(&"class") => "`fix`",
            Part::Case if known.contains(&"parameters") => "an action",
            Part::Case => "a test case",
        };
        return new(quoted(key), format!("unknown key `{}` in {of}", text::one_line(key, 60)))
            .help(help);
    }
    if let Some((word, known)) = words(reason, "unknown variant ") {
        let shown = text::one_line(word, 60);
        // Verdicts and classes are the only words.
        let message = if known.contains(&ExpectedClass::ByHand.as_str()) {
            format!("unknown class of fix `{shown}`")
        } else if before.rfind("\"after\"") > before.rfind("\"expect\"") {
            format!("unknown verdict `{shown}` in `after`")
        } else {
            format!("unknown verdict `{shown}` in `expect`")
        };
        return new(quoted(word), message).help(help(word, &known, "use", "or"));
    }
    if let Some(key) = UniqueKeys::duplicate(reason) {
        let message = format!("duplicate key `{}`", text::one_line(&key, 60));
        return new(quoted(&key), message).help("remove one of them");
    }
    let place = if reason.starts_with("invalid type: map") {
        opening(text_of, start, '{')
    } else if reason.starts_with("invalid type: sequence") {
        opening(text_of, start, '[')
    } else if reason.starts_with("invalid ") {
        value_before(text_of, start)
    } else {
        start..end
    };
    let message = match error.classify() {
        Category::Syntax | Category::Eof => format!("invalid JSON: {reason}"),
        Category::Data | Category::Io => describe_serde_error(reason),
    };
    new(place, message).help(
        "a test case file is a list of test cases, `[{ \"name\": …, \"expect\": …, \"facts\": { … } }]`, or an object with \
         the list and defaults for it, `{ \"defaults\": { … }, \"cases\": [ … ] }`",
    )
}

/// The unknown word in an error from serde, and the known ones.
fn words<'a>(reason: &'a str, prefix: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let mut quoted = reason.strip_prefix(prefix)?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

/// The opening bracket of a value, given the end of what was read before it.
fn opening(text: &str, from: usize, bracket: char) -> Range<usize> {
    let found = text.get(from..).and_then(|rest| rest.find(bracket));
    found.map_or(from..from, |at| from + at..from + at + 1)
}

/// The value with the wrong type that ends at a byte.
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

fn line_of(whole: &str, offset: usize) -> usize {
    whole.get(..offset).map_or(0, |before| before.matches('\n').count()) + 1
}

/// The byte range of a slice within a text.
fn span(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
    start..(start + part.len()).min(whole.len())
}

/// The raw key of an object member, and its value.
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

/// The members of an object in order, with the raw text of their values.
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

/// For text without a file.
pub(super) fn unnamed(rule: &Rule, text: &str) -> SourceFile {
    SourceFile { name: format!("{}.cases.json", rule.id), text: Arc::from(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CaseFile, String> {
        let file = SourceFile { name: "x.cases.json".into(), text: text.into() };
        CaseFile::read(&file).map_err(|errors| {
            errors.iter().map(|error| format!("{error}\n{}", error.render(false))).collect()
        })
    }

    #[test]
    fn errors_are_reported_where_they_are() {
        for (text, parts) in [
            ("[\n  { \"name\": \"a\",, }\n]", &["x.cases.json:2:17", "key must be a string"][..]),
            ("[\n  { \"name\": \"a\" ]", &["x.cases.json:2:"]),
            ("{}", &["x.cases.json:1:", "missing key `cases`", "a test case file is a list"]),
            ("{ \"cases\": {} }", &["x.cases.json:1:12", "expected a list, found an object"]),
            (
                "{ \"cases\": [], \"default\": {} }",
                &["x.cases.json:1:16", "unknown key `default`", "`defaults`?"],
            ),
            (
                "{ \"defaults\": [],\n \"cases\": [] }",
                &["x.cases.json:1:15", "expected an object, found a list"],
            ),
            (
                "{ \"defaults\": {\n \"fact\": {} }, \"cases\": [] }",
                &["x.cases.json:2:2", "unknown key `fact` in `defaults`", "did you mean `facts`?"],
            ),
            (
                "{ \"defaults\": {\n \"expect\": \"pass\" }, \"cases\": [] }",
                &[
                    "x.cases.json:2:2",
                    "unknown key `expect` in `defaults`",
                    "each test case must set its own",
                ],
            ),
            (
                "{ \"defaults\": { \"related\": { \"ec2.vpc\": 17 } }, \"cases\": [] }",
                &["x.cases.json:1:41", "expected a list of resources, or an object"],
            ),
            (
                "{ \"defaults\": { \"now\": \"\" }, \"cases\": [\n{ \"name\": \"a\", \"expect\": \"pass\" }] }",
                &["x.cases.json:2:1", "missing key `facts`"],
            ),
            (
                "[{ \"name\": \"a\", \"expect\": \"pass\" }]",
                &["x.cases.json:1:2", "missing key `facts`"],
            ),
            (
                "{ \"defaults\": { \"facts\": { \"a\": { \"ü\": 1,\n \"ü\": 2 } } }, \"cases\": [] }",
                &["x.cases.json:2:2", "duplicate key `ü`", "remove one of them"],
            ),
            (
                "[{ \"name\": \"a\", \"name\": \"b\" }]",
                &["x.cases.json:1:17", "duplicate key `name`"],
            ),
            ("", &["x.cases.json:1:1", "EOF"]),
            (
                "[\n  { \"name\": \"ä\",\n    \"expct\": \"pass\" }]",
                &[
                    "x.cases.json:3:5",
                    "unknown key `expct` in a test case",
                    "did you mean `expect`?",
                ],
            ),
            (
                "[{ \"zzz\": 1 }]",
                &["x.cases.json:1:4", "valid keys: `name`, `variant`, `expect`, `facts`"],
            ),
            (
                "[{ \"name\": \"a\", \"expect\": \"pas\", \"facts\": {} }]",
                &["x.cases.json:1:", "unknown verdict `pas` in `expect`"],
            ),
            ("[{ \"name\": \"a\", \"facts\": {} }]", &["missing key `expect`"]),
        ] {
            let error = read(text).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text}: `{part}` is missing in\n{error}");
            }
        }
    }

    #[test]
    fn steps_resolve_to_the_named_key() {
        let text = "[\n {\"name\":\"a\",\"expect\":\"pass\",\n  \"facts\": {\"b\": 1, \"l\" : [{}, {\"b\": \"x\\u0041\"}]}}\n]";
        let cases = read(text).unwrap();
        let place = |steps: &[Step]| {
            let error = cases.diagnostic_at(&cases.cases[0], steps, String::new());
            (error.position(), text[error.span].to_owned())
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
    fn errors_in_inherited_values_are_reported_in_the_defaults() {
        let text = "{ \"defaults\": {\n \"facts\": { \"a\": { \"b\": 1 } } },\n \"cases\": [\n\
                    { \"name\": \"a\", \"expect\": \"pass\", \"facts\": { \"a\": { \"c\": 1 } } },\n\
                    { \"name\": \"b\", \"expect\": \"pass\" } ] }";
        let cases = read(text).unwrap();
        let place = |case: usize, steps: &[&str]| {
            let steps: Vec<Step> = steps.iter().map(|step| Step::from(*step)).collect();
            let error = cases.diagnostic_at(&cases.cases[case], &steps, String::new());
            (error.position(), cases.is_in_defaults(&error))
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
