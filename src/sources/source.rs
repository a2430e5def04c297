//! What a source is asked, and what it answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::{AccountId, Evidence, Placing, Region, ResourceRef};

/// A failure whose place in the code is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region of the resource.
    pub region: &'a Region,
    /// The resource.
    pub resource: &'a ResourceRef,
    /// Its tags, if the snapshot has them.
    pub tags: Option<&'a BTreeMap<String, String>>,
    /// The Terraform resource types that decide the rule, in order of preference, possibly with an
    /// attribute: `aws_instance.metadata_options.http_tokens`. Empty: the resource's own block.
    pub terraform: &'a [String],
    /// The values that caused the failure.
    pub evidence: &'a [Evidence],
}

/// Code that declares resources.
pub trait Source: Send + Sync {
    /// Where the code declares the cause of a failure.
    fn place(&self, subject: &Subject<'_>) -> Placing;

    /// Whether the code that a plan is of declares the resource at an address without an argument and
    /// without blocks of that name, also dynamic ones. `false` if that is not known.
    fn leaves_out(&self, _address: &str, _argument: &str) -> bool {
        false
    }

    /// The items of a list in the code that a plan is of, as they are written: `resources` of a statement
    /// of the data source `aws_iam_policy_document` at an address, which has `number` statements. `None`
    /// if it is not a plain list in a plain block.
    fn policy_resources(
        &self,
        _address: &str,
        (_statement, _number): (usize, usize),
    ) -> Option<Vec<String>> {
        None
    }

    /// The items of a list argument of the resource at an address, or of the argument of the module call that
    /// is passed to it, as they are written. The path `block.0.argument` is that of the argument of the first
    /// block. `None` if it is not a plain list.
    fn list_items(&self, _address: &str, _argument: &str) -> Option<Vec<String>> {
        None
    }

    /// What could not be read of the code, in sentences that contain nothing of a state but paths.
    /// Empty if it is complete.
    fn problems(&self) -> &[String];
}

/// Why code cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The error.
        error: std::io::Error,
    },
    /// A file is too large.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// Its path.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// A file is not UTF-8.
    #[error("{} is not valid UTF-8", path.display())]
    NotText {
        /// Its path.
        path: PathBuf,
    },
    /// A file is not in the repository.
    #[error("{} is outside of the repository {}", path.display(), root.display())]
    Outside {
        /// Its path.
        path: PathBuf,
        /// The root of the repository.
        root: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{}: {message}", path.display())]
    Invalid {
        /// Its path.
        path: PathBuf,
        /// What is wrong, without anything of a state but paths.
        message: String,
    },
}
