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
    let decoded = utf16(&bytes);
    let bytes = decoded.as_deref().map_or(bytes.as_slice(), str::as_bytes);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii().is_empty() {
        return Err(PreviewError::Empty { path: path.to_owned(), how });
    }
    serde_json::from_slice(text).map_err(|error| PreviewError::json(path, &error))
}

/// The text of a file in UTF-16, which is what `>` writes in Windows PowerShell.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (text, is_little) = match bytes {
        [0xff, 0xfe, text @ ..] => (text, true),
        [0xfe, 0xff, text @ ..] => (text, false),
        _ => return None,
    };
    let unit = |unit: &[u8; 2]| match is_little {
        true => u16::from_le_bytes(*unit),
        false => u16::from_be_bytes(*unit),
    };
    let units = text.as_chunks::<2>().0.iter().map(unit);
    let replace = |c: Result<char, _>| c.unwrap_or(char::REPLACEMENT_CHARACTER);
    Some(char::decode_utf16(units).map(replace).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_powershell_are_read() {
        let text = "{\"a\": \"\u{e4}\u{1f600}\"}";
        let with = |mark: [u8; 2], encode: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain(text.encode_utf16().flat_map(encode)).collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            with([0xff, 0xfe], u16::to_le_bytes),
            with([0xfe, 0xff], u16::to_be_bytes),
        ] {
            let read = json(Path::new("-"), &mut bytes.as_slice(), "").unwrap();
            assert_eq!(read, serde_json::json!({ "a": "\u{e4}\u{1f600}" }));
        }
        for broken in [&[0xff, 0xfe][..], &[0xff, 0xfe, 0x7b], &[0xfe, 0xff, 0xd8, 0, 0xd8, 0]] {
            assert!(json(Path::new("-"), &mut &*broken, "").is_err());
        }
    }
}
