//! Corrections of moto's responses where they differ from those of AWS, applied by every proxy in
//! front of moto.

/// Responses of S3 and S3 Control: the root element in moto, without `Response` at its end, and the
/// root element that AWS sends.
const ROOTS: [(&str, &str); 12] = [
    ("GetAccessPoint", "GetAccessPointResult"),
    ("GetAccessPointPolicy", "GetAccessPointPolicyResult"),
    ("GetAccessPointPolicyStatus", "GetAccessPointPolicyStatusResult"),
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("GetBucketNotification", "NotificationConfiguration"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetMultiRegionAccessPointPolicy", "GetMultiRegionAccessPointPolicyResult"),
    ("GetMultiRegionAccessPointPolicyStatus", "GetMultiRegionAccessPointPolicyStatusResult"),
    ("ListAccessPoints", "ListAccessPointsResult"),
    ("ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"),
    ("ListMultiRegionAccessPoints", "ListMultiRegionAccessPointsResult"),
    // Singular, unlike all others.
    ("ListStorageLensConfigurations", "ListStorageLensConfigurationResult"),
];

/// The body that AWS would send instead of a body of moto.
pub fn as_aws(operation: &str, body: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    if operation == "ListDirectoryBuckets" {
        return directory_buckets(text).into_bytes();
    }
    if operation == "DescribeInstances" {
        return virtualization(text).into_bytes();
    }
    let Some(sent) = root(text) else { return body };
    let corrected = ROOTS
        .iter()
        .find(|(name, _)| sent.strip_suffix("Response") == Some(name))
        .map(|(_, root)| rename(text, sent, root));
    corrected.map_or(body, String::into_bytes)
}

/// AWS always returns the virtualization type; moto does not if the image has none. It sends
/// `hypervisor` earlier in each instance.
fn virtualization(text: &str) -> String {
    const START: &str = "<hypervisor>";
    let mut parts = text.split(START);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if !part.contains("<virtualizationType>") {
            whole.push_str("<virtualizationType>hvm</virtualizationType>");
        }
        whole.push_str(START);
        whole.push_str(part);
    }
    whole
}

/// moto lists ordinary buckets as directory buckets, in the document of ListBuckets. The name of a
/// directory bucket has a suffix.
fn directory_buckets(text: &str) -> String {
    let mut parts = text.split("<Bucket>");
    let mut listed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (bucket, rest) = part.split_once("</Bucket>").expect("moto closes its elements");
        if bucket.contains("--x-s3</Name>") {
            listed.push_str(&format!("<Bucket>{bucket}</Bucket>"));
        }
        listed.push_str(rest);
    }
    rename(&listed, "ListAllMyBucketsResult", "ListAllMyDirectoryBucketsResult")
}

/// The name of the root element.
fn root(text: &str) -> Option<&str> {
    text.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!'])).and_then(|tag| {
        tag.split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|name| !name.is_empty())
    })
}

fn rename(text: &str, from: &str, to: &str) -> String {
    text.replace(&format!("<{from}"), &format!("<{to}"))
        .replace(&format!("</{from}"), &format!("</{to}"))
}
