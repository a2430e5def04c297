//! The identity of a finding across runs, which baselines, JSON and SARIF share.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::io::{self, Read};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::ids::{AccountId, Partition, Region};

/// A stable identity: 32 hex digits, a hash of rule, partition, account, region and resource only,
/// never of messages, times, tags or severities.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Fingerprint(Digits);

impl JsonSchema for Fingerprint {
    fn schema_name() -> Cow<'static, str> {
        "Fingerprint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A stable identity: 32 hex digits, a hash of rule, partition, account, region and resource only,\nnever of messages, times, tags or severities."
        })
    }
}

/// A report has one for each finding, so the usual ones are not allocated.
#[derive(Clone)]
enum Digits {
    /// 32 of them.
    Hash([u8; 32]),
    /// What another report has.
    Other(Box<str>),
}

impl Fingerprint {
    /// `rule` is the first id that the rule ever had; `resource` is the resource's ARN, its id if it
    /// has no ARN, or its kind if the resource is not known.
    pub fn new(
        rule: &str,
        partition: &Partition,
        account: &AccountId,
        region: &Region,
        resource: &str,
    ) -> Self {
        let mut text = String::with_capacity(192);
        for part in [rule, partition.as_str(), account.as_str(), region.as_str(), resource] {
            // The length makes the parts unambiguous, regardless of their content.
            // Writing to a string cannot fail.
            let _ = write!(text, "{}:{part};", part.len());
        }
        hex(&Sha256::digest(text.as_bytes())[..16]).into()
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // It was made from a string.
            Digits::Hash(digits) => std::str::from_utf8(digits).unwrap_or_default(),
            Digits::Other(text) => text,
        }
    }
}

impl From<String> for Fingerprint {
    fn from(text: String) -> Self {
        match text.as_bytes().try_into() {
            Ok(digits) => Self(Digits::Hash(digits)),
            Err(_) => Self(Digits::Other(text.into())),
        }
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.as_str().to_owned()
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Fingerprint {}

impl PartialOrd for Fingerprint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fingerprint {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fingerprint").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The SHA-256 hash of some bytes, as 64 hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The same for what a reader returns.
pub fn sha256_hex_of(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(buffer.get(..count).unwrap_or_default());
    }
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |digit: u8| char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_stable_because_alerts_depend_on_it() {
        let fingerprint = Fingerprint::new(
            "s3-bucket-versioning",
            &Partition::default(),
            &"111122223333".parse().unwrap(),
            &"eu-west-1".parse().unwrap(),
            "arn:aws:s3:::logs",
        );
        assert_eq!(fingerprint.as_str().len(), 32);
        assert_eq!(fingerprint.as_str(), "a811ee39deb961cdf132e506735180ae");
    }

    #[test]
    fn every_byte_has_two_lowercase_hex_digits() {
        assert_eq!(hex(&[0x00, 0x09, 0x0a, 0x90, 0xaf, 0xff]), "00090a90afff");
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
