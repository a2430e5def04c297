//! Places in S3 where rolecall reads and writes its own files.

use std::fmt;
use std::path::{Path, PathBuf};

use super::addressing::S3Addressing;
use super::ids::AccountId;
use super::target::Hop;
use super::text;

/// An object in S3, or a prefix of objects: `s3://bucket/key`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct S3Place {
    /// The bucket.
    pub bucket: String,
    /// The key; of a prefix, without the slash at its end.
    pub key: String,
}

impl S3Place {
    /// What paths of places begin with.
    pub const SCHEME: &str = "s3://";

    /// A path that is written in a file: relative to the file's folder, unless it is absolute or a
    /// place in S3.
    pub fn resolve(folder: &Path, written: &str) -> PathBuf {
        if written.starts_with(Self::SCHEME) {
            PathBuf::from(written)
        } else {
            folder.join(written)
        }
    }

    /// The place that a path of the command line or the config names; `None` if the path is one of
    /// the file system.
    pub fn of_path(path: &Path) -> Option<Result<Self, String>> {
        let text = path.to_str()?;
        text.strip_prefix(Self::SCHEME).map(|rest| Self::parse(rest, text))
    }

    fn parse(rest: &str, written: &str) -> Result<Self, String> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let invalid = |reason: &str| {
            Err(format!("`{}` is not a valid place in S3: {reason}", text::one_line(written, 300)))
        };
        let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(is_valid) {
            return invalid("use the name of a bucket, as in s3://my-bucket/reports/report.json");
        }
        let key = key.trim_end_matches('/');
        if key.is_empty() {
            return invalid(
                "name an object or a folder in the bucket, as in s3://my-bucket/reports",
            );
        }
        if key.len() > 900 || !Self::is_file_name(key) {
            return invalid("the key is too long, or has empty parts, `.` or `..`");
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// An object below this place.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let slash = if self.key.is_empty() { "" } else { "/" };
        Self { bucket: self.bucket.clone(), key: format!("{}{slash}{name}", self.key) }
    }

    /// Whether a name of an object relative to a prefix can be a path relative to a folder.
    pub fn is_file_name(name: &str) -> bool {
        // On Windows, a drive letter would leave the folder.
        let is_special = |c: char| c.is_control() || c == '\\' || cfg!(windows) && c == ':';
        !name.chars().any(is_special) && !name.split('/').any(is_relative)
    }

    /// The place that contains this one.
    #[must_use]
    pub fn parent(&self) -> Self {
        let key = self.key.rsplit_once('/').map_or("", |(parent, _)| parent);
        Self { bucket: self.bucket.clone(), key: key.to_owned() }
    }

    /// What the keys of the objects below this place begin with.
    pub fn prefix(&self) -> String {
        if self.key.is_empty() { String::new() } else { format!("{}/", self.key) }
    }

    /// The last part of its key.
    pub fn name(&self) -> &str {
        self.key.rsplit_once('/').map_or(&self.key, |(_, name)| name)
    }
}

/// Parts of keys that would leave a folder when the object is written to disk.
fn is_relative(part: &str) -> bool {
    matches!(part, "" | "." | "..")
}

impl fmt::Display for S3Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", Self::SCHEME, self.bucket, self.key)
    }
}

/// How rolecall accesses its own files in S3: the section `[storage]` of the config.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageAccess {
    /// The role that reads and writes them; `None`: the base credentials.
    pub role: Option<Hop>,
    /// The account that must own the buckets.
    pub bucket_owner: Option<AccountId>,
    /// The KMS key that encrypts new objects; `None`: the bucket's default encryption.
    pub kms_key: Option<String>,
    /// Path-style or virtual-hosted-style requests: a setting of `[scan]`.
    pub addressing: S3Addressing,
}

impl StorageAccess {
    /// The IAM actions on buckets, objects and keys that reading and writing need.
    pub const ACTIONS: [&str; 7] = [
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_buckets_with_a_key() {
        let parse = |text: &str| S3Place::of_path(Path::new(text));
        for (text, bucket, key) in [
            ("s3://my-bucket/a/b.json", "my-bucket", "a/b.json"),
            ("s3://my.bucket/run/", "my.bucket", "run"),
            ("s3://abc/a b/ä", "abc", "a b/ä"),
        ] {
            let place = parse(text).unwrap().unwrap();
            assert_eq!((place.bucket.as_str(), place.key.as_str()), (bucket, key));
        }
        for text in ["report.json", "./s3://x", "s3:/abc/x", "/s3/x"] {
            assert_eq!(parse(text), None, "{text}");
        }
        for text in [
            "s3://",
            "s3://ab/x",
            "s3://Bucket/x",
            "s3://my_bucket/x",
            "s3://bucket",
            "s3://bucket/",
            "s3://bucket/../x",
            "s3://bucket/a//b",
            "s3://bucket/a/./b",
            "s3:///x",
        ] {
            let error = parse(text).unwrap().unwrap_err();
            assert!(error.contains("is not a valid place in S3"), "{text}: {error}");
        }
        let place = parse("s3://my-bucket/a/b.json").unwrap().unwrap();
        assert_eq!(place.to_string(), "s3://my-bucket/a/b.json");
        assert_eq!(place.parent().parent().join("b.json").to_string(), "s3://my-bucket/b.json");
        assert_eq!(
            (place.parent().to_string().as_str(), place.name()),
            ("s3://my-bucket/a", "b.json")
        );
    }
}
