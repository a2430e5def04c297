//! Rule ids: the file name without `.rhai`.

use crate::diagnostics::{Code, Diagnostic};
use crate::model::{COULD_NOT_CHECK, text};
use crate::rules::language::source::SourceFile;

/// The format of a rule id, for messages.
pub const RULE_ID_FORM: &str = "use lowercase words separated by hyphens, up to 100 characters in total, for example `s3-bucket-versioning`";

/// Whether a string is a valid rule id. Ids are used in file names and URIs.
pub fn is_rule_id(id: &str) -> bool {
    id.len() <= 100
        && id != COULD_NOT_CHECK
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The id of the rule in a file: its name without the extension.
pub(crate) fn id_of(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".rhai")).unwrap_or_default()
}

/// The error for an invalid id.
pub(crate) fn invalid_id(id: &str, file: &SourceFile) -> Option<Diagnostic> {
    let error = || {
        file.error_at(
            rhai::Position::new(1, 1),
            format!("`{}` is not a valid rule id", text::one_line(id, 120)),
        )
    };
    let help = match id {
        COULD_NOT_CHECK => {
            "this id is reserved: reports use it for entries about what could not be checked; choose a different file name".to_owned()
        }
        _ => format!("the id is the file name without `.rhai`; {RULE_ID_FORM}"),
    };
    (!is_rule_id(id)).then(|| error().code(Code::InvalidRuleId).help(help))
}
