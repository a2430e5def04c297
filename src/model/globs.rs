//! Glob patterns over ids: `--account`, `--region`, `--rule`, accepted gaps.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::suggest::did_you_mean;

/// A pattern that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid pattern `{pattern}`: {reason}")]
pub struct InvalidGlob {
    /// The pattern as written.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A set of glob patterns (`*`, `?`, `[…]`, `{a,b}`). A text matches if any pattern does; the empty
/// set matches nothing.
#[derive(Debug, Clone)]
pub struct Globs {
    patterns: Vec<String>,
    set: GlobSet,
}

/// Equal patterns match the same.
impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Globs {
    /// Compiles the patterns.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, InvalidGlob> {
        let mut builder = GlobSetBuilder::new();
        let invalid = |pattern: &str, error: globset::Error| InvalidGlob {
            pattern: super::text::one_line(pattern, 80),
            reason: error.kind().to_string(),
        };
        for pattern in patterns {
            let pattern = pattern.as_ref();
            builder
                .add(GlobBuilder::new(pattern).build().map_err(|error| invalid(pattern, error))?);
        }
        let set =
            builder.build().map_err(|error| invalid(error.glob().unwrap_or("*"), error.clone()))?;
        Ok(Self { patterns: patterns.iter().map(|p| p.as_ref().to_owned()).collect(), set })
    }

    /// A set that matches everything.
    pub fn any() -> Self {
        Self::new(&["*"]).unwrap_or_else(|_| Self { patterns: Vec::new(), set: GlobSet::empty() })
    }

    /// Whether any pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.set.is_match(text)
    }

    /// The patterns as written.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// The first pattern that matches none of `names`, usually a typo, with the most similar name if
    /// there is one.
    pub fn unmatched<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, Option<&'a str>)> {
        self.patterns.iter().find_map(|pattern| {
            let alone = Self::new(&[pattern]).ok()?;
            let hit = names.iter().any(|name| alone.matches(name));
            (!hit).then(|| (pattern.as_str(), did_you_mean(pattern, names.iter().copied())))
        })
    }
}
