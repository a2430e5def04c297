//! The files: how each was declared on the command line, and its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::cli_error::CliError;
use super::error::ImportProblem;
use super::place;
use crate::facts::{self, FactSpec, KINDS, Kind};
use crate::model::{UniqueKeys, code_series, did_you_mean, text};

/// More than the longest list of any account; a larger file must be something else.
const MAX_FILE: u64 = 512 << 20;

/// A file argument: `FILE`, `KIND=FILE`, `KIND/FACT=FILE`, `KIND/FACT@RESOURCE=FILE`.
#[derive(Debug)]
pub(super) struct Source {
    /// The file name for messages.
    pub(super) shown: String,
    /// The path; `None` is stdin.
    pub(super) path: Option<PathBuf>,
    /// What it was declared to be.
    pub(super) declared: Option<Declaration>,
}

/// What a file was declared to be.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The part of the kind.
    pub(super) part: DeclaredPart,
    /// The resource, if one was given.
    pub(super) resource: Option<String>,
}

/// The part of a kind that a file contains.
#[derive(Debug, Clone, Copy)]
pub(super) enum DeclaredPart {
    /// The list.
    List,
    /// A fact.
    Fact(&'static FactSpec),
    /// A field that the list lacks and the kind's second call supplies.
    Field(&'static str),
}

/// The content of a file.
#[derive(Debug)]
pub(super) enum Content {
    /// A response.
    Answer(Map<String, Value>),
    /// An error message of the CLI.
    Error(CliError),
    /// The file is empty.
    Empty,
}

impl Source {
    /// Parses a file argument.
    pub(super) fn parse(written: &str) -> Result<Self, ImportProblem> {
        let shown = text::one_line(written, 200);
        let service = |name: &str| {
            KINDS.iter().any(|kind| {
                name.strip_prefix(kind.service()).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let (declared, path) = match written.split_once('=') {
            Some((declared, path)) if service(declared) => (
                Some(
                    Declaration::parse(declared)
                        .map_err(|problem| ImportProblem::of(&shown, problem))?,
                ),
                path,
            ),
            _ => (None, written),
        };
        if path.is_empty() {
            return Err(ImportProblem::of(&shown, "missing file name"));
        }
        let path = (path != "-").then(|| PathBuf::from(path));
        if path.is_none() && declared.is_none() {
            return Err(ImportProblem::of(
                "-",
                format!("stdin has no file name; {}", super::error::HOW_TO_DECLARE),
            ));
        }
        let shown = path
            .as_ref()
            .map_or("stdin".to_owned(), |path| text::one_line(&path.display().to_string(), 200));
        Ok(Self { shown, path, declared })
    }

    /// Reads it.
    pub(super) fn read(&self, stdin: &mut dyn Read) -> Result<Content, ImportProblem> {
        let problem = |error: io::Error| ImportProblem::of(&self.shown, error.to_string());
        let bytes = match &self.path {
            Some(path) if path.is_dir() => {
                return Err(ImportProblem::of(
                    &self.shown,
                    "the path is a folder; pass the files in it",
                ));
            }
            Some(path) => bounded(&mut File::open(path).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::NotFound if self.shown.contains('=') => ImportProblem::of(
                        &self.shown,
                        format!(
                            "no such file, and the text before `=` is not a known kind; {}",
                            super::error::HOW_TO_DECLARE
                        ),
                    )
                    .fatal(),
                    io::ErrorKind::NotFound => problem(error).fatal(),
                    _ => problem(error),
                }
            })?),
            None => bounded(stdin),
        };
        let bytes = bytes.map_err(problem)?;
        let Some(bytes) = bytes else {
            return Err(ImportProblem::of(
                &self.shown,
                format!("the file is larger than {} MiB", MAX_FILE >> 20),
            ));
        };
        let text = decode(bytes)
            .ok_or_else(|| ImportProblem::of(&self.shown, "not valid UTF-8 or UTF-16 text"))?;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Content::Empty);
        }
        let unclear = |message: String| ImportProblem::of(&self.shown, message);
        if let Some(error) = CliError::parse(trimmed).map_err(unclear)? {
            return Ok(Content::Error(error));
        }
        if let Some(error) = CliError::of_lines(trimmed).map_err(unclear)? {
            return Ok(Content::Error(error));
        }
        match UniqueKeys::parse(trimmed) {
            Ok(Value::Object(answer)) => {
                if let Some((at, message)) = place::two_spellings(&answer) {
                    return Err(ImportProblem::at(&self.shown, &at, message));
                }
                Ok(match CliError::of_object(&answer) {
                    Some(error) => Content::Error(error),
                    None => Content::Answer(answer),
                })
            }
            Ok(other) => Err(ImportProblem::of(
                &self.shown,
                format!(
                    "expected a JSON object, found {}; if you used `--query`, rerun the AWS CLI command without it",
                    match other {
                        Value::Array(_) => "an array",
                        Value::String(_) => "a string",
                        Value::Number(_) => "a number",
                        Value::Bool(_) => "a boolean",
                        Value::Null | Value::Object(_) => "`null`",
                    }
                ),
            )),
            Err(error) => {
                let what = UniqueKeys::describe(&error);
                let help = if what.starts_with("duplicate key") {
                    "AWS responses do not contain duplicate keys, so save each response in a separate file"
                } else if what.contains("trailing characters") {
                    "save each response in a separate file"
                } else {
                    "rerun the AWS CLI command with `--output json`"
                };
                Err(ImportProblem::of(&self.shown, format!("{what}; {help}")))
            }
        }
    }
}

impl Source {
    /// The message for a response without an expected field.
    pub(super) fn not_a_response(&self, call: &str, missing: &str) -> String {
        let check = if self.declared.is_some() {
            "check the kind before the `=`"
        } else {
            "check the file name"
        };
        format!("not a response from {call}: missing `{missing}`; {check}")
    }
}

impl Declaration {
    fn parse(written: &str) -> Result<Self, String> {
        let (written, resource) = match written.split_once('@') {
            Some((_, "")) => return Err("missing resource after `@`".to_owned()),
            Some((rest, resource)) => (rest, Some(resource.to_owned())),
            None => (written, None),
        };
        let (name, part) =
            written.split_once('/').map_or((written, None), |(kind, part)| (kind, Some(part)));
        let help_text = |similar: Option<&str>, or: String| {
            similar.map_or(or, |similar| format!("did you mean `{similar}`?"))
        };
        let kind = facts::collected_kind(name).ok_or_else(|| {
            let help =
                help_text(facts::suggest_kind(name), "`rolecall facts` lists all kinds".to_owned());
            format!("unknown kind `{}`: {help}", text::one_line(name, 60))
        })?;
        let part = match part {
            None if kind.list.is_empty() => {
                let facts = kind.facts.iter().map(|fact| format!("{name}/{}", fact.name));
                return Err(format!(
                    "resources of kind `{name}` cannot be imported as a list; use one of the facts: {}",
                    facts.collect::<Vec<_>>().join(", ")
                ));
            }
            None if resource.is_some() => {
                return Err(format!("`@RESOURCE` requires a fact: {name}/FACT@RESOURCE=FILE"));
            }
            None => DeclaredPart::List,
            Some(part) => match (kind.fact(part), kind.field_of_second_call()) {
                (Some(fact), _) => DeclaredPart::Fact(fact),
                (None, Some(field)) if field == part => DeclaredPart::Field(field),
                (None, _) => {
                    let names: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
                    let or = match names.as_slice() {
                        [] => format!("`{name}` has no facts"),
                        [only] => format!("its only fact is `{only}`"),
                        _ => format!("its facts are {}", code_series(&names, "and")),
                    };
                    let help = help_text(did_you_mean(part, names), or);
                    return Err(format!(
                        "unknown fact `{}` of `{name}`: {help}",
                        text::one_line(part, 60)
                    ));
                }
            },
        };
        Ok(Self { kind, part, resource })
    }
}

/// Reads everything; `None` if it is too large.
fn bounded(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_FILE).then_some(bytes))
}

/// Decodes the text of a file. PowerShell's `>` writes UTF-16.
fn decode(bytes: Vec<u8>) -> Option<String> {
    let code_units = |pair: fn([u8; 2]) -> u16| {
        bytes
            .get(2..)
            .unwrap_or_default()
            .chunks(2)
            .map(move |two| Some(pair(two.try_into().ok()?)))
    };
    let wide = match bytes.get(..2) {
        Some([0xff, 0xfe]) => Some(code_units(u16::from_le_bytes).collect::<Option<Vec<u16>>>()?),
        Some([0xfe, 0xff]) => Some(code_units(u16::from_be_bytes).collect::<Option<Vec<u16>>>()?),
        _ => None,
    };
    match wide {
        Some(code_units) => String::from_utf16(&code_units).ok(),
        None => {
            let text = String::from_utf8(bytes).ok()?;
            Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_and_utf_16_texts_are_decoded() {
        let wide: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain("{\"ä\": 1}".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let wide_be: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain("{}".encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(decode(wide).as_deref(), Some("{\"ä\": 1}"));
        assert_eq!(decode(wide_be).as_deref(), Some("{}"));
        assert_eq!(decode("\u{feff}{}".into()).as_deref(), Some("{}"));
        assert_eq!(decode(vec![0xff, 0xfe, 0x00]), None);
        assert_eq!(decode(vec![0xc3, 0x28]), None);
    }

    #[test]
    fn file_declarations_are_validated() {
        for (written, expected) in [
            ("s3.bucket/versionin@b=f", "did you mean `versioning`?"),
            ("s3.bukket=f", "did you mean `s3.bucket`?"),
            ("ec2.volume/x=f", "`ec2.volume` has no facts"),
            ("ec2.settings=f", "ec2.settings/account_attributes, "),
            ("ec2.vpc@vpc-1=f", "ec2.vpc/FACT@RESOURCE=FILE"),
            ("s3.bucket/policy@=f", "missing resource"),
            ("s3.bucket/policy@b=", "missing file name"),
            ("-", "KIND=FILE"),
        ] {
            let problem = Source::parse(written).unwrap_err().to_string();
            assert!(problem.contains(expected), "{written}: {problem}");
        }
        let source = Source::parse("s3.bucket/policy@b=a=b.json").unwrap();
        assert_eq!(
            (source.path, source.declared.unwrap().resource.as_deref()),
            (Some("a=b.json".into()), Some("b"))
        );
        assert!(Source::parse("./s3.bucket=x").unwrap().declared.is_none());
    }
}
