//! Rules and packs.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostics::Diagnostic;
use crate::model::counted;
use crate::rules::language::meta::Meta;
use crate::rules::language::prose::Prose;
use crate::rules::language::source::SourceFile;

/// A rule that was read from its file and checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file name without extension.
    pub id: String,
    /// The source file.
    pub file: SourceFile,
    /// The path within the pack, separated by `/`.
    pub path: String,
    /// Its metadata.
    pub meta: Meta,
    /// Its documentation.
    pub prose: Prose,
    /// The SHA-256 hash of its source.
    pub sha256: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it replaces a built-in rule with the same id.
    pub replaces_built_in: bool,
    /// Its path on disk; `None` for the built-in pack.
    pub on_disk: Option<PathBuf>,
}

/// Rules by id.
pub type Pack = BTreeMap<String, Arc<Rule>>;

/// Why a pack could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`: {error}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// A rule folder contains no rules.
    #[error("`{path}` contains no rules: rules are files named `<id>.rhai`", path = path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// All errors in rule files.
    #[error("{} in rule files", counted(.0.len(), "error"))]
    Diagnostics(Vec<Diagnostic>),
}
