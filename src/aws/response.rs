//! Checks that a response is complete before anything is read from it.
//!
//! The SDK's XML reader treats the end of the text as the end of every open element, so a response
//! that was truncated on its way (a body that ends with the connection, a proxy that writes its own
//! length) would pass as complete: a list without the security group that is open to the internet,
//! an access control list without its last grants. So the root element must be closed, and the
//! response of every call that always returns a list must contain it. An incomplete response fails
//! like a lost connection: the call is retried.

use std::collections::HashMap;
use std::sync::LazyLock;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use futures::FutureExt;
use futures::stream;
use http_body::Frame;
use http_body_util::{BodyExt, LengthLimitError, Limited, StreamBody};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::de::IgnoredAny;

use super::meter::call_name;
use crate::facts::KINDS;

/// The largest pages have about 10 MB. A response that does not end must not fill the memory.
const MAX_BYTES: usize = 64 << 20;

/// The element that contains the list, for every call whose response always has one.
static LISTS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let calls = KINDS.iter().flat_map(|kind| kind.calls());
    let named = calls.filter(|call| !call.element.is_empty()).map(|call| (call.name, call.element));
    named.collect()
});

/// Rejects incomplete responses.
#[derive(Debug)]
pub(super) struct ResponseValidator;

#[dyn_dispatch_hint]
impl Intercept for ResponseValidator {
    fn name(&self) -> &'static str {
        "ResponseValidator"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let expected = if context.response().status().is_success() {
            ExpectedBody::of(&call_name(cfg))
        } else {
            ExpectedBody::Error
        };
        let body = context.response_mut().body_mut();
        let received = Limited::new(std::mem::replace(body, SdkBody::taken()), MAX_BYTES);
        let checked = received.collect().map(move |received| {
            let too_large = |error: BoxError| match error.downcast::<LengthLimitError>() {
                Ok(_) => format!("the response is larger than {} MiB", MAX_BYTES >> 20).into(),
                Err(error) => error,
            };
            let bytes = received.map_err(too_large)?.to_bytes();
            expected.check(&bytes)?;
            Ok::<_, BoxError>(Frame::data(bytes))
        });
        *body = SdkBody::from_body_1_x(StreamBody::new(stream::once(checked)));
        Ok(())
    }
}

/// What the body of a response must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ExpectedBody {
    /// An XML document.
    Xml {
        /// Name of the root element, if it is checked here. The SDK checks it for most operations,
        /// but does not retry the call.
        root: Option<String>,
        /// Name of the element that contains the list, a child of the root element.
        list: Option<&'static str>,
    },
    Json,
    /// Anything, also nothing: S3 answers writes and HEAD requests with a status.
    Anything,
    /// The error of a service. The SDK handles what a proxy or a load balancer sends instead.
    Error,
}

impl ExpectedBody {
    fn of(call: &str) -> Self {
        if call == "s3:GetBucketPolicy" || call.starts_with("organizations:") {
            return Self::Json;
        }
        // A HEAD request has a response without a body.
        if call == "s3:HeadBucket" || is_write_without_answer(call) {
            return Self::Anything;
        }
        let root = match call.split_once(':') {
            Some(("ec2" | "sts", operation)) => Some(format!("{operation}Response")),
            Some(("s3", "ListDirectoryBuckets")) => {
                Some("ListAllMyDirectoryBucketsResult".to_owned())
            }
            // The SDK knows the names of the other services.
            _ => None,
        };
        Self::Xml { root, list: LISTS.get(call).copied() }
    }

    /// Checks a whole body.
    fn check(&self, body: &[u8]) -> Result<(), IncompleteResponse> {
        match self {
            Self::Xml { root, list } => check_document(body, root.as_deref(), *list),
            Self::Anything => Ok(()),
            Self::Json => match serde_json::from_slice::<IgnoredAny>(body) {
                Ok(_) => Ok(()),
                Err(error) => Err(IncompleteResponse(format!("not valid JSON: {error}"))),
            },
            Self::Error => {
                const ROOTS: [&[u8]; 3] = [b"Error", b"ErrorResponse", b"Response"];
                let of_service =
                    matches!(first_element(body), Some(name) if ROOTS.contains(&name.as_slice()));
                // A truncated code can be a different code: `NoSuchBucket` instead of
                // `NoSuchBucketPolicy`.
                if of_service { check_document(body, None, None) } else { Ok(()) }
            }
        }
    }
}

/// Whether a call of S3 changes something. Whether it did is read back.
fn is_write_without_answer(call: &str) -> bool {
    let operation = call.strip_prefix("s3:").or_else(|| call.strip_prefix("s3control:"));
    operation.is_some_and(|operation| {
        !["Get", "Head", "List"].iter().any(|verb| operation.starts_with(verb))
    })
}

/// Why a response was rejected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("incomplete or unexpected response: {0}")]
struct IncompleteResponse(String);

/// The name of the root element, if there is one.
fn first_element(body: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::from_reader(body);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element) => {
                return Some(element.local_name().as_ref().to_vec());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Checks that a text is exactly one complete XML document.
fn check_document(
    body: &[u8],
    root: Option<&str>,
    list: Option<&str>,
) -> Result<(), IncompleteResponse> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut reader = Reader::from_reader(body);
    let (mut open, mut outermost, mut lists) = (0_usize, None, 0_usize);
    loop {
        let event = reader.read_event().map_err(|error| IncompleteResponse(error.to_string()))?;
        let mut begins = |element: &BytesStart<'_>| {
            let name = element.local_name();
            match open {
                0 if outermost.is_some() => {
                    return Err(IncompleteResponse(
                        "a second document follows the first".to_owned(),
                    ));
                }
                0 => outermost = Some(text(name.as_ref())),
                1 if list.is_some_and(|list| list.as_bytes() == name.as_ref()) => lists += 1,
                _ => {}
            }
            Ok(())
        };
        match event {
            Event::Start(element) => {
                begins(&element)?;
                open += 1;
            }
            Event::Empty(element) => begins(&element)?,
            // The reader has already compared the names.
            Event::End(_) => open = open.saturating_sub(1),
            Event::Text(between) if open == 0 && !between.trim_ascii().is_empty() => {
                return Err(IncompleteResponse("text outside the document".to_owned()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let Some(outermost) = outermost else {
        return Err(IncompleteResponse("the body is empty".to_owned()));
    };
    if open > 0 {
        return Err(IncompleteResponse(format!("the body ends before `</{outermost}>`")));
    }
    // A proxy that sends a page in place of the response is not asked again by the SDK.
    if outermost.eq_ignore_ascii_case("html") {
        return Err(IncompleteResponse("the body is an HTML page".to_owned()));
    }
    if let Some(root) = root.filter(|root| *root != outermost) {
        return Err(IncompleteResponse(format!(
            "the root element is `{outermost}`, expected `{root}`"
        )));
    }
    match (list, lists) {
        // S3 can send an error with status 200, which the SDK detects.
        _ if outermost == "Error" => Ok(()),
        (None, _) | (Some(_), 1) => Ok(()),
        (Some(list), 0) => Err(IncompleteResponse(format!("the list `{list}` is missing"))),
        (Some(list), _) => {
            Err(IncompleteResponse(format!("the list `{list}` appears {lists} times")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMESPACE: &str = "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"";

    fn of(call: &'static str) -> impl Fn(&str) -> Result<(), IncompleteResponse> {
        let expected = ExpectedBody::of(call);
        move |body: &str| expected.check(body.as_bytes())
    }

    #[test]
    fn a_truncated_response_is_rejected() {
        let rule = "<item><ipProtocol>tcp</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>";
        let group = format!(
            "<item><groupId>sg-1</groupId><ipPermissions>{rule}</ipPermissions><tagSet/></item>"
        );
        let whole = [
            (
                "ec2:DescribeSecurityGroups",
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeSecurityGroupsResponse {NAMESPACE}><requestId>r</requestId>\
                     <securityGroupInfo>{group}{group}</securityGroupInfo><nextToken>t</nextToken></DescribeSecurityGroupsResponse>"
                ),
            ),
            (
                "s3:GetBucketAcl",
                "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>a</ID></Owner><AccessControlList>\
                 <Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"><URI>u</URI></Grantee>\
                 <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
                    .to_owned(),
            ),
            ("s3:GetBucketVersioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_owned()),
            ("s3:GetBucketLocation", "<LocationConstraint xmlns=\"x\">eu-west-1</LocationConstraint>".to_owned()),
            ("s3:GetBucketPolicy", r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Sid": "é"}]}"#.to_owned()),
        ];
        for (call, body) in whole {
            let check = of(call);
            assert_eq!(check(&body), Ok(()), "{call}");
            assert_eq!(check(&format!("{body}\n")), Ok(()), "{call}");
            for cut in (0..body.len()).filter(|cut| body.is_char_boundary(*cut)) {
                check(&body[..cut]).expect_err(&body[..cut]);
            }
        }
        assert_eq!(
            of("s3:GetBucketVersioning")("<VersioningConfiguration xmlns=\"x\"/>"),
            Ok(()),
            "never configured"
        );
    }

    #[test]
    fn a_response_contains_its_list_exactly_once() {
        let response = |inside: &str| {
            format!(
                "<DescribeVpcsResponse {NAMESPACE}><requestId>r</requestId>{inside}</DescribeVpcsResponse>"
            )
        };
        let check = of("ec2:DescribeVpcs");
        assert_eq!(check(&response("<vpcSet/>")), Ok(()));
        assert_eq!(check(&response("<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>")), Ok(()));
        for (body, reason) in [
            (response(""), "`vpcSet` is missing"),
            (response("<other><vpcSet/></other>"), "`vpcSet` is missing"),
            (response("<vpcSet/><vpcSet/>"), "appears 2 times"),
            (response("<vpcSet/>").replace("Vpcs", "Subnets"), "expected `DescribeVpcsResponse`"),
            (String::new(), "the body is empty"),
            ("  \n".to_owned(), "the body is empty"),
            ("<html><body>log in</body></html>".to_owned(), "an HTML page"),
            (response("<vpcSet/>").repeat(2), "a second document"),
            (format!("{} and more", response("<vpcSet/>")), "text outside"),
        ] {
            let error = check(&body).unwrap_err().to_string();
            assert!(error.contains(reason), "{body}: {error}");
        }
        for call in ["s3:GetBucketVersioning", "s3control:GetPublicAccessBlock"] {
            let page = "<!DOCTYPE html><HTML><body>log in</body></HTML>";
            assert!(of(call)(page).is_err(), "{call}");
        }
        let error = "<Error><Code>InternalError</Code><Message>m</Message></Error>";
        assert_eq!(of("s3:ListBuckets")(error), Ok(()), "the SDK reads the code");
        // It is not known whether this call always sends its list.
        assert_eq!(of("ec2:DescribeFleets")("<DescribeFleetsResponse/>"), Ok(()));
    }

    #[test]
    fn a_truncated_service_error_is_rejected_and_the_error_of_a_proxy_is_not_checked() {
        let check = |body: &str| ExpectedBody::Error.check(body.as_bytes());
        let errors = [
            "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucketPolicy</Code><Message>m</Message></Error>",
            "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error></ErrorResponse>",
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors><RequestID>r</RequestID></Response>",
        ];
        for error in errors {
            assert_eq!(check(error), Ok(()));
            let code = error.find("<Code>").unwrap();
            (code..error.len())
                .for_each(|cut| drop(check(&error[..cut]).expect_err(&error[..cut])));
        }
        for other in [
            "",
            "<html><body>Bad Gateway<br></body>",
            "upstream connect error",
            "{\"message\": \"no\"}",
            "<",
        ] {
            assert_eq!(check(other), Ok(()), "{other}");
        }
    }

    #[test]
    fn the_list_element_of_a_call_is_the_same_everywhere_in_the_table() {
        assert_eq!(LISTS.get("ec2:DescribeSecurityGroups"), Some(&"securityGroupInfo"));
        assert!(LISTS.len() >= 35, "{}", LISTS.len());
        // A call that is in the table several times has the same list element each time.
        let calls = KINDS.iter().flat_map(|kind| kind.calls());
        for call in calls {
            assert_eq!(
                LISTS.get(call.name).copied().unwrap_or_default(),
                call.element,
                "{}",
                call.name
            );
        }
        for call in LISTS.keys() {
            assert!(
                call.starts_with("ec2:Describe")
                    || call.starts_with("s3:")
                    || call.starts_with("s3control:List"),
                "{call}"
            );
        }
    }

    /// Documents as AWS writes them: nested elements with text, some empty, some with attributes.
    fn documents() -> impl Strategy<Value = String> {
        let text = "[a-z0-9/:.é-]{0,12}";
        let leaf = prop_oneof![
            ("[a-zA-Z]{1,8}", text).prop_map(|(name, text)| format!("<{name}>{text}</{name}>")),
            "[a-zA-Z]{1,8}".prop_map(|name| format!("<{name}/>")),
            "[a-zA-Z]{1,8}"
                .prop_map(|name| format!("<{name} xsi:type=\"Group\">&lt;x&gt;</{name}>")),
        ];
        let tree = leaf.prop_recursive(4, 24, 4, |inner| {
            ("[a-zA-Z]{1,8}", proptest::collection::vec(inner, 0..4))
                .prop_map(|(name, inner)| format!("<{name}>{}</{name}>", inner.concat()))
        });
        tree.prop_map(|inner| {
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Root xmlns=\"x\">{inner}</Root>")
        })
    }

    proptest! {
        #[test]
        fn a_complete_document_is_accepted_and_no_prefix_of_it_is(document in documents(), cut in any::<prop::sample::Index>()) {
            prop_assert_eq!(check_document(document.as_bytes(), Some("Root"), None), Ok(()));
            let cut = cut.index(document.len());
            prop_assert!(check_document(&document.as_bytes()[..cut], None, None).is_err(), "cut at {}", cut);
        }

        #[test]
        fn no_body_causes_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200), xml in "[<>/a-b\"&;! \\[\\]-]{0,60}") {
            for body in [&body[..], xml.as_bytes()] {
                let expected = [ExpectedBody::Error, ExpectedBody::Json, ExpectedBody::of("ec2:DescribeVpcs")];
                expected.iter().for_each(|expected| drop(expected.check(body)));
            }
        }
    }
}
