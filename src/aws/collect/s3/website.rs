//! Static website hosting and cross-origin rules.

use aws_sdk_s3::operation::get_bucket_cors::GetBucketCorsOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;

use super::{FactResult, Mirror, known, mirror};
use crate::facts::ApiCall;
use crate::facts::s3::website::*;

website_shapes!(mirror, aws_sdk_s3::types);

pub(super) fn website(call: &ApiCall, response: GetBucketWebsiteOutput) -> FactResult {
    known(
        call,
        &Website {
            redirect_all_requests_to: Mirror::mirror(response.redirect_all_requests_to),
            index_document: Mirror::mirror(response.index_document),
            error_document: Mirror::mirror(response.error_document),
            routing_rules: Mirror::mirror(response.routing_rules),
        },
    )
}

pub(super) fn cors(call: &ApiCall, response: GetBucketCorsOutput) -> FactResult {
    known(call, &Cors { cors_rules: Mirror::mirror(response.cors_rules) })
}
