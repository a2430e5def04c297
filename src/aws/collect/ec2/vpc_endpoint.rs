//! `ec2.vpc_endpoint`: everything is in the list, also the policy, as text.

use serde_json::Value;

use super::{describe, mirror};
use crate::aws::collector::ListedResource;
use crate::aws::failure::Failure;
use crate::facts::ec2::vpc_endpoint::*;

vpc_endpoint_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    VpcEndpoints, KIND, VpcEndpoint, found(with_a_policy_that_can_be_read):
    describe_vpc_endpoints => page.vpc_endpoints
}

/// One endpoint's policy that is no policy does not cost the list, nor does it look like no policy
/// at all.
fn with_a_policy_that_can_be_read(mut endpoint: ListedResource) -> ListedResource {
    if let Some(policy @ Value::Object(_)) = endpoint.fields.get_mut("policy_document")
        && !policy["document"].is_object()
    {
        *policy = Value::Null;
        let failure =
            Failure::invalid(KIND.list_call(), "the endpoint policy is not a JSON object");
        endpoint.unreadable.insert("policy_document", failure.cause);
    }
    endpoint
}
