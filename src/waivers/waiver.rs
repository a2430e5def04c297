//! One waiver, and which findings it is about.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::diagnostics::Diagnostic;
use crate::model::{Fingerprint, Globs, Waived};

/// A waiver.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The findings that it is about.
    pub selector: Selector,
    /// What it says about them.
    pub terms: Waived,
    /// The 1-based column at which it begins.
    pub column: usize,
    /// The position of its last day, for errors.
    pub(super) expires_at: Box<Diagnostic>,
}

/// The findings that a waiver is about.
#[derive(Debug, Clone)]
pub enum Selector {
    /// Findings by fingerprint.
    Fingerprints(Vec<Fingerprint>),
    /// Findings to which all patterns apply.
    Patterns(Box<Patterns>),
}

/// Patterns; those that are not set match everything.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// Ids of rules, including former ones.
    pub rule: Option<Globs>,
    /// Ids or names of accounts.
    pub account: Option<Globs>,
    /// Regions.
    pub region: Option<Globs>,
    /// Ids, names or ARNs of resources.
    pub resource: Option<Globs>,
    /// Those of them that are for ARNs: they start with `arn:`. Otherwise, `*test*` would match
    /// resources by account, region or service.
    pub(super) arns: Option<Globs>,
    /// `Key=Value` patterns, each of which must match a tag.
    pub tags: Vec<Globs>,
}

impl Waiver {
    /// An error if its last day is after `latest`.
    pub fn too_long(&self, latest: Date) -> Option<Diagnostic> {
        (self.terms.expires > latest).then(|| Diagnostic {
            message: "this waiver expires more than a year from now".to_owned(),
            help: Some(format!("use a date up to {latest}, and renew the waiver if necessary")),
            ..(*self.expires_at).clone()
        })
    }
}

/// The latest day that a new waiver can have.
pub fn latest_expiry(today: Date) -> Date {
    today.saturating_add(1.year())
}

impl Patterns {
    /// The patterns in the order of their keys.
    pub fn new([rule, account, region, resource]: [Option<Globs>; 4], tags: Vec<Globs>) -> Self {
        let for_arns: Vec<&String> = resource
            .iter()
            .flat_map(|globs| globs.patterns())
            .filter(|pattern| pattern.starts_with("arn:"))
            .collect();
        let arns = if for_arns.is_empty() { None } else { Globs::new(&for_arns).ok() };
        Self { rule, account, region, resource, arns, tags }
    }

    /// The names of the keys with their patterns.
    pub fn keys(&self) -> Vec<(&'static str, Vec<&str>)> {
        let globs = [
            ("rule", &self.rule),
            ("account", &self.account),
            ("region", &self.region),
            ("resource", &self.resource),
        ];
        let mut keys: Vec<(&'static str, Vec<&str>)> = globs
            .into_iter()
            .filter_map(|(key, globs)| Some((key, texts(globs.as_ref()?))))
            .collect();
        if !self.tags.is_empty() {
            keys.push(("tags", self.tags.iter().flat_map(texts).collect()));
        }
        keys
    }
}

fn texts(globs: &Globs) -> Vec<&str> {
    globs.patterns().iter().map(String::as_str).collect()
}

impl Selector {
    /// The findings in words: `rule s3-*, account 1111*`.
    pub fn covers(&self) -> String {
        match self {
            Self::Fingerprints(fingerprints) => {
                let texts: Vec<String> = fingerprints.iter().map(ToString::to_string).collect();
                format!("fingerprint {}", texts.join(" "))
            }
            Self::Patterns(patterns) => {
                let keys = patterns.keys().into_iter();
                let words: Vec<String> =
                    keys.map(|(key, patterns)| format!("{key} {}", patterns.join(" "))).collect();
                words.join(", ")
            }
        }
    }
}
