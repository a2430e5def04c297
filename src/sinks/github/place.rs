//! What an upload is for: a repository, a commit and a ref, and the token for it.

use std::fmt;
use std::str::FromStr;

use crate::model::text::one_line;

/// `OWNER/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName(String);

impl FromStr for RepositoryName {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let is_part = |part: &str| {
            let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            (1..=100).contains(&part.len())
                && part.chars().all(good)
                && !part.chars().all(|c| c == '.')
        };
        match written.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => Ok(Self(written.to_owned())),
            _ => Err(format!(
                "`{}` is not a valid repository: use OWNER/NAME",
                one_line(written, 80)
            )),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The full hash of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitId(String);

impl FromStr for CommitId {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let is_hash = written.chars().all(|c| c.is_ascii_hexdigit());
        if is_hash && matches!(written.len(), 40 | 64) {
            return Ok(Self(written.to_ascii_lowercase()));
        }
        Err(format!(
            "`{}` is not a full commit hash: use the output of `git rev-parse HEAD`",
            one_line(written, 80)
        ))
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A full ref, such as `refs/heads/main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitRef(String);

impl FromStr for GitRef {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let invalid =
            |help: String| format!("`{}` is not a full ref: {help}", one_line(written, 80));
        let branch = written.trim_start_matches("origin/");
        let is_good = |text: &str| {
            let bad = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
            !text.is_empty() && text.len() <= 255 && !text.contains(bad) && !text.contains("..")
        };
        let rest = ["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .find_map(|start| written.strip_prefix(start));
        match rest {
            Some(rest) if is_good(rest) => Ok(Self(written.to_owned())),
            None if !written.starts_with("refs/") && is_good(branch) => {
                Err(invalid(format!("for a branch, use `refs/heads/{}`", one_line(branch, 80))))
            }
            _ => Err(invalid(
                "use `refs/heads/BRANCH`, `refs/tags/TAG` or `refs/pull/NUMBER/head`".to_owned(),
            )),
        }
    }
}

impl fmt::Display for GitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A token, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A token; `None` if it cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.len() <= 1_024;
        (is_token && text.chars().all(|c| c.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// The header that proves who sends a request.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// A text without the token, in case a service repeats it.
    pub(super) fn remove_from(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["octo/repo", "my-org/.github", "a/b_c.d"] {
            assert_eq!(good.parse::<RepositoryName>().unwrap().to_string(), good);
        }
        for bad in ["", "repo", "a/b/c", "a/..", "a/b?x", "https://github.com/a/b", "a/b\n", "/b"] {
            assert!(bad.parse::<RepositoryName>().is_err(), "{bad}");
        }
        assert!("a".repeat(40).parse::<CommitId>().is_ok());
        for bad in ["", "abc1234", "main", &"g".repeat(40), &"a".repeat(41)] {
            assert!(bad.parse::<CommitId>().unwrap_err().contains("git rev-parse"), "{bad}");
        }
        for good in ["refs/heads/main", "refs/pull/7/merge", "refs/tags/v1.0", "refs/heads/a/b"] {
            assert!(good.parse::<GitRef>().is_ok(), "{good}");
        }
        let error = "origin/main".parse::<GitRef>().unwrap_err();
        assert!(error.contains("use `refs/heads/main`"), "{error}");
        for bad in ["", "refs/heads/", "refs/x/y", "refs/heads/a b", "refs/heads/../x", "a b"] {
            let error = bad.parse::<GitRef>().unwrap_err();
            assert!(error.contains("refs/pull/NUMBER/head"), "{bad}: {error}");
        }
    }

    #[test]
    fn tokens_are_not_shown() {
        let token = Token::new(" ghp_secret\n").unwrap();
        assert!(!format!("{token:?}").contains("secret"));
        assert_eq!(token.remove_from("bad token ghp_secret!"), "bad token ***!");
        assert_eq!((Token::new(" "), Token::new("a b")), (None, None));
    }
}
