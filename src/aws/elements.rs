//! Documents of S3 that are changed by writing them again as a whole. The SDK ignores elements that it
//! does not know, so a write would remove what S3 added after this version of the SDK. Before a write,
//! such a document is an error instead.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::meter::call_name;
use crate::model::text::one_line;

tokio::task_local! {
    /// The calls that read what the task will write.
    static WRITTEN: Vec<&'static str>;
}

/// Reads with a check of the documents of these calls, because they will be written again.
#[cfg(feature = "remediate")]
pub(super) async fn written<T>(calls: Vec<&'static str>, read: impl Future<Output = T>) -> T {
    WRITTEN.scope(calls, read).await
}

/// Elements and what they can contain, by their parent; `ROOT` is the root element, of any name.
type Elements = &'static [(&'static str, &'static [&'static str])];

const ROOT: &str = "";

/// The documents, by the call that reads them. The source is the service model of S3.
const DOCUMENTS: &[(&str, Elements)] = &[
    (
        "s3:GetBucketEncryption",
        &[
            (ROOT, &["Rule"]),
            (
                "Rule",
                &[
                    "ApplyServerSideEncryptionByDefault",
                    "BlockedEncryptionTypes",
                    "BucketKeyEnabled",
                ],
            ),
            ("ApplyServerSideEncryptionByDefault", &["KMSMasterKeyID", "SSEAlgorithm"]),
            ("BlockedEncryptionTypes", &["EncryptionType"]),
        ],
    ),
    (
        "s3:GetBucketLifecycleConfiguration",
        &[
            (ROOT, &["Rule"]),
            (
                "Rule",
                &[
                    "AbortIncompleteMultipartUpload",
                    "Expiration",
                    "Filter",
                    "ID",
                    "NoncurrentVersionExpiration",
                    "NoncurrentVersionTransition",
                    "Prefix",
                    "Status",
                    "Transition",
                ],
            ),
            ("Filter", &["And", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Prefix", "Tag"]),
            ("And", &["ObjectSizeGreaterThan", "ObjectSizeLessThan", "Prefix", "Tag"]),
            ("Tag", &["Key", "Value"]),
            ("Expiration", &["Date", "Days", "ExpiredObjectDeleteMarker"]),
            ("Transition", &["Date", "Days", "StorageClass"]),
            (
                "NoncurrentVersionTransition",
                &["NewerNoncurrentVersions", "NoncurrentDays", "StorageClass"],
            ),
            ("NoncurrentVersionExpiration", &["NewerNoncurrentVersions", "NoncurrentDays"]),
            ("AbortIncompleteMultipartUpload", &["DaysAfterInitiation"]),
        ],
    ),
    (
        // Grants and key formats are known, and plans say that an undo does not restore them.
        "s3:GetBucketLogging",
        &[
            (ROOT, &["LoggingEnabled"]),
            (
                "LoggingEnabled",
                &["TargetBucket", "TargetGrants", "TargetObjectKeyFormat", "TargetPrefix"],
            ),
            ("TargetGrants", &["Grant"]),
            ("Grant", &["Grantee", "Permission"]),
            ("Grantee", &["DisplayName", "EmailAddress", "ID", "URI"]),
            ("TargetObjectKeyFormat", &["PartitionedPrefix", "SimplePrefix"]),
            ("PartitionedPrefix", &["PartitionDateSource"]),
        ],
    ),
    ("s3:GetBucketOwnershipControls", &[(ROOT, &["Rule"]), ("Rule", &["ObjectOwnership"])]),
    ("s3:GetBucketVersioning", &[(ROOT, &["MfaDelete", "Status"])]),
    ("s3:GetPublicAccessBlock", PUBLIC_ACCESS_BLOCK),
    ("s3control:GetPublicAccessBlock", PUBLIC_ACCESS_BLOCK),
];

const PUBLIC_ACCESS_BLOCK: Elements = &[(
    ROOT,
    &["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"],
)];

/// Rejects documents with elements that a write would remove.
#[derive(Debug)]
pub(super) struct KnownElements;

#[dyn_dispatch_hint]
impl Intercept for KnownElements {
    fn name(&self) -> &'static str {
        "KnownElements"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_written = |call: &String| {
            WRITTEN.try_with(|written| written.contains(&call.as_str())).unwrap_or_default()
        };
        let call = Some(call_name(cfg)).filter(is_written);
        let known = call.and_then(|call| DOCUMENTS.iter().find(|(name, _)| *name == call));
        let body = context.response().body().bytes();
        match (known, body) {
            (Some((_, known)), Some(body)) if context.response().status().is_success() => {
                Ok(check(body, known)?)
            }
            _ => Ok(()),
        }
    }
}

/// An element that a write would remove.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{parent}` contains `{element}`, which this version of rolecall does not know and would remove: use a newer version, or make the change by hand"
)]
struct UnknownElement {
    parent: String,
    element: String,
}

/// Checks a document that is known to be complete.
fn check(body: &[u8], known: Elements) -> Result<(), UnknownElement> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut reader = Reader::from_reader(body);
    let mut open: Vec<String> = Vec::new();
    // What cannot be parsed has been rejected before.
    while let Ok(event) = reader.read_event() {
        let (element, is_open) = match &event {
            Event::Start(element) => (text(element.local_name().as_ref()), true),
            Event::Empty(element) => (text(element.local_name().as_ref()), false),
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        if let Some(parent) = open.last() {
            let key = if open.len() == 1 { ROOT } else { parent };
            let is_known = known.iter().any(|(name, all)| *name == key && all.contains(&&*element));
            if !is_known {
                return Err(UnknownElement {
                    parent: one_line(parent, 60),
                    element: one_line(&element, 60),
                });
            }
        }
        if is_open {
            open.push(element);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(call: &str, body: &str) -> Result<(), String> {
        let (_, known) = DOCUMENTS.iter().find(|(name, _)| *name == call).unwrap();
        check(body.as_bytes(), known).map_err(|unknown| unknown.to_string())
    }

    #[test]
    fn an_element_that_would_be_removed_is_an_error_wherever_it_is() {
        let lifecycle = "s3:GetBucketLifecycleConfiguration";
        let rule = |inside: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<LifecycleConfiguration xmlns=\"x\"><Rule><ID>a</ID>{inside}<Status>Enabled</Status></Rule></LifecycleConfiguration>"
            )
        };
        for known in [
            "",
            "<Prefix/>",
            "<Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>",
            "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>",
        ] {
            assert_eq!(checked(lifecycle, &rule(known)), Ok(()), "{known}");
        }
        for (unknown, said) in [
            ("<Notify>1</Notify>", "`Rule` contains `Notify`"),
            ("<Notify/>", "`Rule` contains `Notify`"),
            (
                "<Expiration><Days>1</Days><Hours>2</Hours></Expiration>",
                "`Expiration` contains `Hours`",
            ),
            // Known elsewhere only.
            ("<Filter><Days>1</Days></Filter>", "`Filter` contains `Days`"),
            ("<Prefix><Days>1</Days></Prefix>", "`Prefix` contains `Days`"),
        ] {
            let error = checked(lifecycle, &rule(unknown)).unwrap_err();
            assert!(error.starts_with(said), "{unknown}: {error}");
        }
        let beside = "<LifecycleConfiguration><Rules/></LifecycleConfiguration>";
        let error = checked(lifecycle, beside).unwrap_err();
        assert!(error.starts_with("`LifecycleConfiguration` contains `Rules`"), "{error}");
        let block = "<PublicAccessBlockConfiguration><BlockAll>true</BlockAll></PublicAccessBlockConfiguration>";
        for call in ["s3:GetPublicAccessBlock", "s3control:GetPublicAccessBlock"] {
            let error = checked(call, block).unwrap_err();
            assert!(error.contains("`BlockAll`"), "{error}");
        }
    }
}
