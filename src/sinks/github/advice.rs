//! What GitHub's responses mean, and what to do about them.

use serde::Deserialize;
use serde_json::Value;

use super::place::RepositoryName;
use crate::http::Response;
use crate::model::text::one_line;

/// What a response is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The repository has no code scanning.
    Disabled,
    /// Every file would get the same response.
    Everything,
    /// Only this file.
    File,
}

/// The message of a response, in one line.
pub(super) fn message(response: &Response) -> String {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        message: String,
        errors: Vec<Value>,
    }
    let body: Body = serde_json::from_slice(&response.body).unwrap_or_default();
    let errors = body.errors.iter().take(5).filter_map(|error| match error {
        Value::String(text) => Some(text.clone()),
        other => other.get("message").and_then(Value::as_str).map(str::to_owned),
    });
    let texts: Vec<String> = [body.message].into_iter().chain(errors).collect();
    let text = texts.iter().filter(|text| !text.trim().is_empty()).cloned().collect::<Vec<_>>();
    one_line(&text.join("; "), 600)
}

/// Whether a 403 is about a limit on requests.
pub(super) fn is_limit(response: &Response) -> bool {
    let is_used_up = response.limit_remaining.as_deref().map(str::trim) == Some("0");
    let says = || {
        let message = message(response).to_ascii_lowercase();
        message.contains("rate limit") || message.contains("abuse detection")
    };
    response.status == 403 && (response.retry_after.is_some() || is_used_up || says())
}

/// What a response means, and what to do.
pub(super) fn advice(response: &Response, repository: &RepositoryName) -> (Meaning, String) {
    let text = message(response).to_ascii_lowercase();
    let is_about = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let (meaning, advice) = match response.status {
        300..=399 => (
            Meaning::Everything,
            "the repository was renamed or moved, or --api-url is not the address of the API: use the current name with --repo".to_owned(),
        ),
        400 => (
            Meaning::File,
            "GitHub cannot read the SARIF file; if rolecall wrote it and nothing changed it, please report this as a bug".to_owned(),
        ),
        401 => (
            Meaning::Everything,
            "GitHub does not accept the token: check that ROLECALL_GITHUB_TOKEN or GITHUB_TOKEN contains the whole token, and that it has not expired".to_owned(),
        ),
        403 | 429 if response.status == 429 || is_limit(response) => (
            Meaning::Everything,
            "GitHub limits the number of requests: run the same command again later, or raise --timeout".to_owned(),
        ),
        403 if is_about(&["must be enabled", "not enabled", "is disabled"]) => (
            Meaning::Disabled,
            format!("code scanning is not enabled for {repository}: a private repository needs GitHub Code Security; enable it in the repository's settings, under Advanced Security"),
        ),
        403 if is_about(&["saml", "sso"]) => (
            Meaning::Everything,
            "authorize the token for the single sign-on of the organization".to_owned(),
        ),
        403 => (
            Meaning::Everything,
            format!("the token may not upload to {repository}: it needs the permission `security_events: write` (fine-grained tokens: \"Code scanning alerts\", read and write; in GitHub Actions: `permissions: security-events: write`, which runs for pull requests from forks do not get)"),
        ),
        404 => (
            Meaning::Everything,
            format!("GitHub does not find {repository}, or the token cannot access it: check --repo, the token, and --api-url (GitHub Enterprise Server: https://HOST/api/v3)"),
        ),
        409 => (
            Meaning::File,
            "GitHub is still processing another upload, or changing the settings of code scanning: run the same command again in a few minutes".to_owned(),
        ),
        413 => (
            Meaning::File,
            "the file is too large for GitHub: set `category = \"account/region\"` in the [[output]] table of the SARIF report, so that it is divided into smaller runs".to_owned(),
        ),
        422 => (
            Meaning::File,
            format!("check that the commit and the ref exist in {repository} (--commit, --ref)"),
        ),
        500..=599 => (
            Meaning::Everything,
            "GitHub has a problem (see https://www.githubstatus.com): run the same command again later".to_owned(),
        ),
        _ => (Meaning::Everything, "check --repo and --api-url".to_owned()),
    };
    (meaning, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response { status, body: body.as_bytes().to_vec(), ..Response::default() }
    }

    #[test]
    fn each_response_has_advice() {
        let repository: RepositoryName = "octo/repo".parse().unwrap();
        let code_security = r#"{"message":"Code Security must be enabled for this repository to use code scanning."}"#;
        for (status, body, meaning, part) in [
            (301, "", Meaning::Everything, "renamed or moved"),
            (400, "", Meaning::File, "report this as a bug"),
            (401, r#"{"message":"Bad credentials"}"#, Meaning::Everything, "has not expired"),
            (403, code_security, Meaning::Disabled, "not enabled for octo/repo"),
            (
                403,
                r#"{"message":"Resource not accessible by integration"}"#,
                Meaning::Everything,
                "security_events: write",
            ),
            (
                403,
                r#"{"message":"Resource protected by organization SAML enforcement."}"#,
                Meaning::Everything,
                "single sign-on",
            ),
            (
                403,
                r#"{"message":"You have exceeded a secondary rate limit."}"#,
                Meaning::Everything,
                "raise --timeout",
            ),
            (404, "<html>", Meaning::Everything, "/api/v3"),
            (409, "", Meaning::File, "in a few minutes"),
            (413, "", Meaning::File, "account/region"),
            (422, "", Meaning::File, "the commit and the ref"),
            (429, "", Meaning::Everything, "raise --timeout"),
            (503, "", Meaning::Everything, "githubstatus.com"),
            (418, "", Meaning::Everything, "--api-url"),
        ] {
            let (found, text) = advice(&response(status, body), &repository);
            assert_eq!(found, meaning, "{status}");
            assert!(text.contains(part), "{status}: {text}");
        }
    }

    #[test]
    fn messages_are_short_and_on_one_line() {
        let body = r#"{"message":"Invalid\u001b[31m","errors":["a\nb",{"message":"c"},{"x":1},3]}"#;
        assert_eq!(message(&response(422, body)), "Invalid\u{fffd}[31m; a b; c");
        assert_eq!(message(&response(502, "<html>bad gateway</html>")), "");
        assert_eq!(message(&response(422, r#"{"message":3}"#)), "");
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(10_000));
        assert_eq!(message(&response(422, &long)).chars().count(), 600);
    }
}
