//! Errors that the AWS CLI prints instead of a response, in its formats.
//!
//! With `2>&1`, an error lands in the file of the response. The formats `legacy` and `enhanced` name
//! the operation; `json`, `yaml` and `text` (AWS CLI 2.34 and later) have only the code and the
//! message.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::place;
use super::want::fold;
use crate::facts::Kind;

/// An AWS error as the CLI prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CliError {
    /// The error code.
    pub(super) code: String,
    /// The operation, if the error names it: `GetBucketPolicy`.
    pub(super) operation: Option<String>,
    /// The error message.
    pub(super) message: String,
    /// Its other fields, such as `BucketName`.
    pub(super) details: Vec<(String, String)>,
}

/// The line before the details of an error in the format `enhanced`.
const DETAILS: &str = "Additional error details:";

impl CliError {
    /// Parses `An error occurred (CODE) when calling the OPERATION operation: MESSAGE`, and the
    /// `A client error (CODE) occurred when calling …` of old versions, with anything before it in
    /// the line. An error is an answer on its own: next to other text, it is not known which of them
    /// is the answer.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        // JSON can contain such a text.
        if text.starts_with(['{', '[', '"']) {
            return Ok(None);
        }
        let mut error: Option<Self> = None;
        let mut in_details = false;
        let mut other = None;
        for (index, line) in text.lines().enumerate() {
            let found = Self::of_line(line);
            match (&mut error, found) {
                (None, Some(found)) => error = Some(found),
                (Some(_), None) if line.trim() == DETAILS && !in_details => in_details = true,
                (Some(error), None) if in_details && !line.trim().is_empty() => {
                    match line.split_once(':').filter(|(name, _)| is_code(name)) {
                        Some((name, value)) => {
                            error.details.push((name.to_owned(), value.trim().to_owned()));
                        }
                        None => other = other.or(Some(index + 1)),
                    }
                }
                (_, None) if is_noise(line) => {}
                (..) => other = other.or(Some(index + 1)),
            }
        }
        match (error, other) {
            (Some(error), Some(line)) => Err(error.beside(&format!("line {line}"))),
            (error, _) => Ok(error),
        }
    }

    /// The error of a line.
    fn of_line(line: &str) -> Option<Self> {
        let old = || {
            let (_, rest) = ["A client error (", "A server error ("]
                .iter()
                .find_map(|start| line.split_once(start))?;
            let (code, rest) = rest.split_once(") occurred")?;
            Some((code, rest))
        };
        let (code, rest) = line
            .split_once("An error occurred (")
            .and_then(|(_, rest)| rest.split_once(')'))
            .or_else(old)?;
        let (operation, rest) = match rest.strip_prefix(" when calling the ") {
            Some(rest) => {
                let (operation, rest) = rest.split_once(" operation")?;
                (Some(operation), rest)
            }
            // An error of the CLI itself: `An error occurred (NoRegion): You must specify a region.`
            None if rest.starts_with(':') => (None, rest),
            None => return None,
        };
        if !is_code(code) || !operation.is_none_or(is_code) {
            return None;
        }
        // "(reached max retries: 4)"
        let rest = rest
            .trim_start()
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map_or(rest, |(_, rest)| rest);
        let message = rest.split_once(": ").map_or("", |(_, message)| message);
        Some(Self::of(code, operation, message))
    }

    /// Recognizes `{"Code": CODE, "Message": MESSAGE}`, and the same in an `Error` as boto3 has it.
    /// No response has such fields.
    pub(super) fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let text = |object: &Map<String, Value>, name: &str| {
            place::get(object, name).and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        let others = |object: &Map<String, Value>, known: &[&str]| -> Vec<(String, String)> {
            let others = object.iter().filter(|(key, _)| !known.contains(&fold(key).as_str()));
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            others.map(|(key, value)| (key.clone(), text(value))).collect()
        };
        let error = |object: &Map<String, Value>| {
            let code = text(object, "Code").filter(|code| is_code(code))?;
            let error = Self::of(&code, None, &text(object, "Message").unwrap_or_default());
            Some(Self { details: others(object, &["code", "message"]), ..error })
        };
        let inner = || match place::get(object, "Error")?.1 {
            Value::Object(inner) => {
                let mut error = error(inner)?;
                error.details.extend(others(object, &["error", "responsemetadata"]));
                Some(error)
            }
            _ => None,
        };
        error(object).or_else(inner)
    }

    /// Recognizes the formats `yaml` (`Code: CODE`, `Message: MESSAGE`) and `text` (both, separated
    /// by a tab).
    pub(super) fn of_lines(text: &str) -> Result<Option<Self>, String> {
        let value = |line: &str, name: &str| {
            let value = line.strip_prefix(name)?.strip_prefix(':')?;
            Some(value.trim().trim_matches(['"', '\'']).to_owned())
        };
        let code = text.lines().find_map(|line| value(line, "Code"));
        if let Some(code) = code.filter(|code| is_code(code)) {
            let mut error = Self::of(&code, None, "");
            let mut names: BTreeSet<&str> = BTreeSet::new();
            for (index, line) in text.lines().enumerate() {
                // A long message is continued on indented lines.
                if line.trim().is_empty() || line.starts_with(' ') {
                    continue;
                }
                let name = line.split_once(':').map(|(name, _)| name);
                match name.filter(|name| is_code(name) && names.insert(*name)) {
                    Some("Code") => {}
                    Some("Message") => {
                        error.message = value(line, "Message").unwrap_or_default();
                    }
                    Some(name) => {
                        let value = value(line, name).unwrap_or_default();
                        error.details.push((name.to_owned(), value));
                    }
                    None => return Err(error.beside(&format!("line {}", index + 1))),
                }
            }
            return Ok(Some(error));
        }
        // Responses in text format have tabs as well: words in capitals (`SECURITYGROUPS`), or
        // values such as `Enabled`. A code has several words, and a message is a sentence.
        let is_error = |code: &str, message: &str| {
            is_code(code)
                && code.starts_with(|first: char| first.is_ascii_uppercase())
                && code.bytes().any(|byte| byte.is_ascii_lowercase())
                && (code.bytes().filter(u8::is_ascii_uppercase).count() > 1 || code == "Throttling")
                && message.trim().contains(' ')
                && !message.contains('\t')
        };
        let mut lines = text.lines();
        Ok(match (lines.next().and_then(|line| line.split_once('\t')), lines.next()) {
            (Some((code, message)), None) if is_error(code, message) => {
                Some(Self::of(code, None, message))
            }
            _ => None,
        })
    }

    fn of(code: &str, operation: Option<&str>, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            operation: operation.map(str::to_owned),
            message: message.to_owned(),
            details: Vec::new(),
        }
    }

    /// The message for a file that contains it and something else.
    pub(super) fn beside(&self, other: &str) -> String {
        format!(
            "the file contains {}, but {other} is not part of that error; save each response in a separate file",
            self.shown()
        )
    }

    /// The resource of a kind that it names, as in `BucketName`.
    pub(super) fn resource(&self, kind: &Kind) -> Option<&str> {
        let noun = kind.name.split_once('.').map_or(kind.name, |(_, noun)| noun);
        let last = noun.rsplit_once('_').map_or(noun, |(_, last)| last);
        let id = fold(kind.id);
        let names = [id.clone(), format!("{}{id}", fold(noun)), format!("{}{id}", fold(last))];
        // `Name` alone could be that of anything.
        let names = names.iter().filter(|name| *name != "name" && *name != "id");
        let mut values = names.filter_map(|name| {
            self.details.iter().find(|(detail, _)| fold(detail) == **name).map(|(_, value)| value)
        });
        values.find(|value| !value.is_empty()).map(String::as_str)
    }

    /// What it is, for messages: `an error from GetBucketPolicy`.
    pub(super) fn shown(&self) -> String {
        match &self.operation {
            Some(operation) => format!("an error from {operation}"),
            None => format!("an error ({})", self.code),
        }
    }
}

/// Lines that shells and Python add to an error: traces of commands, positions in scripts and
/// warnings.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with("+ ")
        || (line.starts_with("At ") && line.contains(" char:"))
        || line.contains("Warning: ")
        || line.starts_with("warnings.warn(")
        || matches!(line, "aws.exe :" | "aws :")
}

/// Whether a text is like an error code or the name of an operation.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cli_errors_are_distinguished_from_responses() {
        let cli_error = |code: &str, operation: &str, message: &str| {
            Some(CliError {
                code: code.to_owned(),
                operation: Some(operation.to_owned()),
                message: message.to_owned(),
                details: Vec::new(),
            })
        };
        let table = [
            (
                "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist",
                cli_error(
                    "NoSuchBucketPolicy",
                    "GetBucketPolicy",
                    "The bucket policy does not exist",
                ),
            ),
            (
                "aws: [ERROR]: An error occurred (RequestLimitExceeded) when calling the DescribeVpcs operation (reached max retries: 4): \
                 Request limit exceeded.",
                cli_error("RequestLimitExceeded", "DescribeVpcs", "Request limit exceeded."),
            ),
            (
                "An error occurred (InvalidInstanceID.NotFound) when calling the DescribeInstances operation",
                cli_error("InvalidInstanceID.NotFound", "DescribeInstances", ""),
            ),
            ("An error occurred () when calling the X operation: y", None),
            (r#"{"Description": "An error occurred (A) when calling the B operation: c"}"#, None),
            ("Unable to locate credentials", None),
        ];
        for (text, expected) in table {
            assert_eq!(CliError::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_are_recognized_in_every_format_of_the_cli() {
        let denied = |text: &str| {
            let error = match serde_json::from_str(text) {
                Ok(Value::Object(object)) => CliError::of_object(&object),
                _ => CliError::parse(text).unwrap().or_else(|| CliError::of_lines(text).unwrap()),
            };
            error.map(|error| (error.code, error.operation, error.message))
        };
        let expected = |operation: Option<&str>| {
            Some(("AccessDenied".to_owned(), operation.map(str::to_owned), "No.".to_owned()))
        };
        for (text, operation) in [
            (r#"{"Code": "AccessDenied", "Message": "No."}"#, None),
            (r#"{"Code": "AccessDenied", "Message": "No.", "BucketName": "b"}"#, None),
            (
                r#"{"Error": {"Code": "AccessDenied", "Message": "No."}, "ResponseMetadata": {}}"#,
                None,
            ),
            ("Code: AccessDenied\nMessage: No.\n", None),
            ("Code: AccessDenied\nMessage: 'No.'\nType: Sender", None),
            ("AccessDenied\tAccess Denied", None),
            ("aws: [ERROR]: An error occurred (AccessDenied): No.", None),
            (
                "A client error (AccessDenied) occurred when calling the GetBucketAcl operation: No.",
                Some("GetBucketAcl"),
            ),
            (
                "aws: [ERROR]: An error occurred (AccessDenied) when calling the GetBucketAcl operation: No.\n\nAdditional error details:\nType: Sender",
                Some("GetBucketAcl"),
            ),
        ] {
            let message = if text.contains('\t') { "Access Denied" } else { "No." };
            let expected = expected(operation)
                .map(|(code, operation, _)| (code, operation, message.to_owned()));
            assert_eq!(denied(text), expected, "{text}");
        }
        for text in [
            "SECURITYGROUPS\tweb",
            "Enabled\tx\nEnabled\ty",
            "Disabled\tEnabled",
            "Name\tMy web server",
            "AccessDenied\tAccess Denied\tx",
            "Status: Enabled",
            "{}",
            "-----",
        ] {
            assert_eq!(denied(text), None, "{text}");
        }
        let grants = json!({ "Grants": [{ "Code": "x" }], "Error": null });
        assert_eq!(CliError::of_object(grants.as_object().unwrap()), None);
    }

    #[test]
    fn errors_with_many_lines_are_read_in_linear_time() {
        let started = std::time::Instant::now();
        let lines: String = (0..200_000).map(|n| format!("Name{n}: x\n")).collect();
        let error = CliError::of_lines(&format!("Code: AccessDenied\n{lines}")).unwrap().unwrap();
        assert_eq!(error.details.len(), 200_000);
        // Comparing each name with all before it takes minutes.
        assert!(started.elapsed().as_secs() < 20);
        let twice = CliError::of_lines(&format!("Code: AccessDenied\n{lines}Name7: y\n"));
        assert!(twice.unwrap_err().contains("line 200002"));
    }

    #[test]
    fn an_error_beside_something_else_is_not_the_answer() {
        const DENIED: &str =
            "An error occurred (AccessDenied) when calling the GetBucketAcl operation: No.";
        let powershell = format!(
            "aws.exe : \nAt line:1 char:1\n+ aws s3api get-bucket-acl --bucket b 2>&1 > f\n+ ~~~~\n    + CategoryInfo : x\n\n{DENIED}\n"
        );
        let enhanced = format!("aws: [ERROR]: {DENIED}\n\n{DETAILS}\nBucketName: b1\nType: Sender");
        let warned =
            format!("/usr/lib/x.py:7: InsecureRequestWarning: x\n  warnings.warn(\n{DENIED}");
        for text in [DENIED, &powershell, &enhanced, &warned] {
            let error = CliError::parse(text).unwrap().unwrap();
            assert_eq!((error.code.as_str(), error.message.as_str()), ("AccessDenied", "No."));
            let bucket = error.resource(crate::facts::kind("s3.bucket").unwrap());
            assert_eq!(bucket, (text == enhanced).then_some("b1"), "{text}");
        }
        for (text, line) in [
            (format!("{DENIED}\n{{\"Grants\": []}}"), 2),
            (format!("Enabled\n{DENIED}"), 1),
            (format!("{DENIED}\n\n{DENIED}"), 3),
            (format!("{enhanced}\n{DENIED}"), 6),
            (format!("{enhanced}\n- Status"), 6),
            (format!("{DENIED}\nStatus: Enabled"), 2),
        ] {
            let problem = CliError::parse(&text).unwrap_err();
            assert!(
                problem.contains(&format!("line {line} is not part of that error")),
                "{text}: {problem}"
            );
        }
        for (text, line) in [
            ("Code: AccessDenied\nMessage: No.\nCode: NoSuchBucketPolicy\nMessage: x", 3),
            ("Code: AccessDenied\nMessage: No.\n{}", 3),
            ("- Volumes\nCode: AccessDenied", 1),
        ] {
            let problem = CliError::of_lines(text).unwrap_err();
            assert!(
                problem.contains(&format!("line {line} is not part of that error")),
                "{text}: {problem}"
            );
        }
    }
}
