//! Errors that the AWS CLI prints instead of a response, in its formats.
//!
//! With `2>&1`, an error lands in the file of the response. The formats `legacy` and `enhanced` name
//! the operation; `json`, `yaml` and `text` (AWS CLI 2.34 and later) have only the code and the
//! message.

use serde_json::{Map, Value};

use super::place;

/// An AWS error as the CLI prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CliError {
    /// The error code.
    pub(super) code: String,
    /// The operation, if the error names it: `GetBucketPolicy`.
    pub(super) operation: Option<String>,
    /// The error message.
    pub(super) message: String,
}

impl CliError {
    /// Parses `An error occurred (CODE) when calling the OPERATION operation: MESSAGE`, with
    /// anything before it, and the `A client error (CODE) occurred when calling …` of old versions.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // JSON can contain such a text.
        if text.starts_with(['{', '[', '"']) {
            return None;
        }
        let old = || {
            let (_, rest) = ["A client error (", "A server error ("]
                .iter()
                .find_map(|start| text.split_once(start))?;
            let (code, rest) = rest.split_once(") occurred")?;
            Some((code, rest))
        };
        let (code, rest) = text
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
        Some(Self::of(code, operation, message.lines().next().unwrap_or_default()))
    }

    /// Recognizes `{"Code": CODE, "Message": MESSAGE}`, and the same in an `Error` as boto3 has it.
    /// No response has such fields.
    pub(super) fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let text = |object: &Map<String, Value>, name: &str| {
            place::get(object, name).and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        let error = |object: &Map<String, Value>| {
            let code = text(object, "Code").filter(|code| is_code(code))?;
            Some(Self::of(&code, None, &text(object, "Message").unwrap_or_default()))
        };
        let inner = || match place::get(object, "Error")?.1 {
            Value::Object(inner) => error(inner),
            _ => None,
        };
        error(object).or_else(inner)
    }

    /// Recognizes the formats `yaml` (`Code: CODE`, `Message: MESSAGE`) and `text` (both, separated
    /// by a tab).
    pub(super) fn of_lines(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut lines = text.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            Some(value.trim().trim_matches(['"', '\'']))
        };
        if let Some(code) = value("Code").filter(|code| is_code(code)) {
            return Some(Self::of(code, None, value("Message").unwrap_or_default()));
        }
        // Resources in text format start with a word in capitals: `SECURITYGROUPS`.
        let (code, message) = text.lines().next()?.split_once('\t')?;
        let is_word = is_code(code) && code.bytes().any(|byte| byte.is_ascii_lowercase());
        (is_word
            && code.starts_with(|first: char| first.is_ascii_uppercase())
            && text.lines().count() == 1)
            .then(|| Self::of(code, None, message))
    }

    fn of(code: &str, operation: Option<&str>, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            operation: operation.map(str::to_owned),
            message: message.to_owned(),
        }
    }

    /// What it is, for messages: `an error from GetBucketPolicy`.
    pub(super) fn shown(&self) -> String {
        match &self.operation {
            Some(operation) => format!("an error from {operation}"),
            None => format!("an error ({})", self.code),
        }
    }
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
                 Request limit exceeded.\nmore",
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
            assert_eq!(CliError::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_recognized_in_every_format_of_the_cli() {
        let denied = |text: &str| {
            let error = match serde_json::from_str(text) {
                Ok(Value::Object(object)) => CliError::of_object(&object),
                _ => CliError::parse(text).or_else(|| CliError::of_lines(text)),
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
            ("AccessDenied\tNo.", None),
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
            assert_eq!(denied(text), expected(operation), "{text}");
        }
        for text in
            ["SECURITYGROUPS\tweb", "Enabled\tx\nEnabled\ty", "Status: Enabled", "{}", "-----"]
        {
            assert_eq!(denied(text), None, "{text}");
        }
        let grants = json!({ "Grants": [{ "Code": "x" }], "Error": null });
        assert_eq!(CliError::of_object(grants.as_object().unwrap()), None);
    }
}
