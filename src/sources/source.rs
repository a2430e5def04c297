//! What a source is asked, and what it answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::model::{
    AccountId, BlockPosition, Evidence, KnownValues, Place, Placing, Region, ResourceRef,
};

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

    /// The line that declares the resource at an address in the code that a plan is of: of its block, or of
    /// the call of the module from elsewhere that has it. `None` if it is not known.
    fn declaration(&self, _address: &str) -> Option<Place> {
        None
    }

    /// Whether the code that a plan is of declares the resource at an address without an argument and
    /// without blocks of that name, also dynamic ones. `false` if that is not known.
    fn leaves_out(&self, _address: &str, _argument: &str) -> bool {
        false
    }

    /// The value of an argument in the code that a plan is of, at the address of a resource or of a data
    /// source `aws_iam_policy_document`, as far as it follows from the code and from what the plan knows:
    /// the rest is [`crate::model::NOT_KNOWN`]. `blocks` are those around it, from the outermost. `None`
    /// if the code does not have the argument, or could not be read as a whole, or if other blocks than
    /// the code has were made from it.
    fn value(
        &self,
        _address: &str,
        _blocks: &[BlockPosition],
        _argument: &str,
        _known: &dyn KnownValues,
    ) -> Option<Value> {
        None
    }

    /// The items of a list argument of the resource at an address, or of the argument of the module call that
    /// is passed to it, as they are written. The path `block.0.argument` is that of the argument of the first
    /// block. `None` if it is not a plain list.
    fn list_items(&self, _address: &str, _argument: &str) -> Option<Vec<String>> {
        None
    }

    /// What a local value refers to in the code that a plan is of, as plans name it: in the module that calls
    /// with these names lead to. `None` if it is not known.
    fn local_names(&self, _calls: &[String], _name: &str) -> Option<Vec<String>> {
        None
    }

    /// The files that are not valid. What could be read of them counts, but values are not taken from the code.
    fn unparsed(&self) -> &[String] {
        &[]
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
