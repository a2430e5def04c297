//! Checks of a framework file: the same as when it is loaded.

use crate::diagnostics::Diagnostic;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::framework::{Framework, KnownRules};

/// Checks a framework, which can refer to `rules`.
pub(crate) fn check(file: &SourceFile, rules: &KnownRules) -> Vec<Diagnostic> {
    Framework::parse(file, rules).err().unwrap_or_default()
}
