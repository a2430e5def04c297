//! Frameworks as outputs describe them.

/// A framework, as outputs describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkInfo {
    /// Its id: `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is published.
    pub url: String,
    /// Which part of it is listed.
    pub scope: String,
    /// The site's folder that it comes from; `None`: it is built in.
    pub folder: Option<String>,
    /// Its requirements, in its own order.
    pub requirements: Vec<RequirementInfo>,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementInfo {
    /// Its number: `6.3`.
    pub id: String,
    /// What it asks, in a few words.
    pub title: String,
    /// The rules that decide it.
    pub rules: Vec<String>,
    /// Whether any of them reads what belongs to a region.
    pub regional: bool,
    /// Why no rule decides it, where `rules` is empty.
    pub open: Option<Open>,
    /// What the rules leave open.
    pub note: Option<String>,
}

/// Why no rule decides a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// Nobody can who sees S3 and EC2 only.
    NotDecidable(String),
    /// A rule could, but none does.
    NotCovered(String),
}
