//! A rule, and packs of them.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostics::Diagnostic;
use crate::rules::language::meta::Meta;
use crate::rules::language::prose::Prose;
use crate::rules::language::source::SourceFile;

/// A rule as it stands in its file, checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file's name without its ending.
    pub id: String,
    /// The file.
    pub file: SourceFile,
    /// Its path within the pack, with `/` between parts.
    pub path: String,
    /// What it declares.
    pub meta: Meta,
    /// What it says to people.
    pub prose: Prose,
    /// SHA-256 of its source.
    pub sha256: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it stands in the place of a built-in rule of the same id.
    pub replaces_built_in: bool,
    /// Where it was read; `None` for the built-in pack.
    pub on_disk: Option<PathBuf>,
}

/// Rules by id.
pub type Pack = BTreeMap<String, Arc<Rule>>;

/// Why a pack could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
    /// A rule folder holds no rule at all.
    #[error("{path} holds no rules: a rule is a file `<id>.rhai`", path = path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Faults in rule files, all of them.
    #[error("{} fault(s) in rule files", .0.len())]
    Faults(Vec<Diagnostic>),
}
