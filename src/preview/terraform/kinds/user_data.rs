//! User data: the same as the collector keeps of it, which is whether it appears to contain a secret. The text
//! itself is not kept.

use crate::facts::secrets;
use crate::preview::common::user_data::{none, not_inspected, of, unknown};
use crate::preview::terraform::convert::Converter;
use crate::preview::tree::{Tree, Why};

/// What is known of the user data in an attribute, as a text or in base64, as EC2 takes it.
pub(super) fn inspected(cx: &Converter<'_>, name: &str) -> Tree {
    let text = match cx.get(name).text() {
        Ok(Some(text)) => text,
        Ok(None) => return none(),
        Err(why) => return unknown(why),
    };
    if cx.resource.before().get(name).has_sensitive() {
        return not_inspected(Why::Sensitive);
    }
    if is_hash(text) || !cx.resource.has_sensitivity {
        return not_inspected(Why::NotConverted);
    }
    let found = secrets::user_data(Some(text));
    of(true.into(), (found.looks_like_secret.into(), found.detector.as_deref().into()))
}

/// Whether it is the SHA-1 hash that version 5 of the provider has in place of the text.
fn is_hash(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
