//! Rules and packs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostics::Diagnostic;
use crate::model::{Globs, counted};
use crate::rules::language::meta::Meta;
use crate::rules::language::prose::Prose;
use crate::rules::language::source::SourceFile;
use crate::rules::language::variants::Variant;

/// A rule that was read from its file and checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file name without extension; of a variant, the id that its script declares.
    pub id: String,
    /// The source file.
    pub file: SourceFile,
    /// The path within the pack, separated by `/`.
    pub path: String,
    /// Its metadata.
    pub meta: Meta,
    /// Its documentation.
    pub prose: Prose,
    /// The SHA-256 hash of its source, which for a variant declares the other variants, too.
    pub sha256: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it replaces a built-in rule with the same id.
    pub replaces_built_in: bool,
    /// Its path on disk; `None` for the built-in pack.
    pub on_disk: Option<PathBuf>,
    /// The script that it is a variant of. A script with variants is not a rule of a pack itself.
    pub script: Option<Arc<Rule>>,
}

impl Rule {
    /// The variants, if the script declares any, or else the rule itself.
    pub(crate) fn expand(self) -> Vec<Self> {
        if self.meta.variants.is_empty() {
            return vec![self];
        }
        let script = Arc::new(self);
        let variant = |variant: &Variant| Self {
            id: variant.id.clone(),
            meta: script.meta.of_variant(variant),
            prose: match &variant.summary {
                Some(summary) => script.prose.with_summary(summary),
                None => script.prose.clone(),
            },
            script: Some(script.clone()),
            ..(*script).clone()
        };
        script.meta.variants.iter().map(variant).collect()
    }

    /// The id of the script, if the rule is a variant.
    pub fn script_id(&self) -> Option<&str> {
        self.script.as_ref().map(|script| script.id.as_str())
    }

    /// All ids by which waivers can name it: its own, its former ones, and that of its script.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        let former = self.meta.aliases.iter().map(String::as_str);
        std::iter::once(self.id.as_str()).chain(former).chain(self.script_id())
    }

    /// Whether a pattern is its id or that of its script, without wildcards.
    pub fn is_named_by(&self, globs: &Globs) -> bool {
        let names = |pattern: &String| *pattern == self.id || Some(&**pattern) == self.script_id();
        globs.patterns().iter().any(names)
    }

    /// Whether a pattern matches its id or that of its script.
    pub fn matches(&self, globs: &Globs) -> bool {
        globs.matches(&self.id) || self.script_id().is_some_and(|script| globs.matches(script))
    }
}

/// The script of a rule: what its file contains.
pub fn script_of(rule: &Arc<Rule>) -> &Arc<Rule> {
    rule.script.as_ref().unwrap_or(rule)
}

/// The script with variants that has this id.
pub fn find_script<'a>(pack: &'a Pack, id: &str) -> Option<&'a Arc<Rule>> {
    scripts(pack).find(|script| script.id == id)
}

/// The rules that settings for this id apply to: the rule, or the variants of the script.
pub(crate) fn rules_named<'a>(pack: &'a Pack, id: &str) -> Vec<&'a Arc<Rule>> {
    match pack.get(id) {
        Some(rule) => vec![rule],
        None => pack.values().filter(|rule| rule.script_id() == Some(id)).collect(),
    }
}

/// The scripts of the variants in a pack, each once per variant.
fn scripts(pack: &Pack) -> impl Iterator<Item = &Arc<Rule>> {
    pack.values().filter_map(|rule| rule.script.as_ref())
}

/// All ids by which settings and filters can name rules: those of rules, and those of scripts with
/// variants.
pub fn known_ids(pack: &Pack) -> BTreeSet<&str> {
    pack.keys().chain(scripts(pack).map(|script| &script.id)).map(String::as_str).collect()
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
