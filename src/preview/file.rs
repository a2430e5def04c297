//! Reading files of limited size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::error::PreviewError;

/// A plan of 10,000 resources is about 100 MB.
const LIMIT_MIB: u64 = 256;

/// What is wrong with the messages of a plan that Terraform makes, and what to do.
pub(super) const STREAM: &str = "this is a stream of messages (`terraform plan -json`): use `terraform plan -out PLAN` and `terraform show -json PLAN`";

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
    if bytes.starts_with(b"\x1f\x8b") {
        let reason = "this is a compressed file (gzip): decompress it with `gzip -dc` first";
        return Err(PreviewError::other(path, reason));
    }
    let decoded = utf16(&bytes);
    let bytes = decoded.as_deref().map_or(bytes.as_slice(), str::as_bytes);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii().is_empty() {
        return Err(PreviewError::Empty { path: path.to_owned(), how });
    }
    serde_json::from_slice(text).map_err(|error| match not_json(text, how) {
        Some(reason) => PreviewError::other(path, reason),
        None => PreviewError::json(path, &error),
    })
}

/// What a file is that is not JSON, and what to do; `None` if it looks like JSON.
fn not_json(text: &[u8], how: &str) -> Option<String> {
    let first = serde_json::Deserializer::from_slice(text).into_iter::<Value>().next();
    if let Some(Ok(first)) = &first
        && (first.get("@level").is_some() || first.get("@message").is_some())
    {
        return Some(STREAM.to_owned());
    }
    // Pages of the CLI, one after the other.
    if let Some(Ok(first)) = &first
        && first.get("Changes").is_some()
    {
        return Some(
            "has something after the change set, such as another page: run the command without --no-paginate and --max-items"
                .to_owned(),
        );
    }
    if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return None;
    }
    let start = String::from_utf8_lossy(text.get(..LOOKED_AT).unwrap_or(text));
    Some(match SHOWN.iter().any(|part| start.contains(part)) {
        true => format!("this is a plan as text, not JSON: create the file with `{how}`"),
        false => format!(
            "does not begin with JSON: create the file with `{how}`, and without other output before it"
        ),
    })
}

/// How much of a file that is not JSON is looked at.
const LOOKED_AT: usize = 64 << 10;

/// What Terraform and OpenTofu print of a plan for people.
const SHOWN: [&str; 3] = [
    "used the selected providers to generate",
    "will perform the following actions",
    "Your infrastructure matches the configuration",
];

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

    #[test]
    fn files_that_are_not_json_are_named() {
        let stream = concat!(
            r#"{"@level":"info","@message":"Terraform 1.9.8","type":"version"}"#,
            "\n",
            r#"{"@level":"info","@message":"Plan to create","type":"planned_change"}"#
        );
        let shown = "\u{1b}[0m\nTerraform used the selected providers to generate the following execution\nplan.";
        let error = |bytes: &[u8]| {
            json(Path::new("-"), &mut &*bytes, "show > plan.json").unwrap_err().to_string()
        };
        for (bytes, expected) in [
            (stream.as_bytes(), STREAM),
            (
                shown.as_bytes(),
                "this is a plan as text, not JSON: create the file with `show > plan.json`",
            ),
            (
                b"+ terraform show\n{}",
                "does not begin with JSON: create the file with `show > plan.json`, and without other output before it",
            ),
            (
                b"\x1f\x8b\x08\0",
                "this is a compressed file (gzip): decompress it with `gzip -dc` first",
            ),
            (b"{ \"a\": }", "not valid JSON"),
            (b"{} {}", "not valid JSON"),
            (b"{ \"Changes\": [] }\n{ \"Changes\": [] }", "such as another page"),
            (b"PK\x03\x04", "convert it with `terraform show -json PLAN > plan.json`"),
        ] {
            let error = error(bytes);
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
