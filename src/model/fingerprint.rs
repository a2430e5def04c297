//! The identity of a finding across runs, which baselines, JSON and SARIF share.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::io::{self, Read};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::ids::{AccountId, Partition, Region};
use crate::model::text::one_line;

/// A stable identity: a hash of rule, partition, account, region and resource only, never of messages,
/// times, tags or severities. As text, it has 32 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 16]);

/// A text that is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid fingerprint: it has 32 lowercase hex digits")]
pub struct InvalidFingerprint(String);

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
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let mut half = [0; 16];
        half.iter_mut().zip(hash).for_each(|(to, byte)| *to = byte);
        Self(half)
    }

    /// The first half of it, as a number.
    pub fn first_half(&self) -> u64 {
        (u128::from_be_bytes(self.0) >> 64) as u64
    }

    fn digits(&self) -> [u8; 32] {
        let mut digits = [0; 32];
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.iter_mut().zip(nibbles).for_each(|(to, nibble)| *to = digit(nibble));
        digits
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let is_valid =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_valid);
        match number {
            Some(number) => Ok(Self(number.to_be_bytes())),
            None => Err(InvalidFingerprint(one_line(text, 40))),
        }
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = InvalidFingerprint;

    fn try_from(text: String) -> Result<Self, InvalidFingerprint> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fingerprint").field(&self.to_string()).finish()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // They are ASCII.
        f.pad(std::str::from_utf8(&self.digits()).unwrap_or_default())
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
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.map(char::from).collect()
}

/// The hex digit of a number below 16.
fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
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
        assert_eq!(fingerprint.to_string(), "a811ee39deb961cdf132e506735180ae");
        assert_eq!(fingerprint.first_half(), 0xa811_ee39_deb9_61cd);
        assert_eq!("a811ee39deb961cdf132e506735180ae".parse(), Ok(fingerprint));
    }

    #[test]
    fn other_texts_are_no_fingerprints() {
        for text in
            ["", "zz", "A811EE39DEB961CDF132E506735180AE", "+811ee39deb961cdf132e506735180ae"]
        {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
        assert!("a811ee39deb961cdf132e506735180ae0".parse::<Fingerprint>().is_err());
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
