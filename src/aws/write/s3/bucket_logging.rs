//! `s3.bucket.set_logging` and `s3.bucket.restore_logging`: an empty status turns logging off.

use aws_sdk_s3::types::{BucketLoggingStatus, LoggingEnabled};

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after};
use crate::facts::s3::bucket::Logging;
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "s3:PutBucketLogging";

/// Sets the target of the state after the change, or none.
pub(in crate::aws::write) async fn put(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let logging: Option<Logging> = after(change, CALL, "logging")?;
    let enabled = logging.map(|logging| {
        LoggingEnabled::builder()
            .target_bucket(logging.target_bucket)
            // S3 requires it, and an empty one is the same as none.
            .target_prefix(logging.target_prefix.unwrap_or_default())
            .build()
            .map_err(|error| invalid(CALL, &error.to_string()))
    });
    let status = BucketLoggingStatus::builder().set_logging_enabled(enabled.transpose()?).build();
    let put = |s3: aws_sdk_s3::Client| {
        s3.put_bucket_logging()
            .bucket(&change.resource)
            .expected_bucket_owner(session.account())
            .bucket_logging_status(status.clone())
            .send()
    };
    session.bucket(CALL, change, put).await
}
