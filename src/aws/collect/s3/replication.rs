//! Replication.

use aws_sdk_s3::operation::get_bucket_replication::GetBucketReplicationOutput;

use super::{FactResult, Mirror, known, mirror};
use crate::facts::ApiCall;
use crate::facts::s3::replication::*;

replication_shapes!(mirror, aws_sdk_s3::types);

pub(super) fn replication(call: &ApiCall, response: GetBucketReplicationOutput) -> FactResult {
    match response.replication_configuration {
        Some(replication) => known(call, &ReplicationConfiguration::mirror(replication)),
        None => Ok(None),
    }
}
