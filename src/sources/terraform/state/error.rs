//! Why a state cannot be used.

/// Why a state cannot be used. Nothing of its content is part of the text.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("cannot read it: {}{}", .0, remedy(.0))]
    Io(std::io::Error),
    /// It is empty.
    #[error("it is empty; write it again with `terraform show -json`")]
    Empty,
    /// Git has only a pointer to it.
    #[error("it is a pointer of Git LFS; run `git lfs pull`")]
    LfsPointer,
    /// It is too large.
    #[error("it is larger than {} MiB", .0 / 1024 / 1024)]
    TooLarge(u64),
    /// It has more resources than are kept.
    #[error("it has too many resources")]
    TooMany,
    /// It is not JSON.
    #[error("it is not valid JSON at line {line}, column {column}")]
    NotJson {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// It is UTF-16.
    #[error("it is UTF-16; in PowerShell, write it with `| Out-File -Encoding utf8`")]
    Utf16,
    /// It is a saved plan.
    #[error("it is a saved plan, not JSON; use the output of `terraform show -json PLANFILE`")]
    SavedPlan,
    /// It is encrypted.
    #[error("it is encrypted by OpenTofu; pipe the output of `tofu show -json` instead")]
    Encrypted,
    /// Its format is not known.
    #[error("{0}")]
    Format(String),
}

/// What to do about an error. With a remote backend or a workspace, the root has no `terraform.tfstate`.
fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "; write it with `terraform show -json`, and name the file in `state` of the source"
        }
        _ => "",
    }
}
