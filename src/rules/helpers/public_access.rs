//! What may grant public access to a bucket, and whether Block Public Access blocks it.

use std::rc::Rc;

use rhai::{Array, Dynamic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{Scripted, field, is_true, script_value, text_field};
use super::table::{LookUp, ResultShape, topic};
use crate::facts::Shape;
use crate::model::Cause;
use crate::model::text::one_line;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::{Interrupt, broken};
use crate::rules::values::object::Object;

topic! {
    /// These functions show whether public access to a bucket is blocked, and whether blocking it can
    /// affect anything.
    "S3 public access";

    /// Returns whether a Block Public Access setting is on for a bucket: S3 enforces it if it is on
    /// for the bucket or for the account. `setting` is `block_public_acls`, `block_public_policy`,
    /// `ignore_public_acls` or `restrict_public_buckets`.
    ///
    /// If the setting is on for one of them, it does not matter whether the settings of the other
    /// could be read. Otherwise, the verdict is `unknown` if one of them could not be read.
    ///
    /// The rule must declare `needs: ["public_access_block?", "s3.account/public_access_block"]`.
    fn blocks_public_access(bucket: "object", setting: "string") -> "bool";
    "blocks_public_access(#{ name: \"logs\", public_access_block: #{ ignore_public_acls: true } }, \"ignore_public_acls\")" => "true";
    "blocks_public_access(#{ name: \"logs\", public_access_block: #{ ignore_public_acls: true } }, \"restrict_public_buckets\")" => "false";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(BLOCKS.helper, move |bucket: Dynamic, setting: &str| -> Scripted<bool> {
            blocks(&cx, &bucket, setting)
        })
    };

    /// Returns what may grant public access to buckets. If the list is empty, Block Public Access
    /// affects no request to them that works today.
    ///
    /// The following may grant access. If several do, the list contains only the first kind:
    ///
    /// - The ACLs, unless the bucket's `object_ownership` is `BucketOwnerEnforced`, or the bucket or
    ///   the account ignores public ACLs. Only these settings are proof, because the ACLs of objects
    ///   are not read.
    /// - The bucket policy, if S3 considers it public and neither the bucket nor the account
    ///   restricts public buckets.
    /// - Access points of the bucket whose policy S3 considers public. Access points that belong to
    ///   other accounts are not visible.
    /// - Multi-Region Access Points of the bucket whose policy S3 considers public.
    ///
    /// Whether Block Public Access settings could be read matters as for `blocks_public_access`.
    ///
    /// The rule must declare `needs: ["s3.bucket/public_access_block",
    /// "s3.bucket/ownership_controls", "s3.bucket/policy_status", "s3.account/public_access_block",
    /// "s3.access_point/policy_status", "s3.multi_region_access_point/policy_status"]`; in a rule for
    /// `s3.bucket`, the facts of the bucket are declared without the kind.
    fn public_access_in_use(buckets: "list of object") -> "list of public_access";
    "public_access_in_use([#{ name: \"logs\", ownership_controls: #{ object_ownership: \"ObjectWriter\" } }])"
        => "[#{ granted_by: \"acl\", name: \"logs\", reason: \"ACLs of the bucket or of its objects may grant public access that is in use\" }]";
    "public_access_in_use([#{ name: \"logs\", ownership_controls: #{ object_ownership: \"BucketOwnerEnforced\" }, \
     policy_status: #{ is_public: true } }])[0].reason"
        => "\"the bucket policy is public, and the access may be in use\"";
    "public_access_in_use([#{ name: \"logs\", ownership_controls: #{ object_ownership: \"BucketOwnerEnforced\" } }])" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(IN_USE.helper, move |buckets: Array| -> Scripted<Array> {
            Ok(in_use(&cx, &buckets)?.iter().map(script_value).collect())
        })
    };
}

const ACCOUNT: &str = "s3.account";
const ACCESS_POINTS: &str = "s3.access_point";
const MULTI_REGION: &str = "s3.multi_region_access_point";
/// The settings of a bucket and of the account.
const BLOCK: &str = "public_access_block";

pub(crate) const IN_USE: LookUp = LookUp {
    helper: "public_access_in_use",
    kinds: &[ACCOUNT, ACCESS_POINTS, MULTI_REGION],
    returns_resources: false,
};

pub(crate) const BLOCKS: LookUp =
    LookUp { helper: "blocks_public_access", kinds: &[ACCOUNT], returns_resources: false };

/// The settings of Block Public Access.
const SETTINGS: [&str; 4] =
    ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/// What `public_access_in_use` returns.
pub(crate) static PUBLIC_ACCESS: ResultShape =
    ResultShape { name: "public_access", shape: Shape::of::<PublicAccess>() };

/// What may grant public access to a bucket.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct PublicAccess {
    /// What grants the access.
    #[schemars(extend("enum" = ["acl", "bucket_policy", "access_point", "multi_region_access_point"]))]
    granted_by: String,
    /// The name of the bucket, or of the access point.
    name: String,
    /// The reason, for `unsafe_fix`.
    reason: String,
}

/// Finds one kind of what may grant access to a bucket.
type Finder = fn(&EvalContext, &Dynamic) -> Scripted<Vec<PublicAccess>>;

/// In this order.
const FINDERS: [Finder; 4] = [acls, bucket_policy, access_points, multi_region_access_points];

fn in_use(cx: &EvalContext, buckets: &Array) -> Scripted<Vec<PublicAccess>> {
    let mut found = Vec::new();
    for finder in FINDERS {
        for bucket in buckets {
            found.extend(finder(cx, bucket)?);
        }
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// Whether a setting is on for a bucket or its account. What could not be read matters only if the
/// setting is not known to be on.
fn blocks(cx: &EvalContext, bucket: &Dynamic, setting: &str) -> Scripted<bool> {
    if !SETTINGS.contains(&setting) {
        let shown = one_line(setting, 60);
        return broken(format!(
            "`blocks_public_access` got `{shown}`, which is not a setting: use one of `{}`",
            SETTINGS.join("`, `")
        ));
    }
    let mut unread: Vec<Cause> = cx.list_gap(ACCOUNT)?.into_iter().collect();
    let mut holders = cx.related_in_part(ACCOUNT, None)?;
    holders.push(bucket.clone());
    for holder in &holders {
        let flag = match known_field(cx, holder, BLOCK)? {
            Ok(block) => known_field(cx, &block, setting)?,
            Err(causes) => Err(causes),
        };
        match flag {
            Ok(flag) if flag.as_bool().unwrap_or(false) => return Ok(true),
            Ok(_) => {}
            Err(causes) => unread.extend(causes),
        }
    }
    if unread.is_empty() { Ok(false) } else { Interrupt::Unreadable(unread).raise() }
}

/// A field of a resource or an object, or why it could not be read.
fn known_field(
    cx: &EvalContext,
    value: &Dynamic,
    name: &str,
) -> Scripted<Result<Dynamic, Vec<Cause>>> {
    let current = cx.current()?;
    let read = value.read_lock::<Object>().map(|object| object.read(Some(&current), name));
    match read {
        Some(Err(Interrupt::Unreadable(causes))) => Ok(Err(causes)),
        // Read as a script does, so that it is recorded.
        _ => field(cx, value, name).map(Ok),
    }
}

/// What grants access to the public, with the name of the resource.
fn granted(cx: &EvalContext, by: &str, resource: &Dynamic, reason: &str) -> Scripted<PublicAccess> {
    let name = text_field(cx, resource, "name")?.unwrap_or_default().to_string();
    Ok(PublicAccess { granted_by: by.to_owned(), name, reason: reason.to_owned() })
}

fn acls(cx: &EvalContext, bucket: &Dynamic) -> Scripted<Vec<PublicAccess>> {
    let ownership = field(cx, bucket, "ownership_controls")?;
    let ownership = text_field(cx, &ownership, "object_ownership")?;
    if ownership.as_deref() == Some("BucketOwnerEnforced")
        || blocks(cx, bucket, "ignore_public_acls")?
    {
        return Ok(Vec::new());
    }
    let reason = "ACLs of the bucket or of its objects may grant public access that is in use";
    Ok(vec![granted(cx, "acl", bucket, reason)?])
}

fn bucket_policy(cx: &EvalContext, bucket: &Dynamic) -> Scripted<Vec<PublicAccess>> {
    if !has_public_policy(cx, bucket)? || blocks(cx, bucket, "restrict_public_buckets")? {
        return Ok(Vec::new());
    }
    let reason = "the bucket policy is public, and the access may be in use";
    Ok(vec![granted(cx, "bucket_policy", bucket, reason)?])
}

fn access_points(cx: &EvalContext, bucket: &Dynamic) -> Scripted<Vec<PublicAccess>> {
    let name = field(cx, bucket, "name")?;
    let of_bucket = Some(("bucket", &name));
    // An access point is in the region of its bucket.
    let here = cx.current()?.region;
    let region = text_field(cx, bucket, "region")?.filter(|region| region != here.as_str());
    let points = match region {
        Some(region) => cx.related_in(&region, ACCESS_POINTS, of_bucket)?,
        None => cx.related(ACCESS_POINTS, of_bucket)?,
    };
    let reason = "an access point of the bucket has a public policy";
    public(cx, &points, "access_point", reason)
}

fn multi_region_access_points(cx: &EvalContext, bucket: &Dynamic) -> Scripted<Vec<PublicAccess>> {
    let name = field(cx, bucket, "name")?;
    let points = cx.related(MULTI_REGION, Some(("regions.bucket", &name)))?;
    let reason = "a Multi-Region Access Point of the bucket has a public policy";
    public(cx, &points, "multi_region_access_point", reason)
}

/// Those of the access points whose policies are public.
fn public(cx: &EvalContext, points: &Array, by: &str, reason: &str) -> Scripted<Vec<PublicAccess>> {
    let mut found = Vec::new();
    for point in points {
        if has_public_policy(cx, point)? {
            found.push(granted(cx, by, point, reason)?);
        }
    }
    Ok(found)
}

/// Whether S3 considers the policy of a bucket or an access point public.
fn has_public_policy(cx: &EvalContext, resource: &Dynamic) -> Scripted<bool> {
    is_true(cx, &field(cx, resource, "policy_status")?, "is_public")
}
