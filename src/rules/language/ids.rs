//! Rule ids: the file's name without `.rhai`.

use crate::diagnostics::{Code, Diagnostic};
use crate::model::text;
use crate::rules::language::source::SourceFile;

/// What a rule's id looks like, in words.
pub const RULE_ID_FORM: &str = "a rule id is lower-case words with hyphens between them, at most 100 characters: `s3-bucket-versioning`";

/// Whether a text can be a rule's id. Ids become file names and parts of URIs.
pub fn is_rule_id(id: &str) -> bool {
    id.len() <= 100
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The id of the rule in a file: its name without the ending.
pub(crate) fn id_of(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".rhai")).unwrap_or_default()
}

/// The fault of an id that is none.
pub(crate) fn bad_id(id: &str, file: &SourceFile) -> Option<Diagnostic> {
    let fault = || {
        file.fault(
            rhai::Position::new(1, 1),
            format!("`{}` is no rule id", text::one_line(id, 120)),
        )
    };
    (!is_rule_id(id)).then(|| fault().code(Code::BadId).help(RULE_ID_FORM))
}
