//! The files: what was said of each on the command line, and what is in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::error::Fault;
use crate::facts::{self, FactSpec, KINDS, Kind};
use crate::model::{did_you_mean, text};

/// More than any account's longest list; what is larger is something else.
const MAX_FILE: u64 = 512 << 20;

/// A file as it was named: `FILE`, `KIND=FILE`, `KIND/FACT=FILE`, `KIND/FACT@RESOURCE=FILE`.
#[derive(Debug)]
pub(super) struct Source {
    /// How faults name it.
    pub(super) shown: String,
    /// Where it is; `None` is stdin.
    pub(super) path: Option<PathBuf>,
    /// What it was said to be.
    pub(super) said: Option<Said>,
}

/// What a file was said to be.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// What of it.
    pub(super) part: SaidPart,
    /// The resource, if one was named.
    pub(super) resource: Option<String>,
}

/// What of a kind a file has.
#[derive(Debug, Clone, Copy)]
pub(super) enum SaidPart {
    /// The list.
    List,
    /// A fact.
    Fact(&'static FactSpec),
    /// A field that the list left out, which the kind's second call supplies.
    Field(&'static str),
}

/// What is in a file.
#[derive(Debug)]
pub(super) enum Content {
    /// An answer.
    Answer(Map<String, Value>),
    /// The CLI's report of an error.
    Refused(Refused),
    /// Nothing.
    Empty,
}

/// An error of AWS as the CLI reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// AWS's code.
    pub(super) code: String,
    /// The operation: `GetBucketPolicy`.
    pub(super) operation: String,
    /// AWS's words.
    pub(super) message: String,
}

impl Source {
    /// Understands what was typed.
    pub(super) fn parse(written: &str) -> Result<Self, Fault> {
        let shown = text::one_line(written, 200);
        let service = |name: &str| {
            KINDS.iter().any(|kind| {
                name.strip_prefix(kind.service()).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let (said, path) = match written.split_once('=') {
            Some((said, path)) if service(said) => {
                (Some(Said::parse(said).map_err(|fault| Fault::of(&shown, fault))?), path)
            }
            _ => (None, written),
        };
        if path.is_empty() {
            return Err(Fault::of(&shown, "no file is named"));
        }
        let path = (path != "-").then(|| PathBuf::from(path));
        if path.is_none() && said.is_none() {
            return Err(Fault::of(
                "-",
                format!("stdin has no name that tells what it is: {}", super::error::HOW_TO_SAY),
            ));
        }
        let shown = path
            .as_ref()
            .map_or("stdin".to_owned(), |path| text::one_line(&path.display().to_string(), 200));
        Ok(Self { shown, path, said })
    }

    /// Reads it.
    pub(super) fn read(&self, stdin: &mut dyn Read) -> Result<Content, Fault> {
        let fault = |error: io::Error| Fault::of(&self.shown, error.to_string());
        let bytes = match &self.path {
            Some(path) if path.is_dir() => {
                return Err(Fault::of(&self.shown, "this is a folder: name the files in it"));
            }
            Some(path) => bounded(&mut File::open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound if self.shown.contains('=') => Fault::of(
                    &self.shown,
                    format!(
                        "there is no such file, nor is this a kind and a file: {}",
                        super::error::HOW_TO_SAY
                    ),
                ),
                _ => fault(error),
            })?),
            None => bounded(stdin),
        };
        let bytes = bytes.map_err(fault)?;
        let Some(bytes) = bytes else {
            return Err(Fault::of(&self.shown, format!("is larger than {} MiB", MAX_FILE >> 20)));
        };
        let text = decode(bytes)
            .ok_or_else(|| Fault::of(&self.shown, "is not text in UTF-8 or UTF-16"))?;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Content::Empty);
        }
        if let Some(refused) = Refused::parse(trimmed) {
            return Ok(Content::Refused(refused));
        }
        match serde_json::from_str(trimmed) {
            Ok(Value::Object(answer)) => Ok(Content::Answer(answer)),
            Ok(_) => Err(Fault::of(
                &self.shown,
                "an answer is a JSON object; this is other JSON: leave --query away and let the CLI print the whole answer",
            )),
            Err(error) => Err(Fault::of(
                &self.shown,
                format!(
                    "is not JSON: {}; let the CLI print it by --output json",
                    text::one_line(&error.to_string(), 200)
                ),
            )),
        }
    }
}

impl Said {
    fn parse(written: &str) -> Result<Self, String> {
        let (written, resource) = match written.split_once('@') {
            Some((_, "")) => return Err("no resource after the `@`".to_owned()),
            Some((rest, resource)) => (rest, Some(resource.to_owned())),
            None => (written, None),
        };
        let (name, part) =
            written.split_once('/').map_or((written, None), |(kind, part)| (kind, Some(part)));
        let meant = |meant: Option<&str>, or: String| {
            meant.map_or(or, |meant| format!("did you mean `{meant}`?"))
        };
        let kind = facts::kind(name).ok_or_else(|| {
            let help =
                meant(facts::suggest_kind(name), "`rolecall facts` lists the kinds".to_owned());
            format!("there is no kind `{}`; {help}", text::one_line(name, 60))
        })?;
        let part = match part {
            None if kind.list.is_empty() => {
                let names: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
                return Err(format!(
                    "{name} is not listed; name a fact of it: {name}/{}",
                    names.join(", ")
                ));
            }
            None if resource.is_some() => {
                return Err(format!("a resource goes with a fact: {name}/FACT@RESOURCE=FILE"));
            }
            None => SaidPart::List,
            Some(part) => match (kind.fact(part), field_of_second_call(kind)) {
                (Some(fact), _) => SaidPart::Fact(fact),
                (None, Some(field)) if field == part => SaidPart::Field(field),
                (None, _) => {
                    let names: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
                    let or = if names.is_empty() {
                        format!("{name} has the list only")
                    } else {
                        format!("it has {}", names.join(", "))
                    };
                    let help = meant(did_you_mean(part, names), or);
                    return Err(format!(
                        "{name} has no fact `{}`; {help}",
                        text::one_line(part, 60)
                    ));
                }
            },
        };
        Ok(Self { kind, part, resource })
    }
}

/// The field that a kind's second call supplies where the list leaves it out: the region of a
/// bucket. A second call that is made for every list says nothing of a resource: which types
/// instances have, say.
pub(super) fn field_of_second_call(kind: &Kind) -> Option<&'static str> {
    kind.list.get(1).filter(|call| call.unless.is_some()).map(|_| REGION_FIELD)
}

/// The field in which the list of a global kind tells the region of a resource.
pub(super) const REGION_FIELD: &str = "bucket_region";

impl Refused {
    /// `An error occurred (CODE) when calling the OPERATION operation: MESSAGE`, with whatever the
    /// CLI writes before it.
    fn parse(text: &str) -> Option<Self> {
        // JSON may quote such a text.
        if text.starts_with(['{', '[', '"']) {
            return None;
        }
        let (_, rest) = text.split_once("An error occurred (")?;
        let (code, rest) = rest.split_once(") when calling the ")?;
        let (operation, rest) = rest.split_once(" operation")?;
        let word = |text: &str| {
            !text.is_empty()
                && text.len() <= 100
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
        };
        if !word(code) || !word(operation) {
            return None;
        }
        // "(reached max retries: 4)"
        let rest = rest
            .trim_start()
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map_or(rest, |(_, rest)| rest);
        let message = rest
            .split_once(": ")
            .map_or("", |(_, message)| message)
            .lines()
            .next()
            .unwrap_or_default();
        Some(Self {
            code: code.to_owned(),
            operation: operation.to_owned(),
            message: message.to_owned(),
        })
    }
}

/// Everything, or `None` when that is too much.
fn bounded(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_FILE).then_some(bytes))
}

/// The text of a file, however a shell wrote it: PowerShell's `>` writes UTF-16.
fn decode(bytes: Vec<u8>) -> Option<String> {
    let units = |pair: fn([u8; 2]) -> u16| {
        bytes
            .get(2..)
            .unwrap_or_default()
            .chunks(2)
            .map(move |two| Some(pair(two.try_into().ok()?)))
    };
    let wide = match bytes.get(..2) {
        Some([0xff, 0xfe]) => Some(units(u16::from_le_bytes).collect::<Option<Vec<u16>>>()?),
        Some([0xfe, 0xff]) => Some(units(u16::from_be_bytes).collect::<Option<Vec<u16>>>()?),
        _ => None,
    };
    match wide {
        Some(units) => String::from_utf16(&units).ok(),
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
    fn errors_of_the_cli_are_told_from_answers() {
        let refused = |code: &str, operation: &str, message: &str| {
            Some(Refused {
                code: code.to_owned(),
                operation: operation.to_owned(),
                message: message.to_owned(),
            })
        };
        let table = [
            (
                "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist",
                refused(
                    "NoSuchBucketPolicy",
                    "GetBucketPolicy",
                    "The bucket policy does not exist",
                ),
            ),
            (
                "aws: [ERROR]: An error occurred (RequestLimitExceeded) when calling the DescribeVpcs operation (reached max retries: 4): \
                 Request limit exceeded.\nmore",
                refused("RequestLimitExceeded", "DescribeVpcs", "Request limit exceeded."),
            ),
            (
                "An error occurred (InvalidInstanceID.NotFound) when calling the DescribeInstances operation",
                refused("InvalidInstanceID.NotFound", "DescribeInstances", ""),
            ),
            ("An error occurred () when calling the X operation: y", None),
            (r#"{"Description": "An error occurred (A) when calling the B operation: c"}"#, None),
            ("Unable to locate credentials", None),
        ];
        for (text, expected) in table {
            assert_eq!(Refused::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_read_however_a_shell_wrote_them() {
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
    fn what_is_said_of_a_file_is_checked() {
        for (written, expected) in [
            ("s3.bucket/versionin@b=f", "did you mean `versioning`?"),
            ("s3.bukket=f", "did you mean `s3.bucket`?"),
            ("ec2.volume/x=f", "has the list only"),
            ("ec2.settings=f", "ec2.settings/account_attributes, "),
            ("ec2.vpc@vpc-1=f", "ec2.vpc/FACT@RESOURCE=FILE"),
            ("s3.bucket/policy@=f", "no resource"),
            ("s3.bucket/policy@b=", "no file"),
            ("-", "KIND=FILE"),
        ] {
            let fault = Source::parse(written).unwrap_err().to_string();
            assert!(fault.contains(expected), "{written}: {fault}");
        }
        let source = Source::parse("s3.bucket/policy@b=a=b.json").unwrap();
        assert_eq!(
            (source.path, source.said.unwrap().resource.as_deref()),
            (Some("a=b.json".into()), Some("b"))
        );
        assert!(Source::parse("./s3.bucket=x").unwrap().said.is_none());
    }
}
