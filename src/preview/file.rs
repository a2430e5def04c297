//! Reading files of limited size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::error::PreviewError;

/// A plan of 10,000 resources is about 100 MB.
const LIMIT_MIB: u64 = 256;

/// The JSON of a file; `-` is stdin. `how` is the command that creates such a file.
pub(super) fn json(
    path: &Path,
    stdin: &mut dyn Read,
    how: &'static str,
) -> Result<Value, PreviewError> {
    let failed = |error| PreviewError::Read { path: path.to_owned(), error, how };
    let mut bytes = Vec::new();
    let limit = LIMIT_MIB << 20;
    if path == Path::new("-") {
        stdin.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path)
            .map_err(failed)?
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > limit {
        return Err(PreviewError::TooLarge { path: path.to_owned(), limit_mib: LIMIT_MIB });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(PreviewError::Binary { path: path.to_owned() });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|error| PreviewError::json(path, &error))
}
