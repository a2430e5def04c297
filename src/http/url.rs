//! Addresses of services, which come from variables and options.

use std::fmt;

/// Longer addresses are refused.
const MAX: usize = 4_096;

/// An address that requests are sent to. It can be a secret, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(…)")
    }
}

/// Why an address cannot be used. It does not contain the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is not encrypted.
    #[error("it does not begin with `https://`")]
    NotHttps,
    /// It names no host.
    #[error("it has no host name")]
    NoHost,
    /// It has a name and password.
    #[error("it contains a user name; leave out everything up to the `@`")]
    UserName,
    /// It is not an address.
    #[error("it contains a space, a quote, or another character that a URL cannot have")]
    Character,
    /// It is too long.
    #[error("it is longer than {MAX} characters")]
    TooLong,
}

impl Url {
    /// An address with `https://`. Without encryption, only this computer is allowed.
    pub fn new(written: &str) -> Result<Self, InvalidUrl> {
        let text = written.trim();
        if text.len() > MAX {
            return Err(InvalidUrl::TooLong);
        }
        let is_allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}#".contains(c);
        if !text.chars().all(is_allowed) {
            return Err(InvalidUrl::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidUrl::NotHttps)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(InvalidUrl::UserName);
        }
        let host = host(authority);
        match scheme.to_ascii_lowercase().as_str() {
            _ if host.is_empty() => Err(InvalidUrl::NoHost),
            "https" => Ok(Self(text.to_owned())),
            "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidUrl::NotHttps),
        }
    }

    /// The address of something below this one.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        Self(format!("{}/{path}", self.0.trim_end_matches('/')))
    }

    /// The name of the host.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        host(rest.split(['/', '?']).next().unwrap_or_default())
    }

    /// A text without the address and its path, in case a service repeats them.
    pub fn remove_from(&self, text: &str) -> String {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        let mut text = text.replace(&self.0, "…");
        if path.len() > 1 {
            text = text.replace(path, "…");
        }
        text
    }

    /// The address itself, for the request.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The host without its port.
fn host(authority: &str) -> &str {
    match authority.split_once(']') {
        Some((bracketed, _)) => authority.get(..=bracketed.len()).unwrap_or(authority),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_addresses_and_those_of_this_computer_are_accepted() {
        for good in ["https://api.github.com", " https://x.example/api/v3/ ", "http://127.0.0.1:1"]
        {
            assert!(Url::new(good).is_ok(), "{good}");
        }
        assert!(Url::new("http://[::1]:80/x").is_ok());
        for (bad, why) in [
            ("", InvalidUrl::NotHttps),
            ("api.github.com", InvalidUrl::NotHttps),
            ("http://api.github.com", InvalidUrl::NotHttps),
            ("http://127.0.0.1.evil.example", InvalidUrl::NotHttps),
            ("file://localhost/etc", InvalidUrl::NotHttps),
            ("https://", InvalidUrl::NoHost),
            ("https://:443/", InvalidUrl::NoHost),
            ("https://me:secret@host", InvalidUrl::UserName),
            ("https://host/a b", InvalidUrl::Character),
            ("https://host/\r\nX: y", InvalidUrl::Character),
            ("https://höst/", InvalidUrl::Character),
        ] {
            assert_eq!(Url::new(bad), Err(why), "{bad}");
        }
        assert_eq!(Url::new(&format!("https://h/{}", "a".repeat(MAX))), Err(InvalidUrl::TooLong));
    }

    #[test]
    fn parts_are_found_and_nothing_is_shown() {
        let url = Url::new("https://hooks.slack.com:443/services/T/B/secret").unwrap();
        assert_eq!(url.host(), "hooks.slack.com");
        assert!(!format!("{url:?}").contains("secret"));
        assert_eq!(
            Url::new("https://x/api/v3/").unwrap().join("repos").0,
            "https://x/api/v3/repos"
        );
        assert_eq!(Url::new("http://[::1]:80").unwrap().host(), "[::1]");
        let shown = url.remove_from("no /services/T/B/secret at https://x/");
        assert_eq!(shown, "no … at https://x/");
    }
}
