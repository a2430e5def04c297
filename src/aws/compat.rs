//! Services that speak S3 and are not AWS's (test doubles, object stores on a site's own endpoint)
//! name the outermost element of a few answers after the operation, where S3 names it after the
//! configuration. The content is the same; the SDK refuses it by the name. Only used where the site
//! has set an endpoint of its own: what AWS answers is never touched.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::BodyExt;

/// Operation, and the name that S3 or S3 Control gives the outermost element of its answer.
const ROOTS: [(&str, &str); 12] = [
    ("GetAccessPoint", "GetAccessPointResult"),
    ("GetAccessPointPolicy", "GetAccessPointPolicyResult"),
    ("GetAccessPointPolicyStatus", "GetAccessPointPolicyStatusResult"),
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("GetBucketNotificationConfiguration", "NotificationConfiguration"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetMultiRegionAccessPointPolicy", "GetMultiRegionAccessPointPolicyResult"),
    ("GetMultiRegionAccessPointPolicyStatus", "GetMultiRegionAccessPointPolicyStatusResult"),
    ("ListAccessPoints", "ListAccessPointsResult"),
    ("ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"),
    ("ListMultiRegionAccessPoints", "ListMultiRegionAccessPointsResult"),
    // In the singular, unlike all others.
    ("ListStorageLensConfigurations", "ListStorageLensConfigurationResult"),
];

/// Gives the outermost element its name.
#[derive(Debug)]
pub(super) struct NamedAsS3Does;

#[dyn_dispatch_hint]
impl Intercept for NamedAsS3Does {
    fn name(&self) -> &'static str {
        "NamedAsS3Does"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = cfg.load::<Metadata>().map(Metadata::name);
        let Some((_, root)) = ROOTS.iter().find(|(name, _)| operation == Some(name)) else {
            return Ok(());
        };
        let response = context.response_mut();
        if response.status().is_success() {
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            let mut renamer = Renamer::new(root);
            *response.body_mut() = SdkBody::from_body_1_x(
                body.map_frame(move |frame| frame.map_data(|data| renamer.piece(&data).into())),
            );
        }
        Ok(())
    }
}

/// Calls the element `<Get…Response>` or `<List…Response>` by another name, in a document that may
/// come in pieces.
struct Renamer {
    /// The name it should have.
    root: &'static str,
    /// The name it has, once its opening tag was there.
    name: Option<Vec<u8>>,
    /// The beginning of a tag that goes on in the next piece. A document that ends in one is cut
    /// off, and no answer anyway.
    begun: Vec<u8>,
}

impl Renamer {
    fn new(root: &'static str) -> Self {
        Self { root, name: None, begun: Vec::new() }
    }

    /// What is known to be complete of all that came.
    fn piece(&mut self, data: &[u8]) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.begun);
        text.extend_from_slice(data);
        let open = text
            .iter()
            .rposition(|byte| matches!(byte, b'<' | b'>'))
            .filter(|at| text[*at] == b'<');
        self.begun = text.split_off(open.unwrap_or(text.len()));

        let mut out = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
            let closing = rest.get(at + 1) == Some(&b'/');
            let start = at + 1 + usize::from(closing);
            let length =
                rest[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let name = &rest[start..start + length];
            let is_root = match &self.name {
                None => {
                    (name.starts_with(b"Get") || name.starts_with(b"List"))
                        && name.ends_with(b"Response")
                }
                Some(root) => closing && root == name,
            };
            if is_root {
                self.name.get_or_insert_with(|| name.to_vec());
            }
            out.extend_from_slice(&rest[..start]);
            out.extend_from_slice(if is_root { self.root.as_bytes() } else { name });
            rest = &rest[start + length..];
        }
        out.extend_from_slice(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Renamer;

    #[test]
    fn only_the_outermost_name_changes_wherever_the_document_is_cut() {
        let table = [
            (
                "<?xml version=\"1.0\"?>\n<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status></GetBucketVersioningResponse>",
                "<?xml version=\"1.0\"?>\n<Root xmlns=\"x\"><Status>Enabled</Status></Root>",
            ),
            ("<GetBucketVersioningResponse/>", "<Root/>"),
            (
                "<ListAccessPointsResponse><Name>é GetXResponse</Name><GetXResponse>y</GetXResponse></ListAccessPointsResponse>\n",
                "<Root><Name>é GetXResponse</Name><GetXResponse>y</GetXResponse></Root>\n",
            ),
            ("<VersioningConfiguration/>", "<VersioningConfiguration/>"),
            ("", ""),
        ];
        for (from, to) in table {
            for cut in 0..=from.len() {
                let (first, second) = from.as_bytes().split_at(cut);
                let mut renamer = Renamer::new("Root");
                let out = [renamer.piece(first), renamer.piece(second)].concat();
                assert_eq!(String::from_utf8(out).unwrap(), to, "cut at {cut}");
            }
            let mut renamer = Renamer::new("Root");
            let out: Vec<u8> = from.bytes().flat_map(|byte| renamer.piece(&[byte])).collect();
            assert_eq!(String::from_utf8(out).unwrap(), to, "byte by byte");
        }
    }
}
