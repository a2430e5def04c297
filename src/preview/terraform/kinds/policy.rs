//! Policies in attributes.

use serde_json::{Value, json};

use crate::facts::PolicyDocument;
use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

/// The facts `policy` and `policy_status` of a policy in an attribute. Whether AWS considers a policy
/// public is known only after the change.
pub(super) fn policy_of(cx: &Converter<'_>, argument: &str, policy: Attribute<'_>) -> Tree {
    let document = document_of(cx, argument, policy);
    let status = if document.is_absent() { ABSENT } else { Tree::Unknown(Why::Apply) };
    let policy = match document {
        Tree::Unknown(why) => Tree::Unknown(why),
        document if document.is_absent() => ABSENT,
        document => fields([("document", document)]),
    };
    fields([("policy", policy), ("policy_status", status)])
}

/// The document in an attribute; absent if there is none.
pub(super) fn document_of(_cx: &Converter<'_>, _argument: &str, policy: Attribute<'_>) -> Tree {
    match policy.text() {
        Ok(None) => ABSENT,
        Ok(Some(text)) => match PolicyDocument::parse(text) {
            Ok(PolicyDocument { document }) => Tree::Known(document),
            // The change will fail, or AWS reads it in another way.
            Err(_) => Tree::Unknown(Why::Apply),
        },
        Err(why) => Tree::Unknown(why),
    }
}

/// The default policy of a VPC endpoint, which allows everything.
pub(super) fn full_access() -> Value {
    json!({
        "Version": "2008-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }],
    })
}
