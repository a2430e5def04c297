//! Detects secrets in texts. Of texts that must not be kept, only the name of the detector that
//! matched is kept, never the match.
//!
//! All patterns are matched in linear time. They match only what looks like a secret, not every word
//! that could be one, to avoid false positives.

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use regex::bytes::Regex;

use self::context::Text;
use self::detectors::Detector;
use super::ec2::user_data::UserData;

mod assignment;
mod commands;
mod context;
mod detectors;
mod files;
mod names;
mod values;

/// All detectors; the first one that accepts one of its matches is reported.
fn detectors() -> impl Iterator<Item = &'static Detector> {
    [detectors::DETECTORS, commands::DETECTORS, files::DETECTORS].into_iter().flatten()
}

static PATTERNS: LazyLock<Vec<(&'static Detector, Regex)>> = LazyLock::new(|| {
    detectors()
        .filter_map(|detector| Some((detector, Regex::new(detector.pattern).ok()?)))
        .collect()
});

/// The maximum size of decompressed user data. EC2 accepts 16 KiB of user data.
const MAX_INFLATED: u64 = 1 << 20;

/// How compressed data starts.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The name of the first detector that matches.
fn detect(text: &[u8]) -> Option<&'static str> {
    // UTF-16, as PowerShell writes it, is ASCII with null bytes in between.
    let bytes: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    let text = Text::new(&bytes);
    PATTERNS
        .iter()
        .find(|(detector, pattern)| {
            pattern.captures_iter(&bytes).any(|found| (detector.accepts)(&text, &found))
        })
        .map(|(detector, _)| detector.name)
}

/// Inspects user data as the API returns it: base64 of a text, or of a compressed text.
pub fn user_data(encoded: Option<&str>) -> UserData {
    let Some(encoded) = encoded.filter(|encoded| !encoded.is_empty()) else {
        return UserData { present: false, looks_like_secret: Some(false), detector: None };
    };
    // Some user data is plain text instead of base64.
    let text = STANDARD.decode(encoded).unwrap_or_else(|_| encoded.as_bytes().to_vec());
    let (text, whole) =
        if text.starts_with(&GZIP) { inflate(&text, MAX_INFLATED) } else { (text, true) };
    let (detector, whole) = match detect(&text) {
        Some(detector) => (Some(detector), whole),
        None => {
            let (detector, whole_inner) = detect_embedded(&text);
            (detector, whole && whole_inner)
        }
    };
    UserData {
        present: true,
        // Without a match in a part, the rest is unknown.
        looks_like_secret: (detector.is_some() || whole).then_some(detector.is_some()),
        detector: detector.map(str::to_owned),
    }
}

/// Base64 in a text: files of cloud-init with `encoding: b64`, parts of multipart documents, and scripts
/// that are decoded by other scripts. Lines are joined.
static BASE64: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{24,}(?:\r?\n[ \t]*[A-Za-z0-9+/]{4,})*").ok());

/// The most words that are decoded, so that time is bounded.
const MAX_WORDS: usize = 256;

/// Other long words are rarely the base64 of that much text.
const MIN_EMBEDDED: usize = 12;

/// The first detector that matches in a text that is contained as base64, and whether all of these
/// texts were inspected.
fn detect_embedded(text: &[u8]) -> (Option<&'static str>, bool) {
    let mut left = MAX_INFLATED;
    let mut whole = true;
    for (count, found) in BASE64.iter().flat_map(|pattern| pattern.find_iter(text)).enumerate() {
        if count == MAX_WORDS {
            return (None, false);
        }
        let encoded: Vec<u8> =
            found.as_bytes().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let quads = encoded.len() - encoded.len() % 4;
        let bytes = STANDARD_NO_PAD.decode(&encoded);
        let Ok(bytes) = bytes.or_else(|_| STANDARD_NO_PAD.decode(&encoded[..quads])) else {
            continue;
        };
        let bytes = if bytes.starts_with(&GZIP) {
            let (bytes, complete) = inflate(&bytes, left);
            left = left.saturating_sub(bytes.len() as u64);
            whole &= complete;
            bytes
        } else {
            bytes
        };
        // What follows the base64 in the text may have been decoded as well.
        let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let detector = (valid >= MIN_EMBEDDED).then(|| detect(&bytes[..valid])).flatten();
        if detector.is_some() {
            return (detector, whole);
        }
    }
    (None, whole)
}

/// Decompresses a text up to the limit, and returns whether it is complete.
fn inflate(compressed: &[u8], limit: u64) -> (Vec<u8>, bool) {
    let mut text = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(compressed).take(limit).read_to_end(&mut text);
    let whole = read.is_ok() && (text.len() as u64) < limit;
    (text, whole)
}

#[cfg(test)]
mod tests;
