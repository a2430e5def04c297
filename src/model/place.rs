//! Where code declares a resource.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The place in a repository at which the cause of a finding is changed: `findings[].source` of
/// JSON v1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the root of the repository, with `/` as separator and without symbolic
    /// links.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The first column, from 1, in characters.
    pub column: u32,
    /// The column after the last one. It is on the same line.
    pub end_column: u32,
    /// The address: `module.team["red"].aws_s3_bucket_versioning.this` in Terraform,
    /// `Stack/LogicalId` in CloudFormation, the path of the construct in CDK.
    pub address: String,
    /// What is at the place.
    pub what: PlaceKind,
    /// Why it is not the resource's own block, or why it is only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<PlaceReason>,
    /// The `module` block that reaches it, if it is on another line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CodeLine>,
    /// If a literal value is the cause: its range of bytes in the file, for patches.
    #[serde(skip)]
    pub value: Option<Range<usize>>,
}

impl Place {
    /// Whether it can be a place: a relative path without `.` and `..`, and a range on one line.
    pub fn is_valid(&self) -> bool {
        let is_range = self.line > 0 && self.column > 0 && self.column <= self.end_column;
        is_range
            && is_path(&self.file)
            && self.address.len() <= MAX_TEXT
            && self.call.as_ref().is_none_or(|call| call.line > 0 && is_path(&call.file))
    }

    /// What the block has to do with the resource, if it is not obvious: it follows the address.
    pub fn note(&self) -> Option<&'static str> {
        match self.because? {
            PlaceReason::Satellite => None,
            PlaceReason::Missing => Some("which does not set it"),
            PlaceReason::BroughtAlong => Some("which creates it"),
        }
    }

    /// File and line.
    pub fn position(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// The longest path, and the longest address, in bytes.
const MAX_TEXT: usize = 4_096;

/// Whether a text is a relative path with `/` as separator, without `.`, `..` and control characters.
fn is_path(text: &str) -> bool {
    text.len() <= MAX_TEXT
        && !text.chars().any(char::is_control)
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// What is at a [`Place`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// An attribute of the resource.
    Attribute,
    /// An argument of the `module` block that calls a module outside of the repository.
    Argument,
    /// The block of the resource.
    Block,
    /// The `module` block that calls a module outside of the repository.
    Call,
    /// A resource of a CloudFormation template, or one of its properties.
    Template,
    /// A line of a program that defines a CDK construct.
    Construct,
}

#[cfg(test)]
impl PlaceKind {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Argument => "argument",
            Self::Block => "block",
            Self::Call => "call",
            Self::Template => "template",
            Self::Construct => "construct",
        }
    }
}

/// Why a [`Place`] is not in the block of the resource itself, or why it is only that.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlaceReason {
    /// Another block configures the resource, such as `aws_s3_bucket_versioning`.
    Satellite,
    /// Nothing of what the rule names is declared for the resource: a block that configures it is to be
    /// added, or what it configures was created outside of the code. It is the resource's own block.
    Missing,
    /// AWS created the resource together with the declared one, such as the default security group
    /// of a VPC.
    BroughtAlong,
}

/// A line of a file in a repository.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct CodeLine {
    /// The file, relative to the root of the repository, with `/` as separator.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// Where the alerts of code scanning are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlertLocation {
    /// At a path of the resource, which is not a file.
    #[default]
    Resource,
    /// There, with a link to the code.
    Related,
    /// At the code of the resource, if it is known.
    Code,
}

impl AlertLocation {
    /// All of them, with their names in the config.
    pub const ALL: [(&str, Self); 3] =
        [("resource", Self::Resource), ("related", Self::Related), ("code", Self::Code)];
}

/// What code declares of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placing {
    /// No code that is known declares it.
    NotDeclared,
    /// Code declares it here.
    Placed(Place),
    /// It is declared, but not found in the code.
    NotFound {
        /// Its address.
        address: String,
        /// Why it was not found.
        reason: String,
    },
}
