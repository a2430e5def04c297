//! Services that speak S3 and are not AWS's (test doubles, object stores on a site's own endpoint) name the outermost element of a few
//! answers after the operation, where S3 names it after the configuration. The content is the same; the SDK refuses it by the name. Only
//! used where the site has set an endpoint of its own: what AWS answers is never touched.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::BodyExt;

/// Operation, and the name that S3 gives the outermost element of its answer.
const ROOTS: [(&str, &str); 3] = [
    ("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("GetBucketNotificationConfiguration", "NotificationConfiguration"),
    ("GetBucketVersioning", "VersioningConfiguration"),
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
        let Some((_, root)) = ROOTS.iter().find(|(name, _)| operation == Some(name)) else { return Ok(()) };
        let response = context.response_mut();
        if response.status().is_success() {
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            *response.body_mut() =
                SdkBody::from_body_1_x(body.map_frame(|frame| frame.map_data(|data| renamed(&data, root).into())));
        }
        Ok(())
    }
}

/// The document with `<Get…Response>` called `root`. These answers are a few hundred bytes and come in one piece.
fn renamed(document: &[u8], root: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(document);
    let name = text.match_indices('<').find_map(|(at, _)| {
        let name = &text[at + 1..];
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        (name.starts_with("Get") && name.ends_with("Response")).then(|| name.to_owned())
    });
    match name {
        Some(name) => text.replacen(&name, root, 1).replace(&format!("</{name}>"), &format!("</{root}>")).into_bytes(),
        None => document.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn only_the_outermost_name_changes() {
        let table = [
            (
                "<?xml version=\"1.0\"?>\n<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status></GetBucketVersioningResponse>",
                "<?xml version=\"1.0\"?>\n<VersioningConfiguration xmlns=\"x\"><Status>Enabled</Status></VersioningConfiguration>",
            ),
            ("<GetBucketVersioningResponse/>", "<VersioningConfiguration/>"),
            ("<VersioningConfiguration/>", "<VersioningConfiguration/>"),
            ("", ""),
        ];
        for (from, to) in table {
            assert_eq!(String::from_utf8(renamed(from.as_bytes(), "VersioningConfiguration")).unwrap(), to);
        }
    }
}
