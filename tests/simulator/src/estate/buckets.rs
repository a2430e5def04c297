//! Owns what a bucket of a generated estate is like: its name, region, owner and settings.

use serde::Serialize;
use serde_json::{Value, json};

use super::Estate;
use super::draw::Draw;

/// The settings of a bucket.
#[derive(Debug, Clone, Serialize)]
pub struct Bucket {
    pub name: String,
    pub region: String,
    pub versioning: Option<&'static str>,
    pub ownership: Option<&'static str>,
    /// `BlockPublicAcls`, `IgnorePublicAcls`, `BlockPublicPolicy`, `RestrictPublicBuckets`.
    pub public_access_block: Option<[bool; 4]>,
    pub policy: Option<Value>,
    /// Whether S3 considers the policy public.
    pub policy_is_public: bool,
    /// The KMS key of new objects; `None`: `AES256`.
    pub kms_key: Option<String>,
    /// The bucket that receives access logs.
    pub logging: Option<String>,
    pub tags: Vec<(&'static str, &'static str)>,
    /// After how many days objects expire.
    pub lifecycle_days: Option<u64>,
    pub object_lock: bool,
    /// The canned ACL.
    pub acl: &'static str,
}

/// The name of a bucket. Names are unique among all accounts.
pub fn name(estate: &Estate, index: u64) -> String {
    let dotted = index % estate.buckets < estate.dotted;
    format!("b{index:06}{}", if dotted { ".example.com" } else { "" })
}

/// Which bucket has this name.
pub fn index(estate: &Estate, bucket: &str) -> Option<u64> {
    let digits = bucket.strip_prefix('b')?.split('.').next()?;
    let index =
        digits.parse().ok().filter(|index| *index < (estate.accounts + 1) * estate.buckets)?;
    (name(estate, index) == bucket).then_some(index)
}

/// Whether an account that is not in the estate has a bucket of this name, which contains the id of an
/// account of the estate, as those of AWS services do.
pub fn is_taken(estate: &Estate, name: &str) -> bool {
    let is_of = |id: &String| name.contains(id.as_str());
    estate.account_ids().iter().any(is_of) && Draw::new(estate.seed, name, &[]).one_in(8)
}

/// The keys of the objects in a bucket, and the canned ACL of each.
pub fn objects(estate: &Estate, index: u64) -> Vec<(String, &'static str)> {
    let count = Draw::new(estate.seed, "objects", &[index]).pick(&[0, 3, 3, 40, 250]);
    let object = |number| {
        let mut draw = Draw::new(estate.seed, "object", &[index, number]);
        let acl = if draw.one_in(40) { "public-read" } else { "private" };
        (format!("object-{number:04}"), acl)
    };
    (0..count).map(object).collect()
}

/// The region of a bucket.
pub fn region(estate: &Estate, index: u64) -> &str {
    &estate.regions[usize::try_from(index).unwrap() % estate.regions.len()]
}

/// A bucket of an account in a region, if there is one.
pub fn first_in(estate: &Estate, account: u64, region_name: &str) -> Option<u64> {
    let of_account = account * estate.buckets..(account + 1) * estate.buckets;
    of_account.take(estate.regions.len()).find(|index| region(estate, *index) == region_name)
}

impl Bucket {
    /// The bucket of that index among those of all accounts.
    pub fn at(estate: &Estate, index: u64) -> Self {
        let mut draw = Draw::new(estate.seed, "bucket", &[index]);
        let (name, region) = (name(estate, index), region(estate, index).to_owned());
        let account = index / estate.buckets;
        let ownership = draw.pick(&[
            Some("BucketOwnerEnforced"),
            Some("BucketOwnerEnforced"),
            Some("BucketOwnerPreferred"),
            None,
        ]);
        let versioning = draw.pick(&[Some("Enabled"), Some("Enabled"), Some("Suspended"), None]);
        let public_access_block = draw.pick(&[
            Some([true; 4]),
            Some([true; 4]),
            None,
            Some([true, true, false, false]),
            Some([false; 4]),
        ]);
        let (policy, policy_is_public) = match draw.pick(&[0, 1, 1, 2, 3, 4]) {
            1 => (Some(tls_only(&name)), false),
            2 => (Some(allow(&name, "s3:GetObject", json!("*"))), true),
            3 => (Some(allow(&name, "s3:GetObject", stranger())), false),
            4 => (Some(allow(&name, "s3:PutBucketPolicy", stranger())), false),
            _ => (None, false),
        };
        let key = format!("arn:aws:kms:{region}:{}:key/{:036x}", estate.account_at(account), index);
        // Access logs are written to a bucket of the same account and region.
        let target = first_in(estate, account, &region).filter(|target| *target != index);
        let logging = target.map(|target| self::name(estate, target));
        let acls: &[&str] = match ownership {
            Some("BucketOwnerEnforced") => &["private"],
            _ => &["private", "private", "public-read", "authenticated-read"],
        };
        Self {
            kms_key: draw.one_in(3).then_some(key),
            logging: logging.filter(|_| draw.one_in(2)),
            tags: draw
                .pick(&[[None; 2], [Some(("team", "payments")), Some(("stage", "test"))]])
                .into_iter()
                .flatten()
                .collect(),
            lifecycle_days: draw.pick(&[None, Some(365), Some(30)]),
            object_lock: versioning == Some("Enabled") && draw.one_in(4),
            acl: draw.pick(acls),
            name,
            region,
            versioning,
            ownership,
            public_access_block,
            policy,
            policy_is_public,
        }
    }
}

fn tls_only(name: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }] })
}

fn stranger() -> Value {
    json!({ "AWS": "arn:aws:iam::999988887777:root" })
}

fn allow(name: &str, action: &str, principal: Value) -> Value {
    let objects = if action == "s3:GetObject" { "/*" } else { "" };
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Allowed", "Effect": "Allow", "Principal": principal, "Action": action,
        "Resource": format!("arn:aws:s3:::{name}{objects}"),
    }] })
}
