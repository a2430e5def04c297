//! Names of AWS in parameters.

/// Whether a name is valid for a general purpose bucket.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let valid =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || ".-".contains(char);
    (3..=63).contains(&name.len()) && name.chars().all(valid)
}
