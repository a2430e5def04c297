//! `[storage]`: how rolecall reads and writes its own files in S3.

use super::targets;
use crate::diagnostics::toml_reader::Item;
use crate::model::{StorageAccess, text};

/// Reads `[storage]`.
pub(super) fn section(item: Item<'_>) -> Option<StorageAccess> {
    let table = item.table("[storage]")?;
    let access = StorageAccess {
        role: table.get("role").and_then(|item| targets::hop(item, "role", "rolecall-storage")),
        bucket_owner: table.get("bucket_owner").and_then(targets::account_id),
        kms_key: table.get("kms_key").and_then(kms_key),
        ..StorageAccess::default()
    };
    table.finish();
    Some(access)
}

/// The ARN of a key or alias, its id, or `alias/…`.
fn kms_key(item: Item<'_>) -> Option<String> {
    let written = item.text()?;
    let is_valid = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    if !written.is_empty() && written.len() <= 2048 && written.chars().all(is_valid) {
        return Some(written.to_owned());
    }
    item.report_error_with_help(
        format!("`{}` is not a valid KMS key", text::one_line(written, 80)),
        "use the ARN of a key; for a bucket in another account, nothing else works",
    );
    None
}
