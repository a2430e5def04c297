//! Frameworks, as outputs describe them.

/// A framework, as outputs describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkInfo {
    /// Its id, for example `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The URL where it is published.
    pub url: String,
    /// The part of it that is listed.
    pub scope: String,
    /// The folder that it was loaded from; `None` if it is built in.
    pub folder: Option<String>,
    /// Its requirements, in the order of the benchmark.
    pub requirements: Vec<RequirementInfo>,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementInfo {
    /// Its number, for example `6.3`.
    pub id: String,
    /// A short description.
    pub title: String,
    /// The rules that check it.
    pub rules: Vec<String>,
    /// Whether any of them reads regional resources.
    pub regional: bool,
    /// Why no rule checks it, if `rules` is empty.
    pub open: Option<Open>,
    /// What its rules do not check.
    pub note: Option<String>,
}

/// Why no rule checks a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// It cannot be checked from S3 and EC2 alone.
    NotDecidable(String),
    /// A rule could check it, but there is none.
    NotCovered(String),
}
