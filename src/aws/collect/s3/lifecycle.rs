//! Lifecycle rules.

use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;

use super::{FactResult, Mirror, known, mirror};
use crate::facts::ApiCall;
use crate::facts::s3::lifecycle::*;

lifecycle_shapes!(mirror, aws_sdk_s3::types);

pub(super) fn lifecycle(
    call: &ApiCall,
    response: GetBucketLifecycleConfigurationOutput,
) -> FactResult {
    known(
        call,
        &Lifecycle {
            rules: Mirror::mirror(response.rules),
            transition_default_minimum_object_size: Mirror::mirror(
                response.transition_default_minimum_object_size,
            ),
        },
    )
}
